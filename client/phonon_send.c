/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/phonon_send.c - compiles a program and sends it, or sends one command.                  */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/compile.h"
#include "client/fragment.h"
#include "client/functions.h"
#include "client/graph.h"
#include "client/print.h"
#include "client/reference.h"
#include "client/send.h"
#include "client/watch.h"
#include "protocol/addresses.h"

struct options {
    struct send_target target;
    const char *word; /* file, "-", or one of the commands */
    const char *name; /* how messages call standard input */
    const char *graph; /* "text" or "dot": print, send nothing */
    uint32_t line;    /* 0: not said */
    double seconds;   /* --live: how long; 0: until interrupted */
    bool check, verbose, json, watch, whole, live, functions, markdown, tidal, help;
};

/* ---- options --------------------------------------------------------------------------------- */

enum option_kind {
    OPTION_FLAG,
    OPTION_WORD, /* --graph or --graph=dot */
    OPTION_TEXT,
    OPTION_PORT,
    OPTION_LINE,
    OPTION_SECONDS
};

struct option {
    const char *letter, *word;
    enum option_kind kind;
    size_t offset;
    const char *argument, *help;
};

#define AT(field) offsetof(struct options, field)
static const struct option option_table[] = {
    { "", "--host", OPTION_TEXT, AT(target.host), "HOST", "where phonond runs (127.0.0.1)" },
    { "-p", "--port", OPTION_PORT, AT(target.port), "PORT", "its port (57110)" },
    { "", "--check", OPTION_FLAG, AT(check), "", "only compile" },
    { "", "--name", OPTION_TEXT, AT(name), "NAME", "- is a part of this file" },
    { "", "--tidal", OPTION_FLAG, AT(tidal), "", "the file is TidalCycles code, as *.tidal is" },
    { "", "--line", OPTION_LINE, AT(line), "N", "its first line's number: it replaces what it defines" },
    { "", "--whole", OPTION_FLAG, AT(whole), "", "- is all of the file --name: it replaces the program" },
    { "-v", "--verbose", OPTION_FLAG, AT(verbose), "", "tell what was kept, changed, added and removed" },
    { "", "--json", OPTION_FLAG, AT(json), "", "answer and status as JSON" },
    { "", "--watch", OPTION_FLAG, AT(watch), "", "send again whenever the file is saved" },
    { "", "--live", OPTION_FLAG, AT(live), "", "status: one line, kept up to date" },
    { "", "--seconds", OPTION_SECONDS, AT(seconds), "N", "end --live after that time" },
    { "", "--functions", OPTION_FLAG, AT(functions), "", "list functions, or tell of one: --functions lpf" },
    { "", "--markdown", OPTION_FLAG, AT(markdown), "", "the list as docs/functions.md" },
    { "", "--graph", OPTION_WORD, AT(graph), "[=dot]", "print what the file is compiled to; for Graphviz" },
    { "-h", "--help", OPTION_FLAG, AT(help), "", "this text" },
};
#undef AT
enum { N_OPTIONS = sizeof option_table / sizeof option_table[0] };

static void print_help(FILE *to)
{
    fputs("usage: phonon-send [options] FILE | - | hush | panic | status\n\n", to);
    for (uint32_t i = 0; i < N_OPTIONS; i++) {
        const struct option *const o = &option_table[i];
        fprintf(to, "  %2s %-12s %-8s %s\n", o->letter, o->word, o->argument, o->help);
    }
    fputs("\nexit status: 0 applied, 1 the program is wrong, 2 usage, 3 no daemon, 4 refused, "
          "5 no answer in time\n", to);
}

