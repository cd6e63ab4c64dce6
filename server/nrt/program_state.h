/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_state.h - what program.c, program_prepare.c and program_output.c share.     */
/* room: command thread. Nobody else includes it.                                                 */
#ifndef SERVER_NRT_PROGRAM_STATE_H
#define SERVER_NRT_PROGRAM_STATE_H

#include "protocol/bytes.h"
#include "server/load/bank.h"
#include "server/nrt/program.h"
#include "server/seq/seq.h"

/* Names in parentheses are the server's own: no .ph name can contain one. */
#define MIX_NODE "(mix)"
#define MIX_BUS "(mix)"

enum { MAIN_CHANNELS = 2 };

/** A compiled definition and its content. */
struct running_def {
    char *name;
    uint64_t hash;
    struct rt_def *def;
};

struct running_bus {
    char *name;
    uint32_t index, n_channels;
};

struct running_node {
    char *name;
    uint16_t slot;
    uint64_t hash; /* definition, control values and bus numbers; groups: 0 */
    bool is_group;
    uint32_t bus;         /* groups: where their voices write */
    struct rt_node *node; /* owned by the audio thread; NULL once it has come back */
};

struct running_player {
    char *name;
    uint16_t slot;
    uint32_t generation;
    uint64_t hash; /* code, target, and the definitions its words name */
    bool is_new;   /* begins with the program that brought it in */
};

/** An output, and the node that adds it to the mix or to a port. */
struct running_output {
    char *name;
    uint16_t slot; /* of the node; 0 until the nodes are prepared */
    bool hushed, solo;
    /* where the node writes it once more; nrt_program_config.has_stems */
    uint32_t stem_bus, n_channels;
};

/** What plays, or what is about to. */
struct running {
    uint64_t revision;
    uint8_t *source; /* what it was compiled from; NULL: unknown */
    size_t source_size;
    struct ph_tempo tempo;
    uint32_t n_defs, n_buses, n_outputs, n_nodes, n_players;
    struct running_output *outputs;
    struct running_def *defs;
    struct running_bus *buses;
    struct running_node *nodes;
    struct running_player *players;
};

/** What a switch does to the clock. */
struct clock_change {
    bool is_command; /* nothing else changes: all that plays is renewed */
    bool has_tempo;
    struct ph_ratio cps;
    enum ph_clock_move move;
    struct ph_ratio amount;
};

/** Names for the acknowledgement, by what happened to them. */
struct name_list {
    const char **names;
    uint32_t n;
};

struct nrt_programs {
    struct nrt_program_config config;
    struct running now, next; /* next: also the one before, for the names in its answer */
    bool pending;
    bool keeps_hush, cancelled, forget; /* said from outside, for the program under way */
    struct clock_change change;         /* of the program under way */
    uint32_t n_late;                    /* attempts that came too late */
    struct rt_program *late;            /* it came back, and is sent again at the next turn */
    int32_t request_id;
    double cps_before;
    int64_t edition; /* programs that have taken over, and that were forgotten */
    uint32_t last_generation;
    /* round robin, so that a bus is not reused while something fades out on it */
    uint32_t next_bus;
    /* [n_buses of programs]: frame before which something may still ring there */
    uint64_t *rests_until;
    struct rt_def *output_def;
    struct name_list kept, changed, added, removed;
    char warnings[512];
};

static inline uint64_t nrt_hash_number(uint64_t hash, uint64_t number)
{
    return ph_hash(hash, &number, sizeof number);
}

static inline uint32_t nrt_main_bus(const struct nrt_programs *p)
{
    return p->config.first_bus;
}

static inline uint32_t nrt_mix_bus(const struct nrt_programs *p)
{
    return p->config.first_bus + MAIN_CHANNELS;
}

static inline uint32_t nrt_port_bus(const struct nrt_programs *p, uint32_t port)
{
    return p->config.first_bus + 2 * MAIN_CHANNELS + port - 1;
}

