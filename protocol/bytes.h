/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/bytes.h - bounded big-endian reader and growing writer under every codec.             */
/* room: none (pure). The writer allocates; the reader never does.                                */
#ifndef PROTOCOL_BYTES_H
#define PROTOCOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct ph_reader ph_reader_of(const void *data, size_t size);
size_t ph_reader_left(const struct ph_reader *r);
uint8_t ph_read_u8(struct ph_reader *r);
int16_t ph_read_i16(struct ph_reader *r);
int32_t ph_read_i32(struct ph_reader *r);
int64_t ph_read_i64(struct ph_reader *r);
float ph_read_f32(struct ph_reader *r);
double ph_read_f64(struct ph_reader *r);
/** `size` bytes in place, or NULL (and failed) when fewer are left. */
const uint8_t *ph_read_bytes(struct ph_reader *r, size_t size);

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

/** 64-bit FNV-1a, chained through `seed` (start with PH_HASH_START); for keys and content hashes. */
#define PH_HASH_START UINT64_C(14695981039346656037)
uint64_t ph_hash(uint64_t seed, const void *data, size_t size);
uint64_t ph_hash_text(uint64_t seed, const char *text);

#endif
