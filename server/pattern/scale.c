/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/scale.c - named scales and chords, and the operations that apply them.          */
/* room: none.                                                                                    */
#include "server/pattern/scale.h"

#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"

static const struct pat_scale scales[] = {
    { "chromatic", "=", 12, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 } }, /* first: for unknowns */
    { "major maj ionian", "major ionian", 7, { 0, 2, 4, 5, 7, 9, 11 } },
    { "minor min natural_minor aeolian", "aeolian minor", 7, { 0, 2, 3, 5, 7, 8, 10 } },
    { "harmonic harmonic_minor", "harmonicMinor", 7, { 0, 2, 3, 5, 7, 8, 11 } },
    { "melodic melodic_minor", "melodicMinor", 7, { 0, 2, 3, 5, 7, 9, 11 } },
    { "dorian", "=", 7, { 0, 2, 3, 5, 7, 9, 10 } },
    { "phrygian", "=", 7, { 0, 1, 3, 5, 7, 8, 10 } },
    { "lydian", "=", 7, { 0, 2, 4, 6, 7, 9, 11 } },
    { "mixolydian mixo", "mixolydian", 7, { 0, 2, 4, 5, 7, 9, 10 } },
    { "locrian", "=", 7, { 0, 1, 3, 5, 6, 8, 10 } },
    { "pentatonic pent penta major_pentatonic majpent", "majPent", 5, { 0, 2, 4, 7, 9 } },
    { "minor_pentatonic minpent min_pentatonic minor_pent", "minPent", 5, { 0, 3, 5, 7, 10 } },
    { "blues", NULL, 6, { 0, 3, 5, 6, 7, 10 } },
    { "whole wholetone whole_tone messiaen1", "whole wholetone messiaen1",
      6, { 0, 2, 4, 6, 8, 10 } },
    { "augmented", "=", 6, { 0, 3, 4, 7, 8, 11 } },
    { "diminished diminished2", "diminished2 octatonic2", 8, { 0, 2, 3, 5, 6, 8, 9, 11 } },
    { "iwato", "=", 5, { 0, 1, 5, 6, 10 } },
    { "hirajoshi", "=", 5, { 0, 2, 3, 7, 8 } },
    { "kumoi kumai", "kumai", 5, { 0, 2, 3, 7, 9 } },
    { "pelog", "=", 5, { 0, 1, 3, 7, 8 } },
    { "spanish", "=", 7, { 0, 1, 4, 5, 7, 8, 10 } },
    { "bartok", "melodicMajor bartok", 7, { 0, 2, 4, 5, 7, 8, 10 } },
    { "egyptian", "=", 5, { 0, 2, 5, 7, 10 } },
    { "romanian", NULL, 7, { 0, 2, 3, 6, 7, 9, 10 } },
    { "enigmatic", "=", 7, { 0, 1, 4, 6, 8, 10, 11 } },
    { "ritusen zhi", "=", 5, { 0, 2, 5, 7, 9 } },
    { "gong", "=", 5, { 0, 2, 4, 7, 9 } },
    { "shang", "=", 5, { 0, 2, 5, 7, 10 } },
    { "jiao", "=", 5, { 0, 3, 5, 8, 10 } },
    { "yu", "=", 5, { 0, 3, 5, 7, 10 } },
    { "chinese", "=", 5, { 0, 4, 6, 7, 11 } },
    { "indian", "=", 5, { 0, 4, 5, 7, 10 } },
    { "scriabin", "=", 5, { 0, 1, 4, 7, 9 } },
    { "prometheus", "=", 5, { 0, 2, 4, 6, 11 } },
    { "augmented2", "=", 6, { 0, 1, 4, 5, 8, 9 } },
    { "hexMajor7", "=", 6, { 0, 2, 4, 7, 9, 11 } },
    { "hexMajor6", "=", 6, { 0, 2, 4, 5, 7, 9 } },
    { "hexDorian", "=", 6, { 0, 2, 3, 5, 7, 10 } },
    { "hexPhrygian", "=", 6, { 0, 1, 3, 5, 8, 10 } },
    { "hexSus", "=", 6, { 0, 2, 5, 7, 9, 10 } },
    { "hexAeolian", "=", 6, { 0, 3, 5, 7, 8, 10 } },
    { "harmonicMajor", "=", 7, { 0, 2, 4, 5, 7, 8, 11 } },
    { "melodicMinorDesc", "=", 7, { 0, 2, 3, 5, 7, 8, 10 } },
    { "superLocrian", "=", 7, { 0, 1, 3, 4, 6, 8, 10 } },
    { "locrianMajor", "=", 7, { 0, 2, 4, 5, 6, 8, 10 } },
    { "neapolitanMinor", "=", 7, { 0, 1, 3, 5, 7, 8, 11 } },
    { "neapolitanMajor", "=", 7, { 0, 1, 3, 5, 7, 9, 11 } },
    { "hungarianMinor", "=", 7, { 0, 2, 3, 6, 7, 8, 11 } },
    { "romanianMinor", "=", 7, { 0, 2, 3, 6, 7, 9, 10 } },
    { "lydianMinor", "=", 7, { 0, 2, 4, 6, 7, 8, 10 } },
    { "leadingWhole", "=", 7, { 0, 2, 4, 6, 8, 10, 11 } },
    { "hindu", "=", 7, { 0, 2, 4, 5, 7, 8, 10 } },
    { "todi", "=", 7, { 0, 1, 3, 6, 7, 8, 11 } },
    { "purvi", "=", 7, { 0, 1, 4, 6, 7, 8, 11 } },
    { "marva", "=", 7, { 0, 1, 4, 6, 7, 9, 11 } },
    { "bhairav", "=", 7, { 0, 1, 4, 5, 7, 8, 11 } },
    { "ahirbhairav", "=", 7, { 0, 1, 4, 5, 7, 9, 10 } },
    { "octatonic messiaen2", "diminished octatonic messiaen2", 8, { 0, 1, 3, 4, 6, 7, 9, 10 } },
    { "messiaen3", "=", 9, { 0, 2, 3, 4, 6, 7, 8, 10, 11 } },
    { "messiaen4", "=", 8, { 0, 1, 2, 5, 6, 7, 8, 11 } },
    { "messiaen5", "=", 6, { 0, 1, 5, 6, 7, 11 } },
    { "messiaen6", "=", 8, { 0, 2, 4, 5, 6, 8, 10, 11 } },
    { "messiaen7", "=", 10, { 0, 1, 2, 3, 5, 6, 7, 8, 9, 11 } },
    { "rast", "=", 7, { 0, 2, 3.5f, 5, 7, 9, 10.5f } },
    { "bayati", "=", 7, { 0, 1.5f, 3, 5, 7, 8, 10 } },
    { "hijaz", "=", 7, { 0, 1, 4, 5, 7, 8.5f, 10 } },
    { "sikah", "=", 7, { 0, 1.5f, 3.5f, 5.5f, 7, 8.5f, 10.5f } },
    { "saba", "=", 7, { 0, 1.5f, 3, 4, 6, 8, 10 } },
    { "iraq", "=", 7, { 0, 1.5f, 3.5f, 5, 6.5f, 8.5f, 10.5f } },
};
enum { N_SCALES = sizeof scales / sizeof scales[0] };

