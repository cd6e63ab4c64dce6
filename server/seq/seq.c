/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/seq.c - all players together: what is due next goes to the audio thread first.      */
/* room: sequencer thread and command thread, one at a time behind the mutex; the counters are    */
/* atomic, so that a status doesn't wait for a pattern.                                           */
#include "server/seq/seq.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/link/command.h"
#include "server/link/snapshot.h"
#include "server/seq/player.h"

enum {
    WAKE_MS = 10,      /* a twentieth of the usual look-ahead: a wake may be late a few times over */
    ERRORS_BYTES = 512 /* of seq_prepare()'s text */
};

/** Players in a stable order, which is their order on equal frames. */
struct player_list {
    struct seq_player **list;
    uint32_t n;
    struct seq_words *words;
};

struct seq {
    struct seq_config config;
    pthread_mutex_t lock;
    struct seq_voice_table *voices;
    struct player_list now, next; /* next: prepared, between seq_prepare() and its end */
    struct ph_tempo tempo;
    uint64_t horizon; /* everything due before it was sent, or waits for room in the ring */
    atomic_uint_fast64_t n_events, n_dropped, n_late, n_errors;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t wake_lock; /* of `stop` alone: a stop doesn't wait for a turn */
    pthread_cond_t wake;
    bool stop;
};

static void list_finish(struct player_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        seq_player_free(l->list[i]);
    free(l->list);
    seq_words_free(l->words);
    *l = (struct player_list){ 0 };
}

/* ---- sending --------------------------------------------------------------------------------- */

/** One turn: what is known when it begins. */
struct turn {
    struct seq *seq;
    uint64_t now; /* first frame not rendered */
    char *errors; /* where failures are told: ERRORS_BYTES, or NULL for standard error */
};

static void report_failure(struct turn *t, struct seq_player *player)
{
    const char *const text = ph_status_text(player->failure);
    player->failure = PH_OK;
    atomic_fetch_add_explicit(&t->seq->n_errors, 1, memory_order_relaxed);
    if (player->is_reported)
        return;
    player->is_reported = true;
    if (t->errors) {
        const size_t length = strlen(t->errors);
        snprintf(t->errors + length, ERRORS_BYTES - length, "%s%s: %s", length ? "; " : "",
                 player->spec.name, text);
    } else {
        fprintf(stderr, "player %s: %s\n", player->spec.name, text);
    }
}

/** What an attempt to send an item came to. */
enum outcome { SENT, NO_ROOM };

static void count_sent(struct turn *t, uint64_t due_frame)
{
    atomic_fetch_add_explicit(&t->seq->n_events, 1, memory_order_relaxed);
    if (due_frame < t->now)
        atomic_fetch_add_explicit(&t->seq->n_late, 1, memory_order_relaxed);
}

static enum outcome send_step(struct turn *t, const struct seq_player *player,
                              const struct seq_item *item)
{
    const struct link_command command = {
        .due_frame = (uint64_t)item->due_frame,
        .kind = LINK_STEP,
        .u.step = { .synth_slot = player->spec.node_slot, .player_slot = player->spec.slot,
                    .generation = player->spec.generation, .symbol = item->symbol,
                    .value = item->value }
    };
    return link_ring_stage(t->seq->config.commands, &command) ? SENT : NO_ROOM;
}

/**
 * Seed of an event's voices: from the player's name and the event's own time, so that every run of a
 * program, live or offline, gives the same noise.
 */
static uint64_t event_seed(const struct seq_player *player, const struct seq_item *item)
{
    const int64_t parts[3] = { item->hap->whole_begin.num, item->hap->whole_begin.den,
                               item->ordinal };
    return ph_hash(player->name_hash, parts, sizeof parts);
}

