/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/plan.c - what runs in a block, and in which order: tasks in levels.                  */
/* room: audio.                                                                                   */
#include "server/rt/plan.h"

#include <string.h>

#include "server/link/query.h"
#include "server/rt/batch.h"
#include "server/rt/map.h"
#include "server/rt/tree.h"
#include "server/rt/world.h"

enum {
    BATCH_MIN = 4,   /* as many synths alone cost more than one batch */
    BATCH_LEAST = 3, /* one with less dissolves; the pool relies on it (struct rt_batch_pool) */
    MOVES_MAX = 256, /* lanes moved per block, some 30 microseconds */
    WIDE_COST = 6    /* a unit of a batch against one alone */
};

/* ---- batches in use -------------------------------------------------------------------------- */

PH_RT static struct rt_batch *take_batch(struct rt_plan *plan, struct rt_def *def)
{
    struct rt_batch_pool *const pool = &def->pool;
    if (!pool->free) /* acquire: what the thread that made them wrote */
        pool->free = atomic_exchange_explicit(&pool->made, NULL, memory_order_acquire);
    struct rt_batch *const batch = pool->free;
    if (!batch)
        return NULL; /* there was no memory for it: the synths play alone */
    pool->free = batch->next;
    batch->next = NULL;
    batch->used_prev = NULL;
    batch->used_next = plan->used;
    if (plan->used)
        plan->used->used_prev = batch;
    plan->used = batch;
    return batch;
}

PH_RT static void give_back(struct rt_plan *plan, struct rt_batch *batch)
{
    *(batch->used_prev ? &batch->used_prev->used_next : &plan->used) = batch->used_next;
    if (batch->used_next)
        batch->used_next->used_prev = batch->used_prev;
    batch->plan = 0;
    batch->next = batch->def->pool.free;
    batch->def->pool.free = batch;
}

/** Every synth of the batch goes on alone. */
PH_RT static void dissolve(struct rt_plan *plan, struct rt_batch *batch)
{
    for (uint32_t left = batch->lanes; left; left &= left - 1)
        rt_batch_leave(batch->synths[__builtin_ctz(left)]);
    plan->n_moves += BATCH_LEAST;
    give_back(plan, batch);
}

PH_RT static void dissolve_thin(struct rt_plan *plan)
{
    for (struct rt_batch *batch = plan->used, *next; batch; batch = next) {
        next = batch->used_next;
        if (batch->n_lanes < BATCH_LEAST)
            dissolve(plan, batch);
    }
}

/**
 * A synth goes on alone. A batch that is empty goes back at once: its def may go with the synth.
 */
PH_RT static void take_out(struct rt_plan *plan, struct rt_synth *synth)
{
    struct rt_batch *const batch = synth->batch;
    if (!batch)
        return;
    rt_batch_leave(synth);
    if (batch->n_lanes == 0)
        give_back(plan, batch);
}

PH_RT void rt_plan_unlinked(struct rt_world *w, struct rt_node *node)
{
    struct rt_synth *const synth = (struct rt_synth *)node;
    struct rt_batch *const batch = node->is_group ? NULL : synth->batch;
    /* else its batch goes on without it, until it is thin, or might share lanes with another */
    if (!batch || batch->n_lanes <= BATCH_LEAST || batch->n_lanes == batch->def->width / 2 + 1)
        w->plan.is_stale = true;
    if (!batch)
        return;
    rt_batch_drop(synth);
    if (batch->n_lanes == 0) /* its def may go with the synth */
        give_back(&w->plan, batch);
}

PH_RT void rt_plan_part(struct rt_world *w, struct rt_synth *synth)
{
    w->plan.is_stale = true;
    take_out(&w->plan, synth);
}

/* ---- runs ------------------------------------------------------------------------------------ */

/**
 * May play beside its neighbours of the same kind. Program nodes pass their state on when edited.
 */
static bool can_join(const struct rt_synth *synth)
{
    return synth->born && !synth->resetting && !synth->lacks_memory && synth->slot == 0 &&
           synth->n_mapped == 0;
}

/** The def's lists start anew when it is first met in a run. */
PH_RT static struct rt_batch_pool *pool_of(struct rt_plan *plan, struct rt_def *def)
{
    struct rt_batch_pool *const pool = &def->pool;
    if (pool->run != plan->run) {
        pool->run = plan->run;
        pool->alone = pool->alone_tail = NULL;
        pool->n_alone = 0;
        pool->open = NULL;
        pool->next_in_run = plan->run_defs;
        plan->run_defs = def;
    }
    return pool;
}

PH_RT static void note_alone(struct rt_plan *plan, struct rt_synth *synth)
{
    struct rt_batch_pool *const pool = pool_of(plan, synth->def);
    synth->next_alone = NULL;
    *(pool->alone_tail ? &pool->alone_tail->next_alone : &pool->alone) = synth;
    pool->alone_tail = synth;
    pool->n_alone++;
}

