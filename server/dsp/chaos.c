/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/chaos.c - maps: cusp, quadratic, feedback sine, Latoocarfian, standard, Lorenz.     */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Of all of them: in [0] is how often a second the map takes a step, in every frame at most; the */
/* others are followed frame by frame at audio rate. N holds each value, L goes straight from one */
/* to the next and C on a cubic. A map that leaves +-1e6, or is no number, starts over.           */
#include "server/dsp/chaos.h"

/* --------------------------------------------------------------------------------------- Cusp */

/*
 * CuspN, CuspL - x = a - b sqrt(|x|)
 *
 * in      [0] freq   [1] a   [2] b   [3] xi: where it starts; it starts over where that moves
 * out     [0] x
 */
static void cusp_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    o->x = chaos_in(b, 1, k, frame) - chaos_in(b, 2, k, frame) * sqrt(fabs(o->x));
    orbit_hear(o, o->x);
}
static const struct chaos_map cusp = { cusp_step, chaos_level, 3, 1, 1.0, NULL };
CHAOS_UNIT(CuspN, cusp, CHAOS_HELD);
CHAOS_UNIT(CuspL, cusp, CHAOS_LINE);

/* --------------------------------------------------------------------------------------- Quad */

/*
 * QuadN, QuadL, QuadC - x = a x^2 + b x + c
 *
 * in      [0] freq   [1] a   [2] b   [3] c   [4] xi
 * out     [0] x
 */
static void quad_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    const double a = chaos_in(b, 1, k, frame), slope = chaos_in(b, 2, k, frame), x = o->x;
    o->x = a * x * x + slope * x + chaos_in(b, 3, k, frame);
    orbit_hear(o, o->x);
}
static const struct chaos_map quad = { quad_step, chaos_level, 4, 1, 1.0, NULL };
CHAOS_UNIT(QuadN, quad, CHAOS_HELD);
CHAOS_UNIT(QuadL, quad, CHAOS_LINE);
CHAOS_UNIT(QuadC, quad, CHAOS_CUBIC);

/* ------------------------------------------------------------------------------------- FBSine */

/*
 * FBSineN, FBSineL, FBSineC - x = sin(im y + fb x), y = a y + c turned into 0 .. 2 pi
 *
 * in      [0] freq   [1] im   [2] fb   [3] a   [4] c   [5] xi   [6] yi
 * out     [0] x
 */
static void fb_sine_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    const double y = o->y;
    o->x = sin(chaos_in(b, 1, k, frame) * y + chaos_in(b, 2, k, frame) * o->x);
    o->y = chaos_wrap_angle(chaos_in(b, 3, k, frame) * y + chaos_in(b, 4, k, frame));
    orbit_hear(o, o->x);
}
static const struct chaos_map fb_sine = { fb_sine_step, chaos_level, 5, 2, 0.0, NULL };
CHAOS_UNIT(FBSineN, fb_sine, CHAOS_HELD);
CHAOS_UNIT(FBSineL, fb_sine, CHAOS_LINE);
CHAOS_UNIT(FBSineC, fb_sine, CHAOS_CUBIC);

/* ------------------------------------------------------------------------------- Latoocarfian */

/*
 * LatoocarfianN, LatoocarfianL, LatoocarfianC - x = sin(b y) + c sin(b x),
 * y = sin(a x) + d sin(a y)
 *
 * in      [0] freq   [1] a   [2] b   [3] c   [4] d   [5] xi   [6] yi
 * out     [0] x
 * source  Pickover, Chaos in Wonderland
 */
