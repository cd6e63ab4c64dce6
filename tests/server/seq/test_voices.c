/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/seq/test_voices.c - one event: which sound, which pitch, how long, how loud.      */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/voice.h"
#include "server/link/command.h"
#include "server/link/report.h"
#include "server/rt/block.h"
#include "server/seq/builtin.h"
#include "server/seq/voices.h"
#include "tests/server/seq/support.h"

enum { RATE = 48000, ONES_FRAMES = 10000 };

static struct nrt_symbols *symbols;
static struct load_bank *bank;
static struct seq_voice_table *table;
static char folder[128];

static const char *path_of(const char *name)
{
    static char path[192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

enum { RAMP, CLICK, TONE, N_SOUNDS };
static const char *const sound_names[N_SOUNDS] = { "ramp.wav", "click.wav", "tone.wav" };
static const uint32_t click_at = 100; /* behind the attack of a sample voice */

/** ramp: -1 .. 1; click: one frame; tone: 100 Hz. */
static float sound_at(int sound, uint32_t i)
{
    if (sound == RAMP)
        return -1.0f + 2.0f * (float)i / ONES_FRAMES;
    return sound == CLICK ? i == click_at : (float)(0.9 * sin(2 * M_PI * 100.0 * i / RATE));
}

static void write_file(const char *name, int channels, const float *data)
{
    SF_INFO info = { .samplerate = RATE, .channels = channels,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const f = sf_open(path_of(name), SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(sf_writef_float(f, data, ONES_FRAMES), ONES_FRAMES);
    sf_close(f);
}

/** A bank of `ones`, ONES_FRAMES of 1.0 (stereo where `channels` is 2), and the sounds above. */
static void write_files(int channels)
{
    static float data[2 * ONES_FRAMES];
    for (int i = 0; i < 2 * ONES_FRAMES; i++)
        data[i] = 1.0f;
    write_file("ones.wav", channels, data);
    for (int k = 0; k < N_SOUNDS; k++) {
        for (uint32_t i = 0; i < ONES_FRAMES; i++)
            data[i] = sound_at(k, i);
        write_file(sound_names[k], 1, data);
    }
}

static struct nrt_target target;

static void open_table(int channels)
{
    target = (struct nrt_target){ dsp_set_best(), RATE, DSP_BLOCK_FRAMES, 64 };
    snprintf(folder, sizeof folder, "%s/phonon-voices-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_files(channels);
    const char *const root = folder;
    const struct load_bank_config b = { .rate_hz = RATE,
                                        .n_buffers = KEPT_MAX,
                                        .loaded = keep_loaded,
                                        .roots = &root,
                                        .n_roots = 1 };
    ck_assert_int_eq(nrt_symbols_new(&symbols), PH_OK);
    ck_assert_int_eq(load_bank_new(&b, &bank), PH_OK);
    ck_assert_int_eq(seq_voice_table_new(&target, symbols, bank, &table), PH_OK);
}

static void setup(void)
{
    open_table(1);
}

static struct seq_voice voices[SEQ_VOICES_PER_EVENT_MAX];
static uint32_t n_voices;

static void free_voices(void)
{
    for (uint32_t i = 0; i < n_voices; i++)
        nrt_synth_free(voices[i].synth);
    n_voices = 0;
}

static void teardown(void)
{
    free_voices();
    seq_voice_table_free(table);
    load_bank_free(bank);
    free_kept();
    nrt_symbols_free(symbols);
    remove(path_of("ones.wav"));
    for (int k = 0; k < N_SOUNDS; k++)
        remove(path_of(sound_names[k]));
    remove(folder);
}

/* ---- events by hand -------------------------------------------------------------------------- */

static struct pat_control num(const char *key, double x)
{
    return (struct pat_control){ key, { .kind = PH_VALUE_NUMBER, .number = x } };
}

static struct pat_control txt(const char *key, const char *text)
{
    return (struct pat_control){ key, { .kind = PH_VALUE_WORD, .text = text } };
}

static struct pat_control midi(const char *key, double note)
{
    return (struct pat_control){ key, { .kind = PH_VALUE_NOTE, .number = note } };
}

static struct pat_control chord(const char *key, bool relative, float a, float b, float c)
{
    return (struct pat_control){ key, { .kind = PH_VALUE_CHORD, .relative = relative, .n_notes = 3,
                                        .notes = { a, b, c } } };
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct pat_control *)a)->key, ((const struct pat_control *)b)->key);
}

static struct rt_def *default_def;

/** Voices of an event of half a second at two cycles a second. Controls end with a NULL key. */
static uint32_t make(const struct pat_control *list)
{
    struct pat_control sorted[16];
    uint32_t n = 0;
    for (; list[n].key; n++)
        sorted[n] = list[n];
    qsort(sorted, n, sizeof *sorted, by_key);
    const struct pat_value value = { .is_controls = true, .n_controls = n, .controls = sorted };
    const struct seq_event event = { .value = &value, .span_seconds = 0.5, .cps = 2.0 };
    free_voices();
    n_voices = seq_event_voices(table, &event, 6, default_def, 99, voices);
    return n_voices;
}

#define MAKE(...) make((const struct pat_control[]){ __VA_ARGS__, { NULL } })

static double get(uint32_t i, const char *name)
{
    return control(symbols, voices[i].synth, name);
}

/** Frames that EnvGen makes of a time. */
static uint32_t segment(const char *name)
{
    const double frames = get(0, name) * RATE;
    return frames > 1.0 ? (uint32_t)frames : 1;
}

static uint32_t gate_frames(void)
{
    return segment("attack") + segment("decay") + segment("hold");
}

static uint32_t all_frames(void)
{
    return gate_frames() + segment("release");
}

/* ---- length ---------------------------------------------------------------------------------- */

#define SAMPLE_RELEASE 144 /* 3 ms */

START_TEST(a_sample_lasts_exactly_as_long_as_its_data)
{
    ck_assert_uint_eq(MAKE(txt("s", "ones")), 1);
    ck_assert_uint_eq(all_frames(), ONES_FRAMES);
    ck_assert_uint_eq(segment("attack"), 48);
    ck_assert_uint_eq(segment("release"), SAMPLE_RELEASE);
    ck_assert_double_eq(get(0, "rate"), 1.0);
    ck_assert_double_eq(get(0, "out"), 6.0);
    MAKE(txt("s", "ones"), num("speed", 2));
    ck_assert_uint_eq(all_frames(), ONES_FRAMES / 2);
    MAKE(txt("s", "ones"), num("speed", -3));
    ck_assert_uint_eq(all_frames(), 3334); /* rounded up: the last frame counts */
    ck_assert_double_eq(get(0, "rate"), -3.0);
    MAKE(txt("s", "ones"), num("begin", 0.25), num("end", 0.5));
    ck_assert_uint_eq(all_frames(), ONES_FRAMES / 4);
    MAKE(txt("s", "ones"), num("begin", 0.5), num("end", 0.25)); /* turned round */
    ck_assert_uint_eq(all_frames(), ONES_FRAMES / 4);
    MAKE(txt("s", "ones"), num("end", 0.005)); /* shorter than its fades */
    ck_assert_uint_eq(all_frames(), 50);
    ck_assert_uint_eq(gate_frames(), 25);
}
END_TEST

START_TEST(the_rules_of_length_hold_in_their_order_for_samples)
{
    MAKE(txt("s", "ones"), num("dur", 0.1), num("legato", 0.2), num("attack", 0.01));
    ck_assert_uint_eq(gate_frames(), 4800);
    ck_assert_uint_eq(segment("release"), SAMPLE_RELEASE);
    ck_assert_uint_eq(segment("attack"), 480);
    MAKE(txt("s", "ones"), num("legato", 0.2), num("attack", 0.01), num("decay", 0.1));
    ck_assert_uint_eq(gate_frames(), 4800); /* of half a second */
    MAKE(txt("s", "ones"), num("attack", 0.01));
    ck_assert_uint_eq(all_frames(), 480 + SAMPLE_RELEASE); /* rule 4: hold is 0 */
    MAKE(txt("s", "ones"), num("attack", 0.01), num("hold", 0.05), num("release", 0.02));
    ck_assert_uint_eq(gate_frames(), 480 + 2400);
    ck_assert_uint_eq(segment("release"), 960);
    MAKE(txt("s", "ones"), num("loop", 1));
    ck_assert_uint_eq(all_frames(), 24000); /* rule 5: the span, not the sample */
    ck_assert_double_eq(get(0, "loop"), 1.0);
    MAKE(txt("s", "ones"), num("loop", 1), num("dur", 2));
    ck_assert_uint_eq(gate_frames(), 96000);
    MAKE(txt("s", "ones"), num("dur", 2)); /* nothing to play after the data */
    ck_assert_uint_eq(all_frames(), ONES_FRAMES);
    MAKE(txt("s", "ones"), num("dur", 0));
    ck_assert_uint_eq(all_frames(), SAMPLE_RELEASE);
}
END_TEST

START_TEST(synths_last_as_the_rules_say)
{
    MAKE(txt("s", "saw"));
    ck_assert_uint_eq(segment("attack"), 480); /* rule 7: ar 0.01 0.3 */
    ck_assert_uint_eq(all_frames(), 480 + 14400);
    MAKE(txt("s", "saw"), num("legato", 1));
    ck_assert_uint_eq(gate_frames(), 24000);
    ck_assert_uint_eq(segment("release"), 14400);
    MAKE(txt("s", "saw"), num("attack", 0.1), num("decay", 0.1), num("sustain", 0.5),
         num("release", 0.4));
    ck_assert_uint_eq(segment("attack"), 4800);
    ck_assert_uint_eq(segment("decay"), 4800);
    ck_assert_uint_eq(gate_frames(), 24000); /* rule 3: the span */
    ck_assert_uint_eq(segment("release"), 19200);
    ck_assert_double_eq(get(0, "sustain"), 0.5);
    MAKE(txt("s", "saw"), num("decay", 0.1));
    ck_assert_double_eq_tol(get(0, "sustain"), 0.7, 1e-7); /* a float */
    /* fades that don't fit */
    MAKE(txt("s", "saw"), num("attack", 20), num("decay", 20), num("legato", 1));
    ck_assert_uint_eq(gate_frames(), 24000);
    MAKE(txt("s", "saw"), num("dur", 1e9), num("attack", -5), num("release", 1e9));
    ck_assert_uint_le(all_frames(), 3621u * RATE); /* everything ends */
}
END_TEST

/* ---- pitch ----------------------------------------------------------------------------------- */

START_TEST(note_numbers_are_relative_and_names_absolute)
{
    MAKE(txt("s", "ones"), num("note", 12));
    ck_assert_double_eq(get(0, "rate"), 2.0);
    ck_assert_uint_eq(all_frames(), ONES_FRAMES / 2);
    MAKE(txt("s", "ones"), midi("note", 72), num("speed", -0.5));
    ck_assert_double_eq(get(0, "rate"), -1.0);
    MAKE(txt("s", "saw"), num("note", -12));
    ck_assert_double_eq(get(0, "ratio"), 0.5);
    MAKE(txt("s", "saw"), midi("note", 69));
    ck_assert_double_eq_tol(get(0, "ratio"), 440 / 261.6256, 1e-6);
    MAKE(txt("s", "saw"), num("n", 12)); /* n is a pitch where note is absent */
    ck_assert_double_eq(get(0, "ratio"), 2.0);
    MAKE(txt("s", "saw"), num("n", 12), num("note", 0));
    ck_assert_double_eq(get(0, "ratio"), 1.0);
    MAKE(txt("s", "saw"), num("note", 7), num("up", 5));
    ck_assert_double_eq(get(0, "ratio"), 2.0);
    MAKE(txt("s", "ones"), num("n", 12)); /* of a sample, n is the index */
    ck_assert_double_eq(get(0, "rate"), 1.0);
}
END_TEST

START_TEST(a_chord_is_one_voice_a_note_at_the_level_of_one)
{
    ck_assert_uint_eq(MAKE(txt("s", "saw"), chord("note", false, 60, 64, 67), num("gain", 0.6)), 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_double_eq_tol(get(i, "gain"), 0.6 / sqrt(3), 1e-7);
    /* base 261.6256, c4 261.6255653 */
    ck_assert_double_eq_tol(get(1, "ratio"), exp2(4 / 12.0), 1e-5);
    ck_assert_uint_ne(voices[0].synth->seed, voices[1].synth->seed);
    ck_assert_uint_eq(MAKE(txt("s", "ones"), chord("note", true, 0, 12, 24)), 3);
    ck_assert_double_eq(get(2, "rate"), 4.0);
    ck_assert_uint_eq(MAKE(txt("s", "saw"), chord("n", true, 0, 12, 24)), 3);
    ck_assert_double_eq(get(1, "ratio"), 2.0);
}
END_TEST

START_TEST(unit_says_what_speed_means)
{
    const double sample_seconds = (double)ONES_FRAMES / RATE;
    MAKE(txt("s", "ones"), txt("unit", "c"), num("speed", 2));
    /* twice in a cycle of half a second */
    ck_assert_double_eq_tol(get(0, "rate"), 4 * sample_seconds, 1e-7);
    MAKE(txt("s", "ones"), txt("unit", "s"), num("speed", 0.1));
    ck_assert_uint_eq(all_frames(), 4800);
    MAKE(txt("s", "ones"), txt("unit", "r"), num("speed", 2));
    ck_assert_double_eq(get(0, "rate"), 2.0);
    MAKE(txt("s", "ones"), num("accelerate", 1));
    ck_assert_double_eq(get(0, "rate"), 1.0);
    ck_assert_double_eq(get(0, "rate_end"), 2.0);
    ck_assert_uint_eq(all_frames(), 6667); /* at 1.5 on average */
}
END_TEST

START_TEST(what_would_be_silent_makes_no_voice)
{
    ck_assert_uint_eq(MAKE(txt("s", "ones"), num("speed", 0)), 0);
    ck_assert_uint_eq(MAKE(txt("s", "ones"), num("begin", 0.5), num("end", 0.5)), 0);
    ck_assert_uint_eq(MAKE(num("gain", 1)), 0); /* neither sound nor pitch */
}
END_TEST

START_TEST(numbers_out_of_range_are_brought_inside)
{
    MAKE(txt("s", "ones"), num("gain", 50), num("pan", -7), num("speed", 300), num("begin", -1),
         num("end", 9));
    ck_assert_double_eq(get(0, "gain"), 10);
    ck_assert_double_eq(get(0, "pan"), -1);
    ck_assert_double_eq(get(0, "rate"), 20);
    ck_assert_double_eq(get(0, "begin"), 0);
    ck_assert_double_eq(get(0, "end"), 1);
    MAKE(txt("s", "ones"), num("gain", NAN), num("speed", INFINITY), num("note", NAN),
         num("legato", NAN));
    ck_assert_double_eq(get(0, "gain"), 1); /* as if they weren't there */
    ck_assert_double_eq(get(0, "rate"), 1);
    ck_assert_uint_eq(all_frames(), ONES_FRAMES);
    ck_assert_uint_eq(MAKE(txt("s", "ones"), num("cut", 3.7)), 1);
    ck_assert_int_eq(voices[0].cut, 3);
}
END_TEST

/* ---- which sound ----------------------------------------------------------------------------- */

static struct rt_def *compiled_with(const char *name, float base_hz, uint32_t effects)
{
    struct ph_build b = { 0 };
    struct ph_synthdef def;
    struct rt_def *out;
    char error[128];
    ph_build_begin(&b, name);
    const struct ph_input ratio_in = ph_voice_ratio(&b, base_hz);
    const struct ph_input cutoff = ph_build_control(&b, "cutoff", 500, PH_CONTROL);
    const struct ph_input osc[] = { ratio_in, ph_build_constant(&b, 0) };
    const struct ph_input in[] = { ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, osc, 2, 0), cutoff };
    const struct ph_input sound = ph_build_unit(&b, "LPF", PH_AUDIO, 0, 1, in, 2, 0);
    ph_voice_end_effects(&b, sound, sound, 0.01f, 0.3f, effects);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ck_assert_int_eq(nrt_def_compile(&def, symbols, &target, &out, error), PH_OK);
    ph_synthdef_finish(&def);
    return out;
}

static struct rt_def *compiled(const char *name, float base_hz)
{
    return compiled_with(name, base_hz, 0);
}

START_TEST(words_of_the_program_come_before_samples_and_built_in_synths)
{
    struct rt_def *const mine = compiled("mine", 110);
    const struct seq_word list[] = { { "~bass", mine }, { "ones", mine } };
    struct seq_words *words;
    MAKE(txt("s", "ones"));
    ck_assert_str_eq(voices[0].synth->def->name, "sample1");
    MAKE(txt("s", "saw"));
    ck_assert_str_eq(voices[0].synth->def->name, "saw");
    ck_assert_int_eq(seq_words_new(list, 2, &words), PH_OK);
    seq_voice_table_use(table, words);
    MAKE(txt("s", "ones"));
    ck_assert_ptr_eq(voices[0].synth->def, mine);
    MAKE(txt("s", "~bass"), midi("note", 45), num("cutoff", 900));
    ck_assert_ptr_eq(voices[0].synth->def, mine);
    ck_assert_double_eq_tol(get(0, "ratio"), 1.0, 1e-6); /* a2 is 110 Hz, its base */
    ck_assert_double_eq(get(0, "base"), 110);
    ck_assert_double_eq(get(0, "cutoff"), 900); /* a control of its own */
    MAKE(txt("s", "~bass"));
    ck_assert_double_eq(get(0, "cutoff"), 500);
    seq_voice_table_use(table, NULL);
    seq_words_free(words);
    nrt_def_release(mine);
}
END_TEST

START_TEST(notes_without_a_word_play_the_default)
{
    default_def = compiled("mine", 220);
    MAKE(midi("note", 57));
    ck_assert_ptr_eq(voices[0].synth->def, default_def);
    ck_assert_double_eq_tol(get(0, "ratio"), 1.0, 1e-6);
    struct rt_def *const mine = default_def;
    default_def = NULL;
    MAKE(num("n", 12));
    ck_assert_str_eq(voices[0].synth->def->name, "sine");
    ck_assert_double_eq(get(0, "ratio"), 2.0);
    free_voices();
    nrt_def_release(mine);
    const struct pat_value bare = { .plain = { .kind = PH_VALUE_NOTE, .number = 72 } };
    const struct seq_event event = { .value = &bare, .span_seconds = 1, .cps = 1 };
    n_voices = seq_event_voices(table, &event, 0, NULL, 1, voices);
    ck_assert_uint_eq(n_voices, 1);
    ck_assert_double_eq_tol(get(0, "ratio"), 2.0, 1e-5);
}
END_TEST

START_TEST(every_built_in_synth_can_be_named)
{
    static const char *const names[] = { "sine", "saw", "square", "pulse", "tri", "noise", "pink" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_uint_eq(MAKE(txt("s", names[i])), 1);
        ck_assert_str_eq(voices[0].synth->def->name, names[i]);
    }
}
END_TEST

START_TEST(an_unknown_word_is_warned_about_once_with_the_nearest_name)
{
    char log_path[160], text[512] = "";
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    ck_assert_ptr_nonnull(freopen(log_path, "w", stderr));
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(MAKE(txt("s", "onse")), 0);
        ck_assert_uint_eq(MAKE(num("s", 77777)), 0);
    }
    fflush(stderr);
    FILE *const f = fopen(log_path, "r");
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    remove(log_path);
    ck_assert_str_eq(text, "warning: no sound named 'onse'; did you mean 'ones'?\n"
                           "warning: no sound named '77777'\n");
}
END_TEST

START_TEST(a_sample_that_is_not_loaded_is_requested_and_silent_this_time)
{
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    const uint32_t n = MAKE(txt("s", "arpy"), num("n", 3));
    ck_assert_uint_le(n, 1); /* 1: the loader was faster */
    ck_assert(load_bank_wait(bank, 20000));
    ck_assert_uint_eq(MAKE(txt("s", "arpy"), num("n", 3)), 1);
}
END_TEST

/* ---- sound ----------------------------------------------------------------------------------- */

static float left_out[4 * RATE], right_out[4 * RATE];

/** Frees buffers; synths are the test's. */
static void reclaim(void *context, const struct link_report *r)
{
    (void)context;
    if (r->kind == LINK_REPORT_BUFFER) {
        load_buffer_finish(r->u.buffer);
        free(r->u.buffer);
    }
}

/** The engine's own, so that the next run has them too. */
static struct dsp_buffer *copy_of(const struct dsp_buffer *b)
{
    struct dsp_buffer *const copy = malloc(sizeof *copy);
    const size_t size = (size_t)b->n_frames * b->n_channels * sizeof *b->data;
    ck_assert_ptr_nonnull(copy);
    *copy = *b;
    copy->data = malloc(size);
    ck_assert_ptr_nonnull(copy->data);
    memcpy(copy->data, b->data, size);
    return copy;
}

/** Plays the first voice in the engine, straight into the outputs, and to its end. */
static void render(uint32_t n_frames)
{
    struct rt_config config;
    struct rt_world *world;
    rt_config_defaults(&config);
    config.rate_hz = RATE;
    config.n_outputs = 2;
    ck_assert_int_eq(rt_world_new(&config, &world), PH_OK);
    for (uint32_t i = 0; i < KEPT_MAX; i++)
        if (kept[i]) {
            const struct link_command swap = { .kind = LINK_BUFFER_SWAP,
                                               .u.buffer = { copy_of(kept[i]), i } };
            ck_assert(link_ring_push(rt_world_commands(world), &swap));
        }
    ck_assert(nrt_synth_set(voices[0].synth, nrt_symbol_find(symbols, "out"), 0));
    const struct link_command add = { .kind = LINK_SYNTH_ADD,
                                      .u.add = { .synth = voices[0].synth } };
    ck_assert(link_ring_push(rt_world_commands(world), &add));
    for (uint32_t i = 0; i < n_frames; i += DSP_BLOCK_FRAMES) {
        float *const out[] = { left_out + i, right_out + i };
        rt_block_run(world, NULL, out, 0);
    }
    struct link_report r;
    bool ended = false;
    while (link_ring_pop(rt_world_reports(world), &r)) {
        ended |= r.kind == LINK_REPORT_SYNTH && r.u.synth == voices[0].synth;
        reclaim(NULL, &r);
    }
    ck_assert_msg(ended, "the voice didn't end");
    rt_world_drain(world, reclaim, NULL);
    rt_world_free(world);
}

/** Frames from the first to the last that isn't silent; the first in `*first`. */
static uint32_t sounding(uint32_t n_frames, uint32_t *first)
{
    uint32_t begin = n_frames, end = 0;
    for (uint32_t i = 0; i < n_frames; i++)
        if (left_out[i] != 0.0f || right_out[i] != 0.0f) {
            begin = i < begin ? i : begin;
            end = i + 1;
        }
    *first = begin;
    return end > begin ? end - begin : 0;
}

START_TEST(a_sample_voice_sounds_from_its_first_frame_for_its_length)
{
    uint32_t first;
    MAKE(txt("s", "ones"), num("pan", -1), num("gain", 0.5));
    render(12800);
    /* the envelope is one frame into its course when it is born, so its last frame is silent */
    ck_assert_uint_eq(sounding(12800, &first), ONES_FRAMES - 1);
    ck_assert_uint_eq(first, 0);
    ck_assert_float_eq_tol(left_out[5000], 0.5f, 1e-6f);
    ck_assert_float_eq_tol(right_out[5000], 0.0f, 1e-6f);
    ck_assert_float_eq_tol(left_out[0], 0.5f / 48, 1e-6f); /* 1 ms attack */
}
END_TEST

START_TEST(every_kit_sound_is_heard_on_its_first_frame)
{
    static const char *const names[] = { "bd", "sn", "hh", "oh", "cp", "808bd", "arpy", "lt" };
    uint32_t first;
    MAKE(txt("s", names[_i]));
    render(3 * RATE);
    ck_assert_uint_gt(sounding(3 * RATE, &first), 1000);
    ck_assert_uint_le(first, 1);
}
END_TEST

START_TEST(backwards_and_accelerated_samples_play_to_their_end)
{
    uint32_t first;
    if (_i == 0)
        MAKE(txt("s", "ones"), num("speed", -2));
    else
        MAKE(txt("s", "ones"), num("accelerate", 1));
    render(12800);
    const uint32_t expected = _i == 0 ? ONES_FRAMES / 2 : 6667;
    ck_assert_uint_eq(sounding(12800, &first), expected - 1);
    /* -3 dB at the centre: still at full level */
    ck_assert_float_gt(left_out[expected - 200], 0.5f);
}
END_TEST

START_TEST(a_loop_sounds_for_the_span_of_its_event)
{
    uint32_t first;
    MAKE(txt("s", "ones"), num("loop", 1), num("begin", 0.1), num("end", 0.2));
    render(25600);
    ck_assert_uint_eq(sounding(25600, &first), 24000 - 1);
    ck_assert_float_eq_tol(left_out[20000], (float)sqrt(0.5), 1e-6f);
}
END_TEST

/** Frequency from the rising zero crossings between two frames. */
static double pitch_hz(uint32_t from, uint32_t to)
{
    double first = -1, last = -1;
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++)
        if (left_out[i] < 0 && left_out[i + 1] >= 0) {
            last = i + (double)left_out[i] / ((double)left_out[i] - (double)left_out[i + 1]);
            if (n++ == 0)
                first = last;
        }
    return (n - 1) * RATE / (last - first);
}

