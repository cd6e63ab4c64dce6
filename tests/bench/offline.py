# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured with -N: no clock, no driver, one process from start to end.

Engines run in turns (A B A B, then B A ...); each run has a partner without voices, of the same
length, right before it. `net` is a run less its partner: start-up, samples and the empty engine are
out of it, the voices' cost remains.
"""
import os
import shutil

import works
from engines import Failed, refusals, run
from osc import message
from report import median, number, verdict

# work, voices, seconds of sound, least ratio
REACH = (("W1", 1, 1600, 1.0), ("W1", 8, 600, 2.0), ("W1", 64, 90, 5.0), ("W1", 512, 12, 5.0),
         ("W2", 1, 600, 1.3), ("W2", 8, 90, 3.0), ("W2", 64, 12, 7.0), ("W2", 512, 4, 7.0),
         ("W3", 1, 900, 1.5), ("W3", 8, 160, 2.0), ("W3", 64, 20, 5.0), ("W3", 512, 5, 5.0),
         ("W4", 1, 18, 3.0), ("W5", 1, 120, 2.5), ("W6full", 1, 30, 3.0))
INSTRUCTION_SETS = ("avx512", "avx2", "base")


class Scores:
    """Score files, written once."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name, make):
        path = os.path.join(self.folder, name.replace(" ", "-") + ".osc")
        if not os.path.exists(path):
            works.write_score(path, make())
        return path

    def work(self, work, n, seconds, parallel=0):
        return self.path("%s-%d-%g-%d" % (work, n, seconds, parallel),
                         lambda: works.score(self.folder, work, n, seconds, parallel))


class Column:
    """One engine in one variant, and its runs of one work."""

    def __init__(self, engine, title, **variant):
        self.engine, self.title, self.variant = engine, title, variant
        self.empty, self.full = [], []
        self.problem = None

    def available(self):
        return self.engine is not None and self.engine.variant(**self.variant) is not None

    def start(self):
        self.empty, self.full, self.problem = [], [], None

    def once(self, bench, score, partner):
        if self.problem:
            return
        try:
            empty, full = self.cost(bench, partner), self.cost(bench, score)
            self.empty.append(empty)
            self.full.append(full)
        except Failed as e:
            self.problem = str(e)

    def cost(self, bench, score):
        used = run(self.engine.offline(score, **self.variant), bench.folder)
        refused, said = refusals(used.log), self.engine.says and self.engine.says.search(used.log)
        if refused:
            raise Failed(refused[0])
        return used._replace(wall=float(said.group(1))) if said else used

    def whole(self, what="cpu"):
        return [getattr(u, what) for u in self.full]

    def net(self, what="cpu"):
        return [max(1e-9, getattr(f, what) - getattr(e, what))
                for f, e in zip(self.full, self.empty)]


def in_turns(bench, columns, score, partner):
    """Rounds of every column, forwards and backwards in turn."""
    columns = [c for c in columns if c.available()]
    for c in columns:
        c.start()
    for k in range(bench.rounds):
        for c in columns[::-1] if k % 2 else columns:
            c.once(bench, score, partner)
    return columns


def ratios(over, under):
    """Of pairs."""
    return [a / b for a, b in zip(over, under)]


# ---- reach ---------------------------------------------------------------------------------------


def reach_columns(bench):
    phonond, scsynth = bench.engines.get("phonond"), bench.engines.get("scsynth")
    columns = {"scsynth": Column(scsynth, "scsynth"),
               "phonond": Column(phonond, "phonond", simd=bench.simd)}
    for simd in INSTRUCTION_SETS[1:]:
        columns[simd] = Column(phonond, simd, simd=simd)
    columns["supernova"] = Column(bench.engines.get("supernova"), "supernova", threads=1)
    return columns


def reach_row(bench, columns, work, n, seconds, goal):
    """Measures one work; the row's cells."""
    name = "%s %d" % (work, n) if work in works.STATIC else work
    hz = bench.clock.hz()
    in_turns(bench, columns.values(), bench.scores.work(work, n, seconds),
             bench.scores.work("empty", 0, seconds))
    hz = (hz + bench.clock.hz()) / 2
    ours, peer = columns["phonond"], columns["scsynth"]
    if ours.problem:
        return (name, "phonond can't play it: %s" % ours.problem)
    per = hz / (n * seconds * works.RATE) if work in works.STATIC else 100 / seconds
    cost = lambda c: number(per * min(c.net("wall" if c.engine.says else "cpu"))) if c.full else "-"
    net = lambda c: ratios(peer.net(), c.net()) if c.full and peer.full else []
    other = lambda key: number(median(net(columns[key])))
    span = "%s..%s" % (number(min(net(ours))), number(max(net(ours)))) if net(ours) else "-"
    if not ours.full or not peer.full:
        return (name, cost(peer), cost(columns["supernova"]), cost(ours), "-", "-", "-", "-", "-",
                number(goal), "-")
    ratio = median(net(ours))
    whole = median(ratios(peer.whole(), ours.whole()))
    return (name, cost(peer), cost(columns["supernova"]), cost(ours), number(ratio), span,
            number(whole), other("avx2"), other("base"), number(goal), verdict(ratio, goal))


