/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/sched.c - commands waiting for their frame.                                          */
/* room: audio.                                                                                   */
#include "server/rt/sched.h"

static bool before(const struct rt_sched_entry *a, const struct rt_sched_entry *b)
{
    if (a->command.due_frame != b->command.due_frame)
        return a->command.due_frame < b->command.due_frame;
    return a->order < b->order;
}

/** Moves `entry` up from the hole at `i` to its place. */
PH_RT static void sift_up(struct rt_sched *s, uint32_t i, struct rt_sched_entry entry)
{
    while (i > 0 && before(&entry, &s->entries[(i - 1) / 2])) {
        s->entries[i] = s->entries[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    s->entries[i] = entry;
}

/** Moves `entry` down from the hole at `i` to its place. */
PH_RT static void sift_down(struct rt_sched *s, uint32_t i, struct rt_sched_entry entry)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= s->n)
            break;
        if (child + 1 < s->n && before(&s->entries[child + 1], &s->entries[child]))
            child++;
        if (!before(&s->entries[child], &entry))
            break;
        s->entries[i] = s->entries[child];
        i = child;
    }
    s->entries[i] = entry;
}

PH_RT bool rt_sched_push(struct rt_sched *s, const struct link_command *command)
{
    if (s->n == s->max)
        return false;
    const struct rt_sched_entry entry = { .order = s->next_order++, .command = *command };
    sift_up(s, s->n++, entry);
    return true;
}

PH_RT bool rt_sched_pop_due(struct rt_sched *s, uint64_t end_frame, struct link_command *out)
{
    if (s->n == 0 || s->entries[0].command.due_frame >= end_frame)
        return false;
    *out = s->entries[0].command;
    s->n--;
    if (s->n > 0)
        sift_down(s, 0, s->entries[s->n]);
    return true;
}

PH_RT void rt_sched_drop(struct rt_sched *s,
                         bool (*drop)(void *context, const struct link_command *command),
                         void *context)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (!drop(context, &s->entries[i].command))
            s->entries[kept++] = s->entries[i];
    s->n = kept;
    for (uint32_t i = kept / 2; i-- > 0;)
        sift_down(s, i, s->entries[i]);
}
