/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/program.c - whole programs: decode, validate, hash.                                   */
/* room: none (pure).                                                                             */
#include "protocol/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/addresses.h"

enum { ERROR_BYTES = 256 };

/* Range of the tempo in cycles per second: LANGUAGE 2.1. Beyond it a look-ahead would hold any
 * number of cycles. */
#define SLOWEST PH_RATIO(1, 1000)
#define FASTEST PH_RATIO(50, 1)
/* Where a cycle number, and what is counted from it, surely fits. */
#define FARTHEST_CYCLE (INT64_C(1) << 40)
/* What an earlier clock overtakes sounds at once: not more than that. */
#define EARLIEST_NUDGE PH_RATIO(-1, 1)
#define LATEST_NUDGE PH_RATIO(1000, 1)

uint32_t ph_bus_port(const char *name)
{
    const size_t length = sizeof PH_BUS_PORT - 1;
    char again[sizeof PH_BUS_PORT + 8];

    if (strncmp(name, PH_BUS_PORT, length) != 0)
        return 0;
    const unsigned long port = strtoul(name + length, NULL, 10);
    if (port > PH_PORTS_MAX)
        return 0;
    snprintf(again, sizeof again, PH_BUS_PORT "%lu", port);
    return strcmp(again, name) == 0 ? (uint32_t)port : 0;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void controls_finish(struct ph_program_control *controls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        free(controls[i].control);
        free(controls[i].bus);
        free(controls[i].sample);
    }
    free(controls);
}

static void node_finish(struct ph_program_node *node)
{
    controls_finish(node->controls, node->n_controls);
    free(node->name);
    free(node->def);
    free(node->bus);
}

static void player_finish(struct ph_program_player *player)
{
    ph_pattern_code_finish(&player->code);
    free(player->name);
    free(player->node);
    free(player->control);
    free(player->gate);
    free(player->default_def);
}

void ph_program_finish(struct ph_program *p)
{
    if (!p)
        return;
    for (uint32_t i = 0; i < p->n_defs; i++) {
        free(p->defs[i].name);
        ph_synthdef_finish(&p->defs[i].def);
        controls_finish(p->defs[i].controls, p->defs[i].n_controls);
    }
    for (uint32_t i = 0; i < p->n_buses; i++)
        free(p->buses[i].name);
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        free(p->outputs[i].name);
        free(p->outputs[i].bus);
    }
    for (uint32_t i = 0; i < p->n_nodes; i++)
        node_finish(&p->nodes[i]);
    for (uint32_t i = 0; i < p->n_players; i++)
        player_finish(&p->players[i]);
    free(p->defs);
    free(p->buses);
    free(p->outputs);
    free(p->nodes);
    free(p->players);
    free(p->name);
    free(p->source);
    *p = (struct ph_program){0};
}

/* ---- decoding -------------------------------------------------------------------------------- */

/** Decoding in progress. Arrays grow by doubling: space is the next power of two of the count. */
struct decoder {
    struct ph_program *program;
    char *error;
    uint32_t n_records;
    bool begun, committed;
};

__attribute__((format(printf, 3, 4))) static ph_status refuse(char *error, ph_status status,
                                                              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, ERROR_BYTES, format, args);
    va_end(args);
    return status;
}

static ph_status bad_record(const struct decoder *d, int address)
{
    return refuse(d->error, PH_BAD_PROGRAM, "record %u %s: expected %s", d->n_records,
                  ph_addresses[address].address, ph_addresses[address].arguments);
}

/** Address of a zeroed new item behind the array's last, or NULL. */
static void *append(void *array, uint32_t *n, size_t bytes)
{
    void *items;

    memcpy(&items, array, sizeof items);
    if ((*n & (*n - 1)) == 0) { /* 0 or a power of two: the array is full */
        items = realloc(items, (*n ? 2 * (size_t)*n : 1) * bytes);
        if (!items)
            return NULL;
        memcpy(array, &items, sizeof items);
    }
    char *const item = (char *)items + *n * bytes;
    memset(item, 0, bytes);
    (*n)++;
    return item;
}

