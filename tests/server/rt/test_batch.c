/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_batch.c - voices side by side sound as they do alone; lanes come and go.  */
#include <math.h>
#include <string.h>

#include "server/rt/batch.h"
#include "server/rt/exec.h"
#include "server/rt/tree.h"
#include "tests/server/rt/voices.h"

/* ---- a score, and what it sounds like -------------------------------------------------------- */

enum { N_VOICES = 300, N_BLOCKS = 120, N_FRAMES = N_BLOCKS * BLOCK, N_GROUPS = 3, FIRST_ID = 1000 };

/** One thing that happens to a voice. */
struct event {
    uint64_t frame;
    enum link_command_kind kind; /* LINK_SYNTH_ADD, LINK_NODE_SET, LINK_NODE_RUN, LINK_NODE_FREE */
    const char *control;
    float value;
};
enum { N_EVENTS = 8 };

/** The events of voice i: the same in every session. @return how many */
static uint32_t events_of(uint32_t i, struct event *to)
{
    struct dice d = { 77 + i };
    const uint64_t start = 1 + dice(&d, (N_BLOCKS - 40) * BLOCK);
    const float freq = 60 + (float)dice(&d, 2000);
    uint32_t n = 0;
    to[n++] = (struct event){ start, LINK_SYNTH_ADD, NULL, freq };
    if (dice(&d, 2))
        to[n++] = (struct event){ start + 300 + dice(&d, 900), LINK_NODE_SET, "freq", freq * 1.5f };
    if (dice(&d, 2))
        to[n++] = (struct event){ start + 1200 + dice(&d, 50), LINK_NODE_SET, "amp", 0.25f };
    if (dice(&d, 3) == 0) {
        to[n++] = (struct event){ start + 1300, LINK_NODE_RUN, NULL, 0 };
        to[n++] = (struct event){ start + 1400 + dice(&d, 500), LINK_NODE_RUN, NULL, 1 };
    }
    if (dice(&d, 3))
        to[n++] = (struct event){ start + 1950, LINK_NODE_SET, "t", 1 };
    if (dice(&d, 3))
        to[n++] = (struct event){ start + 2000 + dice(&d, 3000), LINK_NODE_SET, "gate", 0 };
    else if (dice(&d, 2))
        to[n++] = (struct event){ start + 2000 + dice(&d, 3000), LINK_NODE_FREE, NULL, 0 };
    return n;
}

/** Kernels of every instruction set, and a block that is not whole; NULL: the fastest. */
struct setting { const char *set; uint32_t block_frames; };
static const struct setting settings[] = {
    { NULL, 64 }, { NULL, 64 }, { "avx512", 64 }, { "avx2", 64 }, { "base", 64 }, { NULL, 32 },
    { "base", 1 },
};

struct session {
    struct engine *e;
    struct rt_def *defs[N_VOICE_KINDS];
    float *sound; /* [voice][channel][frame] */
    uint32_t n_wide, n_batches;
};

static struct session session_new(const struct setting *setting, bool alone)
{
    struct rt_config config = engine_config();
    config.set = setting->set ? dsp_set_find(setting->set) : NULL;
    config.block_frames = setting->block_frames;
    config.n_audio_buses = 2 + 2 * N_VOICES;
    config.n_nodes_max = 512;
    config.n_command_messages = config.n_sched_max = config.n_report_messages = 8192;
    struct session s = { .e = engine_new(&config) };
    voices_load_buffer(s.e);
    for (int kind = 0; kind < N_VOICE_KINDS; kind++) {
        s.defs[kind] = voices_def(s.e, kind);
        ck_assert_uint_gt(s.defs[kind]->width, 1);
        if (alone)
            s.defs[kind]->width = 0;
    }
    s.sound = calloc((size_t)N_VOICES * 2 * N_FRAMES, sizeof(float));
    for (int32_t id = 1; id <= N_GROUPS; id++)
        engine_add_group(s.e, id, id == 3 ? 2 : 0, RT_ADD_TAIL);
    return s;
}

