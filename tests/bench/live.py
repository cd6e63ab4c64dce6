# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured in real time: voices that hold under JACK's dummy driver, start-up, memory.

jackd is this script's own, under a name of its own, and is ended by its number.
"""
import os
import random
import shutil
import socket
import time

import works
from engines import Failed, Process
from osc import Client, bundle, message
from report import median, number, verdict

LIMIT = 80.0         # per cent of the period that the worst block may take
VOICES_MAX = 100000
BUNDLE, SYNC = 16, 256 # voices in a packet; voices between two /sync
# how long an engine's own worst block looks back, in seconds, and a little more
LOOKS_BACK = {"phonond": 10.5, "scsynth": 1.5, "supernova": 1.5}


def free_port():
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Jack(Process):
    """A server that plays into nothing."""

    def __init__(self, bench, period):
        self.server = "phonon-compare-%d" % os.getpid()
        super().__init__(["jackd", "-R" if bench.options.realtime else "-r", "-n", self.server,
                          "-d", "dummy", "-r", str(works.RATE), "-p", str(period)],
                         bench.folder, "jackd")
        time.sleep(1.0)
        if not self.is_alive():
            raise Failed("jackd: %s" % self.last_line())


def environment(jack):
    """Peers take the server's name from here; none connects its ports."""
    return {"JACK_DEFAULT_SERVER": jack.server, "JACK_NO_START_SERVER": "1",
            "SC_JACK_DEFAULT_INPUTS": "", "SC_JACK_DEFAULT_OUTPUTS": ""} if jack else {}


def start(bench, engine, jack, name):
    """A running engine and its port, not yet asked anything."""
    port = free_port()
    command = engine.live(port, threads=1)
    if engine.name == "phonond":
        command += ["--driver", "jack", "--server", jack.server, "--no-connect"] if jack else \
                   ["--driver", "dummy"]
        command += ["--simd", bench.simd] if bench.simd else []
    return Process(command, bench.folder, name, environment(jack)), port


def first_answer(process, port, timeout=20):
    """Seconds from the process's start to its first /status.reply."""
    end = time.monotonic() + timeout
    with Client(port) as client:
        while time.monotonic() < end:
            if client.status(0.002):
                return time.monotonic() - process.begin
            if not process.is_alive():
                break
            time.sleep(0.001)
    raise Failed("no /status.reply: %s" % process.last_line())


# ---- start-up and memory -------------------------------------------------------------------------

STARTUP_GOAL_MS, RESIDENT_GOAL_MB = 60, 30


def startup(bench):
    if not bench.wanted("startup"):
        return
    bench.report.section(
        "startup: to the first /status.reply, and resident memory one second later",
        ("engine", -26), ("ms, least", 11), ("median", 9), ("goal", 8), ("", 8),
        ("MB", 9), ("own MB", 9), ("goal", 8), ("", 8))
    startup_row(bench, "phonond", None, "phonond, dummy driver")
    if not shutil.which("jackd"):
        bench.report.row("under JACK", "jackd is not installed")
        return
    with Jack(bench, 256) as jack:
        for name in ("phonond", "scsynth", "supernova"):
            startup_row(bench, name, jack, name + ", JACK")
    bench.report.note(
        "own: without what is shared with other processes: libjack maps and locks the "
        "server's 105 MB into every client")


def startup_row(bench, name, jack, title):
    engine = bench.engines.get(name)
    if engine is None:
        bench.report.row(title, bench.absent[name])
        return
    times, resident, shared = [], 0, 0
    engine = type(engine)(engine.name, engine.path) # with the defaults a user gets
    for _ in range(bench.rounds):
        process, port = start(bench, engine, jack, name)
        with process:
            try:
                times.append(1000 * first_answer(process, port))
            except Failed as e:
                bench.report.row(title, str(e))
                return
            time.sleep(1.0)
            resident, shared = (n / 1e6 for n in process.resident_bytes())
    ours = name == "phonond"
    judged = lambda x, goal: ("< %g" % goal, verdict(x, goal, at_most=True)) if ours else ("", "")
    bench.report.row(title, number(min(times)), number(median(times)),
                     *judged(median(times), STARTUP_GOAL_MS), number(resident),
                     number(resident - shared), *judged(resident - shared, RESIDENT_GOAL_MB))


# ---- voices that hold ----------------------------------------------------------------------------


