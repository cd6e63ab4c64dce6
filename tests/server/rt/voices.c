/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/voices.c - voices of many kinds, and two engines that play the same.           */
#include "tests/server/rt/voices.h"

#include <math.h>
#include <string.h>

#include "server/rt/batch.h"
#include "server/rt/tree.h"

/* ---- numbers --------------------------------------------------------------------------------- */

uint32_t dice(struct dice *d, uint32_t n)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((d->state >> 33) % n);
}

void dice_shuffle(struct dice *d, uint32_t *list, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t k = dice(d, i), last = list[i - 1];
        list[i - 1] = list[k];
        list[k] = last;
    }
}

/* ---- building defs --------------------------------------------------------------------------- */

struct ph_input build_op(struct ph_build *b, const char *unit, enum ph_rate rate, uint32_t n,
                         const struct ph_input *inputs)
{
    return ph_build_unit(b, unit, rate, 0, 1, inputs, n, 0);
}

struct ph_input build_binary(struct ph_build *b, enum ph_rate rate, enum ph_binary op,
                             struct ph_input x, struct ph_input y)
{
    const struct ph_input in[] = { x, y };
    return ph_build_unit(b, "BinaryOpUGen", rate, (int16_t)op, 1, in, 2, 0);
}

static struct ph_input times(struct ph_build *b, struct ph_input x, struct ph_input y)
{
    return build_binary(b, PH_AUDIO, PH_BINARY_MUL, x, y);
}

struct ph_input build_envelope(struct ph_build *b, struct ph_input gate, float attack_seconds,
                               float release_seconds, int action)
{
    const float shape[] = { 0, 2, 1, -99, 1, attack_seconds, 1, 0, 0, release_seconds, 5, -4 };
    struct ph_input in[5 + 12] = { gate, ph_build_constant(b, 1), ph_build_constant(b, 0),
                                   ph_build_constant(b, 1), ph_build_constant(b, (float)action) };
    for (uint32_t i = 0; i < 12; i++)
        in[5 + i] = ph_build_constant(b, shape[i]);
    return ph_build_unit(b, "EnvGen", PH_CONTROL, 0, 1, in, 17, 0);
}

void build_retype(struct ph_build *b, struct ph_input control, const char *unit)
{
    free(b->def.units[control.unit].name);
    b->def.units[control.unit].name = strdup(unit);
}

/** LagControl takes its lags as inputs. */
static void add_lag(struct ph_build *b, struct ph_input control, struct ph_input seconds)
{
    struct ph_unit_spec *const unit = &b->def.units[control.unit];
    build_retype(b, control, "LagControl");
    free(unit->inputs);
    unit->inputs = malloc(sizeof *unit->inputs);
    unit->inputs[0] = seconds;
    unit->n_inputs = 1;
}

/* ---- kinds of voices ------------------------------------------------------------------------- */

/** What all kinds share while they are built. */
struct common {
    struct ph_input out, freq, amp, gate, zero, one;
};

static struct common begin(struct ph_build *b, const char *name)
{
    ph_build_begin(b, name);
    return (struct common){ .out = ph_build_control(b, "out", 0, PH_CONTROL),
                            .freq = ph_build_control(b, "freq", 220, PH_CONTROL),
                            .amp = ph_build_control(b, "amp", 0.5f, PH_CONTROL),
                            .gate = ph_build_control(b, "gate", 1, PH_CONTROL),
                            .zero = ph_build_constant(b, 0),
                            .one = ph_build_constant(b, 1) };
}

static void put_out(struct ph_build *b, const char *unit, struct ph_input bus, struct ph_input left,
                    struct ph_input right)
{
    const struct ph_input channels[] = { bus, left, right };
    ph_build_unit(b, unit, PH_AUDIO, 0, 0, channels, 3, 0);
}

static void build_tone(struct ph_build *b)
{
    const struct common c = begin(b, "tone");
    const struct ph_input tone = times(b, BUILD(b, "SinOsc", PH_AUDIO, c.freq, c.zero), c.amp);
    put_out(b, "Out", c.out, tone, tone);
}

static void build_saw(struct ph_build *b)
{
    const struct common c = begin(b, "saw");
    const struct ph_input saw = BUILD(b, "Saw", PH_AUDIO, c.freq);
    const struct ph_input sweep =
        BUILD(b, "Line", PH_CONTROL, ph_build_constant(b, 4000), ph_build_constant(b, 300),
              ph_build_constant(b, 0.12f), c.zero);
    const struct ph_input low = BUILD(b, "RLPF", PH_AUDIO, saw, sweep, ph_build_constant(b, 0.3f));
    const struct ph_input env = build_envelope(b, c.gate, 0.01f, 0.04f, 2);
    put_out(b, "Out", c.out, times(b, times(b, low, env), c.amp), times(b, saw, env));
}