static void session_free(struct session *s)
{
    for (int kind = 0; kind < N_VOICE_KINDS; kind++)
        nrt_def_release(s->defs[kind]);
    engine_free(s->e);
    free(s->sound);
}

static void start(struct session *s, uint32_t i, const struct event *event, int32_t group,
                  uint8_t action)
{
    const int32_t id = FIRST_ID + (int32_t)i;
    struct rt_synth *synth;
    ck_assert_int_eq(nrt_synth_new(s->defs[i % N_VOICE_KINDS], id, i, &synth), PH_OK);
    nrt_synth_set(synth, engine_symbol(s->e, "out"), (float)(2 + 2 * i));
    nrt_synth_set(synth, engine_symbol(s->e, "freq"), event->value);
    engine_send(s->e, (struct link_command){
                          .kind = LINK_SYNTH_ADD,
                          .due_frame = event->frame,
                          .u.add = { .synth = synth, .target = group, .action = action } });
}

static void send_voice(struct session *s, uint32_t i, int32_t group, uint8_t action)
{
    const int32_t id = FIRST_ID + (int32_t)i;
    struct event events[N_EVENTS];
    const uint32_t n = events_of(i, events);
    for (uint32_t k = 0; k < n; k++) {
        const struct event *const event = &events[k];
        struct link_command c = { .kind = event->kind, .due_frame = event->frame };
        if (event->kind == LINK_SYNTH_ADD) {
            start(s, i, event, group, action);
            continue;
        }
        if (event->kind == LINK_NODE_SET) {
            c.u.set.id = id;
            c.u.set.symbol = engine_symbol(s->e, event->control);
            c.u.set.value = event->value;
        } else {
            c.u.node.id = id;
            c.u.node.value = (int32_t)event->value;
        }
        engine_send(s->e, c);
    }
}

static void keep_sound(struct session *s, uint32_t frame)
{
    const uint32_t n = s->e->w->config.block_frames;
    for (uint32_t i = 0; i < 2 * N_VOICES; i++) {
        const struct dsp_bus *const bus = &s->e->w->env.audio[2 + i];
        if (bus->touched == s->e->w->env.block)
            memcpy(s->sound + (size_t)i * N_FRAMES + frame, bus->frames, n * sizeof(float));
    }
}

static void session_run(struct session *s)
{
    for (uint32_t frame = 0; frame < N_FRAMES; frame += s->e->w->config.block_frames) {
        s->e->n_frames = 0; /* the ports' sound is on the buses, too */
        engine_run(s->e, 1);
        keep_sound(s, frame);
        const uint32_t n_wide = voices_lanes(s->e), n_batches = voices_batches(s->e);
        s->n_wide = n_wide > s->n_wide ? n_wide : s->n_wide;
        s->n_batches = n_batches > s->n_batches ? n_batches : s->n_batches;
    }
}

static void expect_same(const struct session *a, const struct session *b, uint32_t i)
{
    for (uint32_t k = 0; k < 2 * N_FRAMES; k++) {
        const float x = a->sound[(size_t)2 * i * N_FRAMES + k];
        const float y = b->sound[(size_t)2 * i * N_FRAMES + k];
        REQUIRE(x == y, "voice %u of kind %u, channel %u, block %u, frame %u: %.9g for %.9g", i,
                i % N_VOICE_KINDS, k / N_FRAMES, k % N_FRAMES / BLOCK, k % BLOCK, (double)y,
                (double)x);
    }
}

/** All voices in a random order, in random groups, at their heads and tails. */
static void play_all(struct session *s, uint64_t seed)
{
    struct dice d = { seed };
    uint32_t order[N_VOICES];
    for (uint32_t i = 0; i < N_VOICES; i++)
        order[i] = i;
    dice_shuffle(&d, order, N_VOICES);
    for (uint32_t i = 0; i < N_VOICES; i++)
        send_voice(s, order[i], 1 + (int32_t)dice(&d, N_GROUPS),
                   dice(&d, 2) ? RT_ADD_HEAD : RT_ADD_TAIL);
    session_run(s);
}

