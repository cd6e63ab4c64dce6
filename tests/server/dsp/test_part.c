/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_part.c - control units of a synth that starts within a block.            */
/*                                                                                                */
/* Its calls end a part p, p + 1, p + 2 .. blocks after its start, those of one that starts with  */
/* a block 1, 2, 3 .. : between two values of these lie its own. Where something only changes     */
/* from call to call, the changes are compared.                                                   */
#include "tests/server/dsp/unit_host.h"

enum { N_CALLS = 100, N_INPUTS = 17 };
#define RATE_HZ 48000.0f
/* so many calls, and a little: durations are cut off */
#define CALLS(n) ((float)(n) * 64 / RATE_HZ + 1e-6f)
#define PULSE NAN /* an input that is 1 at birth and in the first call, then 0 */
#define STEP INFINITY /* 0 at birth, then 1 */
#define COUNT (-INFINITY) /* the call's number, 0 at birth */

struct part_case {
    enum ph_unit id;
    uint32_t n_inputs;
    float inputs[N_INPUTS];
    bool grows; /* the first value is a part of the way from what was before it, if that is known */
};

static void give(struct unit_host *h, const struct part_case *c, int call)
{
    for (uint32_t i = 0; i < c->n_inputs; i++) {
        const float x = c->inputs[i];
        const float value = isnan(x)    ? (call < 1 ? 1.0f : 0.0f)
                            : x == STEP  ? (call < 0 ? 0.0f : 1.0f)
                            : x == COUNT ? (float)(call < 0 ? 0 : call)
                                         : x;
        host_set(h, i, KR, value);
    }
}

/** A sine as a wavetable of 512 places, and a case's unit. */
static struct unit_host *part_host(const struct part_case *c, uint32_t width, uint32_t first)
{
    struct unit_host *const h = host_new(c->id, 0, width, KR, RATE_HZ);
    for (uint32_t i = 0; i < 512; i++) {
        const float a = sinf(0.0122718463f * (float)i), b = sinf(0.0122718463f * (float)(i + 1));
        h->sample[2 * i] = 2 * a - b;
        h->sample[2 * i + 1] = b - a;
    }
    h->buffers[0] = h->buffers[1] = (struct dsp_buffer){ h->sample, 1024, 1, RATE_HZ, 0 };
    h->b.seed = 7;
    give(h, c, -1);
    for (uint32_t k = 0; k < width; k++)
        h->node[k].first_frame = first;
    host_init(h);
    return h;
}

/** What the unit gave before its first frame, as a client's synth has it. */
static float born(struct unit_host *h)
{
    const uint32_t first = h->node[0].first_frame;
    if (!h->unit->birth)
        return NAN;
    h->node[0].first_frame = 0;
    h->unit->birth(h->state, &h->b);
    h->node[0].first_frame = first;
    return h->out[0][0];
}

/** Values of a synth that starts at frame `first`. @return the one before them */
static float values(const struct part_case *c, uint32_t first, float v[N_CALLS])
{
    struct unit_host *const h = part_host(c, 1, first);
    const float before = born(h);
    for (int j = 0; j < N_CALLS; j++) {
        give(h, c, j);
        host_call(h, j == 0 ? first : 0, 1);
        v[j] = h->out[0][0];
    }
    host_free(h);
    return before;
}

#define ENV(shape, curve)                                                                          \
    { PH_UNIT_ENV_GEN, 17, { 1, 1, 0, 1, 0, 0.1f, 2, -99, -99, 1, CALLS(12), shape, curve, 0.3f,   \
                             CALLS(14), shape, curve }, true }

