/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/load/support.h - a folder of its own for each test, and sound files in it.        */
#ifndef TESTS_SERVER_LOAD_SUPPORT_H
#define TESTS_SERVER_LOAD_SUPPORT_H

#include <ftw.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check_main.h"

static char folder[256];

__attribute__((unused)) static void folder_setup(void)
{
    snprintf(folder, sizeof folder, "%s/phonon-test-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

__attribute__((unused)) static void folder_teardown(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/** Path of a name in the test's folder; two may be in use at once. */
__attribute__((unused)) static const char *path_of(const char *name)
{
    static char paths[2][512];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

__attribute__((unused)) static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(path_of(name), 0700), 0);
}

__attribute__((unused)) static void write_bytes(const char *name, const void *data, size_t size)
{
    FILE *const f = fopen(path_of(name), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, size, f), size);
    fclose(f);
}

__attribute__((unused)) static void write_sound(const char *name, int format, int rate,
                                                int channels, const float *data,
                                                sf_count_t n_frames)
{
    SF_INFO info = { .samplerate = rate, .channels = channels, .format = format };
    SNDFILE *const f = sf_open(path_of(name), SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(sf_writef_float(f, data, n_frames), n_frames);
    sf_close(f);
}

#endif
