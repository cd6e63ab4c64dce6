/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/stage.h - programs made by hand, and an offline server that plays them.       */
#ifndef TESTS_SERVER_NRT_STAGE_H
#define TESTS_SERVER_NRT_STAGE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/program.h"
#include "server/world.h"
#include "tests/support/check_main.h"

enum { PORTS = 4, BLOCK = DSP_BLOCK_FRAMES, FADE_BLOCKS = 8 /* 10 ms in whole blocks of 48 kHz */ };
/* The safety limiter looks ahead 1 ms: what the engine has
 * at frame n leaves at frame n + LATENCY. */
enum { LATENCY = 48 };

/* ---- programs -------------------------------------------------------------------------------- */

static inline void *more(void *items, uint32_t *n, size_t bytes)
{
    char *const grown = realloc(items, (*n + 1) * bytes);
    ck_assert_ptr_nonnull(grown);
    memset(grown + *n * bytes, 0, bytes);
    (*n)++;
    return grown;
}
#define ADD(program, list, n)                                                                      \
    ((program)->list = more((program)->list, &(program)->n, sizeof *(program)->list),              \
     &(program)->list[(program)->n - 1])

static inline void add_def(struct ph_program *p, const char *name, struct ph_build *b)
{
    struct ph_program_def *const def = ADD(p, defs, n_defs);
    def->name = strdup(name);
    ck_assert_int_eq(ph_build_end(b, &def->def), PH_OK);
}

/** Definition `name`: a sine at `hz` times `amp` on `n_channels` of bus `out`. */
static inline void add_sine(struct ph_program *p, const char *name, float hz, float amp,
                            uint32_t n_channels)
{
    struct ph_build b;
    ph_build_begin(&b, name);
    const struct ph_input in[] = { ph_build_constant(&b, hz), ph_build_constant(&b, 0) };
    const struct ph_input sine = ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, in, 2,
                                               ph_hash_text(PH_HASH_START, name));
    const struct ph_input mul[] = { sine, ph_build_constant(&b, amp) };
    const struct ph_input y =
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, mul, 2, 0);
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), y, y };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + n_channels, 0);
    add_def(p, name, &b);
}

static inline void add_bus(struct ph_program *p, const char *name, uint32_t n_channels)
{
    *ADD(p, buses, n_buses) = (struct ph_program_bus){ strdup(name), n_channels };
}

static inline void add_node(struct ph_program *p, const char *name, const char *def,
                            const char *out)
{
    struct ph_program_node *const node = ADD(p, nodes, n_nodes);
    node->name = strdup(name);
    node->def = strdup(def);
    if (out)
        *ADD(node, controls, n_controls) =
            (struct ph_program_control){ .control = strdup("out"), .bus = strdup(out) };
}

/** Output `name`, a sine, on a bus of `n_channels` of its own; `port` 0: the mix. */
static inline void add_output_of(struct ph_program *p, const char *name, float hz, float amp,
                          uint32_t n_channels, uint32_t port, enum ph_output_state state)
{
    char bus[32];
    snprintf(bus, sizeof bus, "%s.bus", name);
    add_sine(p, name, hz, amp, n_channels);
    add_bus(p, bus, n_channels);
    add_node(p, name, name, bus);
    *ADD(p, outputs, n_outputs) =
        (struct ph_program_output){ strdup(name), strdup(bus), port, state };
}

static inline void add_output(struct ph_program *p, const char *name, float hz, float amp,
                              uint32_t port, enum ph_output_state state)
{
    add_output_of(p, name, hz, amp, 2, port, state);
}

static inline struct ph_program begin(void)
{
    return (struct ph_program){ .name = strdup("test"), .request_id = 1 };
}

/* ---- rendering ------------------------------------------------------------------------------- */

struct stage {
    struct world *w;
    struct nrt_programs *programs;
    float out[PORTS][1 << 16];
    uint32_t n; /* frames so far */
};

static inline struct stage *open_stage(void)
{
    struct stage *const s = calloc(1, sizeof *s);
    struct world_config config = { .offline = true, .max_logins = 1, .first_cycle = { 0, 1 },
                                   .has_stems = true };
    char error[256] = "";
    rt_config_defaults(&config.engine);
    config.engine.n_outputs = PORTS;
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(world_new(&config, &s->w, error), PH_OK);
    s->programs = s->w->context.programs;
    return s;
}

static inline void close_stage(struct stage *s)
{
    world_free(s->w);
    free(s);
}

static inline void apply(struct stage *s, struct ph_program program)
{
    char error[256];
    ph_program_hash(&program);
    ck_assert_msg(ph_program_validate(&program, error) == PH_OK, "%s", error);
    const ph_status status = nrt_program_apply(s->programs, &program, error);
    ck_assert_msg(status == PH_OK, "%s", error);
    ph_program_finish(&program);
}

static inline void run(struct stage *s, uint32_t n_blocks)
{
    while (n_blocks-- > 0) {
        float *out[PORTS];
        for (uint32_t c = 0; c < PORTS; c++)
            out[c] = s->out[c] + s->n;
        ck_assert_uint_le(s->n + BLOCK, 1 << 16);
        world_render_block(s->w, out);
        s->n += BLOCK;
    }
}

/** Hush or solo, as the command does it. */
static inline void change(struct stage *s, enum nrt_output_change what, const char *name)
{
    ck_assert_int_eq(nrt_program_change_output(s->programs, what, name), PH_OK);
    ck_assert(nrt_program_send_outputs(s->programs));
}

static inline struct stage *render(struct ph_program program, uint32_t n_blocks)
{
    struct stage *const s = open_stage();
    apply(s, program);
    run(s, n_blocks);
    return s;
}

static inline float peak(const struct stage *s, uint32_t port, uint32_t from, uint32_t to)
{
    float peak = 0;
    for (uint32_t i = from; i < to; i++)
        peak = fmaxf(peak, fabsf(s->out[port][i]));
    return peak;
}

#endif
