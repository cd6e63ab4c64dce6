/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/length.c - how an event plays a sample, and how long and how loud a voice is in its */
/* course. LANGUAGE 10.3, 10.4.                                                                   */
/* room: sequencer thread.                                                                        */
#include "server/seq/length.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static double frames_of(const struct seq_read_event *e, double seconds)
{
    return floor(seconds * e->rate_hz + 0.5);
}

float seq_seconds_of(const struct seq_read_event *e, double frames)
{
    return (float)((frames + 0.25) / e->rate_hz);
}

/* ---- sample playback ------------------------------------------------------------------------- */

/** 10.4 `unit`: what speed 1 means. */
static double speed_ratio(const struct seq_read_event *e, const struct load_sample *sample)
{
    const double speed = seq_get(e, SEQ_SPEED, 1, -20, 20);
    const double sample_seconds = sample->n_frames / e->rate_hz;
    const struct ph_value *const unit = e->v.values[SEQ_UNIT];
    const char which = unit && unit->kind == PH_VALUE_WORD ? unit->text[0] : 'r';
    if (which == 'c')
        return speed * sample_seconds * e->from->cps;
    if (which == 's')
        return speed == 0.0 ? 0.0 : sample_seconds / speed;
    return speed;
}

/** The sampler's own rounding of begin and end, so that the length is exact. */
static double part_frames(const struct seq_playback *p, uint32_t n_frames)
{
    const double begin = floor((double)p->begin * n_frames + 0.5);
    const double end = floor((double)p->end * n_frames + 0.5);
    return fabs(end - begin);
}

bool seq_playback_find(const struct seq_read_event *e, const struct load_sample *sample,
                       double pitch, struct seq_playback *out)
{
    const double rate = speed_ratio(e, sample) * pitch;
    *out = (struct seq_playback){
        .rate = (float)fmin(fmax(rate, -1000.0), 1000.0),
        .begin = (float)seq_get(e, SEQ_BEGIN, 0, 0, 1),
        .end = (float)seq_get(e, SEQ_END, 1, 0, 1),
        .loop = seq_get(e, SEQ_LOOP, 0, 0, 1) > 0.5,
        .length_frames = INFINITY,
    };
    if (out->end < out->begin) {
        const float swap = out->begin;
        out->begin = out->end;
        out->end = swap;
    }
    const double accelerate = seq_get(e, SEQ_ACCELERATE, 0, -100, 100);
    out->rate_end = (float)((double)out->rate * (1.0 + accelerate));
    const double n = part_frames(out, sample->n_frames);
    if (out->rate == 0.0f || n == 0.0)
        return false;
    /* a moving rate has the mean of its ends, but a voice that slows down must end */
    const double mean = fabs((double)out->rate) * fmax(1.0 + accelerate / 2.0, 0.05);
    if (!out->loop) /* that the rate is a float shall not make one frame more */
        out->length_frames = ceil(n / mean * (1.0 - (double)FLT_EPSILON));
    return true;
}

/* ---- length ---------------------------------------------------------------------------------- */

static double span_frames(const struct seq_read_event *e)
{
    return frames_of(e, fmin(e->from->span_seconds, SEQ_SECONDS_MAX));
}

/** Rules 1 and 2: the length that the event says; false where it doesn't. */
static bool said_frames(const struct seq_read_event *e, double *frames)
{
    if (seq_has(e, SEQ_DUR))
        *frames = frames_of(e, seq_get(e, SEQ_DUR, 0, 0, SEQ_SECONDS_MAX));
    else if (seq_has(e, SEQ_SUSTAIN) && !seq_has(e, SEQ_DECAY)) /* with a decay it is a level */
        *frames = frames_of(e, seq_get(e, SEQ_SUSTAIN, 0, 0, SEQ_SECONDS_MAX));
    else if (seq_has(e, SEQ_LEGATO))
        *frames = floor(seq_get(e, SEQ_LEGATO, 1, 0, 1000) * span_frames(e) + 0.5);
    else
        return false;
    return true;
}

