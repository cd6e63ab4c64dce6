/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/membrane.c - MembraneHexagon of sc3-plugins: a drum as a mesh of waveguides.        */
/* room: audio. One voice at a time: junctions lie side by side, so lanes gain nothing.           */
#include "server/dsp/lane.h"

#if LANE_W == 1

/*
 * MembraneHexagon - a membrane of 19 junctions in a hexagon, each joined to its neighbours.
 *
 * in      [0] excitation, goes in at nine junctions around the middle
 *         [1] tension  a junction's admittance is 1.125 / tension^2. 0 counts as 0.0001; beyond
 *                      0.433 it would be less than that of the waves, which then grow: that is the
 *                      most
 *         [2] loss     factor per frame and junction; from 1 on 0.99999; below 0, where waves would
 *         grow, 0 1 and 2 are taken once per call
 * out     [0] the middle
 *
 * Waves take one frame from a junction to the next. What is left of a junction's admittance is a
 * loop of its own, which slows the membrane down. At the rim a wave comes back turned over, as the
 * mean of two frames.
 *
 * memory  the waves (struct mesh). Past 1e15, or where one isn't finite, all starts from rest
 * cost    some 30 operations per place and frame, along rows of the mesh
 * source  S. A. Van Duyne and J. O. Smith, The 2-D Digital Waveguide Mesh (1993), triangular; rim,
 *         shape and numbers are scsynth's
 */
enum { MESH_IN, MESH_TENSION, MESH_LOSS };

/*
 * Places stand in five rows that lean to the right, with one that is empty between a row and the
 * next: so each neighbour is a fixed number of places away. A row's length is empty in front and
 * behind.
 */
enum {
    MESH_ROW = 6, MESH_FIRST = MESH_ROW, MESH_END = 6 * MESH_ROW, MESH_SIZE = 7 * MESH_ROW,
    MESH_WAYS = 3, MESH_MIDDLE = 3 * MESH_ROW + 2
};
static const int mesh_step[MESH_WAYS] = { 1, MESH_ROW, MESH_ROW - 1 };

/* How many waves come in at a place, that from the rim included; those of the rim have 4 and 5. */
static const float mesh_waves[MESH_SIZE] = {
    0, 0, 0, 0, 0, 0,
    0, 0, 4, 5, 4, 0,
    0, 5, 6, 6, 5, 0,
    4, 6, 6, 6, 4, 0,
    5, 6, 6, 5, 0, 0,
    4, 5, 4, 0, 0, 0
};
/* Where the excitation goes in. */
static const float mesh_fed[MESH_SIZE] = {
    0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0,
    0, 0, 1, 1, 0, 0,
    0, 1, 1, 1, 0, 0,
    1, 1, 1, 0, 0, 0,
    0, 1, 0, 0, 0, 0
};
enum { MESH_N_FED = 9 };

/**
 * Waves that come in at each place: along the three ways and
 * against them, from its loop, from the rim.
 */
struct mesh {
    float along[MESH_WAYS][MESH_SIZE], against[MESH_WAYS][MESH_SIZE];
    float loop[MESH_SIZE], rim[MESH_SIZE], rim_sent[MESH_SIZE];
};

/**
 * Admittance of a place's loop, its part of the excitation;
 * masks of places; 1 / a place's admittance.
 */
struct mesh_gains {
    float loop[MESH_SIZE], fed[MESH_SIZE], is[MESH_SIZE], is_rim[MESH_SIZE], share, loss;
};

PH_RT static uint32_t mesh_memory(const struct dsp_block *b)
{
    (void)b;
    return sizeof(struct mesh) / sizeof(float);
}

static void mesh_tune(const struct dsp_block *b, struct mesh_gains *g)
{
    const float given = lane_clamp(dsp_in(b, MESH_TENSION)[0], -0.4330127f, 0.4330127f);
    const float tension = given == 0 ? 0.0001f : given;
    /* rounded here as in scsynth: the pitch of what rings for long shows the last bit */
    const float admittance = lane_min(72 / (tension * tension * 64), 1e18f), share = 1 / admittance;
    const float loss = dsp_in(b, MESH_LOSS)[0];
    g->share = share;
    g->loss = loss > 0 ? (loss < 1 ? loss : 0.99999f) : 0;
    for (int i = 0; i < MESH_SIZE; i++) {
        g->is[i] = mesh_waves[i] > 0 ? 1 : 0;
        g->is_rim[i] = mesh_waves[i] > 0 && mesh_waves[i] < 6 ? 1 : 0;
        g->loop[i] = admittance - mesh_waves[i];
        g->fed[i] = mesh_fed[i] * (1.0f / MESH_N_FED);
    }
}

/** How far each place is out, from what comes in. */
static void mesh_meet(const struct mesh *m, const struct mesh_gains *g, float x,
                      float *restrict height)
{
    for (int i = MESH_FIRST; i < MESH_END; i++) {
        float sum = m->rim[i];
        for (int way = 0; way < MESH_WAYS; way++)
            sum += m->along[way][i] + m->against[way][i];
        const float met = 2 * (sum + g->loop[i] * m->loop[i]) * g->share;
        height[i] = g->is[i] * (g->loss * (met + g->fed[i] * x));
    }
}

/** Waves of one way and against it: each place sends its height less what came from there. */
static void mesh_send(float *restrict along, float *restrict against, const float *restrict height,
                      const float *restrict is, int step)
{
    float sent[MESH_SIZE], back[MESH_SIZE];
    for (int i = 0; i < MESH_SIZE; i++) {
        sent[i] = height[i] - against[i]; /* what came against the way came from where it leads */
        back[i] = height[i] - along[i];
    }
    for (int i = MESH_FIRST; i < MESH_END; i++) {
        along[i] = is[i] * sent[i - step];
        against[i] = is[i] * back[i + step];
    }
}

/** The rim's waves and the loops. */
static void mesh_return(struct mesh *m, const struct mesh_gains *g, const float *restrict height)
{
    for (int i = MESH_FIRST; i < MESH_END; i++) {
        const float sent = g->is_rim[i] * (height[i] - m->rim[i]);
        m->rim[i] = -0.5f * (sent + m->rim_sent[i]);
        m->rim_sent[i] = sent;
        m->loop[i] = height[i] - m->loop[i];
    }
}

static void mesh_bound(struct mesh *m, const struct dsp_block *b)
{
    bool fine = true;
    for (uint32_t i = 0; i < b->memory_frames; i++)
        fine &= fabsf(b->memory[i]) < 1e15f;
    if (!fine)
        memset(m, 0, sizeof *m);
}

PH_RT static void mesh_process(void *state, const struct dsp_block *b)
{
    struct mesh *const m = (struct mesh *)(void *)b->memory;
    struct mesh_gains g;
    float height[MESH_SIZE] = { 0 };
    float *const out = dsp_out(b, 0);
    (void)state;

    mesh_tune(b, &g);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        mesh_meet(m, &g, dsp_value(b, MESH_IN, i), height);
        for (int way = 0; way < MESH_WAYS; way++)
            mesh_send(m->along[way], m->against[way], height, g.is, mesh_step[way]);
        mesh_return(m, &g, height);
        out[i] = height[MESH_MIDDLE];
    }
    mesh_bound(m, b);
}
const struct dsp_unit DSP(dsp_MembraneHexagon) = { 0, dsp_no_init, mesh_process, mesh_memory, 0,
                                                   mesh_process };

#else
typedef int membrane_has_no_wide_form; /* a translation unit must declare something */
#endif
