/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bus.c - units between a synth and the buses.                                        */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A bus that doesn't exist reads as silence and takes no output. Lanes that share a bus are read */
/* and written together; those that name other buses take turns.                                  */
#include "server/dsp/lane_sum.h"
#include "server/dsp/mix.h"


/** The bus a lane names with input 0, plus a channel; `n` where there is none. */
static uint32_t bus_of(const struct dsp_block *b, int k, uint32_t channel, uint32_t n)
{
    const float bus = lane_get(dsp_in(b, 0)[0], k);
    if (!(bus >= 0.0f && bus < (float)n) || channel >= n - (uint32_t)bus)
        return n;
    return (uint32_t)bus + channel;
}

/* --------------------------------------------------------------------------------------- in */

/** The first lane that holds a voice. */
static int first_lane(const struct dsp_block *b)
{
    return b->lanes ? __builtin_ctz(b->lanes) : 0;
}

/** This call's frames of a bus, as lane k sees it; NULL is silent. */
static const float *frames_of(const struct dsp_block *b, int k, const struct dsp_bus *bus)
{
    static const float zeros[DSP_BLOCK_FRAMES];
    return bus ? bus->frames + b->node[k].first_frame : zeros;
}

/** Copies what every lane hears (buses[k], or NULL) to an output. */
static void read_buses(const struct dsp_block *b, lane *out, const struct dsp_bus *const *buses)
{
    const int first = first_lane(b);
    bool same = true;
    for (uint32_t left = b->lanes; left; left &= left - 1)
        same = same && buses[__builtin_ctz(left)] == buses[first];
    if (same) {
        const float *const from = frames_of(b, first, buses[first]);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_splat(from[i]);
        return;
    }
    for (uint32_t left = b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        const float *const from = frames_of(b, k, buses[k]);
        for (uint32_t i = 0; i < b->n_frames; i++)
            ((float *)out)[i * LANE_W + (uint32_t)k] = from[i];
    }
}

/** The bus that lane k hears, if this block wrote it. */
static const struct dsp_bus *fresh_bus(const struct dsp_block *b, int k, uint32_t channel)
{
    const struct dsp_env *const env = b->env;
    const uint32_t bus = bus_of(b, k, channel, env->n_audio);
    return bus < env->n_audio && env->audio[bus].touched == env->block ? &env->audio[bus] : NULL;
}

static float control_bus(const struct dsp_block *b, int k, uint32_t channel)
{
    const uint32_t bus = bus_of(b, k, channel, b->env->n_control);
    return bus < b->env->n_control ? b->env->control[bus] : 0.0f;
}

/**
 * In - signals from buses.
 *
 * in      [0] bus  number of the first bus
 * out     [i] audio rate: what was written to bus + i in this block so far, else silence;
 *         control rate: the value of control bus + i
 * state   none
 * cost    one copy per frame and channel, for all lanes together where they share the bus
 */
PH_RT static void in_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t o = 0; o < b->n_out; o++) {
        lane *const out = dsp_out(b, o);
        const struct dsp_bus *buses[LANE_W] = { NULL };
        for (uint32_t left = b->lanes; left; left &= left - 1) {
            const int k = __builtin_ctz(left);
            if (b->rate == PH_AUDIO)
                buses[k] = fresh_bus(b, k, o);
            else
                out[0] = lane_set(out[0], k, control_bus(b, k, o));
        }
        if (b->rate == PH_AUDIO)
            read_buses(b, out, buses);
    }
}
const struct dsp_unit DSP(dsp_In) = { 0, dsp_no_init, in_process, NULL, 0, in_process };

/**
 * InTrig - control buses that last one block.
 *
 * in      [0] bus  number of the first bus
 * out     [i] the value of control bus + i where a unit or a client has set it in this block, else
 *             0
 * state   none
 */
PH_RT static void in_trig_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const struct dsp_env *const env = b->env;
    for (uint32_t o = 0; o < b->n_out; o++)
        for (uint32_t left = b->lanes; left; left &= left - 1) {
            const int k = __builtin_ctz(left);
            const uint32_t bus = bus_of(b, k, o, env->n_control);
            const bool fresh = bus < env->n_control && env->control_touched &&
                               env->control_touched[bus] == env->block;
            dsp_out(b, o)[0] = lane_set(dsp_out(b, o)[0], k, fresh ? env->control[bus] : 0.0f);
        }
}
const struct dsp_unit DSP(dsp_InTrig) = { 0, dsp_no_init, in_trig_process,
                                          NULL, 0, in_trig_process };

