/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/statement.c - settings, definitions, outputs, loops: LANGUAGE 2 and 21.                 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/functions.h"
#include "client/parse.h"

enum {
    LOOP_TOKENS_MAX = 1000000, /* read by all loops of a program, repeats counted */
    PARAMETERS_MAX = 64
};

struct reader {
    struct parser p;
    uint32_t n_loop_tokens;
    uint32_t n_statements, space;
    struct statement *statements;
};

static enum token_kind kind_at(const struct parser *p, uint32_t ahead)
{
    return parse_peek(p, ahead)->kind;
}

/* `#` separates only on the line of the name; on the next line it is a chain. */
static bool is_separator(const struct parser *p, const struct token *t)
{
    return t->kind == TOKEN_DOLLAR || t->kind == TOKEN_COLON || t->kind == TOKEN_EQUALS ||
           (t->kind == TOKEN_CHAIN && p->source->text[t->offset] == '#' && !t->first_on_line);
}

static bool finish_value(struct parser *p, struct statement *s)
{
    s->value = parse_expr(p);
    if (!s->value)
        return false;
    if (kind_at(p, 0) == TOKEN_END)
        return true;
    if (kind_at(p, 0) == TOKEN_COLON || kind_at(p, 0) == TOKEN_EQUALS)
        parse_fail(p, parse_peek(p, 0)->offset,
                   "a definition stands at the start of a line of its own");
    else
        parse_expected(p, "an operator such as # + $");
    return false;
}

/* ---- settings and commands ------------------------------------------------------------------- */

/* A constant number, folded: `cps: 140/60/4`. */
static bool parse_setting_number(struct parser *p, struct statement *s)
{
    const uint32_t offset = parse_peek(p, 0)->offset;
    const struct ast *const value = parse_sum(p);
    struct ph_ratio ratio;

    if (!value)
        return false;
    if (!parse_constant(value, &ratio)) {
        parse_fail(p, offset, "%s takes a number", s->text);
        return false;
    }
    s->value = parse_make_number(p, offset, ratio);
    s->number = ph_ratio_floor(ratio);
    return true;
}

