/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/pattern_build.c - pattern code instruction by instruction.                            */
/* room: none (pure).                                                                             */
#include <stdlib.h>
#include <string.h>

#include "protocol/pattern_code.h"

/** Which of ph_pattern_build.space[] belongs to which array. */
enum { INSTRS, ARGS, IMMS, CONSTS, TEXT };

/** Makes room for `more` items behind `n`; on failure or at the limit the build is marked. */
static bool make_room(struct ph_pattern_build *b, int which, void *array, uint32_t n,
                      uint32_t more, uint32_t n_max, size_t bytes)
{
    void *items;

    if (b->failed || more > n_max || n > n_max - more) {
        b->failed = true;
        return false;
    }
    if (n + more <= b->space[which])
        return true;
    uint32_t space = b->space[which] ? b->space[which] : 32;
    while (space < n + more)
        space *= 2;
    memcpy(&items, array, sizeof items);
    items = realloc(items, space * bytes);
    if (!items) {
        b->failed = true;
        return false;
    }
    memcpy(array, &items, sizeof items);
    b->space[which] = space;
    return true;
}

static uint32_t add_const(struct ph_pattern_build *b, struct ph_value value)
{
    struct ph_pattern_code *const c = &b->code;

    if (!make_room(b, CONSTS, &c->consts, c->n_consts, 1, PH_PATTERN_CONSTS_MAX,
                   sizeof *c->consts))
        return 0;
    c->consts[c->n_consts] = value;
    return c->n_consts++;
}

uint32_t ph_pattern_const_ratio(struct ph_pattern_build *b, struct ph_ratio value)
{
    return add_const(b, (struct ph_value){.kind = PH_VALUE_RATIO, .ratio = value});
}

uint32_t ph_pattern_const_int(struct ph_pattern_build *b, int64_t value)
{
    return add_const(b, (struct ph_value){.kind = PH_VALUE_INT, .ratio = ph_ratio_of(value)});
}

uint32_t ph_pattern_const_number(struct ph_pattern_build *b, double value)
{
    return add_const(b, (struct ph_value){.kind = PH_VALUE_NUMBER, .number = value});
}

uint32_t ph_pattern_const_note(struct ph_pattern_build *b, double midi_note)
{
    return add_const(b, (struct ph_value){.kind = PH_VALUE_NOTE, .number = midi_note});
}

/** Words point into the text: when it moves, they move along. */
static bool make_text_room(struct ph_pattern_build *b, uint32_t more)
{
    struct ph_pattern_code *const c = &b->code;
    const uint32_t size = c->text_size, space = b->space[TEXT];

    if (!b->failed && more <= space - size)
        return true;
    char *const before = c->text;
    c->text = NULL; /* a new block beside the old one, so that offsets can still be taken */
    if (!make_room(b, TEXT, &c->text, size, more, PH_PATTERN_TEXT_MAX, 1)) {
        c->text = before;
        return false;
    }
    if (before)
        memcpy(c->text, before, size);
    for (uint32_t i = 0; i < c->n_consts; i++)
        if (c->consts[i].kind == PH_VALUE_WORD)
            c->consts[i].text = c->text + (c->consts[i].text - before);
    free(before);
    return true;
}

uint32_t ph_pattern_const_word(struct ph_pattern_build *b, const char *text, size_t length)
{
    struct ph_pattern_code *const c = &b->code;

    if (length >= PH_PATTERN_TEXT_MAX)
        b->failed = true;
    if (b->failed || !make_text_room(b, (uint32_t)length + 1))
        return 0;
    char *const word = c->text + c->text_size;
    memcpy(word, text, length);
    word[length] = 0;
    c->text_size += (uint32_t)length + 1;
    return add_const(b, (struct ph_value){.kind = PH_VALUE_WORD, .text = word});
}

uint32_t ph_pattern_const_bool(struct ph_pattern_build *b, bool value)
{
    return add_const(b, (struct ph_value){.kind = PH_VALUE_BOOL, .ratio = ph_ratio_of(value)});
}

uint32_t ph_pattern_const_chord(struct ph_pattern_build *b, const float *notes, uint32_t n_notes,
                                bool relative)
{
    struct ph_value v = {.kind = PH_VALUE_CHORD, .relative = relative};

    v.n_notes = (uint8_t)(n_notes < PH_CHORD_NOTES_MAX ? n_notes : PH_CHORD_NOTES_MAX);
    memcpy(v.notes, notes, v.n_notes * sizeof *notes);
    return add_const(b, v);
}

