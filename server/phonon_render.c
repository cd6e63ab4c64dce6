/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/phonon_render.c - a program to a sound file, faster than real time: the engine, the     */
/* players and the samples are those of a live run, only the caller of the blocks is another.     */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/compile.h"
#include "server/drivers/thread.h"
#include "server/drivers/times.h"
#include "server/picture.h"
#include "server/stems.h"
#include "server/world.h"

enum { CHANNELS = 2, EDITS_MAX = 16384, CHUNK_FRAMES = 64 * 256 };

/** A program and the frame from which it counts. */
struct edit {
    uint64_t frame;
    const char *path;
};

struct options {
    const char *out, *blocks, *picture;
    double cycles, seconds, tail_seconds;
    struct ph_ratio from_cycle;
    uint32_t rate_hz, n_edits, lookahead_ms;
    bool raw, meter, quiet, stems, help;
    struct edit edits[EDITS_MAX];
};

/* ---- options --------------------------------------------------------------------------------- */

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_WHOLE, OPTION_RATIO, OPTION_EDIT };

struct option {
    const char *word;
    enum option_kind kind;
    size_t offset;
    const char *argument, *help;
    double low, high; /* NUMBER, WHOLE */
};

#define AT(field) offsetof(struct options, field)
static const struct option option_table[] = {
    { "--cycles", OPTION_NUMBER, AT(cycles), "N", "length in cycles of the tempo that FILE sets (8)", 0,
      1e9 },
    { "--seconds", OPTION_NUMBER, AT(seconds), "S", "length in seconds", 0, 1e9 },
    { "--tail", OPTION_NUMBER, AT(tail_seconds), "S",
      "then nothing more begins: S seconds in which what sounds rings out", 0, 1e6 },
    { "--from-cycle", OPTION_RATIO, AT(from_cycle), "C", "begin at that cycle", 0, 0 },
    { "--stems", OPTION_FLAG, AT(stems), "", "a file for each output too: OUT-o1.wav, OUT-out.wav", 0, 0 },
    { "--picture", OPTION_TEXT, AT(picture), "OUT.png", "waveform, spectrogram and the grid of cycles", 0,
      0 },
    { "--at", OPTION_EDIT, 0, "FRAME FILE",
      "from that frame on FILE plays, as if it had been sent; may be repeated", 0, 0 },
    { "--rate", OPTION_WHOLE, AT(rate_hz), "HZ", "sample rate (48000)", 1000, 768000 },
    { "--look-ahead", OPTION_WHOLE, AT(lookahead_ms), "MS",
      "as phonond's (100); changes nothing that is heard", 5, 2000 },
    { "--raw", OPTION_FLAG, AT(raw), "", "keep the output stage's latency of 1 ms at the beginning", 0, 0 },
    { "--meter", OPTION_FLAG, AT(meter), "", "print what the blocks cost", 0, 0 },
    { "--blocks", OPTION_TEXT, AT(blocks), "FILE",
      "with --meter: write the nanoseconds of each block, one a line", 0, 0 },
    { "--quiet", OPTION_FLAG, AT(quiet), "", "no progress bar", 0, 0 },
    { "--help", OPTION_FLAG, AT(help), "", "this text", 0, 0 },
};
#undef AT
enum { N_OPTIONS = sizeof option_table / sizeof option_table[0] };

static void print_help(FILE *to)
{
    fputs("usage: phonon-render FILE OUT.wav [options]\n\n", to);
    for (uint32_t i = 0; i < N_OPTIONS; i++) {
        const struct option *const o = &option_table[i];
        fprintf(to, "  %-12s %-10s %s\n", o->word, o->argument, o->help);
    }
}

/* song.wav -> song- : the records of `tap` stand beside it. */
static char *tap_prefix_of(const char *out)
{
    char *const prefix = malloc(strlen(out) + 2);

    if (!prefix)
        return NULL;
    strcpy(prefix, out);
    char *const point = strrchr(prefix, '.');
    if (point && !strchr(point, '/'))
        *point = '\0';
    return strcat(prefix, "-");
}

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

