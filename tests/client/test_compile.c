/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_compile.c - whole programs: settings, outputs, what is wrong and where.      */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "tests/support/check_main.h"

struct wrong {
    const char *text;
    uint32_t line, column;
    const char *message; /* part of it */
};

static const struct wrong wrongs[] = {
    { "out $ ~bas\n~bass $ saw 55\n", 1, 7, "nothing is called `~bas`; did you mean `~bass`?" },
    { "out $ sww 55\n", 1, 7, "nothing is called `sww`; did you mean `saw`?" },
    { "out $ saw 55 # lpf\n", 1, 16, "`lpf` needs its cutoff" },
    { "out $ saw 55 # lpf 400 :qq 3\n", 1, 25, "no parameter `qq`; did you mean `q`?" },
    { "out $ every 4\n", 1, 7, "`every` takes 2 arguments, found 1" },
    { "out $ every 4 $ s \"bd\"\n", 1, 7, "`every` takes 2 arguments, found 1" },
    { "out $ s \"bd\" $ stut 3\n", 1, 16, "`stut` takes 3 arguments, found 1" },
    { "out $ s \"bd\" $ s \"sn\"\n", 1, 7, "`$` has two values" },
    { "~a $ s \"bd\" # note ~a\nout $ ~a\n", 1, 20, "refers to itself: only a signal may" },
    { "out $ s \"~foo*4\"\n", 1, 10, "nothing is called `~foo`" },
    { "out $ note \"c bd\"\n", 1, 15, "number or note name is wanted here, found `bd`" },
    { "out $ s \"bd\" # gain \"a\"\n", 1, 22, "a number is wanted here, found `a`" },
    { "out $ s \"bd\" $ struct \"bd\"\n", 1, 24, "a boolean (t f 1 0) is wanted here" },
    { "out $ s \"bd\" # gain (saw 55 # lpf 300)\n", 1, 31, "must be known before it sounds" },
    { "out $ s \"bd\" $ every 2 (saw 55)\n", 1, 25,
      "argument 2 of `every` is a transform, found a" },
    { "out $ s \"bd\" $ fast (# lpf 300)\n", 1, 21, "is a number or a pattern, found a transform" },
    { "~a $ saw 55\nout $ s \"bd\" # ~a\n", 2, 16, "not an effect" },
    { "out $ saw 55 $ sine 3\n", 1, 7, "`$` has two values" },
    { "out $ fast 2\n", 1, 7, "found a transform" },
    { "out $ lpf 900\n", 1, 7, "needs its input" },
    { "out $ s \"bd*1000000000\"\n", 1, 13, "more than 4096 repeats" },
    { "out $ saw 55 # speed 2\n", 1, 16, "sets a parameter of sound events" },
    { "out $ saw 55 * \"c'maj\"\n", 1, 17, "a chord is no number" },
    { "~v $ fast 2\nout $ s \"~v\"\n", 2, 10, "a voice needs something that sounds" },
    { "fn f x = f x\nout $ f 1\n", 1, 12, "refer to themselves" },
    { "fn f a b = a + b\nout $ f 1\n", 2, 7, "takes 2 arguments, found 1" },
};

START_TEST(wrong_programs_are_refused_with_their_place)
{
    const struct wrong *const w = &wrongs[_i];
    struct compiled c;
    uint32_t line = 0, column = 0;

    compiled_try(&c, w->text);
    ck_assert_msg(!c.ok, "compiles: %s", w->text);
    ck_assert_ptr_null(c.program.defs);
    const struct diag_message *error = NULL;
    for (uint32_t i = 0; i < c.diag.n_messages && !error; i++)
        if (c.diag.messages[i].class == DIAG_ERROR)
            error = &c.diag.messages[i];
    ck_assert_ptr_nonnull(error);
    source_position(&c.source, error->offset, &line, &column);
    ck_assert_msg(line == w->line && column == w->column && strstr(error->text, w->message),
                  "%s%u:%u: %s", w->text, line, column, error->text);
    compiled_finish(&c);
}
END_TEST

static const struct warned {
    const char *text;
    const char *message; /* NULL: none */
} warned[] = {
    { "out $ n \"0 2\" # scale \"minr\"\n", "no scale is called `minr`; did you mean `minor`?" },
    { "out $ n \"0 2\" # scale \"<minor natural_minor>\"\n", NULL },
    { "out $ note \"c4'majj\"\n", "no chord is called `majj`; did you mean `maj`?" },
    { "out $ note \"c4'maj3 e'm7'i\" # chord \"7\"\n", NULL },
    { "out $ note \"c\" # chord \"zzzz\"\n", "no chord is called `zzzz`" },
};

