/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program.c - a new program against the running one.                                  */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Everything is prepared beside what plays: definitions compiled (or taken over when their hash  */
/* is equal), synths made, state carries computed, the first events of new players sent under a   */
/* generation that the audio thread does not know yet. One LINK_PROGRAM_SWAP then makes it all    */
/* current at one block boundary; until that moment the old program plays as if nothing happened. */
#include "server/nrt/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dsp/dsp.h"
#include "server/link/command.h"
#include "server/load/bank.h"
#include "server/nrt/now.h"
#include "server/nrt/program_state.h"

enum {
    LEAD_FRAMES = 4 * DSP_BLOCK_FRAMES, /* from the last word to the audio thread to the switch */
    FIRST_MS = 20,                      /* of events that are sent before the switch itself */
    /* attempts to switch on the frame; each has twice the lead */
    LATE_MAX = 6,
    SAMPLE_WAIT_MS = 5000,
    SAMPLE_TURN_MS = 2 /* then the command thread looks at what else has come */
};

static void running_finish(struct running *r)
{
    for (uint32_t i = 0; i < r->n_defs; i++) {
        nrt_def_release(r->defs[i].def);
        free(r->defs[i].name);
    }
    for (uint32_t i = 0; i < r->n_buses; i++)
        free(r->buses[i].name);
    for (uint32_t i = 0; i < r->n_outputs; i++)
        free(r->outputs[i].name);
    for (uint32_t i = 0; i < r->n_nodes; i++)
        free(r->nodes[i].name);
    for (uint32_t i = 0; i < r->n_players; i++)
        free(r->players[i].name);
    free(r->defs);
    free(r->buses);
    free(r->outputs);
    free(r->nodes);
    free(r->players);
    free(r->source);
    *r = (struct running){ .tempo = r->tempo };
}

static ph_status name_lists_init(struct nrt_programs *p, uint32_t n_max)
{
    struct name_list *const lists[] = { &p->kept, &p->changed, &p->added, &p->removed };
    for (uint32_t i = 0; i < 4; i++) {
        free(lists[i]->names);
        lists[i]->n = 0;
        lists[i]->names = calloc(n_max + 1, sizeof *lists[i]->names);
        if (!lists[i]->names)
            return PH_NO_MEMORY;
    }
    return PH_OK;
}

void nrt_program_warn(struct nrt_programs *p, const char *line)
{
    const size_t length = strlen(p->warnings);
    snprintf(p->warnings + length, sizeof p->warnings - length, "%s%s", length > 0 ? "; " : "", line);
}

static void switch_free(struct rt_program *s)
{
    if (!s)
        return;
    free(s->entries);
    free(s->carries);
    free(s->rings);
    free(s->players);
    free(s->initials);
    free(s);
}

/** Undoes a preparation: nothing of it was given away. */
static void discard(struct nrt_programs *p, struct rt_program *switch_)
{
    for (uint32_t i = 0; switch_ && i < switch_->n_entries; i++) {
        struct rt_node *const node = switch_->entries[i].node;
        if (node && node->is_group)
            nrt_group_free((struct rt_group *)node);
        else if (node)
            nrt_synth_free((struct rt_synth *)node);
    }
    switch_free(switch_);
    running_finish(&p->next);
}

ph_status nrt_programs_new(const struct nrt_program_config *config, struct nrt_programs **out)
{
    struct nrt_programs *const p = calloc(1, sizeof *p);
    if (!p)
        return PH_NO_MEMORY;
    p->config = *config;
    p->edition = 1;
    p->now.tempo = config->tempo;
    p->next_bus = nrt_lowest_bus(p);
    p->rests_until = calloc(config->n_buses + 1, sizeof *p->rests_until);
    const ph_status status = p->rests_until ? nrt_program_send_output(p) : PH_NO_MEMORY;
    if (status != PH_OK) {
        nrt_programs_free(p);
        return status;
    }
    *out = p;
    return PH_OK;
}

uint32_t nrt_programs_port_bus(const struct nrt_programs *p)
{
    return nrt_port_bus(p, 1);
}

void nrt_programs_detach(struct nrt_programs *p)
{
    if (p)
        p->config.seq = NULL;
}

void nrt_programs_free(struct nrt_programs *p)
{
    if (!p)
        return;
    if (p->late)
        discard(p, p->late);
    running_finish(&p->now);
    running_finish(&p->next);
    nrt_def_release(p->output_def);
    free(p->rests_until);
    free(p->kept.names);
    free(p->changed.names);
    free(p->added.names);
    free(p->removed.names);
    free(p);
}

/* ---- the moment of the switch ---------------------------------------------------------------- */

static uint64_t block_up(const struct nrt_programs *p, uint64_t frame)
{
    const uint32_t block = p->config.target.block_frames;
    return (frame + block - 1) / block * block;
}

/**
 * From here to the switch: time for the first events to be
 * made. More after each that came too late.
 */
static uint64_t switch_frame(const struct nrt_programs *p, uint32_t *period_frames)
{
    struct link_status now;
    link_snapshot_read(p->config.snapshot, &now);
    *period_frames = now.period_frames;
    const uint64_t lead = (uint64_t)(now.period_frames + LEAD_FRAMES) << p->n_late;
    return block_up(p, now.frame + (p->config.offline ? 0 : lead));
}

/** The clock from `frame` on. */
static struct ph_tempo clock_at(const struct nrt_programs *p, uint64_t frame)
{
    const struct clock_change *const c = &p->change;
    struct ph_tempo tempo = p->now.tempo;
    bool overflow = false; /* limited where it was read */
    if (c->has_tempo)
        tempo = ph_tempo_change(&tempo, (int64_t)frame, c->cps);
    if (c->move == PH_CLOCK_NUDGED)
        tempo = ph_tempo_nudge(&tempo, (int64_t)frame, c->amount);
    if (c->move == PH_CLOCK_NUDGED_SECONDS)
        tempo = ph_tempo_nudge(&tempo, (int64_t)frame,
                               ph_ratio_mul(c->amount, tempo.cps, &overflow));
    if (c->move == PH_CLOCK_JUMPS) {
        tempo.base_frame = (int64_t)frame;
        tempo.base_cycle = c->amount;
    }
    return tempo;
}

static ph_status prepare_players(struct nrt_programs *p, struct seq_player_spec *specs,
                                 uint32_t n_specs, char *error)
{
    uint32_t period_frames;
    const uint64_t near = switch_frame(p, &period_frames);
    const struct ph_tempo tempo = clock_at(p, near);
    struct seq_word *const words = calloc(p->next.n_defs + 1, sizeof *words);
    if (!words)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < p->next.n_defs; i++)
        words[i] = (struct seq_word){ p->next.defs[i].name, p->next.defs[i].def };
    const ph_status status = seq_prepare(p->config.seq, specs, n_specs, words, p->next.n_defs,
                                         &tempo, near);
    if (status != PH_OK)
        snprintf(error, 256, "players: %s", ph_status_text(status));
    free(words);
    return status;
}

