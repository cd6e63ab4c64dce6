/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/contract/test_units.c - what every unit of the table promises, at both lane widths.      */
#include "tests/server/dsp/unit_host.h"

enum { BLOCKS = 60 };

static const uint8_t rate_bits[] = { PH_IR, PH_KR, PH_AR };

/* Units that have no wide form: each lane would read memory at a place of its own. */
static const enum ph_unit narrow[] = {
    PH_UNIT_COMB_L, PH_UNIT_ALLPASS_L, PH_UNIT_ECHO, PH_UNIT_FREE_VERB, PH_UNIT_FREE_VERB2,
    PH_UNIT_LIMITER, PH_UNIT_SAFETY_LIMITER, PH_UNIT_PLAY_BUF, PH_UNIT_SAMPLER
};

static bool is_narrow(int id)
{
    for (uint32_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        if ((int)narrow[i] == id)
            return true;
    return false;
}

static bool is_operator(int id) { return id == PH_UNIT_BINARY_OP || id == PH_UNIT_UNARY_OP; }

/* ---------------------------------------------------------------- variants: a row, an operator */

/** One thing to test: a unit, or an operator of an operator unit. */
struct variant { enum ph_unit id; int16_t special; };
static struct variant variants[PH_UNIT_COUNT + 128];
static int n_variants;

#define ADD_UNIT(ID, name, outputs, rates, ...)                                                    \
    if (!is_operator(PH_UNIT_##ID))                                                                \
        variants[n_variants++] = (struct variant){ PH_UNIT_##ID, 0 };
#define ADD_UNARY(number, NAME, text)                                                              \
    variants[n_variants++] = (struct variant){ PH_UNIT_UNARY_OP, number };
#define ADD_BINARY(number, NAME, text)                                                             \
    variants[n_variants++] = (struct variant){ PH_UNIT_BINARY_OP, number };

static void list_variants(void)
{
    PH_UNITS(ADD_UNIT, )
    PH_UNARY_OPS(ADD_UNARY)
    PH_BINARY_OPS(ADD_BINARY)
}

static const char *name_of(const struct variant *v) { return ph_units[v->id].name; }

/* ------------------------------------------------------------------------------- a unit at work */

static uint32_t random_state = 1;
static float uniform(float lo, float hi)
{
    random_state = random_state * 1664525u + 1013904223u;
    return lo + (hi - lo) * (float)(random_state >> 8) / 16777216.0f;
}

/** A plausible value of an input, different on every call. */
static float plausible(enum ph_quantity q)
{
    switch (q) {
    case PH_AMP: case PH_REST_AMP: return uniform(-1, 1);
    case PH_HZ: return uniform(20, 5000);
    case PH_RADIANS: return uniform(-6, 6);
    case PH_SECONDS: return uniform(0.001f, 0.1f);
    case PH_RATIO_: return uniform(0.3f, 2);
    case PH_ZERO_ONE: return uniform(0.05f, 0.95f);
    case PH_BIPOLAR: return uniform(-0.9f, 0.9f);
    case PH_GATE: case PH_TRIGGER: return uniform(-1, 1) > 0 ? 1.0f : 0.0f;
    case PH_NUMBER: return uniform(0.1f, 3);
    case PH_FLAG: return uniform(-1, 1) > 0 ? 1.0f : 0.0f;
    default: return 0;
    }
}

/** A value at the edge of sense or past it. */
static float extreme(enum ph_quantity q)
{
    static const float amp[] = { 0, 1, -1, 1e6f, -1e6f, 1e-38f };
    static const float hz[] = { 0, -100, 1e9f, -1e9f, 1e-20f, 24000, 440 };
    static const float seconds[] = { 0, -1, 1e-9f, 1, 0.1f };
    static const float factor[] = { 0, -1, 1e6f, 1e-20f, 1 };
    static const float share[] = { -1, 0, 0.5f, 1, 2, 1e6f };
    static const float number[] = { 0, -3, 100, -100, 0.5f };
    const uint32_t r = (uint32_t)uniform(0, 4096);
    switch (q) {
    case PH_AMP: case PH_REST_AMP: return amp[r % 6];
    case PH_HZ: return hz[r % 7];
    case PH_SECONDS: return seconds[r % 5];
    case PH_RATIO_: return factor[r % 5];
    case PH_ZERO_ONE: case PH_BIPOLAR: case PH_RADIANS: return share[r % 6];
    case PH_BUS: return number[r % 5];
    case PH_BUFFER: return number[r % 5];
    case PH_FRAMES: return amp[r % 6];
    case PH_GATE: case PH_TRIGGER: return number[r % 5];
    case PH_ACTION: case PH_FLAG: return number[r % 5];
    default: return number[r % 5];
    }
}

/** The row of input i; repeated inputs share the last one. */
static const struct ph_unit_input *row_of(enum ph_unit id, uint32_t i)
{
    const struct ph_unit_info *const info = &ph_units[id];
    return &info->inputs[i < info->n_inputs ? i : info->n_inputs - 1u];
}

/** An envelope of four segments, in the inputs of EnvGen from 5 on. */
static void set_envelope(struct unit_host *h)
{
    const float list[] = { 0.1f, 4, 2, -1, 1, 0.01f, 1, 0, 0.5f, 0.02f, 5, -4,
                           0.7f, 0.01f, 2, 0, 0, 0.05f, 3, 0 };
    for (uint32_t i = 0; i < sizeof list / sizeof *list; i++)
        host_set(h, 5 + i, IR, list[i]);
}

/** The unit with its defaults, every input a constant. */
static struct unit_host *open_unit(const struct variant *v, uint32_t width, uint8_t rate, float rate_hz)
{
    struct unit_host *const h = host_new(v->id, v->special, width, rate, rate_hz);
    for (uint32_t i = 0; i < ph_units[v->id].n_inputs; i++)
        host_set(h, i, IR, row_of(v->id, i)->initial);
    if (v->id == PH_UNIT_ENV_GEN)
        set_envelope(h);
    for (uint32_t i = 0; i < HOST_CONTROLS * width; i++)
        h->controls[i] = 0.5f;
    if (v->id == PH_UNIT_OFFSET_OUT)
        for (uint32_t k = 0; k < width; k++)
            h->node[k].sample_offset = 17;
    return h;
}

static bool runs_at(const struct variant *v, uint8_t rate)
{
    return ph_units[v->id].rates & rate_bits[rate];
}

static uint32_t wire_floats(const struct unit_host *h)
{
    return (h->b.rate == AR ? DSP_BLOCK_FRAMES : 1) * h->width;
}

static void check_finite(const struct unit_host *h, const struct variant *v, const char *when)
{
    for (uint32_t o = 0; o < h->b.n_out; o++)
        for (uint32_t i = 0; i < wire_floats(h); i++)
            REQUIRE(isfinite(h->out[o][i]), "%s %d, width %u, %s: %g", name_of(v), v->special,
                    h->width, when, (double)h->out[o][i]);
    for (int bus = 0; bus < HOST_BUSES; bus++)
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
            REQUIRE(isfinite(h->audio[bus].frames[i]), "%s: bus, %s", name_of(v), when);
}

/* ------------------------------------------------------------------------------------- tests */

START_TEST(every_row_has_a_kernel_and_a_wide_form_or_a_reason)
{
    const struct variant *const v = &variants[_i];
    ck_assert_ptr_nonnull(host_kernels->narrow(v->id, v->special));
    const struct dsp_unit *const wide = host_kernels->wide(v->id, v->special);
    ck_assert_msg((wide == NULL) == is_narrow(v->id), "%s", name_of(v));
}
END_TEST

START_TEST(the_first_frame_is_finite)
{
    const struct variant *const v = &variants[_i];
    for (uint32_t width = 1; width; width = host_wider(width))
        for (uint8_t rate = IR; rate <= AR && (width == 1 || !is_narrow(v->id)); rate++) {
            if (!runs_at(v, rate))
                continue;
            struct unit_host *const h = open_unit(v, width, rate, 48000);
            if (is_operator(v->id)) /* 0 / 0 is not a number in any language */
                for (uint32_t i = 0; i < h->b.n_in; i++)
                    host_set(h, i, IR, 0.5f);
            host_init(h);
            host_call(h, 0, 1);
            for (uint32_t o = 0; o < h->b.n_out; o++)
                for (uint32_t k = 0; k < width; k++)
                    ck_assert_msg(isfinite(h->out[o][k]), "%s", name_of(v));
            host_free(h);
        }
}
END_TEST

/** Renders silence at a rate; what comes out is finite. */
static void feed_silence(const struct variant *v, uint32_t width, uint8_t rate, float rate_hz)
{
    struct unit_host *const h = open_unit(v, width, rate, rate_hz);
    for (uint32_t i = 0; i < h->b.n_in; i++)
        if (row_of(v->id, i)->quantity == PH_AMP || row_of(v->id, i)->quantity == PH_REST_AMP)
            host_set(h, i, rate, 0);
    if (is_operator(v->id) && h->b.n_in == 2)
        host_set(h, 1, IR, 1); /* dividing by silence is infinite, as in SuperCollider */
    if (is_operator(v->id) && v->special == PH_UNARY_RECIPROCAL && h->b.n_in == 1)
        host_set(h, 0, IR, 1);
    host_init(h);
    for (int block = 0; block < BLOCKS; block++) {
        host_block(h);
        check_finite(h, v, "silence");
    }
    host_free(h);
}

START_TEST(silence_in_gives_finite_out_at_two_rates)
{
    const struct variant *const v = &variants[_i];
    for (uint32_t width = 1; width; width = host_wider(width))
        for (uint8_t rate = IR; rate <= AR && (width == 1 || !is_narrow(v->id)); rate++)
            if (runs_at(v, rate)) {
                feed_silence(v, width, rate, 44100);
                feed_silence(v, width, rate, 96000);
            }
}
END_TEST

/** Inputs that name things, or that are read at birth or once per call, don't come at audio rate. */
static bool may_move(const struct variant *v, uint32_t i)
{
    if (v->id == PH_UNIT_ENV_GEN)
        return i == 0;
    if (v->id == PH_UNIT_SAMPLER && (i == 2 || i == 3)) /* begin, end */
        return false;
    switch (row_of(v->id, i)->quantity) {
    case PH_BUS: case PH_BUFFER: case PH_ACTION: case PH_FRAMES: case PH_FLAG: return false;
    case PH_SECONDS: return i > 1;
    default: return true;
    }
}

/** Audio of one block for all inputs, the same for every way to cut it: [input][frame]. */
static float material[HOST_INPUTS][DSP_BLOCK_FRAMES];
static float whole[BLOCKS][HOST_OUTPUTS + 1][DSP_BLOCK_FRAMES];

/**
 * Renders BLOCKS blocks at width 1, each in pieces (or at once), with audio on the first or on all
 * inputs that may move; keeps or compares outputs and bus 0.
 */
static void render_cut(const struct variant *v, bool all_move, bool cut)
{
    random_state = 77;
    struct unit_host *const h = open_unit(v, 1, AR, 48000);
    bool first = true;
    for (uint32_t i = 0; i < h->b.n_in; i++) {
        const bool moves = may_move(v, i) && (all_move || first);
        if (may_move(v, i))
            first = false;
        if (moves)
            h->in_rate[i] = AR;
        else if (may_move(v, i))
            host_set(h, i, IR, plausible(row_of(v->id, i)->quantity));
    }
    for (int block = 0; block < BLOCKS; block++) {
        for (uint32_t i = 0; i < h->b.n_in; i++)
            for (int n = 0; n < DSP_BLOCK_FRAMES; n++)
                material[i][n] = plausible(row_of(v->id, i)->quantity);
        const uint32_t seed = random_state;
        for (uint32_t at = 0, n; at < DSP_BLOCK_FRAMES; at += n) {
            n = cut ? 1 + (uint32_t)uniform(0, 62.9f) : DSP_BLOCK_FRAMES;
            if (n > DSP_BLOCK_FRAMES - at)
                n = DSP_BLOCK_FRAMES - at;
            for (uint32_t i = 0; i < h->b.n_in; i++)
                if (h->in_rate[i] == AR)
                    memcpy(h->in[i], &material[i][at], n * sizeof(float));
            if (block == 0 && at == 0)
                host_init(h);
            host_call(h, at, n);
            for (uint32_t o = 0; o < h->b.n_out; o++)
                for (uint32_t k = 0; k < n; k++) {
                    float *const kept = &whole[block][o][at + k];
                    if (!cut)
                        *kept = h->out[o][k];
                    REQUIRE(memcmp(kept, &h->out[o][k], sizeof *kept) == 0,
                            "%s %d, %s: block %d frame %u is %.9g whole, %.9g in pieces",
                            name_of(v), v->special, all_move ? "all inputs move" : "one moves",
                            block, at + k, (double)*kept, (double)h->out[o][k]);
                }
        }
        if (!cut)
            memcpy(whole[block][HOST_OUTPUTS], h->audio[0].frames, sizeof h->audio[0].frames);
        ck_assert_msg(memcmp(whole[block][HOST_OUTPUTS], h->audio[0].frames,
                             sizeof h->audio[0].frames) == 0, "%s: bus, block %d", name_of(v), block);
        h->env.block++;
        random_state = seed;
    }
    host_free(h);
}

START_TEST(audio_units_dont_notice_how_blocks_are_cut)
{
    const struct variant *const v = &variants[_i];
    if (!runs_at(v, AR))
        return;
    for (int all = 0; all < 2; all++) {
        render_cut(v, all, false);
        render_cut(v, all, true);
    }
}
END_TEST

/** Operators whose true result may be infinite or no float at all: a / 0, x * y past 3e38. */
static bool may_be_infinite(const struct variant *v)
{
    return (v->id == PH_UNIT_BINARY_OP && (v->special == PH_BINARY_FDIV ||
                                           v->special == PH_BINARY_IDIV)) ||
           (v->id == PH_UNIT_UNARY_OP && v->special == PH_UNARY_RECIPROCAL);
}

START_TEST(extreme_inputs_give_finite_output)
{
    const struct variant *const v = &variants[_i];
    if (may_be_infinite(v))
        return;
    for (uint32_t width = 1; width; width = host_wider(width))
        for (uint8_t rate = IR; rate <= AR && (width == 1 || !is_narrow(v->id)); rate++) {
            if (!runs_at(v, rate))
                continue;
            for (uint32_t trial = 0; trial < 40; trial++) {
                random_state = trial + 1;
                struct unit_host *const h = open_unit(v, width, rate, 48000);
                for (int block = 0; block < 20; block++) {
                    for (uint32_t i = 0; i < h->b.n_in; i++) {
                        const enum ph_quantity q = row_of(v->id, i)->quantity;
                        const bool at_birth = q == PH_SECONDS && i == 1; /* sizes the memory */
                        if (v->id == PH_UNIT_ENV_GEN && i >= 5)
                            continue;
                        if (block > 0 && (at_birth || trial % 4 == 3))
                            continue; /* every fourth trial stands still */
                        host_set(h, i, trial % 2 && rate == AR ? AR : rate == IR ? IR : KR,
                                 at_birth ? 0.2f : extreme(q));
                        if (trial % 2 && rate == AR && !at_birth)
                            for (uint32_t n = 0; n < wire_floats(h); n++)
                                h->in[i][n] = extreme(q);
                    }
                    if (block == 0)
                        host_init(h);
                    host_block(h);
                    check_finite(h, v, "extremes");
                }
                host_free(h);
            }
        }
}
END_TEST

/** Sum of squares of a lane's difference and signal over all that it writes. */
static void compare_lane(const struct unit_host *wide, const struct unit_host *one, int k,
                         double *difference, double *signal)
{
    const uint32_t n = wire_floats(one);
    for (uint32_t o = 0; o < one->b.n_out; o++)
        for (uint32_t i = 0; i < n; i++) {
            const double a = wide->out[o][i * wide->width + (uint32_t)k], b = one->out[o][i];
            *difference += (a - b) * (a - b);
            *signal += b * b;
        }
    const int bus = k % HOST_BUSES; /* lane k plays on bus k */
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++) {
        const double a = wide->audio[bus].frames[i], b = one->audio[bus].frames[i];
        *difference += (a - b) * (a - b);
        *signal += b * b;
    }
    *difference += pow(wide->control[bus] - one->control[bus], 2);
    *signal += pow(one->control[bus], 2);
    ck_assert_uint_eq(wide->node[k].done, one->node[0].done);
    ck_assert_uint_eq(wide->node[k].flags, one->node[0].flags);
}

static void check_lanes(const struct variant *v, uint8_t rate)
{
    const int lanes = (int)host_wide();
    random_state = 5;
    struct unit_host *const wide = open_unit(v, host_wide(), rate, 48000);
    struct unit_host *one[DSP_LANES_MAX];
    double difference[DSP_LANES_MAX] = { 0 }, signal[DSP_LANES_MAX] = { 0 };
    for (int k = 0; k < lanes; k++) {
        one[k] = open_unit(v, 1, rate, 48000);
        one[k]->b.seed = wide->b.seed + (uint64_t)k;
    }
    for (int block = 0; block < BLOCKS; block++) {
        for (uint32_t i = 0; i < wide->b.n_in; i++) {
            const enum ph_quantity q = row_of(v->id, i)->quantity;
            if (v->id == PH_UNIT_ENV_GEN && i >= 5)
                continue;
            /* one third of the inputs constant, one at control rate, one at audio rate */
            const bool names = q == PH_BUS || q == PH_BUFFER || q == PH_ACTION;
            const uint8_t in_rate = names || rate == IR ? IR : i % 3 == 0 ? rate : i % 3 == 1 ? KR : IR;
            if (block > 0 && in_rate == IR)
                continue;
            wide->in_rate[i] = in_rate;
            for (int k = 0; k < lanes; k++) {
                one[k]->in_rate[i] = in_rate;
                for (uint32_t n = 0; n < (in_rate == AR ? DSP_BLOCK_FRAMES : 1u); n++) {
                    const float x = q == PH_BUS ? (float)k : q == PH_ACTION ? 2 : plausible(q);
                    wide->in[i][n * wide->width + (uint32_t)k] = one[k]->in[i][n] = x;
                }
            }
        }
        if (block == 0)
            host_init(wide);
        host_block(wide);
        for (int k = 0; k < lanes; k++) {
            if (block == 0)
                host_init(one[k]);
            host_block(one[k]);
            compare_lane(wide, one[k], k, &difference[k], &signal[k]);
        }
    }
    for (int k = 0; k < lanes; k++) {
        const double db = 10 * log10((difference[k] + 1e-30) / (signal[k] + 1e-18));
        ck_assert_msg(db < -110, "%s %d rate %d lane %d: %g dB", name_of(v), v->special, rate, k, db);
        host_free(one[k]);
    }
    host_free(wide);
}

START_TEST(lanes_side_by_side_are_lanes_alone)
{
    const struct variant *const v = &variants[_i];
    for (uint8_t rate = IR; rate <= AR; rate++)
        if (runs_at(v, rate) && !is_narrow(v->id))
            check_lanes(v, rate);
}
END_TEST

int main(int argc, char **argv)
{
    list_variants();
    TCase *const c = tcase_create("units");
    tcase_add_loop_test(c, every_row_has_a_kernel_and_a_wide_form_or_a_reason, 0, n_variants);
    tcase_add_loop_test(c, the_first_frame_is_finite, 0, n_variants);
    tcase_add_loop_test(c, silence_in_gives_finite_out_at_two_rates, 0, n_variants);
    tcase_add_loop_test(c, audio_units_dont_notice_how_blocks_are_cut, 0, n_variants);
    tcase_add_loop_test(c, extreme_inputs_give_finite_output, 0, n_variants);
    tcase_add_loop_test(c, lanes_side_by_side_are_lanes_alone, 0, n_variants);
    return host_run(argc, argv, "units", c);
}