static bool parse_outmix(struct parser *p, struct statement *s)
{
    static const char *const modes[] = {"none", "gain", "sqrt", "tanh", "hard"};
    const uint32_t n_modes = sizeof modes / sizeof modes[0];
    const struct token *const t = parse_peek(p, 0);

    if (t->kind != TOKEN_NAME && t->kind != TOKEN_STRING) {
        parse_expected(p, "none, gain, sqrt, tanh or hard");
        return false;
    }
    const uint32_t quote = t->kind == TOKEN_STRING;
    s->text = parse_text(p, t->offset + quote, t->length - 2 * quote);
    for (uint32_t i = 0; i < n_modes; i++) {
        if (strcmp(s->text, modes[i]) == 0) {
            p->at++;
            return true;
        }
    }
    const char *const near = diag_nearest(s->text, modes, n_modes);
    parse_fail(p, t->offset, "outmix is none, gain, sqrt, tanh or hard%s%s%s",
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return false;
}

/* The time signature behind a bpm. */
static void parse_signature(struct parser *p, struct statement *s)
{
    const struct token *const t = parse_peek(p, 0);

    s->text = NULL;
    if (t->kind != TOKEN_STRING)
        return;
    s->text = parse_text(p, t->offset + 1, t->length - 2);
    const char *const slash = strchr(s->text, '/');
    char *end;
    const long beats = strtol(s->text, &end, 10);
    if (end == s->text || end != slash || beats < 1 || beats > 1000)
        parse_fail(p, t->offset, "a time signature is written \"n/d\", such as \"3/4\"");
    p->at++;
}

/* The number that is part of a command's word: hush3. */
static int64_t trailing_number(struct parser *p, const struct token *t, size_t stem)
{
    int64_t number = 0;

    for (size_t i = stem; i < t->length; i++) {
        number = number * 10 + (p->source->text[t->offset + i] - '0');
        if (number > INT32_MAX) {
            parse_fail(p, t->offset, "there is no such output");
            return 0;
        }
    }
    return number;
}

static bool parse_command(struct parser *p, struct statement *s, const struct token *word)
{
    const size_t stem = strlen(s->text);
    const bool is_numbered = strcmp(s->text, "hush") == 0 || strcmp(s->text, "unhush") == 0 ||
                             strcmp(s->text, "solo") == 0;
    const bool takes_value = strcmp(s->text, "setCycle") == 0 || strcmp(s->text, "nudge") == 0;

    s->kind = STATEMENT_COMMAND;
    if (is_numbered && word->length > stem) {
        s->number = trailing_number(p, word, stem);
        return !p->failed;
    }
    if (takes_value || (is_numbered && kind_at(p, 0) != TOKEN_END))
        return parse_setting_number(p, s);
    if (strcmp(s->text, "solo") == 0) {
        parse_expected(p, "the number of an output");
        return false;
    }
    return true;
}

static bool parse_setting(struct parser *p, struct statement *s, const char *name)
{
    const struct token *const word = parse_peek(p, 0);

    s->text = name;
    p->at++;
    if (is_separator(p, parse_peek(p, 0)))
        p->at++;
    if (strcmp(name, "outmix") == 0) {
        s->kind = STATEMENT_OUTMIX;
        parse_outmix(p, s);
    } else if (strcmp(name, "bpm") == 0) {
        s->kind = STATEMENT_BPM;
        if (parse_setting_number(p, s))
            parse_signature(p, s);
    } else if (strcmp(name, "tempo") == 0) {
        s->kind = STATEMENT_TEMPO;
        parse_setting_number(p, s);
    } else if (strcmp(name, "buffer") == 0) {
        s->kind = STATEMENT_IGNORED;
        parse_setting_number(p, s);
    } else {
        parse_command(p, s, word);
    }
    if (!p->failed && kind_at(p, 0) != TOKEN_END)
        parse_expected(p, "the end of the line");
    return !p->failed;
}

/* ---- definitions ----------------------------------------------------------------------------- */

static bool parse_parameters(struct parser *p, struct statement *s)
{
    const uint32_t mark = p->n_scratch;

    while (kind_at(p, 0) == TOKEN_NAME) {
        const struct token *const t = parse_peek(p, 0);
        parse_push(p, (void *)(uintptr_t)parse_text(p, t->offset, t->length));
        p->at++;
    }
    if (p->n_scratch - mark > PARAMETERS_MAX) {
        parse_fail(p, s->offset, "more than %d parameters", PARAMETERS_MAX);
        return false;
    }
    s->params = (const char **)parse_take(p, mark, &s->n_params);
    p->params = s->params;
    p->n_params = s->n_params;
    if (is_separator(p, parse_peek(p, 0))) {
        p->at++;
        return true;
    }
    parse_expected(p, "one of $ : = # and a definition");
    return false;
}

/* `~name` at the start of a line: whether a separator follows, behind an index and parameters. */
static bool at_bus_definition(const struct parser *p)
{
    uint32_t at = p->at + 1;
    const struct token *const tokens = p->lexed->tokens;

    if (tokens[at].kind == TOKEN_OPEN_LIST &&
        tokens[at].offset == tokens[p->at].offset + tokens[p->at].length) {
        while (tokens[at].kind != TOKEN_CLOSE_LIST && tokens[at].kind != TOKEN_END)
            at++;
        if (tokens[at].kind == TOKEN_CLOSE_LIST)
            at++;
    }
    while (tokens[at].kind == TOKEN_NAME)
        at++;
    return is_separator(p, &tokens[at]);
}

static bool parse_bus_definition(struct parser *p, struct statement *s)
{
    s->kind = STATEMENT_BUS;
    s->name = parse_bus_name(p);
    if (!s->name)
        return false;
    if (strncmp(s->name, "midi", 4) == 0 && strspn(s->name + 4, "0123456789:") ==
                                                strlen(s->name + 4)) {
        parse_fail(p, s->offset, "~%s is a MIDI input and can't be defined", s->name);
        return false;
    }
    return parse_parameters(p, s) && finish_value(p, s);
}

/* A bus, alone on its line or in an expression; or a definition that lacks its separator. */
static bool check_bus_expression(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0), *const next = parse_peek(p, 1);
    const uint32_t as =
        lex_defined(p->lexed, p->source->text + t->offset + 1, t->length - 1);
    const bool is_value = next->kind == TOKEN_STRING || next->kind == TOKEN_NUMBER ||
                          next->kind == TOKEN_NAME || next->kind == TOKEN_BUS;

    if (!is_value || as & DEFINED_FUNCTION_BUS ||
        lex_function(p->lexed, p->source->text + t->offset + 1, t->length - 1) != NULL)
        return true;
    p->at++;
    parse_expected(p, "one of $ : = # to define the bus");
    return false;
}

