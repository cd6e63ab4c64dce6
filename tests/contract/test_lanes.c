/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/contract/test_lanes.c - a voice sounds the same in a lane as alone, bit for bit.         */
/*                                                                                                */
/* Voices are born alone, join a batch, change lanes, leave it and die there, each in its own     */
/* time and with inputs of its own. Each has a twin that never leaves width 1. Two worlds, one of */
/* twins, one of travellers, must hear the same.                                                  */
#include "tests/contract/variants.h"

enum {
    BLOCKS = 72,
    BUSES = 64,
    HEARD_BUS = 40,  /* from here on, buses that others have written: In and InFeedback read them */
    GUARD_BUS = 62,  /* what empty lanes name: nobody may write there */
    PATTERNS = 7,    /* of input rates, and lengths of a block */
    NOWHERE = -1
};

/** Buses and buffers of all twins, or of all travellers. */
struct world {
    struct dsp_bus audio[BUSES];
    float control[BUSES];
    uint64_t control_touched[BUSES];
    struct dsp_env env;
};

struct voice {
    bool alive;
    uint32_t random;      /* state of its own generator: what it is given depends on nobody */
    int first_block, end_block, release_block;
    uint32_t first_frame; /* of its birth, inside first_block */
    float restless;       /* how often its inputs change */
    uint32_t bus;
    struct unit_host *twin, *alone; /* alone: NULL while it is in a lane */
    int lane;                       /* NOWHERE while it is alone */
};

/** One unit under test: a batch and the voices around it. */
struct stage {
    const struct variant *v;
    uint8_t rate;
    int pattern;
    uint32_t lanes, n_frames; /* of a whole call */
    struct world twins, travellers;
    struct unit_host *batch;
    struct voice voices[DSP_LANES_MAX];
};

static void open_world(struct world *w, struct unit_host *buffers)
{
    w->env = buffers->env;
    w->env.audio = w->audio;
    w->env.control = w->control;
    w->env.control_touched = w->control_touched;
    w->env.n_audio = w->env.n_control = BUSES;
}

/* --------------------------------------------------------------------- what a voice is given */

/** The rate of input i, the same for all voices: it belongs to the definition. */
static uint8_t rate_of(const struct stage *s, uint32_t i)
{
    if (s->rate == IR || !may_move(s->v, i))
        return s->rate != IR && quantity_of(s->v->id, i) == PH_FLAG && s->pattern == 2 ? KR : IR;
    switch (s->pattern) {
    case 0: return i % 3 == 0 ? s->rate : i % 3 == 1 ? KR : IR;
    case 1: return s->rate;
    case 2: return KR;
    case 3: return i == 0 ? s->rate : IR;
    default: return i == 0 ? KR : s->rate;
    }
}

/** A new value of input i. */
static float draw(const struct stage *s, const struct voice *x, uint32_t i, int block)
{
    const enum ph_quantity q = quantity_of(s->v->id, i);
    if (is_size(s->v, i))
        return row_of(s->v->id, i)->initial;
    switch (q) {
    case PH_BUS: return (float)(s->v->id == PH_UNIT_IN_ || s->v->id == PH_UNIT_IN_FEEDBACK
                                    ? HEARD_BUS + x->bus : x->bus);
    case PH_BUFFER: return uniform(0, 1) < 0.1f ? 7.0f : floorf(uniform(0, 1.99f));
    case PH_ACTION: return floorf(uniform(0, 15));
    case PH_FRAMES: return floorf(uniform(0, 3000));
    case PH_GATE: return block < x->release_block ? uniform(0.1f, 1) : 0.0f;
    case PH_TRIGGER: return uniform(0, 1) < 0.2f ? 1.0f : 0.0f;
    case PH_AMP: case PH_REST_AMP:
        return s->pattern != 1 && uniform(0, 1) < 0.2f ? 0.0f : plausible(q);
    default: return plausible(q);
    }
}

/** The envelope of a voice: levels, times and shapes of its own. */
static void draw_envelope(struct unit_host *h)
{
    static const float shapes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
    set_envelope(h);
    for (uint32_t segment = 0; segment < 4; segment++) {
        const uint32_t at = 9 + 4 * segment;
        host_set(h, at, IR, uniform(0.1f, 1));
        host_set(h, at + 1, IR, uniform(0.0f, 0.03f));
        host_set(h, at + 2, IR, shapes[(int)uniform(0, 8.99f)]);
        host_set(h, at + 3, IR, uniform(-5, 5));
    }
}

