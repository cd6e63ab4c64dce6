/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/voices.h - voices of many kinds, and two engines that play the same.           */
#ifndef TESTS_SERVER_RT_VOICES_H
#define TESTS_SERVER_RT_VOICES_H

#include "tests/server/rt/engine.h"

/**
 * Kinds of voices; each has the controls `out freq amp gate`, mixes into buses `out` and `out` + 1.
 */
enum voice_kind {
    VOICE_TONE, /* `amp` may be anything: no envelope, no limit */
    VOICE_SAW, VOICE_NOISE, VOICE_FM, VOICE_SAMPLE, VOICE_LAG, VOICE_TRIGGER, VOICE_BLEP,
    VOICE_NORMAL,
    N_VOICE_KINDS
};
struct rt_def *voices_def(struct engine *e, enum voice_kind kind);
/** Puts a small sample into buffer 0. */
void voices_load_buffer(struct engine *e);

/** Numbers for tests: the same on every run. */
struct dice { uint64_t state; };
uint32_t dice(struct dice *d, uint32_t n); /* 0 .. n - 1 */
void dice_shuffle(struct dice *d, uint32_t *list, uint32_t n);

/* building defs */
struct ph_input build_binary(struct ph_build *b, enum ph_rate rate, enum ph_binary op,
                             struct ph_input x, struct ph_input y);
struct ph_input build_op(struct ph_build *b, const char *unit, enum ph_rate rate, uint32_t n,
                         const struct ph_input *inputs);
#define BUILD(b, unit, rate, ...)                                                                  \
    build_op(b, unit, rate, sizeof(struct ph_input[]){ __VA_ARGS__ } / sizeof(struct ph_input),    \
             (struct ph_input[]){ __VA_ARGS__ })
/** EnvGen with one attack and one release segment; holds while the gate is open. */
struct ph_input build_envelope(struct ph_build *b, struct ph_input gate, float attack_seconds,
                               float release_seconds, int action);
/** Turns a control just built into one of another unit, such as TrigControl. */
void build_retype(struct ph_build *b, struct ph_input control, const char *unit);

/** The same commands to two engines: in the first synths play side by side, in the second alone. */
struct pair {
    struct engine *e[2];
    struct rt_def *defs[2][N_VOICE_KINDS];
    uint32_t n_blocks, n_wide; /* the most lanes in use at once */
};
struct pair *pair_new(const struct rt_config *config);
void pair_free(struct pair *p);
/** Makes a def in both, by `build`; the one of the second is kept from playing side by side. */
void pair_compile(struct pair *p, struct rt_def *defs[2],
                  struct rt_def *(*build)(struct engine *e, int which), int which);
/** A voice of one of the kinds, not yet started, with its bus. */
void pair_start(struct pair *p, struct rt_def *const defs[2], int32_t id, float out, int32_t target,
                uint8_t action, uint64_t due_frame);
void pair_send(struct pair *p, struct link_command command); /* anything but synths and groups */
void pair_set(struct pair *p, int32_t id, const char *control, float value, uint64_t due_frame);
void pair_group(struct pair *p, int32_t id, int32_t target, uint8_t action);
void pair_node(struct pair *p, enum link_command_kind kind, int32_t id, int32_t value);
/** Renders; fails where a bus differs in a bit, or a tree in a node. */
void pair_run(struct pair *p, uint32_t n_blocks);

/** What the plan says: batches in use, and lanes in use in them. */
uint32_t voices_batches(const struct engine *e);
uint32_t voices_lanes(const struct engine *e);

#endif
