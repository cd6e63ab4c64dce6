/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/controls.c - the controls of an event by number: names are looked up once.          */
/* room: sequencer thread.                                                                        */
#include "server/seq/controls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEYS = 256,    /* places for names that were met, a power of two */
    KEY_BYTES = 48 /* a longer name is looked up each time */
};
_Static_assert(SEQ_CONTROL_COUNT <= 64, "seq_values.has is a word of bits");

#define CONTROL_NAME(id, name) name,
#define EFFECT_NAME(id, name, low, high, neutral) name,
static const char *const control_names[] = { SEQ_CONTROLS(CONTROL_NAME) PH_VOICE_EFFECTS(EFFECT_NAME) };
#undef EFFECT_NAME
#undef CONTROL_NAME

/**
 * A name that events use: the place is found by its address, the text says whether it is the same.
 */
struct key {
    const char *at;
    int32_t control; /* -1: not in the table */
    uint32_t symbol; /* 0: no definition has had it yet */
    char text[KEY_BYTES];
};

struct seq_control_table {
    struct nrt_symbols *symbols;
    uint32_t symbol_of[SEQ_CONTROL_COUNT];
    uint32_t n_symbols;
    int8_t *control_of; /* [n_symbols]: -1 none */
    struct key keys[KEYS];
};

ph_status seq_control_table_new(struct nrt_symbols *symbols, struct seq_control_table **out)
{
    struct seq_control_table *const t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return PH_NO_MEMORY;
    t->symbols = symbols;
    bool failed = false;
    for (uint32_t i = 0; i < SEQ_CONTROL_COUNT; i++) {
        t->symbol_of[i] = nrt_symbol_intern(symbols, control_names[i]);
        failed |= t->symbol_of[i] == 0;
        if (t->symbol_of[i] >= t->n_symbols)
            t->n_symbols = t->symbol_of[i] + 1;
    }
    t->control_of = malloc(t->n_symbols);
    if (failed || !t->control_of) {
        seq_control_table_free(t);
        return PH_NO_MEMORY;
    }
    memset(t->control_of, -1, t->n_symbols);
    for (uint32_t i = 0; i < SEQ_CONTROL_COUNT; i++)
        t->control_of[t->symbol_of[i]] = (int8_t)i;
    *out = t;
    return PH_OK;
}

void seq_control_table_free(struct seq_control_table *t)
{
    if (!t)
        return;
    free(t->control_of);
    free(t);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int32_t control_named(const char *name)
{
    for (int32_t i = 0; i < SEQ_CONTROL_COUNT; i++)
        if (strcmp(control_names[i], name) == 0)
            return i;
    return -1;
}

/** The names of a pattern are interned, so that most are known by their address. */
static const struct key *find_key(struct seq_control_table *t, const char *name)
{
    struct key *const k = &t->keys[((uintptr_t)name >> 3 ^ (uintptr_t)name >> 11) % KEYS];
    if (k->at == name && strcmp(k->text, name) == 0) {
        if (k->symbol == 0) /* a definition may have come meanwhile */
            k->symbol = nrt_symbol_find(t->symbols, name);
        return k;
    }
    const size_t length = strlen(name);
    *k = (struct key){ .at = length < KEY_BYTES ? name : NULL, .control = control_named(name),
                       .symbol = nrt_symbol_find(t->symbols, name) };
    if (k->at)
        memcpy(k->text, name, length + 1);
    return k;
}

/* ---- events ---------------------------------------------------------------------------------- */

bool seq_number_of(const struct ph_value *v, double *out)
{
    double x;
    switch (v->kind) {
    case PH_VALUE_NUMBER:
    case PH_VALUE_NOTE: x = v->number; break;
    case PH_VALUE_RATIO:
    case PH_VALUE_INT:
    case PH_VALUE_BOOL: x = ph_ratio_to_double(v->ratio); break;
    case PH_VALUE_CHORD: x = v->n_notes ? (double)v->notes[0] : 0.0; break;
    case PH_VALUE_WORD:
    default: return false;
    }
    if (isfinite(x))
        *out = x;
    return isfinite(x);
}

static void read_one(struct seq_values *out, uint32_t control, const struct ph_value *value)
{
    out->values[control] = value;
    if (seq_number_of(value, &out->numbers[control]))
        out->has |= UINT64_C(1) << control;
}

void seq_values_read(struct seq_control_table *t, const struct pat_value *value,
                     struct seq_values *out)
{
    memset(out->values, 0, sizeof out->values);
    out->has = out->n_others = 0;
    if (!value->is_controls) {
        read_one(out, value->plain.kind == PH_VALUE_WORD ? SEQ_S : SEQ_NOTE, &value->plain);
        return;
    }
    for (uint32_t i = 0; i < value->n_controls; i++) {
        const struct key *const key = find_key(t, value->controls[i].key);
        if (key->control >= 0)
            read_one(out, (uint32_t)key->control, &value->controls[i].value);
        else
            out->n_others++;
    }
}

/* ---- definitions ----------------------------------------------------------------------------- */

static void apply_others(struct seq_control_table *t, const struct pat_value *value,
                         struct rt_synth *synth)
{
    double x;
    for (uint32_t i = 0; i < value->n_controls; i++) {
        const struct key *const key = find_key(t, value->controls[i].key);
        if (key->control < 0 && key->symbol && seq_number_of(&value->controls[i].value, &x))
            nrt_synth_set(synth, key->symbol, (float)x);
    }
}

void seq_settings_apply(struct seq_control_table *t, const struct seq_settings *settings,
                        const struct pat_value *value, uint32_t n_others, struct rt_synth *synth)
{
    if (n_others > 0)
        apply_others(t, value, synth);
    for (uint32_t i = 0; i < synth->def->n_params; i++) {
        const struct rt_param *const param = &synth->def->params[i];
        const int control = param->symbol < t->n_symbols ? t->control_of[param->symbol] : -1;
        if (control >= 0 && settings->set >> control & 1)
            nrt_synth_set_index(synth, param->first_control, settings->values[control]);
    }
}

int32_t seq_def_control(const struct seq_control_table *t, const struct rt_def *def,
                        enum seq_control control)
{
    return nrt_def_control(def, t->symbol_of[control]);
}