/** Frames of an input at audio rate: moving, still, or one step inside the block. */
static void draw_frames(const struct stage *s, const struct voice *x, float *to, uint32_t i,
                        int block)
{
    const bool noisy = uniform(0, 1) < x->restless;
    const uint32_t step = (uint32_t)uniform(0, 200);
    float value = draw(s, x, i, block);
    for (uint32_t n = 0; n < DSP_BLOCK_FRAMES; n++) {
        if (noisy || n == step)
            value = draw(s, x, i, block);
        to[n] = value;
    }
}

/** Inputs, controls and fade of one block, drawn by the voice's own generator into its twin. */
static void give_inputs(const struct stage *s, struct voice *x, int block)
{
    struct unit_host *const h = x->twin;
    const bool born = block == x->first_block;
    random_state = x->random;
    for (uint32_t i = 0; i < h->b.n_in; i++) {
        if (s->v->id == PH_UNIT_ENV_GEN && i >= 5)
            continue;
        const uint8_t rate = rate_of(s, i);
        const bool edited = rate == IR && may_move(s->v, i) && s->pattern == 3 &&
                            uniform(0, 1) < 0.1f * x->restless;
        if (rate == AR)
            draw_frames(s, x, h->in[i], i, block);
        else if (born || edited || (rate == KR && uniform(0, 1) < x->restless))
            h->in[i][0] = draw(s, x, i, block);
        h->in_rate[i] = rate;
    }
    if (born && s->v->id == PH_UNIT_ENV_GEN)
        draw_envelope(h);
    for (int c = 0; c < HOST_CONTROLS; c++) {
        if (born || uniform(0, 1) < x->restless)
            h->controls[c] = uniform(-1, 1);
        h->control_rate[c] = c % 2 == 0 && s->rate == AR ? AR : KR;
        for (int n = 0; n < DSP_BLOCK_FRAMES; n++)
            h->control_frames[c * DSP_BLOCK_FRAMES + n] = uniform(-1, 1);
    }
    const bool fades = uniform(0, 1) < 0.1f;
    h->node[0].gain = fades ? uniform(0, 1) : 1.0f;
    h->node[0].gain_step = fades ? h->node[0].gain / -64.0f : 0.0f;
    x->random = random_state;
}

/** What a voice is given, in a lane of another host. */
static void hand_over(const struct voice *x, struct unit_host *to, uint32_t lane)
{
    const struct unit_host *const h = x->twin;
    memcpy(to->in_rate, h->in_rate, sizeof to->in_rate);
    memcpy(to->control_rate, h->control_rate, sizeof to->control_rate);
    for (uint32_t i = 0; i < h->b.n_in; i++)
        host_copy_lane(to->in[i], to->width, lane, h->in[i], 1, 0, 4, DSP_BLOCK_FRAMES);
    host_copy_lane(to->controls, to->width, lane, h->controls, 1, 0, 4, HOST_CONTROLS);
    host_copy_lane(to->control_frames, to->width, lane, h->control_frames, 1, 0, 4,
                   HOST_CONTROLS * DSP_BLOCK_FRAMES);
    to->node[lane].gain = h->node[0].gain;
    to->node[lane].gain_step = h->node[0].gain_step;
}

/** Empty lanes keep what the last voice left, or get the worst; they name the guarded bus. */
static void fill_empty_lane(const struct stage *s, uint32_t lane)
{
    static const float worst[] = { NAN, INFINITY, -INFINITY, -1e30f, 0.0f, 3e9f };
    struct unit_host *const h = s->batch;
    for (uint32_t i = 0; i < h->b.n_in; i++) {
        if (quantity_of(s->v->id, i) == PH_BUS)
            for (int n = 0; n < DSP_BLOCK_FRAMES; n++)
                h->in[i][n * h->width + lane] = GUARD_BUS;
        else if (uniform(0, 1) < 0.25f)
            for (int n = 0; n < DSP_BLOCK_FRAMES; n++)
                h->in[i][n * h->width + lane] = worst[(int)uniform(0, 5.99f)];
    }
}

