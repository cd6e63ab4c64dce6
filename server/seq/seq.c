/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/seq.c - all players together: what is due next goes to the audio thread first.      */
/* room: sequencer thread and command thread, one at a time behind the mutex; the counters are    */
/* atomic, so that a status doesn't wait for a pattern.                                           */
#include "server/seq/seq.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/link/command.h"
#include "server/link/snapshot.h"
#include "server/seq/player.h"

enum {
    WAKE_MS_MAX = 10,    /* a tenth of the usual look-ahead: a wake may be late a few times over */
    WAKES_PER_LOOKAHEAD = 5,
    ERRORS_BYTES = 512   /* of seq_arm()'s text */
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
    atomic_uint n_waiting; /* for the mutex: who has it shall be brief */
    struct seq_voice_table *voices;
    struct player_list now, next; /* next: between seq_arm() and its end */
    struct player_list prepared;  /* the command thread's: not yet armed */
    uint32_t wake_us;
    struct ph_tempo tempo;
    uint32_t n_pasts, n_armed_pasts; /* before `tempo`, as far as they still matter */
    struct seq_past pasts[SEQ_PASTS_MAX], armed_pasts[SEQ_PASTS_MAX];
    uint64_t horizon; /* everything due before it was sent, or waits for room in the ring */
    atomic_uint_fast64_t n_events, n_dropped, n_late, n_errors;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t wake_lock; /* of the two below: a stop doesn't wait for a turn */
    pthread_cond_t wake;
    bool stop, is_due;
};

/** Takes the mutex before the sequencer thread's next event. */
static void lock_soon(struct seq *seq)
{
    atomic_fetch_add_explicit(&seq->n_waiting, 1, memory_order_relaxed);
    pthread_mutex_lock(&seq->lock);
    atomic_fetch_sub_explicit(&seq->n_waiting, 1, memory_order_relaxed);
}

static bool somebody_waits(struct seq *seq)
{
    return atomic_load_explicit(&seq->n_waiting, memory_order_relaxed) > 0;
}

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
 * Seed of an event's voices: from the player's name and the event's own time, so that every run of
 * a program, live or offline, gives the same noise.
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
    const double cps = ph_ratio_to_double(player->place.tempo.cps);
    bool overflow = false; /* then the nearest span that can be written will do */
    const struct ph_ratio span =
        ph_ratio_sub(item->hap->whole_end, item->hap->whole_begin, &overflow);
    const struct seq_event event = { .value = item->hap->value,
                                     .span_seconds = ph_ratio_to_double(span) / cps,
                                     .cps = cps,
                                     .is_tidal = player->is_tidal };
    struct seq_voice voices[SEQ_VOICES_PER_EVENT_MAX];
    if (link_ring_room(seq->config.commands) == 0)
        return NO_ROOM; /* before anything is made in vain */
    seq_voice_table_use(seq->voices, words);
    const uint32_t n = seq_event_voices(seq->voices, &event, player->spec.out_bus,
                                        player->spec.default_def, event_seed(player, item), voices);
    const bool is_room = link_ring_room(seq->config.commands) >= n;
    for (uint32_t i = 0; i < n; i++) {
        const struct link_command command = {
            .due_frame = (uint64_t)item->due_frame,
            .kind = LINK_VOICE,
            .u.voice = { .synth = voices[i].synth, .group_slot = player->spec.node_slot,
                         .player_slot = player->spec.slot,
                         .generation = player->spec.generation, .cut = voices[i].cut,
                         .delay_frames = item->delay_frames }
        };
        if (!is_room || !link_ring_stage(seq->config.commands, &command))
            nrt_synth_free(voices[i].synth);
    }
    return is_room ? SENT : NO_ROOM;
}

/** The player of a list whose turn comes first, if before `frame`: the first of equals; or NULL. */
static struct seq_player *first_of(const struct player_list *list, int64_t frame)
{
    struct seq_player *first = NULL;
    for (uint32_t i = 0; i < list->n; i++) {
        const int64_t turn = seq_player_turn(list->list[i]);
        if (turn < frame) {
            first = list->list[i];
            frame = turn;
        }
    }
    return first;
}

/** The same, with its next item made. */
static struct seq_player *next_of(struct turn *t, const struct player_list *list, int64_t frame)
{
    struct seq_player *first;
    while ((first = first_of(list, frame)) != NULL && first->at == first->n_items) {
        (void)seq_player_peek(first, frame);
        if (first->failure != PH_OK)
            report_failure(t, first);
    }
    return first;
}

/** What a turn sends: items before these frames. */
struct turn_end {
    int64_t now, next;
};

