/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_draw.c - random values at birth and at triggers, choices, seeds.         */
#include "tests/server/dsp/unit_host.h"

enum { N = 20000 };
static float drawn[N];

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/**
 * The largest distance of the values' distribution from `share(x)`, as a multiple of what is usual.
 */
static double distance(double (*share)(double))
{
    double worst = 0;
    qsort(drawn, N, sizeof *drawn, by_value);
    for (int i = 0; i < N; i++) {
        const double p = share(drawn[i]);
        worst = fmax(worst, fmax(fabs(p - i / (double)N), fabs(p - (i + 1) / (double)N)));
    }
    return worst * sqrt(N);
}

/**
 * Kolmogorov and Smirnov: more than this happens once in 30000 samples of the right distribution.
 */
static const double usual = 2.4;

/** The value of N synths. */
static void draw_at_birth(enum ph_unit id, float lo, float hi, float shape)
{
    struct unit_host *const h = host_new(id, 0, 1, IR, 48000);
    host_set(h, 0, IR, lo);
    host_set(h, 1, IR, hi);
    if (h->b.n_in > 2)
        host_set(h, 2, IR, shape);
    for (int i = 0; i < N; i++) {
        h->b.seed = 1000 + (uint64_t)i;
        host_init(h);
        host_call(h, 0, 1);
        drawn[i] = h->out[0][0];
    }
    host_free(h);
}

/** One synth, N triggers. */
static void draw_at_triggers(enum ph_unit id, float lo, float hi)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 0, IR, lo);
    host_set(h, 1, IR, hi);
    host_set(h, 2, AR, 0);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i += 2)
        h->in[2][i] = 1;
    host_init(h);
    host_block(h);
    for (int at = 0; at < N; at += DSP_BLOCK_FRAMES / 2) {
        host_block(h);
        for (int i = 0; i < DSP_BLOCK_FRAMES / 2 && at + i < N; i++) {
            drawn[at + i] = h->out[0][2 * i];
            ck_assert_float_eq(h->out[0][2 * i + 1], h->out[0][2 * i]);
        }
    }
    host_free(h);
}

static double even(double x) { return (x + 2) / 5; }
static double in_octaves(double x) { return log(x / 0.01) / log(1000); }
static double to_low(double x) { return 1 - (1 - x) * (1 - x); }
static double to_high(double x) { return x * x; }
/** The sum of three even values, Irwin and Hall 1927; here their mean. */
static double three(double x)
{
    const double s = 3 * x, t = fmax(s - 1, 0), u = fmax(s - 2, 0);
    return (s * s * s - 3 * t * t * t + 3 * u * u * u) / 6;
}

START_TEST(values_at_birth_are_distributed_as_their_formula)
{
    draw_at_birth(PH_UNIT_RAND, -2, 3, 0);
    ck_assert_double_lt(distance(even), usual);
    draw_at_birth(PH_UNIT_EXP_RAND, 0.01f, 10, 0);
    ck_assert_double_lt(distance(in_octaves), usual);
    draw_at_birth(PH_UNIT_LIN_RAND, 0, 1, 0);
    ck_assert_double_lt(distance(to_low), usual);
    draw_at_birth(PH_UNIT_LIN_RAND, 0, 1, 1);
    ck_assert_double_lt(distance(to_high), usual);
    draw_at_birth(PH_UNIT_N_RAND, 0, 1, 3);
    ck_assert_double_lt(distance(three), usual);
    draw_at_birth(PH_UNIT_N_RAND, -2, 3, 0); /* counts as 1 */
    ck_assert_double_lt(distance(even), usual);
}
END_TEST

START_TEST(values_at_triggers_are_distributed_as_their_formula)
{
    draw_at_triggers(PH_UNIT_T_RAND, -2, 3);
    ck_assert_double_lt(distance(even), usual);
    draw_at_triggers(PH_UNIT_T_EXP_RAND, 0.01f, 10);
    ck_assert_double_lt(distance(in_octaves), usual);
}
END_TEST