class Stage:
    """One engine under JACK with a number of voices of one work."""

    def __init__(self, bench, engine, port, work):
        self.bench, self.work, self.n = bench, work, 0
        self.looks_back = LOOKS_BACK[engine.name]
        self.client = Client(port)
        for m in works.setup(bench.folder, prefix=works.STATIC[work]):
            self.client.send_packet(m)
            self.client.sync(20)

    def set(self, n):
        """Adds or frees voices until there are `n`."""
        make = lambda i: works.voice(self.work, i, 10000, works.FIRST_VOICE + i)
        free = lambda i: message("/n_free", works.FIRST_VOICE + i)
        numbers, act = (range(self.n, n), make) if n > self.n else (range(n, self.n), free)
        for at in range(0, len(numbers), BUNDLE):
            self.client.send_packet(bundle(*(act(i) for i in numbers[at:at + BUNDLE])))
            if at % SYNC == 0:
                self.client.sync(20)
        self.client.sync(20)
        self.n = n

    def watch(self, seconds):
        """(mean, worst) of the period, in per cent, by the engine's own account."""
        time.sleep(self.looks_back)
        mean, worst, end = [], 0.0, time.monotonic() + seconds
        while True:
            status = self.client.status(5.0)
            if not status:
                raise Failed("no /status.reply with %d voices" % self.n)
            if status[2] < self.n:
                raise Failed("%d of %d voices play" % (status[2], self.n))
            mean.append(status[5])
            worst = max(worst, status[6])
            if time.monotonic() >= end:
                return median(mean), worst
            time.sleep(0.2)


def bracket(stage, seconds):
    """Voices that hold for a moment, and some that don't."""
    low, high, n = 0, None, 32
    for _ in range(12):
        stage.set(n)
        mean, worst = stage.watch(seconds)
        if mean < LIMIT <= worst: # perhaps it was the machine
            mean, worst = stage.watch(seconds)
        if worst < LIMIT:
            low = n
        else:
            high = n
        if high is not None and (high - low <= 0.07 * high or high < 8):
            break
        grown = n * min(8.0, 0.8 * LIMIT / max(mean, 1.0))
        n = (int((low + high) / 2) if high is not None
             else min(VOICES_MAX, int(max(grown, 1.15 * n))))
        if low == VOICES_MAX:
            break
    return low


def hold(stage, low, seconds):
    """(voices, mean, worst): the most voices from `low` down
    that hold; each number has two tries."""
    n = low
    while n >= 1:
        stage.set(n)
        for _ in range(2):
            mean, worst = stage.watch(max(0, seconds - stage.looks_back / 2))
            if worst < LIMIT:
                return n, mean, worst
        n = int(0.93 * n)
    return 0, 0.0, 0.0


def capacity_of(bench, engine, jack, work):
    process, port = start(bench, engine, jack, engine.name)
    with process:
        first_answer(process, port)
        stage = Stage(bench, engine, port, work)
        return hold(stage, bracket(stage, 1.0 if bench.quick else 3.0), bench.hold)


def capacity(bench):
    cases = [(period, work) for period in (256, 64) for work in ("W1", "W2", "W3")
             if bench.wanted("jack %d %s" % (period, work))]
    if not cases:
        return
    bench.report.section(
        "jack: voices that hold %g s, worst block under %g %% of the period" % (bench.hold, LIMIT),
        ("period, work", -14), ("scsynth", 9), ("mean %", 9), ("worst %", 9), ("phonond", 9),
        ("mean %", 9), ("worst %", 9), ("ratio", 8))
    if not shutil.which("jackd"):
        bench.report.row("all", "jackd is not installed")
        return
    for period, work in cases:
        name, cells, held = "%d, %s" % (period, work), [], []
        for engine in ("scsynth", "phonond"):
            if engine not in bench.engines:
                cells += [bench.absent[engine], "", ""]
                continue
            try:
                with Jack(bench, period) as jack:
                    n, mean, worst = capacity_of(bench, bench.engines[engine], jack, work)
            except (Failed, AssertionError) as e:
                cells += ["%s: %s" % (engine, e), "", ""]
                continue
            held.append(n)
            cells += ["%d" % n, "%.1f" % mean, "%.1f" % worst]
        if len(held) == 2 and held[0]:
            bench.report.row(name, *cells, "%.2f" % (held[1] / held[0]))
        else:
            bench.report.row(name, *(c for c in cells if c))
    bench.report.note("by each engine's own /status.reply; one thread; audio threads %s real-time "
                      "priority (--realtime); a number of voices has two tries"
                      % ("with" if bench.options.realtime else "without"))
