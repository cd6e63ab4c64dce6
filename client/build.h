/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/build.h - values -> SynthDefs, buses, nodes and players of the program.                 */
#ifndef CLIENT_BUILD_H
#define CLIENT_BUILD_H

#include "client/functions/make.h"
#include "client/value.h"

/** Name of the voice of events that have a pitch and no sound. */
#define BUILD_DEFAULT_VOICE "default"

/* records.c: what the program is made of */
char *build_copied(const char *text);
void build_add_bus(struct compiler *c, const char *name, uint32_t n_channels);
/** An output and its bus. */
void build_add_output(struct compiler *c, struct ph_program_output output, uint32_t n_channels);
void build_add_node(struct compiler *c, struct ph_program_node node);
/** A control of the node that holds the number of a bus. */
void build_node_control(struct ph_program_node *node, const char *control, const char *bus);
/** A control of the node that holds the number of a sample's buffer. */
void build_node_sample(struct ph_program_node *node, const char *control, const char *word,
                       int32_t index);
struct ph_program_player *build_add_player(struct compiler *c, const char *name,
                                           enum ph_player_kind kind, const char *node);
/** Names of nodes and players are places in the program; equal ones are numbered. */
const char *build_name(struct compiler *c, const char *path, const char *what);
/** Ends the SynthDef and adds it, and the node it is for; or drops both where something failed. */
void build_finish_node(struct compiler *c, struct unit_build *u, const char *def_name);
/** The same for voices: what `u->node` binds becomes bindings of the definition. */
void build_finish_voice(struct compiler *c, struct unit_build *u, const char *word);

/* lower.c: signal nodes -> units */
struct wires build_lower(struct unit_build *u, struct sig *s);
/** A wire that units at audio rate may read: numbers become a DC. */
struct ph_input build_audio(struct unit_build *u, struct ph_input in);
uint64_t build_control_key(const char *name);

/* synthdef_build.c: lasting synths */
/** `signal` written to `bus` on `n_channels` channels. */
void build_synth(struct compiler *c, const char *label, struct sig *signal, const char *bus,
                 uint32_t n_channels);
/** The synth of a signal definition, with all it reads, once. */
void build_definition(struct compiler *c, struct definition *d);
/** A group for voices and the player that fills it; the voices write to `bus`. */
void build_events(struct compiler *c, struct pat *pattern, const char *path, const char *bus);

/* voices.c */
/** Definitions of the voices that patterns have named so far. */
void build_voices(struct compiler *c);

#endif