START_TEST(a_synth_voice_sounds_at_its_pitch)
{
    MAKE(txt("s", "sine"), midi("note", 69), num("legato", 1));
    render(RATE);
    /* crossings between samples, by line */
    ck_assert_double_eq_tol(pitch_hz(2400, 20000), 440, 0.05);
    MAKE(txt("s", "sine"));
    render(RATE);
    ck_assert_double_eq_tol(pitch_hz(2400, 12000), 261.6256, 0.05);
}
END_TEST

START_TEST(a_stereo_sample_keeps_its_sides)
{
    teardown();
    open_table(2);
    ck_assert_uint_eq(MAKE(txt("s", "ones")), 1);
    ck_assert_str_eq(voices[0].synth->def->name, "sample2");
    ck_assert_uint_eq(all_frames(), ONES_FRAMES);
}
END_TEST

/* ---- effects --------------------------------------------------------------------------------- */

#define LEFT txt("unit", "r"), num("pan", -1) /* all of it on one side, at gain 1 */
enum { HELD_FIRST = 48, HELD_END = ONES_FRAMES - SAMPLE_RELEASE - 1 }; /* where the envelope is 1 */

START_TEST(a_voice_pays_only_for_the_effects_that_its_event_uses)
{
    MAKE(txt("s", "ramp"), num("shape", 0), num("crush", 16), num("coarse", 1), num("squiz", 1));
    ck_assert_str_eq(voices[0].synth->def->name, "sample1");
    const uint32_t n_units = voices[0].synth->def->n_units;
    MAKE(txt("s", "ramp"), num("shape", 0.5));
    struct rt_def *const def = voices[0].synth->def;
    ck_assert_uint_gt(def->n_units, n_units);
    ck_assert_double_eq(get(0, "shape"), 0.5);
    MAKE(txt("s", "ramp"), num("shape", 7));
    ck_assert_ptr_eq(voices[0].synth->def, def); /* compiled once */
    ck_assert_double_eq_tol(get(0, "shape"), 0.99, 1e-7);
    MAKE(txt("s", "saw"), txt("vowel", "i"), num("crush", -3));
    ck_assert_double_eq(get(0, "vowel"), 2);
    ck_assert_double_eq(get(0, "crush"), 1);
    MAKE(txt("s", "saw"), num("vowel", 9));
    ck_assert_double_eq(get(0, "vowel"), 4);
    MAKE(txt("s", "saw"), txt("vowel", "xyz"));
    ck_assert_str_eq(voices[0].synth->def->name, "saw");
}
END_TEST