/* -------------------------------------------------------------------- birth, journeys and death */

static struct unit_host *open_voice(const struct stage *s, struct world *w, uint32_t width)
{
    struct unit_host *const h = open_unit(s->v, width, s->rate, 48000);
    if (ph_units[s->v->id].n_outputs == PH_ANY)
        h->b.n_out = (uint16_t)(1 + s->pattern % 2);
    if (s->v->id == PH_UNIT_OUT || s->v->id == PH_UNIT_REPLACE_OUT ||
        s->v->id == PH_UNIT_OFFSET_OUT)
        h->b.n_in = (uint16_t)(2 + s->pattern % 2);
    if (s->v->id == PH_UNIT_LAG_CONTROL)
        h->b.n_in = h->b.n_out;
    h->b.env = &w->env;
    return h;
}

/** Born together with its twin, alone; the generator that all voices share says when and how. */
static void be_born(struct stage *s, struct voice *x, uint32_t number, int block)
{
    const float tempers[] = { 0, 0.1f, 0.5f, 1 };
    *x = (struct voice){ .alive = true, .random = random_state, .first_block = block,
                         .lane = NOWHERE, .bus = 2 * number };
    x->end_block = block + (int)uniform(2, 40);
    x->release_block = block + (int)uniform(0, 40);
    x->restless = tempers[(int)uniform(0, 3.99f)];
    if (s->rate == AR && uniform(0, 1) < 0.7f)
        x->first_frame = (uint32_t)uniform(0, (float)s->n_frames - 0.1f);
    x->twin = open_voice(s, &s->twins, 1);
    x->alone = open_voice(s, &s->travellers, 1);
    x->twin->b.seed = x->alone->b.seed = x->random;
}

/** From width 1 into a free lane. */
static void join(struct stage *s, struct voice *x, uint32_t lane)
{
    if (!s->batch->state)
        host_clear(s->batch, x->alone->b.memory_frames);
    host_move(s->batch, lane, x->alone, 0);
    host_free(x->alone);
    x->alone = NULL;
    x->lane = (int)lane;
}

/** From a lane to width 1; what it was stays behind in the lane. */
static void leave(struct stage *s, struct voice *x)
{
    x->alone = open_voice(s, &s->travellers, 1);
    host_clear(x->alone, s->batch->b.memory_frames);
    host_move(x->alone, 0, s->batch, (uint32_t)x->lane);
    x->lane = NOWHERE;
}

static void die(struct voice *x)
{
    host_free(x->twin);
    if (x->alone)
        host_free(x->alone);
    *x = (struct voice){ 0 };
}

static uint32_t taken_lanes(const struct stage *s)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < s->lanes; i++)
        if (s->voices[i].alive && s->voices[i].lane != NOWHERE)
            taken |= 1u << s->voices[i].lane;
    return taken;
}

/** Births, moves and deaths at the start of a block. */
static void shuffle(struct stage *s, int block)
{
    for (uint32_t i = 0; i < s->lanes; i++) {
        struct voice *const x = &s->voices[i];
        if (x->alive && block >= x->end_block)
            die(x);
        else if (!x->alive && uniform(0, 1) < 0.15f)
            be_born(s, x, i, block);
        if (!x->alive || x->first_block == block)
            continue;
        const uint32_t lane = (uint32_t)uniform(0, (float)s->lanes - 0.01f);
        const bool free_lane = !(taken_lanes(s) & 1u << lane);
        const float whim = uniform(0, 1);
        if (x->lane == NOWHERE && free_lane && whim < 0.7f) {
            join(s, x, lane);
        } else if (x->lane != NOWHERE && free_lane && whim < 0.1f) { /* to another lane */
            host_move(s->batch, lane, s->batch, (uint32_t)x->lane);
            x->lane = (int)lane;
        } else if (x->lane != NOWHERE && whim > 0.95f) {
            leave(s, x);
        }
    }
}

/* ------------------------------------------------------------------------------ render, compare */

/** What others have written into the buses that In and InFeedback read: some now, some before. */
static void fill_buses(struct stage *s)
{
    for (int bus = HEARD_BUS; bus < GUARD_BUS; bus++) {
        s->twins.audio[bus].touched = s->twins.env.block - (uint64_t)uniform(0, 2.5f);
        s->twins.control[bus] = uniform(-1, 1);
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
            s->twins.audio[bus].frames[i] = uniform(-1, 1);
        s->travellers.audio[bus] = s->twins.audio[bus];
        s->travellers.control[bus] = s->twins.control[bus];
    }
}

