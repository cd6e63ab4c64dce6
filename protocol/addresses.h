/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/addresses.h - every OSC address: number, arguments, reply, errors - one table.        */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_ADDRESSES_H
#define PROTOCOL_ADDRESSES_H

/** Port of both doors, UDP and TCP. */
#define PH_DEFAULT_PORT 57110

/**
 * PH_ADDRESSES(A): A(ID, address, number, arguments, reply, what it does)
 *
 * number: scsynth's integer form of the address, -1 where there is none. arguments: i f s b h d,
 * [x] optional, N* repeated; n is a node, i id or s path, i id; v a value: i, f, s "c5" or "a5" for
 * a bus that a control follows, or an array of these in brackets. reply "-": none on success. Every
 * command may answer /fail address text.
 */
#define PH_ADDRESSES(A)                                                                            \
    A(NOTIFY, "/notify", 1, "i on, [i client]", "/done /notify client max", "node notifications")  \
    A(STATUS, "/status", 2, "", "/status.reply", "counts and load")                                \
    A(QUIT, "/quit", 3, "", "/done /quit", "fade out and exit")                                    \
    A(D_RECV, "/d_recv", 5, "b defs, [b completion]", "/done /d_recv", "compile SynthDefs")        \
    A(D_LOAD, "/d_load", 6, "s path with * ? [ ], [b completion]", "/done /d_load",                \
      "compile SynthDefs from files")                                                              \
    A(D_LOAD_DIR, "/d_loadDir", 7, "s folder, [b completion]", "/done /d_loadDir",                 \
      "compile all SynthDefs in a folder")                                                         \
    A(D_FREE_ALL, "/d_freeAll", 8, "", "-", "forget all SynthDefs")                                \
    A(D_FREE, "/d_free", 53, "N*s name", "-", "forget SynthDefs")                                  \
    A(S_NEW, "/s_new", 9, "s def, i id, i action, n target, N*(is control, v value)",              \
      "/n_go", "new synth")\
    A(S_NEWARGS, "/s_newargs", 59,                                                                 \
      "s def, i id, i action, n target, N*(is control, i n, n*v value)",                           \
      "/n_go", "new synth")                                                                        \
    A(S_NOID, "/s_noid", 49, "N*n node",                                                           \
      "-", "synths get ids that no client chose")                                                  \
    A(S_GET, "/s_get", 44, "n node, N*is control",                                                 \
      "/n_set node, N*(is control, f value)", "values of a synth's controls")                      \
    A(S_GETN, "/s_getn", 45, "n node, N*(is control, i n)",                                        \
      "/n_setn node, N*(is control, i n, n*f value)", "values of controls side by side")           \
    A(N_FREE, "/n_free", 11, "N*n node",                                                           \
      "/n_end", "free nodes")                                                                      \
    A(N_RUN, "/n_run", 12, "N*(n node, i flag)",                                                   \
      "/n_on /n_off", "pause and resume")                                                          \
    A(N_QUERY, "/n_query", 46, "N*n node",                                                         \
      "/n_info to all clients", "where nodes are")                                                 \
    A(N_TRACE, "/n_trace", 10, "N*n node",                                                         \
      "-", "print what nodes are")                                                                 \
    A(N_BEFORE, "/n_before", 18, "N*(n node, n target)",                                           \
      "/n_move", "move nodes before others")                                                       \
    A(N_AFTER, "/n_after", 19, "N*(n node, n target)",                                             \
      "/n_move", "move nodes behind others")                                                       \
    A(N_ORDER, "/n_order", 62, "i action, n target, N*n node",                                     \
      "/n_move", "move nodes to a place, one after the other")                                     \
    A(N_SET, "/n_set", 15, "n node, N*(is control, v value)",                                      \
      "-", "set controls")                                                                         \
    A(N_SETN, "/n_setn", 16, "n node, N*(is control, i n, n*v value)",                             \
      "-", "set controls side by side")                                                            \
    A(N_FILL, "/n_fill", 17, "n node, N*(is control, i n, v value)",                               \
      "-", "set controls side by side to one value")                                               \
    A(N_MAP, "/n_map", 14, "n node, N*(is control, i bus)",                                        \
      "-", "controls follow control buses; -1: no more")                                           \
    A(N_MAPN, "/n_mapn", 48, "n node, N*(is control, i bus, i n)",                                 \
      "-", "controls follow control buses side by side")                                           \
    A(N_MAPA, "/n_mapa", 60, "n node, N*(is control, i bus)",                                      \
      "-", "controls follow audio buses; -1: no more")                                             \
    A(N_MAPAN, "/n_mapan", 61, "n node, N*(is control, i bus, i n)",                               \
      "-", "controls follow audio buses side by side")                                             \
    A(G_NEW, "/g_new", 21, "N*(i id, i action, n target)",                                         \
      "/n_go", "new groups")                                                                       \
    A(P_NEW, "/p_new", 63, "N*(i id, i action, n target)",                                         \
      "/n_go", "new groups: what may run side by side is found out")                               \
    A(G_HEAD, "/g_head", 22, "N*(n group, n node)",                                                \
      "/n_move", "move nodes to the head of groups")                                               \
    A(G_TAIL, "/g_tail", 23, "N*(n group, n node)",                                                \
      "/n_move", "move nodes to the tail of groups")                                               \
    A(G_FREE_ALL, "/g_freeAll", 24, "N*n group",                                                   \
      "/n_end", "free what is in groups")                                                          \
    A(G_DEEP_FREE, "/g_deepFree", 50, "N*n group",                                                 \
      "/n_end", "free all synths below groups")                                                    \
    A(G_DUMP_TREE, "/g_dumpTree", 56, "N*(n group, i controls)",                                   \
      "-", "print what is in groups")                                                              \
    A(G_QUERY_TREE, "/g_queryTree", 57, "N*(n group, i controls)",                                 \
      "/g_queryTree.reply i controls, depth first "                                                \
      "(i id, i children or -1, [s def, [i n, n*(is control, fs value)]])",                        \
      "what is in groups")                                                                         \
    A(B_ALLOC, "/b_alloc", 28, "i buffer, i frames, [i channels], [b completion]",                 \
      "/done /b_alloc buffer", "empty buffer")                                                     \
    A(B_ALLOC_READ, "/b_allocRead", 29, "i buffer, s path, [i start], [i frames], [b completion]", \
      "/done /b_allocRead buffer", "buffer from a sound file")                                     \
    A(B_ALLOC_READ_CHANNEL, "/b_allocReadChannel", 54,                                             \
      "i buffer, s path, i start, i frames, N*i channel, [b completion]",                          \
      "/done /b_allocReadChannel buffer", "buffer from some channels of a sound file")             \
    A(B_READ, "/b_read", 30,                                                                       \
      "i buffer, s path, [i start], [i frames], [i to], [i leave open], [b completion]",           \
      "/done /b_read buffer", "a sound file into a buffer that is there")                          \
    A(B_READ_CHANNEL, "/b_readChannel", 55,                                                        \
      "i buffer, s path, i start, i frames, i to, i leave open, N*i channel, [b completion]",      \
      "/done /b_readChannel buffer", "some channels of a sound file")                              \
    A(B_WRITE, "/b_write", 31,                                                                     \
      "i buffer, s path, [s header], [s sample], [i frames], [i start], [i leave open], "          \
      "[b completion]",                                                                            \
      "/done /b_write buffer", "a sound file from a buffer")                                       \
    A(B_CLOSE, "/b_close", 33, "i buffer, [b completion]", "/done /b_close buffer",                \
      "close the file that was left open")                                                         \
    A(B_ZERO, "/b_zero", 34, "i buffer, [b completion]", "/done /b_zero buffer", "silence")        \
    A(B_SET, "/b_set", 35, "i buffer, N*(i sample, f value)", "-", "set samples")                  \
    A(B_SETN, "/b_setn", 36, "i buffer, N*(i first, i n, n*f value)", "-", "set runs of samples")  \
    A(B_FILL, "/b_fill", 37, "i buffer, N*(i first, i n, f value)", "-",                           \
      "one value for many samples")                                                                \
    A(B_GEN, "/b_gen", 38, "i buffer, s generator, ...", "/done /b_gen buffer", "compute contents")\
    A(B_GET, "/b_get", 42, "i buffer, N*i sample", "/b_set buffer, N*(i sample, f value)",         \
      "values of samples")                                                                         \
    A(B_GETN, "/b_getn", 43, "i buffer, N*(i first, i n)",                                         \
      "/b_setn buffer, N*(i first, i n, n*f value)",                                               \
      "values of runs of samples")                                                                 \
    A(B_QUERY, "/b_query", 47, "N*i buffer", "/b_info N*(i buffer, i frames, i channels, f rate)", \
      "sizes of buffers")                                                                          \
    A(B_FREE, "/b_free", 32, "i buffer, [b completion]", "/done /b_free buffer", "free a buffer")  \
    A(C_SET, "/c_set", 25, "N*(i bus, f value)", "-", "set control buses")                         \
    A(C_SETN, "/c_setn", 26, "N*(i first, i n, n*f value)",                                        \
      "-", "set control buses side by side")                                                       \
    A(C_FILL, "/c_fill", 27, "N*(i first, i n, f value)",                                          \
      "-", "set control buses to one value")                                                       \
    A(C_GET, "/c_get", 40, "N*i bus", "/c_set N*(i bus, f value)", "values of control buses")      \
    A(C_GETN, "/c_getn", 41, "N*(i first, i n)", "/c_setn N*(i first, i n, n*f value)",            \
      "values of control buses that lie side by side")                                             \
    A(DUMP_OSC, "/dumpOSC", 39, "i mode", "-",                                                     \
      "print packets: 1 as text, 2 in hexadecimal, 3 both")                                        \
    A(ERROR, "/error", 58, "i mode", "-", "tell failures: 0 none, 1 all, -1 and -2 in one packet") \
    A(CMD, "/cmd", 4, "s name, ...", "/fail", "commands of plug-ins: there are none")              \
    A(U_CMD, "/u_cmd", 20, "i node, i unit, s name, ...", "/fail",                                 \
      "commands of units: there are none")                                                         \
    A(CLEAR_SCHED, "/clearSched", 51, "", "-", "drop scheduled bundles")                           \
    A(SYNC, "/sync", 52, "i id", "/synced id", "answer after everything before it")                \
    A(VERSION, "/version", 64, "", "/version.reply", "name and version")                           \
    A(BEGIN, "/phonon/begin", -1, "i request, s name, h revision",                                 \
      "/done /phonon/program ... or /fail /phonon/program text request", "first record")           \
    A(TEMPO, "/phonon/tempo", -1, "h numerator, h denominator, [i request]",                       \
      "/done /phonon/tempo request, h frame, d cycle, d cps before, d cps after",                  \
      "cycles per second; record of a program (without request and reply), or a command")         \
    A(CYCLE, "/phonon/cycle", -1, "h numerator, h denominator, [i request]",                       \
      "/done /phonon/cycle ... as /phonon/tempo", "jump to a cycle; record or command")            \
    A(NUDGE, "/phonon/nudge", -1, "h numerator, h denominator, s cycles|seconds, [i request]",     \
      "/done /phonon/nudge ... as /phonon/tempo",                                                  \
      "shift the clock, positive: later; record or command")                                       \
    A(OUTMIX, "/phonon/outmix", -1, "i mode", "-", "how outputs meet")                             \
    A(DEF, "/phonon/def", -1,                                                                      \
      "s name, h hash, b synthdef, b keys, N*(s control, s bus | f value | s sample, i index)",    \
      "-",                                                                                         \
      "one definition, and the buses that its controls start with")                                \
    A(BUS, "/phonon/bus", -1, "s name, i channels", "-", "one private audio bus")                  \
    A(OUTPUT, "/phonon/output", -1, "s name, s bus, i port, i state", "-",                         \
      "one output: its bus goes into the mix (port 0) or to a port")                               \
    A(SYNTH, "/phonon/synth", -1,                                                                  \
      "s name, s def, N*(s control, s bus | f value | s sample, i index)", "-",                    \
      "one lasting synth; nodes run in the order of records")                                      \
    A(VOICES, "/phonon/voices", -1, "s name, s bus", "-", "one group for a player's voices")       \
    A(EVENTS, "/phonon/events", -1, "s name, s voices, s default_def, h hash, b code", "-",        \
      "player whose events are voices")                                                            \
    A(STEPS, "/phonon/steps", -1,                                                                  \
      "s name, s synth, s control, s gate, i notes_as_hz, i rest, h hash, b code", "-",            \
      "player that writes steps into a control")                                                   \
    A(SOURCE, "/phonon/source", -1, "h based on, b text (record), [i request] (command)",          \
      "/done /phonon/source request, h edition, [b text]",                                         \
      "what the program was compiled from, opaque; record of a program, or asks for that of the "  \
      "running one")                                                                               \
    A(COMMIT, "/phonon/commit", -1, "i request", "-", "last record")                               \
    A(HUSH, "/phonon/hush", -1, "[i request], [s output]", "/done /phonon/hush request",           \
      "fade every output in 10 ms, until the next program, or one, until it is undone; patterns "  \
      "run on")                                                                                    \
    A(UNHUSH, "/phonon/unhush", -1, "[i request], [s output]", "/done /phonon/unhush request",     \
      "undo hush, of all outputs or of one")                                                       \
    A(SOLO, "/phonon/solo", -1, "i request, s output", "/done /phonon/solo request",               \
      "hear only one output")                                                                      \
    A(UNSOLO, "/phonon/unsolo", -1, "[i request]", "/done /phonon/unsolo request",                 \
      "hear all outputs again")                                                                    \
    A(PANIC, "/phonon/panic", -1, "[i request]", "/done /phonon/panic request",                    \
      "end every voice and effect until the next program")                                         \
    A(PH_STATUS_QUERY, "/phonon/status", -1, "[i request]",                                        \
      "/phonon/status.reply request, N*(s name, value)", "everything that is counted")

#define PH_ADDRESS_ENUM(id, address, number, args, reply, doc) PH_ADDR_##id,
enum ph_address { PH_ADDRESSES(PH_ADDRESS_ENUM) PH_ADDR_COUNT };
#undef PH_ADDRESS_ENUM

struct ph_address_info {
    const char *address; /* with slash */
    int number;
    const char *arguments, *reply, *doc;
};
extern const struct ph_address_info ph_addresses[PH_ADDR_COUNT];

/**
 * Looks up an address (with or without its slash) or, when `address` is NULL, a number; -1: none.
 */
int ph_address_find(const char *address, int number);

#endif