static enum outcome send_event(struct turn *t, const struct seq_player *player,
                               const struct seq_item *item, const struct seq_words *words)
{
    struct seq *const seq = t->seq;
    const double cps = ph_ratio_to_double(player->tempo.cps);
    bool overflow = false; /* then the nearest span that can be written will do */
    const struct ph_ratio span =
        ph_ratio_sub(item->hap->whole_end, item->hap->whole_begin, &overflow);
    const struct seq_event event = { .value = item->hap->value,
                                     .span_seconds = ph_ratio_to_double(span) / cps,
                                     .cps = cps };
    struct seq_voice voices[SEQ_VOICES_PER_EVENT_MAX];
    if (link_ring_room(seq->config.commands) == 0)
        return NO_ROOM; /* before anything is made in vain */
    seq_voice_table_use(seq->voices, words);
    const uint32_t n = seq_event_voices(seq->voices, &event, player->spec.out_bus,
                                        player->spec.default_def, event_seed(player, item), voices);
    const bool is_room = link_ring_room(seq->config.commands) >= n;
    for (uint32_t i = 0; i < n; i++) {
        const double delay_frames = floor(voices[i].delay_seconds * seq->config.rate_hz + 0.5);
        const struct link_command command = {
            .due_frame = (uint64_t)item->due_frame + (uint64_t)delay_frames,
            .kind = LINK_VOICE,
            .u.voice = { .synth = voices[i].synth, .group_slot = player->spec.node_slot,
                         .player_slot = player->spec.slot,
                         .generation = player->spec.generation, .cut = voices[i].cut }
        };
        if (!is_room || !link_ring_stage(seq->config.commands, &command))
            nrt_synth_free(voices[i].synth);
    }
    return is_room ? SENT : NO_ROOM;
}

/** The player whose next item before `frame` is due first; `list` tells where it stands. */
static struct seq_player *next_player(struct turn *t, int64_t frame, const struct player_list **list)
{
    const struct player_list *const lists[2] = { &t->seq->now, &t->seq->next };
    struct seq_player *first = NULL;
    int64_t due = frame;
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < lists[k]->n; i++) {
            struct seq_player *const player = lists[k]->list[i];
            const struct seq_item *item = seq_player_peek(player, due);
            for (; !item && player->failure != PH_OK; item = seq_player_peek(player, due))
                report_failure(t, player);
            if (item) {
                first = player;
                due = item->due_frame;
                *list = lists[k];
            }
        }
    return first;
}

/** Sends what is due before the horizon and publishes it at once. With the mutex held. */
static void run_turn(struct seq *seq, char *errors)
{
    struct link_status status;
    link_snapshot_read(seq->config.snapshot, &status);
    struct turn turn = { .seq = seq, .now = status.frame, .errors = errors };
    const struct player_list *list = NULL;
    struct seq_player *player;
    while ((player = next_player(&turn, (int64_t)seq->horizon, &list)) != NULL) {
        const struct seq_item *const item = seq_player_peek(player, (int64_t)seq->horizon);
        const uint64_t due_frame = (uint64_t)item->due_frame;
        /* players that go on after the switch know the new words then */
        const enum outcome outcome = player->spec.kind == PH_PLAYER_EVENTS
                                         ? send_event(&turn, player, item, list->words)
                                         : send_step(&turn, player, item);
        if (outcome == SENT)
            count_sent(&turn, due_frame);
        else if (due_frame < turn.now)
            atomic_fetch_add_explicit(&seq->n_dropped, 1, memory_order_relaxed);
        else
            break; /* the ring is full: the rest goes when the audio thread has made room */
        seq_player_advance(player);
    }
    link_ring_publish(seq->config.commands);
}

void seq_run_until(struct seq *seq, uint64_t frame)
{
    pthread_mutex_lock(&seq->lock);
    if (frame > seq->horizon)
        seq->horizon = frame;
    run_turn(seq, NULL);
    pthread_mutex_unlock(&seq->lock);
}

/* ---- start and stop -------------------------------------------------------------------------- */

