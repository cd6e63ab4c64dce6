/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_controls.c - scsynth's door: controls of synths: values, and buses that     */
/* they follow.                                                                                   */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth_call.h"

#include "server/nrt/query.h"
#include "server/rt/exec.h"

/* ---- arguments ------------------------------------------------------------------------------- */

bool nrt_has(const struct call *call, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (call->args.tags[i] == 0)
            return false;
    return true;
}

int32_t nrt_take_int(struct call *call)
{
    int32_t value = 0;
    if (!ph_osc_next_int(&call->args, &value))
        (void)ph_osc_next(&call->args);
    return value;
}

float nrt_take_float(struct call *call)
{
    float value = 0;
    if (!ph_osc_next_float(&call->args, &value))
        (void)ph_osc_next(&call->args);
    return value;
}

/** A control as clients name it. */
struct control {
    const char *name; /* NULL: by index */
    /* of the name; 0: no definition has it, and it is passed over, as in scsynth */
    uint32_t symbol;
    int32_t index;
};

static struct control take_control(struct call *call)
{
    struct control control = {0};
    if (!ph_osc_next_text(&call->args, &control.name))
        control.index = nrt_take_int(call);
    else
        control.symbol = nrt_symbol_find(call->c->symbols, control.name);
    return control;
}

/** "c5" or "a5": the bus behind the letter; false: it is no such text. */
static bool read_bus(const char *text, enum link_control_source *source, int32_t *bus)
{
    int64_t number = 0;
    if ((*text != 'c' && *text != 'a') || text[1] == 0)
        return false;
    *source = *text == 'c' ? LINK_CONTROL_BUS : LINK_CONTROL_AUDIO_BUS;
    for (text++; *text >= '0' && *text <= '9' && number <= INT32_MAX; text++)
        number = 10 * number + (*text - '0');
    *bus = number <= INT32_MAX ? (int32_t)number : INT32_MAX;
    return true;
}

/* ---- where values go ------------------------------------------------------------------------- */

/**
 * One of the two: a synth that nobody plays yet, or the id
 * of a node, whose synths are set in their turn.
 */
struct target {
    struct rt_synth *synth;
    int32_t id;
    bool is_named; /* some message to the audio thread has named it */
};

/** Controls of a new synth that `control` means, n of them from `offset` on. */
static struct rt_controls new_controls(const struct rt_def *def, const struct control *control,
                                       int32_t offset, int32_t n)
{
    return rt_exec_controls(def, control->symbol, (int64_t)control->index + offset, n);
}

/** The index of a message to the audio thread; past the largest number there are no controls. */
static int32_t element(const struct control *control, int32_t offset)
{
    const int64_t at = (int64_t)control->index + offset;
    return at < INT32_MAX ? (int32_t)at : INT32_MAX;
}

static ph_status set(struct call *call, struct target *to, const struct control *control,
                     int32_t offset, int32_t n, float value)
{
    if ((control->name && control->symbol == 0) || n <= 0)
        return PH_OK;
    if (to->synth) {
        const struct rt_controls r = new_controls(to->synth->def, control, offset, n);
        for (uint32_t i = r.first; i < r.end; i++)
            nrt_synth_set_index(to->synth, i, value);
        return PH_OK;
    }
    to->is_named = true;
    return nrt_call_stage(call, (struct link_command){
                             .kind = LINK_NODE_SET,
                             .u.set = {.id = to->id, .symbol = control->symbol,
                                       .index = element(control, offset), .value = value, .n = n}});
}

static void map_new(struct rt_synth *synth, const struct control *control, int32_t offset, int32_t n,
                    enum link_control_source source, int32_t bus)
{
    const struct rt_controls r = new_controls(synth->def, control, offset, n);
    for (uint32_t i = r.first; i < r.end && bus >= 0; i++)
        nrt_synth_map_index(synth, i, source, (uint32_t)bus + (i - r.first));
}

/**
 * Of n buses from `bus` on, those that a client may number;
 * below 0 they stand for none, and all count.
 */
static int32_t buses_there(const struct nrt_context *c, enum link_control_source source, int32_t bus,
                           int32_t n)
{
    const int64_t n_buses =
        source == LINK_CONTROL_BUS ? c->engine.n_control_buses : c->n_user_audio_buses;
    return bus < 0 || n < n_buses - bus ? n : (int32_t)(n_buses - bus);
}

static ph_status map(struct call *call, struct target *to, const struct control *control,
                     int32_t offset, int32_t n, enum link_control_source source, int32_t bus)
{
    n = buses_there(call->c, source, bus, n);
    if ((control->name && control->symbol == 0) || n <= 0)
        return PH_OK;
    if (to->synth) {
        map_new(to->synth, control, offset, n, source, bus);
        return PH_OK;
    }
    to->is_named = true;
    return nrt_call_stage(call, (struct link_command){
                             .kind = LINK_NODE_MAP,
                             .u.map = {.id = to->id, .symbol = control->symbol,
                                       .index = element(control, offset), .n = n, .bus = bus,
                                       .source = (uint8_t)source}});
}

/** One value or text with a bus. @return in `*taken` whether it was one of the two */
static ph_status take_value(struct call *call, struct target *to, const struct control *control,
                            int32_t offset, bool *taken)
{
    const char *text;
    enum link_control_source source;
    int32_t bus;

    *taken = true;
    if (!ph_osc_next_text(&call->args, &text))
        return set(call, to, control, offset, 1, nrt_take_float(call));
    *taken = read_bus(text, &source, &bus);
    return *taken ? map(call, to, control, offset, 1, source, bus) : PH_OK;
}