/**
 * Reads a member of the run: those of one def that play alone, and batches with room, are listed.
 */
PH_RT static void read_member(struct rt_plan *plan, struct rt_synth *synth)
{
    struct rt_batch *const batch = synth->batch;
    plan->members[plan->n_run++] = synth;
    if (synth->def->width == 0)
        return;
    if (batch && batch->plan == plan->number && batch->run != plan->run) {
        rt_batch_leave(synth); /* something came between it and the others */
        plan->n_moves++;
    } else if (batch && batch->plan != plan->number) {
        struct rt_batch_pool *const pool = pool_of(plan, synth->def);
        batch->plan = plan->number;
        batch->run = plan->run;
        batch->planned = false;
        if (!rt_batch_is_full(batch)) {
            batch->next = pool->open;
            pool->open = batch;
        }
    }
    if (!synth->batch && can_join(synth))
        note_alone(plan, synth);
}

/** Whether n more lanes may be moved in this block; if not, the next block's plan goes on. */
static bool may_move(const struct rt_plan *plan, uint32_t n)
{
    return plan->n_moves + n <= MOVES_MAX;
}

PH_RT static struct rt_synth *next_alone(struct rt_batch_pool *pool)
{
    struct rt_synth *const synth = pool->alone;
    pool->alone = synth->next_alone;
    pool->n_alone--;
    return synth;
}

PH_RT static void fill(struct rt_plan *plan, struct rt_batch_pool *pool, struct rt_batch *batch)
{
    while (pool->n_alone > 0 && !rt_batch_is_full(batch) && may_move(plan, 1)) {
        rt_batch_join(batch, next_alone(pool));
        plan->n_moves++;
    }
}

/** Batch `first` takes in the next one. */
PH_RT static void merge(struct rt_plan *plan, struct rt_batch *first)
{
    struct rt_batch *const second = first->next;
    for (uint32_t left = second->lanes; left; left &= left - 1) {
        struct rt_synth *const synth = second->synths[__builtin_ctz(left)];
        rt_batch_leave(synth);
        rt_batch_join(first, synth);
        plan->n_moves += 2;
    }
    first->next = second->next;
    give_back(plan, second);
}

PH_RT static void arrange(struct rt_plan *plan, struct rt_def *def)
{
    struct rt_batch_pool *const pool = &def->pool;
    for (struct rt_batch *batch = pool->open; batch; batch = batch->next)
        fill(plan, pool, batch);
    for (struct rt_batch *batch = pool->open; batch; batch = batch->next)
        while (batch->next && batch->n_lanes + batch->next->n_lanes <= def->width &&
               may_move(plan, BATCH_MIN))
            merge(plan, batch);
    while (pool->n_alone >= BATCH_MIN && may_move(plan, BATCH_MIN)) {
        struct rt_batch *const batch = take_batch(plan, def);
        if (!batch)
            return;
        batch->plan = plan->number;
        batch->run = plan->run;
        batch->planned = false;
        fill(plan, pool, batch);
    }
}

/* ---- levels ---------------------------------------------------------------------------------- */

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/** Buses first .. first + n - 1 of an access; n 0: there is no such bus. */
struct span { uint32_t first, n; };

static struct span span_of(const struct rt_world *w, const struct rt_synth *synth,
                           const struct rt_access *a)
{
    const uint32_t n_audio = w->config.n_audio_buses;
    float bus = 0;
    if (a->kind == RT_READS_CONTROL || a->kind == RT_WRITES_CONTROL)
        return (struct span){ n_audio, 1 };
    if (a->source == RT_BUS_CONSTANT)
        bus = synth->def->constants[a->index];
    else if (a->source == RT_BUS_SCALAR && synth->born)
        bus = synth->values[a->index];
    else
        bus = synth->controls[a->control * synth->stride];
    if (!(bus >= 0 && bus < (float)n_audio))
        return (struct span){ 0, 0 };
    const uint32_t first = (uint32_t)bus, left = n_audio - first;
    return (struct span){ first, a->n_channels < left ? a->n_channels : left };
}

PH_RT static struct rt_bus_use *use_of(struct rt_plan *plan, uint32_t bus)
{
    struct rt_bus_use *const use = &plan->buses[bus];
    if (use->plan != plan->number)
        *use = (struct rt_bus_use){ .plan = plan->number };
    return use;
}

