/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_scsynth_buffers.c - buffers of scsynth's clients, and what takes its     */
/* turn.                                                                                          */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>

#include "protocol/timetag.h"
#include "server/load/buffers.h"
#include "tests/server/nrt/door.h"

/** A turn in the audio thread, the work, and another turn: an asynchronous command is answered. */
static void two_blocks(struct door *d)
{
    door_block(d);
    door_block(d);
}

static void do_async(struct door *d, struct ph_writer packet)
{
    door_send(d, packet);
    two_blocks(d);
}

/** The floats of a /b_setn with one run; their number. */
static int take_values(struct door *d, float *values, int max)
{
    uint8_t packet[65536];
    const ssize_t size = recv(d->client, packet, sizeof packet, MSG_DONTWAIT);
    int result, n = 0;
    ck_assert_int_gt(size, 0);
    ck_assert_str_eq((const char *)packet, "/b_setn");
    const lo_message m = lo_message_deserialise(packet, (size_t)size, &result);
    ck_assert_ptr_nonnull(m);
    for (int i = 3; i < lo_message_get_argc(m) && n < max; i++) /* aligned to 4 bytes only */
        memcpy(&values[n++], (const char *)lo_message_get_argv(m)[i], sizeof *values);
    lo_message_free(m);
    return n;
}

static void get_values(struct door *d, int buffer, int n, float *values)
{
    door_send(d, door_packet("/b_getn", "iii", buffer, 0, n));
    door_block(d);
    ck_assert_int_eq(take_values(d, values, n), n);
}

