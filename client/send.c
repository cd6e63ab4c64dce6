/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/send.c - transport. liblo encodes; our own socket carries, so that the same code serves */
/* datagrams and streams, a missing daemon shows at once, and the answer meets the bounded        */
/* reader.                                                                                        */
#include "client/send.h"

#include <errno.h>
#include <lo/lo.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/addresses.h"

enum { ANSWER_MAX = 4 << 20 };

void send_answer_finish(struct send_answer *answer)
{
    free(answer->packet);
    answer->packet = NULL;
}

/* ---- encoding -------------------------------------------------------------------------------- */

/**
 * liblo (0.31) doubles a message's room by a logarithm that is rounded down a little over a power
 * of two, and writes behind the end of what is too small by less than 1/16384. A message that comes
 * near to that is not made.
 */
static bool is_miscounted(lo_message m, size_t size)
{
    const size_t total = lo_message_length(m, "/") + size;
    size_t power = 1 << 17;

    while (2 * power <= total + 256)
        power *= 2;
    return total > 1 << 17 && total + 256 >= power && total < power + power / 16384 + 256;
}

/** Moves the writer's bytes into the message. */
static void add_blob(lo_message m, struct ph_writer *w)
{
    if (is_miscounted(m, w->size)) {
        ph_writer_finish(w);
        return; /* the daemon refuses the record that lacks it */
    }
    const lo_blob blob = lo_blob_new((int32_t)w->size, w->data);
    lo_message_add_blob(m, blob);
    lo_blob_free(blob);
    ph_writer_finish(w);
}

/** Adds a record; the bundle keeps the message until lo_bundle_free_recursive(). */
static void add(lo_bundle bundle, int address, lo_message m)
{
    lo_bundle_add_message(bundle, ph_addresses[address].address, m);
}

static void add_controls(lo_message m, const struct ph_program_control *controls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        lo_message_add_string(m, controls[i].control);
        if (controls[i].bus) {
            lo_message_add_string(m, controls[i].bus);
        } else if (controls[i].sample) {
            lo_message_add_string(m, controls[i].sample);
            lo_message_add_int32(m, controls[i].index);
        } else {
            lo_message_add_float(m, controls[i].value);
        }
    }
}

static ph_status add_def(lo_bundle bundle, const struct ph_program_def *def)
{
    struct ph_writer file = { 0 }, keys = { 0 };
    ph_status status = ph_synthdefs_write(&def->def, 1, &file);
    if (status == PH_OK)
        status = ph_unit_keys_write(&def->def, &keys);
    const lo_message m = lo_message_new();
    lo_message_add_string(m, def->name);
    lo_message_add_int64(m, (int64_t)def->hash);
    add_blob(m, &file);
    add_blob(m, &keys);
    add_controls(m, def->controls, def->n_controls);
    add(bundle, PH_ADDR_DEF, m);
    return status;
}

static void add_output(lo_bundle bundle, const struct ph_program_output *output)
{
    const lo_message m = lo_message_new();
    lo_message_add_string(m, output->name);
    lo_message_add_string(m, output->bus);
    lo_message_add_int32(m, (int32_t)output->port);
    lo_message_add_int32(m, (int32_t)output->state);
    add(bundle, PH_ADDR_OUTPUT, m);
}

static void add_node(lo_bundle bundle, const struct ph_program_node *node)
{
    const lo_message m = lo_message_new();
    lo_message_add_string(m, node->name);
    lo_message_add_string(m, node->def ? node->def : node->bus);
    if (node->def)
        add_controls(m, node->controls, node->n_controls);
    add(bundle, node->def ? PH_ADDR_SYNTH : PH_ADDR_VOICES, m);
}

