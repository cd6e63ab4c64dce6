/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/sched.c - commands waiting for their frame.                                          */
/* room: audio.                                                                                   */
#include "server/rt/sched.h"

/** What moves in the heap. */
struct key {
    uint64_t due_frame, order;
    uint32_t slot;
};

static struct key key_at(const struct rt_sched *s, uint32_t i)
{
    const struct rt_sched_entry *const e = &s->entries[i];
    return (struct key){ e->due_frame, e->order, e->slot };
}

static void put(struct rt_sched *s, uint32_t i, struct key key)
{
    struct rt_sched_entry *const e = &s->entries[i];
    e->due_frame = key.due_frame;
    e->order = key.order;
    e->slot = key.slot;
}

static bool before(struct key a, struct key b)
{
    return a.due_frame != b.due_frame ? a.due_frame < b.due_frame : a.order < b.order;
}

/** Moves `key` up from the hole at `i` to its place. */
PH_RT static void sift_up(struct rt_sched *s, uint32_t i, struct key key)
{
    while (i > 0 && before(key, key_at(s, (i - 1) / 2))) {
        put(s, i, key_at(s, (i - 1) / 2));
        i = (i - 1) / 2;
    }
    put(s, i, key);
}

/** Moves `key` down from the hole at `i` to its place. */
PH_RT static void sift_down(struct rt_sched *s, uint32_t i, struct key key)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= s->n)
            break;
        if (child + 1 < s->n && before(key_at(s, child + 1), key_at(s, child)))
            child++;
        if (!before(key_at(s, child), key))
            break;
        put(s, i, key_at(s, child));
        i = child;
    }
    put(s, i, key);
}

PH_RT bool rt_sched_push(struct rt_sched *s, const struct link_command *command)
{
    if (s->n == s->max)
        return false;
    if (s->n == s->n_used)
        s->entries[s->n].slot = s->n_used++;
    const uint32_t slot = s->entries[s->n].slot;
    s->entries[slot].command = *command;
    sift_up(s, s->n++, (struct key){ command->due_frame, s->next_order++, slot });
    return true;
}

PH_RT bool rt_sched_pop_due(struct rt_sched *s, uint64_t end_frame, struct link_command *out)
{
    if (s->n == 0 || s->entries[0].due_frame >= end_frame)
        return false;
    const uint32_t slot = s->entries[0].slot;
    *out = s->entries[slot].command;
    const struct key last = key_at(s, --s->n);
    if (s->n > 0)
        sift_down(s, 0, last);
    s->entries[s->n].slot = slot;
    return true;
}

PH_RT void rt_sched_drop(struct rt_sched *s,
                         bool (*drop)(void *context, const struct link_command *command),
                         void *context)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (!drop(context, rt_sched_command(s, i))) {
            const struct key key = key_at(s, i);
            put(s, i, key_at(s, kept)); /* slots that are free now gather behind */
            put(s, kept++, key);
        }
    s->n = kept;
    for (uint32_t i = kept / 2; i-- > 0;)
        sift_down(s, i, key_at(s, i));
}
