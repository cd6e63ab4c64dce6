/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/fuzz_pattern_code.c - bytes as pattern code, decoded and asked for haps.  */
/* Runs under libFuzzer: scripts/fuzz-patterns.sh. Most bytes are refused early, so three of four */
/* mutations change instructions and constants of code that decodes.                              */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/pattern/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/** No query may take longer, sanitizers included. */
static const double query_seconds_max = 1.0;

/* ---- queries --------------------------------------------------------------------------------- */

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void broken(const char *promise)
{
    fprintf(stderr, "fuzz_pattern_code: %s\n", promise);
    abort();
}

/* Tidal's zoom beyond a cycle answers beyond the query, and so does what is made of it. */
static void check_haps(const struct pat_hap *haps, uint32_t n, struct ph_ratio begin,
                       struct ph_ratio end, bool is_tidal)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct pat_hap *const h = &haps[i];
        if (h->part_begin.den < 1 || h->part_end.den < 1 || !h->value)
            broken("a hap is no hap");
        if (h->has_whole && (h->whole_begin.den < 1 || h->whole_end.den < 1))
            broken("a whole is no span");
        if (!is_tidal &&
            (ph_ratio_cmp(h->part_begin, begin) < 0 || ph_ratio_cmp(h->part_end, end) > 0))
            broken("a part lies outside the query");
        if (ph_ratio_cmp(h->part_begin, h->part_end) > 0)
            broken("a part ends before it begins");
    }
}

static ph_status query(struct pat *pat, bool is_tidal, struct ph_ratio begin, struct ph_ratio end,
                       uint32_t *n)
{
    const struct pat_hap *haps;
    const double before = cpu_seconds();
    const ph_status status = pat_query(pat, begin, end, NULL, &haps, n);

    if (cpu_seconds() - before > query_seconds_max)
        broken("a query took too long");
    if (status != PH_OK && *n != 0)
        broken("a failed query has haps");
    check_haps(haps, *n, begin, end, is_tidal);
    return status;
}

static void query_all(struct pat *pat, bool is_tidal)
{
    static const struct ph_ratio spans[][2] = {
        { { 0, 1 }, { 1, 1 } },
        { { -4, 3 }, { 5, 2 } },
        { { 7, 8 }, { 1, 1 } },
        { { 1000000007, 1 }, { 1000000008, 1 } },
    };
    uint32_t n, first_n = 0;
    ph_status first = PH_OK;

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        const ph_status status = query(pat, is_tidal, spans[i][0], spans[i][1], &n);
        if (i == 0) {
            first = status;
            first_n = n;
        }
    }
    if (query(pat, is_tidal, spans[0][0], spans[0][1], &n) != first || n != first_n)
        broken("the same query gave something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ph_pattern_code code;
    struct pat *pat;

    if (ph_pattern_code_decode(data, size, &code) != PH_OK)
        return 0;
    if (pat_new(&code, &pat) == PH_OK) {
        query_all(pat, code.tidal);
        pat_free(pat);
    }
    ph_pattern_code_finish(&code);
    return 0;
}

/* ---- mutations of whole code ----------------------------------------------------------------- */

static uint32_t draw(uint64_t *state, uint32_t n)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return n ? (uint32_t)(*state >> 20) % n : 0;
}

static struct ph_ratio draw_ratio(uint64_t *state)
{
    static const struct ph_ratio numbers[] = {
        { 0, 1 },       { 1, 1 },       { 2, 1 },  { 3, 1 },  { 4, 1 },  { 8, 1 },
        { 1, 2 },       { 1, 3 },       { 3, 4 },  { 7, 5 },  { -1, 1 }, { -3, 2 },
        { 16, 1 },      { 1000, 1 },    { 1, 97 }, { 63, 1 }, { 5, 1 },  { 1000000007, 1 },
        { INT64_MAX, 1 }, { INT64_MIN + 1, 1 }, { 1, INT64_MAX }, { INT64_MAX, INT64_MAX - 1 },
    };
    return numbers[draw(state, sizeof numbers / sizeof numbers[0])];
}

