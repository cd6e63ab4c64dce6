/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/compile.c - the stages in their order: parse, settings, names, values, records.         */
#include "client/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/tidal.h"
#include "client/value.h"

/* ---- source text ----------------------------------------------------------------------------- */

void source_finish(struct source *source)
{
    free((char *)source->text);
    free((char *)source->name);
    *source = (struct source){ 0 };
}

bool source_is_tidal(const char *path)
{
    const char *const point = strrchr(path, '.');

    return point && strcmp(point, ".tidal") == 0;
}

static char *read_stream(FILE *stream, uint32_t *length)
{
    size_t size = 0, space = 1 << 16;
    char *text = malloc(space);

    while (text) {
        size += fread(text + size, 1, space - 1 - size, stream);
        if (ferror(stream))
            break;
        if (size < space - 1) {
            text[size] = 0;
            *length = (uint32_t)size;
            return text;
        }
        if (size >= SOURCE_BYTES_MAX) {
            errno = EFBIG;
            break;
        }
        space *= 2;
        char *const larger = realloc(text, space);
        if (!larger)
            break;
        text = larger;
    }
    free(text);
    return NULL;
}

bool source_read(const char *path, struct source *out)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *const stream = is_stdin ? stdin : fopen(path, "rb");

    *out = (struct source){ .first_line = 1, .tidal = source_is_tidal(path) };
    if (!stream)
        return false;
    char *const text = read_stream(stream, &out->length);
    const int error = errno;
    if (!is_stdin)
        fclose(stream);
    out->text = text;
    out->name = text ? strdup(path) : NULL;
    if (out->name)
        return true;
    source_finish(out);
    errno = text ? ENOMEM : error;
    return false;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* LANGUAGE 2.1: cycles per second, clamped to 0.001 .. 50. */
static struct ph_ratio clamped_cps(struct ph_ratio cps)
{
    const struct ph_ratio low = PH_RATIO(1, 1000), high = PH_RATIO(50, 1);

    if (ph_ratio_cmp(cps, low) < 0)
        return low;
    return ph_ratio_cmp(cps, high) > 0 ? high : cps;
}

/* bpm: b "n/d" is b / (60 n); n is 4 where none is written. */
static void set_bpm(struct compiler *c, const struct statement *s)
{
    const long beats = s->text ? strtol(s->text, NULL, 10) : 4;
    bool overflow = false;
    const struct ph_ratio per_cycle = ph_ratio_of(60 * (beats < 1 ? 4 : beats));

    c->out->cps = clamped_cps(ph_ratio_div(s->value->ratio, per_cycle, &overflow));
    c->out->has_cps = true;
}

static void set_outmix(struct compiler *c, const struct statement *s)
{
    static const char *const modes[] = { "none", "gain", "sqrt", "tanh", "hard" };

    for (size_t i = 0; s->text && i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i], s->text) == 0)
            c->out->outmix = (enum ph_outmix)i;
}

/* resetCycles, setCycle x, nudge x: part of the program, so that both happen at one switch. */
static bool move_clock(struct compiler *c, const struct statement *s)
{
    const bool resets = strcmp(s->text, "resetCycles") == 0;
    const bool nudges = strcmp(s->text, "nudge") == 0;

    if (!resets && !nudges && strcmp(s->text, "setCycle") != 0)
        return false;
    c->out->move = nudges ? PH_CLOCK_NUDGED : PH_CLOCK_JUMPS;
    c->out->amount = s->value ? s->value->ratio : ph_ratio_of(0);
    return true;
}

static void set_command(struct compiler *c, const struct statement *s,
                        struct compile_commands *commands)
{
    if (move_clock(c, s))
        return;
    if (s->number > 0 || s->value) /* of one output: part of the program */
        return;
    if (!commands)
        diag_warning(c->diag, s->offset, "`%s` in a file does nothing here", s->text);
    else if (strcmp(s->text, "hush") == 0)
        commands->hush = true;
    else if (strcmp(s->text, "unhush") == 0)
        commands->unhush = true;
    else if (strcmp(s->text, "unsolo") == 0)
        commands->unsolo = true;
    else if (strcmp(s->text, "panic") == 0)
        commands->panic = true;
}

static void settings(struct compiler *c, const struct program_ast *program,
                     struct compile_commands *commands)
{
    for (uint32_t i = 0; i < program->n_statements; i++) {
        const struct statement *const s = &program->statements[i];
        switch (s->kind) {
        case STATEMENT_TEMPO:
            if (s->value) {
                c->out->cps = clamped_cps(s->value->ratio);
                c->out->has_cps = true;
            }
            break;
        case STATEMENT_BPM:
            if (s->value)
                set_bpm(c, s);
            break;
        case STATEMENT_OUTMIX:
            set_outmix(c, s);
            break;
        case STATEMENT_COMMAND:
            set_command(c, s, commands);
            break;
        default:
            break;
        }
    }
    c->cps = c->out->has_cps ? ph_ratio_to_double(c->out->cps) : 0.5;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static char *copied(const char *text)
{
    char *const copy = strdup(text);

    if (!copy) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return copy;
}

static void init(struct compiler *c, const struct source *source, struct arena *arena,
                 struct diag *diag, struct ph_program *out)
{
    *out = (struct ph_program){ .name = copied(source->name), .cps = PH_RATIO(1, 2) };
    *c = (struct compiler){ .source = source, .arena = arena, .diag = diag, .out = out,
                            .cps = 0.5 };
}

bool compile_program_with_commands(const struct source *source, struct arena *arena,
                                   struct diag *diag, struct ph_program *out,
                                   struct compile_commands *commands)
{
    struct compiler *const c = arena_alloc(arena, sizeof *c);
    char error[256] = "";

    init(c, source, arena, diag, out);
    if (source->tidal) {
        tidal_program(c, commands);
    } else {
        const struct program_ast program = parse_program(source, arena, diag);
        settings(c, &program, commands);
        resolve_statements(c, &program);
        if (diag->n_errors > 0)
            names_check_rest(c, &program);
    }
    build_outputs(c); /* of what is right: strings are read here, in each as its place wants */
    if (diag->n_errors == 0) {
        ph_program_hash(out);
        if (ph_program_validate(out, error) != PH_OK)
            diag_error(diag, 0, "the program can't be sent: %s", error);
    }
    if (diag->n_errors == 0)
        return true;
    ph_program_finish(out);
    *out = (struct ph_program){ 0 };
    return false;
}

bool compile_program(const struct source *source, struct arena *arena, struct diag *diag,
                     struct ph_program *out)
{
    return compile_program_with_commands(source, arena, diag, out, NULL);
}

bool compile_pattern(const struct source *source, struct arena *arena, struct diag *diag,
                     struct ph_pattern_code *out)
{
    struct compiler *const c = arena_alloc(arena, sizeof *c);
    struct ph_program program;
    bool ok = false;

    *out = (struct ph_pattern_code){ 0 };
    init(c, source, arena, diag, &program);
    const struct ast *const expression = parse_expression(source, arena, diag);
    if (expression && diag->n_errors == 0) {
        struct pat *const p = value_pattern(c, evaluate(c, expression, NULL, "query"));
        const bool pitched = p && (p->flags & (PAT_MADE_NOTE | PAT_MADE_N)) != 0 &&
                             !(p->flags & PAT_CONTROLS);
        ok = p && pattern_compile(c, p, !pitched                       ? PAT_WORDS
                                        : p->flags & PAT_MADE_NOTE ? PAT_NOTES
                                                                   : PAT_CLASSES, out);
    }
    ph_program_finish(&program);
    return ok && diag->n_errors == 0;
}
