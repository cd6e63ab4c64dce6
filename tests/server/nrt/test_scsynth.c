/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_scsynth.c - scsynth's commands from packet to answer, through the        */
/* engine.                                                                                        */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "protocol/osc.h"
#include "protocol/timetag.h"
#include "server/nrt/defs.h"
#include "server/nrt/scsynth.h"
#include "server/nrt/synth.h"
#include "server/rt/world.h"
#include "tests/server/nrt/door.h"

static void send_def(struct door *d, const char *name)
{
    struct ph_writer def = door_def(name);
    door_send(d, door_packet("/d_recv", "bi", &def, 0));
    ph_writer_finish(&def);
    door_expect(d, "/done /d_recv");
}

/** Takes what is on its way to the audio thread; for messages that own nothing. */
static uint32_t drain_commands(struct door *d, struct link_command *last)
{
    uint32_t n = 0;
    while (link_ring_pop(d->context->commands, last))
        n++;
    return n;
}

/* ---- server ---------------------------------------------------------------------------------- */

START_TEST(status_and_version_have_scsynth_s_fields)
{
    struct door d;
    door_open(&d);
    door_block(&d);
    door_send(&d, door_packet("/status", ""));
    door_expect(&d, "/status.reply 1 0 0 1 0 f f d d"); /* the output stage isn't theirs */
    door_send(&d, door_packet("/version", ""));
    door_expect(&d, "/version.reply scsynth 3 13 .0 phonond ");
    door_close(&d);
}
END_TEST

START_TEST(notify_tells_client_and_limit_and_refuses_as_scsynth_does)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/notify", "ii", 1, 1));
    door_expect(&d, "/done /notify 1 2");
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/fail /notify notify: already registered\n 1");
    const int first = d.client;
    d.client = door_connect(&d, SOCK_DGRAM);
    door_send(&d, door_packet("/notify", "ii", 1, 1)); /* taken: another is given */
    door_expect(&d, "/done /notify 0 2");
    close(d.client);
    d.client = door_connect(&d, SOCK_DGRAM);
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/fail /notify too many users\n");
    door_send(&d, door_packet("/notify", "i", 0));
    door_expect(&d, "/fail /notify not registered\n");
    close(d.client);
    d.client = first;
    door_send(&d, door_packet("/notify", "i", 0));
    door_expect(&d, "/done /notify");
    door_close(&d);
}
END_TEST

START_TEST(an_id_rests_as_long_as_others_are_free)
{
    struct door d;
    door_open(&d);
    for (int i = 0; i < 5; i++) { /* nodes of who left may still play */
        door_send(&d, door_packet("/notify", "i", 1));
        door_expect(&d, i % 2 ? "/done /notify 1 2" : "/done /notify 0 2");
        door_send(&d, door_packet("/notify", "i", 0));
        door_expect(&d, "/done /notify");
    }
    door_close(&d);
}
END_TEST

/** Whether the audio thread was last told that somebody listens; -1: it was told nothing. */
static int listening(struct door *d)
{
    struct link_command last;
    return drain_commands(d, &last) && last.kind == LINK_LISTEN ? last.u.node.value : -1;
}

START_TEST(the_audio_thread_knows_whether_anybody_listens)
{
    struct door d;
    door_open(&d);
    door_block(&d); /* the engine takes what was sent at start */
    ck_assert_int_eq(listening(&d), -1);
    nrt_scsynth_begin(d.context);
    ck_assert_int_eq(listening(&d), 0);
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/done /notify 0 2");
    ck_assert_int_eq(listening(&d), 1);
    const int first = d.client;
    d.client = door_connect(&d, SOCK_DGRAM);
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/done /notify 1 2");
    close(d.client);
    d.client = first;
    door_send(&d, door_packet("/notify", "i", 0));
    door_expect(&d, "/done /notify");
    ck_assert_int_eq(listening(&d), 1); /* the other one still does */
    d.context->replies.clients[0].sender.connection = 7;
    d.context->replies.clients[1].sender.connection = 7;
    nrt_scsynth_forget_connection(d.context, 7);
    ck_assert_int_eq(listening(&d), 0);
    door_close(&d);
}
END_TEST

