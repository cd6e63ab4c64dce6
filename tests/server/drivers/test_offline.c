/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/drivers/test_offline.c - scores rendered to files.                                */
#include <sndfile.h>

#include "protocol/bytes.h"
#include "protocol/timetag.h"
#include "server/drivers/offline.h"
#include "tests/server/nrt/door.h"

/** A score in a folder of its own, and what was rendered from it. */
struct score {
    struct ph_writer bytes;
    char folder[32], in[64], out[64];
    float *frames; /* interleaved, two channels */
    sf_count_t n_frames;
    int rate_hz;
};

static void score_open(struct score *s)
{
    *s = (struct score){0};
    strcpy(s->folder, "/tmp/phonon-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
    snprintf(s->in, sizeof s->in, "%s/in.osc", s->folder);
    snprintf(s->out, sizeof s->out, "%s/out.wav", s->folder);
}

static void score_close(struct score *s)
{
    ph_writer_finish(&s->bytes);
    free(s->frames);
    unlink(s->in);
    unlink(s->out);
    rmdir(s->folder);
}

/** Appends a bundle of one message at a time. */
static void add(struct score *s, double seconds, struct ph_writer message)
{
    ph_write_i32(&s->bytes, (int32_t)message.size + 20);
    ph_write_bytes(&s->bytes, "#bundle", 8);
    ph_write_i64(&s->bytes, (int64_t)ph_ntp_from_seconds(seconds));
    ph_write_i32(&s->bytes, (int32_t)message.size);
    ph_write_bytes(&s->bytes, message.data, message.size);
    ph_writer_finish(&message);
}

static ph_status render_as(struct score *s, const char *input, const char *header,
                           const char *sample)
{
    struct options options = {.score = {s->in, input, s->out, "48000", header, sample}};
    struct world_config config = {.max_logins = 1, .offline = true, .first_cycle = {0, 1}};
    FILE *const f = fopen(s->in, "wb");
    ck_assert_ptr_nonnull(f);
    if (s->bytes.size > 0)
        ck_assert_uint_eq(fwrite(s->bytes.data, 1, s->bytes.size, f), s->bytes.size);
    fclose(f);
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = 48000;
    config.engine.n_outputs = 2;
    return offline_render_score(&config, &options);
}

static void render(struct score *s)
{
    SF_INFO info = {0};
    ck_assert_int_eq(render_as(s, "_", "WAV", "float"), PH_OK);
    SNDFILE *const f = sf_open(s->out, SFM_READ, &info);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(info.channels, 2);
    s->rate_hz = info.samplerate;
    s->n_frames = info.frames;
    s->frames = calloc((size_t)info.frames * 2 + 1, sizeof *s->frames);
    ck_assert_int_eq((int)sf_readf_float(f, s->frames, info.frames), (int)info.frames);
    sf_close(f);
}

/** A definition that sounds from its first frame on: see door_def(). */
static void add_def(struct score *s)
{
    struct ph_writer def = door_def("dc");
    add(s, 0, door_packet("/d_recv", "bi", &def, 0));
    ph_writer_finish(&def);
}

static sf_count_t first_sound(const struct score *s, int channel)
{
    for (sf_count_t i = 0; i < s->n_frames; i++)
        if (s->frames[2 * i + channel] != 0)
            return i;
    return -1;
}

START_TEST(the_last_bundle_s_time_is_the_end_in_whole_blocks)
{
    struct score s;
    score_open(&s);
    add(&s, 0, door_packet("/c_set", "if", 0, 0.0));
    add(&s, 0.1, door_packet("/c_set", "if", 0, 0.0)); /* frame 4800: 75 blocks */
    render(&s);
    ck_assert_int_eq((int)s.n_frames, 4800);
    ck_assert_int_eq(s.rate_hz, 48000);
    score_close(&s);
    score_open(&s);
    add(&s, 4810 / 48000.0, door_packet("/c_set", "if", 0, 0.0));
    render(&s);
    ck_assert_int_eq((int)s.n_frames, 4864);
    score_close(&s);
}
END_TEST

START_TEST(synths_start_on_the_frame_of_their_time)
{
    struct score s;
    score_open(&s);
    add_def(&s);
    add(&s, 0.05, door_packet("/s_new", "siiisf", "dc", 1000, 0, 0, "out", 0.0)); /* frame 2400 */
    add(&s, 0.06, door_packet("/n_set", "isf", 1000, "level", 0.5));
    add(&s, 0.1, door_packet("/n_free", "i", 1000));
    add(&s, 0.15, door_packet("/c_set", "if", 0, 0.0));
    render(&s);
    ck_assert_int_eq((int)first_sound(&s, 0), 2400);
    ck_assert_int_eq((int)first_sound(&s, 1), -1);
    ck_assert_float_eq(s.frames[2 * 2500], 0.25f);
    ck_assert_float_eq(s.frames[2 * 3000], 0.5f);
    ck_assert_float_eq(s.frames[2 * 5000], 0);
    score_close(&s);
}
END_TEST

START_TEST(asynchronous_commands_are_done_in_place)
{
    struct score s;
    score_open(&s);
    add_def(&s);
    add(&s, 0, door_packet("/s_new", "siii", "dc", 1000, 0, 0)); /* same time, next bundle */
    add(&s, 0.01, door_packet("/b_alloc", "ii", 0, 1024));
    add(&s, 0.02, door_packet("/c_set", "if", 0, 0.0));
    render(&s);
    ck_assert_int_eq((int)first_sound(&s, 0), 0);
    score_close(&s);
}
END_TEST

START_TEST(a_score_rendered_twice_gives_the_same_samples)
{
    struct score s[2];
    for (int i = 0; i < 2; i++) {
        score_open(&s[i]);
        add_def(&s[i]);
        add(&s[i], 0.01, door_packet("/s_new", "siii", "dc", -1, 0, 0));
        add(&s[i], 0.1, door_packet("/c_set", "if", 0, 0.0));
        render(&s[i]);
    }
    ck_assert_int_eq((int)s[0].n_frames, (int)s[1].n_frames);
    ck_assert_mem_eq(s[0].frames, s[1].frames, (size_t)s[0].n_frames * 2 * sizeof(float));
    score_close(&s[0]);
    score_close(&s[1]);
}
END_TEST

/** A score is read in pieces of 64 KiB: packets lie across their ends, or are longer. */
START_TEST(long_scores_and_long_packets_are_read_whole)
{
    struct score s;
    struct ph_writer blob = {0};
    score_open(&s);
    add_def(&s);
    for (int i = 0; i < 100000; i++)
        ph_write_i32(&blob, i);
    add(&s, 0, door_packet("/d_recv", "bi", &blob, 0)); /* no definition: passed over */
    ph_writer_finish(&blob);
    for (int i = 0; i < 5000; i++)
        add(&s, 0, door_packet("/c_set", "if", i, 1.0));
    add(&s, 0, door_packet("/s_new", "siii", "dc", 1000, 0, 0));
    for (int i = 0; i < 5000; i++)
        add(&s, 0.01, door_packet("/c_set", "if", i, 0.0));
    add(&s, 0.02, door_packet("/c_set", "if", 0, 0.0));
    render(&s);
    ck_assert_int_eq((int)s.n_frames, 960);
    ck_assert_int_eq((int)first_sound(&s, 0), 0);
    score_close(&s);
}
END_TEST

START_TEST(a_score_that_cannot_be_read_is_not_an_empty_one)
{
    struct score s;
    score_open(&s);
    strcpy(s.in, "/proc/self/mem"); /* opens; its first byte is nowhere */
    ck_assert_int_eq(render_as(&s, "_", "WAV", "float"), PH_IO);
    score_close(&s);
}
END_TEST

START_TEST(malformed_scores_are_refused)
{
    struct score s;
    score_open(&s);
    ph_write_i32(&s.bytes, -1);
    ck_assert_int_ne(render_as(&s, "_", "WAV", "float"), PH_OK);
    score_close(&s);
    score_open(&s);
    ph_write_i32(&s.bytes, INT32_MAX);
    ck_assert_int_ne(render_as(&s, "_", "WAV", "float"), PH_OK);
    score_close(&s);
    score_open(&s);
    add(&s, 0.1, door_packet("/c_set", "if", 0, 0.0));
    s.bytes.size -= 4;
    ck_assert_int_ne(render_as(&s, "_", "WAV", "float"), PH_OK);
    score_close(&s);
    score_open(&s); /* a message where a bundle has to be: it has no time */
    ph_write_i32(&s.bytes, 20);
    ph_write_bytes(&s.bytes, "/c_set\0\0,if\0\0\0\0\0\0\0\0\0", 20);
    ck_assert_int_ne(render_as(&s, "_", "WAV", "float"), PH_OK);
    score_close(&s);
}
END_TEST

START_TEST(wrong_formats_and_inputs_are_refused)
{
    struct score s;
    score_open(&s);
    add(&s, 0.1, door_packet("/c_set", "if", 0, 0.0));
    ck_assert_int_ne(render_as(&s, "_", "WAVE?", "float"), PH_OK);
    ck_assert_int_ne(render_as(&s, "_", "WAV", "int128"), PH_OK);
    ck_assert_int_ne(render_as(&s, "in.wav", "WAV", "float"), PH_OK);
    score_close(&s);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("offline");
    tcase_add_test(t, the_last_bundle_s_time_is_the_end_in_whole_blocks);
    tcase_add_test(t, synths_start_on_the_frame_of_their_time);
    tcase_add_test(t, asynchronous_commands_are_done_in_place);
    tcase_add_test(t, a_score_rendered_twice_gives_the_same_samples);
    tcase_add_test(t, long_scores_and_long_packets_are_read_whole);
    tcase_add_test(t, a_score_that_cannot_be_read_is_not_an_empty_one);
    tcase_add_test(t, malformed_scores_are_refused);
    tcase_add_test(t, wrong_formats_and_inputs_are_refused);
    return check_run("offline", t);
}