/** One value, or the values of an array in brackets: those go to the elements that follow. */
static ph_status take_values(struct call *call, struct target *to, const struct control *control)
{
    ph_status status = PH_OK;
    int32_t offset = 0, depth = 0;

    do {
        const char tag = *call->args.tags;
        bool taken = false;
        if (tag == '[' || tag == ']') {
            depth += tag == '[' ? 1 : -1;
            (void)ph_osc_next(&call->args);
        } else if (tag) {
            status = take_value(call, to, control, offset, &taken);
        }
        offset += taken;
    } while (status == PH_OK && depth > 0 && *call->args.tags);
    return status;
}

/* ---- forms of arguments ---------------------------------------------------------------------- */

typedef ph_status taker(struct call *call, struct target *to);

/** Control, value or array. */
static ph_status take_pair(struct call *call, struct target *to)
{
    const struct control control = take_control(call);
    return take_values(call, to, &control);
}

/** Control, how many, so many values. */
static ph_status take_run(struct call *call, struct target *to)
{
    const struct control control = take_control(call);
    const int32_t n = nrt_take_int(call);
    ph_status status = PH_OK;

    for (int32_t i = 0; status == PH_OK && i < n && nrt_has(call, 1); i++) {
        bool taken;
        status = take_value(call, to, &control, i, &taken);
    }
    return status;
}

/** Control, how many, one value. */
static ph_status take_fill(struct call *call, struct target *to)
{
    const struct control control = take_control(call);
    const int32_t n = nrt_take_int(call);
    const char *text;
    enum link_control_source source;
    int32_t bus;

    if (!ph_osc_next_text(&call->args, &text))
        return set(call, to, &control, 0, n, nrt_take_float(call));
    return read_bus(text, &source, &bus) ? map(call, to, &control, 0, n, source, bus) : PH_OK;
}

static ph_status take_map(struct call *call, struct target *to, enum link_control_source source,
                          bool is_run)
{
    const struct control control = take_control(call);
    const int32_t bus = nrt_take_int(call), n = is_run ? nrt_take_int(call) : 1;
    return map(call, to, &control, 0, n, source, bus < 0 ? -1 : bus);
}

static ph_status take_k_map(struct call *call, struct target *to)
{
    return take_map(call, to, LINK_CONTROL_BUS, false);
}

static ph_status take_k_maps(struct call *call, struct target *to)
{
    return take_map(call, to, LINK_CONTROL_BUS, true);
}

static ph_status take_a_map(struct call *call, struct target *to)
{
    return take_map(call, to, LINK_CONTROL_AUDIO_BUS, false);
}

static ph_status take_a_maps(struct call *call, struct target *to)
{
    return take_map(call, to, LINK_CONTROL_AUDIO_BUS, true);
}

/** A node, then groups of `n_least` arguments or more up to the end of the message. */
static ph_status change(struct call *call, taker *take, uint32_t n_least)
{
    struct target to = {0};
    ph_status status = nrt_take_node(call, 0, &to.id);

    while (status == PH_OK && nrt_has(call, n_least))
        status = take(call, &to);
    if (status == PH_OK && !to.is_named) /* it must be there all the same */
        status = nrt_call_stage(call, (struct link_command){.kind = LINK_NODE_CHECK, .u.node.id = to.id});
    return status;
}

void nrt_set_new(struct call *call, struct rt_synth *synth, bool by_runs)
{
    struct target to = {.synth = synth};
    taker *const take = by_runs ? take_run : take_pair;

    while (nrt_has(call, 2))
        (void)take(call, &to); /* what a new synth has not is passed over */
}

/* ---- commands -------------------------------------------------------------------------------- */

ph_status nrt_do_n_set(struct call *call)
{
    return change(call, take_pair, 2);
}

ph_status nrt_do_n_setn(struct call *call)
{
    return change(call, take_run, 1);
}

ph_status nrt_do_n_fill(struct call *call)
{
    return change(call, take_fill, 3);
}

ph_status nrt_do_n_map(struct call *call)
{
    return change(call, take_k_map, 2);
}

ph_status nrt_do_n_mapn(struct call *call)
{
    return change(call, take_k_maps, 3);
}

ph_status nrt_do_n_mapa(struct call *call)
{
    return change(call, take_a_map, 2);
}

ph_status nrt_do_n_mapan(struct call *call)
{
    return change(call, take_a_maps, 3);
}

static ph_status ask_controls(struct call *call, enum nrt_query_form form)
{
    int32_t id;
    const ph_status status = nrt_take_node(call, 0, &id);
    if (status != PH_OK)
        return status;
    struct link_query *const q = nrt_query_new(call, LINK_QUERY_CONTROLS, form, id);
    while (q && nrt_has(call, 1)) {
        const struct control control = take_control(call);
        const int32_t n = form == NRT_QUERY_SPANS ? nrt_take_int(call) : 1;
        nrt_query_add(call, q, control.name, control.index, n);
    }
    return nrt_query_ask(call, q);
}

ph_status nrt_do_s_get(struct call *call)
{
    return ask_controls(call, NRT_QUERY_SINGLE);
}

ph_status nrt_do_s_getn(struct call *call)
{
    return ask_controls(call, NRT_QUERY_SPANS);
}
