/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_buffers.c - scsynth's door: sample buffers.                                 */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth_call.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/nrt/log.h"
#include "server/nrt/reply.h"

enum {
    BUFFER_SAMPLES_MAX = 1 << 28, /* of one buffer, all channels: 1 GiB */
    BUFFER_CHANNELS_MAX = 1024
};

static ph_status read_buffer_number(struct call *call, uint32_t *out)
{
    int32_t number;

    if (!ph_osc_next_int(&call->args, &number))
        return PH_WRONG_TYPE;
    if (number < 0 || (uint32_t)number >= call->c->n_user_buffers)
        return PH_OUT_OF_RANGE;
    *out = (uint32_t)number;
    return PH_OK;
}

/** True when clients' buffers may grow by so much: no client shall eat the machine's memory. */
static bool has_room(const struct call *call, uint64_t bytes)
{
    return call->c->client_buffer_bytes + bytes <= NRT_CLIENT_BUFFERS_BYTES_MAX;
}

/** Gives `contents` to the audio thread, which hands back what was in the slot before. */
static ph_status swap_buffer(struct call *call, uint32_t number, const struct dsp_buffer *contents)
{
    struct dsp_buffer *const gives = malloc(sizeof *gives);
    const uint64_t bytes = nrt_buffer_bytes(contents);
    ph_status status = gives && has_room(call, bytes) ? PH_OK : PH_NO_MEMORY;

    if (status == PH_OK) {
        *gives = *contents;
        status = nrt_call_stage(call, (struct link_command){.kind = LINK_BUFFER_SWAP,
                                                   .u.buffer = {gives, number}});
    }
    if (status != PH_OK) {
        struct dsp_buffer unused = *contents;
        load_buffer_finish(&unused);
        free(gives);
        return status;
    }
    call->c->client_buffer_bytes += bytes;
    nrt_call_run_completion(call);
    nrt_reply(call->c, call->sender, "/done", "si", ph_addresses[call->address].address,
              (int32_t)number);
    return PH_OK;
}

ph_status nrt_do_b_alloc(struct call *call)
{
    uint32_t number;
    int32_t n_frames = 0, n_channels = 1;
    const ph_status status = read_buffer_number(call, &number);

    if (status != PH_OK)
        return status;
    if (!ph_osc_next_int(&call->args, &n_frames) ||
        (*call->args.tags && *call->args.tags != 'b' && !ph_osc_next_int(&call->args, &n_channels)))
        return PH_WRONG_TYPE;
    if (n_frames <= 0 || n_channels <= 0 || n_channels > BUFFER_CHANNELS_MAX)
        return PH_OUT_OF_RANGE;
    if ((int64_t)n_frames * n_channels > BUFFER_SAMPLES_MAX)
        return PH_TOO_LARGE;
    const size_t bytes = (size_t)n_frames * (size_t)n_channels * sizeof(float);
    if (!has_room(call, bytes)) /* before its pages are touched */
        return PH_NO_MEMORY;
    const struct dsp_buffer contents = {.data = malloc(bytes), .n_frames = (uint32_t)n_frames,
                                        .n_channels = (uint32_t)n_channels,
                                        .rate_hz = (float)call->c->engine.rate_hz};
    if (!contents.data)
        return PH_NO_MEMORY;
    memset(contents.data, 0, bytes); /* also touches every page before the audio thread does */
    return swap_buffer(call, number, &contents);
}

/** Files are read for programs on this machine only: a path is no business of the network's. */
static bool is_local(const struct nrt_sender *sender)
{
    if (!sender)
        return true;
    if (sender->address.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &sender->address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (sender->address.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &sender->address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return false;
}

ph_status nrt_do_b_alloc_read(struct call *call)
{
    uint32_t number;
    const char *path;
    int32_t start = 0, n_frames = 0;
    struct dsp_buffer contents = {0};
    char error[LOAD_ERROR_BYTES] = "";
    ph_status status = read_buffer_number(call, &number);

    if (status != PH_OK)
        return status;
    if (!ph_osc_next_text(&call->args, &path))
        return PH_WRONG_TYPE;
    ph_osc_next_int(&call->args, &start);
    ph_osc_next_int(&call->args, &n_frames);
    const char *const root = call->c->file_root;
    const int64_t first = start > 0 ? start : 0;
    /* rate 0: the file's own, as in scsynth; BufRateScale makes up for the difference */
    if (root)
        status = load_file_beneath(root, path, 0, first, n_frames, &contents, error);
    else if (is_local(call->sender))
        status = load_file(path, 0, first, n_frames, &contents, error);
    else
        status = PH_ACCESS;
    if (status != PH_OK) {
        nrt_log(NRT_LOG_WARNING, "/b_allocRead %.200s: %s", path, error);
        snprintf(call->text, sizeof call->text, "%.90s", error[0] ? error : ph_status_text(status));
        return status;
    }
    return swap_buffer(call, number, &contents);
}

ph_status nrt_do_b_free(struct call *call)
{
    uint32_t number;
    const ph_status status = read_buffer_number(call, &number);

    return status == PH_OK ? swap_buffer(call, number, &(struct dsp_buffer){0}) : status;
}