/**
 * Chooses the frame, sends the players' first events for it, then the switch. Should the audio
 * thread reach the frame before the switch does, the old program plays until then, and events of
 * the new one that are due earlier never start; a switch that moves the clock comes back instead.
 */
static bool send_switch(struct nrt_programs *p, struct rt_program *switch_)
{
    char failures[sizeof p->warnings] = "";
    uint32_t period_frames;
    seq_hold(p->config.seq);
    switch_->switch_frame = switch_frame(p, &period_frames);
    switch_->has_tempo = p->change.has_tempo || p->change.move != PH_CLOCK_RUNS_ON;
    switch_->is_exact = switch_->has_tempo && !p->config.offline && p->n_late < LATE_MAX;
    switch_->is_late = false;
    p->next.tempo = clock_at(p, switch_->switch_frame);
    switch_->tempo = p->next.tempo;
    const struct seq_switch at = {
        .frame = switch_->switch_frame,
        .first_until = switch_->switch_frame + period_frames + p->config.rate_hz * FIRST_MS / 1000,
        .tempo = switch_->tempo,
        .jumps = p->change.move == PH_CLOCK_JUMPS,
        .players = switch_->players,
        .n_players = switch_->n_players,
    };
    seq_arm(p->config.seq, &at, switch_->initials, &switch_->n_initials, failures);
    if (failures[0])
        nrt_program_warn(p, failures);
    switch_->keeps_hush = p->keeps_hush;
    const struct link_command swap = { .kind = LINK_PROGRAM_SWAP,
                                       .due_frame = switch_->switch_frame, .u.program = switch_ };
    const bool is_sent = link_ring_push(p->config.commands, &swap);
    seq_let_go(p->config.seq);
    return is_sent;
}

