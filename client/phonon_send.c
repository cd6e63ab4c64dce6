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
#include "client/functions.h"
#include "client/print.h"
#include "client/send.h"
#include "client/watch.h"
#include "protocol/addresses.h"

struct options {
    struct send_target target;
    const char *word; /* file, "-", or one of the commands */
    const char *name; /* how messages call standard input */
    uint32_t line;
    double seconds;   /* --live: how long; 0: until interrupted */
    bool check, verbose, json, watch, live, functions, tidal, help;
};

/* ---- options --------------------------------------------------------------------------------- */

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_PORT, OPTION_LINE, OPTION_SECONDS };

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
    { "", "--name", OPTION_TEXT, AT(name), "NAME", "what messages call standard input" },
    { "", "--tidal", OPTION_FLAG, AT(tidal), "", "the file is TidalCycles code, as *.tidal is" },
    { "", "--line", OPTION_LINE, AT(line), "N", "number of its first line" },
    { "-v", "--verbose", OPTION_FLAG, AT(verbose), "", "tell what was kept, changed, added and removed" },
    { "", "--json", OPTION_FLAG, AT(json), "", "answer and status as JSON" },
    { "", "--watch", OPTION_FLAG, AT(watch), "", "send again whenever the file is saved" },
    { "", "--live", OPTION_FLAG, AT(live), "", "status: one line, kept up to date" },
    { "", "--seconds", OPTION_SECONDS, AT(seconds), "N", "end --live after that time" },
    { "", "--functions", OPTION_FLAG, AT(functions), "", "list the functions of the language" },
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

static bool parse_options(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .target = { "127.0.0.1", PH_DEFAULT_PORT }, .line = 1 };
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

static void print_functions(void)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        if (strcmp(f->name, f->canonical) == 0)
            printf("%s\n", f->name);
        else
            printf("%s (%s)\n", f->name, f->canonical);
    }
}

/* ---- programs -------------------------------------------------------------------------------- */

static int32_t new_request_id(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int32_t)(((uint64_t)t.tv_nsec >> 8 ^ (uint64_t)getpid() << 12) & 0x7fffffff);
}

static bool compile_file(const struct options *o, struct ph_program *program,
                         struct compile_commands *commands)
{
    struct source source;
    if (!source_read(o->word, &source)) {
        fprintf(stderr, "phonon-send: can't read %s: %s\n", o->word, strerror(errno));
        return false;
    }
    if (o->name)
        source.name = o->name;
    source.first_line = o->line;
    source.tidal |= o->tidal;
    struct arena *const arena = arena_new();
    struct diag diag;
    diag_init(&diag, &source);
    const bool ok = compile_program_with_commands(&source, arena, &diag, program, commands);
    diag_print(&diag, stderr);
    diag_finish(&diag);
    arena_free(arena);
    source_finish(&source);
    return ok;
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

/** `hush` and `panic` as lines of a file act on its program, so they follow it. */
static enum send_result send_commands(const struct options *o,
                                      const struct compile_commands *commands)
{
    enum send_result result = SEND_OK;
    if (commands->hush)
        result = send_word(o, "/phonon/hush");
    if (commands->panic && result == SEND_OK)
        result = send_word(o, "/phonon/panic");
    return result;
}

static enum send_result send_file(const struct options *o)
{
    struct ph_program program = { 0 };
    struct compile_commands commands = { .serial = (uint32_t)new_request_id() };
    if (!compile_file(o, &program, &commands)) {
        ph_program_finish(&program);
        return SEND_WRONG_PROGRAM;
    }
    enum send_result result = SEND_OK;
    if (!o->check) {
        struct send_answer answer;
        struct acknowledgement a;
        program.request_id = new_request_id();
        result = send_program(&o->target, &program, &answer);
        if (result != SEND_OK)
            fprintf(stderr, "phonon-send: %s\n", answer.error);
        else if (!print_read_acknowledgement(&answer.message, &a))
            fprintf(stderr, "phonon-send: the answer can't be read\n");
        else if (o->json)
            print_acknowledgement_json(&a);
        else
            print_acknowledgement(&a, o->verbose);
        send_answer_finish(&answer);
        if (result == SEND_OK)
            result = send_commands(o, &commands);
    }
    ph_program_finish(&program);
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

/** Sends now and whenever the file has been saved, until interrupted. What is wrong is told, no more. */
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
    do {
        send_file(o);
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
        const double spent = (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
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
        print_functions();
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
