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

/* Range of `nudge` in seconds. Players that use it are asked so much the earlier. */
static const double earliest_seconds = -1.0, latest_seconds = 60.0;

/** Pattern code and its players; all of them are made and freed on one thread. */
struct seq_code {
    struct ph_pattern_code code;
    uint32_t n_refs;
};

static void release_code(struct seq_code *c)
{
    if (!c || --c->n_refs > 0)
        return;
    ph_pattern_code_finish(&c->code);
    free(c);
}

static bool names_control(const struct ph_pattern_code *code, const char *key)
{
    for (uint32_t i = 0; i < code->n_consts; i++)
        if (code->consts[i].kind == PH_VALUE_WORD && strcmp(code->consts[i].text, key) == 0)
            return true;
    return false;
}

/** Counts one player more of `code`, also on failure. */
static ph_status new_player(const struct seq_player_spec *spec, struct seq_code *code,
                            struct load_bank *bank, struct seq_player **out)
{
    struct seq_player *const p = calloc(1, sizeof *p);
    *out = NULL;
    code->n_refs++;
    if (!p) {
        release_code(code);
        return PH_NO_MEMORY;
    }
    p->spec = *spec;
    p->spec.code = (struct ph_pattern_code){ 0 };
    p->spec.default_def = spec->default_def ? nrt_def_retain(spec->default_def) : NULL;
    p->code = code;
    p->name_hash = ph_hash_text(PH_HASH_START, spec->name);
    p->bank = bank;
    p->is_tidal = code->code.tidal;
    p->is_once = code->code.once;
    p->nudges = spec->kind == PH_PLAYER_EVENTS && names_control(&code->code, "nudge");
    ph_status status = pat_new(&code->code, &p->cycles[0].pat);
    if (status == PH_OK)
        status = pat_new(&code->code, &p->cycles[1].pat);
    if (status != PH_OK) {
        seq_player_free(p);
        return status;
    }
    *out = p;
    return PH_OK;
}

ph_status seq_player_new(struct seq_player_spec *spec, struct load_bank *bank,
                         struct seq_player **out)
{
    struct seq_code *const code = calloc(1, sizeof *code);
    *out = NULL;
    if (!code) {
        ph_pattern_code_finish(&spec->code);
        return PH_NO_MEMORY;
    }
    code->code = spec->code;
    spec->code = (struct ph_pattern_code){ 0 };
    return new_player(spec, code, bank, out);
}

ph_status seq_player_renew(const struct seq_player *player, struct seq_player **out)
{
    const ph_status status = new_player(&player->spec, player->code, player->bank, out);
    if (status == PH_OK) {
        (*out)->spec.is_added = false; /* what it is to play, the other has played before */
        (*out)->has_origin = player->has_origin;
        (*out)->origin = player->origin;
    }
    return status;
}

void seq_player_free(struct seq_player *p)
{
    if (!p)
        return;
    pat_free(p->cycles[0].pat);
    pat_free(p->cycles[1].pat);
    release_code(p->code);
    nrt_def_release(p->spec.default_def);
    free(p->items);
    free(p);
}

static int64_t earliest_frames(const struct seq_player *p)
{
    return p->nudges ? (int64_t)(earliest_seconds * p->place.tempo.rate_hz) : 0;
}

static void begin_next_at(struct seq_player *p, int64_t cycle)
{
    p->next_cycle = cycle;
    p->next_frame = ph_tempo_frame(&p->place.tempo, ph_ratio_of(cycle)) + earliest_frames(p);
}

void seq_player_begin(struct seq_player *p, const struct seq_place *place)
{
    p->place = *place;
    if (p->is_once && !p->has_origin) {
        p->origin = ph_tempo_cycle(&place->tempo, place->frame);
        p->has_origin = true;
        p->cycles[0].is_there = p->cycles[1].is_there = false; /* asked for before it was known */
    }
    p->is_past = false;
    p->sounds = true;
    p->n_items = p->at = 0;
    p->n_pause = 0;
    p->n_pause_next = 1;
    /* an onset just before a frame may round up to it: begin
     * one frame earlier, the filter decides */
    begin_next_at(p, ph_ratio_floor(ph_tempo_cycle(&place->pasts[0].tempo, place->frame - 1)));
}

/* ---- items ----------------------------------------------------------------------------------- */

/** Frames that `nudge` moves an event by. */
static int64_t nudge_frames(const struct seq_player *p, const struct pat_hap *hap)
{
    double seconds = 0.0;
    const struct ph_value *const v =
        p->nudges && hap && hap->value->is_controls ? pat_control(hap->value, "nudge") : NULL;
    if (v && v->kind == PH_VALUE_NUMBER)
        seconds = v->number;
    else if (v && (v->kind == PH_VALUE_RATIO || v->kind == PH_VALUE_INT))
        seconds = ph_ratio_to_double(v->ratio);
    if (!isfinite(seconds))
        seconds = 0.0;
    seconds = fmin(fmax(seconds, earliest_seconds), latest_seconds);
    return (int64_t)floor(seconds * p->place.tempo.rate_hz + 0.5);
}

