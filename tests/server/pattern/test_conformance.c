/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_conformance.c - what each instruction plays: LANGUAGE 6 to 9, 26.    */
#include <stdio.h>
#include <string.h>

#include "tests/server/pattern/rows.h"

/* LANGUAGE 26, and one or more rows for every instruction that it leaves out. */
static const struct row rows[] = {
    { "[a b c]", 0, 1, "0 a, 1/3 b, 2/3 c" },
    { "[a [b c]]", 0, 1, "0 a, 1/2 b, 3/4 c" },
    { "(timecat a b : 3 1)", 0, 1, "0 a, 3/4 b" },
    { "[<a b> c]", 0, 2, "0 a, 1/2 c, 1 b, 3/2 c" },
    { "<a <b c>>", 0, 4, "0 a, 1 b, 2 a, 3 c" },
    { "(polymeter a b c : 4)", 0, 2,
      "0 a, 1/4 b, 1/2 c, 3/4 a, 1 b, 5/4 c, 3/2 a, 7/4 b" },
    { "(polymeter <a b> c : 3)", 0, 2, "0 a, 1/3 c, 2/3 b, 1 c, 4/3 a, 5/3 c" },
    { "[[(fast 2 a)] [b c d]]", 0, 1, "0 a, 1/4 a, 1/2 b, 2/3 c, 5/6 d" },
    { "(stack [bd ~ bd] (fast 4 hh))", 0, 1,
      "0 bd, 0 hh, 1/4 hh, 1/2 hh, 2/3 bd, 3/4 hh" },
    { "(slow 2 [a b])", 0, 2, "0 a, 1 b" },
    { "(fast 3/2 a)", 0, 2, "0 a, 2/3 a, 4/3 a" },
    { "(fast 0 a)", 0, 1, "" },
    { "(slow 0 a)", 0, 1, "" },
    { "(fast -1 [a b c])", 0, 1, "0 c, 1/3 b, 2/3 a" },
    { "(fast [1 2] a)", 0, 2, "0 a, 1/2 a, 1 a, 3/2 a" },
    { "(fast <1 2> a)", 0, 2, "0 a, 1 a, 3/2 a" },
    { "(rev [0 1 2 3])", 0, 1, "0 3, 1/4 2, 1/2 1, 3/4 0" },
    { "(iter 4 [0 1 2 3])", 1, 2, "1 1, 5/4 2, 3/2 3, 7/4 0" },
    { "(iter -4 [0 1 2 3])", 1, 2, "1 3, 5/4 0, 3/2 1, 7/4 2" },
    { "(early 1/4 [0 1 2 3])", 0, 1, "0 1, 1/4 2, 1/2 3, 3/4 0" },
    { "(late 1/4 [0 1 2 3])", 0, 1, "0 3, 1/4 0, 1/2 1, 3/4 2" },
    { "(ply 2 [0 1])", 0, 1, "0 0, 1/4 0, 1/2 1, 3/4 1" },
    { "(ply 3/2 a)", 0, 1, "0 a, 2/3 a" },
    { "(press 1/2 [a b])", 0, 1, "1/4 a, 3/4 b" },
    { "(zoom 1/4 3/4 [0 1 2 3])", 0, 1, "0 1, 1/2 2" },
    { "(compress 1/4 3/4 [0 1 2 3])", 0, 1, "1/4 0, 3/8 1, 1/2 2, 5/8 3" },
    { "(compress 3/4 1/4 a)", 0, 1, "" },
    { "(fast_gap 2 [a b])", 0, 1, "0 a, 1/4 b" },
    { "(linger 1/4 [0 1 2 3])", 0, 1, "0 0, 1/4 0, 1/2 0, 3/4 0" },
    { "(linger 0 a)", 0, 1, "" },
    { "(brak [a b])", 0, 2, "0 a, 1/2 b, 5/4 a, 3/2 b" },
    { "(inside_cycle 2 <a b c>)", 0, 2, "0 a, 1/2 b, 1 b, 3/2 c" },
    { "(every 3 0 a b)", 0, 4, "0 b, 1 a, 2 a, 3 b" },
    { "(every 3 1 a b)", 0, 3, "0 a, 1 b, 2 a" },
    { "(every 0 0 a b)", 0, 1, "0 a" },
    { "(every <2 3> 0 a b)", 0, 4, "0 b, 1 a, 2 b, 3 b" },
    { "(whenmod 4 2 a b)", 0, 5, "0 a, 1 a, 2 b, 3 b, 4 a" },
    { "(within 0 1/2 [a b c d] (rev [a b c d]))", 0, 1, "0 d, 1/4 c, 1/2 c, 3/4 d" },
    { "(chunk 4 [a b c d] (rev [a b c d]))", 0, 2,
      "0 d, 1/4 b, 1/2 c, 3/4 d, 1 a, 5/4 c, 3/2 c, 7/4 d" },
    { "(swing 1/10 (fast 8 hh))", 0, 1,
      "0 hh, 3/20 hh, 1/4 hh, 2/5 hh, 1/2 hh, 13/20 hh, 3/4 hh, 9/10 hh" },
    { "(cycle_mod 2 <a b c>)", 0, 4, "0 a, 1 b, 2 a, 3 b" },
    { "(cycle_mod 2 <a b c>)", -1, 1, "-1 b, 0 a" },
    { "(cycle_mod 0 a)", 0, 1, "" },
    { "(groove 1/2 (fast 4 hh) : 0 1/8)", 0, 1, "0 hh, 1/4 hh, 9/16 hh, 13/16 hh" },
    { "(groove 1 [a b] : -1/8 0)", 0, 1, "1/2 b, 7/8 a" },
    { "(groove 1 [a b])", 0, 1, "0 a, 1/2 b" },
    { "(segment 4 (glide 1/2 [0 1]))", 0, 1, "0 0, 1/4 0.5, 1/2 1, 3/4 0.5" },
    { "(segment 4 (glide 0 [0 1]))", 0, 1, "0 0, 1/4 0, 1/2 1, 3/4 1" },
    { "(segment 2 (glide 1 [0 ~]))", 0, 1, "0 0" },
    { "(walk 2 [0 0 0 10])", 0, 2, "0 -2, 1/4 0, 1/2 -2, 3/4 6, 1 -2, 5/4 0, 3/2 2, 7/4 10" },
    { "(walk 1 0)", 63, 65, "63 0, 64 -1" }, /* it begins anew */
    { "(walk 1 (stack 0 10))", 0, 2, "0 -1, 0 9, 1 -2, 1 8" },
    { "(next [0 1 <2 3>])", 0, 2, "0 1, 1/3 2, 2/3 0, 1 1, 4/3 3, 5/3 0" },
    { "(next [0 ~ 1])", 0, 1, "0 0, 2/3 0" },
    { "(segment 2 (at_begin (saw)))", 0, 1, "0 4.76837158e-07, 1/2 0.500000477" },
    { "(stripe 2 <a b c d>)", 0, 2, "0 a, 1/3 b, 1 c, 5/3 d" },
    { "(segment 4 [a b])", 0, 1, "0 a, 1/4 a, 1/2 b, 3/4 b" },
    { "(segment 2 (saw))", 0, 1, "0 0.25, 1/2 0.75" },
    { "(segment 4 (square))", 0, 1, "0 0, 1/4 0, 1/2 1, 3/4 1" },
    { "(segment 4 (tri))", 0, 1, "0 0.25, 1/4 0.75, 1/2 0.75, 3/4 0.25" },
    { "(segment 2 (isaw))", 0, 1, "0 0.75, 1/2 0.25" },
    { "(segment 2 (sine))", 0, 1, "0 1, 1/2 0" },
    { "(segment 1 (cosine))", 0, 1, "0 0" },
    { "(struct [#t #f #t] [a b])", 0, 1, "0 a, 2/3 b" },
    { "(struct [#t #t] [a ~])", 0, 1, "0 a" },
    { "(mask [#t #f] (fast 4 a))", 0, 1, "0 a, 1/4 a" },
    { "(keep_onsets [#t ~ #f #t] [a b c d])", 0, 1, "0 a, 3/4 d" },
    { "(sew [#t #f] (fast 2 a) (fast 4 b))", 0, 1, "0 a, 1/2 b, 3/4 b" },
    { "(stitch [#t #f #t] a b)", 0, 1, "0 a, 1/3 b, 2/3 a" },
    { "(inv [#t #f])", 0, 1, "0 #f, 1/2 #t" },
    { "(euclid 3 8 0 a)", 0, 1, "0 a, 3/8 a, 3/4 a" },
    { "(euclid 1 2 0 [a b])", 0, 1, "0 a, 1/4 b" },
    { "(euclid_sample 2 4 0 [a b])", 0, 1, "0 a, 1/2 b" },
    { "(euclid_bool 1 3 0 #t)", 0, 1, "0 #t, 1/3 #f, 2/3 #f" },
    { "(euclid <1 2> 4 0 a)", 0, 2, "0 a, 1 a, 3/2 a" },
    { "(rot 1 [a b c d])", 0, 1, "0 b, 1/4 c, 1/2 d, 3/4 a" },
    { "(rot 1 (rev [a b c d]))", 0, 1, "0 c, 1/4 b, 1/2 a, 3/4 d" },
    { "(rot -1 [a ~ b])", 0, 1, "0 b, 2/3 a" },
    { "(bite 4 [0 2] [a b c d])", 0, 1, "0 a, 1/2 c" },
    { "(bite 2 [1 0] [a b c d])", 0, 1, "0 c, 1/4 d, 1/2 a, 3/4 b" },
    { "(run 4)", 0, 1, "0 0, 1/4 1, 1/2 2, 3/4 3" },
    { "(run [2 4])", 0, 1, "0 0, 1/2 2, 3/4 3" },
    { "(scan 2)", 0, 3, "0 0, 1 0, 3/2 1, 2 0" },
    { "(range 1 5 [0 1/2 1])", 0, 1, "0 1, 1/3 3, 2/3 5" },
    { "(quantise 2 [0.3 0.6 1.25])", 0, 1, "0 0.5, 1/3 0.5, 2/3 1" },
    { "(pick [1 0] a b : 0)", 0, 1, "0 b" }, /* a began at 0, where b was picked */
    { "(pick <1 0> a b : 0)", 0, 2, "0 b, 1 a" },
    { "(add [1 2 3] 10 : 0)", 0, 1, "0 11, 1/3 12, 2/3 13" },
    { "(add [0 10] [1 2 3 4] : 0)", 0, 1, "0 1, 1/4 2, 1/2 13, 3/4 14" },
    { "(add [0 10] [1 2 3 4] : 1)", 0, 1, "0 1, 1/2 13" },
    { "(add [0 10] [1 2 3 4] : 2)", 0, 1, "0 1, 1/4 2, 1/2 13, 3/4 14" },
    { "(sub 10 [1 2] : 0)", 0, 1, "0 9, 1/2 8" },
    { "(mul [1 2] [3 4] : 0)", 0, 1, "0 3, 1/2 8" },
    { "(div [1 2] [2 0] : 0)", 0, 1, "0 1/2, 1/2 0" },
    { "(keep [1 2] [a b c d] : 2)", 0, 1, "0 1, 1/4 1, 1/2 2, 3/4 2" },
    { "(union [1 2] [a b c d] : 1)", 0, 1, "0 a, 1/2 c" },
    { "(add (segment 2 (saw)) [0 1] : 0)", 0, 1, "0 0.25, 1/2 1.75" },
    { "(add [0 1] (saw) : 0)", 0, 1, "0 0.25, 1/2 1.75" },
    { "(scale minor [0 2 4 7])", 0, 1, "0 0, 1/4 3, 1/2 7, 3/4 12" },
    { "(scale minor -1)", 0, 1, "0 -2" },
    { "(scale nonsense [1 2])", 0, 1, "0 1, 1/2 2" },
    { "(scale minor (param 2 : n))", 0, 1, "0 {n 3}" },
    { "(add (chord maj @60) 12 : 0)", 0, 1, "0 @72_76_79" },
    { "(chord [min7 m9 sixNine] 0)", 0, 1, "0 +0_3_7_10, 1/3 +0_3_7_10_14, 2/3 +0_4_7_9_14" },
    { "(chord [maj min] [0 1 2])", 0, 1, "0 +0_4_7, 1/3 +1_5_8, 2/3 +2_5_9" },
    { "(chord maj3 @60)", 0, 1, "0 @60_64_67" },
    { "(chord maj5 @60)", 0, 1, "0 @60_64_67_72_76" },
    { "(chord maj'i @60)", 0, 1, "0 @64_67_72" },
    { "(chord maj'o @60)", 0, 1, "0 @48_64_55" },
    { "(chord MAJ7'2 @60)", 0, 1, "0 @60_64" },
    { "(chord sevensharp5f9 0)", 0, 1, "0 +0_4_8_10_13" },
    { "(chord unheard-of @60)", 0, 1, "0 @60" },
    { "(add @60 7 : 0)", 0, 1, "0 @67" },
    { "(mul @60 2 : 0)", 0, 1, "0 120" },

    /* controls */
    { "(param [bd:3 sn] : s)", 0, 1, "0 {n 3 s bd}, 1/2 {s sn}" },
    { "(set (param (fast 4 bd) : s) (param [0 5 7 12] : note) : 1)", 0, 1,
      "0 {note 0 s bd}, 1/4 {note 5 s bd}, 1/2 {note 7 s bd}, 3/4 {note 12 s bd}" },
    { "(set (param [a b] : s) (param [1 2 3 4] : gain) : 0)", 0, 1,
      "0 {gain 1 s a}, 1/2 {gain 3 s b}" },
    { "(set (param [a b] : s) (param [~ 1] : gain) : 0)", 0, 1, "0 {s a}, 1/2 {gain 1 s b}" },
    { "(set (param [a b] : s) (param [~ 1] : note) : 1)", 0, 1, "1/2 {note 1 s b}" },
    { "(set (param a : s) (param (stack 1 2) : gain) : 0)", 0, 1, "0 {gain 1 s a}" },
    { "(set (set (param a : s) (param 1 : gain) : 0) (param 2 : gain) : 0)", 0, 1,
      "0 {gain 2 s a}" },
    { "(set (param [a b] : s) (param (saw) : pan) : 0)", 0, 1,
      "0 {pan 0.25 s a}, 1/2 {pan 0.75 s b}" },
    { "(union (param a : s) (param [1 2] : gain) : 1)", 0, 1, "0 {gain 1 s a}" },
    { "(add (param [a b] : s) 3 : 1)", 0, 1, "0 {note 3 s a}, 1/2 {note 3 s b}" },
    { "(add (set (param a : s) (param @60 : note) : 1) 3 : 1)", 0, 1, "0 {note @63 s a}" },
    { "(sub (param [0 4] : note) 3 : 1)", 0, 1, "0 {note -3}, 1/2 {note 1}" },
    { "(mul (param a : s) 1/2 : 1)", 0, 1, "0 {gain 1/2 s a}" },
    { "(add (param 1 : n) (param 2 : n) : 0)", 0, 1, "0 {n 3}" },
    { "(param_mul 1/2 (set (param a : s) (param 3 : gain) : 0) : gain)", 0, 1,
      "0 {gain 3/2 s a}" },
    { "(param_mul 1/2 (param a : s) : gain)", 0, 1, "0 {gain 1/2 s a}" },
    { "(param_add 1/2 (param 3 : pan) : pan)", 0, 1, "0 {pan 7/2}" },
    { "(stack (param [bd sn] : s) (late 1/8 (param_mul 1/2 (param [bd sn] : s) : gain)))", 0, 1,
      "0 {s bd}, 1/8 {gain 1/2 s bd}, 1/2 {s sn}, 5/8 {gain 1/2 s sn}" },
    { "(slice 4 [3 2 1 0] (param [a b c d] : s))", 0, 1,
      "0 {s d}, 1/4 {s c}, 1/2 {s b}, 3/4 {s a}" },
    { "(slice 2 [0 1] (rev (param [a b] : s)))", 0, 1, "0 {s b}, 1/2 {s a}" },
    { "(slice 4 [0 2] (param [a b] : s))", 0, 1,
      "0 {begin 0 end 1/4 s a}, 1/2 {begin 1/2 end 3/4 s b}" },
    { "(slice 4 [0 2] (param brk : s))", 0, 1,
      "0 {begin 0 end 1/4 s brk}, 1/2 {begin 1/2 end 3/4 s brk}" },
    { "(splice 8 [0 1 2 3] (param brk : s))", 0, 1,
      "0 {begin 0 end 1/8 s brk speed 1/2 unit c}, 1/4 {begin 1/8 end 1/4 s brk speed 1/2 unit c}, "
      "1/2 {begin 1/4 end 3/8 s brk speed 1/2 unit c}, "
      "3/4 {begin 3/8 end 1/2 s brk speed 1/2 unit c}" },
    { "(chop 2 (param a : s))", 0, 1, "0 {begin 0 end 1/2 s a}, 1/2 {begin 1/2 end 1 s a}" },
    { "(chop 2 (chop 2 (param a : s)))", 0, 1,
      "0 {begin 0 end 1/4 s a}, 1/4 {begin 1/4 end 1/2 s a}, 1/2 {begin 1/2 end 3/4 s a}, "
      "3/4 {begin 3/4 end 1 s a}" },
    { "(striate 2 (param [a b] : s))", 0, 1,
      "0 {begin 0 end 1/2 s a}, 1/4 {begin 0 end 1/2 s b}, 1/2 {begin 1/2 end 1 s a}, "
      "3/4 {begin 1/2 end 1 s b}" },
    { "(loop_at 2 (param a : s))", 0, 4, "0 {s a speed 1/2 unit c}, 2 {s a speed 1/2 unit c}" },
    { "(hurry 2 (param a : s))", 0, 1, "0 {s a speed 2}, 1/2 {s a speed 2}" },
    { "(hurry <1 2> (param a : s))", 0, 2, "0 {s a speed 1}, 1 {s a speed 2}, 3/2 {s a speed 2}" },
};