/** The words behind an option that it takes. */
static int n_values(const struct option *option)
{
    return option->kind == OPTION_FLAG ? 0 : option->kind == OPTION_EDIT ? 2 : 1;
}

static bool take_values(const struct option *option, char **words, struct options *o)
{
    void *const field = (char *)o + option->offset;
    double number = 0;
    if (option->kind == OPTION_TEXT) {
        *(const char **)field = words[0];
        return words[0][0] != 0;
    }
    if (option->kind == OPTION_RATIO)
        return ph_ratio_parse(words[0], strlen(words[0]), field) == PH_OK;
    if (option->kind == OPTION_FLAG) {
        *(bool *)field = true;
        return true;
    }
    if (!parse_number(words[0], &number))
        return false;
    if (option->kind == OPTION_EDIT)
        return add_edit(o, number, words[1]);
    if (number < option->low || number > option->high)
        return false;
    if (option->kind == OPTION_WHOLE)
        *(uint32_t *)field = (uint32_t)number;
    else
        *(double *)field = number;
    return true;
}

static const struct option *find_option(const char *word)
{
    for (uint32_t i = 0; i < N_OPTIONS; i++)
        if (strcmp(option_table[i].word, word) == 0)
            return &option_table[i];
    return NULL;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .cycles = 8, .from_cycle = PH_RATIO(0, 1), .rate_hz = 48000 };
    for (int i = 1; i < argc; i++) {
        const struct option *const option = find_option(argv[i]);
        if (option) {
            if (i + n_values(option) >= argc || !take_values(option, argv + i + 1, o)) {
                fprintf(stderr, "phonon-render: %s takes %s\n", option->word, option->argument);
                return false;
            }
            i += n_values(option);
        } else if (argv[i][0] != '-' && o->n_edits == 0) {
            add_edit(o, 0, argv[i]);
        } else if (argv[i][0] != '-' && !o->out) {
            o->out = argv[i];
        } else {
            return false;
        }
    }
    return o->help || (o->n_edits > 0 && o->edits[0].frame == 0 && o->out);
}

/* ---- programs -------------------------------------------------------------------------------- */

/**
 * Compiles a file; messages are printed as `file:line:col:
 * error: ...`, without errors only if `says_all`.
 */
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

static bool apply(struct world *w, struct ph_program *program, const char *path)
{
    char error[256];
    const ph_status status = nrt_program_apply(w->context.programs, program, error);
    ph_program_finish(program);
    if (status != PH_OK)
        fprintf(stderr, "phonon-render: %s: %s\n", path, error);
    return status == PH_OK;
}

static bool apply_file(struct world *w, const char *path)
{
    struct ph_program program = { 0 };
    return compile_file(path, true, &program) && apply(w, &program, path);
}

/** The same program, of whose players none begins an event any more. */
static bool apply_tail(struct world *w, const char *path)
{
    struct ph_program program = { 0 };
    bool ok = compile_file(path, false, &program);
    for (uint32_t i = 0; ok && i < program.n_players; i++) {
        struct ph_program_player *const player = &program.players[i];
        struct ph_pattern_build silence = { 0 };
        if (player->kind != PH_PLAYER_EVENTS)
            continue;
        ph_pattern_code_finish(&player->code);
        const uint32_t root = ph_pattern_emit(&silence, PH_PAT_SILENCE, NULL, 0, NULL, 0);
        ok = ph_pattern_build_end(&silence, root, &player->code) == PH_OK;
    }
    program.move = PH_CLOCK_RUNS_ON;
    ph_program_hash(&program);
    return ok && apply(w, &program, path);
}

/* ---- rendering ------------------------------------------------------------------------------- */

