/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/phonon_query.c - phonon-query: what a pattern does, drawn, as text, as JSON, by batch.  */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/query.h"
#include "client/query_roll.h"

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };
enum { COLUMNS_LEAST = 40, COLUMNS_MOST = 1000, COLUMNS_DEFAULT = 80 };

struct query_options {
    const char *expression; /* "-": standard input */
    const char *type, *svg, *code;
    long first_cycle, n_cycles; /* 0 cycles: as many as suit the form */
    bool tidal, text, json, batch, list, ascii, help;
};

/* ---- options --------------------------------------------------------------------------------- */

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_CYCLES, OPTION_FROM };

struct option {
    const char *letter, *word;
    enum option_kind kind;
    size_t offset;
    const char *argument, *help;
};

#define AT(field) offsetof(struct query_options, field)
static const struct option option_table[] = {
    { "", "--cycles", OPTION_CYCLES, AT(n_cycles), "N", "how many cycles (drawn: 4, listed: 1)" },
    { "", "--from", OPTION_FROM, AT(first_cycle), "C", "first cycle (0)" },
    { "", "--tidal", OPTION_FLAG, AT(tidal), "", "the expression is TidalCycles' own dialect" },
    { "", "--type", OPTION_TEXT, AT(type), "TYPE", "what its events are; without it what fits" },
    { "", "--ascii", OPTION_FLAG, AT(ascii), "", "draw without colours and box characters" },
    { "", "--svg", OPTION_TEXT, AT(svg), "FILE", "draw into an SVG file, - for standard output" },
    { "", "--text", OPTION_FLAG, AT(text), "", "list the events, one a line, with exact times" },
    { "", "--json", OPTION_FLAG, AT(json), "", "the same, one JSON object a line" },
    { "", "--code", OPTION_TEXT, AT(code), "FILE", "write its pattern code instead" },
    { "", "--batch", OPTION_FLAG, AT(batch), "", "answer the lines of standard input, see below" },
    { "", "--list", OPTION_FLAG, AT(list), "", "list all functions of the dialect" },
    { "-h", "--help", OPTION_FLAG, AT(help), "", "this text" },
};
#undef AT
enum { N_OPTIONS = sizeof option_table / sizeof option_table[0] };

static void print_help(FILE *to)
{
    fputs("usage: phonon-query [options] EXPRESSION | -\n"
          "       phonon-query [--tidal] --batch < LINES\n"
          "       phonon-query [--tidal] --list\n\n", to);
    for (uint32_t i = 0; i < N_OPTIONS; i++) {
        const struct option *const o = &option_table[i];
        fprintf(to, "  %2s %-9s %-5s %s\n", o->letter, o->word, o->argument, o->help);
    }
    fputs("\nTYPE is string, note, double, int, rational, bool, char or controls.\n\n"
          "--batch reads lines of CYCLES, EXPRESSION, and perhaps TYPE, and perhaps BEGIN and END,\n"
          "with tabs between. It answers each with one line of JSON: a list of\n"
          "[whole begin, whole end, part begin, part end, value], of each cycle by itself, or of the\n"
          "span from BEGIN to END at once; or {\"error\": \"parse\" or \"runtime\", \"message\": ...}.\n\n"
          "examples:\n"
          "  phonon-query 's \"bd*2 sn(3,8)\" $ every 3 rev'\n"
          "  phonon-query --text --cycles 3 'every 3 rev \"a b c\"'\n"
          "  phonon-query --tidal 'every 2 (0.25 ~>) $ n \"c e g\" # sound \"superpiano\"'\n\n"
          "exit status: 0 shown, 1 the expression is wrong or plays too much, 2 usage\n", to);
}

static bool parse_long(const char *text, long low, long high, long *out)
{
    char *end;

    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == 0 && *out >= low && *out <= high;
}

static bool take_value(const struct option *option, const char *text, struct query_options *o)
{
    void *const field = (char *)o + option->offset;

    switch (option->kind) {
    case OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case OPTION_CYCLES:
        return parse_long(text, 1, QUERY_CYCLES_MAX, field);
    case OPTION_FROM:
        return parse_long(text, -1000000000, 1000000000, field);
    default:
        return false;
    }
}

