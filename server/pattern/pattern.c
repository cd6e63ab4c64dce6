/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/pattern.c - an evaluator prepared from its code, and its queries.               */
/* room: none.                                                                                    */
#include "server/pattern/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/pattern/eval.h"

const struct pat_limits pat_limits_default = { .n_haps = 100000, .n_steps = 150000 };

static const char *const own_keys[] = { "s",   "n",     "note", "begin",
                                        "end", "speed", "unit", "gain" };
enum { N_OWN_KEYS = sizeof own_keys / sizeof own_keys[0] };

/* ---- keys ------------------------------------------------------------------------------------ */

static bool has_key(uint8_t op)
{
    return op == PH_PAT_PARAM || op == PH_PAT_PARAM_MUL || op == PH_PAT_PARAM_ADD;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *pat_key(const struct pat *p, const char *text)
{
    char *const *const found =
        bsearch(&text, p->key_list, p->n_keys, sizeof *p->key_list, compare_texts);

    return found ? *found : NULL;
}

/** Copies the sorted keys into one block, so that the order of pointers is the order of texts. */
static ph_status keys_pack(struct pat *p)
{
    size_t size = 0;

    qsort(p->key_list, p->n_keys, sizeof *p->key_list, compare_texts);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_keys; i++) {
        if (n > 0 && strcmp(p->key_list[n - 1], p->key_list[i]) == 0)
            continue;
        p->key_list[n++] = p->key_list[i];
        size += strlen(p->key_list[i]) + 1;
    }
    p->n_keys = n;
    p->key_text = malloc(size);
    if (!p->key_text)
        return PH_NO_MEMORY;
    char *at = p->key_text;
    for (uint32_t i = 0; i < n; i++) {
        const size_t length = strlen(p->key_list[i]) + 1;
        memcpy(at, p->key_list[i], length);
        p->key_list[i] = at;
        at += length;
    }
    return PH_OK;
}

static ph_status keys_intern(struct pat *p)
{
    const struct ph_pattern_code *const code = p->code;
    const uint32_t n_max = N_OWN_KEYS + code->n_instrs;

    p->key_list = calloc(n_max, sizeof *p->key_list);
    if (!p->key_list)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < N_OWN_KEYS; i++)
        p->key_list[p->n_keys++] = (char *)own_keys[i];
    for (uint32_t i = 0; i < code->n_instrs; i++) {
        if (!has_key(code->instrs[i].op))
            continue;
        const struct ph_value *const word = &code->consts[code->imms[code->instrs[i].first_imm]];
        if (word->kind != PH_VALUE_WORD || !word->text)
            return PH_BAD_CODE;
        p->key_list[p->n_keys++] = (char *)word->text;
    }
    const ph_status status = keys_pack(p);
    if (status != PH_OK)
        return status;
    p->keys = (struct pat_keys){ pat_key(p, "s"),   pat_key(p, "n"),     pat_key(p, "note"),
                                 pat_key(p, "begin"), pat_key(p, "end"), pat_key(p, "speed"),
                                 pat_key(p, "unit"), pat_key(p, "gain") };
    return PH_OK;
}

/* ---- preparation ----------------------------------------------------------------------------- */

/** Operations that only rewrite values: constants in, a constant out. */
static bool is_map(uint8_t op)
{
    switch (op) {
    case PH_PAT_ADD: case PH_PAT_SUB: case PH_PAT_MUL: case PH_PAT_DIV: case PH_PAT_KEEP:
    case PH_PAT_UNION: case PH_PAT_PARAM: case PH_PAT_PARAM_MUL: case PH_PAT_PARAM_ADD:
    case PH_PAT_SCALE: case PH_PAT_CHORD: case PH_PAT_RANGE: case PH_PAT_QUANTISE:
    case PH_PAT_INV: case PH_PAT_SET:
        return true;
    default:
        return false;
    }
}

static bool is_signal(uint8_t op)
{
    switch (op) {
    case PH_PAT_RAND: case PH_PAT_IRAND: case PH_PAT_PERLIN: case PH_PAT_SINE: case PH_PAT_COSINE:
    case PH_PAT_SAW: case PH_PAT_ISAW: case PH_PAT_TRI: case PH_PAT_SQUARE:
        return true;
    default:
        return false;
    }
}

static bool constant_is_whole(struct pat *p, const struct pat_node *node)
{
    struct ph_ratio r;

    return node->constant && pat_as_ratio(p, node->constant, &r) && r.den == 1;
}

