/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/spectra.h - effects of an event on bands or spectra; of modules.c.                 */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_SPECTRA_H
#define SERVER_DIRT_SPECTRA_H

#include "server/dirt/graph.h"

void dirt_build_spectral_delay(struct graph *g, struct sound *s);
void dirt_build_freeze(struct graph *g, struct sound *s);
void dirt_build_comb(struct graph *g, struct sound *s);
void dirt_build_smear(struct graph *g, struct sound *s);
void dirt_build_scramble(struct graph *g, struct sound *s);
void dirt_build_bin_shift(struct graph *g, struct sound *s);
void dirt_build_high_brick(struct graph *g, struct sound *s);
void dirt_build_low_brick(struct graph *g, struct sound *s);
void dirt_build_conform(struct graph *g, struct sound *s);
void dirt_build_enhance(struct graph *g, struct sound *s);

#endif