/**
 * Samples that take longer than the limit are heard when they come. Others are served meanwhile.
 */
static ph_status wait_for_samples(struct nrt_programs *p, const struct ph_program *program,
                                  char *error)
{
    const uint64_t end_ms = nrt_now_ms() + SAMPLE_WAIT_MS;
    bool are_there = p->config.play_at_once && !nrt_program_names_samples(program);
    while (!are_there && !(are_there = load_bank_wait(p->config.bank, SAMPLE_TURN_MS)) &&
           (p->config.offline || nrt_now_ms() < end_ms) && !p->cancelled)
        p->config.idle(p->config.context);
    if (!are_there)
        nrt_program_warn(p, "samples are still loading: they are heard when they come");
    p->config.flush_buffers(p->config.context);
    if (!p->cancelled)
        return PH_OK;
    snprintf(error, 256, "a panic came after it");
    return PH_BAD_PROGRAM;
}

static ph_status prepare(struct nrt_programs *p, struct ph_program *program,
                         struct rt_program *switch_, struct seq_player_spec *specs, char *error)
{
    uint32_t n_specs = 0;
    switch_->revision = p->next.revision = program->revision;
    p->next.source = program->source;
    p->next.source_size = program->source_size;
    program->source = NULL;
    if (!program->has_cps)
        program->cps = p->now.tempo.cps;
    /* the first program always brings the tempo: the clock may start at another cycle than 0 */
    p->change = (struct clock_change){
        .has_tempo = p->now.n_nodes == 0 || ph_ratio_cmp(program->cps, p->now.tempo.cps) != 0,
        .cps = program->cps,
        .move = program->move,
        .amount = program->amount,
    };
    const bool afresh = p->change.has_tempo || program->move != PH_CLOCK_RUNS_ON;
    ph_status status = nrt_program_append_mix(program, p->config.has_stems);
    if (status == PH_OK) {
        nrt_program_request_samples(p, program);
        status = wait_for_samples(p, program, error);
    }
    if (status == PH_OK)
        status = nrt_program_prepare_buses(p, program, error);
    if (status == PH_OK)
        status = nrt_program_prepare_defs(p, program, error);
    if (status == PH_OK)
        status = nrt_program_prepare_outputs(p, program);
    if (status == PH_OK)
        status = nrt_program_prepare_nodes(p, program, switch_, error);
    if (status == PH_OK)
        nrt_program_place_outputs(p, switch_);
    if (status == PH_OK)
        status = nrt_program_prepare_players(p, program, afresh, switch_, specs, &n_specs, error);
    switch_->initials = calloc(2 * (size_t)n_specs + 1, sizeof *switch_->initials);
    if (status == PH_OK && !switch_->initials)
        status = PH_NO_MEMORY;
    if (status == PH_OK)
        status = prepare_players(p, specs, n_specs, error);
    return status;
}

static void begin_apply(struct nrt_programs *p, const struct ph_program *program, char *error)
{
    running_finish(&p->next); /* the old program, kept for the names in the last answer */
    error[0] = 0;
    p->warnings[0] = 0;
    p->cancelled = false;
    p->n_late = 0;
    p->request_id = program->request_id;
    p->cps_before = ph_ratio_to_double(p->now.tempo.cps);
}