static bool take_value(const struct option *option, const char *text, struct options *o)
{
    void *const field = (char *)o + option->offset;
    char *end;
    errno = 0;
    if (option->kind == OPTION_TEXT) {
        *(const char **)field = text;
        return true;
    }
    const double number = strtod(text, &end);
    if (errno || end == text || *end || number < 0)
        return false;
    if (option->kind == OPTION_SECONDS) {
        *(double *)field = number;
        return true;
    }
    if (option->kind == OPTION_PORT && number >= 1 && number <= 65535) {
        *(uint16_t *)field = (uint16_t)number;
        return true;
    }
    if (option->kind == OPTION_LINE && number >= 1 && number < 1e9) {
        *(uint32_t *)field = (uint32_t)number;
        return true;
    }
    return false;
}

static const struct option *find_option(const char *text)
{
    for (uint32_t i = 0; i < N_OPTIONS; i++)
        if (strcmp(option_table[i].word, text) == 0 ||
            (option_table[i].letter[0] && strcmp(option_table[i].letter, text) == 0))
            return &option_table[i];
    return NULL;
}

/** "text" of --graph, "dot" of --graph=dot; NULL where it is none of both. */
static const char *word_value(const char *text)
{
    if (strcmp(text, "--graph") == 0 || strcmp(text, "--graph=text") == 0)
        return "text";
    return strcmp(text, "--graph=dot") == 0 ? "dot" : NULL;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .target = { "127.0.0.1", PH_DEFAULT_PORT } };
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || strcmp(argv[i], "-") == 0) {
            if (o->word) {
                fprintf(stderr, "phonon-send: one file at a time, not '%s'\n", argv[i]);
                return false;
            }
            o->word = argv[i];
            continue;
        }
        const struct option *const option = find_option(argv[i]);
        const char *const value = word_value(argv[i]);
        if (value) {
            o->graph = value;
            continue;
        }
        if (!option) {
            fprintf(stderr, "phonon-send: unknown option '%s'\n", argv[i]);
            return false;
        }
        if (option->kind == OPTION_FLAG) {
            *(bool *)((char *)o + option->offset) = true;
        } else if (i + 1 == argc || !take_value(option, argv[i + 1], o)) {
            fprintf(stderr, "phonon-send: %s takes %s\n", option->word, option->argument);
            return false;
        } else {
            i++;
        }
    }
    return o->word || o->functions || o->help;
}

static enum send_result print_functions(const struct options *o)
{
    if (o->markdown)
        reference_markdown(stdout);
    else if (!o->word)
        reference_list(stdout);
    if (!o->word || reference_describe(o->word, stdout))
        return SEND_OK;
    const char *const near = function_nearest(o->word);
    fprintf(stderr, "phonon-send: no function is called %s%s%s%s\n", o->word,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return SEND_USAGE;
}

/* ---- programs -------------------------------------------------------------------------------- */

static int32_t new_request_id(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int32_t)(((uint64_t)t.tv_nsec >> 8 ^ (uint64_t)getpid() << 12) & 0x7fffffff);
}

static enum send_result send_word(const struct options *o, const char *address)
{
    struct send_answer answer;
    const enum send_result result = send_command(&o->target, address, &answer);
    if (result != SEND_OK)
        fprintf(stderr, "phonon-send: %s\n", answer.error);
    send_answer_finish(&answer);
    return result;
}

/** `hush`, `panic` and their like as lines of a file act on its program, so they follow it. */
static enum send_result send_commands(const struct options *o,
                                      const struct compile_commands *commands)
{
    enum send_result result = SEND_OK;
    if (commands->hush)
        result = send_word(o, "/phonon/hush");
    if (commands->unhush && result == SEND_OK)
        result = send_word(o, "/phonon/unhush");
    if (commands->unsolo && result == SEND_OK)
        result = send_word(o, "/phonon/unsolo");
    if (commands->panic && result == SEND_OK)
        result = send_word(o, "/phonon/panic");
    return result;
}

static void print_answer(const struct options *o, const struct send_answer *answer)
{
    struct acknowledgement a;
    if (!print_read_acknowledgement(&answer->message, &a))
        fprintf(stderr, "phonon-send: the answer can't be read\n");
    else if (o->json)
        print_acknowledgement_json(&a);
    else
        print_acknowledgement(&a, o->verbose);
}