#define APPEND(d, list, n, out)                                                                    \
    do {                                                                                           \
        if ((d)->program->n >= PH_PROGRAM_RECORDS_MAX)                                             \
            return refuse((d)->error, PH_TOO_LARGE, "record %u: more than %d of its kind",         \
                          (d)->n_records, PH_PROGRAM_RECORDS_MAX);                                 \
        (out) = append(&(d)->program->list, &(d)->program->n, sizeof *(d)->program->list);         \
        if (!(out))                                                                                \
            return PH_NO_MEMORY;                                                                   \
    } while (0)

/** Next argument as a name of its own; an empty one becomes NULL when `optional`. */
static ph_status take_name(struct ph_osc_args *args, bool optional, char **out)
{
    const char *text;

    if (!ph_osc_next_text(args, &text))
        return PH_WRONG_TYPE;
    const size_t length = strlen(text);
    if (length == 0 && optional)
        return PH_OK;
    if (length == 0 || length > PH_NAME_MAX)
        return PH_OUT_OF_RANGE;
    *out = strdup(text);
    return *out ? PH_OK : PH_NO_MEMORY;
}

/** NO_MEMORY stays what it is; any other failure becomes "this record is wrong". */
static ph_status record_status(const struct decoder *d, int address, ph_status status)
{
    return status == PH_OK || status == PH_NO_MEMORY ? status : bad_record(d, address);
}

static ph_status read_begin(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program *const p = d->program;
    int64_t revision;

    if (!ph_osc_next_int(args, &p->request_id))
        return bad_record(d, PH_ADDR_BEGIN);
    const ph_status status = take_name(args, false, &p->name);
    if (status != PH_OK || !ph_osc_next_long(args, &revision))
        return record_status(d, PH_ADDR_BEGIN, status == PH_OK ? PH_WRONG_TYPE : status);
    p->revision = (uint64_t)revision;
    return PH_OK;
}

static bool is_within(struct ph_ratio x, struct ph_ratio low, struct ph_ratio high)
{
    return ph_ratio_cmp(x, low) >= 0 && ph_ratio_cmp(x, high) <= 0;
}

static ph_status read_nudge(struct ph_osc_args *args, struct ph_ratio amount,
                            struct ph_program *out)
{
    const char *unit;

    if (!ph_osc_next_text(args, &unit))
        return PH_WRONG_TYPE;
    const bool seconds = strcmp(unit, "seconds") == 0;
    if ((!seconds && strcmp(unit, "cycles") != 0) ||
        !is_within(amount, EARLIEST_NUDGE, LATEST_NUDGE))
        return PH_OUT_OF_RANGE;
    out->move = seconds ? PH_CLOCK_NUDGED_SECONDS : PH_CLOCK_NUDGED;
    out->amount = amount;
    return PH_OK;
}

ph_status ph_program_read_clock(int address, struct ph_osc_args *args, struct ph_program *out)
{
    int64_t num, den;
    bool overflow = false;

    if (!ph_osc_next_long(args, &num) || !ph_osc_next_long(args, &den))
        return PH_WRONG_TYPE;
    if (den <= 0)
        return PH_OUT_OF_RANGE;
    const struct ph_ratio ratio = ph_ratio_make(num, den, &overflow);
    if (overflow)
        return PH_OUT_OF_RANGE;
    if (address == PH_ADDR_NUDGE)
        return read_nudge(args, ratio, out);
    if (address == PH_ADDR_TEMPO) {
        out->cps = ratio;
        out->has_cps = true;
        return is_within(ratio, SLOWEST, FASTEST) ? PH_OK : PH_OUT_OF_RANGE;
    }
    out->move = PH_CLOCK_JUMPS;
    out->amount = ratio;
    return is_within(ratio, ph_ratio_of(-FARTHEST_CYCLE), ph_ratio_of(FARTHEST_CYCLE))
               ? PH_OK
               : PH_OUT_OF_RANGE;
}

static ph_status read_clock(struct decoder *d, int address, struct ph_osc_args *args)
{
    const ph_status status = ph_program_read_clock(address, args, d->program);

    /* a tempo out of range is told below, with the range */
    if (status == PH_OK || (address == PH_ADDR_TEMPO && status == PH_OUT_OF_RANGE &&
                            d->program->has_cps && d->program->cps.num > 0))
        return PH_OK;
    return bad_record(d, address);
}

