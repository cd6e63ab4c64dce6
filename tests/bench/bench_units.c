/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_units.c - what each kernel costs alone and in lanes, in every set.           */
/*                                                                                                */
/* Cycles per voice and sample: ticks of the processor's clock counter (elsewhere nanoseconds),   */
/* the least of many runs, so that other load hardly counts. A run is one block 32 times over.    */
#include <getopt.h>
#include <regex.h>
#include <time.h>

#include "server/drivers/thread.h"
#include "tests/contract/variants.h"

enum { CALLS = 32 };

static struct {
    const char *set;
    regex_t unit;
    bool json;
    int runs;
} options = { .runs = 400 };

static uint64_t ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}

/* ------------------------------------------------------------------------------- typical inputs */

/** How inputs other than the signal arrive. */
enum way { CONSTANT, CONTROLLED, MOVING, N_WAYS };
static const char *const ways[N_WAYS] = { "constant", "control", "audio" };

static bool is_signal(const struct variant *v, uint32_t i)
{
    const struct ph_unit_input *const row = row_of(v->id, i);
    if (v->id == PH_UNIT_ENV_GEN || v->id == PH_UNIT_LINE || v->id == PH_UNIT_XLINE)
        return false;
    /* amplitudes that aren't silent by default are levels, ceilings, thresholds */
    return (row->quantity == PH_AMP && row->initial == 0) || row->quantity == PH_REST_AMP ||
           (is_operator(v->id) && i == 0);
}

static bool is_parameter(const struct variant *v, uint32_t i)
{
    return may_move(v, i) && !is_signal(v, i) && (v->id != PH_UNIT_ENV_GEN || i < 5);
}

static bool has_parameters(const struct variant *v)
{
    for (uint32_t i = 0; i < ph_units[v->id].n_inputs; i++)
        if (is_parameter(v, i))
            return true;
    return false;
}

/** A value of a voice in the midst of a piece. */
static float typical(const struct variant *v, uint32_t i)
{
    const struct ph_unit_input *const row = row_of(v->id, i);
    if (is_size(v, i))
        return row->initial;
    switch (row->quantity) {
    case PH_AMP: return row->initial != 0 ? row->initial : uniform(-0.9f, 0.9f);
    case PH_BUS: case PH_ACTION: case PH_FRAMES: case PH_BUFFER: return 0;
    case PH_GATE: case PH_FLAG: return 1;
    case PH_TRIGGER: return 0;
    case PH_SECONDS: return uniform(0.05f, 0.1f);
    case PH_HZ: return uniform(80, 1200);
    default: return plausible(row->quantity);
    }
}

/** An envelope in the middle of a long, curved segment. */
static void slow_envelope(struct unit_host *h)
{
    set_envelope(h);
    host_set(h, 10, IR, 1000);
    host_set(h, 11, IR, 5);
    host_set(h, 12, IR, -4);
}

/** Values of an input for all voices that lie side by side; a host of width 1 has those of one. */
static void give_voices(struct unit_host *h, const struct variant *v, uint32_t i, uint32_t n_voices,
                        uint32_t voice)
{
    for (uint32_t frame = 0; frame < DSP_BLOCK_FRAMES; frame++)
        for (uint32_t k = 0; k < n_voices; k++) {
            const float value = typical(v, i);
            if (h->width > 1 || k == voice)
                h->in[i][frame * h->width + (h->width > 1 ? k : 0)] = value;
        }
}

static struct unit_host *bench_host(const struct variant *v, uint32_t width, uint8_t rate,
                                    enum way way, uint32_t n_voices, uint32_t voice)
{
    struct unit_host *const h = open_unit(v, width, rate, 48000);
    random_state = 3;
    for (uint32_t i = 0; i < h->b.n_in; i++) {
        const bool signal = is_signal(v, i), parameter = is_parameter(v, i);
        if (v->id == PH_UNIT_ENV_GEN && i >= 5)
            continue;
        const uint8_t given = way == MOVING ? AR : way == CONTROLLED ? KR : IR;
        h->in_rate[i] = signal ? rate : parameter ? given : IR;
        give_voices(h, v, i, n_voices, voice);
    }
    if (v->id == PH_UNIT_ENV_GEN)
        slow_envelope(h);
    if (v->id == PH_UNIT_LINE || v->id == PH_UNIT_XLINE)
        host_set(h, 2, IR, 1000);
    host_init(h);
    return h;
}

/** Ticks of the fastest of so many runs. */
static uint64_t least_ticks(struct unit_host *h, enum way way, uint32_t n_runs)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t run = 0; run < n_runs; run++) {
        const uint64_t start = ticks();
        for (int call = 0; call < CALLS; call++) {
            for (uint32_t i = 0; way == CONTROLLED && i < h->b.n_in; i++)
                if (h->in_rate[i] == KR) /* a wire that changes from block to block */
                    h->in_at[i] = h->in[i] + (call % 2 ? 32 * h->width : 0);
            h->env.block++;
            h->unit->process(h->state, &h->b);
        }
        const uint64_t spent = ticks() - start;
        if (spent < least)
            least = spent;
    }
    return least;
}