bool seq_past_is_over(const struct seq_past *past, struct ph_ratio cycle)
{
    const int64_t earlier = (int64_t)(earliest_seconds * past->tempo.rate_hz);
    return ph_ratio_cmp(ph_tempo_cycle(&past->tempo, past->frame - earlier), cycle) <= 0;
}

/**
 * True where an event with this onset is another program's: under a clock before, its frame lies
 * before that clock's end. One that nudge brings forward counts by when it is due, for then it has
 * sounded.
 */
static bool is_before(struct seq_player *p, struct ph_ratio when, int64_t nudge)
{
    bool found = false, is_past = true;
    for (uint32_t i = 0; i < p->place.n_pasts && !p->is_past; i++) {
        const struct seq_past *const past = &p->place.pasts[i];
        const int64_t onset = ph_tempo_frame(&past->tempo, when);
        const int64_t own = nudge < 0 && !p->place.is_first ? onset + nudge : onset;
        found |= own < past->frame;
        is_past &= onset + earliest_frames(p) >= past->frame; /* onsets only grow */
    }
    p->is_past |= is_past;
    return found;
}

static struct seq_item *new_item(struct seq_player *p)
{
    if (p->n_items == p->space) {
        const uint32_t space = p->space ? p->space * 2 : 32;
        struct seq_item *const items = realloc(p->items, space * sizeof *items);
        if (!items) {
            p->failure = PH_NO_MEMORY;
            return NULL;
        }
        p->items = items;
        p->space = space;
    }
    return &p->items[p->n_items++];
}

/** Appends an item at a cycle position; one that another program has played is left out. */
static void add_item(struct seq_player *p, struct ph_ratio when, struct seq_item item)
{
    const int64_t nudge = nudge_frames(p, item.hap), first = p->place.frame;
    if (is_before(p, when, nudge))
        return;
    struct seq_item *const added = new_item(p);
    if (!added)
        return;
    int64_t onset = ph_tempo_frame(&p->place.tempo, when);
    if (onset < first) /* by rounding under the new tempo, or overtaken by a clock that was moved */
        onset = first;
    item.turn_frame = onset + earliest_frames(p);
    item.due_frame = onset + nudge < first ? first : onset + nudge;
    item.delay_frames = nudge > 0 ? (uint32_t)nudge : 0;
    *added = item;
}

