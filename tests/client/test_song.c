/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_song.c - files of TidalCycles code: statements, layout, errors and their     */
/* places.                                                                                        */
#include <stdio.h>
#include <string.h>

#include "tests/client/compiled.h"
#include "tests/support/check_main.h"

static void song(struct compiled *c, const char *text)
{
    compiled_try_tidal(c, text);
    if (!c->ok)
        diag_print(&c->diag, stderr);
    ck_assert_msg(c->ok, "does not compile: %s", text);
}

static void assert_players(const char *text, uint32_t n)
{
    struct compiled c;

    song(&c, text);
    ck_assert_msg(c.program.n_players == n, "%u players, not %u: %s", c.program.n_players, n, text);
    compiled_finish(&c);
}

/* ---- statements ------------------------------------------------------------------------------ */

START_TEST(patterns_are_players)
{
    struct compiled c;

    song(&c, "d1 $ sound \"bd*2\"\n\nd2 $ s \"hh*8\" # gain 0.8\np \"pad\" $ n \"0\" # s \"x\"\n");
    ck_assert_uint_eq(c.program.n_players, 3);
    ck_assert(c.program.players[0].code.tidal);
    ck_assert_ptr_nonnull(strstr(c.program.players[0].name, "d1"));
    ck_assert_ptr_nonnull(strstr(c.program.players[2].name, "pad"));
    ck_assert(!c.program.has_cps);
    compiled_finish(&c);
}
END_TEST

START_TEST(of_two_for_one_name_the_last_plays)
{
    struct compiled one, two;

    song(&one, "d1 $ s \"bd\"\nd1 $ s \"sn\"\n");
    song(&two, "d1 $ s \"sn\"\n");
    ck_assert_uint_eq(one.program.n_players, 1);
    ck_assert_uint_eq(one.program.players[0].hash, two.program.players[0].hash);
    compiled_finish(&one);
    compiled_finish(&two);
}
END_TEST

START_TEST(the_tempo_is_an_exact_fraction)
{
    struct compiled c;

    song(&c, "setcps (135/60/4)\nd1 $ s \"bd\"\n");
    ck_assert(c.program.has_cps);
    ck_assert_int_eq(c.program.cps.num, 9);
    ck_assert_int_eq(c.program.cps.den, 16);
    compiled_finish(&c);
}
END_TEST

START_TEST(the_clock_can_be_moved)
{
    struct compiled c;

    song(&c, "resetCycles\n");
    ck_assert_int_eq(c.program.move, PH_CLOCK_JUMPS);
    ck_assert_int_eq(c.program.amount.num, 0);
    compiled_finish(&c);
    song(&c, "setCycle (7/2)\n");
    ck_assert_int_eq(c.program.amount.num, 7);
    ck_assert_int_eq(c.program.amount.den, 2);
    compiled_finish(&c);
    song(&c, "nudgeAll 0.05\n");
    ck_assert_int_eq(c.program.move, PH_CLOCK_NUDGED_SECONDS);
    compiled_finish(&c);
}
END_TEST

static const struct {
    const char *text;
    uint32_t n_players;
} songs[] = {
    { "", 0 },
    { "-- nothing\n{- nor {- here -} -}\n", 0 },
    { "d1 $ s \"bd\"\nhush\n", 0 },
    { "hush\nd1 $ s \"bd\"\n", 1 },
    { "d1 $ s \"bd\"\nd2 $ s \"sn\"\nmute 1\n", 1 },
    { "d1 $ s \"bd\"\nd2 $ s \"sn\"\nmute 1\nunmuteAll\n", 2 },
    { "d1 $ s \"bd\"\nd2 $ s \"sn\"\nsolo 2\n", 1 },
    { "d1 $ s \"bd\"\nall $ fast 2\n", 1 },
    { "do\n  d1 $ s \"bd\"\n  d2 $ s \"sn\"\n", 2 },
    { "d1 $ stack [\n  s \"bd\",\n  s \"sn\"\n]\nd2 $ s \"hh\"\n", 2 },
    { "d1 $ s \"bd\"\n# speed 2\n", 1 },
    { "d1 $ s \"bd\"\n   # speed 2\n\n   # gain 0.8\nd2 $ s \"hh\"", 2 },
    { "let x = s \"bd*2\"\n    y n = fast n x\nd1 $ y 4\nd2 x\n", 2 },
    { "let f p = p # speed 2\nd1 $ every 2 f $ s \"bd\"\nd2 $ f $ s \"hh\"\n", 2 },
    { "let t = \"1 2\"\nd1 $ s \"x\" # n t # speed t\n", 1 },
    { "let t = \"<0 0.25>\"\nd1 $ t <~ s \"x\" # s t\n", 1 },
    { "import Sound.Tidal.Context\n:set -XOverloadedStrings\nd1 $ s \"bd\"\n", 1 },
    { "d1 $ let x = \"bd\" in s x\n", 1 },
    { "d1 $ let x = \"bd\"; y = fast 2; z n = n in y $ s (z x)\n", 1 },
    { "d1 $ (\\x -> x # speed 2) $ s \"bd\"\n", 1 },
    { "d1 $ Sound.Tidal.Context.s \"bd\"\n", 1 },
    { "d1 silence\n", 1 },
};