struct chord {
    const char *names, *tidal_names; /* as in struct pat_scale */
    unsigned n;
    uint8_t semitones[7];
};

static const struct chord chords[] = {
    { "major maj M", "=", 3, { 0, 4, 7 } },
    { "minor min m", "=", 3, { 0, 3, 7 } },
    { "dim diminished", "diminished dim", 3, { 0, 3, 6 } },
    { "aug augmented plus sharp5", "aug plus sharp5", 3, { 0, 4, 8 } },
    { "sus2", "=", 3, { 0, 2, 7 } },
    { "sus4", "=", 3, { 0, 5, 7 } },
    { "maj7 M7 major7", "major7 maj7", 4, { 0, 4, 7, 11 } },
    { "min7 m7 minor7", "minor7 min7 m7", 4, { 0, 3, 7, 10 } },
    { "dom7 7", "dom7", 4, { 0, 4, 7, 10 } },
    { "dim7", "diminished7 dim7", 4, { 0, 3, 6, 9 } },
    { "hdim7 m7b5 minor7flat5",
      "minor7flat5 minor7f5 min7flat5 min7f5 m7flat5 m7f5", 4, { 0, 3, 6, 10 } },
    { "aug7 sevenSharp5", "sevenSharp5 7s5", 4, { 0, 4, 8, 10 } },
    { "mM7 m/maj7 minorMajor7", "minorMajor7 minMaj7 mmaj7", 4, { 0, 3, 7, 11 } },
    { "maj9 major9", "major9 maj9", 5, { 0, 4, 7, 11, 14 } },
    { "min9 m9 minor9 minor7sharp9",
      "minor7sharp9 minor7s9 min7sharp9 min7s9 "
      "m7sharp9 m7s9 minor9 min9 m9", 5, { 0, 3, 7, 10, 14 } },
    { "dom9 9 nine", "nine", 5, { 0, 4, 7, 10, 14 } },
    { "maj11 major11", "major11 maj11", 6, { 0, 4, 7, 11, 14, 17 } },
    { "min11 minor11", "minor11 min11 m11", 6, { 0, 3, 7, 10, 14, 17 } },
    { "dom11 11 eleven", "eleven 11", 6, { 0, 4, 7, 10, 14, 17 } },
    { "maj13", NULL, 7, { 0, 4, 7, 11, 14, 17, 21 } },
    { "major13", "major13 maj13", 6, { 0, 4, 7, 11, 14, 21 } },
    { "min13 minor13", "minor13 min13 m13", 7, { 0, 3, 7, 10, 14, 17, 21 } },
    { "dom13 13 thirteen", "thirteen 13", 7, { 0, 4, 7, 10, 14, 17, 21 } },
    { "6 six", "six 6", 4, { 0, 4, 7, 9 } },
    { "m6 minor6 min6", "minor6 min6 m6", 4, { 0, 3, 7, 9 } },
    { "6/9 sixNine six9 sixby9", "sixNine six9 sixby9 6by9", 5, { 0, 4, 7, 9, 14 } },
    { "5 power five", "five 5", 2, { 0, 7 } },
    { "one 1", "=", 1, { 0 } },
    { "add9", "add9 dom9", 4, { 0, 4, 7, 14 } },
    { "add11", "add11 dom11", 4, { 0, 4, 7, 17 } },
    { "add13", "add13 dom13", 4, { 0, 4, 7, 21 } },
    { "sevenFlat5", "sevenFlat5 7f5", 4, { 0, 4, 6, 10 } },
    { "sevenFlat9", "sevenFlat9 7f9", 5, { 0, 4, 7, 10, 13 } },
    { "sevenSharp5flat9 7s5f9", "=", 5, { 0, 4, 8, 10, 13 } },
    { "sevenFlat10", "sevenFlat10 7f10", 5, { 0, 4, 7, 10, 15 } },
    { "minorSharp5 mS5", "minorSharp5 msharp5 mS5", 3, { 0, 3, 8 } },
    { "minorSixNine min69 m69", NULL, 5, { 0, 3, 7, 9, 14 } },
    { "min7sharp5", "minor7sharp5 minor7s5 min7sharp5 min7s5 m7sharp5 m7s5", 4, { 0, 3, 8, 10 } },
    { "minor7flat9",
      "minor7flat9 minor7f9 min7flat9 min7f9 m7flat9 m7f9", 5, { 0, 3, 7, 10, 13 } },
    { "sevenSus2 7sus2", "=", 4, { 0, 2, 7, 10 } },
    { "sevenSus4 7sus4", "=", 4, { 0, 5, 7, 10 } },
    { "nineSus4 ninesus4 9sus4", "=", 5, { 0, 5, 7, 10, 14 } },
    { NULL, "minorSixNine minor69 min69 minSixNine m69 mSixNine m6by9", 5, { 0, 3, 9, 7, 14 } },
    { NULL, "nineSharp5 9sharp5 9s5", 3, { 0, 1, 13 } },
    { NULL, "minor9sharp5 minor9s5 min9sharp5 min9s5 m9sharp5 m9s5", 3, { 0, 1, 14 } },
    { NULL, "minor7sharp5flat9 m7sharp5flat9", 5, { 0, 3, 8, 10, 13 } },
    { NULL, "elevenSharp 11s", 6, { 0, 4, 7, 10, 14, 18 } },
    { NULL, "minor11sharp m11sharp m11s", 6, { 0, 3, 7, 10, 14, 18 } },
};
enum { N_CHORDS = sizeof chords / sizeof chords[0], NAME_MAX_BYTES = 32 };