START_TEST(instruction_plays_what_the_table_says)
{
    row_check(&rows[_i], "", notation_onsets);
}
END_TEST

/* Events that reach over a border keep their whole, or are cut, as each instruction says. */
static const struct row ends[] = {
    { "(slow 2 a)", 0, 2, "0-2 a" },
    { "[(slow 2 a) b]", 0, 1, "0-1 a, 1/2-1 b" },
    { "(trunc 3/8 [a b])", 0, 1, "0-3/8 a" },
    { "(trunc 3/4 [a b])", 0, 1, "0-1/2 a, 1/2-3/4 b" },
    { "(trunc 2 [a b])", 0, 1, "0-1/2 a, 1/2-1 b" },
    { "(ply 2 (slow 2 a))", 0, 2, "0-1 a, 1-2 a" },
    { "(add (late 1/2 1) 10 : 0)", 0, 2, "1/2-3/2 11, 3/2-5/2 11" },
    { "(add (late 1/2 1) [10 20] : 0)", 0, 1, "0-1/2 11, 1/2-1 21" },
    { "(bite 4 [1 0] [a b])", 0, 1, "0-1/2 a, 1/2-1 a" },
    { "(struct [#t ~] (fast 4 a))", 0, 1, "0-1/2 a" },
};

START_TEST(events_end_where_the_table_says)
{
    row_check(&ends[_i], "", notation_events);
}
END_TEST