START_TEST(unknown_scales_and_chords_are_warned_of)
{
    const struct warned *const w = &warned[_i];
    struct compiled c;
    const char *found = NULL;

    compiled_try(&c, w->text);
    ck_assert(c.ok);
    for (uint32_t i = 0; i < c.diag.n_messages && !found; i++)
        if (c.diag.messages[i].class == DIAG_WARNING)
            found = c.diag.messages[i].text;
    if (w->message)
        ck_assert_msg(found && strcmp(found, w->message) == 0, "%s%s", w->text, found);
    else
        ck_assert_msg(!found, "%s%s", w->text, found);
    compiled_finish(&c);
}
END_TEST

START_TEST(several_errors_are_reported_at_once)
{
    struct compiled c;

    compiled_try(&c, "~a $ saw 55 # lpf\n~b $ nope 3\nout $ ~c\n");
    ck_assert_uint_eq(c.diag.n_errors, 3);
    compiled_finish(&c);
}
END_TEST

START_TEST(tempo_is_an_exact_fraction)
{
    struct compiled c;

    compiled_program(&c, "tempo: 0.1\n");
    ck_assert(c.program.has_cps);
    ck_assert_int_eq(c.program.cps.num, 1);
    ck_assert_int_eq(c.program.cps.den, 10);
    compiled_finish(&c);
    compiled_program(&c, "bpm: 120\n");
    ck_assert_int_eq(ph_ratio_cmp(c.program.cps, PH_RATIO(1, 2)), 0);
    compiled_finish(&c);
    compiled_program(&c, "bpm: 90 \"3/4\"\n");
    ck_assert_int_eq(ph_ratio_cmp(c.program.cps, PH_RATIO(1, 2)), 0);
    compiled_finish(&c);
    compiled_program(&c, "cps = 1000\n");
    ck_assert_int_eq(ph_ratio_cmp(c.program.cps, PH_RATIO(50, 1)), 0);
    compiled_finish(&c);
    compiled_program(&c, "out $ s \"bd\"\n");
    ck_assert(!c.program.has_cps);
    compiled_finish(&c);
}
END_TEST

START_TEST(outmix_and_commands_are_settings)
{
    struct compiled c;

    compiled_program(&c, "outmix: sqrt\nhush\nout $ s \"bd\"\n");
    ck_assert_int_eq(c.program.outmix, PH_OUTMIX_SQRT);
    ck_assert(c.commands.hush && !c.commands.panic);
    compiled_finish(&c);
}
END_TEST

START_TEST(clock_commands_are_part_of_the_program)
{
    struct compiled c;

    compiled_program(&c, "resetCycles\nout $ s \"bd\"\n");
    ck_assert_int_eq(c.program.move, PH_CLOCK_JUMPS);
    ck_assert_int_eq(c.program.amount.num, 0);
    compiled_finish(&c);
    compiled_program(&c, "setCycle 3.5\n");
    ck_assert_int_eq(c.program.move, PH_CLOCK_JUMPS);
    ck_assert_int_eq(c.program.amount.num, 7);
    ck_assert_int_eq(c.program.amount.den, 2);
    compiled_finish(&c);
    compiled_program(&c, "nudge -0.25\n");
    ck_assert_int_eq(c.program.move, PH_CLOCK_NUDGED);
    ck_assert_int_eq(c.program.amount.num, -1);
    compiled_finish(&c);
}
END_TEST

START_TEST(the_last_definition_and_the_last_output_count)
{
    struct compiled c;

    compiled_program(&c, "out $ ~a\n~a $ saw 55\n~a $ sine 55\nout $ ~a # lpf 900\n");
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~a"), "SinOsc"), 1);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~a"), "BlepSaw"), 0);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$out"), "SvfLpf"), 1);
    compiled_finish(&c);
}
END_TEST

START_TEST(numbered_outputs_play_together)
{
    struct compiled c;

    compiled_program(&c, "o1 $ saw 55\nd2 $ sine 55\nout $ tri 55\n");
    ck_assert_ptr_nonnull(compiled_node(&c, "o1"));
    ck_assert_ptr_nonnull(compiled_node(&c, "o2"));
    ck_assert_ptr_nonnull(compiled_node(&c, "out"));
    compiled_finish(&c);
}
END_TEST

START_TEST(silence_and_emptiness_are_programs)
{
    static const char *const texts[] = { "", "-- nothing\n", "out $ 0\n", "o1 $ 0\n",
                                         "tempo: 1\n" };
    struct compiled c;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        compiled_program(&c, texts[i]);
        ck_assert_uint_eq(c.program.n_nodes, 0);
        compiled_finish(&c);
    }
}
END_TEST

