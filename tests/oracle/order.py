#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""order.py - the same node trees through `scsynth -N` and `phonond -N`: who hears whom, and when.

usage: order.py PHONOND [--seeds N] [--first SEED] [-v]

Random trees of groups, and of synths that read and write the same few buses in every way, change at
random. Order of execution is all that decides what is heard; the difference of the two renderings
is at most -110 dB of scsynth's, with one thread and with four, which must also agree to the bit.

exit: 0 all agree, 1 some differ, 77 scsynth is not installed (skipped).
"""
import argparse
import os
import random
import shutil
import sys
import tempfile

from oracle import BLOCK, RATE, db, osc, render, rms
from scgf import AUDIO as AR, CONTROL as KR, Graph, write

LIMIT_DB = -110
N_BLOCKS = 60
BUSES = range(20, 25)  # private on both servers
MUL, ADD = 2, 0


def defs():
    """Writers, and readers that write: of NAMEs. Saws fall in steps that a float holds exactly."""
    made = []

    def add(name, build):
        controls = {"in": 20.0, "out": 20.0, "step": 3.0, "level": 0.25}
        d = Graph(name, **controls)
        build(d, {control: d.control(control) for control in controls})
        made.append(d)

    def saw(d, c):
        frequency = d.unit("BinaryOpUGen", KR, c["step"], RATE / 4096, special=MUL)
        return d.unit("BinaryOpUGen", AR, d.unit("LFSaw", AR, frequency, 0), c["level"],
                      special=MUL)

    def through(d, c, reader):
        heard = d.unit("BinaryOpUGen", AR, d.unit(reader, AR, c["in"]), 0.5, special=MUL)
        return d.unit("BinaryOpUGen", AR, heard, saw(d, c), special=ADD)

    for sink in ("Out", "ReplaceOut", "OffsetOut"):
        add("w" + sink, lambda d, c, s=sink: d.unit(s, AR, c["out"], saw(d, c), outputs=0))
    for reader in ("In", "InFeedback"):
        for sink in ("Out", "ReplaceOut"):
            add("r" + reader + sink,
                lambda d, c, r=reader, s=sink: d.unit(s, AR, c["out"], through(d, c, r), outputs=0))
    add("fixed", lambda d, c: d.unit("Out", AR, 21, through(d, c, "In"), saw(d, c), outputs=0))
    add("computed", lambda d, c: d.unit(
        "Out", AR, d.unit("BinaryOpUGen", KR, c["out"], 1, special=ADD),
        through(d, c, "In"), outputs=0))
    add("both", lambda d, c: (d.unit("Out", AR, c["out"], saw(d, c), outputs=0),
                              d.unit("ReplaceOut", AR, c["in"], d.unit("In", AR, c["out"]),
                                     outputs=0)))
    add("kr", lambda d, c: d.unit(
        "Out", KR, c["out"],
        d.unit("BinaryOpUGen", KR, d.unit("In", KR, c["in"]), 0.5, special=MUL),
        c["level"], outputs=0))
    add("fromKr", lambda d, c: d.unit("Out", AR, c["out"], d.unit(
        "BinaryOpUGen", AR, saw(d, c), d.unit("In", KR, c["in"]), special=MUL), outputs=0))
    add("mix", lambda d, c: d.unit(
        "Out", AR, c["out"],
        d.unit("BinaryOpUGen", AR, d.unit("In", AR, c["in"]), 0.5, special=MUL), outputs=0))
    return made


class Score:
    """A random tree that changes; what it holds is followed so that ids exist."""

    def __init__(self, seed):
        self.dice, self.records = random.Random(seed), []
        self.parent = {0: None, 1: 0}  # group 1 is scsynth's default group
        self.groups, self.next_id = {0, 1}, 1000
        self.names = [d.name for d in defs() if d.name != "mix"]
        first = [osc.message("/d_recv", write([d.made()])) for d in defs()]
        first.append(osc.message("/g_new", 1, 0, 0))
        for channel in (0, 1):  # all that anybody writes is heard, each bus on one channel or both
            for i, bus in enumerate(BUSES):
                if i % 2 == channel or i == 4:
                    first.append(osc.message("/s_new", "mix", 10 + 10 * channel + i, 1, 0,
                                             "in", float(bus), "out", float(channel)))
        self.at(0, first)
        self.at(1, [m for _ in range(20) for m in self.add()])
        for block in range(2, N_BLOCKS):
            self.at(block, [m for _ in range(self.dice.randrange(3)) for m in self.change()])
        self.at(N_BLOCKS, [osc.message("/c_set", 0, 0.0)])

    def at(self, block, messages):
        if messages:  # a little later: scsynth rounds a boundary to either of its blocks
            self.records.append(((block * BLOCK + 0.2) / RATE, messages))

    def some(self, groups=None):
        ids = [i for i in self.parent if i > 1 and (groups is None or (i in self.groups) == groups)]
        return self.dice.choice(ids) if ids else 1

    def place(self):
        """An add action and its target."""
        if self.dice.random() < 0.5:
            return self.dice.randrange(2), self.some(groups=True)
        target = self.some()
        return (self.dice.randrange(2, 5), target) if target > 1 else (1, 1)

    def forget(self, node):
        self.parent.pop(node, None)
        self.groups.discard(node)
        for child in [c for c, p in self.parent.items() if p == node]:
            self.forget(child)

    def add(self):
        node, (action, target) = self.next_id, self.place()
        self.next_id += 1
        home = target if action < 2 else self.parent[target]
        if action == 4:
            self.forget(target)
        self.parent[node] = home
        if self.dice.random() < 0.25:
            self.groups.add(node)
            return [osc.message("/g_new", node, action, target)]
        made = [osc.message("/s_new", self.dice.choice(self.names), node, action, target,
                            *self.values())]
        if self.dice.random() < 0.3 and action < 4:  # several of a kind
            for _ in range(5):
                node, self.next_id = self.next_id, self.next_id + 1
                self.parent[node] = home
                made.append(osc.message("/s_new", "wOut", node, action, target, *self.values()))
        return made

    def values(self):
        bus = lambda: float(self.dice.choice(BUSES))
        return ["in", bus(), "out", bus(), "step", float(self.dice.randrange(1, 40)),
                "level", self.dice.randrange(1, 9) / 32]

    def change(self):
        kind, node = self.dice.randrange(6), self.some()
        if kind < 2 or node == 1:
            return self.add()
        if kind == 2 and len(self.parent) > 12:
            self.forget(node)
            return [osc.message("/n_free", node)]
        if kind == 3:
            return [osc.message("/n_run", node, int(self.dice.random() < 0.6))]
        name = self.dice.choice(("in", "out", "step"))
        values = self.values()
        return [osc.message("/n_set", node, name, values[values.index(name) + 1])]


def compare(seed, phonond, folder, verbose):
    """@return true when both servers agree"""
    path = os.path.join(folder, "score.osc")
    with open(path, "wb") as f:
        f.write(osc.score(Score(seed).records))
    theirs, _ = render(["scsynth"], path, os.path.join(folder, "scsynth.wav"))
    ours = [render(phonond + ["--threads", n], path, os.path.join(folder, "phonond%s.wav" % n))[0]
            for n in ("1", "4")]
    good, texts = True, []
    for c in (0, 1):
        a, b = theirs[c], ours[0][c]
        n = min(len(a), len(b), (N_BLOCKS - 1) * BLOCK)
        level, off = rms(a[:n]), [abs(x - y) for x, y in zip(a[:n], b[:n])]
        error = db(rms(off) / level) if level > 1e-3 else 0
        good = good and n >= (N_BLOCKS - 1) * BLOCK and error <= LIMIT_DB
        texts.append("%.1f dB at level %.3f" % (error, level))
        if error > LIMIT_DB:
            first = next(i for i in range(n) if off[i] > 1e-5)
            texts.append("first in block %d, frame %d: %.6g for %.6g" %
                         (first // BLOCK, first % BLOCK,
                                                                         b[first], a[first]))
        if ours[0][c] != ours[1][c]:
            good = False
            texts.append("one thread and four differ")
    if verbose or not good:
        print("%s seed %d: %s" % ("ok  " if good else "BAD ", seed, "; ".join(texts)))
    return good


def main():
    parser = argparse.ArgumentParser(description="order of execution, phonond against scsynth")
    parser.add_argument("phonond", nargs="+", help="command that renders (program and arguments)")
    parser.add_argument("--seeds", type=int, default=12, help="how many trees")
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what agrees too")
    options = parser.parse_args()
    options.phonond[0] = os.path.abspath(options.phonond[0])
    if not shutil.which("scsynth"):
        print("SKIP: scsynth is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="order") as folder:
        results = [compare(seed, options.phonond, folder, options.verbose)
                   for seed in range(options.first, options.first + options.seeds)]
    print("%d trees, %d differ" % (len(results), results.count(False)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