/** Counts of -3 .. 3; anything else fails. */
static void check_whole_numbers(void)
{
    int counts[7] = { 0 };
    for (int i = 0; i < N; i++) {
        ck_assert(drawn[i] >= -3 && drawn[i] <= 3 && drawn[i] == floorf(drawn[i]));
        counts[(int)drawn[i] + 3]++;
    }
    for (int i = 0; i < 7; i++) /* five standard deviations */
        ck_assert_double_eq_tol(counts[i], N / 7.0, 5 * sqrt(N * 6 / 49.0));
}

START_TEST(whole_numbers_include_both_limits_equally)
{
    draw_at_birth(PH_UNIT_I_RAND, -3, 3, 0);
    check_whole_numbers();
    draw_at_triggers(PH_UNIT_TI_RAND, -3.9f, 3.9f);
    check_whole_numbers();
}
END_TEST

START_TEST(limits_without_sense_give_finite_values)
{
    const enum ph_unit ids[] = { PH_UNIT_I_RAND, PH_UNIT_EXP_RAND, PH_UNIT_TI_RAND,
                                 PH_UNIT_T_EXP_RAND };
    const float limits[] = { NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0, 1e-40f };
    for (int u = 0; u < 4; u++)
        for (int lo = 0; lo < 7; lo++)
            for (int hi = 0; hi < 7; hi++) {
                struct unit_host *const h = host_new(ids[u], 0, 1, u < 2 ? IR : KR, 48000);
                host_set(h, 0, IR, limits[lo]);
                host_set(h, 1, IR, limits[hi]);
                host_init(h);
                host_call(h, 0, 1);
                REQUIRE(isfinite(h->out[0][0]), "unit %d, %g .. %g: %g", u, (double)limits[lo],
                        (double)limits[hi], (double)h->out[0][0]);
                host_free(h);
            }
}
END_TEST

START_TEST(coin_gate_lets_its_share_through)
{
    struct unit_host *const h = host_new(PH_UNIT_COIN_GATE, 0, 1, AR, 48000);
    host_set(h, 0, IR, 0.3f);
    host_set(h, 1, AR, 0);
    for (int i = 1; i < DSP_BLOCK_FRAMES; i += 2)
        h->in[1][i] = 0.5f;
    host_init(h);
    int passed = 0, n = 0;
    for (int block = 0; block < 500; block++) {
        host_block(h);
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++) {
            ck_assert(h->out[0][i] == 0 || (i % 2 && h->out[0][i] == 0.5f));
            passed += h->out[0][i] != 0;
            n += i % 2;
        }
    }
    ck_assert_double_eq_tol(passed, 0.3 * n, 5 * sqrt(0.3 * 0.7 * n));
    host_free(h);
}
END_TEST

START_TEST(twindex_draws_as_often_as_the_weights_say)
{
    const float weights[] = { 2, 0, 3, 5 };
    struct unit_host *const h = host_new(PH_UNIT_T_WINDEX, 0, 1, KR, 48000);
    host_set(h, 1, IR, 1);
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, 2 + i, IR, weights[i]);
    host_set(h, 0, KR, 0);
    host_init(h);
    int counts[4] = { 0 };
    for (int i = 0; i < 2 * N; i++) {
        h->in[0][0] = (float)(i % 2);
        host_block(h);
        if (i % 2)
            counts[(int)h->out[0][0]]++;
    }
    for (int i = 0; i < 4; i++) {
        const double p = (double)weights[i] / 10;
        ck_assert_double_eq_tol(counts[i], N * p, 5 * sqrt(N * p * (1 - p)) + 0.5);
    }
    host_free(h);
}
END_TEST

/* ------------------------------------------------------------------------------------- RandSeed */

enum { FRAMES = 8 * DSP_BLOCK_FRAMES };
static float before[2][FRAMES], after[2][FRAMES], again[2][FRAMES];

/** RandSeed, WhiteNoise and LFNoise0 of one synth. */
struct synth { struct unit_host *seed, *noise[2]; };

