/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/status.h - status codes and their texts, the same in every room and in replies.       */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_STATUS_H
#define PROTOCOL_STATUS_H

#define PH_NODISCARD __attribute__((warn_unused_result))

/**
 * One list: enumerator and the text that stands in `/fail`.
 * scsynth's texts where clients parse them.
 */
#define PH_STATUSES(S)                                                                             \
    S(OK, "ok")                                                                                    \
    S(NO_MEMORY, "out of memory")                                                                  \
    S(TRUNCATED, "data ends early")                                                                \
    S(MALFORMED, "malformed packet")                                                               \
    S(TOO_LARGE, "larger than the limit")                                                          \
    S(TOO_DEEP, "nested too deeply")                                                               \
    S(WRONG_TYPE, "wrong argument type")                                                           \
    S(NO_COMMAND, "Command not found")                                                             \
    S(NOT_FOUND, "not found")                                                                      \
    S(NODE_NOT_FOUND, "Node not found")                                                            \
    S(GROUP_NOT_FOUND, "Group not found")                                                          \
    S(TARGET_NOT_FOUND, "target Node not found")                                                   \
    S(DEF_NOT_FOUND, "SynthDef not found")                                                         \
    S(DUPLICATE_NODE, "duplicate node ID")                                                         \
    S(RESERVED_NODE, "negative node IDs are reserved")                                             \
    S(REPLACES_ROOT, "can't replace group 0")                                                      \
    S(TOO_MANY_NODES, "too many nodes")                                                            \
    S(FAILED, "failed")                                                                            \
    S(ANSWER_TOO_LARGE, "buffer overflow")                                                         \
    S(BAD_DEF, "SynthDef is malformed")                                                            \
    S(UNKNOWN_UNIT, "unit not known")                                                              \
    S(BAD_CODE, "pattern code is malformed")                                                       \
    S(BAD_PROGRAM, "program is malformed")                                                         \
    S(OUT_OF_RANGE, "index out of range")                                                          \
    S(OVERFLOW, "arithmetic overflow")                                                             \
    S(BUDGET, "pattern exceeds its budget")                                                        \
    S(FULL, "queue full")                                                                          \
    S(STALE, "another program has come meanwhile")                                                 \
    S(LATE, "late")                                                                                \
    S(IO, "input or output failed")                                                                \
    S(BAD_FILE, "not a sound file that can be read")                                               \
    S(ACCESS, "access denied")                                                                     \
    S(ADDRESS_IN_USE, "port already in use")                                                       \
    S(UNSUPPORTED, "not supported")

#define PH_STATUS_ENUM(id, text) PH_##id,
typedef enum ph_status { PH_STATUSES(PH_STATUS_ENUM) PH_STATUS_COUNT } ph_status;
#undef PH_STATUS_ENUM

/** Text of a status; never NULL, also for values outside the list. */
const char *ph_status_text(ph_status status);

#endif
