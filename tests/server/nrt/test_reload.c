/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_reload.c - LANGUAGE 5.6: what fades and what rings out when a program    */
/* changes.                                                                                       */
#include "tests/server/nrt/stage.h"

enum {
    SINE_KEY = 11, ECHO_KEY = 12, SECOND_KEY = 13,
    ECHO_FRAMES = 4800, /* 0.1 s */
    SYNTHS_OF_NONE = 1  /* a program without outputs has the mix */
};

/** A sine of 0.1 at `hz`, through as many echoes in a row as there are keys, on bus `out`. */
static void add_echoes(struct ph_program *p, const char *name, float hz, float feedback,
                       const uint64_t *keys, uint32_t n)
{
    struct ph_build b;
    ph_build_begin(&b, name);
    const struct ph_input in[] = { ph_build_constant(&b, hz), ph_build_constant(&b, 0) };
    const struct ph_input sine = ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, in, 2, SINE_KEY);
    const struct ph_input amp[] = { sine, ph_build_constant(&b, 0.1f) };
    struct ph_input x = ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, amp, 2, 0);
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_input echo[] = { x, ph_build_constant(&b, 0.5f),
                                         ph_build_constant(&b, 0.1f),
                                         ph_build_constant(&b, feedback) };
        const struct ph_input sum[] = { x, ph_build_unit(&b, "Echo", PH_AUDIO, 0, 1, echo, 4,
                                                         keys[i]) };
        x = ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_ADD, 1, sum, 2, 0);
    }
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), x };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    add_def(p, name, &b);
}

/** Output o1 on port 1, if there are echoes or a sine to it; o2 on port 2, plain. */
static struct ph_program echoing(bool has_first, const uint64_t *keys, uint32_t n, float feedback)
{
    struct ph_program p = begin();
    if (has_first) {
        add_echoes(&p, "o1", 200, feedback, keys, n);
        add_bus(&p, "o1.bus", 1);
        add_node(&p, "o1", "o1", "o1.bus");
        *ADD(&p, outputs, n_outputs) =
            (struct ph_program_output){ strdup("o1"), strdup("o1.bus"), 1, PH_OUTPUT_AS_IT_IS };
    }
    add_output_of(&p, "o2", 333, 0.1f, 1, 2, PH_OUTPUT_AS_IT_IS);
    return p;
}

static const uint64_t one[] = { ECHO_KEY }, two[] = { ECHO_KEY, SECOND_KEY };

static uint32_t n_synths(struct stage *s)
{
    struct link_status status;
    link_snapshot_read(rt_world_snapshot(s->w->rt), &status);
    return status.n_synths;
}

/** Blocks until the engine has no more than `n` synths. */
static uint32_t until_synths(struct stage *s, uint32_t n, uint32_t most)
{
    uint32_t blocks = 0;
    while (n_synths(s) > n && blocks++ < most) {
        if (s->n + BLOCK > 1 << 16)
            s->n = 0;
        run(s, 1);
    }
    return blocks;
}

static float largest_step(const struct stage *s, uint32_t port, uint32_t from, uint32_t to)
{
    float largest = 0;
    for (uint32_t i = from + 1; i < to; i++)
        largest = fmaxf(largest, fabsf(s->out[port][i] - s->out[port][i - 1]));
    return largest;
}

/* ---- removed --------------------------------------------------------------------------------- */

START_TEST(echoes_of_a_removed_output_ring_out)
{
    struct stage *const s = render(echoing(true, one, 1, 0.5f), 375); /* 0.5 s */
    struct stage *const twin = render(echoing(true, one, 1, 0.5f), 375);
    const uint32_t end = s->n + LATENCY, fade = FADE_BLOCKS * BLOCK;
    apply(s, echoing(false, NULL, 0, 0));
    run(s, 600);
    apply(twin, echoing(true, one, 1, 0.5f));
    run(twin, 600);
    /* within the fade: not more than was; behind it the dry
     * sound has gone and each echo is half the last */
    /* in phase: 20 periods per echo */
    const float dry = 0.1f, wet = peak(s, 0, end - 2400, end) - dry;
    ck_assert_float_eq_tol(wet, 0.2f, 0.02f); /* 0.1 + 0.05 + 0.025 ... */
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t from = end + k * ECHO_FRAMES + fade, to = end + (k + 1) * ECHO_FRAMES;
        ck_assert_float_eq_tol(peak(s, 0, from, to), wet * ldexpf(1, -(int)k),
                               0.1f * wet * ldexpf(1, -(int)k));
    }
    const float own = largest_step(twin, 0, LATENCY, twin->n);
    ck_assert_float_le(largest_step(s, 0, LATENCY, s->n), own * 1.01f);
    for (uint32_t i = 0; i < s->n; i++)
        ck_assert(s->out[1][i] == twin->out[1][i]); /* the other one: to the bit */
    close_stage(twin);
    close_stage(s);
}
END_TEST

