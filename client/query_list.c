/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_list.c - phonon-query --list: the functions of a dialect, one a line.             */
#include "client/query.h"
#include "client/reference.h"
#include "client/tidal/tidal.h"

static void list_tidal(FILE *to)
{
    const struct tidal_function_info *info;

    for (uint32_t i = 0; (info = tidal_function_info(i)) != NULL; i++)
        fprintf(to, "%-16s :: %-56s %s\n", info->name, info->type, info->doc ? info->doc : "");
}

void query_list(bool tidal, FILE *to)
{
    if (tidal)
        list_tidal(to);
    else
        reference_list(to);
}
