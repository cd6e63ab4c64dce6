/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/pattern_code.h - compiled patterns: an instruction set over exact time; encode,       */
/* decode, validate, list as text.                                                                */
/* room: none (pure).                                                                             */
/*                                                                                                */
/* A pattern is a list of instructions. Each makes one pattern out of earlier ones (its           */
/* arguments) and constants (its immediates); the last instruction is the result. The list is a   */
/* directed acyclic graph: an instruction may be the argument of several others.                  */
#ifndef PROTOCOL_PATTERN_CODE_H
#define PROTOCOL_PATTERN_CODE_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/ratio.h"
#include "protocol/status.h"

enum {
    PH_PATTERN_INSTRS_MAX = 65536,
    PH_PATTERN_ARGS_MAX = 262144,
    PH_PATTERN_CONSTS_MAX = 65536,
    PH_PATTERN_TEXT_MAX = 1048576, /* bytes of all words together */
    PH_PATTERN_DEPTH_MAX = 512     /* longest chain of arguments */
};

/**
 * PH_PATTERN_OPS(OP): OP(ID, name, arguments, immediates, what it makes)
 *
 * arguments: number of patterns, or -1 for one or more. immediates: number of constants, -1 for as
 * many as there are arguments, -2 for any number. Parameters stand before the pattern they apply
 * to. A parameter is itself a pattern: it is queried first, and each of its events governs its own
 * part (inner join).
 * Semantics: PATTERNS (Tidal 1.9's `echo`, sampled `euclid` in EUCLID_SAMPLE) and LANGUAGE 6 to 9.
 */
