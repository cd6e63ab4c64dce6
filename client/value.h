/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/value.h - what expressions become between syntax tree and program: kinds (LANGUAGE 4),  */
/* pattern nodes, signal nodes, and the compiler that owns them. Everything lives in one arena.   */
#ifndef CLIENT_VALUE_H
#define CLIENT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/ast.h"
#include "client/diag.h"
#include "client/functions.h"
#include "protocol/pattern_code.h"
#include "protocol/program.h"

struct compiler;
struct definition;

enum {
    PAT_DEPTH_MAX = 480,  /* below PH_PATTERN_DEPTH_MAX: a string adds a few levels of its own */
    SIG_DEPTH_MAX = 600,
    EVAL_DEPTH_MAX = 400, /* references and calls inside each other */
    WORK_MAX = 30000,    /* nodes made and calls evaluated in one program */
    LAYERS_MAX = 64,      /* copies that one transform may make */
    BUSES_DEEP_MAX = 500, /* signal buses that read each other in a row */
    PARAMS_MAX = 10       /* of one signal function */
};

/* ---- patterns -------------------------------------------------------------------------------- */

/** What the words of a pattern are read as; decided by who receives the pattern. */
enum pat_mode {
    PAT_SOUNDS,  /* words of `s`: everything is a word, bus names are voices */
    PAT_WORDS,   /* words stay words, numbers numbers */
    PAT_NOTES,   /* note names with octave 4 where none is written */
    PAT_CLASSES, /* note names without an octave are 0 .. 11 (`n`) */
    PAT_NUMBERS, /* numbers and booleans only */
    PAT_BOOLS,
    PAT_VOWELS,  /* a e i o u are 0 .. 4 */
    PAT_TYPED,   /* constants are what they are, in parameters too: TidalCycles' dialect */
    PAT_MODE_COUNT
};

enum pat_flag {
    PAT_HAS_NOTES = 1 << 0,
    PAT_HAS_NUMBERS = 1 << 1,
    PAT_HAS_WORDS = 1 << 2,
    PAT_HAS_CHORDS = 1 << 3,
    PAT_CONTINUOUS = 1 << 5,
    PAT_MADE_NOTE = 1 << 6,     /* made by `note` */
    PAT_MADE_N = 1 << 7,        /* made by `n` */
    PAT_DEFAULT_VOICE = 1 << 8, /* some event has a pitch and no sound word */
    PAT_CONTROLS = 1 << 9,      /* values are controls */
    PAT_ONCE = 1 << 10,         /* of a whole pattern: one cycle of it is played */
    PAT_IS_PLUGIN = 1 << 11     /* an instrument: `# name value` sets its parameters */
};

enum pat_kind { PAT_OP, PAT_MINI, PAT_CONST };

/** One node of a pattern; never changed once made, so that references share it. */
struct pat {
    enum pat_kind kind;
    enum ph_pattern_op op;
    /* PARAM: how its values are read; BITE: its index, PAT_SOUNDS: numbers */
    enum pat_mode child_mode;
    uint32_t flags, depth, offset;
    uint32_t n_args, n_imms;
    struct pat **args;
    const struct ph_value *imms; /* OP: immediates; CONST: the value */
    const struct mini *mini;
    /* instruction while code is emitted */
    uint32_t memo_stamp[PAT_MODE_COUNT], memo[PAT_MODE_COUNT];
};

struct pat *pat_string(struct compiler *c, const struct mini *mini, uint32_t offset);
/** The value once a cycle. Its `text` must live as long as the arena. */
struct pat *pat_const(struct compiler *c, struct ph_value value, uint32_t offset);
struct pat *pat_ratio(struct compiler *c, struct ph_ratio value, uint32_t offset);
struct pat *pat_number(struct compiler *c, double value, uint32_t offset);
struct pat *pat_word(struct compiler *c, const char *word, uint32_t offset);
/**
 * A node over `n_args` patterns. NULL when an argument is NULL (an error was reported) or when the
 * program grows over its limits (then it is reported here).
 */
struct pat *pat_op(struct compiler *c, enum ph_pattern_op op, struct pat *const *args,
                   uint32_t n_args, uint32_t offset);
struct pat *pat_op_imm(struct compiler *c, enum ph_pattern_op op, struct pat *const *args,
                       uint32_t n_args, const struct ph_value *imms, uint32_t n_imms,
                       uint32_t offset);
