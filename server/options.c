/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/options.c - phonond's command line.                                                     */
#include "server/options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/addresses.h"
#include "server/dirt/dirt.h"

enum kind { INT, TEXT, FLAG, SAMPLES, SCORE, IGNORED };

struct option {
    char letter;      /* 0: none */
    const char *word; /* without --, NULL: none */
    enum kind kind;
    size_t offset;
    int lowest, highest;
    const char *argument, *help; /* help NULL: not shown */
};

#define AT(field) offsetof(struct options, field)
/* scsynth's letters keep their meaning; IGNORED is what changes nothing here. */
static const struct option table[] = {
    { 'u', "port", INT, AT(udp_port), 0, 65535, "PORT", "UDP port; TCP on the same number too" },
    { 't', "tcp", INT, AT(tcp_port), 0, 65535, "PORT", "TCP port only" },
    { 0, "dirt-port", INT, AT(dirt_port), 0, 65535, "PORT", "where TidalCycles sends (57120)" },
    { 0, "no-dirt", FLAG, AT(no_dirt), 0, 0, NULL, "don't listen for TidalCycles" },
    { 0, "orbits", INT, AT(n_orbits), 1, 32, "N", "of TidalCycles, each with two outputs; else 12 on the first two" },
    { 'B', "bind", TEXT, AT(bind), 0, 0, "ADDRESS", "address to listen on" },
    { 0, "driver", TEXT, AT(driver), 0, 0, "jack|dummy", "where the sound goes" },
    { 0, "name", TEXT, AT(name), 0, 0, "NAME", "JACK client name" },
    { 0, "server", TEXT, AT(server), 0, 0, "NAME", "JACK server name" },
    { 'H', NULL, TEXT, AT(server), 0, 0, "NAME [CLIENT]", "JACK server, and client name" },
    { 0, "no-connect", FLAG, AT(no_connect), 0, 0, NULL, "don't connect to the sound card's ports" },
    { 0, "record", TEXT, AT(record), 0, 0, "FOLDER", "where `tap` puts its files; without it nothing is recorded" },
    { 'p', "password", TEXT, AT(password), 0, 0, "TEXT", "what a TCP connection begins with" },
    { 'P', "restrict", TEXT, AT(file_root), 0, 0, "FOLDER", "clients read files in this folder only" },
    { 0, "samples", SAMPLES, 0, 0, 0, "FOLDER", "folder of sample folders; may be repeated" },
    { 0, "sample-cache", INT, AT(sample_mib), 1, 1 << 20, "MIB", "memory for samples (1024)" },
    { 0, "play-at-once", FLAG, AT(play_at_once), 0, 0, NULL, "programs don't wait for their samples" },
    { 'S', "rate", INT, AT(rate_hz), 1000, 768000, "HZ", "sample rate of the dummy driver; JACK has its own" },
    { 'Z', "period", INT, AT(period_frames), 1, 8192, "FRAMES", "period of the dummy driver; JACK has its own" },
    { 0, "capture", TEXT, AT(capture), 0, 0, "FILE", "dummy driver: write what was played, at the end" },
    { 0, "capture-seconds", INT, AT(capture_seconds), 1, 3600, "S", "how much --capture keeps" },
    { 'i', "inputs", INT, AT(n_inputs), 0, 64, "N", "input channels" },
    { 'o', "outputs", INT, AT(n_outputs), 1, 64, "N", "output channels" },
    { 'a', "audio-buses", INT, AT(n_audio_buses), 4, 65536, "N", "audio buses that clients may number" },
    { 'c', "control-buses", INT, AT(n_control_buses), 1, 1 << 20, "N", "control buses" },
    { 'b', "buffers", INT, AT(n_buffers), 1, 1 << 20, "N", "buffers that clients may number" },
    { 'n', "nodes", INT, AT(n_nodes), 16, 1 << 20, "N", "nodes" },
    { 0, "voices", INT, AT(n_voices), 1, 65536, "N", "voices of players; the next one steals" },
    { 0, "look-ahead", INT, AT(lookahead_ms), 5, 2000, "MS", "how far ahead patterns are sent (100)" },
    { 'T', "threads", INT, AT(n_threads), 0, 64, "N", "threads that render; 0: one less than processors" },
    { 0, "simd", TEXT, AT(simd), 0, 0, "base|avx2|avx512", "kernels; without it the fastest" },
    { 'm', "unit-memory", INT, AT(unit_kib), 0, 1 << 30, "KIB",
      "for the delays and buffers of clients' synths together; 0: no limit" },
    { 'l', "logins", INT, AT(n_logins), 1, 64, "N", "clients that may be notified" },
    { 'z', NULL, INT, AT(block_frames), 1, 8192, "FRAMES", "block size, at most 64: what control rate counts" },
    { 'N', NULL, SCORE, 0, 0, 0, "SCORE INPUT|_ OUT RATE HEADER SAMPLE", "render a binary OSC score" },
    { 0, "blocks", TEXT, AT(blocks), 0, 0, "FILE", "-N: write the nanoseconds of each block, one a line" },
    { 'h', "help", FLAG, AT(help), 0, 0, NULL, "this text" },
    { 'v', "version", FLAG, AT(version), 0, 0, NULL, "name and version" },
    { 0, "units", FLAG, AT(units), 0, 0, NULL, "the unit table" },
    { 0, "commands", FLAG, AT(commands), 0, 0, NULL, "the commands of scsynth's door" },
    { 'd', NULL, IGNORED, 0, 0, 0, "N", "SynthDefs: as many as come" },
    { 'w', NULL, IGNORED, 0, 0, 0, "N", "wires: as many as a SynthDef needs" },
    { 'r', NULL, IGNORED, 0, 0, 0, "N", "random seeds: every synth has one" },
    { 'D', NULL, IGNORED, 0, 0, 0, "0|1", "no folder is loaded at the start: /d_loadDir does" },
    { 'R', NULL, IGNORED, 0, 0, 0, "0|1", "nothing is published on the network" },
    { 'V', NULL, IGNORED, 0, 0, 0, "N", "verbosity" },
    { 'U', NULL, IGNORED, 0, 0, 0, "PATHS", "plug-ins: all units are built in" },
    { 'C', NULL, IGNORED, 0, 0, 0, "0|1", "supernova's" },
    { 'I', NULL, IGNORED, 0, 0, 0, "BITS", "inputs of streams" },
    { 'O', NULL, IGNORED, 0, 0, 0, "BITS", "outputs of streams" },
    { 's', NULL, IGNORED, 0, 0, 0, "N", "safety offset" },
    { 'L', NULL, FLAG, AT(locks_memory), 0, 0, NULL, "locked memory is JACK's to decide" },
};
#undef AT
enum { N_OPTIONS = sizeof table / sizeof table[0] };

