/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_fragment.c - regions of an editor against what plays: what takes whose       */
/* place, and which file and line a message names.                                                */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"
#include "client/fragment.h"
#include "protocol/program.h"
#include "tests/support/check_main.h"

static struct source source_of(const char *name, uint32_t line, const char *text)
{
    return (struct source){ .name = name, .text = text, .length = (uint32_t)strlen(text),
                            .first_line = line, .tidal = strstr(name, ".tidal") != NULL };
}

/* A session: fragments one after another, packed between them as the daemon would keep them. */
struct session {
    struct arena *arena;
    struct source now;
    uint8_t *packed;
    size_t size;
};

static void play(struct session *s, const struct source *whole)
{
    *s = (struct session){ .arena = arena_new(), .now = *whole };
    s->packed = fragment_pack(whole, &s->size);
}

static bool merge(struct session *s, const struct source *fragment, struct source *joined,
                  struct diag *diag)
{
    char error[256];
    struct source merged;

    ck_assert_msg(fragment_join(s->packed, s->size, fragment, s->arena, joined, error), "%s",
                  error);
    diag_init(diag, joined);
    if (!fragment_merge(joined, s->arena, diag, &merged))
        return false;
    diag_finish(diag);
    s->now = merged;
    free(s->packed);
    s->packed = fragment_pack(&merged, &s->size);
    return true;
}

static void send(struct session *s, const char *name, uint32_t line, const char *text)
{
    const struct source fragment = source_of(name, line, text);
    struct source joined;
    struct diag diag;

    ck_assert_msg(merge(s, &fragment, &joined, &diag), "%s", text);
}

static void finish(struct session *s)
{
    free(s->packed);
    arena_free(s->arena);
}

/* Lines of the merged text without the blank ones. */
static const char *lines(const struct session *s)
{
    static char text[4096];
    size_t n = 0;

    for (const char *at = s->now.text; *at && n < sizeof text - 1; at++)
        if (*at != '\n' || (n > 0 && text[n - 1] != '\n'))
            text[n++] = *at;
    text[n] = '\0';
    return text;
}

static const struct {
    const char *name, *whole, *fragment, *merged;
} merges[] = {
    /* the same name in its place, a new one behind all */
    { "a.ph", "~a $ saw 1\n~b $ saw 2\nout $ ~a", "~a $ saw 3\n~c: saw 4",
      "~a $ saw 3\n~b $ saw 2\nout $ ~a\n~c: saw 4\n" },
    /* a bare definition is the same bus; several lines are one statement; comments go */
    { "a.ph", "~a $ saw 1 -- one\n  + saw 2\n-- b\n~b $ ~a", "a: saw 3", "a: saw 3\n~b $ ~a\n" },
    /* outputs by their number, the main one by any form; dN and oN are one, as is a lone outN */
    { "a.ph", "out $ saw 1\no1 $ saw 2\nd2 $ saw 3", "s \"bd\"\nd1 $ saw 4",
      "s \"bd\"\nd1 $ saw 4\nd2 $ saw 3\n" },
    { "a.ph", "o1 $ saw 1", "out1 $ saw 2", "out1 $ saw 2\n" },
    { "a.ph", "out1 $ saw 1\nout2 $ saw 2\no1 $ saw 3", "o1 $ saw 4",
      "out1 $ saw 1\nout2 $ saw 2\no1 $ saw 4\n" },
    /* settings */
    { "a.ph", "tempo: 2\noutmix: tanh\nout $ saw 1", "bpm: 120\noutmix: hard",
      "bpm: 120\noutmix: hard\nout $ saw 1\n" },
    /* every namespace of its own */
    { "a.ph", "~x $ saw 1\n%x $ \"1 2\"\n@x: saw 2\nfn x a = a + 1\nsynthdef x saw 3", "%x $ \"3\"",
      "~x $ saw 1\n%x $ \"3\"\n@x: saw 2\nfn x a = a + 1\nsynthdef x saw 3\n" },
    /* commands of what plays are over; those of the fragment stay for this once */
    { "a.ph", "setCycle 3\nhush\nout $ saw 1", "nudge 0.5", "out $ saw 1\nnudge 0.5\n" },
    /* a loop is one statement, and goes when all that it defines is defined anew */
    { "a.ph", "for i in 1..2:\n  ~x[i] $ saw (i)\nout $ ~x1", "~x2 $ saw 9",
      "for i in 1..2:\n  ~x[i] $ saw (i)\nout $ ~x1\n~x2 $ saw 9\n" },
    { "a.ph", "for i in 1..2:\n  ~x[i] $ saw (i)\nout $ ~x1", "~x2 $ saw 9\n~x1 $ saw 8",
      "~x2 $ saw 9\n~x1 $ saw 8\nout $ ~x1\n" },
    { "a.ph", "~x1 $ saw 1\n~x2 $ saw 2\nout $ ~x1", "  for i in 1..2:\n    ~x[i] $ saw (i)",
      "for i in 1..2:\n  ~x[i] $ saw (i)\nout $ ~x1\n" },
    /* an indented region does not slip into the loop above it */
    { "a.ph", "for i in 1..2:\n  ~x[i] $ saw (i)", "  ~y $ saw 3",
      "for i in 1..2:\n  ~x[i] $ saw (i)\n~y $ saw 3\n" },
    /* nothing plays yet */
    { "a.ph", "", "out $ saw 1", "out $ saw 1\n" },
    { "a.ph", "out $ saw 1", "-- nothing", "out $ saw 1\n" },
    /* TidalCycles: definitions, outputs, all, sides */
    { "a.tidal", "d1 $ s \"bd\"\nd2 $ s \"sn\"\nlet x = 1", "d1 $ s \"hh\"",
      "let x = 1\nd1 $ s \"hh\"\nd2 $ s \"sn\"\n" },
    { "a.tidal", "d1 $ s \"bd\"\nall $ rev\nsolo 1", "do\n  d2 $ s \"sn\"\n     # gain 1\n  solo 2",
      "d1 $ s \"bd\"\nd2 $ s \"sn\"\n   # gain 1\nall $ rev\nsolo 1\nsolo 2\n" },
    { "a.tidal", "d1 $ s \"bd\"\np \"x\" $ s \"sn\"\nonce $ s \"cp\"", "p 1 $ s \"hh\"\nall id",
      "p 1 $ s \"hh\"\np \"x\" $ s \"sn\"\nall id\n" },
    { "a.tidal", "d1 $ s \"bd\"\nmute 1\nsetcps 1", "hush\nd3 $ s \"sn\"",
      "setcps 1\nhush\nd3 $ s \"sn\"\n" },
    { "a.tidal", "d1 $ s \"bd\"\nsolo 1\nsolo 2", "unsoloAll", "d1 $ s \"bd\"\nunsoloAll\n" },
    /* a definition stands behind those that it uses by now */
    { "a.tidal", "let a = 1\nlet b = 2\n    c = 3\nd1 $ n a", "let a = b + 1",
      "let b = 2\n    c = 3\nlet a = b + 1\nd1 $ n a\n" },
};