START_TEST(quit_is_answered_and_noted)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/quit", ""));
    door_expect(&d, "/done /quit");
    ck_assert(d.context->quit);
    door_close(&d);
}
END_TEST

START_TEST(sync_answers_when_what_came_before_has_been_rendered_for_a_block)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/sync", "i", 42));
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "/synced 42");
    door_close(&d);
}
END_TEST

/* ---- nodes ----------------------------------------------------------------------------------- */

START_TEST(a_synth_by_integer_address_sounds_and_is_announced)
{
    struct door d;
    struct ph_writer w = {0};
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/done /notify 0 2");
    ph_write_i32(&w, 9);
    ph_write_bytes(&w, ",siiisi\0dc\0\0", 12);
    ph_write_i32(&w, 1000);
    ph_write_i32(&w, 0);
    ph_write_i32(&w, 0);
    ph_write_bytes(&w, "level\0\0\0", 8);
    ph_write_i32(&w, 1); /* an integer where scsynth has a float */
    door_send(&d, w);
    door_block(&d);
    door_expect(&d, "/n_go 1000 0 -1 -1 0");
    ck_assert_float_eq(d.left[63], 1);
    ck_assert_float_eq(d.right[63], 0);
    door_close(&d);
}
END_TEST

/** The server's own groups lie between the client's nodes in group 0, and behind them. */
START_TEST(notifications_name_no_node_that_clients_do_not_have)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/done /notify 0 2");
    door_send(&d, door_packet("/g_new", "iiiiii", 1, 0, 0, 2, 1, 0));
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    door_send(&d, door_packet("/s_new", "siii", "dc", 1001, 1, 0));
    door_block(&d);
    door_expect(&d, "/n_go 1 0 -1 -1 1 -1 -1");
    door_expect(&d, "/n_go 2 0 1 -1 1 -1 -1");
    door_expect(&d, "/n_go 1000 0 -1 1 0");
    door_expect(&d, "/n_go 1001 0 2 -1 0");
    door_send(&d, door_packet("/n_run", "ii", 0, 0));
    door_block(&d);
    door_expect(&d, "/n_off 0 -1 -1 -1 1 1000 1001");
    door_close(&d);
}
END_TEST

START_TEST(controls_are_set_by_name_by_number_and_by_array)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/s_new", "siiiifsf", "dc", 1000, 0, 0, 1, 0.5, "nothing", 9.0));
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.5f);
    door_send(&d, door_packet("n_set", "isf", 1000, "level", 0.75)); /* without slash */
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.75f);
    door_send(&d, door_packet("/n_set", "iifif", 1000, 0, 1.0, 1, 0.125)); /* out 1, level 1/8 */
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0);
    ck_assert_float_eq(d.right[63], 0.125f);
    struct ph_writer w = {0};
    ph_write_bytes(&w, "/n_set\0\0,ii[ff]\0", 16);
    ph_write_i32(&w, 1000);
    ph_write_i32(&w, 0);
    ph_write_f32(&w, 0);
    ph_write_f32(&w, 0.0625f);
    door_send(&d, w);
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.0625f);
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

START_TEST(an_array_ends_with_its_parameter)
{
    struct door d;
    struct ph_writer w = {0};
    door_open(&d);
    send_def(&d, "dc");
    ph_write_bytes(&w, "/s_new\0\0,siiis[ff]\0\0dc\0\0", 24);
    ph_write_i32(&w, 1000);
    ph_write_i32(&w, 0);
    ph_write_i32(&w, 0);
    ph_write_bytes(&w, "out\0", 4);
    ph_write_f32(&w, 1);
    ph_write_f32(&w, 9); /* must not spill into `level` */
    door_send(&d, w);
    door_block(&d);
    ck_assert_float_eq(d.right[63], 0.25f);
    door_close(&d);
}
END_TEST

