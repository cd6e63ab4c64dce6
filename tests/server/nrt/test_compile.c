/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_compile.c - SynthDefs to block programs: wires, rates, what is refused.  */
#include <string.h>

#include "tests/server/rt/engine.h"

static struct nrt_symbols *symbols;

static struct nrt_target target;

static void setup(void)
{
    target = (struct nrt_target){ dsp_set_best(), 48000, DSP_BLOCK_FRAMES, 64 };
    ck_assert_int_eq(nrt_symbols_new(&symbols), PH_OK);
}

static void teardown(void)
{
    nrt_symbols_free(symbols);
}

static ph_status compile(struct ph_build *b, uint32_t n_wires, struct rt_def **out, char *error)
{
    struct ph_synthdef def;
    ck_assert_int_eq(ph_build_end(b, &def), PH_OK);
    const struct nrt_target narrow = { dsp_set_best(), 48000, DSP_BLOCK_FRAMES, n_wires };
    const ph_status status = nrt_def_compile(&def, symbols, &narrow, out, error);
    ph_synthdef_finish(&def);
    return status;
}

static struct ph_input unit(struct ph_build *b, const char *name, enum ph_rate rate,
                            uint32_t n_outputs, const struct ph_input *inputs, uint32_t n)
{
    return ph_build_unit(b, name, rate, 0, n_outputs, inputs, n, 0);
}

static struct ph_input sine(struct ph_build *b, struct ph_input freq)
{
    const struct ph_input in[] = { freq, ph_build_constant(b, 0) };
    return unit(b, "SinOsc", PH_AUDIO, 1, in, 2);
}

static struct ph_input sum(struct ph_build *b, struct ph_input x, struct ph_input y)
{
    const struct ph_input in[] = { x, y };
    return unit(b, "BinaryOpUGen", PH_AUDIO, 1, in, 2);
}

/* ---- wires ----------------------------------------------------------------------------------- */

/**
 * Walks the program and checks that every audio input still holds what its writer put there, and
 * that no unit writes a wire it reads.
 */
static void check_wires(const struct rt_def *def, const struct ph_synthdef *from)
{
    struct ph_input holds[64]; /* whose output each wire holds */
    memset(holds, 0xff, sizeof holds);
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        const struct rt_wire *const wires = def->wires + unit->first_wire;
        for (uint32_t i = 0; i < unit->n_in; i++) {
            const struct ph_input source = from->units[u].inputs[i];
            ck_assert_uint_eq(wires[i].rate, def->wire_rates[unit->first_wire + i]);
            if (wires[i].kind != RT_WIRE_AUDIO)
                continue;
            ck_assert_int_eq(holds[wires[i].index].unit, source.unit);
            ck_assert_int_eq(holds[wires[i].index].output, source.output);
            for (uint32_t o = 0; o < unit->n_out; o++)
                ck_assert(wires[unit->n_in + o].kind != RT_WIRE_AUDIO ||
                          wires[unit->n_in + o].index != wires[i].index);
        }
        for (uint32_t o = 0; o < unit->n_out; o++)
            if (wires[unit->n_in + o].kind == RT_WIRE_AUDIO) {
                ck_assert_uint_lt(wires[unit->n_in + o].index, def->n_audio_wires);
                holds[wires[unit->n_in + o].index] = (struct ph_input){ (int32_t)u, (int32_t)o };
            }
    }
}

