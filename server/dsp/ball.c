/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/ball.c - Ball, TBall, Spring: things that fall, bounce and swing.                   */
/* room: audio. One voice at a time: what happens depends on where the ball is.                   */
#include "server/dsp/lane.h"
#include "server/dsp/random.h"

#if LANE_W == 1

LANE_FN double swing_kept(double x) { return fabs(x) < 1e15 ? x : 0; }

/*
 * Ball - a ball that bounces on a floor that moves; TBall - how hard it hits.
 *
 * in      [0] floor   [1] g, gravity   [2] damp, lost at a bounce
 *         [3] friction: nearer to the floor than that times g, the ball sticks to it. But for the
 *         floor a block's first values count
 * out     Ball: where it is; TBall: its speed after each bounce, 0 elsewhere
 * random  a bounce gains up to 5e-5 g (TBall: 1e-3 g) a frame
 * state   place and speed per frame, the floor. A place past 1e15, or no number, is let go
 * cost    a few products per frame
 */
enum { BALL_FLOOR, BALL_GRAVITY, BALL_DAMP, BALL_FRICTION };
struct ball { double place, floor; float speed; struct chance chance; };
/** Ball computes places in float, TBall in double. */
struct ball_kind { bool taps; float stick, dither; };

LANE_FN double ball_round(double x, struct ball_kind kind) { return kind.taps ? x : (float)x; }

/** Above the floor by less than friction allows. */
LANE_FN void ball_stick(struct ball *s, double floor, float change, float near, double above,
                        float step, float hold, struct ball_kind kind)
{
    if (fabs(above) < near * 0.005) {
        s->speed = 0;
        s->place = ball_round(floor + step, kind);
    } else {
        s->speed = change * hold + s->speed;
        s->place = ball_round(ball_round((floor - s->place) * hold, kind) + s->place, kind);
    }
}

LANE_FN float ball_frame(struct ball *s, const struct dsp_block *b, uint32_t i,
                         struct ball_kind kind)
{
    const float g = dsp_value(b, BALL_GRAVITY, 0), c = (float)(1.0 / b->rate_hz), step = c * g;
    const float hold = c * kind.stick, fastest = c * 1000.0f;
    const float near = (float)((double)dsp_value(b, BALL_FRICTION, 0) * g);
    const double floor = swing_kept(dsp_value(b, BALL_FLOOR, i));
    float heard = 0;

    s->speed -= step;
    s->place = ball_round(s->place + s->speed, kind);
    const double above = ball_round(s->place - floor, kind);
    const float floor_speed = lane_clamp((float)(floor - s->floor), -fastest, fastest);
    const float change = floor_speed - s->speed;
    if (fabs(above) < near) {
        ball_stick(s, floor, change, near, above, step, hold, kind);
    } else if (above <= 0) {
        s->place = ball_round(floor - above, kind);
        heard = s->speed = change * (1 - dsp_value(b, BALL_DAMP, 0));
        s->speed += (0.5f + 0.5f * random_bipolar(s->chance.n++, s->chance.key)) * kind.dither * g;
    }
    s->floor = floor;
    s->place = swing_kept(s->place);
    s->speed = (float)swing_kept(s->speed);
    return kind.taps ? (float)swing_kept(heard) : (float)s->place;
}

static const struct ball_kind ball_kind = { false, 1000, 0.00005f };
static const struct ball_kind tap_kind = { true, 10000, 0.001f };

PH_RT static void ball_init(void *state, const struct dsp_block *b)
{
    const double floor = swing_kept(dsp_value(b, BALL_FLOOR, 0));
    *(struct ball *)state =
        (struct ball){ .place = floor, .floor = floor, .chance = chance_new(b) };
}

LANE_FN void ball_run(struct ball *s, const struct dsp_block *b, struct ball_kind kind)
{
    chance_begin(&s->chance, b);
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = ball_frame(s, b, i, kind);
}

PH_RT static void ball_process(void *state, const struct dsp_block *b)
{
    ball_run(state, b, ball_kind);
}
const struct dsp_unit DSP(dsp_Ball) = { sizeof(struct ball), ball_init, ball_process, NULL, 2,
                                        ball_process };

PH_RT static void t_ball_process(void *state, const struct dsp_block *b)
{
    ball_run(state, b, tap_kind);
}
const struct dsp_unit DSP(dsp_TBall) = { sizeof(struct ball), ball_init, t_ball_process, NULL, 2,
                                         t_ball_process };

/*
 * Spring - the force on a mass that an input pulls and a spring holds.
 *
 * in      [0] force   [1] spring constant   [2] damp, of which a block's first values count
 * out     [0] force
 * state   place and speed; as Ball
 * cost    a few products per frame
 */
enum { SPRING_IN, SPRING_CONSTANT, SPRING_DAMP };
struct spring { float place, speed; };

LANE_FN float spring_frame(struct spring *s, const struct dsp_block *b, uint32_t i)
{
    const float c = (float)(1.0 / b->rate_hz), spring = dsp_value(b, SPRING_CONSTANT, 0) * c;
    const float force = dsp_value(b, SPRING_IN, i) * c - s->place * spring;
    s->speed = (float)swing_kept((force + s->speed) * (1.0f - dsp_value(b, SPRING_DAMP, 0)));
    s->place = (float)swing_kept(s->place + s->speed);
    return (float)swing_kept(force * b->rate_hz);
}

PH_RT static void spring_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct spring *)state = (struct spring){ 0 };
}
PH_RT static void spring_process(void *state, const struct dsp_block *b)
{
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = spring_frame(state, b, i);
}
const struct dsp_unit DSP(dsp_Spring) = { sizeof(struct spring), spring_init, spring_process,
                                          NULL, 0, spring_process };

#else
typedef int ball_has_no_wide_form; /* a translation unit must declare something */
#endif
