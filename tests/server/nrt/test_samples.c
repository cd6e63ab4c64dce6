/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_samples.c - samples that controls of a program name: loaded before it    */
/* takes over, kept while something may play them.                                                */
#include <math.h>
#include <stdio.h>

#include "protocol/program.h"
#include "server/load/bank.h"
#include "server/load/kit.h"
#include "server/world.h"
#include "tests/support/check_main.h"

enum { RATE = 48000, BLOCKS = 60, FRAMES = BLOCKS * DSP_BLOCK_FRAMES, LATENCY = RATE / 1000 };

static struct world *world;
static float left[FRAMES], right[FRAMES];

static void open_world(uint64_t sample_mib)
{
    struct world_config config = { .max_logins = 1, .offline = true, .first_cycle = { 0, 1 },
                                   .sample_mib = sample_mib };
    char error[256] = "";
    setenv("PHONON_SAMPLES", "", 1);
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = RATE;
    config.engine.n_outputs = 2;
    ck_assert_int_eq(world_new(&config, &world, error), PH_OK);
}

static void setup(void)
{
    open_world(0);
}

static void teardown(void)
{
    world_free(world);
}

/** Plays the buffer of control `sound` once from its first frame on. */
static void player_def(struct ph_synthdef *def)
{
    struct ph_build b;
    ph_build_begin(&b, "player");
    const struct ph_input impulse[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 0) };
    const struct ph_input inputs[] = {
        ph_build_control(&b, "sound", 0, PH_SCALAR),
        ph_build_unit(&b, "Impulse", PH_AUDIO, 0, 1, impulse, 2, 0)
    };
    const struct ph_input sound = ph_build_unit(&b, "TrigSampler", PH_AUDIO, 0, 1, inputs, 2, 7);
    const struct ph_input out[] = { ph_build_control(&b, "out", 0, PH_SCALAR), sound, sound };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, out, 3, 0);
    ck_assert_int_eq(ph_build_end(&b, def), PH_OK);
}

enum place { OF_NODE, OF_DEF };

/** A program of one node whose sound is that sample. */
static void make_program(struct ph_program *p, enum place place, const char *sample, int32_t index)
{
    *p = (struct ph_program){ .n_defs = 1, .defs = calloc(1, sizeof *p->defs), .n_nodes = 1,
                              .nodes = calloc(1, sizeof *p->nodes), .has_cps = true,
                              .cps = { 1, 1 } };
    p->name = strdup("m.ph");
    struct ph_program_control *const controls = calloc(2, sizeof *controls);
    struct ph_program_control *const own = calloc(1, sizeof *own);
    controls[0] = (struct ph_program_control){ .control = strdup("out"), .bus = strdup("main") };
    *own = (struct ph_program_control){ .control = strdup("sound"), .sample = strdup(sample),
                                        .index = index };
    p->defs[0].name = strdup("player");
    player_def(&p->defs[0].def);
    p->nodes[0] = (struct ph_program_node){ .name = strdup("~a"), .def = strdup("player"),
                                            .controls = controls, .n_controls = 1 };
    if (place == OF_NODE) {
        controls[1] = *own;
        p->nodes[0].n_controls = 2;
        free(own);
    } else {
        p->defs[0].controls = own;
        p->defs[0].n_controls = 1;
    }
    ph_program_hash(p);
}

/** Applies it and renders from there. */
static void play(enum place place, const char *sample, int32_t index)
{
    struct ph_program p;
    char error[256] = "";
    make_program(&p, place, sample, index);
    ck_assert_int_eq(ph_program_validate(&p, error), PH_OK);
    ck_assert_msg(nrt_program_apply(world->context.programs, &p, error) == PH_OK, "%s", error);
    ph_program_finish(&p);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        float *const out[] = { left + i * DSP_BLOCK_FRAMES, right + i * DSP_BLOCK_FRAMES };
        world_render_block(world, out);
    }
}

static struct dsp_buffer kit(const char *word, uint32_t variant)
{
    struct dsp_buffer b = { 0 };
    for (uint32_t i = 0; i < load_kit_n_words(); i++)
        if (strcmp(load_kit_word(i), word) == 0)
            ck_assert_int_eq(load_kit_render(i, variant, RATE, &b), PH_OK);
    ck_assert_ptr_nonnull(b.data);
    return b;
}

START_TEST(a_control_plays_the_sample_that_it_names_from_the_first_frame)
{
    struct dsp_buffer b = kit("bd", 1);
    play((enum place)_i, "bd", 5); /* of four */
    for (uint32_t i = 0; i < FRAMES - LATENCY; i++)
        ck_assert_float_eq_tol(left[i + LATENCY], b.data[i], 1e-6f);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(a_sample_that_is_not_there_is_silent)
{
    play((enum place)_i, "no such word", 0);
    for (uint32_t i = 0; i < FRAMES; i++)
        ck_assert_float_eq(left[i], 0.0f);
}
END_TEST

static float level(uint32_t from)
{
    float peak = 0.0f;
    for (uint32_t i = from; i < from + 400; i++)
        peak = fmaxf(peak, fabsf(left[i]));
    return peak;
}

START_TEST(a_sample_stays_while_its_node_lives_and_goes_when_memory_is_short)
{
    struct load_bank *const bank = world->context.bank;
    struct load_sample s, other;
    play((enum place)_i, "808bd", 0);
    ck_assert_float_gt(level(FRAMES - 500), 0.05f);
    ck_assert(load_bank_find(bank, "808bd", 0, &s));
    play((enum place)_i, "rim", 0); /* the node is another one now */
    play((enum place)_i, "rim", 0); /* until here the program before is remembered */
    load_bank_program_begin(bank);  /* and nothing mentions the first sample */
    load_bank_program_begin(bank);
    struct link_uses *const use = load_bank_use(bank, &s);
    ck_assert_ptr_nonnull(use); /* there is memory enough */
    link_uses_release(use);
    ck_assert_uint_eq((uint32_t)use->list[0]->word, 0); /* nobody plays it any more */
    ck_assert(load_bank_find(bank, "rim", 0, &other));
    ck_assert_uint_ne((uint32_t)load_bank_use(bank, &other)->list[0]->word, 0);
}
END_TEST

START_TEST(the_same_program_again_keeps_the_node)
{
    play((enum place)_i, "808bd", 0);
    const float before = level(FRAMES - 500);
    play((enum place)_i, "808bd", 0);
    ck_assert_float_lt(level(FRAMES - 500), before); /* it has gone on, not started again */
    ck_assert_float_gt(level(FRAMES - 500), 0.0f);
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("samples");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, a_control_plays_the_sample_that_it_names_from_the_first_frame, 0, 2);
    tcase_add_loop_test(c, a_sample_that_is_not_there_is_silent, 0, 2);
    tcase_add_loop_test(c, a_sample_stays_while_its_node_lives_and_goes_when_memory_is_short, 0, 2);
    tcase_add_loop_test(c, the_same_program_again_keeps_the_node, 0, 2);
    return check_run("nrt/samples", c);
}
