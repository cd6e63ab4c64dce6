/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_node.c - units that end and stop nodes, and that tell facts.             */
#include "tests/server/dsp/unit_host.h"

START_TEST(free_names_the_node_on_a_rising_trigger_only)
{
    struct unit_host *const h = host_new(PH_UNIT_FREE, 0, host_wide(), KR, 48000);
    host_set(h, 0, KR, 0);
    host_set(h, 1, KR, 1234);
    host_init(h);
    host_block(h);
    ck_assert_uint_eq(h->node[2].flags, 0);
    h->in[0][2] = 1; /* lane 2 alone */
    host_block(h);
    ck_assert_uint_eq(h->node[2].flags, DSP_NODE_FREE_OTHER);
    ck_assert_int_eq(h->node[2].free_id, 1234);
    ck_assert_uint_eq(h->node[3].flags, 0);
    h->node[2].flags = 0;
    host_block(h); /* still up: no new rise */
    ck_assert_uint_eq(h->node[2].flags, 0);
    ck_assert_float_eq(h->out[0][2], 1);
    host_free(h);
}
END_TEST

START_TEST(free_self_asks_for_done_action_2)
{
    struct unit_host *const h = host_new(PH_UNIT_FREE_SELF, 0, 1, KR, 48000);
    host_set(h, 0, KR, 1);
    host_init(h);
    ck_assert_uint_eq(h->node[0].done, 0);
    host_block(h);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    host_free(h);
}
END_TEST

START_TEST(sample_rate_is_the_servers)
{
    struct unit_host *const h = host_new(PH_UNIT_SAMPLE_RATE, 0, host_wide(), IR, 44100);
    host_init(h);
    host_block(h);
    ck_assert_float_eq(h->out[0][host_wide() - 1], 44100);
    host_free(h);
}
END_TEST

START_TEST(pause_speaks_when_its_gate_changes)
{
    struct unit_host *const h = host_new(PH_UNIT_PAUSE, 0, host_wide(), KR, 48000);
    host_set(h, 0, KR, 1);
    host_set(h, 1, KR, 1234);
    host_init(h);
    host_block(h);
    ck_assert_uint_eq(h->node[1].flags, 0); /* nodes run */
    h->in[0][1] = 0; /* lane 1 alone */
    host_block(h);
    ck_assert_uint_eq(h->node[1].flags, DSP_NODE_PAUSE_OTHER);
    ck_assert_int_eq(h->node[1].run_id, 1234);
    ck_assert_uint_eq(h->node[0].flags, 0);
    h->node[1].flags = 0;
    host_block(h);
    ck_assert_uint_eq(h->node[1].flags, 0);
    h->in[0][1] = -0.5f;
    host_block(h);
    ck_assert_uint_eq(h->node[1].flags, DSP_NODE_RESUME_OTHER);
    host_free(h);
}
END_TEST

START_TEST(numbers_of_nodes_that_are_none_are_safe)
{
    static const float ids[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f };
    for (int i = 0; i < 5; i++) {
        struct unit_host *const h = host_new(PH_UNIT_PAUSE, 0, 1, KR, 48000);
        host_set(h, 0, KR, 0);
        host_set(h, 1, KR, ids[i]);
        host_init(h);
        host_block(h);
        ck_assert_int_eq(h->node[0].run_id, ids[i] > 0 ? 2147483520 : INT32_MIN);
        host_free(h);
    }
}
END_TEST

/** A unit that sees unit 0 of a def, which ends when `dones` says so. */
static struct unit_host *watcher_new(enum ph_unit id, uint8_t *dones)
{
    static const uint32_t source[] = { 0 };
    struct unit_host *const h = host_new(id, 0, 1, KR, 48000);
    host_set(h, 0, KR, 0.25f);
    h->b.source = source;
    h->b.dones = dones;
    host_init(h);
    return h;
}

START_TEST(what_waits_for_a_unit_asks_once)
{
    uint8_t dones[1] = { 0 };
    struct unit_host *const h =
        watcher_new(_i ? PH_UNIT_FREE_SELF_WHEN_DONE : PH_UNIT_PAUSE_SELF_WHEN_DONE, dones);
    host_block(h);
    ck_assert_uint_eq(h->node[0].done, 0);
    ck_assert_float_eq(h->out[0][0], 0.25f);
    dones[0] = 1;
    host_block(h);
    ck_assert_uint_eq(h->node[0].done, _i ? 1u << 2 : 1u << 1);
    h->node[0].done = 0;
    host_block(h); /* a node that runs on is not stopped again */
    ck_assert_uint_eq(h->node[0].done, 0);
    ck_assert_float_eq(h->out[0][0], 0);
    host_free(h);
}
END_TEST

