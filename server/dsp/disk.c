/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/disk.c - DiskIn, VDiskIn, DiskOut: sound that streams from and to files.            */
/* room: audio.                                                                                   */
/*                                                                                                */
/* The buffer has two halves: the unit is in one while the loader fills or writes the other. A    */
/* buffer is fit when its length is a multiple of two blocks and it has the unit's channels.      */
#include "server/dsp/disk.h"

#include "server/dsp/lane.h"

#if LANE_W == 1

#include <math.h>

#include "server/dsp/interp.h"
#include "server/dsp/message.h"

enum { DISK_BUFNUM };

/** The client's buffer of the unit, or NULL where it can't stream; `*n` is its number. */
static struct dsp_buffer *disk_buffer(const struct dsp_block *b, uint32_t *n)
{
    const float asked = dsp_in(b, DISK_BUFNUM)[0], number = asked > 0 ? asked : 0;
    if (!(number < (float)b->env->n_writable && number < (float)b->env->n_buffers))
        return NULL;
    *n = (uint32_t)number;
    struct dsp_buffer *const buffer = &b->env->buffers[*n];
    const uint32_t unit = 2 * b->env->block_frames;
    return buffer->data && buffer->n_frames > 0 && buffer->n_frames % unit == 0 ? buffer : NULL;
}

PH_RT static void ask(const struct dsp_block *b, uint32_t number, uint32_t first, uint32_t n,
                      enum dsp_disk_kind kind)
{
    struct dsp_disk *const disk = b->env->disk;
    if (!disk || disk->n == DSP_DISK_ASKS_MAX)
        return;
    disk->asks[disk->n++] = (struct dsp_disk_ask){
        .buffer = number, .first_frame = first, .n_frames = n,
        .n_channels = (uint16_t)b->env->buffers[number].n_channels, .kind = (uint8_t)kind };
}

/** The end of the file as it is known by now, and 1 more; 0: it goes on. */
PH_RT static uint32_t file_end(const struct dsp_block *b, uint32_t number)
{
    const struct dsp_disk *const disk = b->env->disk;
    const int32_t end =
        disk && disk->ends ? atomic_load_explicit(&disk->ends[number], memory_order_relaxed) : -1;
    return end < 0 ? 0 : (uint32_t)end + 1;
}

PH_RT static void silence(const struct dsp_block *b)
{
    for (uint32_t c = 0; c < b->n_out; c++)
        for (uint32_t i = 0; i < b->n_frames; i++)
            dsp_out(b, c)[i] = 0;
}

/* -------------------------------------------------------------------------------------- DiskIn */

/**
 * DiskIn - plays a file through a buffer that /b_read left open.
 *
 * in      [0] bufnum   [1] loop
 * out     as many channels as the buffer has, else silence
 * end     it is done at the file's end, when it does not loop
 * state   the frame of the buffer; that of the file's end and 1 more, or 0
 * cost    a copy
 */
struct disk_in { uint32_t position, end; };
enum { DISK_IN_LOOP = 1 };

PH_RT static void disk_in_process(void *state, const struct dsp_block *b)
{
    struct disk_in *const s = state;
    uint32_t number;
    const struct dsp_buffer *const buffer = disk_buffer(b, &number);
    if (!buffer)
        s->position = 0;
    if (!buffer || buffer->n_channels != b->n_out) {
        silence(b);
        return;
    }
    const enum dsp_disk_kind kind =
        fabsf(dsp_in(b, DISK_IN_LOOP)[0]) >= 1 ? DSP_DISK_READ_LOOP : DSP_DISK_READ;
    const uint32_t half = buffer->n_frames / 2;
    if (s->end > 0 && s->position % buffer->n_frames + 1 >= s->end)
        dsp_mark_done(b, true);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        s->position = s->position < buffer->n_frames ? s->position : 0;
        const float *const frame = buffer->data + (size_t)s->position * b->n_out;
        for (uint32_t c = 0; c < b->n_out; c++)
            dsp_out(b, c)[i] = frame[c];
        s->position++;
        if (s->position == half || s->position == buffer->n_frames) {
            s->end = file_end(b, number); /* of the half that comes now */
            ask(b, number, s->position - half, half, kind);
        }
    }
}
const struct dsp_unit DSP(dsp_DiskIn) = { sizeof(struct disk_in), dsp_no_init, disk_in_process };

/* ------------------------------------------------------------------------------------- VDiskIn */

/**
 * VDiskIn - plays a file through a buffer at any rate up to a quarter of the buffer a block.
 *
 * in      [0] bufnum   [1] rate, file frames per output frame   [2] loop
 *         [3] sendID   not 0: /diskin node sendID frame, of the file, with every half that is asked
 *             for
 * out     as many channels as the buffer has, else silence
 * end     as DiskIn
 * state   the place in the buffer, the rate, whether it has begun, the file's end, halves asked for
 * memory  the messages of one block
 * cost    one cubic per frame and channel
 *
 * A half is asked for one frame after it was left, when the cubic needs nothing of it any more. At
 * a rate that is the scalar 1 frames are copied.
 */
struct v_disk_in { double place; float rate; uint32_t has_begun, end, n_asked; };
enum { V_DISK_RATE = 1, V_DISK_LOOP, V_DISK_ID };

static uint32_t v_disk_in_memory(const struct dsp_block *b)
{
    (void)b;
    return dsp_message_floats(1);
}

PH_RT static void v_disk_in_init(void *state, const struct dsp_block *b)
{
    *(struct v_disk_in *)state =
        (struct v_disk_in){ .rate = dsp_max(dsp_in(b, V_DISK_RATE)[0], 0) };
}