#define PH_PATTERN_OPS(OP)                                                                         \
    OP(SILENCE, "silence", 0, 0, "no events")                                                      \
    OP(PURE, "pure", 0, 1, "the constant, once a cycle")                                           \
    OP(STACK, "stack", -1, 0, "all arguments at once")                                             \
    OP(SLOWCAT, "slowcat", -1, 0, "argument c mod n in cycle c, at its own cycle floor(c/n)")      \
    OP(TIMECAT, "timecat", -1, -1, "one cycle shared by weight; immediates are weights")           \
    OP(POLYMETER, "polymeter", -1, 1, "steps at a rate: item floor(t*n) mod count; immediate n")   \
    OP(CHOOSE, "choose", -1, 1, "`a|b`: rand at cycle + 1/2 + k/10000 picks; immediate k")         \
    OP(RANDCAT, "randcat", -1, 0, "slowcat read floor(n*rand) cycles ahead")                       \
    OP(FAST, "fast", 2, 0, "factor, p")                                                            \
    OP(SLOW, "slow", 2, 0, "factor, p")                                                            \
    OP(EARLY, "early", 2, 0, "cycles, p")                                                          \
    OP(LATE, "late", 2, 0, "cycles, p")                                                            \
    OP(REV, "rev", 1, 0, "each cycle mirrored")                                                    \
    OP(PLY, "ply", 2, 0, "factor, p: each event repeated inside its own span")                     \
    OP(EUCLID, "euclid", 4, 0, "k, n, r, p: each hit plays p squeezed into its step")              \
    OP(EUCLID_BOOL, "euclid_bool", 4, 0, "k, n, r, b: b sampled; hits give it, rests its negation")\
    OP(EUCLID_SAMPLE, "euclid_sample", 4, 0, "k, n, r, p: structure of the hits, values of p")     \
    OP(DEGRADE_BY, "degrade_by", 2, 1, "probability, p; kept iff rand >= x; immediate k/10000")    \
    OP(UNDEGRADE_BY, "undegrade_by", 2, 1, "the events that DEGRADE_BY drops")                     \
    OP(EVERY, "every", 4, 0, "n, o, p, q: q in cycles with c mod n = o, else p")                   \
    OP(WHENMOD, "whenmod", 4, 0, "a, b, p, q: q in cycles with c mod a >= b, else p")              \
    OP(SOME_CYCLES_BY, "some_cycles_by", 3, 0, "x, p, q: q in cycles with rand(c) < x, else p")    \
    OP(WITHIN, "within", 4, 0, "b, e, p, q: q's onsets inside [b,e) of the cycle, p's outside")    \
    OP(CHUNK, "chunk", 3, 0, "n, p, q: in cycle c, WITHIN (c mod n)/n .. +1/n")                    \
    OP(ITER, "iter", 2, 0, "n, p: cycle c early by (c mod n)/n; negative n: late")                 \
    OP(BRAK, "brak", 1, 0, "odd cycles squeezed into half, a quarter late")                        \
    OP(COMPRESS, "compress", 3, 0, "b, e, p: each cycle squeezed into [b,e)")                      \
    OP(FAST_GAP, "fast_gap", 2, 0, "factor, p: squeezed into the first 1/factor")                  \
    OP(ZOOM, "zoom", 3, 0, "b, e, p: [b,e) of each cycle stretched over it")                       \
    OP(TRUNC, "trunc", 2, 0, "x, p: cut after phase x; what reaches over it is shortened")         \
    OP(LINGER, "linger", 2, 0, "x, p: fast (1/x) of zoom 0 x")                                     \
    OP(SWING, "swing", 2, 0, "amount, p: odd slots delayed by 2*amount of the event's length")     \
    OP(INSIDE_CYCLE, "inside_cycle", 2, 0, "n, p: [0,n) of each cycle squeezed into it")           \
    OP(SEGMENT, "segment", 2, 0, "n, p: p sampled into n events a cycle")                          \
    OP(STRUCT, "struct", 2, 0, "b, p: onsets of b's true events, p sampled over them")             \
    OP(MASK, "mask", 2, 0, "b, p: p where b is true")                                              \
    OP(KEEP_ONSETS, "keep_onsets", 2, 0, "b, p: events of p whose onset lies in a true b")         \
    OP(SHUFFLE, "shuffle", 2, 0, "n, p: slices of each cycle permuted")                            \
    OP(SCRAMBLE, "scramble", 2, 0, "n, p: slices drawn with repetition")                           \
    OP(ROT, "rot", 2, 0, "n, p: values rotated among a cycle's events")                            \
    OP(BITE, "bite", 3, 0, "n, i, p: part i of n of the cycle squeezed into i's event")            \
    OP(CHOP, "chop", 2, 0, "n, p: each event in n pieces, begin/end subdivided")                   \
    OP(STRIATE, "striate", 2, 0, "n, p: n passes, pass i plays slice i of n")                      \
    OP(SLICE, "slice", 3, 0, "n, i, p: structure of i, begin/end = slice i of n")                  \
    OP(SPLICE, "splice", 3, 0, "n, i, p: slice, speed fitted to the event, unit c")                \
    OP(LOOP_AT, "loop_at", 2, 0, "n, p: slow n, speed / n, unit c")                                \
    OP(HURRY, "hurry", 2, 0, "n, p: fast n, speed * n")                                            \
    OP(ADD, "add", 2, 1, "left + right; immediate: structure from 0 both, 1 left, 2 right;"        \
       " 3: left mapped by a constant")                                                            \
    OP(SUB, "sub", 2, 1, "left - right")                                                           \
    OP(MUL, "mul", 2, 1, "left * right")                                                           \
    OP(DIV, "div", 2, 1, "left / right; by zero 0")                                                \
    OP(KEEP, "keep", 2, 1, "values of left (`<|` with structure 2), of right as `|>` by UNION")    \
    OP(UNION, "union", 2, 1, "controls of both, right wins; numbers: right's value")               \
    OP(PARAM, "param", 1, 1, "values become controls {immediate word: value}; \"bd:3\" splits")    \
    OP(PARAM_MUL, "param_mul", 2, 1, "x, p: control (immediate word) times x; added if missing")   \
    OP(PARAM_ADD, "param_add", 2, 1, "x, p: control (immediate word) plus x; added if missing")    \
    OP(SCALE, "scale", 2, 0, "words, p: degrees to semitones")                                     \
    OP(CHORD, "chord", 2, 0, "words, p: each root a chord value")                                  \
    OP(RUN, "run", 1, 0, "n: 0 .. n-1 in n steps")                                                 \
    OP(SCAN, "scan", 1, 0, "n: run (c mod n + 1) in cycle c")                                      \
    OP(RANGE, "range", 3, 0, "lo, hi, p: 0..1 to lo..hi")                                          \
    OP(QUANTISE, "quantise", 2, 0, "n, p: round(x*n)/n")                                           \
    OP(IRAND, "irand", 1, 0, "n: floor(n*rand), continuous")                                       \
    OP(RAND, "rand", 0, 0, "continuous: rand at the middle of the query")                          \
    OP(PERLIN, "perlin", 0, 0, "continuous")                                                       \
    OP(SINE, "sine", 0, 0, "continuous 0..1")                                                      \
    OP(COSINE, "cosine", 0, 0, "continuous 0..1")                                                  \
    OP(SAW, "saw", 0, 0, "continuous 0..1")                                                        \
    OP(ISAW, "isaw", 0, 0, "continuous 1..0")                                                      \
    OP(TRI, "tri", 0, 0, "continuous 0..1..0")                                                     \
    OP(SQUARE, "square", 0, 0, "continuous 0, 1")                                                  \
    OP(SEW, "sew", 3, 0, "b, p, q: p while b is true, else q")                                     \
    OP(STITCH, "stitch", 3, 0, "b, p, q: structure of b, value of p or q")                         \
    OP(SHIFT_BY, "shift_by", 2, 0, "x, p: onsets moved by x*(2*rand - 1) cycles")                  \
    OP(INV, "inv", 1, 0, "booleans negated")                                                       \
    OP(SET, "set", 2, 1, "`#`: right sampled at left's onsets; if it rests: 0 keep, 1 drop")       \
    OP(PICK, "pick", -1, 1, "i, then patterns: number i mod count; immediate: enum ph_join")       \
    OP(PRESS, "press", 2, 0, "x, p: each event starts later by x of its own length")               \
    OP(VAR, "var", 0, 1, "what JOIN number (immediate) is at, once a cycle")                       \
    OP(JOIN, "join", 2, 2,                                                                         \
       "p, q: q for each event of p, its VAR; immediates: number, enum ph_join")                   \
    OP(SWITCH, "switch", -1, -2, "p, then patterns: the one whose constant p equals; immediates:"  \
       " enum ph_join, constants")                                                                 \
    OP(WPICK, "wpick", -1, -2, "x, then patterns: by 0..1 over cumulated weights; immediates:"     \
       " enum ph_join, weights")                                                                   \
    OP(MOD, "mod", 2, 1, "left mod right, floored; by zero 0")                                     \
    OP(POW, "pow", 2, 1, "left to the power of right")                                             \
    OP(CONCAT, "concat", 2, 1, "words one after the other")                                        \
    OP(UNION_LEFT, "union_left", 2, 1, "controls of both, left wins; numbers: left's value")       \
    OP(MATH, "math", 1, 1, "of each number: abs floor ceil round sqrt exp log sin cos tan neg"     \
       " recip clamp sign")                                                                        \
    OP(TIME, "time", 0, 0, "continuous: the middle of the query, in cycles")                       \
    OP(MATCH, "match", 2, 1, "c, p: events whose controls equal c's at their onset; immediate 1:"  \
       " the others")                                                                              \
    OP(ARP, "arp", 2, 0, "names, p: events of equal whole spread over it as the mode names")       \
    OP(ROLLED, "rolled", 2, 0, "x, p: events of equal whole start one after the other")            \
    OP(FIT, "fit", 2, -2, "n, p: constant number (value + n*floor(begin)) mod count")              \
    OP(TO_SCALE, "to_scale", 1, -2, "degrees through the constants, an octave is 12")              \
    OP(SMOOTH, "smooth", 1, 0, "continuous: from each value to the next")                          \
    OP(LOOP_FIRST, "loop_first", 1, 0, "cycle 0 of p in every cycle")                              \
    OP(REPEAT_CYCLES, "repeat_cycles", 2, 0, "n, p: cycle c plays cycle floor(c/n)")               \
    OP(EUCLID_INV, "euclid_inv", 4, 0, "k, n, r, p: as EUCLID where that rests")                   \
    OP(STRIATE_BY, "striate_by", 3, 0, "n, x, p: n passes, pass i plays x of the sound from"       \
       " i*(1-x)/n")                                                                               \
    OP(CHEW, "chew", 3, 0, "n, i, p: as BITE; what is squeezed plays faster by as much")           \
    OP(DEGRADE_USING, "degrade_using", 3, 0, "r, x, p: kept iff r over the whole is >= x")         \
    OP(PERLIN_WITH, "perlin_with", 1, 0, "p: perlin at the times that p gives")                    \
    OP(PERLIN2_WITH, "perlin2_with", 2, 0, "x, y: two-dimensional perlin")                         \
    OP(RANDRUN, "randrun", 1, 0, "n: 0 .. n-1 in random order, new each cycle")                    \
    OP(STRIPE, "stripe", 2, 0, "n, p: n repeats of random length, those of [1,2,3]/sum")           \
    OP(STRETCH, "stretch", 1, 0, "each event lasts until the next onset")                          \
    OP(PLAY_FOR, "play_for", 3, 0, "b, e, p: p between the times b and e, else silence")           \
    OP(FILTER_TRUE, "filter_true", 1, 0, "events that are true")                                   \
    OP(VOICES, "voices", -1, 0, "root, name of a chord, modifiers: its notes where all meet")      \
    OP(FROM_TO, "from_to", 2, 1, "a, b: a .. b in one cycle, cut to both; immediate 1: characters")\
    OP(EVENT_BEGIN, "event_begin", 1, 0, "each event's begin as its value")                        \
    OP(EVENT_LENGTH, "event_length", 1, 0, "each event's length as its value")                     \
    OP(MONO, "mono", 1, 0, "what overlaps cut short: one event at a time")                         \
    OP(MARKOV, "markov", 2, -2, "n, i: n steps a cycle from state i; immediates: states, then rows"\
       " of probabilities")                                                                        \
    OP(CYCLE_MOD, "cycle_mod", 2, 0, "n, p: cycle c plays cycle c mod n")                          \
    OP(GROOVE, "groove", 2, -2, "amount, p: what starts in slot i of the cycle moved by amount *"  \
       " immediate i")                                                                             \
    OP(GLIDE, "glide", 2, 0, "x, p: continuous: each value, and over the last x of its event the"  \
       " way to the next")                                                                         \
    OP(WALK, "walk", 2, 0, "s, p: s or -s more at each onset; from 0 on every 64 cycles")          \
    OP(AT_BEGIN, "at_begin", 1, 0, "a signal: what it is at the begin of what is asked for")       \
    OP(NEXT, "next", 1, 0, "each event with the value of what sounds when it ends, or its own")    \
    OP(CHORD_NOTE, "chord_note", 1, 1, "note number (immediate) of chords, from 0; what has fewer" \
       " rests")

