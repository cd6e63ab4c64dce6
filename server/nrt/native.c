/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/native.c - the native door: whole programs, hush, panic, status.                     */
/* room: command thread.                                                                          */
#include "server/nrt/native.h"

#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/program.h"
#include "server/link/command.h"
#include "server/nrt/context.h"
#include "server/nrt/log.h"
#include "server/nrt/reclaim.h"
#include "server/nrt/reply.h"
#include "server/nrt/status.h"

enum { SWITCH_TIMEOUT_MS = 1000 };

#define PROGRAM_ADDRESS "/phonon/program"

/** One program is in flight at a time: the next waits for its switch. false when that never comes. */
static bool wait_for_switch(struct nrt_context *c)
{
    for (int waited_ms = 0; nrt_program_pending(c->programs); waited_ms++) {
        if (waited_ms == SWITCH_TIMEOUT_MS || !c->osc) /* offline nothing renders while we wait */
            return false;
        const struct timespec turn = { .tv_nsec = 1000000 };
        nanosleep(&turn, NULL);
        nrt_reclaim(c);
    }
    return true;
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
    if (status == PH_OK && !wait_for_switch(c)) {
        status = PH_FULL;
        snprintf(error, sizeof error, "the audio thread does not run");
    }
    if (status == PH_OK) {
        status = nrt_program_apply(c->programs, &program, error);
        c->has_program_sender = status == PH_OK && sender;
        if (c->has_program_sender)
            c->program_sender = *sender;
    }
    ph_program_finish(&program);
    if (status != PH_OK) {
        const char *const text = error[0] ? error : ph_status_text(status);
        nrt_reply(c, sender, "/fail", "ssi", PROGRAM_ADDRESS, text, request_id);
        nrt_log(NRT_LOG_WARNING, "program refused: %s", text);
    }
}

static void add_names(lo_message m, char mark, const char *const *names, uint32_t n)
{
    char text[300];
    for (uint32_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%c%s", mark, names[i]);
        lo_message_add_string(m, text);
    }
}

void nrt_native_switched(struct nrt_context *c, const struct nrt_program_result *r)
{
    if (r->warnings[0])
        nrt_log(NRT_LOG_WARNING, "%s", r->warnings);
    if (!c->has_program_sender || !c->osc)
        return;
    const lo_message m = lo_message_new();
    if (!m)
        return;
    lo_message_add_string(m, PROGRAM_ADDRESS);
    lo_message_add_int32(m, r->request_id);
    lo_message_add_int64(m, (int64_t)r->revision);
    lo_message_add_double(m, r->cycle);
    lo_message_add_int64(m, (int64_t)r->frame);
    lo_message_add_double(m, r->cps_before);
    lo_message_add_double(m, r->cps_after);
    const uint32_t counts[] = { r->n_kept, r->n_changed, r->n_added, r->n_removed };
    for (uint32_t i = 0; i < 4; i++)
        lo_message_add_int32(m, (int32_t)counts[i]);
    add_names(m, '=', r->kept, r->n_kept);
    add_names(m, '*', r->changed, r->n_changed);
    add_names(m, '+', r->added, r->n_added);
    add_names(m, '-', r->removed, r->n_removed);
    if (r->warnings[0])
        add_names(m, '!', &r->warnings, 1);
    size_t size = 0;
    void *const packet = lo_message_serialise(m, "/done", NULL, &size);
    if (packet)
        nrt_osc_server_send(c->osc, &c->program_sender, packet, size);
    free(packet);
    lo_message_free(m);
}

/** hush and panic overtake whatever waits: they are never merged and never dropped. */
static ph_status send_now(struct nrt_context *c, enum link_command_kind kind)
{
    const struct link_command command = { .kind = kind };
    return link_ring_push(c->commands, &command) ? PH_OK : PH_FULL;
}

ph_status nrt_native_message(struct nrt_context *c, const struct nrt_sender *sender, int address,
                             const struct ph_osc_message *message)
{
    struct ph_osc_args args = ph_osc_args(message);
    int32_t request = 0;
    ph_osc_next_int(&args, &request);
    ph_status status = PH_OK;
    switch (address) {
    case PH_ADDR_PH_STATUS_QUERY:
        nrt_status_reply(c, sender, request);
        return PH_OK;
    case PH_ADDR_HUSH:
        status = send_now(c, LINK_HUSH);
        break;
    case PH_ADDR_PANIC:
        if (!wait_for_switch(c))
            return PH_FULL;
        status = send_now(c, LINK_PANIC);
        if (status == PH_OK)
            nrt_program_forget(c->programs);
        break;
    default:
        return PH_NO_COMMAND;
    }
    if (status == PH_OK)
        nrt_reply(c, sender, "/done", "si", ph_addresses[address].address, request);
    return status;
}
