/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/fragment.c - packs, joins and merges texts, statement by statement.                     */
#include "client/fragment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"
#include "protocol/bytes.h"
#include "protocol/program.h"

/* ---- the text as the daemon keeps it --------------------------------------------------------- */

enum { FORMAT = 1, PIECES_MAX = 100000 };
enum { DIALECT_PH, DIALECT_TIDAL, TOO_LONG };

static void write_text(struct ph_writer *w, const char *text, size_t length)
{
    ph_write_i32(w, (int32_t)length);
    ph_write_bytes(w, text, length);
}

static void write_piece(struct ph_writer *w, const struct source_piece *piece)
{
    ph_write_i32(w, (int32_t)piece->offset);
    ph_write_i32(w, (int32_t)piece->line);
    ph_write_i32(w, (int32_t)piece->column);
    ph_write_u8(w, piece->is_shifted);
    write_text(w, piece->name, strlen(piece->name));
}

/* The one piece of a source without pieces. */
static struct source_piece whole(const struct source *source)
{
    return (struct source_piece){ .name = source->name, .column = 1,
                                  .line = source->first_line ? source->first_line : 1 };
}

uint8_t *fragment_pack(const struct source *source, size_t *size)
{
    const struct source_piece alone = whole(source);
    const uint32_t n = source->n_pieces ? source->n_pieces : 1;
    struct ph_writer w = { 0 };

    ph_write_u8(&w, FORMAT);
    ph_write_u8(&w, source->tidal ? DIALECT_TIDAL : DIALECT_PH);
    write_text(&w, source->text, source->length);
    ph_write_i32(&w, (int32_t)n);
    for (uint32_t i = 0; i < n; i++)
        write_piece(&w, source->n_pieces ? &source->pieces[i] : &alone);
    if (w.size > PH_SOURCE_BYTES_MAX || n > PIECES_MAX) {
        ph_writer_finish(&w);
        w = (struct ph_writer){ 0 };
        ph_write_u8(&w, FORMAT);
        ph_write_u8(&w, TOO_LONG);
    }
    if (w.failed) {
        fputs("phonon: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    *size = w.size;
    return w.data;
}

static const char *read_text(struct ph_reader *r, struct arena *arena, uint32_t *length)
{
    const int32_t n = ph_read_i32(r);
    const uint8_t *const bytes = n < 0 ? NULL : ph_read_bytes(r, (size_t)n);

    *length = (uint32_t)n;
    return bytes ? arena_text(arena, (const char *)bytes, (size_t)n) : NULL;
}

static bool read_piece(struct ph_reader *r, struct arena *arena, uint32_t length,
                       uint32_t last_offset, struct source_piece *out)
{
    uint32_t name_length;

    *out = (struct source_piece){ .offset = (uint32_t)ph_read_i32(r),
                                  .line = (uint32_t)ph_read_i32(r),
                                  .column = (uint32_t)ph_read_i32(r),
                                  .is_shifted = ph_read_u8(r) != 0, .plays = true };
    out->name = read_text(r, arena, &name_length);
    return out->name && !r->failed && out->offset >= last_offset && out->offset <= length;
}

static bool unpack(const void *packed, size_t size, struct arena *arena, struct source *out,
                   char *error)
{
    struct ph_reader r = ph_reader_of(packed, size);
    const uint8_t format = ph_read_u8(&r), dialect = ph_read_u8(&r);

    if (format == FORMAT && dialect == TOO_LONG) {
        snprintf(error, 256, "the program that plays is longer than %d bytes: send all of it",
                 PH_SOURCE_BYTES_MAX);
        return false;
    }
    out->tidal = dialect == DIALECT_TIDAL;
    out->text = read_text(&r, arena, &out->length);
    const int32_t n = ph_read_i32(&r);
    bool good = format == FORMAT && dialect <= DIALECT_TIDAL && out->text && !r.failed && n > 0 &&
                n <= PIECES_MAX;
    struct source_piece *const pieces =
        good ? arena_alloc(arena, (uint32_t)n * sizeof *pieces) : NULL;
    for (int32_t i = 0; good && i < n; i++)
        good = read_piece(&r, arena, out->length, i ? pieces[i - 1].offset : 0, &pieces[i]);
    out->pieces = pieces;
    out->n_pieces = (uint32_t)n;
    if (!good)
        snprintf(error, 256, "the program that plays was not sent as a text: send all of it");
    return good;
}

/* Bytes of a line's begin that may be cut off: blanks, at most `shift`. */
static uint32_t blanks(const char *line, const char *end, uint32_t shift)
{
    uint32_t n = 0;

    while (n < shift && line + n < end && (line[n] == ' ' || line[n] == '\t'))
        n++;
    return n;
}

/* How far the first line that is no comment stands from the left edge. */
static uint32_t indentation(const struct source *fragment)
{
    const char *at = fragment->text, *const end = at + fragment->length;

    while (at < end) {
        const uint32_t n = blanks(at, end, fragment->length);
        const char *const first = at + n;
        if (first < end && !strchr("\r\n#", *first) && strncmp(first, "--", 2) != 0 &&
            first[0] != '/')
            return n;
        const char *const newline = memchr(first, '\n', (size_t)(end - first));
        at = newline ? newline + 1 : end;
    }
    return 0;
}

/*
 * Adds the fragment at the left edge: indented, its first statement would go on with the last one
 * that plays. Lines that were moved less than the first one have pieces of their own.
 */
static void add_fragment(struct source *out, char *text, struct source_piece *pieces,
                         const struct source *fragment)
{
    const char *at = fragment->text, *const end = at + fragment->length;
    const uint32_t shift = indentation(fragment);
    uint32_t line = fragment->first_line ? fragment->first_line : 1, cut = UINT32_MAX;

    do {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const next = newline ? newline + 1 : end;
        const uint32_t n = blanks(at, end, shift);
        if (n != cut)
            pieces[out->n_pieces++] =
                (struct source_piece){ .offset = out->length, .name = fragment->name, .line = line,
                                       .column = n + 1, .is_shifted = true };
        cut = n;
        memcpy(text + out->length, at + n, (size_t)(next - at) - n);
        out->length += (uint32_t)(next - at) - n;
        at = next;
        line++;
    } while (at < end);
}

static uint32_t count_lines(const struct source *source)
{
    uint32_t n = 1;

    for (uint32_t i = 0; i < source->length; i++)
        n += source->text[i] == '\n';
    return n;
}

bool fragment_join(const void *packed, size_t size, const struct source *fragment,
                   struct arena *arena, struct source *out, char *error)
{
    struct source old = { .text = "", .tidal = fragment->tidal };

    if (size > 0 && !unpack(packed, size, arena, &old, error))
        return false;
    if (old.length > 0 && old.tidal != fragment->tidal) {
        snprintf(error, 256, "a %s program plays: send the whole file, not a part of it",
                 old.tidal ? "TidalCycles" : ".ph");
        return false;
    }
    *out = (struct source){ .name = fragment->name, .tidal = fragment->tidal };
    char *const text = arena_alloc(arena, (size_t)old.length + fragment->length + 3);
    struct source_piece *const pieces =
        arena_alloc(arena, (old.n_pieces + count_lines(fragment) + 1) * sizeof *pieces);
    if (old.length > 0) {
        memcpy(text, old.text, old.length);
        memcpy(text + old.length, "\n\n", 2);
        memcpy(pieces, old.pieces, old.n_pieces * sizeof *pieces);
        out->length = old.length + 2;
        out->n_pieces = old.n_pieces;
    }
    add_fragment(out, text, pieces, fragment);
    out->text = text;
    out->pieces = pieces;
    return true;
}

/* ---- statements ------------------------------------------------------------------------------ */

static const char *keyed(struct arena *arena, const char *sigil, const char *name)
{
    const size_t length = strlen(sigil), n = strlen(name);
    char *const key = arena_alloc(arena, length + n + 1);

    memcpy(key, sigil, length);
    memcpy(key + length, name, n);
    return key;
}

static const char *output_key(struct arena *arena, const char *letter, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%s%lld", letter, (long long)number);
    return arena_text(arena, text, strlen(text));
}

/* What a statement defines; NULL: nothing that another could replace. */
static const char *key_of(const struct statement *s, bool out_is_port, struct arena *arena)
{
    switch (s->kind) {
    case STATEMENT_TEMPO:
    case STATEMENT_BPM:
        return "tempo";
    case STATEMENT_OUTMIX:
        return "outmix";
    case STATEMENT_IGNORED:
        return "buffer";
    case STATEMENT_BUS:
    case STATEMENT_BARE:
        return keyed(arena, "~", s->name);
    case STATEMENT_PATTERN:
        return keyed(arena, "%", s->name);
    case STATEMENT_TEMPLATE:
        return keyed(arena, "@", s->name);
    case STATEMENT_FUNCTION:
        return keyed(arena, "fn ", s->name);
    case STATEMENT_SYNTHDEF:
        return keyed(arena, "synthdef ", s->name);
    case STATEMENT_OUT:
        return "out";
    case STATEMENT_ON:
        return output_key(arena, "o", s->number);
    case STATEMENT_OUTN:
        return output_key(arena, out_is_port ? "out" : "o", s->number);
    default:
        return NULL;
    }
}

/* LANGUAGE 2.3: two different outN are ports; a single one is a mix channel. */
static bool has_ports(const struct program_ast *program)
{
    int64_t first = 0;

    for (uint32_t i = 0; i < program->n_statements; i++) {
        const struct statement *const s = &program->statements[i];
        if (s->kind != STATEMENT_OUTN)
            continue;
        if (first != 0 && s->number != first)
            return true;
        first = s->number;
    }
    return false;
}

static struct fragment_item *ph_items(const struct source *joined, struct arena *arena,
                                      struct diag *diag, uint32_t *n_items)
{
    const struct program_ast program = parse_program(joined, arena, diag);
    struct fragment_item *const items =
        arena_alloc(arena, (program.n_statements + 1) * sizeof *items);
    const char **const keys = arena_alloc(arena, (program.n_statements + 1) * sizeof *keys);
    const bool ports = has_ports(&program);
    uint32_t n = 0, n_keys = 0;

    for (uint32_t i = 0; i < program.n_statements; i++) {
        const struct statement *const s = &program.statements[i];
        if (i == 0 || s->begin != program.statements[i - 1].begin)
            items[n++] = (struct fragment_item){ .begin = s->begin, .end = s->end,
                                                 .keys = keys + n_keys, .is_command = true };
        struct fragment_item *const item = &items[n - 1];
        const char *const key = key_of(s, ports, arena);
        item->is_block |= s->begin != s->offset;
        item->is_command &= s->kind == STATEMENT_COMMAND;
        if (key) {
            keys[n_keys++] = key;
            item->n_keys++;
        }
    }
    *n_items = n;
    return diag->n_errors == 0 ? items : NULL;
}

bool fragment_mentions(const struct source *joined, const struct fragment_item *item,
                       const char *name)
{
    const size_t length = strlen(name);
    const char *at = joined->text + item->begin, *const end = joined->text + item->end;
    const char *const letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'";

    for (const char *found; at < end && (found = memmem(at, (size_t)(end - at), name, length));
         at = found + 1) {
        const bool begins = found == joined->text + item->begin || !strchr(letters, found[-1]);
        if (begins && (found + length == end || !strchr(letters, found[length])))
            return true;
    }
    return false;
}

/* ---- which statement takes whose place ------------------------------------------------------- */

enum { NOWHERE = -1, SHARED = -2 }; /* SHARED: a loop that stays defines it too */

struct place {
    const char *key; /* NULL: free */
    int64_t at;
};

/* Hash table of the fragment's keys. */
struct places {
    uint32_t space; /* power of two, more than twice the keys */
    struct place *slots;
};

static struct place *find_place(const struct places *places, const char *key)
{
    uint32_t at = (uint32_t)ph_hash_text(PH_HASH_START, key) & (places->space - 1);

    while (places->slots[at].key && strcmp(places->slots[at].key, key) != 0)
        at = (at + 1) & (places->space - 1);
    return &places->slots[at];
}

static struct places places_of(const struct fragment_item *items, uint32_t n, struct arena *arena)
{
    struct places places = { .space = 16 };
    uint32_t n_keys = 0;

    for (uint32_t i = 0; i < n; i++)
        n_keys += items[i].is_new ? items[i].n_keys : 0;
    while (places.space < 2 * n_keys + 2)
        places.space *= 2;
    places.slots = arena_alloc(arena, places.space * sizeof *places.slots);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; items[i].is_new && k < items[i].n_keys; k++)
            *find_place(&places, items[i].keys[k]) = (struct place){ items[i].keys[k], NOWHERE };
    return places;
}

/* Marks what is replaced, and remembers where it stood. */
static void find_replaced(struct fragment_item *items, uint32_t n, const struct places *places)
{
    for (uint32_t i = 0; i < n; i++) {
        struct fragment_item *const item = &items[i];
        uint32_t n_defined_anew = 0;
        if (item->is_new || item->is_gone)
            continue;
        for (uint32_t k = 0; k < item->n_keys; k++)
            n_defined_anew += find_place(places, item->keys[k])->key != NULL;
        item->is_gone = item->n_keys > 0 && n_defined_anew == item->n_keys;
        for (uint32_t k = 0; k < item->n_keys; k++) {
            struct place *const place = find_place(places, item->keys[k]);
            if (place->key && !item->is_gone)
                place->at = SHARED;
            else if (place->key && place->at == NOWHERE)
                place->at = i;
        }
    }
}

/* Commands are over; `hush` undoes the outputs before it. */
static void drop_what_is_over(struct fragment_item *items, uint32_t n)
{
    bool outputs_end = false, sides_end = false;

    for (uint32_t i = n; i-- > 0;) {
        struct fragment_item *const item = &items[i];
        item->is_gone |= item->is_command && !item->is_new;
        item->is_gone |= outputs_end && item->class == FRAGMENT_OUTPUT;
        item->is_gone |= (outputs_end || sides_end) && item->class == FRAGMENT_SIDE;
        outputs_end |= item->ends_outputs;
        sides_end |= item->ends_sides;
    }
}

/* Index of the statement that a new one stands for, n where it is added behind all. */
static uint32_t place_of(const struct fragment_item *item, const struct places *places, uint32_t n)
{
    uint32_t at = n;

    for (uint32_t k = 0; k < item->n_keys; k++) {
        const struct place *const place = find_place(places, item->keys[k]);
        if (place->at == SHARED)
            return n; /* the last definition counts: behind the loop */
        if (place->at >= 0 && place->at < at)
            at = (uint32_t)place->at;
    }
    return at;
}

/* A definition that uses others can't stand before them where order counts: TidalCycles. */
static uint32_t behind_what_it_uses(const struct source *joined, const struct fragment_item *items,
                                    uint32_t self, uint32_t at, const uint32_t *order, uint32_t n)
{
    enum { LOOKED_AT_MAX = 4096 }; /* bounds work of n times n */

    if (!joined->tidal || items[self].class != FRAGMENT_DEFINITION || n > LOOKED_AT_MAX)
        return at;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; i != self && !items[i].is_gone && k < items[i].n_keys; k++)
            if (order[i] >= at && order[i] < n &&
                items[i].class == FRAGMENT_DEFINITION &&
                fragment_mentions(joined, &items[self], items[i].keys[k]))
                at = order[i];
    return at;
}