START_TEST(nodes_end_pause_and_go_on)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/g_new", "iiiiii", 10, 0, 0, 11, 1, 10));
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 11));
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.25f);
    door_send(&d, door_packet("/n_run", "ii", 10, 0));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0);
    door_send(&d, door_packet("/n_run", "ii", 10, 1));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.25f);
    door_send(&d, door_packet("/g_freeAll", "i", 11));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0);
    door_send(&d, door_packet("/n_free", "ii", 11, 10));
    door_block(&d);
    door_block(&d);
    door_expect(&d, "");
    door_send(&d, door_packet("/status", ""));
    door_expect(&d, "/status.reply 1 0 0 1 1 f f d d");
    door_close(&d);
}
END_TEST

START_TEST(failures_have_scsynth_s_texts)
{
    static const struct {
        const char *address, *types;
        int a, b, c;
        const char *answer;
    } cases[] = {
        {"/n_free", "i", 77, 0, 0, "/fail /n_free Node 77 not found"},
        {"/n_free", "i", -2, 0, 0, "/fail /n_free Node -2 not found"}, /* the server's own group */
        {"/n_run", "ii", 77, 1, 0, "/fail /n_run Node 77 not found"},
        {"/n_run", "i", 77, 0, 0, "/fail /n_run Node 77 not found"},
        {"/g_freeAll", "i", 77, 0, 0, "/fail /g_freeAll Group 77 not found"},
        {"/g_new", "iii", 50, 0, 77, "/fail /g_new Group 77 not found"},
        {"/g_new", "iii", 50, 9, 0, "/fail /g_new failed"},
        {"/g_new", "iii", -5, 0, 0, "/fail /g_new negative node IDs are reserved"},
        {"/g_new", "iii", 50, 4, 0, "/fail /g_new can't replace group 0"},
        {"/c_set", "ii", 1 << 30, 0, 0, "/fail /c_set index out of range"},
        {"/c_set", "ii", -1, 0, 0, "/fail /c_set index out of range"},
        {"/b_alloc", "ii", -1, 64, 0, "/fail /b_alloc index out of range"},
        {"/b_alloc", "iii", 3, -64, 1, "/fail /b_alloc index out of range"},
        {"/b_alloc", "iii", 3, 1 << 30, 1024, "/fail /b_alloc larger than the limit"},
        {"/nothing", "i", 1, 0, 0, "/fail /nothing Command not found"},
        {"/*", "i", 1, 0, 0, "/fail /* Command not found"},
        {"/phonon/commit", "i", 1, 0, 0, "/fail /phonon/commit Command not found"},
    };
    struct door d;
    door_open(&d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        door_send(&d, door_packet(cases[i].address, cases[i].types, cases[i].a, cases[i].b,
                                  cases[i].c));
        door_block(&d);
        door_expect(&d, cases[i].answer);
    }
    door_send(&d, door_packet("/s_new", "siii", "nodef", 1000, 0, 0));
    door_block(&d); /* in the order of the others' answers */
    door_expect(&d, "/fail /s_new SynthDef not found");
    send_def(&d, "dc");
    /* the rest is passed over */
    door_send(&d, door_packet("/g_new", "iiiiii", 50, 3, 77, 51, 0, 0));
    door_block(&d);
    door_expect(&d, "/fail /g_new target Node 77 not found");
    door_expect(&d, "");
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    door_block(&d);
    door_expect(&d, "/fail /s_new duplicate node ID");
    door_send(&d, door_packet("/d_free", "s", "dc"));
    door_send(&d, door_packet("/s_new", "siii", "dc", 1001, 0, 0));
    door_block(&d);
    door_expect(&d, "/fail /s_new SynthDef not found");
    door_send(&d, door_packet("/b_alloc", "ii", (int)d.context->n_user_buffers, 64)); /* one past */
    door_block(&d);
    door_expect(&d, "/fail /b_alloc index out of range");
    door_close(&d);
}
END_TEST

