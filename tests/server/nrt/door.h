/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/door.h - a server without driver and threads, and a client on its sockets.    */
#ifndef TESTS_SERVER_NRT_DOOR_H
#define TESTS_SERVER_NRT_DOOR_H

#include <arpa/inet.h>
#include <lo/lo.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/synthdef.h"
#include "server/link/command.h"
#include "server/nrt/osc_server.h"
#include "server/world.h"
#include "tests/support/check_main.h"

enum { DOOR_WAIT_MS = 5000, DOOR_OUTPUTS = 2 };

struct door {
    struct world *world;
    struct nrt_context *context;
    int client; /* UDP, connected to the server */
    float left[DSP_BLOCK_FRAMES], right[DSP_BLOCK_FRAMES]; /* the last block */
};

static inline struct sockaddr_in door_address(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/** A socket connected to the server. */
static inline int door_connect(const struct door *d, int type)
{
    const struct sockaddr_in to = door_address(nrt_osc_server_port(d->context->osc));
    const int fd = socket(AF_INET, type, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static inline void door_open_with(struct door *d, uint32_t n_command_messages)
{
    const struct nrt_osc_config osc = {.bind = "127.0.0.1", .port = 0, .udp = true, .tcp = true};
    struct world_config config = {.max_logins = 2, .offline = true, .first_cycle = {0, 1}};
    char error[256] = "";
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = 48000;
    config.engine.n_outputs = DOOR_OUTPUTS;
    if (n_command_messages)
        config.engine.n_command_messages = n_command_messages;
    *d = (struct door){.client = -1};
    ck_assert_int_eq(world_new(&config, &d->world, error), PH_OK);
    d->context = &d->world->context;
    ck_assert_int_eq(nrt_osc_server_new(&osc, d->context, &d->context->osc, error), PH_OK);
    d->client = door_connect(d, SOCK_DGRAM);
}

static inline void door_open(struct door *d)
{
    door_open_with(d, 0);
}

static inline void door_close(struct door *d)
{
    close(d->client);
    nrt_osc_server_free(d->context->osc);
    world_free(d->world);
}

/** One turn of the command thread; packets are there already. */
static inline void door_turn(struct door *d)
{
    nrt_osc_server_run_once(d->context->osc, 0);
}

/** One block of the engine, and the turn that tells what it reported. */
static inline void door_block(struct door *d)
{
    float *const out[DOOR_OUTPUTS] = {d->left, d->right};
    world_render_block(d->world, out);
    door_turn(d);
}

static inline lo_message door_message(const char *types, va_list args)
{
    const lo_message m = lo_message_new();
    for (const char *t = types; *t; t++)
        switch (*t) {
        case 'i': lo_message_add_int32(m, va_arg(args, int)); break;
        case 'h': lo_message_add_int64(m, va_arg(args, int64_t)); break;
        case 'f': lo_message_add_float(m, (float)va_arg(args, double)); break;
        case 's': lo_message_add_string(m, va_arg(args, const char *)); break;
        default: { /* b: a writer's bytes */
            const struct ph_writer *const w = va_arg(args, const struct ph_writer *);
            const lo_blob blob = lo_blob_new((int32_t)w->size, w->data);
            lo_message_add_blob(m, blob);
            lo_blob_free(blob);
        }
        }
    return m;
}

/** The packet of one message, written by liblo. */
static inline struct ph_writer door_packet(const char *address, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    const lo_message m = door_message(types, args);
    va_end(args);
    struct ph_writer w = {0};
    size_t size;
    void *const packet = lo_message_serialise(m, address, NULL, &size);
    ph_write_bytes(&w, packet, size);
    free(packet);
    lo_message_free(m);
    return w;
}

/** One more message in a bundle; frees it. */
static inline void door_bundle_add(struct ph_writer *bundle, struct ph_writer message)
{
    ph_write_i32(bundle, (int32_t)message.size);
    ph_write_bytes(bundle, message.data, message.size);
    ph_writer_finish(&message);
}

/** A bundle of one message, which it frees. */
static inline struct ph_writer door_bundle(uint64_t ntp, struct ph_writer message)
{
    struct ph_writer w = {0};
    ph_write_bytes(&w, "#bundle", 8);
    ph_write_i64(&w, (int64_t)ntp);
    door_bundle_add(&w, message);
    return w;
}

/** Sends a packet by UDP, frees it, and lets the server take its turn. */
static inline void door_send(struct door *d, struct ph_writer packet)
{
    ck_assert_int_eq(send(d->client, packet.data, packet.size, 0), (ssize_t)packet.size);
    ph_writer_finish(&packet);
    door_turn(d);
}

static inline int64_t door_int64(const char *bytes)
{
    int64_t number; /* lo_message_deserialise() has brought it into our byte order */
    memcpy(&number, bytes, sizeof number);
    return number;
}

/**
 * The next answer: address, then "ihs" tags and values as text, separated by spaces; "" when there
 * is none. What the server sent on loopback is there when its turn is over.
 */
static inline const char *door_answer(struct door *d, char *text, size_t space)
{
    char packet[65536];
    const ssize_t size = recv(d->client, packet, sizeof packet, MSG_DONTWAIT);
    text[0] = 0;
    if (size <= 0)
        return text;
    int result;
    const lo_message m = lo_message_deserialise(packet, (size_t)size, &result);
    ck_assert_ptr_nonnull(m);
    size_t at = (size_t)snprintf(text, space, "%s", packet);
    for (int i = 0; i < lo_message_get_argc(m); i++) {
        const char *const a = (const char *)lo_message_get_argv(m)[i]; /* aligned to 4 bytes only */
        const char type = lo_message_get_types(m)[i];
        int32_t number;
        memcpy(&number, a, sizeof number);
        if (type == 's')
            at += (size_t)snprintf(text + at, space - at, " %s", a);
        else if (type == 'i')
            at += (size_t)snprintf(text + at, space - at, " %d", number);
        else if (type == 'h')
            at += (size_t)snprintf(text + at, space - at, " %lld", (long long)door_int64(a));
        else
            at += (size_t)snprintf(text + at, space - at, " %c", type);
    }
    lo_message_free(m);
    return text;
}

#define door_expect(d, expected)                                                                   \
    do {                                                                                           \
        char text_[1024];                                                                          \
        ck_assert_str_eq(door_answer((d), text_, sizeof text_), (expected));                       \
    } while (0)

/** SCgf bytes of `name`: a constant `level` (control) written to bus `out` (control). */
static inline struct ph_writer door_def(const char *name)
{
    struct ph_build b;
    struct ph_synthdef def;
    struct ph_writer w = {0};
    ph_build_begin(&b, name);
    const struct ph_input out = ph_build_control(&b, "out", 0, PH_CONTROL);
    const struct ph_input level = ph_build_control(&b, "level", 0.25f, PH_CONTROL);
    const struct ph_input signal = ph_build_unit(&b, "K2A", PH_AUDIO, 0, 1, &level, 1, 0);
    const struct ph_input inputs[] = {out, signal};
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, inputs, 2, 0);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ck_assert_int_eq(ph_synthdefs_write(&def, 1, &w), PH_OK);
    ph_synthdef_finish(&def);
    return w;
}

#endif