/** The lowest level at which nothing before this access hears the difference. */
PH_RT static uint32_t level_after(struct rt_plan *plan, const struct rt_access *a, struct span span)
{
    uint32_t level = 0;
    for (uint32_t bus = span.first; bus < span.first + span.n; bus++) {
        const struct rt_bus_use *const use = use_of(plan, bus);
        level = max_of(level, use->replaces);
        if (a->kind == RT_READS || a->kind == RT_READS_CONTROL)
            level = max_of(level, use->adds);
        else
            level = max_of(level, use->reads);
        if (a->kind == RT_REPLACES || a->kind == RT_WRITES_CONTROL)
            level = max_of(level, use->adds);
    }
    return level;
}

PH_RT static void note_use(struct rt_plan *plan, const struct rt_access *a, struct span span,
                           uint32_t level)
{
    for (uint32_t bus = span.first; bus < span.first + span.n; bus++) {
        struct rt_bus_use *const use = use_of(plan, bus);
        uint32_t *const highest = a->kind == RT_READS || a->kind == RT_READS_CONTROL ? &use->reads
                                  : a->kind == RT_ADDS                               ? &use->adds
                                                                                     : &use->replaces;
        *highest = max_of(*highest, level + 1);
    }
}

/**
 * The spans of synths of one def, those that repeat, as lanes' mostly do, once. @return how many
 */
PH_RT static uint32_t spans_of(const struct rt_world *w, struct rt_synth *const *synths, uint32_t n,
                               const struct rt_access *a, struct span *spans)
{
    uint32_t n_spans = 0;
    for (uint32_t k = 0; k < n; k++) {
        const struct span span = span_of(w, synths[k], a);
        const struct span *const last = n_spans > 0 ? &spans[n_spans - 1] : NULL;
        if (!last || last->first != span.first || last->n != span.n)
            spans[n_spans++] = span;
    }
    return n_spans;
}

/* ---- mapped controls ------------------------------------------------------------------------- */

/** What a synth reads because its i-th control follows a bus; false: it doesn't. */
PH_RT static bool map_of(const struct rt_world *w, const struct rt_synth *synth, uint32_t i,
                         struct rt_access *a, struct span *span)
{
    if (synth->control_source[i] == LINK_CONTROL_VALUE)
        return false;
    const bool is_audio_bus = synth->control_source[i] == LINK_CONTROL_AUDIO_BUS;
    *a = (struct rt_access){ .kind = is_audio_bus ? RT_READS : RT_READS_CONTROL, .n_channels = 1 };
    *span = (struct span){ is_audio_bus ? rt_map_bus(synth, i) : w->config.n_audio_buses, 1 };
    return true;
}

PH_RT static uint32_t level_after_maps(const struct rt_world *w, struct rt_plan *plan,
                                       const struct rt_synth *synth, uint32_t level)
{
    struct rt_access a;
    struct span span;
    for (uint32_t i = 0; i < synth->def->n_controls; i++)
        if (map_of(w, synth, i, &a, &span))
            level = max_of(level, level_after(plan, &a, span));
    return level;
}