START_TEST(voices_sound_as_they_do_alone_in_any_order_lane_and_company)
{
    const struct setting *const setting = &settings[_i];
    if (setting->set && !dsp_set_find(setting->set))
        return; /* not for this processor */
    struct session alone = session_new(setting, true), together = session_new(setting, false);
    play_all(&alone, 1);
    ck_assert_uint_eq(alone.n_wide, 0);
    play_all(&together, (uint64_t)_i + 2);
    ck_assert_uint_ge(together.n_wide, 60);
    for (uint32_t i = 0; i < N_VOICES; i++)
        expect_same(&alone, &together, i);
    session_free(&alone);
    session_free(&together);
}
END_TEST

START_TEST(a_voice_of_each_kind_sounds_the_same_in_a_world_of_its_own)
{
    struct session together = session_new(&settings[0], false);
    play_all(&together, 9);
    for (uint32_t i = 40; i < 40 + 2 * N_VOICE_KINDS; i++) {
        struct session own = session_new(&settings[0], false);
        send_voice(&own, i, 1, RT_ADD_TAIL);
        session_run(&own);
        ck_assert_uint_eq(own.n_batches, 0);
        expect_same(&own, &together, i);
        float peak = 0;
        for (uint32_t k = 0; k < 2 * N_FRAMES; k++)
            peak = dsp_max(peak, fabsf(own.sound[(size_t)2 * i * N_FRAMES + k]));
        ck_assert_float_gt(peak, 0.01f); /* it is a voice, not silence */
        session_free(&own);
    }
    session_free(&together);
}
END_TEST

/* ---- lanes and batches ----------------------------------------------------------------------- */

static uint32_t width_of(const struct pair *p)
{
    return p->e[0]->w->config.set->width;
}

/** What many_tones() starts: some whole batches. */
static int32_t n_tones(const struct pair *p)
{
    return 2 * (int32_t)width_of(p) > 16 ? 2 * (int32_t)width_of(p) : 16;
}

/** Tones, ids 1000 ..., each on buses of its own, in group 1. */
static struct pair *many_tones(void)
{
    struct rt_config config = engine_config();
    config.n_audio_buses = 256;
    config.n_nodes_max = 256;
    struct pair *const p = pair_new(&config);
    pair_group(p, 1, 0, RT_ADD_TAIL);
    for (int32_t i = 0; i < n_tones(p); i++) {
        const int32_t id = FIRST_ID + i;
        struct rt_def *const defs[] = { p->defs[0][VOICE_TONE], p->defs[1][VOICE_TONE] };
        pair_start(p, defs, id, (float)(2 + 2 * i), 1, RT_ADD_TAIL, 0);
        pair_set(p, id, "freq", (float)(100 + 37 * i), 0);
    }
    pair_run(p, 2);
    return p;
}

static void start_tone(struct pair *p, int32_t id, float out, int32_t target, uint8_t action)
{
    struct rt_def *const defs[] = { p->defs[0][VOICE_TONE], p->defs[1][VOICE_TONE] };
    pair_start(p, defs, id, out, target, action, 0);
}

static uint32_t free_batches(const struct rt_def *def)
{
    uint32_t n = 0;
    for (const struct rt_batch *batch = def->pool.free; batch; batch = batch->next)
        n++;
    return n;
}

START_TEST(voices_of_one_kind_fill_whole_batches)
{
    struct pair *const p = many_tones();
    ck_assert_uint_eq(voices_batches(p->e[0]), (uint32_t)n_tones(p) / width_of(p));
    ck_assert_uint_eq(voices_lanes(p->e[0]), (uint32_t)n_tones(p));
    ck_assert_uint_eq(voices_batches(p->e[1]), 0);
    pair_free(p);
}
END_TEST