static void build_noise(struct ph_build *b)
{
    const struct common c = begin(b, "noise");
    const struct ph_input noise = build_op(b, "WhiteNoise", PH_AUDIO, 0, NULL);
    const struct ph_input band =
        BUILD(b, "BPF", PH_AUDIO, noise, c.freq, ph_build_constant(b, 0.5f));
    const struct ph_input env = build_envelope(b, c.gate, 0.002f, 0.03f, 2);
    const struct ph_input pos = BUILD(b, "LFTri", PH_CONTROL, ph_build_constant(b, 3), c.zero);
    const struct ph_input in[] = { times(b, band, env), pos, c.amp };
    struct ph_input left = ph_build_unit(b, "Pan2", PH_AUDIO, 0, 2, in, 3, 0), right = left;
    right.output++;
    put_out(b, "Out", c.out, left, right);
}

static void build_fm(struct ph_build *b)
{
    const struct common c = begin(b, "fm");
    const struct ph_input twice = build_binary(b, PH_SCALAR, PH_BINARY_MUL, ph_build_constant(b, 2),
                                               ph_build_control(b, "index", 1.5f, PH_SCALAR));
    const struct ph_input depth = build_binary(b, PH_CONTROL, PH_BINARY_MUL, c.freq, twice);
    const struct ph_input mod = times(b, BUILD(b, "SinOsc", PH_AUDIO, c.freq, c.zero), depth);
    const struct ph_input freq = build_binary(b, PH_AUDIO, PH_BINARY_ADD, mod, c.freq);
    const struct ph_input fall = BUILD(b, "XLine", PH_CONTROL, c.one, ph_build_constant(b, 0.01f),
                                       ph_build_constant(b, 0.15f), ph_build_constant(b, 2));
    const struct ph_input carrier = times(b, BUILD(b, "SinOsc", PH_AUDIO, freq, c.zero), fall);
    const struct ph_input high = BUILD(b, "HPF", PH_AUDIO, carrier, ph_build_constant(b, 200));
    const struct ph_input sum = BUILD(b, "Sum3", PH_AUDIO, carrier, high,
                                      BUILD(b, "LFSaw", PH_AUDIO, c.freq, c.zero));
    put_out(b, "OffsetOut", c.out, times(b, high, c.amp), times(b, sum, c.amp));
}

static void build_sample(struct ph_build *b)
{
    const struct common c = begin(b, "sample");
    const struct ph_input rate = build_binary(b, PH_CONTROL, PH_BINARY_MUL, c.freq,
                                              ph_build_constant(b, 1 / 220.0f));
    const struct ph_input in[] = { c.zero, rate, c.gate, ph_build_constant(b, 100), c.zero,
                                   ph_build_constant(b, 2) };
    const struct ph_input play = ph_build_unit(b, "PlayBuf", PH_AUDIO, 0, 1, in, 6, 0);
    const struct ph_input loop[] = { c.zero, rate, c.zero, c.one, c.one, c.zero };
    const struct ph_input sampler = ph_build_unit(b, "Sampler", PH_AUDIO, 0, 1, loop, 6, 0);
    const struct ph_input steady = BUILD(b, "LeakDC", PH_AUDIO, play, ph_build_constant(b, 0.995f));
    put_out(b, "Out", c.out, times(b, steady, c.amp), times(b, sampler, c.amp));
}

static void build_lag(struct ph_build *b)
{
    const struct common c = begin(b, "lag");
    add_lag(b, c.amp, ph_build_constant(b, 0.05f));
    const struct ph_input width = BUILD(b, "LFTri", PH_CONTROL, ph_build_constant(b, 5), c.zero);
    const struct ph_input pulse =
        BUILD(b, "Pulse", PH_AUDIO, c.freq,
              BUILD(b, "MulAdd", PH_CONTROL, width, ph_build_constant(b, 0.3f),
                    ph_build_constant(b, 0.5f)));
    const struct ph_input pole = BUILD(b, "OnePole", PH_AUDIO, pulse, ph_build_constant(b, 0.7f));
    const struct ph_input env = build_envelope(b, c.gate, 0.02f, 0.05f, 2);
    put_out(b, "Out", c.out, times(b, times(b, pulse, c.amp), env), times(b, pole, c.amp));
}

