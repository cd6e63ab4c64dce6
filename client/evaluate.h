/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/evaluate.h - what the parts of evaluation share.                                        */
#ifndef CLIENT_EVALUATE_H
#define CLIENT_EVALUATE_H

#include "client/functions/make.h"
#include "client/value.h"

/* evaluate.c */
/** A transform or effect that waits for its input. */
struct value evaluate_waiting(struct compiler *c, enum value_kind kind, const struct ast *ast,
                              const struct frame *frame, const char *path);
bool evaluate_waits(struct value v);
/** The built-in that a name or call could mean, or NULL. */
const struct function *evaluate_builtin_of(const struct ast *a);
/** One link of a chain of `calls`. */
struct value evaluate_link(struct compiler *c, struct value left, const struct ast *written,
                           struct ast *const *calls, uint32_t n, const struct frame *frame,
                           const char *path);

/* operators.c */
struct value evaluate_number(struct ph_ratio ratio, double number, uint32_t offset);
/** The paths name what is made of either side. */
struct value evaluate_binary(struct compiler *c, enum ast_op op, struct value a, struct value b,
                             const char *left_path, const char *right_path);
struct value evaluate_negate(struct compiler *c, struct value v, const char *path);

/* arguments.c */
/** The oscillator behind `saw_trig` and its like, or NULL. */
const char *evaluate_trigger_of(const char *canonical);
struct value evaluate_triggered_voices(struct compiler *c, const struct function *f,
                                       const struct ast *call, const struct frame *frame,
                                       const char *path);
struct value evaluate_synth_voices(struct compiler *c, const struct ast *call,
                                   const struct frame *frame, const char *path);
/**
 * Argument `i` of an envelope: `:name value`, else what stands `i` places behind `first`, or NULL.
 */
const struct ast *evaluate_envelope_argument(const struct ast *call, uint32_t first, uint32_t i,
                                             const char *name);
/** Parameters without a name: when an envelope starts; false after reporting. */
bool evaluate_bind_gate(struct compiler *c, const struct signal_row *row, struct sig **args,
                        const char *path, uint32_t offset);
/** `chained` is what stands left of `#`, or NULL. */
struct value evaluate_signal_call(struct compiler *c, const struct signal_row *row,
                                  const struct ast *call, const struct frame *frame,
                                  const char *path, const struct value *chained);

/* chain.c */
struct value evaluate_not_supported(struct compiler *c, const char *name, uint32_t offset);
/** "`every` takes 2 arguments, found 1" */
struct value evaluate_wrong_count(struct compiler *c, const struct function *f,
                                  const struct ast *call);
bool evaluate_is_fired_by_pattern(const struct function *f);
const struct value *evaluate_frame_find(const struct frame *frame, const char *name);
struct definition *evaluate_shadowing(struct compiler *c, const char *name);
bool evaluate_is_builtin(struct compiler *c, const struct ast *a, const struct frame *frame);

/* call.c */
struct value evaluate_call_definition(struct compiler *c, struct definition *d,
                                      const struct ast *call, const struct frame *frame,
                                      const char *path);
struct value evaluate_call_name(struct compiler *c, const struct ast *call,
                                const struct frame *frame, const char *path);
bool evaluate_is_transform(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame);
struct value evaluate_builtin(struct compiler *c, const struct function *f, const struct ast *call,
                              const struct frame *frame, const char *path);

#endif