/** A plan moves so many and no more: what is left must not wait for the next event. */
START_TEST(voices_that_start_all_at_once_find_their_lanes)
{
    struct rt_config config = engine_config();
    config.n_nodes_max = 512;
    config.n_command_messages = 1024;
    struct engine *const e = engine_new(&config);
    struct rt_def *const first = voices_def(e, VOICE_TONE);
    struct rt_def *const second = voices_def(e, VOICE_SAW);
    for (int32_t i = 0; i < 64; i++)
        engine_add(e, engine_synth(first, 2000 + i), 0, RT_ADD_TAIL);
    for (int32_t i = 0; i < 250 + _i; i++) /* some of these numbers leave no room for four more */
        engine_add(e, engine_synth(second, FIRST_ID + i), 0, RT_ADD_TAIL);
    engine_run(e, 8);
    ck_assert_uint_ge(voices_lanes(e), 250 + (uint32_t)_i - 3 + 64 - 3);
    nrt_def_release(first);
    nrt_def_release(second);
    engine_free(e);
}
END_TEST

START_TEST(a_lane_that_is_free_takes_the_next_voice)
{
    struct pair *const p = many_tones();
    const uint32_t n = (uint32_t)n_tones(p);
    for (int32_t i = 0; i < 40; i++) {
        pair_node(p, LINK_NODE_FREE, FIRST_ID + i, 0);
        start_tone(p, FIRST_ID + (int32_t)n + i, (float)(2 + 2 * i % 64), 1,
                   i % 2 ? RT_ADD_HEAD : RT_ADD_TAIL);
        pair_run(p, 2); /* alone at first, then in the lane */
        ck_assert_uint_eq(voices_lanes(p->e[0]), n);
        ck_assert_uint_eq(voices_batches(p->e[0]), n / width_of(p));
    }
    pair_free(p);
}
END_TEST

START_TEST(two_batches_that_fit_into_one_become_one)
{
    struct pair *const p = many_tones();
    const int32_t n = n_tones(p);
    for (int32_t i = 0; i < n; i += 2)
        pair_node(p, LINK_NODE_FREE, FIRST_ID + i, 0);
    /* refused: that id is a group's. A change all the same is: */
    start_tone(p, 1, 2, 1, RT_ADD_TAIL);
    start_tone(p, 5000, 2, 0, RT_ADD_TAIL);
    pair_run(p, 3);
    ck_assert_uint_eq(voices_lanes(p->e[0]), (uint32_t)n / 2);
    ck_assert_uint_eq(voices_batches(p->e[0]), (uint32_t)n / 2 / width_of(p));
    pair_free(p);
}
END_TEST

START_TEST(a_batch_with_few_voices_dissolves)
{
    struct pair *const p = many_tones();
    const int32_t n = n_tones(p);
    for (int32_t left = n; left > 0; left--) {
        pair_node(p, LINK_NODE_FREE, FIRST_ID + left - 1, 0);
        pair_run(p, 3);
        const uint32_t lanes = voices_lanes(p->e[0]);
        ck_assert_uint_ge(lanes, 3 * voices_batches(p->e[0]));
        ck_assert_uint_le(lanes, (uint32_t)left - 1);
        if (left - 1 < 3)
            ck_assert_uint_eq(lanes, 0);
    }
    ck_assert_ptr_null(p->e[0]->w->plan.used);
    ck_assert_uint_eq(free_batches(p->defs[0][VOICE_TONE]), p->defs[0][VOICE_TONE]->pool.n_batches);
    pair_free(p);
}
END_TEST

