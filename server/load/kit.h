/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/kit.h - a drum kit made of arithmetic, so that there is sound without any sample.  */
/* room: loader thread (rendering); the rest is constant and safe anywhere.                       */
#ifndef SERVER_LOAD_KIT_H
#define SERVER_LOAD_KIT_H

#include <stdint.h>

#include "protocol/status.h"
#include "server/dsp/dsp.h"

/** Number of words; a word by number. */
uint32_t load_kit_n_words(void);
const char *load_kit_word(uint32_t i);
/** Number of variants of word `i`: what an index chooses among. */
uint32_t load_kit_n_variants(uint32_t i);

/**
 * Renders one sound: mono, silent last sample; the first or second sample is already part of the
 * sound, so that its onset is that of the event. All are about as loud (within 6 dB by ITU-R
 * BS.1770 over their loudest 50 ms), with peaks of at most -1 dB. The same arguments give the same
 * bits.
 * @param rate_hz  1000 or more; what lies above half the rate is left out
 */
PH_NODISCARD ph_status load_kit_render(uint32_t i, uint32_t variant, uint32_t rate_hz,
                                       struct dsp_buffer *out);

#endif
