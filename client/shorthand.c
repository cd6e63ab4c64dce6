/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/shorthand.c - `# cutoff 800 # resonance 3` and its like are effects of the events' mix, */
/* written as TidalCycles writes them: LANGUAGE 10.4.                                             */
#include <string.h>

#include "client/value.h"

/** Which effect a name is short for, and the argument that has a name of its own. */
struct shorthand {
    const char *name, *partner, *effect;
    double partner_initial;
};
static const struct shorthand shorthands[] = {
    { "cutoff", "resonance", "lpf", 1 },
    { "hcutoff", "resonance", "hpf", 1 },
    { "room", "size", "reverb", 0.5 },
    { "delaytime", "delayfeedback", "delay", 0.5 },
};
#define REVERB_DAMPING 0.5
#define DELAY_MIX 0.5

static const char *canonical_name(const struct ast *call)
{
    const bool is_call = call->kind == AST_NAME || call->kind == AST_CALL;
    const struct function *const f = is_call ? function_find(call->text, strlen(call->text)) : NULL;

    return f ? f->canonical : "";
}

static struct ast *number(struct compiler *c, double value, uint32_t offset)
{
    struct ast *const a = arena_alloc(c->arena, sizeof *a);
    bool overflow = false;

    a->kind = AST_NUMBER;
    a->offset = a->end = offset;
    a->number = value;
    a->ratio = ph_ratio_from_double(value, &overflow);
    return a;
}

/* The argument of the call of that name, or the number. */
static struct ast *partner_of(struct compiler *c, const struct shorthand *s,
                              struct ast *const *calls, uint32_t n, uint32_t offset)
{
    for (uint32_t i = 0; i < n; i++) {
        if (calls[i]->n_items == 1 && strcmp(canonical_name(calls[i]), s->partner) == 0)
            return calls[i]->items[0];
    }
    return number(c, s->partner_initial, offset);
}

/* lpf cutoff resonance; reverb size damping room; delay delaytime delayfeedback mix */
static const struct ast *effect_of(struct compiler *c, const struct shorthand *s,
                                   const struct ast *call, struct ast *const *calls,
                                   uint32_t n)
{
    struct ast *const made = arena_alloc(c->arena, sizeof *made);
    struct ast *const partner = partner_of(c, s, calls, n, call->offset);
    const bool is_reverb = strcmp(s->effect, "reverb") == 0;

    *made = *call;
    made->kind = AST_CALL;
    made->text = s->effect;
    made->n_items = s->effect[1] == 'p' ? 2 : 3;
    made->items = arena_alloc(c->arena, 3 * sizeof *made->items);
    made->items[0] = is_reverb ? partner : call->items[0];
    made->items[1] = is_reverb ? number(c, REVERB_DAMPING, call->offset) : partner;
    made->items[2] = is_reverb ? call->items[0] : number(c, DELAY_MIX, call->offset);
    return made;
}

/* True when something of the chain is short for the effect that the partner belongs to. */
static bool has_main(const char *partner, struct ast *const *calls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof shorthands / sizeof shorthands[0]; k++)
            if (strcmp(partner, shorthands[k].partner) == 0 &&
                strcmp(canonical_name(calls[i]), shorthands[k].name) == 0)
                return true;
    return false;
}

const struct ast *shorthand_expand(struct compiler *c, const struct ast *call,
                                   struct ast *const *calls, uint32_t n, bool *is_partner)
{
    const char *const name = canonical_name(call);

    *is_partner = false;
    for (size_t i = 0; i < sizeof shorthands / sizeof shorthands[0]; i++) {
        const struct shorthand *const s = &shorthands[i];
        *is_partner |= strcmp(name, s->partner) == 0;
        if (strcmp(name, s->name) != 0)
            continue;
        if (call->n_items == 1)
            return effect_of(c, s, call, calls, n);
        diag_error(c->diag, call->offset, "`%s` needs one argument, found %u", call->text,
                   call->n_items);
        return NULL;
    }
    if (*is_partner && !has_main(name, calls, n))
        diag_warning(c->diag, call->offset, "`%s` alone does nothing", call->text);
    return call;
}

bool shorthand_is_effect(const char *canonical)
{
    for (size_t i = 0; i < sizeof shorthands / sizeof shorthands[0]; i++)
        if (strcmp(canonical, shorthands[i].name) == 0 ||
            strcmp(canonical, shorthands[i].partner) == 0)
            return true;
    return false;
}