/** The player whose turn it is; `words` are those that its events may name. */
static struct seq_player *next_player(struct turn *t, const struct turn_end *end,
                                      const struct seq_words **words)
{
    struct seq *const seq = t->seq;
    struct seq_player *const old = next_of(t, &seq->now, end->now);
    const int64_t frame = old ? seq_player_turn(old) : end->next;
    struct seq_player *const new = next_of(t, &seq->next, frame < end->next ? frame : end->next);
    /* players that go on after the switch know the new words then */
    *words = new && seq->next.words ? seq->next.words : seq->now.words;
    return new ? new : old;
}

/**
 * Sends what has its turn before `end` and publishes it at once. With the mutex held.
 * @return false when it was broken off because somebody waits for the mutex
 */
static bool run_turn(struct seq *seq, const struct turn_end *end, char *errors)
{
    bool is_done = true;
    struct link_status status;
    link_snapshot_read(seq->config.snapshot, &status);
    struct turn turn = { .seq = seq, .now = status.frame, .errors = errors };
    const struct seq_words *words;
    struct seq_player *player;
    while ((is_done = !somebody_waits(seq)) && (player = next_player(&turn, end, &words)) != NULL) {
        const struct seq_item *const item = &player->items[player->at];
        const uint64_t due_frame = (uint64_t)item->due_frame;
        const enum outcome outcome = player->spec.kind == PH_PLAYER_EVENTS
                                         ? send_event(&turn, player, item, words)
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
    return is_done;
}

void seq_run_until(struct seq *seq, uint64_t frame)
{
    bool is_done;
    do {
        while (somebody_waits(seq))
            sched_yield(); /* who waits comes first; the mutex alone doesn't see to that */
        pthread_mutex_lock(&seq->lock);
        if (frame > seq->horizon)
            seq->horizon = frame;
        const struct turn_end end = { (int64_t)seq->horizon, (int64_t)seq->horizon };
        is_done = run_turn(seq, &end, NULL);
        pthread_mutex_unlock(&seq->lock);
    } while (!is_done);
}

/** Makes one player's next cycle ready; false when all are. */
static bool look_ahead(struct seq *seq)
{
    bool found = false;
    pthread_mutex_lock(&seq->lock);
    for (uint32_t i = 0; i < seq->now.n && !found; i++)
        found = seq_player_look_ahead(seq->now.list[i]);
    for (uint32_t i = 0; i < seq->next.n && !found; i++)
        found = seq_player_look_ahead(seq->next.list[i]);
    pthread_mutex_unlock(&seq->lock);
    return found;
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
    const uint64_t wake_us =
        config->lookahead_frames * UINT64_C(1000000) / config->rate_hz / WAKES_PER_LOOKAHEAD;
    seq->wake_us = wake_us > WAKE_MS_MAX * 1000 ? WAKE_MS_MAX * 1000 : (uint32_t)wake_us + 1;
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
    list_finish(&seq->prepared);
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
    until.tv_nsec += (long)seq->wake_us * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&seq->wake_lock);
    while (!seq->stop && !seq->is_due &&
           pthread_cond_timedwait(&seq->wake, &seq->wake_lock, &until) != ETIMEDOUT)
        ;
    const bool stop = seq->stop;
    seq->is_due = false;
    pthread_mutex_unlock(&seq->wake_lock);
    return stop;
}

