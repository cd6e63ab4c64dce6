/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/queue.h - work that blocks, one piece after the other, on a thread of its own.     */
/* room: the command thread adds and takes; `run` is called on the loader's second thread.        */
#ifndef SERVER_LOAD_QUEUE_H
#define SERVER_LOAD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/status.h"

/** A piece of work; part of whatever it works on. */
struct load_task {
    struct load_task *next;
    void (*run)(struct load_task *task);
};

/** Tasks in their order; zeroed is empty. */
struct load_tasks {
    struct load_task *first, *last;
};

static inline void load_tasks_append(struct load_tasks *tasks, struct load_task *task)
{
    task->next = NULL;
    if (tasks->last)
        tasks->last->next = task;
    else
        tasks->first = task;
    tasks->last = task;
}

/** The oldest, or NULL. */
static inline struct load_task *load_tasks_take(struct load_tasks *tasks)
{
    struct load_task *const task = tasks->first;
    if (!task)
        return NULL;
    tasks->first = task->next;
    if (!tasks->first)
        tasks->last = NULL;
    return task;
}

struct load_queue;

/** Without a thread (offline, tests) load_queue_add() runs the work at once. */
PH_NODISCARD ph_status load_queue_new(bool has_thread, struct load_queue **out);
/** Ends the thread when the piece at hand is done; takes back the others. Accepts NULL. */
void load_queue_free(struct load_queue *queue, void (*give)(struct load_task *task));
/** Takes a task; those before it are done first. */
void load_queue_add(struct load_queue *queue, struct load_task *task);
/** The oldest task that is done and was not taken yet, or NULL. */
struct load_task *load_queue_take(struct load_queue *queue);
/**
 * A descriptor that can be read when something is done (an eventfd); load_queue_take() empties it.
 */
int load_queue_fd(const struct load_queue *queue);

#endif
