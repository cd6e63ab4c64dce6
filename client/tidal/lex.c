/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/lex.c - TidalCycles code -> tokens.                                               */
#include <string.h>

#include "client/lex.h"
#include "client/tidal/syntax.h"

struct lexer {
    const struct source *source;
    struct arena *arena;
    struct diag *diag;
    uint32_t at, line_begin, n, space;
    bool fresh_line, failed;
    struct hs_token *tokens;
};

static char peek(const struct lexer *l, uint32_t ahead)
{
    return l->source->length - l->at > ahead ? l->source->text[l->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || is_upper(c) || c == '_';
}

static bool in_name(char c)
{
    return begins_name(c) || is_digit(c) || c == '\'';
}

static bool is_symbol(char c)
{
    return c != '\0' && strchr("!#$%&*+./<=>?@\\^|-~:", c) != NULL;
}

static void fail(struct lexer *l, uint32_t offset, const char *text)
{
    if (!l->failed)
        diag_error(l->diag, offset, "%s", text);
    l->failed = true;
}

static void push(struct lexer *l, enum hs_token_kind kind, uint32_t offset, uint32_t length)
{
    if (l->n == l->space) {
        const uint32_t space = l->space ? 2 * l->space : 64;
        struct hs_token *const larger = arena_alloc(l->arena, space * sizeof *larger);
        if (l->n)
            memcpy(larger, l->tokens, l->n * sizeof *larger);
        l->tokens = larger;
        l->space = space;
    }
    l->tokens[l->n++] = (struct hs_token){ .kind = (uint8_t)kind, .first_on_line = l->fresh_line,
                                           .offset = offset, .length = length,
                                           .column = offset - l->line_begin + 1 };
    l->fresh_line = false;
}

/* ---- blanks and comments --------------------------------------------------------------------- */

static void newline(struct lexer *l)
{
    l->line_begin = l->at;
    l->fresh_line = true;
}

/* {- -}, which nest. */
static void pass_block_comment(struct lexer *l)
{
    const uint32_t begin = l->at;
    uint32_t depth = 0;

    do {
        if (l->at >= l->source->length) {
            fail(l, begin, "this comment has no end: `-}` is missing");
            return;
        }
        const bool opens = peek(l, 0) == '{' && peek(l, 1) == '-';
        const bool closes = peek(l, 0) == '-' && peek(l, 1) == '}';
        depth += opens;
        depth -= closes;
        const bool breaks = peek(l, 0) == '\n';
        l->at += opens || closes ? 2 : 1;
        if (breaks)
            newline(l);
    } while (depth > 0);
}

/* `--` begins a comment unless it is part of an operator such as `-->`. */
static bool at_line_comment(const struct lexer *l)
{
    uint32_t n = 0;

    while (peek(l, n) == '-')
        n++;
    return n >= 2 && !is_symbol(peek(l, n));
}

static void pass_blanks(struct lexer *l)
{
    for (;;) {
        const char c = peek(l, 0);
        if (c == '\n') {
            l->at++;
            newline(l);
        } else if (c == ' ' || c == '\t' || c == '\r') {
            l->at++;
        } else if (at_line_comment(l)) {
            while (l->at < l->source->length && peek(l, 0) != '\n')
                l->at++;
        } else if (c == '{' && peek(l, 1) == '-' && !l->failed) {
            pass_block_comment(l);
        } else {
            return;
        }
    }
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void lex_number(struct lexer *l)
{
    const uint32_t begin = l->at;

    while (is_digit(peek(l, 0)))
        l->at++;
    if (peek(l, 0) == '.' && is_digit(peek(l, 1)))
        for (l->at++; is_digit(peek(l, 0));)
            l->at++;
    const uint32_t sign = peek(l, 1) == '-' || peek(l, 1) == '+';
    if ((peek(l, 0) == 'e' || peek(l, 0) == 'E') && is_digit(peek(l, 1 + sign)))
        for (l->at += 1 + sign; is_digit(peek(l, 0));)
            l->at++;
    if (begins_name(peek(l, 0)))
        fail(l, l->at, "letters directly after a number");
    push(l, HS_NUMBER, begin, l->at - begin);
}

/* \" \n and the like, or blanks between two backslashes, over which a string goes on. */
static bool pass_escape(struct lexer *l)
{
    const uint32_t begin = l->at++;
    const char c = peek(l, 0);

    if (c && strchr("\"\\'ntr&", c)) {
        l->at++;
        return true;
    }
    while (peek(l, 0) && strchr(" \t\r\n", peek(l, 0)))
        l->at++;
    if (l->at - begin > 1 && peek(l, 0) == '\\') {
        l->at++;
        return true;
    }
    fail(l, begin, l->at - begin > 1 ? "the string goes on behind another `\\`, which is missing"
                                     : "`\\` has no meaning here");
    return false;
}

static void lex_string(struct lexer *l)
{
    const uint32_t begin = l->at++;

    while (peek(l, 0) != '"') {
        if (l->at >= l->source->length || peek(l, 0) == '\n') {
            fail(l, begin, "this string has no end on its line: `\"` is missing, or `\\` at "
                           "its end and at the begin of the next line");
            return;
        }
        if (peek(l, 0) != '\\')
            l->at++;
        else if (!pass_escape(l))
            return;
    }
    l->at++;
    push(l, HS_STRING, begin, l->at - begin);
    for (uint32_t i = begin; i < l->at; i++)
        if (l->source->text[i] == '\n')
            l->line_begin = i + 1;
}

static void lex_name(struct lexer *l)
{
    uint32_t begin = l->at;

    for (;;) {
        while (in_name(peek(l, 0)))
            l->at++;
        /* Sound.Tidal.Context.speed is speed */
        if (!is_upper(l->source->text[begin]) || peek(l, 0) != '.' || !begins_name(peek(l, 1)))
            break;
        begin = ++l->at;
    }
    const bool is_blank = l->at - begin == 1 && l->source->text[begin] == '_';
    push(l, is_blank ? HS_UNDERSCORE : HS_NAME, begin, l->at - begin);
}

static void lex_backticks(struct lexer *l)
{
    const uint32_t begin = l->at++;

    while (in_name(peek(l, 0)) || peek(l, 0) == '.')
        l->at++;
    if (peek(l, 0) != '`' || l->at == begin + 1) {
        fail(l, begin, "a name and a closing ` expected");
        return;
    }
    push(l, HS_OPERATOR, begin + 1, l->at - begin - 1);
    l->at++;
}

static void lex_symbols(struct lexer *l)
{
    const uint32_t begin = l->at;

    while (is_symbol(peek(l, 0)))
        l->at++;
    const bool is_lambda = l->at - begin == 1 && l->source->text[begin] == '\\';
    push(l, is_lambda ? HS_BACKSLASH : HS_OPERATOR, begin, l->at - begin);
}

static void lex_one(struct lexer *l)
{
    static const char marks[] = "()[],;";
    static const uint8_t kinds[] = { HS_OPEN, HS_CLOSE, HS_OPEN_LIST, HS_CLOSE_LIST, HS_COMMA,
                                     HS_SEMICOLON };
    const char c = peek(l, 0);
    const char *const mark = strchr(marks, c);

    if (mark) {
        push(l, (enum hs_token_kind)kinds[mark - marks], l->at++, 1);
    } else if (is_digit(c)) {
        lex_number(l);
    } else if (c == '"') {
        lex_string(l);
    } else if (c == '\'' && peek(l, 2) == '\'') {
        push(l, HS_CHAR, l->at, 3);
        l->at += 3;
    } else if (begins_name(c)) {
        lex_name(l);
    } else if (c == '`') {
        lex_backticks(l);
    } else if (is_symbol(c)) {
        lex_symbols(l);
    } else {
        fail(l, l->at, "this character has no meaning here");
    }
}

bool hs_lex(const struct source *source, struct arena *arena, struct diag *diag,
            struct hs_tokens *out)
{
    struct lexer l = { .source = source, .arena = arena, .diag = diag, .fresh_line = true };
    const size_t bad = lex_bad_utf8(source->text, source->length);

    if (bad < source->length) {
        diag_error(diag, (uint32_t)bad, "invalid UTF-8: byte 0x%02x",
                   (unsigned char)source->text[bad]);
        return false;
    }
    for (pass_blanks(&l); l.at < source->length && !l.failed; pass_blanks(&l))
        lex_one(&l);
    l.fresh_line = true;
    l.line_begin = source->length; /* the end stands left of everything */
    push(&l, HS_END, source->length, 0);
    *out = (struct hs_tokens){ .n = l.n, .tokens = l.tokens };
    return !l.failed;
}
