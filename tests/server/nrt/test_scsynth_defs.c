/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_scsynth_defs.c - definitions that come from files, have variants, and    */
/* go.                                                                                            */
#include <stdio.h>
#include <sys/stat.h>

#include "server/nrt/defs.h"
#include "tests/server/nrt/door.h"

/** Definition `name`, and "name.loud" with level 0.75. */
static struct ph_writer def_with_variant(const char *name)
{
    struct ph_writer plain = door_def(name), w = {0};
    struct ph_synthdef *defs;
    uint32_t n;
    char variant[64];
    float values[] = {0, 0.75f};
    snprintf(variant, sizeof variant, "%s.loud", name);
    struct ph_variant v = {.name = variant, .values = values};
    ck_assert_int_eq(ph_synthdefs_read(plain.data, plain.size, &defs, &n), PH_OK);
    struct ph_variant *const none = defs[0].variants;
    defs[0].variants = &v;
    defs[0].n_variants = 1;
    ck_assert_int_eq(ph_synthdefs_write(defs, 1, &w), PH_OK);
    defs[0].variants = none;
    defs[0].n_variants = 0;
    ph_synthdefs_free(defs, n);
    ph_writer_finish(&plain);
    return w;
}

static void receive(struct door *d, struct ph_writer def)
{
    door_send(d, door_packet("/d_recv", "b", &def));
    ph_writer_finish(&def);
}

static void listen_to(struct door *d)
{
    door_send(d, door_packet("/notify", "i", 1));
    door_expect(d, "/done /notify 0 2");
    door_block(d);
}

START_TEST(a_definition_is_told_removed_when_its_last_synth_has_ended)
{
    struct door d;
    door_open(&d);
    listen_to(&d);
    receive(&d, door_def("a"));
    door_expect(&d, "/done /d_recv");
    door_send(&d, door_packet("/s_new", "siii", "a", 1000, 0, 0));
    door_block(&d);
    door_expect(&d, "/n_go 1000 0 -1 -1 0");
    door_send(&d, door_packet("/d_free", "s", "a"));
    door_expect(&d, "");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 0);
    door_send(&d, door_packet("/n_free", "i", 1000));
    door_block(&d);
    door_expect(&d, "/n_end 1000 0 -1 -1 0");
    door_expect(&d, "/d_removed a");
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

START_TEST(what_nobody_uses_goes_at_once_also_when_it_is_replaced)
{
    struct door d;
    door_open(&d);
    listen_to(&d);
    receive(&d, door_def("a"));
    door_expect(&d, "/done /d_recv");
    receive(&d, door_def("a"));
    door_expect(&d, "/d_removed a");
    door_expect(&d, "/done /d_recv");
    receive(&d, door_def("b"));
    door_expect(&d, "/done /d_recv");
    door_send(&d, door_packet("/d_free", "sss", "a", "nothing", "b"));
    door_expect(&d, "/d_removed a");
    door_expect(&d, "/d_removed b");
    receive(&d, door_def("c"));
    door_expect(&d, "/done /d_recv");
    door_send(&d, door_packet("/d_freeAll", "")); /* nothing is told of them */
    door_expect(&d, "");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 0);
    door_close(&d);
}
END_TEST

START_TEST(a_variant_starts_with_its_own_values_and_goes_with_its_definition)
{
    struct door d;
    door_open(&d);
    receive(&d, def_with_variant("v"));
    door_expect(&d, "/done /d_recv");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 1);
    door_send(&d, door_packet("/s_new", "siii", "v.loud", 1000, 0, 0));
    door_block(&d);
    ck_assert_float_eq_tol(d.left[0], 0.75f, 1e-6f);
    receive(&d, door_def("v")); /* without the variant */
    door_expect(&d, "/done /d_recv");
    door_send(&d, door_packet("/s_new", "siii", "v.loud", 1001, 0, 0));
    door_block(&d);
    door_expect(&d, "/fail /s_new SynthDef not found");
    door_close(&d);
}
END_TEST

static void put_file(const char *folder, const char *name, struct ph_writer def)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(def.data, 1, def.size, f), def.size);
    fclose(f);
    ph_writer_finish(&def);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(remove(path), 0);
}

static void load(struct door *d, const char *command, const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s", folder, name);
    door_send(d, door_packet(command, "s", path));
    door_block(d);
    door_block(d);
}

