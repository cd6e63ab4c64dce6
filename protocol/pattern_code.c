/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/pattern_code.c - compiled patterns: encode, decode, validate, list.                   */
/* room: none (pure).                                                                             */
/*                                                                                                */
/* On the wire, big-endian: "PhPc", int32 version 2, int32 flags (1: TidalCycles' dialect, 2:     */
/* once), then int32 counts of text bytes, constants and instructions; the text; constants (a     */
/* kind byte and its fields); instructions (operation byte, int32 counts of arguments and         */
/* immediates, then their numbers).                                                               */
#include "protocol/pattern_code.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION = 2,
    IS_TIDAL = 1 << 0, /* flags */
    IS_ONCE = 1 << 1,
    CONST_BYTES_MIN = 2, /* a kind and at least one byte */
    INSTR_BYTES_MIN = 9  /* operation and two counts */
};

#define OP_INFO(id, name, args, imms, doc) [PH_PAT_##id] = {name, doc, args, imms},
const struct ph_pattern_op_info ph_pattern_ops[PH_PAT_COUNT] = {PH_PATTERN_OPS(OP_INFO)};

#define MATH_NAME(id, name) [PH_MATH_##id] = name,
const char *const ph_math_names[PH_MATH_COUNT] = {PH_MATHS(MATH_NAME)};

void ph_pattern_code_finish(struct ph_pattern_code *code)
{
    if (!code)
        return;
    free(code->instrs);
    free(code->args);
    free(code->imms);
    free(code->consts);
    free(code->text);
    *code = (struct ph_pattern_code){0};
}

/* ---- encode ---------------------------------------------------------------------------------- */

static void write_const(struct ph_writer *w, const struct ph_pattern_code *code,
                        const struct ph_value *v)
{
    ph_write_u8(w, (uint8_t)v->kind);
    switch (v->kind) {
    case PH_VALUE_NUMBER:
    case PH_VALUE_NOTE:
        ph_write_f64(w, v->number);
        break;
    case PH_VALUE_RATIO:
        ph_write_i64(w, v->ratio.num);
        ph_write_i64(w, v->ratio.den);
        break;
    case PH_VALUE_INT:
        ph_write_i64(w, v->ratio.num);
        break;
    case PH_VALUE_WORD:
        ph_write_i32(w, (int32_t)(v->text - code->text));
        break;
    case PH_VALUE_BOOL:
        ph_write_u8(w, v->ratio.num != 0);
        break;
    case PH_VALUE_CHORD:
        ph_write_u8(w, v->relative);
        ph_write_u8(w, v->n_notes);
        for (uint32_t i = 0; i < v->n_notes; i++)
            ph_write_f32(w, v->notes[i]);
        break;
    }
}

ph_status ph_pattern_code_encode(const struct ph_pattern_code *code, struct ph_writer *out)
{
    const ph_status status = ph_pattern_code_validate(code, NULL);

    if (status != PH_OK)
        return status;
    ph_write_bytes(out, "PhPc", 4);
    ph_write_i32(out, VERSION);
    ph_write_i32(out, (code->tidal ? IS_TIDAL : 0) | (code->once ? IS_ONCE : 0));
    ph_write_i32(out, (int32_t)code->text_size);
    ph_write_i32(out, (int32_t)code->n_consts);
    ph_write_i32(out, (int32_t)code->n_instrs);
    ph_write_bytes(out, code->text, code->text_size);
    for (uint32_t i = 0; i < code->n_consts; i++)
        write_const(out, code, &code->consts[i]);
    for (uint32_t i = 0; i < code->n_instrs; i++) {
        const struct ph_pattern_instr *const in = &code->instrs[i];
        ph_write_u8(out, in->op);
        ph_write_i32(out, (int32_t)in->n_args);
        ph_write_i32(out, (int32_t)in->n_imms);
        for (uint32_t k = 0; k < in->n_args; k++)
            ph_write_i32(out, (int32_t)code->args[in->first_arg + k]);
        for (uint32_t k = 0; k < in->n_imms; k++)
            ph_write_i32(out, (int32_t)code->imms[in->first_imm + k]);
    }
    return out->failed ? PH_NO_MEMORY : PH_OK;
}

/* ---- decode ---------------------------------------------------------------------------------- */

static ph_status read_const(struct ph_reader *r, const struct ph_pattern_code *code,
                            struct ph_value *v)
{
    const uint8_t kind = ph_read_u8(r);
    uint32_t at;

