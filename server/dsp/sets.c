/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sets.c - which of the compiled kernels this processor runs.                         */
/* room: none; called at start.                                                                   */
#include "server/dsp/sets.h"

#include <string.h>

static bool runs_base(void)
{
    return true;
}
#ifdef DSP_HAS_X86_SETS
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

#define ROW(isa, width)                                                                            \
    { { #isa, width, dsp_unit_##isa##_w1, dsp_unit_##isa##_w##width }, runs_##isa },
static const struct {
    struct dsp_set set;
    bool (*runs)(void);
} sets[] = { DSP_SETS(ROW) }; /* the fastest first */

const struct dsp_set *dsp_set_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if ((!name || strcmp(sets[i].set.name, name) == 0) && sets[i].runs())
            return &sets[i].set;
    return NULL;
}

const struct dsp_set *dsp_set_best(void)
{
    return dsp_set_find(NULL);
}
