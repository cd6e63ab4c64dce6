/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/groove.c - groove templates: LANGUAGE 19.4.                                             */
#include "client/transform.h"

#include <string.h>

enum { SLOTS_MAX = 16, NAMES_MAX = 3 };

/** How many n-ths of a cycle each slot of it comes later. */
struct groove {
    const char *names[NAMES_MAX];
    uint8_t n_slots;
    int16_t nth;
    int16_t shifts[SLOTS_MAX];
};

static const struct groove grooves[] = {
    { { "mpc", "mpc_swing" }, 16, 32, { 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 } },
    { { "hiphop", "lazy_hiphop" }, 16, 100, { 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 1, 0, 2, 0, 1, 0 } },
    { { "reggae", "reggae_one_drop", "one_drop" }, 16, 200,
      { 0, 0, 2, 0, 0, 0, 2, 0, 5, 0, 2, 0, 0, 0, 2, 0 } },
    { { "jazz", "jazz_swing" }, 8, 16, { 0, 1, 0, 1, 0, 1, 0, 1 } },
    { { "drunken", "drunk" }, 16, 640,
      { 6, -4, 2, -6, 4, -2, 5, -5, 3, -7, 4, -3, 7, -4, 2, -6 } },
};
enum { N_GROOVES = sizeof grooves / sizeof grooves[0] };

/* Names are compared as those of functions are. */
static bool has_name(const struct groove *g, const char *name)
{
    for (uint32_t i = 0; i < NAMES_MAX && g->names[i]; i++)
        if (function_compare(g->names[i], strlen(g->names[i]), name, strlen(name)) == 0)
            return true;
    return false;
}

static void warn_unknown(struct compiler *c, const char *name, uint32_t offset)
{
    const char *names[N_GROOVES * NAMES_MAX];
    uint32_t n = 0;

    for (uint32_t i = 0; i < N_GROOVES; i++)
        for (uint32_t k = 0; k < NAMES_MAX && grooves[i].names[k]; k++)
            names[n++] = grooves[i].names[k];
    const char *const near = diag_nearest(name, names, n);
    diag_warning(c->diag, offset, "no groove is called `%s`%s%s%s", name,
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

const struct ph_value *groove_find(struct compiler *c, const char *name, uint32_t offset,
                                   uint32_t *n)
{
    bool overflow = false;

    for (uint32_t i = 0; i < N_GROOVES; i++) {
        const struct groove *const g = &grooves[i];
        if (!has_name(g, name))
            continue;
        struct ph_value *const shifts = arena_alloc(c->arena, SLOTS_MAX * sizeof *shifts);
        for (*n = 0; *n < g->n_slots; ++*n)
            shifts[*n] = (struct ph_value){ .kind = PH_VALUE_RATIO,
                                            .ratio = ph_ratio_make(g->shifts[*n], g->nth,
                                                                   &overflow) };
        return shifts;
    }
    warn_unknown(c, name, offset);
    return NULL;
}