static void *sequencer_main(void *context)
{
    struct seq *const seq = context;
    do {
        do { /* what is due goes first, whatever there is to make ready */
            struct link_status status;
            link_snapshot_read(seq->config.snapshot, &status);
            seq_run_until(seq, status.frame + status.period_frames + seq->config.lookahead_frames);
        } while (look_ahead(seq));
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

static bool same_clock(const struct ph_tempo *a, const struct ph_tempo *b)
{
    return a->base_frame == b->base_frame && ph_ratio_cmp(a->base_cycle, b->base_cycle) == 0 &&
           ph_ratio_cmp(a->cps, b->cps) == 0;
}

static void replace_prepared(struct seq *seq, struct player_list *list)
{
    struct player_list stale = seq->prepared;
    seq->prepared = *list;
    list_finish(&stale); /* of a preparation that nobody ended */
}

/** Room for `n` players. */
static ph_status list_init(struct player_list *l, uint32_t n)
{
    *l = (struct player_list){ 0 };
    l->list = calloc((size_t)n + 1, sizeof *l->list);
    return l->list ? PH_OK : PH_NO_MEMORY;
}

/** The list as it was made, warm, or nothing of it. */
static ph_status end_preparation(struct seq *seq, struct player_list *list, ph_status status,
                                 const struct ph_tempo *tempo, uint64_t near_frame)
{
    const int64_t cycle = ph_ratio_floor(ph_tempo_cycle(tempo, (int64_t)near_frame));
    if (status != PH_OK) {
        list_finish(list);
        return status;
    }
    for (uint32_t i = 0; i < list->n; i++)
        seq_player_warm(list->list[i], cycle);
    replace_prepared(seq, list);
    return PH_OK;
}

ph_status seq_prepare(struct seq *seq, struct seq_player_spec *players, uint32_t n_players,
                      const struct seq_word *words, uint32_t n_words, const struct ph_tempo *tempo,
                      uint64_t near_frame)
{
    struct load_bank *const bank = seq->has_thread ? seq->config.bank : NULL;
    struct player_list list;
    ph_status status = list_init(&list, n_players);
    if (status == PH_OK)
        status = seq_words_new(words, n_words, &list.words);
    for (uint32_t i = 0; i < n_players && status == PH_OK; i++) {
        status = seq_player_new(&players[i], bank, &list.list[i]);
        list.n += status == PH_OK;
    }
    return end_preparation(seq, &list, status, tempo, near_frame);
}

/* Only this thread changes the lists, so they may be read without the mutex. */
ph_status seq_prepare_again(struct seq *seq, const struct ph_tempo *tempo, uint64_t near_frame)
{
    struct player_list list;
    ph_status status = list_init(&list, seq->now.n);
    for (uint32_t i = 0; i < seq->now.n && status == PH_OK; i++) {
        status = seq_player_renew(seq->now.list[i], &list.list[i]);
        list.n += status == PH_OK;
    }
    return end_preparation(seq, &list, status, tempo, near_frame);
}

void seq_hold(struct seq *seq)
{
    lock_soon(seq);
}

void seq_let_go(struct seq *seq)
{
    pthread_mutex_unlock(&seq->lock);
    pthread_mutex_lock(&seq->wake_lock);
    seq->is_due = true;
    pthread_cond_signal(&seq->wake);
    pthread_mutex_unlock(&seq->wake_lock);
}

/** Takes what was armed before out of the turns, to be armed again. With the mutex held. */
static void disarm(struct seq *seq)
{
    struct player_list armed = seq->next;
    seq->next = (struct player_list){ 0 };
    if (!seq->prepared.list)
        seq->prepared = armed;
    else
        list_finish(&armed);
}

static void set_generation(struct seq_player *player, const struct rt_player *players, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (players[i].slot == player->spec.slot)
            player->spec.generation = players[i].generation;
}

/** The clock up to now and those before it that have played what is yet to come under this one. */
static void find_pasts(struct seq *seq, const struct seq_switch *at, struct seq_place *place)
{
    const struct ph_ratio cycle = ph_tempo_cycle(&seq->tempo, place->frame);
    place->pasts[0] = (struct seq_past){ at->jumps ? at->tempo : seq->tempo, place->frame };
    place->n_pasts = 1;
    for (uint32_t i = 0; i < seq->n_pasts && !at->jumps && place->n_pasts < SEQ_PASTS_MAX; i++)
        if (!seq_past_is_over(&seq->pasts[i], cycle))
            place->pasts[place->n_pasts++] = seq->pasts[i];
    /* a clock that runs on has no past of its own */
    const uint32_t first = same_clock(&seq->tempo, &at->tempo) ? 1 : 0;
    seq->n_armed_pasts = place->n_pasts - first;
    memcpy(seq->armed_pasts, place->pasts + first, seq->n_armed_pasts * sizeof *seq->armed_pasts);
}

void seq_arm(struct seq *seq, const struct seq_switch *at, struct rt_initial *initials,
             uint32_t *n_initials, char *errors)
{
    disarm(seq);
    errors[0] = 0;
    *n_initials = 0;
    struct seq_place place = { .tempo = at->tempo, .frame = (int64_t)at->frame };
    find_pasts(seq, at, &place);
    for (uint32_t i = 0; i < seq->prepared.n; i++) {
        struct seq_player *const player = seq->prepared.list[i];
        set_generation(player, at->players, at->n_players);
        place.is_first = at->jumps || player->spec.is_added;
        seq_player_begin(player, &place);
        *n_initials += seq_player_initials(player, initials + *n_initials);
        (void)seq_player_peek(player, place.frame + 1); /* a failure is told by this call */
    }
    seq->next = seq->prepared;
    seq->prepared = (struct player_list){ 0 };
    const struct turn_end end = { (int64_t)seq->horizon,
                                  (int64_t)(at->first_until < seq->horizon ? at->first_until
                                                                           : seq->horizon) };
    run_turn(seq, &end, errors);
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

void seq_commit(struct seq *seq, const struct ph_tempo *tempo, uint64_t frame,
                const uint16_t *live_slots, uint32_t n_live)
{
    struct player_list merged = { 0 }, ended = { 0 };
    lock_soon(seq);
    const struct turn_end end = { (int64_t)frame, (int64_t)frame };
    run_turn(seq, &end, NULL); /* usually nothing is left to do */
    if (!same_clock(&seq->tempo, tempo)) {
        seq->n_pasts = seq->n_armed_pasts;
        memcpy(seq->pasts, seq->armed_pasts, seq->n_pasts * sizeof *seq->pasts);
    }
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
    lock_soon(seq);
    disarm(seq);
    pthread_mutex_unlock(&seq->lock);
    list_finish(&seq->prepared);
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