static void make_path(char *path)
{
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void write_sound(const char *path)
{
    SF_INFO info = {.samplerate = 44100, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    float frames[100];
    for (int i = 0; i < 100; i++)
        frames[i] = (float)i / 100;
    SNDFILE *const f = sf_open(path, SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(sf_writef_float(f, frames, 100), 100);
    sf_close(f);
}

/* ---- the order of things --------------------------------------------------------------------- */

START_TEST(an_asynchronous_command_is_answered_when_the_audio_thread_has_what_came_of_it)
{
    struct door d;
    float values[4];
    door_open(&d);
    door_send(&d, door_packet("/b_alloc", "iiii", 3, 64, 2, 0));
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "/done /b_alloc 3");
    get_values(&d, 3, 4, values);
    ck_assert_float_eq(values[0], 0);
    door_close(&d);
}
END_TEST

START_TEST(sync_waits_for_asynchronous_commands_before_it)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/b_alloc", "ii", 3, 64));
    door_send(&d, door_packet("/sync", "i", 7));
    door_block(&d);
    door_expect(&d, "");
    door_block(&d);
    door_expect(&d, "/done /b_alloc 3");
    door_expect(&d, "/synced 7");
    door_close(&d);
}
END_TEST

START_TEST(a_completion_message_finds_the_new_contents_before_the_answer)
{
    struct door d;
    door_open(&d);
    struct ph_writer then = door_packet("/b_query", "i", 3);
    door_send(&d, door_packet("/b_alloc", "iiib", 3, 64, 2, &then));
    ph_writer_finish(&then);
    two_blocks(&d);
    door_expect(&d, "/b_info 3 64 2 f");
    door_expect(&d, "/done /b_alloc 3");
    door_close(&d);
}
END_TEST

/** The snapshot says a wall time, so that time tags count. */
static uint64_t begin_time(struct door *d)
{
    struct link_status now;
    door_block(d);
    link_snapshot_read(d->context->snapshot, &now);
    now.ntp = UINT64_C(3900000000) << 32;
    now.frames_per_second = 48000;
    link_snapshot_write(d->context->snapshot, &now);
    return now.ntp;
}

/** The tag of a frame so many blocks ahead. */
static uint64_t blocks_ahead(uint64_t ntp, int n)
{
    return ntp + (uint64_t)((double)n * 64 / 48000 * 4294967296.0);
}

START_TEST(an_asynchronous_command_of_the_future_begins_at_its_time)
{
    struct door d;
    door_open(&d);
    const uint64_t ntp = begin_time(&d);
    door_send(&d, door_bundle(blocks_ahead(ntp, 3), door_packet("/b_alloc", "ii", 3, 64)));
    door_send(&d, door_bundle(blocks_ahead(ntp, 3), door_packet("/notify", "i", 1)));
    door_send(&d, door_packet("/b_query", "i", 3));
    two_blocks(&d);
    door_expect(&d, "/b_info 3 0 0 f");
    door_expect(&d, "");
    for (int i = 0; i < 3; i++)
        door_block(&d);
    door_expect(&d, "/done /notify 0 2");
    door_expect(&d, "/done /b_alloc 3");
    door_close(&d);
}
END_TEST

START_TEST(clear_sched_drops_commands_that_wait_for_their_time)
{
    struct door d;
    door_open(&d);
    const uint64_t ntp = begin_time(&d);
    for (int i = 0; i < 600; i++) /* more than the audio thread's backlog of reports */
        door_send(&d, door_bundle(blocks_ahead(ntp, 3), door_packet("/b_alloc", "ii", 3, 64)));
    ck_assert_uint_eq(d.context->jobs.n, 600);
    door_send(&d, door_packet("/clearSched", ""));
    for (int i = 0; i < 6; i++)
        door_block(&d);
    door_expect(&d, "");
    ck_assert_uint_eq(d.context->jobs.n, 0);
    ck_assert_uint_eq(d.context->jobs.n_bytes, 0);
    door_close(&d);
}
END_TEST

START_TEST(a_synth_of_the_future_waits_for_its_definition)
{
    struct door d;
    struct ph_writer def = door_def("late");
    door_open(&d);
    const uint64_t ntp = begin_time(&d);
    door_send(&d, door_bundle(blocks_ahead(ntp, 2),
                              door_packet("/s_new", "siii", "late", 1000, 0, 0)));
    door_send(&d, door_bundle(blocks_ahead(ntp, 2),
                              door_packet("/s_new", "siii", "never", 1001, 0, 0)));
    door_expect(&d, "");
    door_send(&d, door_packet("/d_recv", "b", &def));
    ph_writer_finish(&def);
    door_expect(&d, "/done /d_recv");
    for (int i = 0; i < 5; i++)
        door_block(&d);
    ck_assert_float_eq_tol(d.left[0], 0.25f, 1e-6f);
    door_expect(&d, "/fail /s_new SynthDef not found");
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

/* ---- contents -------------------------------------------------------------------------------- */

START_TEST(values_are_set_clipped_and_refused_as_scsynth_does)
{
    struct door d;
    float v[4];
    door_open(&d);
    do_async(&d, door_packet("/b_alloc", "ii", 0, 4));
    door_expect(&d, "/done /b_alloc 0");
    door_send(&d, door_packet("/b_setn", "iiiffff", 0, -2, 4, 1.0, 2.0, 3.0, 4.0));
    get_values(&d, 0, 4, v);
    ck_assert(v[0] == 1 && v[1] == 2 && v[2] == 0 && v[3] == 0);
    door_send(&d, door_packet("/b_setn", "iiiff", 0, 3, 2, 5.0, 6.0));
    get_values(&d, 0, 4, v);
    ck_assert(v[2] == 0 && v[3] == 5);
    door_send(&d, door_packet("/b_set", "iififif", 0, 1, 7.0, 4, 8.0, 0, 9.0));
    door_block(&d);
    door_expect(&d, "/fail /b_set index out of range");
    get_values(&d, 0, 4, v);
    /* what stood before the failure is done, what behind is not */
    ck_assert(v[0] == 1 && v[1] == 7);
    door_send(&d, door_packet("/b_fill", "iiifiif", 0, 2, 100, 0.5, -3, 4, 0.25));
    get_values(&d, 0, 4, v);
    ck_assert(v[0] == 0.25f && v[1] == 7 && v[2] == 0.5f && v[3] == 0.5f);
    door_close(&d);
}
END_TEST

START_TEST(generators_work_on_what_was_set_before)
{
    struct door d;
    float v[4];
    door_open(&d);
    do_async(&d, door_packet("/b_alloc", "ii", 0, 4));
    do_async(&d, door_packet("/b_alloc", "ii", 1, 4));
    door_send(&d, door_packet("/b_setn", "iiiffff", 0, 0, 4, 0.1, -0.5, 0.25, 0.0));
    /* without waiting in between */
    door_send(&d, door_packet("/b_gen", "isf", 0, "normalize", 1.0));
    do_async(&d, door_packet("/b_gen", "isiiii", 1, "copy", 1, 0, 0, 2));
    door_expect(&d, "/done /b_alloc 0");
    door_expect(&d, "/done /b_alloc 1");
    door_expect(&d, "/done /b_gen 0");
    door_expect(&d, "/done /b_gen 1");
    get_values(&d, 0, 4, v);
    ck_assert(v[1] == -1 && v[2] == 0.5f);
    get_values(&d, 1, 4, v);
    ck_assert(v[0] == 0 && fabsf(v[1] - 0.2f) < 1e-6f && v[2] == -1 && v[3] == 0);
    door_close(&d);
}
END_TEST

START_TEST(a_file_is_written_and_read_back)
{
    struct door d;
    float v[4];
    char path[] = "/tmp/phonon-test-XXXXXX";
    make_path(path);
    door_open(&d);
    do_async(&d, door_packet("/b_alloc", "iii", 0, 2, 2));
    door_send(&d, door_packet("/b_setn", "iiiffff", 0, 0, 4, 0.1, 0.2, 0.3, 0.4));
    door_send(&d, door_packet("/b_write", "isssiii", 0, path, "wav", "float", -1, 0, 0));
    do_async(&d, door_packet("/b_allocRead", "is", 1, path));
    door_expect(&d, "/done /b_alloc 0");
    door_expect(&d, "/done /b_write 0");
    door_expect(&d, "/done /b_allocRead 1");
    get_values(&d, 1, 4, v);
    ck_assert(v[0] == 0.1f && v[3] == 0.4f);
    do_async(&d, door_packet("/b_readChannel", "isiiiiii", 0, path, 0, -1, 1, 0, 1, 0));
    door_expect(&d, "/done /b_readChannel 0");
    get_values(&d, 0, 4, v);
    ck_assert(v[0] == 0.1f && v[1] == 0.2f && v[2] == 0.2f && v[3] == 0.1f);
    do_async(&d, door_packet("/b_allocReadChannel", "isiii", 1, path, 0, 0, 2));
    door_expect(&d, "/fail /b_allocReadChannel Channel index out of range.\n 1");
    door_close(&d);
    unlink(path);
}
END_TEST

START_TEST(a_part_of_a_file_is_read_and_what_is_missing_is_told)
{
    struct door d;
    char path[] = "/tmp/phonon-test-XXXXXX", text[512];
    float v[20];
    make_path(path);
    write_sound(path);
    door_open(&d);
    do_async(&d, door_packet("/b_allocRead", "isiii", 4, path, 10, 20, 0));
    door_expect(&d, "/done /b_allocRead 4");
    get_values(&d, 4, 20, v);
    ck_assert_float_eq_tol(v[0], 0.1f, 1e-6f);
    do_async(&d, door_packet("/b_free", "i", 4));
    door_expect(&d, "/done /b_free 4");
    do_async(&d, door_packet("/b_allocRead", "is", 4, "/nowhere/at/all.wav"));
    door_expect(&d, "/fail /b_allocRead File '/nowhere/at/all.wav' could not be opened: "
                    "System error : No such file or directory.\n 4");
    do_async(&d, door_packet("/b_read", "is", 4, path)); /* into nothing */
    door_expect(&d, "/done /b_read 4");
    do_async(&d, door_packet("/b_write", "isss", 4, "/tmp", "wav", "float"));
    ck_assert_ptr_nonnull(strstr(door_answer(&d, text, sizeof text), "/fail /b_write File '/tmp'"));
    door_close(&d);
    unlink(path);
}
END_TEST

START_TEST(clients_buffers_together_are_bounded_and_freed_bytes_count_no_more)
{
    struct load_buffers *small;
    struct door d;
    door_open(&d);
    ck_assert_int_eq(load_buffers_new(16, 48000, 64 * sizeof(float), NULL, NULL, &small), PH_OK);
    struct load_buffers *const usual = d.context->buffers;
    d.context->buffers = small;
    do_async(&d, door_packet("/b_alloc", "ii", 3, 65));
    door_expect(&d, "/fail /b_alloc out of memory 3");
    do_async(&d, door_packet("/b_alloc", "ii", 3, 64));
    door_expect(&d, "/done /b_alloc 3");
    ck_assert_uint_eq(load_buffers_bytes(small), 64 * sizeof(float));
    do_async(&d, door_packet("/b_free", "i", 3));
    door_expect(&d, "/done /b_free 3");
    ck_assert_uint_eq(load_buffers_bytes(small), 0);
    d.context->buffers = usual;
    load_buffers_free(small);
    door_close(&d);
}
END_TEST

/* ---- who may what ---------------------------------------------------------------------------- */

START_TEST(files_are_not_for_other_machines)
{
    static const char *const commands[] = {"/b_allocRead", "/b_read", "/b_write"};
    struct door d;
    char path[] = "/tmp/phonon-test-XXXXXX";
    make_path(path);
    write_sound(path);
    door_open(&d);
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(9)};
    inet_pton(AF_INET, "192.0.2.1", &far.sin_addr); /* a documentation address */
    struct nrt_sender sender = {.address_size = sizeof far};
    memcpy(&sender.address, &far, sizeof far);
    for (size_t i = 0; i < 3; i++) {
        struct ph_writer w = door_packet(commands[i], "is", 4, path);
        nrt_dispatch(d.context, &sender, w.data, w.size);
        ck_assert_uint_eq(d.context->jobs.n, 0);
        ph_writer_finish(&w);
    }
    door_close(&d);
    unlink(path);
}
END_TEST

START_TEST(a_restricted_server_writes_and_reads_in_its_folder_only)
{
    struct door d;
    char root[] = "/tmp/phonon-test-XXXXXX", path[64], text[512];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/a.wav", root);
    door_open(&d);
    d.context->file_root = root;
    do_async(&d, door_packet("/b_alloc", "ii", 0, 4));
    door_expect(&d, "/done /b_alloc 0");
    do_async(&d, door_packet("/b_write", "isss", 0, "a.wav", "wav", "int16"));
    door_expect(&d, "/done /b_write 0");
    ck_assert_int_eq(access(path, R_OK), 0);
    static const char *const refused[] = {"../phonon-outside.wav", "/tmp/phonon-outside.wav"};
    for (size_t i = 0; i < 2; i++) {
        do_async(&d, door_packet("/b_write", "isss", 0, refused[i], "wav", "int16"));
        ck_assert_ptr_nonnull(strstr(door_answer(&d, text, sizeof text), "/fail /b_write File"));
    }
    ck_assert_int_ne(access("/tmp/phonon-outside.wav", F_OK), 0);
    do_async(&d, door_packet("/b_allocRead", "is", 1, path));
    door_expect(&d, "/done /b_allocRead 1");
    door_close(&d);
    unlink(path);
    rmdir(root);
}
END_TEST

START_TEST(errors_are_told_or_not)
{
    struct door d;
    door_open(&d);
    door_send(&d, door_packet("/error", "i", 0));
    door_send(&d, door_packet("/b_gen", "is", 0, "nothing"));
    door_send(&d, door_packet("/n_free", "i", 77));
    door_block(&d);
    door_expect(&d, "");
    door_send(&d, door_packet("/error", "i", 1));
    door_send(&d, door_packet("/b_gen", "is", 0, "nothing"));
    door_expect(&d, "/fail /b_gen buf gen routine not found");
    struct ph_writer free_it = door_packet("/n_free", "i", 77);
    struct ph_writer w = door_bundle(1, door_packet("/error", "i", -1));
    door_bundle_add(&w, free_it);
    door_send(&d, w);
    door_block(&d);
    door_expect(&d, "");
    w = door_bundle(1, door_packet("/error", "i", -1)); /* hidden twice, told once */
    door_bundle_add(&w, door_packet("/error", "i", -1));
    door_bundle_add(&w, door_packet("/error", "i", -2));
    door_bundle_add(&w, door_packet("/n_free", "i", 77));
    door_bundle_add(&w, door_packet("/error", "i", -2));
    door_bundle_add(&w, door_packet("/n_free", "i", 78));
    door_send(&d, w);
    door_block(&d);
    door_expect(&d, "/fail /n_free Node 78 not found");
    door_expect(&d, "");
    free_it = door_packet("/n_free", "i", 77);
    door_send(&d, free_it); /* only in that packet */
    door_block(&d);
    door_expect(&d, "/fail /n_free Node 77 not found");
    door_close(&d);
}
END_TEST

/* ---- a score --------------------------------------------------------------------------------- */

static void score(struct door *d, struct ph_writer message)
{
    struct ph_writer w = door_bundle(0, message);
    ck_assert_int_eq(nrt_dispatch(d->context, NULL, w.data, w.size), PH_OK);
    ph_writer_finish(&w);
}

START_TEST(a_score_s_commands_are_done_in_place)
{
    struct door d;
    float v[4];
    door_open(&d);
    struct nrt_osc_server *const osc = d.context->osc;
    d.context->osc = NULL; /* offline */
    score(&d, door_packet("/b_alloc", "ii", 0, 4));
    score(&d, door_packet("/b_setn", "iiiff", 0, 1, 2, 0.5, 0.25));
    score(&d, door_packet("/b_gen", "isf", 0, "normalize", 1.0));
    score(&d, door_packet("/b_fill", "iiifiif", 0, 3, 1, -1.0, 0, 1, -0.5));
    d.context->osc = osc;
    door_block(&d);
    get_values(&d, 0, 4, v);
    ck_assert(v[0] == -0.5f && v[1] == 1 && v[2] == 0.5f && v[3] == -1);
    ck_assert_uint_eq(d.context->jobs.n, 0);
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("scsynth buffers");
    tcase_add_test(t,
                   an_asynchronous_command_is_answered_when_the_audio_thread_has_what_came_of_it);
    tcase_add_test(t, sync_waits_for_asynchronous_commands_before_it);
    tcase_add_test(t, a_completion_message_finds_the_new_contents_before_the_answer);
    tcase_add_test(t, an_asynchronous_command_of_the_future_begins_at_its_time);
    tcase_add_test(t, clear_sched_drops_commands_that_wait_for_their_time);
    tcase_add_test(t, a_synth_of_the_future_waits_for_its_definition);
    tcase_add_test(t, values_are_set_clipped_and_refused_as_scsynth_does);
    tcase_add_test(t, generators_work_on_what_was_set_before);
    tcase_add_test(t, a_file_is_written_and_read_back);
    tcase_add_test(t, a_part_of_a_file_is_read_and_what_is_missing_is_told);
    tcase_add_test(t, clients_buffers_together_are_bounded_and_freed_bytes_count_no_more);
    tcase_add_test(t, files_are_not_for_other_machines);
    tcase_add_test(t, a_restricted_server_writes_and_reads_in_its_folder_only);
    tcase_add_test(t, errors_are_told_or_not);
    tcase_add_test(t, a_score_s_commands_are_done_in_place);
    return check_run("scsynth_buffers", t);
}