#define PAT(c, op, offset, ...)                                                                    \
    pat_op(c, op, (struct pat *[]){ __VA_ARGS__ },                                                 \
           sizeof((struct pat *[]){ __VA_ARGS__ }) / sizeof(struct pat *), offset)
struct pat *pat_param(struct compiler *c, const char *control, enum pat_mode mode, struct pat *p);
struct pat *pat_param_op(struct compiler *c, enum ph_pattern_op op, const char *control,
                         struct pat *x, struct pat *p);
/**
 * Controls of `right`, sampled at the onsets of `left`. Where `right` rests the event stays as it
 * is, or is dropped (`note`, `n`: LANGUAGE 4.2).
 */
struct pat *pat_with(struct compiler *c, struct pat *left, struct pat *right, bool drops);
/**
 * Continuous patterns (`rand`) as one event a cycle: what has no onsets could not start anything.
 */
struct pat *pat_once_a_cycle(struct compiler *c, struct pat *p);
struct pat *pat_stack(struct compiler *c, struct pat *const *layers, uint32_t n, uint32_t offset);

/* ---- signals --------------------------------------------------------------------------------- */

enum sig_kind { SIG_NUMBER, SIG_TEXT, SIG_BUS, SIG_STEPS, SIG_EVENTS, SIG_CALL, SIG_BINARY };

enum sig_flag {
    SIG_HAS_STEPS = 1,
    SIG_HAS_EVENTS = 2,
    SIG_HAS_BUS = 4,
    SIG_IS_FED_BACK = 8, /* BUS: its definition was being evaluated; nothing of it can be copied */
    SIG_IS_PLUGIN = 16,  /* `x # vst name`: `# name value` sets its parameters */
    SIG_IS_GATE = 32     /* kind G of LANGUAGE 4 */
};

/** One node of a signal; never changed once made. */
struct sig {
    enum sig_kind kind;
    uint32_t flags, depth, offset;
    uint8_t n_channels;
    enum sig_context context;       /* STEPS */
    enum ast_op op;                 /* BINARY: AST_ADD SUB MUL DIV */
    double open;                    /* STEPS: > 0: a gate, open for that share of each event */
    double number;                  /* NUMBER; STEPS: value before the first event */
    const char *text;               /* TEXT: the first of `texts` */
    const char *const *texts;
    uint32_t n_texts;
    const char *steps_bus;          /* STEPS that voices read: where they run */
    const char *path;               /* place in the program: names players, keys units */
    struct definition *definition;  /* BUS */
    struct pat *pattern;            /* STEPS, EVENTS */
    const struct signal_row *row;   /* CALL */
    uint32_t n_args;
    /* CALL: one per parameter, NULL where an optional one is missing */
    struct sig **args;
    uint32_t copy_stamp, wire_stamp, group_stamp; /* while a graph is copied, built, or searched */
    bool is_looped; /* since group_stamp: reads a bus of the feedback group */
    const char *copy_prefix;
    struct sig *copy;
    int32_t wires[2], outputs[2];
    uint8_t n_wires;
};

struct sig *sig_number(struct compiler *c, double number, uint32_t offset);
/**
 * A string for a maker. Several strings: one a cycle; its
 * wire is the number of the one that counts.
 */
struct sig *sig_text(struct compiler *c, const char *const *texts, uint32_t n, const char *path,
                     uint32_t offset);
struct sig *sig_bus(struct compiler *c, struct definition *definition, const char *path,
                    uint32_t offset);
/** The signal that a bus, or a bus of a bus, stands for; NULL where it is fed back. */
struct sig *sig_behind_buses(struct sig *s);
struct sig *sig_steps(struct compiler *c, struct pat *pattern, enum sig_context context,
                      double initial, const char *path);
struct sig *sig_events(struct compiler *c, struct pat *pattern, const char *path);
/** `args` has one entry for each parameter of the row and is copied; NULL where it is not given. */
struct sig *sig_call(struct compiler *c, const struct signal_row *row, struct sig *const *args,
                     const char *path, uint32_t offset);
struct sig *sig_binary(struct compiler *c, enum ast_op op, struct sig *a, struct sig *b,
                       const char *path);
