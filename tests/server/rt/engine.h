/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/engine.h - an engine without driver: defs to play, blocks rendered on demand.  */
#ifndef TESTS_SERVER_RT_ENGINE_H
#define TESTS_SERVER_RT_ENGINE_H

#include <stdlib.h>

#include "protocol/synthdef.h"
#include "server/nrt/synth.h"
#include "server/rt/world.h"
#include "tests/support/check_main.h"

enum { ENGINE_FRAMES_MAX = 1 << 17, ENGINE_REPORTS_MAX = 4096, BLOCK = DSP_BLOCK_FRAMES };

struct engine {
    struct rt_world *w;
    struct nrt_symbols *symbols;
    float *out[2]; /* everything rendered so far */
    uint32_t n_frames;
    bool hold_reports; /* the command thread sleeps */
    struct link_report reports[ENGINE_REPORTS_MAX]; /* all but owned pointers still stand in them */
    uint32_t n_reports;
    uint32_t n_synths_back, n_groups_back, n_programs_back, n_buffers_back;
    uint64_t switch_frame;
    bool was_late; /* the last program came back unplayed */
    struct ph_ratio switch_cycle;
};

/** Starts an engine; `config` NULL: small defaults of its own (48 kHz, no inputs, 2 outputs). */
struct rt_config engine_config(void);
struct engine *engine_new(const struct rt_config *config);
/** Gives everything back; fails the test when the engine has lost a node. */
void engine_free(struct engine *e);
/** The same, and lets go of the only def. */
void engine_finish(struct engine *e, struct rt_def *def);
/** Renders whole blocks and takes the reports. */
void engine_run(struct engine *e, uint32_t n_blocks);
void engine_take_reports(struct engine *e);
struct link_status engine_status(struct engine *e);

/* defs: compiled, owned by the caller */
struct rt_def *engine_compile(struct engine *e, struct ph_build *b);
/**
 * AudioControl `x` (initial 1) -> Out on bus `out` (initial
 * 0). Key of the only unit with state: none.
 */
struct rt_def *engine_level_def(struct engine *e);
/** SinOsc of control `freq` (440), times `amp` (1), -> Out on bus `out`. */
struct rt_def *engine_sine_def(struct engine *e, uint64_t key);
/**
 * Done action `action` in the block in which control `stop` becomes 1; level 1 on `out` until then.
 */
struct rt_def *engine_done_def(struct engine *e, int action);

uint32_t engine_symbol(struct engine *e, const char *name);
struct rt_synth *engine_synth(struct rt_def *def, int32_t id);
void engine_send(struct engine *e, struct link_command command); /* on the command ring */
void engine_send_seq(struct engine *e, struct link_command command);
/** For engine_send_seq(): control `x` of the synth in slot 1 steps to `value` on frame `frame`. */
struct link_command engine_step(struct engine *e, uint64_t frame, float value);
void engine_add(struct engine *e, struct rt_synth *synth, int32_t target, uint8_t action);
void engine_add_group(struct engine *e, int32_t id, int32_t target, uint8_t action);
void engine_set(struct engine *e, int32_t id, const char *control, float value);
void engine_node(struct engine *e, enum link_command_kind kind, int32_t id, int32_t value);

/** Number of node notifications of that kind and id; of failures with that status. */
uint32_t engine_count_events(const struct engine *e, enum link_node_event event, int32_t id);
uint32_t engine_count_fails(const struct engine *e, ph_status status);
/** Ids of the children of a group, in order; returns their number. */
uint32_t engine_children(struct engine *e, int32_t group, int32_t *ids, uint32_t max);
/** Fails unless the children are exactly these. */
void engine_expect_children(struct engine *e, int32_t group, uint32_t n, const int32_t *ids);

int engine_main(const char *name, TCase *tests);

#endif
