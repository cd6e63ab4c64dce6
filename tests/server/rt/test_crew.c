/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_crew.c - several threads render the bits of one, whenever they come.      */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "server/rt/tree.h"
#include "tests/server/rt/voices.h"

enum { N_FRAMES = 120 * BLOCK, N_VOICES = 250, N_SENDS = 6, N_EFFECTS = 12, THREADS_MAX = 8 };
enum { VOICES = 1, EFFECTS, MIX, FIRST_SEND = 4 }; /* groups; the first bus of the sends */

/* ---- the score ------------------------------------------------------------------------------- */

static struct ph_input read_bus(struct ph_build *b, const char *unit, float initial)
{
    return BUILD(b, unit, PH_AUDIO, ph_build_control(b, "in", initial, PH_CONTROL));
}

static void write_bus(struct ph_build *b, const char *unit, struct ph_input x, struct ph_input y)
{
    const struct ph_input in[] = { ph_build_control(b, "out", 0, PH_CONTROL), x, y };
    ph_build_unit(b, unit, PH_AUDIO, 0, 0, in, 3, 0);
}

/**
 * Effects of four kinds: an echo that adds, a filter that
 * replaces, feedback, a sine by control bus.
 */
static struct rt_def *effect_def(struct engine *e, int kind)
{
    struct ph_build b;
    ph_build_begin(&b, "effect");
    const struct ph_input time = ph_build_constant(&b, 0.03f);
    const struct ph_input in = read_bus(&b, kind == 2 ? "InFeedback" : "In", FIRST_SEND);
    const struct ph_input half =
        build_binary(&b, PH_AUDIO, PH_BINARY_MUL, in, ph_build_constant(&b, 0.25f));
    if (kind == 0)
        write_bus(&b, "Out",
                  BUILD(&b, "CombL", PH_AUDIO, half, time, time, ph_build_constant(&b, 0.5f)),
                  half);
    else if (kind == 1)
        write_bus(&b, "ReplaceOut", BUILD(&b, "LPF", PH_AUDIO, in, ph_build_constant(&b, 900)), in);
    else if (kind == 2)
        write_bus(&b, "Out", half, BUILD(&b, "HPF", PH_AUDIO, half, ph_build_constant(&b, 2000)));
    else {
        const struct ph_input bus = ph_build_control(&b, "kr", 0, PH_CONTROL);
        const struct ph_input level = BUILD(&b, "In", PH_CONTROL, bus);
        const struct ph_input put[] = {
            bus, BUILD(&b, "LFTri", PH_CONTROL, ph_build_constant(&b, 7), level)
        };
        write_bus(&b, "Out", build_binary(&b, PH_AUDIO, PH_BINARY_MUL, half, level), half);
        ph_build_unit(&b, "Out", PH_CONTROL, 0, 0, put, 2, 0);
    }
    return engine_compile(e, &b);
}

struct session {
    struct engine *e;
    struct rt_def *defs[N_VOICE_KINDS + 4];
    struct dice d;
};

static void add(struct session *s, uint32_t def, int32_t id, int32_t group, uint64_t frame)
{
    struct rt_synth *synth;
    ck_assert_int_eq(nrt_synth_new(s->defs[def], id, (uint64_t)id, &synth), PH_OK);
    nrt_synth_set(synth, engine_symbol(s->e, "out"),
                  group == MIX ? 0 : (float)(FIRST_SEND + 2 * dice(&s->d, N_SENDS)));
    nrt_synth_set(synth, engine_symbol(s->e, "in"), (float)(FIRST_SEND + dice(&s->d, 2 * N_SENDS)));
    nrt_synth_set(synth, engine_symbol(s->e, "kr"), (float)dice(&s->d, 3));
    nrt_synth_set(synth, engine_symbol(s->e, "amp"), 0.1f);
    nrt_synth_set(synth, engine_symbol(s->e, "freq"), (float)(50 + dice(&s->d, 3000)));
    engine_send(s->e, (struct link_command){
                          .kind = LINK_SYNTH_ADD,
                          .due_frame = frame,
                          .u.add = { .synth = synth, .target = group,
                                     .action = (uint8_t)dice(&s->d, 2) } });
}