PH_RT static void note_maps(const struct rt_world *w, struct rt_plan *plan,
                            const struct rt_synth *synth, uint32_t level)
{
    struct rt_access a;
    struct span span;
    for (uint32_t i = 0; i < synth->def->n_controls; i++)
        if (map_of(w, synth, i, &a, &span))
            note_use(plan, &a, span, level);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/** Gives a task of synths of one def its level, and notes what it does to buses. */
PH_RT static uint32_t place_task(const struct rt_world *w, struct rt_plan *plan,
                                 struct rt_synth *const *synths, uint32_t n)
{
    const struct rt_def *const def = synths[0]->def;
    struct span spans[DSP_LANES_MAX];
    uint32_t level = plan->floor;
    for (uint32_t i = 0; i < def->n_accesses; i++)
        for (uint32_t k = spans_of(w, synths, n, &def->accesses[i], spans); k-- > 0;)
            level = max_of(level, level_after(plan, &def->accesses[i], spans[k]));
    if (synths[0]->n_mapped > 0)
        level = level_after_maps(w, plan, synths[0], level);
    for (uint32_t i = 0; i < def->n_accesses; i++)
        for (uint32_t k = spans_of(w, synths, n, &def->accesses[i], spans); k-- > 0;)
            note_use(plan, &def->accesses[i], spans[k], level);
    if (synths[0]->n_mapped > 0)
        note_maps(w, plan, synths[0], level);
    return level;
}

PH_RT static void add_task(struct rt_plan *plan, const struct rt_task *task)
{
    plan->tasks[plan->n_tasks++] = *task;
    plan->n_levels = max_of(plan->n_levels, task->level + 1);
}

PH_RT static void add_synth(struct rt_world *w, struct rt_plan *plan, struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    struct rt_task task = { .synth = synth, .n_writes = def->n_writes, .cost = def->n_units };
    if (def->is_barrier || synth->maps_buses) {
        task.level = plan->n_levels;
        plan->floor = task.level + 1;
    } else {
        task.level = place_task(w, plan, &synth, 1);
    }
    add_task(plan, &task);
}

PH_RT static void add_batch(struct rt_world *w, struct rt_plan *plan, struct rt_batch *batch)
{
    const struct rt_def *const def = batch->def;
    struct rt_synth *synths[DSP_LANES_MAX];
    uint32_t n = 0;
    for (uint32_t left = batch->lanes; left; left &= left - 1)
        synths[n++] = batch->synths[__builtin_ctz(left)];
    const struct rt_task task = { .batch = batch,
                                  .level = place_task(w, plan, synths, n),
                                  .n_writes = def->n_writes * n,
                                  .cost = WIDE_COST * def->n_units };
    batch->planned = true;
    add_task(plan, &task);
}

/* ---- the walk -------------------------------------------------------------------------------- */

/** The run is over: its batches are put in order, and its tasks listed. */
PH_RT static void end_run(struct rt_world *w)
{
    struct rt_plan *const plan = &w->plan;
    for (struct rt_def *def = plan->run_defs; def; def = def->pool.next_in_run)
        arrange(plan, def);
    for (uint32_t i = 0; i < plan->n_run; i++) {
        struct rt_synth *const synth = plan->members[i];
        if (!synth->batch)
            add_synth(w, plan, synth);
        else if (!synth->batch->planned)
            add_batch(w, plan, synth->batch);
    }
    plan->n_run = 0;
    plan->run_defs = NULL;
    plan->run++;
}

PH_RT static void read_synth(struct rt_world *w, struct rt_synth *synth)
{
    struct rt_plan *const plan = &w->plan;
    if (plan->n_tasks + plan->n_run == plan->n_max) { /* a flood of fading program nodes */
        rt_tree_doom(w, &synth->node);
        return;
    }
    if (synth->def->is_mixable && !synth->maps_audio && !synth->maps_buses) {
        read_member(plan, synth);
        return;
    }
    end_run(w);
    add_synth(w, plan, synth);
}

/** Counting sort by level; tasks of one level stay in the order of the tree. */
PH_RT static void sort(struct rt_plan *plan)
{
    uint32_t *const first = plan->level_first;
    memset(first, 0, (plan->n_levels + 2) * sizeof *first);
    for (uint32_t i = 0; i < plan->n_tasks; i++)
        first[plan->tasks[i].level + 2]++;
    for (uint32_t level = 2; level < plan->n_levels + 2; level++)
        first[level] += first[level - 1];
    for (uint32_t i = 0; i < plan->n_tasks; i++)
        plan->sorted[first[plan->tasks[i].level + 1]++] = &plan->tasks[i];
}

/** Lists what plays from `node` on. */
PH_RT static void plan_from(struct rt_world *w, struct rt_node *node)
{
    struct rt_plan *const plan = &w->plan;
    const struct rt_group *parent = NULL;
    bool newborn = false;
    plan->number++;
    plan->run++;
    plan->n_tasks = plan->n_levels = plan->n_run = plan->n_moves = plan->floor = 0;
    plan->run_defs = NULL;
    dissolve_thin(plan);
    while (node) {
        if (node->parent != parent || node->is_group) { /* runs don't leave their group */
            end_run(w);
            parent = node->parent;
        }
        if (node->paused || node->state != RT_NODE_LIVE) {
            if (!node->is_group) /* ended in this block, by a barrier: its lane must not play on */
                take_out(plan, (struct rt_synth *)node);
            node = rt_tree_skip(&w->root, node);
            continue;
        }
        if (!node->is_group) {
            struct rt_synth *const synth = (struct rt_synth *)node;
            newborn |= !synth->born && synth->def->width > 0;
            read_synth(w, synth);
        }
        node = rt_tree_next(&w->root, node);
    }
    end_run(w);
    sort(plan);
    plan->is_stale = newborn || !may_move(plan, BATCH_MIN);
}

PH_RT void rt_plan_update(struct rt_world *w)
{
    if (w->plan.is_stale)
        plan_from(w, w->root.node.paused ? NULL : w->root.head);
}

PH_RT void rt_plan_behind(struct rt_world *w, struct rt_synth *barrier)
{
    struct rt_node *silent = NULL; /* the highest group above that no longer plays */
    for (struct rt_group *g = barrier->node.parent; g; g = g->node.parent)
        if (g->node.paused || g->node.state != RT_NODE_LIVE)
            silent = &g->node;
    if (silent == &w->root.node)
        plan_from(w, NULL);
    else
        plan_from(w, silent ? rt_tree_skip(&w->root, silent)
                            : rt_tree_next(&w->root, &barrier->node));
    w->plan.is_stale = true; /* it is the plan of half a block */
}