START_TEST(effects_that_are_there_and_not_used_change_no_bit)
{
    static float left[RATE], right[RATE];
    struct rt_def *const plain = compiled_with("plain", 220, 0);
    struct rt_def *const all = compiled_with("all", 220, PH_VOICE_EFFECTS_ALL);
    default_def = plain;
    MAKE(num("note", 3), num("pan", 0.3), num("legato", 0.7));
    ck_assert_ptr_eq(voices[0].synth->def, plain);
    render(RATE);
    memcpy(left, left_out, sizeof left);
    memcpy(right, right_out, sizeof right);
    default_def = all;
    MAKE(num("note", 3), num("pan", 0.3), num("legato", 0.7));
    ck_assert_ptr_eq(voices[0].synth->def, all);
    render(RATE);
    ck_assert_mem_eq(left, left_out, sizeof left);
    ck_assert_mem_eq(right, right_out, sizeof right);
    default_def = NULL;
    free_voices();
    nrt_def_release(plain);
    nrt_def_release(all);
}
END_TEST

START_TEST(effects_reach_the_voices_of_the_program)
{
    default_def = compiled_with("mine", 220, PH_VOICE_CRUSH);
    MAKE(num("note", 0), num("crush", 2), num("attack", 0), num("hold", 0.5), num("pan", -1));
    render(RATE);
    for (uint32_t i = 100; i < 20000; i++) /* two levels per polarity */
        ck_assert_msg(fabsf(2 * left_out[i] - rintf(2 * left_out[i])) < 1e-6f, "%u: %g", i,
                      (double)left_out[i]);
    free_voices();
    nrt_def_release(default_def);
    default_def = NULL;
}
END_TEST

