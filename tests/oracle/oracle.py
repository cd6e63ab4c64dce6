#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""oracle.py - the same SynthDefs and score through `scsynth -N` and `phonond -N`, compared.

usage: oracle.py PHONOND [--only REGEX] [--family NAME] [--keep DIR] [-v]

sclang makes the SynthDefs (defs.scd says which, and how each is judged). One score plays them one
after the other, each in its own slice of time; both servers render it, and the slices are compared:

    exact     RMS of the difference at most -90 dB of scsynth's RMS, on each channel
    spectrum  harmonics of a source on FFT bins within 0.5 dB up to 0.4 of the rate; what lies
              between the harmonics at most scsynth's, or -60 dB where that is more
    noise     octave bands within 2 dB (the lowest three, from few values: 6 dB); quantiles within
              0.02 of the range, of differences between neighbours where those depend on each other;
              no correlation between the channels

    envelope  of a struck sound the level, from 0.05 to 0.35 s, within 1.5 dB; within 20 %: the time
    in
              which it has given what 20 ms of that level are, and the time until it stays 20 dB
              below

exit: 0 all agree, 1 some differ, 77 scsynth or sclang is not installed (skipped).
"""
import argparse
import array
import cmath
import functools
import itertools
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import osc  # noqa: E402

RATE = 48000
BLOCK = 64
HERE = os.path.dirname(os.path.abspath(__file__))
FIRST_ID = 1000


def write_wav(path, channels, rate):
    n = len(channels[0])
    flat = array.array("f", (c[i] for i in range(n) for c in channels))
    data = flat.tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3,
                       len(channels), rate, rate * 4 * len(channels), 4 * len(channels), 32,
                       b"data", len(data))
    with open(path, "wb") as f:
        f.write(head + data)


def read_wav(path):
    """Channels of a 32-bit float WAV file."""
    with open(path, "rb") as f:
        data = f.read()
    at, n_channels = 12, 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            n_channels = struct.unpack_from("<H", data, at + 10)[0]
        elif name == b"data":
            size = min(size, len(data) - at - 8)
            flat = array.array("f", data[at + 8:at + 8 + size // 4 * 4])
            return [flat[c::n_channels] for c in range(n_channels)]
        at += 8 + size + (size & 1)
    raise ValueError(path + ": no sound data")


def wavetable(values):
    """A period in SuperCollider's wavetable format: 2 a - b and b - a for neighbours a, b."""
    pairs = zip(values, values[1:] + values[:1])
    return [v for a, b in pairs for v in (2 * a - b, b - a)]


def harmonics(amplitudes, n=512):
    return [sum(a * math.sin(2 * math.pi * i * (k + 1) / n) for k, a in enumerate(amplitudes))
            for i in range(n)]


# the file of each buffer, by its number; defs.scd says what is in them
SOURCES = ("mono", "stereo", "wave0", "wave1", "wave2", "wave3", "table", "scale",
           "squares", "curve")
# by number, behind them: buffers that PartConv takes, from which, in transforms of how many frames
PREPARED = {10: (0, 2048), 11: (2, 256)}


def write_sources(folder):
    n = 3 * RATE
    mono = [math.sin(i * i * 2e-6) * 0.6 * min(1, i / 100) for i in range(n)]
    left = [math.sin(i * 0.031) * 0.5 * min(1, i / 100) for i in range(4410)]
    right = [math.sin(i * 0.173) * 0.4 * min(1, i / 100) for i in range(4410)]
    waves = ([0.8], [0.4, 0.3, 0.2], [0, 0.5, 0, 0.3], [0.3, 0, 0.2, 0, 0.1, 0, 0.1])
    curve = [math.tanh(3 * i / 256 - 3) for i in range(513)]
    channels = {"mono": [mono], "stereo": [left, right], "table": [harmonics([0.5, 0.3], 256)],
                "scale": [[0, 2, 4, 5, 7, 9, 11]], "squares": [[i * i / 4 for i in range(20)]],
                "curve": [[v for a, b in zip(curve, curve[1:]) for v in (2 * a - b, b - a)]]}
    for number, amplitudes in enumerate(waves):
        channels["wave%d" % number] = [wavetable(harmonics(amplitudes))]
    for name in SOURCES:
        rate = 44100 if name == "stereo" else RATE
        write_wav(os.path.join(folder, name + ".wav"), channels[name], rate)


