/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/tail.h - where the sound of a definition begins, and what of it goes on by itself.  */
/* room: command and sequencer threads.                                                           */
#ifndef SERVER_NRT_TAIL_H
#define SERVER_NRT_TAIL_H

#include "protocol/synthdef.h"
#include "server/rt/def.h"

/** Fills def->parts; everything else of `def` is compiled. */
PH_NODISCARD ph_status nrt_find_tails(const struct ph_synthdef *from, struct rt_def *def);

#endif