static float shaped(float x, float s)
{
    const float k = 2 * s / (1 - s);
    return (1 + k) * x / (1 + k * fabsf(x));
}

static float crushed(float x, float bits)
{
    return floorf(x * exp2f(bits - 1) + 0.5f) / exp2f(bits - 1);
}

START_TEST(shape_bends_the_level)
{
    const float s = _i == 0 ? 0.3f : 0.9f;
    MAKE(txt("s", "ramp"), num("shape", (double)s), LEFT);
    render(12800);
    for (uint32_t i = HELD_FIRST; i < HELD_END; i++)
        ck_assert_float_eq_tol(left_out[i], shaped(sound_at(RAMP, i), s), 1e-5f);
}
END_TEST

START_TEST(crush_leaves_so_many_levels_per_polarity)
{
    bool met[9] = { false };
    MAKE(txt("s", "ramp"), num("crush", 3), LEFT);
    render(12800);
    for (uint32_t i = HELD_FIRST; i < HELD_END; i++) {
        const float level = 4 * left_out[i];
        ck_assert_float_eq_tol(level, rintf(level), 1e-5f);
        ck_assert_float_le(fabsf(left_out[i] - sound_at(RAMP, i)), 0.125f + 1e-5f);
        met[(int)rintf(level) + 4] = true;
    }
    for (int i = 0; i < 9; i++)
        ck_assert(met[i]);
}
END_TEST