static void happen(struct session *s, int32_t id, uint64_t frame)
{
    static const char *const names[] = { "freq", "amp", "gate", "out", "in" };
    const uint32_t what = dice(&s->d, 8);
    struct link_command c = { .kind = LINK_NODE_SET, .due_frame = frame };
    if (what < 5) {
        const float values[] = { (float)(50 + dice(&s->d, 3000)), 0.05f, 0,
                                 (float)(FIRST_SEND + 2 * dice(&s->d, N_SENDS)),
                                 (float)(FIRST_SEND + dice(&s->d, 2 * N_SENDS)) };
        c.u.set.id = id;
        c.u.set.symbol = engine_symbol(s->e, names[what]);
        c.u.set.value = values[what];
    } else {
        c.kind = what == 7 ? LINK_NODE_FREE : LINK_NODE_RUN;
        c.u.node.id = id;
        c.u.node.value = what == 5;
    }
    engine_send(s->e, c);
}

static struct session session_new(uint32_t n_threads)
{
    struct rt_config config = engine_config();
    config.n_threads = n_threads;
    config.n_audio_buses = 32;
    config.n_nodes_max = 512;
    config.n_command_messages = config.n_sched_max = config.n_report_messages = 8192;
    struct session s = { .e = engine_new(&config), .d = { 11 } };
    voices_load_buffer(s.e);
    for (int kind = 0; kind < N_VOICE_KINDS + 4; kind++)
        s.defs[kind] = kind < N_VOICE_KINDS ? voices_def(s.e, kind)
                                            : effect_def(s.e, kind - N_VOICE_KINDS);
    for (int32_t id = VOICES; id <= MIX; id++)
        engine_add_group(s.e, id, 0, RT_ADD_TAIL);
    for (int32_t i = 0; i < N_EFFECTS; i++)
        add(&s, N_VOICE_KINDS + (uint32_t)i % 4, 100 + i, EFFECTS, 1);
    for (int32_t i = 0; i < N_SENDS; i++)
        add(&s, N_VOICE_KINDS + 2, 100 + N_EFFECTS + i, MIX, 1);
    for (int32_t i = 0; i < N_VOICES; i++)
        add(&s, dice(&s.d, N_VOICE_KINDS), 1000 + i, VOICES, 1 + dice(&s.d, N_FRAMES / 2));
    for (int i = 0; i < 600; i++)
        happen(&s,
               dice(&s.d, 6) ? 1000 + (int32_t)dice(&s.d, N_VOICES)
                             : 100 + (int32_t)dice(&s.d, N_EFFECTS),
               1 + dice(&s.d, N_FRAMES));
    return s;
}

static void session_free(struct session *s)
{
    for (int kind = 0; kind < N_VOICE_KINDS + 4; kind++)
        nrt_def_release(s->defs[kind]);
    engine_free(s->e);
}

/* ---- workers --------------------------------------------------------------------------------- */

/** What a worker does: counted in periods that have begun. */
enum habit { EAGER, LATE, COMES_AND_GOES };

struct worker {
    struct rt_world *w;
    uint32_t index;
    enum habit habit;
    atomic_bool *stop;
    uint32_t n_tasks;
    pthread_t thread;
};

static bool is_there(const struct worker *worker)
{
    const uint32_t n = rt_crew_look(worker->w).n_periods;
    return worker->habit == EAGER || (worker->habit == LATE && n > 20) ||
           (worker->habit == COMES_AND_GOES && n / 3 % 2);
}

static void *work(void *argument)
{
    struct worker *const worker = argument;
    while (!atomic_load(worker->stop))
        if (is_there(worker) && rt_crew_help(worker->w, worker->index))
            worker->n_tasks++;
        else
            sched_yield();
    return NULL;
}

