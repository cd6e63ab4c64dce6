/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/bytes.c - growing writer, FNV-1a.                                                     */
/* room: none (pure).                                                                             */
#include "protocol/bytes.h"

#include <stdlib.h>
#include <string.h>

void ph_writer_finish(struct ph_writer *w)
{
    if (!w)
        return;
    free(w->data);
    *w = (struct ph_writer){0};
}

static bool make_room(struct ph_writer *w, size_t size)
{
    if (w->failed)
        return false;
    if (size <= w->space - w->size)
        return true;
    size_t space = w->space ? w->space : 256;
    while (space - w->size < size && space <= SIZE_MAX / 2)
        space *= 2;
    uint8_t *data = space - w->size < size ? NULL : realloc(w->data, space);
    if (!data) {
        w->failed = true;
        return false;
    }
    w->data = data;
    w->space = space;
    return true;
}

void ph_write_bytes(struct ph_writer *w, const void *data, size_t size)
{
    if (size == 0 || !make_room(w, size))
        return;
    memcpy(w->data + w->size, data, size);
    w->size += size;
}

static void write_big_endian(struct ph_writer *w, uint64_t value, size_t size)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    ph_write_bytes(w, bytes, size);
}

void ph_write_u8(struct ph_writer *w, uint8_t value)
{
    ph_write_bytes(w, &value, 1);
}

void ph_write_i16(struct ph_writer *w, int16_t value)
{
    write_big_endian(w, (uint64_t)value, 2);
}

void ph_write_i32(struct ph_writer *w, int32_t value)
{
    write_big_endian(w, (uint64_t)value, 4);
}

void ph_write_i64(struct ph_writer *w, int64_t value)
{
    write_big_endian(w, (uint64_t)value, 8);
}

void ph_write_f32(struct ph_writer *w, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    write_big_endian(w, bits, 4);
}

void ph_write_f64(struct ph_writer *w, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    write_big_endian(w, bits, 8);
}

uint64_t ph_hash(uint64_t seed, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++)
        seed = (seed ^ bytes[i]) * UINT64_C(1099511628211);
    return seed;
}

uint64_t ph_hash_text(uint64_t seed, const char *text)
{
    return ph_hash(seed, text, strlen(text));
}
