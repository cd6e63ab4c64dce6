/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dirt/test_synths.c - the TidalCycles door's built-in synths, as events play them. */
#include <math.h>
#include <string.h>

#include "server/dirt/synths.h"
#include "server/dirt/voice.h"
#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

/*
 * A sine stands on the buses behind the outputs, where what comes in would be: `in`, `in1` and
 * `inr` hear it, and `from`, which is told that bus.
 */
enum { IN_BUS = 2, WRITER = 1000 };

static struct engine *engine;
static struct dirt_voices *voices;
static struct rt_def *writer;

static void set_up(void)
{
    struct rt_config config = engine_config();
    config.n_audio_wires_max = 512;
    engine = engine_new(&config);
    const struct nrt_target target = nrt_target_of(&config);
    ck_assert_int_eq(dirt_voices_new(&target, engine->symbols, NULL, &voices), PH_OK);
    writer = engine_sine_def(engine, 0);
    for (int i = 0; i < 2; i++) {
        struct rt_synth *const synth = engine_synth(writer, WRITER + i);
        nrt_synth_set(synth, engine_symbol(engine, "out"), (float)(IN_BUS + i));
        engine_add(engine, synth, 0, RT_ADD_HEAD);
    }
    engine_run(engine, 1);
}

static void tear_down(void)
{
    dirt_voices_free(voices);
    engine_finish(engine, writer);
}

/** What an event sounds like: all of it, and a while after. */
struct heard {
    const float *left, *right; /* until the next one */
    uint32_t n_frames;
    float peak;
    bool has_ended; /* also not where it was silenced for what is no number */
};

static struct heard play_as(uint32_t index, const struct dirt_event *e, bool has_before)
{
    const struct dirt_form form = { .n_channels = (uint8_t)dirt_synth_channels(index),
                                    .follows = e->n_maps > 0,
                                    .synth = (uint8_t)(index + 1) };
    struct dirt_span span;
    struct dirt_values values = { { 0 } };
    struct rt_synth *synth;
    ck_assert(dirt_span_find(e, 0, 1, 8 / 48000.0, &span));
    dirt_values_find(e, &span, &values);
    values.list[DIRT_Q_IN] = IN_BUS;
    const ph_status status = dirt_voices_make(voices, &form, e, &values, -2, 1, &synth);
    REQUIRE(status == PH_OK, "%s: %s", dirt_synth_name(index), ph_status_text(status));
    const uint32_t n_back = engine->n_synths_back;
    engine->n_frames = 0;
    synth->def->has_before &= has_before;
    engine_send(engine, (struct link_command){
                            .kind = LINK_VOICE,
                            .u.voice = { .synth = synth, .group_id = RT_EVENTS_GROUP_ID } });
    engine_run(engine, 3 + (uint32_t)((span.sustain + span.fade) * 48000) / BLOCK);
    struct heard h = { engine->out[0], engine->out[1], engine->n_frames, 0,
                       engine->n_synths_back == n_back + 1 };
    for (uint32_t i = 0; i < h.n_frames; i++)
        h.peak = fmaxf(h.peak, fmaxf(fabsf(h.left[i]), fabsf(h.right[i])));
    return h;
}

static struct heard play(uint32_t index, const struct dirt_event *e)
{
    return play_as(index, e, true);
}

static struct dirt_event event_of(double note, double seconds)
{
    struct dirt_event e = { 0 };
    dirt_set(&e, DIRT_MIDINOTE, note);
    dirt_set(&e, DIRT_SUSTAIN, seconds);
    e.others[e.n_others++] = (struct dirt_other){ "f", 440 }; /* tutorial5's pitch */
    return e;
}

START_TEST(each_is_found_by_its_name)
{
    static const char *const some[] = { "imp",      "gabor",      "superpiano", "superkick",
                                        "supersaw", "superzow",   "superfm",    "soskick",
                                        "from",     "tutorial5" };
    for (uint32_t i = 0; i < dirt_synth_count(); i++)
        ck_assert_int_eq(dirt_synth_find(dirt_synth_name(i)), (int)i);
    for (uint32_t i = 0; i < sizeof some / sizeof *some; i++)
        ck_assert_int_ge(dirt_synth_find(some[i]), 0);
    ck_assert_int_eq(dirt_synth_find("superb"), -1);
    ck_assert_int_eq(dirt_synth_find(""), -1);
}
END_TEST

/**
 * Over all notes. The limiter behind the orbit takes what is above full scale: as SuperDirt's,
 * superhex comes to 8 at low notes.
 */
START_TEST(each_sounds_stays_bounded_and_ends)
{
    const uint32_t index = (uint32_t)_i;
    const char *const name = dirt_synth_name(index);
    float loudest = 0;
    for (int note = 0; note < 128; note++) {
        struct dirt_event e = event_of(note, 0.03);
        dirt_set(&e, DIRT_N, note - 60);
        const struct heard h = play(index, &e);
        REQUIRE(h.has_ended, "%s: goes on at note %d", name, note);
        REQUIRE(h.peak < 12, "%s: peak of %g at note %d", name, (double)h.peak, note);
        loudest = fmaxf(loudest, h.peak);
    }
    REQUIRE(loudest > 0.01f, "%s: silent, peak of %g", name, (double)loudest);
}
END_TEST