static ph_status read_outmix(struct decoder *d, struct ph_osc_args *args)
{
    int32_t mode;

    if (!ph_osc_next_int(args, &mode) || mode < PH_OUTMIX_NONE || mode > PH_OUTMIX_HARD)
        return bad_record(d, PH_ADDR_OUTMIX);
    d->program->outmix = (enum ph_outmix)mode;
    return PH_OK;
}

static ph_status read_source(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program *const p = d->program;
    const uint8_t *text;
    size_t size;

    if (p->source || !ph_osc_next_long(args, &p->based_on) || p->based_on < 0 ||
        !ph_osc_next_blob(args, &text, &size))
        return bad_record(d, PH_ADDR_SOURCE);
    if (size > PH_SOURCE_BYTES_MAX)
        return refuse(d->error, PH_TOO_LARGE, "source: more than %d bytes", PH_SOURCE_BYTES_MAX);
    p->source = malloc(size ? size : 1);
    if (!p->source)
        return PH_NO_MEMORY;
    memcpy(p->source, text, size);
    p->source_size = size;
    return PH_OK;
}

static ph_status read_synthdef(const struct decoder *d, struct ph_program_def *def,
                               const uint8_t *blob, size_t size)
{
    struct ph_synthdef *defs;
    uint32_t n_defs;
    const ph_status status = ph_synthdefs_read(blob, size, &defs, &n_defs);

    if (status == PH_OK && n_defs == 1) {
        def->def = defs[0];
        free(defs);
        return PH_OK;
    }
    ph_synthdefs_free(defs, n_defs);
    return refuse(d->error, status == PH_NO_MEMORY ? status : PH_BAD_PROGRAM,
                  "definition %.100s: %s", def->name,
                  ph_status_text(status == PH_OK ? PH_BAD_DEF : status));
}

static ph_status read_control(struct ph_osc_args *args, struct ph_program_control **controls,
                              uint32_t *n)
{
    struct ph_program_control *const control = append(controls, n, sizeof **controls);

    if (!control)
        return PH_NO_MEMORY;
    ph_status status = take_name(args, false, &control->control);
    if (status != PH_OK)
        return status;
    if (ph_osc_next_float(args, &control->value))
        return PH_OK;
    char *name = NULL;
    status = take_name(args, false, &name);
    /* a bus is followed by the name of the next control */
    if (status == PH_OK && ph_osc_next_int(args, &control->index))
        control->sample = name;
    else
        control->bus = name;
    return status;
}

/** All arguments that are left. */
static ph_status read_controls(struct ph_osc_args *args, struct ph_program_control **controls,
                               uint32_t *n)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *args->tags)
        status = *n < PH_SYNTHDEF_CONTROLS_MAX ? read_control(args, controls, n) : PH_TOO_LARGE;
    return status;
}

static ph_status read_def(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_def *def;
    const uint8_t *blob, *keys;
    size_t blob_size, keys_size;
    int64_t hash;

    APPEND(d, defs, n_defs, def);
    ph_status status = take_name(args, false, &def->name);
    if (status != PH_OK)
        return record_status(d, PH_ADDR_DEF, status);
    if (!ph_osc_next_long(args, &hash) || !ph_osc_next_blob(args, &blob, &blob_size) ||
        !ph_osc_next_blob(args, &keys, &keys_size))
        return bad_record(d, PH_ADDR_DEF);
    def->hash = (uint64_t)hash;
    status = read_synthdef(d, def, blob, blob_size);
    if (status == PH_OK && ph_unit_keys_read(&def->def, keys, keys_size) != PH_OK)
        status =
            refuse(d->error, PH_BAD_PROGRAM, "definition %.100s: %zu bytes of keys for %u units",
                   def->name, keys_size, def->def.n_units);
    if (status != PH_OK)
        return status;
    return record_status(d, PH_ADDR_DEF, read_controls(args, &def->controls, &def->n_controls));
}

static ph_status read_bus(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_bus *bus;
    int32_t n_channels;

    APPEND(d, buses, n_buses, bus);
    const ph_status status = take_name(args, false, &bus->name);
    if (status != PH_OK)
        return record_status(d, PH_ADDR_BUS, status);
    if (!ph_osc_next_int(args, &n_channels) || n_channels < 1 || n_channels > 2)
        return bad_record(d, PH_ADDR_BUS);
    bus->n_channels = (uint32_t)n_channels;
    return PH_OK;
}