def reach(bench):
    rows = [row for row in REACH if bench.wanted("reach %s %d" % row[:2])]
    if not rows:
        return
    columns = reach_columns(bench)
    bench.report.section(
        "reach: CPU time of one core", ("work, voices", -12), ("scsynth", 9), ("supernova", 11),
        ("phonond", 9), ("ratio", 8), ("min..max", 13), ("whole", 8), ("avx2", 7), ("base", 7),
        ("goal", 6), ("", 8))
    for work, n, seconds, goal in rows:
        bench.report.row(*reach_row(bench, columns, work, n, bench.length(seconds), goal))
    bench.report.note(
        "cost: cycles per voice and sample, net, least of %d runs; W4, W6full: %% of a "
        "core" % bench.rounds)
    bench.report.note(
        "supernova's cost is the time that it says it rendered for: it starts for most of a "
        "second, which hides the rest")
    bench.report.note("ratio: scsynth's CPU time / phonond's, net of an empty score of the same "
                      "length, median of pairs; the goal is judged by it")
    bench.report.note(
        "whole: the same with start-up, samples, and the engine without voices; avx2, "
        "base: ratio of those sets, %s"
        % ("forced" if columns["avx2"].available() else "phonond has no --simd"))
    for name, why in bench.absent.items():
        bench.report.note("%s: %s" % (name, why))


# ---- instructions --------------------------------------------------------------------------------

# work, voices, seconds, scsynth 3.13 as published with the goal
INSTRUCTIONS = (("W1", 1, 4, 21.9), ("W1", 64, 1, 21.9), ("W2", 1, 4, 191.8),
                ("W2", 64, 0.5, 191.8),
                ("W3", 1, 4, 115.6), ("W3", 64, 0.5, 115.6), ("W5", 1, 2, 575.0))


def count(bench, column, score):
    """Instructions of one run under callgrind."""
    out = os.path.join(bench.folder, "callgrind.out")
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out]
    log = run(command + column.engine.offline(score, **column.variant), bench.folder).log
    if refusals(log):
        raise Failed(refusals(log)[0])
    with open(out) as f:
        for line in f:
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
    raise Failed("callgrind counted nothing")


def instructions(bench):
    rows = [row for row in INSTRUCTIONS if bench.wanted("instructions %s %d" % row[:2])]
    if not rows:
        return
    bench.report.section("instructions per voice and sample, net, under callgrind",
                         ("work, voices", -14), ("scsynth", 10), ("phonond", 10), ("base", 10),
                         ("ratio", 9))
    if not shutil.which("valgrind"):
        bench.report.row("all", "valgrind is not installed")
        return
    phonond = bench.engines.get("phonond")
    columns = [Column(bench.engines.get("scsynth"), "scsynth"), Column(phonond, "phonond"),
               Column(phonond, "base", simd="base")]
    for work, n, seconds, _ in rows:
        cells = [instructions_of(bench, c, work, n, seconds) for c in columns]
        problem = [c for c in cells if isinstance(c, str)]
        name = "%s %d" % (work, n)
        if problem:
            bench.report.row(name, problem[0])
            continue
        ratio = cells[0] / cells[1] if cells[0] and cells[1] else None
        bench.report.row(name, *(number(c, 4) for c in cells), number(ratio))
    bench.report.note(
        "callgrind knows no AVX-512: phonond runs its AVX2 kernels here, and SSE2 where "
        "`base` is forced%s" % ("" if columns[2].available()
                                else " (it has no --simd)"))


def instructions_of(bench, column, work, n, seconds):
    """A number; None without the engine; a text when it can't."""
    if not column.available():
        return None
    try:
        full = count(bench, column, bench.scores.work(work, n, seconds))
        empty = count(bench, column, bench.scores.work("empty", 0, seconds))
    except Failed as e:
        return "%s: %s" % (column.title, e)
    return (full - empty) / (n * seconds * works.RATE)


