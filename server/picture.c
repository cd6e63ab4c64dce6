/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/picture.c - draws while the sound is rendered: each column of pixels is a stretch of    */
/* time.                                                                                          */
#include "server/picture.h"

#include <errno.h>
#include <fftw3.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 4096, /* frames of one spectrum: 12 Hz apart at 48 kHz */
    BINS = WINDOW / 2 + 1,
    GLYPH_WIDTH = 3,
    GLYPH_HEIGHT = 5,
    GLYPH_SCALE = 2
};
#define FLOOR_DB (-90.0)
#define PI 3.14159265358979323846

struct pixel {
    uint8_t r, g, b;
};

static const struct pixel paper = { 18, 18, 24 }, wave = { 120, 200, 255 }, ink = { 200, 200, 210 },
                          cycle_line = { 90, 90, 110 }, clipped = { 255, 80, 60 };

struct picture {
    struct picture_config config;
    uint64_t at;             /* frames seen */
    uint32_t column;         /* that is being filled, or PICTURE_COLUMNS */
    float low[2], high[2];   /* of each channel in this column */
    float last[2];
    float recent[WINDOW];    /* the last frames, mono; position `at` modulo WINDOW */
    float level[BINS];       /* greatest magnitude in this column */
    uint64_t next_spectrum;  /* frame at which the next window ends */
    float *window, *input;
    fftwf_complex *output;
    fftwf_plan plan;
    struct pixel pixels[PICTURE_HEIGHT][PICTURE_WIDTH];
};

/* ---- time and frequency ---------------------------------------------------------------------- */

/* First frame of a column. */
static uint64_t column_begin(const struct picture *p, uint32_t column)
{
    return (uint64_t)((double)p->config.n_frames * column / PICTURE_COLUMNS);
}

static double row_hz(double row)
{
    const double octaves = log2(PICTURE_HIGH_HZ / PICTURE_LOW_HZ);

    return PICTURE_LOW_HZ * exp2(octaves * (PICTURE_SPECTRUM_HEIGHT - row) / PICTURE_SPECTRUM_HEIGHT);
}

/* From the floor to full scale: black, blue, violet, red, orange, yellow, white. */
static struct pixel heat(double db)
{
    static const struct pixel steps[] = { { 18, 18, 24 },   { 30, 30, 110 },   { 110, 30, 140 },
                                          { 200, 50, 90 },  { 245, 130, 50 },  { 250, 220, 100 },
                                          { 255, 255, 255 } };
    const int n = sizeof steps / sizeof steps[0] - 1;
    const double x = fmin(fmax((db - FLOOR_DB) / -FLOOR_DB, 0), 1) * n;
    const int i = x >= n ? n - 1 : (int)x;
    const double t = x - i;
    const struct pixel a = steps[i], b = steps[i + 1];

    return (struct pixel){ (uint8_t)lrint(a.r + t * (b.r - a.r)), (uint8_t)lrint(a.g + t * (b.g - a.g)),
                           (uint8_t)lrint(a.b + t * (b.b - a.b)) };
}

/* ---- columns --------------------------------------------------------------------------------- */

static void take_spectrum(struct picture *p)
{
    for (uint32_t i = 0; i < WINDOW; i++) /* the oldest first */
        p->input[i] = p->recent[(p->at + i) % WINDOW] * p->window[i];
    fftwf_execute(p->plan);
    for (uint32_t k = 0; k < BINS; k++) {
        const float magnitude = hypotf(p->output[k][0], p->output[k][1]);
        p->level[k] = fmaxf(p->level[k], magnitude);
    }
}

static void draw_wave(struct picture *p, uint32_t channel)
{
    const int middle = PICTURE_WAVE_HEIGHT / 2;
    const int top = PICTURE_WAVE_TOP + (int)channel * PICTURE_WAVE_HEIGHT;
    const float high = fminf(fmaxf(p->high[channel], -1), 1);
    const float low = fminf(fmaxf(p->low[channel], -1), 1);
    const bool is_clipped = p->high[channel] > 1 || p->low[channel] < -1;

    for (int y = middle - (int)lrintf(high * (float)middle);
         y <= middle - (int)lrintf(low * (float)middle); y++)
        p->pixels[top + y][PICTURE_LEFT + p->column] = is_clipped ? clipped : wave;
}

