/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/osc_server.c - sockets of both doors, and where each packet goes.                   */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Our own sockets, because liblo binds every interface, recurses over bundles and refuses what   */
/* sclang sends. TCP carries scsynth's framing: a 32-bit big-endian length before each packet.    */
#include "server/nrt/osc_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/addresses.h"
#include "protocol/osc.h"
#include "protocol/program.h"
#include "server/dirt/dirt.h"
#include "server/load/queue.h"
#include "server/nrt/context.h"
#include "server/nrt/dump.h"
#include "server/nrt/inbox.h"
#include "server/nrt/jobs.h"
#include "server/nrt/log.h"
#include "server/nrt/native.h"
#include "server/nrt/now.h"
#include "server/nrt/port.h"
#include "server/nrt/reclaim.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth.h"

enum {
    DATAGRAM_BYTES = 65536,          /* more than any UDP datagram */
    BATCH = 16,                      /* datagrams a system call */
    BATCHES_MAX = 64,                /* a turn, so that a flood leaves time for the rest */
    RECEIVE_BUFFER_BYTES = 4 << 20,
    CONNECTIONS_MAX = 64,
    IN_CHUNK_BYTES = 65536,          /* read from one connection in one turn: 16 chunks */
    IN_CHUNKS_MAX = 16,
    IN_BYTES_MAX = 4 + PH_PROGRAM_BYTES_MAX + IN_CHUNK_BYTES, /* of one connection */
    IN_TOTAL_MAX = 2 * PH_PROGRAM_BYTES_MAX, /* unfinished packets of all connections together */
    PASSWORD_BYTES_MAX = 1024,       /* of the packet that may hold it */
    OUT_BYTES_MAX = 4 << 20,         /* answers that a client has not read yet */
    PORT_TRIES = 16,                 /* for port 0 */
    FIXED_FDS = 4                    /* that are waited for beside the connections */
};

struct connection {
    int fd;
    struct nrt_sender sender;
    uint64_t active_ms;
    bool is_known;        /* it has given the password, if there is one */
    bool closing;         /* at the end of the turn: its buffers may be in use */
    uint8_t *in, *out;
    size_t in_size, in_space, out_size, out_space;
};

struct nrt_osc_server {
    struct nrt_context *context;
    int udp, tcp; /* -1: not open */
    int dirt;     /* the TidalCycles door, UDP */
    uint16_t port, dirt_port;
    uint32_t n_connections, last_serial;
    struct connection connections[CONNECTIONS_MAX];
    const char *password; /* NULL: none */
    struct nrt_osc_counts counts;
    uint32_t overflows[2]; /* the kernel's counts of dropped datagrams, as it last told; [1]: `dirt` */
    uint8_t *datagrams; /* [BATCH][DATAGRAM_BYTES] */
    struct nrt_sender froms[BATCH];
};