# ---- cores ---------------------------------------------------------------------------------------

# work, voices (W4: times 200 a second), seconds, least speed-up of two threads
CORES = (("W2", 512, 15, 1.8), ("W4", 1, 60, 1.8), ("W4", 8, 12, None))
SUPERNOVA_VOICES = 3600 # of W4: 3.13 crashes some time after as many have ended


def cores(bench):
    rows = [row for row in CORES if bench.wanted("cores %s %d" % row[:2])]
    if not rows:
        return
    counts = sorted({1, 2, *(2 ** k for k in range(2, 8) if 2 ** k <= os.cpu_count()),
                     os.cpu_count()})
    bench.report.section(
        "cores: wall time of one thread / wall time of several, net; least of each",
        ("work, engine", -52), *(("%d" % c, 8) for c in counts), ("CPU x2", 9),
        ("goal", 7), ("", 8))
    for work, n, seconds, goal in rows:
        title = "%s %d" % (work, n) if work == "W2" else "W4, %d a second" % (200 * n)
        for name, parallel, how in (("phonond", 0, ""), ("supernova", 0, ", no ParGroup"),
                                    ("supernova", 1, ", voices in a ParGroup"),
                                    ("supernova", 2, ", ParGroup of 2 groups")):
            if parallel == 2 and work == "W4":
                continue
            length = bench.length(seconds)
            if name == "supernova" and work == "W4":
                length = min(length, SUPERNOVA_VOICES / (200 * n))
            cells = scaling(bench, bench.engines.get(name), counts, work, n, length, parallel)
            label = "%s, %s%s" % (title, name, how)
            if isinstance(cells, str):
                bench.report.row(label, cells or bench.absent.get(name, ""))
            elif name == "phonond":
                bench.report.row(label, *(number(c) for c in cells), number(goal),
                                 verdict(cells[1], goal))
            else:
                bench.report.row(label, *(number(c) for c in cells), "", "")
    bench.report.note(
        "CPU x2: CPU time of two threads / CPU time of one; %d cores here, load %.1f: "
        "threads show what they can only where nothing else runs"
        % (os.cpu_count(), os.getloadavg()[0]))


def scaling(bench, engine, counts, work, n, seconds, parallel):
    """Speed-ups for `counts` threads, then the CPU time of two over that of one."""
    columns = [Column(engine, "%d" % c, threads=c) for c in counts]
    if engine is None:
        return ""
    if not columns[1].available():
        return "no --threads"
    if os.cpu_count() < 2:
        return "needs two cores"
    in_turns(bench, columns, bench.scores.work(work, n, seconds, parallel),
             bench.scores.work("empty", 0, seconds))
    problem = [c.problem for c in columns if c.problem]
    if problem:
        return problem[0]
    speed = [min(columns[0].net("wall")) / min(c.net("wall")) for c in columns]
    return speed + [min(columns[1].net()) / min(columns[0].net())]


# ---- silence -------------------------------------------------------------------------------------

N_SILENT, SILENT_SECONDS = 1000, 4


def silence_scores(bench, seconds):
    """name -> (sounding, idle) paths."""
    folder, n = bench.folder, N_SILENT
    every = range(works.FIRST_VOICE, works.FIRST_VOICE + n)
    mute = [(0.0, message("/n_set", works.GROUP, "amp", 0.0))]
    pause = [(0.0, message("/n_run", node, 0)) for node in every]
    ring = [(0.0, message("/n_set", works.GROUP, "rate", 200.0))]
    static = lambda name, work, extra: bench.scores.path(
        "silence-%s-%g" % (name, seconds),
        lambda: works.static(folder, work, n, seconds, extra=extra))
    loud, rings = static("loud", "W2", ()), static("rings", "ring", ring)
    return (("paused (W2)", loud, static("paused", "W2", pause)),
            ("silent, sustained (W2, amp 0)", loud, static("mute", "W2", mute)),
            ("rung out to denormals (s_ring)", rings, static("tail", "ring", ())))


