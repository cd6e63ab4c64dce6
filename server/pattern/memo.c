/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/memo.c - values remembered, so that equal ones are made once and shared.        */
/* room: none. Values made from lasting ones last, too: a pattern whose events come out of tables */
/* merges its controls in the first cycles and only looks them up from then on.                   */
#include <string.h>

#include "server/pattern/eval.h"

/** The few entries among which a key is looked for. */
static struct pat_memo *ways_of(struct pat *p, const struct pat_memo_key *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key->what + (uint64_t)key->i * 0x9e3779b97f4a7c15u;

    h = (h ^ (uint64_t)(uintptr_t)key->left) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 32) ^ (uint64_t)(uintptr_t)key->right ^ (uint64_t)key->n) *
        0xc4ceb9fe1a85ec53u;
    return p->memo[h >> (64 - PAT_MEMO_BITS)];
}

/** Only what lasts may get into what lasts. */
static bool is_valid(const struct pat *p, const struct pat_memo *m)
{
    return m->lasting || (m->generation == p->generation && p->arena != &p->table_arena);
}

static bool is_key(const struct pat_memo_key *a, const struct pat_memo_key *b)
{
    return a->what == b->what && a->left == b->left && a->right == b->right && a->i == b->i &&
           a->n == b->n;
}

const struct pat_value *pat_recall(struct pat *p, const struct pat_memo_key *key)
{
    const struct pat_memo *const ways = ways_of(p, key);

    for (uint32_t i = 0; i < PAT_MEMO_WAYS; i++)
        if (is_key(&ways[i].key, key) && is_valid(p, &ways[i]))
            return ways[i].result;
    return NULL;
}

/** An entry to be replaced: never one that lasts, which was paid for with memory. */
static struct pat_memo *free_way(const struct pat *p, struct pat_memo *ways)
{
    struct pat_memo *found = NULL;

    for (uint32_t i = 0; i < PAT_MEMO_WAYS; i++)
        if (!ways[i].lasting && (!found || ways[i].generation != p->generation))
            found = &ways[i];
    return found;
}

static bool is_lasting(const struct pat_value *value)
{
    return !value || value->lasting;
}

struct pat_arena *pat_recall_begin(struct pat *p, const struct pat_memo_key *key)
{
    struct pat_arena *const own = p->arena;

    if (is_lasting(key->left) && is_lasting(key->right) &&
        p->table_arena.used_bytes < PAT_LASTING_BYTES_MAX && free_way(p, ways_of(p, key)))
        p->arena = &p->table_arena;
    return own;
}

void pat_remember(struct pat *p, const struct pat_memo_key *key, struct pat_arena *own,
                  const struct pat_value *value)
{
    const bool lasting = p->arena == &p->table_arena;
    struct pat_memo *const way = free_way(p, ways_of(p, key));

    p->arena = own;
    if (!value)
        return;
    if (lasting)
        pat_make_lasting(value);
    if (way)
        *way = (struct pat_memo){ *key, value, p->generation, lasting };
}

void pat_make_lasting(const struct pat_value *value)
{
    if (!value->lasting)
        ((struct pat_value *)value)->lasting = true;
}

void pat_forget(struct pat *p)
{
    memset(p->memo, 0, sizeof p->memo);
}
