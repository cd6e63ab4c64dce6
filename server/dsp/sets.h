/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sets.h - the kernel libraries that were compiled, one look-up function each.        */
/* room: none.                                                                                    */
#ifndef SERVER_DSP_SETS_H
#define SERVER_DSP_SETS_H

#include "server/dsp/dsp.h"

/** DSP_SETS(S): S(isa, width of its wide form). The build says which (server/dsp/meson.build). */
#if defined(__x86_64__) && !defined(PH_SIMD_BASE)
#define DSP_HAS_X86_SETS
#define DSP_SETS(S) S(avx512, 16) S(avx2, 8) S(base, 4)
#else
#define DSP_SETS(S) S(base, 4)
#endif

#define DSP_DECLARE(isa, width)                                                                    \
    const struct dsp_unit *dsp_unit_##isa##_w1(enum ph_unit unit, int16_t special);                \
    const struct dsp_unit *dsp_unit_##isa##_w##width(enum ph_unit unit, int16_t special);
DSP_SETS(DSP_DECLARE)
#undef DSP_DECLARE

#endif
