/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/lex.c - .ph text to tokens and statements: LANGUAGE 1.                                  */
#include "client/lex.h"

#include <stdlib.h>
#include <string.h>

#include "client/functions.h"

enum {
    NESTING_MAX = 256,
    STATEMENT_TOKENS_MAX = 65536 /* bounds what one statement can cost everyone behind */
};

/* ---- characters ------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_name(char c)
{
    return starts_name(c) || is_digit(c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Length of the UTF-8 sequence at `s`, 0 if it is none (RFC 3629). */
static size_t sequence_length(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return s[0] != 0;
    const size_t length = s[0] >= 0xC2 && s[0] <= 0xDF ? 2
                          : (s[0] & 0xF0) == 0xE0      ? 3
                          : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                         : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return length;
}

size_t lex_bad_utf8(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        const size_t step = sequence_length((const unsigned char *)text + at, length - at);
        if (step == 0)
            return at;
        at += step;
    }
    return length;
}

/* ---- words with a fixed meaning -------------------------------------------------------------- */

const char *lex_setting(const struct function *function, const char *word, size_t length)
{
    static const char *const numbered[] = {"hush", "unhush", "solo"};

    if (function && (function->classes & FUNCTION_SETTING))
        return function->canonical;
    size_t stem = length;
    while (stem > 0 && is_digit(word[stem - 1]))
        stem--;
    for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++)
        if (stem < length && strlen(numbered[i]) == stem && memcmp(word, numbered[i], stem) == 0)
            return numbered[i];
    return NULL;
}

bool lex_output(const char *word, size_t length, int64_t *number)
{
    size_t stem = 1;

    *number = 0;
    if (length == 0 || (word[0] != 'o' && word[0] != 'd'))
        return false;
    if (length >= 3 && memcmp(word, "out", 3) == 0) {
        stem = 3;
        if (length == 3)
            return true;
    }
    if (length == stem || length > stem + 4 || word[stem] == '0')
        return false;
    for (size_t i = stem; i < length; i++) {
        if (!is_digit(word[i]))
            return false;
        *number = *number * 10 + (word[i] - '0');
    }
    return true;
}

/* ---- names that the program defines ---------------------------------------------------------- */

struct defined_name {
    const char *text; /* in the source; NULL: free slot */
    uint32_t length;
    uint16_t as;
    bool is_searched; /* `function` says what is built in by this name */
    const struct function *function;
};

struct defined_names {
    uint32_t n, space; /* space: power of two */
    struct defined_name *slots;
};

static void *must(void *memory)
{
    if (!memory)
        abort(); /* the arena ends the program the same way; nothing can be compiled */
    return memory;
}

/* FNV-1a, with the high bits folded down because the low ones choose the slot. */
static uint32_t hash(const char *text, size_t length)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h ^ (h >> 15);
}

static struct defined_name *find_slot(const struct defined_names *names, const char *text,
                                      size_t length)
{
    uint32_t at = hash(text, length) & (names->space - 1);

    for (;;) {
        struct defined_name *const slot = &names->slots[at];
        if (!slot->text || (slot->length == length && memcmp(slot->text, text, length) == 0))
            return slot;
        at = (at + 1) & (names->space - 1);
    }
}

static void grow_names(struct defined_names *names)
{
    const struct defined_names old = *names;

    names->space = old.space ? old.space * 2 : 64;
    names->slots = must(calloc(names->space, sizeof *names->slots));
    for (uint32_t i = 0; i < old.space; i++)
        if (old.slots[i].text)
            *find_slot(names, old.slots[i].text, old.slots[i].length) = old.slots[i];
    free(old.slots);
}

static struct defined_name *enter(struct defined_names *names, const char *text, size_t length)
{
    if (names->n * 2 >= names->space)
        grow_names(names);
    struct defined_name *const slot = find_slot(names, text, length);
    if (!slot->text) {
        *slot = (struct defined_name){.text = text, .length = (uint32_t)length};
        names->n++;
    }
    return slot;
}

static void define(struct defined_names *names, const char *text, size_t length, uint16_t as)
{
    struct defined_name *const slot = enter(names, text, length);

    slot->as |= as;
}

const struct function *lex_function(const struct lexed *lexed, const char *word, size_t length)
{
    if (length == 0)
        return NULL;
    struct defined_name *const slot = enter(lexed->names, word, length);
    if (!slot->is_searched) {
        slot->function = function_find(word, length);
        slot->is_searched = true;
    }
    return slot->function;
}