/** Rules 5 and 6: as long as the sample plays; shorter than its fades it has half for each. */
static double sample_gate(const struct seq_read_event *e, const struct seq_playback *p,
                          double release)
{
    if (p->loop)
        return span_frames(e) - release;
    return fmax(p->length_frames - release, floor(p->length_frames / 2.0));
}

/** 10.3: frames from the onset to the beginning of the release, by the first rule that applies. */
static double gate_frames(const struct seq_read_event *event, const struct seq_envelope *e,
                          const struct seq_playback *p)
{
    double frames;
    if (said_frames(event, &frames))
        return frames;
    if (seq_has(event, SEQ_DECAY))
        return span_frames(event);
    if (seq_has(event, SEQ_ATTACK) || seq_has(event, SEQ_RELEASE) || seq_has(event, SEQ_HOLD))
        return e->attack + frames_of(event, seq_get(event, SEQ_HOLD, 0, 0, 20));
    if (p->loop || isfinite(p->length_frames))
        return sample_gate(event, p, e->release);
    return e->attack;
}

struct seq_envelope seq_envelope_find(const struct seq_read_event *event, bool is_sample,
                                      const struct seq_playback *p)
{
    const bool is_adsr = seq_has(event, SEQ_DECAY);
    const double attack = (double)(is_sample ? PH_SAMPLE_ATTACK_SECONDS : PH_VOICE_ATTACK_SECONDS);
    const double release = (double)(is_sample ? PH_SAMPLE_RELEASE_SECONDS : PH_VOICE_RELEASE_SECONDS);
    struct seq_envelope e = {
        .attack = frames_of(event, seq_get(event, SEQ_ATTACK, attack, 0, 20)),
        .decay = is_adsr ? frames_of(event, seq_get(event, SEQ_DECAY, 0, 0, 20)) : 0.0,
        .release = frames_of(event, seq_get(event, SEQ_RELEASE, is_adsr ? 0.2 : release, 0, 20)),
        .sustain = is_adsr ? seq_get(event, SEQ_SUSTAIN, 0.7, 0, 1) : 1.0,
    };
    double gate = fmax(gate_frames(event, &e, p), 0.0);
    double whole = gate + e.release;
    if (!p->loop && whole > p->length_frames) { /* the sample ends first */
        whole = p->length_frames;
        gate = fmin(gate, fmax(whole - e.release, floor(whole / 2.0)));
    }
    gate = fmax(gate >= e.attack ? fmax(gate, e.attack + 2.0) : gate, 3.0);
    e.attack = fmax(fmin(e.attack, gate - 2.0), 1.0);
    e.decay = fmax(fmin(e.decay, gate - e.attack - 1.0), 1.0);
    e.hold = gate - e.attack - e.decay;
    e.release = fmax(whole - gate, 1.0);
    return e;
}

double seq_envelope_frames(const struct seq_envelope *e)
{
    return e->attack + e->decay + e->hold + e->release;
}

struct seq_stages seq_stages_of(const struct seq_envelope *e)
{
    return (struct seq_stages){ .n = 4,
                                .list = { { 1.0, e->attack }, { e->sustain, e->decay },
                                          { e->sustain, e->hold }, { 0.0, e->release } } };
}

/* ---- envelopes of any segments --------------------------------------------------------------- */

bool seq_event_is_shaped(const struct seq_read_event *e)
{
    return e->v.values[SEQ_SEGMENTS] || seq_has(e, SEQ_CURVE_TIME);
}

/** Numbers of a word, or the number that it is; at most `max`. Others than numbers end it. */
static uint32_t numbers_of(const struct ph_value *v, double *out, uint32_t max)
{
    uint32_t n = 0;
    if (!v)
        return 0;
    if (v->kind != PH_VALUE_WORD)
        return seq_number_of(v, &out[0]) ? 1 : 0;
    const char *at = v->text;
    while (n < max) {
        char *end;
        const double x = strtod(at, &end);
        if (end == at || !isfinite(x))
            break;
        out[n++] = x;
        at = end;
    }
    return n;
}