    v->kind = (enum ph_value_kind)kind;
    switch (kind) {
    case PH_VALUE_NUMBER:
    case PH_VALUE_NOTE:
        v->number = ph_read_f64(r);
        break;
    case PH_VALUE_RATIO:
        v->ratio.num = ph_read_i64(r);
        v->ratio.den = ph_read_i64(r);
        break;
    case PH_VALUE_INT:
        v->ratio = ph_ratio_of(ph_read_i64(r));
        break;
    case PH_VALUE_WORD:
        at = (uint32_t)ph_read_i32(r);
        if (!r->failed && at >= code->text_size)
            return PH_BAD_CODE;
        v->text = r->failed ? NULL : code->text + at;
        break;
    case PH_VALUE_BOOL:
        v->ratio = ph_ratio_of(ph_read_u8(r) != 0);
        break;
    case PH_VALUE_CHORD:
        v->relative = ph_read_u8(r) != 0;
        v->n_notes = ph_read_u8(r);
        if (v->n_notes > PH_CHORD_NOTES_MAX)
            return PH_BAD_CODE;
        for (uint32_t i = 0; i < v->n_notes; i++)
            v->notes[i] = ph_read_f32(r);
        break;
    default:
        return r->failed ? PH_TRUNCATED : PH_BAD_CODE;
    }
    return r->failed ? PH_TRUNCATED : PH_OK;
}

/** A count that what is left of the input can hold. */
static ph_status read_count(struct ph_reader *r, int32_t max, size_t bytes_min, uint32_t *out)
{
    const int32_t n = ph_read_i32(r);

    if (r->failed)
        return PH_TRUNCATED;
    if (n < 0)
        return PH_BAD_CODE;
    if (n > max)
        return PH_TOO_LARGE;
    if ((size_t)n > ph_reader_left(r) / bytes_min)
        return PH_TRUNCATED;
    *out = (uint32_t)n;
    return PH_OK;
}

static ph_status read_text(struct ph_reader *r, struct ph_pattern_code *code, uint32_t size)
{
    const uint8_t *const text = ph_read_bytes(r, size);

    if (!text)
        return PH_TRUNCATED;
    if (size > 0 && text[size - 1] != 0)
        return PH_BAD_CODE;
    code->text = malloc((size_t)size + 1);
    if (!code->text)
        return PH_NO_MEMORY;
    memcpy(code->text, text, size);
    code->text_size = size;
    return PH_OK;
}

static ph_status read_consts(struct ph_reader *r, struct ph_pattern_code *code, uint32_t n)
{
    ph_status status = PH_OK;

    code->consts = calloc((size_t)n + 1, sizeof *code->consts);
    if (!code->consts)
        return PH_NO_MEMORY;
    code->n_consts = n;
    for (uint32_t i = 0; status == PH_OK && i < n; i++)
        status = read_const(r, code, &code->consts[i]);
    return status;
}

/**
 * The argument and immediate arrays are sized before reading: what is left after the fixed part of
 * all instructions is their numbers, four bytes each.
 */
static ph_status read_instrs(struct ph_reader *r, struct ph_pattern_code *code, uint32_t n)
{
    if (ph_reader_left(r) < (size_t)n * INSTR_BYTES_MIN)
        return PH_TRUNCATED;
    const size_t n_numbers = (ph_reader_left(r) - (size_t)n * INSTR_BYTES_MIN) / 4;
    if (n_numbers > 2 * (size_t)PH_PATTERN_ARGS_MAX)
        return PH_TOO_LARGE;
    code->instrs = calloc((size_t)n + 1, sizeof *code->instrs);
    code->args = calloc(n_numbers + 1, sizeof *code->args);
    code->imms = calloc(n_numbers + 1, sizeof *code->imms);
    if (!code->instrs || !code->args || !code->imms)
        return PH_NO_MEMORY;
    code->n_instrs = n;
    for (uint32_t i = 0; i < n; i++) {
        struct ph_pattern_instr *const in = &code->instrs[i];
        in->op = ph_read_u8(r);
        const uint32_t n_args = (uint32_t)ph_read_i32(r), n_imms = (uint32_t)ph_read_i32(r);
        if (r->failed)
            return PH_TRUNCATED;
        if ((size_t)n_args + n_imms > ph_reader_left(r) / 4)
            return PH_TRUNCATED;
        if ((size_t)code->n_args + n_args > n_numbers || (size_t)code->n_imms + n_imms > n_numbers)
            return PH_TRUNCATED; /* the rest can't hold the instructions that follow */
        in->first_arg = code->n_args;
        in->n_args = n_args;
        in->first_imm = code->n_imms;
        in->n_imms = n_imms;
        for (uint32_t k = 0; k < n_args; k++)
            code->args[code->n_args++] = (uint32_t)ph_read_i32(r);
        for (uint32_t k = 0; k < n_imms; k++)
            code->imms[code->n_imms++] = (uint32_t)ph_read_i32(r);
    }
    return PH_OK;
}