START_TEST(a_full_ring_is_told_and_nothing_is_lost_track_of)
{
    struct door d;
    door_open_with(&d, 16);
    send_def(&d, "dc");
    int n_full = 0;
    for (int i = 0; i < 64; i++) {
        char text[256];
        door_send(&d, door_packet("/s_new", "siii", "dc", 1000 + i, 0, 0));
        n_full += strcmp(door_answer(&d, text, sizeof text), "/fail /s_new queue full") == 0;
    }
    ck_assert_int_ge(n_full, 64 - 16);
    ck_assert_int_lt(n_full, 64);
    door_block(&d); /* makes room again */
    door_send(&d, door_packet("/s_new", "siii", "dc", 5000, 0, 0));
    door_expect(&d, "");
    door_send(&d, door_packet("/g_freeAll", "i", 0));
    door_block(&d);
    door_block(&d);
    ck_assert_uint_eq(atomic_load(&nrt_defs_find(d.context->defs, "dc")->n_refs), 1);
    door_close(&d);
}
END_TEST

/** The audio thread, with a wall clock; beside the test, until it is told to stop. */
struct audio {
    struct rt_world *world;
    uint64_t ntp;
    atomic_bool stops;
};

static void tick(struct audio *audio)
{
    static float left[DSP_BLOCK_FRAMES], right[DSP_BLOCK_FRAMES];
    float *const out[DOOR_OUTPUTS] = {left, right};
    rt_block_run(audio->world, NULL, out, audio->ntp);
    audio->ntp += (UINT64_C(1) << 32) * DSP_BLOCK_FRAMES / 48000;
}

static void *render(void *argument)
{
    struct audio *const audio = argument;
    while (!atomic_load(&audio->stops))
        tick(audio);
    return NULL;
}

/** Synths of a future without definition, which all come back at once; the ring has room for 16. */
START_TEST(messages_that_waited_keep_their_order_through_a_full_ring)
{
    enum { SYNTHS = 200, FIRST = 1000 };
    struct door d;
    struct ph_writer def = door_def("late");
    pthread_t thread;
    door_open_with(&d, 16);
    struct audio audio = {.world = d.world->rt, .ntp = UINT64_C(3900000000) << 32};
    const uint64_t due = audio.ntp + (UINT64_C(1) << 31); /* half a second, or 375 blocks */
    tick(&audio);
    door_send(&d, door_packet("/notify", "i", 1));
    door_expect(&d, "/done /notify 0 2");
    for (int i = 0; i < SYNTHS; i++, tick(&audio))
        door_send(&d, door_bundle(due, door_packet("/s_new", "siii", "late", FIRST + i, 1, 0)));
    door_send(&d, door_packet("/d_recv", "bi", &def, 0));
    door_expect(&d, "/done /d_recv");
    while (audio.ntp <= due + (UINT64_C(1) << 28))
        tick(&audio);
    ck_assert_uint_ge(link_ring_ready(d.context->reports), SYNTHS);
    ck_assert_int_eq(pthread_create(&thread, NULL, render, &audio), 0);
    door_turn(&d);
    atomic_store(&audio.stops, true);
    pthread_join(thread, NULL);
    tick(&audio);
    door_turn(&d);
    for (int i = 0; i < SYNTHS; i++) {
        char expected[64], text[256];
        snprintf(expected, sizeof expected, "/n_go %d 0 ", FIRST + i);
        ck_assert_msg(strncmp(door_answer(&d, text, sizeof text), expected, strlen(expected)) == 0,
                      "%sis %s", expected, text);
    }
    ph_writer_finish(&def);
    door_close(&d);
}
END_TEST

/* ---- definitions ----------------------------------------------------------------------------- */

START_TEST(a_bad_definition_is_told_and_done)
{
    struct door d;
    struct ph_writer junk = {0};
    door_open(&d);
    ph_write_bytes(&junk, "SCgf\0\0\0\2\0\1", 10);
    door_send(&d, door_packet("/d_recv", "b", &junk));
    door_expect(&d, "/fail /d_recv /d_recv: data ends early");
    door_expect(&d, "/done /d_recv");
    ph_writer_finish(&junk);
    door_send(&d, door_packet("/d_recv", "i", 3));
    door_expect(&d, "/fail /d_recv wrong argument type");
    door_close(&d);
}
END_TEST