static const struct part_case lines[] = {
    ENV(1, 0), ENV(2, 0), ENV(3, 0), ENV(4, 0), ENV(5, -4), ENV(5, 3), ENV(6, 0), ENV(7, 0),
    { PH_UNIT_LINEN, 5, { 1, CALLS(12), 0.7f, 1, 0 }, true },
    { PH_UNIT_LINE, 4, { 0.1f, 1, 0.2f, 0 }, false },
    { PH_UNIT_XLINE, 4, { 0.1f, 1, 0.2f, 0 }, false },
    { PH_UNIT_SIN_OSC, 2, { 8, 0.4f }, false },
    { PH_UNIT_SIN_OSC_FB, 2, { 8, 0.4f }, false },
    { PH_UNIT_F_SIN_OSC, 2, { 8, 0.4f }, false },
    { PH_UNIT_OSC, 3, { 0, 8, 0.4f }, false },
    { PH_UNIT_C_OSC, 3, { 0, 8, 2 }, false },
    { PH_UNIT_V_OSC, 3, { 0, 8, 0.4f }, false },
    { PH_UNIT_LF_SAW, 2, { 3, 0.1f }, false },
    { PH_UNIT_LF_TRI, 2, { 8, 0.1f }, false },
    { PH_UNIT_LF_PAR, 2, { 8, 0.1f }, false },
    { PH_UNIT_LF_CUB, 2, { 8, 0.1f }, false },
    { PH_UNIT_VAR_SAW, 3, { 8, 0.1f, 0.9f }, false },
    { PH_UNIT_SYNC_SAW, 2, { 1, 3 }, false },
    { PH_UNIT_LF_GAUSS, 5, { 0.15f, 0.3f, 0, 0, 0 }, false },
    { PH_UNIT_VIBRATO, 9, { 3, 8, 0.1f, 0, 0, 0, 0, 0, 0 }, false },
    { PH_UNIT_LF_NOISE1, 1, { 60 }, false },
    { PH_UNIT_LF_NOISE2, 1, { 60 }, false },
    { PH_UNIT_LFD_NOISE1, 1, { 60 }, true },
    { PH_UNIT_LFD_NOISE3, 1, { 60 }, true },
    { PH_UNIT_SWEEP, 2, { 0, 10 }, true },
    { PH_UNIT_PHASOR, 5, { 0, 0.3f, 0.2f, 100, 0 }, false },
    { PH_UNIT_SLEW, 3, { STEP, 5, 5 }, true },
    { PH_UNIT_RAMP, 2, { STEP, CALLS(12) }, true },
    { PH_UNIT_VAR_LAG, 2, { STEP, CALLS(12) }, true },
    { PH_UNIT_DECAY, 2, { PULSE, 0.1f }, false },
    { PH_UNIT_DECAY2, 3, { PULSE, 0.02f, 0.1f }, false },
    { PH_UNIT_DEMAND_ENV_GEN, 10, { STEP, CALLS(12), 1, 0, 1, 0, 1, 0, 1, 0 }, true }
};

/**
 * How much v bends where it is read between call j - 1 and
 * j: a corner there is cut by up to half of it.
 */
static double bend(const float v[N_CALLS], int j)
{
    double most = 0;
    for (int i = j > 1 ? j - 1 : 1; i <= j && i + 1 < N_CALLS; i++)
        most = fmax(most, fabs((double)v[i + 1] - 2.0 * v[i] + v[i - 1]));
    return most;
}