START_TEST(statements_and_layout)
{
    assert_players(songs[_i].text, songs[_i].n_players);
}
END_TEST

/* ---- errors ---------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    uint32_t line, column;
    const char *says; /* part of the message */
} wrong[] = {
    { "d1 $ s \"cp\" # gian 3\n", 1, 15, "did you mean `gain`?" },
    { "\nd1 $ n (\"0 .. 3\" + \"1 [2\")\n", 2, 23, "`[`" },
    { "d1 $ every 2 $ s \"x\"\n", 1, 16, "Pattern a -> Pattern a expected here" },
    { "d1 $ s \"x\" + \"y\" # (\n", 2, 1, "expected" },
    { "dd 3\n", 1, 1, "did you mean `d1`?" },
    { "d1\n", 1, 1, "a pattern is expected" },
    { "setcps 1 2\n", 1, 1, "takes 1 argument" },
    { "setcps 1000\n", 1, 8, "between 0.001 and 50" },
    { "setcps \"1 2\"\n", 1, 8, "Time expected here" },
    { "d1 $ fast 2 3 4\n", 1, 15, "one too many" },
    { "d1 $ rev . fast 2 # speed 2\n", 1, 19, "parentheses" },
    { "let x = y\nd1 $ s x\n", 1, 9, "unknown function `y`" },
    { "d1 $ s \"bd\n", 1, 8, "no end" },
    { "{- d1\n", 1, 1, "no end" },
    { "d1 $ [x | x <- \"1\"]\n", 1, 9, "list comprehensions" },
    { "d1 $ sound \"bd\" :: ControlPattern\n", 1, 17, "not needed" },
};

START_TEST(errors_stand_where_they_are)
{
    struct compiled c;
    uint32_t line = 0, column = 0;

    compiled_try_tidal(&c, wrong[_i].text);
    ck_assert_msg(!c.ok && c.diag.n_messages > 0, "compiles: %s", wrong[_i].text);
    const struct diag_message *const m = &c.diag.messages[0];
    source_position(&c.source, m->offset, &line, &column);
    ck_assert_msg(strstr(m->text, wrong[_i].says), "%s: %s", wrong[_i].text, m->text);
    ck_assert_msg(line == wrong[_i].line && column == wrong[_i].column, "%s: %u:%u: %s",
                  wrong[_i].text, line, column, m->text);
    compiled_finish(&c);
}
END_TEST

START_TEST(several_errors_are_reported_at_once)
{
    struct compiled c;

    compiled_try_tidal(&c, "d1 $ s \"a [\"\nd2 $ foo\nd3 $ s \"x\"\nd4 $ 1 2\n");
    ck_assert(!c.ok);
    ck_assert_uint_eq(c.diag.n_errors, 3);
    compiled_finish(&c);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("song");

    tcase_add_test(t, patterns_are_players);
    tcase_add_test(t, of_two_for_one_name_the_last_plays);
    tcase_add_test(t, the_tempo_is_an_exact_fraction);
    tcase_add_test(t, the_clock_can_be_moved);
    tcase_add_loop_test(t, statements_and_layout, 0, (int)(sizeof songs / sizeof *songs));
    tcase_add_loop_test(t, errors_stand_where_they_are, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(t, several_errors_are_reported_at_once);
    return check_run("client/song", t);
}