START_TEST(completion_messages_run_before_the_answer)
{
    struct door d;
    struct ph_writer def = door_def("dc");
    door_open(&d);
    struct ph_writer inner = door_packet("/notify", "i", 0); /* answers at once */
    door_send(&d, door_packet("/d_recv", "bb", &def, &inner));
    door_expect(&d, "/fail /notify not registered\n");
    door_block(&d);
    door_expect(&d, "/done /d_recv");
    ph_writer_finish(&inner);
    inner = door_packet("/s_new", "siii", "dc", 1000, 0, 77); /* the audio thread answers */
    door_send(&d, door_packet("/d_recv", "bb", &def, &inner));
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "/fail /s_new Group 77 not found");
    door_expect(&d, "/done /d_recv");
    ph_writer_finish(&inner);
    inner = door_packet("/s_new", "siii", "dc", 1000, 0, 0);
    door_send(&d, door_packet("/d_recv", "bb", &def, &inner));
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.25f);
    ph_writer_finish(&inner);
    ph_writer_finish(&def);
    door_close(&d);
}
END_TEST

START_TEST(completion_messages_nest_to_a_limit)
{
    struct door d;
    struct ph_writer def = door_def("dc"), packet = door_packet("/n_free", "i", -7);
    door_open(&d);
    for (int i = 0; i < 200; i++) {
        struct ph_writer outer = door_packet("/d_recv", "bb", &def, &packet);
        ph_writer_finish(&packet);
        packet = outer;
        if (packet.size > 50000)
            break;
    }
    door_send(&d, packet);
    door_block(&d);
    for (int i = 0; i < 5; i++) /* the outermost and four inside it; the rest is refused */
        door_expect(&d, "/done /d_recv");
    door_expect(&d, "");
    ph_writer_finish(&def);
    door_close(&d);
}
END_TEST

/* ---- time ------------------------------------------------------------------------------------ */

/** Frame 480000 is at a round second, and the rate is exact. */
static struct link_status set_clock(struct door *d)
{
    struct link_status now;
    door_block(d); /* takes what was sent at the start */
    link_snapshot_read(d->context->snapshot, &now);
    now.frame = 480000;
    now.ntp = UINT64_C(3900000000) << 32;
    now.frames_per_second = 48000;
    link_snapshot_write(d->context->snapshot, &now);
    return now;
}

START_TEST(time_tags_become_frames)
{
    struct door d;
    struct link_status now;
    struct link_command c;
    door_open(&d);
    now = set_clock(&d);
    door_send(&d, door_bundle(now.ntp + (UINT64_C(1) << 31), door_packet("/c_set", "if", 1, 1.0)));
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert(c.due_frame == 480000 + 24000);
    door_send(&d, door_bundle(now.ntp - (UINT64_C(1) << 31), door_packet("/c_set", "if", 1, 1.0)));
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert(c.due_frame == 480000 - 24000); /* late: the engine counts it */
    door_send(&d, door_bundle(now.ntp - (UINT64_C(100) << 32),
                              door_packet("/c_set", "if", 1, 1.0)));
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert(c.due_frame == 1); /* long before the start: late still, not "now" */
    door_send(&d, door_bundle(1, door_packet("/c_set", "if", 1, 1.0)));
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert(c.due_frame == 0);
    door_close(&d);
}
END_TEST

START_TEST(equal_time_tags_fall_on_one_frame_while_the_clock_is_adjusted)
{
    enum { TAGS = 64, STEP = 1 << 20 }; /* 0.25 ms apart, some 12 frames and a part of one */
    struct door d;
    struct link_status now;
    struct link_command c;
    uint64_t frames[TAGS];
    door_open(&d);
    now = set_clock(&d);
    const uint64_t first = now.ntp + (UINT64_C(1) << 30);
    for (int turn = 0; turn < 2; turn++) {
        link_snapshot_write(d.context->snapshot, &now);
        for (int i = 0; i < TAGS; i++) {
            door_send(&d,
                      door_bundle(first + (uint64_t)i * STEP, door_packet("/c_set", "if", 1, 1.0)));
            ck_assert_uint_eq(drain_commands(&d, &c), 1);
            if (turn > 0)
                ck_assert_uint_eq(c.due_frame, frames[i]);
            frames[i] = c.due_frame;
        }
        now.ntp += 40000; /* 9 microseconds */
    }
    door_close(&d);
}
END_TEST