/* ---- names ----------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How a name is compared: as written; without case; with the short spellings of long names. */
enum spelling { EXACT, NO_CASE, SHORT };

/** Copies `text` in one spelling; "" when it is too long to be a name. */
static void spell(const char *text, size_t length, enum spelling spelling, char *out)
{
    static const struct {
        const char *from, *to;
    } shorter[] = { { "sharp", "s" }, { "flat", "f" }, { "minor", "m" }, { "min", "m" } };
    size_t n = 0;

    out[0] = '\0';
    if (length >= NAME_MAX_BYTES)
        return;
    for (size_t i = 0; i < length; i++)
        out[n++] = spelling == EXACT ? text[i] : lower(text[i]);
    out[n] = '\0';
    if (spelling != SHORT)
        return;
    for (size_t k = 0; k < sizeof shorter / sizeof shorter[0]; k++) {
        char *const found = strstr(out, shorter[k].from);
        const size_t skip = strlen(shorter[k].from), put = strlen(shorter[k].to);
        if (!found)
            continue;
        memcpy(found, shorter[k].to, put);
        memmove(found + put, found + skip, strlen(found + skip) + 1);
    }
}

/** Whether one of the blank-separated `names` is `wanted` in that spelling. */
static bool has_name(const char *names, const char *wanted, enum spelling spelling)
{
    char spelled[NAME_MAX_BYTES];

    while (*names) {
        const size_t length = strcspn(names, " ");
        spell(names, length, spelling, spelled);
        if (wanted[0] && strcmp(spelled, wanted) == 0)
            return true;
        names += length;
        names += strspn(names, " ");
    }
    return false;
}

