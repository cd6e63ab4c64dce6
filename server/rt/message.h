/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/message.h - what units tell clients leaves the audio thread.                         */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_MESSAGE_H
#define SERVER_RT_MESSAGE_H

#include "server/rt/world.h"

/**
 * After a block in which the synth's units have told something (DSP_NODE_TOLD): one
 * LINK_REPORT_MESSAGE for every few values of each message, unit by unit. Messages for which there
 * is no room are dropped whole and counted.
 */
PH_RT void rt_message_report(struct rt_world *w, struct rt_synth *synth);

#endif