class Slice:
    def __init__(self, line, start_block):
        self.name, self.judge, seconds = line.split()
        self.start_block = start_block
        self.n_blocks = round(float(seconds) * RATE / BLOCK)


def make_defs(folder, family):
    env = dict(os.environ, ORACLE_DIR=folder, QT_QPA_PLATFORM="offscreen",
               QTWEBENGINE_DISABLE_SANDBOX="1", HOME=folder, XDG_RUNTIME_DIR=folder)
    if family:
        env["ORACLE_FAMILY"] = family
    done = subprocess.run(["sclang", os.path.join(HERE, "defs.scd")], env=env, timeout=50,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, check=False)
    if done.returncode != 0:
        sys.exit("sclang failed:\n" + done.stdout.decode(errors="replace"))
    with open(os.path.join(folder, "manifest"), encoding="ascii") as f:
        return f.read().splitlines()


def make_score(folder, lines):
    slices, records, block = [], [], 0
    at = lambda n: n * BLOCK / RATE
    first = []
    for line in lines:
        s = Slice(line, block)
        slices.append(s)
        with open(os.path.join(folder, s.name + ".scsyndef"), "rb") as f:
            records.append((0, [osc.message("/d_recv", f.read())]))
        block += s.n_blocks
    for number, name in enumerate(SOURCES):
        path = os.path.join(folder, name + ".wav")
        first.append((0, [osc.message("/b_allocRead", number, path)]))
    for number, (source, size) in PREPARED.items():
        n_frames = 3 * RATE if source == 0 else 1024
        first.append((0, [osc.message("/b_alloc", number, -(-n_frames // (size // 2)) * size)]))
        first.append((0, [osc.message("/b_gen", number, "PreparePartConv", source, size)]))
    records += first
    for number, s in enumerate(slices):
        node = FIRST_ID + number
        new = osc.message("/s_new", s.name, node, 1, 0, "id", float(node))
        messages = [osc.message("/n_free", node - 1)] if number else []
        records.append((at(s.start_block), messages + [new]))
        records.append((at(s.start_block + s.n_blocks // 2), [
            osc.message("/n_set", node, "c", 1.0, "gate", 0.0, "t", 1.0)]))
    records.append((at(block), [osc.message("/n_free", FIRST_ID + len(slices) - 1)]))
    records.append((at(block + 1), [osc.message("/c_set", 0, 0.0)]))
    path = os.path.join(folder, "score.osc")
    with open(path, "wb") as f:
        f.write(osc.score(records))
    return slices, path


def render(command, score, out):
    done = subprocess.run(command + ["-N", score, "_", out, str(RATE), "WAV", "float", "-o", "2",
                                     "-d", "4096"],
                          timeout=50, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          cwd=os.path.dirname(score))
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0 or not os.path.exists(out):
        sys.exit("%s failed (%d):\n%s" % (command[0], done.returncode, text[-2000:]))
    return read_wav(out), text


def rms(x):
    return math.sqrt(sum(v * v for v in x) / max(len(x), 1))


def db(ratio):
    return 20 * math.log10(ratio) if ratio > 1e-15 else -300.0


def judge_exact(theirs, ours):
    """(agrees, text)"""
    texts, good = [], True
    for a, b in zip(theirs, ours):
        level, difference = rms(a), rms([x - y for x, y in zip(a, b)])
        if not (level > 0 and math.isfinite(level)):
            good = False
            texts.append("the oracle is silent or not finite")
            continue
        if not math.isfinite(difference):
            good = False
            texts.append("not finite")
            continue
        error = db(difference / level)
        good = good and error <= -90
        worst = max(range(len(a)), key=lambda i: abs(a[i] - b[i]))
        texts.append("%6.1f dB (worst at %d: %.6g for %.6g)" % (error, worst, b[worst], a[worst]))
    return good, "; ".join(texts)


@functools.lru_cache(maxsize=None)
def roots(n):
    """The first half of the n-th roots of unity, clockwise."""
    return [cmath.exp(-2j * math.pi * k / n) for k in range(n // 2)]


def spectrum(x):
    """An FFT; the length is a power of two."""
    n = len(x)
    if n == 1:
        return [complex(x[0])]
    even, odd = spectrum(x[0::2]), spectrum(x[1::2])
    turned = [r * v for r, v in zip(roots(n), odd)]
    return [e + t for e, t in zip(even, turned)] + [e - t for e, t in zip(even, turned)]


def judge_spectrum(theirs, ours):
    texts, good, n = [], True, 16384
    for a, b, fundamental in zip(theirs, ours, (150, 701)):
        start = len(a) - n  # settled: the oscillators' start is not part of the comparison
        sa = [abs(v) for v in spectrum(a[start:])[:n // 2]]
        sb = [abs(v) for v in spectrum(b[start:])[:n // 2]]
        harmonics = range(fundamental, n // 2, fundamental)
        loudest = max(sa)
        off = max(abs(db(sb[h] / sa[h])) for h in harmonics
                  if h < 0.4 * n and sa[h] > loudest * 1e-3)
        between = [k for k in range(4, n // 2) if min(k % fundamental,
                                                      -k % fundamental) > 2]
        alias_a = math.sqrt(sum(sa[k] ** 2 for k in between)) / rms(sa) / math.sqrt(n / 2)
        alias_b = math.sqrt(sum(sb[k] ** 2 for k in between)) / rms(sb) / math.sqrt(n / 2)
        good = good and off <= 0.5 and db(alias_b) <= max(db(alias_a) + 1, -60)
        texts.append("harmonics %.2f dB, aliases %.1f for %.1f dB" %
                     (off, db(alias_b), db(alias_a)))
    return good, "; ".join(texts)


def octaves(x, n=4096):
    """Mean power of octave bands, from many short spectra."""
    n_runs = len(x) // n
    power = [0.0] * (n // 2)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * i / n) for i in range(n)]
    for r in range(n_runs):
        run = spectrum([x[r * n + i] * window[i] for i in range(n)])
        for k in range(n // 2):
            power[k] += abs(run[k]) ** 2
    bands, low = [], 2
    while low < n // 2:
        bands.append(10 * math.log10(sum(power[low:low * 2]) / (low * n_runs) + 1e-30))
        low *= 2
    return bands


def quantiles(x):
    ordered = sorted(x)
    return [ordered[int(q * (len(ordered) - 1))] for q in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)]


def correlation(x, y):
    return sum(p * q for p, q in zip(x, y)) / len(x) / (rms(x) * rms(y) + 1e-30)


def steps(x):
    return [q - p for p, q in zip(x, x[1:])]


def judge_noise(theirs, ours):
    """Compares statistics: scsynth draws other numbers on every run."""
    texts, good = [], True
    if abs(correlation(theirs[0][1:], theirs[0])) > 0.1:
        values_a, values_b = [steps(c) for c in theirs], [steps(c) for c in ours]
    else:
        values_a, values_b = theirs, ours
    for a, b, va, vb in zip(theirs, ours, values_a, values_b):
        bands = [abs(p - q) for p, q in zip(octaves(a), octaves(b))]
        spread = max(abs(p - q) for p, q in zip(quantiles(va), quantiles(vb))) / (max(va) - min(va))
        good = good and max(bands[:3]) <= 6 and max(bands[3:]) <= 2 and spread <= 0.02
        texts.append("bands %.2f, %.2f dB, quantiles %.4f" %
                     (max(bands[:3]), max(bands[3:]), spread))
    cross = correlation(*values_b)
    texts.append("channels correlate %.4f" % cross)
    return good and abs(cross) < 0.05, "; ".join(texts)


FALL_STEP = RATE // 20  # frames, 50 ms


def struck(x):
    """Level, time of the onset, time of the fall; a time is None where it doesn't come."""
    level = rms(x[RATE // 20:RATE * 7 // 20])
    given = itertools.accumulate(v * v for v in x)
    onset = next((i for i, energy in enumerate(given) if energy > level**2 * RATE / 50), None)
    steps = [rms(x[i:i + FALL_STEP]) for i in range(0, len(x) - FALL_STEP + 1, FALL_STEP)]
    falls = (k * FALL_STEP for k in range(4, len(steps) - 2) if max(steps[k:k + 3]) < 0.1 * level)
    return level, onset, next(falls, None)


def judge_envelope(theirs, ours):
    texts, good = [], True
    for a, b in zip(theirs, ours):
        (level_a, *times_a), (level_b, *times_b) = struck(a), struck(b)
        off = db(level_b / max(level_a, 1e-12))
        good = good and level_a > 0 and abs(off) <= 1.5
        for ta, tb in zip(times_a, times_b):
            good = good and ta is not None and tb is not None and abs(tb - ta) <= 0.2 * ta
        shown = ["%d ms" % (t * 1000 // RATE) if t is not None else "never"
                 for pair in zip(times_b, times_a) for t in pair]
        texts.append("%+.1f dB, onset %s for %s, fall %s for %s" % (off, *shown))
    return good, "; ".join(texts)


JUDGES = {"exact": judge_exact, "spectrum": judge_spectrum, "noise": judge_noise,
          "envelope": judge_envelope}


def main():
    parser = argparse.ArgumentParser(description="phonond against scsynth")
    parser.add_argument("phonond", nargs="+", help="command that renders (program and arguments)")
    parser.add_argument("--only", default="", help="names that match this expression")
    parser.add_argument("--family", help="only what a file of units/ adds, by part of its name")
    parser.add_argument("--keep", help="folder for SynthDefs, score and sound files")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what agrees too")
    options = parser.parse_args()
    if os.path.exists(options.phonond[0]):  # the servers run in another folder
        options.phonond[0] = os.path.abspath(options.phonond[0])
    for program in ("scsynth", "sclang"):
        if not shutil.which(program):
            print("SKIP: %s is not installed" % program)
            return 77
    folder = os.path.abspath(options.keep) if options.keep else tempfile.mkdtemp(prefix="oracle")
    os.makedirs(folder, exist_ok=True)
    try:
        write_sources(folder)
        lines = [l for l in make_defs(folder, options.family)
                 if re.search(options.only, l.split()[0])]
        slices, score = make_score(folder, lines)
        with ThreadPoolExecutor() as both:
            other = both.submit(render, ["scsynth"], score, os.path.join(folder, "scsynth.wav"))
            ours, log = render(options.phonond, score, os.path.join(folder, "phonond.wav"))
            theirs, _ = other.result()
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    n_wrong = 0
    for s in slices:
        part = slice(s.start_block * BLOCK, (s.start_block + s.n_blocks) * BLOCK)
        a, b = [c[part] for c in theirs], [c[part] for c in ours]
        if len(ours) != 2 or len(b[0]) != len(a[0]) or not a[0]:
            good, text = False, "%d of %d frames" % (len(b[0]) if b else 0, len(a[0]))
        else:
            good, text = JUDGES[s.judge](a, b)
        n_wrong += not good
        if not good or options.verbose:
            print("%-4s %-22s %s" % ("ok" if good else "BAD", s.name, text))
    print("%d SynthDefs, %d differ" % (len(slices), n_wrong))
    if n_wrong:
        print(log[-2000:])
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
