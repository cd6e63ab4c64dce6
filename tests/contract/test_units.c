/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/contract/test_units.c - what every unit of the table promises, at both lane widths.      */
#include "tests/contract/variants.h"

enum { BLOCKS = 60 };

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
        for (int i = 0; i < DSP_BLOCK_FRAMES && h->audio[bus].touched == h->env.block - 1; i++)
            REQUIRE(isfinite(h->audio[bus].frames[i]), "%s: bus, %s", name_of(v), when);
}

/* ------------------------------------------------------------------------------------- tests */

START_TEST(every_row_has_a_kernel)
{
    const struct variant *const v = &variants[_i];
    ck_assert_ptr_nonnull(host_kernels->narrow(v->id, v->special));
}
END_TEST

START_TEST(the_first_frame_is_finite)
{
    const struct variant *const v = &variants[_i];
    for (uint32_t width = 1; width; width = host_wider(width))
        for (uint8_t rate = IR; rate <= AR && has_form(v, width); rate++) {
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
        if (quantity_of(v->id, i) == PH_AMP || quantity_of(v->id, i) == PH_REST_AMP)
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
        for (uint8_t rate = IR; rate <= AR && has_form(v, width); rate++)
            if (runs_at(v, rate)) {
                feed_silence(v, width, rate, 44100);
                feed_silence(v, width, rate, 96000);
            }
}
END_TEST

/*
 * Units that compute several frames in one step: which frames share a step follows from where a
 * block is cut, so that a cut may show as rounding.
 */
static const enum ph_unit in_steps[] = {
    PH_UNIT_SAW, PH_UNIT_PULSE, PH_UNIT_FREE_VERB, PH_UNIT_FREE_VERB2, PH_UNIT_ENV_GEN,
    PH_UNIT_LINE,
    PH_UNIT_XLINE
};

static bool computes_in_steps(enum ph_unit id)
{
    for (uint32_t i = 0; i < sizeof in_steps / sizeof *in_steps; i++)
        if (in_steps[i] == id)
            return true;
    return false;
}

/* Units whose parameters count once per call, or in a pattern from its start, as in scsynth's. */
static const enum ph_unit by_call[] = {
    PH_UNIT_B_LOW_PASS, PH_UNIT_B_HI_PASS, PH_UNIT_B_BAND_PASS, PH_UNIT_B_BAND_STOP,
    PH_UNIT_B_ALL_PASS, PH_UNIT_B_PEAK_EQ, PH_UNIT_BRF, PH_UNIT_MID_EQ, PH_UNIT_RESONZ,
    PH_UNIT_RINGZ, PH_UNIT_FORMLET,
    PH_UNIT_B_LOW_SHELF, PH_UNIT_B_HI_SHELF, PH_UNIT_LEAK_DC, PH_UNIT_LAG, PH_UNIT_LAG2,
    PH_UNIT_LAG3,
    PH_UNIT_DECAY, PH_UNIT_DECAY2, PH_UNIT_LAG_UD, PH_UNIT_LAG2_UD, PH_UNIT_LAG3_UD, PH_UNIT_RAMP,
    PH_UNIT_SLEW, PH_UNIT_INTEGRATOR, PH_UNIT_ONE_ZERO, PH_UNIT_TWO_ZERO, PH_UNIT_MOOG_FF,
    PH_UNIT_LPF, PH_UNIT_HPF, PH_UNIT_RLPF, PH_UNIT_RHPF, PH_UNIT_BPF,
    PH_UNIT_TWO_POLE, PH_UNIT_APF, PH_UNIT_RLPFD, PH_UNIT_AMPLITUDE,
    PH_UNIT_LIMITER, PH_UNIT_NORMALIZER,
    PH_UNIT_VAR_SAW, PH_UNIT_LF_PULSE, PH_UNIT_PHASOR, PH_UNIT_BALL, PH_UNIT_T_BALL, PH_UNIT_SPRING,
    PH_UNIT_FOS, PH_UNIT_SOS, PH_UNIT_TRIG, PH_UNIT_TRIG1, PH_UNIT_T_DELAY, PH_UNIT_PULSE_DIVIDER,
    PH_UNIT_STEPPER, PH_UNIT_LAST_VALUE, PH_UNIT_IN_RANGE, PH_UNIT_IN_RECT, PH_UNIT_AMP_COMP
};

static bool counts_by_call(enum ph_unit id)
{
    for (uint32_t i = 0; i < sizeof by_call / sizeof *by_call; i++)
        if (by_call[i] == id)
            return true;
    return false;
}

/** What a unit gives: its outputs, then bus 0, block by block. */
typedef float rendered[BLOCKS][HOST_OUTPUTS + 1][DSP_BLOCK_FRAMES];

/** Audio on the first or on all inputs that may move, something plausible on the others. */
static struct unit_host *open_for_cuts(const struct variant *v, bool all_move)
{
    struct unit_host *const h = open_unit(v, 1, AR, 48000);
    bool first = true;
    for (uint32_t i = 0; i < h->b.n_in; i++) {
        if (!may_move(v, i) || is_taken_once(v, i))
            continue;
        const bool moves = first || (all_move && !counts_by_call(v->id));
        host_set(h, i, moves ? AR : IR, plausible(quantity_of(v->id, i)));
        first = false;
    }
    return h;
}

/** Audio of one block for all inputs, the same for every way to cut it: [input][frame]. */
static float material[HOST_INPUTS][DSP_BLOCK_FRAMES];

/** Renders BLOCKS blocks at width 1, each in pieces or at once. */
static void render_cut(const struct variant *v, bool all_move, bool cut, rendered to)
{
    random_state = 77;
    struct unit_host *const h = open_for_cuts(v, all_move);
    for (int block = 0; block < BLOCKS; block++) {
        for (uint32_t i = 0; i < h->b.n_in; i++)
            for (int n = 0; n < DSP_BLOCK_FRAMES; n++)
                material[i][n] = plausible(quantity_of(v->id, i));
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
                memcpy(&to[block][o][at], h->out[o], n * sizeof(float));
        }
        memcpy(to[block][HOST_OUTPUTS], h->audio[0].frames, sizeof h->audio[0].frames);
        h->env.block++;
        random_state = seed;
    }
    host_free(h);
}