static ph_status read_output(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_output *output;
    int32_t port, state;

    APPEND(d, outputs, n_outputs, output);
    ph_status status = take_name(args, false, &output->name);
    if (status == PH_OK)
        status = take_name(args, false, &output->bus);
    if (status != PH_OK)
        return record_status(d, PH_ADDR_OUTPUT, status);
    if (!ph_osc_next_int(args, &port) || port < 0 || port > PH_PORTS_MAX ||
        !ph_osc_next_int(args, &state) || state < PH_OUTPUT_AS_IT_IS || state > PH_OUTPUT_SOLO)
        return bad_record(d, PH_ADDR_OUTPUT);
    output->port = (uint32_t)port;
    output->state = (enum ph_output_state)state;
    return PH_OK;
}

static ph_status read_synth(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_node *node;

    APPEND(d, nodes, n_nodes, node);
    ph_status status = take_name(args, false, &node->name);
    if (status == PH_OK)
        status = take_name(args, false, &node->def);
    if (status == PH_OK)
        status = read_controls(args, &node->controls, &node->n_controls);
    return record_status(d, PH_ADDR_SYNTH, status);
}

static ph_status read_voices(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_node *node;

    APPEND(d, nodes, n_nodes, node);
    ph_status status = take_name(args, false, &node->name);
    if (status == PH_OK)
        status = take_name(args, false, &node->bus);
    return record_status(d, PH_ADDR_VOICES, status);
}

/** The end that both kinds of players share: hash and code. */
static ph_status read_code(struct decoder *d, struct ph_osc_args *args, int address,
                           struct ph_program_player *player)
{
    const uint8_t *blob;
    size_t size;
    int64_t hash;

    if (!ph_osc_next_long(args, &hash) || !ph_osc_next_blob(args, &blob, &size))
        return bad_record(d, address);
    player->hash = (uint64_t)hash;
    const ph_status status = ph_pattern_code_decode(blob, size, &player->code);
    if (status == PH_OK || status == PH_NO_MEMORY)
        return status;
    return refuse(d->error, PH_BAD_PROGRAM, "player %.100s: %s", player->name,
                  ph_status_text(status));
}

static ph_status read_events(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_player *player;

    APPEND(d, players, n_players, player);
    player->kind = PH_PLAYER_EVENTS;
    ph_status status = take_name(args, false, &player->name);
    if (status == PH_OK)
        status = take_name(args, false, &player->node);
    if (status == PH_OK)
        status = take_name(args, true, &player->default_def);
    if (status != PH_OK)
        return record_status(d, PH_ADDR_EVENTS, status);
    return read_code(d, args, PH_ADDR_EVENTS, player);
}

static ph_status read_steps(struct decoder *d, struct ph_osc_args *args)
{
    struct ph_program_player *player;
    int32_t notes_as_hz, rest;

    APPEND(d, players, n_players, player);
    player->kind = PH_PLAYER_STEPS;
    ph_status status = take_name(args, false, &player->name);
    if (status == PH_OK)
        status = take_name(args, false, &player->node);
    if (status == PH_OK)
        status = take_name(args, false, &player->control);
    if (status == PH_OK)
        status = take_name(args, true, &player->gate);
    if (status != PH_OK)
        return record_status(d, PH_ADDR_STEPS, status);
    if (!ph_osc_next_int(args, &notes_as_hz) || !ph_osc_next_int(args, &rest) || rest < 0 ||
        rest > PH_REST_ZERO)
        return bad_record(d, PH_ADDR_STEPS);
    player->notes_as_hz = notes_as_hz != 0;
    player->rest = (enum ph_rest)rest;
    return read_code(d, args, PH_ADDR_STEPS, player);
}

static ph_status read_commit(struct decoder *d, struct ph_osc_args *args)
{
    int32_t request_id;

    if (!ph_osc_next_int(args, &request_id))
        return bad_record(d, PH_ADDR_COMMIT);
    if (request_id != d->program->request_id)
        return refuse(d->error, PH_BAD_PROGRAM, "commit of request %d in request %d", request_id,
                      d->program->request_id);
    d->committed = true;
    return PH_OK;
}