/* %name, @name: the separator is obligatory, else it is an expression. */
static bool parse_sigil_definition(struct parser *p, struct statement *s, enum statement_kind kind)
{
    const struct token *const t = parse_peek(p, 0);

    s->kind = kind;
    s->name = parse_text(p, t->offset + 1, t->length - 1);
    p->at += 2;
    return finish_value(p, s);
}

/* fn name p1 p2 = expr */
static bool parse_function(struct parser *p, struct statement *s)
{
    const struct token *const name = parse_peek(p, 1);

    s->kind = STATEMENT_FUNCTION;
    s->name = parse_text(p, name->offset, name->length);
    p->at += 2;
    return parse_parameters(p, s) && finish_value(p, s);
}

static bool parse_synthdef(struct parser *p, struct statement *s)
{
    const struct token *const name = parse_peek(p, 1);

    s->kind = STATEMENT_SYNTHDEF;
    s->name = parse_text(p, name->offset, name->length);
    p->at += 2;
    if (is_separator(p, parse_peek(p, 0)))
        p->at++;
    return finish_value(p, s);
}

/* ---- outputs --------------------------------------------------------------------------------- */

static bool starts_value(const struct parser *p, const struct token *t)
{
    switch (t->kind) {
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_NAME:
    case TOKEN_BUS:
    case TOKEN_TEMPLATE:
    case TOKEN_PATTERN:
    case TOKEN_OPEN:
    case TOKEN_OPEN_LIST:
        return true;
    default: {
        /* `out -~a` negates, `out - ~a` subtracts */
        const struct token *const next = parse_peek(p, 2);
        return t->kind == TOKEN_ADD && t->op == AST_SUB && t->space_before &&
               next->offset == t->offset + t->length;
    }
    }
}

/* `out expr`, `o2: expr`; a name in an expression otherwise. */
static bool at_output(const struct parser *p, int64_t *number)
{
    const struct token *const t = parse_peek(p, 0), *const next = parse_peek(p, 1);

    return lex_output(p->source->text + t->offset, t->length, number) &&
           (is_separator(p, next) || starts_value(p, next));
}

/* LANGUAGE 2.3: a bare string plays. */
static void play_bare_string(struct parser *p, struct statement *s)
{
    if (s->value->kind == AST_STRING)
        s->value = parse_make_call(p, "s", s->value);
}

static bool parse_output(struct parser *p, struct statement *s)
{
    const struct token *const t = parse_peek(p, 0);

    s->kind = s->number == 0                          ? STATEMENT_OUT
              : p->source->text[t->offset + 1] == 'u' ? STATEMENT_OUTN
                                                      : STATEMENT_ON;
    p->at++;
    if (is_separator(p, parse_peek(p, 0)))
        p->at++;
    return finish_value(p, s);
}

/* ---- statements ------------------------------------------------------------------------------ */

/* `kick: s "bd"`; but `s :n 3 "bd"` is a call with a keyword. */
static bool at_bare_definition(const struct parser *p)
{
    const struct token *const t = parse_peek(p, 0), *const next = parse_peek(p, 1);

    if (next->kind == TOKEN_EQUALS)
        return true;
    if (next->kind != TOKEN_COLON)
        return false;
    const struct token *const value = parse_peek(p, 2);
    const bool is_keyword = next->space_before && value->kind == TOKEN_NAME &&
                            value->offset == next->offset + next->length;
    return !is_keyword || !lex_function(p->lexed, p->source->text + t->offset, t->length);
}

static bool parse_named(struct parser *p, struct statement *s)
{
    const struct token *const t = parse_peek(p, 0);
    const char *const word = p->source->text + t->offset;
    const char *const setting =
        lex_setting(lex_function(p->lexed, word, t->length), word, t->length);
    const bool names_something = kind_at(p, 1) == TOKEN_NAME;

    if (setting)
        return parse_setting(p, s, setting);
    if (parse_word_is(p, t, "fn") && names_something)
        return parse_function(p, s);
    if (parse_word_is(p, t, "synthdef") && names_something)
        return parse_synthdef(p, s);
    if (at_output(p, &s->number))
        return parse_output(p, s);
    s->number = 0;
    if (at_bare_definition(p)) {
        s->kind = STATEMENT_BARE;
        s->name = parse_text(p, t->offset, t->length);
        p->at += 2;
        return finish_value(p, s);
    }
    return finish_value(p, s);
}

