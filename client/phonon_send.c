/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/phonon_send.c - compiles a program and sends it, or sends one command.                  */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/compile.h"
#include "client/functions.h"
#include "client/send.h"
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

/* ---- the answer to a program ----------------------------------------------------------------- */

/** What /done /phonon/program tells: protocol/README.md. */
struct acknowledgement {
    int64_t revision, frame;
    double cycle, cps_before, cps_after;
    int32_t counts[4];
    struct ph_osc_args names;
};

static bool read_acknowledgement(const struct ph_osc_message *m, struct acknowledgement *a)
{
    struct ph_osc_args args = ph_osc_args(m);
    const char *command;
    int32_t request;
    if (!ph_osc_next_text(&args, &command) || !ph_osc_next_int(&args, &request) ||
        !ph_osc_next_long(&args, &a->revision))
        return false;
    a->cycle = ph_osc_next(&args).f;
    if (!ph_osc_next_long(&args, &a->frame))
        return false;
    a->cps_before = ph_osc_next(&args).f;
    a->cps_after = ph_osc_next(&args).f;
    for (uint32_t i = 0; i < 4; i++)
        if (!ph_osc_next_int(&args, &a->counts[i]))
            return false;
    a->names = args;
    return true;
}

static const char marks[] = "=*+-";
static const char *const mark_names[] = { "kept", "changed", "added", "removed" };

static void print_acknowledgement(const struct acknowledgement *a, bool verbose)
{
    printf("cycle %.3f: %d kept, %d changed, %d added, %d removed", a->cycle, a->counts[0],
           a->counts[1], a->counts[2], a->counts[3]);
    if (a->cps_before != a->cps_after)
        printf(", tempo %g to %g cps", a->cps_before, a->cps_after);
    putchar('\n');
    if (verbose)
        printf("  revision %016llx, frame %lld, %g cps\n", (unsigned long long)a->revision,
               (long long)a->frame, a->cps_after);
    struct ph_osc_args names = a->names;
    const char *name;
    while (ph_osc_next_text(&names, &name)) {
        const char *const mark = strchr(marks, name[0]);
        if (name[0] == '!')
            fprintf(stderr, "phonon-send: warning: %s\n", name + 1);
        else if (verbose && mark && *mark)
            printf("  %-8s %s\n", mark_names[mark - marks], name + 1);
    }
}

static void print_json(json_t *object)
{
    char *const text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (text)
        puts(text);
    free(text);
    json_decref(object);
}