static const struct option *find(const char *word)
{
    for (uint32_t i = 0; i < N_OPTIONS; i++) {
        const struct option *const o = &table[i];
        if (word[1] == '-' ? o->word && strcmp(o->word, word + 2) == 0
                           : o->letter && o->letter == word[1] && word[2] == 0)
            return o;
    }
    return NULL;
}

/**
 * scsynth takes any number; clients that boot it send 0 for `as it is`, or what we have less of.
 */
static int nearest(const struct option *option, long value, int as_it_is)
{
    if (value == 0 && (option->letter == 'S' || option->letter == 'Z'))
        return as_it_is;
    const int taken = value < option->lowest ? option->lowest : option->highest;
    fprintf(stderr, "phonond: -%c %ld: %d is taken instead\n", option->letter, value, taken);
    return taken;
}

static bool parse_int(const struct option *option, const char *text, int *out)
{
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    const bool is_number = !errno && !*end && end != text;
    const bool is_port = option->letter == 'u' || option->letter == 't';
    const bool fits = value >= option->lowest && value <= option->highest;
    if (is_number && !fits && option->letter && !is_port) {
        *out = nearest(option, value, *out);
        return true;
    }
    if (!is_number || !fits) {
        fprintf(stderr, "phonond: -%s%s takes a number from %d to %d, not '%s'\n",
                option->word ? "-" : "", option->word ? option->word : (char[]){ option->letter, 0 },
                option->lowest, option->highest, text);
        return false;
    }
    *out = (int)value;
    return true;
}