uint32_t lex_defined(const struct lexed *lexed, const char *name, size_t length)
{
    if (!lexed->names || lexed->names->n == 0)
        return 0;
    const struct defined_name *const slot = find_slot(lexed->names, name, length);
    return slot->text ? slot->as : 0;
}

struct word {
    const char *text;
    size_t length;
};

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* The identifier after blanks; length 0 if something else stands there. */
static struct word next_word(const char **at, const char *end)
{
    const char *s = skip_blanks(*at, end);
    const char *const begin = s;

    if (s < end && starts_name(*s))
        while (s < end && in_name(*s))
            s++;
    if (s > begin)
        *at = s;
    return (struct word){begin, (size_t)(s - begin)};
}

static bool word_is(struct word word, const char *text)
{
    return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

static bool at_separator(const char *at, const char *end, const char *separators)
{
    at = skip_blanks(at, end);
    return at < end && strchr(separators, *at) != NULL;
}

/* Names up to a separator are parameters; without the separator the line is no definition. */
static bool define_parameters(struct defined_names *names, const char *at, const char *end,
                              const char *separators)
{
    const char *scan = at;

    while (next_word(&scan, end).length > 0)
        ;
    if (!at_separator(scan, end, separators))
        return false;
    for (struct word w; (w = next_word(&at, end)).length > 0;)
        define(names, w.text, w.length, DEFINED_PARAMETER);
    return true;
}

static void scan_bus(struct defined_names *names, const char *at, const char *end)
{
    const struct word name = next_word(&at, end);

    if (name.length == 0)
        return;
    if (at_separator(at, end, "$:=#"))
        define(names, name.text, name.length, DEFINED_BUS);
    else if (define_parameters(names, at, end, "$:=#"))
        define(names, name.text, name.length, DEFINED_FUNCTION_BUS);
    else if (skip_blanks(at, end) == end) /* the separator may begin the next line */
        define(names, name.text, name.length, DEFINED_BUS);
}

static void scan_line(struct defined_names *names, const char *at, const char *end)
{
    at = skip_blanks(at, end);
    if (at < end && *at == '~') {
        if (at + 1 < end && starts_name(at[1]))
            scan_bus(names, at + 1, end);
        return;
    }
    const struct word first = next_word(&at, end);
    if (first.length == 0)
        return;
    const char *rest = at;
    if (at_separator(at, end, ":=")) {
        define(names, first.text, first.length, DEFINED_BARE);
        return;
    }
    const bool is_function = word_is(first, "fn"), is_loop = word_is(first, "for");
    if (!is_function && !is_loop && !word_is(first, "synthdef"))
        return;
    const struct word name = next_word(&rest, end);
    if (name.length == 0)
        return;
    define(names, name.text, name.length,
           is_function ? DEFINED_FUNCTION : is_loop ? DEFINED_PARAMETER : DEFINED_SYNTHDEF);
    if (is_function)
        define_parameters(names, rest, end, "$:=");
}

/*
 * Line by line, blind to comments and strings that span lines: a name too many only makes a `#` a
 * chain that is then reported, never a chain a comment.
 */
static void scan_definitions(struct lexed *lexed)
{
    const char *at = lexed->source->text, *const end = at + lexed->source->length;

    lexed->names = must(calloc(1, sizeof *lexed->names));
    while (at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline ? newline : end;
        scan_line(lexed->names, at, stop);
        at = stop + 1;
    }
}

/* ---- the lexer ------------------------------------------------------------------------------- */

struct bracket {
    uint32_t offset;
    char close;
};

struct lexer {
    struct lexed *lexed;
    struct diag *diag;
    const char *text;
    uint32_t at, length;
    uint32_t line_begin;
    /* since the last token */
    bool space, newline, blank_line, comment_line;
    /* the line so far */
    bool line_has_code, line_has_comment;
    /* the statement so far */
    bool open, has_plugin, is_setting;
    bool only_names;      /* a bus and then nothing but names: perhaps a function bus */
    uint32_t plugin_scan; /* tokens before this one have been looked at for plugins */
    uint32_t depth;
    struct bracket brackets[NESTING_MAX];
    uint32_t first_long_string; /* offset of the first string that spans lines */
    bool has_long_string;
    /* a quote or bracket from `unclosed` on, which took in all that follows */
    bool is_unclosed;
    uint32_t unclosed;
};

static char peek(const struct lexer *l, uint32_t ahead)
{
    return l->length - l->at > ahead ? l->text[l->at + ahead] : '\0';
}

static struct lexed_statement *statement(const struct lexer *l)
{
    return &l->lexed->statements[l->lexed->n_statements - 1];
}

static const struct token *last_token(const struct lexer *l)
{
    return &l->lexed->tokens[l->lexed->n_tokens - 1];
}

static void push_token(struct lexer *l, uint8_t kind, uint8_t op, uint32_t offset, uint32_t length)
{
    struct lexed *const x = l->lexed;

    if (x->n_tokens == x->token_space) {
        x->token_space = x->token_space ? x->token_space * 2 : 256;
        x->tokens = must(realloc(x->tokens, x->token_space * sizeof *x->tokens));
    }
    x->tokens[x->n_tokens++] = (struct token){.kind = kind,
                                              .op = op,
                                              .space_before = l->space || l->newline,
                                              .first_on_line = !l->line_has_code,
                                              .offset = offset,
                                              .length = length};
}

static void open_statement(struct lexer *l)
{
    struct lexed *const x = l->lexed;

    if (x->n_statements == x->statement_space) {
        x->statement_space = x->statement_space ? x->statement_space * 2 : 64;
        x->statements = must(realloc(x->statements, x->statement_space * sizeof *x->statements));
    }
    x->statements[x->n_statements++] =
        (struct lexed_statement){.first = x->n_tokens, .column = l->at - l->line_begin + 1};
    l->open = true;
    l->has_plugin = l->is_setting = l->only_names = false;
    l->plugin_scan = x->n_tokens;
    l->depth = 0;
}

static void close_statement(struct lexer *l)
{
    if (!l->open)
        return;
    uint32_t end = l->at;
    if (statement(l)->first < l->lexed->n_tokens)
        end = last_token(l)->offset + last_token(l)->length;
    statement(l)->end = l->lexed->n_tokens;
    push_token(l, TOKEN_END, 0, end, 0);
    l->open = false;
}

/* `for i in 1..4:` ends with the colon that continues every other line. */
static bool is_loop_header(const struct lexer *l)
{
    const struct token *const first = &l->lexed->tokens[statement(l)->first];

    return first->kind == TOKEN_NAME && first->length == 3 &&
           memcmp(l->text + first->offset, "for", 3) == 0;
}

/* Whether the statement goes on because of how its last line ended. */
static bool wants_more(const struct lexer *l)
{
    if (l->depth > 0)
        return true;
    if (statement(l)->first == l->lexed->n_tokens)
        return false;
    switch (last_token(l)->kind) {
    case TOKEN_MUL:
    case TOKEN_ADD:
    case TOKEN_OPERATOR:
    case TOKEN_COMPOSE:
    case TOKEN_DOLLAR:
    case TOKEN_CHAIN:
    case TOKEN_COMMA:
    case TOKEN_EQUALS:
        return true;
    case TOKEN_COLON:
        return !is_loop_header(l);
    default:
        return false;
    }
}

/* Whether what stands at l->at continues the statement of the line above. */
static bool continues(const struct lexer *l)
{
    const char c = peek(l, 0), d = peek(l, 1);

    if (l->blank_line)
        return false;
    switch (c) {
    case '+':
    case '*':
    case '/':
    case '$':
    case ',':
    case ')':
    case ']':
        return true;
    case '-':
        return is_blank(d) || d == '|';
    case '|':
        return d == '>' || d == '<' || d == '+' || d == '-' || d == '*' || d == '/' || d == '%';
    case '~':
        return d == '+' || d == '-' || d == '*' || d == '/' || d == '>';
    case '<':
        return d == '|' || d == '~';
    case '.':
        return is_blank(d);
    case '>':
        return d == '>' || d == '|';
    default:
        return false;
    }
}

/* Called before every token that opens nothing by itself. */
static void begin_token(struct lexer *l)
{
    if (l->open && l->newline && !wants_more(l) && !continues(l))
        close_statement(l);
    if (!l->open)
        open_statement(l);
}

static void end_token(struct lexer *l, uint32_t length)
{
    l->at += length;
    l->line_has_code = true;
    l->space = l->newline = l->blank_line = l->comment_line = false;
}

static void emit(struct lexer *l, enum token_kind kind, uint8_t op, uint32_t length)
{
    if (l->lexed->n_tokens == statement(l)->first)
        l->only_names = kind == TOKEN_BUS;
    else
        l->only_names = l->only_names && kind == TOKEN_NAME;
    if (l->lexed->n_tokens - statement(l)->first == STATEMENT_TOKENS_MAX) {
        diag_error(l->diag, l->at, "statement is too long: more than %d words and signs",
                   STATEMENT_TOKENS_MAX);
        statement(l)->bad = true;
    }
    push_token(l, (uint8_t)kind, op, l->at, length);
    end_token(l, length);
}

/* ---- blanks, comments, and what `#` is ------------------------------------------------------- */

static void end_line(struct lexer *l)
{
    if (!l->line_has_code) {
        if (l->line_has_comment)
            l->comment_line = true;
        else
            l->blank_line = true;
    }
    l->newline = true;
    l->line_has_code = l->line_has_comment = false;
    l->line_begin = l->at + 1;
}

static void skip_line(struct lexer *l)
{
    const char *const newline = memchr(l->text + l->at, '\n', l->length - l->at);

    l->line_has_comment = true;
    l->space = true;
    l->at = newline ? (uint32_t)(newline - l->text) : l->length;
}

static void skip_block_comment(struct lexer *l)
{
    const uint32_t begin = l->at;

    l->at += 2;
    l->space = true;
    l->line_has_comment = true;
    while (l->at < l->length) {
        if (peek(l, 0) == '*' && peek(l, 1) == '/') {
            l->at += 2;
            return;
        }
        if (peek(l, 0) == '\n') {
            end_line(l);
            l->line_has_comment = true;
        }
        l->at++;
    }
    diag_error(l->diag, begin, "comment is never closed: */ is missing");
    if (l->open)
        statement(l)->bad = true;
}

static bool resolves(const struct lexer *l, struct word word)
{
    return lex_function(l->lexed, word.text, word.length) != NULL ||
           lex_defined(l->lexed, word.text, word.length) != 0;
}

/* No built-in begins with a capital, so `# Reverb` is prose in spite of the naming rule. */
static const struct function *chainable(const struct lexer *l, struct word word)
{
    if (word.length == 0 || (word.text[0] >= 'A' && word.text[0] <= 'Z'))
        return NULL;
    const struct function *const function = lex_function(l->lexed, word.text, word.length);
    return function_is_chainable(function) ? function : NULL;
}

/* LANGUAGE 1.2 rule 3, with its exceptions, for the text after a `#`. */
static bool rule_3(const struct lexer *l, const char *at, const char *end)
{
    at = skip_blanks(at, end);
    if (at == end)
        return false;
    if (*at == '(')
        return true;
    if (*at == '~' || *at == '@' || *at == '%') {
        const bool is_bus = *at++ == '~';
        if (at == end || !starts_name(*at))
            return false;
        next_word(&at, end);
        return !(is_bus && at_separator(at, end, ":="));
    }
    const struct word word = next_word(&at, end);
    const struct function *const function = chainable(l, word);
    if (!function && !(lex_defined(l->lexed, word.text, word.length) & DEFINED_FUNCTION))
        return false;
    if (at < end && *at == '\'')
        at++;
    if (function && function->flags & FUNCTION_TAKES_WORD)
        return true;
    const struct word argument = next_word(&at, end);
    return argument.length == 0 || resolves(l, argument);
}

/* Looks at each token once, however many `#` ask. */
static bool has_plugin(struct lexer *l)
{
    for (; !l->has_plugin && l->plugin_scan < l->lexed->n_tokens; l->plugin_scan++) {
        const struct token *const t = &l->lexed->tokens[l->plugin_scan];
        if (t->kind != TOKEN_NAME)
            continue;
        const struct function *const function =
            lex_function(l->lexed, l->text + t->offset, t->length);
        l->has_plugin = function && function->classes & FUNCTION_PLUGIN;
    }
    return l->has_plugin;
}

/* Rule 4: a parameter of a plugin, `# cutoff 0.5`. */
static bool rule_4(struct lexer *l, const char *at, const char *end)
{
    const struct word word = next_word(&at, end);

    if (word.length == 0 || lex_function(l->lexed, word.text, word.length) || !has_plugin(l))
        return false;
    at = skip_blanks(at, end);
    return at < end && (in_name(*at) || strchr("\"([~@%.-", *at) != NULL);
}

/* `~name #`, `out #`, `~name p1 p2 #` at the start of a statement define. */
static bool is_definition(const struct lexer *l, bool rule_3_accepts)
{
    const struct lexed *const x = l->lexed;
    const struct token *const first = &x->tokens[statement(l)->first];
    const uint32_t n = x->n_tokens - statement(l)->first;
    int64_t number;

    if (n == 0 || l->newline)
        return false;
    if (n == 1)
        return first->kind == TOKEN_BUS || first->kind == TOKEN_TEMPLATE ||
               first->kind == TOKEN_PATTERN ||
               (first->kind == TOKEN_NAME &&
                lex_output(l->text + first->offset, first->length, &number));
    return l->only_names && rule_3_accepts;
}

/* What follows is read no further than the line: a newline is neither blank nor part of a word. */
static bool hash_is_chain(struct lexer *l)
{
    const char *const at = l->text + l->at + 1, *const end = l->text + l->length;

    if (!l->open)
        return false;
    const bool third = rule_3(l, at, end);
    if (!l->line_has_code) {
        const bool below_code = l->depth > 0 || (!l->blank_line && !l->comment_line);
        return below_code && third && !l->is_setting;
    }
    if (is_definition(l, third))
        return true;
    return !l->is_setting && (third || rule_4(l, at, end));
}

/* A comment behind code may be a misspelt effect: say so. */
static void note_comment(struct lexer *l)
{
    const char *at = l->text + l->at + 1;
    const struct word word = next_word(&at, l->text + l->length);
    char name[32];
    const char *near = NULL;

    if (l->is_setting || !l->line_has_code || !l->open)
        return;
    /* Looking for neighbours is slow, and a message that is dropped needs none. */
    if (l->diag->n_messages < DIAG_MAX && word.length > 0 && word.length < sizeof name &&
        !lex_function(l->lexed, word.text, word.length)) {
        memcpy(name, word.text, word.length);
        name[word.length] = '\0';
        near = function_nearest(name);
    }
    if (near)
        diag_note(l->diag, l->at, "a comment starts here; did you mean '# %s'?", near);
    else
        diag_note(l->diag, l->at, "a comment starts here");
}

static void lex_hash(struct lexer *l)
{
    if (hash_is_chain(l)) {
        emit(l, TOKEN_CHAIN, 0, 1);
        return;
    }
    note_comment(l);
    skip_line(l);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void lex_number(struct lexer *l)
{
    uint32_t n = 0;

    while (is_digit(peek(l, n)))
        n++;
    if (peek(l, n) == '.' && is_digit(peek(l, n + 1))) {
        n++;
        while (is_digit(peek(l, n)))
            n++;
    }
    if (starts_name(peek(l, n))) {
        diag_error(l->diag, l->at + n, "letters directly after a number");
        statement(l)->bad = true;
        while (in_name(peek(l, n)))
            n++;
    }
    emit(l, TOKEN_NUMBER, 0, n);
}

/*
 * With a quote missing, strings and gaps have traded places since a string that spans lines: that
 * one is blamed.
 */
static void unclosed_string(struct lexer *l)
{
    const uint32_t begin = l->has_long_string ? l->first_long_string : l->at;

    diag_forget(l->diag, begin);
    diag_error(l->diag, begin, "string is never closed: \" is missing");
    statement(l)->bad = true;
    l->is_unclosed = true;
    l->unclosed = begin;
}

/* Whether a line reads as the begin of a statement that defines something. */
static bool begins_definition(struct lexer *l, const char *at, const char *end)
{
    int64_t number;

    at = skip_blanks(at, end);
    if (at < end && (*at == '~' || *at == '@' || *at == '%')) {
        const bool is_bus = *at++ == '~';
        if (next_word(&at, end).length == 0)
            return false;
        while (is_bus && next_word(&at, end).length > 0) /* parameters */
            ;
        return at_separator(at, end, "$:=#");
    }
    const struct word word = next_word(&at, end);
    if (word.length == 0)
        return false;
    if (lex_output(word.text, word.length, &number))
        return at_separator(at, end, "$:=#");
    return at_separator(at, end, ":=") || word_is(word, "fn") || word_is(word, "synthdef") ||
           lex_setting(lex_function(l->lexed, word.text, word.length), word.text, word.length);
}

/* The first line behind `offset` that defines something; the
 * end of the text where there is none. */
static uint32_t next_definition(struct lexer *l, uint32_t offset)
{
    const char *const end = l->text + l->length, *at = l->text + offset;

    do {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            return l->length;
        at = newline + 1;
    } while (!begins_definition(l, at, end));
    return (uint32_t)(at - l->text);
}

/*
 * Of several brackets the innermost is blamed that stands before the next definition. A string
 * without its end may have taken in the closing bracket, or stand far behind the culprit.
 */
static void unclosed_bracket(struct lexer *l)
{
    const uint32_t next = next_definition(l, l->brackets[0].offset);
    const struct bracket *b =
        &l->brackets[l->depth < NESTING_MAX ? l->depth - 1 : NESTING_MAX - 1];

    while (b > l->brackets && b->offset >= next)
        b--;
    statement(l)->bad = true;
    if (l->is_unclosed && next > l->unclosed)
        return;
    if (l->is_unclosed)
        diag_forget(l->diag, b->offset);
    diag_error(l->diag, b->offset, "'%c' is never closed: '%c' is missing", l->text[b->offset],
               b->close);
    l->is_unclosed = true;
    l->unclosed = b->offset;
}

/* Forgets tokens from `offset` on; the statement that they belong to is known to be bad. */
static void cut_tokens(struct lexer *l, uint32_t offset)
{
    struct lexed *const x = l->lexed;

    while (x->n_tokens > 0 && x->tokens[x->n_tokens - 1].offset >= offset)
        x->n_tokens--;
    while (x->n_statements > 0 && x->statements[x->n_statements - 1].first >= x->n_tokens)
        x->n_statements--;
    if (x->n_statements == 0)
        return;
    struct lexed_statement *const last = &x->statements[x->n_statements - 1];
    if (x->tokens[x->n_tokens - 1].kind == TOKEN_END && last->end == x->n_tokens - 1)
        return;
    last->bad = true;
    last->end = x->n_tokens;
    push_token(l, TOKEN_END, 0, last_token(l)->offset + last_token(l)->length, 0);
}

/*
 * Behind a quote or bracket that is missing, goes on with the next line that defines something, so
 * that what is wrong there is told in the same run. False when there is none.
 */
static bool recover(struct lexer *l)
{
    if (!l->is_unclosed || l->diag->n_errors >= DIAG_MAX)
        return false;
    l->at = l->line_begin = next_definition(l, l->unclosed);
    if (l->at == l->length)
        return false;
    diag_forget(l->diag, l->at);
    cut_tokens(l, l->at);
    l->space = l->newline = true;
    l->blank_line = l->comment_line = l->line_has_code = l->line_has_comment = false;
    l->open = l->has_long_string = l->is_unclosed = false;
    l->depth = 0;
    return true;
}

static void lex_string(struct lexer *l)
{
    const char *const begin = l->text + l->at + 1;
    const char *const quote = memchr(begin, '"', l->length - l->at - 1);
    const uint32_t length = quote ? (uint32_t)(quote - begin) + 2 : l->length - l->at;
    const char *const newline = memrchr(begin, '\n', length - 1);

    if (!quote) {
        unclosed_string(l);
    } else if (newline && !l->has_long_string) {
        l->has_long_string = true;
        l->first_long_string = l->at;
    }
    emit(l, TOKEN_STRING, 0, length);
    if (newline)
        l->line_begin = (uint32_t)(newline + 1 - l->text);
}

static void lex_name(struct lexer *l)
{
    const char *const name = l->text + l->at;
    uint32_t n = 0;

    while (in_name(peek(l, n)))
        n++;
    if (peek(l, n) == '\'')
        n++;
    if (l->lexed->n_tokens == statement(l)->first)
        l->is_setting = lex_setting(lex_function(l->lexed, name, n), name, n) != NULL;
    emit(l, TOKEN_NAME, 0, n);
}

/* ~midi, ~midi7: only these take a suffix `:c:major`. */
static bool is_midi(const char *name, uint32_t length)
{
    if (length < 4 || length > 6 || memcmp(name, "midi", 4) != 0)
        return false;
    for (uint32_t i = 4; i < length; i++)
        if (!is_digit(name[i]))
            return false;
    return true;
}

static void lex_sigil(struct lexer *l, enum token_kind kind)
{
    uint32_t n = 1;

    while (in_name(peek(l, n)))
        n++;
    if (kind == TOKEN_BUS && is_midi(l->text + l->at + 1, n - 1))
        while (peek(l, n) == ':' && in_name(peek(l, n + 1)))
            for (n++; in_name(peek(l, n)); n++)
                ;
    emit(l, kind, 0, n);
}

static void lex_open(struct lexer *l, char close)
{
    if (l->depth < NESTING_MAX) {
        l->brackets[l->depth] = (struct bracket){.offset = l->at, .close = close};
    } else if (l->depth == NESTING_MAX) {
        diag_error(l->diag, l->at, "brackets are nested more than %d deep", NESTING_MAX);
        statement(l)->bad = true;
    }
    l->depth++;
    emit(l, close == ')' ? TOKEN_OPEN : TOKEN_OPEN_LIST, 0, 1);
}

static void lex_close(struct lexer *l, char close)
{
    if (l->depth == 0) {
        diag_error(l->diag, l->at, "'%c' closes nothing: there is no '%c' before it", close,
                   close == ')' ? '(' : '[');
        statement(l)->bad = true;
    } else {
        l->depth--;
        if (l->depth < NESTING_MAX && l->brackets[l->depth].close != close) {
            uint32_t line, column;
            source_position(l->lexed->source, l->brackets[l->depth].offset, &line, &column);
            diag_error(l->diag, l->at, "'%c' where '%c' must come first, for the bracket at %u:%u",
                       close, l->brackets[l->depth].close, line, column);
            statement(l)->bad = true;
        }
    }
    emit(l, close == ')' ? TOKEN_CLOSE : TOKEN_CLOSE_LIST, 0, 1);
}

static void bad_character(struct lexer *l)
{
    const unsigned char *const s = (const unsigned char *)l->text + l->at;
    const size_t length = sequence_length(s, l->length - l->at);

    if (length == 3 && s[0] == 0xE2 && s[1] == 0x80 && (s[2] == 0x9C || s[2] == 0x9D))
        diag_error(l->diag, l->at, "typographic quote: strings are written between \"");
    else if (length > 1)
        diag_error(l->diag, l->at, "unexpected character '%.*s': only ASCII outside strings and "
                   "comments", (int)length, (const char *)s);
    else if (s[0] < 0x20 || s[0] == 0x7F)
        diag_error(l->diag, l->at, "unexpected control character 0x%02x", s[0]);
    else
        diag_error(l->diag, l->at, "unexpected character '%c'", s[0]);
    statement(l)->bad = true;
    emit(l, TOKEN_BAD, 0, (uint32_t)(length ? length : 1));
}

struct spelling {
    char text[5];
    uint8_t kind, op;
};

/* Longer spellings first: the first that fits is the token. */
static const struct spelling operators[] = {
    {"|++|", TOKEN_OPERATOR, 0},       {"|**|", TOKEN_OPERATOR, 0},
    {"|+|", TOKEN_OPERATOR, 0},        {"|-|", TOKEN_OPERATOR, 0},
    {"|*|", TOKEN_OPERATOR, 0},        {"|/|", TOKEN_OPERATOR, 0},
    {"|%|", TOKEN_OPERATOR, 0},        {"|>|", TOKEN_OPERATOR, 0},
    {"|<|", TOKEN_OPERATOR, 0},        {"|++", TOKEN_OPERATOR, 0},
    {"++|", TOKEN_OPERATOR, 0},        {"|**", TOKEN_OPERATOR, 0},
    {"**|", TOKEN_OPERATOR, 0},        {"|%", TOKEN_OPERATOR, 0},
    {"%|", TOKEN_OPERATOR, 0},         {"|<", TOKEN_OPERATOR, 0},
    {">|", TOKEN_OPERATOR, 0},         {"<~", TOKEN_OPERATOR, 0},
    {"~>", TOKEN_OPERATOR, 0},
    {"~+", TOKEN_ADD, AST_AUDIO_ADD},  {"~-", TOKEN_ADD, AST_AUDIO_SUB},
    {"~*", TOKEN_MUL, AST_AUDIO_MUL},  {"~/", TOKEN_MUL, AST_AUDIO_DIV},
    {"|+", TOKEN_ADD, AST_LEFT_ADD},   {"|-", TOKEN_ADD, AST_LEFT_SUB},
    {"|*", TOKEN_MUL, AST_LEFT_MUL},   {"|/", TOKEN_MUL, AST_LEFT_DIV},
    {"|>", TOKEN_ADD, AST_KEEP_RIGHT}, {"<|", TOKEN_ADD, AST_KEEP_LEFT},
    {"+|", TOKEN_ADD, AST_RIGHT_ADD},  {"-|", TOKEN_ADD, AST_RIGHT_SUB},
    {"*|", TOKEN_MUL, AST_RIGHT_MUL},  {"/|", TOKEN_MUL, AST_RIGHT_DIV},
    {">>", TOKEN_CHAIN, 0},            {"==", TOKEN_COMPARE, 0},
    {"!=", TOKEN_COMPARE, 0},          {"<=", TOKEN_COMPARE, 0},
    {">=", TOKEN_COMPARE, 0},          {"..", TOKEN_RANGE, 0},
    {"+", TOKEN_ADD, AST_ADD},         {"-", TOKEN_ADD, AST_SUB},
    {"*", TOKEN_MUL, AST_MUL},         {"/", TOKEN_MUL, AST_DIV},
    {"$", TOKEN_DOLLAR, 0},            {"=", TOKEN_EQUALS, 0},
    {":", TOKEN_COLON, 0},             {",", TOKEN_COMMA, 0},
    {"<", TOKEN_COMPARE, 0},           {">", TOKEN_COMPARE, 0},
    {"%", TOKEN_PERCENT, 0},           {".", TOKEN_COMPOSE, 0},
};

static void lex_operator(struct lexer *l)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        const struct spelling *const s = &operators[i];
        uint32_t n = 0;
        while (s->text[n] && peek(l, n) == s->text[n])
            n++;
        if (!s->text[n]) {
            emit(l, s->kind, s->op, n);
            return;
        }
    }
    bad_character(l);
}