uint32_t ph_pattern_emit(struct ph_pattern_build *b, enum ph_pattern_op op, const uint32_t *args,
                         uint32_t n_args, const uint32_t *imms, uint32_t n_imms)
{
    struct ph_pattern_code *const c = &b->code;

    if (!make_room(b, INSTRS, &c->instrs, c->n_instrs, 1, PH_PATTERN_INSTRS_MAX,
                   sizeof *c->instrs) ||
        !make_room(b, ARGS, &c->args, c->n_args, n_args, PH_PATTERN_ARGS_MAX, sizeof *c->args) ||
        !make_room(b, IMMS, &c->imms, c->n_imms, n_imms, PH_PATTERN_ARGS_MAX, sizeof *c->imms))
        return 0;
    c->instrs[c->n_instrs] = (struct ph_pattern_instr){
        .op = (uint8_t)op, .first_arg = c->n_args, .n_args = n_args, .first_imm = c->n_imms,
        .n_imms = n_imms};
    if (n_args)
        memcpy(c->args + c->n_args, args, n_args * sizeof *args);
    if (n_imms)
        memcpy(c->imms + c->n_imms, imms, n_imms * sizeof *imms);
    c->n_args += n_args;
    c->n_imms += n_imms;
    return c->n_instrs++;
}

/* ---- pruning --------------------------------------------------------------------------------- */

/** Arguments are earlier than their user, so one pass backwards finds everything reached. */
static void mark(const struct ph_pattern_code *c, uint32_t root, uint8_t *instr_used,
                 uint8_t *const_used)
{
    instr_used[root] = 1;
    for (uint32_t i = root + 1; i-- > 0;) {
        const struct ph_pattern_instr *const in = &c->instrs[i];
        if (!instr_used[i])
            continue;
        for (uint32_t k = 0; k < in->n_args; k++)
            if (c->args[in->first_arg + k] < i) /* others are for the validator */
                instr_used[c->args[in->first_arg + k]] = 1;
        for (uint32_t k = 0; k < in->n_imms; k++)
            if (c->imms[in->first_imm + k] < c->n_consts)
                const_used[c->imms[in->first_imm + k]] = 1;
    }
}

static void keep_consts(struct ph_pattern_code *c, const uint8_t *used, uint32_t *number)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->n_consts; i++) {
        number[i] = n;
        if (used[i])
            c->consts[n++] = c->consts[i];
    }
    c->n_consts = n;
}

static uint32_t renumbered(const uint32_t *number, uint32_t i, uint32_t n)
{
    return i < n ? number[i] : UINT32_MAX; /* stays wrong, and is refused as such */
}

/** Lists shrink in place: what is written never passes what is still to be read. */
static void keep_instrs(struct ph_pattern_code *c, uint32_t root, const uint8_t *used,
                        uint32_t *number, const uint32_t *const_number, uint32_t n_consts)
{
    uint32_t n = 0, n_args = 0, n_imms = 0;

    for (uint32_t i = 0; i <= root; i++) {
        struct ph_pattern_instr in = c->instrs[i];
        if (!used[i])
            continue;
        for (uint32_t k = 0; k < in.n_args; k++)
            c->args[n_args + k] = renumbered(number, c->args[in.first_arg + k], i);
        for (uint32_t k = 0; k < in.n_imms; k++)
            c->imms[n_imms + k] = renumbered(const_number, c->imms[in.first_imm + k], n_consts);
        in.first_arg = n_args;
        in.first_imm = n_imms;
        n_args += in.n_args;
        n_imms += in.n_imms;
        number[i] = n;
        c->instrs[n++] = in;
    }
    c->n_instrs = n;
    c->n_args = n_args;
    c->n_imms = n_imms;
}

static ph_status prune(struct ph_pattern_code *c, uint32_t root)
{
    const uint32_t n_instrs = c->n_instrs, n_consts = c->n_consts;
    uint8_t *const used = calloc((size_t)n_instrs + n_consts + 1, 1);
    uint32_t *const number = calloc((size_t)n_instrs + n_consts + 1, sizeof *number);
    ph_status status = PH_NO_MEMORY;

    if (used && number) {
        mark(c, root, used, used + n_instrs);
        keep_consts(c, used + n_instrs, number + n_instrs);
        keep_instrs(c, root, used, number, number + n_instrs, n_consts);
        status = PH_OK;
    }
    free(used);
    free(number);
    return status;
}

static ph_status why_failed(const struct ph_pattern_code *c)
{
    const bool full =
        c->n_instrs >= PH_PATTERN_INSTRS_MAX || c->n_consts >= PH_PATTERN_CONSTS_MAX ||
        c->n_args >= PH_PATTERN_ARGS_MAX / 2 || c->n_imms >= PH_PATTERN_ARGS_MAX / 2 ||
        c->text_size >= PH_PATTERN_TEXT_MAX / 2;

    return full ? PH_TOO_LARGE : PH_NO_MEMORY;
}

ph_status ph_pattern_build_end(struct ph_pattern_build *b, uint32_t root,
                               struct ph_pattern_code *out)
{
    ph_status status = b->failed                  ? why_failed(&b->code)
                       : root >= b->code.n_instrs ? PH_BAD_CODE
                                                  : PH_OK;

    *out = b->code;
    *b = (struct ph_pattern_build){0};
    if (status == PH_OK)
        status = prune(out, root);
    if (status == PH_OK)
        status = ph_pattern_code_validate(out, NULL);
    if (status != PH_OK)
        ph_pattern_code_finish(out);
    return status;
}