static double bound(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

/** Levels and times as the event says them; a time that lacks is 0. */
static struct seq_stages read_segments(const struct seq_read_event *e)
{
    double levels[PH_VOICE_LEVELS_MAX], times[PH_VOICE_LEVELS_MAX] = { 0 };
    const uint32_t n = numbers_of(e->v.values[SEQ_SEGMENTS], levels, PH_VOICE_LEVELS_MAX);
    numbers_of(e->v.values[SEQ_TIMES], times, PH_VOICE_LEVELS_MAX);
    struct seq_stages s = { .first_level = n > 0 ? bound(levels[0], -10, 10) : 1.0 };
    for (uint32_t i = 1; i < n; i++) {
        s.list[s.n].level = bound(levels[i], -10, 10);
        s.list[s.n].frames = fmax(frames_of(e, bound(times[i - 1], 0, 60)), 1.0);
        s.n++;
    }
    return s;
}

static struct seq_stages read_curve(const struct seq_read_event *e)
{
    struct seq_stages s = { .n = 1,
                            .first_level = seq_get(e, SEQ_CURVE_FROM, 0, -10, 10),
                            .bend = seq_get(e, SEQ_CURVE, 0, -50, 50) };
    s.list[0].level = seq_get(e, SEQ_CURVE_TO, 1, -10, 10);
    s.list[0].frames = fmax(frames_of(e, seq_get(e, SEQ_CURVE_TIME, 1, 0, 60)), 1.0);
    return s;
}

double seq_stages_frames(const struct seq_stages *s)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < s->n; i++)
        sum += s->list[i].frames;
    return sum;
}

static double last_level(const struct seq_stages *s)
{
    return s->n > 0 ? s->list[s->n - 1].level : s->first_level;
}

/** Ends the segments after `frames`. What is left of a curved one is curved by as much less. */
static void cut(struct seq_stages *s, double frames)
{
    uint32_t i = 0;
    while (i < s->n && s->list[i].frames <= frames)
        frames -= s->list[i++].frames;
    if (i == s->n)
        return;
    const double from = i > 0 ? s->list[i - 1].level : s->first_level, to = s->list[i].level;
    const double part = frames / s->list[i].frames, k = i == 0 ? s->bend : 0.0;
    const double way = fabs(k) < 0.001 ? part : expm1(k * part) / expm1(k);
    s->n = frames >= 1.0 ? i + 1 : i;
    s->list[i].level = from + (to - from) * way;
    s->list[i].frames = frames;
    if (i == 0)
        s->bend *= part;
}

static void add(struct seq_stages *s, double level, double frames)
{
    if (frames < 1.0 || s->n == PH_VOICE_STAGES_MAX)
        return;
    s->list[s->n].level = level;
    s->list[s->n].frames = frames;
    s->n++;
}

struct seq_stages seq_stages_find(const struct seq_read_event *e, bool is_sample,
                                  const struct seq_playback *p)
{
    struct seq_stages s = e->v.values[SEQ_SEGMENTS] ? read_segments(e) : read_curve(e);
    const double sum = seq_stages_frames(&s);
    /* its last level stands in for a release; else there is one against the click */
    const double release =
        frames_of(e, seq_get(e, SEQ_RELEASE, (double)PH_SAMPLE_RELEASE_SECONDS, 0, 20));
    double gate;
    if (!said_frames(e, &gate))
        gate = is_sample ? sample_gate(e, p, release) : fmax(sum, span_frames(e));
    if (is_sample && !p->loop && gate + release > p->length_frames)
        gate = fmin(gate, sample_gate(e, p, release));
    if (s.n > 0 && last_level(&s) == 0.0 && sum <= gate)
        return s;
    gate = fmax(gate, 1.0);
    cut(&s, gate);
    add(&s, last_level(&s), gate - seq_stages_frames(&s));
    const double whole = is_sample && !p->loop ? fmin(gate + release, p->length_frames) : gate + release;
    add(&s, 0.0, fmax(whole - gate, 1.0));
    return s;
}