static void print_acknowledgement_json(const struct acknowledgement *a)
{
    json_t *const o = json_object();
    char revision[20];
    snprintf(revision, sizeof revision, "%016llx", (unsigned long long)a->revision);
    json_object_set_new(o, "revision", json_string(revision));
    json_object_set_new(o, "cycle", json_real(a->cycle));
    json_object_set_new(o, "frame", json_integer(a->frame));
    json_object_set_new(o, "cps_before", json_real(a->cps_before));
    json_object_set_new(o, "cps_after", json_real(a->cps_after));
    for (uint32_t i = 0; i < 4; i++)
        json_object_set_new(o, mark_names[i], json_array());
    json_object_set_new(o, "warnings", json_array());
    struct ph_osc_args names = a->names;
    const char *name;
    while (ph_osc_next_text(&names, &name)) {
        const char *const mark = strchr(marks, name[0]);
        const char *const key = name[0] == '!' ? "warnings" : mark && *mark ? mark_names[mark - marks]
                                                                           : NULL;
        if (key)
            json_array_append_new(json_object_get(o, key), json_string(name + 1));
    }
    print_json(o);
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
        else if (!read_acknowledgement(&answer.message, &a))
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

static void pause_ms(long milliseconds)
{
    const struct timespec t = { .tv_sec = milliseconds / 1000,
                                .tv_nsec = milliseconds % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

/** Sends now and after every change of the file, until interrupted. Editors replace files: stat each time. */
static enum send_result watch_file(const struct options *o)
{
    struct timespec last = { 0 };
    enum send_result result = SEND_OK;
    for (;; pause_ms(50)) {
        struct stat now;
        if (stat(o->word, &now) != 0)
            continue;
        if (now.st_mtim.tv_sec == last.tv_sec && now.st_mtim.tv_nsec == last.tv_nsec)
            continue;
        last = now.st_mtim;
        result = send_file(o);
        fflush(stdout);
        if (result == SEND_NO_DAEMON)
            return result;
    }
}

/* ---- status ---------------------------------------------------------------------------------- */

/** Name and value of every counter, as one JSON object. */
static json_t *status_object(const struct ph_osc_message *m)
{
    json_t *const o = json_object();
    struct ph_osc_args args = ph_osc_args(m);
    const char *name;
    ph_osc_next(&args);
    while (ph_osc_next_text(&args, &name)) {
        const struct ph_osc_arg value = ph_osc_next(&args);
        json_object_set_new(o, name, value.tag == 's'                      ? json_string(value.text)
                                     : value.tag == 'i' || value.tag == 'h' ? json_integer(value.i)
                                                                            : json_real(value.f));
    }
    return o;
}

static double number_of(const json_t *o, const char *name)
{
    return json_number_value(json_object_get(o, name));
}

static void print_status(const json_t *o)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)o, name, value) {
        if (json_is_string(value))
            printf("%-22s %s\n", name, json_string_value(value));
        else if (json_is_integer(value))
            printf("%-22s %lld\n", name, (long long)json_integer_value(value));
        else
            printf("%-22s %.6g\n", name, json_number_value(value));
    }
}

static void print_line(const json_t *o)
{
    enum { METER = 12 };
    char meter[METER + 1];
    const double peak = fmax(number_of(o, "peak_left"), number_of(o, "peak_right"));
    const double db = peak > 1e-6 ? 20 * log10(peak) : -120;
    for (int i = 0; i < METER; i++) /* 4 dB a step up to full scale */
        meter[i] = db > -4.0 * (METER - i) ? '#' : '.';
    meter[METER] = 0;
    printf("\rcycle %8.2f  cps %.3f  [%s] %5.1f dB  voices %3.0f  load %.1f/%.1f %%  xruns %.0f  late %.0f  "
           "ring %.0f %% ",
           number_of(o, "cycle"), number_of(o, "cps"), meter, db, number_of(o, "voices"),
           100 * number_of(o, "load_mean"), 100 * number_of(o, "load_worst"), number_of(o, "xruns"),
           number_of(o, "late"),
           100 * fmax(number_of(o, "command_ring_fill"), number_of(o, "seq_ring_fill")));
    fflush(stdout);
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

static enum send_result status_once(const struct options *o, void (*print)(const json_t *))
{
    struct send_answer answer;
    const enum send_result result = send_command(&o->target, "/phonon/status", &answer);
    if (result != SEND_OK) {
        fprintf(stderr, "%sphonon-send: %s\n", o->live ? "\n" : "", answer.error);
    } else {
        json_t *const object = status_object(&answer.message);
        if (o->json)
            print_json(json_incref(object));
        else
            print(object);
        json_decref(object);
    }
    send_answer_finish(&answer);
    return result;
}

static enum send_result status_live(const struct options *o)
{
    const struct sigaction action = { .sa_handler = on_interrupt };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum send_result result = SEND_OK;
    while (!interrupted && result == SEND_OK) {
        result = status_once(o, print_line);
        clock_gettime(CLOCK_MONOTONIC, &now);
        const double spent = (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
        if (o->seconds > 0 && spent >= o->seconds)
            break;
        pause_ms(100);
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
        return (int)(o.live ? status_live(&o) : status_once(&o, print_status));
    else
        return (int)(o.watch ? watch_file(&o) : send_file(&o));
    return SEND_OK;
}