static bool parse_statement(struct parser *p, struct statement *s)
{
    const struct token *const t = parse_peek(p, 0);
    const bool separated = is_separator(p, parse_peek(p, 1));

    *s = (struct statement){.kind = STATEMENT_OUT, .offset = t->offset};
    p->failed = false;
    p->nesting = p->n_conditions = p->n_params = p->n_scratch = 0;
    if (t->kind == TOKEN_NAME)
        return parse_named(p, s);
    if (t->kind == TOKEN_BUS && at_bus_definition(p))
        return parse_bus_definition(p, s);
    if (t->kind == TOKEN_PATTERN && separated)
        return parse_sigil_definition(p, s, STATEMENT_PATTERN);
    if (t->kind == TOKEN_TEMPLATE && separated)
        return parse_sigil_definition(p, s, STATEMENT_TEMPLATE);
    if (t->kind == TOKEN_BUS && !check_bus_expression(p))
        return false;
    if (!finish_value(p, s))
        return false;
    play_bare_string(p, s);
    return true;
}

static void keep(struct reader *r, const struct statement *s)
{
    if (r->n_statements == r->space) {
        r->space = r->space ? r->space * 2 : 64;
        r->statements = realloc(r->statements, r->space * sizeof *r->statements);
        if (!r->statements)
            abort(); /* as the arena: nothing can be compiled without memory */
    }
    r->statements[r->n_statements++] = *s;
}

static uint32_t read_statement(struct reader *r, uint32_t index);

static bool is_loop(const struct parser *p, uint32_t index)
{
    const struct token *const t = &p->lexed->tokens[p->lexed->statements[index].first];

    return parse_word_is(p, t, "for") && t[1].kind == TOKEN_NAME && parse_word_is(p, t + 2, "in");
}

/* `for i in A..B:`; the cursor is on `for`. */
static bool parse_loop_header(struct parser *p, struct loop_variable *variable, int64_t *last)
{
    const struct token *const name = parse_peek(p, 1);
    int64_t *const bounds[] = {&variable->value, last};

    p->failed = false;
    p->nesting = p->n_conditions = p->n_params = p->n_scratch = 0;
    variable->name = parse_text(p, name->offset, name->length);
    p->at += 3;
    for (int i = 0; i < 2; i++) {
        const uint32_t offset = parse_peek(p, 0)->offset;
        const struct ast *const bound = parse_sum(p);
        struct ph_ratio value;
        if (!bound)
            return false;
        if (!parse_constant(bound, &value) || value.den != 1) {
            parse_fail(p, offset, "a loop runs between two whole numbers");
            return false;
        }
        *bounds[i] = value.num;
        if (kind_at(p, 0) != (i == 0 ? TOKEN_RANGE : TOKEN_COLON)) {
            parse_expected(p, i == 0 ? "'..'" : "':'");
            return false;
        }
        p->at++;
    }
    if (kind_at(p, 0) != TOKEN_END) {
        parse_expected(p, "the end of the line");
        return false;
    }
    return true;
}

/* Reads the body once for each value; stops at the first round that has an error. */
static void run_loop(struct reader *r, struct loop_variable variable, int64_t last, uint32_t body,
                     uint32_t end)
{
    struct parser *const p = &r->p;
    const struct lexed_statement *const s = p->lexed->statements;
    const uint32_t n_errors = p->diag->n_errors;

    p->loops[p->n_loops++] = variable;
    struct loop_variable *const own = &p->loops[p->n_loops - 1];
    for (; own->value <= last && p->diag->n_errors == n_errors; own->value++) {
        r->n_loop_tokens += s[end - 1].end - s[body].first;
        if (r->n_loop_tokens > LOOP_TOKENS_MAX) {
            diag_error(p->diag, p->lexed->tokens[s[body].first].offset,
                       "the loops of this program repeat too much");
            break;
        }
        for (uint32_t i = body; i < end;)
            i = read_statement(r, i);
    }
    p->n_loops--;
}

static uint32_t read_loop(struct reader *r, uint32_t index)
{
    struct parser *const p = &r->p;
    const struct lexed_statement *const s = p->lexed->statements;
    struct loop_variable variable;
    uint32_t end = index + 1;
    int64_t last;

    while (end < p->lexed->n_statements && s[end].column > s[index].column)
        end++;
    if (s[index].bad)
        return end;
    p->at = s[index].first;
    const uint32_t offset = parse_peek(p, 0)->offset;
    if (!parse_loop_header(p, &variable, &last))
        return end;
    if (end == index + 1)
        diag_error(p->diag, offset, "the loop has no body: lines below it, indented deeper");
    else if (p->n_loops == PARSE_LOOPS_MAX)
        diag_error(p->diag, offset, "loops are nested more than %d deep", PARSE_LOOPS_MAX);
    else
        run_loop(r, variable, last, index + 1, end);
    return end;
}

