/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_double.h - two-pole filters whose state and poles are double.              */
/* room: audio.                                                                                   */
/*                                                                                                */
/* The output is a small difference of the state, which holds what is filtered away divided by    */
/* the square of the cutoff: with y in float, 20 Hz and a mean of 1 in the input, noise is 70 dB  */
/* below what BPF lets through.                                                                   */
#ifndef SERVER_DSP_TWO_POLE_DOUBLE_H
#define SERVER_DSP_TWO_POLE_DOUBLE_H

#include "server/dsp/lane_double.h"

typedef lane_dd number;
LANE_FN number number_from(lane x) { return lane_dd_from(x); }
LANE_FN lane lane_from_number(number x) { return lane_from_dd(x); }
LANE_FN number number_add(number x, number y) { return lane_dd_add(x, y); }
LANE_FN number number_sub(number x, number y) { return lane_dd_sub(x, y); }
LANE_FN number number_fma(number x, number y, number z) { return lane_dd_fma(x, y, z); }
LANE_FN number number_fnma(number x, number y, number z) { return lane_dd_fnma(x, y, z); }
LANE_FN number number_mul(number x, number y) { return lane_dd_mul(x, y); }
LANE_FN number number_where(lane_i mask, number x) { return lane_dd_where(mask, x); }
#include "server/dsp/two_pole.h"

#endif
