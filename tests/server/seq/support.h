/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/seq/support.h - patterns by hand, and a bank that keeps what it loads.            */
#ifndef TESTS_SERVER_SEQ_SUPPORT_H
#define TESTS_SERVER_SEQ_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "protocol/pattern_code.h"
#include "server/load/bank.h"
#include "server/nrt/synth.h"
#include "tests/support/check_main.h"

/** A pattern under construction; each function returns the number of its instruction. */
typedef struct ph_pattern_build *pattern;

__attribute__((unused)) static uint32_t emit(pattern b, enum ph_pattern_op op, uint32_t n_args,
                                             const uint32_t *args)
{
    return ph_pattern_emit(b, op, args, n_args, NULL, 0);
}

__attribute__((unused)) static uint32_t pure(pattern b, uint32_t constant)
{
    return ph_pattern_emit(b, PH_PAT_PURE, NULL, 0, &constant, 1);
}

__attribute__((unused)) static uint32_t word(pattern b, const char *text)
{
    return pure(b, ph_pattern_const_word(b, text, strlen(text)));
}

__attribute__((unused)) static uint32_t number(pattern b, double x)
{
    return pure(b, ph_pattern_const_number(b, x));
}

__attribute__((unused)) static uint32_t note(pattern b, double midi)
{
    return pure(b, ph_pattern_const_note(b, midi));
}

__attribute__((unused)) static uint32_t ratio(pattern b, int64_t num, int64_t den)
{
    return pure(b, ph_pattern_const_ratio(b, PH_RATIO(num, den)));
}

__attribute__((unused)) static uint32_t silence(pattern b)
{
    return emit(b, PH_PAT_SILENCE, 0, NULL);
}

__attribute__((unused)) static uint32_t fast(pattern b, int64_t num, int64_t den, uint32_t p)
{
    const uint32_t args[] = { ratio(b, num, den), p };
    return emit(b, PH_PAT_FAST, 2, args);
}

/** "a b c": equal steps of one cycle. */
__attribute__((unused)) static uint32_t steps(pattern b, uint32_t n, const uint32_t *items)
{
    const uint32_t args[] = { ratio(b, n, 1), emit(b, PH_PAT_SLOWCAT, n, items) };
    return emit(b, PH_PAT_FAST, 2, args);
}

__attribute__((unused)) static uint32_t stack(pattern b, uint32_t n, const uint32_t *items)
{
    return emit(b, PH_PAT_STACK, n, items);
}

__attribute__((unused)) static uint32_t param(pattern b, const char *name, uint32_t p)
{
    const uint32_t constant = ph_pattern_const_word(b, name, strlen(name));
    return ph_pattern_emit(b, PH_PAT_PARAM, &p, 1, &constant, 1);
}

/** p # name value */
__attribute__((unused)) static uint32_t with(pattern b, uint32_t p, const char *name,
                                             uint32_t value)
{
    const uint32_t args[] = { p, param(b, name, value) };
    const uint32_t left = ph_pattern_const_ratio(b, PH_RATIO(1, 1));
    return ph_pattern_emit(b, PH_PAT_UNION, args, 2, &left, 1);
}

__attribute__((unused)) static struct ph_pattern_code built(pattern b, uint32_t root)
{
    struct ph_pattern_code code;
    ck_assert_int_eq(ph_pattern_build_end(b, root, &code), PH_OK);
    return code;
}

/* ---- bank ------------------------------------------------------------------------------------ */

enum { KEPT_MAX = 256 };
static struct dsp_buffer *kept[KEPT_MAX];

__attribute__((unused)) static void keep_loaded(void *context, uint32_t n, struct dsp_buffer *gives)
{
    (void)context;
    ck_assert_uint_lt(n, KEPT_MAX);
    kept[n] = gives;
}

__attribute__((unused)) static void free_kept(void)
{
    for (int i = 0; i < KEPT_MAX; i++) {
        load_buffer_finish(kept[i]);
        free(kept[i]);
        kept[i] = NULL;
    }
}

/** Value of a synth's control by name; the test fails where it has none. */
__attribute__((unused)) static double control(struct nrt_symbols *symbols, const struct rt_synth *s,
                                              const char *name)
{
    const int32_t i = nrt_def_control(s->def, nrt_symbol_find(symbols, name));
    ck_assert_msg(i >= 0, "%s has no %s", s->def->name, name);
    return (double)s->controls[i];
}

#endif