/* Reads one statement, or a loop with its body; returns the index of the next one. */
static uint32_t read_statement(struct reader *r, uint32_t index)
{
    struct statement s;

    if (is_loop(&r->p, index))
        return read_loop(r, index);
    if (r->p.lexed->statements[index].bad)
        return index + 1;
    r->p.at = r->p.lexed->statements[index].first;
    if (parse_statement(&r->p, &s))
        keep(r, &s);
    return index + 1;
}

static uint32_t read_outermost(struct reader *r, uint32_t index)
{
    const struct lexed *const x = r->p.lexed;
    const uint32_t n_before = r->n_statements, next = read_statement(r, index);

    for (uint32_t i = n_before; i < r->n_statements; i++) {
        r->statements[i].begin = x->tokens[x->statements[index].first].offset;
        r->statements[i].end = x->tokens[x->statements[next - 1].end].offset;
    }
    return next;
}

/* ---- what is lost to errors ------------------------------------------------------------------ */

static const char *pass_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static const char *pass_name(const char *at, const char *end)
{
    while (at < end && (*at == '_' || (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                        (*at >= 'A' && *at <= 'Z')))
        at++;
    return at;
}

/* The name that a line may define; NULL: none. */
static const char *defined_by_line(struct parser *p, const char *at, const char *end)
{
    at = pass_blanks(at, end);
    const bool has_sigil = at < end && (*at == '~' || *at == '%' || *at == '@');
    const char *begin = at + has_sigil, *stop = pass_name(begin, end);
    const size_t length = (size_t)(stop - begin);

    if (!has_sigil && ((length == 2 && memcmp(begin, "fn", 2) == 0) ||
                       (length == 8 && memcmp(begin, "synthdef", 8) == 0))) {
        begin = pass_blanks(stop, end);
        stop = pass_name(begin, end);
    } else if (!has_sigil) {
        const char *const next = pass_blanks(stop, end);
        if (next == end || (*next != ':' && *next != '='))
            return NULL;
    }
    return stop > begin ? arena_text(p->arena, begin, (size_t)(stop - begin)) : NULL;
}

/*
 * After an error every name that some line defines counts as lost, unless it is defined: a
 * statement that can't be read, or the text behind a missing quote, must not make errors of all
 * that refers to it.
 */
static void find_lost(struct parser *p)
{
    const char *at = p->source->text, *const end = at + p->source->length;
    const uint32_t mark = p->n_scratch = 0;

    while (at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline ? newline : end;
        const char *const name = defined_by_line(p, at, stop);
        if (name)
            parse_push(p, (void *)(uintptr_t)name);
        at = stop + 1;
    }
    uint32_t n;
    const char **const names = (const char **)parse_take(p, mark, &n);
    diag_lose(p->diag, p->arena, names, n);
}

struct program_ast parse_program(const struct source *source, struct arena *arena,
                                 struct diag *diag)
{
    struct lexed lexed;
    struct reader r = {0};
    struct program_ast program = {0};
    const uint32_t n_errors = diag->n_errors;

    lex_program(&lexed, source, diag);
    parser_init(&r.p, &lexed, arena, diag);
    for (uint32_t i = 0; i < lexed.n_statements;)
        i = read_outermost(&r, i);
    if (r.n_statements > 0) {
        program.n_statements = r.n_statements;
        program.statements = arena_alloc(arena, r.n_statements * sizeof *program.statements);
        memcpy(program.statements, r.statements, r.n_statements * sizeof *program.statements);
    }
    if (diag->n_errors > n_errors)
        find_lost(&r.p);
    free(r.statements);
    parser_finish(&r.p);
    lex_finish(&lexed);
    return program;
}

struct ast *parse_expression(const struct source *source, struct arena *arena, struct diag *diag)
{
    struct lexed lexed;
    struct parser p;
    struct ast *value = NULL;

    lex_program(&lexed, source, diag);
    parser_init(&p, &lexed, arena, diag);
    if (lexed.n_statements == 0) {
        if (diag->n_errors == 0)
            diag_error(diag, 0, "there is no expression");
    } else if (!lexed.statements[0].bad) {
        struct statement s = {0};
        if (finish_value(&p, &s))
            value = s.value;
        if (value && lexed.n_statements > 1) {
            diag_error(diag, lexed.tokens[lexed.statements[1].first].offset,
                       "one expression is wanted; a second one starts here");
            value = NULL;
        }
    }
    parser_finish(&p);
    lex_finish(&lexed);
    return value;
}