START_TEST(what_has_rung_out_ends)
{
    struct stage *const s = render(echoing(true, one, 1, 0.5f), 100), *const never = open_stage();
    apply(never, echoing(false, NULL, 0, 0));
    run(never, 10);
    const uint32_t rest = n_synths(never);
    apply(s, echoing(false, NULL, 0, 0));
    run(s, 20);
    ck_assert_uint_gt(n_synths(s), rest); /* it rings */
    const uint32_t blocks = until_synths(s, rest, 10 * 750);
    /* 0.1 to 1e-5 by halves: 1.4 s, and half a second of silence */
    ck_assert_uint_lt(blocks, 3 * 750);
    ck_assert_uint_eq(n_synths(s), rest);
    close_stage(never);
    close_stage(s);
}
END_TEST

START_TEST(what_does_not_end_by_itself_ends_after_ten_seconds)
{
    struct stage *const s = render(echoing(true, one, 1, 0.9999f), 100);
    struct stage *const never = open_stage();
    apply(never, echoing(false, NULL, 0, 0));
    run(never, 10);
    apply(s, echoing(false, NULL, 0, 0));
    const uint32_t blocks = until_synths(s, n_synths(never), 12 * 750);
    ck_assert_uint_ge(blocks, 10 * 750);
    ck_assert_uint_le(blocks, 10 * 750 + 20);
    ck_assert_float_le(largest_step(s, 0, 1, s->n), 0.05f); /* and that with a fade */
    close_stage(never);
    close_stage(s);
}
END_TEST

/** A sine on ~dry, heard by an echo that is the output. */
static struct ph_program over_a_bus(bool has_echo)
{
    struct ph_program p = begin();
    add_bus(&p, "~dry", 1);
    add_echoes(&p, "dry", 200, 0, NULL, 0);
    add_node(&p, "dry", "dry", "~dry");
    if (has_echo) {
        struct ph_build b;
        ph_build_begin(&b, "wet");
        const struct ph_input bus = ph_build_control(&b, "in", 0, PH_CONTROL);
        const struct ph_input x = ph_build_unit(&b, "In", PH_AUDIO, 0, 1, &bus, 1, 0);
        const struct ph_input echo[] = { x, ph_build_constant(&b, 0.5f),
                                         ph_build_constant(&b, 0.1f), ph_build_constant(&b, 0.5f) };
        const struct ph_input wet = ph_build_unit(&b, "Echo", PH_AUDIO, 0, 1, echo, 4, ECHO_KEY);
        const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), wet };
        ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
        add_def(&p, "wet", &b);
        add_bus(&p, "o1.bus", 1);
        add_node(&p, "wet", "wet", "o1.bus");
        struct ph_program_node *const node = &p.nodes[p.n_nodes - 1];
        *ADD(node, controls, n_controls) =
            (struct ph_program_control){ .control = strdup("in"), .bus = strdup("~dry") };
        *ADD(&p, outputs, n_outputs) =
            (struct ph_program_output){ strdup("o1"), strdup("o1.bus"), 1, PH_OUTPUT_AS_IT_IS };
    }
    return p;
}