static ph_status read_code(struct ph_reader *r, struct ph_pattern_code *code)
{
    const uint8_t *const magic = ph_read_bytes(r, 4);
    const int32_t version = ph_read_i32(r), flags = ph_read_i32(r);
    uint32_t text_size = 0, n_consts = 0, n_instrs = 0;

    if (r->failed)
        return PH_TRUNCATED;
    if (memcmp(magic, "PhPc", 4) != 0 || version != VERSION ||
        (flags & ~(IS_TIDAL | IS_ONCE)) != 0)
        return PH_BAD_CODE;
    code->tidal = (flags & IS_TIDAL) != 0;
    code->once = (flags & IS_ONCE) != 0;
    ph_status status = read_count(r, PH_PATTERN_TEXT_MAX, 1, &text_size);
    if (status == PH_OK)
        status = read_count(r, PH_PATTERN_CONSTS_MAX, CONST_BYTES_MIN, &n_consts);
    if (status == PH_OK)
        status = read_count(r, PH_PATTERN_INSTRS_MAX, INSTR_BYTES_MIN, &n_instrs);
    if (status == PH_OK)
        status = read_text(r, code, text_size);
    if (status == PH_OK)
        status = read_consts(r, code, n_consts);
    if (status == PH_OK)
        status = read_instrs(r, code, n_instrs);
    if (status == PH_OK && ph_reader_left(r) > 0)
        status = PH_BAD_CODE;
    return status;
}

ph_status ph_pattern_code_decode(const void *data, size_t size, struct ph_pattern_code *out)
{
    struct ph_reader r = ph_reader_of(data, size);

    *out = (struct ph_pattern_code){0};
    ph_status status = read_code(&r, out);
    if (status == PH_OK)
        status = ph_pattern_code_validate(out, NULL);
    if (status != PH_OK)
        ph_pattern_code_finish(out);
    return status;
}

/* ---- validate -------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static ph_status refuse(char *error, ph_status status,
                                                              const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error, 128, format, args);
        va_end(args);
    }
    return status;
}

static bool text_ends(const struct ph_pattern_code *code, const char *word)
{
    if (!word || word < code->text || (size_t)(word - code->text) >= code->text_size)
        return false;
    return memchr(word, 0, code->text_size - (size_t)(word - code->text)) != NULL;
}

static bool const_is_sound(const struct ph_pattern_code *code, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_NUMBER:
    case PH_VALUE_NOTE:
        return isfinite(v->number);
    case PH_VALUE_RATIO: {
        bool overflow = false;
        if (v->ratio.den <= 0)
            return false;
        const struct ph_ratio lowest = ph_ratio_make(v->ratio.num, v->ratio.den, &overflow);
        return lowest.den == v->ratio.den; /* arithmetic relies on lowest terms */
    }
    case PH_VALUE_INT:
        return v->ratio.den == 1 && v->ratio.num > INT64_MIN; /* can be negated */
    case PH_VALUE_WORD:
        return text_ends(code, v->text);
    case PH_VALUE_BOOL:
        return v->ratio.num == 0 || v->ratio.num == 1;
    case PH_VALUE_CHORD:
        if (v->n_notes == 0 || v->n_notes > PH_CHORD_NOTES_MAX)
            return false;
        for (uint32_t i = 0; i < v->n_notes; i++)
            if (!isfinite(v->notes[i]))
                return false;
        return true;
    }
    return false;
}

static bool is_whole_below(const struct ph_value *v, int64_t end)
{
    return v->kind == PH_VALUE_RATIO && v->ratio.den == 1 && v->ratio.num >= 0 &&
           v->ratio.num < end;
}

static bool is_number(const struct ph_value *v)
{
    return v->kind == PH_VALUE_NUMBER || v->kind == PH_VALUE_RATIO || v->kind == PH_VALUE_INT;
}