START_TEST(coarse_holds_every_nth_frame)
{
    const uint32_t n = _i == 0 ? 7 : 256;
    MAKE(txt("s", "ramp"), num("coarse", n), LEFT);
    render(12800);
    for (uint32_t i = HELD_FIRST; i < HELD_END; i++)
        ck_assert_float_eq_tol(left_out[i], sound_at(RAMP, i - i % n), 1e-6f);
}
END_TEST

START_TEST(squiz_plays_waves_so_many_times_as_fast)
{
    MAKE(txt("s", "tone"), num("squiz", 3), LEFT);
    render(12800);
    uint32_t n = 0; /* rising crossings: 3 in each wave of 480 frames */
    for (uint32_t i = 1920; i < 1920 + 4800; i++)
        n += left_out[i] <= 0 && left_out[i + 1] > 0;
    ck_assert_uint_ge(n, 29);
    ck_assert_uint_le(n, 31);
}
END_TEST

/** Gain of what a click became, at a frequency. */
static double response(double hz)
{
    double re = 0, im = 0;
    for (uint32_t i = click_at; i < ONES_FRAMES; i++) {
        re += (double)left_out[i] * cos(2 * M_PI * hz * i / RATE);
        im += (double)left_out[i] * sin(2 * M_PI * hz * i / RATE);
    }
    return sqrt(re * re + im * im);
}

