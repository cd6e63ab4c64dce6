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
    case PH_PAT_INV: case PH_PAT_SET: case PH_PAT_MOD: case PH_PAT_POW: case PH_PAT_CONCAT:
    case PH_PAT_UNION_LEFT: case PH_PAT_MATH: case PH_PAT_TO_SCALE: case PH_PAT_PERLIN_WITH:
    case PH_PAT_PERLIN2_WITH: case PH_PAT_CHORD_NOTE:
        return true;
    default:
        return false;
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
    return p->overflow ? PH_OVERFLOW : p->status;
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
    if (node->constant)
        pat_make_lasting(node->constant);
}

static ph_status node_prepare(struct pat *p, struct pat_node *node,
                              const struct ph_pattern_instr *instr)
{
    bool constants = instr->n_args > 0;

    *node = (struct pat_node){ .op = instr->op,
                               .n_args = instr->n_args,
                               .n_imms = instr->n_imms,
                               .args = instr->n_args ? p->code->args + instr->first_arg : NULL,
                               .imms = instr->n_imms ? p->code->imms + instr->first_imm : NULL };
    if (has_key(node->op))
        node->key = pat_key(p, pat_imm(p, node, 0)->plain.text);
    for (uint32_t i = 0; i < node->n_args; i++)
        constants = constants && pat_arg(p, node, i)->constant;
    pat_find_period(p, node);
    if (node->op == PH_PAT_PURE)
        node->constant = pat_imm(p, node, 0);
    else if (constants && is_map(node->op))
        node_fold(p, node);
    if (node->op != PH_PAT_TIMECAT)
        return PH_OK;
    query_begin(p, &pat_limits_default);
    return node_starts(p, node);
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
        p->consts[i].lasting = true;
        *plain = code->consts[i];
        if (plain->kind == PH_VALUE_RATIO || plain->kind == PH_VALUE_BOOL ||
            plain->kind == PH_VALUE_INT)
            plain->number = ph_ratio_to_double(plain->ratio);
    }
    ph_status status = keys_intern(p);
    for (uint32_t i = 0; i < code->n_instrs && status == PH_OK; i++)
        status = node_prepare(p, &p->nodes[i], &code->instrs[i]);
    if (status == PH_OK)
        pat_choose_tables(p);
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
    p->table_haps_left = PAT_TABLE_HAPS_MAX;
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
    p->build_haps = limits->n_haps < PAT_TABLE_HAPS_MAX ? limits->n_haps : PAT_TABLE_HAPS_MAX;
    p->build_steps = limits->n_steps < PAT_TABLE_STEPS_MAX ? limits->n_steps : PAT_TABLE_STEPS_MAX;
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

/** Where the sorted run that begins at `from` ends. */
static uint32_t run_end(const struct pat_hap *haps, uint32_t from, uint32_t n)
{
    uint32_t end = from < n ? from + 1 : n;

    while (end < n && compare_haps(&haps[end - 1], &haps[end]) <= 0)
        end++;
    return end;
}

static uint32_t falling_end(const struct pat_hap *haps, uint32_t from, uint32_t n)
{
    uint32_t end = from + 1;

    while (end < n && compare_haps(&haps[end - 1], &haps[end]) > 0)
        end++;
    return end;
}

static void turn(struct pat_hap *haps, uint32_t from, uint32_t to)
{
    for (uint32_t a = from, b = to - 1; a < b; a++, b--) {
        const struct pat_hap swap = haps[a];
        haps[a] = haps[b];
        haps[b] = swap;
    }
}

/**
 * Notes where sorted runs begin. Those that fall strictly, as `rev` makes them, are turned: nothing
 * equal changes its order.
 * @return number of runs; runs[number] is n
 */
static uint32_t find_runs(struct pat_hap *haps, uint32_t n, uint32_t *runs)
{
    uint32_t n_runs = 0;

    for (uint32_t low = 0, end; low < n; low = end) {
        end = run_end(haps, low, n);
        if (end == low + 1) {
            end = falling_end(haps, low, n);
            turn(haps, low, end);
        }
        if (low == 0 || compare_haps(&haps[low - 1], &haps[low]) > 0)
            runs[n_runs++] = low;
    }
    runs[n_runs] = n;
    return n_runs;
}

static bool make_scratch(struct pat *p)
{
    if (p->scratch_space >= p->space)
        return true;
    free(p->scratch);
    p->scratch = malloc(p->space * sizeof *p->scratch);
    p->scratch_space = p->scratch ? p->space : 0;
    if (!p->scratch)
        pat_fail(p, PH_NO_MEMORY);
    return p->scratch != NULL;
}

/** Merges neighbouring runs into the scratch space, which becomes the stack. @return their count */
static uint32_t merge_pass(struct pat *p, uint32_t *runs, uint32_t n_runs)
{
    const uint32_t space = p->space;
    struct pat_hap *const from = p->haps;
    uint32_t n = 0;

    for (uint32_t k = 0; k < n_runs; k += 2) {
        const uint32_t low = runs[k], middle = runs[k + 1];
        merge_runs(from, p->scratch, low, middle, k + 1 < n_runs ? runs[k + 2] : middle);
        runs[n++] = low;
    }
    runs[n] = p->n_haps;
    p->haps = p->scratch;
    p->scratch = from;
    p->space = p->scratch_space;
    p->scratch_space = space;
    return n;
}

/**
 * Stable merge sort of the runs that there are, which are few: layers of a stack are sorted in
 * themselves. The C library's sort is neither stable nor free of allocation.
 */
void pat_sort_haps(struct pat *p)
{
    const uint32_t n = p->n_haps;

    if (run_end(p->haps, 0, n) == n || !make_scratch(p))
        return;
    uint32_t *const runs = pat_arena_alloc(&p->query_arena, (n + 1) * sizeof *runs);
    if (!runs) {
        pat_fail(p, PH_NO_MEMORY);
        return;
    }
    for (uint32_t n_runs = find_runs(p->haps, n, runs); n_runs > 1;)
        n_runs = merge_pass(p, runs, n_runs);
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
        pat_sort_haps(p);
    if (p->status != PH_OK)
        return p->status;
    *haps = p->haps;
    *n_haps = p->n_haps;
    return PH_OK;
}

const struct ph_value *pat_control(const struct pat_value *value, const char *key)
{
    for (uint32_t i = 0; i < value->n_controls && value->is_controls; i++)
        if (value->controls[i].key[0] == key[0] && strcmp(value->controls[i].key, key) == 0)
            return &value->controls[i].value;
    return NULL;
}
