/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/native.c - the native door: whole programs, hush, solo, panic, status.              */
/* room: command thread.                                                                          */
#include "server/nrt/native.h"

#include <stdio.h>
#include <string.h>

#include "protocol/program.h"
#include "server/link/command.h"
#include "server/nrt/context.h"
#include "server/nrt/inbox.h"
#include "server/nrt/log.h"
#include "server/nrt/reply.h"
#include "server/nrt/status.h"

#define PROGRAM_ADDRESS "/phonon/program"

void nrt_native_refused(struct nrt_context *c, const struct nrt_sender *sender, int clock_address,
                        int32_t request_id, const char *why)
{
    const char *const address =
        clock_address < 0 ? PROGRAM_ADDRESS : ph_addresses[clock_address].address;
    nrt_reply(c, sender, "/fail", "ssi", address, why, request_id);
    nrt_log(NRT_LOG_WARNING, "%s refused: %s", clock_address < 0 ? "program" : address, why);
}

void nrt_native_program(struct nrt_context *c, const struct nrt_sender *sender, const void *packet,
                        size_t size)
{
    struct ph_program program = { 0 };
    char error[256] = "";
    ph_status status = ph_program_decode(packet, size, &program, error);
    const int32_t request_id = program.request_id;
    if (status == PH_OK)
        status = ph_program_validate(&program, error);
    if (status == PH_OK)
        status = nrt_inbox_add_program(c, sender, &program, -1);
    ph_program_finish(&program);
    if (status != PH_OK)
        nrt_native_refused(c, sender, -1, request_id, error[0] ? error : ph_status_text(status));
    else if (!c->osc)
        nrt_inbox_turn(c); /* offline there are no other turns */
}

/**
 * An answer of any length, written by hand: liblo (0.31) gives too little room to a message that
 * grows a little over some powers of two, and writes behind its end.
 */
struct answer {
    struct ph_writer tags, data;
};

static void put_padding(struct ph_writer *w)
{
    ph_write_bytes(w, "\0\0\0", -w->size & 3);
}

static void put_text(struct answer *a, const char *text)
{
    ph_write_u8(&a->tags, 's');
    ph_write_bytes(&a->data, text, strlen(text) + 1);
    put_padding(&a->data);
}

static void put_int(struct answer *a, int32_t value)
{
    ph_write_u8(&a->tags, 'i');
    ph_write_i32(&a->data, value);
}

static void put_long(struct answer *a, int64_t value)
{
    ph_write_u8(&a->tags, 'h');
    ph_write_i64(&a->data, value);
}

static void put_double(struct answer *a, double value)
{
    ph_write_u8(&a->tags, 'd');
    ph_write_f64(&a->data, value);
}

static void put_blob(struct answer *a, const uint8_t *bytes, size_t size)
{
    ph_write_u8(&a->tags, 'b');
    ph_write_i32(&a->data, (int32_t)size);
    ph_write_bytes(&a->data, bytes, size);
    put_padding(&a->data);
}

/** `/done` with what was put; the answer is empty then. */
static void send_done(struct nrt_context *c, const struct nrt_sender *to, struct answer *a)
{
    struct ph_writer w = { 0 };
    ph_write_bytes(&w, "/done\0\0", 8);
    ph_write_u8(&w, ',');
    ph_write_bytes(&w, a->tags.data, a->tags.size);
    ph_write_u8(&w, 0);
    put_padding(&w);
    ph_write_bytes(&w, a->data.data, a->data.size);
    if (!w.failed && !a->tags.failed && !a->data.failed)
        nrt_osc_server_send(c->osc, to, w.data, w.size);
    ph_writer_finish(&w);
    ph_writer_finish(&a->tags);
    ph_writer_finish(&a->data);
}

static void put_names(struct answer *a, char mark, const char *const *names, uint32_t n)
{
    char text[600]; /* warnings are as long as that */
    for (uint32_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%c%s", mark, names[i]);
        put_text(a, text);
    }
}