START_TEST(a_vowel_has_its_formants)
{
    static const double formants[5][3] = { { 730, 1090, 2440 }, { 530, 1840, 2480 },
                                           { 270, 2290, 3010 }, { 570, 840, 2410 },
                                           { 300, 870, 2240 } };
    static const double gains[] = { 1, 0.7, 0.5 }, bandwidths[] = { 60, 80, 100 };
    static const char *const letters[] = { "a", "e", "i", "o", "u" };
    MAKE(txt("s", "click"), txt("vowel", letters[_i]), LEFT);
    render(12800);
    for (int k = 0; k < 3; k++) {
        const double hz = formants[_i][k], top = response(hz);
        ck_assert_double_eq_tol(top, gains[k], 0.12); /* the skirts of the others */
        for (int side = -1; side <= 1; side += 2) { /* 3 dB down half a bandwidth away */
            const double down = response(hz + side * bandwidths[k] / 2) / top;
            ck_assert_msg(down > 0.55 && down < 0.85, "%s%d: %g", letters[_i], k + 1, down);
        }
    }
    ck_assert_double_lt(response(6000), 0.1);
}
END_TEST

START_TEST(effects_follow_each_other_in_their_order)
{
    MAKE(txt("s", "ramp"), num("shape", 0.5), num("crush", 4), num("coarse", 5), LEFT);
    render(12800);
    for (uint32_t i = HELD_FIRST; i < HELD_END; i++)
        ck_assert_float_eq_tol(left_out[i], shaped(crushed(sound_at(RAMP, i - i % 5), 4), 0.5f),
                               1e-5f);
}
END_TEST

