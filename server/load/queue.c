/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/queue.c - work that blocks, one piece after the other, on a thread of its own.     */
/* room: the lists lie behind a mutex that is never held while something runs.                    */
#include "server/load/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct load_queue {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct load_tasks waiting, done;
    bool has_thread, stop;
    int fd;
    pthread_t thread;
};

/** Runs one task and puts it to those that are done. Called and left with the mutex held. */
static void run_one(struct load_queue *queue, struct load_task *task)
{
    const uint64_t one = 1;
    pthread_mutex_unlock(&queue->lock);
    task->run(task);
    pthread_mutex_lock(&queue->lock);
    load_tasks_append(&queue->done, task);
    if (write(queue->fd, &one, sizeof one) < 0) {
        /* the count is full: whoever waits for it is awake */
    }
}

static void *queue_main(void *context)
{
    struct load_queue *const queue = context;
    pthread_mutex_lock(&queue->lock);
    while (!queue->stop) {
        struct load_task *const task = load_tasks_take(&queue->waiting);
        if (task)
            run_one(queue, task);
        else
            pthread_cond_wait(&queue->wake, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

ph_status load_queue_new(bool has_thread, struct load_queue **out)
{
    struct load_queue *const queue = calloc(1, sizeof *queue);
    *out = NULL;
    if (!queue)
        return PH_NO_MEMORY;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->wake, NULL);
    queue->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (queue->fd >= 0 && has_thread)
        queue->has_thread = pthread_create(&queue->thread, NULL, queue_main, queue) == 0;
    if (queue->fd < 0 || queue->has_thread != has_thread) {
        load_queue_free(queue, NULL);
        return PH_NO_MEMORY;
    }
    *out = queue;
    return PH_OK;
}

void load_queue_free(struct load_queue *queue, void (*give)(struct load_task *task))
{
    struct load_task *task;
    if (!queue)
        return;
    if (queue->has_thread) {
        pthread_mutex_lock(&queue->lock);
        queue->stop = true;
        pthread_cond_signal(&queue->wake);
        pthread_mutex_unlock(&queue->lock);
        pthread_join(queue->thread, NULL);
    }
    while ((task = load_tasks_take(&queue->done)) || (task = load_tasks_take(&queue->waiting)))
        give(task);
    if (queue->fd >= 0)
        close(queue->fd);
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

void load_queue_add(struct load_queue *queue, struct load_task *task)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->has_thread) {
        load_tasks_append(&queue->waiting, task);
        pthread_cond_signal(&queue->wake);
    } else {
        run_one(queue, task);
    }
    pthread_mutex_unlock(&queue->lock);
}

struct load_task *load_queue_take(struct load_queue *queue)
{
    uint64_t count;
    pthread_mutex_lock(&queue->lock);
    struct load_task *const task = load_tasks_take(&queue->done);
    if (!queue->done.first && read(queue->fd, &count, sizeof count) < 0) {
        /* it was empty */
    }
    pthread_mutex_unlock(&queue->lock);
    return task;
}

int load_queue_fd(const struct load_queue *queue)
{
    return queue->fd;
}
