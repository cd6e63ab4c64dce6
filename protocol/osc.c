/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/osc.c - bounded reader of OSC packets.                                                */
/* room: none (pure).                                                                             */
#include "protocol/osc.h"

#include <math.h>
#include <string.h>

#include "protocol/bytes.h"

enum { BUNDLE_HEADER_BYTES = 16 };

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

static bool is_bundle(const uint8_t *data, size_t size)
{
    return size >= 8 && memcmp(data, "#bundle", 8) == 0;
}

/** Whether one of four bytes is 0. Source: Warren, Hacker's Delight, 6-1. */
static bool has_zero(const uint8_t *four)
{
    uint32_t x;
    memcpy(&x, four, sizeof x);
    return ((x - 0x01010101u) & ~x & 0x80808080u) != 0;
}

/**
 * A string with its terminator and padding inside the reader, or NULL. Strings start on multiples
 * of four bytes and are padded to them, so the word that holds the terminator is the last.
 */
static const char *read_string(struct ph_reader *r)
{
    size_t size = 0;

    for (const size_t left = r->failed ? 0 : ph_reader_left(r); size + 4 <= left; size += 4)
        if (has_zero(r->data + r->at + size))
            return (const char *)ph_read_bytes(r, size + 4);
    r->failed = true;
    return NULL;
}

/** Address and tags of a message; leaves the reader at the arguments. */
static ph_status read_head(struct ph_reader *r, struct ph_osc_message *m)
{
    m->address = NULL;
    m->command = -1;
    m->tags = "";
    if (ph_reader_left(r) < 4)
        return PH_TRUNCATED;
    if (r->data[r->at] == 0)
        m->command = ph_read_i32(r);
    else
        m->address = read_string(r);
    if (r->failed)
        return PH_TRUNCATED;
    if (ph_reader_left(r) == 0)
        return PH_OK;
    if (r->data[r->at] != ',')
        return PH_MALFORMED;
    const char *const tags = read_string(r);
    if (!tags)
        return PH_TRUNCATED;
    m->tags = tags + 1;
    return PH_OK;
}

static ph_status skip_blob(struct ph_reader *r)
{
    const int32_t size = ph_read_i32(r);

    if (r->failed)
        return PH_TRUNCATED;
    if (size < 0)
        return PH_MALFORMED;
    return ph_read_bytes(r, padded((size_t)size)) ? PH_OK : PH_TRUNCATED;
}

static ph_status skip_argument(struct ph_reader *r, char tag)
{
    switch (tag) {
    case 'i': case 'f': case 'c': case 'r': case 'm':
        return ph_read_bytes(r, 4) ? PH_OK : PH_TRUNCATED;
    case 'h': case 'd': case 't':
        return ph_read_bytes(r, 8) ? PH_OK : PH_TRUNCATED;
    case 's': case 'S':
        return read_string(r) ? PH_OK : PH_TRUNCATED;
    case 'b':
        return skip_blob(r);
    case 'T': case 'F': case 'N': case 'I': case '[': case ']':
        return PH_OK;
    default:
        return PH_MALFORMED;
    }
}

static ph_status check_message(const uint8_t *data, size_t size)
{
    struct ph_reader r = ph_reader_of(data, size);
    struct ph_osc_message m;
    int depth = 0;
    ph_status status = read_head(&r, &m);

    for (const char *tag = m.tags; status == PH_OK && *tag; tag++) {
        depth += (*tag == '[') - (*tag == ']');
        if (depth > PH_OSC_ARRAY_DEPTH_MAX)
            return PH_TOO_DEEP;
        if (depth < 0)
            return PH_MALFORMED;
        status = skip_argument(&r, *tag);
    }
    if (status == PH_OK && (depth != 0 || ph_reader_left(&r) != 0))
        status = PH_MALFORMED;
    return status;
}

/** Next element of a bundle; false at its end. Sizes have to be checked by the caller's status. */
static ph_status next_element(struct ph_reader *r, const uint8_t **data, size_t *size)
{
    const int32_t n = ph_read_i32(r);

    if (r->failed)
        return PH_TRUNCATED;
    if (n <= 0 || n % 4 != 0)
        return PH_MALFORMED;
    *data = ph_read_bytes(r, (size_t)n);
    *size = (size_t)n;
    return *data ? PH_OK : PH_TRUNCATED;
}

static ph_status check_element(const uint8_t *data, size_t size, int depth)
{
    struct ph_reader r = ph_reader_of(data, size);
    ph_status status = PH_OK;

    if (!is_bundle(data, size))
        return check_message(data, size);
    if (depth >= PH_OSC_DEPTH_MAX)
        return PH_TOO_DEEP;
    if (!ph_read_bytes(&r, BUNDLE_HEADER_BYTES))
        return PH_TRUNCATED;
    while (status == PH_OK && ph_reader_left(&r) > 0) {
        const uint8_t *element = NULL;
        size_t element_size = 0;
        status = next_element(&r, &element, &element_size);
        if (status == PH_OK)
            status = check_element(element, element_size, depth + 1);
    }
    return status;
}

ph_status ph_osc_check(const void *packet, size_t size)
{
    if (size == 0)
        return PH_TRUNCATED;
    if (size % 4 != 0)
        return PH_MALFORMED;
    return check_element(packet, size, 0);
}

