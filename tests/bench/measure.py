# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of the example program, one line each. Nothing here passes or fails."""
import json
import os
import random
import re
import subprocess
import sys
import time
from fractions import Fraction

from support import RATE, RENDER, SEND, Daemon, Folder, Sound, run

EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "m.ph")
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20


def line(what, value):
    print("%-46s %s" % (what, value), flush=True)


def guard():
    """Plays, edits and loads under the guard; then plants each offence."""
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
    os.environ["PHONON_GUARD_SECONDS"] = str(SECONDS)
    code = open(os.path.join(os.path.dirname(__file__), "..", "e2e", "test_guard.py")).read()
    space = {"__file__": os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "e2e",
                                                       "test_guard.py"))}
    exec(code.replace("main(globals())", ""), space)
    line("audio thread, %g s of playing and editing" % SECONDS,
         "callbacks %d, allocations %d, locks %d, system calls %d" % space["counts"]()[0])
    for i, offence in enumerate(("malloc", "lock", "syscall"), 1):
        line("  planted %s is counted" % offence, space["counts"](offence)[0][i])


def blocks():
    """The same blocks several times: what every run spends on a block
    is the program's, the rest the machine's."""
    with Folder() as folder:
        least = None
        for attempt in range(5):
            out, _ = run(RENDER, EXAMPLE, folder.file("m.wav"), "--seconds", "120",
                         "--meter", "--quiet",
                         "--blocks", folder.file("ns"))
            line("blocks of 64 frames, thread time, run %d" % (attempt + 1), out.strip())
            spent = [int(x) for x in open(folder.file("ns"))]
            least = spent if least is None else [min(a, b) for a, b in zip(least, spent)]
        worst = max(least)
        line("  worst block by its least of five runs", "%.1f us (%.2f %%), block %d of %d" % (
            worst / 1000, 100 * worst / (1e9 * 64 / RATE), least.index(worst), len(least)))


def offline_speed():
    with Folder() as folder:
        best = []
        for _ in range(5):
            begin = os.times()
            run(RENDER, EXAMPLE, folder.file("m.wav"), "--seconds", "120", "--quiet")
            end = os.times()
            best.append(120 / (end.children_user + end.children_system - begin.children_user -
                               begin.children_system))
        line("offline rendering, times real time (process CPU)",
             " ".join("%.0f" % x for x in sorted(best)))


def onsets():
    worst = {}
    for first in (0, 10000000):
        with Folder() as folder:
            source = folder.file("o.ph", 'tempo: 0.7\nout $ s "rim*3 rim(3,8)" # legato 0.02\n')
            run(RENDER, source, folder.file("o.wav"), "--cycles", "8", "--from-cycle",
                str(first), "--quiet")
            found = Sound(folder.file("o.wav")).onsets()
            steps = [Fraction(k, 6) for k in range(3)] + [Fraction(1, 2) + Fraction(k, 16)
                                                          for k in (0, 3, 6)]
            expected = [int((c + s) * RATE / Fraction(7, 10) + Fraction(1, 2)) for c in range(8)
                        for s in steps]
            assert len(found) == len(expected), (len(found), len(expected))
            worst[first] = max(abs(f - e) for f, e in zip(found, expected))
    line("onset against exact time, frames",
         "worst %d of 48 events; from cycle 10^7 on: worst %d" % (
        worst[0], worst[10000000]))


def edit_latency():
    with Folder() as folder, Daemon("--period", "64") as daemon:
        text = open(EXAMPLE).read()
        daemon.send(EXAMPLE)
        spent, distance = [], []
        for i in range(40):
            path = folder.file("m.ph", text.replace("900", str(800 + i)))
            begin = time.monotonic()
            answer = json.loads(run(SEND, "--port", str(daemon.port), "--json", path)[0])
            spent.append(1000 * (time.monotonic() - begin))
            distance.append(answer["frame"] % 64)
            time.sleep(0.05)
        spent.sort()
        line("process start to acknowledgement, ms",
             "median %.1f, worst of 40 %.1f" % (spent[20], spent[-1]))
        line("switch, frames from a block boundary", max(distance))


def random_edits(n=500, seconds=50):
    """The right output is edited all the time, the left one must stay what it is, bit by bit."""
    random.seed(2)
    template = ('tempo: 1\no1 $ s "rim*4 cp" # pan (-1) # gain 0.3\n'
                'o2 $ (sine %d * 0.2) # lpf %d 1.0 * %s # pan 1\n')
    versions = [(random.choice((110, 165, 220)), random.choice((400, 900, 2000)),
                 random.choice(("0.2", "0.5", "0.9")))
                for _ in range(n)]
    with Folder() as folder:
        command = [RENDER, folder.file("0.ph", template % versions[0]),
                   folder.file("e.wav"), "--quiet",
                   "--seconds", str(seconds)]
        for i in range(1, n):
            command += ["--at", str(int(i * seconds / n * RATE)),
                        folder.file("%d.ph" % i, template % versions[i])]
        run(*command)
        run(RENDER, folder.file("0.ph"), folder.file("p.wav"), "--quiet", "--seconds", str(seconds))
        edited, plain = Sound(folder.file("e.wav")), Sound(folder.file("p.wav"))
        differing = sum(1 for a, b in zip(edited.channels[0], plain.channels[0]) if a != b)
        step = lambda s: max(abs(b - a) for a, b in zip(s, s[1:]))
        own = 0
        for version in set(versions):
            run(RENDER, folder.file("v.ph", template % version), folder.file("v.wav"), "--quiet",
                "--seconds", "0.5")
            own = max(own, step(Sound(folder.file("v.wav")).channels[1]))
        line("%d random edits in %d s" % (n, seconds),
             "unchanged output: %d samples differ; onsets equal: %s; largest step %.4f, the "
             "programs' own %.4f" % (
                 differing, edited.onsets() == plain.onsets(), step(edited.channels[1]), own))


for part in (guard, blocks, offline_speed, onsets, edit_latency, random_edits):
    part()
