/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program.h - a new program against the running one: what is kept, what changes, and  */
/* which state is carried over. The one way in for every program.                                 */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_PROGRAM_H
#define SERVER_NRT_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/program.h"
#include "server/link/ring.h"
#include "server/link/snapshot.h"
#include "server/nrt/synth.h"
#include "server/rt/program.h"

struct seq;
struct load_bank;

struct nrt_program_config {
    struct nrt_symbols *symbols;
    struct link_ring *commands;      /* to the audio thread; this thread is its producer */
    struct link_snapshot *snapshot;
    struct seq *seq;
    struct load_bank *bank;
    uint32_t rate_hz;
    struct nrt_target target;
    uint32_t first_bus, n_buses;     /* audio buses that belong to programs */
    uint32_t n_outputs;              /* of the driver */
    bool has_stems;                  /* outputs can be listened to one by one: nrt_program_stem() */
    struct ph_tempo tempo;           /* as the engine starts */
    bool play_at_once;               /* no program waits for its samples */
    bool offline;                    /* nothing renders while a program is prepared: no lead time */
    /** A turn of the command thread of at most 2 ms, while a program waits for its samples. */
    void (*idle)(void *context);
    /** Sends loaded samples on their way to the audio thread; called before the switch is sent. */
    void (*flush_buffers)(void *context);
    void *context;
};

struct nrt_programs;
/** Also sends the output stage (safety limiter) to the audio thread. */
PH_NODISCARD ph_status nrt_programs_new(const struct nrt_program_config *config,
                                        struct nrt_programs **out);
/** What is added to this bus goes through a limiter to the first port, to the next to the second. */
uint32_t nrt_programs_port_bus(const struct nrt_programs *programs);
/** The sequencer has ended: what comes back from now on is only freed. Accepts NULL. */
void nrt_programs_detach(struct nrt_programs *programs);
/** After the audio thread has stopped and its reports were drained. Accepts NULL. */
void nrt_programs_free(struct nrt_programs *programs);

/**
 * Prepares `program` (its contents are moved out) and sends the switch. The answer comes through
 * nrt_program_switched(). Until then nrt_program_pending() is true and the next call answers
 * PH_FULL: drain the reports first. PH_STALE: it was merged with another edition than the running
 * one. On any other failure nothing has changed and `error` (256 bytes) says why.
 */
PH_NODISCARD ph_status nrt_program_apply(struct nrt_programs *programs, struct ph_program *program,
                                         char *error);
/**
 * What the running program was compiled from (NULL:
 * unknown), borrowed until the next apply; its edition.
 */
int64_t nrt_program_source(const struct nrt_programs *programs, const uint8_t **source, size_t *size);
/** The same for a command that moves the clock: of `program` only tempo, move and request count. */
PH_NODISCARD ph_status nrt_program_move_clock(struct nrt_programs *programs,
                                              const struct ph_program *program, char *error);
bool nrt_program_pending(const struct nrt_programs *programs);

/** What a switch did. Names are borrowed until the next apply. */
struct nrt_program_result {
    bool is_clock;        /* nrt_program_move_clock(): no names */
    int32_t request_id;
    uint64_t revision, frame;
    double cycle, cps_before, cps_after;
    const char *const *kept, *const *changed, *const *added, *const *removed;
    uint32_t n_kept, n_changed, n_added, n_removed;
    const char *warnings; /* patterns over their budget; "" when none */
};
/**
 * LINK_REPORT_PROGRAM arrived: takes the rt_program back, frees what it retired.
 * @return false when the switch came too late for its frame: nothing has changed, it is sent again
 */
bool nrt_program_switched(struct nrt_programs *programs, struct rt_program *back,
                          struct nrt_program_result *result);

/**
 * A node comes back from the audio thread: call before it is freed, so that nobody refers to it.
 */
void nrt_program_node_gone(struct nrt_programs *programs, const struct rt_node *node);

/**
 * Name of a node of the running program, or of the one before it; of a player: `player`. NULL: none
 * has it (any more).
 */
const char *nrt_program_name_of(const struct nrt_programs *programs, uint16_t slot, bool player);

/** From here on a program that takes over leaves a hush as it is, or ends it. */
void nrt_program_keep_hush(struct nrt_programs *programs, bool keep);
enum nrt_output_change { NRT_OUTPUT_HUSH, NRT_OUTPUT_UNHUSH, NRT_OUTPUT_SOLO, NRT_OUTPUT_UNSOLO };
/**
 * Hush and solo of one output of the running program, or of the one in flight; `name` NULL with
 * UNHUSH and UNSOLO: of all. PH_NOT_FOUND: there is no such output.
 */
PH_NODISCARD ph_status nrt_program_change_output(struct nrt_programs *programs,
                                                 enum nrt_output_change change, const char *name);
/** Tells the audio thread of all outputs who is heard; false: the ring is full, call it again. */
bool nrt_program_send_outputs(struct nrt_programs *programs);
/**
 * Output `index` of the running program: its name (borrowed until the next program), and the audio
 * buses that hold what it adds to the mix or its port. False past the last one, and without
 * has_stems.
 */
bool nrt_program_stem(const struct nrt_programs *programs, uint32_t index, const char **name,
                      uint32_t *first_bus, uint32_t *n_channels);

/** A program that waits for its samples is refused. */
void nrt_program_cancel(struct nrt_programs *programs);
/**
 * A panic is on its way and ends every program node: the running program and the one in flight are
 * forgotten, so that the next one starts afresh.
 */
void nrt_program_forget(struct nrt_programs *programs);
/**
 * One turn: what came too late is sent again; forgets, if that was asked for and no program is in
 * flight. Call it before the next apply.
 * @return false when a program in flight was given up, because a panic came after it
 */
bool nrt_program_settle(struct nrt_programs *programs);

#endif