static ph_status read_record(void *context, const struct ph_osc_message *m)
{
    struct decoder *const d = context;
    const int address = m->address ? ph_address_find(m->address, -1) : -1;
    struct ph_osc_args args = ph_osc_args(m);
    ph_status status;

    if (d->begun != (address != PH_ADDR_BEGIN) || d->committed)
        return refuse(d->error, PH_BAD_PROGRAM, "record %u: not between begin and commit",
                      d->n_records);
    d->begun = true;
    switch (address) {
    case PH_ADDR_BEGIN: status = read_begin(d, &args); break;
    case PH_ADDR_TEMPO:
    case PH_ADDR_CYCLE:
    case PH_ADDR_NUDGE: status = read_clock(d, address, &args); break;
    case PH_ADDR_OUTMIX: status = read_outmix(d, &args); break;
    case PH_ADDR_SOURCE: status = read_source(d, &args); break;
    case PH_ADDR_DEF: status = read_def(d, &args); break;
    case PH_ADDR_BUS: status = read_bus(d, &args); break;
    case PH_ADDR_OUTPUT: status = read_output(d, &args); break;
    case PH_ADDR_SYNTH: status = read_synth(d, &args); break;
    case PH_ADDR_VOICES: status = read_voices(d, &args); break;
    case PH_ADDR_EVENTS: status = read_events(d, &args); break;
    case PH_ADDR_STEPS: status = read_steps(d, &args); break;
    case PH_ADDR_COMMIT: status = read_commit(d, &args); break;
    default:
        return refuse(d->error, PH_BAD_PROGRAM, "record %u %.60s: not part of a program",
                      d->n_records, m->address ? m->address : "(number)");
    }
    if (status == PH_OK && *args.tags)
        status = bad_record(d, address);
    d->n_records++;
    return status;
}

ph_status ph_program_decode(const void *packet, size_t size, struct ph_program *out, char *error)
{
    struct decoder d = {.program = out, .error = error};

    *out = (struct ph_program){0};
    error[0] = 0;
    ph_status status = size > PH_PROGRAM_BYTES_MAX ? PH_TOO_LARGE : ph_osc_check(packet, size);
    if (status == PH_OK)
        status = ph_osc_each(packet, size, read_record, &d);
    if (status == PH_OK && !d.committed)
        status = refuse(error, PH_BAD_PROGRAM, "no commit after %u records", d.n_records);
    if (status == PH_OK)
        status = ph_program_validate(out, error);
    if (status != PH_OK) {
        if (error[0] == 0)
            refuse(error, status, "%s", ph_status_text(status));
        const int32_t request_id = out->request_id;
        ph_program_finish(out);
        out->request_id = request_id; /* for the answer */
    }
    return status;
}

bool ph_program_is(const void *packet, size_t size)
{
    static const char address[] = "/phonon/begin"; /* with its terminator: 14 bytes */
    enum { FIRST_ELEMENT = 20 }; /* "#bundle", time tag, element size */

    return size >= FIRST_ELEMENT + sizeof address && memcmp(packet, "#bundle", 8) == 0 &&
           memcmp((const char *)packet + FIRST_ELEMENT, address, sizeof address) == 0;
}

/* ---- validation ------------------------------------------------------------------------------ */

/** Sorted names of one kind, for look-up in programs of thousands of records. */
struct name_row {
    const char *name;
    uint32_t index;
};

struct name_index {
    struct name_row *rows;
    uint32_t n;
};

static int compare_rows(const void *a, const void *b)
{
    const struct name_row *const x = a, *const y = b;

    return strcmp(x->name, y->name);
}

/**
 * Sorted names of `n` items that are `bytes` apart; `first` is the address of the first one's name.
 */
static ph_status sort_names(struct name_index *index, const void *first, uint32_t n, size_t bytes)
{
    index->rows = calloc((size_t)n + 1, sizeof *index->rows);
    if (!index->rows)
        return PH_NO_MEMORY;
    index->n = n;
    for (uint32_t i = 0; i < n; i++) {
        char *name;
        memcpy(&name, (const char *)first + i * bytes, sizeof name);
        index->rows[i] = (struct name_row){name ? name : "", i};
    }
    qsort(index->rows, n, sizeof *index->rows, compare_rows);
    return PH_OK;
}

