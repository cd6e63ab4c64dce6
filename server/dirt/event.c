/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/event.c - pairs of names and values become a map of parameters.                    */
/* room: command thread.                                                                          */
#include "server/dirt/event.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"

/** What numbers of the table are. */
struct row {
    const char *name;
    double low, high;
};

#define ROW(id, name, low, high) { name, (double)(low), (double)(high) },
static const struct row rows[] = { DIRT_NUMBERS(ROW) };
#undef ROW
#define WORD(id, name) name,
static const char *const words[] = { DIRT_WORDS(WORD) };
#undef WORD

/* ---- names ----------------------------------------------------------------------------------- */

enum { NAME_COUNT = (int)DIRT_NUMBER_COUNT + (int)DIRT_WORD_COUNT };
_Static_assert(NAME_COUNT <= DIRT_PLACES / 4, "look-ups stay short");

static const char *name_of(int i)
{
    return i < DIRT_NUMBER_COUNT ? rows[i].name : words[i - DIRT_NUMBER_COUNT];
}

static uint32_t place_of(const char *name)
{
    return (uint32_t)ph_hash_text(PH_HASH_START, name) % DIRT_PLACES;
}

void dirt_reader_init(struct dirt_reader *reader, uint32_t n_control_buses, uint32_t n_audio_buses)
{
    *reader = (struct dirt_reader){ n_control_buses, n_audio_buses, { 0 } };
    for (int i = 0; i < NAME_COUNT; i++) {
        uint32_t at = place_of(name_of(i));
        while (reader->places[at])
            at = (at + 1) % DIRT_PLACES;
        reader->places[at] = (int16_t)(i + 1);
    }
}

/** Row of a number, or DIRT_NUMBER_COUNT and a word's; -1: not in the table. */
static int find(const struct dirt_reader *reader, const char *name)
{
    for (uint32_t at = place_of(name); reader->places[at]; at = (at + 1) % DIRT_PLACES)
        if (strcmp(name, name_of(reader->places[at] - 1)) == 0)
            return reader->places[at] - 1;
    return -1;
}

/* ---- values ---------------------------------------------------------------------------------- */

/** `c12` and `a3`, as scsynth's /s_new has them. The audio thread trusts that it is there. */
static bool is_bus(const struct dirt_reader *reader, const char *text, struct dirt_map *out)
{
    char *end;
    if ((text[0] != 'c' && text[0] != 'a') || text[1] < '0' || text[1] > '9')
        return false;
    const unsigned long bus = strtoul(text + 1, &end, 10);
    out->is_audio = text[0] == 'a';
    out->bus = (uint32_t)bus;
    return *end == 0 && bus < (out->is_audio ? reader->n_audio_buses : reader->n_control_buses);
}

/** Tidal quotes what stands in a pattern of words: `"3"` is a number too. */
static bool number_of(const struct ph_osc_arg *value, double *out)
{
    if (value->text) {
        char *end;
        *out = strtod(value->text, &end);
        return end != value->text && *end == 0 && isfinite(*out);
    }
    *out = value->f;
    return value->tag && strchr("ihfdTF", value->tag) && isfinite(*out);
}

static void take_other(struct dirt_event *e, const char *name, const struct ph_osc_arg *value)
{
    double x;
    if (!number_of(value, &x))
        return; /* words and the like: no synth has a control for them */
    if (e->n_others < DIRT_OTHERS_MAX && isfinite((float)x))
        e->others[e->n_others++] = (struct dirt_other){ name, (float)x };
    else
        e->n_ignored++;
}

static bool take_map(const struct dirt_reader *reader, struct dirt_event *e, int row,
                     const char *name, const struct ph_osc_arg *value)
{
    struct dirt_map map = { .name = name, .number = row < 0 ? DIRT_NUMBER_COUNT : row };
    if (!value->text || e->n_maps == DIRT_MAPS_MAX || !is_bus(reader, value->text, &map))
        return false;
    e->maps[e->n_maps++] = map;
    return true;
}

static void take(const struct dirt_reader *reader, struct dirt_event *e, const char *name,
                 const struct ph_osc_arg *value)
{
    const int row = find(reader, name);
    double x;
    if (row >= DIRT_NUMBER_COUNT) {
        e->words[row - DIRT_NUMBER_COUNT] = value->text;
        e->n_ignored += !value->text;
    } else if (row < 0 && !take_map(reader, e, row, name, value)) {
        take_other(e, name, value);
    } else if (row >= 0 && number_of(value, &x)) {
        dirt_set(e, (enum dirt_number)row, fmin(fmax(x, rows[row].low), rows[row].high));
    } else if (row == DIRT_NOTE && value->text) {
        return; /* Strudel's "a3", no bus: the number is in `midinote` beside it */
    } else if (row >= 0) {
        const bool is_mapped = take_map(reader, e, row, name, value);
        e->mapped[row / 64] |= (uint64_t)is_mapped << row % 64;
        e->n_ignored += !is_mapped;
    }
}

const struct dirt_map *dirt_map_of(const struct dirt_event *e, enum dirt_number number)
{
    if (!dirt_is_said(e, number) || dirt_has(e, number))
        return NULL;
    for (uint32_t i = e->n_maps; i > 0; i--)
        if (e->maps[i - 1].number == (int)number)
            return &e->maps[i - 1];
    return NULL;
}

void dirt_event_read(const struct dirt_reader *reader, const struct ph_osc_message *message,
                     struct dirt_event *out)
{
    struct ph_osc_args args = ph_osc_args(message);
    const char *name;
    out->time_ntp = message->time_ntp;
    memset(out->words, 0, sizeof out->words);
    memset(out->has, 0, sizeof out->has);
    memset(out->mapped, 0, sizeof out->mapped);
    out->n_others = out->n_maps = out->n_ignored = 0;
    while (ph_osc_next_text(&args, &name)) {
        const struct ph_osc_arg value = ph_osc_next(&args);
        if (!value.tag)
            return;
        if (name[0] != '_') /* what a sender notes for itself: Tidal's `_id_` may be "c1", no bus */
            take(reader, out, name, &value);
    }
}
