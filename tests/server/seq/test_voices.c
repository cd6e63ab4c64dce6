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
static char folder[128], file_path[160];

/** A bank with one sample, `ones`: ONES_FRAMES of 1.0 (stereo where `channels` is 2). */
static void write_ones(int channels)
{
    static float data[2 * ONES_FRAMES];
    for (int i = 0; i < 2 * ONES_FRAMES; i++)
        data[i] = 1.0f;
    SF_INFO info = { .samplerate = RATE, .channels = channels,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const f = sf_open(file_path, SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(sf_writef_float(f, data, ONES_FRAMES), ONES_FRAMES);
    sf_close(f);
}

static struct nrt_target target;

static void open_table(int channels)
{
    target = (struct nrt_target){ dsp_set_best(), RATE, DSP_BLOCK_FRAMES, 64 };
    snprintf(folder, sizeof folder, "%s/phonon-voices-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file_path, sizeof file_path, "%s/ones.wav", folder);
    write_ones(channels);
    const char *const root = folder;
    const struct load_bank_config b = { .rate_hz = RATE, .n_buffers = KEPT_MAX, .loaded = keep_loaded,
                                        .roots = &root, .n_roots = 1 };
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
    remove(file_path);
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
    MAKE(txt("s", "saw"), num("attack", 0.1), num("decay", 0.1), num("sustain", 0.5), num("release", 0.4));
    ck_assert_uint_eq(segment("attack"), 4800);
    ck_assert_uint_eq(segment("decay"), 4800);
    ck_assert_uint_eq(gate_frames(), 24000); /* rule 3: the span */
    ck_assert_uint_eq(segment("release"), 19200);
    ck_assert_double_eq(get(0, "sustain"), 0.5);
    MAKE(txt("s", "saw"), num("decay", 0.1));
    ck_assert_double_eq_tol(get(0, "sustain"), 0.7, 1e-7); /* a float */
    MAKE(txt("s", "saw"), num("attack", 20), num("decay", 20), num("legato", 1)); /* fades that don't fit */
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
    ck_assert_double_eq_tol(get(1, "ratio"), exp2(4 / 12.0), 1e-5); /* base 261.6256, c4 261.6255653 */
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
    ck_assert_double_eq_tol(get(0, "rate"), 4 * sample_seconds, 1e-7); /* twice in a cycle of half a second */
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
    MAKE(txt("s", "ones"), num("gain", 50), num("pan", -7), num("speed", 300), num("begin", -1), num("end", 9));
    ck_assert_double_eq(get(0, "gain"), 10);
    ck_assert_double_eq(get(0, "pan"), -1);
    ck_assert_double_eq(get(0, "rate"), 20);
    ck_assert_double_eq(get(0, "begin"), 0);
    ck_assert_double_eq(get(0, "end"), 1);
    MAKE(txt("s", "ones"), num("gain", NAN), num("speed", INFINITY), num("note", NAN), num("legato", NAN));
    ck_assert_double_eq(get(0, "gain"), 1); /* as if they weren't there */
    ck_assert_double_eq(get(0, "rate"), 1);
    ck_assert_uint_eq(all_frames(), ONES_FRAMES);
    ck_assert_uint_eq(MAKE(txt("s", "ones"), num("cut", 3.7)), 1);
    ck_assert_int_eq(voices[0].cut, 3);
}
END_TEST

/* ---- which sound ----------------------------------------------------------------------------- */

static struct rt_def *compiled(const char *name, float base_hz)
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
    ph_voice_end(&b, sound, sound, 0.01f, 0.3f);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ck_assert_int_eq(nrt_def_compile(&def, symbols, &target, &out, error), PH_OK);
    ph_synthdef_finish(&def);
    return out;
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

/** Plays the first voice in the engine, straight into the outputs, and to its end. */
static void render(uint32_t n_frames)
{
    struct rt_config config;
    struct rt_world *world;
    rt_config_defaults(&config);
    config.rate_hz = RATE;
    config.n_outputs = 2;
    ck_assert_int_eq(rt_world_new(&config, &world), PH_OK);
    for (uint32_t i = 0; i < KEPT_MAX; i++) {
        const struct link_command swap = { .kind = LINK_BUFFER_SWAP,
                                           .u.buffer = { .buffer = kept[i], .index = i } };
        if (kept[i])
            ck_assert(link_ring_push(rt_world_commands(world), &swap));
    }
    ck_assert(nrt_synth_set(voices[0].synth, nrt_symbol_find(symbols, "out"), 0));
    const struct link_command add = { .kind = LINK_SYNTH_ADD, .u.add = { .synth = voices[0].synth } };
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
    for (uint32_t i = 0; i < KEPT_MAX; i++)
        kept[i] = NULL;
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
    ck_assert_float_gt(left_out[expected - 200], 0.5f); /* -3 dB at the centre: still at full level */
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
    ck_assert_double_eq_tol(pitch_hz(2400, 20000), 440, 0.05); /* crossings between samples, by line */
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
    Suite *const s = suite_create("seq/voices");
    suite_add_tcase(s, c);
    SRunner *const r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    const int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed != 0;
}