/**
 * Sends what a text was compiled to, with the text.
 * @param based_on  edition that the text was merged with, 0: none
 * @param is_stale  set when another edition runs by now; nothing is told then
 */
static enum send_result send_compiled(const struct options *o, const struct source *source,
                                      struct ph_program *program, int64_t based_on, bool *is_stale)
{
    struct send_answer answer;
    program->request_id = new_request_id();
    program->based_on = based_on;
    program->source = fragment_pack(source, &program->source_size);
    const enum send_result result = send_program(&o->target, program, &answer);
    *is_stale = result == SEND_REFUSED && strcmp(answer.error, ph_status_text(PH_STALE)) == 0;
    if (result == SEND_OK)
        print_answer(o, &answer);
    else if (!*is_stale)
        fprintf(stderr, "phonon-send: %s\n", answer.error);
    send_answer_finish(&answer);
    return result;
}

/** Compiles a text, tells what is wrong with it, and sends it. */
static enum send_result send_source(const struct options *o, const struct source *source,
                                    struct arena *arena, int64_t based_on, bool *is_stale)
{
    struct ph_program program = { 0 };
    struct compile_commands commands = { .serial = (uint32_t)new_request_id() };
    struct diag diag;
    enum send_result result = SEND_OK;
    *is_stale = false;
    diag_init(&diag, source);
    if (!compile_program_with_commands(source, arena, &diag, &program, &commands))
        result = SEND_WRONG_PROGRAM;
    else if (o->graph)
        (strcmp(o->graph, "dot") == 0 ? graph_dot : graph_text)(&program, stdout);
    else if (!o->check)
        result = send_compiled(o, source, &program, based_on, is_stale);
    if (!*is_stale)
        diag_print(&diag, stderr);
    if (result == SEND_OK && !o->check && !o->graph)
        result = send_commands(o, &commands);
    diag_finish(&diag);
    ph_program_finish(&program);
    return result;
}

/** Merges a fragment into what plays and sends the whole, once. */
static enum send_result merge_and_send(const struct options *o, const struct source *fragment,
                                       struct arena *arena, bool *is_stale)
{
    struct send_answer answer;
    struct source joined, merged;
    const uint8_t *text;
    int64_t edition;
    size_t size;
    *is_stale = false;
    enum send_result result = send_ask_source(&o->target, &answer, &edition, &text, &size);
    if (result == SEND_NO_DAEMON && (o->check || o->graph))
        result = SEND_OK; /* then there is nothing that it could be merged with */
    if (result == SEND_OK && !fragment_join(text, size, fragment, arena, &joined, answer.error))
        result = SEND_REFUSED;
    if (result != SEND_OK)
        fprintf(stderr, "phonon-send: %s\n", answer.error);
    send_answer_finish(&answer);
    if (result != SEND_OK)
        return result;
    struct diag diag;
    diag_init(&diag, &joined);
    const bool is_merged = fragment_merge(&joined, arena, &diag, &merged);
    if (!is_merged)
        diag_print(&diag, stderr);
    diag_finish(&diag);
    return is_merged ? send_source(o, &merged, arena, edition, is_stale) : SEND_WRONG_PROGRAM;
}

/**
 * Should another program take over between the question and the answer, everything is done again.
 */
static enum send_result send_fragment(const struct options *o, const struct source *fragment)
{
    enum { TRIES = 20 };
    enum send_result result = SEND_OK;
    bool is_stale = true;
    for (int i = 0; i < TRIES && is_stale; i++) {
        struct arena *const arena = arena_new();
        result = merge_and_send(o, fragment, arena, &is_stale);
        arena_free(arena);
    }
    if (is_stale)
        fprintf(stderr, "phonon-send: %s\n", ph_status_text(PH_STALE));
    return result;
}

static enum send_result send_whole(const struct options *o, const struct source *source)
{
    struct arena *const arena = arena_new();
    bool is_stale;
    const enum send_result result = send_source(o, source, arena, 0, &is_stale);
    arena_free(arena);
    return result;
}