/** Sends what is prepared, or undoes it and says why. */
static ph_status end_apply(struct nrt_programs *p, struct rt_program *switch_, ph_status status,
                           char *error)
{
    if (status == PH_OK) {
        p->pending = send_switch(p, switch_);
        if (p->pending)
            return PH_OK;
        seq_abort(p->config.seq);
        status = PH_FULL;
    }
    if (error[0] == 0)
        snprintf(error, 256, "%s", ph_status_text(status));
    discard(p, switch_);
    return status;
}

int64_t nrt_program_source(const struct nrt_programs *p, const uint8_t **source, size_t *size)
{
    *source = p->now.source;
    *size = p->now.source_size;
    return p->edition;
}

ph_status nrt_program_apply(struct nrt_programs *p, struct ph_program *program, char *error)
{
    if (p->pending)
        return PH_FULL;
    begin_apply(p, program, error);
    if (program->based_on != 0 && program->based_on != p->edition)
        return PH_STALE;
    struct rt_program *const switch_ = calloc(1, sizeof *switch_);
    struct seq_player_spec *const specs = calloc(program->n_players + 1, sizeof *specs);
    ph_status status = switch_ && specs ? PH_OK : PH_NO_MEMORY;
    if (status == PH_OK)
        status = name_lists_init(p, program->n_nodes + program->n_players + p->now.n_nodes +
                                        p->now.n_players);
    if (status == PH_OK)
        status = prepare(p, program, switch_, specs, error);
    for (uint32_t i = 0; specs && i < program->n_players; i++)
        ph_pattern_code_finish(&specs[i].code);
    free(specs);
    return end_apply(p, switch_, status, error);
}

/** Everything that plays, under new generations. */
static ph_status renew(struct nrt_programs *p, struct rt_program *switch_)
{
    const uint32_t n = p->now.n_players;
    switch_->players = calloc(n + 1, sizeof *switch_->players);
    switch_->initials = calloc(2 * (size_t)n + 1, sizeof *switch_->initials);
    if (!switch_->players || !switch_->initials)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        switch_->players[i] = (struct rt_player){ .slot = p->now.players[i].slot,
                                                  .generation = ++p->last_generation };
    switch_->n_players = n;
    switch_->revision = p->now.revision;
    uint32_t period_frames;
    const uint64_t near = switch_frame(p, &period_frames);
    const struct ph_tempo tempo = clock_at(p, near);
    return seq_prepare_again(p->config.seq, &tempo, near);
}

ph_status nrt_program_move_clock(struct nrt_programs *p, const struct ph_program *program,
                                 char *error)
{
    if (p->pending)
        return PH_FULL;
    begin_apply(p, program, error);
    p->change = (struct clock_change){ .is_command = true, .has_tempo = program->has_cps,
                                       .cps = program->cps, .move = program->move,
                                       .amount = program->amount };
    struct rt_program *const switch_ = calloc(1, sizeof *switch_);
    p->keeps_hush = true; /* it is no program that would end one */
    return end_apply(p, switch_, switch_ ? renew(p, switch_) : PH_NO_MEMORY, error);
}

bool nrt_program_pending(const struct nrt_programs *p)
{
    return p->pending;
}

/** Players that wait for their switch get generations that the audio thread has not met. */
static void renew_generations(struct nrt_programs *p, struct rt_program *switch_)
{
    const uint32_t n = p->change.is_command ? switch_->n_players : p->next.n_players;
    for (uint32_t i = 0; i < n; i++) /* those of the program first, in its order */
        if (p->change.is_command || p->next.players[i].is_new)
            switch_->players[i].generation = ++p->last_generation;
}