/**
 * A copy in which every pattern leaf is what `leaf` makes of it; buses that contain such leaves are
 * copied in, others stay shared. `leaf` returns NULL after reporting an error.
 */
struct sig *sig_map(struct compiler *c, struct sig *sig,
                    struct pat *(*leaf)(struct compiler *c, struct sig *leaf, void *context),
                    void *context, const char *prefix);

/* ---- values ---------------------------------------------------------------------------------- */

enum value_kind {
    VALUE_ERROR, /* reported already */
    VALUE_NUMBER,
    VALUE_PATTERN,
    VALUE_EVENTS,
    VALUE_SIGNAL,
    VALUE_TRANSFORM,
    VALUE_EFFECT
};

/** Parameters of user functions: name -> value, innermost first. */
struct frame {
    const char *name;
    const struct value *value;
    const struct frame *next;
};

/** Part of a transform or effect that waits for its input: a call, or first one, then another. */
struct step {
    const struct ast *ast; /* NULL: `first`, then `second` */
    const struct frame *frame;
    const char *path;
    const struct step *first, *second;
    uint32_t depth;
};

struct value {
    enum value_kind kind;
    uint32_t offset;
    bool literal; /* PATTERN: a string as it was written */
    double number;
    struct ph_ratio ratio;
    struct pat *pattern;
    struct sig *signal;
    const struct step *step;
};

struct value value_error(void);
struct value value_of_pattern(enum value_kind kind, struct pat *pattern, uint32_t offset);
struct value value_of_signal(struct sig *signal, uint32_t offset);
/** Words for messages: "a number", "a pattern", ... */
const char *value_kind_name(enum value_kind kind);

/* kinds.c: coercions, LANGUAGE 4.1. NULL or VALUE_ERROR after reporting. */
struct pat *value_pattern(struct compiler *c, struct value v);
/** Events; `bare` strings of numbers count as words of `s`. */
struct value value_events(struct compiler *c, struct value v, bool bare);
struct sig *value_signal(struct compiler *c, struct value v, enum sig_context context,
                         double initial, const char *path);
/** True when a pattern plays by itself: words, notes, or made by `n` and `note`. */
bool pattern_is_playable(const struct pat *p);

/* ---- definitions and the compiler ------------------------------------------------------------ */

enum definition_state { DEFINITION_WAITING, DEFINITION_EVALUATING, DEFINITION_DONE };

/** One name of the program, or one output. */
struct definition {
    const struct statement *statement;
    const char *name, *label; /* "bass", "~bass"; outputs: "out", "o1" */
    enum definition_state state;
    bool referenced, is_fed_back;
    uint8_t n_channels_fed_back; /* what references see while this is evaluated: 1 or 2 */
    struct value value;
    struct feedback_group *group; /* NULL: reads nothing that reads it */
    uint32_t visit, lowest;       /* while groups are searched */
    int32_t feedback_output;      /* of FeedbackIn; -1: only read directly */
    bool has_synth, is_built; /* a lasting synth of its own exists in the program */
    struct definition *next;  /* hash chain */
    enum ph_output_state output_state; /* of outputs: what hushN and soloN say */
    char space;               /* namespace: '~' '%' '@' 'f' 's' */
};

/** Definitions that read each other in a circle, in the order of their statements: LANGUAGE 5.4. */
struct feedback_group {
    uint32_t n;
    struct definition **members;
    uint32_t n_channels; /* that are fed back */
};

/** A definition for voices: an inline one, a bus, or a `synthdef`. */
struct voice {
    const char *word;
    struct sig *signal;             /* inline */
    struct definition *definition;  /* bus or synthdef */
    bool used, built;
    uint32_t offset;
    struct voice *next;
};

enum { NAME_BUCKETS = 1024 };

/** Set of numbers other than 0, in an arena; zeroed is empty. */
struct key_set {
    uint32_t n, space;
    uint64_t *keys;
};
/** False when the key is 0 or in the set already. */
bool key_set_add(struct arena *arena, struct key_set *set, uint64_t key);

