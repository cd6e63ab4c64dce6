/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/voice.c - voices of players: start on their frame, cut, steal.                       */
/* room: audio.                                                                                   */
#include "server/rt/voice.h"

#include "server/rt/exec.h"
#include "server/rt/tree.h"

PH_RT static void enter(struct rt_world *w, struct rt_synth *synth)
{
    synth->is_voice = true;
    synth->voice_prev = w->voice_tail;
    synth->voice_next = NULL;
    *(w->voice_tail ? &w->voice_tail->voice_next : &w->voice_head) = synth;
    w->voice_tail = synth;
    w->n_voices++;
}

PH_RT void rt_voice_leave(struct rt_world *w, struct rt_synth *synth)
{
    *(synth->voice_prev ? &synth->voice_prev->voice_next : &w->voice_head) = synth->voice_next;
    *(synth->voice_next ? &synth->voice_next->voice_prev : &w->voice_tail) = synth->voice_prev;
    synth->voice_prev = synth->voice_next = NULL;
    synth->is_voice = false;
    w->n_voices--;
    if (synth->fade_ends)
        w->n_voices_fading--;
}

PH_RT void rt_voice_fade_out(struct rt_world *w, struct rt_synth *synth, uint32_t milliseconds)
{
    if (synth->fade_ends)
        return;
    rt_exec_fade(w, synth, 0, milliseconds, true);
    w->n_voices_fading++;
}

static bool is_releasing(const struct rt_synth *v)
{
    return v->dsp->flags & DSP_NODE_RELEASING;
}

/** Peak of its last block. */
static float level_of(const struct rt_synth *v)
{
    return v->batch ? v->batch->level[v->lane] * v->dsp->gain : v->level;
}

PH_RT static struct rt_synth *victim(const struct rt_world *w)
{
    struct rt_synth *oldest = NULL, *quietest = NULL;
    for (struct rt_synth *v = w->voice_head; v; v = v->voice_next) {
        if (v->fade_ends)
            continue;
        if (!oldest)
            oldest = v;
        if (is_releasing(v) && (!quietest || level_of(v) < level_of(quietest)))
            quietest = v;
    }
    return quietest ? quietest : oldest;
}

/**
 * Of those that fade out the one that is heard least: a voice that came in this block not at all.
 */
PH_RT static struct rt_synth *least_heard(const struct rt_world *w)
{
    struct rt_synth *found = NULL;
    for (struct rt_synth *v = w->voice_head; v; v = v->voice_next)
        if (v->fade_ends && (!found || level_of(v) < level_of(found)))
            found = v;
    return found;
}

PH_RT static void make_room(struct rt_world *w)
{
    const uint32_t max = w->config.n_voices_max;
    if (w->n_voices - w->n_voices_fading >= max) {
        struct rt_synth *const stolen = victim(w);
        if (stolen) {
            rt_voice_fade_out(w, stolen, RT_FADE_STEAL_MS);
            w->counts.n_stolen++;
        }
    }
    if (w->n_voices >= 2 * max) { /* a flood: one fade is cut short */
        struct rt_synth *const v = least_heard(w);
        if (v)
            rt_tree_remove(w, v->ends_group ? &v->node.parent->node : &v->node);
    }
}

PH_RT static void cut_others(struct rt_world *w, const struct rt_cut *cut)
{
    const uint32_t milliseconds = cut->fade_ms ? cut->fade_ms : RT_FADE_CUT_MS;
    for (struct rt_synth *v = w->voice_head; v; v = v->voice_next) {
        const bool in_scope = cut->flags & LINK_CUT_ANY_SCOPE || v->cut_scope == cut->scope;
        const bool is_meant = !(cut->flags & LINK_CUT_SAME_SOUND) || v->cut_sound == cut->sound;
        if (v->cut == cut->group && in_scope && is_meant)
            rt_voice_fade_out(w, v, milliseconds);
    }
}

PH_RT void rt_voice_start(struct rt_world *w, struct rt_synth *synth, struct rt_group *group,
                          uint32_t offset, const struct rt_cut *cut)
{
    if (cut->group > 0)
        cut_others(w, cut);
    make_room(w);
    synth->cut = cut->group < 0 ? -cut->group : cut->group;
    synth->cut_scope = cut->scope;
    synth->cut_sound = cut->sound;
    synth->start_frame = w->frame + offset;
    synth->dsp->first_frame = offset;
    /* hidden ids are for looking on: none is fine too */
    (void)rt_table_add(&w->table, &synth->node);
    rt_tree_link_tail(w, group, &synth->node);
    enter(w, synth);
}