ph_status seq_new(const struct seq_config *config, struct seq **out)
{
    struct seq *const seq = calloc(1, sizeof *seq);
    *out = NULL;
    if (!seq)
        return PH_NO_MEMORY;
    seq->config = *config;
    seq->tempo = config->tempo;
    const ph_status status =
        seq_voice_table_new(&config->target, config->symbols, config->bank, &seq->voices);
    if (status != PH_OK) {
        free(seq);
        return status;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&seq->lock, NULL);
    pthread_mutex_init(&seq->wake_lock, NULL);
    pthread_cond_init(&seq->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = seq;
    return PH_OK;
}

void seq_free(struct seq *seq)
{
    if (!seq)
        return;
    if (seq->has_thread) {
        pthread_mutex_lock(&seq->wake_lock);
        seq->stop = true;
        pthread_cond_signal(&seq->wake);
        pthread_mutex_unlock(&seq->wake_lock);
        pthread_join(seq->thread, NULL);
    }
    list_finish(&seq->now);
    list_finish(&seq->next);
    seq_voice_table_free(seq->voices);
    pthread_cond_destroy(&seq->wake);
    pthread_mutex_destroy(&seq->wake_lock);
    pthread_mutex_destroy(&seq->lock);
    free(seq);
}

/** Sleeps until the next turn; true when the thread shall end. */
static bool sleep_until_stop(struct seq *seq)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAKE_MS * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&seq->wake_lock);
    while (!seq->stop && pthread_cond_timedwait(&seq->wake, &seq->wake_lock, &until) != ETIMEDOUT)
        ;
    const bool stop = seq->stop;
    pthread_mutex_unlock(&seq->wake_lock);
    return stop;
}

static void *sequencer_main(void *context)
{
    struct seq *const seq = context;
    do {
        struct link_status status;
        link_snapshot_read(seq->config.snapshot, &status);
        seq_run_until(seq, status.frame + seq->config.lookahead_frames);
    } while (!sleep_until_stop(seq));
    return NULL;
}

ph_status seq_start(struct seq *seq)
{
    if (pthread_create(&seq->thread, NULL, sequencer_main, seq) != 0)
        return PH_NO_MEMORY;
    seq->has_thread = true;
    return PH_OK;
}

/* ---- programs -------------------------------------------------------------------------------- */

/** Makes the players of a program and evaluates their first cycles, outside of the mutex. */
static ph_status prepare_list(struct seq *seq, struct seq_player_spec *specs, uint32_t n_specs,
                              const struct seq_word *words, uint32_t n_words,
                              const struct ph_tempo *tempo, const struct ph_tempo *before,
                              uint64_t switch_frame, struct rt_initial *initials,
                              uint32_t *n_initials, struct player_list *out)
{
    *out = (struct player_list){ 0 };
    *n_initials = 0;
    ph_status status = seq_words_new(words, n_words, &out->words);
    out->list = calloc((size_t)n_specs + 1, sizeof *out->list);
    if (!out->list)
        status = PH_NO_MEMORY;
    for (uint32_t i = 0; i < n_specs && status == PH_OK; i++) {
        struct load_bank *const bank = seq->has_thread ? seq->config.bank : NULL;
        struct seq_player *player;
        status = seq_player_new(&specs[i], tempo, before, (int64_t)switch_frame, bank, &player);
        if (status != PH_OK)
            break;
        out->list[out->n++] = player;
        *n_initials += seq_player_initials(player, initials + *n_initials);
        if (player->spec.kind == PH_PLAYER_EVENTS)
            (void)seq_player_peek(player, (int64_t)switch_frame + 1);
    }
    if (status != PH_OK) {
        *n_initials = 0;
        list_finish(out);
    }
    return status;
}

