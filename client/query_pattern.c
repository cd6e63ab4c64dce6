/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_pattern.c - one expression of either dialect -> an evaluator.                     */
#include <string.h>

#include "client/query.h"
#include "client/tidal/tidal.h"

int query_type(const char *name, size_t length)
{
    for (int i = 0; i < TIDAL_ATOM_COUNT; i++)
        if (strlen(tidal_atom_names[i]) == length && memcmp(tidal_atom_names[i], name, length) == 0)
            return i;
    return QUERY_TYPE_ANY;
}

static void start(struct query_pattern *q, const struct source *source)
{
    *q = (struct query_pattern){ .arena = arena_new() };
    diag_init(&q->diag, source);
}

static bool compile_as(struct query_pattern *q, const struct source *source,
                       const struct query_dialect *dialect)
{
    start(q, source);
    q->notes_are_pitches =
        dialect->tidal && (dialect->type == TIDAL_NOTE || dialect->type == TIDAL_CONTROLS);
    if (dialect->tidal)
        return compile_tidal_pattern(source, q->arena, &q->diag, (enum tidal_atom)dialect->type,
                                     &q->code);
    return compile_pattern(source, q->arena, &q->diag, &q->code);
}

/* What is played comes first: a string that could be anything is sounds. */
static const enum tidal_atom attempts[] = { TIDAL_CONTROLS, TIDAL_NOTE, TIDAL_STRING,
                                            TIDAL_DOUBLE,   TIDAL_INT,  TIDAL_RATIONAL,
                                            TIDAL_BOOL };
enum { N_ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/** The first type that fits; where none does, the errors of the first. */
static bool compile_as_any(struct query_pattern *q, const struct source *source)
{
    struct query_dialect dialect = { .tidal = true };

    for (uint32_t i = 0; i < N_ATTEMPTS; i++) {
        dialect.type = (int)attempts[i];
        if (compile_as(q, source, &dialect))
            return true;
        query_pattern_finish(q);
    }
    dialect.type = (int)attempts[0];
    return compile_as(q, source, &dialect);
}

bool query_pattern_init(struct query_pattern *out, const struct source *source,
                        const struct query_dialect *dialect)
{
    const bool compiled = dialect->tidal && dialect->type == QUERY_TYPE_ANY
                              ? compile_as_any(out, source)
                              : compile_as(out, source, dialect);
    if (!compiled)
        return false;
    const ph_status status = pat_new(&out->code, &out->pat);
    if (status != PH_OK)
        diag_error(&out->diag, 0, "%s", ph_status_text(status));
    return status == PH_OK;
}

void query_pattern_finish(struct query_pattern *q)
{
    pat_free(q->pat);
    ph_pattern_code_finish(&q->code);
    diag_finish(&q->diag);
    arena_free(q->arena);
    *q = (struct query_pattern){ 0 };
}