/** As sort_names(), for names that have to be there, within their limit and each once. */
static ph_status index_names(struct name_index *index, const void *first, uint32_t n, size_t bytes,
                             const char *what, char *error)
{
    const ph_status status = sort_names(index, first, n, bytes);

    for (uint32_t i = 0; status == PH_OK && i < n; i++) {
        const struct name_row *const row = &index->rows[i];
        if (row->name[0] == 0 || strlen(row->name) > PH_NAME_MAX)
            return refuse(error, PH_BAD_PROGRAM, "%s %u: name", what, row->index);
        if (i > 0 && strcmp(row[-1].name, row->name) == 0)
            return refuse(error, PH_BAD_PROGRAM, "two of %s %.100s", what, row->name);
    }
    return status;
}

static int64_t find(const struct name_index *index, const char *name)
{
    const struct name_row key = {name, 0};
    const struct name_row *const row =
        name ? bsearch(&key, index->rows, index->n, sizeof key, compare_rows) : NULL;

    return row ? (int64_t)row->index : -1;
}

struct name_indices {
    struct name_index defs, buses, outputs, nodes, players;
    struct name_index *controls; /* of each definition */
};

static bool has_bus(const struct name_indices *in, const char *name)
{
    return name &&
           (strcmp(name, PH_BUS_MAIN) == 0 || ph_bus_port(name) > 0 || find(&in->buses, name) >= 0);
}

/** `what` and `name` say whose controls they are; `def` is the definition that has them. */
static ph_status check_controls(const struct name_indices *in, uint32_t def,
                                const struct ph_program_control *controls, uint32_t n,
                                const char *what, const char *name, char *error)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_program_control *const c = &controls[i];
        if (find(&in->controls[def], c->control) < 0)
            return refuse(error, PH_BAD_PROGRAM, "%s %.100s: no control %.100s", what, name,
                          c->control ? c->control : "");
        if (c->bus && !has_bus(in, c->bus))
            return refuse(error, PH_BAD_PROGRAM, "%s %.100s: no bus %.100s", what, name, c->bus);
    }
    return PH_OK;
}

/** The bus is the program's own: the mix and the ports are where outputs go. */
static ph_status check_output(const struct name_indices *in, const struct ph_program_output *output,
                              char *error)
{
    if (find(&in->buses, output->bus) < 0)
        return refuse(error, PH_BAD_PROGRAM, "output %.100s: no bus %.100s", output->name,
                      output->bus ? output->bus : "");
    if (output->port > PH_PORTS_MAX || output->state > PH_OUTPUT_SOLO)
        return refuse(error, PH_BAD_PROGRAM, "output %.100s: port or state", output->name);
    return PH_OK;
}

static ph_status check_node(const struct name_indices *in, const struct ph_program_node *node,
                            char *error)
{
    if (!node->def) {
        if (!has_bus(in, node->bus))
            return refuse(error, PH_BAD_PROGRAM, "voices %.100s: no bus %.100s", node->name,
                          node->bus ? node->bus : "");
        return PH_OK;
    }
    const int64_t def = find(&in->defs, node->def);
    if (def < 0)
        return refuse(error, PH_BAD_PROGRAM, "synth %.100s: no definition %.100s", node->name,
                      node->def);
    return check_controls(in, (uint32_t)def, node->controls, node->n_controls, "synth", node->name,
                          error);
}

static ph_status check_player(const struct ph_program *p, const struct name_indices *in,
                              const struct ph_program_player *player, char *error)
{
    const int64_t at = find(&in->nodes, player->node);
    const struct ph_program_node *const node = at < 0 ? NULL : &p->nodes[at];

    if (!node || (node->def == NULL) != (player->kind == PH_PLAYER_EVENTS))
        return refuse(error, PH_BAD_PROGRAM, "player %.100s: no %s %.100s", player->name,
                      player->kind == PH_PLAYER_EVENTS ? "voices" : "synth",
                      player->node ? player->node : "");
    if (player->default_def && find(&in->defs, player->default_def) < 0)
        return refuse(error, PH_BAD_PROGRAM, "player %.100s: no definition %.100s", player->name,
                      player->default_def);
    if (player->kind == PH_PLAYER_STEPS) {
        const struct name_index *const controls = &in->controls[find(&in->defs, node->def)];
        if (find(controls, player->control) < 0 ||
            (player->gate && find(controls, player->gate) < 0))
            return refuse(error, PH_BAD_PROGRAM, "player %.100s: %.100s has no such control",
                          player->name, player->node);
    }
    return PH_OK;
}