START_TEST(stereo_and_moving_samples_have_effects_too)
{
    teardown();
    open_table(2);
    MAKE(txt("s", "ones"), num("crush", 4), num("accelerate", 1));
    ck_assert_uint_eq(all_frames(), 6667);
    render(12800);
    ck_assert_float_eq_tol(left_out[3000], (float)sqrt(0.5), 1e-6f);
    ck_assert_float_eq_tol(right_out[3000], (float)sqrt(0.5), 1e-6f);
}
END_TEST

/* ---- envelopes of any segments --------------------------------------------------------------- */

START_TEST(segments_go_from_level_to_level)
{
    uint32_t first;
    MAKE(txt("s", "ones"), txt("segments", "0 1 0.25 0.5 0"), txt("times", "0.01 0.02 0.03 0.04"),
         LEFT);
    render(12800);
    /* the envelope is born one frame into its course */
    ck_assert_float_eq_tol(left_out[239], 0.5f, 1e-4f);
    ck_assert_float_eq_tol(left_out[479], 1.0f, 1e-4f);
    ck_assert_float_eq_tol(left_out[479 + 480], 0.625f, 1e-4f);
    ck_assert_float_eq_tol(left_out[479 + 960], 0.25f, 1e-4f);
    ck_assert_float_eq_tol(left_out[479 + 960 + 720], 0.375f, 1e-4f);
    ck_assert_float_eq_tol(left_out[479 + 960 + 1440], 0.5f, 1e-4f);
    ck_assert_uint_eq(sounding(12800, &first), 4800 - 1); /* ends at its last level, 0 */
}
END_TEST

START_TEST(the_last_level_holds_to_the_end_of_the_voice)
{
    uint32_t first;
    MAKE(txt("s", "ones"), txt("segments", "1 0.5"), txt("times", "0.05"), LEFT);
    render(12800);
    ck_assert_float_eq_tol(left_out[HELD_END - 1], 0.5f, 1e-4f);
    ck_assert_uint_eq(sounding(12800, &first), ONES_FRAMES - 1); /* the sample's */
    MAKE(txt("s", "ones"), txt("segments", "0 1"), txt("times", "0.1"), num("legato", 0.1), LEFT);
    render(12800);
    ck_assert_float_eq_tol(left_out[2399], 0.5f, 1e-3f); /* cut half way up */
    ck_assert_uint_eq(sounding(12800, &first), 2400 + SAMPLE_RELEASE - 1);
    MAKE(txt("s", "saw"), txt("segments", "1 1"), txt("times", "0.01"));
    render(RATE);
    const uint32_t n = sounding(RATE, &first); /* a saw may begin at 0 */
    ck_assert_uint_eq(first + n, 24000 + SAMPLE_RELEASE - 1); /* a synth's: the span */
    MAKE(txt("s", "saw"), txt("segments", "0 1 0"), txt("times", "0.01 0.03"), num("release", 2));
    render(RATE);
    const uint32_t m = sounding(RATE, &first);
    ck_assert_uint_eq(first + m, 1920 - 1);
}
END_TEST