/** Voices may start in another order than they were made in: what players send looks ahead. */
START_TEST(there_is_a_batch_whichever_voices_start_first)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = voices_def(e, VOICE_TONE);
    enum { N = 30 };
    struct dice d = { (uint64_t)_i };
    struct rt_synth *synths[N];
    uint32_t order[N];
    for (uint32_t i = 0; i < N; i++) {
        synths[i] = engine_synth(def, FIRST_ID + (int32_t)i);
        order[i] = i;
    }
    dice_shuffle(&d, order, N);
    for (uint32_t i = 0; i < N; i++) {
        engine_add(e, synths[order[i]], 0, RT_ADD_TAIL);
        engine_run(e, 2);
        if (i >= 3) /* fewer than four may stay alone */
            ck_assert_uint_ge(voices_lanes(e), i + 1 - 3);
    }
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

/** Synths that never start leave no gap behind. */
START_TEST(a_voice_that_is_withdrawn_takes_no_batch_away)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = voices_def(e, VOICE_TONE);
    enum { N = 12 };
    struct rt_synth *synths[N];
    for (uint32_t i = 0; i < N; i++)
        synths[i] = engine_synth(def, FIRST_ID + (int32_t)i);
    for (uint32_t i = 0; i < N; i += 3)
        nrt_synth_free(synths[i]);
    for (uint32_t i = 0; i < N; i++)
        if (i % 3 != 0)
            engine_add(e, synths[i], 0, RT_ADD_TAIL);
    engine_run(e, 2);
    ck_assert_uint_ge(voices_lanes(e), 8 - 3);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(batches_never_reach_over_groups_or_what_replaces)
{
    struct pair *const p = many_tones();
    pair_group(p, 2, FIRST_ID + 5, RT_ADD_AFTER); /* 6 before it, the rest behind */
    pair_run(p, 3);
    for (struct rt_batch *b = p->e[0]->w->plan.used; b; b = b->used_next)
        for (uint32_t left = b->lanes, first = 0; left; left &= left - 1) {
            const int32_t id = b->synths[__builtin_ctz(left)]->node.id;
            first = first ? first : (uint32_t)id;
            ck_assert((id <= FIRST_ID + 5) == (first <= FIRST_ID + 5));
        }
    pair_run(p, 3);
    pair_free(p);
}
END_TEST

/* ---- what happens to one lane ---------------------------------------------------------------- */

START_TEST(a_value_that_is_not_finite_is_its_voices_alone)
{
    struct pair *const p = many_tones();
    const float bad[] = { NAN, INFINITY, -INFINITY, 3e38f };
    for (int32_t i = 0; i < 4; i++) {
        pair_set(p, FIRST_ID + 3 + i, "amp", bad[i], 0);
        pair_set(p, FIRST_ID + 9, "freq", bad[i], 0);
        pair_run(p, 1);
        pair_set(p, FIRST_ID + 3 + i, "amp", 0.5f, 0);
        pair_set(p, FIRST_ID + 9, "freq", 440, 0);
        pair_run(p, 5);
        ck_assert_uint_eq(p->e[0]->w->counts.n_non_finite, p->e[1]->w->counts.n_non_finite);
    }
    ck_assert_uint_ge(p->e[0]->w->counts.n_non_finite, 3);
    ck_assert_uint_eq(voices_lanes(p->e[0]), (uint32_t)n_tones(p)); /* they came back */
    pair_free(p);
}
END_TEST

START_TEST(the_bus_of_a_lane_may_change)
{
    struct pair *const p = many_tones();
    const int32_t n = n_tones(p);
    for (int32_t i = 0; i < n; i++) { /* among the buses that nobody writes */
        pair_set(p, FIRST_ID + i, "out", (float)(2 + 2 * (n + (i * 7) % n)), 0);
        pair_run(p, 1);
    }
    pair_set(p, FIRST_ID, "out", -1, 0);
    pair_set(p, FIRST_ID + 1, "out", 100000, 0);
    pair_set(p, FIRST_ID + 2, "out", 255, 0); /* the right channel falls off the end */
    pair_run(p, 3);
    ck_assert_uint_eq(voices_lanes(p->e[0]), (uint32_t)n);
    pair_free(p);
}
END_TEST