static void draw_spectrum(struct picture *p)
{
    const double bin_hz = (double)p->config.rate_hz / WINDOW;

    for (uint32_t y = 0; y < PICTURE_SPECTRUM_HEIGHT; y++) {
        const double low = row_hz(y + 1) / bin_hz, high = row_hz(y) / bin_hz;
        float level = 0;
        uint32_t k = (uint32_t)lrint(low);
        do
            level = k < BINS ? fmaxf(level, p->level[k]) : level;
        while (++k < high);
        /* a sine at full scale has a quarter of the window's
         * length: half is its mirror, half the window */
        const double db = 20 * log10((double)level * 4 / WINDOW + 1e-9);
        p->pixels[PICTURE_SPECTRUM_TOP + y][PICTURE_LEFT + p->column] = heat(db);
    }
}

static void begin_column(struct picture *p)
{
    for (uint32_t c = 0; c < 2; c++) {
        p->low[c] = p->high[c] = p->last[c]; /* the line goes on from the column before */
    }
    memset(p->level, 0, sizeof p->level);
    const uint64_t begin = column_begin(p, p->column), end = column_begin(p, p->column + 1);
    /* short columns: one window around their middle; long ones: one every half window */
    p->next_spectrum = (begin + (end - begin > WINDOW ? begin + WINDOW : end)) / 2;
}

static void end_column(struct picture *p)
{
    for (uint32_t c = 0; c < 2; c++)
        draw_wave(p, c);
    draw_spectrum(p);
    if (++p->column < PICTURE_COLUMNS)
        begin_column(p);
}

static void take_frame(struct picture *p, const float *frame)
{
    p->recent[p->at % WINDOW] = 0.5f * (frame[0] + frame[1]);
    p->at++;
    for (uint32_t c = 0; c < 2; c++) {
        p->low[c] = fminf(p->low[c], frame[c]);
        p->high[c] = fmaxf(p->high[c], frame[c]);
        p->last[c] = frame[c];
    }
    if (p->at >= p->next_spectrum) {
        take_spectrum(p);
        p->next_spectrum = p->at + WINDOW / 2;
    }
    while (p->column < PICTURE_COLUMNS && p->at >= column_begin(p, p->column + 1))
        end_column(p);
}

void picture_add(struct picture *p, const float *frames, uint32_t n_frames)
{
    for (uint32_t i = 0; i < n_frames && p->column < PICTURE_COLUMNS; i++)
        take_frame(p, frames + 2 * (size_t)i);
}

/* ---- lines and labels ------------------------------------------------------------------------ */

/* Three by five, a row in three bits from the left. */
static const struct {
    char c;
    uint8_t rows[GLYPH_HEIGHT];
} glyphs[] = {
    { '0', { 7, 5, 5, 5, 7 } }, { '1', { 2, 6, 2, 2, 7 } }, { '2', { 7, 1, 7, 4, 7 } },
    { '3', { 7, 1, 7, 1, 7 } }, { '4', { 5, 5, 7, 1, 1 } }, { '5', { 7, 4, 7, 1, 7 } },
    { '6', { 7, 4, 7, 5, 7 } }, { '7', { 7, 1, 2, 2, 2 } }, { '8', { 7, 5, 7, 5, 7 } },
    { '9', { 7, 5, 7, 1, 7 } }, { '.', { 0, 0, 0, 0, 2 } }, { 'k', { 4, 5, 6, 5, 5 } },
    { 's', { 0, 3, 6, 3, 6 } }, { '-', { 0, 0, 7, 0, 0 } }, { 'L', { 4, 4, 4, 4, 7 } },
    { 'R', { 6, 5, 6, 5, 5 } },
};

static void draw_glyph(struct picture *p, int x, int y, char c)
{
    size_t i = 0;

    while (i < sizeof glyphs / sizeof glyphs[0] && glyphs[i].c != c)
        i++;
    if (i == sizeof glyphs / sizeof glyphs[0])
        return;
    for (int row = 0; row < GLYPH_HEIGHT * GLYPH_SCALE; row++)
        for (int column = 0; column < GLYPH_WIDTH * GLYPH_SCALE; column++) {
            const int bit = GLYPH_WIDTH - 1 - column / GLYPH_SCALE;
            const int px = x + column, py = y + row;
            if ((glyphs[i].rows[row / GLYPH_SCALE] >> bit & 1) && px >= 0 && px < PICTURE_WIDTH &&
                py >= 0 && py < PICTURE_HEIGHT)
                p->pixels[py][px] = ink;
        }
}

static void draw_text(struct picture *p, int x, int y, const char *text)
{
    for (; *text; text++, x += (GLYPH_WIDTH + 1) * GLYPH_SCALE)
        draw_glyph(p, x, y, *text);
}

