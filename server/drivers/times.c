/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/times.c - what each block of an offline render costs.                           */
/* room: command thread.                                                                          */
#include "server/drivers/times.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/drivers/thread.h"
#include "server/world.h"

static void add(struct drv_times *times, uint64_t ns)
{
    if (times->n == times->space) {
        const uint64_t space = times->space ? 2 * times->space : 1 << 16;
        uint32_t *const grown = realloc(times->ns, space * sizeof *grown);
        if (!grown)
            return;
        times->ns = grown;
        times->space = space;
    }
    times->ns[times->n++] = (uint32_t)ns;
}

void drv_times_render(struct drv_times *times, struct world *world, const float *const *in,
                      float *const *out)
{
    world_prepare_block(world);
    const uint64_t begin_ns = drv_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    rt_block_run(world->rt, in, out, 0);
    add(times, drv_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns);
    world_finish_block(world);
}

void drv_times_write(const struct drv_times *times, const char *program, const char *path)
{
    FILE *const f = fopen(path, "w");
    for (uint64_t i = 0; f && i < times->n; i++)
        fprintf(f, "%u\n", times->ns[i]);
    if (!f || fclose(f) != 0)
        fprintf(stderr, "%s: can't write %s: %s\n", program, path, strerror(errno));
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_us(const struct drv_times *times, double share)
{
    return times->ns[(uint64_t)((double)times->n * share)] / 1000.0;
}

void drv_times_print(struct drv_times *times, uint32_t block_frames, uint32_t rate_hz)
{
    if (times->n == 0)
        return;
    double sum = 0;
    for (uint64_t i = 0; i < times->n; i++)
        sum += times->ns[i];
    qsort(times->ns, times->n, sizeof *times->ns, compare);
    const double budget_us = 1e6 * block_frames / rate_hz;
    const double mean_us = sum / (double)times->n / 1000, worst_us = times->ns[times->n - 1] / 1000.0;
    printf("blocks %llu of %.0f us: mean %.2f us (%.3f %%), 99th percentile %.2f us, "
           "99.9th %.2f us, worst %.2f us (%.2f %%)\n",
           (unsigned long long)times->n, budget_us, mean_us, 100 * mean_us / budget_us,
           percentile_us(times, 0.99), percentile_us(times, 0.999), worst_us,
           100 * worst_us / budget_us);
}

void drv_times_finish(struct drv_times *times)
{
    free(times->ns);
    *times = (struct drv_times){ 0 };
}
