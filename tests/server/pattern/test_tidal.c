/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_tidal.c - what TidalCycles answers to the same patterns, operation   */
/* by operation: new ones, and those that have rules of their own in its dialect.                 */
#include "tests/server/pattern/rows.h"

/* "0@3 10" and x, x + 1 in each of its events. */
#define OUTER "(timecat 0 10 : 3 1)"
#define INNER "[(var : 0) (add (var : 0) 1 : 1)]"
#define JOINED(kind) "(join " OUTER " " INNER " : 0 " kind ")"

static const struct row rows[] = {
    /* joins */
    { JOINED("0"), 0, 1, "0-1/2 0, 1/2-1 (1/2-3/4) 1, 1/2-1 (3/4-1) 11" },
    { JOINED("1"), 0, 1, "0-3/4 0, 3/4-1 11" },
    { JOINED("2"), 0, 1, "0-1/2 0, 1/2-3/4 1, 3/4-1 11" },
    { JOINED("3"), 0, 1, "0-3/8 0, 3/8-3/4 1, 3/4-7/8 10, 7/8-1 11" },
    { "(join [0 10 20] (add (var : 0) [0 1 2 3] : 2) : 0 4)", 0, 1,
      "0-1/4 0, 1/4-1/3 1, 1/3-7/12 10, 7/12-2/3 11, 2/3-11/12 20, 11/12-1 21" },
    { "(join (late 1/2 x) <a b c> : 0 4)", 1, 2, "1/2-3/2 (1-3/2) a, 3/2-5/2 (3/2-2) b" },
    { "(join (late 1/2 x) <a b c> : 0 5)", 1, 2, "1/2-3/2 (1-3/2) a, 3/2-5/2 (3/2-2) a" },
    { "(var : 3)", 0, 1, "" }, /* no JOIN binds it */
    { "(join [1 2] (join [10 20] (add (var : 0) (var : 0) : 1) : 0 2) : 0 2)", 0, 1,
      "0-1/2 20, 1/2-1 40" }, /* the inner one binds the slot anew */
    { "(join 1 [(join 10 (var : 0) : 0 0) (var : 0)] : 0 2)", 0, 1, "0-1/2 10, 1/2-1 1" },
    { "(join (rand) [a b] : 0 2)", 0, 1, "signal (0-1/2) a, signal (1/2-1) b" },
    { "(join (rand) a : 0 0)", 0, 2, "0-1 a, 1-2 a" },
    /* choices */
    { "(pick [0 -1] a [b c] : 3)", 0, 1, "0-1/2 a, 1/2-3/4 b, 3/4-1 c" },
    { "(pick [0 1] a b : 1)", 0, 1, "0-1/2 a, 1/2-1 b" },
    { "(pick (irand 3) a b c : 1)", 0, 2, "signal (0-1) a, signal (1-2) b" },
    { "(switch [x y z] a b : 1 x y)", 0, 1, "0-1/3 a, 1/3-2/3 b" },
    { "(switch [1 2] a b : 1 %1 $2)", 0, 1, "0-1/2 a, 1/2-1 b" },
    { "(wpick [0 $0.24 $0.25 $0.99] a b : 1 1 3)", 0, 1, "0-1/4 a, 1/4-1/2 a, 1/2-3/4 b, 3/4-1 b" },
    { "(wpick 1 a b : 1 1 3)", 0, 1, "" },
    /* numbers */
    { "(mod [7 -7 15/2] 3 : 1)", 0, 1, "0-1/3 1, 1/3-2/3 2, 2/3-1 3/2" },
    { "(mod [5 $5.5] 0 : 1)", 0, 1, "0-1/2 0, 1/2-1 0" },
    { "(mod $5 $-3 : 1)", 0, 1, "0-1 -1" },
    { "(pow [2 $3] [$0.5 2] : 1)", 0, 1, "0-1/2 1.41421356, 1/2-1 9" },
    { "(add %2 %3 : 1)", 0, 1, "0-1 5" },
    { "(concat [a b] c : 1)", 0, 1, "0-1/2 ac, 1/2-1 bc" },
    { "(union_left [1 2] 3 : 1)", 0, 1, "0-1/2 1, 1/2-1 2" },
    { "(union_left (param 1 : n) (set (param 2 : n) (param 3 : pan) : 0) : 1)", 0, 1,
      "0-1 {n 1 pan 3}" },
    { "(math [-3/2 $2.5 %-3] : abs)", 0, 1, "0-1/3 3/2, 1/3-2/3 2.5, 2/3-1 3" },
    { "(math [5/2 7/2 $-0.5] : round)", 0, 1, "0-1/3 2, 1/3-2/3 4, 2/3-1 0" },
    { "(math [-1/2 5/2 1/3] : clamp)", 0, 1, "0-1/3 0, 1/3-2/3 1, 2/3-1 1/3" },
    { "(math (param 3 : n) : neg)", 0, 1, "0-1 {n -3}" },
    { "(math 0 : recip)", 0, 1, "0-1 0" },
    { "(math $-1 : log)", 0, 1, "0-1 0" },
    { "(to_scale [0 3 -1] : 0 2 7)", 0, 1, "0-1/3 0, 1/3-2/3 12, 2/3-1 -5" },
    { "(to_scale [0 3 -1])", 0, 1, "" },
    { "(fit 2 [0 1] : a b c)", 0, 3, "0-1/2 a, 1/2-1 b, 1-3/2 c, 3/2-2 a, 2-5/2 b, 5/2-3 c" },
    { "(fit 2 [0 1])", 0, 1, "" },
    /* signals */
    { "(segment 2 (time))", 3, 4, "3-7/2 13/4, 7/2-4 15/4" },
    { "(segment 4 (smooth [0 1]))", 0, 1,
      "0-1/4 0.25, 1/4-1/2 0.75, 1/2-3/4 0.75, 3/4-1 0.25" },
    { "(segment 2 (perlin_with (mul (saw) 4 : 0)))", 0, 1, "0-1/2 0.517772146, 1/2-1 0.80260835" },
    { "(segment 2 (perlin2_with (mul (saw) 4 : 0) (mul (saw) 2 : 0)))", 0, 1,
      "0-1/2 0.605320867, 1/2-1 0.521039911" },
    { "(irand 8)", 0, 2, "signal (0-1) 2, signal (1-2) 3" },
    { "(cosine)", 0, 2, "signal (0-2) 0" },
    { "(add [0 1] (saw) : 0)", 0, 1, "signal (0-1/2) 0.5, signal (1/2-1) 1.5" },
    /* controls */
    { "(match (param 1 : n) (stack (param 1 : n) (param 2 : n)) : 0)", 0, 1, "0-1 {n 1}" },
    { "(match (param 1 : n) (stack (param 1 : n) (param 2 : n)) : 1)", 0, 1, "0-1 {n 2}" },
    { "(match (param $1 : n) (param a:1 : s) : 0)", 0, 1, "" }, /* a note is no index */
    { "(match (param $1 : cut) (param %1 : cut) : 0)", 0, 1, "0-1 {cut 1}" },
    { "(match (param <a b> : s) (param [a b] : s) : 0)", 0, 2, "0-1/2 {s a}, 3/2-2 {s b}" },
    { "(div (div (param %2 : cut) (param %3 : cut) : 1) (param $2 : speed) : 1)", 0, 1,
      "0-1 {cut 6 speed 0.5}" },
    { "(sub (add (param a : s) (param b : s) : 1) (param $0.25 : pan) : 1)", 0, 1,
      "0-1 {pan -0.25 s a}" },
    { "(add (param %1 : n) (param $2 : n) : 1)", 0, 1, "0-1 {n 1}" },
    { "(param [a:1:2 b:x] : s)", 0, 1, "0-1/2 {n 1 s a}, 1/2-1 {s b}" },
    { "(slice 4 [0 2] (param (fast 4 a) : s))", 0, 1,
      "0-1/2 (0-1/4) {begin 0 end 1/4 s a}, 0-1/2 (1/4-1/2) {begin 0 end 1/4 s a}, "
      "1/2-1 (1/2-3/4) {begin 1/2 end 3/4 s a}, 1/2-1 (3/4-1) {begin 1/2 end 3/4 s a}" },
    { "(slice 4 (stack 0 2) (param a : s))", 0, 1,
      "0-1 {begin 0 end 1/4 s a}, 0-1 {begin 0 end 3/4 s a}, 0-1 {begin 1/2 end 1/4 s a}, "
      "0-1 {begin 1/2 end 3/4 s a}" },
    { "(splice 4 [0 2] (union (param [a a] : s) (param $2 : speed) : 1))", 0, 1,
      "0-1/2 {begin 0 end 1/4 s a speed 1 unit c}, 1/2-1 {begin 1/2 end 3/4 s a speed 1 unit c}" },
    { "(striate_by 2 $0.25 (param a : s))", 0, 1,
      "0-1/2 {begin 0 end 0.25 s a}, 1/2-1 {begin 0.375 end 0.625 s a}" },
    { "(chew 4 [0 [1 3]] (param [0 1 2 3] : n))", 0, 1,
      "0-1/2 {n 0 speed 1/2}, 1/2-3/4 {n 1 speed 1}, 3/4-1 {n 3 speed 1}" },
    /* chords in time */
    { "(arp up (stack a b c))", 0, 1, "0-1/3 a, 1/3-2/3 b, 2/3-1 c" },
    { "(arp down [(stack a b) c])", 0, 1, "0-1/4 b, 1/4-1/2 a, 1/2-1 c" },
    { "(arp thumbupdown (stack a b c))", 0, 1,
      "0-1/6 a, 1/6-1/3 b, 1/3-1/2 a, 1/2-2/3 c, 2/3-5/6 a, 5/6-1 b" },
    { "(arp pinkyupdown (stack a b c))", 0, 1,
      "0-1/6 a, 1/6-1/3 c, 1/3-1/2 b, 1/2-2/3 c, 2/3-5/6 b, 5/6-1 c" },
    { "(arp disconverge (stack a b c d))", 0, 1,
      "0-1/7 a, 1/7-2/7 d, 2/7-3/7 b, 3/7-4/7 c, 4/7-5/7 b, 5/7-6/7 d, 6/7-1 a" },
    { "(arp updown a)", 0, 1, "" },
    { "(arp nonsense (stack a b))", 0, 1, "0-1/2 a, 1/2-1 b" },
    { "(rolled 1/4 (stack a b))", 0, 1, "0-1 a, 1/8-1 b" },
    { "(rolled -1/4 (stack a b))", 0, 1, "0-1 b, 1/8-1 a" },
    { "(mono (stack (fast 2 a) (fast 3 b)))", 0, 1, "0-1/3 b, 1/3-1/2 a, 1/2-2/3 b, 2/3-1 a" },
    { "(stretch [~ a b ~])", 0, 1, "0-1/2 a, 1/2-1 b" },
    /* cycles and chance */
    { "(loop_first <a b>)", 5, 6, "5-6 a" },
    { "(repeat_cycles 2 <a b c>)", 0, 5, "0-1 a, 1-2 a, 2-3 b, 3-4 b, 4-5 c" },
    { "(play_for 1/2 3/2 [a b])", 0, 2, "1/2-1 b, 1-3/2 a" },
    { "(randrun 4)", 0, 2, "0-1/4 0, 1/4-1/2 1, 1/2-3/4 2, 3/4-1 3, "
                           "1-5/4 3, 5/4-3/2 1, 3/2-7/4 2, 7/4-2 0" },
    { "(stripe 2 [a b])", 0, 1, "0-1/6 a, 1/6-1/3 b, 1/3-2/3 a, 2/3-1 b" },
    { "(stripe 3 a)", 0, 2, "0-1/6 a, 1/6-2/3 a, 2/3-1 a, 1-4/3 a, 4/3-11/6 a, 11/6-2 a" },
    { "(markov 4 0 : 2 2 3 1 3)", 0, 1, "0-1/4 0, 1/4-1/2 1, 1/2-3/4 1, 3/4-1 0" },
    { "(degrade_by 0 (late 1/2 a) : 0)", -1, 1, "-3/2--1/2 (-1--1/2) a, 1/2-3/2 (1/2-1) a" },
    { "(degrade_using (rand) 1/2 [a b c d])", 0, 1, "1/4-1/2 b" },
    { "(event_begin (slow 2 [a b]))", 3, 4, "3-4 3" },
    { "(event_length [a (slow 3 b)])", 0, 1, "0-1/2 1/2, 1/2-2 (1/2-1) 3/2" },
    /* structure */
    { "(euclid_inv 3 8 0 a)", 0, 1, "1/8-1/4 a, 1/4-3/8 a, 1/2-5/8 a, 5/8-3/4 a, 7/8-1 a" },
    { "(euclid 5 3 0 a)", 0, 1, "0-1/5 a, 1/5-2/5 a, 2/5-3/5 a, 3/5-4/5 a, 4/5-1 a" },
    { "(euclid 3 0 0 a)", 0, 1, "" },
    { "(euclid 0 -4 0 a)", 0, 1, "" },
    { "(rot 1 (fast [1 1] [a b c]))", 0, 1, "0-1/3 b, 1/3-2/3 c, 2/3-1 a" },
    { "(filter_true [#t #f #t])", 0, 1, "0-1/3 #t, 2/3-1 #t" },
    { "(struct [#t #f] [a b c])", 0, 1, "0-1/2 (0-1/3) a, 0-1/2 (1/3-1/2) b" },
    { "(stitch [#t #f] a [b c])", 0, 1, "0-1/2 a, 1/2-1 c" },
    { "(segment 1 [a b])", 0, 1, "0-1 (0-1/2) a, 0-1 (1/2-1) b" },
    { "(trunc 3/4 [a [b (slow 2 c)]])", 0, 1, "0-1/2 a, 1/2-3/4 b" },
    { "(trunc 3/8 [a b])", 0, 1, "0-1/2 (0-3/8) a" },
    { "(trunc 2 a)", 0, 1, "" },
    { "(iter 2 [<a b> c])", 0, 4,
      "0-1/2 a, 1/2-1 c, 1-3/2 c, 3/2-2 b, 2-5/2 b, 5/2-3 c, 3-7/2 c, 7/2-4 a" },
    { "(chunk 2 [<a b> x] [<c d> y])", 0, 3,
      "0-1/2 c, 1/2-1 x, 1-3/2 a, 3/2-2 y, 2-5/2 d, 5/2-3 x" },
    { "(add (slow 3/2 a) b : 0)", 0, 2, "0-1 a, 1-3/2 a, 3/2-2 a" },
    { "(add (slow 3/2 a) b : 3)", 0, 2, "0-3/2 a, 3/2-3 (3/2-2) a" },
    /* a squeezed event lies where the cycle that it began in would have put it */
    { "[(slow 2 a) b]", 0, 2, "0-1 (0-1/2) a, 1/2-1 b, 0-1 (1-3/2) a, 3/2-2 b" },
    { "(ply 2 [(slow 2 a) b])", 0, 2, "0-1/2 a, 1/2-3/4 b, 3/4-1 b, 3/2-7/4 b, 7/4-2 b" },
    { "(chop 2 (rev [(param b : s) (slow 3 (param a : s))]))", 2, 3,
      "5/2-11/4 {begin 0 end 1/2 s b}, 11/4-3 {begin 1/2 end 1 s b}" },
    { "(press 1/2 [(slow 2 a) b])", 0, 2, "3/4-1 b, 7/4-2 b" },
    { "(mask [#t #f] [(slow 2 a) b])", 0, 2, "0-1 (0-1/2) a" },
    { "(zoom 0 2 [a b])", 1, 2, "1-5/4 a, 5/4-3/2 b, 2-9/4 a, 9/4-5/2 b" },
};

