/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/rows.h - tables of expressions and what they play.                        */
#ifndef TESTS_SERVER_PATTERN_ROWS_H
#define TESTS_SERVER_PATTERN_ROWS_H

#include <stdio.h>
#include <string.h>

#include "tests/server/pattern/notation.h"
#include "tests/support/check_main.h"

/** An expression, and what it plays from cycle `begin` to cycle `end`. */
struct row {
    const char *code;
    int begin, end;
    const char *plays;
};
/** notation_onsets() and its kin. */
typedef const char *row_reader(const char *code, struct ph_ratio begin, struct ph_ratio end);

/** Fails unless it plays what it says; `dialect` stands in front of its code. */
static inline void row_check(const struct row *row, const char *dialect, row_reader *read)
{
    char code[512];

    REQUIRE(row->end > row->begin, "%s: no cycles", row->code);
    const int length = snprintf(code, sizeof code, "%s%s", dialect, row->code);
    REQUIRE(length < (int)sizeof code, "%s: too long", row->code);
    const char *const got = read(code, ph_ratio_of(row->begin), ph_ratio_of(row->end));
    REQUIRE(strcmp(got, row->plays) == 0, "%s\n  plays %s\n  not   %s", code, got, row->plays);
}

#endif