/**
 * InFeedback - signals from buses, written in this block or the last one.
 *
 * in      [0] bus  number of the first bus
 * out     [i] what was written to bus + i in this block so far; else what the last block left
 *         there, unless this unit has read it then; else silence
 * state   first bus, and which of the first 32 channels were read in the block they were written in
 * cost    as In
 */
struct in_feedback { lane bus; lane_u read; };

PH_RT static void in_feedback_init(void *state, const struct dsp_block *b)
{
    *(struct in_feedback *)state = (struct in_feedback){ .bus = dsp_in(b, 0)[0] };
}

/** The bus that lane k hears on a channel, or NULL; keeps the lane's mark of what it has read. */
static const struct dsp_bus *feedback_bus(const struct dsp_block *b, int k, uint32_t channel,
                                          uint32_t *read)
{
    const struct dsp_env *const env = b->env;
    const uint32_t mark = channel < 32 ? 1u << channel : 0u;
    const uint32_t bus = bus_of(b, k, channel, env->n_audio);
    const uint32_t already = *read & mark;
    *read &= ~mark;
    if (bus >= env->n_audio)
        return NULL;
    if (env->audio[bus].touched == env->block) {
        *read |= mark;
        return &env->audio[bus];
    }
    return env->audio[bus].touched + 1 == env->block && !already ? &env->audio[bus] : NULL;
}

PH_RT static void in_feedback_process(void *state, const struct dsp_block *b)
{
    struct in_feedback *const s = state;
    const lane bus = dsp_in(b, 0)[0];
    s->read = lane_select_u(lane_eq(bus, s->bus), s->read, lane_splat_u(0));
    s->bus = bus;
    for (uint32_t o = 0; o < b->n_out; o++) {
        const struct dsp_bus *buses[LANE_W] = { NULL };
        for (uint32_t left = b->lanes; left; left &= left - 1) {
            const int k = __builtin_ctz(left);
            uint32_t read = lane_get_u(s->read, k);
            buses[k] = feedback_bus(b, k, o, &read);
            s->read = lane_set_u(s->read, k, read);
        }
        read_buses(b, dsp_out(b, o), buses);
    }
}
const struct dsp_unit DSP(dsp_InFeedback) = { sizeof(struct in_feedback), in_feedback_init,
                                              in_feedback_process, NULL, 0, in_feedback_process };

/**
 * LagIn - control buses smoothed by a one-pole filter.
 *
 * in      [0] bus  number of the first bus
 *         [1] lag  seconds to -60 dB, read at birth; 0 passes the value through
 * out     [i] control bus + i, smoothed; starts at its value
 * memory  per output the last value, and the pole
 * cost    one multiplication per block and channel
 */
static uint32_t lag_in_memory(const struct dsp_block *b)
{
    return b->n_out + 1u;
}

/** The values of the buses behind one output, as each lane names them. */
LANE_FN lane lag_in_value(const struct dsp_block *b, uint32_t output)
{
    lane x = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++)
        x = lane_set(x, k, control_bus(b, k, output));
    return x;
}

PH_RT static void lag_in_init(void *state, const struct dsp_block *b)
{
    (void)state;
    lane *const y = (lane *)b->memory, *const pole = y + b->n_out;
    const double lag = lane_get(dsp_in(b, 1)[0], 0), ln_0_001 = -6.907755278982137;
    *pole = lane_splat(lag > 0.0 ? (float)exp(ln_0_001 / (lag * b->rate_hz)) : 0.0f);
    for (uint32_t i = 0; i < b->n_out; i++)
        y[i] = lag_in_value(b, i);
}

PH_RT static void lag_in_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane *const y = (lane *)b->memory, *const pole = y + b->n_out;
    for (uint32_t i = 0; i < b->n_out; i++) {
        const lane x = lag_in_value(b, i), next = x + *pole * (y[i] - x);
        /* a value this small is gone: it must not creep on as a denormal */
        const lane_i heard = lane_gt(lane_abs(next), lane_splat(1e-15f)) & lane_finite(next);
        y[i] = lane_where(heard, next);
        dsp_out(b, i)[0] = y[i];
    }
}

PH_RT static void lag_in_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_out; i++)
        dsp_out(b, i)[0] = ((const lane *)b->memory)[i];
}
const struct dsp_unit DSP(dsp_LagIn) = { 0, lag_in_init, lag_in_process, lag_in_memory, 0,
                                         lag_in_birth };