/** Sends again what came too late; false when the ring has no room: then at the next turn. */
static void send_again(struct nrt_programs *p)
{
    struct rt_program *const switch_ = p->late;
    renew_generations(p, switch_);
    p->late = send_switch(p, switch_) ? NULL : switch_;
}

/** The switch has happened: what was next is what plays now. */
static void take_over(struct nrt_programs *p, const struct rt_program *back)
{
    struct running *const r = p->change.is_command ? &p->now : &p->next;
    uint16_t *const live = calloc(r->n_players + 1, sizeof *live);
    for (uint32_t i = 0; i < r->n_players; i++) {
        r->players[i].generation = back->players[i].generation;
        if (live)
            live[i] = r->players[i].slot;
    }
    if (p->config.seq)
        seq_commit(p->config.seq, &p->next.tempo, back->switch_frame, live, live ? r->n_players : 0);
    free(live);
    if (p->change.is_command) {
        p->now.tempo = p->next.tempo;
        return;
    }
    load_bank_program_commit(p->config.bank);
    /* `removed` borrows names of the old state until the next apply: keep it that long */
    const struct running old = p->now;
    p->now = p->next;
    p->next = old;
    nrt_program_retire_buses(p, &old, back->switch_frame);
    p->edition++;
}

bool nrt_program_switched(struct nrt_programs *p, struct rt_program *back,
                          struct nrt_program_result *result)
{
    if (back->is_late) {
        p->late = back;
        p->n_late++;
        return false;
    }
    *result = (struct nrt_program_result){
        .is_clock = p->change.is_command,
        .request_id = p->request_id, .revision = back->revision, .frame = back->switch_frame,
        .cycle = ph_ratio_to_double(back->switch_cycle), .cps_before = p->cps_before,
        .cps_after = ph_ratio_to_double(p->next.tempo.cps),
        .kept = p->kept.names, .n_kept = p->kept.n,
        .changed = p->changed.names, .n_changed = p->changed.n,
        .added = p->added.names, .n_added = p->added.n,
        .removed = p->removed.names, .n_removed = p->removed.n,
        .warnings = p->warnings
    };
    take_over(p, back);
    switch_free(back);
    p->pending = false;
    return true;
}

void nrt_program_node_gone(struct nrt_programs *p, const struct rt_node *node)
{
    if (!p) /* what was sent before there were programs */
        return;
    struct running *const programs[] = { &p->now, &p->next };
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < programs[k]->n_nodes; i++)
            if (programs[k]->nodes[i].node == node)
                programs[k]->nodes[i].node = NULL;
}

const char *nrt_program_name_of(const struct nrt_programs *p, uint16_t slot, bool player)
{
    if (!p) /* what was sent before there were programs */
        return NULL;
    const struct running *const programs[] = { &p->now, &p->next };
    for (uint32_t k = 0; slot > 0 && k < 2; k++) {
        const struct running *const r = programs[k];
        for (uint32_t i = 0; player && i < r->n_players; i++)
            if (r->players[i].slot == slot)
                return r->players[i].name;
        for (uint32_t i = 0; !player && i < r->n_nodes; i++)
            if (r->nodes[i].slot == slot)
                return r->nodes[i].name;
    }
    return NULL;
}

void nrt_program_keep_hush(struct nrt_programs *p, bool keep)
{
    p->keeps_hush = keep;
}

void nrt_program_cancel(struct nrt_programs *p)
{
    p->cancelled = true;
}

void nrt_program_forget(struct nrt_programs *p)
{
    p->forget = true;
}

bool nrt_program_settle(struct nrt_programs *p)
{
    bool given_up = false;
    if (p->late && p->forget) {
        seq_abort(p->config.seq);
        discard(p, p->late);
        p->late = NULL;
        p->pending = false;
        given_up = true;
    } else if (p->late) {
        send_again(p);
    }
    if (!p->forget || p->pending)
        return !given_up;
    p->forget = false;
    seq_commit(p->config.seq, &p->now.tempo, 0, NULL, 0);
    running_finish(&p->now);
    p->edition++;
    return !given_up;
}
