/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/synth.h - makes and frees what the audio thread plays: compiled defs, synths,       */
/* groups.                                                                                        */
/* room: command and sequencer threads (defs and synths are made on both; counts are atomic).     */
#ifndef SERVER_NRT_SYNTH_H
#define SERVER_NRT_SYNTH_H

#include "protocol/synthdef.h"
#include "server/link/query.h"
#include "server/rt/batch.h"
#include "server/rt/block.h"
#include "server/rt/node.h"
#include "server/rt/program.h"

/** Names of controls as numbers > 0, so that the audio thread compares integers. Thread-safe. */
struct nrt_symbols;
PH_NODISCARD ph_status nrt_symbols_new(struct nrt_symbols **out);
void nrt_symbols_free(struct nrt_symbols *s);
/* 0: out of memory or table full */
uint32_t nrt_symbol_intern(struct nrt_symbols *s, const char *name);
const char *nrt_symbol_name(struct nrt_symbols *s, uint32_t symbol); /* NULL: no such symbol */
uint32_t nrt_symbol_find(struct nrt_symbols *s, const char *name);   /* 0: never interned */

/** The engine that a definition is compiled for. */
struct nrt_target {
    const struct dsp_set *set; /* kernels */
    float rate_hz;
    uint32_t block_frames;
    uint32_t n_audio_wires_max;
    bool is_clients; /* scsynth's ways with signals, where a program's units have better ones */
};
struct nrt_target nrt_target_of(const struct rt_config *config);

/**
 * nrt/compile.c: SynthDef -> block program. `error` takes 128 bytes: the unit and what is wrong.
 */
PH_NODISCARD ph_status nrt_def_compile(const struct ph_synthdef *def, struct nrt_symbols *symbols,
                                       const struct nrt_target *target, struct rt_def **out,
                                       char *error);
struct rt_def *nrt_def_retain(struct rt_def *def);
void nrt_def_release(struct rt_def *def); /* frees with the last; accepts NULL */
/** Index of a control by name and offset; -1: none. */
int32_t nrt_def_control(const struct rt_def *def, uint32_t symbol);

/**
 * A synth with the def's initial values; holds a reference to the def. Long memory is allocated and
 * touched here, sized from constants and from the initial values of controls. With every third
 * synth of a def that has a wide form comes a batch for its pool.
 */
PH_NODISCARD ph_status nrt_synth_new(struct rt_def *def, int32_t id, uint64_t seed,
                                     struct rt_synth **out);
/** What long memories may take together, as scsynth's -m limits it. Command thread. */
struct nrt_memory_limit {
    uint64_t n_bytes_max; /* 0: any number */
    uint64_t n_bytes;
    bool is_told; /* that it is reached, in the log; until something fits again */
};
/** What a synth's long memories follow from, beyond its controls. */
struct nrt_supply {
    /* floats of the clients' buffer of that number; 0: none, or not known */
    uint64_t (*floats_of)(void *context, float number);
    void *context;
    /* NULL: none. A unit whose memory does not fit is silent, as scsynth's are */
    struct nrt_memory_limit *limit;
};
/**
 * The same in two steps, for controls that say how much memory there shall be: a synth without any;
 * and, once its controls are set, its memory (supply NULL: no buffer is known, nothing limits it).
 * What can't be had frees the synth.
 */
PH_NODISCARD ph_status nrt_synth_bare(struct rt_def *def, int32_t id, uint64_t seed,
                                      struct rt_synth **out);
PH_NODISCARD ph_status nrt_synth_fit(struct rt_synth *synth, const struct nrt_supply *supply);
/**
 * A definition's list of ended synths, which nrt_synth_new() uses again; part of the definition.
 */
struct nrt_spares *nrt_spares_new(void); /* NULL: no memory */
void nrt_spares_free(struct nrt_spares *spares); /* accepts NULL */
uint32_t nrt_spares_count(struct nrt_spares *spares);
/* before it is given away */
bool nrt_synth_set(struct rt_synth *synth, uint32_t symbol, float value);
bool nrt_synth_set_index(struct rt_synth *synth, uint32_t control, float value);
/**
 * Before it is given away: a control follows a bus that is there. One that isn't there is ignored.
 */
void nrt_synth_map_index(struct rt_synth *synth, uint32_t control, enum link_control_source source,
                         uint32_t bus);
void nrt_synth_free(struct rt_synth *synth);
/** An empty batch for synths of a def with a wide form; NULL: no memory. */
struct rt_batch *nrt_batch_new(struct rt_def *def);
void nrt_batch_free(struct rt_batch *batch); /* accepts NULL */
PH_NODISCARD ph_status nrt_group_new(int32_t id, struct rt_group **out);
void nrt_group_free(struct rt_group *group);

/**
 * What of `from`'s units lives on in `to`: pairs of units with equal keys and kernels, each key
 * once. Marks the units of `to`, shares long memories (retained), writes at most def->n_units
 * carries.
 * @return number of carries
 */
uint32_t nrt_synth_carry(const struct rt_synth *from, struct rt_synth *to, struct rt_carry *carries);

#endif
