/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/event.h - one event of the TidalCycles door: a map of parameters, read from OSC.   */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_EVENT_H
#define SERVER_DIRT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/osc.h"
#include "server/dirt/params.h"

enum {
    DIRT_OTHERS_MAX = 64, /* parameters that only a synth may know; further ones are passed over */
    DIRT_MAPS_MAX = 32    /* parameters that follow a bus */
};

/** A parameter that isn't in the table. Borrows the packet. */
struct dirt_other {
    const char *name;
    float value;
};

/** `cutoff "c12"`: the parameter follows a control bus, `"a3"` an audio bus. */
struct dirt_map {
    const char *name;
    uint32_t bus;
    bool is_audio;
    int number; /* enum dirt_number; DIRT_NUMBER_COUNT: not in the table */
};

/** Words and names borrow the packet. */
struct dirt_event {
    uint64_t time_ntp;                     /* PH_OSC_NOW outside bundles */
    const char *words[DIRT_WORD_COUNT];    /* NULL: not said */
    double numbers[DIRT_NUMBER_COUNT];     /* where `has` has its bit */
    uint64_t has[(DIRT_NUMBER_COUNT + 63) / 64], mapped[(DIRT_NUMBER_COUNT + 63) / 64];
    uint32_t n_others, n_maps;
    struct dirt_other others[DIRT_OTHERS_MAX];
    struct dirt_map maps[DIRT_MAPS_MAX];
    uint32_t n_ignored;                    /* values that are nothing a parameter can be */
};

static inline bool dirt_has(const struct dirt_event *e, enum dirt_number number)
{
    return e->has[number / 64] >> number % 64 & 1;
}
static inline double dirt_get(const struct dirt_event *e, enum dirt_number number, double initial)
{
    return dirt_has(e, number) ? e->numbers[number] : initial;
}
/** True when the event says the parameter, as a number or as a bus. */
static inline bool dirt_is_said(const struct dirt_event *e, enum dirt_number number)
{
    return (e->has[number / 64] | e->mapped[number / 64]) >> number % 64 & 1;
}
/** The bus that the parameter follows, or NULL. */
const struct dirt_map *dirt_map_of(const struct dirt_event *event, enum dirt_number number);
static inline void dirt_set(struct dirt_event *e, enum dirt_number number, double value)
{
    e->numbers[number] = value;
    e->has[number / 64] |= UINT64_C(1) << number % 64;
}

/** The table's names, for look-up: open addressing by hash; and which buses there are to follow. */
enum { DIRT_PLACES = 512 };
struct dirt_reader {
    uint32_t n_control_buses, n_audio_buses;
    int16_t places[DIRT_PLACES]; /* one more than the row, 0: empty */
};
void dirt_reader_init(struct dirt_reader *reader, uint32_t n_control_buses, uint32_t n_audio_buses);

/**
 * Reads pairs of name and value in any order; of a name that comes twice the later counts. A value
 * that isn't finite, of a kind that the parameter doesn't take, or a bus that isn't there, is
 * ignored and counted. A name of no pair at the end is passed over, as is what begins with `_`.
 */
void dirt_event_read(const struct dirt_reader *reader, const struct ph_osc_message *message,
                     struct dirt_event *out);

#endif
