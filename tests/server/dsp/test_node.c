/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_node.c - Free, FreeSelf, SampleRate.                                     */
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

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("node");
    tcase_add_test(c, free_names_the_node_on_a_rising_trigger_only);
    tcase_add_test(c, free_self_asks_for_done_action_2);
    tcase_add_test(c, sample_rate_is_the_servers);
    return host_run(argc, argv, "node", c);
}