START_TEST(a_curve_is_curved)
{
    const double k = _i == 0 ? 4 : _i == 1 ? -4 : 0;
    MAKE(txt("s", "ones"), num("curvefrom", 0.2), num("curveto", 1), num("curvetime", 0.1),
         num("curve", k), LEFT);
    render(12800);
    for (int part = 1; part < 8; part++) {
        const double p = part / 8.0, way = k == 0 ? p : expm1(k * p) / expm1(k);
        ck_assert_double_eq_tol((double)left_out[600 * part - 1], 0.2 + 0.8 * way, 1e-4);
    }
    ck_assert_float_eq_tol(left_out[7000], 1.0f, 1e-5f);
    MAKE(txt("s", "ones"), num("curvefrom", 0), num("curveto", 1), num("curvetime", 0.1),
         num("curve", k), num("dur", 0.05), LEFT); /* cut half way, where it would have been */
    render(12800);
    ck_assert_double_eq_tol((double)left_out[1199], k == 0 ? 0.25 : expm1(k / 4) / expm1(k), 1e-4);
    ck_assert_double_eq_tol((double)left_out[2399], k == 0 ? 0.5 : expm1(k / 2) / expm1(k), 1e-4);
}
END_TEST

START_TEST(what_is_no_envelope_is_survived)
{
    uint32_t first;
    MAKE(txt("s", "ones"), txt("segments", ""), txt("times", ""), LEFT);
    render(12800);
    ck_assert_uint_le(sounding(12800, &first), ONES_FRAMES);
    MAKE(txt("s", "ones"), num("segments", 0.5), LEFT);
    render(12800);
    ck_assert_float_eq_tol(left_out[100], 0.5f, 1e-6f);
    MAKE(txt("s", "ones"), txt("segments", "0 nan 1"), txt("times", "x"), LEFT);
    render(12800);
    MAKE(txt("s", "ones"), txt("times", "-1 1e9"),
         txt("segments", "1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9 1 0.9"),
         LEFT);
    render(12800);
    for (uint32_t i = 0; i < 12800; i++)
        ck_assert(isfinite(left_out[i]) && fabsf(left_out[i]) <= 1.0f);
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("voices");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_sample_lasts_exactly_as_long_as_its_data);
    tcase_add_test(c, the_rules_of_length_hold_in_their_order_for_samples);
    tcase_add_test(c, synths_last_as_the_rules_say);
    tcase_add_test(c, note_numbers_are_relative_and_names_absolute);
    tcase_add_test(c, a_chord_is_one_voice_a_note_at_the_level_of_one);
    tcase_add_test(c, unit_says_what_speed_means);
    tcase_add_test(c, what_would_be_silent_makes_no_voice);
    tcase_add_test(c, numbers_out_of_range_are_brought_inside);
    tcase_add_test(c, words_of_the_program_come_before_samples_and_built_in_synths);
    tcase_add_test(c, notes_without_a_word_play_the_default);
    tcase_add_test(c, every_built_in_synth_can_be_named);
    tcase_add_test(c, an_unknown_word_is_warned_about_once_with_the_nearest_name);
    tcase_add_test(c, a_sample_that_is_not_loaded_is_requested_and_silent_this_time);
    tcase_add_test(c, a_sample_voice_sounds_from_its_first_frame_for_its_length);
    tcase_add_loop_test(c, every_kit_sound_is_heard_on_its_first_frame, 0, 8);
    tcase_add_loop_test(c, backwards_and_accelerated_samples_play_to_their_end, 0, 2);
    tcase_add_test(c, a_loop_sounds_for_the_span_of_its_event);
    tcase_add_test(c, a_synth_voice_sounds_at_its_pitch);
    tcase_add_test(c, a_stereo_sample_keeps_its_sides);
    tcase_add_test(c, a_voice_pays_only_for_the_effects_that_its_event_uses);
    tcase_add_test(c, effects_that_are_there_and_not_used_change_no_bit);
    tcase_add_test(c, effects_reach_the_voices_of_the_program);
    tcase_add_loop_test(c, shape_bends_the_level, 0, 2);
    tcase_add_test(c, crush_leaves_so_many_levels_per_polarity);
    tcase_add_loop_test(c, coarse_holds_every_nth_frame, 0, 2);
    tcase_add_test(c, squiz_plays_waves_so_many_times_as_fast);
    tcase_add_loop_test(c, a_vowel_has_its_formants, 0, 5);
    tcase_add_test(c, effects_follow_each_other_in_their_order);
    tcase_add_test(c, stereo_and_moving_samples_have_effects_too);
    tcase_add_test(c, segments_go_from_level_to_level);
    tcase_add_test(c, the_last_level_holds_to_the_end_of_the_voice);
    tcase_add_loop_test(c, a_curve_is_curved, 0, 3);
    tcase_add_test(c, what_is_no_envelope_is_survived);
    Suite *const s = suite_create("seq/voices");
    suite_add_tcase(s, c);
    SRunner *const r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    const int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed != 0;
}