ph_status seq_prepare(struct seq *seq, struct seq_player_spec *players, uint32_t n_players,
                      const struct seq_word *words, uint32_t n_words, const struct ph_tempo *tempo,
                      uint64_t switch_frame, struct rt_initial *initials, uint32_t *n_initials,
                      char *errors)
{
    struct player_list list;
    errors[0] = 0;
    pthread_mutex_lock(&seq->lock);
    const struct ph_tempo before = seq->tempo;
    pthread_mutex_unlock(&seq->lock);
    const ph_status status = prepare_list(seq, players, n_players, words, n_words, tempo, &before,
                                          switch_frame, initials, n_initials, &list);
    if (status != PH_OK)
        return status;
    pthread_mutex_lock(&seq->lock);
    struct player_list stale = seq->next;
    seq->next = list;
    run_turn(seq, errors);
    pthread_mutex_unlock(&seq->lock);
    list_finish(&stale); /* of a preparation that nobody ended */
    return PH_OK;
}

static bool has_slot(const uint16_t *slots, uint32_t n, uint16_t slot)
{
    for (uint32_t i = 0; i < n; i++)
        if (slots[i] == slot)
            return true;
    return false;
}

/** Of two lists what goes on: kept players first, then new ones. The rest goes to `ended`. */
static bool merge(struct seq *seq, const uint16_t *live_slots, uint32_t n_live,
                  struct player_list *merged, struct player_list *ended)
{
    const struct player_list *const old = &seq->now, *const new = &seq->next;
    const size_t n = (size_t)old->n + new->n + 1;
    merged->list = calloc(n, sizeof *merged->list);
    ended->list = calloc(n, sizeof *ended->list);
    bool *const replaced = calloc(RT_SLOTS_MAX, sizeof *replaced);
    const bool is_room = merged->list && ended->list && replaced;
    for (uint32_t i = 0; i < new->n && is_room; i++)
        replaced[new->list[i]->spec.slot % RT_SLOTS_MAX] = true;
    for (uint32_t i = 0; i < old->n && is_room; i++) {
        const uint16_t slot = old->list[i]->spec.slot;
        const bool goes_on = !replaced[slot % RT_SLOTS_MAX] && has_slot(live_slots, n_live, slot);
        struct player_list *const to = goes_on ? merged : ended;
        to->list[to->n++] = old->list[i];
    }
    for (uint32_t i = 0; i < new->n && is_room; i++) {
        struct player_list *const to =
            has_slot(live_slots, n_live, new->list[i]->spec.slot) ? merged : ended;
        to->list[to->n++] = new->list[i];
    }
    free(replaced);
    return is_room;
}

void seq_commit(struct seq *seq, const struct ph_tempo *tempo, const uint16_t *live_slots,
                uint32_t n_live)
{
    struct player_list merged = { 0 }, ended = { 0 };
    pthread_mutex_lock(&seq->lock);
    seq->tempo = *tempo;
    if (merge(seq, live_slots, n_live, &merged, &ended)) {
        const bool is_new = seq->next.words != NULL;
        merged.words = is_new ? seq->next.words : seq->now.words;
        ended.words = is_new ? seq->now.words : NULL;
        free(seq->now.list);
        free(seq->next.list);
        seq->now = merged;
        seq->next = (struct player_list){ 0 };
    } else { /* no memory: silence is better than two programs at once */
        free(merged.list);
        free(ended.list);
        ended = seq->now;
        seq->now = seq->next;
        seq->next = (struct player_list){ 0 };
    }
    pthread_mutex_unlock(&seq->lock);
    list_finish(&ended);
}

void seq_abort(struct seq *seq)
{
    pthread_mutex_lock(&seq->lock);
    struct player_list aborted = seq->next;
    seq->next = (struct player_list){ 0 };
    pthread_mutex_unlock(&seq->lock);
    list_finish(&aborted);
}

struct seq_counts seq_counts(struct seq *seq)
{
    return (struct seq_counts){
        .n_events = atomic_load_explicit(&seq->n_events, memory_order_relaxed),
        .n_dropped = atomic_load_explicit(&seq->n_dropped, memory_order_relaxed),
        .n_late = atomic_load_explicit(&seq->n_late, memory_order_relaxed),
        .n_errors = atomic_load_explicit(&seq->n_errors, memory_order_relaxed)
    };
}
