/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_bank.c - how long it takes to index folders of samples, before any is        */
/* loaded.                                                                                        */
/*                                                                                                */
/* usage: bench_bank [FILES [FOLDERS]]: 10000 files in 200 folders. Fails above 300 ms.           */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/load/bank.h"

enum { RATE = 48000, RUNS = 5, MS_MAX = 300 };

static char folder[128];

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/** A WAV file of one silent frame. */
static int write_file(const char *path)
{
    static const unsigned char wav[] =
        "RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0"
        "\2\0\x10\0data\2\0\0\0\0";
    FILE *const f = fopen(path, "wb");
    const int ok = f && fwrite(wav, 1, 46, f) == 46;
    if (f)
        fclose(f);
    return ok;
}

static int make_files(int n_files, int n_folders)
{
    char path[192];
    int ok = 1;
    for (int i = 0; i < n_folders; i++) {
        snprintf(path, sizeof path, "%s/word%d", folder, i);
        ok &= mkdir(path, 0700) == 0;
    }
    for (int i = 0; i < n_files && ok; i++) {
        snprintf(path, sizeof path, "%s/word%d/%05d.wav", folder, i % n_folders, i);
        ok = write_file(path);
    }
    return ok;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void on_loaded(void *context, uint32_t number, struct dsp_buffer *gives)
{
    (void)context;
    (void)number;
    load_buffer_finish(gives);
    free(gives);
}

/** Milliseconds until the bank is open; 0 on failure. */
static double open_once(void)
{
    const char *const root = folder;
    const struct load_bank_config config = { .rate_hz = RATE, .n_buffers = 4096, .roots = &root,
                                             .n_roots = 1, .loaded = on_loaded };
    struct load_bank *bank;
    const double begin = now_ms();
    if (load_bank_new(&config, &bank) != PH_OK)
        return 0;
    const double spent = now_ms() - begin;
    const int is_there = load_bank_has(bank, "word0");
    load_bank_free(bank);
    return is_there ? spent : 0;
}

int main(int argc, char **argv)
{
    const int n_files = argc > 1 ? atoi(argv[1]) : 10000;
    const int n_folders = argc > 2 ? atoi(argv[2]) : 200;
    double worst = 0;
    const char *const place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/phonon-bank-XXXXXX", place ? place : "/tmp");
    if (n_folders < 1 || !mkdtemp(folder) || !make_files(n_files, n_folders)) {
        fprintf(stderr, "bench_bank: can't write to %s\n", folder);
        return 1;
    }
    int ok = 1;
    for (int run = 0; run < RUNS; run++) {
        const double ms = open_once();
        printf("%d files in %d folders: %.1f ms\n", n_files, n_folders, ms);
        worst = ms > worst ? ms : worst;
        ok &= ms > 0;
    }
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return ok && worst < MS_MAX ? 0 : 1;
}
