/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/make.h - functions of the library that are written in C, not in the dialect.      */
#ifndef CLIENT_TIDAL_MAKE_H
#define CLIENT_TIDAL_MAKE_H

#include "client/tidal/library.h"

/* numbers, plain or in patterns; `op`, `structure` of the row */
tidal_make tidal_make_arithmetic, tidal_make_math, tidal_make_negate, tidal_make_convert,
    tidal_make_squeezed;

/* plain Haskell */
tidal_make tidal_make_apply, tidal_make_flip, tidal_make_bool, tidal_make_map, tidal_make_foldr,
    tidal_make_concat, tidal_make_append_lists, tidal_make_reverse, tidal_make_replicate,
    tidal_make_index, tidal_make_length, tidal_make_zip, tidal_make_sum, tidal_make_tuple;

/* prelude.c: more of it */
tidal_make tidal_make_divide, tidal_make_compare, tidal_make_logic, tidal_make_take,
    tidal_make_zip_with, tidal_make_scanl, tidal_make_iterate, tidal_make_step,
    tidal_make_lindenmayer;

/* patterns of lists */
tidal_make tidal_make_pure, tidal_make_stack, tidal_make_list, tidal_make_fastcat,
    tidal_make_timecat, tidal_make_pick, tidal_make_pick_function, tidal_make_weighted,
    tidal_make_inhabit, tidal_make_swap, tidal_make_fit, tidal_make_to_scale,
    tidal_make_to_scale_octave, tidal_make_seq, tidal_make_ur, tidal_make_bits,
    tidal_make_bits_of, tidal_make_ascii, tidal_make_markov, tidal_make_permstep;

/* operations with something that the table of operations can't say alone */
tidal_make tidal_make_control, tidal_make_nothing, tidal_make_span, tidal_make_conditional,
    tidal_make_every, tidal_make_every_bound, tidal_make_degrade, tidal_make_euclid,
    tidal_make_match, tidal_make_gap,
    tidal_make_brand, tidal_make_true_parts, tidal_make_fmap, tidal_make_joined, tidal_make_signal,
    tidal_make_sound, tidal_make_clamped_time, tidal_make_when, tidal_make_named,
    tidal_make_apply_patterns;

/* ---- make.c, for both ------------------------------------------------------------------------ */

/** A list with room for `n` items, and that many. */
struct tv tidal_new_list(struct tidal *t, uint32_t n);
/** An instruction with one whole number as immediate. */
struct tv tidal_op_imm(struct tidal *t, enum ph_pattern_op op, struct pat *const *args,
                       uint32_t n_args, int64_t imm);
/** MATH: `function` is one of its words. */
struct pat *tidal_math(struct tidal *t, const char *function, struct pat *p);

#endif