/** Standard input with a place in a file is a part of that file. */
static bool is_fragment(const struct options *o)
{
    return strcmp(o->word, "-") == 0 && (o->line > 0 || o->name) && !o->whole;
}

static enum send_result send_file(const struct options *o)
{
    struct source source;
    if (!source_read(o->word, &source)) {
        fprintf(stderr, "phonon-send: can't read %s: %s\n", o->word, strerror(errno));
        return SEND_WRONG_PROGRAM;
    }
    struct source named = source;
    named.name = o->name ? o->name : source.name;
    named.first_line = o->line ? o->line : 1;
    named.tidal = source.tidal || o->tidal || (o->name && source_is_tidal(o->name));
    const enum send_result result = is_fragment(o) ? send_fragment(o, &named)
                                                   : send_whole(o, &named);
    source_finish(&source);
    return result;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* Signals that end what runs on; `*mask`: the one from before, under which they arrive. */
static void catch_interrupts(sigset_t *mask)
{
    const struct sigaction action = { .sa_handler = on_interrupt };
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, mask);
    sigdelset(mask, SIGINT);
    sigdelset(mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/**
 * Sends now and whenever the file has been saved, until
 * interrupted. What is wrong is told, no more.
 */
static enum send_result watch_file(const struct options *o)
{
    struct watch watch;
    sigset_t mask;
    if (strcmp(o->word, "-") == 0 || !watch_open(&watch, o->word)) {
        fprintf(stderr, "phonon-send: can't watch %s: %s\n", o->word,
                strcmp(o->word, "-") == 0 ? "it is no file" : strerror(errno));
        return SEND_USAGE;
    }
    catch_interrupts(&mask);
    do { /* the first and last line of each turn are what an editor waits for */
        fprintf(stderr, "phonon-send: reading %s\n", o->word);
        if (send_file(o) != SEND_OK)
            fprintf(stderr, "phonon-send: not applied: what plays goes on\n");
        fflush(stdout);
    } while (watch_wait(&watch, &mask, &interrupted));
    watch_close(&watch);
    return SEND_OK;
}

/* ---- status ---------------------------------------------------------------------------------- */

static enum send_result status_once(const struct options *o, enum print_form form)
{
    struct send_answer answer;
    const enum send_result result = send_command(&o->target, "/phonon/status", &answer);
    if (result == SEND_OK)
        print_status(&answer.message, o->json ? PRINT_JSON : form);
    else
        fprintf(stderr, "%sphonon-send: %s\n", o->live ? "\n" : "", answer.error);
    send_answer_finish(&answer);
    return result;
}

static enum send_result status_live(const struct options *o)
{
    struct timespec begin, now;
    sigset_t mask;
    catch_interrupts(&mask);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum send_result result = SEND_OK;
    while (!interrupted && result == SEND_OK) {
        result = status_once(o, PRINT_LINE);
        clock_gettime(CLOCK_MONOTONIC, &now);
        const double spent = (double)(now.tv_sec - begin.tv_sec) +
                             (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
        if (o->seconds > 0 && spent >= o->seconds)
            break;
        ppoll(NULL, 0, &(struct timespec){ .tv_nsec = 100000000 }, &mask);
    }
    putchar('\n');
    return result;
}

int main(int argc, char **argv)
{
    struct options o;
    if (!parse_options(argc, argv, &o)) {
        print_help(stderr);
        return SEND_USAGE;
    }
    if (o.help)
        print_help(stdout);
    else if (o.functions)
        return (int)print_functions(&o);
    else if (strcmp(o.word, "hush") == 0)
        return (int)send_word(&o, "/phonon/hush");
    else if (strcmp(o.word, "panic") == 0)
        return (int)send_word(&o, "/phonon/panic");
    else if (strcmp(o.word, "status") == 0)
        return (int)(o.live ? status_live(&o) : status_once(&o, PRINT_TABLE));
    else
        return (int)(o.watch ? watch_file(&o) : send_file(&o));
    return SEND_OK;
}
