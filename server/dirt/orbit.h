/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/orbit.h - orbits: where events of one kind meet; delay, reverb and leslie.         */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Events add to an orbit's dry bus. Its effects read that and add to the wet bus; the monitor    */
/* sends both to the ports. What an orbit needs is made when its first event comes.               */
#ifndef SERVER_DIRT_ORBIT_H
#define SERVER_DIRT_ORBIT_H

#include "server/dirt/event.h"
#include "server/link/command.h"
#include "server/nrt/synth.h"

enum {
    DIRT_ORBITS_MAX = 64,
    DIRT_ROUTES = 16,       /* buses of `to` and `from` */
    DIRT_BUS_CHANNELS = 2,
    DIRT_BUSES = (3 * DIRT_ORBITS_MAX + DIRT_ROUTES) * DIRT_BUS_CHANNELS
};

struct dirt_orbits_config {
    struct nrt_target target;
    struct nrt_symbols *symbols;
    uint32_t n_orbits;      /* 1 .. DIRT_ORBITS_MAX */
    uint32_t first_bus;     /* DIRT_BUSES of them */
    uint32_t port_bus;      /* what is added there goes to the first port, the next to the second */
    uint32_t n_ports;
    bool has_ports_each;    /* orbit i plays to the ports 2 i and 2 i + 1, if there are so many */
    /** Puts a command for the audio thread behind the others of the packet. */
    ph_status (*stage)(void *context, const struct link_command *command);
    void *context;
};

struct dirt_orbits;
PH_NODISCARD ph_status dirt_orbits_new(const struct dirt_orbits_config *config,
                                       struct dirt_orbits **out);
void dirt_orbits_free(struct dirt_orbits *orbits); /* accepts NULL */
uint32_t dirt_orbits_count(const struct dirt_orbits *orbits);

/** Makes what the orbit needs, if its first event comes. */
PH_NODISCARD ph_status dirt_orbit_wake(struct dirt_orbits *orbits, uint32_t orbit);
/**
 * Effects of the orbit as the event wants them, from `due_frame` on. What an event has said and
 * this one leaves out is 0 again, as in SuperDirt, but for `cps`.
 */
PH_NODISCARD ph_status dirt_orbit_set(struct dirt_orbits *orbits, uint32_t orbit,
                                      const struct dirt_event *event, uint64_t due_frame);

/** Ends all events of all orbits on that frame. */
PH_NODISCARD ph_status dirt_orbits_clear(struct dirt_orbits *orbits, uint64_t due_frame);
/** Peak and RMS of every orbit are told as /rms from now on, so often; 0: no more. */
PH_NODISCARD ph_status dirt_orbits_measure(struct dirt_orbits *orbits, float rate_hz,
                                           float lag_seconds);

/** Node id of the group that the orbit's events play in. */
int32_t dirt_orbit_group(uint32_t orbit);
/** True for nodes of orbits. */
bool dirt_orbit_owns(int32_t node);
uint32_t dirt_orbit_dry_bus(const struct dirt_orbits *orbits, uint32_t orbit);
/** Where a client's definition writes before its effects. */
uint32_t dirt_orbit_sound_bus(const struct dirt_orbits *orbits, uint32_t orbit);
/** Of `to` and `from`; any number, it wraps. */
uint32_t dirt_route_bus(const struct dirt_orbits *orbits, double number);

#endif