/** Where the buses of programs begin, counted from first_bus: behind main, mix and the ports. */
static inline uint32_t nrt_lowest_bus(const struct nrt_programs *p)
{
    return 2 * MAIN_CHANNELS + p->config.n_outputs;
}

/** Adds a line to the warnings of the answer; what exceeds their space is left out. */
void nrt_program_warn(struct nrt_programs *p, const char *line);

/* program_output.c: from the program's mix to the ports. */

/** Sends the safety limiter to the audio thread, once at the start. */
PH_NODISCARD ph_status nrt_program_send_output(struct nrt_programs *p);
/** Adds to the program the nodes of its outputs, then the one that applies `outmix`. */
PH_NODISCARD ph_status nrt_program_append_mix(struct ph_program *program, bool has_stems);
/** p->next.outputs: who is hushed and who is solo, from what was and what the program says. */
PH_NODISCARD ph_status nrt_program_prepare_outputs(struct nrt_programs *p,
                                                   const struct ph_program *program);
/** Notes the slots of the nodes of p->next.outputs, and who is silent in the switch to it. */
void nrt_program_place_outputs(struct nrt_programs *p, struct rt_program *switch_);

/* program_samples.c: what a program names beside its own definitions. */

/**
 * Asks for the samples that the program names, so that they are there before it takes over: 10.2.
 */
void nrt_program_request_samples(struct nrt_programs *p, const struct ph_program *program);
/** True when controls are samples: those can't be put in later. */
bool nrt_program_names_samples(const struct ph_program *program);
/** The sample of a control that names one; false, and a warning, where there is none. */
bool nrt_program_find_sample(struct nrt_programs *p, const struct ph_program_control *control,
                             struct load_sample *out);
/**
 * Tells which words of `s` name nothing: they will be silent, and whoever sent them wants to know.
 */
void nrt_program_warn_of_sounds(struct nrt_programs *p, const struct ph_program *program,
                                const struct ph_pattern_code *code);

/* program_tails.c: what rings out when the program changes. */

/**
 * What of the old program rings out, written into the entries of the switch, behind all of them.
 */
PH_NODISCARD ph_status nrt_program_prepare_tails(struct nrt_programs *p, struct rt_program *switch_);
/**
 * The switch has happened: the buses that only the old
 * program had rest while something rings there.
 */
void nrt_program_retire_buses(struct nrt_programs *p, const struct running *old, uint64_t frame);
/** True when buses [first, first + n) don't rest. */
bool nrt_program_bus_has_rested(const struct nrt_programs *p, uint32_t first, uint32_t n);

/* program_prepare.c: p->next and the switch to it, from
 * p->now and the new program. In this order. */

PH_NODISCARD ph_status nrt_program_prepare_buses(struct nrt_programs *p,
                                                 const struct ph_program *program, char *error);
/** Puts the numbers of buses into the controls of the definitions that name them. */
PH_NODISCARD ph_status nrt_program_prepare_defs(struct nrt_programs *p, struct ph_program *program,
                                                char *error);
PH_NODISCARD ph_status nrt_program_prepare_buses(struct nrt_programs *p,
                                                 const struct ph_program *program, char *error);
/** Puts the numbers of buses into the controls of the definitions that name them. */
PH_NODISCARD ph_status nrt_program_prepare_defs(struct nrt_programs *p, struct ph_program *program,
                                                char *error);
PH_NODISCARD ph_status nrt_program_prepare_nodes(struct nrt_programs *p,
                                                 const struct ph_program *program,
                                                 struct rt_program *switch_, char *error);
/**
 * @param afresh  every player is new: the tempo changes, and with it the frames of all events
 * @param specs   space for all players of the program; those that are new are written, codes moved
 *         in
 */
PH_NODISCARD ph_status nrt_program_prepare_players(struct nrt_programs *p, struct ph_program *program,
                                                   bool afresh, struct rt_program *switch_,
                                                   struct seq_player_spec *specs, uint32_t *n_specs,
                                                   char *error);

#endif
