/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_list.c - phonon-query --list: the functions of a dialect, one a line.             */
#include <string.h>

#include "client/functions.h"
#include "client/query.h"
#include "client/signals.h"
#include "client/tidal/tidal.h"

/** What the tables of the compiler don't tell: a row for each function over patterns that works. */
struct function_line {
    const char *name, *arguments, *text;
};

/* n number, f transform, t time in cycles, x probability or share, b booleans, p pattern. */
static const struct function_line lines[] = {
    { "accelerate", "a", "the sample's rate goes to speed * (1 + a) while it plays" },
    { "almostAlways", "f", "f of nine in ten events, drawn at random" },
    { "almostNever", "f", "f of one in ten events" },
    { "always", "f", "f, always" },
    { "ar", "s s", "attack and release, in seconds" },
    { "attack", "s", "seconds until the event is at its level" },
    { "begin", "x", "where in the sample to start, 0 to 1" },
    { "bite", "n indices", "part i of n of the cycle, squeezed into i's event" },
    { "brak", "", "odd cycles are squeezed into half, a quarter late" },
    { "cat", "[p, p, ...]", "all in one cycle, equal shares" },
    { "choose", "[p, p, ...]", "continuous: one of the list, drawn at random" },
    { "chop", "n", "each event in n pieces that play the sample's parts in order" },
    { "chord", "quality", "a chord on each note" },
    { "chunk", "n f", "f of one n-th of the cycle, the next one in each cycle" },
    { "compress", "b e", "each cycle squeezed into [b, e)" },
    { "cut", "n", "the voice ends the others of its group" },
    { "degrade", "", "half of the events, drawn at random" },
    { "degradeBy", "x", "drops each event with probability x" },
    { "degradeSeed", "n", "as degrade, with other draws" },
    { "dur", "s", "how many seconds the event sounds" },
    { "early", "t", "t cycles earlier" },
    { "echo", "n t g", "n layers, each t later and g times as loud as the one before" },
    { "end", "x", "where in the sample to stop, 0 to 1" },
    { "euclid", "k n", "k onsets in n steps, spread as evenly as can be" },
    { "every", "n f", "f in the cycles whose number is a multiple of n" },
    { "every'", "n o f", "f in the cycles c with c mod n = o" },
    { "fast", "n", "n times as fast" },
    { "fastGap", "n", "squeezed into the first 1/n of the cycle" },
    { "foldEvery", "[n, n, ...] f", "f once for each number that divides the cycle's" },
    { "gain", "g", "how loud, 1 is as it is" },
    { "gap", "n", "only the cycles whose number is a multiple of n" },
    { "ghost", "t", "quiet, shortened copies 1.5, 2.5 and 4 times t later" },
    { "ghostWith", "t f", "copies through f, 1.5, 2.5 and 4 times t later" },
    { "hold", "s", "seconds at the level, before the release" },
    { "hurry", "n", "n times as fast, and so are its samples" },
    { "inside", "n f", "f as if n cycles were one" },
    { "irand", "n", "continuous: whole numbers below n, drawn at random" },
    { "iter", "n", "starts 1/n later in the pattern in each cycle" },
    { "iterBack", "n", "starts 1/n earlier in the pattern in each cycle" },
    { "jux", "f", "as it is on the left, f of it on the right" },
    { "juxBy", "x f", "the same, x apart" },
    { "late", "t", "t cycles later" },
    { "layer", "[f, f, ...]", "the results of all transforms at once" },
    { "legato", "x", "the event sounds x times its own length" },
    { "linger", "x", "the first x of the cycle, until the cycle is full" },
    { "loop", "n", "n times as fast; of an event: its sample starts over" },
    { "loopAt", "n", "samples last n cycles" },
    { "loopback", "", "forwards in the first half of the cycle, backwards in the second" },
    { "mask", "b", "only what begins where b is true" },
    { "n", "p", "number of the sample, or note of a synth" },
    { "never", "f", "as it is" },
    { "note", "p", "pitch: semitones, note names or chords" },
    { "nudge", "s", "seconds later" },
    { "off", "t f", "also f of it, t later" },
    { "often", "f", "f of three in four events, drawn at random" },
    { "outside", "n f", "f as if one cycle were n" },
    { "palindrome", "", "every cycle forwards, then backwards" },
    { "pan", "x", "-1 is left, 1 is right" },
    { "perlin", "", "continuous: wanders at random between 0 and 1" },
    { "ply", "n", "each event n times in its own length" },
    { "press", "", "each event starts half its length later" },
    { "pressBy", "x", "each event starts x of its length later" },
    { "quantize", "n", "numbers rounded to multiples of 1/n" },
    { "rand", "", "continuous: random numbers, 0 to 1" },
    { "randcat", "[p, p, ...]", "one a cycle, drawn at random" },
    { "range", "lo hi", "0 to 1 becomes lo to hi" },
    { "rarely", "f", "f of one in four events, drawn at random" },
    { "release", "s", "seconds until the event is silent" },
    { "rev", "", "each cycle backwards" },
    { "rot", "n", "values move n places forward, onsets stay" },
    { "run", "n", "0 to n - 1 in n steps" },
    { "s", "p", "sound: sample, synth or bus; \"bd:3\" is sample 3" },
    { "scale", "name", "degrees become notes of a scale" },
    { "scan", "n", "run 1, run 2, ... run n, one a cycle" },
    { "scramble", "n", "n slices of the cycle, drawn with repetition" },
    { "segment", "n", "n events a cycle, each with the value at its time" },
    { "sew", "b p p", "the first while b is true, else the second" },
    { "shuffle", "n", "n slices of the cycle in random order" },
    { "silence", "", "no events" },
    { "slice", "n indices", "slice i of n of the sample for each i" },
    { "slow", "n", "n times as slow" },
    { "slowcat", "[p, p, ...]", "one a cycle, in turn" },
    { "someCycles", "f", "f in half of the cycles, drawn at random" },
    { "someCyclesBy", "x f", "f in a share x of the cycles" },
    { "sometimes", "f", "f of half of the events, drawn at random" },
    { "sometimesBy", "x f", "f of a share x of the events" },
    { "speed", "x", "rate of the sample; below 0 backwards" },
    { "spin", "n", "n copies, each 1/n earlier, from left to right" },
    { "splice", "n indices", "as slice; samples are sped up to fit their events" },
    { "stack", "[p, p, ...]", "all at once" },
    { "stitch", "b p p", "onsets of b; true takes from the first, false from the second" },
    { "striate", "n", "n passes through the cycle's samples, each plays its part of them" },
    { "struct", "b", "onsets where b is true, values as at that time" },
    { "stutter", "n t", "each event n times, or n layers t apart" },
    { "superimpose", "f", "also f of it" },
    { "swing", "x", "every other event later by 2x of its length" },
    { "swingBy", "x n", "the second half of each n-th of the cycle later by x of it" },
    { "timecat", "[[n, p], ...]", "all in one cycle, shares by weight" },
    { "trim", "b e", "only what begins in [b, e) of the cycle" },
    { "trunc", "x", "only the first x of the cycle" },
    { "undegrade", "", "as it is" },
    { "unit", "word", "what speed counts: \"r\" rate, \"c\" cycles, \"s\" seconds" },
    { "up", "n", "semitones, added to the note" },
    { "whenmod", "n n f", "f in the cycles c with c mod the first >= the second" },
    { "within", "b e f", "f of what begins in [b, e) of the cycle" },
    { "zoom", "b e", "[b, e) of the cycle, stretched over it" },
};