/* E(k, n, r) of LANGUAGE 6.4 as x and dots. */
static const struct {
    int k, n, r;
    const char *hits;
} euclids[] = {
    { 1, 4, 0, "x..." },          { 2, 5, 0, "x.x.." },
    { 3, 4, 0, "xxx." },          { 3, 7, 0, "x.x.x.." },
    { 3, 8, 0, "x..x..x." },      { 4, 9, 0, "x.x.x.x.." },
    { 5, 8, 0, "x.xx.xx." },      { 5, 12, 0, "x..x.x..x.x." },
    { 5, 16, 0, "x..x..x..x..x..." }, { 7, 12, 0, "x.xx.x.xx.x." },
    { 7, 16, 0, "x..x.x.x..x.x.x." }, { 9, 16, 0, "x.xx.x.x.xx.x.x." },
    { 11, 16, 0, "x.xx.xx.xx.xx.xx" }, { 3, 8, 1, "..x..x.x" },
    { 3, 8, 2, ".x..x.x." },      { -3, 8, 0, ".xx.xx.x" },
    { 0, 4, 0, "...." },          { 4, 4, 0, "xxxx" },
    { 7, 4, 0, "xxxx" },          { 1, 1, 0, "x" },
    { -4, 4, 0, "...." },         { 3, 8, -1, ".x..x..x" },
    { 3, 8, 9, "..x..x.x" },
};

