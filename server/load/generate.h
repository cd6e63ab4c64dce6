/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/generate.h - /b_gen: contents of buffers that are computed.                        */
/* room: the queue's thread (load/queue.h); offline the command thread.                           */
#ifndef SERVER_LOAD_GENERATE_H
#define SERVER_LOAD_GENERATE_H

#include "protocol/osc.h"
#include "server/load/buffers.h"

struct load_generator;

/** By scsynth's name; NULL: there is none of that name. */
const struct load_generator *load_generator_find(const char *name);
/**
 * Changes `data`, a copy of the buffer's contents, as the
 * arguments say. Too few arguments count as 0.
 */
void load_generate(const struct load_generator *generator, const struct load_buffers *buffers,
                   struct ph_osc_args *args, struct dsp_buffer *data);

#endif
