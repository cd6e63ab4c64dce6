/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/phonon_render.c - a program to a sound file, faster than real time: the engine, the players */
/* and the samples are those of a live run, only the caller of the blocks is another.             */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/compile.h"
#include "server/drivers/thread.h"
#include "server/drivers/times.h"
#include "server/world.h"

enum { CHANNELS = 2, EDITS_MAX = 16384, CHUNK_FRAMES = 64 * 256 };

/** A program and the frame from which it counts. */
struct edit {
    uint64_t frame;
    const char *path;
};

struct options {
    const char *out, *blocks;
    double cycles, seconds;
    struct ph_ratio from_cycle;
    uint32_t rate_hz, n_edits, lookahead_ms;
    bool raw, meter, quiet;
    struct edit edits[EDITS_MAX];
};

static const char usage[] =
    "usage: phonon-render FILE OUT.wav [options]\n"
    "  --cycles N        length in cycles of the tempo that FILE sets (8)\n"
    "  --seconds S       length in seconds\n"
    "  --from-cycle C    begin at that cycle\n"
    "  --at FRAME FILE   from that frame on FILE plays, as if it had been sent; may be repeated\n"
    "  --rate HZ         sample rate (48000)\n"
    "  --look-ahead MS   as phonond's (100); changes nothing that is heard\n"
    "  --raw             keep the output stage's latency of 1 ms at the beginning\n"
    "  --meter           print what the blocks cost\n"
    "  --blocks FILE     with --meter: write the nanoseconds of each block, one a line\n"
    "  --quiet           no progress line\n";

static bool parse_number(const char *text, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    return errno == 0 && end != text && *end == 0 && *out >= 0;
}

static bool add_edit(struct options *o, double frame, const char *path)
{
    if (o->n_edits == EDITS_MAX || (o->n_edits && frame < (double)o->edits[o->n_edits - 1].frame))
        return false;
    o->edits[o->n_edits++] = (struct edit){ (uint64_t)frame, path };
    return true;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    double number;
    *o = (struct options){ .cycles = 8, .from_cycle = PH_RATIO(0, 1), .rate_hz = 48000 };
    for (int i = 1; i < argc; i++) {
        const char *const a = argv[i], *const v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(a, "--raw") == 0) {
            o->raw = true;
        } else if (strcmp(a, "--meter") == 0) {
            o->meter = true;
        } else if (strcmp(a, "--quiet") == 0) {
            o->quiet = true;
        } else if (strcmp(a, "--at") == 0 && i + 2 < argc && parse_number(v, &number)) {
            if (!add_edit(o, number, argv[i + 2]))
                return false;
            i += 2;
        } else if (strcmp(a, "--blocks") == 0 && *v) {
            o->blocks = v;
            i++;
        } else if (strcmp(a, "--cycles") == 0 && parse_number(v, &o->cycles)) {
            i++;
        } else if (strcmp(a, "--seconds") == 0 && parse_number(v, &o->seconds)) {
            i++;
        } else if (strcmp(a, "--from-cycle") == 0 &&
                   ph_ratio_parse(v, strlen(v), &o->from_cycle) == PH_OK) {
            i++;
        } else if (strcmp(a, "--rate") == 0 && parse_number(v, &number) && number >= 1000 &&
                   number <= 768000) {
            o->rate_hz = (uint32_t)number;
            i++;
        } else if (strcmp(a, "--look-ahead") == 0 && parse_number(v, &number) && number >= 5 &&
                   number <= 2000) {
            o->lookahead_ms = (uint32_t)number;
            i++;
        } else if (a[0] != '-' && o->n_edits == 0) {
            add_edit(o, 0, a);
        } else if (a[0] != '-' && !o->out) {
            o->out = a;
        } else {
            return false;
        }
    }
    return o->n_edits > 0 && o->edits[0].frame == 0 && o->out;
}

/** Compiles a file; messages are printed as `file:line:col: error: ...`, without errors only if `says_all`. */
static bool compile_file(const char *path, bool says_all, struct ph_program *program)
{
    struct source source;
    if (!source_read(path, &source)) {
        fprintf(stderr, "phonon-render: can't read %s: %s\n", path, strerror(errno));
        return false;
    }
    struct arena *const arena = arena_new();
    struct diag diag;
    diag_init(&diag, &source);
    const bool ok = compile_program(&source, arena, &diag, program);
    if (says_all || !ok)
        diag_print(&diag, stderr);
    diag_finish(&diag);
    arena_free(arena);
    source_finish(&source);
    return ok;
}

static bool apply(struct world *w, const char *path)
{
    struct ph_program program = { 0 };
    char error[256];
    if (!compile_file(path, true, &program))
        return false;
    const ph_status status = nrt_program_apply(w->context.programs, &program, error);
    ph_program_finish(&program);
    if (status != PH_OK)
        fprintf(stderr, "phonon-render: %s: %s\n", path, error);
    return status == PH_OK;
}

