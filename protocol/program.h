/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/program.h - a whole program as it travels: definitions, buses, nodes, players.        */
/* room: none (pure).                                                                             */
/*                                                                                                */
/* On the wire a program is one OSC bundle of the records below, from /phonon/begin to            */
/* /phonon/commit. It fits one UDP datagram or goes over TCP; the answer is /done or /fail with   */
/* the request id. Nothing of it is applied unless all of it is valid.                            */
#ifndef PROTOCOL_PROGRAM_H
#define PROTOCOL_PROGRAM_H

#include "protocol/osc.h"
#include "protocol/pattern_code.h"
#include "protocol/ratio.h"
#include "protocol/synthdef.h"

enum {
    PH_PROGRAM_RECORDS_MAX = 4096, /* of each kind */
    PH_PROGRAM_BYTES_MAX = 64 << 20,
    PH_SOURCE_BYTES_MAX = 1000000
};

/** How the outputs meet: LANGUAGE 20. */
enum ph_outmix { PH_OUTMIX_NONE, PH_OUTMIX_GAIN, PH_OUTMIX_SQRT, PH_OUTMIX_TANH, PH_OUTMIX_HARD };

/**
 * Pre-defined bus names: the program's mix (2 channels, goes through outmix and safety limiter).
 */
#define PH_BUS_MAIN "main"
/**
 * "port 1", "port 2" ...: the driver's outputs, one channel each, behind nothing but the safety
 * limiter. Those that the driver hasn't got are silent.
 */
#define PH_BUS_PORT "port "
enum { PH_PORTS_MAX = 256 };
/** The number behind PH_BUS_PORT, 1 .. PH_PORTS_MAX without leading zeros; 0: `name` is no port. */
uint32_t ph_bus_port(const char *name);

/**
 * A control: a number, or the number of a bus by name, or that of a sample's buffer by its word.
 */
struct ph_program_control {
    char *control;
    char *bus;     /* NULL: `sample` counts, or `value` */
    float value;
    /* "bd"; loaded before the program takes over. Its number is -1 where there is none */
    char *sample;
    int32_t index; /* of the word's files; wraps */
};

/**
 * A definition. Its controls say which buses its instances use unless they are told otherwise:
 * voices read buses of the program so. When the number of such a bus changes, the definition counts
 * as changed; voices that sound keep theirs.
 */
struct ph_program_def {
    char *name;
    uint64_t hash;          /* of content: structure, constants, controls, keys */
    struct ph_synthdef def; /* unit keys included */
    uint32_t n_controls;
    struct ph_program_control *controls;
};

/** A private audio bus. Lives as long as programs name it; the server picks its number. */
struct ph_program_bus {
    char *name;
    uint32_t n_channels; /* 1 or 2 */
};

/**
 * What a program says about hush and solo of an output. Both
 * outlive programs that leave it as it is.
 */
enum ph_output_state {
    PH_OUTPUT_AS_IT_IS, /* as under the program before; a new one sounds */
    PH_OUTPUT_SOUNDS,
    PH_OUTPUT_HUSHED,
    PH_OUTPUT_SOLO      /* of all outputs only such are heard; replaces the solo that was */
};

/**
 * An output: what hush and solo name, and what a stem holds. Its nodes and voices write to `bus`,
 * which nobody else need read: the server adds it to the mix, in the order of the records, or to a
 * port. The outputs of port 0 are the k of outmix `gain` and `sqrt`, whether they are hushed or
 * not. A program without outputs writes to PH_BUS_MAIN itself.
 */
struct ph_program_output {
    char *name;    /* "out", "o1", "out3" */
    char *bus;     /* of one channel, which goes to both sides of the mix, or two */
    uint32_t port; /* 0: the mix; N: the driver's output N, which takes the first channel */
    enum ph_output_state state;
};

/**
 * A node. Nodes run in the order of their records.
 * `def` names a definition: one lasting synth. `def` NULL: a group that holds the voices of a
 * player; its voices write to `bus`.
 */
struct ph_program_node {
    char *name;
    char *def;
    char *bus;
    uint32_t n_controls;
    struct ph_program_control *controls;
};

enum ph_player_kind {
    PH_PLAYER_EVENTS, /* values are controls {s, n, gain ...}: voices in group `node` */
    PH_PLAYER_STEPS   /* values are numbers or notes: written into `control` of synth `node` */
};

/** What a rest in a STEPS pattern does (LANGUAGE 4.2). */
enum ph_rest { PH_REST_HOLD, PH_REST_ZERO };

struct ph_program_player {
    char *name;
    enum ph_player_kind kind;
    char *node;
    /* STEPS: AudioControl that receives values; notes arrive as Hz when `notes_as_hz` */
    char *control;
    char *gate;     /* STEPS: control set to 1 while an event sounds and 0 in rests; NULL: none */
    bool notes_as_hz;
    enum ph_rest rest;
    char *default_def; /* EVENTS: def of events that have a note but no `s`; NULL: none */
    uint64_t hash;  /* of the code and the fields above */
    struct ph_pattern_code code;
};

/** What a switch does to the clock, besides its tempo. */
enum ph_clock_move {
    PH_CLOCK_RUNS_ON,
    PH_CLOCK_JUMPS,        /* to cycle `amount` */
    PH_CLOCK_NUDGED,       /* later by `amount` cycles; negative: earlier */
    PH_CLOCK_NUDGED_SECONDS
};

struct ph_program {
    char *name;           /* file name or "-" */
    int32_t request_id;
    uint64_t revision;    /* content hash of the whole program; its source is no part of it */
    /* edition of the running program that this one was merged with; 0: none */
    int64_t based_on;
    uint8_t *source;      /* what it was compiled from, for whoever asks; NULL: unknown */
    size_t source_size;
    struct ph_ratio cps;
    bool has_cps;         /* false: keep the running tempo */
    enum ph_clock_move move;
    struct ph_ratio amount;
    enum ph_outmix outmix;
    uint32_t n_defs, n_buses, n_outputs, n_nodes, n_players;
    struct ph_program_def *defs;
    struct ph_program_bus *buses;
    struct ph_program_output *outputs;
    struct ph_program_node *nodes;
    struct ph_program_player *players;
};

void ph_program_finish(struct ph_program *program);

/**
 * Reads the records of one checked bundle.
 * @param error  space for 256; what is wrong and in which record. On failure `out` holds nothing
 *               but the request number, where that was read
 */
PH_NODISCARD ph_status ph_program_decode(const void *packet, size_t size, struct ph_program *out,
                                         char *error);
/**
 * Reads the arguments of /phonon/tempo, /phonon/cycle or /phonon/nudge (enum ph_address) into the
 * program's clock. PH_WRONG_TYPE, PH_OUT_OF_RANGE: a tempo outside 0.001 .. 50, a cycle beyond
 * 2^40, a nudge earlier by more than one cycle (or second) or later by more than 1000.
 */
PH_NODISCARD ph_status ph_program_read_clock(int address, struct ph_osc_args *args,
                                             struct ph_program *out);
/** True when a packet is a bundle whose first message is /phonon/begin. */
bool ph_program_is(const void *packet, size_t size);
/** Names resolve (defs, buses, nodes, controls), sizes are within limits. `error` as above. */
PH_NODISCARD ph_status ph_program_validate(const struct ph_program *program, char *error);
/** Hashes of defs, players and the whole; called by the sender before encoding. */
void ph_program_hash(struct ph_program *program);

#endif