/** How the patterns inside a pattern's events become one: PATTERNS 3. */
enum ph_join {
    PH_JOIN_INNER,    /* wholes of the inner */
    PH_JOIN_OUTER,    /* wholes of the outer, the inner's value at their begin */
    PH_JOIN_BOTH,     /* intersection of wholes */
    PH_JOIN_SQUEEZE,  /* one cycle of the inner squeezed into the outer's whole */
    PH_JOIN_TRIG,     /* the inner moved so that its cycle begins at the outer's onset */
    PH_JOIN_TRIG_ZERO, /* the same, and it begins with cycle 0 */
    PH_JOIN_COUNT
};
enum { PH_PATTERN_VARS_MAX = 64 };

/** Functions of MATH: M(ID, name). `clamp` is to 0..1; `round` gives ties to even. */
#define PH_MATHS(M)                                                                                \
    M(ABS, "abs") M(FLOOR, "floor") M(CEIL, "ceil") M(ROUND, "round") M(SQRT, "sqrt")              \
    M(EXP, "exp") M(LOG, "log") M(SIN, "sin") M(COS, "cos") M(TAN, "tan") M(NEG, "neg")            \
    M(RECIP, "recip") M(CLAMP, "clamp") M(SIGN, "sign")

#define PH_MATH_ENUM(id, name) PH_MATH_##id,
enum ph_math { PH_MATHS(PH_MATH_ENUM) PH_MATH_COUNT };
#undef PH_MATH_ENUM
extern const char *const ph_math_names[PH_MATH_COUNT];

