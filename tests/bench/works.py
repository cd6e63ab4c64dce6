# SPDX-License-Identifier: GPL-3.0-or-later
"""The works as scores. Every parameter is a function of the voice's number alone, so that all
engines are given the same sound. Times are seconds; a score is a list of (seconds, message)."""
import math
import os
import random
import struct

import osc
from osc import message

RATE = 48000
N_BUFFERS = 16
GROUP, EFFECTS = 100, 900
FIRST_VOICE = 2000
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "works")
STATIC = {"W1": "w1", "W2": "w2", "W3": "w3", "W5": "w5", "ring": "s_ring"}


def part(x):
    return x - math.floor(x)


def pitch(i):
    return 55.0 * 2.0 ** (5.0 * part(i * 0.6180339887))


def place(i):
    return 2.0 * part(i * 0.7548776662) - 1.0


def gain(n):
    return 0.25 / math.sqrt(max(n, 1))


# ---- what every score begins with ----------------------------------------------------------------


def write_wav(path, channels, rate=RATE):
    """32-bit float."""
    n = len(channels)
    data = struct.pack("<%df" % (n * len(channels[0])),
                       *(x for frame in zip(*channels) for x in frame))
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 3, n, rate, rate * 4 * n, 4 * n, 32, 0)
    with open(path, "wb") as f:
        f.write(struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(data), b"WAVE") + form)
        f.write(struct.pack("<4sI", b"data", len(data)) + data)


def make_samples(folder):
    """16 stereo seconds of decaying partials, a semitone apart."""
    for b in range(N_BUFFERS):
        f = 110.0 * 2 ** (b / 12.0)
        channels = [[], []]
        for i in range(RATE):
            t = i / RATE
            level = 0.5 * math.exp(-3.0 * t)
            for channel, (first, second) in zip(channels, ((1.0, 2.01), (1.003, 3.02))):
                channel.append(level * (math.sin(6.283185 * f * first * t)
                                        + 0.5 * math.sin(6.283185 * second * f * t)))
        write_wav(os.path.join(folder, "s%02d.wav" % b), channels)


def definitions(prefix):
    return [message("/d_recv", open(os.path.join(FOLDER, name), "rb").read())
            for name in sorted(os.listdir(FOLDER))
            if name.endswith(".scsyndef") and name.startswith(prefix)]


def setup(folder, parallel=0, prefix="w"):
    """Definitions, samples, groups. `parallel`: 0 a group, 1
    a ParGroup, n a ParGroup of n groups."""
    start = definitions(prefix)
    start += [message("/b_allocRead", b, os.path.join(folder, "s%02d.wav" % b), 0, 0)
              for b in range(N_BUFFERS)]
    start.append(message("/p_new" if parallel else "/g_new", GROUP, 0, 0))
    if parallel > 1:
        start += [message("/g_new", GROUP + 1 + k, 1, GROUP) for k in range(parallel)]
    start.append(message("/g_new", EFFECTS, 3, GROUP))
    return start


def write_score(path, events):
    """Of what begins at one time, 100 messages or 7000 bytes become one bundle."""
    bundles = []
    for seconds, m in events:
        if not bundles or seconds != bundles[-1][0] or len(bundles[-1][1]) == 100 or sum(
            map(len, bundles[-1][1])) > 7000:
            bundles.append((seconds, []))
        bundles[-1][1].append(m)
    with open(path, "wb") as file:
        file.write(osc.score(bundles))


def end(seconds):
    """A score ends at its last bundle; this one does nothing else."""
    return [(float(seconds), message("/c_set", 0, 0.0))]


# ---- W1, W2, W3, W5: n steady voices -------------------------------------------------------------


def voice(work, i, n, node, target=GROUP):
    """Voice `i` of `n`."""
    new = ("/s_new", STATIC[work], node, 1, target)
    amp, pan = ("amp", gain(n)), ("pan", place(i))
    if work == "W1":
        return message(*new, "freq", pitch(i), *amp, *pan)
    if work == "W2":
        return message(*new, "freq", pitch(i) * 0.5, *amp, *pan, "lfo", 0.1 + 3 * part(i * 0.33),
                       "lo", 300.0 + 200 * part(i * 0.21), "hi", 3000.0 + 2000 * part(i * 0.77))
    if work == "W3":
        return message(*new, "buf", i % N_BUFFERS, "rate", 0.55 + 1.3 * part(i * 0.5698402910),
                       *amp, *pan)
    if work == "W5":
        return message(*new, "freq", pitch(i), *amp)
    return message(*new, "freq", 4 * pitch(i), *amp, *pan)


def voices(work, n, parallel=0):
    return [voice(work, i, n, FIRST_VOICE + i,
                  GROUP + 1 + i % parallel if parallel > 1 else GROUP) for i in range(n)]


