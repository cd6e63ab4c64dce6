/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_synthdef.c - SCgf files of sclang and our own, and hostile ones.           */
#include "protocol/synthdef.h"

#include <stdio.h>

#include "tests/protocol/support.h"

/* What sclang 3.13 writes for
 *   SynthDef(\tone, { |out = 0, freq = 440, amp = 0.1, gate = 1|
 *       var env = EnvGen.kr(Env.adsr(0.01, 0.1, 0.5, 0.2), gate, doneAction: 2);
 *       Out.ar(out, Pan2.ar(SinOsc.ar(freq) * env * amp, 0));
 *   }, variants: (low: [freq: 110]))
 */
static const char sclang_hex[] =
    "5343676600000002000104746f6e650000000b3f800000000000004000000040400000c2c600003c23d70a40"
    "a00000c08000003f0000003dcccccd3e4ccccd000000040000000043dc00003dcccccd3f8000000000000403"
    "6f75740000000004667265710000000103616d70000000020467617465000000030000000707436f6e74726f"
    "6c01000000000000000400000101010106456e7647656e01000000150000000100000000000000000003ffff"
    "ffff00000000ffffffff00000001ffffffff00000000ffffffff00000002ffffffff00000001ffffffff0000"
    "0003ffffffff00000002ffffffff00000004ffffffff00000000ffffffff00000005ffffffff00000006ffff"
    "ffff00000007ffffffff00000008ffffffff00000009ffffffff00000006ffffffff00000007ffffffff0000"
    "0001ffffffff0000000affffffff00000006ffffffff00000007010653696e4f736302000000020000000100"
    "000000000000000001ffffffff00000001020c42696e6172794f705547656e02000000020000000100020000"
    "0002000000000000000100000000020c42696e6172794f705547656e02000000020000000100020000000300"
    "0000000000000000000002020450616e3202000000030000000200000000000400000000ffffffff00000001"
    "ffffffff000000000202034f7574020000000300000000000000000000000000000000000500000000000000"
    "0500000001000108746f6e652e6c6f770000000042dc00003dcccccd3f800000";

static size_t sclang_file(uint8_t *out)
{
    const size_t size = (sizeof sclang_hex - 1) / 2;

    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(sclang_hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return size;
}

START_TEST(a_file_of_sclang_is_read)
{
    uint8_t file[1024];
    struct ph_synthdef *defs;
    uint32_t n;
    ck_assert_int_eq(ph_synthdefs_read(file, sclang_file(file), &defs, &n), PH_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(defs->name, "tone");
    ck_assert_uint_eq(defs->n_controls, 4);
    ck_assert_float_eq(defs->controls[1], 440);
    ck_assert_str_eq(defs->names[2].name, "amp");
    ck_assert_uint_eq(defs->n_units, 7);
    ck_assert_str_eq(defs->units[2].name, "SinOsc");
    ck_assert_int_eq(defs->units[2].rate, PH_AUDIO);
    ck_assert_int_eq(defs->units[3].special, 2);
    ck_assert_int_eq(defs->units[6].inputs[1].unit, 5);
    ck_assert_int_eq(defs->units[6].inputs[2].output, 1);
    ck_assert_uint_eq(defs->n_variants, 1);
    ck_assert_str_eq(defs->variants[0].name, "tone.low");
    ck_assert_float_eq(defs->variants[0].values[1], 110);
    ph_synthdefs_free(defs, n);
}
END_TEST

START_TEST(what_is_read_is_written_back_byte_for_byte)
{
    uint8_t file[1024];
    const size_t size = sclang_file(file);
    struct ph_synthdef *defs;
    struct ph_writer w = {0};
    uint32_t n;
    ck_assert_int_eq(ph_synthdefs_read(file, size, &defs, &n), PH_OK);
    ck_assert_int_eq(ph_synthdefs_write(defs, n, &w), PH_OK);
    ck_assert_uint_eq(w.size, size);
    ck_assert_mem_eq(w.data, file, size);
    ph_writer_finish(&w);
    ph_synthdefs_free(defs, n);
}
END_TEST

/** sin(freq) to bus 0, with keys. */
static void build_sine(struct ph_synthdef *out)
{
    struct ph_build b;
    ph_build_begin(&b, "sine");
    const struct ph_input freq = ph_build_control(&b, "freq", 440, PH_CONTROL);
    const struct ph_input sine_inputs[] = {freq, ph_build_constant(&b, 0)};
    const struct ph_input sine = ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, sine_inputs, 2, 77);
    const struct ph_input out_inputs[] = {ph_build_constant(&b, 0), sine};
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, out_inputs, 2, 0);
    ck_assert_int_eq(ph_build_end(&b, out), PH_OK);
}

