/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/support.h - what the protocol's tests share: runner, seeded bytes, exact        */
/* copies.                                                                                        */
#ifndef TESTS_PROTOCOL_SUPPORT_H
#define TESTS_PROTOCOL_SUPPORT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check_main.h"

/** splitmix64: the same bytes on every run. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/** A copy in a block of exactly that size, so that AddressSanitizer sees a read past its end. */
static inline uint8_t *exact_copy(const void *data, size_t size)
{
    uint8_t *const copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    return copy;
}

#endif