def silence(bench):
    if not bench.wanted("silence"):
        return
    seconds = bench.length(SILENT_SECONDS)
    bench.report.section("silence: CPU time of %d idle voices / of the same sounding, net" %
                         N_SILENT,
                         ("voices", -34), ("scsynth", 10), ("phonond", 10), ("goal", 8), ("", 8))
    partner = bench.scores.work("empty", 0, seconds)
    for name, loud, idle in silence_scores(bench, seconds):
        cells = {}
        for engine in ("scsynth", "phonond"):
            column = Column(bench.engines.get(engine), engine)
            cells[engine] = idle_share(bench, column, loud, idle, partner)
        ours = cells["phonond"]
        if isinstance(ours, str):
            bench.report.row(name, "phonond: " + ours)
            continue
        peer = cells["scsynth"] if not isinstance(cells["scsynth"], str) else None
        bench.report.row(name, number(peer), number(ours), "<= 1.05",
                         verdict(ours, 1.05, at_most=True))


def idle_share(bench, column, loud, idle, partner):
    """Median of idle / sounding, or why there is none."""
    if not column.available():
        return None if column.engine is None else "not there"
    sounding, silent = [], []
    for _ in range(bench.rounds):
        for score, into in ((loud, sounding), (idle, silent)):
            column.start()
            column.once(bench, score, partner)
            if column.problem:
                return column.problem
            into += column.net()
    return median(ratios(silent, sounding))


# ---- events --------------------------------------------------------------------------------------

EVENTS_PER_SECOND, EVENT_SECONDS, EVENT_GOAL_US = 50000, 6, 0.5


def events(bench):
    if not bench.wanted("events"):
        return
    seconds, n = bench.length(EVENT_SECONDS), EVENTS_PER_SECOND
    bench.report.section("events: microseconds for each of %d voices of 5 ms a second, net" % n,
                         ("engine", -34), ("least", 10), ("median", 10), ("goal", 8), ("", 8))
    score = bench.scores.path("ticks-%g" % seconds, lambda: works.ticks(bench.folder, seconds, n))
    partner = bench.scores.work("empty", 0, seconds + 0.1)
    columns = [Column(bench.engines.get(name), name)
               for name in ("scsynth", "phonond", "supernova")]
    in_turns(bench, columns, score, partner)
    for c in columns:
        if not c.full:
            bench.report.row(c.title, c.problem or bench.absent.get(c.title, "not there"))
            continue
        us = [1e6 * x / (n * seconds) for x in c.net()]
        goal = ("<= %g" % EVENT_GOAL_US, verdict(median(us), EVENT_GOAL_US, at_most=True))
        bench.report.row(c.title, number(min(us)), number(median(us)),
                         *(goal if c.title == "phonond" else ("", "")))
    bench.report.note("the voice itself is in it: a line and an output for 4 to 5 blocks")


# ---- blocks --------------------------------------------------------------------------------------

BLOCKS = (("W2", 512, 10), ("W3", 512, 10), ("W4", 1, 30), ("W6full", 1, 30))


def blocks(bench):
    rows = [row for row in BLOCKS if bench.wanted("blocks %s" % row[0])]
    if not rows:
        return
    budget = 1e6 * 64 / works.RATE
    bench.report.section("blocks of 64 frames: microseconds of %.0f" % budget,
                         ("work", -24), ("mean", 10), ("99.9 %", 10), ("worst", 10),
                         ("worst, % of block", 20))
    phonond = bench.engines.get("phonond")
    for work, n, seconds in rows:
        name = "%s %d" % (work, n) if work in works.STATIC else work
        if phonond is None or not phonond.has("--blocks"):
            bench.report.row(name, bench.absent.get("phonond", "phonond has no --blocks"))
            continue
        least = block_times(bench, phonond, bench.scores.work(work, n, bench.length(seconds)))
        if isinstance(least, str):
            bench.report.row(name, least)
            continue
        ordered = sorted(least)
        worst = ordered[-1]
        bench.report.row(name, number(sum(least) / len(least)),
                         number(ordered[int(0.999 * len(least))]),
                         number(worst), number(100 * worst / budget))
    bench.report.note(
        "each block's least time of %d runs: what every run spends is the engine's, the "
        "rest the machine's; all voices of W2 and W3 are born in one block" %
        bench.rounds)
    bench.report.note("scsynth -N does not tell; its blocks under JACK are below")


def block_times(bench, phonond, score):
    """Microseconds of each block, the least of all rounds."""
    path = os.path.join(bench.folder, "blocks.txt")
    least = None
    try:
        for _ in range(bench.rounds):
            run(phonond.offline(score) + ["--blocks", path], bench.folder)
            with open(path) as f:
                spent = [int(line) / 1000 for line in f]
            least = spent if least is None else [min(a, b) for a, b in zip(least, spent)]
    except (Failed, OSError, ValueError) as e:
        return str(e)
    return least or "no blocks"