START_TEST(lanes_pause_resume_and_end_as_voices_do)
{
    struct pair *const p = many_tones();
    const int32_t n = n_tones(p);
    struct dice d = { 5 };
    pair_group(p, 2, 0, RT_ADD_TAIL);
    for (int32_t i = 0; i < 6; i++)
        start_tone(p, 2000 + i, (float)(200 + 2 * i), 2, RT_ADD_TAIL);
    for (int i = 0; i < 200; i++) {
        const int32_t id = FIRST_ID + (int32_t)dice(&d, (uint32_t)n);
        switch (dice(&d, 6)) {
        case 0: pair_node(p, LINK_NODE_RUN, id, 0); break;
        case 1: pair_node(p, LINK_NODE_RUN, id, 1); break;
        case 2: pair_node(p, LINK_NODE_RUN, 2, (int32_t)dice(&d, 2)); break;
        case 3: pair_set(p, id, "freq", (float)dice(&d, 3000), 0); break;
        case 4: pair_set(p, 2, "amp", (float)dice(&d, 8) / 8, 0); break;
        default:
            pair_node(p, LINK_NODE_FREE, id, 0);
            start_tone(p, id, (float)(2 + 2 * (id - FIRST_ID)), 1, (uint8_t)dice(&d, 2));
        }
        pair_run(p, 1 + dice(&d, 2));
    }
    pair_node(p, LINK_NODE_RUN, 2, 0);
    pair_run(p, 2);
    pair_node(p, LINK_GROUP_FREE_ALL, 2, 0); /* a batch that stands still goes, too */
    pair_node(p, LINK_GROUP_FREE_ALL, 1, 0);
    pair_run(p, 2);
    ck_assert_uint_eq(p->e[0]->w->counts.n_synths, 0);
    ck_assert_ptr_null(p->e[0]->w->plan.used);
    pair_free(p);
}
END_TEST

START_TEST(fades_of_lanes_are_those_of_voices)
{
    struct pair *const p = many_tones();
    for (int i = 0; i < 2; i++)
        for (int32_t k = 0; k < 12; k++) {
            struct rt_node *const node = rt_table_find(&p->e[i]->w->table, FIRST_ID + k);
            rt_exec_fade(p->e[i]->w, (struct rt_synth *)node, (float)(k % 3) / 2,
                         2 + 3 * (uint32_t)k, k % 2);
        }
    pair_run(p, 3);
    pair_node(p, LINK_NODE_RUN, FIRST_ID + 9, 0); /* out of its lane in mid-fade, and back */
    pair_run(p, 2);
    pair_node(p, LINK_NODE_RUN, FIRST_ID + 9, 1);
    pair_run(p, 40);
    ck_assert_uint_eq(p->e[0]->n_synths_back, 6);
    pair_free(p);
}
END_TEST

/* ---- voices of players ----------------------------------------------------------------------- */

static void play(struct pair *p, enum voice_kind kind, int32_t id, uint64_t frame, int32_t cut)
{
    for (int i = 0; i < 2; i++) {
        struct rt_synth *synth;
        ck_assert_int_eq(nrt_synth_new(p->defs[i][kind], id, (uint64_t)id, &synth), PH_OK);
        nrt_synth_set(synth, engine_symbol(p->e[i], "out"), (float)(2 + id % 100 * 2));
        nrt_synth_set(synth, engine_symbol(p->e[i], "freq"), (float)(100 + id % 1000));
        engine_send_seq(p->e[i], (struct link_command){
                                     .kind = LINK_VOICE,
                                     .due_frame = frame,
                                     .u.voice = { .synth = synth, .cut = cut } });
    }
}