/* ---- the merged text ------------------------------------------------------------------------- */

struct merged {
    const struct source *joined;
    char *text;
    uint32_t length, n_pieces;
    struct source_piece *pieces;
};

/* Moves a statement to the left edge: behind a loop an indented one would belong to it. */
static void add_item(struct merged *m, const struct fragment_item *item)
{
    const char *const text = m->joined->text;
    const struct source_piece *const origin = source_piece_at(m->joined, item->begin);
    const char *at = text + item->begin, *const end = text + item->end;
    uint32_t line, column, shift = 0;

    while (item->begin > shift && text[item->begin - shift - 1] != '\n')
        shift++;
    source_position(m->joined, item->begin, &line, &column);
    m->pieces[m->n_pieces++] = (struct source_piece){ .offset = m->length, .name = origin->name,
                                                      .line = line, .column = column,
                                                      .is_shifted = item->is_block,
                                                      .plays = !item->is_new };
    while (at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const next = newline ? newline + 1 : end;
        memcpy(m->text + m->length, at, (size_t)(next - at));
        m->length += (uint32_t)(next - at);
        at = next + (item->is_block ? blanks(next, end, shift) : 0);
    }
    m->text[m->length++] = '\n';
    m->text[m->length++] = '\n'; /* a blank line ends every statement */
}

