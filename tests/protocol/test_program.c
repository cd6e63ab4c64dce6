/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_program.c - whole programs, written by liblo and read back.                */
#include "protocol/program.h"

#include <lo/lo.h>
#include <stdio.h>

#include "tests/protocol/support.h"

/* ---- a sender -------------------------------------------------------------------------------- */

/** Binary parts of the program under test. */
struct parts {
    struct ph_writer def, keys, code, source;
};

static void parts_init(struct parts *p)
{
    struct ph_build b;
    struct ph_synthdef def;
    ph_build_begin(&b, "tone");
    const struct ph_input freq = ph_build_control(&b, "freq", 440, PH_AUDIO);
    const struct ph_input gate = ph_build_control(&b, "gate", 1, PH_CONTROL);
    const struct ph_input inputs[] = {freq, gate};
    ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, inputs, 2, 99);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    *p = (struct parts){0};
    ph_write_bytes(&p->source, "a\0b", 3);
    ck_assert_int_eq(ph_synthdefs_write(&def, 1, &p->def), PH_OK);
    ck_assert_int_eq(ph_unit_keys_write(&def, &p->keys), PH_OK);
    ph_synthdef_finish(&def);

    struct ph_pattern_build pattern = {0};
    struct ph_pattern_code code;
    const uint32_t word = ph_pattern_const_word(&pattern, "bd", 2);
    const uint32_t root = ph_pattern_emit(&pattern, PH_PAT_PURE, NULL, 0, &word, 1);
    ck_assert_int_eq(ph_pattern_build_end(&pattern, root, &code), PH_OK);
    ck_assert_int_eq(ph_pattern_code_encode(&code, &p->code), PH_OK);
    ph_pattern_code_finish(&code);
}

static void parts_finish(struct parts *p)
{
    ph_writer_finish(&p->def);
    ph_writer_finish(&p->keys);
    ph_writer_finish(&p->code);
    ph_writer_finish(&p->source);
}

static void add_blob(lo_message m, const struct ph_writer *w)
{
    const lo_blob blob = lo_blob_new((int32_t)w->size, w->data);
    lo_message_add_blob(m, blob);
    lo_blob_free(blob);
}

/** A bundle under construction; records can be left out, doubled or replaced by the tests. */
struct sender {
    lo_bundle bundle;
    struct parts parts;
};

static lo_message record(struct sender *s, const char *address, const char *types, ...)
{
    const lo_message m = lo_message_new();
    va_list args;
    va_start(args, types);
    for (const char *t = types; *t; t++) {
        if (*t == 'i')
            lo_message_add_int32(m, va_arg(args, int));
        else if (*t == 'h')
            lo_message_add_int64(m, va_arg(args, int64_t));
        else if (*t == 'f')
            lo_message_add_float(m, (float)va_arg(args, double));
        else if (*t == 's')
            lo_message_add_string(m, va_arg(args, const char *));
        else
            add_blob(m, va_arg(args, struct ph_writer *));
    }
    va_end(args);
    lo_bundle_add_message(s->bundle, address, m);
    return m;
}

static void sender_init(struct sender *s)
{
    const lo_timetag now = {0, 1};
    s->bundle = lo_bundle_new(now);
    parts_init(&s->parts);
}

static void add_begin(struct sender *s)
{
    record(s, "/phonon/begin", "ish", 7, "m.ph", INT64_C(1234));
}

static void add_body(struct sender *s)
{
    struct parts *const p = &s->parts;
    record(s, "/phonon/tempo", "hh", INT64_C(2), INT64_C(4));
    record(s, "/phonon/outmix", "i", PH_OUTMIX_SQRT);
    record(s, "/phonon/source", "hb", INT64_C(3), &p->source);
    record(s, "/phonon/def", "shbbsssf", "tone", INT64_C(-5), &p->def, &p->keys, "freq", "~a",
           "gate", 0.5);
    record(s, "/phonon/bus", "si", "~a", 2);
    record(s, "/phonon/output", "ssii", "o1", "~a", 3, PH_OUTPUT_HUSHED);
    record(s, "/phonon/voices", "ss", "~k", "~a");
    record(s, "/phonon/synth", "sssfss", "~bass", "tone", "freq", 55.0, "gate", "~a");
    record(s, "/phonon/synth", "ssssisssf", "~hit", "tone", "freq", "bd", 3, "gate", "~a", "freq",
           1.0);
    record(s, "/phonon/events", "ssshb", "p1", "~k", "", INT64_C(11), &p->code);
    record(s, "/phonon/events", "ssshb", "p3", "~k", "tone", INT64_C(11), &p->code);
    record(s, "/phonon/steps", "ssssiihb", "p2", "~bass", "freq", "gate", 1, PH_REST_ZERO,
           INT64_C(12), &p->code);
}