/** Renders the whole score with some workers. @return tasks that they did */
static uint32_t play(float *out[2], uint32_t n_threads, uint32_t n_workers, enum habit habit,
                     uint32_t period)
{
    struct session s = session_new(n_threads);
    struct worker workers[THREADS_MAX];
    atomic_bool stop = false;
    uint32_t n_tasks = 0;
    for (uint32_t i = 0; i < n_workers; i++) {
        workers[i] = (struct worker){ .w = s.e->w, .index = i + 1, .habit = habit, .stop = &stop };
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (uint32_t frame = 0; frame < N_FRAMES; frame += period) {
        float *const to[] = { s.e->out[0] + frame, s.e->out[1] + frame };
        rt_period_run(s.e->w, NULL, to, period, 0);
        engine_take_reports(s.e);
    }
    atomic_store(&stop, true);
    for (uint32_t i = 0; i < n_workers; i++) {
        pthread_join(workers[i].thread, NULL);
        n_tasks += workers[i].n_tasks;
    }
    for (int c = 0; c < 2; c++)
        memcpy(out[c], s.e->out[c], N_FRAMES * sizeof(float));
    session_free(&s);
    return n_tasks;
}

/** One thread, whole blocks: what all others must give. */
static float **reference(void)
{
    static float *out[2];
    for (int c = 0; c < 2; c++)
        out[c] = malloc(N_FRAMES * sizeof(float));
    play(out, 1, 0, EAGER, BLOCK);
    float peak = 0;
    for (uint32_t i = 0; i < N_FRAMES; i++)
        peak = dsp_max(peak, fabsf(out[0][i]));
    ck_assert_float_gt(peak, 0.1f);
    return out;
}

static void expect_reference(float *const *expected, float *const *out)
{
    for (int c = 0; c < 2; c++)
        for (uint32_t i = 0; i < N_FRAMES; i++)
            REQUIRE(out[c][i] == expected[c][i], "channel %d, block %u, frame %u: %.9g for %.9g", c,
                    i / BLOCK, i % BLOCK, (double)out[c][i], (double)expected[c][i]);
}

/** Plays until workers have had a hand in it: a busy machine may not let them run in time. */
static void expect_same(uint32_t n_threads, uint32_t n_workers, enum habit habit, uint32_t period)
{
    float *const *const expected = reference();
    float *out[2] = { malloc(N_FRAMES * sizeof(float)), malloc(N_FRAMES * sizeof(float)) };
    uint32_t n_tasks = n_workers == 0;
    for (int i = 0; i == 0 || (i < 100 && n_tasks == 0); i++) {
        n_tasks += play(out, n_threads, n_workers, habit, period);
        expect_reference(expected, out);
    }
    ck_assert_uint_gt(n_tasks, 0);
    for (int c = 0; c < 2; c++) {
        free(expected[c]);
        free(out[c]);
    }
}

static const uint32_t periods[] = { 64, 100, 1024 };

START_TEST(any_number_of_threads_and_any_period_give_the_same_bits)
{
    static const uint32_t threads[] = { 1, 2, 4, 8 };
    const uint32_t n = threads[_i / 3];
    expect_same(n, n - 1, EAGER, periods[_i % 3]);
}
END_TEST

START_TEST(workers_that_never_come_are_not_waited_for)
{
    expect_same(4, 0, EAGER, 64);
    expect_same(8, 1, EAGER, 100); /* one of seven */
}
END_TEST

START_TEST(workers_that_come_late_or_pause_change_no_bit)
{
    expect_same(4, 3, LATE, 64);
    expect_same(4, 3, COMES_AND_GOES, periods[_i]);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("crew");
    tcase_add_loop_test(tests, any_number_of_threads_and_any_period_give_the_same_bits, 0, 12);
    tcase_add_test(tests, workers_that_never_come_are_not_waited_for);
    tcase_add_loop_test(tests, workers_that_come_late_or_pause_change_no_bit, 0, 2);
    return engine_main("rt crew", tests);
}
