/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/def.h - a compiled SynthDef: units in order over wires. Made by nrt/compile.c,       */
/* immutable while any synth uses it, but for the pool of its batches.                            */
/* room: audio reads it; the command and sequencer threads make and release it.                   */
#ifndef SERVER_RT_DEF_H
#define SERVER_RT_DEF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/dsp/dsp.h"

/** Where an input or output lives. */
enum rt_wire_kind {
    RT_WIRE_CONSTANT, /* index into rt_def.constants */
    /* index into rt_synth values: control and scalar wires, kept between blocks */
    RT_WIRE_VALUE,
    RT_WIRE_AUDIO     /* index of a scratch wire buffer, shared by all synths of one thread */
};

struct rt_wire {
    uint8_t kind, rate; /* enum rt_wire_kind, enum ph_rate */
    uint32_t index;
};

enum { RT_UNIT_WIRES_MAX = 2112 }; /* PackFFT of a spectrum of 2048 floats */

/** One unit of the block program. */
struct rt_unit {
    const struct dsp_unit *kernel, *wide; /* wide: NULL where the def has no wide form */
    uint64_t key;            /* state is carried between equal keys; 0: never */
    uint32_t state_offset;   /* bytes from the start of the synth's state */
    uint32_t wide_offset;    /* bytes from the start of a batch's state */
    uint32_t first_wire;     /* n_in inputs, then n_out outputs, in rt_def.wires */
    uint16_t n_in, n_out;    /* at most RT_UNIT_WIRES_MAX each */
    uint16_t memory;         /* 1 + index of the synth's long memory, 0: none */
    uint16_t unit;           /* enum ph_unit */
    uint16_t local;          /* 1 + index of the LocalBuf that it writes, 0: none */
    int16_t special;
    uint8_t rate;
    bool gives_buffer;       /* a number of one, or a chain: -1 where it has no memory */
    uint32_t named;          /* 1 + the wire, in rt_def.wires, that names the client's buffer that it
                                writes; 0: a LocalBuf, or none */
};

/** Control names as symbols, sorted by symbol. */
struct rt_param {
    uint32_t symbol, first_control, n_controls;
};

/** What a unit does to buses. Audio buses count one by one, control buses all together. */
enum rt_access_kind { RT_READS, RT_ADDS, RT_REPLACES, RT_READS_CONTROL, RT_WRITES_CONTROL };

/** How the number of the first bus is known before the synth runs. */
enum rt_bus_source {
    RT_BUS_CONSTANT, /* index into constants */
    RT_BUS_CONTROL,
    RT_BUS_SCALAR,   /* index into values, of a scalar unit: stands from birth on */
    RT_BUS_UNKNOWN   /* computed: nothing else may run beside this synth */
};

struct rt_access {
    uint8_t kind, source;
    uint16_t n_channels;
    uint32_t index, control; /* control: of RT_BUS_CONTROL, and of RT_BUS_SCALAR before birth */
    uint32_t unit;
};

/** What a unit is to the sound that a synth puts on buses: see nrt/tail.c. */
enum rt_part {
    RT_PART_NONE,   /* it controls others, or lies on the way */
    RT_PART_SOURCE, /* the sound begins here */
    RT_PART_TAIL    /* it goes on when its input has ended: a delay, a reverb, a feedback loop */
};

/**
 * Batches of a def. For every third synth that exists a batch is allocated and put down in `made`,
 * before the synth is on its way. A batch in use holds three synths or more, so the audio thread
 * never finds the pool empty, whichever synths start first, and what it does depends on the score
 * alone.
 */
struct rt_batch_pool {
    struct rt_batch *free;
    /* scratch of the plan in the making */
    uint64_t run;                     /* the run of nodes the rest is about */
    struct rt_def *next_in_run;
    struct rt_synth *alone, *alone_tail; /* by struct rt_synth.next_alone */
    uint32_t n_alone;
    struct rt_batch *open;            /* by struct rt_batch.next */
    /* command and sequencer threads; the audio thread takes all of `made` at once, by `next` */
    _Atomic(struct rt_batch *) made;
    atomic_uint n_batches;
};

/** A Tap and the name of its record. */
struct rt_tap {
    uint32_t unit;
    char *name;
};

/** A unit that tells clients something: dsp/message.h. */
struct rt_messenger {
    uint32_t unit;
    uint32_t n_values; /* of each message */
    uint8_t kind;      /* enum rt_messenger_kind */
    char *text;        /* address, or the label of a poll */
};
/**
 * A poll prints its value; RT_DEMAND_POLL's second value is
 * the frame it is of, < 0: it isn't printed.
 */
enum rt_messenger_kind { RT_TRIGGER, RT_REPLY, RT_POLL, RT_DEMAND_POLL };

struct nrt_spares; /* nrt/synth.c: its synths' number, and memory of those that ended */

struct link_uses; /* link/use.h */

struct rt_def {
    char *name;
    uint64_t name_hash;     /* of ph_hash_text() */
    atomic_uint n_refs;
    uint32_t n_units, n_wires, n_constants, n_controls, n_params;
    uint32_t n_values, n_audio_wires, n_memories;
    uint32_t n_triggers, n_audio_controls;
    /* units that run frame by frame, FeedbackIn to FeedbackOut; or none */
    uint32_t loop_first, loop_end;
    uint32_t state_bytes;
    float rate_hz, control_rate_hz; /* that it was compiled for */
    struct rt_unit *units;
    struct rt_wire *wires;
    /* [n_wires]: the rates of `wires`, side by side for dsp_block.in_rate */
    uint8_t *wire_rates;
    float *constants;
    float *controls;        /* initial values */
    uint8_t *control_rates; /* enum ph_rate of the unit that reads control i */
    uint32_t *triggers;     /* [n_triggers]: controls that fall back to 0 after each block */
    struct rt_param *params;
    uint32_t n_taps, n_messengers, n_locals; /* n_locals: LocalBufs */
    struct rt_tap *taps;
    struct rt_messenger *messengers;
    /* [n_wires]: the unit that an input comes from; NULL where no unit asks for it */
    uint32_t *sources;
    /* order of execution */
    uint32_t n_accesses, n_writes; /* n_writes: channels that it puts on audio buses */
    struct rt_access *accesses;
    bool *control_is_bus;   /* [n_controls]: the plan depends on its value */
    uint8_t *parts;         /* [n_units]: enum rt_part */
    bool needs_fft;         /* dsp_fft_plan_all() must have run before it plays */
    bool has_before;        /* units see each other before the first frame, as clients' do: birth.h */
    bool is_mixable;        /* only adds to audio buses: neighbours don't hear in which order */
    bool is_barrier;        /* runs by itself, between everything before and behind it */
    /* side by side */
    uint32_t width;         /* lanes of a batch; 0: instances run alone */
    uint32_t wide_state_bytes;
    float *wide_constants;  /* [n_constants][width] */
    uint32_t *memory_floats; /* [n_memories]: per lane, of wide forms */
    struct rt_batch_pool pool;
    struct nrt_spares *spares;
    /* samples that its controls name, released when it is freed; NULL: none */
    struct link_uses *uses;
};

#endif
