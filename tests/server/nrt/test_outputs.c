/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_outputs.c - outputs of a program: sums, hush and solo, ports, stems;     */
/* definitions that name buses.                                                                   */
#include "tests/server/nrt/stage.h"

/** Three outputs of the mix, of which `which` are there (bits). */
static struct ph_program three(uint32_t which, float hz_of_first)
{
    struct ph_program p = begin();
    for (uint32_t i = 0; i < 3; i++) {
        const char name[] = { 'o', (char)('1' + i), 0 };
        if (which & 1u << i)
            add_output(&p, name, i == 0 ? hz_of_first : 200.0f + 77.7f * (float)i, 0.1f, 0,
                       PH_OUTPUT_AS_IT_IS);
    }
    return p;
}

/* ---- sums ------------------------------------------------------------------------------------ */

START_TEST(outputs_together_are_the_sum_of_each_alone_to_the_bit)
{
    struct stage *const all = render(three(7, 100), 100);
    struct stage *alone[3];
    for (uint32_t i = 0; i < 3; i++)
        alone[i] = render(three(1u << i, 100), 100);
    for (uint32_t c = 0; c < 2; c++)
        for (uint32_t i = 0; i < all->n; i++) {
            const float sum = alone[0]->out[c][i] + alone[1]->out[c][i];
            ck_assert(all->out[c][i] == sum + alone[2]->out[c][i]);
        }
    ck_assert_float_gt(peak(all, 0, 0, all->n), 0.25f);
    for (uint32_t i = 0; i < 3; i++)
        close_stage(alone[i]);
    close_stage(all);
}
END_TEST

START_TEST(a_stem_is_what_the_output_gives_alone)
{
    struct stage *const all = open_stage(), *const alone = render(three(2, 100), 60);
    const char *name;
    const float *left, *right;
    apply(all, three(7, 100));
    for (uint32_t block = 0; block < 50; block++) {
        run(all, 1);
        ck_assert(world_stem(all->w, 1, &name, &left, &right));
        ck_assert_str_eq(name, "o2");
        for (uint32_t i = 0; i < BLOCK; i++)
            ck_assert(left[i] == alone->out[0][block * BLOCK + i + LATENCY] && right[i] == left[i]);
    }
    change(all, NRT_OUTPUT_HUSH, "o2");
    run(all, FADE_BLOCKS + 1);
    ck_assert(world_stem(all->w, 1, &name, &left, &right));
    for (uint32_t i = 0; i < BLOCK; i++)
        ck_assert_float_eq(left[i], 0);
    ck_assert(!world_stem(all->w, 3, &name, &left, &right));
    close_stage(alone);
    close_stage(all);
}
END_TEST

START_TEST(outmix_divides_by_the_number_of_outputs_in_the_mix)
{
    const enum ph_outmix modes[] = { PH_OUTMIX_GAIN, PH_OUTMIX_SQRT };
    for (uint32_t m = 0; m < 2; m++) {
        struct ph_program p = three(7, 100);
        add_output(&p, "out4", 500, 0.1f, 4, PH_OUTPUT_SOUNDS); /* a port: it is not one of them */
        p.outmix = modes[m];
        struct stage *const s = render(p, 50), *const plain = render(three(7, 100), 50);
        const float scale = (float)(m == 0 ? 1 / 3.0 : 1 / sqrt(3));
        for (uint32_t i = 0; i < s->n; i++)
            ck_assert_float_eq_tol(s->out[0][i], plain->out[0][i] * scale, 1e-7f);
        close_stage(s);
        close_stage(plain);
    }
}
END_TEST

/* ---- hush and solo --------------------------------------------------------------------------- */