START_TEST(euclid_matches_the_table)
{
    char code[64], hits[32];
    struct ph_pattern_code built = { 0 };
    const struct pat_hap *haps;
    uint32_t n_haps;
    const int n = euclids[_i].n;

    snprintf(code, sizeof code, "(euclid %d %d %d x)", euclids[_i].k, n, euclids[_i].r);
    struct pat *const pat = notation_pat(code, &built);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(5), ph_ratio_of(6), NULL, &haps, &n_haps), PH_OK);
    memset(hits, '.', sizeof hits);
    hits[n] = '\0';
    for (uint32_t i = 0; i < n_haps; i++) {
        bool overflow = false;
        const struct ph_ratio phase =
            ph_ratio_sub(haps[i].whole_begin, ph_ratio_of(5), &overflow);
        const struct ph_ratio step = ph_ratio_mul(phase, ph_ratio_of(n), &overflow);
        ck_assert_int_eq(step.den, 1);
        hits[step.num] = 'x';
    }
    ck_assert_str_eq(hits, euclids[_i].hits);
    notation_free(pat, &built);
}
END_TEST

START_TEST(haps_are_sorted_and_parts_lie_in_span_and_whole)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat =
        notation_pat("(stack (rev [a b (slow 2 c)]) (late 1/7 (fast 5 d)) (slow 3 [x y]))", &code);
    const struct ph_ratio begin = PH_RATIO(1, 3), end = PH_RATIO(12, 5);
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, begin, end, NULL, &haps, &n), PH_OK);
    ck_assert_uint_gt(n, 10);
    for (uint32_t i = 0; i < n; i++) {
        const struct pat_hap *const h = &haps[i];
        ck_assert(ph_ratio_cmp(h->part_begin, begin) >= 0 && ph_ratio_cmp(h->part_end, end) <= 0);
        ck_assert(ph_ratio_cmp(h->part_begin, h->part_end) < 0);
        ck_assert(ph_ratio_cmp(h->whole_begin, h->part_begin) <= 0);
        ck_assert(ph_ratio_cmp(h->whole_end, h->part_end) >= 0);
        ck_assert(i == 0 || ph_ratio_cmp(haps[i - 1].part_begin, h->part_begin) <= 0);
    }
    notation_free(pat, &code);
}
END_TEST

