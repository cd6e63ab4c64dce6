#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TidalCycles door's own synths beside SuperDirt's SynthDefs: each event once as SuperDirt sends it to `scsynth
-N`, once as /dirt/play to `phonond -N`.

usage: dirt_synths.py PHONOND [--only REGEX] [-v]

Of what is the same every time the wave is compared: the difference in dB under the sound, against the bound that
BOUNDS says. Of what draws random numbers, the mean over REPEATS events: the level, and octave bands. The piano is a
model of its own: octave bands and peak. The last ISSUE of an event is left out: SuperDirt's synths end themselves up
to four blocks before the gate closes.

$SUPERDIRT_DEFS names a folder of SuperDirt's compiled SynthDefs (two channels).
exit: 0 all agree, 1 some differ, 77 scsynth or the SynthDefs are not there (skipped).
"""
import glob
import math
import os
import re
import subprocess
import sys
import tempfile

from dirt import DRY, GROUP, MONITOR, RATE, SOUND, START, WET, arguments, decibel, message, rms, score
from oracle import octaves, read_wav

STEP, SUSTAIN, ISSUE = 1.024, 0.5, 0.006  # seconds; all slices begin with a block
LATENCY = 960 / RATE  # of the monitor's limiter
REPEATS = 12
EXACT = -60  # dB
# what is further off: scsynth's Pulse has tables that alias at -50 dB; the edges of superhoover's pulses, and
# superfm's phases, follow the last bit of a pitch
BOUNDS = {"supersquare": -45, "supertron": -30, "superhoover": -40, "superfm": -50, "superreese": -55}
RANDOM = ("imp superclap supercomparator superhammond superhat superkick supermandolin supernoise superprimes "
          "supersnare superstatic supervibe superwavemechanics soskick sossnare sostoms").split()
# where a band says nothing: the constant that scsynth's Pulse turns into where it stands still
FIRST_BAND = {"superstatic": 1000}
PIANO_DB, PIANO_PEAK_DB, PIANO_RANGE_DB = 3, 1.5, 20  # bands within 20 dB of the loudest

COMMON = [dict(), dict(note=0), dict(octave=4, note=7), dict(speed=2), dict(pan=0.2, amp=0.02)]
DETUNES = dict(detune1=0.1, detune2=0.0, detune3=-0.2, detune4=0.05, detune5=-0.05, detune6=0.3)
OWN = {
    "psin": [dict(modfreq=70)], "cyclo": [dict(cycle=3.3, speed=0.7)], "gabor": [dict(width=0.5)],
    "tutorial5": [dict(f=555)], "super808": [dict(n=1, voice=0.4), dict(n=5, rate=2)],
    "superkick": [dict(n=5, pitch1=2, decay=3)], "superhat": [dict(n=3)], "supersnare": [dict(decay=0.2)],
    "superclap": [dict(n=1, rate=0.5)], "soskick": [dict(freq=65)], "soshats": [dict(freq=300)],
    "supergong": [dict(voice=0.5, decay=0.2)], "superhex": [dict(rate=50)], "supervibe": [dict(modamp=0, decay=1)],
    "superhammond": [dict(voice=2.5), dict(voice=7, perc=0.8, percf=3)],
    "supersquare": [dict(semitone=7, resonance=0.7, pitch1=0.3)], "supersaw": [dict(voice=0.2, decay=0.6, lfo=0.3)],
    "superpwm": [dict(voice=0.2, decay=0.6, lfo=0.3)], "superzow": [dict(detune=3, slide=3)],
    "superreese": [dict(detune=2, voice=1)], "supertron": [dict(voice=0.7, detune=1)],
    "superchip": [dict(voice=0.3, pitch2=1.5, slide=1, rate=3)], "supernoise": [dict(voice=0.5, n=7)],
    "supergrind": [dict(voice=1, rate=4)], "superfm": [dict(mod12=0.7, mod11=0.5, ratio2=2.3)],
    "superpiano": [dict(note=0, octave=3), dict(note=0, octave=6, velocity=0.6), dict(note=0, octave=7),
                   dict(velocity=0.3), dict(note=0, octave=2, velocity=1.27), dict(muffle=0.2),
                   dict(stereo=0.8)],
}
PITCHED = "dirac gabor imp pmsin psin soshats soskick sossnare sostoms superfm superpiano".split()
LEFT_OUT = ("in", "in1", "inr", "from", "tutorial1")  # need what comes in; has no `pan`, ours has


def event_messages(e, group):
    """
    What SuperDirt sends: the synth with all controls by name, of which it takes its own, and the gate. Only
    definitions in PITCHED have a pitch of their own: ours gives the others note 0, where theirs play 0 Hz.
    """
    fade = min(0.001, e["sustain"] * 0.19098)
    note = e.get("note", e.get("n"))
    controls = dict(dict(delta=1.0, cps=1.0, begin=0.0, end=1.0, speed=1.0), **e)
    controls.update(pan=2 * e.get("pan", 0.5) - 1, sustain=e["sustain"] - fade, out=SOUND)
    if "freq" not in e and (note is not None or e["s"] not in PITCHED):
        note = note or 0
        controls["freq"] = 440 * 2 ** ((note + 12 * e.get("octave", 5) - 69) / 12)
    pairs = [x for k, v in controls.items() if k != "s" for x in (k, float(v))]
    return [message("/g_new", group, 1, GROUP), message("/s_new", e["s"], -1, 1, group, *pairs),
            message("/s_new", "dirt_gate2", -1, 1, group, "in", float(SOUND), "out", float(DRY), "amp", e["amp"],
                    "gain", 1.0, "overgain", 0.0, "sustain", e["sustain"] - fade, "fadeInTime", 0.0,
                    "fadeTime", fade)]


def render(phonond, events, folder, defs):
    """Both servers' channels for each event."""
    files = [f for f in glob.glob(os.path.join(defs, "*.scsyndef"))
             if os.path.basename(f)[:-9] in ("dirt_gate2", "dirt_monitor2", events[0]["s"])]
    theirs = [(0.0, [message("/d_recv", open(f, "rb").read())]) for f in files]
    theirs.append((0.0, [message("/g_new", GROUP, 0, 0),
                         message("/s_new", "dirt_monitor2", MONITOR, 1, 0, "dryBus", DRY, "effectBus", WET,
                                 "outBus", 0)]))
    ours = []
    for i, e in enumerate(events):
        theirs.append((START + i * STEP, event_messages(e, 2000 + i)))
        pairs = [x for k, v in e.items() for x in (k, v if isinstance(v, str) else float(v))]
        ours.append((START + i * STEP, [message("/dirt/play", *pairs)]))
    commands = {"scsynth": ["scsynth", "-d", "2048", "-m", "1048576", "-w", "512"], "phonond": [phonond]}
    slices = []
    for (name, command), bundles in zip(commands.items(), (theirs, ours)):
        path = os.path.join(folder, name)
        bundles.append((START + len(events) * STEP + 0.1, [message("/c_set", 0, 0.0)]))
        with open(path + ".osc", "wb") as f:
            f.write(score(bundles))
        subprocess.run([*command, "-N", path + ".osc", "_", path + ".wav", str(RATE), "WAV", "float", "-o", "2"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        channels = read_wav(path + ".wav")
        begins = [round((START + LATENCY + i * STEP) * RATE) for i in range(len(events))]
        length = round((SUSTAIN - ISSUE) * RATE)
        slices.append([[c[b:b + length] for c in channels] for b in begins])
    return zip(*slices)


def bands(x):
    """{lowest Hz of the octave: power}, of all whole spectra of a slice."""
    return {24 * 2**k: 2**k * 10 ** (db / 10) for k, db in enumerate(octaves(x))}


def mean_and_error(values):
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / max(1, len(values) - 1) / len(values))


def exact(name, pairs):
    worst = -200.0
    for theirs, ours in pairs:
        for a, b in zip(theirs, ours):
            if rms(a) > 1e-6 or rms(b) > 1e-6:
                worst = max(worst, decibel(rms([q - p for p, q in zip(a, b)])) - decibel(rms(a)))
    return worst <= BOUNDS.get(name, EXACT), "difference %.0f dB" % worst


def random(name, pairs):
    """Means within 0.5 dB of each other, octave bands within 2, and what such means are uncertain by."""
    pairs, texts, good = list(pairs), [], True
    lowest = FIRST_BAND.get(name, 90)
    of = [[bands(side[0]) for side in sides] for sides in zip(*pairs)]
    loudest = max(sum(b[k] for b in of[0]) for k in of[0][0] if k >= lowest)
    for k in [None] + [k for k in of[0][0] if k >= lowest and sum(b[k] for b in of[0]) > 0.003 * loudest]:
        power = [[sum(b[j] for j in b if j >= lowest) if k is None else b[k] for b in side] for side in of]
        (m, s), (n, t) = [mean_and_error(values) for values in power]
        off = 10 * math.log10(max(n, 1e-20) / max(m, 1e-20))
        unsure = 4.34 * 4 * math.hypot(s / max(m, 1e-20), t / max(n, 1e-20))
        good = good and abs(off) <= (0.5 if k is None else 2) + unsure
        texts.append("%s%+.1f (%.1f)" % ("" if k is None else "%d Hz " % k, off, unsure))
    return good, ", ".join(texts) + " dB"


def piano(_, pairs):
    worst, peaks = 0, 0
    for theirs, ours in pairs:
        of_theirs, of_ours = bands([sum(x) for x in zip(*theirs)]), bands([sum(x) for x in zip(*ours)])
        for k, power in of_theirs.items():
            if k >= 90 and power > max(of_theirs.values()) * 10 ** (-PIANO_RANGE_DB / 10):
                worst = max(worst, abs(10 * math.log10(max(of_ours[k], 1e-20) / power)))
        peak_a, peak_b = [max(abs(x) for c in side for x in c) for side in (theirs, ours)]
        peaks = max(peaks, abs(decibel(peak_b) - decibel(peak_a)))
    return worst <= PIANO_DB and peaks <= PIANO_PEAK_DB, "bands %.1f dB, peak %.1f dB" % (worst, peaks)


def events_of(name):
    base = dict(DETUNES if name == "superfm" else {}, s=name, cps=1.0, sustain=SUSTAIN, amp=0.05)
    return [dict(base, **e) for e in COMMON + OWN.get(name, [])]


def compare(phonond, name, folder, defs):
    """Lines of (agrees, text)."""
    if name not in RANDOM:
        judge = piano if name == "superpiano" else exact
        return [judge(name, render(phonond, events_of(name), folder, defs))]
    return [random(name, render(phonond, [e] * REPEATS, folder, defs))
            for e in events_of(name) if "pan" not in e]


def main():
    given, defs = arguments()
    effects = ("dirt_", "spectral", "squiz", "waveloss", "dj-", "debug")
    names = sorted(os.path.basename(f)[:-9] for f in glob.glob(os.path.join(defs, "*.scsyndef")))
    names = [n for n in names if not n.startswith(effects) and n not in LEFT_OUT and re.search(given.only, n)]
    bad = 0
    with tempfile.TemporaryDirectory(prefix="phonon-dirt-") as folder:
        for name in names:
            for good, text in compare(given.phonond, name, folder, defs):
                bad += not good
                if given.v or not good:
                    print("%s %-20s %s" % ("ok " if good else "BAD", name, text), flush=True)
    print("%d synths, %d differences" % (len(names), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