static void latoocarfian_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    const double p = chaos_in(b, 1, k, frame), q = chaos_in(b, 2, k, frame), x = o->x, y = o->y;
    o->x = sin(y * q) + chaos_in(b, 3, k, frame) * sin(x * q);
    o->y = sin(x * p) + chaos_in(b, 4, k, frame) * sin(y * p);
    orbit_hear(o, o->x);
}
static const struct chaos_map latoocarfian = { latoocarfian_step, chaos_level, 5, 2, 1.0, NULL };
CHAOS_UNIT(LatoocarfianN, latoocarfian, CHAOS_HELD);
CHAOS_UNIT(LatoocarfianL, latoocarfian, CHAOS_LINE);
CHAOS_UNIT(LatoocarfianC, latoocarfian, CHAOS_CUBIC);

/* ----------------------------------------------------------------------------------- Standard */

/*
 * StandardN, StandardL - y = y + k sin x, x = x + y, both turned into 0 .. 2 pi
 *
 * in      [0] freq   [1] k   [2] xi   [3] yi
 * out     [0] x as -1 .. 1
 * source  Chirikov 1969
 */
static void standard_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    o->y = chaos_wrap_angle(o->y + chaos_in(b, 1, k, frame) * sin(o->x));
    o->x = chaos_wrap_angle(o->x + o->y);
    orbit_hear(o, o->x);
}
static double standard_level(double x)
{
    return (x - 3.141592653589793) * 0.3183098861837907;
}
static const struct chaos_map standard = { standard_step, standard_level, 2, 2, 1.0, NULL };
CHAOS_UNIT(StandardN, standard, CHAOS_HELD);
CHAOS_UNIT(StandardL, standard, CHAOS_LINE);

/* ------------------------------------------------------------------------------------- Lorenz */

/*
 * LorenzL - x' = s (y - x), y' = x (r - z) - y, z' = x y - b z
 *
 * in      [0] freq   [1] s   [2] r   [3] b   [4] h: time that a step takes   [5] xi   [6] yi
 *             [7] zi
 * out     [0] 0.04 x
 * source  Lorenz 1963; Runge-Kutta of 4th order
 */
struct flow { double s, r, b, h; };
struct place { double x, y, z; };

/** How far `at` moves in a step, displaced by `d`. */
LANE_FN struct place lorenz_slope(const struct flow *f, const struct place *at,
                                  const struct place *d)
{
    return (struct place){
        f->h * f->s * (at->y + d->y - at->x - d->x),
        f->h * ((at->x + d->x) * (f->r - at->z - d->z) - (at->y + d->y)),
        f->h * ((at->x + d->x) * (at->y + d->y) - f->b * (at->z + d->z))
    };
}
LANE_FN struct place half_of(const struct place *p)
{
    return (struct place){ p->x * 0.5, p->y * 0.5, p->z * 0.5 };
}
LANE_FN double lorenz_mean(double a, double b, double c, double d)
{
    return (a + 2.0 * (b + c) + d) * 0.1666666666666667;
}

static void lorenz_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    const struct flow f = { chaos_in(b, 1, k, frame), chaos_in(b, 2, k, frame),
                            chaos_in(b, 3, k, frame), chaos_in(b, 4, k, frame) };
    const struct place at = { o->x, o->y, o->z }, here = { 0.0, 0.0, 0.0 };
    const struct place k1 = lorenz_slope(&f, &at, &here), d1 = half_of(&k1);
    const struct place k2 = lorenz_slope(&f, &at, &d1), d2 = half_of(&k2);
    const struct place k3 = lorenz_slope(&f, &at, &d2), k4 = lorenz_slope(&f, &at, &k3);
    o->x += lorenz_mean(k1.x, k2.x, k3.x, k4.x);
    o->y += lorenz_mean(k1.y, k2.y, k3.y, k4.y);
    o->z += lorenz_mean(k1.z, k2.z, k3.z, k4.z);
    orbit_hear(o, o->x);
}
static double lorenz_level(double x) { return x * (double)0.04f; }
static const struct chaos_map lorenz = { lorenz_step, lorenz_level, 5, 3, 1.0, NULL };
CHAOS_UNIT(LorenzL, lorenz, CHAOS_LINE);
