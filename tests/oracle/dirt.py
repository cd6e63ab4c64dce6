#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TidalCycles door beside SuperDirt's own SynthDefs: the same events, once as SuperDirt
sends them to `scsynth -N`, once as /dirt/play to `phonond -N`.

usage: dirt.py PHONOND [--only REGEX] [-v]

Each event has a slice of time. Compared are the level (RMS; within 0.1 dB, of what draws random
numbers 0.5), the peak (0.5 dB), the onset (1 frame: SuperDirt's players are one frame further on
in their sample, ours begin at its first) and, where a tone is heard, its frequency (1 cent). Of
the reverb, which draws its times, the energy is compared (3 dB).

$SUPERDIRT_DEFS names a folder of SuperDirt's compiled SynthDefs (two channels, with those of its
extra effects).
exit: 0 all agree, 1 some differ, 77 scsynth or the SynthDefs are not there (skipped).
"""
import argparse
import glob
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import wave
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
os.environ.setdefault("PHONON_BUILD", ".")
from osc import message, score  # noqa: E402
from oracle import read_wav  # noqa: E402

RATE, STEP, START = 48000, 1.024, 0.128  # all slices begin with a block
FRAMES = 19200  # of each sample
C4 = 440 * 2 ** (-9 / 12)
DELAY, REVERB, LESLIE, MONITOR, GROUP = 801, 802, 803, 805, 900
DRY, WET, SOUND = 20, 22, 24
RANDOM = ("waveloss", "scram", "psdisp")
PITCHED = {"s", "cps", "n", "speed", "note", "octave", "midinote", "freq", "pan", "amp"}
LOUD = ("gain",)  # phonond's last limiter stands 0.3 dB lower

PLAIN = [dict(), dict(n=1), dict(n=4), dict(n=-1), dict(speed=2), dict(speed=0.5), dict(speed=-1),
         dict(note=7), dict(octave=4), dict(midinote=65), dict(freq=300), dict(pan=0.2),
         dict(pan=1.5), dict(gain=0.5), dict(gain=3, overgain=0.2), dict(amp=0.1),
         dict(begin=0.25, end=0.75), dict(legato=0.2, delta=0.5), dict(sustain=0.1),
         dict(accelerate=0.5), dict(accelerate=-0.5, speed=-1), dict(unit="c", cps=2.0),
         dict(unit="s", begin=0, end=0.1), dict(loop=0.5), dict(loop=2, end=0.3),
         dict(begin=0.2, end=0.4, speed=-0.5, loop=2), dict(s="stereo"), dict(s="stereo", pan=0.2),
         dict(s="stereo", pan=0.8, shape=0.4, cutoff=2000, speed=-1)]
# of what drops waves at random there are many, so that their level is steady
EFFECTS = [dict(shape=0.5), dict(crush=4), dict(coarse=8), dict(coarse=5.5), dict(cutoff=800),
           dict(cutoff=800, resonance=0.4), dict(hcutoff=1500, hresonance=0.2),
           dict(bandf=1000, bandq=5), dict(bandf=1000), dict(vowel="a"), dict(vowel="e"),
           dict(vowel="o", resonance=0.5), dict(attack=0.1, release=0.1),
           dict(attack=0.05, hold=0.1, release=0.2, curve=-3), dict(release=0.1),
           dict(tilt=0.2, plat=0.1), dict(tilt=0.8, curve=-2),
           dict(tremolorate=8, tremolodepth=0.8), dict(tremolorate=8),
           dict(phaserrate=2, phaserdepth=0.7), dict(psrate=1.5), dict(squiz=2),
           dict(waveloss=20, n=1, loop=2), dict(fshift=100), dict(fshift=10, fshiftnote=0.5),
           dict(triode=0.5), dict(krush=0.7), dict(krush=0.7, kcutoff=1000), dict(octer=0.5),
           dict(octersub=0.7), dict(octersubsub=0.6, octer=1.2),
           dict(ring=0.7, ringf=300, ringdf=200), dict(distort=0.6), dict(tsdelay=0.4, xsdelay=0.5),
           dict(tsdelay=0.4, xsdelay=5), dict(freeze=1), dict(comb=0.4), dict(smear=0.5),
           dict(binshift=0.3), dict(hbrick=0.3), dict(lbrick=0.5), dict(real=0.4, imag=0.3),
           dict(enhance=0.5), dict(djf=0.3), dict(djf=0.8), dict(timescale=1.3),
           dict(timescale=0.6, speed=1.2), dict(shape=0.3, cutoff=1200, crush=6, hcutoff=200)]
ORBIT = [dict(sustain=0.1, delay=0.5, delaytime=0.2, delayfeedback=0.4), dict(sustain=0.1),
         dict(sustain=0.1, delay=0.4, delaytime=0.25, delayfeedback=0.3, lock=1, cps=2.0),
         dict(sustain=0.1),
         # what goes with the next event goes in a block: its attack is behind that
         dict(leslie=0.7, lrate=3.0, lsize=0.5), dict(sustain=0.3, attack=0.01, hold=0.3)]
EVENTS = [*map(dict, PLAIN), *(dict({"n": 2}, **e) for e in EFFECTS),
          *(dict(e, n=0) for e in ORBIT)]
ROOM = [dict(room=0.6, size=0.5, sustain=0.2)]
ROOMS = 23

VOWELS = {"a": ((660, 1120, 2750, 3000, 3350), (0, -6, -23, -24, -38), (80, 90, 120, 130, 140)),
          "e": ((440, 1800, 2700, 3000, 3300), (0, -14, -18, -20, -20), (70, 80, 100, 120, 120)),
          "o": ((430, 820, 2700, 3000, 3300), (0, -10, -26, -22, -34), (40, 80, 100, 120, 120))}

# in their order: what asks for it, the SynthDef, its parameters; one that is not said is 0
MODULES = [(("shape",), "dirt_shape2", ("shape",)),
           (("hcutoff",), "dirt_hpf2", ("hcutoff", "hresonance")),
           (("bandf",), "dirt_bpf2", ("bandqf=bandf", "bandq")),
           (("crush",), "dirt_crush2", ("crush",)), (("coarse",), "dirt_coarse2", ("coarse",)),
           (("cutoff",), "dirt_lpf2", ("cutoff", "resonance")),
           (("psrate",), "dirt_pitch_shift2", ("psrate", "psdisp", "sustain")),
           (("attack", "release"), "dirt_envelope2", ("attack", "hold", "release", "curve")),
           (("tilt",), "dirt_grain_envelope2", ("sustain", "tilt", "plat", "curve")),
           (("tremolorate",), "dirt_tremolo2", ("tremolorate", "tremolodepth")),
           (("phaserrate",), "dirt_phaser2", ("phaserrate", "phaserdepth")),
           (("waveloss",), "waveloss2", ("drop=waveloss",)),
           (("squiz",), "squiz2", ("pitchratio=squiz",)),
           (("fshift",), "dirt_fshift2", ("fshift", "fshiftphase", "fshiftnote", "freq")),
           (("triode",), "dirt_triode2", ("triode",)),
           (("krush",), "dirt_krush2", ("krush", "kcutoff")),
           (("octer", "octersub", "octersubsub"), "dirt_octer2",
            ("octer", "octersub", "octersubsub")),
           (("ring",), "dirt_ring2", ("ring", "ringf", "ringdf")),
           (("distort",), "dirt_distort2", ("distort",)),
           (("tsdelay", "xsdelay"), "spectral-delay2", ("tsdelay", "xsdelay")),
           *[((name,), "spectral-%s2" % name, (name,))
             for name in ("freeze", "comb", "smear", "scram", "binshift", "hbrick", "lbrick")],
           (("real", "imag"), "spectral-conformer2", ("real", "imag")),
           (("enhance",), "spectral-enhance2", ("enhance",)), (("djf",), "dj-filter2", ("djf",))]


# ---- sounds --------------------------------------------------------------------------------------

def tone(freq, harmonics=1):
    return [0.5 * min(1, (FRAMES - i) / 2000) *
            sum(math.sin(2 * math.pi * freq * h * i / RATE + 1) / h
                for h in range(1, harmonics + 1)) / harmonics ** 0.5
            for i in range(FRAMES)]


def make_samples(folder):
    """{(bank, index): (path, channels, path of the same behind a frame of silence)}"""
    sounds = {("tone", 0): [tone(440)], ("tone", 1): [tone(660)], ("tone", 2): [tone(220, 15)],
              ("stereo", 0): [tone(330), [x / 2 for x in tone(550)]]}
    found = {}
    for (bank, i), channels in sounds.items():
        path = os.path.join(folder, bank, "%d.wav" % i)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wave.open(path, "wb") as f:
            f.setnchannels(len(channels))
            f.setsampwidth(2)
            f.setframerate(RATE)
            f.writeframes(frames_of(channels))
        late = os.path.join(folder, "..", "late %s %d.wav" % (bank, i))
        with wave.open(late, "wb") as f:
            f.setnchannels(len(channels))
            f.setsampwidth(2)
            f.setframerate(RATE)
            f.writeframes(frames_of([[0.0] + c for c in channels]))
        found[bank, i] = path, len(channels), late
    return found


def frames_of(channels):
    return b"".join(struct.pack("<h", round(32000 * x)) for frame in zip(*channels) for x in frame)


# ---- what SuperDirt's classes send ---------------------------------------------------------------

def span(e):
    """Speed at both ends, part, frequency, seconds of full level and of the slopes: DirtEvent's
    rules."""
    note = e.get("midinote", e.get("note", 0) + 12 * e.get("octave", 5))
    freq = e.get("freq", 440 * 2 ** ((note - 69) / 12))
    speed, begin, end = e.get("speed", 1), e.get("begin", 0), e.get("end", 1)
    if speed < 0:
        begin, end = end, begin
    seconds = FRAMES / RATE * C4 / freq
    if e.get("unit") == "c":
        speed *= e.get("cps", 1) * seconds
    last = speed * (1 + e.get("accelerate", 0))
    length = abs(end - begin)
    seconds = length if e.get("unit") == "s" else seconds * length / ((abs(speed) + abs(last)) / 2)
    if "sustain" in e:
        sustain = e["sustain"]
    elif "legato" in e:
        sustain = e["legato"] * e.get("delta", 1)
    else:
        seconds *= abs(e.get("loop", 1))
        sustain = seconds
    sustain = min(seconds, sustain)
    fade = min(0.001, sustain * 0.19098)
    fade_in = fade if begin else 0
    sustain *= e.get("timescale", 1)
    return speed, last, begin, end, freq, sustain - fade - fade_in, fade_in, fade


def event_messages(e, group, samples):
    banks = [key for key in samples if key[0] == e["s"]]
    key = e["s"], int(e.get("n", 0)) % len(banks)
    speed, last, begin, end, freq, sustain, fade_in, fade = span(e)
    known = dict(e, freq=freq, sustain=sustain)
    out = [message("/g_new", group, 1, GROUP)]

    def synth(name, **controls):
        pairs = [x for k, v in dict(controls, out=SOUND).items()
                 for x in (k, v if isinstance(v, list) else float(v))]
        out.append(message("/s_new", name, -1, 1, group, *pairs))
    # a frame further on: of what plays at its own speed from its beginning, that is ours exactly
    is_whole = not set(e) & {"speed", "note", "octave", "midinote", "freq", "accelerate", "unit",
                             "loop", "begin", "end", "timescale"}
    player = dict(bufnum=list(samples).index(key) + is_whole * len(samples), sustain=sustain,
                  speed=speed, freq=freq, endSpeed=last, begin=begin, end=end,
                  pan=2 * e.get("pan", 0.5) - 1)
    if "timescale" in e:
        synth("dirt_stretchsample_%d_2" % samples[key][1], timescale=e["timescale"],
              timescalewin=e.get("timescalewin", 1), **player)
    else:
        synth("dirt_sample_%d_2" % samples[key][1], **player)
    if "vowel" in e:
        hz, db, width = VOWELS[e["vowel"]]
        synth("dirt_vowel2", vowelFreqs=[float(x) for x in hz],
              vowelAmps=[10 ** (x / 20) for x in db], vowelRqs=[1 / x for x in width],
              resonance=e.get("resonance", 0))
    for asks, name, parameters in MODULES:
        if any(a in e for a in asks):
            synth(name, **{p.split("=")[0]: known.get(p.split("=")[-1], 0) for p in parameters})
    out.append(message("/s_new", "dirt_gate2", -1, 1, group, "in", float(SOUND), "out", float(DRY),
                       "amp", float(e.get("amp", 0.4)), "gain", float(e.get("gain", 1)),
                       "overgain", float(e.get("overgain", 0)), "sustain", float(sustain),
                       "fadeInTime", float(fade_in), "fadeTime", float(fade)))
    return out


def orbit_messages(e, state):
    """Of the orbit's effects what differs from before, and that they wake; GlobalDirtEffect's
    rules."""
    known = dict({"cps": 1.0, "lock": 0.0, "dry": 0.0}, **e, delayAmp=e.get("delay", 0.0))
    out = []
    for node, names in ((DELAY, ("delaytime", "delayfeedback", "delaySend", "delayAmp", "lock",
                                 "cps")),
                        (REVERB, ("size", "room", "dry")), (LESLIE, ("leslie", "lrate", "lsize")),
                        (MONITOR, ())):
        changed = [n for n in names if state.get((node, n)) != known.get(n)]
        if node == MONITOR or any(known.get(n) is not None for n in names):
            out += [message("/n_run", node, 1), message("/n_set", node, "resumed", 1)]
        if changed:
            out.append(message("/n_set", node,
                               *[x for n in changed for x in (n, float(known.get(n) or 0))]))
        state.update({(node, n): known.get(n) for n in changed})
    return out


def setup_messages(defs, samples):
    wanted = ("dirt_", "spectral", "squiz", "waveloss", "dj-")
    out = [message("/d_recv", open(f, "rb").read())
           for f in sorted(glob.glob(os.path.join(defs, "*.scsyndef")))
           if os.path.basename(f).startswith(wanted)]
    paths = [path for path, _, _ in samples.values()] + [late for _, _, late in samples.values()]
    out += [message("/b_allocRead", i, path) for i, path in enumerate(paths)]
    out.append(message("/g_new", GROUP, 0, 0))
    for name, node in (("delay", DELAY), ("reverb", REVERB), ("leslie", LESLIE),
                       ("monitor", MONITOR)):
        out.append(message("/s_new", "dirt_%s2" % name, node, 1, 0, "dryBus", DRY, "effectBus", WET,
                           "outBus", 0))
    return out + [message("/n_set", DELAY, "delayAmp", 0.0),  # else it adds to the first 10 ms
                  message("/n_run", DELAY, 0, REVERB, 0, LESLIE, 0)]


# ---- both servers --------------------------------------------------------------------------------

def render(phonond, events, folder, samples, defs, step):
    events = [dict({"s": "tone", "cps": 1.0}, **e) for e in events]
    state, theirs, ours = {}, [(0.0, [m]) for m in setup_messages(defs, samples)], []
    for i, e in enumerate(events):
        at = START + i * step
        theirs.append((at, orbit_messages(e, state) + event_messages(e, 2000 + i, samples)))
        pairs = [x for k, v in e.items() for x in (k, v if isinstance(v, str) else float(v))]
        ours.append((at, [message("/dirt/play", *pairs)]))
    files = {}
    for name, bundles in (("scsynth", theirs), ("phonond", ours)):
        bundles.append((START + len(events) * step + 0.1, [message("/c_set", 0, 0.0)]))
        files[name] = os.path.join(folder, name)
        with open(files[name] + ".osc", "wb") as f:
            f.write(score(bundles))
    form = ["_", "{}.wav", "48000", "WAV", "float", "-o", "2"]
    for name, command in (("scsynth", ["scsynth", "-d", "2048", "-m", "262144", "-w", "512"]),
                          ("phonond", [phonond, "--samples", os.path.join(folder, "samples")])):
        subprocess.run([*command, "-N", files[name] + ".osc",
                        *[x.format(files[name]) for x in form]], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
                       env=dict(os.environ, PHONON_SAMPLES=""))
    return read_wav(files["scsynth"] + ".wav"), read_wav(files["phonond"] + ".wav")


def decibel(x):
    return 20 * math.log10(max(x, 1e-9))


def rms(samples):
    return math.sqrt(sum(x * x for x in samples) / max(1, len(samples)))


def onset(samples):
    return next((i for i, x in enumerate(samples) if abs(x) > 1e-4), -1)


def cents(a, b):
    """Between the frequencies of two tones, by their rising zero crossings from 30 ms on; 0
    where there are few."""
    def frequency(samples):
        part = samples[1440 + 960:1440 + 6000]
        crossings = [i - part[i] / (part[i] - part[i - 1]) for i in range(1, len(part))
                     if part[i - 1] < 0 <= part[i]]
        if len(crossings) <= 20:
            return None
        return (len(crossings) - 1) / (crossings[-1] - crossings[0])
    x, y = frequency(a), frequency(b)
    return 1200 * math.log2(y / x) if x and y else 0


def differences(e, theirs, ours, begin, end):
    """What is too far apart, in words."""
    found = []
    for side in (0, 1):
        a, b = theirs[side][begin:end], ours[side][begin:end]
        level, peak = (decibel(f(b)) - decibel(f(a)) for f in (rms, lambda x: max(map(abs, x))))
        if decibel(rms(a)) < -90:
            continue
        if abs(level) > (0.5 if any(k in e for k in RANDOM + LOUD) else 0.1):
            found.append("level %+.2f dB" % level)
        if abs(peak) > (1 if any(k in e for k in RANDOM) else 0.5):
            found.append("peak %+.2f dB" % peak)
        if abs(onset(a) - onset(b)) > 1 and not any(k in e for k in RANDOM):
            found.append("onset %+d frames" % (onset(b) - onset(a)))
        if not set(e) - PITCHED and abs(cents(a, b)) > 1:
            found.append("pitch %+.1f cents" % cents(a, b))
    return found


def tail_level(channels):
    """Of what comes behind the sound, both channels together."""
    begin, end = round((START + 0.4) * RATE), round((START + 2.9) * RATE)
    return decibel(math.hypot(*[rms(c[begin:end]) for c in channels]))


def compare_rooms(phonond, folder, samples, defs):
    """Reverbs draw their times, and some ring: the level in the middle of several."""
    pairs = [[tail_level(x) for x in
              render(phonond, [dict(e, orbit=i % 12) for e in ROOM], folder, samples, defs, 3)]
             for i in range(ROOMS)]
    theirs, ours = (sorted(levels)[ROOMS // 2] for levels in zip(*pairs))
    return [] if abs(ours - theirs) < 3 else ["reverb: %+.2f dB" % (ours - theirs)]


def arguments():
    """The command line, and where SuperDirt's definitions are; ends the program where there are none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("phonond")
    parser.add_argument("--only", default="")
    parser.add_argument("-v", action="store_true")
    given = parser.parse_args()
    defs = os.environ.get("SUPERDIRT_DEFS")
    if not defs or not shutil.which("scsynth"):
        print("skipped: no $SUPERDIRT_DEFS, or no scsynth")
        sys.exit(77)
    return given, defs


def main():
    given, defs = arguments()
    events = [e for e in EVENTS if re.search(given.only, " ".join(e))]
    bad = 0
    with tempfile.TemporaryDirectory(prefix="phonon-dirt-") as folder:
        samples = make_samples(os.path.join(folder, "samples"))
        theirs, ours = render(given.phonond, events, folder, samples, defs, STEP)
        for i, e in enumerate(events):
            begin = round((START + i * STEP) * RATE)
            found = differences(e, theirs, ours, begin, begin + round(STEP * RATE))
            bad += bool(found)
            if found or given.v:
                print(" ".join("%s=%s" % pair for pair in e.items()) or "plain", "; ".join(found) or
                      "ok")
        if not given.only:
            found = compare_rooms(given.phonond, folder, samples, defs)
            bad += bool(found)
            print("\n".join(found), end="\n" if found else "")
    print("%d events, %d differ" % (len(events) + (not given.only), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
