/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/load/test_file.c - sound files, friendly and hostile.                             */
#include <math.h>
#include <signal.h>

#include "server/load/bank.h"
#include "tests/server/load/support.h"

/* libsndfile 1.2.0 forgets a vorbis header that it refuses:
 * once per bad file, and ours to live with. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init\nleak:libvorbis\nleak:libogg\n";
}

enum { RATE = 48000 };
static char error[LOAD_ERROR_BYTES];

static ph_status load(const char *name, uint32_t rate, struct dsp_buffer *out)
{
    alarm(5); /* a load that waits ends the test */
    memset(error, 'x', sizeof error);
    const ph_status status = load_file(path_of(name), rate, 0, 0, out, error);
    alarm(0);
    if (status == PH_OK) {
        ck_assert_uint_eq(error[0], 0);
    } else {
        ck_assert_ptr_null(out->data);
        ck_assert_uint_gt(strlen(error), 0);
        ck_assert_ptr_null(strchr(error, '\n'));
    }
    return status;
}

static void fill_sine(float *data, uint32_t n, uint32_t channels, double hz, double rate)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < channels; c++)
            data[i * channels + c] = (float)(0.5 / (c + 1) * sin(2.0 * M_PI * hz * i / rate));
}

static const struct {
    const char *name;
    int format;
    float tolerance; /* of the coding: none, 16 bits, vorbis by ear */
} formats[] = {
    { "a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0.0f },
    { "a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 1.0f / 32768 },
    { "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1.0f / 32768 },
    { "a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.05f },
};

START_TEST(each_format_gives_the_samples_that_were_written)
{
    static float data[2 * 4800];
    struct dsp_buffer b;
    fill_sine(data, 4800, 2, 440, RATE);
    write_sound(formats[_i].name, formats[_i].format, RATE, 2, data, 4800);
    ck_assert_int_eq(load(formats[_i].name, RATE, &b), PH_OK);
    ck_assert_uint_eq(b.n_frames, 4800);
    ck_assert_uint_eq(b.n_channels, 2);
    ck_assert_float_eq(b.rate_hz, RATE);
    for (uint32_t i = 0; i < 2 * 4800; i++)
        ck_assert_float_le(fabsf(b.data[i] - data[i]), formats[_i].tolerance);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(another_rate_is_converted_in_place_and_pitch)
{
    static float data[44100];
    struct dsp_buffer b;
    fill_sine(data, 44100, 1, 1000, 44100);
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1, data, 44100);
    ck_assert_int_eq(load("a.wav", RATE, &b), PH_OK);
    ck_assert_uint_eq(b.n_frames, RATE);
    ck_assert_float_eq(b.rate_hz, RATE);
    /* away from the file's ends, where the filter sees
     * silence; -100 dB: converter's 121 and floats */
    for (uint32_t i = 1000; i < RATE - 1000; i++)
        ck_assert_double_le(fabs((double)b.data[i] - 0.5 * sin(2.0 * M_PI * 1000 * i / RATE)),
                            1e-5);
    load_buffer_finish(&b);
    ck_assert_int_eq(load("a.wav", 0, &b), PH_OK); /* 0: as it is */
    ck_assert_uint_eq(b.n_frames, 44100);
    ck_assert_float_eq(b.rate_hz, 44100);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(what_lies_above_half_the_rate_is_gone_after_conversion)
{
    static float data[96000];
    struct dsp_buffer b;
    fill_sine(data, 96000, 1, 30000, 96000); /* would alias to 18 kHz */
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 96000, 1, data, 96000);
    ck_assert_int_eq(load("a.wav", RATE, &b), PH_OK);
    for (uint32_t i = 1000; i < RATE - 1000; i++)
        ck_assert_double_le(fabs((double)b.data[i]), 5e-6); /* 100 dB below the tone */
    load_buffer_finish(&b);
}
END_TEST

START_TEST(a_file_may_say_which_note_it_sounds)
{
    static const float data[64];
    SF_INFO info = { .samplerate = RATE, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SF_INSTRUMENT instrument = { .gain = 1, .basenote = 72, .velocity_hi = 127, .key_hi = 127 };
    struct dsp_buffer b;
    SNDFILE *const f = sf_open(path_of("note.wav"), SFM_WRITE, &info);
    ck_assert_int_eq(sf_command(f, SFC_SET_INSTRUMENT, &instrument, sizeof instrument), SF_TRUE);
    ck_assert_int_eq(sf_writef_float(f, data, 64), 64);
    sf_close(f);
    ck_assert_int_eq(load("note.wav", RATE, &b), PH_OK);
    ck_assert_float_eq(b.note, 72);
    load_buffer_finish(&b);
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, 64);
    ck_assert_int_eq(load("a.wav", RATE, &b), PH_OK);
    ck_assert_float_eq(b.note, 0);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(a_part_of_a_file_can_be_read)
{
    float data[1000];
    struct dsp_buffer b;
    for (int i = 0; i < 1000; i++)
        data[i] = (float)i / 1000;
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, 1000);
    ck_assert_int_eq(load_file(path_of("a.wav"), RATE, 100, 50, &b, error), PH_OK);
    ck_assert_uint_eq(b.n_frames, 50);
    ck_assert_float_eq(b.data[0], data[100]);
    ck_assert_float_eq(b.data[49], data[149]);
    load_buffer_finish(&b);
    ck_assert_int_eq(load_file(path_of("a.wav"), RATE, 990, 50, &b, error), PH_OK);
    ck_assert_uint_eq(b.n_frames, 10);
    load_buffer_finish(&b);
    ck_assert_int_eq(load_file(path_of("a.wav"), RATE, 1000, 0, &b, error), PH_OUT_OF_RANGE);
    ck_assert_int_eq(load_file(path_of("a.wav"), RATE, -1, 0, &b, error), PH_OUT_OF_RANGE);
}
END_TEST

START_TEST(a_file_beneath_a_root_loads_and_nothing_outside_does)
{
    struct dsp_buffer b;
    static float data[1000];
    char root[300], outside[320];
    data[0] = 0.5f;
    write_sound("outside.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, 1000);
    make_folder("root");
    write_sound("root/in.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, 1000);
    snprintf(root, sizeof root, "%s", path_of("root"));
    snprintf(outside, sizeof outside, "%s", path_of("outside.wav"));
    ck_assert_int_eq(symlink(outside, path_of("root/link.wav")), 0);
    static const char *const refused[] = { "../outside.wav", "link.wav", "/etc/passwd",
                                           "x/../../outside.wav" };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_int_eq(load_file_beneath(root, refused[i], RATE, 0, 0, &b, error), PH_ACCESS);
    ck_assert_int_eq(load_file_beneath(root, outside, RATE, 0, 0, &b, error), PH_ACCESS);
    ck_assert_int_eq(load_file_beneath(root, "in.wav", RATE, 0, 0, &b, error), PH_OK);
    load_buffer_finish(&b);
    ck_assert_int_eq(load_file_beneath(root, path_of("root/in.wav"), RATE, 0, 0, &b, error), PH_OK);
    ck_assert_float_eq(b.data[0], 0.5f);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(samples_that_are_not_finite_become_silence)
{
    float data[64] = { 0.25f, NAN, INFINITY, -INFINITY, 0.5f };
    struct dsp_buffer b;
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, 64);
    ck_assert_int_eq(load("a.wav", RATE, &b), PH_OK);
    ck_assert_float_eq(b.data[0], 0.25f);
    for (int i = 1; i < 4; i++)
        ck_assert_float_eq(b.data[i], 0.0f);
    ck_assert_float_eq(b.data[4], 0.5f);
    load_buffer_finish(&b);
    ck_assert_int_eq(load("a.wav", 44100, &b), PH_OK); /* not smeared by the conversion either */
    for (uint32_t i = 0; i < b.n_frames; i++)
        ck_assert_msg(isfinite(b.data[i]), "frame %u", i);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_without_waiting)
{
    struct dsp_buffer b;
    ck_assert_int_eq(mkfifo(path_of("fifo.wav"), 0600), 0);
    make_folder("folder.wav");
    ck_assert_int_eq(load("fifo.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_str_eq(error, "not a regular file");
    ck_assert_int_eq(load("folder.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_str_eq(error, "not a regular file");
    ck_assert_int_eq(load("nothing.wav", RATE, &b), PH_NOT_FOUND);
    ck_assert_int_eq(load_file("/dev/zero", RATE, 0, 0, &b, error), PH_BAD_FILE);
}
END_TEST

START_TEST(what_is_no_sound_file_is_refused)
{
    struct dsp_buffer b;
    write_bytes("empty.wav", "", 0);
    write_bytes("text.wav", "this is not a sound file at all\n", 32);
    write_bytes("head.wav", "RIFF\x24\x00\x00\x00WAVEfmt ", 16);
    write_bytes("short.flac", "fLaC\x00\x00\x00\x22\x10\x00\x10\x00", 12);
    write_bytes("short.ogg", "OggS\x00\x02\x00\x00\x00\x00\x00\x00", 12);
    ck_assert_int_eq(load("empty.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("text.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("head.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("short.flac", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("short.ogg", RATE, &b), PH_BAD_FILE);
    float data[100] = { 0 };
    write_sound("a.wav", SF_FORMAT_AU | SF_FORMAT_PCM_16, RATE, 1, data, 100);
    ck_assert_int_eq(load("a.wav", RATE, &b), PH_BAD_FILE); /* a format that isn't taken */
}
END_TEST

/** A PCM WAV file whose header says what the test wants. */
static void write_header(const char *name, uint16_t channels, uint32_t rate, uint32_t data_bytes)
{
    uint8_t b[44 + 200] = "RIFF....WAVEfmt ";
    const uint32_t words[] = { 236, 16, rate, rate * 2u * channels, data_bytes };
    const size_t places[] = { 4, 16, 24, 28, 40 };
    for (size_t i = 0; i < 5; i++)
        for (uint32_t k = 0; k < 4; k++)
            b[places[i] + k] = (uint8_t)(words[i] >> 8 * k);
    b[20] = 1;
    b[22] = (uint8_t)channels;
    b[23] = (uint8_t)(channels >> 8);
    b[32] = (uint8_t)(2 * channels);
    b[33] = (uint8_t)(2 * channels >> 8);
    b[34] = 16;
    memcpy(b + 36, "data", 4);
    write_bytes(name, b, sizeof b);
}

START_TEST(headers_out_of_range_are_refused)
{
    struct dsp_buffer b;
    write_header("good.wav", 1, RATE, 200);
    ck_assert_int_eq(load("good.wav", RATE, &b), PH_OK);
    ck_assert_uint_eq(b.n_frames, 100);
    load_buffer_finish(&b);
    write_header("none.wav", 0, RATE, 200);
    write_header("many.wav", 9, RATE, 180);
    write_header("slow.wav", 1, 999, 200);
    write_header("fast.wav", 1, 0x7fffffff, 200);
    write_header("hollow.wav", 1, RATE, 0);
    ck_assert_int_eq(load("none.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("many.wav", RATE, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("slow.wav", 0, &b), PH_BAD_FILE); /* 0: also where nothing is converted */
    ck_assert_int_eq(load("fast.wav", 0, &b), PH_BAD_FILE);
    ck_assert_int_eq(load("hollow.wav", RATE, &b), PH_BAD_FILE);
}
END_TEST

START_TEST(a_file_that_ends_before_its_header_says_is_refused)
{
    static float data[48000];
    struct dsp_buffer b;
    struct stat info;
    for (int i = 0; i < 48000; i++) /* noise, which doesn't compress */
        data[i] = (float)((unsigned)i * 2654435761u >> 16 & 0x7fff) / 32768 - 0.5f;
    for (size_t i = 0; i < 3; i++) { /* all but ogg, whose length stands in its last page */
        write_sound(formats[i].name, formats[i].format, RATE, 1, data, 48000);
        ck_assert_int_eq(load(formats[i].name, RATE, &b), PH_OK);
        load_buffer_finish(&b);
        ck_assert_int_eq(stat(path_of(formats[i].name), &info), 0);
        ck_assert_int_eq(truncate(path_of(formats[i].name), info.st_size / 2), 0);
        ck_assert_msg(load(formats[i].name, RATE, &b) == PH_BAD_FILE, "%s", formats[i].name);
    }
    write_header("huge.wav", 1, RATE, 0x70000000);
    ck_assert_int_eq(load("huge.wav", RATE, &b), PH_BAD_FILE);
}
END_TEST

START_TEST(every_truncation_and_every_flipped_byte_of_a_header_is_survived)
{
    float data[256];
    uint8_t bytes[4096];
    fill_sine(data, 256, 1, 440, RATE);
    write_sound(formats[_i].name, formats[_i].format, RATE, 1, data, 256);
    FILE *const f = fopen(path_of(formats[_i].name), "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    struct dsp_buffer b;
    for (size_t n = 0; n < size; n += n < 128 ? 1 : 37) {
        write_bytes("cut", bytes, n);
        if (load("cut", RATE, &b) == PH_OK)
            load_buffer_finish(&b);
    }
    for (size_t i = 0; i < size && i < 256; i++) {
        bytes[i] ^= 0xff;
        write_bytes("flipped", bytes, size);
        bytes[i] ^= 0xff;
        if (load("flipped", RATE, &b) == PH_OK)
            load_buffer_finish(&b);
    }
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("file");
    tcase_add_checked_fixture(c, folder_setup, folder_teardown);
    tcase_add_loop_test(c, each_format_gives_the_samples_that_were_written, 0, 4);
    tcase_add_test(c, another_rate_is_converted_in_place_and_pitch);
    tcase_add_test(c, what_lies_above_half_the_rate_is_gone_after_conversion);
    tcase_add_test(c, a_file_may_say_which_note_it_sounds);
    tcase_add_test(c, a_part_of_a_file_can_be_read);
    tcase_add_test(c, a_file_beneath_a_root_loads_and_nothing_outside_does);
    tcase_add_test(c, samples_that_are_not_finite_become_silence);
    tcase_add_test(c, what_is_no_regular_file_is_refused_without_waiting);
    tcase_add_test(c, what_is_no_sound_file_is_refused);
    tcase_add_test(c, headers_out_of_range_are_refused);
    tcase_add_test(c, a_file_that_ends_before_its_header_says_is_refused);
    tcase_add_loop_test(c, every_truncation_and_every_flipped_byte_of_a_header_is_survived, 0, 4);
    return check_run("load/file", c);
}