START_TEST(operation_answers_what_tidal_cycles_answers)
{
    row_check(&rows[_i], "tidal ", notation_pieces);
}
END_TEST

/* Where LANGUAGE 25 decides otherwise, .ph keeps its own rules. */
static const struct row own_rows[] = {
    { "(struct [#t #f] [a b c])", 0, 1, "0-1/2 a" },
    { "(segment 1 [a b])", 0, 1, "0-1 a" },
    { "(irand 8)", 0, 2, "signal (0-2) 4" },
    { "(cosine)", 0, 2, "signal (0-2) 1" },
    { "(iter 2 <a b>)", 1, 2, "1/2-3/2 (1-3/2) b, 3/2-5/2 (3/2-2) a" },
    { "[(slow 2 a) b]", 1, 2, "1/2-3/2 (1-3/2) a, 3/2-2 b" },
    { "(euclid 5 3 0 a)", 0, 1, "0-1/3 a, 1/3-2/3 a, 2/3-1 a" },
    { "(param [a:1:2 b:x] : s)", 0, 1, "0-1/2 {s a:1:2}, 1/2-1 {s b:x}" },
    { "(trunc 2 a)", 0, 1, "0-1 a" },
    { "(stretch [~ a b ~])", 0, 1, "-1/2-1/4 (0-1/4) b, 1/4-1/2 a, 1/2-5/4 (1/2-1) b" },
    { "(stretch <[~ a] [~ b]>)", 0, 1, "-1/2-1/2 (0-1/2) b, 1/2-3/2 (1/2-1) a" },
    { "(stretch <[~ a] ~ b>)", 0, 1, "-1-1/2 (0-1/2) b, 1/2-1 a" }, /* two cycles on: too far */
    { "(stretch (stack a [b b]))", 0, 1, "0-1/2 b, 0-1 a, 1/2-1 b" },
    { "(stretch (slow 3 a))", 1, 2, "0-3 (1-2) a" },
};

START_TEST(ph_keeps_its_own_rules)
{
    row_check(&own_rows[_i], "", notation_pieces);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_loop_test(t, operation_answers_what_tidal_cycles_answers, 0,
                        sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(t, ph_keeps_its_own_rules, 0, sizeof own_rows / sizeof own_rows[0]);
    return check_run("tidal", t);
}