/** What stands before the echo stays, or goes with it: in both cases no more of it comes in. */
static void ring_over_a_bus(bool stays)
{
    struct stage *const s = render(over_a_bus(true), 375);
    const uint32_t end = s->n + LATENCY;
    apply(s, stays ? over_a_bus(false) : begin());
    run(s, 600);
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t from = end + k * ECHO_FRAMES + FADE_BLOCKS * BLOCK;
        const uint32_t to = end + (k + 1) * ECHO_FRAMES;
        ck_assert_float_eq_tol(peak(s, 0, from, to), 0.2f * ldexpf(1, -(int)k),
                               0.02f * ldexpf(1, -(int)k));
    }
    until_synths(s, SYNTHS_OF_NONE + stays, 3 * 750);
    ck_assert_uint_eq(n_synths(s), SYNTHS_OF_NONE + stays);
    close_stage(s);
}

START_TEST(an_effect_rings_out_when_what_it_hears_plays_on) { ring_over_a_bus(true); } END_TEST
START_TEST(an_effect_rings_out_when_what_it_hears_has_gone) { ring_over_a_bus(false); } END_TEST

START_TEST(an_output_that_comes_back_while_it_rings_has_a_bus_of_its_own)
{
    /* all buses have been used, 12 s ago: the next one that is given away would be that of o1 */
    struct ph_program p = echoing(true, one, 1, 0.5f);
    for (uint32_t i = 0; i < WORLD_PROGRAM_BUSES - 2 * 2 - PORTS - 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "~unused%u", i);
        add_bus(&p, name, 1);
    }
    struct stage *const s = render(p, 1), *const gone = render(echoing(true, one, 1, 0.5f), 1);
    apply(s, echoing(true, one, 1, 0.5f));
    for (uint32_t i = 0; i < 12 * 750; i++) {
        s->n = gone->n = 0;
        run(s, 1);
        run(gone, 1);
    }
    apply(s, echoing(false, NULL, 0, 0));
    apply(gone, echoing(false, NULL, 0, 0));
    run(s, 8);
    run(gone, 58);
    apply(s, echoing(true, one, 1, 0.5f));
    run(s, 50);
    float back = 0; /* what has come back, beside what rings: it is heard once */
    for (uint32_t i = 40 * BLOCK; i < s->n; i++)
        back = fmaxf(back, fabsf(s->out[0][i] - gone->out[0][i]));
    ck_assert_float_eq_tol(back, 0.1f, 1e-3f);
    close_stage(gone);
    close_stage(s);
}
END_TEST

START_TEST(a_panic_ends_what_rings)
{
    struct stage *const s = render(echoing(true, one, 1, 0.5f), 375);
    apply(s, echoing(false, NULL, 0, 0));
    run(s, 20);
    const struct link_command panic = { .kind = LINK_PANIC };
    ck_assert(link_ring_push(rt_world_commands(s->w->rt), &panic));
    run(s, 10);
    ck_assert_uint_eq(n_synths(s), 0);
    close_stage(s);
}
END_TEST

/* ---- changed --------------------------------------------------------------------------------- */

START_TEST(an_effect_that_is_taken_away_rings_out_beside_the_dry_sound)
{
    struct stage *const s = render(echoing(true, one, 1, 0.5f), 375);
    struct stage *const plain = render(echoing(true, NULL, 0, 0), 750);
    const uint32_t end = s->n + LATENCY, swap = 4 * BLOCK; /* 5 ms in whole blocks */
    apply(s, echoing(true, NULL, 0, 0));
    run(s, 375);
    for (uint32_t k = 0; k < 4; k++) {
        float wet = 0;
        for (uint32_t i = end + k * ECHO_FRAMES + swap; i < end + (k + 1) * ECHO_FRAMES; i++)
            wet = fmaxf(wet, fabsf(s->out[0][i] - plain->out[0][i]));
        ck_assert_float_eq_tol(wet, 0.2f * ldexpf(1, -(int)k), 0.02f * ldexpf(1, -(int)k));
    }
    ck_assert_float_le(largest_step(s, 0, LATENCY, s->n), 0.3f * 6.2832f * 200 / 48000 * 1.02f);
    ck_assert_uint_lt(until_synths(s, n_synths(plain), 3 * 750), 3 * 750);
    s->n = 0;
    run(s, 75); /* only the dry sound is left */
    double power = 0;
    for (uint32_t i = 0; i < s->n; i++)
        power += (double)s->out[0][i] * s->out[0][i];
    ck_assert_double_eq_tol(power / s->n, 0.1 * 0.1 / 2, 1e-6);
    close_stage(plain);
    close_stage(s);
}
END_TEST