START_TEST(every_input_reads_what_its_unit_wrote)
{
    uint32_t random = 17;
    for (int round = 0; round < 50; round++) { /* random graphs of 60 units */
        struct ph_build b;
        struct ph_input outputs[200];
        uint32_t n = 0;
        ph_build_begin(&b, "random");
        outputs[n++] = sine(&b, ph_build_constant(&b, 440));
        for (int u = 0; u < 60; u++) {
            struct ph_input in[4];
            for (int i = 0; i < 4; i++) {
                random = random * 1664525 + 1013904223;
                const uint32_t back = (random >> 8) % (n < 12 ? n : 12); /* mostly near ones */
                in[i] = outputs[n - 1 - back];
            }
            if (random >> 30 == 0) { /* two outputs, of which one may stay unread */
                outputs[n] = unit(&b, "Pan2", PH_AUDIO, 2, in, 3);
                outputs[n + 1] = (struct ph_input){ outputs[n].unit, 1 };
                n += 2;
            } else
                outputs[n++] = unit(&b, "Sum4", PH_AUDIO, 1, in, 4);
        }
        struct ph_synthdef def;
        struct rt_def *compiled = NULL;
        char error[128];
        ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
        ck_assert_int_eq(nrt_def_compile(&def, symbols, &target, &compiled, error), PH_OK);
        check_wires(compiled, &def);
        ck_assert_uint_le(compiled->n_audio_wires, 12 + 2 + 2);
        nrt_def_release(compiled);
        ph_synthdef_finish(&def);
    }
}
END_TEST

START_TEST(a_chain_needs_two_wires_however_long_it_is)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "chain");
    struct ph_input x = sine(&b, ph_build_constant(&b, 440));
    for (int i = 0; i < 100; i++) {
        const struct ph_input in[] = { x, ph_build_constant(&b, 500) };
        x = unit(&b, "LPF", PH_AUDIO, 1, in, 2);
    }
    const struct ph_input channels[] = { ph_build_constant(&b, 0), x };
    unit(&b, "Out", PH_AUDIO, 0, channels, 2);
    ck_assert_int_eq(compile(&b, 2, &def, error), PH_OK);
    ck_assert_uint_eq(def->n_audio_wires, 2);
    nrt_def_release(def);
}
END_TEST

START_TEST(a_def_that_needs_more_wires_than_there_are_is_refused)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "wide");
    struct ph_input in[5];
    for (int i = 0; i < 4; i++)
        in[1 + i] = sine(&b, ph_build_constant(&b, 440));
    in[0] = ph_build_constant(&b, 0);
    unit(&b, "Out", PH_AUDIO, 0, in, 5);
    ck_assert_int_eq(compile(&b, 3, &def, error), PH_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(error, "SinOsc"));
}
END_TEST

START_TEST(slow_outputs_get_values_of_their_own)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "slow");
    const struct ph_input freq = ph_build_control(&b, "freq", 100, PH_SCALAR);
    const struct ph_input in[] = { freq, ph_build_constant(&b, 0) };
    const struct ph_input lfo = unit(&b, "SinOsc", PH_CONTROL, 1, in, 2);
    sum(&b, sine(&b, lfo), lfo);
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    ck_assert_uint_eq(def->n_values, 2);
    const struct rt_wire *const add = def->wires + def->units[3].first_wire;
    ck_assert_int_eq(add[0].kind, RT_WIRE_AUDIO);
    ck_assert_int_eq(add[1].kind, RT_WIRE_VALUE);
    ck_assert_int_eq(add[1].rate, PH_CONTROL);
    ck_assert_int_eq(def->units[0].rate, PH_SCALAR);
    nrt_def_release(def);
}
END_TEST

START_TEST(an_output_that_a_def_leaves_out_is_there_for_the_kernel)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "sink");
    const struct ph_input trigger = ph_build_control(&b, "t", 0, PH_CONTROL);
    unit(&b, "FreeSelf", PH_CONTROL, 0, &trigger, 1);
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    ck_assert_uint_eq(def->units[1].n_out, 1);
    ck_assert_uint_eq(def->n_values, 2);
    nrt_def_release(def);
}
END_TEST

static void refused(struct ph_build *b, ph_status expected, const char *words)
{
    struct rt_def *def = NULL;
    char error[128];
    const ph_status status = compile(b, 8, &def, error);
    ck_assert_msg(status == expected, "%s: status %d", words, (int)status);
    ck_assert_msg(strstr(error, words), "\"%s\" lacks \"%s\"", error, words);
    ck_assert_ptr_null(def);
}

/* ---- feedback -------------------------------------------------------------------------------- */

/**
 * A loop that mixes in, one after the other, signals made before it: `n` of them, then one unit
 * with a wire of its own, then the end. @return that unit's output
 */
