#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
The TidalCycles door under load: 2,000 events a second, each a sample voice with three effects
and two sends; what was lost, what came late, what the audio thread spent. Then the same events
as SuperDirt would send them, through SuperDirt's own SynthDefs on scsynth -N, beside phonond -N:
CPU time in turns.

    python3 tests/bench/dirt.py BUILD [--rate 2000] [--seconds 30] [--offline-seconds 5]
                                [--rounds 3]

$SUPERDIRT_DEFS names a folder of SuperDirt's compiled SynthDefs (two channels); without it, or
without scsynth, the second part is left out, and said so. Exit status 1 where a number of the
first part is not met.
"""
import argparse
import glob
import math
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
RATE, PERIOD, SAMPLE_SECONDS, SOUND_SECONDS, FADE = 48000, 256, 0.4, 0.2, 0.001
AHEAD = 0.2      # seconds from sending to the time tag, as TidalCycles has it
WORST, GROWTH = 0.5, 1 << 20  # of a period; bytes


def make_samples(folder):
    from dirt_sounds import write_wav
    n = round(SAMPLE_SECONDS * RATE)
    for i, freq in enumerate((440, 660, 220)):
        write_wav(os.path.join(folder, "tone", "%d.wav" % i),
                  [0.5 * min(1, (n - k) / 2000) * math.sin(2 * math.pi * freq * k / RATE + 1)
                   for k in range(n)])
    return folder


def event(i, chance):
    """Three effects of its own (shape, high-pass, low-pass), two sends (delay, reverb)."""
    return dict(s="tone", n=i % 3, cps=1.0, orbit=0, sustain=SOUND_SECONDS, speed=1 + i % 7 * 0.1,
                pan=chance.random(), shape=0.3, cutoff=500.0 + i % 3000, resonance=0.2,
                hcutoff=100.0, room=0.3, size=0.5, delay=0.3, delaytime=0.2, delayfeedback=0.4,
                gain=0.5)


def play(e):
    from osc import message
    return message("/dirt/play", *[x for name, value in e.items() for x in (name, value)])


# ---- live ----------------------------------------------------------------------------------------

def live(rate, seconds, samples):
    """Status after the load, and the memory that was held a few seconds after its beginning."""
    from osc import Client, bundle
    from support import Daemon, free_port
    chance = random.Random(1)
    events = [play(event(i, chance)) for i in range(2100)]
    port = free_port()
    with Daemon("--dirt-port", str(port), "--samples", samples, "-T", "1", "-Z", str(PERIOD),
                "--voices", "4096", "-n", "20000") as daemon:
        client = Client(port)
        for e in events[:3]:
            client.send_packet(e)
        time.sleep(1)
        start, sent, held, voices = time.time() + 0.1, 0, 0, 0
        while sent < rate * seconds:
            due = min(int((time.time() - start) * rate), rate * seconds)
            for i in range(sent, due):
                client.send_packet(bundle(events[i % len(events)], at=start + i / rate + AHEAD))
            if not held and due >= 5 * rate:
                before = daemon.status()
                held, voices = before["resident_bytes"], before["voices"]
            sent = max(sent, due)
            time.sleep(0.002)
        time.sleep(AHEAD + 1)
        status = daemon.status()
        client.close()
    status["growth"] = status["resident_bytes"] - (held or status["resident_bytes"])
    status["at_once"] = voices
    return status


def check_live(status, n):
    print("events %d of %d, late %d, %d ignored, dropped %d by the kernel, %d in rings, %d stolen"
          % (status["dirt_events"], n, status["dirt_late"] + status["late"],
             status["dirt_ignored"], status["kernel_drops"], status["dropped_commands"],
             status["stolen"]))
    print("of a period: mean %.1f %%, 99 %% below %.1f %%, worst %.1f %%; overruns %d; voices at "
          "once %d; memory grew by %d KiB"
          % (100 * status["load_mean"], 100 * status["load_p99"], 100 * status["load_worst"],
             status["xruns"], status["at_once"], status["growth"] // 1024))
    lost = [k for k in ("dirt_late", "late", "dirt_ignored", "kernel_drops", "dropped_commands",
                        "stolen", "xruns")
            if status[k]]
    if status["dirt_events"] != n:
        lost.append("dirt_events")
    if status["load_worst"] >= WORST:
        lost.append("load_worst")
    if status["growth"] > GROWTH:
        lost.append("memory")
    return lost


# ---- beside scsynth ------------------------------------------------------------------------------

GROUP, DELAY, REVERB, LESLIE, MONITOR = 900, 801, 802, 803, 805
DRY, WET, SOUND = 20, 22, 24  # buses


def superdirt_setup(defs, samples):
    from osc import message
    names = ("dirt_", "spectral", "squiz", "waveloss", "dj-")
    files = [f for f in sorted(glob.glob(os.path.join(defs, "*.scsyndef")))
             if os.path.basename(f).startswith(names)]
    out = [message("/d_recv", open(f, "rb").read()) for f in files]
    out += [message("/b_allocRead", i, os.path.join(samples, "tone", "%d.wav" % i))
            for i in range(3)]
    out.append(message("/g_new", GROUP, 0, 0))
    for name, node in (("delay", DELAY), ("reverb", REVERB), ("leslie", LESLIE),
                       ("monitor", MONITOR)):
        out.append(message("/s_new", "dirt_%s2" % name, node, 1, 0, "dryBus", DRY, "effectBus", WET,
                           "outBus", 0))
    return out + [message("/n_run", DELAY, 0, REVERB, 0, LESLIE, 0)]


def superdirt_event(e, group, is_first):
    """What SuperDirt sends for an event: the orbit's effects wake, those that differ are set,
    synths in a group."""
    from osc import message
    out = []
    if is_first:
        out.append(message("/n_set", DELAY, "delaytime", e["delaytime"], "delayfeedback",
                           e["delayfeedback"], "delayAmp", e["delay"], "lock", 0.0, "cps",
                           e["cps"]))
        out.append(message("/n_set", REVERB, "size", e["size"], "room", e["room"], "dry", 0.0))
    for node in (DELAY, REVERB, MONITOR):
        out += [message("/n_run", node, 1), message("/n_set", node, "resumed", 1)]

    def synth(name, **controls):
        pairs = [x for k, v in dict(controls, out=float(SOUND)).items()
                 for x in (k.rstrip("_"), float(v))]
        out.append(message("/s_new", name, -1, 1, group, *pairs))
    sustain = e["sustain"] - FADE
    out.append(message("/g_new", group, 1, GROUP))
    synth("dirt_sample_1_2", bufnum=e["n"], sustain=sustain, speed=e["speed"], freq=261.6255653,
          endSpeed=e["speed"], begin=0, end=1, pan=2 * e["pan"] - 1)
    synth("dirt_shape2", shape=e["shape"])
    synth("dirt_hpf2", hcutoff=e["hcutoff"], hresonance=0)
    synth("dirt_lpf2", cutoff=e["cutoff"], resonance=e["resonance"])
    out.append(message("/s_new", "dirt_gate2", -1, 1, group, "in", float(SOUND), "out", float(DRY),
                       "amp", 0.4, "gain", e["gain"], "overgain", 0.0, "sustain", sustain,
                       "fadeInTime", 0.0, "fadeTime", FADE))
    return out


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def beside(rate, seconds, rounds, samples, folder, defs):
    from osc import message, score
    from support import PHONOND, Sound
    chance = random.Random(1)
    theirs, ours, start = [(0.0, superdirt_setup(defs, samples))], [], 0.128
    for i in range(int(rate * seconds)):
        e = event(i, chance)
        theirs.append((start + i / rate, superdirt_event(e, 2000 + i, i == 0)))
        ours.append((start + i / rate, [play(e)]))
    a, b = (os.path.join(folder, name) for name in ("scsynth", "phonond"))
    for path, bundles in ((a, theirs), (b, ours)):
        bundles.append((start + seconds + 0.5, [message("/c_set", 0, 0.0)]))
        with open(path + ".osc", "wb") as f:
            f.write(score(bundles))
    form = ["48000", "WAV", "float", "-o", "2"]
    scsynth = ["scsynth", "-N", a + ".osc", "_", a + ".wav", *form, "-d", "2048", "-m", "1000000",
               "-w", "512", "-n", "60000"]
    phonond = [PHONOND, "--samples", samples, "--voices", "4096", "-T", "1", "-N", b + ".osc", "_",
               b + ".wav", *form]
    pairs = [(cpu_seconds(scsynth), cpu_seconds(phonond)) for _ in range(rounds)]
    ratio = sorted(x / y for x, y in pairs)[rounds // 2]
    print("scsynth -N %.2f s, phonond -N %.2f s of CPU for %g s of sound (least of %d); ratio %.2f "
          "(median of pairs)" % (min(x for x, _ in pairs), min(y for _, y in pairs), seconds,
                                 rounds, ratio))
    levels = [20 * math.log10(Sound(path + ".wav").rms() + 1e-9) for path in (a, b)]
    print("level: scsynth %.2f dB, phonond %.2f dB" % tuple(levels))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("build")
    arguments.add_argument("--rate", type=int, default=2000)
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--offline-seconds", type=float, default=5)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    os.environ["PHONON_BUILD"] = os.path.abspath(given.build)
    defs = os.environ.get("SUPERDIRT_DEFS")
    with tempfile.TemporaryDirectory() as folder:
        samples = make_samples(os.path.join(folder, "samples"))
        status = live(given.rate, given.seconds, samples)
        missed = check_live(status, given.rate * given.seconds + 3)
        print("not met: " + ", ".join(missed) if missed else "all met")
        if defs and shutil.which("scsynth"):
            beside(given.rate, given.offline_seconds, given.rounds, samples, folder, defs)
        else:
            print("beside scsynth: left out, no scsynth or no $SUPERDIRT_DEFS")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
