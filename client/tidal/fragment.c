/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/fragment.c - TidalCycles code told apart by its layout, as song.c reads it: what  */
/* each statement defines. Only tokens are looked at; what is wrong inside a statement is told    */
/* when the whole is compiled.                                                                    */
#include <stdio.h>
#include <string.h>

#include "client/fragment.h"
#include "client/tidal/syntax.h"

struct reader {
    const struct source *source;
    struct arena *arena;
    const struct hs_tokens *tokens;
    uint32_t n, space;
    struct fragment_item *items;
};

static bool is(const struct reader *r, const struct hs_token *t, const char *text)
{
    return t->kind != HS_STRING && t->kind != HS_END && t->length == strlen(text) &&
           memcmp(r->source->text + t->offset, text, t->length) == 0;
}

static bool is_one_of(const struct reader *r, const struct hs_token *t, const char *const *words)
{
    for (; *words; words++)
        if (is(r, t, *words))
            return true;
    return false;
}

static void add_key(struct reader *r, struct fragment_item *item, const char *sigil,
                    const char *text, size_t length)
{
    const char **const keys = arena_alloc(r->arena, (item->n_keys + 1) * sizeof *keys);
    char *const key = arena_alloc(r->arena, strlen(sigil) + length + 1);

    if (item->n_keys > 0)
        memcpy(keys, item->keys, item->n_keys * sizeof *keys);
    memcpy(key, sigil, strlen(sigil));
    memcpy(key + strlen(sigil), text, length);
    keys[item->n_keys++] = key;
    item->keys = keys;
}

/* p "bass", solo 1: d1 and 1 are one. */
static void add_label(struct reader *r, struct fragment_item *item, const char *sigil,
                      const struct hs_token *t)
{
    const char *const text = r->source->text + t->offset;
    char label[64];

    if (t->kind == HS_STRING) {
        add_key(r, item, sigil, text + 1, t->length - 2);
    } else {
        snprintf(label, sizeof label, "d%.*s", (int)(t->length < 60 ? t->length : 60), text);
        add_key(r, item, sigil, label, strlen(label));
    }
}

/* Names of a `let`: what begins its lines, where the first one stands. */
static void add_bindings(struct reader *r, struct fragment_item *item, uint32_t at, uint32_t end)
{
    const struct hs_token *const tokens = r->tokens->tokens;
    const uint32_t column = tokens[at].column;

    for (uint32_t i = at; i < end; i++) {
        const bool begins = i == at || (tokens[i].first_on_line && tokens[i].column == column) ||
                            tokens[i - 1].kind == HS_SEMICOLON;
        if (begins && tokens[i].kind == HS_NAME)
            add_key(r, item, "", r->source->text + tokens[i].offset, tokens[i].length);
    }
}

static void describe(struct reader *r, struct fragment_item *item, uint32_t first, uint32_t end)
{
    static const char *const clocks[] = { "resetCycles", "setCycle", "nudgeAll", NULL };
    static const char *const silences[] = { "hush", "panic", NULL };
    static const char *const sides[] = { "solo", "unsolo", "mute", "unmute", NULL };
    static const char *const start_up[] = { "import", ":set", ":{", ":}", ":", NULL };
    static const char *const ends[] = { "unmuteAll", "unsoloAll", NULL };
    const struct hs_token *const t = &r->tokens->tokens[first], *const next = t + 1;

    item->class = FRAGMENT_OUTPUT;
    if (is(r, t, "let")) {
        item->class = FRAGMENT_DEFINITION;
        add_bindings(r, item, first + 1, end);
    } else if (is(r, t, "setcps")) {
        item->class = FRAGMENT_DEFINITION;
        add_key(r, item, "setcps", "", 0);
    } else if (is(r, t, "p")) {
        add_label(r, item, "", next);
    } else if (is(r, t, "all")) {
        item->class = FRAGMENT_ALL;
        add_key(r, item, "all", "", 0);
    } else if (is_one_of(r, t, sides)) {
        item->class = FRAGMENT_SIDE;
        add_label(r, item, "side ", next);
    } else if (is_one_of(r, t, silences) || is_one_of(r, t, ends)) {
        item->is_command = true;
        item->ends_outputs = is_one_of(r, t, silences);
        item->ends_sides = is_one_of(r, t, ends);
    } else if (is_one_of(r, t, clocks) || is_one_of(r, t, start_up) || is(r, t, "once")) {
        item->is_command = true;
    } else {
        add_key(r, item, "", r->source->text + t->offset, t->length); /* d1 */
    }
}

static void add_item(struct reader *r, uint32_t first, uint32_t end)
{
    const struct hs_token *const last = &r->tokens->tokens[end - 1];

    if (r->n == r->space) {
        const uint32_t space = r->space ? 2 * r->space : 32;
        struct fragment_item *const larger = arena_alloc(r->arena, space * sizeof *larger);
        if (r->n > 0)
            memcpy(larger, r->items, r->n * sizeof *larger);
        r->items = larger;
        r->space = space;
    }
    struct fragment_item *const item = &r->items[r->n++];
    *item = (struct fragment_item){ .begin = r->tokens->tokens[first].offset,
                                    .end = last->offset + last->length, .is_block = true };
    describe(r, item, first, end);
}

struct fragment_item *fragment_tidal_items(const struct source *joined, struct arena *arena,
                                           struct diag *diag, uint32_t *n_items)
{
    struct hs_tokens tokens;
    struct reader r = { .source = joined, .arena = arena, .tokens = &tokens };

    *n_items = 0;
    if (!hs_lex(joined, arena, diag, &tokens))
        return NULL;
    r.items = arena_alloc(arena, sizeof *r.items);
    for (uint32_t i = 0; tokens.tokens[i].kind != HS_END;) {
        const struct hs_token *const t = &tokens.tokens[i];
        const uint32_t first = i++;
        if (is(&r, t, "do") || t->kind == HS_SEMICOLON)
            continue;
        while (tokens.tokens[i].kind != HS_END &&
               !(tokens.tokens[i].first_on_line && tokens.tokens[i].column <= t->column))
            i++;
        add_item(&r, first, i);
    }
    *n_items = r.n;
    return r.items;
}