START_TEST(files_are_loaded_by_pattern_and_by_folder)
{
    struct door d;
    char folder[] = "/tmp/phonon-test-XXXXXX", inner[64], answer[128], expected[128];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/inner", folder);
    ck_assert_int_eq(mkdir(inner, 0700), 0);
    put_file(folder, "a1.scsyndef", door_def("a1"));
    put_file(folder, "a2.scsyndef", door_def("a2"));
    put_file(folder, "other", door_def("other"));
    put_file(inner, "b.scsyndef", door_def("b"));
    door_open(&d);
    load(&d, "/d_load", folder, "/a?.*");
    door_expect(&d, "/done /d_load");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 2);
    load(&d, "/d_load", folder, "/other");
    snprintf(expected, sizeof expected, "/fail /d_load %s/other", folder);
    ck_assert_str_eq(door_answer(&d, answer, sizeof answer), expected);
    load(&d, "/d_loadDir", folder, "");
    door_expect(&d, "/done /d_loadDir");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 3);
    d.context->file_root = inner; /* what lies outside isn't there */
    load(&d, "/d_load", folder, "/a1.scsyndef");
    ck_assert_ptr_nonnull(strstr(door_answer(&d, answer, sizeof answer), "/fail /d_load"));
    load(&d, "/d_load", "b.scsyndef", "");
    door_expect(&d, "/done /d_load");
    door_close(&d);
    remove_file(inner, "b.scsyndef");
    remove_file(folder, "a1.scsyndef");
    remove_file(folder, "a2.scsyndef");
    remove_file(folder, "other");
    remove_file(folder, "inner");
    rmdir(folder);
}
END_TEST

START_TEST(definitions_beside_a_damaged_one_stay)
{
    struct door d;
    struct ph_writer one = door_def("one"), two = door_def("two"), both = {0};
    ph_write_bytes(&both, one.data, 8);
    ph_write_i16(&both, 2);
    ph_write_bytes(&both, one.data + 10, one.size - 10);
    ph_write_bytes(&both, two.data + 10, two.size / 2);
    ph_writer_finish(&one);
    ph_writer_finish(&two);
    door_open(&d);
    receive(&d, both);
    door_expect(&d, "/fail /d_recv /d_recv: data ends early");
    door_expect(&d, "/done /d_recv");
    ck_assert_ptr_nonnull(nrt_defs_find(d.context->defs, "one"));
    ck_assert_ptr_null(nrt_defs_find(d.context->defs, "two"));
    door_close(&d);
}
END_TEST

/** Definition "bad" with a unit that nobody has. */
static struct ph_writer unknown_unit(void)
{
    struct ph_writer w = {0};
    struct ph_build b;
    struct ph_synthdef def;
    ph_build_begin(&b, "bad");
    const struct ph_input zero[] = {ph_build_constant(&b, 0)};
    ph_build_unit(&b, "NoSuchUnit", PH_AUDIO, 0, 1, zero, 1, 0);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ck_assert_int_eq(ph_synthdefs_write(&def, 1, &w), PH_OK);
    ph_synthdef_finish(&def);
    return w;
}

START_TEST(a_refused_definition_is_told_and_leaves_nothing)
{
    struct door d;
    door_open(&d);
    receive(&d, unknown_unit());
    door_expect(&d, "/fail /d_recv bad: NoSuchUnit (unit 0): unit not known");
    door_expect(&d, "/done /d_recv");
    ck_assert_uint_eq(nrt_defs_count(d.context->defs), 0);
    door_send(&d, door_packet("/error", "i", 0));
    receive(&d, unknown_unit());
    door_expect(&d, "/done /d_recv");
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("scsynth defs");
    tcase_add_test(t, a_definition_is_told_removed_when_its_last_synth_has_ended);
    tcase_add_test(t, what_nobody_uses_goes_at_once_also_when_it_is_replaced);
    tcase_add_test(t, a_variant_starts_with_its_own_values_and_goes_with_its_definition);
    tcase_add_test(t, files_are_loaded_by_pattern_and_by_folder);
    tcase_add_test(t, definitions_beside_a_damaged_one_stay);
    tcase_add_test(t, a_refused_definition_is_told_and_leaves_nothing);
    return check_run("scsynth_defs", t);
}