static ph_status add_player(lo_bundle bundle, const struct ph_program_player *player)
{
    struct ph_writer code = { 0 };
    const ph_status status = ph_pattern_code_encode(&player->code, &code);
    const bool events = player->kind == PH_PLAYER_EVENTS;
    const lo_message m = lo_message_new();
    lo_message_add_string(m, player->name);
    lo_message_add_string(m, player->node);
    if (events) {
        lo_message_add_string(m, player->default_def ? player->default_def : "");
    } else {
        lo_message_add_string(m, player->control);
        lo_message_add_string(m, player->gate ? player->gate : "");
        lo_message_add_int32(m, player->notes_as_hz);
        lo_message_add_int32(m, (int32_t)player->rest);
    }
    lo_message_add_int64(m, (int64_t)player->hash);
    add_blob(m, &code);
    add(bundle, events ? PH_ADDR_EVENTS : PH_ADDR_STEPS, m);
    return status;
}

static void add_move(lo_bundle bundle, const struct ph_program *p)
{
    const lo_message m = lo_message_new();
    lo_message_add_int64(m, p->amount.num);
    lo_message_add_int64(m, p->amount.den);
    if (p->move != PH_CLOCK_JUMPS)
        lo_message_add_string(m, p->move == PH_CLOCK_NUDGED ? "cycles" : "seconds");
    add(bundle, p->move == PH_CLOCK_JUMPS ? PH_ADDR_CYCLE : PH_ADDR_NUDGE, m);
}

static void add_source(lo_bundle bundle, const struct ph_program *p)
{
    const lo_message m = lo_message_new();
    struct ph_writer w = { 0 };
    ph_write_bytes(&w, p->source, p->source_size);
    while (is_miscounted(m, w.size))
        ph_write_u8(&w, 0);
    lo_message_add_int64(m, p->based_on);
    add_blob(m, &w);
    add(bundle, PH_ADDR_SOURCE, m);
}

static void add_head(lo_bundle bundle, const struct ph_program *p)
{
    lo_message m = lo_message_new();
    lo_message_add_int32(m, p->request_id);
    lo_message_add_string(m, p->name);
    lo_message_add_int64(m, (int64_t)p->revision);
    add(bundle, PH_ADDR_BEGIN, m);
    if (p->has_cps) {
        m = lo_message_new();
        lo_message_add_int64(m, p->cps.num);
        lo_message_add_int64(m, p->cps.den);
        add(bundle, PH_ADDR_TEMPO, m);
    }
    if (p->move != PH_CLOCK_RUNS_ON)
        add_move(bundle, p);
    m = lo_message_new();
    lo_message_add_int32(m, (int32_t)p->outmix);
    add(bundle, PH_ADDR_OUTMIX, m);
    if (p->source)
        add_source(bundle, p);
}

/** The whole program as one packet for free(), or NULL. */
static void *encode(const struct ph_program *p, size_t *size)
{
    const lo_bundle bundle = lo_bundle_new(LO_TT_IMMEDIATE);
    ph_status status = PH_OK;
    add_head(bundle, p);
    for (uint32_t i = 0; i < p->n_defs && status == PH_OK; i++)
        status = add_def(bundle, &p->defs[i]);
    for (uint32_t i = 0; i < p->n_buses; i++) {
        const lo_message m = lo_message_new();
        lo_message_add_string(m, p->buses[i].name);
        lo_message_add_int32(m, (int32_t)p->buses[i].n_channels);
        add(bundle, PH_ADDR_BUS, m);
    }
    for (uint32_t i = 0; i < p->n_outputs; i++)
        add_output(bundle, &p->outputs[i]);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        add_node(bundle, &p->nodes[i]);
    for (uint32_t i = 0; i < p->n_players && status == PH_OK; i++)
        status = add_player(bundle, &p->players[i]);
    const lo_message commit = lo_message_new();
    lo_message_add_int32(commit, p->request_id);
    add(bundle, PH_ADDR_COMMIT, commit);
    void *const packet = status == PH_OK ? lo_bundle_serialise(bundle, NULL, size) : NULL;
    lo_bundle_free_recursive(bundle);
    return packet;
}

/* ---- the socket ------------------------------------------------------------------------------ */