static void add_commit(struct sender *s)
{
    record(s, "/phonon/commit", "i", 7);
}

static void *sender_finish(struct sender *s, size_t *size)
{
    void *const packet = lo_bundle_serialise(s->bundle, NULL, size);
    lo_bundle_free_recursive(s->bundle);
    parts_finish(&s->parts);
    return packet;
}

static void *whole_program(size_t *size)
{
    struct sender s;
    sender_init(&s);
    add_begin(&s);
    add_body(&s);
    add_commit(&s);
    return sender_finish(&s, size);
}

/** Decodes what the sender has; the program has to be refused with a text. */
static void check_refused(struct sender *s, const char *word)
{
    struct ph_program program;
    char error[256];
    size_t size;
    void *const packet = sender_finish(s, &size);
    ck_assert_int_ne(ph_program_decode(packet, size, &program, error), PH_OK);
    ck_assert_msg(strstr(error, word) != NULL, "'%s' lacks '%s'", error, word);
    ck_assert_uint_eq(program.n_defs + program.n_nodes + program.n_buses + program.n_players, 0);
    ck_assert_ptr_null(program.name);
    free(packet);
}

/* ---- reading --------------------------------------------------------------------------------- */

START_TEST(a_whole_program_is_read)
{
    size_t size;
    void *const packet = whole_program(&size);
    struct ph_program p;
    char error[256];
    ck_assert(ph_program_is(packet, size));
    ck_assert_int_eq(ph_program_decode(packet, size, &p, error), PH_OK);
    ck_assert_str_eq(error, "");
    ck_assert_str_eq(p.name, "m.ph");
    ck_assert_int_eq(p.request_id, 7);
    ck_assert(p.revision == 1234);
    ck_assert(p.has_cps && p.cps.num == 1 && p.cps.den == 2);
    ck_assert_int_eq(p.outmix, PH_OUTMIX_SQRT);
    ck_assert(p.based_on == 3 && p.source_size == 3 && memcmp(p.source, "a\0b", 3) == 0);
    ck_assert_uint_eq(p.n_defs, 1);
    ck_assert(p.defs[0].hash == (uint64_t)-5 && p.defs[0].def.units[2].key == 99);
    ck_assert_uint_eq(p.defs[0].n_controls, 2);
    ck_assert_str_eq(p.defs[0].controls[0].control, "freq");
    ck_assert_str_eq(p.defs[0].controls[0].bus, "~a");
    ck_assert_ptr_null(p.defs[0].controls[1].bus);
    ck_assert_float_eq(p.defs[0].controls[1].value, 0.5f);
    ck_assert_uint_eq(p.n_buses, 1);
    ck_assert_uint_eq(p.buses[0].n_channels, 2);
    ck_assert_uint_eq(p.n_outputs, 1);
    ck_assert_str_eq(p.outputs[0].name, "o1");
    ck_assert_str_eq(p.outputs[0].bus, "~a");
    ck_assert_uint_eq(p.outputs[0].port, 3);
    ck_assert_int_eq(p.outputs[0].state, PH_OUTPUT_HUSHED);
    ck_assert_uint_eq(p.n_nodes, 3);
    ck_assert_ptr_null(p.nodes[0].def);
    ck_assert_str_eq(p.nodes[0].bus, "~a");
    ck_assert_str_eq(p.nodes[1].def, "tone");
    ck_assert_uint_eq(p.nodes[1].n_controls, 2);
    ck_assert_float_eq(p.nodes[1].controls[0].value, 55);
    ck_assert_ptr_null(p.nodes[1].controls[0].bus);
    ck_assert_str_eq(p.nodes[1].controls[1].bus, "~a");
    ck_assert_uint_eq(p.nodes[2].n_controls, 3);
    ck_assert_str_eq(p.nodes[2].controls[0].sample, "bd");
    ck_assert_int_eq(p.nodes[2].controls[0].index, 3);
    ck_assert_ptr_null(p.nodes[2].controls[0].bus);
    ck_assert_str_eq(p.nodes[2].controls[1].bus, "~a");
    ck_assert_ptr_null(p.nodes[2].controls[1].sample);
    ck_assert_float_eq(p.nodes[2].controls[2].value, 1);
    ck_assert_uint_eq(p.n_players, 3);
    ck_assert_int_eq(p.players[0].kind, PH_PLAYER_EVENTS);
    ck_assert_ptr_null(p.players[0].default_def);
    ck_assert_str_eq(p.players[1].default_def, "tone");
    ck_assert_int_eq(p.players[2].kind, PH_PLAYER_STEPS);
    ck_assert_str_eq(p.players[2].gate, "gate");
    ck_assert(p.players[2].notes_as_hz && p.players[2].rest == PH_REST_ZERO);
    ck_assert(p.players[2].hash == 12 && p.players[2].code.n_instrs == 1);
    ph_program_finish(&p);
    ph_program_finish(&p);
    free(packet);
}
END_TEST