/** Whether every cycle of the result equals cycle 0 when every cycle of the arguments does. */
static bool op_is_steady(struct pat *p, const struct pat_node *node)
{
    switch (node->op) {
    case PH_PAT_SLOWCAT: case PH_PAT_CHOOSE: case PH_PAT_RANDCAT: case PH_PAT_SLOW:
    case PH_PAT_DEGRADE_BY: case PH_PAT_UNDEGRADE_BY: case PH_PAT_EVERY: case PH_PAT_WHENMOD:
    case PH_PAT_SOME_CYCLES_BY: case PH_PAT_CHUNK: case PH_PAT_ITER: case PH_PAT_BRAK:
    case PH_PAT_POLYMETER: case PH_PAT_LINGER: case PH_PAT_SHUFFLE: case PH_PAT_SCRAMBLE:
    case PH_PAT_LOOP_AT: case PH_PAT_SCAN: case PH_PAT_SHIFT_BY:
        return false;
    case PH_PAT_FAST: case PH_PAT_HURRY: case PH_PAT_SEGMENT: case PH_PAT_PLY:
        return constant_is_whole(p, pat_arg(p, node, 0));
    default:
        return !is_signal(node->op);
    }
}

/** Positions of TIMECAT's items in the cycle. Without them the node answers silence. */
static ph_status node_starts(struct pat *p, struct pat_node *node)
{
    struct ph_ratio *const starts =
        pat_arena_alloc(&p->table_arena, (node->n_args + 1) * sizeof *starts);
    struct ph_ratio total = PH_RATIO(0, 1);

    if (!starts)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < node->n_args; i++) {
        struct ph_ratio weight;
        starts[i] = total;
        if (!pat_as_ratio(p, pat_imm(p, node, i), &weight))
            return PH_BAD_CODE;
        if (weight.num > 0)
            total = pat_add(p, total, weight);
    }
    starts[node->n_args] = total;
    if (total.num <= 0)
        return PH_OK;
    for (uint32_t i = 0; i <= node->n_args; i++)
        starts[i] = pat_div(p, starts[i], total);
    node->starts = starts;
    return p->overflow ? PH_OVERFLOW : PH_OK;
}

static void query_begin(struct pat *p, const struct pat_limits *limits);

/** A map of constants is the constant it gives. */
static void node_fold(struct pat *p, struct pat_node *node)
{
    query_begin(p, &pat_limits_default);
    p->arena = &p->table_arena;
    pat_eval(p, node, (struct pat_span){ PH_RATIO(0, 1), PH_RATIO(1, 1) });
    if (pat_charge(p, 0) && p->n_haps == 1)
        node->constant = p->haps[0].value;
}

static ph_status node_prepare(struct pat *p, struct pat_node *node,
                              const struct ph_pattern_instr *instr)
{
    bool constants = instr->n_args > 0;

    *node = (struct pat_node){ .op = instr->op,
                               .n_args = instr->n_args,
                               .n_imms = instr->n_imms,
                               .args = p->code->args + instr->first_arg,
                               .imms = p->code->imms + instr->first_imm,
                               .continuous = is_signal(instr->op),
                               .steady = true };
    if (has_key(node->op))
        node->key = pat_key(p, pat_imm(p, node, 0)->plain.text);
    for (uint32_t i = 0; i < node->n_args; i++) {
        const struct pat_node *const arg = pat_arg(p, node, i);
        constants = constants && arg->constant;
        node->continuous = node->continuous || arg->continuous;
        node->steady = node->steady && arg->steady;
    }
    node->steady = node->steady && op_is_steady(p, node);
    if (node->op == PH_PAT_PURE)
        node->constant = pat_imm(p, node, 0);
    else if (constants && is_map(node->op))
        node_fold(p, node);
    if (node->op != PH_PAT_TIMECAT)
        return PH_OK;
    p->overflow = false;
    return node_starts(p, node);
}

/** A table pays where something unsteady asks again and again, and at the root. */
static void mark_cached(struct pat *p)
{
    const uint32_t n = p->code->n_instrs;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < p->nodes[i].n_args && !p->nodes[i].steady; k++)
            p->nodes[p->nodes[i].args[k]].cached = true;
    p->nodes[n - 1].cached = true;
    for (uint32_t i = 0; i < n; i++) {
        struct pat_node *const node = &p->nodes[i];
        if (!node->steady || node->constant || node->op == PH_PAT_SILENCE)
            node->cached = false;
    }
}

static ph_status prepare(struct pat *p)
{
    const struct ph_pattern_code *const code = p->code;

    p->nodes = calloc(code->n_instrs, sizeof *p->nodes);
    p->consts = calloc((size_t)code->n_consts + 1, sizeof *p->consts);
    if (!p->nodes || !p->consts)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < code->n_consts; i++) {
        struct ph_value *const plain = &p->consts[i].plain;
        *plain = code->consts[i];
        if (plain->kind == PH_VALUE_RATIO || plain->kind == PH_VALUE_BOOL)
            plain->number = ph_ratio_to_double(plain->ratio);
    }
    ph_status status = keys_intern(p);
    for (uint32_t i = 0; i < code->n_instrs && status == PH_OK; i++)
        status = node_prepare(p, &p->nodes[i], &code->instrs[i]);
    if (status == PH_OK)
        mark_cached(p);
    return status;
}