/** What is under way. */
struct render {
    const struct options *o;
    struct world *w;
    SNDFILE *file;
    struct stems *stems;
    struct picture *picture;
    uint64_t n_frames;   /* of the file */
    uint64_t tail_frame; /* from here on nothing begins; UINT64_MAX: no tail */
    uint32_t next_edit;
    bool is_tail;
    struct drv_times times;
};

static void print_progress(const struct render *r, uint64_t done, uint64_t begin_ns)
{
    enum { BAR = 24 };
    const double spent = (double)(drv_clock_ns(CLOCK_MONOTONIC) - begin_ns) / 1e9;
    const double seconds = (double)done / r->o->rate_hz;
    const int full = (int)(BAR * done / (r->n_frames ? r->n_frames : 1));
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = 0;
    fprintf(stderr, "\r%s [%s] %3.0f %%  %.1f s  %.0f times real time ", r->o->out, bar,
            100.0 * (double)done / (double)(r->n_frames ? r->n_frames : 1), seconds,
            seconds / (spent > 0 ? spent : 1e-9));
}

/** Edits and the tail take over at their block. */
static bool apply_what_is_due(struct render *r)
{
    const struct options *const o = r->o;
    const uint64_t frame = rt_world_frame(r->w->rt);
    if (nrt_program_pending(r->w->context.programs))
        return true;
    if (r->next_edit < o->n_edits && o->edits[r->next_edit].frame <= frame)
        return apply_file(r->w, o->edits[r->next_edit++].path);
    if (r->is_tail || frame < r->tail_frame)
        return true;
    r->is_tail = true;
    return apply_tail(r->w, o->edits[r->next_edit - 1].path);
}

/** One chunk of whole blocks. */
static bool render_chunk(struct render *r, float *planar)
{
    for (uint32_t at = 0; at < CHUNK_FRAMES; at += DSP_BLOCK_FRAMES) {
        float *const block[CHANNELS] = { planar + at, planar + CHUNK_FRAMES + at };
        const uint64_t frame = rt_world_frame(r->w->rt);
        if (!apply_what_is_due(r))
            return false;
        if (r->o->meter)
            drv_times_render(&r->times, r->w, NULL, block);
        else
            world_render_block(r->w, block);
        const uint64_t left = frame < r->n_frames ? r->n_frames - frame : 0;
        if (r->stems && left > 0 &&
            !stems_add(r->stems, r->w, frame,
                       left < DSP_BLOCK_FRAMES ? (uint32_t)left : DSP_BLOCK_FRAMES))
            return false;
    }
    return true;
}

static bool write_frames(struct render *r, const float *frames, uint32_t n)
{
    if (r->picture)
        picture_add(r->picture, frames, n);
    if (sf_writef_float(r->file, frames, n) == (sf_count_t)n)
        return true;
    fprintf(stderr, "phonon-render: %s: %s\n", r->o->out, sf_strerror(r->file));
    return false;
}