START_TEST(a_synth_knows_where_in_its_first_frame_its_time_lies)
{
    static const double frames[] = { 0, 0.25, 0.75, -0.25 };
    static const float offsets[] = { 0.5f, 0.75f, 0.25f, 0.25f };
    struct door d;
    struct link_status now;
    struct link_command c;
    door_open(&d);
    send_def(&d, "beep");
    now = set_clock(&d);
    for (int i = 0; i < 4; i++) {
        const uint64_t time = now.ntp + (uint64_t)((1000 + frames[i]) / 48000 * 0x1p32);
        door_send(&d, door_bundle(time, door_packet("/s_new", "siii", "beep", 1000 + i, 0, 0)));
        ck_assert_uint_eq(drain_commands(&d, &c), 1);
        ck_assert_int_eq(c.kind, LINK_SYNTH_ADD);
        ck_assert(c.due_frame == 481000 + (frames[i] > 0.5));
        ck_assert_float_eq_tol(c.u.add.synth->own_dsp.subsample, offsets[i], 2e-5f);
        nrt_synth_free(c.u.add.synth);
    }
    door_send(&d, door_packet("/s_new", "siii", "beep", 1010, 0, 0));
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert_float_eq(c.u.add.synth->own_dsp.subsample, 0);
    nrt_synth_free(c.u.add.synth);
    door_close(&d);
}
END_TEST

START_TEST(a_score_s_time_starts_at_frame_0)
{
    struct door d;
    struct link_command c;
    door_open(&d);
    door_block(&d); /* takes what was sent at the start */
    struct nrt_osc_server *const osc = d.context->osc;
    d.context->osc = NULL; /* offline */
    struct ph_writer w = door_bundle(UINT64_C(3) << 31, door_packet("/c_set", "if", 1, 1.0));
    nrt_dispatch(d.context, NULL, w.data, w.size);
    ck_assert_uint_eq(drain_commands(&d, &c), 1);
    ck_assert(c.due_frame == 72000);
    ph_writer_finish(&w);
    d.context->osc = osc;
    door_close(&d);
}
END_TEST

START_TEST(a_mapped_control_follows_its_bus_and_has_its_own_value_back)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/c_set", "if", 5, 0.5));
    door_send(&d, door_packet("/s_new", "siiiss", "dc", 1000, 0, 0, "level", "c5"));
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.5f);
    door_send(&d, door_packet("/c_set", "if", 5, 0.125));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.125f);
    door_send(&d, door_packet("/g_queryTree", "ii", 0, 1));
    door_block(&d);
    door_expect(&d, "/g_queryTree.reply 1 0 1 1000 -1 dc 2 out f level c5");
    door_send(&d, door_packet("/n_map", "isi", 1000, "level", -1));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.25f); /* the definition's */
    /* where the driver's input lies */
    door_send(&d, door_packet("/n_mapa", "isi", 1000, "level", 3));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0);
    door_send(&d, door_packet("/n_set", "isf", 1000, "level", 0.75));
    door_block(&d);
    door_block(&d);
    ck_assert_float_eq(d.left[63], 0.75f);
    door_close(&d);
}
END_TEST

START_TEST(controls_that_follow_buses_have_one_each_as_far_as_there_are)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    door_send(&d, door_packet("/n_mapn", "iiii", 1000, 0, 5, 2));
    door_send(&d, door_packet("/g_queryTree", "ii", 0, 1));
    door_block(&d);
    door_expect(&d, "/g_queryTree.reply 1 0 1 1000 -1 dc 2 out c5 level c6");
    door_send(&d, door_packet("/n_mapn", "iiii", 1000, 0, -1, 2));
    const int last = (int)d.context->engine.n_control_buses - 1;
    door_send(&d, door_packet("/n_mapn", "iiii", 1000, 0, last, 2));
    door_send(&d, door_packet("/g_queryTree", "ii", 0, 1));
    door_block(&d);
    door_expect(&d, "/g_queryTree.reply 1 0 1 1000 -1 dc 2 out c16383 level f");
    door_close(&d);
}
END_TEST