START_TEST(a_hush_of_one_fades_it_in_10_ms_and_leaves_the_others_to_the_bit)
{
    struct stage *const s = render(three(7, 100), 50);
    struct stage *const without = render(three(6, 100), 200);
    struct stage *const twin = render(three(7, 100), 200);
    change(s, NRT_OUTPUT_HUSH, "o1");
    run(s, 50);
    change(s, NRT_OUTPUT_UNHUSH, "o1");
    run(s, 100);
    const uint32_t hushed = 50 * BLOCK + LATENCY, back = 100 * BLOCK + LATENCY;
    const uint32_t fade = FADE_BLOCKS * BLOCK;
    for (uint32_t i = 0; i < s->n; i++) {
        const float both = twin->out[0][i], other = without->out[0][i];
        const float gain = i < hushed          ? 1
                           : i < hushed + fade ? 1 - (float)(i - hushed) / (float)fade
                           : i < back          ? 0
                           : i < back + fade   ? (float)(i - back) / (float)fade
                                               : 1;
        ck_assert_float_eq_tol(s->out[0][i], other + gain * (both - other), 1e-6f);
        if (i >= hushed + fade && i < back)
            ck_assert(s->out[0][i] == other);
        if (gain == 1) /* the sine has run on: its phase is where it would have been */
            ck_assert(s->out[0][i] == both);
    }
    close_stage(twin);
    close_stage(without);
    close_stage(s);
}
END_TEST

/** What is heard 20 blocks from now is what a program of the outputs `which` (bits) would give. */
static void expect_heard(struct stage *s, uint32_t which)
{
    static const float amp = 0.1f;
    double sum = 0, expected = 0;
    run(s, 20);
    const uint32_t from = s->n;
    run(s, 150);
    for (uint32_t i = from; i < s->n; i++)
        sum += (double)s->out[0][i] * s->out[0][i];
    for (uint32_t i = 0; i < 3; i++)
        expected += which & 1u << i ? amp * amp / 2 : 0;
    ck_assert_double_eq_tol(sum / (s->n - from), expected, 0.1 * amp * amp / 2);
    s->n = 0;
}

START_TEST(a_solo_is_heard_alone_until_it_is_undone)
{
    struct stage *const s = render(three(7, 100), 1);
    expect_heard(s, 7);
    change(s, NRT_OUTPUT_SOLO, "o2");
    expect_heard(s, 2);
    change(s, NRT_OUTPUT_SOLO, "o3"); /* it replaces the other */
    expect_heard(s, 4);
    change(s, NRT_OUTPUT_HUSH, "o3"); /* who solos wants to hear */
    expect_heard(s, 4);
    change(s, NRT_OUTPUT_UNSOLO, NULL);
    expect_heard(s, 3);
    change(s, NRT_OUTPUT_HUSH, "o1");
    expect_heard(s, 2);
    change(s, NRT_OUTPUT_UNHUSH, NULL);
    expect_heard(s, 7);
    ck_assert_int_eq(nrt_program_change_output(s->programs, NRT_OUTPUT_HUSH, "o4"), PH_NOT_FOUND);
    close_stage(s);
}
END_TEST

START_TEST(hush_and_solo_outlive_edits_until_a_program_says_otherwise)
{
    struct stage *const s = render(three(7, 100), 1);
    change(s, NRT_OUTPUT_HUSH, "o1");
    run(s, 20);
    apply(s, three(7, 150)); /* its node is another one */
    expect_heard(s, 6);
    apply(s, three(6, 150)); /* gone, and with it what was said about it */
    expect_heard(s, 6);
    apply(s, three(7, 150));
    expect_heard(s, 7);
    struct ph_program p = begin();
    add_output_of(&p, "o1", 150, 0.1f, 2, 0, PH_OUTPUT_HUSHED);
    apply(s, p);
    run(s, 20);
    p = begin(); /* its bus lies elsewhere: the node at the mix is another one, too */
    add_output_of(&p, "o1", 150, 0.1f, 1, 0, PH_OUTPUT_AS_IT_IS);
    apply(s, p);
    expect_heard(s, 0);
    change(s, NRT_OUTPUT_UNHUSH, "o1");
    expect_heard(s, 1);
    p = three(7, 150);
    p.outputs[1].state = PH_OUTPUT_SOLO;
    apply(s, p);
    expect_heard(s, 2);
    apply(s, three(7, 160));
    expect_heard(s, 2);
    p = three(7, 160);
    p.outputs[1].state = PH_OUTPUT_SOUNDS;
    p.outputs[2].state = PH_OUTPUT_HUSHED;
    apply(s, p);
    expect_heard(s, 3);
    close_stage(s);
}
END_TEST