#define PH_PATTERN_ENUM(id, name, args, imms, doc) PH_PAT_##id,
enum ph_pattern_op { PH_PATTERN_OPS(PH_PATTERN_ENUM) PH_PAT_COUNT };
#undef PH_PATTERN_ENUM

struct ph_pattern_op_info {
    const char *name, *doc;
    int8_t n_args, n_imms;
};
extern const struct ph_pattern_op_info ph_pattern_ops[PH_PAT_COUNT];

/** Kinds of constants and of event values. */
enum ph_value_kind {
    PH_VALUE_NUMBER, /* number */
    PH_VALUE_RATIO,  /* ratio: an exact number (weights, times, factors, whole numbers) */
    PH_VALUE_INT,    /* ratio.num: a number of a type that only has whole ones */
    PH_VALUE_NOTE,   /* number: MIDI note, 60 = c4 */
    PH_VALUE_WORD,   /* text */
    PH_VALUE_BOOL,   /* ratio.num 0 or 1 */
    PH_VALUE_CHORD   /* n_notes MIDI notes (or semitones where the root was a number: `relative`) */
};

enum { PH_CHORD_NOTES_MAX = 16 };

struct ph_value {
    enum ph_value_kind kind;
    bool relative;   /* CHORD: notes are semitones, not MIDI notes */
    uint8_t n_notes; /* CHORD */
    double number;
    struct ph_ratio ratio;
    const char *text; /* borrowed; points into the code's `text` */
    float notes[PH_CHORD_NOTES_MAX];
};