static void expect_at(struct door *d, const char *path, int from, const char *answer)
{
    door_send(d, door_packet("/s_get", "sis", path, from, "out"));
    door_block(d);
    door_expect(d, answer);
}

/** The hidden groups, which are between the two or at an end, are no steps. */
START_TEST(paths_lead_from_the_first_node_to_the_last_and_no_further)
{
    struct door d;
    door_open(&d);
    send_def(&d, "dc");
    door_send(&d, door_packet("/s_new", "siii", "dc", 1001, 1, 0));
    expect_at(&d, "h", 0, "/n_set 1001 out f");
    expect_at(&d, "p", 1001, "/fail /s_get Node 1001 not found");
    door_send(&d, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    expect_at(&d, "h", 0, "/n_set 1000 out f");
    expect_at(&d, "t", 0, "/n_set 1001 out f");
    expect_at(&d, "n", 1000, "/n_set 1001 out f");
    expect_at(&d, "p", 1001, "/n_set 1000 out f");
    expect_at(&d, "uh", 1001, "/n_set 1000 out f");
    expect_at(&d, "p", 1000, "/fail /s_get Node 1000 not found");
    expect_at(&d, "n", 1001, "/fail /s_get Node 1001 not found");
    expect_at(&d, "h", 1000, "/fail /s_get Node 1000 not found");
    door_send(&d, door_packet("/n_free", "i", 1001));
    expect_at(&d, "t", 0, "/n_set 1000 out f");
    expect_at(&d, "n", 1000, "/fail /s_get Node 1000 not found");
    door_close(&d);
}
END_TEST

START_TEST(control_buses_are_filled_as_far_as_there_are)
{
    struct door d;
    door_open(&d);
    const float *const bus = d.world->rt->env.control;
    door_send(&d, door_packet("/c_fill", "iif", 1, 2, 7.0));
    door_block(&d);
    ck_assert(bus[0] == 0 && bus[1] == 7 && bus[2] == 7 && bus[3] == 0);
    door_send(&d, door_packet("/c_fill", "iifiif", -3, 5, 6.0, 16382, 10, 8.0));
    door_block(&d);
    ck_assert(bus[0] == 6 && bus[1] == 6 && bus[2] == 7 && bus[16382] == 8 && bus[16383] == 8);
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

START_TEST(questions_are_answered_by_the_block_they_fall_in)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/c_getn", "iiii", 3, 2, 16383, 1));
    door_block(&d);
    door_expect(&d, "/c_setn 3 2 f f 16383 1 f");
    door_send(&d, door_packet("/c_get", "ii", 3, 16384)); /* all or nothing */
    door_block(&d);
    door_expect(&d, "/fail /c_get index out of range");
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

START_TEST(names_are_printed_without_escapes)
{
    struct door d;
    struct ph_writer def = door_def("a\033[2Jb");
    char text[4096] = "";
    FILE *const file = tmpfile();
    door_open(&d);
    door_send(&d, door_packet("/d_recv", "bi", &def, 0));
    door_send(&d, door_packet("/s_new", "siii", "a\033[2Jb", 1000, 0, 0));
    door_block(&d);
    fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    door_send(&d, door_packet("/g_dumpTree", "ii", 0, 1));
    door_send(&d, door_packet("/n_trace", "i", 1000));
    door_block(&d);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    rewind(file);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, "1000 a.[2Jb"));
    ck_assert_ptr_nonnull(strstr(text, "TRACE 1000  a.[2Jb"));
    ck_assert_ptr_null(strchr(text, '\033'));
    ph_writer_finish(&def);
    door_close(&d);
}
END_TEST