/** Names of a row in one dialect, "" where it has none. */
static const char *names_of(const char *names, const char *tidal_names, bool tidal)
{
    if (tidal && !(tidal_names && tidal_names[0] == '='))
        names = tidal_names;
    return names ? names : "";
}

const char *pat_scale_names(size_t i, bool tidal)
{
    return i < N_SCALES ? names_of(scales[i].names, scales[i].tidal_names, tidal) : NULL;
}

const char *pat_chord_names(size_t i, bool tidal)
{
    return i < N_CHORDS ? names_of(chords[i].names, chords[i].tidal_names, tidal) : NULL;
}

const struct pat_scale *pat_scale_find(const char *name, size_t length, bool tidal)
{
    char wanted[NAME_MAX_BYTES];

    for (enum spelling s = EXACT; s <= (tidal ? EXACT : NO_CASE); s++) {
        spell(name, length, s, wanted);
        for (size_t i = 0; i < N_SCALES; i++)
            if (has_name(pat_scale_names(i, tidal), wanted, s))
                return &scales[i];
    }
    return NULL;
}

double pat_scale_degree(const struct pat_scale *scale, double degree)
{
    if (!isfinite(degree) || fabs(degree) > 1e9)
        return 0;
    const int64_t d = (int64_t)lround(degree), n = scale->n;

    return 12 * (double)pat_floor_div(d, n) + (double)scale->semitones[pat_mod(d, n)];
}

static const struct chord *chord_find(const char *name, size_t length, bool tidal)
{
    char wanted[NAME_MAX_BYTES];

    for (enum spelling s = EXACT; s <= (tidal ? EXACT : SHORT); s++) {
        spell(name, length, s, wanted);
        for (size_t i = 0; i < N_CHORDS; i++)
            if (has_name(pat_chord_names(i, tidal), wanted, s))
                return &chords[i];
    }
    return NULL;
}

bool pat_chord_semitones(const char *name, size_t length, const uint8_t **semitones, unsigned *n)
{
    static const uint8_t root_alone[1] = { 0 };
    const struct chord *const found = chord_find(name, length, true);

    *semitones = found ? found->semitones : root_alone;
    *n = found ? found->n : 1;
    return found != NULL;
}

/* ---- chords ---------------------------------------------------------------------------------- */

/** Number at the end of a text; 0 when there is none. `length` becomes that of the rest. */
static unsigned trailing_number(const char *text, size_t *length)
{
    size_t start = *length;
    unsigned number = 0;

    while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9')
        start--;
    for (size_t i = start; i < *length && number < 1000; i++)
        number = number * 10 + (unsigned)(text[i] - '0');
    *length = start;
    return number;
}

/** As many notes as asked for: cut, or gone on with an octave higher. */
static void set_count(struct ph_value *chord, unsigned count)
{
    const unsigned n = chord->n_notes;

    if (count > PH_CHORD_NOTES_MAX)
        count = PH_CHORD_NOTES_MAX;
    for (unsigned i = n; i < count; i++)
        chord->notes[i] = chord->notes[i - n] + 12;
    if (count > 0)
        chord->n_notes = (uint8_t)count;
}

static void invert(struct ph_value *chord)
{
    const float lowest = chord->notes[0];

    for (unsigned i = 1; i < chord->n_notes; i++)
        chord->notes[i - 1] = chord->notes[i];
    chord->notes[chord->n_notes - 1] = lowest + 12;
}

/** First and third note an octave down. */
static void open_voicing(struct ph_value *chord)
{
    chord->notes[0] -= 12;
    if (chord->n_notes > 2)
        chord->notes[2] -= 12;
}

