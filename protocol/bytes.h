/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/bytes.h - bounded big-endian reader and growing writer under every codec.             */
/* room: none (pure). The writer allocates; the reader never does.                                */
#ifndef PROTOCOL_BYTES_H
#define PROTOCOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "protocol/status.h"

/**
 * Reader over borrowed memory. A read past the end returns 0, leaves the position alone and sets
 * `failed`, which stays set; so a decoder may read a whole record and test once.
 */
struct ph_reader {
    const uint8_t *data;
    size_t size, at;
    bool failed;
};

static inline struct ph_reader ph_reader_of(const void *data, size_t size)
{
    return (struct ph_reader){.data = data, .size = size};
}

static inline size_t ph_reader_left(const struct ph_reader *r)
{
    return r->size - r->at;
}

/** `size` bytes in place, or NULL (and failed) when fewer are left. */
static inline const uint8_t *ph_read_bytes(struct ph_reader *r, size_t size)
{
    /* data may be NULL for an empty reader; a successful read of 0 bytes still needs an address */
    static const uint8_t nothing[1];

    if (r->failed || size > r->size - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *const bytes = r->data ? r->data + r->at : nothing;
    r->at += size;
    return bytes;
}

/** Big-endian numbers in place; compilers make one load of it. */
static inline uint32_t ph_big_endian_32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}
static inline uint64_t ph_big_endian_64(const uint8_t *b)
{
    return (uint64_t)ph_big_endian_32(b) << 32 | ph_big_endian_32(b + 4);
}

static inline uint8_t ph_read_u8(struct ph_reader *r)
{
    const uint8_t *const bytes = ph_read_bytes(r, 1);
    return bytes ? bytes[0] : 0;
}

static inline int16_t ph_read_i16(struct ph_reader *r)
{
    const uint8_t *const bytes = ph_read_bytes(r, 2);
    return bytes ? (int16_t)(uint16_t)((uint32_t)bytes[0] << 8 | bytes[1]) : 0;
}

static inline int32_t ph_read_i32(struct ph_reader *r)
{
    const uint8_t *const bytes = ph_read_bytes(r, 4);
    return bytes ? (int32_t)ph_big_endian_32(bytes) : 0;
}

static inline int64_t ph_read_i64(struct ph_reader *r)
{
    const uint8_t *const bytes = ph_read_bytes(r, 8);
    return bytes ? (int64_t)ph_big_endian_64(bytes) : 0;
}

static inline float ph_read_f32(struct ph_reader *r)
{
    const int32_t bits = ph_read_i32(r);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double ph_read_f64(struct ph_reader *r)
{
    const int64_t bits = ph_read_i64(r);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/** Writer; zeroed is empty. A failed allocation sets `failed` and later writes do nothing. */
struct ph_writer {
    uint8_t *data;
    size_t size, space;
    bool failed;
};

void ph_writer_finish(struct ph_writer *w); /* frees; accepts zeroed */
void ph_write_u8(struct ph_writer *w, uint8_t value);
void ph_write_i16(struct ph_writer *w, int16_t value);
void ph_write_i32(struct ph_writer *w, int32_t value);
void ph_write_i64(struct ph_writer *w, int64_t value);
void ph_write_f32(struct ph_writer *w, float value);
void ph_write_f64(struct ph_writer *w, double value);
void ph_write_bytes(struct ph_writer *w, const void *data, size_t size);

/**
 * 64-bit FNV-1a, chained through `seed` (start with PH_HASH_START); for keys and content hashes.
 */
#define PH_HASH_START UINT64_C(14695981039346656037)
uint64_t ph_hash(uint64_t seed, const void *data, size_t size);
uint64_t ph_hash_text(uint64_t seed, const char *text);

#endif