/** Up to 24 voices sound, with thefts, cuts and releases; ids run on. */
static struct pair *players(void)
{
    struct rt_config config = engine_config();
    config.n_audio_buses = 256;
    config.n_nodes_max = 1024;
    config.n_voices_max = 24;
    struct pair *const p = pair_new(&config);
    struct dice d = { 3 };
    for (int32_t i = 0; i < 200; i++) {
        play(p, dice(&d, 3) ? VOICE_SAW : (enum voice_kind)dice(&d, N_VOICE_KINDS), FIRST_ID + i,
             40 + (uint64_t)i * 30, dice(&d, 8) == 0 ? 1 + (int32_t)dice(&d, 2) : 0);
        if (i % 8 == 7)
            pair_set(p, FIRST_ID + i - 7 + (int32_t)dice(&d, 7), "gate", 0, 40 + (uint64_t)i * 30);
        if (i % 20 == 19)
            pair_run(p, 9);
    }
    return p;
}

START_TEST(stolen_and_cut_voices_fade_in_their_lanes_as_alone)
{
    struct pair *const p = players();
    pair_run(p, 40);
    ck_assert_uint_ge(p->n_wide, 12);
    ck_assert_uint_gt(p->e[0]->w->counts.n_stolen, 20);
    ck_assert_uint_eq(p->e[0]->w->counts.n_stolen, p->e[1]->w->counts.n_stolen);
    pair_free(p);
}
END_TEST

START_TEST(panic_fades_voices_in_their_lanes)
{
    struct pair *const p = players();
    pair_run(p, 1);
    ck_assert_uint_gt(voices_lanes(p->e[0]), 3);
    pair_node(p, LINK_PANIC, 0, 0);
    pair_run(p, 10);
    ck_assert_uint_eq(p->e[0]->w->n_voices, 0);
    ck_assert_ptr_null(p->e[0]->w->plan.used);
    pair_free(p);
}
END_TEST

START_TEST(hush_fades_lanes_of_the_output_stage)
{
    struct pair *const p = many_tones();
    for (int32_t i = 0; i < 8; i++)
        start_tone(p, 2000 + i, (float)(200 + 2 * i), RT_OUTPUT_GROUP_ID, RT_ADD_TAIL);
    pair_run(p, 4);
    pair_node(p, LINK_HUSH, 0, 0);
    pair_run(p, 12);
    start_tone(p, 2008, 230, RT_OUTPUT_GROUP_ID, RT_ADD_TAIL); /* starts silent */
    pair_run(p, 3);
    pair_node(p, LINK_HUSH, 0, 1);
    pair_run(p, 12);
    pair_free(p);
}
END_TEST

/* ---- done actions of neighbours -------------------------------------------------------------- */

static struct rt_def *build_ender(struct engine *e, int action)
{
    struct ph_build b;
    ph_build_begin(&b, "ender");
    const struct ph_input gate = ph_build_control(&b, "gate", 1, PH_CONTROL);
    const struct ph_input env = build_envelope(&b, gate, 0, 0.001f, action);
    const struct ph_input level = BUILD(&b, "K2A", PH_AUDIO, env);
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), level };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

/** Done action _i of a synth with batched neighbours on both sides, and batched groups. */
START_TEST(done_actions_reach_lanes_as_they_reach_voices)
{
    for (int where = 0; where < 4; where++) {
        struct pair *const p = many_tones();
        struct rt_def *defs[2];
        const int32_t n = n_tones(p), middle = FIRST_ID + n / 2;
        pair_compile(p, defs, build_ender, _i);
        if (where == 1 || where == 2) { /* a group of voices before or behind it */
            pair_group(p, 2, middle, where == 1 ? RT_ADD_BEFORE : RT_ADD_AFTER);
            for (int32_t i = 0; i < 5; i++)
                start_tone(p, 2000 + i, (float)(200 + 2 * i), 2, RT_ADD_TAIL);
        }
        pair_start(p, defs, 3000, 240, where == 0 ? middle : where == 3 ? 1 : 2,
                   where == 2 ? RT_ADD_BEFORE : where == 3 ? RT_ADD_HEAD : RT_ADD_AFTER, 0);
        pair_node(p, LINK_NODE_RUN, middle + 1, 0); /* action 15 resumes one */
        pair_run(p, 4);
        pair_set(p, 3000, "gate", 0, 0);
        pair_run(p, 20);
        const struct rt_node *const ender = rt_table_find(&p->e[0]->w->table, 3000);
        ck_assert(_i == 1 ? ender && ender->paused : _i == 0 ? ender != NULL : ender == NULL);
        for (int i = 0; i < 2; i++)
            nrt_def_release(defs[i]);
        pair_free(p);
    }
}
END_TEST