static void add_in_order(struct merged *m, const struct fragment_item *items, uint32_t n,
                         const uint32_t *order)
{
    uint32_t *const first = calloc(2 * (size_t)n + 4, sizeof *first), *const by_place = first + n + 2;

    if (!first)
        abort(); /* as the arena: nothing can be compiled without memory */
    for (uint32_t i = 0; i < n; i++) /* counting sort: at one place in the order they came */
        first[order[i] + 1]++;
    for (uint32_t i = 0; i <= n; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < n; i++)
        by_place[first[order[i]]++] = i;
    for (int class = FRAGMENT_DEFINITION; class <= FRAGMENT_SIDE; class++)
        for (uint32_t i = 0; i < n; i++)
            if (!items[by_place[i]].is_gone && (int)items[by_place[i]].class == class)
                add_item(m, &items[by_place[i]]);
    free(first);
}

bool fragment_merge(const struct source *joined, struct arena *arena, struct diag *diag,
                    struct source *out)
{
    uint32_t n;
    struct fragment_item *const items = joined->tidal
                                            ? fragment_tidal_items(joined, arena, diag, &n)
                                            : ph_items(joined, arena, diag, &n);
    if (!items)
        return false;
    for (uint32_t i = 0; i < n; i++)
        items[i].is_new = !source_piece_at(joined, items[i].begin)->plays;
    const struct places places = places_of(items, n, arena);
    find_replaced(items, n, &places);
    drop_what_is_over(items, n);
    uint32_t *const order = arena_alloc(arena, (n + 1) * sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = items[i].is_new ? place_of(&items[i], &places, n) : i;
    for (uint32_t i = 0; i < n; i++)
        if (items[i].is_new)
            order[i] = behind_what_it_uses(joined, items, i, order[i], order, n);
    struct merged m = { .joined = joined };
    m.text = arena_alloc(arena, joined->length + 2 * (size_t)n + 2);
    m.pieces = arena_alloc(arena, (n + 1) * sizeof *m.pieces);
    add_in_order(&m, items, n, order);
    *out = *joined;
    out->text = m.text;
    out->length = m.length;
    out->pieces = m.pieces;
    out->n_pieces = m.n_pieces;
    return true;
}