START_TEST(equal_keys_are_equal_pointers)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(
        "(stack (param a : s) (param b : s) (chop 2 (set (param c : s) (param 1 : end) : 0)))",
        &code);
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 4);
    const char *s = NULL, *end = NULL;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < haps[i].value->n_controls; k++) {
            const char *const key = haps[i].value->controls[k].key;
            const char **const seen = strcmp(key, "s") == 0     ? &s
                                      : strcmp(key, "end") == 0 ? &end
                                                                : NULL;
            ck_assert(!seen || !*seen || *seen == key);
            if (seen)
                *seen = key;
        }
        ck_assert_ptr_nonnull(pat_control(haps[i].value, "s"));
        ck_assert_ptr_null(pat_control(haps[i].value, "gain"));
    }
    notation_free(pat, &code);
}
END_TEST

START_TEST(exact_numbers_carry_their_double_too)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("(add [1/4 #t] 1/2 : 0)", &code);
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_double_eq(haps[0].value->plain.number, 0.75);
    ck_assert_double_eq(haps[1].value->plain.number, 1.5);
    notation_free(pat, &code);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_loop_test(t, instruction_plays_what_the_table_says, 0,
                        sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(t, events_end_where_the_table_says, 0, sizeof ends / sizeof ends[0]);
    tcase_add_loop_test(t, euclid_matches_the_table, 0, sizeof euclids / sizeof euclids[0]);
    tcase_add_test(t, haps_are_sorted_and_parts_lie_in_span_and_whole);
    tcase_add_test(t, equal_keys_are_equal_pointers);
    tcase_add_test(t, exact_numbers_carry_their_double_too);
    return check_run("conformance", t);
}
