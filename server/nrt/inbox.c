/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/inbox.c - programs, hush, solo and panic, in the order that keeps the last word.    */
/* room: command thread.                                                                          */
#include "server/nrt/inbox.h"

#include <string.h>

#include "protocol/addresses.h"
#include "server/nrt/context.h"
#include "server/nrt/native.h"
#include "server/nrt/now.h"
#include "server/nrt/reply.h"

static const char after_panic[] = "a panic came after it";

void nrt_inbox_finish(struct nrt_inbox *inbox)
{
    for (uint32_t i = 0; i < inbox->n_programs; i++)
        ph_program_finish(&inbox->programs[i].program);
    *inbox = (struct nrt_inbox){ 0 };
}

/* ---- programs -------------------------------------------------------------------------------- */

static const struct nrt_sender *sender_of(const struct nrt_waiting_program *waiting)
{
    return waiting->has_sender ? &waiting->sender : NULL;
}

ph_status nrt_inbox_add_program(struct nrt_context *c, const struct nrt_sender *sender,
                                struct ph_program *program, int clock_address)
{
    struct nrt_inbox *const inbox = &c->inbox;
    if (inbox->n_programs == NRT_PROGRAMS_WAITING_MAX)
        return PH_FULL;
    struct nrt_waiting_program *const waiting = &inbox->programs[inbox->n_programs++];
    *waiting = (struct nrt_waiting_program){ .program = *program, .clock_address = clock_address,
                                             .has_sender = sender };
    if (sender)
        waiting->sender = *sender;
    *program = (struct ph_program){ 0 };
    return PH_OK;
}

/** Takes the oldest out. */
static struct nrt_waiting_program pop_program(struct nrt_inbox *inbox)
{
    const struct nrt_waiting_program first = inbox->programs[0];
    inbox->n_programs--;
    memmove(inbox->programs, inbox->programs + 1, inbox->n_programs * sizeof *inbox->programs);
    return first;
}

/** Every program that waits is answered with `why` and forgotten. */
static void refuse_programs(struct nrt_context *c, const char *why)
{
    while (c->inbox.n_programs > 0) {
        struct nrt_waiting_program waiting = pop_program(&c->inbox);
        nrt_native_refused(c, sender_of(&waiting), waiting.clock_address,
                           waiting.program.request_id, why);
        ph_program_finish(&waiting.program);
    }
}

static void begin_program(struct nrt_context *c)
{
    struct nrt_waiting_program waiting = pop_program(&c->inbox);
    const int32_t request_id = waiting.program.request_id;
    char error[256] = "";
    c->inbox.busy = true;
    nrt_program_keep_hush(c->programs, waiting.keeps_hush);
    const ph_status status =
        waiting.clock_address < 0
            ? nrt_program_apply(c->programs, &waiting.program, error)
            : nrt_program_move_clock(c->programs, &waiting.program, error);
    c->inbox.busy = false;
    ph_program_finish(&waiting.program);
    if (status != PH_OK) {
        nrt_native_refused(c, sender_of(&waiting), waiting.clock_address, request_id,
                           error[0] ? error : ph_status_text(status));
        return;
    }
    c->inbox.in_flight_since_ms = nrt_now_ms();
    c->has_program_sender = waiting.has_sender;
    c->program_sender = waiting.sender;
    c->program_request = request_id;
    c->program_clock_address = waiting.clock_address;
}

static void refuse_program_in_flight(struct nrt_context *c, const char *why)
{
    if (c->has_program_sender)
        nrt_native_refused(c, &c->program_sender, c->program_clock_address, c->program_request, why);
    c->has_program_sender = false;
}

/** The program in flight does not arrive: who waits for it, or behind it, hears of that. */
static void tell_stall(struct nrt_context *c)
{
    static const char why[] = "the audio thread does not run";
    if (c->osc && nrt_now_ms() - c->inbox.in_flight_since_ms < NRT_STALL_MS)
        return;
    refuse_program_in_flight(c, why);
    refuse_programs(c, why);
}

/* ---- hush, solo and panic -------------------------------------------------------------------- */