static void draw_cycles(struct picture *p)
{
    const double cycles = (double)p->config.n_frames / p->config.rate_hz * p->config.cps;
    const double columns_per_cycle = PICTURE_COLUMNS / cycles;
    int64_t step = 1; /* 1, 2, 4, 8 ... cycles, so that lines are apart */

    while ((double)step * columns_per_cycle < 40)
        step *= 2;
    for (int64_t k = (int64_t)ceil(p->config.first_cycle / (double)step) * step;; k += step) {
        const int column = (int)lrint(((double)k - p->config.first_cycle) * columns_per_cycle);
        char label[24];
        if (column >= PICTURE_COLUMNS)
            return;
        for (int y = PICTURE_WAVE_TOP; y < PICTURE_SPECTRUM_TOP + PICTURE_SPECTRUM_HEIGHT; y += 2)
            p->pixels[y][PICTURE_LEFT + column] = cycle_line;
        snprintf(label, sizeof label, "%lld", (long long)k);
        draw_text(p, PICTURE_LEFT + column + 2, 6, label);
    }
}

static void draw_frequencies(struct picture *p)
{
    static const struct {
        double hz;
        const char *label;
    } marks[] = { { 50, "50" }, { 100, "100" }, { 200, "200" }, { 500, "500" }, { 1000, "1k" },
                  { 2000, "2k" }, { 5000, "5k" }, { 10000, "10k" }, { 20000, "20k" } };
    const double octaves = log2(PICTURE_HIGH_HZ / PICTURE_LOW_HZ);

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const int y = PICTURE_SPECTRUM_TOP +
                      (int)lrint(PICTURE_SPECTRUM_HEIGHT *
                                 (1 - log2(marks[i].hz / PICTURE_LOW_HZ) / octaves));
        for (int x = PICTURE_LEFT - 6; x < PICTURE_LEFT - 1; x++)
            p->pixels[y][x] = ink;
        draw_text(p, 6, y - GLYPH_HEIGHT, marks[i].label);
    }
}

static void draw_seconds(struct picture *p)
{
    const double seconds = (double)p->config.n_frames / p->config.rate_hz;
    const double step = seconds / 10;

    for (int i = 0; i <= 10; i++) {
        char label[32];
        const int column = (int)lrint((PICTURE_COLUMNS - 1) * i / 10.0);
        snprintf(label, sizeof label, seconds < 20 ? "%.2fs" : "%.0fs", i * step);
        for (int y = 0; y < 5; y++)
            p->pixels[PICTURE_SPECTRUM_TOP + PICTURE_SPECTRUM_HEIGHT + y][PICTURE_LEFT + column] = ink;
        draw_text(p, PICTURE_LEFT + column - (i == 10 ? 44 : 0),
                  PICTURE_SPECTRUM_TOP + PICTURE_SPECTRUM_HEIGHT + 8, label);
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool write_png(struct picture *p, FILE *file)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, file);
    png_set_IHDR(png, info, PICTURE_WIDTH, PICTURE_HEIGHT, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < PICTURE_HEIGHT; y++)
        png_write_row(png, (png_const_bytep)p->pixels[y]);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return true;
}

bool picture_write(struct picture *p, const char *path)
{
    draw_cycles(p);
    draw_frequencies(p);
    draw_seconds(p);
    draw_text(p, 24, PICTURE_WAVE_TOP + PICTURE_WAVE_HEIGHT / 2 - 5, "L");
    draw_text(p, 24, PICTURE_WAVE_TOP + PICTURE_WAVE_HEIGHT * 3 / 2 - 5, "R");
    errno = EIO;
    FILE *const file = fopen(path, "wb");
    const bool drawn = file && write_png(p, file);
    return (file ? fclose(file) == 0 : false) && drawn;
}

struct picture *picture_new(const struct picture_config *config)
{
    struct picture *const p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->config = *config;
    p->window = fftwf_malloc(WINDOW * sizeof *p->window);
    p->input = fftwf_malloc(WINDOW * sizeof *p->input);
    p->output = fftwf_malloc(BINS * sizeof *p->output);
    p->plan = p->window && p->input && p->output
                  ? fftwf_plan_dft_r2c_1d(WINDOW, p->input, p->output, FFTW_ESTIMATE)
                  : NULL;
    if (!p->plan) {
        picture_free(p);
        return NULL;
    }
    for (uint32_t i = 0; i < WINDOW; i++) /* Hann */
        p->window[i] = 0.5f - 0.5f * cosf((float)(2 * PI * i / WINDOW));
    for (int y = 0; y < PICTURE_HEIGHT; y++)
        for (int x = 0; x < PICTURE_WIDTH; x++)
            p->pixels[y][x] = paper;
    begin_column(p);
    return p;
}

void picture_free(struct picture *p)
{
    if (!p)
        return;
    if (p->plan)
        fftwf_destroy_plan(p->plan);
    fftwf_free(p->window);
    fftwf_free(p->input);
    fftwf_free(p->output);
    free(p);
}