/** Events of a cycle. TidalCycles' `zoom` answers some that lie elsewhere: they have no turn. */
static void add_events(struct seq_player *p, const struct seq_cycle *asked)
{
    const struct pat_hap *const haps = asked->haps, *before = NULL;
    uint32_t ordinal = 0;
    bool rounded = false; /* then the nearest position that can be written will do */
    for (uint32_t i = 0; i < asked->n_haps; i++) {
        if (!pat_has_onset(&haps[i]) || ph_ratio_cmp(haps[i].whole_begin, asked->begin) < 0 ||
            ph_ratio_cmp(haps[i].whole_begin, asked->end) >= 0)
            continue;
        const bool together = before && ph_ratio_cmp(before->whole_begin, haps[i].whole_begin) == 0;
        ordinal = together ? ordinal + 1 : 0;
        before = &haps[i];
        struct ph_ratio when = haps[i].whole_begin;
        if (p->is_once)
            when = ph_ratio_add(when, p->origin, &rounded);
        add_item(p, when, (struct seq_item){ .hap = before, .ordinal = ordinal });
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
    case PH_VALUE_INT:
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
    /* an event sounds up to here, or a rest has been written from here */
    struct ph_ratio until;
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
    struct seq_cycle *const asked = &p->cycles[cycle & 1];
    asked->is_there = false; /* it is read in parts from here on */
    for (int64_t k = 0; k < CONTINUOUS_PARTS && p->failure == PH_OK; k++) {
        bool overflow = false;
        const struct ph_ratio from =
            ph_ratio_make(cycle * CONTINUOUS_PARTS + k, CONTINUOUS_PARTS, &overflow);
        const struct ph_ratio to =
            ph_ratio_make(cycle * CONTINUOUS_PARTS + k + 1, CONTINUOUS_PARTS, &overflow);
        p->failure = overflow ? PH_OVERFLOW
                              : pat_query(asked->pat, from, to, &pat_limits_default, &haps, &n);
        if (p->failure == PH_OK)
            add_steps(p, haps, n, carries_in && k == 0, &cover);
    }
    close_steps(p, end, &cover);
}

/* ---- cycles ---------------------------------------------------------------------------------- */

/**
 * The part of its only cycle that a player of one cycle has in a cycle of the clock; may be empty.
 */
static void only_cycle(const struct seq_player *p, int64_t cycle, struct ph_ratio *begin,
                       struct ph_ratio *end)
{
    bool rounded = false;
    *begin = ph_ratio_sub(ph_ratio_of(cycle), p->origin, &rounded);
    *end = ph_ratio_add(*begin, ph_ratio_of(1), &rounded);
    if (ph_ratio_cmp(*begin, ph_ratio_of(0)) < 0)
        *begin = ph_ratio_of(0);
    if (ph_ratio_cmp(*end, ph_ratio_of(1)) > 0)
        *end = ph_ratio_of(1);
    if (!p->has_origin || ph_ratio_cmp(*begin, *end) > 0)
        *end = *begin;
}

/** The haps of a cycle, asked for at most once while they are needed. */
static const struct seq_cycle *ask(struct seq_player *p, int64_t cycle)
{
    struct seq_cycle *const c = &p->cycles[cycle & 1];
    if (c->is_there && c->cycle == cycle)
        return c;
    c->is_there = true;
    c->cycle = cycle;
    c->n_haps = 0;
    c->begin = ph_ratio_of(cycle);
    c->end = ph_ratio_of(cycle + 1);
    if (p->is_once)
        only_cycle(p, cycle, &c->begin, &c->end);
    c->status = pat_query(c->pat, c->begin, c->end, &pat_limits_default, &c->haps, &c->n_haps);
    return c;
}

void seq_player_warm(struct seq_player *p, int64_t cycle)
{
    if (p->spec.kind == PH_PLAYER_STEPS)
        ask(p, cycle - 1);
    ask(p, cycle);
}

bool seq_player_look_ahead(struct seq_player *p)
{
    const struct seq_cycle *const next = &p->cycles[p->next_cycle & 1];
    if (p->spec.kind != PH_PLAYER_EVENTS || !p->bank || p->n_pause > 0 ||
        (next->is_there && next->cycle == p->next_cycle))
        return false;
    ask(p, p->next_cycle); /* a failure is said when the cycle is played */
    seq_events_request(p->bank, next->haps, next->n_haps);
    return true;
}

static void load_cycle(struct seq_player *p, int64_t cycle, bool carries_in)
{
    p->n_items = p->at = 0;
    if (p->n_pause > 0) {
        p->n_pause--;
        return;
    }
    const struct seq_cycle *const asked = ask(p, cycle);
    if (asked->status != PH_OK)
        p->failure = asked->status;
    else if (p->spec.kind == PH_PLAYER_EVENTS)
        add_events(p, asked);
    else
        build_steps(p, cycle, asked->haps, asked->n_haps, carries_in);
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
        if (p->next_frame >= frame)
            return NULL;
        load_cycle(p, p->next_cycle, false);
        begin_next_at(p, p->next_cycle + 1);
    }
    return p->items[p->at].turn_frame < frame ? &p->items[p->at] : NULL;
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

/** A clock that was nudged to come later repeats cycles in silence: what was said last holds. */
static struct seq_past farthest_past(const struct seq_place *place)
{
    struct seq_past farthest = place->pasts[0];
    for (uint32_t i = 1; i < place->n_pasts; i++) {
        const struct seq_past *const past = &place->pasts[i];
        if (ph_ratio_cmp(ph_tempo_cycle(&past->tempo, past->frame),
                         ph_tempo_cycle(&farthest.tempo, farthest.frame)) > 0)
            farthest = *past;
    }
    return farthest;
}

uint32_t seq_player_initials(struct seq_player *p, struct rt_initial *out)
{
    if (p->spec.kind != PH_PLAYER_STEPS)
        return 0;
    const struct seq_place place = p->place;
    const struct seq_past last = farthest_past(&place);
    const int64_t cycle = ph_ratio_floor(ph_tempo_cycle(&last.tempo, last.frame));
    const uint32_t symbols[2] = { p->spec.symbol, p->spec.gate_symbol };
    struct rt_initial found[2];
    bool is_found[2] = { false, false };
    /* for once the past counts: one cycle of it */
    p->place = (struct seq_place){ .tempo = last.tempo, .frame = INT64_MIN };
    for (int64_t c = cycle - 1; c <= cycle; c++) {
        load_cycle(p, c, c < cycle);
        for (uint32_t k = 0; k < 2; k++) {
            const struct seq_item *const item =
                symbols[k] ? last_item(p, symbols[k], last.frame) : NULL;
            if (item) {
                found[k] = (struct rt_initial){ p->spec.node_slot, symbols[k], item->value };
                is_found[k] = true;
            }
        }
    }
    seq_player_begin(p, &place);
    uint32_t n = 0;
    for (uint32_t k = 0; k < 2; k++)
        if (is_found[k])
            out[n++] = found[k];
    return n;
}