static void render_alone(const struct stage *s, const struct voice *x, struct unit_host *h,
                         int block)
{
    const uint32_t first = block == x->first_block ? x->first_frame : 0;
    h->node[0].done = h->node[0].flags = 0;
    if (block == x->first_block)
        host_init(h);
    host_call(h, first, s->n_frames - first);
}

static void render_batch(struct stage *s)
{
    struct unit_host *const h = s->batch;
    h->b.lanes = taken_lanes(s);
    for (uint32_t k = 0; k < s->lanes; k++) {
        h->node[k].done = h->node[k].flags = 0;
        if (!(h->b.lanes & 1u << k))
            fill_empty_lane(s, k);
    }
    if (h->b.lanes)
        host_call(h, 0, s->n_frames);
    for (uint32_t k = 0; k < s->lanes; k++)
        REQUIRE(h->b.lanes & 1u << k || (h->node[k].done == 0 && h->node[k].flags == 0),
                "%s %d: empty lane %u asks for %#x, flags %#x", name_of(s->v), s->v->special, k,
                h->node[k].done, h->node[k].flags);
}

static void compare(const struct stage *s, float want, float got, const char *what, int block,
                    uint32_t voice, uint32_t frame)
{
    const bool both_nan = want != want && got != got && may_be_infinite(s->v);
    REQUIRE(want == got || both_nan,
            "%s %d, rate %d, inputs %d: %s of block %d (voice born in %d, lane %d), frame %u: "
            "%.9g alone, %.9g in its lane", name_of(s->v), s->v->special, s->rate, s->pattern, what,
            block, s->voices[voice].first_block, s->voices[voice].lane, frame, (double)want,
            (double)got);
}

static void compare_voice(const struct stage *s, uint32_t voice, int block)
{
    const struct voice *const x = &s->voices[voice];
    const struct unit_host *const h = x->alone ? x->alone : s->batch;
    const uint32_t lane = x->alone ? 0 : (uint32_t)x->lane;
    for (uint32_t o = 0; o < h->b.n_out; o++)
        for (uint32_t i = 0; i < x->twin->b.n_frames; i++)
            compare(s, x->twin->out[o][i], h->out[o][i * h->width + lane], "output", block, voice,
                    i);
    const struct dsp_node *const want = &x->twin->node[0], *const got = &h->node[lane];
    REQUIRE(want->done == got->done && want->flags == got->flags &&
                (want->free_id == got->free_id || !(want->flags & DSP_NODE_FREE_OTHER)),
            "%s %d, rate %d, inputs %d: block %d, lane %d: done %#x flags %#x alone, %#x %#x in it",
            name_of(s->v), s->v->special, s->rate, s->pattern, block, x->lane, want->done,
            want->flags, got->done, got->flags);
}

static void compare_worlds(const struct stage *s, int block)
{
    const uint64_t now = s->twins.env.block;
    for (uint32_t bus = 0; bus < BUSES; bus++) {
        const struct dsp_bus *const a = &s->twins.audio[bus], *const b = &s->travellers.audio[bus];
        const uint32_t voice = bus / 2 < s->lanes ? bus / 2 : 0;
        REQUIRE(a->touched == b->touched, "%s: bus %u written by one of two worlds", name_of(s->v),
                bus);
        for (uint32_t i = 0; i < DSP_BLOCK_FRAMES && a->touched == now; i++)
            compare(s, a->frames[i], b->frames[i], "bus", block, voice, i);
        compare(s, s->twins.control[bus], s->travellers.control[bus], "control bus", block, voice,
                0);
    }
    REQUIRE(s->travellers.audio[GUARD_BUS].touched == 0 && s->travellers.control[GUARD_BUS] == 0,
            "%s: an empty lane wrote to a bus", name_of(s->v));
}