START_TEST(a_hush_reaches_the_program_that_is_on_its_way)
{
    struct stage *const s = open_stage();
    apply(s, three(1, 100));
    change(s, NRT_OUTPUT_HUSH, "o1"); /* not there yet, in flight */
    run(s, 50);
    ck_assert_float_eq(peak(s, 0, 0, s->n), 0);
    apply(s, three(1, 150));
    change(s, NRT_OUTPUT_UNHUSH, "o1");
    run(s, 50);
    ck_assert_float_gt(peak(s, 0, 80 * BLOCK, 100 * BLOCK), 0.09f);
    close_stage(s);
}
END_TEST

START_TEST(a_hush_makes_no_step_larger_than_the_fade)
{
    struct stage *const s = render(three(1, 100), 50);
    change(s, NRT_OUTPUT_HUSH, "o1");
    run(s, 3); /* undone in the middle of its fade */
    change(s, NRT_OUTPUT_UNHUSH, "o1");
    run(s, 50);
    const float own = 0.1f * 6.2832f * 100 / 48000, fade = 0.1f / (FADE_BLOCKS * BLOCK);
    for (uint32_t i = 1 + 10 * BLOCK; i < s->n; i++)
        ck_assert_float_le(fabsf(s->out[0][i] - s->out[0][i - 1]), own + 2 * fade);
    close_stage(s);
}
END_TEST

/* ---- ports ----------------------------------------------------------------------------------- */

START_TEST(ports_take_one_channel_each_past_the_mix)
{
    struct ph_program p = three(3, 100);
    p.outmix = PH_OUTMIX_GAIN;
    add_output(&p, "out1", 300, 0.2f, 1, PH_OUTPUT_SOUNDS);
    add_output(&p, "out3", 400, 0.3f, 3, PH_OUTPUT_SOUNDS);
    add_output(&p, "out9", 500, 0.4f, 9, PH_OUTPUT_SOUNDS); /* the driver has no such port */
    add_sine(&p, "direct", 600, 0.15f, 1);
    add_node(&p, "direct", "direct", PH_BUS_PORT "4"); /* a bus like any other */
    struct ph_program mix = three(3, 100);
    mix.outmix = PH_OUTMIX_GAIN;
    struct stage *const s = render(p, 200), *const plain = render(mix, 200);
    const uint32_t n = s->n;
    for (uint32_t i = 0; i < n; i++)
        ck_assert(s->out[1][i] == plain->out[1][i]); /* neither out1 nor out9 */
    double power = 0;
    for (uint32_t i = 0; i < n; i++)
        power += pow((double)s->out[0][i] - plain->out[0][i], 2);
    ck_assert_double_eq_tol(sqrt(2 * power / n), 0.2, 0.004); /* undivided */
    ck_assert_float_eq_tol(peak(s, 2, 0, n), 0.3f, 1e-3f);
    ck_assert_float_eq_tol(peak(s, 3, 0, n), 0.15f, 1e-3f);
    change(s, NRT_OUTPUT_HUSH, "out3");
    run(s, 20);
    ck_assert_float_eq(peak(s, 2, n + 10 * BLOCK, s->n), 0);
    close_stage(plain);
    close_stage(s);
}
END_TEST

