/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/transform.h - what the files that apply transforms share.                               */
#ifndef CLIENT_TRANSFORM_H
#define CLIENT_TRANSFORM_H

#include "client/functions/make.h"
#include "client/value.h"

/** One transform or combinator that is being applied. */
struct applied {
    struct compiler *c;
    const struct function *f;
    const struct ast *call;
    const struct frame *frame;
    const char *path;
    uint32_t offset;
};

/* transform.c */
struct value applied_argument(const struct applied *t, uint32_t i);
/** An argument that governs time: a number, a pattern, or a signal read at each cycle's start. */
struct pat *applied_pattern(const struct applied *t, uint32_t i);
/** The same, what it is at the start of each cycle: what LANGUAGE 9 marks `pat`. */
struct pat *applied_cycle(const struct applied *t, uint32_t i);
/** A number known now, for what decides how many layers there are. False after reporting. */
bool applied_number(const struct applied *t, uint32_t i, double low, double high,
                    struct value *out);
struct pat *applied_whole(const struct applied *t, int64_t n);
struct pat *applied_arithmetic(const struct applied *t, enum ph_pattern_op op, struct pat *a,
                               struct pat *b);
/** `p` with the control `name` set to `x`. */
struct pat *applied_control(const struct applied *t, const char *name, struct pat *x,
                            struct pat *p);
/** "`every` <what>" as an error. */
struct value applied_wrong(const struct applied *t, const char *what);
/** What the transform that is argument `i` makes of `v`. */
struct value applied_inner(const struct applied *t, uint32_t i, struct value v);

/* condition.c: LANGUAGE 9.5. False where the transform is none of these. */
bool condition_apply(const struct applied *t, struct value v, struct value *out);
/** Whether (not 0) its transforms make audio or layers, rather than patterns, of a signal. */
unsigned condition_makes(const struct applied *t);

/* layer.c: transforms that make several copies. False where the transform is none of these. */
bool layer_apply(const struct applied *t, struct value v, struct value *out);
bool layer_makes(const struct applied *t);

/* groove.c: LANGUAGE 19.4 */
/** Shifts of the slots of a cycle. NULL (and a warning) where no template has that name. */
const struct ph_value *groove_find(struct compiler *c, const char *name, uint32_t offset,
                                   uint32_t *n);

#endif