/* -------------------------------------------------------------------------------------- out */

/** Frames of this call that fit the bus block from `first` on. */
static uint32_t fit(uint32_t n_frames, uint32_t first)
{
    const uint32_t room = first < DSP_BLOCK_FRAMES ? DSP_BLOCK_FRAMES - first : 0;
    return n_frames < room ? n_frames : room;
}

/** A channel on its way: rendered into `w`, which is the log's next entry, or `own`. */
struct out_write {
    struct dsp_write own;
    struct dsp_write *w;
    struct dsp_write *sum; /* the log's entry that `own` is added to, or NULL */
};

/**
 * The log's entry that a whole block for this bus is added to, if there is one among the last few.
 */
static struct dsp_write *find_sum(const struct dsp_log *log, uint32_t bus)
{
    enum { LAST_FEW = 8 };
    const uint32_t least = log->n > LAST_FEW ? log->n - LAST_FEW : 0;
    for (uint32_t i = log->n; i-- > least;) {
        struct dsp_write *const last = &log->writes[i];
        if (last->bus == bus && !last->replaces && last->n_frames == DSP_BLOCK_FRAMES)
            return last;
    }
    return NULL;
}

/** Where to render what lane k, and others with it, put on a bus. */
static struct dsp_write *open_write(const struct dsp_block *b, int k, uint32_t bus, bool replaces,
                                    struct out_write *out)
{
    const struct dsp_log *const log = b->env->log;
    const uint32_t first = b->node[k].first_frame, n_frames = fit(b->n_frames, first);
    const bool logs = log && bus < b->env->n_audio;
    const bool sums = logs && log->sums && !replaces && n_frames == DSP_BLOCK_FRAMES;
    out->sum = sums ? find_sum(log, bus) : NULL;
    out->w = logs && !out->sum && log->n < log->max ? &log->writes[log->n] : &out->own;
    out->w->bus = bus;
    out->w->first = first;
    out->w->n_frames = n_frames;
    out->w->replaces = replaces;
    return out->w;
}

/** What isn't in the log yet goes to its sum there, or to its bus; nowhere, if the log is full. */
static void close_write(const struct dsp_block *b, const struct out_write *out)
{
    const struct dsp_env *const env = b->env;
    if (out->w != &out->own)
        env->log->n++;
    else if (out->sum)
        for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
            out->sum->frames[i] += out->own.frames[i];
    else if (!env->log && out->own.bus < env->n_audio)
        dsp_mix_write(env->audio, env->block, &out->own);
}

#if LANE_W == 1

/** False where a value is infinite or no number. Integers vectorise, sums don't. */
static bool all_finite(const float *x, uint32_t n)
{
    uint32_t ones = 0; /* an exponent of ones */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        ones |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return !ones;
}

/**
 * Input 1 + channel with the node's fade, as it goes to a bus. A block with a value that is not
 * finite becomes silence and is reported: on a bus it could stay for good.
 */
static void take_frames(const struct dsp_block *b, uint32_t channel, float *frames)
{
    struct dsp_node *const node = b->node;
    const float *const x = dsp_in(b, 1 + channel);
    const float gain = node->gain, gain_step = node->gain_step;
    const uint32_t n = b->n_frames;
    if (dsp_step(b, 1 + channel))
        memcpy(frames, x, n * sizeof *frames);
    else
        for (uint32_t i = 0; i < n; i++)
            frames[i] = x[0];
    if (gain != 1.0f || gain_step != 0.0f)
        for (uint32_t i = 0; i < n; i++)
            frames[i] *= gain + (float)i * gain_step;
    if (!all_finite(frames, n)) {
        memset(frames, 0, n * sizeof *frames);
        node->flags |= DSP_NODE_NON_FINITE;
    }
}

static void out_audio(const struct dsp_block *b, bool replaces)
{
    for (uint32_t c = 0; c + 1 < b->n_in; c++) {
        struct out_write out;
        const uint32_t bus = bus_of(b, 0, c, b->env->n_audio);
        take_frames(b, c, open_write(b, 0, bus, replaces, &out)->frames);
        close_write(b, &out);
    }
}

#else