struct ph_pattern_instr {
    uint8_t op;
    uint32_t first_arg, n_args;   /* into args[] */
    uint32_t first_imm, n_imms;   /* into consts[] by imms[] */
};

/** Owns its arrays. Zeroed is empty (and invalid: a pattern has at least one instruction). */
struct ph_pattern_code {
    bool tidal; /* operations follow TidalCycles where .ph departs from it (LANGUAGE 25) */
    bool once;  /* only cycle 0 is played, from when it arrives */
    uint32_t n_instrs, n_args, n_imms, n_consts;
    struct ph_pattern_instr *instrs;
    uint32_t *args;  /* instruction numbers, smaller than the user's own */
    uint32_t *imms;  /* constant numbers */
    struct ph_value *consts;
    char *text; /* words, each NUL-terminated */
    uint32_t text_size;
};

void ph_pattern_code_finish(struct ph_pattern_code *code);
PH_NODISCARD ph_status ph_pattern_code_encode(const struct ph_pattern_code *code,
                                              struct ph_writer *out);
/** Decodes and validates. On failure `out` is empty. */
PH_NODISCARD ph_status ph_pattern_code_decode(const void *data, size_t size,
                                              struct ph_pattern_code *out);
/**
 * Arity, order of arguments, kinds of immediates, depth. `error` may be NULL, else space for 128.
 */
PH_NODISCARD ph_status ph_pattern_code_validate(const struct ph_pattern_code *code, char *error);
/** One instruction a line: `%4 = every %0 %1 %2 %3`. */
void ph_pattern_code_list(const struct ph_pattern_code *code, struct ph_writer *out);

/* ---- building -------------------------------------------------------------------------------- */

/** Code under construction; a failed allocation sets `failed` and later calls are harmless. */
struct ph_pattern_build {
    struct ph_pattern_code code;
    bool failed;
    uint32_t space[5];
};

uint32_t ph_pattern_const_ratio(struct ph_pattern_build *b, struct ph_ratio value);
uint32_t ph_pattern_const_int(struct ph_pattern_build *b, int64_t value);
uint32_t ph_pattern_const_number(struct ph_pattern_build *b, double value);
uint32_t ph_pattern_const_note(struct ph_pattern_build *b, double midi_note);
uint32_t ph_pattern_const_word(struct ph_pattern_build *b, const char *text, size_t length);
uint32_t ph_pattern_const_bool(struct ph_pattern_build *b, bool value);
uint32_t ph_pattern_const_chord(struct ph_pattern_build *b, const float *notes, uint32_t n_notes,
                                bool relative);
/** Appends an instruction; returns its number. */
uint32_t ph_pattern_emit(struct ph_pattern_build *b, enum ph_pattern_op op, const uint32_t *args,
                         uint32_t n_args, const uint32_t *imms, uint32_t n_imms);
/** Moves the code to `out`, drops instructions the last one does not reach, validates. */
PH_NODISCARD ph_status ph_pattern_build_end(struct ph_pattern_build *b, uint32_t root,
                                            struct ph_pattern_code *out);

#endif