START_TEST(built_definitions_travel_with_their_keys)
{
    struct ph_synthdef def, *back;
    struct ph_writer w = {0}, keys = {0};
    uint32_t n;
    build_sine(&def);
    ck_assert_uint_eq(def.n_constants, 1); /* 0 is there once */
    ck_assert_int_eq(ph_synthdefs_write(&def, 1, &w), PH_OK);
    ck_assert_int_eq(ph_unit_keys_write(&def, &keys), PH_OK);
    ck_assert_int_eq(ph_synthdefs_read(w.data, w.size, &back, &n), PH_OK);
    ck_assert(back->units[1].key == 0);
    ck_assert_int_eq(ph_unit_keys_read(back, keys.data, keys.size), PH_OK);
    ck_assert(back->units[1].key == 77 && back->units[2].key == 0);
    ck_assert_int_eq(ph_unit_keys_read(back, keys.data, keys.size - 8), PH_TRUNCATED);
    ck_assert_int_eq(ph_unit_keys_read(back, keys.data, keys.size - 1), PH_TRUNCATED);
    ph_synthdefs_free(back, n);
    ph_synthdef_finish(&def);
    ph_synthdef_finish(&def);
    ph_writer_finish(&w);
    ph_writer_finish(&keys);
}
END_TEST

START_TEST(the_list_shows_one_unit_a_line)
{
    struct ph_synthdef def;
    struct ph_writer w = {0};
    build_sine(&def);
    ph_synthdef_list(&def, &w);
    ph_write_u8(&w, 0);
    ck_assert_str_eq((char *)w.data, "sine\n"
                                     "  freq [0] = 440\n"
                                     "0  Control.kr  1\n"
                                     "1  SinOsc.ar  1 <- u0:0, 0\n"
                                     "2  Out.ar  0 <- 0, u1:0\n");
    ph_writer_finish(&w);
    ph_synthdef_finish(&def);
}
END_TEST

/* ---- older versions -------------------------------------------------------------------------- */

static struct ph_writer old_file(int32_t version)
{
    struct ph_writer w = {0};
    ph_write_bytes(&w, "SCgf", 4);
    ph_write_i32(&w, version);
    ph_write_i16(&w, 1);
    ph_write_bytes(&w, "\1a", 2);
    ph_write_i16(&w, 1); /* constants */
    ph_write_f32(&w, 0.5f);
    ph_write_i16(&w, 1); /* controls */
    ph_write_f32(&w, 3);
    ph_write_i16(&w, 1); /* names */
    ph_write_bytes(&w, "\1x", 2);
    ph_write_i16(&w, 0);
    ph_write_i16(&w, 1); /* units */
    ph_write_bytes(&w, "\2DC\1", 4);
    ph_write_i16(&w, 1);
    ph_write_i16(&w, 1);
    ph_write_i16(&w, 0);
    ph_write_i16(&w, -1);
    ph_write_i16(&w, 0);
    ph_write_u8(&w, 1);
    if (version == 1)
        ph_write_i16(&w, 0);
    return w;
}

START_TEST(versions_0_and_1_are_read)
{
    for (int32_t version = 0; version <= 1; version++) {
        struct ph_writer w = old_file(version);
        struct ph_synthdef *defs;
        uint32_t n;
        ck_assert_int_eq(ph_synthdefs_read(w.data, w.size, &defs, &n), PH_OK);
        ck_assert_str_eq(defs->units[0].name, "DC");
        ck_assert_int_eq(defs->units[0].inputs[0].unit, -1);
        ph_synthdefs_free(defs, n);
        ph_writer_finish(&w);
    }
}
END_TEST

/* ---- hostile files --------------------------------------------------------------------------- */

START_TEST(every_truncation_is_refused)
{
    uint8_t file[1024];
    const size_t full = sclang_file(file);
    for (size_t size = 0; size < full; size++) {
        struct ph_synthdef *defs;
        uint32_t n;
        uint8_t *const copy = exact_copy(file, size);
        ck_assert_int_ne(ph_synthdefs_read(copy, size, &defs, &n), PH_OK);
        ck_assert(defs == NULL && n == 0);
        free(copy);
    }
}
END_TEST

START_TEST(huge_counts_are_refused_before_memory_is_asked_for)
{
    uint8_t file[1024];
    const size_t size = sclang_file(file);
    static const uint32_t counts[] = {0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0x00ffffff};
    /* constants, controls, names, units: found by what stands there */
    static const size_t places[] = {15, 63, 83, 121};
    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            struct ph_synthdef *defs;
            uint32_t n;
            uint8_t *const copy = exact_copy(file, size);
            ck_assert_uint_lt(copy[places[p] + 3], 32); /* a small count stands here */
            ck_assert_uint_eq(copy[places[p]], 0);
            for (size_t i = 0; i < 4; i++)
                copy[places[p] + i] = (uint8_t)(counts[c] >> (24 - 8 * i));
            ck_assert_int_ne(ph_synthdefs_read(copy, size, &defs, &n), PH_OK);
            free(copy);
        }
}
END_TEST