static ph_status index_all(const struct ph_program *p, struct name_indices *in, char *error)
{
    ph_status status = index_names(&in->defs, p->defs ? &p->defs->name : NULL, p->n_defs,
                                   sizeof *p->defs, "definition", error);

    if (status == PH_OK)
        status = index_names(&in->buses, p->buses ? &p->buses->name : NULL, p->n_buses,
                             sizeof *p->buses, "bus", error);
    if (status == PH_OK)
        status = index_names(&in->outputs, p->outputs ? &p->outputs->name : NULL, p->n_outputs,
                             sizeof *p->outputs, "output", error);
    if (status == PH_OK)
        status = index_names(&in->nodes, p->nodes ? &p->nodes->name : NULL, p->n_nodes,
                             sizeof *p->nodes, "node", error);
    if (status == PH_OK)
        status = index_names(&in->players, p->players ? &p->players->name : NULL, p->n_players,
                             sizeof *p->players, "player", error);
    in->controls = calloc((size_t)p->n_defs + 1, sizeof *in->controls);
    if (status == PH_OK && !in->controls)
        status = PH_NO_MEMORY;
    for (uint32_t i = 0; status == PH_OK && i < p->n_defs; i++) {
        const struct ph_synthdef *const def = &p->defs[i].def;
        status = sort_names(&in->controls[i], def->names ? &def->names->name : NULL, def->n_names,
                            sizeof *def->names);
    }
    return status;
}

static void indices_finish(struct name_indices *in, uint32_t n_defs)
{
    for (uint32_t i = 0; in->controls && i < n_defs; i++)
        free(in->controls[i].rows);
    free(in->controls);
    free(in->defs.rows);
    free(in->buses.rows);
    free(in->outputs.rows);
    free(in->nodes.rows);
    free(in->players.rows);
}

static ph_status check_counts(const struct ph_program *p, char *error)
{
    if (p->n_defs > PH_PROGRAM_RECORDS_MAX || p->n_buses > PH_PROGRAM_RECORDS_MAX ||
        p->n_outputs > PH_PROGRAM_RECORDS_MAX || p->n_nodes > PH_PROGRAM_RECORDS_MAX ||
        p->n_players > PH_PROGRAM_RECORDS_MAX)
        return refuse(error, PH_TOO_LARGE, "more than %d records of a kind",
                      PH_PROGRAM_RECORDS_MAX);
    if (p->has_cps && (p->cps.den <= 0 || ph_ratio_cmp(p->cps, SLOWEST) < 0 ||
                       ph_ratio_cmp(p->cps, FASTEST) > 0))
        return refuse(error, PH_BAD_PROGRAM, "tempo is outside 0.001 .. 50 cycles per second");
    return PH_OK;
}

ph_status ph_program_validate(const struct ph_program *p, char *error)
{
    struct name_indices in = {0};
    ph_status status = check_counts(p, error);

    for (uint32_t i = 0; status == PH_OK && i < p->n_defs; i++)
        status = ph_synthdef_validate(&p->defs[i].def, error);
    if (status == PH_OK)
        status = index_all(p, &in, error);
    if (status == PH_OK && find(&in.buses, PH_BUS_MAIN) >= 0)
        status = refuse(error, PH_BAD_PROGRAM, "bus %s is the server's own", PH_BUS_MAIN);
    for (uint32_t i = 0; status == PH_OK && i < p->n_buses; i++)
        if (p->buses[i].n_channels < 1 || p->buses[i].n_channels > 2)
            status = refuse(error, PH_BAD_PROGRAM, "bus %.100s: channels", p->buses[i].name);
        else if (ph_bus_port(p->buses[i].name) > 0)
            status = refuse(error, PH_BAD_PROGRAM, "bus %.100s is the server's own",
                            p->buses[i].name);
    for (uint32_t i = 0; status == PH_OK && i < p->n_defs; i++)
        status = check_controls(&in, i, p->defs[i].controls, p->defs[i].n_controls, "definition",
                                p->defs[i].name, error);
    for (uint32_t i = 0; status == PH_OK && i < p->n_outputs; i++)
        status = check_output(&in, &p->outputs[i], error);
    for (uint32_t i = 0; status == PH_OK && i < p->n_nodes; i++)
        status = check_node(&in, &p->nodes[i], error);
    for (uint32_t i = 0; status == PH_OK && i < p->n_players; i++)
        status = check_player(p, &in, &p->players[i], error);
    indices_finish(&in, p->n_defs);
    return status;
}

