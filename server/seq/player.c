/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/player.c - one player: its pattern, cycle by cycle, as items with due frames.       */
/* room: sequencer thread.                                                                        */
#include "server/seq/player.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONTINUOUS_PARTS = 64, /* a pattern without events of its own is read so often per cycle */
    PAUSE_MAX = 64         /* cycles between attempts at a pattern that fails */
};

ph_status seq_player_new(struct seq_player_spec *spec, const struct ph_tempo *tempo,
                         const struct ph_tempo *before, int64_t from_frame, struct load_bank *bank,
                         struct seq_player **out)
{
    struct seq_player *const p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p) {
        ph_pattern_code_finish(&spec->code);
        return PH_NO_MEMORY;
    }
    p->spec = *spec;
    spec->code = (struct ph_pattern_code){ 0 };
    p->spec.default_def = spec->default_def ? nrt_def_retain(spec->default_def) : NULL;
    p->tempo = *tempo;
    p->tempo_before = *before;
    p->from_frame = from_frame;
    p->name_hash = ph_hash_text(PH_HASH_START, spec->name);
    p->bank = bank;
    p->sounds = true;
    p->n_pause_next = 1;
    /* an onset just before a frame may round up to it: begin one frame earlier, the filter decides */
    p->next_cycle = ph_ratio_floor(ph_tempo_cycle(before, from_frame - 1));
    const ph_status status = pat_new(&p->spec.code, &p->pat);
    if (status != PH_OK) {
        seq_player_free(p);
        return status;
    }
    *out = p;
    return PH_OK;
}

void seq_player_free(struct seq_player *p)
{
    if (!p)
        return;
    pat_free(p->pat);
    ph_pattern_code_finish(&p->spec.code);
    nrt_def_release(p->spec.default_def);
    free(p->items);
    free(p);
}

/* ---- items ----------------------------------------------------------------------------------- */

/** Appends an item at a cycle position; one that another program has played is left out. */
static void add_item(struct seq_player *p, struct ph_ratio when, struct seq_item item)
{
    if (ph_tempo_frame(&p->tempo_before, when) < p->from_frame)
        return;
    if (p->n_items == p->space) {
        const uint32_t space = p->space ? p->space * 2 : 32;
        struct seq_item *const items = realloc(p->items, space * sizeof *items);
        if (!items) {
            p->failure = PH_NO_MEMORY;
            return;
        }
        p->items = items;
        p->space = space;
    }
    item.due_frame = ph_tempo_frame(&p->tempo, when);
    if (item.due_frame < p->from_frame) /* by rounding under the new tempo */
        item.due_frame = p->from_frame;
    p->items[p->n_items++] = item;
}

static void add_events(struct seq_player *p, const struct pat_hap *haps, uint32_t n)
{
    const struct pat_hap *before = NULL;
    uint32_t ordinal = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!pat_has_onset(&haps[i]))
            continue;
        const bool together = before && ph_ratio_cmp(before->whole_begin, haps[i].whole_begin) == 0;
        ordinal = together ? ordinal + 1 : 0;
        before = &haps[i];
        add_item(p, haps[i].whole_begin, (struct seq_item){ .hap = before, .ordinal = ordinal });
    }
}

/* ---- steps ----------------------------------------------------------------------------------- */

static double hz_of(double midi)
{
    return 440.0 * exp2((midi - 69.0) / 12.0);
}

/** The number that a value steers a control with; false for words and what isn't finite. */
static bool step_value(const struct seq_player *p, const struct pat_value *value, float *out)
{
    const struct ph_value *v = &value->plain;
    bool is_relative = false;
    if (value->is_controls) {
        const struct ph_value *const note = pat_control(value, "note");
        v = note ? note : pat_control(value, "n");
        if (!v)
            return false;
        is_relative = true; /* numbers of `note` are semitones from c4 */
    }
    double x;
    switch (v->kind) {
    case PH_VALUE_NUMBER: x = v->number; break;
    case PH_VALUE_RATIO:
    case PH_VALUE_BOOL: x = ph_ratio_to_double(v->ratio); break;
    case PH_VALUE_NOTE:
        x = v->number;
        if (p->spec.notes_as_hz)
            x = hz_of(x);
        is_relative = false;
        break;
    case PH_VALUE_CHORD:
        x = v->n_notes ? (double)v->notes[0] : 0.0;
        if (p->spec.notes_as_hz && !v->relative)
            x = hz_of(x);
        is_relative = is_relative && v->relative;
        break;
    case PH_VALUE_WORD:
    default: return false;
    }
    if (is_relative && p->spec.notes_as_hz)
        x = hz_of(60.0 + x);
    *out = (float)x;
    return isfinite(x) && isfinite(*out);
}