typedef ph_status each_message(void *context, const struct ph_osc_message *message);

static ph_status each_element(const uint8_t *data, size_t size, uint64_t time_ntp,
                              each_message *each, void *context, int depth)
{
    struct ph_reader r = ph_reader_of(data, size);
    ph_status status = PH_OK;

    if (!is_bundle(data, size)) {
        struct ph_osc_message m = {.time_ntp = time_ntp};
        status = read_head(&r, &m);
        if (status != PH_OK)
            return status;
        m.args = r.data + r.at;
        m.args_size = ph_reader_left(&r);
        return each(context, &m);
    }
    if (depth >= PH_OSC_DEPTH_MAX)
        return PH_TOO_DEEP;
    ph_read_bytes(&r, 8);
    const uint64_t tag = (uint64_t)ph_read_i64(&r);
    while (status == PH_OK && ph_reader_left(&r) > 0) {
        const uint8_t *element = NULL;
        size_t element_size = 0;
        status = next_element(&r, &element, &element_size);
        if (status == PH_OK)
            status = each_element(element, element_size, tag ? tag : PH_OSC_NOW, each, context,
                                  depth + 1);
    }
    return status;
}

ph_status ph_osc_each(const void *packet, size_t size, each_message *each, void *context)
{
    return each_element(packet, size, PH_OSC_NOW, each, context, 0);
}

/* ---- arguments ------------------------------------------------------------------------------- */

struct ph_osc_args ph_osc_args(const struct ph_osc_message *message)
{
    return (struct ph_osc_args){message->tags, message->args, message->args + message->args_size};
}

static int64_t clamped(double value)
{
    const double two_63 = 9223372036854775808.0;

    if (isnan(value))
        return 0;
    return value >= two_63 ? INT64_MAX : value <= -two_63 ? INT64_MIN : (int64_t)value;
}

static void read_number(struct ph_reader *r, struct ph_osc_arg *a)
{
    switch (a->tag) {
    case 'f':
        a->f = (double)ph_read_f32(r);
        a->i = clamped(a->f);
        return;
    case 'd':
        a->f = ph_read_f64(r);
        a->i = clamped(a->f);
        return;
    case 'h': case 't':
        a->i = ph_read_i64(r);
        break;
    default:
        a->i = ph_read_i32(r);
    }
    a->f = (double)a->i;
}

struct ph_osc_arg ph_osc_next(struct ph_osc_args *args)
{
    struct ph_osc_arg a = {.tag = *args->tags};
    struct ph_reader r = ph_reader_of(args->at, (size_t)(args->end - args->at));

    if (a.tag == 0)
        return a;
    args->tags++;
    switch (a.tag) {
    case 's': case 'S':
        a.text = read_string(&r);
        break;
    case 'b':
        a.blob_size = (size_t)(uint32_t)ph_read_i32(&r);
        a.blob = ph_read_bytes(&r, a.blob_size);
        ph_read_bytes(&r, padded(a.blob_size) - a.blob_size);
        break;
    case 'T': case 'F':
        a.i = a.tag == 'T';
        a.f = (double)a.i;
        break;
    case 'N': case 'I': case '[': case ']':
        break;
    default:
        read_number(&r, &a);
    }
    args->at += r.at;
    return a;
}

static bool next_is(const struct ph_osc_args *args, const char *tags)
{
    return *args->tags && strchr(tags, *args->tags);
}

/** The usual case: the next argument is of that tag and has four bytes. */
static bool next_word(struct ph_osc_args *args, char tag, uint32_t *out)
{
    if (*args->tags != tag || args->end - args->at < 4)
        return false;
    *out = ph_big_endian_32(args->at);
    args->tags++;
    args->at += 4;
    return true;
}

bool ph_osc_next_int(struct ph_osc_args *args, int32_t *out)
{
    uint32_t word;

    if (next_word(args, 'i', &word)) {
        *out = (int32_t)word;
        return true;
    }
    if (!next_is(args, "ihfdTF"))
        return false;
    const int64_t i = ph_osc_next(args).i;
    *out = i > INT32_MAX ? INT32_MAX : i < INT32_MIN ? INT32_MIN : (int32_t)i;
    return true;
}

bool ph_osc_next_long(struct ph_osc_args *args, int64_t *out)
{
    if (!next_is(args, "iht"))
        return false;
    *out = ph_osc_next(args).i;
    return true;
}

bool ph_osc_next_float(struct ph_osc_args *args, float *out)
{
    uint32_t word;

    if (next_word(args, 'f', &word)) {
        memcpy(out, &word, sizeof *out);
        return true;
    }
    if (!next_is(args, "ihfd"))
        return false;
    *out = (float)ph_osc_next(args).f;
    return true;
}

bool ph_osc_next_text(struct ph_osc_args *args, const char **out)
{
    struct ph_reader r = ph_reader_of(args->at, (size_t)(args->end - args->at));

    if (*args->tags != 's' && *args->tags != 'S')
        return false;
    args->tags++;
    *out = read_string(&r);
    args->at += r.at;
    return true;
}

bool ph_osc_next_blob(struct ph_osc_args *args, const uint8_t **out, size_t *size)
{
    if (!next_is(args, "b"))
        return false;
    const struct ph_osc_arg a = ph_osc_next(args);
    *out = a.blob;
    *size = a.blob_size;
    return true;
}