static struct ph_input build_loop(struct ph_build *b, uint32_t n, enum ph_rate rate)
{
    struct ph_input before[8];
    for (uint32_t i = 0; i < n; i++)
        before[i] = sine(b, ph_build_constant(b, 100 * (float)(i + 1)));
    struct ph_input x = unit(b, "FeedbackIn", PH_AUDIO, 1, NULL, 0);
    for (uint32_t i = 0; i < n; i++)
        x = sum(b, x, before[i]);
    const struct ph_input last[] = { x, ph_build_constant(b, 1) };
    x = unit(b, "LFTri", rate, 1, last, 2);
    unit(b, "FeedbackOut", PH_AUDIO, 0, &x, 1);
    return x;
}

START_TEST(a_wire_from_before_a_loop_lives_to_the_loops_end)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "loop");
    struct ph_input x = build_loop(&b, 4, PH_AUDIO);
    x = sum(&b, x, x);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), x };
    unit(&b, "Out", PH_AUDIO, 0, channels, 2);
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    ck_assert_uint_eq(def->loop_first, 4);
    ck_assert_uint_eq(def->loop_end, 4 + 1 + 4 + 1 + 1);
    for (uint32_t u = def->loop_first; u < def->loop_end; u++)
        for (uint32_t o = 0; o < def->units[u].n_out; o++)
            for (uint32_t i = 0; i < 4; i++) {
                const struct rt_unit *const from = &def->units[i], *const to = &def->units[u];
                ck_assert_uint_ne(def->wires[from->first_wire + from->n_in].index,
                                  def->wires[to->first_wire + to->n_in + o].index);
            }
    ck_assert_uint_eq(def->n_audio_wires, 4 + 2); /* behind the loop they are free again */
    ck_assert_uint_eq(def->units[def->loop_first].memory, 1);
    ck_assert_uint_eq(def->units[def->loop_end - 1].memory, 1);
    ck_assert_uint_eq(def->n_memories, 1);
    ck_assert_uint_eq(def->width, 0);
    nrt_def_release(def);
}
END_TEST

START_TEST(a_loop_that_is_none_is_refused_and_named)
{
    struct ph_build b;
    struct ph_input x;
    ph_build_begin(&b, "x");
    unit(&b, "FeedbackIn", PH_AUDIO, 1, NULL, 0);
    refused(&b, PH_BAD_DEF, "FeedbackIn (unit 0): has no FeedbackOut behind it");

    ph_build_begin(&b, "x");
    x = sine(&b, ph_build_constant(&b, 1));
    unit(&b, "FeedbackOut", PH_AUDIO, 0, &x, 1);
    refused(&b, PH_BAD_DEF, "FeedbackOut (unit 1): has no FeedbackIn before it");

    ph_build_begin(&b, "x");
    build_loop(&b, 1, PH_AUDIO);
    build_loop(&b, 1, PH_AUDIO);
    refused(&b, PH_BAD_DEF, "there is a second one");

    ph_build_begin(&b, "x");
    unit(&b, "FeedbackIn", PH_AUDIO, 1, NULL, 0);
    unit(&b, "FeedbackIn", PH_AUDIO, 1, NULL, 0);
    refused(&b, PH_BAD_DEF, "FeedbackIn (unit 1): there is a second one");

    ph_build_begin(&b, "x");
    x = unit(&b, "FeedbackIn", PH_AUDIO, 2, NULL, 0);
    unit(&b, "FeedbackOut", PH_AUDIO, 0, &x, 1);
    refused(&b, PH_BAD_DEF, "has 1 inputs, FeedbackIn 2 outputs");

    ph_build_begin(&b, "x");
    build_loop(&b, 1, PH_CONTROL);
    refused(&b, PH_BAD_DEF, "LFTri (unit 3): has control rate inside a feedback loop");

    ph_build_begin(&b, "x");
    x = unit(&b, "FeedbackIn", PH_AUDIO, 1, NULL, 0);
    const struct ph_input bus = ph_build_constant(&b, 0);
    x = sum(&b, x, unit(&b, "In", PH_AUDIO, 1, &bus, 1));
    unit(&b, "FeedbackOut", PH_AUDIO, 0, &x, 1);
    refused(&b, PH_BAD_DEF, "In (unit 1): can't run frame by frame");
}
END_TEST