static struct synth synth_new(uint64_t seed, uint64_t block)
{
    struct synth s = { host_new(PH_UNIT_RAND_SEED, 0, 1, KR, 48000),
                       { host_new(PH_UNIT_WHITE_NOISE, 0, 1, AR, 48000),
                         host_new(PH_UNIT_LF_NOISE0, 0, 1, AR, 48000) } };
    s.seed->env.block = block;
    host_set(s.seed, 0, KR, 0);
    host_set(s.seed, 1, IR, 1956);
    host_init(s.seed);
    for (int i = 0; i < 2; i++) {
        s.noise[i]->b.node = s.seed->node;
        s.noise[i]->b.seed = seed + (uint64_t)i;
        host_set(s.noise[1], 0, IR, 48000);
        host_init(s.noise[i]);
    }
    return s;
}

static void synth_free(struct synth *s)
{
    host_free(s->seed);
    host_free(s->noise[0]);
    host_free(s->noise[1]);
}

/** The trigger is open in the first of the blocks only. */
static void synth_render(struct synth *s, bool seeds, float (*to)[FRAMES])
{
    for (int at = 0; at < FRAMES; at += DSP_BLOCK_FRAMES) {
        s->seed->in[0][0] = at == 0 && seeds;
        host_block(s->seed);
        for (int i = 0; i < 2; i++) {
            host_block(s->noise[i]);
            memcpy(to[i] + at, s->noise[i]->out[0], DSP_BLOCK_FRAMES * sizeof(float));
        }
    }
}

START_TEST(the_same_seed_gives_the_same_sequence_in_two_synths_and_again_in_one)
{
    struct synth one = synth_new(7, 1000), two = synth_new(8, 5);
    synth_render(&one, false, before);
    synth_render(&one, true, after);
    synth_render(&two, false, again);
    ck_assert(memcmp(before, again, sizeof before) != 0);
    synth_render(&two, true, again);
    ck_assert(memcmp(after, again, sizeof after) == 0);
    ck_assert(memcmp(before, after, sizeof before) != 0);
    ck_assert(memcmp(after[0], after[1], sizeof after[0]) != 0); /* each its own sequence */
    synth_render(&one, false, before);
    ck_assert(memcmp(before, after, sizeof before) != 0);
    synth_render(&one, true, again);
    ck_assert(memcmp(after, again, sizeof after) == 0);
    synth_free(&one);
    synth_free(&two);
}
END_TEST

START_TEST(another_seed_gives_another_sequence)
{
    struct synth one = synth_new(7, 10), two = synth_new(7, 10);
    host_set(two.seed, 1, IR, 1957);
    synth_render(&one, true, before);
    synth_render(&two, true, after);
    for (int i = 0; i < 2; i++)
        ck_assert(memcmp(before[i], after[i], sizeof before[i]) != 0);
    synth_free(&one);
    synth_free(&two);
}
END_TEST

START_TEST(values_at_birth_follow_the_seed)
{
    float values[2];
    for (uint64_t i = 0; i < 2; i++) {
        struct synth s = synth_new(20 + i, 10);
        struct unit_host *const value = host_new(PH_UNIT_RAND, 0, 1, IR, 48000);
        host_set(value, 0, IR, 0);
        host_set(value, 1, IR, 1);
        value->b.node = s.seed->node;
        value->b.seed = 30 + i;
        s.seed->in[0][0] = 1;
        host_block(s.seed);
        host_init(value);
        host_call(value, 0, 1);
        values[i] = value->out[0][0];
        host_free(value);
        synth_free(&s);
    }
    ck_assert_float_eq(values[0], values[1]);
}
END_TEST

/** A synth that takes over keeps its generators; its RandSeed, too, must be heard. */
START_TEST(a_successor_is_seeded_in_spite_of_what_its_units_have_seen)
{
    struct synth one = synth_new(7, 10), two = synth_new(7, 30);
    synth_render(&one, true, before);
    host_move(two.noise[0], 0, one.noise[0], 0);
    host_move(two.noise[1], 0, one.noise[1], 0);
    synth_render(&two, false, after);
    ck_assert(memcmp(before, after, sizeof before) != 0);
    synth_render(&two, true, after);
    ck_assert(memcmp(before, after, sizeof before) == 0);
    synth_free(&one);
    synth_free(&two);
}
END_TEST

enum { DR = 3 }; /* PH_DEMAND */

