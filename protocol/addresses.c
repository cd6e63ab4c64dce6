/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/addresses.c - the address table as data, and look-up.                                 */
/* room: none (pure).                                                                             */
#include "protocol/addresses.h"

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_INFO(id, address, number, args, reply, doc)                                        \
    [PH_ADDR_##id] = {address, number, args, reply, doc},
const struct ph_address_info ph_addresses[PH_ADDR_COUNT] = {PH_ADDRESSES(ADDRESS_INFO)};

/** As strcmp() == 0, without a call: most addresses differ soon. */
static bool is_same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int ph_address_find(const char *address, int number)
{
    if (!address && number < 0)
        return -1;
    const char *const name = address ? address + (address[0] == '/') : NULL;
    for (int i = 0; i < PH_ADDR_COUNT; i++) {
        const struct ph_address_info *const a = &ph_addresses[i];
        if (name ? is_same(name, a->address + 1) : number == a->number)
            return i;
    }
    return -1;
}