static const struct option *find_option(const char *text)
{
    for (uint32_t i = 0; i < N_OPTIONS; i++)
        if (strcmp(option_table[i].word, text) == 0 ||
            (option_table[i].letter[0] && strcmp(option_table[i].letter, text) == 0))
            return &option_table[i];
    return NULL;
}

static bool usage_error(const char *text, const char *what)
{
    fprintf(stderr, "phonon-query: %s%s\n", text, what);
    return false;
}

static bool parse_option(const struct option *option, const char *value, struct query_options *o)
{
    if (option->kind == OPTION_FLAG)
        *(bool *)((char *)o + option->offset) = true;
    else if (!value || !take_value(option, value, o))
        return usage_error(option->word,
                           option->kind == OPTION_TEXT     ? " takes a word"
                           : option->kind == OPTION_CYCLES ? " takes a number from 1 to 10000"
                                                           : " takes the number of a cycle");
    return true;
}

static bool check_options(const struct query_options *o)
{
    if (o->help)
        return true;
    if (o->type && query_type(o->type, strlen(o->type)) == QUERY_TYPE_ANY)
        return usage_error("no such type: ", o->type);
    if (o->type && (!o->tidal || o->batch))
        return usage_error("--type goes with --tidal and one expression", "");
    if (o->json + o->text + o->batch + o->list + (o->svg != NULL) + (o->code != NULL) > 1)
        return usage_error("only one of --text, --json, --svg, --code, --batch and --list", "");
    if ((o->batch || o->list) && o->expression)
        return usage_error("--batch and --list take no expression", "");
    if (!o->batch && !o->list && !o->expression)
        return usage_error("no expression", "");
    return true;
}

/* An expression may begin with a minus sign, so only what is no option's form is one. */
static bool parse_options(int argc, char **argv, struct query_options *o)
{
    *o = (struct query_options){ 0 };
    for (int i = 1; i < argc; i++) {
        const struct option *const option = find_option(argv[i]);
        if (option && !parse_option(option, i + 1 < argc ? argv[i + 1] : NULL, o))
            return false;
        if (option) {
            i += option->kind != OPTION_FLAG;
            continue;
        }
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] >= 'a' && argv[i][2] <= 'z')
            return usage_error("unknown option ", argv[i]);
        if (o->expression)
            return usage_error("one expression at a time, not also ", argv[i]);
        o->expression = argv[i];
    }
    return check_options(o);
}

/* ---- one expression -------------------------------------------------------------------------- */

static int list_events(struct pat *pat, const struct query_options *o)
{
    const long n_cycles = o->n_cycles ? o->n_cycles : 1;

    for (long c = o->first_cycle; c < o->first_cycle + n_cycles; c++) {
        const struct pat_hap *haps;
        uint32_t n;
        const ph_status status = pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1),
                                           &pat_limits_default, &haps, &n);
        if (status != PH_OK) {
            fprintf(stderr, "phonon-query: cycle %ld: %s\n", c, ph_status_text(status));
            return EXIT_WRONG;
        }
        for (uint32_t i = 0; i < n; i++)
            o->json ? query_print_json(&haps[i], stdout) : query_print_text(&haps[i], stdout);
    }
    return 0;
}

/** Width of the page: what COLUMNS says, else the terminal. */
static uint32_t page_columns(void)
{
    const char *const told = getenv("COLUMNS");
    struct winsize size;
    long columns;

    if (told && parse_long(told, COLUMNS_LEAST, COLUMNS_MOST, &columns))
        return (uint32_t)columns;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_LEAST  ? COLUMNS_LEAST
           : size.ws_col > COLUMNS_MOST ? COLUMNS_MOST
                                        : size.ws_col;
}