static void lex_token(struct lexer *l)
{
    const char c = peek(l, 0), d = peek(l, 1);

    begin_token(l);
    if (is_digit(c) || (c == '.' && is_digit(d)))
        lex_number(l);
    else if (c == '"')
        lex_string(l);
    else if (starts_name(c))
        lex_name(l);
    else if (c == '~' && starts_name(d))
        lex_sigil(l, TOKEN_BUS);
    else if (c == '@' && starts_name(d))
        lex_sigil(l, TOKEN_TEMPLATE);
    else if (c == '%' && starts_name(d))
        lex_sigil(l, TOKEN_PATTERN);
    else if (c == '(' || c == '[')
        lex_open(l, c == '(' ? ')' : ']');
    else if (c == ')' || c == ']')
        lex_close(l, c);
    else
        lex_operator(l);
}

static void lex_next(struct lexer *l)
{
    const char c = peek(l, 0), d = peek(l, 1);

    if (c == '\n') {
        end_line(l);
        l->at++;
    } else if (is_blank(c)) {
        l->space = true;
        l->at++;
    } else if ((c == '-' && d == '-') || (c == '/' && d == '/')) {
        skip_line(l);
    } else if (c == '/' && d == '*') {
        skip_block_comment(l);
    } else if (c == '#') {
        lex_hash(l);
    } else {
        lex_token(l);
    }
}