/**
 * Ticks per voice and sample; a control unit's call counts for the 64 samples of its block. Alone
 * all voices have their turn that lie side by side in the wide form: what they are given decides
 * the cost.
 */
static double cost(const struct variant *v, uint32_t width, uint8_t rate, enum way way)
{
    const uint32_t n_voices = has_form(v, host_wide()) ? host_wide() : 1;
    const uint32_t n_hosts = n_voices / width;
    const uint32_t n_runs = (uint32_t)options.runs / n_hosts;
    double sum = 0;
    for (uint32_t i = 0; i < n_hosts; i++) {
        struct unit_host *const h = bench_host(v, width, rate, way, n_voices, i);
        sum += (double)least_ticks(h, way, n_runs > 0 ? n_runs : 1);
        host_free(h);
    }
    return sum / (CALLS * DSP_BLOCK_FRAMES * (double)n_voices);
}

/* --------------------------------------------------------------------------------------- table */

static const char *operator_text(const struct variant *v)
{
    static const struct { enum ph_unit id; int number; const char *text; } texts[] = {
#define UNARY(number, NAME, text) { PH_UNIT_UNARY_OP, number, text },
#define BINARY(number, NAME, text) { PH_UNIT_BINARY_OP, number, text },
        PH_UNARY_OPS(UNARY) PH_BINARY_OPS(BINARY)
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].id == v->id && texts[i].number == v->special)
            return texts[i].text;
    return name_of(v);
}

static void print_row(const char *unit, uint8_t rate, const char *way, double alone, double wide)
{
    const char *const at = rate == AR ? "audio" : "control";
    if (options.json) {
        printf("{\"set\": \"%s\", \"unit\": \"%s\", \"rate\": \"%s\", \"inputs\": \"%s\", "
               "\"alone\": %.4f",
               host_kernels->name, unit, at, way, alone);
        if (wide > 0)
            printf(", \"lanes\": %u, \"wide\": %.4f", host_wide(), wide);
        printf("}\n");
    } else if (wide > 0) {
        printf("%-8s %-16s %-8s %-9s %8.3f %8.3f %6.1f\n", host_kernels->name, unit, at, way, alone,
               wide, alone / wide);
    } else {
        printf("%-8s %-16s %-8s %-9s %8.3f        -      -\n", host_kernels->name, unit, at, way,
               alone);
    }
    fflush(stdout);
}

static void measure(const struct variant *v)
{
    const char *const unit = operator_text(v);
    if (regexec(&options.unit, unit, 0, NULL, 0) != 0)
        return;
    for (uint8_t rate = KR; rate <= AR; rate++)
        for (enum way way = CONSTANT; way < N_WAYS && runs_at(v, rate); way++) {
            if ((way != CONSTANT && !has_parameters(v)) || (way == MOVING && rate != AR))
                continue;
            const bool lanes = has_form(v, host_wide());
            const double alone = cost(v, 1, rate, way);
            print_row(unit, rate, way == CONSTANT && !has_parameters(v) ? "-" : ways[way], alone,
                      lanes ? cost(v, host_wide(), rate, way) : 0);
        }
}

static void measure_set(const char *name)
{
    host_kernels = dsp_set_find(name);
    if (!host_kernels) {
        fprintf(stderr, "%s: not run, this processor hasn't got it\n", name);
        return;
    }
    for (int i = 0; i < N_VARIANTS; i++)
        measure(&variants[i]);
}

static int usage(void)
{
    fputs("usage: bench_units [--set NAME] [--unit REGEX] [--runs N] [--json]\n"
          "Cycles per voice and sample of every kernel, alone and in lanes; `inputs` says how\n"
          "what is not a signal arrives. --json prints one object a line.\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option names[] = { { "set", required_argument, NULL, 's' },
                                           { "unit", required_argument, NULL, 'u' },
                                           { "runs", required_argument, NULL, 'r' },
                                           { "json", no_argument, NULL, 'j' }, { 0 } };
    const char *unit = "", *const all[] = { "avx512", "avx2", "base" };
    for (int o; (o = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (o) {
        case 's': options.set = optarg; break;
        case 'u': unit = optarg; break;
        case 'r': options.runs = atoi(optarg); break;
        case 'j': options.json = true; break;
        default: return usage();
        }
    }
    if (optind < argc || options.runs < 1 || regcomp(&options.unit, unit, REG_EXTENDED | REG_NOSUB))
        return usage();
    drv_flush_denormals();
    if (!options.json)
        printf("%-8s %-16s %-8s %-9s %8s %8s %6s\n", "set", "unit", "rate", "inputs", "alone",
               "wide", "gain");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!options.set || strcmp(options.set, all[i]) == 0)
            measure_set(all[i]);
    regfree(&options.unit);
    return 0;
}