/** How far a cycle has been turned into steps. */
struct cover {
    struct ph_ratio until;      /* an event sounds up to here, or a rest has been written from here */
    struct ph_ratio last_onset; /* of equal onsets only the first counts */
    bool has_onset, rests;      /* rests: what lies before `until` was silent */
};

static void add_rest(struct seq_player *p, struct ph_ratio when)
{
    if (p->spec.rest == PH_REST_ZERO)
        add_item(p, when, (struct seq_item){ .symbol = p->spec.symbol, .value = 0.0f });
    if (p->spec.gate_symbol)
        add_item(p, when, (struct seq_item){ .symbol = p->spec.gate_symbol, .value = 0.0f });
}

static void add_value(struct seq_player *p, struct ph_ratio when, float value)
{
    add_item(p, when, (struct seq_item){ .symbol = p->spec.symbol, .value = value });
    if (p->spec.gate_symbol)
        add_item(p, when, (struct seq_item){ .symbol = p->spec.gate_symbol, .value = 1.0f });
}

/**
 * Steps of one query's haps, which lie in order of their parts.
 * @param carries_in  also write what an earlier event says where the query begins
 */
static void add_steps(struct seq_player *p, const struct pat_hap *haps, uint32_t n, bool carries_in,
                      struct cover *c)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct pat_hap *const h = &haps[i];
        float value;
        if (!step_value(p, h->value, &value) || ph_ratio_cmp(h->part_begin, h->part_end) >= 0)
            continue;
        if (ph_ratio_cmp(c->until, h->part_begin) < 0 && !c->rests)
            add_rest(p, c->until);
        const bool begins = !h->has_whole || pat_has_onset(h);
        const bool again = c->has_onset && ph_ratio_cmp(c->last_onset, h->part_begin) == 0;
        if ((begins || (carries_in && i == 0)) && !again) {
            add_value(p, h->part_begin, value);
            c->last_onset = h->part_begin;
            c->has_onset = true;
        }
        if (ph_ratio_cmp(h->part_end, c->until) > 0)
            c->until = h->part_end;
        c->rests = false;
    }
}

/** A rest between the end of the last event and `end`. */
static void close_steps(struct seq_player *p, struct ph_ratio end, struct cover *c)
{
    const bool is_gap = ph_ratio_cmp(c->until, end) < 0;
    if (is_gap && !c->rests)
        add_rest(p, c->until);
    p->sounds = !is_gap;
}

static bool is_continuous(const struct pat_hap *haps, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!haps[i].has_whole)
            return true;
    return false;
}

static void build_steps(struct seq_player *p, int64_t cycle, const struct pat_hap *haps, uint32_t n,
                        bool carries_in)
{
    const struct ph_ratio begin = ph_ratio_of(cycle), end = ph_ratio_of(cycle + 1);
    struct cover cover = { .until = begin, .rests = !p->sounds };
    if (!is_continuous(haps, n)) {
        add_steps(p, haps, n, carries_in, &cover);
        close_steps(p, end, &cover);
        return;
    }
    for (int64_t k = 0; k < CONTINUOUS_PARTS && p->failure == PH_OK; k++) {
        bool overflow = false;
        const struct ph_ratio from =
            ph_ratio_make(cycle * CONTINUOUS_PARTS + k, CONTINUOUS_PARTS, &overflow);
        const struct ph_ratio to =
            ph_ratio_make(cycle * CONTINUOUS_PARTS + k + 1, CONTINUOUS_PARTS, &overflow);
        p->failure = overflow ? PH_OVERFLOW
                              : pat_query(p->pat, from, to, &pat_limits_default, &haps, &n);
        if (p->failure == PH_OK)
            add_steps(p, haps, n, carries_in && k == 0, &cover);
    }
    close_steps(p, end, &cover);
}