static void build_trigger(struct ph_build *b)
{
    const struct common c = begin(b, "trigger");
    const struct ph_input hit = ph_build_control(b, "t", 1, PH_CONTROL);
    build_retype(b, hit, "TrigControl");
    const struct ph_input ping = BUILD(b, "Lag", PH_CONTROL, hit, ph_build_constant(b, 0.03f));
    const struct ph_input saw = BUILD(b, "LFSaw", PH_AUDIO, c.freq, c.zero);
    const struct ph_input env = build_envelope(b, c.gate, 0.01f, 0.02f, 1); /* pauses itself */
    const struct ph_input low = BUILD(b, "LPF", PH_AUDIO, saw, ph_build_constant(b, 900));
    put_out(b, "Out", c.out, times(b, saw, times(b, BUILD(b, "K2A", PH_AUDIO, ping), env)),
            times(b, low, c.amp));
}

static void build_blep(struct ph_build *b)
{
    const struct common c = begin(b, "blep");
    const struct ph_input saw = BUILD(b, "BlepSaw", PH_AUDIO, c.freq, c.zero);
    const struct ph_input line =
        BUILD(b, "Line", PH_AUDIO, ph_build_constant(b, 200), ph_build_constant(b, 5000),
              ph_build_constant(b, 0.2f), c.zero);
    const struct ph_input svf = BUILD(b, "SvfLpf", PH_AUDIO, saw, line, ph_build_constant(b, 3));
    const struct ph_input pink = build_op(b, "PinkNoise", PH_AUDIO, 0, NULL);
    const struct ph_input moog =
        BUILD(b, "MoogLadder", PH_AUDIO, pink, c.freq, ph_build_constant(b, 0.4f));
    const struct ph_input env = build_envelope(b, c.gate, 0.005f, 0.01f, 2);
    put_out(b, "Out", c.out, times(b, times(b, svf, env), c.amp), times(b, moog, env));
}

/** With long memory, which follows from a constant: limiters and lines, one of which moves. */
static void build_normal(struct ph_build *b)
{
    const struct common c = begin(b, "normal");
    const struct ph_input sine = BUILD(b, "SinOsc", PH_AUDIO, c.freq, c.zero);
    const struct ph_input env = build_envelope(b, c.gate, 0.01f, 0.03f, 2);
    const struct ph_input normal = BUILD(b, "Normalizer", PH_AUDIO, times(b, sine, c.amp), c.one,
                                         ph_build_constant(b, 0.003f));
    const struct ph_input held = BUILD(b, "Limiter", PH_AUDIO, times(b, sine, env),
                                       ph_build_constant(b, 0.3f), ph_build_constant(b, 0.01f));
    const struct ph_input wave = BUILD(b, "LFTri", PH_CONTROL, ph_build_constant(b, 3), c.zero);
    const struct ph_input time = BUILD(b, "MulAdd", PH_CONTROL, wave, ph_build_constant(b, 0.001f),
                                       ph_build_constant(b, 0.004f));
    const struct ph_input comb = BUILD(b, "CombL", PH_AUDIO, normal, ph_build_constant(b, 0.005f),
                                       ph_build_constant(b, 0.0031f), ph_build_constant(b, 0.02f));
    const struct ph_input line =
        BUILD(b, "DelayC", PH_AUDIO, held, ph_build_constant(b, 0.005f), time);
    put_out(b, "Out", c.out, times(b, comb, env), times(b, line, c.amp));
}

struct rt_def *voices_def(struct engine *e, enum voice_kind kind)
{
    static void (*const build[])(struct ph_build *b) = {
        [VOICE_TONE] = build_tone, [VOICE_SAW] = build_saw, [VOICE_NOISE] = build_noise,
        [VOICE_FM] = build_fm, [VOICE_SAMPLE] = build_sample, [VOICE_LAG] = build_lag,
        [VOICE_TRIGGER] = build_trigger, [VOICE_BLEP] = build_blep,
        [VOICE_NORMAL] = build_normal,
    };
    struct ph_build b;
    build[kind](&b);
    return engine_compile(e, &b);
}

void voices_load_buffer(struct engine *e)
{
    enum { N = 7000 };
    struct dsp_buffer *const buffer = calloc(1, sizeof *buffer);
    *buffer = (struct dsp_buffer){ malloc(N * sizeof(float)), N, 1, 44100 };
    for (uint32_t i = 0; i < N; i++)
        buffer->data[i] = sinf((float)i * 0.05f) * (1 - (float)i / N);
    engine_send(e, (struct link_command){ .kind = LINK_BUFFER_SWAP, .u.buffer = { buffer, 0 } });
}

/* ---- two engines ----------------------------------------------------------------------------- */

struct pair *pair_new(const struct rt_config *config)
{
    struct pair *const p = calloc(1, sizeof *p);
    for (int i = 0; i < 2; i++) {
        p->e[i] = engine_new(config);
        voices_load_buffer(p->e[i]);
        for (int kind = 0; kind < N_VOICE_KINDS; kind++)
            p->defs[i][kind] = voices_def(p->e[i], kind);
    }
    for (int kind = 0; kind < N_VOICE_KINDS; kind++) {
        ck_assert_uint_eq(p->defs[0][kind]->width, p->e[0]->w->config.set->width);
        p->defs[1][kind]->width = 0;
    }
    return p;
}