static const struct function_line *line_of(const char *name)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (strcmp(lines[i].name, name) == 0)
            return &lines[i];
    return NULL;
}

/* ---- signals --------------------------------------------------------------------------------- */

static const char *class_name(uint32_t classes)
{
    static const struct {
        uint32_t class;
        const char *name;
    } names[] = {
        { FUNCTION_SYNTH, "synth" },       { FUNCTION_GENERATOR, "generator" },
        { FUNCTION_FILTER, "filter" },     { FUNCTION_EFFECT, "effect" },
        { FUNCTION_ENVELOPE, "envelope" }, { FUNCTION_UTILITY, "signal" },
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (classes & names[i].class)
            return names[i].name;
    return "signal";
}

/** "cutoff q=1": what a chain fills is left out, what may be left out has its default. */
static void signal_arguments(const struct signal_row *row, char *text, size_t size)
{
    size_t length = 0;

    text[0] = 0;
    for (uint32_t i = 0; i < signal_visible_params(row) && length < size; i++) {
        const struct signal_param *const p = &row->params[i];
        if ((int)i == signal_chained(row) && !row->is_oscillator)
            continue;
        const char *const gap = length ? " " : "";
        if (p->flags & PARAM_REQUIRED)
            length += (size_t)snprintf(text + length, size - length, "%s%s", gap, p->name);
        else
            length += (size_t)snprintf(text + length, size - length, "%s%s=%g", gap, p->name,
                                       p->initial);
    }
}

/** "filter; cutoff 20 to 20000, q 0.1 to 40" */
static void signal_text(const struct function *f, const struct signal_row *row, char *text,
                        size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s", class_name(f->classes));
    const char *gap = "; ";

    for (uint32_t i = 0; i < signal_visible_params(row) && length < size; i++) {
        const struct signal_param *const p = &row->params[i];
        if (p->low >= p->high)
            continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s %g to %g", gap, p->name,
                                   p->low, p->high);
        gap = ", ";
    }
}

/* ---- .ph ------------------------------------------------------------------------------------- */

enum { TEXT_BYTES = 200 };

/** ", also dup": the other names of a function. */
static void add_aliases(const char *name, char *text, size_t size)
{
    size_t length = strlen(text);
    const char *gap = "; also ";

    for (uint32_t i = 0; i < n_functions && length < size; i++) {
        const struct function *const f = &function_table[i];
        if (strcmp(f->canonical, name) != 0 || strcmp(f->name, name) == 0)
            continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s", gap, f->name);
        gap = ", ";
    }
}

static void list_ph(FILE *to)
{
    char arguments[TEXT_BYTES], text[TEXT_BYTES];

    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        const struct function_line *const line = line_of(f->name);
        const struct signal_row *const row = signal_find(f->name);
        if (strcmp(f->name, f->canonical) != 0 || (!line && !row))
            continue;
        if (line) {
            snprintf(arguments, sizeof arguments, "%s", line->arguments);
            snprintf(text, sizeof text, "%s", line->text);
        } else {
            signal_arguments(row, arguments, sizeof arguments);
            signal_text(f, row, text, sizeof text);
        }
        add_aliases(f->name, text, sizeof text);
        fprintf(to, "%-14s %-24s %s\n", f->name, arguments, text);
    }
}

/* ---- TidalCycles ----------------------------------------------------------------------------- */

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
        list_ph(to);
}