static void one_block(struct stage *s, int block)
{
    shuffle(s, block);
    fill_buses(s);
    const uint32_t shared = random_state;
    for (uint32_t i = 0; i < s->lanes; i++) {
        struct voice *const x = &s->voices[i];
        if (!x->alive)
            continue;
        give_inputs(s, x, block);
        hand_over(x, x->alone ? x->alone : s->batch, x->alone ? 0 : (uint32_t)x->lane);
        render_alone(s, x, x->twin, block);
        if (x->alone)
            render_alone(s, x, x->alone, block);
    }
    random_state = shared;
    render_batch(s);
    for (uint32_t i = 0; i < s->lanes; i++)
        if (s->voices[i].alive)
            compare_voice(s, i, block);
    compare_worlds(s, block);
    s->twins.env.block++;
    s->travellers.env.block++;
}

static void play(const struct variant *v, uint8_t rate, int pattern)
{
    struct stage *const s = host_alloc(sizeof *s);
    s->v = v;
    s->rate = rate;
    s->pattern = pattern;
    s->lanes = host_wide();
    s->n_frames = rate != AR ? 1 : pattern < 5 ? DSP_BLOCK_FRAMES : pattern == 5 ? 20 : 1;
    random_state = 99u + (uint32_t)pattern;
    s->batch = open_voice(s, &s->travellers, s->lanes);
    open_world(&s->twins, s->batch);
    open_world(&s->travellers, s->batch);
    for (int block = 0; block < BLOCKS; block++)
        one_block(s, block);
    for (uint32_t i = 0; i < s->lanes; i++)
        if (s->voices[i].alive)
            die(&s->voices[i]);
    host_free(s->batch);
    host_release(s);
}

/* ------------------------------------------------------------------------------------- tests */

START_TEST(a_voice_has_the_same_bits_in_a_lane_as_alone)
{
    const struct variant *const v = &variants[_i];
    for (uint8_t rate = IR; rate <= AR; rate++)
        for (int pattern = 0; pattern < PATTERNS; pattern++)
            if (runs_at(v, rate) && has_form(v, host_wide()))
                play(v, rate, pattern);
}
END_TEST

/** Fields of 64 bits first, then of 32 bits, the same at both widths. */
START_TEST(state_is_laid_out_lane_by_lane)
{
    const struct variant *const v = &variants[_i];
    if (!has_form(v, host_wide()))
        return;
    const struct dsp_unit *const one = host_kernels->narrow(v->id, v->special);
    const struct dsp_unit *const wide = host_kernels->wide(v->id, v->special);
    const size_t per_lane = wide->state_bytes / host_wide();
    ck_assert_uint_eq(one->n_doubles, wide->n_doubles);
    ck_assert_uint_eq(wide->state_bytes % host_wide(), 0);
    ck_assert_uint_le(8 * one->n_doubles, one->state_bytes);
    ck_assert_msg(one->state_bytes == per_lane || /* a 32-bit field may be padded at one width */
                      (one->n_doubles > 0 && one->state_bytes == per_lane + 4),
                  "%s: %zu bytes alone, %zu a lane", name_of(v), one->state_bytes, per_lane);
    ck_assert_msg(!one->memory_frames == !wide->memory_frames, "%s: memory", name_of(v));
}
END_TEST

/** So that every voice of a definition finds room in a batch of its fellows. */
START_TEST(memory_in_lanes_depends_on_what_a_definition_says)
{
    const struct variant *const v = &variants[_i];
    const struct dsp_unit *const wide = host_kernels->wide(v->id, v->special);
    if (!wide || !wide->memory_frames)
        return;
    struct unit_host *const h = open_unit(v, 1, AR, 48000);
    const uint32_t frames = h->unit->memory_frames(&h->b);
    for (int trial = 0; trial < 50; trial++) {
        for (uint32_t i = 0; i < h->b.n_in; i++)
            if (!is_size(v, i))
                h->in[i][0] = uniform(-10, 10);
        ck_assert_uint_eq(h->unit->memory_frames(&h->b), frames);
    }
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("lanes");
    tcase_add_loop_test(c, a_voice_has_the_same_bits_in_a_lane_as_alone, 0, N_VARIANTS);
    tcase_add_loop_test(c, state_is_laid_out_lane_by_lane, 0, N_VARIANTS);
    tcase_add_loop_test(c, memory_in_lanes_depends_on_what_a_definition_says, 0,
                        N_VARIANTS);
    return host_run(argc, argv, "lanes", c);
}