void lex_program(struct lexed *lexed, const struct source *source, struct diag *diag)
{
    static const char bom[] = "\xEF\xBB\xBF";

    *lexed = (struct lexed){.source = source};
    const size_t bad = lex_bad_utf8(source->text, source->length);
    if (bad < source->length) {
        if (source->text[bad] == '\0')
            diag_error(diag, (uint32_t)bad, "a zero byte: this is no text");
        else
            diag_error(diag, (uint32_t)bad, "invalid UTF-8: byte 0x%02x",
                       (unsigned char)source->text[bad]);
        return;
    }
    scan_definitions(lexed);

    struct lexer l = {.lexed = lexed, .diag = diag, .text = source->text, .length = source->length};
    if (source->length >= 3 && memcmp(source->text, bom, 3) == 0)
        l.at = l.line_begin = 3;
    do {
        /* a text with that many errors is no program: a megabyte of noise is refused at once */
        while (l.at < l.length && diag->n_errors < DIAG_MAX)
            lex_next(&l);
        if (l.open && l.depth > 0)
            unclosed_bracket(&l);
        close_statement(&l);
    } while (recover(&l));
}

void lex_finish(struct lexed *lexed)
{
    if (!lexed)
        return;
    free(lexed->tokens);
    free(lexed->statements);
    if (lexed->names)
        free(lexed->names->slots);
    free(lexed->names);
    *lexed = (struct lexed){0};
}
