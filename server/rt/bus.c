/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/bus.c - buses: the driver's ports in and out, control values.                        */
/* room: audio.                                                                                   */
#include "server/rt/bus.h"

#include <math.h>
#include <string.h>

PH_RT void rt_bus_read_inputs(struct rt_world *w, const float *const *in)
{
    for (uint32_t c = 0; in && c < w->config.n_inputs; c++) {
        struct dsp_bus *const bus = &w->env.audio[w->config.n_outputs + c];
        memcpy(bus->frames, in[c], w->config.block_frames * sizeof(float));
        bus->touched = w->env.block;
    }
}

/**
 * Copies a block; gives the largest magnitude as bits, which order as the numbers do: integers are
 * compared side by side, floats that may be NaN are not.
 */
PH_RT static int32_t copy_port(const float *frames, float *out, uint32_t n)
{
    int32_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, &frames[i], sizeof bits);
        bits &= INT32_MAX;
        most = bits > most ? bits : most;
        out[i] = frames[i];
    }
    return most;
}

/**
 * The last gate before the driver. Units silence their own values that are not finite; a sum of
 * finite ones can still overflow. @return peak
 */
PH_RT static float write_port(struct rt_world *w, const struct dsp_bus *bus, float *out)
{
    const int32_t infinite = 0x7f800000;
    float peak = 0, gain = w->port_gain;
    const float step = w->port_gain_step;
    bool finite = true;
    const int32_t most = copy_port(bus->frames, out, w->config.block_frames);
    if (most < infinite && gain == 1 && step == 0) {
        memcpy(&peak, &most, sizeof peak);
        return peak;
    }
    for (uint32_t i = 0; i < w->config.block_frames; i++) {
        float x = bus->frames[i];
        if (!isfinite(x)) {
            finite = false;
            x = 0;
        }
        x *= dsp_max(gain, 0);
        gain += step;
        peak = dsp_max(peak, fabsf(x));
        out[i] = x;
    }
    w->counts.n_non_finite += !finite;
    return peak;
}

PH_RT void rt_bus_write_outputs(struct rt_world *w, float *const *out)
{
    float unused[DSP_BLOCK_FRAMES];
    for (uint32_t c = 0; c < w->config.n_outputs; c++) {
        const struct dsp_bus *const bus = &w->env.audio[c];
        float *const to = out && out[c] ? out[c] : unused;
        float peak = 0;
        if (bus->touched == w->env.block)
            peak = write_port(w, bus, to);
        else
            memset(to, 0, w->config.block_frames * sizeof *to);
        if (c < 2)
            rt_meter_peak(&w->meter, c, peak);
    }
    w->port_gain = dsp_max(w->port_gain + w->port_gain_step * (float)w->config.block_frames, 0);
    if (w->port_gain == 0)
        w->port_gain_step = 0;
}

PH_RT ph_status rt_bus_set(struct rt_world *w, uint32_t index, float value)
{
    if (index >= w->config.n_control_buses)
        return PH_OUT_OF_RANGE;
    w->env.control[index] = value;
    w->env.control_touched[index] = w->env.block;
    return PH_OK;
}

PH_RT void rt_bus_fade_out(struct rt_world *w)
{
    w->port_gain_step = -1 / (0.001f * RT_FADE_CUT_MS * (float)w->config.rate_hz);
}