START_TEST(done_follows_its_unit)
{
    uint8_t dones[1] = { 0 };
    struct unit_host *const h = watcher_new(PH_UNIT_DONE, dones);
    for (int i = 0; i < 4; i++) {
        dones[0] = (uint8_t)(i % 2);
        host_block(h);
        ck_assert_float_eq(h->out[0][0], (float)(i % 2));
    }
    host_free(h);
}
END_TEST

static float fact(enum ph_unit id)
{
    struct unit_host *const h = host_new(id, 0, 1, IR, 44100);
    h->env.n_audio = 9;
    h->env.n_outputs = 3;
    h->env.n_inputs = 4;
    h->env.n_control = 5;
    h->env.n_writable = 6;
    h->env.n_synths = 7;
    h->node[0].id = -8;
    host_init(h);
    host_block(h);
    const float x = h->out[0][0];
    host_free(h);
    return x;
}

START_TEST(facts_are_the_servers)
{
    ck_assert_float_eq(fact(PH_UNIT_NUM_AUDIO_BUSES), 9);
    ck_assert_float_eq(fact(PH_UNIT_NUM_OUTPUT_BUSES), 3);
    ck_assert_float_eq(fact(PH_UNIT_NUM_INPUT_BUSES), 4);
    ck_assert_float_eq(fact(PH_UNIT_NUM_CONTROL_BUSES), 5);
    ck_assert_float_eq(fact(PH_UNIT_NUM_BUFFERS), 6);
    ck_assert_float_eq(fact(PH_UNIT_NUM_RUNNING_SYNTHS), 7);
    ck_assert_float_eq(fact(PH_UNIT_NODE_ID), -8);
    ck_assert_float_eq(fact(PH_UNIT_SUBSAMPLE_OFFSET), 0);
    ck_assert_float_eq(fact(PH_UNIT_BLOCK_SIZE), 64);
    ck_assert_double_eq_tol(fact(PH_UNIT_CONTROL_RATE), 44100 / 64.0, 1e-4);
    ck_assert_double_eq_tol(fact(PH_UNIT_SAMPLE_DUR), 1 / 44100.0, 1e-11);
}
END_TEST

START_TEST(facts_of_a_buffer_that_is_none_are_0)
{
    static const enum ph_unit ids[] = {
        PH_UNIT_BUF_FRAMES, PH_UNIT_BUF_CHANNELS, PH_UNIT_BUF_SAMPLES, PH_UNIT_BUF_SAMPLE_RATE,
        PH_UNIT_BUF_RATE_SCALE, PH_UNIT_BUF_DUR
    };
    static const float numbers[] = { 2, -1, 1e30f, NAN, INFINITY };
    static const float of_1[] = { 4000, 2, 8000, 48000, 1, 4000 / 48000.0f };
    for (int u = 0; u < 6; u++) {
        struct unit_host *const h = host_new(ids[u], 0, 1, KR, 48000);
        host_set(h, 0, KR, 1);
        host_init(h);
        host_block(h);
        ck_assert_float_eq(h->out[0][0], of_1[u]);
        for (int i = 0; i < 5; i++) {
            h->in[0][0] = numbers[i];
            host_block(h);
            ck_assert_float_eq(h->out[0][0], 0);
        }
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("node");
    tcase_add_test(c, pause_speaks_when_its_gate_changes);
    tcase_add_test(c, numbers_of_nodes_that_are_none_are_safe);
    tcase_add_loop_test(c, what_waits_for_a_unit_asks_once, 0, 2);
    tcase_add_test(c, done_follows_its_unit);
    tcase_add_test(c, facts_are_the_servers);
    tcase_add_test(c, facts_of_a_buffer_that_is_none_are_0);
    tcase_add_test(c, free_names_the_node_on_a_rising_trigger_only);
    tcase_add_test(c, free_self_asks_for_done_action_2);
    tcase_add_test(c, sample_rate_is_the_servers);
    return host_run(argc, argv, "node", c);
}