void pair_free(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        for (int kind = 0; kind < N_VOICE_KINDS; kind++)
            nrt_def_release(p->defs[i][kind]);
        engine_free(p->e[i]);
    }
    free(p);
}

void pair_compile(struct pair *p, struct rt_def *defs[2],
                  struct rt_def *(*build)(struct engine *e, int which), int which)
{
    for (int i = 0; i < 2; i++)
        defs[i] = build(p->e[i], which);
    defs[1]->width = 0;
}

void pair_start(struct pair *p, struct rt_def *const defs[2], int32_t id, float out, int32_t target,
                uint8_t action, uint64_t due_frame)
{
    for (int i = 0; i < 2; i++) {
        struct rt_synth *synth;
        ck_assert_int_eq(nrt_synth_new(defs[i], id, (uint64_t)id, &synth), PH_OK);
        nrt_synth_set(synth, engine_symbol(p->e[i], "out"), out);
        engine_send(p->e[i], (struct link_command){
                                 .kind = LINK_SYNTH_ADD,
                                 .due_frame = due_frame,
                                 .u.add = { .synth = synth, .target = target, .action = action } });
    }
}

void pair_send(struct pair *p, struct link_command command)
{
    for (int i = 0; i < 2; i++)
        engine_send(p->e[i], command);
}

void pair_set(struct pair *p, int32_t id, const char *control, float value, uint64_t due_frame)
{
    for (int i = 0; i < 2; i++)
        engine_send(p->e[i], (struct link_command){
                                 .kind = LINK_NODE_SET,
                                 .due_frame = due_frame,
                                 .u.set = { .id = id,
                                            .symbol = engine_symbol(p->e[i], control),
                                            .value = value } });
}

void pair_group(struct pair *p, int32_t id, int32_t target, uint8_t action)
{
    for (int i = 0; i < 2; i++)
        engine_add_group(p->e[i], id, target, action);
}

void pair_node(struct pair *p, enum link_command_kind kind, int32_t id, int32_t value)
{
    for (int i = 0; i < 2; i++)
        engine_node(p->e[i], kind, id, value);
}

static void compare_buses(const struct pair *p)
{
    const struct rt_world *const a = p->e[0]->w, *const b = p->e[1]->w;
    for (uint32_t bus = 0; bus < a->config.n_audio_buses; bus++) {
        const struct dsp_bus *const x = &a->env.audio[bus], *const y = &b->env.audio[bus];
        REQUIRE((x->touched == a->env.block) == (y->touched == b->env.block),
                "bus %u is written by one only, block %u", bus, p->n_blocks);
        for (uint32_t i = 0; i < BLOCK && x->touched == a->env.block; i++)
            REQUIRE(x->frames[i] == y->frames[i], "bus %u, block %u, frame %u: %.9g for %.9g", bus,
                    p->n_blocks, i, (double)x->frames[i], (double)y->frames[i]);
    }
}

static void compare_trees(const struct pair *p)
{
    struct rt_group *const a = &p->e[0]->w->root, *const b = &p->e[1]->w->root;
    struct rt_node *x = a->head, *y = b->head;
    for (; x && y; x = rt_tree_next(a, x), y = rt_tree_next(b, y))
        REQUIRE(x->id == y->id && x->paused == y->paused && x->is_group == y->is_group,
                "block %u: node %d for %d", p->n_blocks, x->id, y->id);
    ck_assert(!x && !y);
}

void pair_run(struct pair *p, uint32_t n_blocks)
{
    for (uint32_t i = 0; i < n_blocks; i++) {
        for (int k = 0; k < 2; k++) {
            p->e[k]->n_frames = 0; /* the ports' sound is on the buses, too */
            engine_run(p->e[k], 1);
        }
        compare_buses(p);
        compare_trees(p);
        const uint32_t n = voices_lanes(p->e[0]);
        p->n_wide = n > p->n_wide ? n : p->n_wide;
        p->n_blocks++;
    }
}

/* ---- looking in ------------------------------------------------------------------------------ */

uint32_t voices_batches(const struct engine *e)
{
    uint32_t n = 0;
    for (const struct rt_batch *batch = e->w->plan.used; batch; batch = batch->used_next)
        n++;
    return n;
}

uint32_t voices_lanes(const struct engine *e)
{
    uint32_t n = 0;
    for (const struct rt_batch *batch = e->w->plan.used; batch; batch = batch->used_next) {
        ck_assert_uint_eq(batch->n_lanes, (uint32_t)__builtin_popcount(batch->lanes));
        n += batch->n_lanes;
    }
    return n;
}