START_TEST(a_statement_takes_the_place_of_what_defines_the_same)
{
    const struct source whole = source_of(merges[_i].name, 1, merges[_i].whole);
    struct session s;

    play(&s, &whole);
    send(&s, merges[_i].name, 7, merges[_i].fragment);
    ck_assert_str_eq(lines(&s), merges[_i].merged);
    finish(&s);
}
END_TEST

START_TEST(sending_the_same_again_and_again_adds_nothing)
{
    const struct source whole = source_of("a.ph", 1, "~a $ saw 1 -- a\nout $ ~a");
    struct session s;
    uint32_t length = 0;

    play(&s, &whole);
    for (int i = 0; i < 50; i++) {
        send(&s, "a.ph", 1, "~a $ saw 1 -- a\n\n-- b\nout $ ~a # gain 0.5");
        ck_assert(length == 0 || length == s.now.length);
        length = s.now.length;
    }
    finish(&s);
}
END_TEST

/* Where `word` stands, by the merged text's own account. */
static void check_place(const struct session *s, const char *word, const char *name, uint32_t line,
                        uint32_t column)
{
    const char *const found = strstr(s->now.text, word);
    uint32_t l, c;

    ck_assert_ptr_nonnull(found);
    source_position(&s->now, (uint32_t)(found - s->now.text), &l, &c);
    const struct source_piece *const piece =
        source_piece_at(&s->now, (uint32_t)(found - s->now.text));
    ck_assert_msg(l == line && c == column && strcmp(piece->name, name) == 0, "%s: %s:%u:%u", word,
                  piece->name, l, c);
}

START_TEST(places_are_those_of_the_files_that_were_sent)
{
    const struct source whole =
        source_of("song.ph", 1, "~a $ saw 11\n\n  ~b $ saw 22\n + saw 33\nout $ ~a");
    struct session s;

    play(&s, &whole);
    for (int i = 0; i < 3; i++) { /* however often it was packed */
        send(&s, "other.ph", 40, "-- x\n   ~a $ (saw 44 +\nsaw 55)");
        check_place(&s, "44", "other.ph", 41, 14);
        check_place(&s, "55", "other.ph", 42, 5);
        check_place(&s, "22", "song.ph", 3, 12);
        check_place(&s, "33", "song.ph", 4, 8);
        check_place(&s, "out", "song.ph", 5, 1);
    }
    finish(&s);
}
END_TEST