static bool is_math(const struct ph_value *v)
{
    for (uint32_t i = 0; v->kind == PH_VALUE_WORD && i < PH_MATH_COUNT; i++)
        if (strcmp(v->text, ph_math_names[i]) == 0)
            return true;
    return false;
}

/** What immediate `k` of an operation must be. */
static bool immediate_fits(enum ph_pattern_op op, uint32_t k, const struct ph_value *v)
{
    switch (op) {
    case PH_PAT_PURE:
        return true;
    case PH_PAT_TIMECAT: /* weights */
    case PH_PAT_POLYMETER: /* steps a cycle */
        return v->kind == PH_VALUE_RATIO && v->ratio.num > 0;
    case PH_PAT_CHOOSE: /* which of the string's draws */
    case PH_PAT_DEGRADE_BY:
    case PH_PAT_UNDEGRADE_BY:
        return v->kind == PH_VALUE_RATIO && v->ratio.num >= 0;
    case PH_PAT_PARAM:
    case PH_PAT_PARAM_MUL:
    case PH_PAT_PARAM_ADD:
        return v->kind == PH_VALUE_WORD;
    case PH_PAT_VAR: /* slot */
        return is_whole_below(v, PH_PATTERN_VARS_MAX);
    case PH_PAT_JOIN: /* slot, kind of join */
        return is_whole_below(v, k == 0 ? (int64_t)PH_PATTERN_VARS_MAX : (int64_t)PH_JOIN_COUNT);
    case PH_PAT_PICK:
        return is_whole_below(v, PH_JOIN_COUNT);
    case PH_PAT_SWITCH: /* kind of join, then what is looked for */
        return k > 0 || is_whole_below(v, PH_JOIN_COUNT);
    case PH_PAT_WPICK: /* kind of join, then weights */
        return k > 0 ? is_number(v) : is_whole_below(v, PH_JOIN_COUNT);
    case PH_PAT_FIT: /* what is chosen from */
        return true;
    case PH_PAT_TO_SCALE: /* semitones */
        return is_number(v);
    case PH_PAT_MARKOV: /* number of states, then probabilities */
        return k > 0 ? is_number(v) : is_whole_below(v, 1024) && v->ratio.num > 0;
    case PH_PAT_CHORD_NOTE:
        return is_whole_below(v, PH_CHORD_NOTES_MAX);
    case PH_PAT_GROOVE: /* less than a cycle either way */
        return v->kind == PH_VALUE_RATIO && v->ratio.num > -v->ratio.den &&
               v->ratio.num < v->ratio.den;
    case PH_PAT_MATH:
        return is_math(v);
    default: /* operators: where the structure comes from */
        return is_whole_below(v, 4);
    }
}

static bool range_fits(uint32_t first, uint32_t n, uint32_t of)
{
    return first <= of && n <= of - first;
}

/** -1: as many as arguments. -2: any; what SWITCH and WPICK choose from has one for each. */
static bool n_imms_fits(enum ph_pattern_op op, uint32_t n_args, uint32_t n_imms)
{
    const int n = ph_pattern_ops[op].n_imms;

    if (op == PH_PAT_SWITCH || op == PH_PAT_WPICK)
        return n_imms == n_args;
    if (op == PH_PAT_MARKOV)
        return n_imms > 0;
    return n == -2 || n_imms == (n == -1 ? n_args : (uint32_t)n);
}

static ph_status check_instr(const struct ph_pattern_code *code, uint32_t number, char *error)
{
    const struct ph_pattern_instr *const in = &code->instrs[number];

    if (in->op >= PH_PAT_COUNT)
        return refuse(error, PH_BAD_CODE, "instruction %u: no operation %u", number, in->op);
    const struct ph_pattern_op_info *const info = &ph_pattern_ops[in->op];
    const uint32_t n_min = in->op == PH_PAT_VOICES ? 2 : 1; /* a chord has a root and a name */
    if (info->n_args < 0 ? in->n_args < n_min : in->n_args != (uint32_t)info->n_args)
        return refuse(error, PH_BAD_CODE, "instruction %u %s: %u arguments", number, info->name,
                      in->n_args);
    if (!n_imms_fits((enum ph_pattern_op)in->op, in->n_args, in->n_imms))
        return refuse(error, PH_BAD_CODE, "instruction %u %s: %u immediates", number, info->name,
                      in->n_imms);
    if (!range_fits(in->first_arg, in->n_args, code->n_args) ||
        !range_fits(in->first_imm, in->n_imms, code->n_imms))
        return refuse(error, PH_BAD_CODE, "instruction %u %s: list", number, info->name);
    for (uint32_t i = 0; i < in->n_args; i++)
        if (code->args[in->first_arg + i] >= number)
            return refuse(error, PH_BAD_CODE, "instruction %u %s: argument %u is not earlier",
                          number, info->name, i);
    for (uint32_t i = 0; i < in->n_imms; i++) {
        const uint32_t k = code->imms[in->first_imm + i];
        if (k >= code->n_consts ||
            !immediate_fits((enum ph_pattern_op)in->op, i, &code->consts[k]))
            return refuse(error, PH_BAD_CODE, "instruction %u %s: immediate %u", number,
                          info->name, i);
    }
    return PH_OK;
}