static bool is_plain(const struct dsp_block *b)
{
    return b->in_rate[V_DISK_RATE] == PH_SCALAR && dsp_in(b, V_DISK_RATE)[0] == 1.0f;
}

PH_RT static void read_frame(const struct dsp_block *b, const struct dsp_buffer *buffer,
                             double place, uint32_t i)
{
    const uint32_t n = buffer->n_frames, channels = buffer->n_channels;
    const uint32_t at = (uint32_t)place, here = at % n;
    const float t = (float)(place - at);
    const float *const y0 = buffer->data + (size_t)((here + n - 1) % n) * channels;
    const float *const y1 = buffer->data + (size_t)here * channels;
    const float *const y2 = buffer->data + (size_t)((here + 1) % n) * channels;
    const float *const y3 = buffer->data + (size_t)((here + 2) % n) * channels;
    for (uint32_t c = 0; c < channels; c++)
        dsp_out(b, c)[i] = lane_cubic(t, y0[c], y1[c], y2[c], y3[c]);
}

/** Tells where it is after another half was asked for. */
PH_RT static void v_disk_in_tell(struct v_disk_in *s, const struct dsp_block *b, uint32_t half)
{
    const float id = b->n_in > V_DISK_ID ? dsp_in(b, V_DISK_ID)[0] : 0.0f;
    s->n_asked++;
    const float frame = (float)(s->place + (double)(s->n_asked * half));
    if (fabsf(id) >= 1)
        dsp_tell(b, id, &frame, 1);
}

PH_RT static void v_disk_in_process(void *state, const struct dsp_block *b)
{
    struct v_disk_in *const s = state;
    uint32_t number;
    const struct dsp_buffer *const buffer = disk_buffer(b, &number);
    const float rate = dsp_max(dsp_in(b, V_DISK_RATE)[0], 0);
    s->n_asked = buffer ? s->n_asked : 0;
    if (!buffer || buffer->n_channels != b->n_out ||
        !(rate * (float)b->n_frames < 0.5f * (float)buffer->n_frames)) {
        silence(b);
        return;
    }
    const enum dsp_disk_kind kind =
        fabsf(dsp_in(b, V_DISK_LOOP)[0]) >= 1 ? DSP_DISK_READ_LOOP : DSP_DISK_READ;
    const bool plain = is_plain(b);
    const double n = buffer->n_frames, half = n / 2, late = plain ? 0 : 1;
    const float slope = (rate - s->rate) / (float)b->n_frames;
    uint32_t end = s->end;
    bool asks = false;
    s->place = s->place < n + late ? s->place : 0; /* a shorter buffer than before */
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const double before = s->place;
        read_frame(b, buffer, before, i);
        if (!plain && !s->has_begun) { /* the first frame comes twice, as in SuperCollider */
            s->has_begun = true;
            continue;
        }
        s->rate += slope;
        s->place += (double)s->rate;
        if (before < half + late && s->place >= half + late) {
            end = file_end(b, number);
            ask(b, number, 0, (uint32_t)half, kind);
            asks = true;
        }
        if (s->place >= n + late) {
            s->place -= n;
            asks = true;
            end = file_end(b, number);
            ask(b, number, (uint32_t)half, (uint32_t)half, kind);
        }
    }
    if (s->end > 0 && s->place + 1 >= s->end)
        dsp_mark_done(b, true);
    if (asks)
        v_disk_in_tell(s, b, (uint32_t)half);
    s->end = end;
    s->rate = rate;
}
const struct dsp_unit DSP(dsp_VDiskIn) = { sizeof(struct v_disk_in), v_disk_in_init,
                                           v_disk_in_process, v_disk_in_memory, 1 };

/* ------------------------------------------------------------------------------------- DiskOut */

/**
 * DiskOut - writes its inputs through a buffer to the file that /b_write left open.
 *
 * in      [0] bufnum   [1 ..] as many channels as the buffer has
 * out     [0] frames written so far; 0 where the buffer isn't fit
 * state   the frame of the buffer, frames written
 * cost    a copy
 *
 * Each call asks for its own frames to be written, so that nothing is missing when the synth ends.
 */
struct disk_out { uint32_t position, n_written; };

PH_RT static void disk_out_process(void *state, const struct dsp_block *b)
{
    struct disk_out *const s = state;
    const uint32_t n_channels = b->n_in - 1u;
    uint32_t number;
    struct dsp_buffer *const buffer = disk_buffer(b, &number);
    if (!buffer)
        s->position = 0;
    if (!buffer || buffer->n_channels != n_channels) {
        silence(b);
        return;
    }
    s->position = s->position < buffer->n_frames ? s->position : 0;
    uint32_t first = s->position;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        float *const frame = buffer->data + (size_t)s->position * n_channels;
        for (uint32_t c = 0; c < n_channels; c++)
            frame[c] = dsp_value(b, 1 + c, i);
        if (b->n_out > 0)
            dsp_out(b, 0)[i] = (float)s->n_written;
        s->n_written++;
        if (++s->position == buffer->n_frames) {
            ask(b, number, first, s->position - first, DSP_DISK_WRITE);
            s->position = first = 0;
        }
    }
    if (s->position > first)
        ask(b, number, first, s->position - first, DSP_DISK_WRITE);
}
const struct dsp_unit DSP(dsp_DiskOut) = { sizeof(struct disk_out), dsp_no_init, disk_out_process };

#else
typedef int disk_has_no_wide_form; /* a translation unit must declare something */
#endif