/** Free: one lane of a batch goes before it has played in this block, or after. */
static struct rt_def *build_killer(struct engine *e, int unused)
{
    (void)unused;
    struct ph_build b;
    ph_build_begin(&b, "killer");
    const struct ph_input t = ph_build_control(&b, "gate", 0, PH_CONTROL);
    const struct ph_input in[] = { t, ph_build_control(&b, "victim", 0, PH_CONTROL) };
    ph_build_unit(&b, "Free", PH_CONTROL, 0, 1, in, 2, 0);
    ph_build_control(&b, "out", 0, PH_CONTROL);
    return engine_compile(e, &b);
}

START_TEST(free_takes_single_lanes_out)
{
    for (int behind = 0; behind < 2; behind++) {
        struct pair *const p = many_tones();
        struct rt_def *defs[2];
        pair_compile(p, defs, build_killer, 0);
        pair_start(p, defs, 3000, 0, 1, behind ? RT_ADD_TAIL : RT_ADD_HEAD, 0);
        pair_run(p, 3);
        for (int32_t i = 0; i < 10; i++) {
            pair_set(p, 3000, "victim", (float)(FIRST_ID + 1 + i), 0);
            pair_set(p, 3000, "gate", 1, 0);
            pair_run(p, 1);
            pair_set(p, 3000, "gate", 0, 0);
            pair_run(p, 1 + (uint32_t)i % 2);
        }
        ck_assert_uint_eq(p->e[0]->n_synths_back, 10);
        for (int i = 0; i < 2; i++)
            nrt_def_release(defs[i]);
        pair_free(p);
    }
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("batch");
    tcase_add_loop_test(tests, voices_sound_as_they_do_alone_in_any_order_lane_and_company, 0,
                        sizeof settings / sizeof settings[0]);
    tcase_add_test(tests, a_voice_of_each_kind_sounds_the_same_in_a_world_of_its_own);
    tcase_add_test(tests, voices_of_one_kind_fill_whole_batches);
    tcase_add_loop_test(tests, voices_that_start_all_at_once_find_their_lanes, 0, 9);
    tcase_add_test(tests, a_lane_that_is_free_takes_the_next_voice);
    tcase_add_test(tests, two_batches_that_fit_into_one_become_one);
    tcase_add_test(tests, a_batch_with_few_voices_dissolves);
    tcase_add_loop_test(tests, there_is_a_batch_whichever_voices_start_first, 0, 8);
    tcase_add_test(tests, a_voice_that_is_withdrawn_takes_no_batch_away);
    tcase_add_test(tests, batches_never_reach_over_groups_or_what_replaces);
    tcase_add_test(tests, a_value_that_is_not_finite_is_its_voices_alone);
    tcase_add_test(tests, the_bus_of_a_lane_may_change);
    tcase_add_test(tests, lanes_pause_resume_and_end_as_voices_do);
    tcase_add_test(tests, fades_of_lanes_are_those_of_voices);
    tcase_add_test(tests, stolen_and_cut_voices_fade_in_their_lanes_as_alone);
    tcase_add_test(tests, panic_fades_voices_in_their_lanes);
    tcase_add_test(tests, hush_fades_lanes_of_the_output_stage);
    tcase_add_loop_test(tests, done_actions_reach_lanes_as_they_reach_voices, 0, 16);
    tcase_add_test(tests, free_takes_single_lanes_out);
    return engine_main("rt batch", tests);
}