struct compiler {
    const struct source *source;
    struct arena *arena;
    struct diag *diag;
    struct definition *names[NAME_BUCKETS];
    struct definition **definitions; /* in order of their statements */
    uint32_t n_definitions;
    struct definition **outputs;
    uint32_t n_outputs;
    const struct definition *evaluating[EVAL_DEPTH_MAX];
    struct definition **evaluated; /* in the order in which they were done */
    uint32_t n_evaluated;
    uint32_t n_evaluating, eval_depth, build_depth;
    struct voice *voices;
    struct key_set voice_names;  /* inline voices made so far */
    struct key_set record_names; /* of the nodes and players made so far */
    uint32_t voice_effects; /* that some event asks for: PH_VOICE_SQUIZ and so on */
    bool needs_default_voice, has_default_voice;
    uint32_t work, stamp;
    bool exhausted;  /* the work limit was reported */
    bool is_midi_noted;     /* outside.c has said that MIDI is silent */
    struct key_set plugins; /* that it has warned about */
    struct tidal *library; /* of TidalCycles' dialect, once something of it is used; bridge.c */
    bool inside_signal; /* a transform is being pushed into a leaf of a signal */
    double cps;      /* of this program, 0.5 where it says nothing */
    struct ph_program *out;
    bool has_ports;  /* two or more outN: they are ports of the driver */
    uint32_t defs_space, buses_space, outputs_space, nodes_space, players_space;
};