static void change_const(struct ph_pattern_code *code, uint64_t *state)
{
    if (code->n_consts == 0)
        return;
    struct ph_value *const v = &code->consts[draw(state, code->n_consts)];
    const struct ph_ratio ratio = draw_ratio(state);

    switch (draw(state, 6)) {
    case 0:
        *v = (struct ph_value){ .kind = PH_VALUE_NUMBER,
                                .number = ph_ratio_to_double(ratio) + draw(state, 3) * 0.1 };
        break;
    case 1:
        *v = (struct ph_value){ .kind = PH_VALUE_INT, .ratio = ph_ratio_of(ratio.num) };
        break;
    case 2:
        *v = (struct ph_value){ .kind = PH_VALUE_BOOL, .ratio = ph_ratio_of(draw(state, 2)) };
        break;
    case 3: /* another word, or the end of one */
        if (code->text_size > 0)
            *v = (struct ph_value){ .kind = PH_VALUE_WORD,
                                    .text = code->text + draw(state, code->text_size) };
        break;
    default:
        *v = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = ratio };
        break;
    }
}

static void change_instr(struct ph_pattern_code *code, uint64_t *state)
{
    const uint32_t i = draw(state, code->n_instrs);
    struct ph_pattern_instr *const in = &code->instrs[i];

    switch (draw(state, 3)) {
    case 0:
        in->op = (uint8_t)draw(state, PH_PAT_COUNT);
        break;
    case 1:
        if (in->n_args > 0)
            code->args[in->first_arg + draw(state, in->n_args)] = draw(state, i);
        break;
    default:
        if (in->n_imms > 0)
            code->imms[in->first_imm + draw(state, in->n_imms)] = draw(state, code->n_consts);
        break;
    }
}

/** Puts one more instruction on top, of arguments and constants that are there. */
static void append_instr(struct ph_pattern_build *b, uint64_t *state)
{
    enum { MOST = 4 };
    const struct ph_pattern_code *const code = &b->code;
    const enum ph_pattern_op op = (enum ph_pattern_op)draw(state, PH_PAT_COUNT);
    const struct ph_pattern_op_info *const info = &ph_pattern_ops[op];
    const uint32_t n_args = info->n_args < 0 ? 1 + draw(state, MOST) : (uint32_t)info->n_args;
    const uint32_t n_imms = info->n_imms < 0 ? n_args : (uint32_t)info->n_imms;
    uint32_t args[8], imms[8];

    for (uint32_t i = 0; i < n_args; i++)
        args[i] = draw(state, 3) ? code->n_instrs - 1 : draw(state, code->n_instrs);
    for (uint32_t i = 0; i < n_imms; i++)
        imms[i] = draw(state, 2) && code->n_consts > 0
                      ? draw(state, code->n_consts)
                      : ph_pattern_const_ratio(b, ph_ratio_of(draw(state, 4)));
    ph_pattern_emit(b, op, args, n_args, imms, n_imms);
}

/** @return length of the changed code in `data`, 0 where it came out wrong or too long */
static size_t change_code(struct ph_pattern_code *code, uint8_t *data, size_t max_size,
                          uint64_t *state)
{
    struct ph_pattern_build b = { .code = *code };
    struct ph_writer w = { 0 };
    size_t size = 0;

    /* Arrays that came from the decoder are full: the first addition moves them. */
    memcpy(b.space, (uint32_t[5]){ code->n_instrs, code->n_args, code->n_imms, code->n_consts,
                                   code->text_size }, sizeof b.space);
    *code = (struct ph_pattern_code){ 0 };
    for (uint32_t n = 1 + draw(state, 3); n > 0; n--) {
        switch (draw(state, 3)) {
        case 0: change_const(&b.code, state); break;
        case 1: change_instr(&b.code, state); break;
        default: append_instr(&b, state); break;
        }
    }
    b.code.tidal = draw(state, 2) == 1;
    const uint32_t root = b.code.n_instrs - 1;
    if (ph_pattern_build_end(&b, root, code) == PH_OK &&
        ph_pattern_code_encode(code, &w) == PH_OK && w.size <= max_size) {
        memcpy(data, w.data, w.size);
        size = w.size;
    }
    ph_writer_finish(&w);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    struct ph_pattern_code code;
    size_t changed = 0;

    if (draw(&state, 4) > 0 && ph_pattern_code_decode(data, size, &code) == PH_OK) {
        changed = change_code(&code, data, max_size, &state);
        ph_pattern_code_finish(&code);
    }
    return changed ? changed : LLVMFuzzerMutate(data, size, max_size);
}
