/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_listening.c - MFCC, KeyTrack, BeatTrack2: what the oracle doesn't ask.   */
#include "tests/server/dsp/unit_host.h"

enum { BLOCKS_A_SECOND = 750 };

/** A unit whose first input names buffer 0, with its defaults. */
static struct unit_host *open_listener(enum ph_unit id)
{
    struct unit_host *const h = host_new(id, 0, 1, KR, 48000);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, i == 0 ? KR : IR, ph_units[id].inputs[i].initial);
    host_set(h, 0, KR, 0);
    host_init(h);
    return h;
}

static void fill_spectrum(struct unit_host *h, float value)
{
    for (uint32_t i = 0; i < h->buffers[0].n_frames; i++)
        h->sample[i] = value;
}

START_TEST(mfcc_takes_what_is_no_number_for_silence)
{
    struct unit_host *const h = open_listener(PH_UNIT_MFCC);
    fill_spectrum(h, 0);
    host_block(h);
    const float silent = h->out[0][0];
    ck_assert_float_eq_tol(silent, 0.25f, 1e-6f);
    fill_spectrum(h, NAN);
    host_block(h);
    ck_assert_float_eq(h->out[0][0], silent);
    host_free(h);
}
END_TEST

START_TEST(key_track_recovers_from_what_is_no_number)
{
    struct unit_host *const h = open_listener(PH_UNIT_KEY_TRACK);
    static const double triad[] = { 220, 277.18, 329.63 };
    fill_spectrum(h, _i ? NAN : 1e30f);
    host_block(h);
    fill_spectrum(h, 0);
    for (int k = 0; k < 3; k++)
        h->sample[2 * (int)(triad[k] / (48000.0 / 4096) + 0.5)] = 10;
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 9); /* A major */
    host_free(h);
}
END_TEST

/* Where each tempo counts by how many points it has; buffer
 * 0 holds a sound, which must not count. */
START_TEST(beat_track2_follows_a_pulse_with_weights_of_its_own)
{
    struct unit_host *const h = open_listener(PH_UNIT_BEAT_TRACK2);
    host_set(h, 5, IR, -1.5f);
    host_init(h);
    int beats = 0;
    for (int block = 0; block < 12 * BLOCKS_A_SECOND; block++) {
        const int at = block % 500, half = block % 250; /* 1.5 beats a second */
        h->control[0] = (float)(500 - at) * (float)(500 - at) / 250000 + (float)(250 - half) / 1000;
        host_block(h);
        if (block >= 8 * BLOCKS_A_SECOND)
            beats += h->out[0][0] > 0;
    }
    ck_assert_float_eq_tol(h->out[3][0], 1.5f, 0.1f);
    ck_assert_int_ge(beats, 5);
    ck_assert_int_le(beats, 7);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("listening");
    tcase_add_test(c, mfcc_takes_what_is_no_number_for_silence);
    tcase_add_loop_test(c, key_track_recovers_from_what_is_no_number, 0, 2);
    tcase_add_test(c, beat_track2_follows_a_pulse_with_weights_of_its_own);
    return host_run(argc, argv, "listening", c);
}
