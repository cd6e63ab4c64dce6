/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/builtin.c - definitions that are always there, built as a client would build them.  */
/* room: sequencer thread.                                                                        */
#include "server/seq/builtin.h"

#include <stdio.h>
#include <string.h>

#include "protocol/units.h"
#include "protocol/voice.h"

#define BASE_HZ 261.6256f /* an oscillator without a frequency: LANGUAGE 10.5 */

static ph_status compile(struct ph_build *b, const struct seq_builtins *for_, struct rt_def **out)
{
    struct ph_synthdef def = { 0 };
    char error[128];
    ph_status status = ph_build_end(b, &def);
    if (status == PH_OK)
        status = nrt_def_compile(&def, for_->symbols, &for_->target, out, error);
    ph_synthdef_finish(&def);
    return status;
}

/** The name of a definition with that set of effects: "saw", "saw 12". */
static void begin(struct ph_build *b, const char *name, uint32_t effects)
{
    char text[48];
    snprintf(text, sizeof text, effects ? "%s %u" : "%s", name, effects);
    ph_build_begin(b, text);
}

/** A buffer, one or two channels of it, from begin to end at a rate that stands or moves. */
static ph_status sample_player(const struct seq_builtins *for_, bool is_stereo, bool rate_moves,
                               uint32_t effects, struct rt_def **out)
{
    static const char *const names[2][2] = { { "sample1", "sample1-moving" },
                                             { "sample2", "sample2-moving" } };
    struct ph_build b = { 0 };
    begin(&b, names[is_stereo][rate_moves], effects);
    const struct ph_input buffer = ph_build_control(&b, SEQ_SAMPLE_BUFFER, 0, PH_SCALAR);
    struct ph_input rate = ph_build_control(&b, SEQ_SAMPLE_RATE, 1, PH_SCALAR);
    if (rate_moves) {
        const struct ph_input ends[] = {
            rate, ph_build_control(&b, SEQ_SAMPLE_RATE_END, 1, PH_SCALAR),
            ph_build_control(&b, SEQ_SAMPLE_SECONDS, 1, PH_SCALAR), ph_build_constant(&b, 0)
        };
        rate = ph_build_unit(&b, "Line", PH_AUDIO, 0, 1, ends, 4, 0);
    }
    const struct ph_input inputs[] = {
        buffer, rate, ph_build_control(&b, SEQ_SAMPLE_BEGIN, 0, PH_SCALAR),
        ph_build_control(&b, SEQ_SAMPLE_END, 1, PH_SCALAR),
        ph_build_control(&b, SEQ_SAMPLE_LOOP, 0, PH_SCALAR), ph_build_constant(&b, 0)
    };
    const struct ph_input left =
        ph_build_unit(&b, "Sampler", PH_AUDIO, 0, is_stereo ? 2 : 1, inputs, 6, 0);
    struct ph_input right = left;
    right.output += is_stereo;
    ph_voice_end_effects(&b, left, right, PH_SAMPLE_ATTACK_SECONDS, PH_SAMPLE_RELEASE_SECONDS,
                         effects);
    return compile(&b, for_, out);
}

/** Words of the plain synths, each one unit; its first input is a frequency where `is_pitched`. */
static const struct {
    const char *word, *unit;
    bool is_pitched;
} synths[] = {
    { "sine", "SinOsc", true },    { "saw", "BlepSaw", true },    { "square", "BlepPulse", true },
    { "pulse", "BlepPulse", true }, { "tri", "BlepTri", true },   { "noise", "WhiteNoise", false },
    { "pink", "PinkNoise", false },
};
enum { N_SYNTHS = sizeof synths / sizeof *synths };
_Static_assert((int)N_SYNTHS == (int)SEQ_BUILTIN_SYNTHS, "one definition per word");

static ph_status plain_synth(const struct seq_builtins *for_, uint32_t i, uint32_t effects,
                             struct rt_def **out)
{
    const struct ph_unit_info *const unit = &ph_units[ph_unit_find(synths[i].unit)];
    struct ph_build b = { 0 };
    begin(&b, synths[i].word, effects);
    const struct ph_input ratio = ph_voice_ratio(&b, BASE_HZ);
    struct ph_input inputs[4];
    for (uint32_t k = 0; k < unit->n_inputs; k++)
        inputs[k] = ph_build_constant(&b, unit->inputs[k].initial);
    if (synths[i].is_pitched) {
        const struct ph_input factors[] = { ratio, ph_build_constant(&b, BASE_HZ) };
        inputs[0] = ph_build_unit(&b, "BinaryOpUGen", PH_CONTROL, PH_BINARY_MUL, 1, factors, 2, 0);
    }
    const struct ph_input sound =
        ph_build_unit(&b, synths[i].unit, PH_AUDIO, 0, 1, inputs, unit->n_inputs, 0);
    ph_voice_end_effects(&b, sound, sound, PH_VOICE_ATTACK_SECONDS, PH_VOICE_RELEASE_SECONDS,
                         effects);
    return compile(&b, for_, out);
}

enum { FIRST_SYNTH = 4 };

static ph_status make(const struct seq_builtins *b, uint32_t number, uint32_t effects,
                      struct rt_def **out)
{
    *out = NULL;
    return number < FIRST_SYNTH ? sample_player(b, number / 2, number % 2, effects, out)
                                : plain_synth(b, number - FIRST_SYNTH, effects, out);
}

ph_status seq_builtins_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                           struct seq_builtins *out)
{
    ph_status status = PH_OK;
    *out = (struct seq_builtins){ .target = *target, .symbols = symbols };
    for (uint32_t i = 0; i < SEQ_BUILTIN_DEFS && status == PH_OK; i++)
        status = make(out, i, 0, &out->defs[i][0]);
    if (status != PH_OK)
        seq_builtins_finish(out);
    return status;
}

void seq_builtins_finish(struct seq_builtins *b)
{
    for (uint32_t i = 0; i < SEQ_BUILTIN_DEFS; i++)
        for (uint32_t k = 0; k <= PH_VOICE_EFFECTS_ALL; k++)
            nrt_def_release(b->defs[i][k]);
    *b = (struct seq_builtins){ 0 };
}

static struct rt_def *find(struct seq_builtins *b, uint32_t number, uint32_t effects)
{
    struct rt_def **const place = &b->defs[number][effects & PH_VOICE_EFFECTS_ALL];
    if (!*place && make(b, number, effects & PH_VOICE_EFFECTS_ALL, place) != PH_OK)
        return b->defs[number][0];
    return *place;
}

struct rt_def *seq_builtin_sample(struct seq_builtins *b, bool is_stereo, bool rate_moves,
                                  uint32_t effects)
{
    return find(b, 2u * is_stereo + rate_moves, effects);
}

/** Number of the synth of that word, or N_SYNTHS. */
static uint32_t synth_of(const char *word)
{
    uint32_t i = 0;
    while (i < N_SYNTHS && strcmp(synths[i].word, word) != 0)
        i++;
    return i;
}

struct rt_def *seq_builtin_synth(struct seq_builtins *b, const char *word, uint32_t effects)
{
    const uint32_t i = synth_of(word);
    return i < N_SYNTHS ? find(b, FIRST_SYNTH + i, effects) : NULL;
}

bool seq_builtin_knows(const char *word)
{
    return synth_of(word) < N_SYNTHS;
}