START_TEST(lines_of_a_block_keep_their_columns)
{
    const struct source whole = source_of("x.tidal", 1, "d1 $ s \"aa\"");
    struct session s;

    play(&s, &whole);
    for (int i = 0; i < 3; i++) {
        send(&s, "y.tidal", 10, "do\n  d2 $ s \"bb\"\n    # gain 0.5");
        check_place(&s, "bb", "y.tidal", 11, 11);
        check_place(&s, "gain", "y.tidal", 12, 7);
    }
    finish(&s);
}
END_TEST

START_TEST(an_indented_region_stands_for_itself)
{
    const struct source ph = source_of("x.ph", 1, "for i in 1..2:\n  ~a[i] $ saw (i)");
    const struct source tidal = source_of("x.tidal", 1, "d1 $ s \"aa\"");
    struct session s;

    play(&s, &ph);
    send(&s, "y.ph", 10, "\n    ~b $ (saw 1 +\n   saw 2 +\n        saw 3)\n    ~c $ saw 4");
    check_place(&s, "~b", "y.ph", 11, 5);
    check_place(&s, "~c", "y.ph", 14, 5);
    finish(&s);
    play(&s, &tidal);
    send(&s, "y.tidal", 10, "    d2 $ s \"bb\"\n      # gain 0.5");
    check_place(&s, "bb", "y.tidal", 10, 13);
    check_place(&s, "gain", "y.tidal", 11, 9);
    finish(&s);
}
END_TEST

START_TEST(an_error_of_the_fragment_names_its_line)
{
    const struct source whole = source_of("song.ph", 1, "~a $ saw 1\nout $ ~a");
    const struct source fragment = source_of("song.ph", 20, "~b $ saw 2\n~a $ saw (3\n");
    struct session s;
    struct source joined;
    struct diag diag;
    uint32_t line, column;

    play(&s, &whole);
    ck_assert(!merge(&s, &fragment, &joined, &diag));
    source_position(&joined, diag.messages[0].offset, &line, &column);
    ck_assert_uint_eq(line, 21);
    ck_assert_uint_eq(column, 10);
    diag_finish(&diag);
    finish(&s);
}
END_TEST

START_TEST(texts_that_do_not_go_together_are_refused)
{
    const struct source ph = source_of("a.ph", 1, "out $ saw 1"),
                        tidal = source_of("a.tidal", 1, "d1 $ s \"bd\"");
    struct arena *const arena = arena_new();
    struct source joined;
    char error[256];
    size_t size;
    uint8_t *const packed = fragment_pack(&ph, &size);

    ck_assert(!fragment_join(packed, size, &tidal, arena, &joined, error));
    ck_assert_ptr_nonnull(strstr(error, ".ph program plays"));
    for (size_t n = 1; n < size; n++) /* cut short: whatever a daemon answers */
        ck_assert(!fragment_join(packed, n, &ph, arena, &joined, error));
    for (size_t i = 0; i < size; i++) { /* wrong bytes: refused, or a text */
        uint8_t *const copy = malloc(size);
        memcpy(copy, packed, size);
        copy[i] ^= 0xff;
        (void)fragment_join(copy, size, &ph, arena, &joined, error);
        free(copy);
    }
    free(packed);
    arena_free(arena);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_told)
{
    char *const text = malloc(PH_SOURCE_BYTES_MAX + 1);
    struct arena *const arena = arena_new();
    struct source joined;
    char error[256];
    size_t size;

    memset(text, '\n', PH_SOURCE_BYTES_MAX);
    text[PH_SOURCE_BYTES_MAX] = '\0';
    const struct source whole = source_of("a.ph", 1, text), part = source_of("a.ph", 1, "out $ 0");
    uint8_t *const packed = fragment_pack(&whole, &size);
    ck_assert_uint_lt(size, 100);
    ck_assert(!fragment_join(packed, size, &part, arena, &joined, error));
    ck_assert_ptr_nonnull(strstr(error, "send all of it"));
    free(packed);
    free(text);
    arena_free(arena);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("fragment");
    tcase_add_loop_test(t, a_statement_takes_the_place_of_what_defines_the_same, 0,
                        sizeof merges / sizeof merges[0]);
    tcase_add_test(t, sending_the_same_again_and_again_adds_nothing);
    tcase_add_test(t, places_are_those_of_the_files_that_were_sent);
    tcase_add_test(t, lines_of_a_block_keep_their_columns);
    tcase_add_test(t, an_indented_region_stands_for_itself);
    tcase_add_test(t, an_error_of_the_fragment_names_its_line);
    tcase_add_test(t, texts_that_do_not_go_together_are_refused);
    tcase_add_test(t, a_text_that_is_too_long_is_told);
    return check_run("client/fragment", t);
}