START_TEST(flipped_bytes_are_refused_or_give_a_valid_definition)
{
    uint8_t file[1024];
    const size_t size = sclang_file(file);
    uint64_t seed = 7;
    int n_passed = 0;
    for (int i = 0; i < 100000; i++) {
        struct ph_synthdef *defs;
        uint32_t n;
        uint8_t *const copy = exact_copy(file, size);
        for (uint64_t k = 1 + random_next(&seed) % 4; k > 0; k--)
            copy[random_next(&seed) % size] = (uint8_t)random_next(&seed);
        if (ph_synthdefs_read(copy, size, &defs, &n) == PH_OK) {
            struct ph_writer w = {0};
            n_passed++;
            for (uint32_t d = 0; d < n; d++)
                ph_synthdef_list(&defs[d], &w);
            ph_writer_finish(&w);
        }
        ph_synthdefs_free(defs, n);
        free(copy);
    }
    ck_assert_int_gt(n_passed, 1000);
}
END_TEST

static ph_status validate_with(void (*spoil)(struct ph_synthdef *), char *error)
{
    struct ph_synthdef def;
    build_sine(&def);
    spoil(&def);
    const ph_status status = ph_synthdef_validate(&def, error);
    ph_synthdef_finish(&def);
    return status;
}

static void later_unit(struct ph_synthdef *d) { d->units[1].inputs[0].unit = 1; }
static void negative_unit(struct ph_synthdef *d) { d->units[1].inputs[0].unit = -2; }
static void no_output(struct ph_synthdef *d) { d->units[2].inputs[1].output = 1; }
static void no_constant(struct ph_synthdef *d) { d->units[1].inputs[1].output = 1; }
static void negative_output(struct ph_synthdef *d) { d->units[2].inputs[1].output = -1; }
static void wrong_rate(struct ph_synthdef *d) { d->units[1].rate = 4; }
static void no_control(struct ph_synthdef *d) { d->units[0].special = 1; }
static void negative_control(struct ph_synthdef *d) { d->units[0].special = -1; }
static void wrong_index(struct ph_synthdef *d) { d->names[0].index = 1; }
static void no_name(struct ph_synthdef *d) { d->name[0] = 0; }

START_TEST(wrong_structure_is_refused_and_named)
{
    static void (*const spoils[])(struct ph_synthdef *) = {
        later_unit, negative_unit, no_output, no_constant, negative_output,
        wrong_rate, no_control, negative_control, wrong_index, no_name};
    for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
        char error[128] = "";
        ck_assert_int_eq(validate_with(spoils[i], error), PH_BAD_DEF);
        ck_assert_str_ne(error, "");
        ck_assert_int_eq(validate_with(spoils[i], NULL), PH_BAD_DEF);
    }
    char error[128] = "";
    (void)validate_with(later_unit, error);
    ck_assert_ptr_nonnull(strstr(error, "SinOsc"));
}
END_TEST

START_TEST(what_overtone_writes_more_than_units_have_is_dropped)
{
    struct ph_build b;
    struct ph_synthdef def;
    ph_build_begin(&b, "more");
    const struct ph_input c = ph_build_constant(&b, 1), four[] = {c, c, c, c};
    const struct ph_input sine = ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, four, 4, 0);
    const struct ph_input out_inputs[] = {c, sine, sine, sine};
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 1, out_inputs, 4, 0);
    const struct ph_input read = ph_build_unit(&b, "Out", PH_AUDIO, 0, 1, out_inputs, 2, 0);
    const struct ph_input reader_inputs[] = {c, read};
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, reader_inputs, 2, 0);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ph_synthdef_drop_surplus(&def);
    ck_assert_uint_eq(def.units[0].n_inputs, 2);
    ck_assert_uint_eq(def.units[0].n_outputs, 1);
    ck_assert_uint_eq(def.units[1].n_inputs, 4); /* any number of channels */
    ck_assert_uint_eq(def.units[1].n_outputs, 0);
    ck_assert_uint_eq(def.units[2].n_outputs, 1); /* somebody reads it: the compiler refuses it */
    ck_assert_int_eq(ph_synthdef_validate(&def, NULL), PH_OK);
    ph_synthdef_finish(&def);
}
END_TEST

START_TEST(too_many_units_are_refused_by_the_builder)
{
    struct ph_build b;
    struct ph_synthdef def;
    ph_build_begin(&b, "large");
    for (int i = 0; i <= PH_SYNTHDEF_UNITS_MAX; i++)
        ph_build_unit(&b, "WhiteNoise", PH_AUDIO, 0, 1, NULL, 0, 0);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_TOO_LARGE);
    ck_assert_ptr_null(def.units);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("synthdef");
    tcase_add_test(t, a_file_of_sclang_is_read);
    tcase_add_test(t, what_is_read_is_written_back_byte_for_byte);
    tcase_add_test(t, built_definitions_travel_with_their_keys);
    tcase_add_test(t, the_list_shows_one_unit_a_line);
    tcase_add_test(t, versions_0_and_1_are_read);
    tcase_add_test(t, every_truncation_is_refused);
    tcase_add_test(t, huge_counts_are_refused_before_memory_is_asked_for);
    tcase_add_test(t, flipped_bytes_are_refused_or_give_a_valid_definition);
    tcase_add_test(t, wrong_structure_is_refused_and_named);
    tcase_add_test(t, what_overtone_writes_more_than_units_have_is_dropped);
    tcase_add_test(t, too_many_units_are_refused_by_the_builder);
    return check_run("synthdef", t);
}