static bool render(struct render *r)
{
    static float planar[CHANNELS * CHUNK_FRAMES], interleaved[CHANNELS * CHUNK_FRAMES];
    const struct options *const o = r->o;
    const bool shows_progress = !o->quiet && isatty(STDERR_FILENO);
    const uint64_t begin_ns = drv_clock_ns(CLOCK_MONOTONIC);
    /* the safety limiter looks ahead 1 ms: its latency is cut off, so that cycle 0 is frame 0 */
    const uint64_t skip = o->raw ? 0 : (uint64_t)lrint(0.001 * o->rate_hz);
    uint64_t done = 0;
    bool ok = true;
    while (ok && done < r->n_frames + skip) {
        ok = render_chunk(r, planar);
        const uint64_t begin = done < skip ? skip - done : 0;
        const uint64_t left = r->n_frames + skip - done;
        const uint64_t end = left < CHUNK_FRAMES ? left : CHUNK_FRAMES;
        for (uint64_t i = begin; i < end; i++)
            for (uint32_t c = 0; c < CHANNELS; c++)
                interleaved[(i - begin) * CHANNELS + c] = planar[c * CHUNK_FRAMES + i];
        ok = ok && write_frames(r, interleaved, (uint32_t)(end - begin));
        done += CHUNK_FRAMES;
        if (shows_progress)
            print_progress(r, done < r->n_frames ? done : r->n_frames, begin_ns);
    }
    if (shows_progress)
        fputc('\n', stderr);
    if (o->meter && o->blocks)
        drv_times_write(&r->times, "phonon-render", o->blocks);
    if (o->meter)
        drv_times_print(&r->times, DSP_BLOCK_FRAMES, o->rate_hz);
    drv_times_finish(&r->times);
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

static SNDFILE *open_file(const struct options *o)
{
    SF_INFO info = { .samplerate = (int)o->rate_hz, .channels = CHANNELS,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const file = sf_open(o->out, SFM_WRITE, &info);
    if (!file)
        fprintf(stderr, "phonon-render: can't write %s: %s\n", o->out, sf_strerror(NULL));
    else /* libsndfile's peak chunk carries the date: equal programs shall give equal files */
        sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    return file;
}

static bool write_picture(const struct render *r)
{
    if (!r->picture || picture_write(r->picture, r->o->picture))
        return true;
    fprintf(stderr, "phonon-render: can't write %s: %s\n", r->o->picture, strerror(errno));
    return false;
}

/** Stems and picture; false when memory is short. */
static bool open_extras(struct render *r, double cps)
{
    const struct options *const o = r->o;
    const struct picture_config picture = { .rate_hz = o->rate_hz, .n_frames = r->n_frames, .cps = cps,
                                            .first_cycle = ph_ratio_to_double(o->from_cycle) };
    if (o->stems)
        r->stems = stems_new(o->out, o->rate_hz);
    if (o->picture)
        r->picture = picture_new(&picture);
    if (o->stems == (r->stems != NULL) && (o->picture != NULL) == (r->picture != NULL))
        return true;
    fprintf(stderr, "phonon-render: out of memory\n");
    return false;
}

static bool run(const struct options *o, const struct world_config *config)
{
    const double cps = ph_ratio_to_double(config->engine.cps);
    const double seconds = o->seconds > 0 ? o->seconds : o->cycles / cps;
    const uint64_t n_frames = (uint64_t)llrint(seconds * o->rate_hz);
    struct render r = { .o = o, .tail_frame = o->tail_seconds > 0 ? n_frames : UINT64_MAX,
                        .n_frames = n_frames + (uint64_t)llrint(o->tail_seconds * o->rate_hz) };
    char error[256] = "";
    r.file = open_file(o);
    bool ok = r.file && open_extras(&r, cps);
    if (ok && world_new(config, &r.w, error) != PH_OK) {
        fprintf(stderr, "phonon-render: %s\n", error);
        ok = false;
    }
    ok = ok && render(&r);
    world_free(r.w);
    ok &= stems_close(r.stems, r.n_frames);
    ok = ok && write_picture(&r);
    picture_free(r.picture);
    if (r.file)
        sf_close(r.file);
    return ok;
}

int main(int argc, char **argv)
{
    static struct options o;
    if (!parse_options(argc, argv, &o)) {
        print_help(stderr);
        return 2;
    }
    if (o.help) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    struct world_config config = { .offline = true, .max_logins = 1, .first_cycle = o.from_cycle,
                                   .lookahead_ms = o.lookahead_ms, .has_stems = o.stems };
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = o.rate_hz;
    config.engine.n_outputs = CHANNELS;
    config.engine.n_inputs = 0;
    if (!program_cps(o.edits[0].path, &config.engine.cps))
        return EXIT_FAILURE;
    char *const tap_prefix = tap_prefix_of(o.out);
    config.tap_prefix = tap_prefix;
    drv_flush_denormals();
    const bool ok = run(&o, &config);
    free(tap_prefix);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