/** Takes the values of one option; returns how many arguments it used, -1 on a usage error. */
static int take(const struct option *option, int n_left, char **values, struct options *o)
{
    void *const field = (char *)o + option->offset;
    const int needed = option->kind == FLAG ? 0 : option->kind == SCORE ? 6 : 1;
    if (n_left < needed) {
        fprintf(stderr, "phonond: an option lacks its value\n");
        return -1;
    }
    switch (option->kind) {
    case FLAG:
        *(bool *)field = true;
        break;
    case INT:
        if (!parse_int(option, values[0], field))
            return -1;
        break;
    case TEXT:
        *(const char **)field = values[0];
        if (option->letter == 'H' && n_left > 1 && values[1][0] != '-') {
            o->name = values[1];
            return 2;
        }
        break;
    case SAMPLES:
        if (o->n_samples < WORLD_ROOTS_MAX)
            o->samples[o->n_samples++] = values[0];
        break;
    case SCORE:
        for (int i = 0; i < 6; i++)
            o->score[i] = values[i];
        break;
    case IGNORED:
        break;
    }
    return needed;
}

enum options_result options_parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .udp_port = PH_DEFAULT_PORT, .tcp_port = -1, .dirt_port = DIRT_PORT, .bind = "127.0.0.1",
                           .driver = "jack", .name = "phonond", .n_inputs = 2,
                           .n_audio_buses = 1024, .n_control_buses = 16384, .n_buffers = 1024,
                           .n_nodes = 4096, .n_voices = 512, .n_logins = 64, .unit_kib = 8192,
                           .rate_hz = 48000, .period_frames = 256, .capture_seconds = 60, .block_frames = 64,
                           .lookahead_ms = WORLD_LOOKAHEAD_MS,
                           .sample_mib = WORLD_SAMPLE_MIB };
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || argv[i][1] == 0) {
            fprintf(stderr, "phonond: unexpected argument '%s'\n", argv[i]);
            return OPTIONS_USAGE;
        }
        const struct option *const option = find(argv[i]);
        if (!option) {
            fprintf(stderr, "phonond: unknown option '%s' is passed over\n", argv[i]);
            if (i + 1 < argc && argv[i + 1][0] != '-')
                i++; /* most likely its value */
            continue;
        }
        if (option->letter == 't')
            o->udp_port = -1;
        const int used = take(option, argc - i - 1, argv + i + 1, o);
        if (used < 0)
            return OPTIONS_USAGE;
        i += used;
    }
    if (o->n_outputs == 0) /* not said */
        o->n_outputs = o->n_orbits > 0 ? 2 * o->n_orbits : 2;
    if (strcmp(o->driver, "jack") != 0 && strcmp(o->driver, "dummy") != 0) {
        fprintf(stderr, "phonond: no driver '%s'; there are jack and dummy\n", o->driver);
        return OPTIONS_USAGE;
    }
    if (o->block_frames > DSP_BLOCK_FRAMES) {
        fprintf(stderr, "phonond: blocks of %d frames: the longest are %d\n", o->block_frames,
                DSP_BLOCK_FRAMES);
        o->block_frames = DSP_BLOCK_FRAMES;
    }
    if (o->simd && !dsp_set_find(o->simd)) {
        fprintf(stderr, "phonond: this processor has no kernels '%s'; the fastest are '%s'\n", o->simd,
                dsp_set_best()->name);
        return OPTIONS_USAGE;
    }
    return OPTIONS_OK;
}

enum section { AS_SCSYNTH, OWN, WITHOUT_EFFECT };

static enum section section_of(const struct option *o)
{
    if (o->kind == IGNORED || o->letter == 'L')
        return WITHOUT_EFFECT;
    return o->letter && !strchr("Th", o->letter) ? AS_SCSYNTH : OWN;
}

static void print_option(const struct option *o)
{
    char left[64];
    snprintf(left, sizeof left, "%s%c%s%s%s %s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
             o->letter && o->word ? ", " : "  ", o->word ? "--" : "", o->word ? o->word : "",
             o->argument ? o->argument : "");
    printf("  %-40s %s\n", left, o->help);
}

void options_print_help(void)
{
    static const char *const titles[] = { "as scsynth:", "phonond's own:",
                                          "scsynth's that are accepted and change nothing:" };
    puts("usage: phonond [options]");
    for (enum section s = AS_SCSYNTH; s <= WITHOUT_EFFECT; s++) {
        printf("\n%s\n", titles[s]);
        for (uint32_t i = 0; i < N_OPTIONS; i++)
            if (table[i].help && section_of(&table[i]) == s)
                print_option(&table[i]);
    }
    puts("\nAn unknown option is passed over.");
}