START_TEST(every_port_has_a_limiter_of_its_own)
{
    struct ph_program p = begin();
    add_output(&p, "o1", 100, 3, 0, PH_OUTPUT_SOUNDS);
    add_output(&p, "out3", 150, 4, 3, PH_OUTPUT_SOUNDS);
    add_output(&p, "out4", 150, 0.5f, 4, PH_OUTPUT_SOUNDS);
    struct stage *const s = render(p, 200);
    for (uint32_t port = 0; port < 3; port++) {
        ck_assert_float_le(peak(s, port, 0, s->n), 0.966001f);
        ck_assert_float_gt(peak(s, port, 0, s->n), 0.9f);
    }
    ck_assert_float_eq_tol(peak(s, 3, 0, s->n), 0.5f, 1e-4f); /* untouched by the others */
    close_stage(s);
}
END_TEST

/* ---- definitions that name buses ------------------------------------------------------------- */

/** `writer` puts a constant on ~x; what `reader` finds there it doubles. */
static struct ph_program writer_and_reader(uint32_t n_channels, uint32_t n_before)
{
    struct ph_program p = begin();
    struct ph_build b;
    for (uint32_t i = 0; i < n_before; i++) {
        char name[24];
        snprintf(name, sizeof name, "~before%u", i);
        add_bus(&p, name, 2);
    }
    add_bus(&p, "~x", n_channels);
    ph_build_begin(&b, "writer");
    const struct ph_input level = ph_build_constant(&b, 0.125f);
    const struct ph_input dc = ph_build_unit(&b, "DC", PH_AUDIO, 0, 1, &level, 1, 0);
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), dc };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    add_def(&p, "writer", &b);
    ph_build_begin(&b, "reader");
    const struct ph_input bus = ph_build_control(&b, "source", -1, PH_CONTROL);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, 1, &bus, 1, 0);
    const struct ph_input mul[] = { in, ph_build_constant(&b, 2) };
    const struct ph_input out[] = { ph_build_control(&b, "out", 0, PH_CONTROL),
                                    ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1,
                                                  mul, 2, 0) };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, out, 2, 0);
    add_def(&p, "reader", &b);
    *ADD(&p.defs[1], controls, n_controls) =
        (struct ph_program_control){ .control = strdup("source"), .bus = strdup("~x") };
    add_node(&p, "writer", "writer", "~x");
    add_node(&p, "reader", "reader", PH_BUS_MAIN);
    return p;
}

START_TEST(a_definition_finds_the_buses_that_it_names)
{
    struct stage *const s = render(writer_and_reader(1, 0), 20);
    ck_assert_float_eq(s->out[0][s->n - 1], 0.25f);
    apply(s, writer_and_reader(1, 3)); /* nothing of it has changed */
    run(s, 20);
    ck_assert_float_eq(s->out[0][s->n - 1], 0.25f);
    for (uint32_t i = 20 * BLOCK; i < s->n; i++)
        ck_assert(s->out[0][i] == 0.25f);
    apply(s, writer_and_reader(2, 0)); /* ~x lies elsewhere: the definition counts as changed */
    run(s, 20);
    ck_assert_float_eq(s->out[0][s->n - 1], 0.25f);
    close_stage(s);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("outputs");
    tcase_add_test(tests, outputs_together_are_the_sum_of_each_alone_to_the_bit);
    tcase_add_test(tests, a_stem_is_what_the_output_gives_alone);
    tcase_add_test(tests, outmix_divides_by_the_number_of_outputs_in_the_mix);
    tcase_add_test(tests, a_hush_of_one_fades_it_in_10_ms_and_leaves_the_others_to_the_bit);
    tcase_add_test(tests, a_solo_is_heard_alone_until_it_is_undone);
    tcase_add_test(tests, hush_and_solo_outlive_edits_until_a_program_says_otherwise);
    tcase_add_test(tests, a_hush_reaches_the_program_that_is_on_its_way);
    tcase_add_test(tests, a_hush_makes_no_step_larger_than_the_fade);
    tcase_add_test(tests, ports_take_one_channel_each_past_the_mix);
    tcase_add_test(tests, every_port_has_a_limiter_of_its_own);
    tcase_add_test(tests, a_definition_finds_the_buses_that_it_names);
    return check_run("nrt outputs", tests);
}
