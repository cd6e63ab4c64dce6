/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/options.h - phonond's command line: one table feeds the parser and --help.              */
/* room: command thread.                                                                          */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/world.h"

struct options {
    int udp_port, tcp_port; /* -1: none */
    int dirt_port;          /* of the TidalCycles door; 0: one that is free */
    const char *bind, *driver, *name, *server, *capture, *file_root, *record, *password, *samples[WORLD_ROOTS_MAX];
    int n_inputs, n_outputs, n_audio_buses, n_control_buses, n_buffers, n_nodes, n_voices, n_logins;
    int n_orbits, unit_kib;
    int rate_hz, period_frames, capture_seconds, block_frames, lookahead_ms, sample_mib;
    int n_threads;    /* 0: as many as there are processors but one */
    const char *blocks; /* -N: file for what each block cost */
    const char *simd; /* NULL: the fastest that this processor runs */
    uint32_t n_samples;
    bool locks_memory; /* accepted; JACK decides */
    bool play_at_once, no_connect, no_dirt, help, version, units, commands;
    /* -N: score, input, output, rate, header format, sample format; all NULL without it */
    const char *score[6];
};

enum options_result { OPTIONS_OK, OPTIONS_USAGE };

/**
 * Fills `o` from scsynth's flags and our long options. Unknown options are passed over with a line
 * on standard error, as clients boot servers of many versions; a missing or malformed value is a
 * usage error.
 */
enum options_result options_parse(int argc, char **argv, struct options *o);
void options_print_help(void);

#endif