/* ---- hashing --------------------------------------------------------------------------------- */

/** NULL and "" differ; the terminator keeps neighbours apart. */
static uint64_t hash_name(uint64_t hash, const char *name)
{
    return name ? ph_hash(hash, name, strlen(name) + 1) : ph_hash(hash, "\1", 1);
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    return ph_hash(hash, &number, sizeof number);
}

static uint64_t hash_controls(uint64_t hash, const struct ph_program_control *controls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        hash = hash_name(hash_name(hash, controls[i].control), controls[i].bus);
        hash = ph_hash(hash, &controls[i].value, sizeof controls[i].value);
        if (controls[i].sample)
            hash = hash_number(hash_name(hash, controls[i].sample), (uint64_t)controls[i].index);
    }
    return hash;
}

static uint64_t hash_def(const struct ph_program_def *def)
{
    struct ph_writer w = {0};
    uint64_t hash = PH_HASH_START;

    if (ph_synthdefs_write(&def->def, 1, &w) == PH_OK && ph_unit_keys_write(&def->def, &w) == PH_OK)
        hash = ph_hash(hash, w.data, w.size);
    ph_writer_finish(&w);
    return hash_controls(hash, def->controls, def->n_controls);
}

static uint64_t hash_player(const struct ph_program_player *player)
{
    struct ph_writer w = {0};
    uint64_t hash = hash_name(PH_HASH_START, player->name);

    hash = hash_name(hash_name(hash, player->node), player->control);
    hash = hash_name(hash_name(hash, player->gate), player->default_def);
    hash = hash_number(hash, (uint64_t)player->kind | (uint64_t)player->notes_as_hz << 8 |
                                 (uint64_t)player->rest << 16);
    if (ph_pattern_code_encode(&player->code, &w) == PH_OK)
        hash = ph_hash(hash, w.data, w.size);
    ph_writer_finish(&w);
    return hash;
}

static uint64_t hash_node(uint64_t hash, const struct ph_program_node *node)
{
    hash = hash_name(hash_name(hash_name(hash, node->name), node->def), node->bus);
    return hash_controls(hash, node->controls, node->n_controls);
}

void ph_program_hash(struct ph_program *p)
{
    uint64_t hash = hash_number(PH_HASH_START, (uint64_t)p->outmix);

    if (p->has_cps)
        hash = hash_number(hash_number(hash, (uint64_t)p->cps.num), (uint64_t)p->cps.den);
    if (p->move != PH_CLOCK_RUNS_ON)
        hash =
            hash_number(hash_number(hash_number(hash, (uint64_t)p->move), (uint64_t)p->amount.num),
                        (uint64_t)p->amount.den);
    for (uint32_t i = 0; i < p->n_defs; i++) {
        p->defs[i].hash = hash_def(&p->defs[i]);
        hash = hash_number(hash_name(hash, p->defs[i].name), p->defs[i].hash);
    }
    for (uint32_t i = 0; i < p->n_buses; i++)
        hash = hash_number(hash_name(hash, p->buses[i].name), p->buses[i].n_channels);
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        const struct ph_program_output *const o = &p->outputs[i];
        hash = hash_name(hash_name(hash, o->name), o->bus);
        hash = hash_number(hash, (uint64_t)o->port | (uint64_t)o->state << 32);
    }
    for (uint32_t i = 0; i < p->n_nodes; i++)
        hash = hash_node(hash, &p->nodes[i]);
    for (uint32_t i = 0; i < p->n_players; i++) {
        p->players[i].hash = hash_player(&p->players[i]);
        hash = hash_number(hash, p->players[i].hash);
    }
    p->revision = hash;
}