bool nrt_sender_equal(const struct nrt_sender *a, const struct nrt_sender *b)
{
    if (a->connection || b->connection)
        return a->connection == b->connection;
    return a->is_dirt == b->is_dirt && a->address_size == b->address_size &&
           memcmp(&a->address, &b->address, a->address_size) == 0;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

struct route {
    struct nrt_context *context;
    const struct nrt_sender *sender;
};

static void tell_unknown(const struct route *r, const struct ph_osc_message *m)
{
    char address[64];

    if (m->address)
        snprintf(address, sizeof address, "%.60s", m->address);
    else
        snprintf(address, sizeof address, "%d", m->command);
    nrt_reply_fail(r->context, r->sender, address, ph_status_text(PH_NO_COMMAND));
}

static bool is_native(int address)
{
    return ph_addresses[address].number < 0;
}

static ph_status route_message(void *context, const struct ph_osc_message *m)
{
    const struct route *const r = context;
    const int address = ph_address_find(m->address, m->command);

    if (dirt_takes(m->address) || (r->sender && r->sender->is_dirt)) {
        dirt_message(r->context->dirt, r->sender, m);
    } else if (address < 0) {
        tell_unknown(r, m);
    } else if (is_native(address)) {
        const ph_status status = nrt_native_message(r->context, r->sender, address, m);
        if (status != PH_OK)
            nrt_reply_fail(r->context, r->sender, ph_addresses[address].address,
                           ph_status_text(status));
    } else {
        nrt_scsynth_message(r->context, r->sender, address, m);
    }
    return PH_OK; /* one message that fails does not stop those behind it */
}

ph_status nrt_dispatch(struct nrt_context *context, const struct nrt_sender *sender,
                       const void *packet, size_t size)
{
    struct route route = {context, sender};
    const ph_status status = ph_osc_check(packet, size);

    if (status != PH_OK) {
        if (context->osc)
            context->osc->counts.n_malformed++;
        return status;
    }
    nrt_scsynth_packet(context);
    if (context->dump)
        nrt_dump_packet(packet, size, context->dump);
    if (ph_program_is(packet, size) && !(sender && sender->is_dirt))
        nrt_native_program(context, sender, packet, size);
    else
        (void)ph_osc_each(packet, size, route_message, &route);
    link_ring_publish(context->commands);
    return PH_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static ph_status parse_address(const struct nrt_osc_config *config, struct sockaddr_storage *out,
                               socklen_t *size)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(config->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(config->port)};

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, config->bind, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        *size = sizeof v4;
        return PH_OK;
    }
    if (inet_pton(AF_INET6, config->bind, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        *size = sizeof v6;
        return PH_OK;
    }
    return PH_OUT_OF_RANGE;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    memcpy(&v4, &address, sizeof v4);
    memcpy(&v6, &address, sizeof v6);
    return ntohs(address.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

static ph_status bind_failure(const struct nrt_osc_config *config, bool udp, int why, char *error)
{
    char holder[128] = "";

    if (why == EADDRINUSE)
        nrt_port_holder(config->port, udp, holder, sizeof holder);
    snprintf(error, 256, "%s port %u on %.60s: %s%s", udp ? "UDP" : "TCP", config->port,
             config->bind, holder[0] ? "in use by " : strerror(why), holder);
    return why == EADDRINUSE ? PH_ADDRESS_IN_USE : PH_IO;
}

/** Asks for a receive buffer that holds a burst of events, and looks what the kernel gave. */
static void set_receive_buffer(struct nrt_osc_server *s, int fd)
{
    const int wanted = RECEIVE_BUFFER_BYTES, on = 1;
    int given = 0;
    socklen_t size = sizeof given;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (fd != s->udp)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &size) == 0)
        s->counts.receive_buffer_bytes = (uint32_t)given / 2; /* the kernel doubles what it is asked */
    if (s->counts.receive_buffer_bytes < RECEIVE_BUFFER_BYTES)
        nrt_log(NRT_LOG_INFO, "receive buffer is %u bytes; for %d: sysctl net.core.rmem_max=%d",
                s->counts.receive_buffer_bytes, RECEIVE_BUFFER_BYTES, RECEIVE_BUFFER_BYTES);
}

static void close_sockets(struct nrt_osc_server *s)
{
    int *const all[] = {&s->udp, &s->tcp, &s->dirt};

    for (uint32_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

static ph_status open_socket(struct nrt_osc_config *config, bool udp, int *out, char *error)
{
    struct sockaddr_storage address;
    socklen_t size;
    const int on = 1;

    if (parse_address(config, &address, &size) != PH_OK) {
        snprintf(error, 256, "%.100s is no address to listen on", config->bind);
        return PH_OUT_OF_RANGE;
    }
    const int fd = socket(address.ss_family,
                          (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        snprintf(error, 256, "socket: %s", strerror(errno));
        return PH_IO;
    }
    *out = fd;
    if (!udp) /* a restart need not wait for connections of the past */
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || (!udp && listen(fd, 16) != 0))
        return bind_failure(config, udp, errno, error);
    if (config->port == 0)
        config->port = bound_port(fd); /* TCP on the number that UDP was given */
    return PH_OK;
}

/**
 * Both sockets on one number. With port 0 another may have
 * the number for TCP: then a new one is tried.
 */
static ph_status open_sockets(struct nrt_osc_server *s, const struct nrt_osc_config *config,
                              char *error)
{
    ph_status status = PH_OK;

    for (int i = 0; i < PORT_TRIES; i++) {
        struct nrt_osc_config wanted = *config;
        if (config->udp)
            status = open_socket(&wanted, true, &s->udp, error);
        if (status == PH_OK && config->tcp)
            status = open_socket(&wanted, false, &s->tcp, error);
        s->port = wanted.port;
        if (status != PH_ADDRESS_IN_USE || config->port != 0)
            break;
        close_sockets(s);
    }
    if (status == PH_OK && config->udp)
        set_receive_buffer(s, s->udp);
    return status;
}

/** SuperDirt's port. Where another has it phonond goes on without, and says so: sclang wants it. */
static void open_dirt(struct nrt_osc_server *s, const struct nrt_osc_config *config)
{
    struct nrt_osc_config wanted = *config;
    char error[256];

    wanted.port = config->dirt_port;
    if (open_socket(&wanted, true, &s->dirt, error) == PH_OK) {
        set_receive_buffer(s, s->dirt);
        s->dirt_port = wanted.port;
        return;
    }
    if (s->dirt >= 0)
        close(s->dirt);
    s->dirt = -1;
    nrt_log(NRT_LOG_WARNING, "no TidalCycles: %s; --dirt-port N listens on another", error);
}

ph_status nrt_osc_server_new(const struct nrt_osc_config *config, struct nrt_context *context,
                             struct nrt_osc_server **out, char *error)
{
    struct nrt_osc_server *const s = calloc(1, sizeof *s);
    ph_status status = PH_NO_MEMORY;

    *out = NULL;
    if (!s)
        return status;
    s->context = context;
    s->password = config->password;
    s->udp = s->tcp = s->dirt = -1;
    s->datagrams = malloc((size_t)BATCH * DATAGRAM_BYTES);
    if (s->datagrams)
        status = open_sockets(s, config, error);
    if (status != PH_OK) {
        nrt_osc_server_free(s);
        return status;
    }
    if (config->has_dirt)
        open_dirt(s, config);
    *out = s;
    return PH_OK;
}

uint16_t nrt_osc_server_dirt_port(const struct nrt_osc_server *server)
{
    return server->dirt_port;
}

uint16_t nrt_osc_server_port(const struct nrt_osc_server *server)
{
    return server->port;
}

struct nrt_osc_counts nrt_osc_server_counts(const struct nrt_osc_server *server)
{
    struct nrt_osc_counts counts = server->counts;

    counts.n_connections = server->n_connections;
    return counts;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void connection_finish(struct connection *c)
{
    close(c->fd);
    free(c->in);
    free(c->out);
}

void nrt_osc_server_free(struct nrt_osc_server *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n_connections; i++)
        connection_finish(&s->connections[i]);
    close_sockets(s);
    free(s->datagrams);
    if (s->context->osc == s)
        s->context->osc = NULL; /* what comes back after this has nobody to be told to */
    free(s);
}

static void close_marked(struct nrt_osc_server *s)
{
    for (uint32_t i = 0; i < s->n_connections;) {
        struct connection *const c = &s->connections[i];
        if (!c->closing) {
            i++;
            continue;
        }
        nrt_scsynth_forget_connection(s->context, c->sender.connection);
        connection_finish(c);
        *c = s->connections[--s->n_connections];
    }
}

/** All places taken: the connection that has been silent longest gives way. */
static void make_place(struct nrt_osc_server *s)
{
    struct connection *oldest = &s->connections[0];

    if (s->n_connections < CONNECTIONS_MAX)
        return;
    for (uint32_t i = 1; i < s->n_connections; i++)
        if (s->connections[i].active_ms < oldest->active_ms)
            oldest = &s->connections[i];
    oldest->closing = true;
    close_marked(s);
}

static void accept_connections(struct nrt_osc_server *s)
{
    const int on = 1;

    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection c = {.sender.address_size = sizeof c.sender.address};
        c.fd = accept4(s->tcp, (struct sockaddr *)&c.sender.address, &c.sender.address_size,
                       SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (c.fd < 0)
            return;
        (void)setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        make_place(s);
        if (++s->last_serial == 0)
            s->last_serial = 1;
        c.sender.connection = s->last_serial;
        c.active_ms = nrt_now_ms();
        c.is_known = !s->password;
        s->connections[s->n_connections++] = c;
    }
}

/** Room for `more` bytes behind `size`, of `most` bytes that there will ever be. */
static bool grow(uint8_t **data, size_t size, size_t *space, size_t more, size_t most)
{
    size_t wanted = *space ? *space : 4096;

    if (*space - size >= more)
        return true;
    while (wanted - size < more)
        wanted *= 2;
    wanted = wanted < most ? wanted : most;
    uint8_t *const bigger = realloc(*data, wanted);
    if (!bigger)
        return false;
    *data = bigger;
    *space = wanted;
    return true;
}

static void flush_connection(struct connection *c)
{
    const ssize_t n = send(c->fd, c->out, c->out_size, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            c->closing = true;
        return;
    }
    memmove(c->out, c->out + n, c->out_size - (size_t)n);
    c->out_size -= (size_t)n;
}

static void queue_packet(struct connection *c, const void *packet, size_t size)
{
    const uint32_t length = htonl((uint32_t)size);

    if (c->closing)
        return;
    if (c->out_size + sizeof length + size > OUT_BYTES_MAX ||
        !grow(&c->out, c->out_size, &c->out_space, sizeof length + size, OUT_BYTES_MAX)) {
        c->closing = true;
        return;
    }
    memcpy(c->out + c->out_size, &length, sizeof length);
    memcpy(c->out + c->out_size + sizeof length, packet, size);
    c->out_size += sizeof length + size;
    flush_connection(c);
}

void nrt_osc_server_send(struct nrt_osc_server *s, const struct nrt_sender *to, const void *packet,
                         size_t size)
{
    if (!to->connection) {
        /* a client that has gone, or does not keep up, loses the answer */
        (void)sendto(to->is_dirt ? s->dirt : s->udp, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                     (const struct sockaddr *)&to->address, to->address_size);
        return;
    }
    for (uint32_t i = 0; i < s->n_connections; i++)
        if (s->connections[i].sender.connection == to->connection)
            queue_packet(&s->connections[i], packet, size);
}

/** Length of the packet at `at`, 0 when its length is not there yet, -1 when it can't be one. */
static int64_t packet_length(const struct connection *c, size_t at)
{
    const uint32_t most = c->is_known ? PH_PROGRAM_BYTES_MAX : PASSWORD_BYTES_MAX;
    uint32_t length;

    if (c->in_size - at < sizeof length)
        return 0;
    memcpy(&length, c->in + at, sizeof length);
    length = ntohl(length);
    return length == 0 || length > most ? -1 : (int64_t)length;
}

/** As in scsynth the first packet of a connection is the password, and a wrong one ends it. */
static void take_password(const struct nrt_osc_server *s, struct connection *c, const uint8_t *text,
                          size_t size)
{
    const size_t n = strlen(s->password);
    c->is_known = size >= n && memcmp(text, s->password, n) == 0 && (size == n || text[n] == 0);
    c->closing = !c->is_known;
}

/** Dispatches the packets that are complete and keeps the rest. */
static void take_packets(struct nrt_osc_server *s, struct connection *c)
{
    size_t at = 0;

    while (!c->closing) {
        const int64_t length = packet_length(c, at);
        if (length < 0) { /* the stream can't be followed any further */
            s->counts.n_malformed++;
            c->closing = true;
        }
        if (length <= 0 || c->in_size - at - 4 < (size_t)length)
            break;
        s->counts.n_packets++;
        if (c->is_known)
            (void)nrt_dispatch(s->context, &c->sender, c->in + at + 4, (size_t)length);
        else
            take_password(s, c, c->in + at + 4, (size_t)length);
        at += 4 + (size_t)length;
    }
    if (at > 0) {
        memmove(c->in, c->in + at, c->in_size - at);
        c->in_size -= at;
    }
    if (c->in_size == 0 && c->in_space > 16 * IN_CHUNK_BYTES) { /* a large program has passed */
        free(c->in);
        c->in = NULL;
        c->in_space = 0;
    }
}

/** Those of all connections; `largest` is the one that holds the most. */
static size_t unfinished_bytes(struct nrt_osc_server *s, struct connection **largest)
{
    size_t total = 0;

    *largest = NULL;
    for (uint32_t i = 0; i < s->n_connections; i++) {
        struct connection *const c = &s->connections[i];
        if (c->closing)
            continue;
        total += c->in_space;
        if (!*largest || c->in_space > (*largest)->in_space)
            *largest = c;
    }
    return total;
}

/** Who holds the most gives way, not who comes next. */
static void limit_unfinished(struct nrt_osc_server *s)
{
    struct connection *largest;

    while (unfinished_bytes(s, &largest) > IN_TOTAL_MAX)
        largest->closing = true;
}

static void read_connection(struct nrt_osc_server *s, struct connection *c)
{
    for (int i = 0; i < IN_CHUNKS_MAX && !c->closing; i++) {
        if (!grow(&c->in, c->in_size, &c->in_space, IN_CHUNK_BYTES, IN_BYTES_MAX)) {
            c->closing = true;
            return;
        }
        limit_unfinished(s);
        const ssize_t n = recv(c->fd, c->in + c->in_size, IN_CHUNK_BYTES, MSG_DONTWAIT);
        if (n <= 0) {
            c->closing = n == 0 || (errno != EAGAIN && errno != EINTR);
            return;
        }
        c->active_ms = nrt_now_ms();
        c->in_size += (size_t)n;
        take_packets(s, c);
    }
}

/* ---- datagrams ------------------------------------------------------------------------------- */

/** The kernel sends its count of dropped datagrams along with those that got through. */
static void count_overflow(struct nrt_osc_server *s, struct msghdr *header, uint32_t *told)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        uint32_t total;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
            continue;
        memcpy(&total, CMSG_DATA(c), sizeof total);
        s->counts.n_kernel_drops += (uint32_t)(total - *told);
        *told = total;
    }
}

/** One batch; false when nothing is left. */
static bool read_batch(struct nrt_osc_server *s, int fd)
{
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    _Alignas(struct cmsghdr) uint8_t controls[BATCH][CMSG_SPACE(sizeof(uint32_t))];

    for (int i = 0; i < BATCH; i++) {
        struct msghdr *const h = &messages[i].msg_hdr;
        memset(&s->froms[i], 0, sizeof s->froms[i]);
        parts[i] = (struct iovec){s->datagrams + (size_t)i * DATAGRAM_BYTES, DATAGRAM_BYTES};
        h->msg_name = &s->froms[i].address;
        h->msg_namelen = sizeof s->froms[i].address;
        h->msg_iov = &parts[i];
        h->msg_iovlen = 1;
        h->msg_control = controls[i];
        h->msg_controllen = sizeof controls[i];
    }
    const int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        s->counts.n_packets++;
        s->froms[i].address_size = messages[i].msg_hdr.msg_namelen;
        s->froms[i].is_dirt = fd == s->dirt;
        count_overflow(s, &messages[i].msg_hdr, &s->overflows[fd == s->dirt]);
        (void)nrt_dispatch(s->context, &s->froms[i], parts[i].iov_base, messages[i].msg_len);
    }
    return n == BATCH;
}