/** What happens to what waits: a panic refuses it, a hush lets it take over in silence. */
static void overtake(struct nrt_context *c, int address)
{
    if (address == PH_ADDR_PANIC) {
        nrt_program_cancel(c->programs);
        refuse_programs(c, after_panic);
        return;
    }
    const bool keeps_hush = address == PH_ADDR_HUSH;
    nrt_program_keep_hush(c->programs, keeps_hush);
    for (uint32_t i = 0; i < c->inbox.n_programs; i++)
        c->inbox.programs[i].keeps_hush = keeps_hush;
}

/** Notes who is heard from here on; the audio thread is told in send_urgent(). */
static ph_status change_outputs(struct nrt_context *c, int address, const char *output)
{
    const enum nrt_output_change change = address == PH_ADDR_HUSH     ? NRT_OUTPUT_HUSH
                                          : address == PH_ADDR_UNHUSH ? NRT_OUTPUT_UNHUSH
                                          : address == PH_ADDR_SOLO   ? NRT_OUTPUT_SOLO
                                                                      : NRT_OUTPUT_UNSOLO;
    if (address == PH_ADDR_PANIC || (address == PH_ADDR_HUSH && !output))
        return PH_OK;
    if (address == PH_ADDR_SOLO && !output)
        return PH_WRONG_TYPE;
    return nrt_program_change_output(c->programs, change, output);
}

ph_status nrt_inbox_add_urgent(struct nrt_context *c, const struct nrt_sender *sender, int address,
                               const char *output, int32_t request)
{
    struct nrt_inbox *const inbox = &c->inbox;
    const bool is_all =
        address == PH_ADDR_PANIC || (!output && (address == PH_ADDR_HUSH || address == PH_ADDR_UNHUSH));
    if (inbox->n_urgent == NRT_URGENT_WAITING_MAX)
        return PH_FULL;
    const ph_status status = change_outputs(c, address, output);
    if (status != PH_OK)
        return status;
    struct nrt_waiting_urgent *const urgent = &inbox->urgent[inbox->n_urgent++];
    *urgent = (struct nrt_waiting_urgent){ .address = address, .is_all = is_all, .request = request,
                                           .has_sender = sender, .since_ms = nrt_now_ms() };
    if (sender)
        urgent->sender = *sender;
    if (is_all)
        overtake(c, address);
    return PH_OK;
}

/** @return false when the ring has no room for all of it: sent once more, it does no harm */
static bool push_urgent(struct nrt_context *c, const struct nrt_waiting_urgent *urgent)
{
    const struct link_command panic = { .kind = LINK_PANIC };
    const struct link_command hush = { .kind = LINK_HUSH,
                                       .u.node.value = urgent->address == PH_ADDR_UNHUSH };
    if (urgent->address == PH_ADDR_PANIC)
        return link_ring_push(c->commands, &panic);
    if (urgent->is_all && !link_ring_push(c->commands, &hush))
        return false;
    return (urgent->is_all && urgent->address == PH_ADDR_HUSH) ||
           nrt_program_send_outputs(c->programs);
}

/** @return false when the ring has no room */
static bool send_urgent(struct nrt_context *c, struct nrt_waiting_urgent *urgent)
{
    const char *const address = ph_addresses[urgent->address].address;
    const struct nrt_sender *const sender = urgent->has_sender ? &urgent->sender : NULL;
    if (push_urgent(c, urgent)) {
        if (urgent->address == PH_ADDR_PANIC)
            nrt_program_forget(c->programs);
        nrt_reply(c, sender, "/done", "si", address, urgent->request);
        return true;
    }
    if (nrt_now_ms() - urgent->since_ms >= NRT_STALL_MS) {
        nrt_reply(c, sender, "/fail", "ssi", address, "it waits: the audio thread does not run",
                  urgent->request);
        urgent->has_sender = false;
    }
    return false;
}

void nrt_inbox_turn(struct nrt_context *c)
{
    struct nrt_inbox *const inbox = &c->inbox;
    while (inbox->n_urgent > 0 && send_urgent(c, &inbox->urgent[0])) {
        inbox->n_urgent--;
        memmove(inbox->urgent, inbox->urgent + 1, inbox->n_urgent * sizeof *inbox->urgent);
    }
    if (inbox->busy)
        return;
    if (!nrt_program_settle(c->programs))
        refuse_program_in_flight(c, after_panic);
    while (inbox->n_programs > 0 && inbox->n_urgent == 0 && !nrt_program_pending(c->programs))
        begin_program(c);
    if (nrt_program_pending(c->programs))
        tell_stall(c);
}
