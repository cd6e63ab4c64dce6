/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/defs.h - compiled SynthDefs of scsynth's clients, by name.                          */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_DEFS_H
#define SERVER_NRT_DEFS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"
#include "server/rt/def.h"

struct nrt_defs;
PH_NODISCARD ph_status nrt_defs_new(struct nrt_defs **out);
void nrt_defs_free(struct nrt_defs *defs); /* accepts NULL */
/**
 * Takes the reference to `def`; one of the same name, with its variants, is removed (synths that
 * use it keep theirs). A variant "name.variant" comes after its definition "name" and is removed
 * with it; it is not counted. PH_FULL beyond 65,536.
 */
PH_NODISCARD ph_status nrt_defs_add(struct nrt_defs *defs, struct rt_def *def, bool is_variant);
/* borrowed, NULL: none */
struct rt_def *nrt_defs_find(const struct nrt_defs *defs, const char *name);
bool nrt_defs_remove(struct nrt_defs *defs, const char *name);
void nrt_defs_remove_all(struct nrt_defs *defs); /* nothing is told of them */
uint32_t nrt_defs_count(const struct nrt_defs *defs);
/**
 * Definitions that were removed by name, or replaced, stay until their last synth has ended: tells
 * `gone` of those that nobody uses any more, and lets go of them.
 */
void nrt_defs_sweep(struct nrt_defs *defs, void (*gone)(void *context, const char *name),
                    void *context);

#endif