/** The lanes' values of input 1 + channel, and their fades. */
static struct lane_terms out_terms(const struct dsp_block *b, uint32_t channel)
{
    struct lane_terms t = { .x = dsp_in(b, 1 + channel), .step = dsp_step(b, 1 + channel),
                            .last = b->n_frames - 1, .fades = b->fading };
    for (int k = 0; k < LANE_W && b->fading; k++) {
        t.gain = lane_set(t.gain, k, b->node[k].gain);
        t.gain_step = lane_set(t.gain_step, k, b->node[k].gain_step);
    }
    return t;
}

/** lane_sum_frames(), fast for a whole block of a signal. */
static bool sum_frames(const struct lane_terms *t, float *to)
{
    if (t->last != DSP_BLOCK_FRAMES - 1 || !t->step || t->fades)
        return lane_sum_frames(t, to);
    const struct lane_terms whole = { .x = t->x, .step = 1, .last = DSP_BLOCK_FRAMES - 1,
                                      .mask = t->mask };
    return lane_sum_frames(&whole, to);
}

/**
 * Sum of the lanes in t->mask. A lane with a value that is not finite is silent and reported: on a
 * bus it could stay for good.
 */
static void sum_lanes(const struct dsp_block *b, struct lane_terms *t, float *to)
{
    if (sum_frames(t, to))
        return;
    const lane_i finite = lane_terms_finite(t);
    for (uint32_t bad = lane_mask_bits(~finite); bad; bad &= bad - 1)
        b->node[__builtin_ctz(bad)].flags |= DSP_NODE_NON_FINITE;
    t->mask &= finite;
    sum_frames(t, to);
}

/** The lanes, out of `left`, that share the bus of the first of them. */
static uint32_t lanes_together(const struct dsp_block *b, uint32_t left)
{
    const uint32_t first = left & -left;
    const lane bus = lane_floor(dsp_in(b, 0)[0]);
    const lane its = lane_splat(lane_get(bus, __builtin_ctz(left)));
    return (lane_mask_bits(lane_eq(bus, its)) & left) | first; /* a NaN equals nothing */
}

/** Every channel of the lanes that share lane k's bus. */
static void out_together(const struct dsp_block *b, int k, uint32_t together, bool replaces)
{
    for (uint32_t c = 0; c + 1 < b->n_in; c++) {
        struct out_write out;
        struct lane_terms t = out_terms(b, c);
        const uint32_t bus = bus_of(b, k, c, b->env->n_audio);
        t.mask = lane_mask_from_bits(together);
        sum_lanes(b, &t, open_write(b, k, bus, replaces, &out)->frames);
        close_write(b, &out);
    }
}

static void out_audio(const struct dsp_block *b, bool replaces)
{
    for (uint32_t left = b->lanes, together; left; left &= ~together) {
        /* one after the other, so that the last lane's frames stay */
        together = replaces ? left & -left : lanes_together(b, left);
        out_together(b, __builtin_ctz(left), together, replaces);
    }
}

#endif

/** Writes a control bus: adds to what this block wrote, replaces what earlier blocks left. */
static void out_control(const struct dsp_block *b, int k, uint32_t channel, bool replaces)
{
    struct dsp_env *const env = b->env;
    const uint32_t bus = bus_of(b, k, channel, env->n_control);
    const float x = lane_get(dsp_in(b, 1 + channel)[0], k);
    if (bus >= env->n_control)
        return;
    if (!(x * 0.0f == 0.0f)) {
        b->node[k].flags |= DSP_NODE_NON_FINITE;
        return;
    }
    const bool more = !replaces && env->control_touched && env->control_touched[bus] == env->block;
    env->control[bus] = more ? env->control[bus] + x : x;
    if (env->control_touched)
        env->control_touched[bus] = env->block;
}

/** Puts every channel on its bus, with the node's fade; control buses have none. */
static void out_write(const struct dsp_block *b, bool replaces)
{
    if (b->rate == PH_AUDIO) {
        out_audio(b, replaces);
        return;
    }
    for (uint32_t c = 0; c + 1 < b->n_in; c++)
        for (uint32_t left = b->lanes; left; left &= left - 1)
            out_control(b, __builtin_ctz(left), c, replaces);
}

/**
 * Out - adds signals to buses.
 *
 * in      [0] bus       number of the first bus
 *         [1..] signals  for bus, bus + 1, ...; a block that is not finite counts as silence and
 *         is reported
 * state   none
 * cost    per frame and channel one addition; lanes on the same bus are summed first (lane_sum.h)
 *
 * A bus that nothing has written in this block is silent before it is added to; frame 0 of a call
 * is frame first_frame of the bus. The node's fade (gain, gain_step) applies. Control rate has no
 * fade, and keeps the old value instead of a non-finite one. With env->log, what goes to audio
 * buses is written there.
 */