/** Counts one unit of work; false (reported once) when the program is over its limit. */
bool compiler_work(struct compiler *c, uint32_t offset);
/** Text of the arena, printf style. */
const char *compiler_text(struct compiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* resolve.c */
void resolve_statements(struct compiler *c, const struct program_ast *program);
struct definition *resolve_find(struct compiler *c, char space, const char *name);
/** The value of a definition, evaluated at its first use; feedback is reported. */
struct value resolve_value(struct compiler *c, struct definition *d, const char *path,
                           uint32_t offset);
void resolve_unknown(struct compiler *c, char space, const char *name, uint32_t offset);
/** names.c: tells of names that are unknown and were not evaluated for some other error. */
void names_check_rest(struct compiler *c, const struct program_ast *program);
struct voice *resolve_voice(struct compiler *c, const char *word, uint32_t offset);
struct voice *resolve_inline_voice(struct compiler *c, const char *path, struct sig *signal,
                                   uint32_t offset);

/* feedback.c */
/** Finds the groups; every definition has been evaluated. */
void feedback_find(struct compiler *c);
/** True where `reader` hears `read` one sample later: both in one group, `read` not before it. */
bool feedback_is_late(const struct definition *reader, const struct definition *read);
/** True when the signal reads a bus of the group (`c->stamp` tells searches apart). */
bool feedback_reads(const struct compiler *c, struct sig *s, const struct feedback_group *group);

/* evaluate.c */
struct value evaluate(struct compiler *c, const struct ast *ast, const struct frame *frame,
                      const char *path);
/** `left # right`. */
struct value evaluate_chain(struct compiler *c, struct value left, const struct ast *right,
                            const struct frame *frame, const char *path);
/** Applies a transform or effect that waited for its input. */
struct value evaluate_apply(struct compiler *c, const struct step *step, struct value target,
                            uint32_t offset);
const struct step *evaluate_step(struct compiler *c, const struct ast *ast,
                                 const struct frame *frame, const char *path);
struct value evaluate_compose(struct compiler *c, struct value first, struct value second);
/** A signal that rises at each onset of a pattern of numbers: what restarts an envelope. */
struct sig *evaluate_onset_gate(struct compiler *c, struct pat *p, const char *path,
                                uint32_t offset);
/** What it steps through: 1 for a share of every event, then 0; made once transforms are done. */
struct pat *evaluate_strikes(struct compiler *c, struct pat *onsets, double open, uint32_t offset);
/* envelopes.c */
/** Kind G: triggers and gates, and what only scales or delays them. */
bool envelope_is_gate(struct sig *s);
/** `x # env attack decay sustain release` of a gate: the envelope itself. */
struct value envelope_of_gate(struct compiler *c, const struct ast *call,
                              const struct frame *frame, const char *path, struct value gate);
/** env_trig, tar, tadsr, gate, trig; `left` is what stands left of `#`, or NULL. */
struct value envelope_call(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path, const struct value *left);
/** The signal times a percussive envelope at each true onset of the pattern. */
struct value envelope_struck(struct compiler *c, struct value pattern, struct value signal,
                             const char *path, uint32_t offset);

/* chords.c */
/**
 * A call of an oscillator: where its pitch steps through chords, one for each note of the largest,
 * at 1 / sqrt(count). `args` as sig_call() takes them.
 */
struct sig *chords_spread(struct compiler *c, const struct signal_row *row, struct sig *const *args,
                          const char *path, uint32_t offset);

/* shorthand.c */
/**
 * `cutoff` and its like as the effect they are short for, any other call as it is; NULL after
 * reporting. `calls` are all of the chain it stands in. `is_partner`: it says something about such
 * an effect, and is no link of its own.
 */
const struct ast *shorthand_expand(struct compiler *c, const struct ast *call,
                                   struct ast *const *calls, uint32_t n, bool *is_partner);
/** True for such names, and for those that say something about them. */
bool shorthand_is_effect(const char *canonical);

/** An effect call that was given its input as the first argument. */
struct value evaluate_with_input(struct compiler *c, struct value effect, const char *path);

/* events.c */
struct value events_source(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path);
struct value events_modify(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path, struct value left);
/** True when the modifier acts on a signal as an effect of the same name. */
bool events_modifier_is_effect(const char *canonical);

/* sources.c: patterns of LANGUAGE 11 */
struct value sources_pattern(struct compiler *c, const struct function *f, const struct ast *call,
                             const struct frame *frame, const char *path);

/** Names that set one parameter of events. */
bool events_is_control(const char *name);
/** The control pattern of such a name, of the values `x`. */
struct pat *events_control(struct compiler *c, const char *name, struct pat *x);

/* bridge.c: functions and operators of TidalCycles' dialect in .ph */
bool bridge_has(const char *name);
struct value bridge_call(struct compiler *c, const struct ast *call, const struct frame *frame,
                         const char *path);
/** The call, with `target` as its last argument. */
struct value bridge_apply(struct compiler *c, const struct ast *call, const struct frame *frame,
                          const char *path, struct value target);
/** An operand or argument: `gain 0.8` is a control pattern here. */
struct value bridge_operand(struct compiler *c, const struct ast *a, const struct frame *frame,
                            const char *path);
struct value bridge_operator(struct compiler *c, const char *symbol, struct value left,
                             struct value right, uint32_t offset);
/** (op x) or (x op) of `target`. */
struct value bridge_section(struct compiler *c, const struct step *step, struct value target);

/* continuous.c */
/** True when a pattern moves between events, so that each sample of a signal has its own value. */
bool continuous_is(const struct pat *p);
struct sig *continuous_signal(struct compiler *c, struct pat *p, const char *path);

/* sampled.c */
/** What a signal is over time, for whoever reads it at an onset; NULL after reporting. */
struct pat *sampled_pattern(struct compiler *c, const struct sig *s, uint32_t offset);

/* transform.c */
bool transform_takes(const struct function *f, uint32_t n_args);
struct value transform_apply(struct compiler *c, const struct ast *call, const struct frame *frame,
                             const char *path, struct value target);
/* outside.c: MIDI and plugins */
bool outside_is_midi(const char *name);
struct value outside_midi(struct compiler *c, const char *name, uint32_t offset);
/** `vst name`: an instrument, or what it makes of `input`. */
struct value outside_plugin(struct compiler *c, const struct ast *call, const char *path,
                            const struct value *input);
bool outside_is_plugin(struct value v);
/** `plugin # name value` */
struct value outside_parameter(struct compiler *c, const struct ast *call,
                               const struct frame *frame, const char *path, struct value plugin);

/* condition.c */
/** `left # every_effect n fx` and its like. False where the function is none of these. */
bool condition_chain(struct compiler *c, const struct function *f, const struct ast *call,
                     const struct frame *frame, const char *path, struct value left,
                     struct value *out);

/* combine.c */
struct value transform_combinator(struct compiler *c, const struct function *f,
                                  const struct ast *call, const struct frame *frame,
                                  const char *path);

/* pattern_compile.c */
/** Emits the code of a pattern. False after reporting. */
bool pattern_compile(struct compiler *c, struct pat *root, enum pat_mode mode,
                     struct ph_pattern_code *out);
/** MIDI number of a note name (c4 = 60); `*has_octave` tells whether it was written. */
bool pattern_note(const char *text, double *note, bool *has_octave);

/* synthdef_build.c */
void build_outputs(struct compiler *c);

#endif