START_TEST(questions_without_end_do_not_reach_the_audio_thread)
{
    enum { SPANS = 6600 };
    static const char *const addresses[] = {"/b_query", "/c_getn", "/s_getn"};
    struct door d;
    struct link_command c;
    char tags[2 * SPANS + 2];
    door_open(&d);
    door_block(&d); /* takes what was sent at the start */
    memset(tags, 'i', sizeof tags);
    for (uint32_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct ph_writer w = {0};
        const size_t n = i == 0 ? SPANS : 2 * SPANS + (i == 2); /* the node's id */
        ph_write_bytes(&w, addresses[i], strlen(addresses[i]) + 1);
        ph_write_bytes(&w, "\0\0\0", -w.size & 3);
        ph_write_u8(&w, ',');
        ph_write_bytes(&w, tags, n);
        ph_write_u8(&w, 0);
        ph_write_bytes(&w, "\0\0\0", -w.size & 3);
        for (size_t k = 0; k < n; k++)
            ph_write_i32(&w, 0);
        ck_assert_int_eq(nrt_dispatch(d.context, NULL, w.data, w.size), PH_OK);
        ph_writer_finish(&w);
        while (link_ring_pop(d.context->commands, &c))
            ck_assert_int_ne(c.kind, LINK_QUERY);
    }
    door_close(&d);
}
END_TEST

START_TEST(a_bundle_with_one_malformed_element_changes_nothing)
{
    struct door d;
    struct link_command c;
    struct ph_writer w = door_bundle(1, door_packet("/c_set", "if", 1, 1.0));
    door_open(&d);
    door_block(&d); /* takes what was sent at the start */
    ph_write_i32(&w, -4);
    door_send(&d, w);
    ck_assert_uint_eq(drain_commands(&d, &c), 0);
    ck_assert(nrt_osc_server_counts(d.context->osc).n_malformed == 1);
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("scsynth");
    tcase_add_test(t, status_and_version_have_scsynth_s_fields);
    tcase_add_test(t, notify_tells_client_and_limit_and_refuses_as_scsynth_does);
    tcase_add_test(t, an_id_rests_as_long_as_others_are_free);
    tcase_add_test(t, the_audio_thread_knows_whether_anybody_listens);
    tcase_add_test(t, quit_is_answered_and_noted);
    tcase_add_test(t, sync_answers_when_what_came_before_has_been_rendered_for_a_block);
    tcase_add_test(t, a_synth_by_integer_address_sounds_and_is_announced);
    tcase_add_test(t, notifications_name_no_node_that_clients_do_not_have);
    tcase_add_test(t, controls_are_set_by_name_by_number_and_by_array);
    tcase_add_test(t, an_array_ends_with_its_parameter);
    tcase_add_test(t, nodes_end_pause_and_go_on);
    tcase_add_test(t, failures_have_scsynth_s_texts);
    tcase_add_test(t, a_full_ring_is_told_and_nothing_is_lost_track_of);
    tcase_add_test(t, messages_that_waited_keep_their_order_through_a_full_ring);
    tcase_add_test(t, a_bad_definition_is_told_and_done);
    tcase_add_test(t, completion_messages_run_before_the_answer);
    tcase_add_test(t, completion_messages_nest_to_a_limit);
    tcase_add_test(t, time_tags_become_frames);
    tcase_add_test(t, equal_time_tags_fall_on_one_frame_while_the_clock_is_adjusted);
    tcase_add_test(t, a_synth_knows_where_in_its_first_frame_its_time_lies);
    tcase_add_test(t, a_score_s_time_starts_at_frame_0);
    tcase_add_test(t, a_mapped_control_follows_its_bus_and_has_its_own_value_back);
    tcase_add_test(t, controls_that_follow_buses_have_one_each_as_far_as_there_are);
    tcase_add_test(t, paths_lead_from_the_first_node_to_the_last_and_no_further);
    tcase_add_test(t, control_buses_are_filled_as_far_as_there_are);
    tcase_add_test(t, questions_are_answered_by_the_block_they_fall_in);
    tcase_add_test(t, names_are_printed_without_escapes);
    tcase_add_test(t, questions_without_end_do_not_reach_the_audio_thread);
    tcase_add_test(t, a_bundle_with_one_malformed_element_changes_nothing);
    return check_run("scsynth", t);
}