static void modify(struct ph_value *chord, const char *text, size_t length)
{
    size_t rest = length;
    const unsigned count = trailing_number(text, &rest);

    if (rest == 0) {
        set_count(chord, count);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == 'i')
            invert(chord);
        else if (text[i] == 'o')
            open_voicing(chord);
    }
}

bool pat_chord_make(const char *text, size_t length, double root, bool relative,
                    struct ph_value *out)
{
    const char *const end = text + length;
    const char *quote = memchr(text, '\'', length);
    size_t name = quote ? (size_t)(quote - text) : length;
    unsigned count = 0;
    const struct chord *found = chord_find(text, name, false);

    *out = (struct ph_value){ .kind = PH_VALUE_CHORD, .relative = relative, .n_notes = 1,
                              .number = root };
    out->notes[0] = (float)root;
    if (!found) {
        count = trailing_number(text, &name);
        found = chord_find(text, name, false);
    }
    if (!found)
        return false;
    out->n_notes = (uint8_t)found->n;
    for (unsigned i = 0; i < found->n; i++)
        out->notes[i] = (float)(root + found->semitones[i]);
    set_count(out, count);
    while (quote) {
        const char *const from = quote + 1;
        quote = memchr(from, '\'', (size_t)(end - from));
        modify(out, from, (size_t)((quote ? quote : end) - from));
    }
    return true;
}

/* ---- operations ------------------------------------------------------------------------------ */

typedef struct ph_value map_value(const struct pat *p, const char *word,
                                  const struct ph_value *value);

/** The pitch of a value: itself, or its control `note`, else `n`. NULL where there is none. */
static const struct ph_value *pitch_of(const struct pat *p, const struct pat_value *value,
                                       const char **key)
{
    const struct ph_value *pitch = &value->plain;

    *key = NULL;
    if (value->is_controls) {
        *key = p->keys.note;
        pitch = pat_get(value, *key);
        if (!pitch) {
            *key = p->keys.n;
            pitch = pat_get(value, *key);
        }
    }
    return pitch && pat_is_number(pitch) ? pitch : NULL;
}

static void map_pitches(struct pat *p, uint32_t mark, const char *word, map_value *map)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const char *key;
        const struct pat_value *value = p->haps[i].value;
        const struct ph_value *const pitch = pitch_of(p, value, &key);
        if (!pitch)
            continue;
        const struct ph_value result = map(p, word, pitch);
        value = key ? pat_set(p, value, &(struct pat_control){ key, result }, 1)
                    : pat_plain(p, result);
        if (!value)
            return;
        p->haps[i].value = value;
    }
}

/** A note that is named is no degree: it stays. */
static struct ph_value degree_to_semitones(const struct pat *p, const char *word,
                                           const struct ph_value *value)
{
    static const struct pat_scale octaves = { .n = 1, .semitones = { 0 } };
    const bool tidal = pat_is_tidal(p);
    const struct pat_scale *const scale = pat_scale_find(word, strlen(word), tidal);

    if (value->kind == PH_VALUE_NOTE)
        return *value;
    return pat_number_value(
        pat_scale_degree(scale ? scale : tidal ? &octaves : &scales[0], value->number));
}

static struct ph_value root_to_chord(const struct pat *p, const char *word,
                                     const struct ph_value *value)
{
    struct ph_value chord;

    (void)p;
    pat_chord_make(word, strlen(word), value->number, value->kind != PH_VALUE_NOTE, &chord);
    return chord;
}

static void word_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    const bool word = !params[0]->is_controls && params[0]->plain.kind == PH_VALUE_WORD;

    if (!word)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    if (pat_is_tidal(p))
        pat_keep_inside(p, mark);
    map_pitches(p, mark, params[0]->plain.text,
                node->op == PH_PAT_SCALE ? degree_to_semitones : root_to_chord);
}

void pat_op_SCALE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, word_body);
}

/** On a constant root the qualities give the structure: `chord "maj min"` is two chords. */
static void chords_on(struct pat *p, const struct pat_node *words, const struct pat_value *root,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;

    pat_eval(p, words, span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = p->haps[i];
        if (h.value->is_controls || h.value->plain.kind != PH_VALUE_WORD)
            continue;
        h.value = pat_plain(p, root_to_chord(p, h.value->plain.text, &root->plain));
        if (!h.value)
            return;
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

void pat_op_CHORD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_value *const root = pat_arg(p, node, 1)->constant;

    if (root && !root->is_controls && pat_is_number(&root->plain))
        chords_on(p, pat_arg(p, node, 0), root, span);
    else
        pat_join(p, node, 1, span, word_body);
}