struct connection {
    int fd;
    bool is_stream;
    uint32_t timeout_ms;
    uint64_t deadline_ms;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static enum send_result no_daemon(const struct send_target *target, struct send_answer *answer)
{
    snprintf(answer->error, sizeof answer->error,
             "no phonond answers at %s port %u; start one: phonond --driver jack (or dummy)",
             target->host, target->port);
    return SEND_NO_DAEMON;
}

static enum send_result open_connection(const struct send_target *target, bool is_stream,
                                        uint32_t timeout_ms, struct connection *c,
                                        struct send_answer *answer)
{
    const struct addrinfo hints = { .ai_socktype = is_stream ? SOCK_STREAM : SOCK_DGRAM };
    struct addrinfo *found = NULL;
    char port[8];
    snprintf(port, sizeof port, "%u", target->port);
    const int failed = getaddrinfo(target->host, port, &hints, &found);
    if (failed) {
        snprintf(answer->error, sizeof answer->error, "%s: %s", target->host, gai_strerror(failed));
        return SEND_NO_DAEMON;
    }
    *c = (struct connection){ .fd = -1, .is_stream = is_stream, .timeout_ms = timeout_ms,
                              .deadline_ms = now_ms() + timeout_ms };
    for (const struct addrinfo *a = found; a && c->fd < 0; a = a->ai_next) {
        c->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (c->fd >= 0 && connect(c->fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(c->fd);
            c->fd = -1;
        }
    }
    freeaddrinfo(found);
    return c->fd < 0 ? no_daemon(target, answer) : SEND_OK;
}

static bool write_all(int fd, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        const ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool write_packet(const struct connection *c, const void *packet, size_t size)
{
    if (!c->is_stream)
        return send(c->fd, packet, size, MSG_NOSIGNAL) == (ssize_t)size;
    const uint8_t length[4] = { (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                                (uint8_t)size };
    return write_all(c->fd, length, 4) && write_all(c->fd, packet, size);
}

/** Bytes read, 0 at the deadline, -1 when the other side is gone. */
static ssize_t read_some(const struct connection *c, void *space, size_t size)
{
    for (;;) {
        const uint64_t now = now_ms();
        struct pollfd wait = { .fd = c->fd, .events = POLLIN };
        if (now >= c->deadline_ms || poll(&wait, 1, (int)(c->deadline_ms - now)) == 0)
            return 0;
        const ssize_t n = recv(c->fd, space, size, 0);
        if (n > 0)
            return n;
        if (n == 0 || errno != EINTR)
            return -1;
    }
}

static ssize_t read_exactly(const struct connection *c, uint8_t *space, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t n = read_some(c, space + done, size - done);
        if (n <= 0)
            return n;
        done += (size_t)n;
    }
    return (ssize_t)size;
}

/** One packet into the answer's memory: its size, or 0 and -1 as read_some(). */
static ssize_t read_packet(const struct connection *c, struct send_answer *answer)
{
    if (!c->is_stream)
        return read_some(c, answer->packet, ANSWER_MAX);
    uint8_t length[4];
    const ssize_t n = read_exactly(c, length, 4);
    if (n <= 0)
        return n;
    const uint32_t size = (uint32_t)length[0] << 24 | (uint32_t)length[1] << 16 |
                          (uint32_t)length[2] << 8 | length[3];
    return size == 0 || size > ANSWER_MAX ? -1 : read_exactly(c, answer->packet, size);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static ph_status keep_message(void *context, const struct ph_osc_message *message)
{
    *(struct ph_osc_message *)context = *message;
    return PH_OK;
}

/** True when the message answers that request; `*refused` when it is a /fail. */
static bool answers(const struct ph_osc_message *m, const char *address, int32_t request, bool *refused,
                    struct send_answer *answer)
{
    struct ph_osc_args args = ph_osc_args(m);
    const char *command = NULL, *text = NULL;
    int32_t id;
    *refused = m->address && strcmp(m->address, "/fail") == 0;
    if (m->address && strcmp(m->address, "/phonon/status.reply") == 0)
        return strcmp(address, "/phonon/status") == 0 && ph_osc_next_int(&args, &id) && id == request;
    if (!m->address || (!*refused && strcmp(m->address, "/done") != 0) ||
        !ph_osc_next_text(&args, &command) || strcmp(command, address) != 0)
        return false;
    if (*refused && ph_osc_next_text(&args, &text))
        snprintf(answer->error, sizeof answer->error, "%s", text);
    return !ph_osc_next_int(&args, &id) || id == request;
}

static enum send_result wait_for_answer(const struct connection *c, const char *address,
                                        int32_t request, const struct send_target *target,
                                        struct send_answer *answer)
{
    for (;;) {
        const ssize_t size = read_packet(c, answer);
        if (size < 0)
            return no_daemon(target, answer);
        if (size == 0) {
            snprintf(answer->error, sizeof answer->error, "no answer within %u ms", c->timeout_ms);
            return SEND_NO_ANSWER;
        }
        bool refused;
        if (ph_osc_check(answer->packet, (size_t)size) != PH_OK)
            continue;
        ph_osc_each(answer->packet, (size_t)size, keep_message, &answer->message);
        if (answers(&answer->message, address, request, &refused, answer))
            return refused ? SEND_REFUSED : SEND_OK;
    }
}

static enum send_result exchange(const struct send_target *target, bool is_stream,
                                 const void *packet, size_t size, const char *address,
                                 int32_t request, struct send_answer *answer)
{
    *answer = (struct send_answer){ .packet = malloc(ANSWER_MAX) };
    struct connection c;
    if (!answer->packet || !packet) {
        snprintf(answer->error, sizeof answer->error, "out of memory");
        return SEND_REFUSED;
    }
    const bool is_program = strcmp(address, "/phonon/program") == 0;
    enum send_result result =
        open_connection(target, is_stream || size > SEND_DATAGRAM_MAX,
                        is_program ? SEND_PROGRAM_TIMEOUT_MS : SEND_TIMEOUT_MS, &c, answer);
    if (result != SEND_OK)
        return result;
    result = write_packet(&c, packet, size) ? wait_for_answer(&c, address, request, target, answer)
                                            : no_daemon(target, answer);
    close(c.fd);
    return result;
}

enum send_result send_program(const struct send_target *target, const struct ph_program *program,
                              struct send_answer *answer)
{
    size_t size = 0;
    void *const packet = encode(program, &size);
    const enum send_result result =
        exchange(target, false, packet, size, "/phonon/program", program->request_id, answer);
    free(packet);
    return result;
}

static enum send_result ask(const struct send_target *target, bool is_stream,
                            const char *address, struct send_answer *answer)
{
    const int32_t request = (int32_t)getpid();
    const lo_message m = lo_message_new();
    size_t size = 0;
    lo_message_add_int32(m, request);
    void *const packet = lo_message_serialise(m, address, NULL, &size);
    lo_message_free(m);
    const enum send_result result =
        exchange(target, is_stream, packet, size, address, request, answer);
    free(packet);
    return result;
}

enum send_result send_command(const struct send_target *target, const char *address,
                              struct send_answer *answer)
{
    return ask(target, false, address, answer);
}

enum send_result send_ask_source(const struct send_target *target, struct send_answer *answer,
                                 int64_t *edition, const uint8_t **text, size_t *size)
{
    const enum send_result result = ask(target, true, "/phonon/source", answer);
    struct ph_osc_args args;
    const char *command;
    int32_t request;

    *edition = 0;
    *text = NULL;
    *size = 0;
    if (result != SEND_OK)
        return result;
    args = ph_osc_args(&answer->message);
    if (!ph_osc_next_text(&args, &command) || !ph_osc_next_int(&args, &request) ||
        !ph_osc_next_long(&args, edition)) {
        snprintf(answer->error, sizeof answer->error, "the answer can't be read");
        return SEND_REFUSED;
    }
    if (!ph_osc_next_blob(&args, text, size))
        *size = 0;
    return SEND_OK;
}