/** The same bits; from units that compute in steps, within -110 dB of the signal. */
static void compare_cut(const struct variant *v, bool all_move, rendered want, rendered got)
{
    double difference = 0, signal = 0;
    for (int block = 0; block < BLOCKS; block++)
        for (int o = 0; o <= HOST_OUTPUTS; o++)
            for (int i = 0; i < DSP_BLOCK_FRAMES; i++) {
                const float a = want[block][o][i], b = got[block][o][i];
                REQUIRE(a == b || computes_in_steps(v->id),
                        "%s %d, %s: block %d frame %d is %.9g whole, %.9g in pieces", name_of(v),
                        v->special, all_move ? "all inputs move" : "one moves", block, i, (double)a,
                        (double)b);
                difference += ((double)a - b) * ((double)a - b);
                signal += (double)a * a;
            }
    REQUIRE(difference <= 1e-11 * signal, "%s: a cut shows at %g dB", name_of(v),
            10 * log10(difference / signal));
}

/** What comes out at the beginning of a block depends on what goes in at its end. */
static bool looks_ahead(enum ph_unit id)
{
    return id == PH_UNIT_COMPANDER || id == PH_UNIT_CONVOLUTION || id == PH_UNIT_CONVOLUTION2 ||
           id == PH_UNIT_CONVOLUTION2_L || id == PH_UNIT_STEREO_CONVOLUTION2_L;
}

/** All that goes in counts once per call. */
static bool reads_by_call(enum ph_unit id)
{
    return id == PH_UNIT_SIN_OSC_FB || id == PH_UNIT_LOCAL_IN || id == PH_UNIT_FORMANT ||
           id == PH_UNIT_C_OSC;
}

START_TEST(audio_units_dont_notice_how_blocks_are_cut)
{
    static rendered whole, pieces;
    const struct variant *const v = &variants[_i];
    if (!runs_at(v, AR) || looks_ahead(v->id) || reads_by_call(v->id))
        return;
    for (int all = 0; all < 2; all++) {
        render_cut(v, all, false, whole);
        render_cut(v, all, true, pieces);
        compare_cut(v, all, whole, pieces);
    }
}
END_TEST

/*
 * In a feedback loop a unit renders one frame at a time, anywhere in its wires: what lies behind
 * that frame is another unit's.
 */
START_TEST(audio_units_write_the_frames_of_their_call_and_no_more)
{
    const struct variant *const v = &variants[_i];
    if (!runs_at(v, AR))
        return;
    for (int all = 0; all < 2; all++) {
        struct unit_host *const h = open_for_cuts(v, all);
        host_init(h);
        for (uint32_t call = 0; call < 300; call++) {
            const uint32_t at = call % DSP_BLOCK_FRAMES, n = 1 + call % 7;
            for (uint32_t i = 0; i < h->b.n_in; i++)
                h->in_at[i] = h->in[i] + (h->in_rate[i] == AR ? at : 0);
            for (uint32_t o = 0; o < h->b.n_out; o++) {
                h->out_at[o] = h->out[o] + at;
                for (uint32_t k = 0; k < 2 * DSP_BLOCK_FRAMES; k++)
                    h->out[o][k] = 1234;
            }
            host_call(h, 0, n);
            for (uint32_t o = 0; o < h->b.n_out; o++)
                for (uint32_t k = 0; k < 2 * DSP_BLOCK_FRAMES; k++)
                    REQUIRE(h->out[o][k] == 1234 || (k >= at && k < at + n),
                            "%s %d: frame %u of a call of %u frames at %u", name_of(v), v->special,
                            k, n, at);
            h->env.block++;
        }
        host_free(h);
    }
}
END_TEST

START_TEST(extreme_inputs_give_finite_output)
{
    const struct variant *const v = &variants[_i];
    if (may_be_infinite(v))
        return;
    for (uint32_t width = 1; width; width = host_wider(width))
        for (uint8_t rate = IR; rate <= AR && has_form(v, width); rate++) {
            if (!runs_at(v, rate))
                continue;
            for (uint32_t trial = 0; trial < 40; trial++) {
                random_state = trial + 1;
                struct unit_host *const h = open_unit(v, width, rate, 48000);
                for (int block = 0; block < 20; block++) {
                    for (uint32_t i = 0; i < h->b.n_in; i++) {
                        const enum ph_quantity q = quantity_of(v->id, i);
                        const bool at_birth = (q == PH_SECONDS && i == 1) || is_size(v, i);
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

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("units");
    tcase_add_loop_test(c, every_row_has_a_kernel, 0, N_VARIANTS);
    tcase_add_loop_test(c, the_first_frame_is_finite, 0, N_VARIANTS);
    tcase_add_loop_test(c, silence_in_gives_finite_out_at_two_rates, 0, N_VARIANTS);
    tcase_add_loop_test(c, audio_units_dont_notice_how_blocks_are_cut, 0, N_VARIANTS);
    tcase_add_loop_test(c, audio_units_write_the_frames_of_their_call_and_no_more, 0, N_VARIANTS);
    tcase_add_loop_test(c, extreme_inputs_give_finite_output, 0, N_VARIANTS);
    return host_run(argc, argv, "units", c);
}