PH_RT static void out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    out_write(b, false);
}
const struct dsp_unit DSP(dsp_Out) = { 0, dsp_no_init, out_process, NULL, 0 };

/**
 * OffsetOut - as Out: synths start on their frame, so that there is nothing to make up for.
 */
const struct dsp_unit DSP(dsp_OffsetOut) = { 0, dsp_no_init, out_process, NULL, 0 };

/**
 * ReplaceOut - puts signals on buses in place of what is there.
 *
 * in, state, cost  as Out; of lanes on the same bus the last one stays. Frames before first_frame
 *         keep what this block wrote, else are silent
 */
PH_RT static void replace_out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    out_write(b, true);
}
const struct dsp_unit DSP(dsp_ReplaceOut) = { 0, dsp_no_init, replace_out_process, NULL, 0 };

#if LANE_W == 1 /* what is on the bus must be there: such a def runs alone */

/**
 * XOut - crossfades from what is on buses to signals.
 *
 * in      [0] bus    number of the first bus
 *         [1] xfade  0 leaves the bus as it is, 1 puts the signal in its place; moves in a line
 *                    from the last block's value to this one's
 *         [2..] signals  for bus, bus + 1, ...; a block that is not finite leaves the bus as it is,
 *         and is reported
 * out     none
 * state   xfade at the last block's end
 * cost    per frame and channel three operations
 *
 * The node's fade (gain, gain_step) multiplies xfade. Control rate takes xfade as it is, has no
 * fade, and counts what earlier blocks left on a bus as 0.
 */
struct x_out { float xfade; };

PH_RT static void x_out_init(void *state, const struct dsp_block *b)
{
    ((struct x_out *)state)->xfade = dsp_in(b, 1)[0];
}

/** One channel, which goes from its bus to the signal as `xfade` goes from 0 to 1. */
static void x_out_channel(const struct dsp_block *b, uint32_t channel, float from, float slope)
{
    const struct dsp_node *const node = b->node;
    const struct dsp_bus *const bus = fresh_bus(b, 0, channel);
    const float *const before = frames_of(b, 0, bus), *const x = dsp_in(b, 2 + channel);
    const uint32_t dx = dsp_step(b, 2 + channel);
    struct out_write out;
    struct dsp_write *const w =
        open_write(b, 0, bus_of(b, 0, channel, b->env->n_audio), true, &out);
    for (uint32_t i = 0; i < w->n_frames; i++) {
        const float share = (from + (float)i * slope) * (node->gain + (float)i * node->gain_step);
        w->frames[i] = before[i] * (1.0f - share) + x[i * dx] * share;
    }
    if (!all_finite(w->frames, w->n_frames)) {
        memcpy(w->frames, before, w->n_frames * sizeof *w->frames);
        b->node->flags |= DSP_NODE_NON_FINITE;
    }
    close_write(b, &out);
}

static void x_out_control(const struct dsp_block *b, uint32_t channel, float xfade)
{
    const struct dsp_env *const env = b->env;
    const uint32_t bus = bus_of(b, 0, channel, env->n_control);
    if (bus >= env->n_control)
        return;
    const bool fresh = env->control_touched && env->control_touched[bus] == env->block;
    const float before = fresh ? env->control[bus] : 0.0f;
    const float y = before + xfade * (dsp_in(b, 2 + channel)[0] - before);
    if (!(y * 0.0f == 0.0f)) {
        b->node->flags |= DSP_NODE_NON_FINITE;
        return;
    }
    env->control[bus] = y;
    if (env->control_touched)
        env->control_touched[bus] = env->block;
}

PH_RT static void x_out_process(void *state, const struct dsp_block *b)
{
    struct x_out *const s = state;
    const float from = s->xfade, to = dsp_in(b, 1)[0];
    s->xfade = to;
    for (uint32_t c = 0; c + 2 < b->n_in; c++) {
        if (b->rate == PH_AUDIO)
            x_out_channel(b, c, from, (to - from) / (float)b->n_frames);
        else
            x_out_control(b, c, to);
    }
}
const struct dsp_unit DSP(dsp_XOut) = { sizeof(struct x_out), x_out_init, x_out_process, NULL, 0 };

#endif