/** A parameter that the synth knows and SuperDirt's samples don't. */
START_TEST(parameters_reach_the_synth)
{
    static const struct {
        const char *synth, *name;
        float value;
    } rows[] = { { "super808", "rate", 4 },       { "supersaw", "voice", 0.1f },
                 { "superhammond", "voice", 3 },  { "superkick", "pitch1", 4 },
                 { "supersnare", "decay", 0.1f }, { "superchip", "slide", 3 },
                 { "superfm", "mod12", 1 },       { "superfm", "voice", 2 },
                 { "superhoover", "slide", 1 },   { "superpwm", "lfo", 0.1f },
                 { "supersquare", "semitone", 7 }, { "superpiano", "velocity", 0.3f },
                 { "supergong", "speedFreq", 0 } };
    static float before[ENGINE_FRAMES_MAX];
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint32_t index = (uint32_t)dirt_synth_find(rows[i].synth);
        struct dirt_event e = event_of(60, 0.1);
        dirt_set(&e, DIRT_SPEED, 1.5);
        const struct heard plain = play(index, &e);
        memcpy(before, plain.left, plain.n_frames * sizeof *before);
        e.others[e.n_others++] = (struct dirt_other){ rows[i].name, rows[i].value };
        const struct heard other = play(index, &e);
        REQUIRE(memcmp(before, other.left, other.n_frames * sizeof *before) != 0,
                "%s: %s changes nothing", rows[i].synth, rows[i].name);
    }
}
END_TEST

/**
 * The same as if the event said what stands on the bus, but for rounding: units then count at
 * other rates.
 */
START_TEST(parameters_follow_buses)
{
    static const struct {
        const char *synth, *name;
        float value;
    } rows[] = { { "supersaw", "voice", 0.1f },   { "superhammond", "voice", 3 },
                 { "super808", "rate", 4 },       { "superfm", "voice", 2 },
                 { "supersnare", "decay", 0.1f }, { "superclap", "pitch1", 2 },
                 { "supervibe", "velocity", 0.5f } };
    static float before[ENGINE_FRAMES_MAX];
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint32_t index = (uint32_t)dirt_synth_find(rows[i].synth);
        struct dirt_event e = event_of(60, 0.1);
        e.others[e.n_others++] = (struct dirt_other){ rows[i].name, rows[i].value };
        const struct heard said = play(index, &e);
        memcpy(before, said.left, said.n_frames * sizeof *before);
        e.n_others--;
        e.maps[e.n_maps++] = (struct dirt_map){ rows[i].name, 5, false };
        engine_send(engine, (struct link_command){ .kind = LINK_CONTROL_BUS_SET,
                                                   .u.bus = { 5, rows[i].value, 1 } });
        const struct heard followed = play(index, &e);
        for (uint32_t k = 0; k < said.n_frames; k++)
            REQUIRE(fabsf(followed.left[k] - before[k]) < 1e-4f * said.peak, "%s: %s at frame %u",
                    rows[i].synth, rows[i].name, k);
    }
}
END_TEST

/** super808 follows `n`; the note is nothing to it, nor to the `rate` that it has of its own. */
START_TEST(the_rate_of_samples_is_none_of_synths)
{
    static float before[ENGINE_FRAMES_MAX];
    const uint32_t index = (uint32_t)dirt_synth_find("super808");
    struct dirt_event low = event_of(36, 0.1), high = event_of(72, 0.1);
    const struct heard h = play(index, &low);
    memcpy(before, h.left, h.n_frames * sizeof *before);
    ck_assert_mem_eq(before, play(index, &high).left, h.n_frames * sizeof *before);
}
END_TEST

/** scsynth's Decay takes an impulse on the first frame when it is made and when it plays. */
START_TEST(what_one_impulse_strikes_is_struck_twice)
{
    const uint32_t index = (uint32_t)dirt_synth_find("superhex");
    const struct dirt_event e = event_of(60, 0.1);
    const float twice = play(index, &e).peak, once = play_as(index, &e, false).peak;
    ck_assert_float_eq_tol(twice, 2 * once, 0.02f * once);
}
END_TEST

/** Loudest of the frequencies around `hz`, a quarter tone apart. */
static double pitch_near(const struct heard *h, double hz)
{
    double best = 0, best_power = 0;
    for (int k = -14; k <= 14; k++) { /* a fifth down, up */
        const double f = hz * exp2(k / 24.0);
        double re = 0, im = 0;
        for (uint32_t i = 0; i < h->n_frames; i++) {
            const double turn = 6.283185307179586 * f * i / 48000;
            re += cos(turn) * (double)h->left[i];
            im += sin(turn) * (double)h->left[i];
        }
        if (re * re + im * im > best_power) {
            best_power = re * re + im * im;
            best = f;
        }
    }
    return best;
}

START_TEST(those_with_a_pitch_play_the_note_times_the_speed)
{
    static const char *const names[] = { "supersaw", "superzow", "superfork", "supervibe",
                                         "supergong", "supermandolin", "superpiano" };
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct dirt_event e = event_of(57, 0.3);
        dirt_set(&e, DIRT_SPEED, 1.5);
        const struct heard h = play((uint32_t)dirt_synth_find(names[i]), &e);
        const double hz = pitch_near(&h, 330);
        REQUIRE(fabs(hz / 330 - 1) < 0.015, "%s: %g Hz for 330", names[i], hz);
    }
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("synths");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, each_is_found_by_its_name);
    tcase_add_loop_test(t, each_sounds_stays_bounded_and_ends, 0, (int)dirt_synth_count());
    tcase_add_test(t, parameters_reach_the_synth);
    tcase_add_test(t, parameters_follow_buses);
    tcase_add_test(t, the_rate_of_samples_is_none_of_synths);
    tcase_add_test(t, what_one_impulse_strikes_is_struck_twice);
    tcase_add_test(t, those_with_a_pitch_play_the_note_times_the_speed);
    return check_run("dirt/synths", t);
}