void nrt_native_switched(struct nrt_context *c, const struct nrt_program_result *r)
{
    if (!c->has_program_sender || !c->osc) {
        if (r->warnings[0]) /* there is nobody else to tell */
            nrt_log(NRT_LOG_WARNING, "%s", r->warnings);
        return;
    }
    if (r->is_clock) {
        nrt_reply(c, &c->program_sender, "/done", "sihddd",
                  ph_addresses[c->program_clock_address].address, r->request_id, (int64_t)r->frame,
                  r->cycle, r->cps_before, r->cps_after);
        return;
    }
    struct answer a = { 0 };
    put_text(&a, PROGRAM_ADDRESS);
    put_int(&a, r->request_id);
    put_long(&a, (int64_t)r->revision);
    put_double(&a, r->cycle);
    put_long(&a, (int64_t)r->frame);
    put_double(&a, r->cps_before);
    put_double(&a, r->cps_after);
    const uint32_t counts[] = { r->n_kept, r->n_changed, r->n_added, r->n_removed };
    for (uint32_t i = 0; i < 4; i++)
        put_int(&a, (int32_t)counts[i]);
    put_names(&a, '=', r->kept, r->n_kept);
    put_names(&a, '*', r->changed, r->n_changed);
    put_names(&a, '+', r->added, r->n_added);
    put_names(&a, '-', r->removed, r->n_removed);
    if (r->warnings[0])
        put_names(&a, '!', &r->warnings, 1);
    send_done(c, &c->program_sender, &a);
}

/** Has its turn among the programs, so that what comes after it finds the new clock. */
static ph_status move_clock(struct nrt_context *c, const struct nrt_sender *sender, int address,
                            struct ph_osc_args *args)
{
    struct ph_program program = { 0 };
    ph_status status = ph_program_read_clock(address, args, &program);
    ph_osc_next_int(args, &program.request_id);
    if (status == PH_OK)
        status = nrt_inbox_add_program(c, sender, &program, address);
    if (status == PH_OK && !c->osc)
        nrt_inbox_turn(c);
    return status;
}

static void tell_source(struct nrt_context *c, const struct nrt_sender *sender, int32_t request)
{
    const uint8_t *source;
    size_t size;
    const int64_t edition = nrt_program_source(c->programs, &source, &size);
    struct answer a = { 0 };
    if (!sender || !c->osc)
        return;
    put_text(&a, ph_addresses[PH_ADDR_SOURCE].address);
    put_int(&a, request);
    put_long(&a, edition);
    if (size > 0)
        put_blob(&a, source, size);
    send_done(c, sender, &a);
}

ph_status nrt_native_message(struct nrt_context *c, const struct nrt_sender *sender, int address,
                             const struct ph_osc_message *message)
{
    struct ph_osc_args args = ph_osc_args(message);
    char text[128];
    int32_t request = 0;
    if (address == PH_ADDR_TEMPO || address == PH_ADDR_CYCLE || address == PH_ADDR_NUDGE)
        return move_clock(c, sender, address, &args);
    ph_osc_next_int(&args, &request);
    ph_status status = PH_NO_COMMAND;
    if (address == PH_ADDR_SOURCE) {
        tell_source(c, sender, request);
        return PH_OK;
    }
    if (address == PH_ADDR_PH_STATUS_QUERY) {
        nrt_status_reply(c, sender, request);
        return PH_OK;
    }
    const char *output = NULL;
    ph_osc_next_text(&args, &output);
    if (address == PH_ADDR_HUSH || address == PH_ADDR_UNHUSH || address == PH_ADDR_SOLO ||
        address == PH_ADDR_UNSOLO || address == PH_ADDR_PANIC)
        status = nrt_inbox_add_urgent(c, sender, address, output, request);
    if (status == PH_NOT_FOUND) {
        snprintf(text, sizeof text, "no output %.100s", output);
        nrt_reply(c, sender, "/fail", "ssi", ph_addresses[address].address, text, request);
        return PH_OK;
    }
    if (status == PH_OK && !c->osc)
        nrt_inbox_turn(c);
    return status;
}