START_TEST(without_an_output_what_is_defined_plays)
{
    struct compiled c;

    compiled_program(&c, "~master $ saw 55\n~x $ sine 3\n");
    ck_assert_ptr_nonnull(compiled_node(&c, "~master"));
    ck_assert_ptr_null(compiled_node(&c, "~x"));
    compiled_finish(&c);
    compiled_program(&c, "~l $ sine 3\n~a $ saw 55 * ~l\n~b $ tri 55\n"); /* leaves: a and b */
    ck_assert_ptr_nonnull(compiled_node(&c, "~b"));
    ck_assert_uint_eq(compiled_node(&c, "out")->n_controls, 3); /* out, ~a, ~b */
    compiled_finish(&c);
    compiled_program(&c, "\"bd sn\"\n");
    ck_assert_int_eq(c.program.players[0].kind, PH_PLAYER_EVENTS);
    compiled_finish(&c);
}
END_TEST

START_TEST(bare_definitions_shadow_built_ins_and_buses_do_not)
{
    struct compiled c;

    compiled_program(&c, "noise: saw 55\nout $ noise * 0.1\n");
    ck_assert_ptr_nonnull(compiled_node(&c, "~noise"));
    compiled_finish(&c);
    compiled_program(&c, "~noise $ saw 55\nout $ noise * 0.1\n");
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$out"), "WhiteNoise"), 1);
    compiled_finish(&c);
}
END_TEST

START_TEST(functions_and_templates_are_substituted)
{
    struct compiled c;

    compiled_program(&c,
                     "fn voice f c = saw f # lpf c\n@soft: gain 0.5\nout $ voice 55 900 # @soft\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_double_eq_tol(compiled_input(def, "BlepSaw", 0), 55, 1e-5);
    ck_assert_double_eq_tol(compiled_input(def, "SvfLpf", 1), 900, 1e-4);
    compiled_finish(&c);
}
END_TEST

START_TEST(towers_of_names_cost_bounded_work)
{
    static char text[1 << 14];
    size_t n = 0;
    struct compiled c;

    n += (size_t)snprintf(text + n, sizeof text - n, "~t0 $ saw \"55 110\"\n");
    for (int i = 1; i < 40; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "~t%d $ ~t%d + ~t%d\n", i, i - 1, i - 1);
    snprintf(text + n, sizeof text - n, "out $ ~t39\n");
    compiled_program(&c, text); /* 2^39 references, one synth each */
    ck_assert_uint_eq(c.program.n_nodes, 41);
    compiled_finish(&c);
    snprintf(text + n, sizeof text - n, "out $ ~t39 $ fast 2\n");
    compiled_try(&c, text); /* each copy would be its own */
    ck_assert(!c.ok);
    compiled_finish(&c);
}
END_TEST

START_TEST(a_read_file_ends_with_a_terminator)
{
    char path[] = "/tmp/phonon-test-XXXXXX";
    const int file = mkstemp(path);
    struct source source;

    ck_assert_int_ge(file, 0);
    FILE *const out = fdopen(file, "wb");
    for (int i = 0; i < 100000; i++)
        fputs("-- 8 b\n", out);
    fclose(out);
    ck_assert(source_read(path, &source));
    ck_assert_uint_eq(source.length, 700000);
    ck_assert_int_eq(source.text[source.length], 0);
    ck_assert_str_eq(source.name, path);
    source_finish(&source);
    remove(path);
    ck_assert(!source_read(path, &source));
    source_finish(&source);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("programs");

    tcase_add_loop_test(t, wrong_programs_are_refused_with_their_place, 0,
                        (int)(sizeof wrongs / sizeof wrongs[0]));
    tcase_add_loop_test(t, unknown_scales_and_chords_are_warned_of, 0,
                        (int)(sizeof warned / sizeof warned[0]));
    tcase_add_test(t, several_errors_are_reported_at_once);
    tcase_add_test(t, tempo_is_an_exact_fraction);
    tcase_add_test(t, outmix_and_commands_are_settings);
    tcase_add_test(t, clock_commands_are_part_of_the_program);
    tcase_add_test(t, the_last_definition_and_the_last_output_count);
    tcase_add_test(t, numbered_outputs_play_together);
    tcase_add_test(t, silence_and_emptiness_are_programs);
    tcase_add_test(t, without_an_output_what_is_defined_plays);
    tcase_add_test(t, bare_definitions_shadow_built_ins_and_buses_do_not);
    tcase_add_test(t, functions_and_templates_are_substituted);
    tcase_add_test(t, towers_of_names_cost_bounded_work);
    tcase_add_test(t, a_read_file_ends_with_a_terminator);
    return check_run("client/compile", t);
}