/* https://no-color.org: set and not empty. */
static bool is_plain_page(const struct query_options *o)
{
    const char *const no_color = getenv("NO_COLOR"), *const term = getenv("TERM");

    if (o->ascii || !isatty(STDOUT_FILENO) || (no_color && *no_color))
        return true;
    if (!term || strcmp(term, "dumb") == 0)
        return true;
    setlocale(LC_CTYPE, ""); /* of all of the locale only this: numbers keep their points */
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/** @return the exit status */
static int close_output(FILE *to, const char *path)
{
    const bool good = to && !ferror(to) && (to == stdout ? fflush(to) : fclose(to)) == 0;

    if (!good)
        fprintf(stderr, "phonon-query: can't write %s: %s\n", path, strerror(errno));
    return good ? 0 : EXIT_WRONG;
}

static FILE *open_output(const char *path)
{
    return strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
}

static int write_svg(const struct roll *roll, const char *path)
{
    FILE *const to = open_output(path);

    if (to)
        roll_write_svg(roll, to);
    return close_output(to, path);
}

static int write_code(const struct ph_pattern_code *code, const char *path)
{
    struct ph_writer w = { 0 };
    int result = EXIT_WRONG;
    const ph_status status = ph_pattern_code_encode(code, &w);

    if (status == PH_OK) {
        FILE *const to = open_output(path);
        if (to)
            fwrite(w.data, 1, w.size, to);
        result = close_output(to, path);
    } else {
        fprintf(stderr, "phonon-query: %s\n", ph_status_text(status));
    }
    ph_writer_finish(&w);
    return result;
}

static int draw(const struct query_pattern *pattern, const struct query_options *o)
{
    enum { CYCLES_DRAWN = 4 };
    const long n_cycles = o->n_cycles ? o->n_cycles : CYCLES_DRAWN;
    struct roll roll;
    long failed = 0;
    int result = EXIT_WRONG;

    const ph_status status = roll_init(&roll, pattern->pat, o->first_cycle, n_cycles,
                                       pattern->notes_are_pitches, &failed);
    if (status != PH_OK)
        fprintf(stderr, "phonon-query: cycle %ld: %s\n", failed, ph_status_text(status));
    else if (o->svg)
        result = write_svg(&roll, o->svg);
    else
        result = (roll_draw(&roll, page_columns(), is_plain_page(o), stdout), 0);
    roll_finish(&roll);
    return result;
}

static int show(const struct query_pattern *pattern, const struct query_options *o)
{
    if (o->code)
        return write_code(&pattern->code, o->code);
    return o->text || o->json ? list_events(pattern->pat, o) : draw(pattern, o);
}

static int query(const struct source *source, const struct query_options *o)
{
    const struct query_dialect dialect = {
        .tidal = o->tidal,
        .type = o->type ? query_type(o->type, strlen(o->type)) : QUERY_TYPE_ANY
    };
    struct query_pattern pattern = { 0 };
    int result = EXIT_WRONG;

    if (query_pattern_init(&pattern, source, &dialect))
        result = show(&pattern, o);
    diag_print(&pattern.diag, stderr);
    query_pattern_finish(&pattern);
    return result;
}

/* ---- main ------------------------------------------------------------------------------------ */

static int query_input(const struct query_options *o)
{
    struct source source;

    if (!source_read("-", &source)) {
        fprintf(stderr, "phonon-query: can't read standard input: %s\n", strerror(errno));
        return EXIT_WRONG;
    }
    const int result = query(&source, o);
    source_finish(&source);
    return result;
}

int main(int argc, char **argv)
{
    struct query_options o;

    if (!parse_options(argc, argv, &o)) {
        fputs("phonon-query --help tells more\n", stderr);
        return EXIT_USAGE;
    }
    if (o.help) {
        print_help(stdout);
        return 0;
    }
    if (o.list) {
        query_list(o.tidal, stdout);
        return 0;
    }
    if (o.batch) {
        query_batch(stdin, stdout, o.tidal);
        return 0;
    }
    if (strcmp(o.expression, "-") == 0)
        return query_input(&o);
    const struct source source = { .name = "query", .text = o.expression, .first_line = 1,
                                   .length = (uint32_t)strlen(o.expression) };
    return query(&source, &o);
}
