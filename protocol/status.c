/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/status.c - texts of the status codes.                                                 */
/* room: none (pure).                                                                             */
#include "protocol/status.h"

const char *ph_status_text(ph_status status)
{
#define STATUS_TEXT(id, text) text,
    static const char *const texts[] = {PH_STATUSES(STATUS_TEXT)};
#undef STATUS_TEXT
    if ((unsigned)status >= PH_STATUS_COUNT)
        return "unknown status";
    return texts[status];
}