START_TEST(a_program_without_tempo_keeps_the_running_one)
{
    struct sender s;
    struct ph_program p;
    char error[256];
    size_t size;
    sender_init(&s);
    add_begin(&s);
    add_commit(&s);
    void *const packet = sender_finish(&s, &size);
    ck_assert_int_eq(ph_program_decode(packet, size, &p, error), PH_OK);
    ck_assert(!p.has_cps);
    ck_assert_int_eq(p.outmix, PH_OUTMIX_NONE);
    ph_program_finish(&p);
    free(packet);
}
END_TEST

START_TEST(other_packets_are_no_programs)
{
    struct sender s;
    size_t size;
    sender_init(&s);
    record(&s, "/phonon/beginning", "i", 1);
    void *packet = sender_finish(&s, &size);
    ck_assert(!ph_program_is(packet, size));
    free(packet);
    const lo_message alone = lo_message_new();
    packet = lo_message_serialise(alone, "/phonon/begin", NULL, &size);
    ck_assert(!ph_program_is(packet, size));
    lo_message_free(alone);
    free(packet);
    ck_assert(!ph_program_is("#bundle", 8));
    packet = whole_program(&size);
    for (size_t n = 0; n < 40; n++) {
        uint8_t *const copy = exact_copy(packet, n);
        (void)ph_program_is(copy, n);
        free(copy);
    }
    free(packet);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(records_outside_begin_and_commit_are_refused)
{
    struct sender s;
    sender_init(&s);
    add_body(&s);
    check_refused(&s, "begin");
    sender_init(&s);
    add_begin(&s);
    add_body(&s);
    check_refused(&s, "commit");
    sender_init(&s);
    add_begin(&s);
    add_commit(&s);
    record(&s, "/phonon/bus", "si", "~a", 1);
    check_refused(&s, "commit");
    sender_init(&s);
    add_begin(&s);
    add_begin(&s);
    check_refused(&s, "begin");
    sender_init(&s);
    add_begin(&s);
    record(&s, "/phonon/commit", "i", 8);
    check_refused(&s, "8");
    sender_init(&s);
    add_begin(&s);
    record(&s, "/s_new", "s", "default");
    check_refused(&s, "/s_new");
}
END_TEST

/** One extra record in an else valid program has to be refused. */
static void check_record_refused(const char *word, const char *address, const char *types,
                                 const char *a, const char *b, int c)
{
    struct sender s;
    sender_init(&s);
    add_begin(&s);
    add_body(&s);
    if (strcmp(types, "ssi") == 0)
        record(&s, address, types, a, b, c);
    else if (strcmp(types, "si") == 0)
        record(&s, address, types, a, c);
    else if (strcmp(types, "sss") == 0)
        record(&s, address, "ssss", a, b, "freq", "~nowhere");
    else if (strcmp(types, "hash") == 0)
        record(&s, address, "ssshb", a, b, "", INT64_C(1), &s.parts.code);
    else
        record(&s, address, types, a, b);
    add_commit(&s);
    check_refused(&s, word);
}

START_TEST(names_that_lead_nowhere_are_refused)
{
    check_record_refused("~nowhere", "/phonon/voices", "ss", "~v", "~nowhere", 0);
    check_record_refused("nodef", "/phonon/synth", "ss", "~s", "nodef", 0);
    check_record_refused("~nowhere", "/phonon/synth", "sss", "~s", "tone", 0);
    check_record_refused("~nowhere", "/phonon/events", "hash", "p9", "~nowhere", 0);
    check_record_refused("~bass", "/phonon/events", "hash", "p9", "~bass", 0); /* no voices */
}
END_TEST

/** An output record, and one of a definition that names a bus, behind those of a good program. */
static void check_output_refused(const char *word, const char *bus, int port, int state)
{
    struct sender s;
    sender_init(&s);
    add_begin(&s);
    add_body(&s);
    record(&s, "/phonon/output", "ssii", "o2", bus, port, state);
    add_commit(&s);
    check_refused(&s, word);
}

START_TEST(outputs_need_a_bus_of_the_program_a_port_and_a_state)
{
    check_output_refused("no bus ~nowhere", "~nowhere", 0, 0);
    check_output_refused("no bus main", PH_BUS_MAIN, 0, 0);
    check_output_refused("no bus port 1", PH_BUS_PORT "1", 0, 0);
    check_output_refused("i port", "~a", -1, 0);
    check_output_refused("i port", "~a", PH_PORTS_MAX + 1, 0);
    check_output_refused("i state", "~a", 0, PH_OUTPUT_SOLO + 1);
    check_output_refused("i state", "~a", 0, -1);
}
END_TEST

START_TEST(controls_of_definitions_resolve)
{
    static const char *const pairs[][3] = { { "nothing", "~a", "no control nothing" },
                                            { "freq", "~nowhere", "no bus ~nowhere" } };
    for (int i = 0; i < 2; i++) {
        struct sender s;
        sender_init(&s);
        add_begin(&s);
        record(&s, "/phonon/bus", "si", "~a", 2);
        record(&s, "/phonon/def", "shbbss", "tone", INT64_C(1), &s.parts.def, &s.parts.keys,
               pairs[i][0], pairs[i][1]);
        add_commit(&s);
        check_refused(&s, pairs[i][2]);
    }
}
END_TEST

START_TEST(ports_are_buses_with_a_number)
{
    ck_assert_uint_eq(ph_bus_port("port 1"), 1);
    ck_assert_uint_eq(ph_bus_port("port 256"), 256);
    static const char *const others[] = { "port 0", "port 257", "port 01", "port", "port ",
                                          "port  1", "port -1", "port 1x", "main", "",
                                          "port 4294967297" };
    for (uint32_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(ph_bus_port(others[i]) == 0, "%s", others[i]);
}
END_TEST

START_TEST(equal_names_of_a_kind_are_refused)
{
    check_record_refused("port 2", "/phonon/bus", "si", PH_BUS_PORT "2", NULL, 1);
    check_record_refused("~a", "/phonon/bus", "si", "~a", NULL, 1);
    check_record_refused("~k", "/phonon/voices", "ss", "~k", "~a", 0);
    check_record_refused("p1", "/phonon/events", "hash", "p1", "~k", 0);
    check_record_refused("main", "/phonon/bus", "si", PH_BUS_MAIN, NULL, 2);
}
END_TEST

START_TEST(wrong_arguments_are_refused_with_the_form_that_was_expected)
{
    check_record_refused("i channels", "/phonon/bus", "si", "~b", NULL, 3);
    check_record_refused("i channels", "/phonon/bus", "si", "~b", NULL, 0);
    check_record_refused("s name", "/phonon/bus", "si", "", NULL, 1);
    check_record_refused("s control", "/phonon/synth", "ssi", "~s", "tone", 4);
    check_record_refused("h numerator", "/phonon/tempo", "ss", "1", "2", 0);
    check_record_refused("i mode", "/phonon/outmix", "ss", "1", "2", 0);
    check_record_refused("s name, s bus", "/phonon/voices", "ssi", "~v", "~a", 1);
}
END_TEST

START_TEST(names_have_a_limit)
{
    char name[PH_NAME_MAX + 2];
    memset(name, 'x', sizeof name);
    name[PH_NAME_MAX + 1] = 0;
    check_record_refused("s name", "/phonon/bus", "si", name, NULL, 1);
    struct sender s;
    struct ph_program p;
    char error[256];
    size_t size;
    name[PH_NAME_MAX] = 0;
    sender_init(&s);
    add_begin(&s);
    record(&s, "/phonon/bus", "si", name, 1);
    add_commit(&s);
    void *const packet = sender_finish(&s, &size);
    ck_assert_int_eq(ph_program_decode(packet, size, &p, error), PH_OK);
    ph_program_finish(&p);
    free(packet);
}
END_TEST

START_TEST(parts_that_are_no_definition_or_no_code_are_refused)
{
    struct sender s;
    sender_init(&s);
    add_begin(&s);
    record(&s, "/phonon/def", "shbb", "d", INT64_C(1), &s.parts.code, &s.parts.keys);
    check_refused(&s, "definition d");
    sender_init(&s);
    add_begin(&s);
    record(&s, "/phonon/def", "shbb", "d", INT64_C(1), &s.parts.def, &s.parts.code);
    check_refused(&s, "keys");
    sender_init(&s);
    add_begin(&s);
    record(&s, "/phonon/voices", "ss", "~v", "main");
    record(&s, "/phonon/events", "ssshb", "p", "~v", "", INT64_C(1), &s.parts.def);
    check_refused(&s, "player p");
}
END_TEST

/** A program of one record more; `unit` NULL: it has none. */
static ph_status decode_clock(const char *address, int64_t num, int64_t den, const char *unit,
                              struct ph_program *out)
{
    struct sender s;
    char error[256];
    size_t size;
    sender_init(&s);
    add_begin(&s);
    record(&s, address, unit ? "hhs" : "hh", num, den, unit);
    add_commit(&s);
    void *const packet = sender_finish(&s, &size);
    const ph_status status = ph_program_decode(packet, size, out, error);
    free(packet);
    return status;
}

static ph_status decode_tempo(int64_t num, int64_t den)
{
    struct ph_program p;
    const ph_status status = decode_clock("/phonon/tempo", num, den, NULL, &p);
    ph_program_finish(&p);
    return status;
}

static void check_move(const char *address, struct ph_ratio x, const char *unit,
                       enum ph_clock_move move)
{
    struct ph_program p;
    ck_assert_int_eq(decode_clock(address, x.num * 2, x.den * 2, unit, &p), PH_OK);
    ck_assert_int_eq(p.move, move);
    ck_assert_int_eq(p.amount.num, x.num);
    ck_assert_int_eq(p.amount.den, x.den);
    ck_assert(!p.has_cps);
    ph_program_finish(&p);
}

static void check_no_move(const char *address, int64_t num, int64_t den, const char *unit)
{
    struct ph_program p;
    ck_assert_int_eq(decode_clock(address, num, den, unit, &p), PH_BAD_PROGRAM);
    ph_program_finish(&p);
}

START_TEST(a_record_moves_the_clock_within_limits)
{
    check_move("/phonon/cycle", PH_RATIO(-7, 3), NULL, PH_CLOCK_JUMPS);
    check_move("/phonon/cycle", PH_RATIO(INT64_C(1) << 40, 1), NULL, PH_CLOCK_JUMPS);
    check_move("/phonon/nudge", PH_RATIO(-1, 1), "cycles", PH_CLOCK_NUDGED);
    check_move("/phonon/nudge", PH_RATIO(1000, 1), "seconds", PH_CLOCK_NUDGED_SECONDS);
    check_no_move("/phonon/cycle", (INT64_C(1) << 40) + 1, 1, NULL);
    check_no_move("/phonon/cycle", 1, 0, NULL);
    check_no_move("/phonon/cycle", 1, 2, "cycles");
    check_no_move("/phonon/nudge", 1, 2, NULL);
    check_no_move("/phonon/nudge", 1, 2, "beats");
    check_no_move("/phonon/nudge", -1001, 1000, "cycles");
    check_no_move("/phonon/nudge", 1001, 1, "seconds");
}
END_TEST

START_TEST(a_moved_clock_makes_another_revision)
{
    struct ph_program p = { .cps = PH_RATIO(1, 2) };
    uint64_t revisions[3];
    for (int i = 0; i < 3; i++) {
        p.move = i > 0 ? PH_CLOCK_JUMPS : PH_CLOCK_RUNS_ON;
        p.amount = PH_RATIO(i, 1);
        ph_program_hash(&p);
        revisions[i] = p.revision;
    }
    ck_assert_uint_ne(revisions[0], revisions[1]);
    ck_assert_uint_ne(revisions[1], revisions[2]);
}
END_TEST

START_TEST(tempo_has_limits)
{
    ck_assert_int_eq(decode_tempo(50, 1), PH_OK);
    ck_assert_int_eq(decode_tempo(1, 1000), PH_OK);
    ck_assert_int_eq(decode_tempo(501, 10), PH_BAD_PROGRAM);
    ck_assert_int_eq(decode_tempo(1, 1001), PH_BAD_PROGRAM);
    ck_assert_int_eq(decode_tempo(INT64_MAX, 1), PH_BAD_PROGRAM);
    ck_assert_int_eq(decode_tempo(0, 1), PH_BAD_PROGRAM);
    ck_assert_int_eq(decode_tempo(1, 0), PH_BAD_PROGRAM);
    ck_assert_int_eq(decode_tempo(-1, -2), PH_BAD_PROGRAM);
}
END_TEST

static void check_source(int64_t based_on, size_t size, int n, bool accepted)
{
    struct sender s;
    struct ph_program p;
    struct ph_writer source = {0};
    char error[256];
    size_t packet_size;
    sender_init(&s);
    add_begin(&s);
    for (size_t i = 0; i < size; i++)
        ph_write_u8(&source, (uint8_t)i);
    for (int i = 0; i < n; i++)
        record(&s, "/phonon/source", "hb", based_on, &source);
    ph_writer_finish(&source);
    add_commit(&s);
    if (!accepted) {
        check_refused(&s, "source");
        return;
    }
    void *const packet = sender_finish(&s, &packet_size);
    ck_assert_int_eq(ph_program_decode(packet, packet_size, &p, error), PH_OK);
    ck_assert_uint_eq(p.source_size, size);
    ph_program_finish(&p);
    free(packet);
}

START_TEST(a_program_has_one_source_of_at_most_1_mb)
{
    check_source(0, 1, 1, true);
    check_source(INT64_MAX, PH_SOURCE_BYTES_MAX, 1, true);
    check_source(0, PH_SOURCE_BYTES_MAX + 1, 1, false);
    check_source(-1, 1, 1, false);
    check_source(0, 1, 2, false);
}
END_TEST

START_TEST(too_many_records_are_refused)
{
    struct sender s;
    sender_init(&s);
    add_begin(&s);
    for (int i = 0; i <= PH_PROGRAM_RECORDS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%d", i);
        record(&s, "/phonon/bus", "si", name, 1);
    }
    add_commit(&s);
    check_refused(&s, "4096");
}
END_TEST

/* ---- hostile bytes --------------------------------------------------------------------------- */

START_TEST(every_truncation_is_refused)
{
    size_t full;
    void *const packet = whole_program(&full);
    for (size_t size = 0; size < full; size++) {
        struct ph_program p;
        char error[256];
        uint8_t *const copy = exact_copy(packet, size);
        ck_assert_int_ne(ph_program_decode(copy, size, &p, error), PH_OK);
        ck_assert_str_ne(error, "");
        ck_assert_ptr_null(p.name);
        free(copy);
    }
    free(packet);
}
END_TEST

START_TEST(flipped_bytes_are_refused_or_give_a_valid_program)
{
    size_t size;
    void *const packet = whole_program(&size);
    uint64_t seed = 9;
    int n_passed = 0;
    for (int i = 0; i < 100000; i++) {
        struct ph_program p;
        char error[256];
        uint8_t *const copy = exact_copy(packet, size);
        for (uint64_t k = 1 + random_next(&seed) % 3; k > 0; k--)
            copy[random_next(&seed) % size] = (uint8_t)random_next(&seed);
        if (ph_program_decode(copy, size, &p, error) == PH_OK) {
            n_passed++;
            ph_program_hash(&p);
        }
        ph_program_finish(&p);
        free(copy);
    }
    ck_assert_int_gt(n_passed, 1000);
    free(packet);
}
END_TEST

/* ---- hashes ---------------------------------------------------------------------------------- */

static struct ph_program decoded(void)
{
    size_t size;
    void *const packet = whole_program(&size);
    struct ph_program p;
    char error[256];
    ck_assert_int_eq(ph_program_decode(packet, size, &p, error), PH_OK);
    free(packet);
    ph_program_hash(&p);
    return p;
}

START_TEST(hashes_tell_content_not_request)
{
    struct ph_program p = decoded(), q = decoded();
    q.request_id = 1000;
    ph_program_hash(&q);
    ck_assert(p.revision == q.revision && p.defs[0].hash == q.defs[0].hash);
    ck_assert(p.players[0].hash != p.players[1].hash); /* name and default differ */
    q.defs[0].def.controls[0] = 441;
    ph_program_hash(&q);
    ck_assert(p.defs[0].hash != q.defs[0].hash && p.revision != q.revision);
    ph_program_finish(&q);
    q = decoded();
    q.defs[0].def.units[2].key++;
    ph_program_hash(&q);
    ck_assert(p.defs[0].hash != q.defs[0].hash);
    ph_program_finish(&q);
    q = decoded();
    q.nodes[1].controls[0].value = 56;
    ph_program_hash(&q);
    ck_assert(p.revision != q.revision && p.defs[0].hash == q.defs[0].hash);
    ph_program_finish(&q);
    q = decoded();
    q.source[0] = 'x'; /* a comment is no change */
    ph_program_hash(&q);
    ck_assert(p.revision == q.revision);
    ph_program_finish(&q);
    q = decoded();
    q.players[2].rest = PH_REST_HOLD;
    ph_program_hash(&q);
    ck_assert(p.players[2].hash != q.players[2].hash && p.players[1].hash == q.players[1].hash);
    ph_program_finish(&q);
    ph_program_finish(&p);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("program");
    tcase_add_test(t, a_whole_program_is_read);
    tcase_add_test(t, a_program_without_tempo_keeps_the_running_one);
    tcase_add_test(t, other_packets_are_no_programs);
    tcase_add_test(t, records_outside_begin_and_commit_are_refused);
    tcase_add_test(t, names_that_lead_nowhere_are_refused);
    tcase_add_test(t, outputs_need_a_bus_of_the_program_a_port_and_a_state);
    tcase_add_test(t, controls_of_definitions_resolve);
    tcase_add_test(t, ports_are_buses_with_a_number);
    tcase_add_test(t, equal_names_of_a_kind_are_refused);
    tcase_add_test(t, wrong_arguments_are_refused_with_the_form_that_was_expected);
    tcase_add_test(t, names_have_a_limit);
    tcase_add_test(t, parts_that_are_no_definition_or_no_code_are_refused);
    tcase_add_test(t, tempo_has_limits);
    tcase_add_test(t, a_record_moves_the_clock_within_limits);
    tcase_add_test(t, a_moved_clock_makes_another_revision);
    tcase_add_test(t, a_program_has_one_source_of_at_most_1_mb);
    tcase_add_test(t, too_many_records_are_refused);
    tcase_add_test(t, every_truncation_is_refused);
    tcase_add_test(t, flipped_bytes_are_refused_or_give_a_valid_program);
    tcase_add_test(t, hashes_tell_content_not_request);
    return check_run("program", t);
}