START_TEST(values_are_where_the_sound_is_at_the_end_of_their_call)
{
    const struct part_case *const c = &lines[_i];
    for (uint32_t first = 1; first < 64; first += 31) {
        const double p = 1.0 - first / 64.0;
        float v[N_CALLS], u[N_CALLS];
        const float before = values(c, 0, v);
        values(c, first, u);
        const double start = c->grows ? before + p * ((double)v[0] - before) : (double)v[0];
        ck_assert_msg(isnan(start) || fabs(u[0] - start) < 1e-5 + bend(v, 1) / 2,
                      "%s from %u: begins with %g, not %g", ph_units[c->id].name, first, u[0],
                      start);
        for (int j = 1; j < N_CALLS; j++) {
            const double want = v[j - 1] + p * ((double)v[j] - v[j - 1]);
            ck_assert_msg(fabs(u[j] - want) < 1e-5 + bend(v, j) / 2,
                          "%s from %u: call %d is %g, not %g", ph_units[c->id].name, first, j, u[j],
                          want);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------- changes */

static const struct part_case changes[] = {
    { PH_UNIT_LF_PULSE, 3, { 57, 0.1f, 0.4f }, false },
    { PH_UNIT_IMPULSE, 2, { 57, 0.1f }, false },
    { PH_UNIT_LF_NOISE0, 1, { 57 }, false },
    { PH_UNIT_LF_CLIP_NOISE, 1, { 140 }, false },
    { PH_UNIT_LFD_NOISE0, 1, { 57 }, false },
    { PH_UNIT_DUTY, 4, { CALLS(5), 0, 0, COUNT }, false },
    { PH_UNIT_T_DUTY, 5, { CALLS(5), 0, 0, COUNT, 0 }, false },
    { PH_UNIT_TRIG1, 2, { 1, CALLS(5) }, false },
    { PH_UNIT_T_DELAY, 2, { 1, CALLS(5) }, false }
};

/** The first call behind call j with another value. */
static int next_change(const float v[N_CALLS], int j)
{
    for (j++; j < N_CALLS; j++)
        if (v[j] != v[j - 1])
            return j;
    return N_CALLS;
}

/**
 * Where a phase decides, one by one they are a call early or
 * late at most; but on the average neither.
 */
START_TEST(changes_come_where_they_belong)
{
    const struct part_case *const c = &changes[_i];
    for (uint32_t first = 1; first < 64; first += 31) {
        const double p = 1.0 - first / 64.0;
        float v[N_CALLS], u[N_CALLS];
        values(c, 0, v);
        values(c, first, u);
        int j = next_change(v, 0), k = next_change(u, 0), n = 0;
        double sum = 0;
        for (; j < N_CALLS - 1 && k < N_CALLS; j = next_change(v, j), k = next_change(u, k), n++) {
            const double late = k - 1 + p - j; /* call k begins so many blocks after the start */
            ck_assert_msg(fabs(late) < 1, "%s from %u: change %d is %g blocks late",
                          ph_units[c->id].name, first, n, late);
            sum += late;
        }
        ck_assert_msg(n > 0 && j >= N_CALLS - 2, "%s from %u: %d changes", ph_units[c->id].name,
                      first, n);
        ck_assert_msg(fabs(sum / n) < 0.5 + 1e-6, "%s from %u: %d changes are %g blocks late",
                      ph_units[c->id].name, first, n, sum / n);
    }
}
END_TEST

START_TEST(a_timer_counts_a_first_block_by_its_part)
{
    static const struct part_case timer = { PH_UNIT_TIMER, 1, { -1 }, false };
    struct unit_host *const h = part_host(&timer, 1, 48);
    for (int j = 0; j < 10; j++) {
        host_set(h, 0, KR, j == 9 ? 1.0f : -1.0f);
        host_call(h, j == 0 ? 48 : 0, 1);
    }
    /* crosses 0 halfway */
    ck_assert_double_eq_tol(h->out[0][0], (10 - 0.75 + 0.5) * 64 / 48000, 1e-7);
    host_free(h);
}
END_TEST

/* -------------------------------------------------------------------------- gates, ends, lanes */

/** EnvGen or Linen with a gate; both end their synth. */
static const struct part_case gated[] = {
    { PH_UNIT_ENV_GEN, 17,
      { 1, 1, 0, 1, 2, 0, 2, 1, -99, 0.8f, CALLS(6), 1, 0, 0, CALLS(9), 5, -4 }, true },
    { PH_UNIT_LINEN, 5, { 1, CALLS(6), 0.8f, CALLS(9), 2 }, true }
};

/** Runs a gated case until it is done. @return the call in which it asks for its end */
static int end_of(const struct part_case *c, uint32_t first, int closes, float v[N_CALLS])
{
    struct unit_host *const h = part_host(c, 1, first);
    int end = -1;
    for (int j = 0; j < N_CALLS && end < 0; j++) {
        give(h, c, j);
        if (j >= closes)
            host_set(h, 0, KR, 0);
        h->node[0].done = 0;
        host_call(h, j == 0 ? first : 0, 1);
        v[j] = h->out[0][0];
        end = h->node[0].done ? j : -1;
    }
    host_free(h);
    return end;
}

START_TEST(a_gate_acts_in_its_call_and_what_it_releases_ends_as_ever)
{
    float v[N_CALLS] = { 0 }, u[N_CALLS] = { 0 };
    const int end = end_of(&gated[_i], 0, 12, v), late = end_of(&gated[_i], 40, 12, u);
    ck_assert_int_eq(late, end);
    for (int j = 12; j <= end; j++)
        ck_assert_float_eq(u[j], v[j]);
}
END_TEST

START_TEST(a_gate_within_the_attack_makes_no_jump)
{
    float u[N_CALLS] = { 0 };
    const int end = end_of(&gated[_i], 40, 4, u);
    ck_assert_int_gt(end, 4);
    for (int j = 1; j <= end; j++)
        ck_assert_msg(fabsf(u[j] - u[j - 1]) < 0.36f, "call %d: %g after %g", j, u[j], u[j - 1]);
    ck_assert_float_eq(u[end], 0);
}
END_TEST

/** What ends by itself has arrived when its synth ends, less than a block later than on a block. */
START_TEST(the_end_comes_when_it_is_reached)
{
    static const struct part_case perc = {
        PH_UNIT_ENV_GEN, 17,
        { 1, 1, 0, 1, 2, 0, 2, -99, -99, 0.8f, CALLS(6), 1, 0, 0, CALLS(9), 1, 0 }, true
    };
    float v[N_CALLS] = { 0 }, u[N_CALLS] = { 0 };
    const int end = end_of(&perc, 0, N_CALLS, v), late = end_of(&perc, 16, N_CALLS, u);
    ck_assert_int_eq(late, end + 1);
    ck_assert_float_eq(u[late], 0);
    ck_assert_float_gt(u[late - 1], 0);
}
END_TEST

/** It joins others after its first block. */
START_TEST(a_voice_is_the_same_among_others)
{
    const struct part_case *const c = &lines[_i];
    if (!host_kernels->wide(c->id, 0))
        return;
    struct unit_host *const one = part_host(c, 1, 23), *const wide = part_host(c, host_wide(), 0);
    give(one, c, 0);
    host_call(one, 23, 1);
    for (uint32_t k = 0; k < host_wide(); k++)
        host_move(wide, k, one, 0);
    for (int j = 1; j < N_CALLS; j++) {
        give(one, c, j);
        give(wide, c, j);
        host_call(one, 0, 1);
        host_call(wide, 0, 1);
        for (uint32_t k = 0; k < host_wide(); k++)
            ck_assert_msg(memcmp(&wide->out[0][k], one->out[0], 4) == 0,
                          "%s: call %d is %.9g, alone %.9g", ph_units[c->id].name, j,
                          wide->out[0][k], one->out[0][0]);
    }
    host_free(wide);
    host_free(one);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("part");
    const int n_lines = (int)(sizeof lines / sizeof *lines);
    tcase_add_loop_test(c, values_are_where_the_sound_is_at_the_end_of_their_call, 0, n_lines);
    tcase_add_loop_test(c, changes_come_where_they_belong, 0,
                        (int)(sizeof changes / sizeof *changes));
    tcase_add_test(c, a_timer_counts_a_first_block_by_its_part);
    tcase_add_loop_test(c, a_gate_acts_in_its_call_and_what_it_releases_ends_as_ever, 0, 2);
    tcase_add_loop_test(c, a_gate_within_the_attack_makes_no_jump, 0, 2);
    tcase_add_test(c, the_end_comes_when_it_is_reached);
    tcase_add_loop_test(c, a_voice_is_the_same_among_others, 0, n_lines);
    return host_run(argc, argv, "part", c);
}
