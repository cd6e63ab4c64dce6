/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/arith.h - finding the kernel of an operator.                                        */
/* room: none; called when a definition is compiled.                                              */
#ifndef SERVER_DSP_ARITH_H
#define SERVER_DSP_ARITH_H

#include "server/dsp/lane.h"

/** Kernel of UnaryOpUGen, BinaryOpUGen for an operator number; NULL where there is none. */
const struct dsp_unit *DSP(dsp_unary_op)(int16_t special);
const struct dsp_unit *DSP(dsp_binary_op)(int16_t special);
/** The same for those that draw random numbers. */
const struct dsp_unit *DSP(dsp_unary_chance)(int16_t special);
const struct dsp_unit *DSP(dsp_binary_chance)(int16_t special);

#endif