/* ---- controls -------------------------------------------------------------------------------- */

START_TEST(controls_are_found_by_name_with_their_rates_and_widths)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "controls");
    ph_build_control(&b, "zeta", 1, PH_SCALAR);
    ph_build_control(&b, "alpha", 2, PH_AUDIO);
    ph_build_control(&b, "mid", 3, PH_CONTROL);
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    static const char *const names[] = { "zeta", "alpha", "mid" };
    static const uint8_t rates[] = { PH_SCALAR, PH_AUDIO, PH_CONTROL };
    for (int i = 0; i < 3; i++) {
        const int32_t control = nrt_def_control(def, nrt_symbol_find(symbols, names[i]));
        ck_assert_int_eq(control, i);
        ck_assert_uint_eq(def->control_rates[control], rates[i]);
        ck_assert_float_eq(def->controls[control], (float)(i + 1));
    }
    ck_assert_int_eq(nrt_def_control(def, nrt_symbol_intern(symbols, "other")), -1);
    ck_assert_int_eq(nrt_def_control(def, 0), -1);
    ck_assert_uint_eq(def->n_audio_controls, 1);
    nrt_def_release(def);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(what_no_kernel_can_play_is_refused_and_named)
{
    struct ph_build b;
    struct ph_input c[RT_UNIT_WIRES_MAX + 1];
    ph_build_begin(&b, "x");
    unit(&b, "NoSuchUnit", PH_AUDIO, 1, NULL, 0);
    refused(&b, PH_UNKNOWN_UNIT, "NoSuchUnit");

    ph_build_begin(&b, "x");
    c[0] = c[1] = ph_build_constant(&b, 1);
    ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, 99, 1, c, 2, 0);
    refused(&b, PH_UNKNOWN_UNIT, "operator 99");

    ph_build_begin(&b, "x");
    c[0] = ph_build_constant(&b, 1);
    unit(&b, "SinOsc", PH_AUDIO, 1, c, 1);
    refused(&b, PH_BAD_DEF, "SinOsc (unit 0): has 1 inputs, needs 2");

    ph_build_begin(&b, "x");
    c[0] = c[1] = c[2] = ph_build_constant(&b, 1);
    unit(&b, "SinOsc", PH_AUDIO, 1, c, 3);
    refused(&b, PH_BAD_DEF, "has 3 inputs, takes 2");

    ph_build_begin(&b, "x");
    c[0] = ph_build_constant(&b, 1);
    unit(&b, "Out", PH_AUDIO, 0, c, 1);
    refused(&b, PH_BAD_DEF, "Out");

    ph_build_begin(&b, "x");
    c[0] = c[1] = ph_build_constant(&b, 1);
    unit(&b, "SinOsc", PH_AUDIO, 2, c, 2);
    refused(&b, PH_BAD_DEF, "has 2 outputs, gives 1");

    ph_build_begin(&b, "x");
    c[0] = c[1] = ph_build_constant(&b, 1);
    unit(&b, "SinOsc", PH_SCALAR, 1, c, 2);
    refused(&b, PH_BAD_DEF, "scalar rate");

    ph_build_begin(&b, "x");
    for (int i = 0; i < 11; i++)
        c[i] = ph_build_constant(&b, 1);
    unit(&b, "EnvGen", PH_CONTROL, 1, c, 11);
    refused(&b, PH_BAD_DEF, "envelope ends inside a segment");

    ph_build_begin(&b, "x");
    for (int i = 0; i < RT_UNIT_WIRES_MAX + 1; i++)
        c[i] = ph_build_constant(&b, 1);
    unit(&b, "Out", PH_AUDIO, 0, c, RT_UNIT_WIRES_MAX + 1);
    refused(&b, PH_BAD_DEF, "has 2113 inputs, takes 2112");
}
END_TEST