static ph_status check_depth(const struct ph_pattern_code *code, char *error)
{
    uint32_t *const depth = calloc(code->n_instrs, sizeof *depth);
    ph_status status = PH_OK;

    if (!depth)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < code->n_instrs && status == PH_OK; i++) {
        const struct ph_pattern_instr *const in = &code->instrs[i];
        for (uint32_t k = 0; k < in->n_args; k++) {
            const uint32_t below = depth[code->args[in->first_arg + k]];
            depth[i] = below > depth[i] ? below : depth[i];
        }
        if (++depth[i] > PH_PATTERN_DEPTH_MAX)
            status = refuse(error, PH_TOO_DEEP, "instruction %u: more than %d deep", i,
                            PH_PATTERN_DEPTH_MAX);
    }
    free(depth);
    return status;
}

ph_status ph_pattern_code_validate(const struct ph_pattern_code *code, char *error)
{
    if (code->n_instrs == 0)
        return refuse(error, PH_BAD_CODE, "no instructions");
    if (code->n_instrs > PH_PATTERN_INSTRS_MAX || code->n_args > PH_PATTERN_ARGS_MAX ||
        code->n_imms > PH_PATTERN_ARGS_MAX || code->n_consts > PH_PATTERN_CONSTS_MAX ||
        code->text_size > PH_PATTERN_TEXT_MAX)
        return refuse(error, PH_TOO_LARGE, "pattern is too large");
    for (uint32_t i = 0; i < code->n_consts; i++)
        if (!const_is_sound(code, &code->consts[i]))
            return refuse(error, PH_BAD_CODE, "constant %u", i);
    for (uint32_t i = 0; i < code->n_instrs; i++) {
        const ph_status status = check_instr(code, i, error);
        if (status != PH_OK)
            return status;
    }
    return check_depth(code, error);
}

/* ---- text ------------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static void put(struct ph_writer *w, const char *format, ...)
{
    char line[128];
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (length > 0)
        ph_write_bytes(w, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

static void put_value(struct ph_writer *w, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_NUMBER:
        put(w, " %.17g", v->number);
        break;
    case PH_VALUE_NOTE:
        put(w, " note:%.17g", v->number);
        break;
    case PH_VALUE_RATIO:
        if (v->ratio.den == 1)
            put(w, " %" PRId64, v->ratio.num);
        else
            put(w, " %" PRId64 "/%" PRId64, v->ratio.num, v->ratio.den);
        break;
    case PH_VALUE_INT:
        put(w, " int:%" PRId64, v->ratio.num);
        break;
    case PH_VALUE_WORD:
        put(w, " \"");
        ph_write_bytes(w, v->text, strlen(v->text));
        put(w, "\"");
        break;
    case PH_VALUE_BOOL:
        put(w, v->ratio.num ? " true" : " false");
        break;
    case PH_VALUE_CHORD:
        put(w, v->relative ? " chord+" : " chord");
        for (uint32_t i = 0; i < v->n_notes; i++)
            put(w, "%c%.9g", i ? ',' : ':', (double)v->notes[i]);
        break;
    }
}

void ph_pattern_code_list(const struct ph_pattern_code *code, struct ph_writer *out)
{
    for (uint32_t i = 0; i < code->n_instrs; i++) {
        const struct ph_pattern_instr *const in = &code->instrs[i];
        put(out, "%%%u = %s", i, ph_pattern_ops[in->op].name);
        for (uint32_t k = 0; k < in->n_imms; k++)
            put_value(out, &code->consts[code->imms[in->first_imm + k]]);
        for (uint32_t k = 0; k < in->n_args; k++)
            put(out, " %%%u", code->args[in->first_arg + k]);
        put(out, "\n");
    }
}