ph_status pat_new(const struct ph_pattern_code *code, struct pat **out)
{
    ph_status status = ph_pattern_code_validate(code, NULL);
    struct pat *p = NULL;

    *out = NULL;
    if (status != PH_OK)
        return status;
    p = calloc(1, sizeof *p);
    if (!p)
        return PH_NO_MEMORY;
    p->code = code;
    status = prepare(p);
    if (status != PH_OK) {
        pat_free(p);
        return status;
    }
    *out = p;
    return PH_OK;
}

void pat_free(struct pat *p)
{
    if (!p)
        return;
    pat_arena_finish(&p->query_arena);
    pat_arena_finish(&p->table_arena);
    free(p->haps);
    free(p->scratch);
    free(p->key_text);
    free(p->key_list);
    free(p->consts);
    free(p->nodes);
    free(p);
}

/* ---- queries --------------------------------------------------------------------------------- */

static void query_begin(struct pat *p, const struct pat_limits *limits)
{
    pat_arena_reset(&p->query_arena);
    p->arena = &p->query_arena;
    p->status = PH_OK;
    p->overflow = false;
    p->n_haps = 0;
    p->haps_left = limits->n_haps;
    p->steps_left = limits->n_steps;
    p->n_euclids = 0;
    p->generation++;
}

static int compare_haps(const struct pat_hap *a, const struct pat_hap *b)
{
    const int by_part = pat_cmp(a->part_begin, b->part_begin);

    if (by_part != 0)
        return by_part;
    return pat_cmp(a->has_whole ? a->whole_begin : a->part_begin,
                   b->has_whole ? b->whole_begin : b->part_begin);
}

static void merge_runs(const struct pat_hap *from, struct pat_hap *to, uint32_t low,
                       uint32_t middle, uint32_t high)
{
    uint32_t left = low, right = middle;

    for (uint32_t i = low; i < high; i++) {
        if (left < middle && (right >= high || compare_haps(&from[left], &from[right]) <= 0))
            to[i] = from[left++];
        else
            to[i] = from[right++];
    }
}

static bool is_sorted(const struct pat_hap *haps, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (compare_haps(&haps[i - 1], &haps[i]) > 0)
            return false;
    return true;
}

/** Stable merge sort; the C library's sort is neither stable nor free of allocation. */
static void sort_haps(struct pat *p)
{
    const uint32_t n = p->n_haps;

    if (is_sorted(p->haps, n))
        return;
    if (p->scratch_space < p->space) {
        free(p->scratch);
        p->scratch = malloc(p->space * sizeof *p->scratch);
        p->scratch_space = p->scratch ? p->space : 0;
        if (!p->scratch) {
            pat_fail(p, PH_NO_MEMORY);
            return;
        }
    }
    struct pat_hap *from = p->haps, *to = p->scratch;
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t low = 0; low < n; low += 2 * width) {
            const uint32_t middle = low + width < n ? low + width : n;
            merge_runs(from, to, low, middle, middle + width < n ? middle + width : n);
        }
        struct pat_hap *const swap = from;
        from = to;
        to = swap;
    }
    if (from == p->haps)
        return;
    const uint32_t space = p->space; /* the sorted run is in the other buffer: exchange them */
    p->scratch = p->haps;
    p->haps = from;
    p->space = p->scratch_space;
    p->scratch_space = space;
}

ph_status pat_query(struct pat *p, struct ph_ratio begin, struct ph_ratio end,
                    const struct pat_limits *limits, const struct pat_hap **haps, uint32_t *n_haps)
{
    *haps = NULL;
    *n_haps = 0;
    query_begin(p, limits ? limits : &pat_limits_default);
    pat_eval(p, &p->nodes[p->code->n_instrs - 1], (struct pat_span){ begin, end });
    if (p->overflow)
        pat_fail(p, PH_OVERFLOW);
    if (p->status == PH_OK)
        sort_haps(p);
    if (p->status != PH_OK)
        return p->status;
    *haps = p->haps;
    *n_haps = p->n_haps;
    return PH_OK;
}

const struct ph_value *pat_control(const struct pat_value *value, const char *key)
{
    for (uint32_t i = 0; i < value->n_controls && value->is_controls; i++)
        if (strcmp(value->controls[i].key, key) == 0)
            return &value->controls[i].value;
    return NULL;
}
