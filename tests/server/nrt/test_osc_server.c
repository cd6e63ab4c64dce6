/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_osc_server.c - sockets: answers, framing, bad and slow clients, drops.   */
#include <errno.h>
#include <stdio.h>

#include "protocol/program.h"
#include "server/nrt/port.h"
#include "tests/server/nrt/door.h"

/**
 * Reads exactly `size` bytes, giving the server its turns
 * meanwhile; false at the end of the stream.
 */
static bool read_all(struct door *d, int fd, void *out, size_t size)
{
    for (size_t at = 0; at < size;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        for (int waited_ms = 0; poll(&p, 1, 1) == 0; waited_ms++) {
            ck_assert_int_lt(waited_ms, DOOR_WAIT_MS);
            door_turn(d);
        }
        const ssize_t n = recv(fd, (char *)out + at, size - at, 0);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

/** True when the server has closed the connection. */
static bool is_closed(struct door *d, int fd)
{
    char byte;
    door_turn(d);
    door_turn(d);
    const ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void write_frame(int fd, struct ph_writer packet)
{
    const uint32_t length = htonl((uint32_t)packet.size);
    ck_assert_int_eq(send(fd, &length, sizeof length, MSG_NOSIGNAL), 4);
    ck_assert_int_eq(send(fd, packet.data, packet.size, MSG_NOSIGNAL), (ssize_t)packet.size);
    ph_writer_finish(&packet);
}

/** Asks for the version over TCP and reads the answer. */
static void expect_version(struct door *d, int fd)
{
    uint32_t length;
    char answer[256];
    ck_assert(read_all(d, fd, &length, sizeof length));
    ck_assert_uint_lt(ntohl(length), sizeof answer);
    ck_assert(read_all(d, fd, answer, ntohl(length)));
    ck_assert_str_eq(answer, "/version.reply");
}

START_TEST(answers_come_from_the_port_that_was_asked)
{
    struct door d;
    char answer[256];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    door_open(&d);
    const struct sockaddr_in to = door_address(nrt_osc_server_port(d.context->osc));
    const int fd = socket(AF_INET, SOCK_DGRAM, 0); /* not connected: hears any port */
    struct ph_writer w = door_packet("/version", "");
    ck_assert_int_gt(sendto(fd, w.data, w.size, 0, (const struct sockaddr *)&to, sizeof to), 0);
    door_turn(&d);
    ck_assert_int_gt(recvfrom(fd, answer, sizeof answer, MSG_DONTWAIT, (struct sockaddr *)&from,
                              &size),
                     0);
    ck_assert_uint_eq(ntohs(from.sin_port), nrt_osc_server_port(d.context->osc));
    ck_assert_str_eq(answer, "/version.reply");
    ph_writer_finish(&w);
    close(fd);
    door_close(&d);
}
END_TEST

START_TEST(many_datagrams_are_taken_in_one_turn)
{
    struct door d;
    door_open(&d);
    for (int i = 0; i < 100; i++) {
        struct ph_writer w = door_packet("/version", "");
        ck_assert_int_gt(send(d.client, w.data, w.size, 0), 0);
        ph_writer_finish(&w);
    }
    door_turn(&d);
    ck_assert(nrt_osc_server_counts(d.context->osc).n_packets == 100);
    for (int i = 0; i < 100; i++)
        door_expect(&d, "/version.reply scsynth 3 13 .0 phonond ");
    door_close(&d);
}
END_TEST

START_TEST(what_the_kernel_drops_is_counted)
{
    enum { SENT = 60000 };
    struct door d;
    door_open(&d);
    const struct nrt_osc_counts before = nrt_osc_server_counts(d.context->osc);
    struct ph_writer w = door_packet("/c_set", "if", 1, 1.0);
    int n_sent = 0;
    for (int i = 0; i < SENT; i++)
        n_sent += send(d.client, w.data, w.size, 0) > 0;
    for (int i = 0; i < 100; i++)
        door_turn(&d);
    n_sent += send(d.client, w.data, w.size, 0) > 0; /* brings the kernel's count along */
    door_turn(&d);
    const struct nrt_osc_counts after = nrt_osc_server_counts(d.context->osc);
    ck_assert(after.n_kernel_drops > 0); /* no buffer of 4 MiB holds that many */
    ck_assert_int_eq((int)(after.n_packets - before.n_packets + after.n_kernel_drops), n_sent);
    ph_writer_finish(&w);
    door_close(&d);
}
END_TEST

START_TEST(malformed_datagrams_are_counted_and_not_answered)
{
    struct door d;
    door_open(&d);
    ck_assert_int_gt(send(d.client, "/abc", 4, 0), 0);
    ck_assert_int_gt(send(d.client, "x", 1, 0), 0);
    ck_assert_int_eq(send(d.client, "", 0, 0), 0);
    door_turn(&d);
    ck_assert(nrt_osc_server_counts(d.context->osc).n_malformed == 3);
    door_expect(&d, "");
    door_close(&d);
}
END_TEST

/* ---- TCP ------------------------------------------------------------------------------------- */

START_TEST(tcp_packets_may_come_in_any_pieces)
{
    struct door d;
    door_open(&d);
    const int fd = door_connect(&d, SOCK_STREAM);
    struct ph_writer w = door_packet("/version", ""), stream = {0};
    for (int i = 0; i < 3; i++) {
        ph_write_i32(&stream, (int32_t)w.size);
        ph_write_bytes(&stream, w.data, w.size);
    }
    for (size_t i = 0; i < stream.size; i++) { /* byte by byte */
        ck_assert_int_eq(send(fd, stream.data + i, 1, 0), 1);
        door_turn(&d);
    }
    for (int i = 0; i < 3; i++)
        expect_version(&d, fd);
    ck_assert_int_eq(send(fd, stream.data, stream.size, 0), (ssize_t)stream.size); /* at once */
    for (int i = 0; i < 3; i++)
        expect_version(&d, fd);
    ph_writer_finish(&w);
    ph_writer_finish(&stream);
    close(fd);
    door_turn(&d);
    ck_assert_uint_eq(nrt_osc_server_counts(d.context->osc).n_connections, 0);
    door_close(&d);
}
END_TEST

START_TEST(packets_larger_than_a_datagram_come_by_tcp)
{
    struct door d;
    door_open(&d);
    const int fd = door_connect(&d, SOCK_STREAM);
    struct ph_writer message = {0};
    ph_write_bytes(&message, "/version\0\0\0\0,b\0\0", 16);
    ph_write_i32(&message, 3000000);
    for (int i = 0; i < 3000000 / 4; i++)
        ph_write_i32(&message, i);
    const uint32_t length = htonl((uint32_t)message.size);
    ck_assert_int_eq(send(fd, &length, sizeof length, 0), 4);
    for (size_t at = 0; at < message.size;) {
        const ssize_t n = send(fd, message.data + at, message.size - at, MSG_DONTWAIT);
        if (n > 0)
            at += (size_t)n;
        door_turn(&d);
    }
    expect_version(&d, fd);
    ph_writer_finish(&message);
    close(fd);
    door_close(&d);
}
END_TEST

/** More than there are requests whose failure is told: every question keeps its own asker. */
START_TEST(every_question_of_a_burst_is_answered)
{
    enum { QUESTIONS = 20000, A_BLOCK = 8000 };
    struct door d;
    door_open(&d);
    const int fd = door_connect(&d, SOCK_STREAM);
    const uint64_t later = UINT64_C(3900000000) << 32;
    float *const out[DOOR_OUTPUTS] = {d.left, d.right};
    rt_block_run(d.world->rt, NULL, out, later - (UINT64_C(1) << 32));
    for (int i = 0; i < QUESTIONS; i++) {
        write_frame(fd, door_bundle(later, door_packet("/c_get", "i", i % 1000)));
        door_turn(&d);
        if (i % A_BLOCK == A_BLOCK - 1 || i == QUESTIONS - 1)
            rt_block_run(d.world->rt, NULL, out, later - (UINT64_C(1) << 31));
    }
    for (int i = 0; i < 1000; i++) /* until all have had their turn */
        door_block(&d);
    for (int i = 0; i < QUESTIONS; i++) {
        uint32_t length;
        struct { char address[8], tags[4]; uint32_t bus; float value; } answer;
        ck_assert(read_all(&d, fd, &length, sizeof length));
        ck_assert_uint_eq(ntohl(length), sizeof answer);
        ck_assert(read_all(&d, fd, &answer, sizeof answer));
        ck_assert_str_eq(answer.address, "/c_set");
        ck_assert_int_eq((int)ntohl(answer.bus), i % 1000);
    }
    close(fd);
    door_close(&d);
}
END_TEST

START_TEST(impossible_lengths_end_the_connection)
{
    static const uint32_t lengths[] = {0, 0xffffffff, 0x80000000, (64u << 20) + 1};
    struct door d;
    door_open(&d);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const int fd = door_connect(&d, SOCK_STREAM);
        const uint32_t length = htonl(lengths[i]);
        ck_assert_int_eq(send(fd, &length, sizeof length, 0), 4);
        ck_assert(is_closed(&d, fd));
        close(fd);
    }
    ck_assert(nrt_osc_server_counts(d.context->osc).n_malformed == 4);
    door_close(&d);
}
END_TEST

START_TEST(a_connection_begins_with_the_password_if_there_is_one)
{
    const struct nrt_osc_config config = { .bind = "127.0.0.1",
                                           .udp = true,
                                           .tcp = true,
                                           .password = "open" };
    static const char wrong[][8] = {"opem", "openly", "ope", ""};
    struct ph_writer right = {0};
    struct door d;
    char error[256] = "";
    door_open(&d);
    nrt_osc_server_free(d.context->osc);
    ck_assert_int_eq(nrt_osc_server_new(&config, d.context, &d.context->osc, error), PH_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ph_writer w = {0};
        const int fd = door_connect(&d, SOCK_STREAM);
        ph_write_bytes(&w, wrong[i], 8);
        write_frame(fd, w);
        ck_assert(is_closed(&d, fd));
        close(fd);
    }
    const uint32_t huge = htonl(1 << 20); /* nobody keeps that much for a stranger */
    const int stranger = door_connect(&d, SOCK_STREAM);
    ck_assert_int_eq(send(stranger, &huge, sizeof huge, 0), 4);
    ck_assert(is_closed(&d, stranger));
    close(stranger);
    const int fd = door_connect(&d, SOCK_STREAM);
    ph_write_bytes(&right, "open\0\0\0", 8);
    write_frame(fd, right);
    write_frame(fd, door_packet("/version", ""));
    expect_version(&d, fd);
    close(fd);
    door_close(&d);
}
END_TEST

START_TEST(a_malformed_packet_leaves_its_connection_usable)
{
    struct door d;
    struct ph_writer bad = {0};
    door_open(&d);
    const int fd = door_connect(&d, SOCK_STREAM);
    ph_write_bytes(&bad, "/abc", 4);
    write_frame(fd, bad);
    write_frame(fd, door_packet("/version", ""));
    expect_version(&d, fd);
    close(fd);
    door_close(&d);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_closed_and_nobody_waits_for_it)
{
    struct door d;
    door_open(&d);
    const int slow = door_connect(&d, SOCK_STREAM), other = door_connect(&d, SOCK_STREAM);
    const int receive_bytes = 65536; /* else the kernel holds tens of megabytes for it */
    ck_assert_int_eq(setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes),
                     0);
    struct ph_writer w = door_packet("/phonon/status", "i", 1), stream = {0};
    for (int i = 0; i < 100; i++) {
        ph_write_i32(&stream, (int32_t)w.size);
        ph_write_bytes(&stream, w.data, w.size);
    }
    door_turn(&d);
    ck_assert_uint_eq(nrt_osc_server_counts(d.context->osc).n_connections, 2);
    /* until the answers are more than its queue and the kernel's buffers take */
    size_t at = 0;
    for (int turns = 0; nrt_osc_server_counts(d.context->osc).n_connections == 2; turns++) {
        ck_assert_int_lt(turns, 20000);
        const ssize_t n =
            send(slow, stream.data + at, stream.size - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        at = n > 0 ? (at + (size_t)n) % stream.size : at;
        nrt_osc_server_run_once(d.context->osc, 1);
    }
    ck_assert_uint_eq(nrt_osc_server_counts(d.context->osc).n_connections, 1);
    write_frame(other, door_packet("/version", ""));
    expect_version(&d, other);
    ph_writer_finish(&w);
    ph_writer_finish(&stream);
    close(slow);
    close(other);
    door_close(&d);
}
END_TEST

START_TEST(half_open_clients_don_t_keep_others_out)
{
    enum { CLIENTS = 100 };
    struct door d;
    int fds[CLIENTS];
    door_open(&d);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = door_connect(&d, SOCK_STREAM);
        ck_assert_int_eq(send(fds[i], "\0", 1, 0), 1); /* and then nothing */
        door_turn(&d);
        door_turn(&d);
    }
    const int fd = door_connect(&d, SOCK_STREAM);
    write_frame(fd, door_packet("/version", ""));
    expect_version(&d, fd);
    door_send(&d, door_packet("/version", ""));
    door_expect(&d, "/version.reply scsynth 3 13 .0 phonond ");
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    close(fd);
    door_turn(&d);
    door_turn(&d);
    ck_assert_uint_eq(nrt_osc_server_counts(d.context->osc).n_connections, 0);
    door_close(&d);
}
END_TEST

/** Sends `n` bytes, giving the server its turns meanwhile; false when the connection ends. */
static bool write_all(struct door *d, int fd, size_t n)
{
    static const uint8_t zeros[1 << 20];
    while (n > 0) {
        const ssize_t sent =
            send(fd, zeros, n < sizeof zeros ? n : sizeof zeros, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        n -= sent > 0 ? (size_t)sent : 0;
        door_turn(d);
    }
    for (int i = 0; i < 100; i++) /* what the kernel still holds */
        door_turn(d);
    return true;
}

START_TEST(packets_as_large_as_they_may_be_leave_room_for_others)
{
    enum { HOGS = 2 };
    struct door d;
    int fds[HOGS];
    const uint32_t length = htonl(PH_PROGRAM_BYTES_MAX);
    door_open(&d);
    const int other = door_connect(&d, SOCK_STREAM);
    for (int i = 0; i < HOGS; i++) { /* of the first all but the last byte: its memory is kept */
        fds[i] = door_connect(&d, SOCK_STREAM);
        ck_assert_int_eq(send(fds[i], &length, sizeof length, 0), 4);
        ck_assert(write_all(&d, fds[i], PH_PROGRAM_BYTES_MAX - 1) || i > 0);
        write_frame(other, door_packet("/version", ""));
        expect_version(&d, other);
    }
    for (int i = 0; i < HOGS; i++)
        close(fds[i]);
    close(other);
    door_close(&d);
}
END_TEST

START_TEST(a_connection_that_ends_is_no_longer_notified)
{
    struct door d;
    char answer[64];
    uint32_t length;
    door_open(&d);
    for (int i = 0; i < 8; i++) { /* two may be registered at a time */
        const int fd = door_connect(&d, SOCK_STREAM);
        write_frame(fd, door_packet("/notify", "i", 1));
        ck_assert(read_all(&d, fd, &length, sizeof length));
        ck_assert(read_all(&d, fd, answer, ntohl(length)));
        ck_assert_str_eq(answer, "/done");
        close(fd);
        door_turn(&d);
        door_turn(&d);
    }
    door_close(&d);
}
END_TEST

/* ---- opening --------------------------------------------------------------------------------- */

START_TEST(a_port_in_use_is_told_with_its_holder)
{
    struct door d;
    struct nrt_osc_server *second;
    char error[256] = "", name[64] = "";
    door_open(&d);
    const struct nrt_osc_config config = {.bind = "127.0.0.1", .udp = true, .tcp = true,
                                          .port = nrt_osc_server_port(d.context->osc)};
    ck_assert_int_eq(nrt_osc_server_new(&config, d.context, &second, error), PH_ADDRESS_IN_USE);
    ck_assert_ptr_null(second);
    snprintf(name, sizeof name, "(process %d)", (int)getpid());
    ck_assert_msg(strstr(error, name) != NULL, "%s", error);
    door_close(&d);
}
END_TEST

START_TEST(a_free_port_has_no_holder)
{
    char text[128];
    struct door d;
    door_open(&d);
    const uint16_t port = nrt_osc_server_port(d.context->osc);
    nrt_port_holder(port, true, text, sizeof text);
    ck_assert_str_ne(text, "");
    nrt_port_holder(port, false, text, sizeof text);
    ck_assert_str_ne(text, "");
    door_close(&d);
    nrt_port_holder(port, true, text, sizeof text);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(an_address_that_is_none_is_refused)
{
    struct door d;
    struct nrt_osc_server *second;
    char error[256] = "";
    door_open(&d);
    const struct nrt_osc_config config = {.bind = "localhost:1", .udp = true, .tcp = true};
    ck_assert_int_ne(nrt_osc_server_new(&config, d.context, &second, error), PH_OK);
    ck_assert_ptr_nonnull(strstr(error, "localhost:1"));
    door_close(&d);
}
END_TEST

START_TEST(the_receive_buffer_is_as_large_as_the_kernel_allows)
{
    struct door d;
    door_open(&d);
    ck_assert_uint_gt(nrt_osc_server_counts(d.context->osc).receive_buffer_bytes, 65536);
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("osc_server");
    tcase_add_test(t, answers_come_from_the_port_that_was_asked);
    tcase_add_test(t, many_datagrams_are_taken_in_one_turn);
    tcase_add_test(t, what_the_kernel_drops_is_counted);
    tcase_add_test(t, malformed_datagrams_are_counted_and_not_answered);
    tcase_add_test(t, tcp_packets_may_come_in_any_pieces);
    tcase_add_test(t, packets_larger_than_a_datagram_come_by_tcp);
    tcase_add_test(t, every_question_of_a_burst_is_answered);
    tcase_add_test(t, impossible_lengths_end_the_connection);
    tcase_add_test(t, a_connection_begins_with_the_password_if_there_is_one);
    tcase_add_test(t, a_malformed_packet_leaves_its_connection_usable);
    tcase_add_test(t, a_client_that_does_not_read_is_closed_and_nobody_waits_for_it);
    tcase_add_test(t, half_open_clients_don_t_keep_others_out);
    tcase_add_test(t, packets_as_large_as_they_may_be_leave_room_for_others);
    tcase_add_test(t, a_connection_that_ends_is_no_longer_notified);
    tcase_add_test(t, a_port_in_use_is_told_with_its_holder);
    tcase_add_test(t, a_free_port_has_no_holder);
    tcase_add_test(t, an_address_that_is_none_is_refused);
    tcase_add_test(t, the_receive_buffer_is_as_large_as_the_kernel_allows);
    return check_run("osc_server", t);
}