/* ---- cycles ---------------------------------------------------------------------------------- */

static ph_status query_cycle(struct seq_player *p, int64_t cycle, const struct pat_hap **haps,
                             uint32_t *n)
{
    *n = 0;
    return pat_query(p->pat, ph_ratio_of(cycle), ph_ratio_of(cycle + 1), &pat_limits_default, haps, n);
}

/** Asks for the samples of a cycle, so that they are there when it is played. */
static void request_samples(struct seq_player *p, int64_t cycle)
{
    const struct pat_hap *haps;
    uint32_t n;
    if (query_cycle(p, cycle, &haps, &n) != PH_OK)
        return; /* said when the cycle is played */
    for (uint32_t i = 0; i < n; i++)
        seq_event_request(p->bank, haps[i].value);
}

static void load_cycle(struct seq_player *p, int64_t cycle, bool carries_in)
{
    const struct pat_hap *haps;
    uint32_t n;
    p->n_items = p->at = 0;
    if (p->n_pause > 0) {
        p->n_pause--;
        return;
    }
    const bool is_events = p->spec.kind == PH_PLAYER_EVENTS;
    if (is_events && p->bank)
        request_samples(p, cycle + 1);
    const ph_status status = query_cycle(p, cycle, &haps, &n);
    if (status != PH_OK)
        p->failure = status;
    else if (is_events)
        add_events(p, haps, n);
    else
        build_steps(p, cycle, haps, n, carries_in);
    if (p->failure == PH_OK) {
        p->n_pause_next = 1;
        return;
    }
    /* it would fail, at full cost, in most cycles to come: ask ever more rarely */
    p->n_pause = p->n_pause_next;
    p->n_pause_next = p->n_pause_next * 2 < PAUSE_MAX ? p->n_pause_next * 2 : PAUSE_MAX;
}

const struct seq_item *seq_player_peek(struct seq_player *p, int64_t frame)
{
    while (p->at == p->n_items) {
        if (p->failure != PH_OK)
            return NULL; /* one failure at a time */
        if (ph_tempo_frame(&p->tempo, ph_ratio_of(p->next_cycle)) >= frame)
            return NULL;
        load_cycle(p, p->next_cycle, false);
        p->next_cycle++;
    }
    return p->items[p->at].due_frame < frame ? &p->items[p->at] : NULL;
}

void seq_player_advance(struct seq_player *p)
{
    p->at++;
}

/** The last item for `symbol` due at or before `frame`. */
static const struct seq_item *last_item(const struct seq_player *p, uint32_t symbol, int64_t frame)
{
    for (uint32_t i = p->n_items; i-- > 0;)
        if (p->items[i].symbol == symbol && p->items[i].due_frame <= frame)
            return &p->items[i];
    return NULL;
}

uint32_t seq_player_initials(struct seq_player *p, struct rt_initial *out)
{
    if (p->spec.kind != PH_PLAYER_STEPS)
        return 0;
    const int64_t frame = p->from_frame;
    const int64_t cycle = ph_ratio_floor(ph_tempo_cycle(&p->tempo_before, frame));
    const uint32_t symbols[2] = { p->spec.symbol, p->spec.gate_symbol };
    struct rt_initial found[2];
    bool is_found[2] = { false, false };
    p->from_frame = INT64_MIN; /* for once the past counts: one cycle of it */
    p->sounds = true;
    for (int64_t c = cycle - 1; c <= cycle; c++) {
        load_cycle(p, c, c < cycle);
        for (uint32_t k = 0; k < 2; k++) {
            const struct seq_item *const item = symbols[k] ? last_item(p, symbols[k], frame) : NULL;
            if (item) {
                found[k] = (struct rt_initial){ p->spec.node_slot, symbols[k], item->value };
                is_found[k] = true;
            }
        }
    }
    p->from_frame = frame;
    p->sounds = true;
    p->n_items = p->at = 0;
    p->n_pause = 0;
    uint32_t n = 0;
    for (uint32_t k = 0; k < 2; k++)
        if (is_found[k])
            out[n++] = found[k];
    return n;
}