def static(folder, work, n, seconds, parallel=0, extra=()):
    """`extra`: further events, in order of time."""
    start = setup(folder, parallel, STATIC[work]) + voices(work, n, parallel)
    return [(0.0, m) for m in start] + list(extra) + end(seconds)


def empty(folder, seconds):
    return [(0.0, m) for m in setup(folder)] + end(seconds)


# ---- W4: 16 tracks, each with a step of its own; together `per_second` voices --------------------


def live_voice(track, k, node, longer):
    sends = ("pan", place(track * 7 + k % 5), "rev", 0.3 * (track % 3 == 0),
             "del", 0.4 * (track % 5 == 0))
    freq = 55.0 * 2 ** ((track * 5 + (0, 3, 7, 10, 12)[k % 5]) % 48 / 12.0)
    new = lambda name, *controls: message("/s_new", name, node, 0, GROUP, *controls, *sends)
    if track % 4 == 0:
        return new("w4_smp", "buf", track % N_BUFFERS, "rate", 0.7 + 0.2 * (k % 4), "amp", 0.05,
                   "sus", 0.35 * longer)
    if track % 4 == 1:
        return new("w4_hat", "amp", 0.03, "sus", 0.12 * longer, "cut", 5000.0 + 500 * (k % 3))
    if track % 4 == 2:
        return new("w4_saw", "freq", freq, "amp", 0.04, "sus", 0.4 * longer,
                   "cut", 1200.0 + 300 * (k % 7))
    return new("w4_fm", "freq", freq * 2, "amp", 0.04, "sus", 0.35 * longer,
               "ratio", float(1 + k % 3))


def live(folder, seconds, per_second=200.0, effects=True, parallel=0, longer=1.0):
    """`longer` makes every voice as much longer, so that more of them sound at a time."""
    events, node = [], 10000
    for track in range(16 if per_second else 0):
        step = 16.0 / (per_second * (0.8 + 0.4 * track / 15.0))
        k = 0
        while (t := 0.1 + 0.003 * track + k * step) < seconds:
            node += 1
            events.append((t, live_voice(track, k, node, longer)))
            k += 1
    start = setup(folder, parallel, "w4_")
    if effects:
        start += [message("/s_new", "w4_rev", 901, 0, EFFECTS),
                  message("/s_new", "w4_del", 902, 0, EFFECTS)]
    return [(0.0, m) for m in start] + sorted(events, key=lambda e: e[0]) + end(seconds)


def ticks(folder, seconds, per_second):
    """Voices of 5 ms with hardly anything in them; one bundle each."""
    start = [(0.0, m) for m in setup(folder, prefix="w4_tick")]
    new = [(0.05 + i / per_second,
            message("/s_new", "w4_tick", 10000 + i, 0, GROUP, "amp", 0.001))
           for i in range(int(seconds * per_second))]
    return start + new + end(seconds + 0.1)


# ---- W6: 808bd(3,8), a minor seventh of saws (3,8,1), jux rev $ stut 8; half a cycle a second ----


def euclid(k, n, turned=0):
    on = [(i * k) % n < k for i in range(n)]
    return [on[(i + turned) % n] for i in range(n)]


def chord_events(cycle, base, node):
    root = 48 if cycle % 2 == 0 else 60
    for side in (0, 1):
        steps = euclid(3, 8, 1)
        for step, on in enumerate(steps[::-1] if side else steps):
            for echo in range(8 if on else 0):
                for note in (0, 3, 7, 10):
                    node += 1
                    yield (base + step * 0.25 + echo * 0.1, message(
                        "/s_new", "w6_saw", node, 0, GROUP,
                        "freq", 440.0 * 2 ** ((root + note - 69) / 12.0),
                        "amp", 0.05 * 0.8 ** echo, "pan", (side * 2 - 1) * 0.8, "rel", 1.0))


def stutter(folder, seconds):
    events, first = [], 0.05
    for cycle in range(int(seconds / 2) + 1):
        base, node = first + 2.0 * cycle, 10000 + 200 * cycle
        for step, on in enumerate(euclid(3, 8)):
            if on:
                node += 1
                events.append((base + step * 0.25,
                               message("/s_new", "w6_smp", node, 0, GROUP, "buf", 2, "amp", 0.3)))
        events += chord_events(cycle, base, node)
    events = sorted((e for e in events if e[0] < seconds), key=lambda e: e[0])
    return [(0.0, m) for m in setup(folder, prefix="w6_")] + events + end(seconds)


def score(folder, work, n, seconds, parallel=0):
    if work == "W4":
        return live(folder, seconds, 200.0 * n, parallel=parallel)
    if work == "W6full":
        return stutter(folder, seconds)
    if work == "empty":
        return empty(folder, seconds)
    return static(folder, work, n, seconds, parallel)