/** Units that draw, and inputs with which it is heard. */
static const struct {
    enum ph_unit id;
    uint8_t rate;
    bool forgets; /* what it has drawn */
    float in[9];
} drawing[] = {
    { PH_UNIT_DWHITE, DR, true, { 1e6f, 0, 1 } },
    { PH_UNIT_DIWHITE, DR, true, { 1e6f, 0, 1000 } },
    { PH_UNIT_DBROWN, DR, false, { 1e6f, 0, 1, 0.1f } },
    { PH_UNIT_DRAND, DR, true, { 1e6f, 1, 2, 3, 4, 5, 6 } },
    { PH_UNIT_DXRAND, DR, false, { 1e6f, 1, 2, 3, 4, 5, 6 } },
    { PH_UNIT_DSHUF, DR, false, { 1e6f, 1, 2, 3, 4, 5, 6, 7 } },
    { PH_UNIT_GENDY1, AR, false, { 1, 1, 1, 1, 440, 660, 0.5f, 0.5f, 12 } },
    { PH_UNIT_VIBRATO, KR, false, { 400, 30, 0.1f, 0, 0, 0.4f, 0.4f } },
    { PH_UNIT_PLUCKED_STRING, AR, false, { 440, 0.5f, 1 } },
};

/**
 * What unit i draws in a synth of seed `own`, seeded before
 * birth or, `late`, after its first values.
 */
static void draw_seeded(int i, uint64_t own, bool seeds, bool late, float *to)
{
    struct unit_host *const h = host_new(drawing[i].id, 0, 1, drawing[i].rate, 48000);
    if (drawing[i].rate == DR) /* lists of any length */
        h->b.n_in = drawing[i].id == PH_UNIT_DWHITE || drawing[i].id == PH_UNIT_DIWHITE ? 3 : 8;
    for (uint32_t k = 0; k < h->b.n_in && k < 9; k++)
        host_set(h, k, IR, drawing[i].in[k]);
    h->b.seed = own;
    h->node[0].random_seed = 1956;
    h->node[0].seeded = seeds && !late;
    host_init(h);
    if (late) {
        host_call(h, 0, 1);
        h->node[0].seeded = seeds;
    }
    for (int at = 0; at < FRAMES; at++) {
        host_call(h, 0, 1);
        to[at] = h->out[0][0];
    }
    host_free(h);
}

START_TEST(every_unit_that_draws_hears_the_seed)
{
    for (int late = 0; late < 2; late++) {
        draw_seeded(_i, 7, false, late, before[0]);
        draw_seeded(_i, 8, false, late, before[1]);
        draw_seeded(_i, 7, true, late, after[0]);
        draw_seeded(_i, 8, true, late, after[1]);
        const char *const name = ph_units[drawing[_i].id].name;
        REQUIRE(memcmp(before[0], before[1], sizeof *before) != 0, "%s", name);
        if (late && !drawing[_i].forgets)
            continue;
        REQUIRE(memcmp(after[0], after[1], sizeof *after) == 0, "%s, %d", name, late);
        REQUIRE(memcmp(before[0], after[0], sizeof *after) != 0, "%s, %d", name, late);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("draw");
    tcase_add_test(c, values_at_birth_are_distributed_as_their_formula);
    tcase_add_test(c, values_at_triggers_are_distributed_as_their_formula);
    tcase_add_test(c, whole_numbers_include_both_limits_equally);
    tcase_add_test(c, limits_without_sense_give_finite_values);
    tcase_add_test(c, coin_gate_lets_its_share_through);
    tcase_add_test(c, twindex_draws_as_often_as_the_weights_say);
    tcase_add_test(c, the_same_seed_gives_the_same_sequence_in_two_synths_and_again_in_one);
    tcase_add_test(c, another_seed_gives_another_sequence);
    tcase_add_test(c, values_at_birth_follow_the_seed);
    tcase_add_test(c, a_successor_is_seeded_in_spite_of_what_its_units_have_seen);
    tcase_add_loop_test(c, every_unit_that_draws_hears_the_seed, 0,
                        sizeof drawing / sizeof *drawing);
    return host_run(argc, argv, "draw", c);
}
