/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/dirt.h - the TidalCycles door: SuperDirt's messages become events, events voices.  */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_DIRT_H
#define SERVER_DIRT_DIRT_H

#include "protocol/osc.h"
#include "server/dirt/orbit.h"
#include "server/nrt/osc_server.h"

/** Where SuperDirt listens. */
#define DIRT_PORT 57120

struct nrt_context;

struct dirt_config {
    struct nrt_target target;
    uint32_t n_orbits;       /* 1 .. DIRT_ORBITS_MAX */
    bool has_ports_each;     /* see struct dirt_orbits_config, likewise the next three */
    uint32_t first_bus, port_bus, n_ports;
    uint32_t first_control_bus, n_control_buses; /* of Tidal's: at most DIRT_CONTROL_BUSES */
    uint16_t server_port;    /* where clients find the server itself; told in the handshake */
};
enum { DIRT_CONTROL_BUSES = 128 };

struct dirt;
/** Borrows the context, which must live as long. Nothing is compiled before the first event. */
PH_NODISCARD ph_status dirt_new(const struct dirt_config *config, struct nrt_context *context,
                                struct dirt **out);
void dirt_free(struct dirt *dirt); /* accepts NULL */

/** True for the addresses of this door, on whichever port they come. */
bool dirt_takes(const char *address);
/**
 * One message. Answers go to the sender. What can't be played is counted, and told once in the log;
 * it is never an error that the sender hears of, as in SuperDirt.
 */
void dirt_message(struct dirt *dirt, const struct nrt_sender *sender,
                  const struct ph_osc_message *message);
/**
 * A message of a unit in an orbit, for those who asked for levels. `message`: lo_message of liblo.
 */
void dirt_tell(struct dirt *dirt, int32_t node, const char *address, void *message);
/** Plays what waited for its samples. Each turn of the command thread. */
void dirt_turn(struct dirt *dirt);

/** For status. `by_orbit`: "0:1234 3:56"; `unknown`: "name (nearest)", separated by ", ". */
struct dirt_counts {
    uint64_t n_events, n_late, n_ignored, n_clamped;
    float late_worst_seconds;
    uint32_t n_waiting, n_definitions;
    char by_orbit[512], unknown[512];
};
void dirt_counts(const struct dirt *dirt, struct dirt_counts *out);

#endif