START_TEST(a_unit_that_claims_outputs_it_does_not_have_is_refused_also_when_they_are_read)
{
    struct ph_build b;
    ph_build_begin(&b, "x");
    const struct ph_input in[] = { ph_build_constant(&b, 1), ph_build_constant(&b, 0) };
    struct ph_input wide = unit(&b, "SinOsc", PH_AUDIO, 4000, in, 2);
    wide.output = 3999;
    unit(&b, "UnaryOpUGen", PH_AUDIO, 1, &wide, 1);
    refused(&b, PH_BAD_DEF, "has 4000 outputs, gives 1");
}
END_TEST

START_TEST(outputs_at_another_rate_than_their_unit_are_refused)
{
    struct ph_build b;
    struct ph_synthdef def;
    struct rt_def *compiled = NULL;
    char error[128];
    ph_build_begin(&b, "x");
    const struct ph_input in[] = { ph_build_constant(&b, 1), ph_build_constant(&b, 0) };
    unit(&b, "SinOsc", PH_CONTROL, 1, in, 2);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    def.units[0].output_rates[0] = PH_AUDIO;
    ck_assert_int_eq(nrt_def_compile(&def, symbols, &target, &compiled, error), PH_BAD_DEF);
    ck_assert_ptr_nonnull(strstr(error, "SinOsc"));
    ph_synthdef_finish(&def);
}
END_TEST

START_TEST(a_def_lives_as_long_as_somebody_holds_it)
{
    struct ph_build b;
    struct rt_def *def = NULL;
    char error[128];
    ph_build_begin(&b, "held");
    sine(&b, ph_build_constant(&b, 440));
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    ck_assert_ptr_eq(nrt_def_retain(def), def);
    nrt_def_release(def);
    ck_assert_str_eq(def->name, "held");
    nrt_def_release(def); /* the sanitizer sees both mistakes */
    nrt_def_release(NULL);
}
END_TEST

/** The width of a def with a Normalizer whose `dur` is given, or a control. */
static uint32_t width_with_memory(float seconds, bool is_control)
{
    struct ph_build b;
    struct rt_def *def;
    char error[128] = "";
    ph_build_begin(&b, "lanes");
    const struct ph_input dur = is_control ? ph_build_control(&b, "dur", seconds, PH_CONTROL)
                                           : ph_build_constant(&b, seconds);
    const struct ph_input in[] = { sine(&b, ph_build_constant(&b, 440)), ph_build_constant(&b, 1),
                                   dur };
    const struct ph_input out[] = { ph_build_constant(&b, 0),
                                    unit(&b, "Normalizer", PH_AUDIO, 1, in, 3) };
    unit(&b, "Out", PH_AUDIO, 0, out, 2);
    ck_assert_int_eq(compile(&b, 8, &def, error), PH_OK);
    const uint32_t width = def->width;
    nrt_def_release(def);
    return width;
}

START_TEST(voices_share_lanes_where_their_memory_is_small_and_the_same)
{
    ck_assert_uint_eq(width_with_memory(0.01f, false), target.set->width);
    ck_assert_uint_eq(width_with_memory(0.01f, true), 0);
    ck_assert_uint_eq(width_with_memory(1, false), 0);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("compile");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_input_reads_what_its_unit_wrote);
    tcase_add_test(tests, a_chain_needs_two_wires_however_long_it_is);
    tcase_add_test(tests, a_def_that_needs_more_wires_than_there_are_is_refused);
    tcase_add_test(tests, slow_outputs_get_values_of_their_own);
    tcase_add_test(tests, an_output_that_a_def_leaves_out_is_there_for_the_kernel);
    tcase_add_test(tests, a_wire_from_before_a_loop_lives_to_the_loops_end);
    tcase_add_test(tests, a_loop_that_is_none_is_refused_and_named);
    tcase_add_test(tests, controls_are_found_by_name_with_their_rates_and_widths);
    tcase_add_test(tests, what_no_kernel_can_play_is_refused_and_named);
    tcase_add_test(tests,
                   a_unit_that_claims_outputs_it_does_not_have_is_refused_also_when_they_are_read);
    tcase_add_test(tests, outputs_at_another_rate_than_their_unit_are_refused);
    tcase_add_test(tests, voices_share_lanes_where_their_memory_is_small_and_the_same);
    tcase_add_test(tests, a_def_lives_as_long_as_somebody_holds_it);
    return engine_main("nrt compile", tests);
}