static void print_progress(const struct options *o, uint64_t done, uint64_t total, uint64_t begin_ns)
{
    const double spent = (double)(drv_clock_ns(CLOCK_MONOTONIC) - begin_ns) / 1e9;
    const double seconds = (double)done / o->rate_hz;
    fprintf(stderr, "\r%s: %3.0f %%  %.1f s  %.0f times real time ", o->out,
            100.0 * (double)done / (double)total, seconds, seconds / (spent > 0 ? spent : 1e-9));
}

/** One chunk of whole blocks; edits that are due take over at their block. */
static bool render_chunk(struct world *w, const struct options *o, uint32_t *next_edit, float *planar,
                         uint32_t n_frames, struct drv_times *times)
{
    for (uint32_t at = 0; at < n_frames; at += DSP_BLOCK_FRAMES) {
        float *const block[CHANNELS] = { planar + at, planar + CHUNK_FRAMES + at };
        if (*next_edit < o->n_edits && o->edits[*next_edit].frame <= rt_world_frame(w->rt) &&
            !nrt_program_pending(w->context.programs))
            if (!apply(w, o->edits[(*next_edit)++].path))
                return false;
        if (o->meter)
            drv_times_render(times, w, block);
        else
            world_render_block(w, block);
    }
    return true;
}

static bool render(struct world *w, const struct options *o, SNDFILE *file, uint64_t n_frames)
{
    static float planar[CHANNELS * CHUNK_FRAMES], interleaved[CHANNELS * CHUNK_FRAMES];
    const bool shows_progress = !o->quiet && isatty(STDERR_FILENO);
    const uint64_t begin_ns = drv_clock_ns(CLOCK_MONOTONIC);
    /* the safety limiter looks ahead 1 ms: its latency is cut off, so that cycle 0 is frame 0 */
    const uint64_t skip = o->raw ? 0 : (uint64_t)lrint(0.001 * o->rate_hz);
    struct drv_times times = { 0 };
    uint64_t done = 0;
    uint32_t next_edit = 0;
    bool ok = true;
    while (ok && done < n_frames + skip) {
        ok = render_chunk(w, o, &next_edit, planar, CHUNK_FRAMES, &times);
        const uint64_t begin = done < skip ? skip - done : 0;
        const uint64_t left = n_frames + skip - done;
        const uint64_t end = left < CHUNK_FRAMES ? left : CHUNK_FRAMES;
        for (uint64_t i = begin; i < end; i++)
            for (uint32_t c = 0; c < CHANNELS; c++)
                interleaved[(i - begin) * CHANNELS + c] = planar[c * CHUNK_FRAMES + i];
        if (ok && sf_writef_float(file, interleaved, (sf_count_t)(end - begin)) != (sf_count_t)(end - begin)) {
            fprintf(stderr, "phonon-render: %s: %s\n", o->out, sf_strerror(file));
            ok = false;
        }
        done += CHUNK_FRAMES;
        if (shows_progress)
            print_progress(o, done < n_frames ? done : n_frames, n_frames, begin_ns);
    }
    if (shows_progress)
        fputc('\n', stderr);
    if (o->meter && o->blocks)
        drv_times_write(&times, "phonon-render", o->blocks);
    if (o->meter)
        drv_times_print(&times, DSP_BLOCK_FRAMES, o->rate_hz);
    drv_times_finish(&times);
    return ok;
}

/** Tempo that a program sets, or the default: --cycles counts in it. */
static bool program_cps(const char *path, struct ph_ratio *cps)
{
    struct ph_program program = { 0 };
    const bool ok = compile_file(path, false, &program); /* it is compiled again when it plays */
    if (ok && program.has_cps)
        *cps = program.cps;
    ph_program_finish(&program);
    return ok;
}

int main(int argc, char **argv)
{
    static struct options o;
    if (!parse_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    struct world_config config = { .offline = true, .max_logins = 1, .first_cycle = o.from_cycle,
                                   .lookahead_ms = o.lookahead_ms };
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = o.rate_hz;
    config.engine.n_outputs = CHANNELS;
    config.engine.n_inputs = 0;
    if (!program_cps(o.edits[0].path, &config.engine.cps))
        return EXIT_FAILURE;
    const double seconds = o.seconds > 0 ? o.seconds : o.cycles / ph_ratio_to_double(config.engine.cps);

    drv_flush_denormals();
    SF_INFO info = { .samplerate = (int)o.rate_hz, .channels = CHANNELS,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const file = sf_open(o.out, SFM_WRITE, &info);
    if (!file) {
        fprintf(stderr, "phonon-render: can't write %s: %s\n", o.out, sf_strerror(NULL));
        return EXIT_FAILURE;
    }
    /* libsndfile's peak chunk carries the date: equal programs shall give equal files */
    sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    char error[256] = "";
    struct world *w = NULL;
    bool ok = world_new(&config, &w, error) == PH_OK;
    if (!ok)
        fprintf(stderr, "phonon-render: %s\n", error);
    ok = ok && render(w, &o, file, (uint64_t)llrint(seconds * o.rate_hz));
    world_free(w);
    sf_close(file);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