static void read_datagrams(struct nrt_osc_server *s, int fd)
{
    for (int i = 0; i < BATCHES_MAX && read_batch(s, fd); i++)
        nrt_reclaim(s->context); /* a flood must not fill the report ring */
}

/* ---- a turn ---------------------------------------------------------------------------------- */

void nrt_osc_server_run_once(struct nrt_osc_server *s, int timeout_ms)
{
    struct pollfd fds[FIXED_FDS + CONNECTIONS_MAX];
    const uint32_t n_connections = s->n_connections;

    fds[0] = (struct pollfd){.fd = s->udp, .events = POLLIN}; /* poll passes over fd -1 */
    fds[1] = (struct pollfd){.fd = s->tcp, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = load_queue_fd(s->context->queue), .events = POLLIN};
    fds[3] = (struct pollfd){.fd = s->dirt, .events = POLLIN};
    for (uint32_t i = 0; i < n_connections; i++) {
        const struct connection *const c = &s->connections[i];
        fds[FIXED_FDS + i] = (struct pollfd){.fd = c->fd, .events = POLLIN};
        if (c->out_size > 0)
            fds[FIXED_FDS + i].events |= POLLOUT;
    }
    if (poll(fds, FIXED_FDS + n_connections, timeout_ms) > 0) {
        if (fds[0].revents)
            read_datagrams(s, s->udp);
        if (fds[3].revents)
            read_datagrams(s, s->dirt);
        for (uint32_t i = 0; i < n_connections; i++) {
            if (fds[FIXED_FDS + i].revents & POLLOUT)
                flush_connection(&s->connections[i]);
            if (fds[FIXED_FDS + i].revents & ~POLLOUT)
                read_connection(s, &s->connections[i]);
        }
        close_marked(s);
        if (fds[1].revents)
            accept_connections(s);
    }
    nrt_reclaim(s->context);
    nrt_scsynth_sweep_defs(s->context);
    nrt_jobs_turn(s->context);
    dirt_turn(s->context->dirt);
    nrt_inbox_turn(s->context); /* last: it may take turns of its own */
    close_marked(s);
}
