/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/piano_registers.h - how the strings of the piano sound, from low to high.           */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Numbers by which octave bands, peak and envelope come near the unit that SuperCollider has, on */
/* average over the keys of a string and its velocities.                                          */
#ifndef SERVER_DSP_PIANO_REGISTERS_H
#define SERVER_DSP_PIANO_REGISTERS_H

#include <stdint.h>

enum { PIANO_LEVELS = 13 };

/** Strings of one kind, up to a key. */
struct piano_register {
    int root, highest; /* keys: the one it is tuned for, the last one it serves */
    /* onset: what lacks at first, and the time in which it falls to 1 / e */
    float gap, gap_seconds;
    float rest;                 /* what stays after the first stage */
    float prompt_seconds;       /* that takes to fall to 1 / e */
    float fall_db;              /* of partials, per second and kHz */
    float ringing_seconds;      /* until they no longer do */
    float spread;               /* of their phases: how low peaks are */
    int8_t level_db[PIANO_LEVELS]; /* of each partial, up to that of piano_highest[] */
};
static const uint8_t piano_highest[PIANO_LEVELS] = { 1,  2,  3,  4,  6,  9, 13,
                                                     19, 27, 39, 55, 79, 120 };
static const struct piano_register piano_registers[] = {
    { 36, 37, 0.46f, 0.0264f, 0.54f, 0.27f, 5.1f, 0.65f, 0.340f,
      { -39, -13, -18, -22, -24, -30, -19, -29, -25, -30, -36, -44, -56 } },
    { 40, 41, 0.09f, 0.0053f, 0.94f, 0.05f, 4.3f, 1.66f, 0.050f,
      { -18, -16, -25, -16, -22, -25, -23, -31, -30, -36, -47, -63, -76 } },
    { 43, 45, 0.62f, 0.0126f, 0.70f, 0.32f, 7.8f, 0.75f, 0.150f,
      { -17, -22, -13, -19, -18, -28, -22, -27, -35, -41, -52, -76, -77 } },
    { 48, 49, 0.49f, 0.0202f, 0.77f, 0.07f, 6.9f, 0.57f, 0.230f,
      { -16, -12, -19, -19, -29, -28, -28, -33, -36, -42, -53, -76, -99 } },
    { 52, 53, 0.82f, 0.0985f, 0.34f, 0.24f, 10.2f, 0.62f, 0.870f,
      { -9, -3, -17, -17, -19, -20, -24, -26, -35, -47, -64, -99, -99 } },
    { 55, 57, 0.68f, 0.0482f, 0.49f, 0.07f, 8.6f, 0.71f, 0.010f,
      { -7, -5, -15, -18, -19, -20, -22, -34, -38, -45, -69, -99, -99 } },
    { 60, 61, 0.36f, 0.0110f, 1.80f, 0.95f, 10.9f, 0.82f, 0.950f,
      { -11, -17, -27, -28, -28, -30, -32, -40, -55, -70, -99, -99, -99 } },
    { 64, 65, 0.68f, 0.1500f, 0.31f, 1.01f, 16.7f, 0.44f, 0.120f,
      { -4, -14, -21, -25, -24, -22, -30, -36, -52, -50, -99, -99, -99 } },
    { 67, 69, 0.41f, 0.0152f, 1.03f, 0.44f, 13.2f, 0.71f, 0.870f,
      { -9, -16, -17, -19, -27, -31, -39, -41, -69, -99, -99, -99, -99 } },
    { 72, 73, 0.97f, 0.0074f, 0.54f, 0.31f, 11.4f, 0.30f, 0.340f,
      { -2, -18, -23, -23, -28, -31, -48, -67, -99, -99, -99, -99, -99 } },
    { 76, 77, 0.92f, 0.0030f, 1.43f, 0.39f, 21.3f, 0.37f, 0.870f,
      { -8, -17, -23, -19, -26, -33, -53, -54, -99, -99, -99, -99, -99 } },
    { 79, 81, 0.79f, 0.0254f, 0.60f, 0.23f, 26.5f, 0.85f, 0.050f,
      { -3, -11, -20, -20, -25, -45, -57, -99, -99, -99, -99, -99, -99 } },
    { 84, 85, 0.67f, 0.0418f, 0.09f, 0.10f, 4.5f, 0.33f, 0.620f,
      { -1, -7, -22, -24, -33, -51, -99, -99, -99, -99, -99, -99, -99 } },
    { 88, 89, 0.72f, 0.0200f, 0.06f, 0.07f, 1.1f, 0.30f, 0.500f,
      { -2, -17, -31, -32, -51, -59, -99, -99, -99, -99, -99, -99, -99 } },
    { 93, 999, 0.75f, 0.0098f, 0.79f, 0.25f, 16.2f, 0.34f, 0.230f,
      { -4, -24, -30, -43, -57, -99, -99, -99, -99, -99, -99, -99, -99 } },
};
enum { PIANO_REGISTERS = sizeof piano_registers / sizeof *piano_registers };

#endif