START_TEST(an_effect_that_stays_is_not_heard_twice)
{
    struct stage *const s = render(echoing(true, two, 2, 0.5f), 375);
    struct stage *const twin = render(echoing(true, one, 1, 0.5f), 375 + 640);
    apply(s, echoing(true, one, 1, 0.5f)); /* the second one goes, the first one goes on */
    const uint32_t end = s->n + LATENCY;
    run(s, 640);
    const float second = peak(s, 0, end - 2400, end) - peak(twin, 0, end - 2400, end);
    /* the second one's sound is what is left beside a twin without it */
    for (uint32_t k = 0; k < 4; k++) {
        float wet = 0;
        for (uint32_t i = end + k * ECHO_FRAMES + 4 * BLOCK; i < end + (k + 1) * ECHO_FRAMES; i++)
            wet = fmaxf(wet, fabsf(s->out[0][i] - twin->out[0][i]));
        const float expected = second * ldexpf(1, -(int)k);
        ck_assert_float_eq_tol(wet, expected, 0.2f * expected); /* tanh in both */
    }
    close_stage(twin);
    close_stage(s);
}
END_TEST

START_TEST(many_edits_leave_a_bounded_number_ringing)
{
    struct stage *const s = render(echoing(true, one, 1, 0.9f), 100);
    for (uint32_t i = 0; i < 300; i++) {
        apply(s, echoing(i % 2, one, 1, 0.9f));
        if (s->n > 60000)
            s->n = 0;
        run(s, 2);
        ck_assert_uint_le(n_synths(s), RT_RINGING_MAX + 40);
    }
    close_stage(s);
}
END_TEST

/* ---- values that are not finite -------------------------------------------------------------- */

/** An output `name` that divides nothing by nothing. */
static void add_sick(struct ph_program *p, const char *name)
{
    struct ph_build b;
    ph_build_begin(&b, name);
    const struct ph_input zero = ph_build_constant(&b, 0);
    const struct ph_input dc = ph_build_unit(&b, "DC", PH_AUDIO, 0, 1, &zero, 1, 0);
    const struct ph_input in[] = { dc, dc };
    const struct ph_input y =
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_FDIV, 1, in, 2, 0);
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), y };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    add_def(p, name, &b);
    add_node(p, name, name, PH_BUS_MAIN);
}

static struct ph_program three_and_sick(void)
{
    struct ph_program p = echoing(false, NULL, 0, 0);
    add_sick(&p, "sick");
    return p;
}

START_TEST(who_gives_values_that_are_not_finite_is_named)
{
    struct ph_program p = three_and_sick();
    struct stage *const s = render(p, 20);
    char text[2048];
    nrt_quarantine_text(&s->w->context.quarantine, text, sizeof text);
    ck_assert_str_eq(text, "sick 1");
    p = three_and_sick();
    add_sick(&p, "worse");
    apply(s, p);
    run(s, 20);
    nrt_quarantine_text(&s->w->context.quarantine, text, sizeof text);
    ck_assert_str_eq(text, "worse 1, sick 1");
    ck_assert_float_eq_tol(peak(s, 1, 0, s->n), 0.1f, 0.001f); /* the others play on */
    close_stage(s);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("reload");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, echoes_of_a_removed_output_ring_out);
    tcase_add_test(tests, what_has_rung_out_ends);
    tcase_add_test(tests, what_does_not_end_by_itself_ends_after_ten_seconds);
    tcase_add_test(tests, an_effect_rings_out_when_what_it_hears_plays_on);
    tcase_add_test(tests, an_effect_rings_out_when_what_it_hears_has_gone);
    tcase_add_test(tests, an_output_that_comes_back_while_it_rings_has_a_bus_of_its_own);
    tcase_add_test(tests, a_panic_ends_what_rings);
    tcase_add_test(tests, an_effect_that_is_taken_away_rings_out_beside_the_dry_sound);
    tcase_add_test(tests, an_effect_that_stays_is_not_heard_twice);
    tcase_add_test(tests, many_edits_leave_a_bounded_number_ringing);
    tcase_add_test(tests, who_gives_values_that_are_not_finite_is_named);
    return check_run("nrt reload", tests);
}
