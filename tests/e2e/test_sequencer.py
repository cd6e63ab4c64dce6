# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits, tempo changes, jumps and nudges at random moments:
each event on its frame, exactly once."""
import json
import random
import socket
import struct
import time
from fractions import Fraction
from math import floor

from support import RATE, RENDER, Daemon, Folder, Sound, main, run

BLOCK = 64
SHORT = 20  # frames that a voice of PROGRAM lasts, at most
PROGRAM = 'tempo: %s\nout $ s "rim*%d" # gain %s # dur 0.0001 # release 0.0002%s\n'
LATENCY = RATE // 1000  # of the safety limiter, in what a daemon captures


def round_half_up(x):
    return floor(x + Fraction(1, 2))


class Clock:
    """From a frame on: a cycle position and a tempo, in exact fractions."""

    def __init__(self, frame, cycle, cps):
        self.frame, self.cycle, self.cps = frame, Fraction(cycle), Fraction(cps)

    def cycle_at(self, frame):
        return self.cycle + (frame - self.frame) * self.cps / RATE

    def frame_of(self, cycle):
        return self.frame + round_half_up((cycle - self.cycle) * RATE / self.cps)

    def at(self, frame, cps=None, cycle=None, later=0):
        position = self.cycle_at(frame) if cycle is None else Fraction(cycle)
        return Clock(frame, position - later, self.cps if cps is None else cps)


class Part:
    """What plays from a frame on: `n` events a cycle under a clock;
    `past`: clocks that have run, and until when."""

    def __init__(self, frame, clock, n, gain, nudge=0, past=()):
        self.frame, self.clock, self.n, self.gain, self.nudge, self.past = \
            frame, clock, n, gain, nudge, past

    def events(self, end):
        """(frame, gain) of the events whose own frame lies before `end`."""
        first = floor(self.clock.cycle) - 8
        nudge = round_half_up(Fraction(self.nudge) * RATE)
        for k in range(first * self.n, (first + 40) * self.n):
            onset = self.clock.frame_of(Fraction(k, self.n))
            clocks = self.past if self.past else [(self.clock, self.frame)]
            early = min(nudge, 0) if self.past else 0
            if any(c.frame_of(Fraction(k, self.n)) + early < until for c, until in clocks):
                continue
            onset = max(onset, self.frame)
            due = max(onset + nudge, self.frame)
            if (onset if nudge > 0 else due) < end:
                yield due, self.gain


def expected(parts, n_frames):
    """Frame -> gains that start there, added up."""
    found = {}
    for part, end in zip(parts, [p.frame for p in parts[1:]] + [n_frames + RATE]):
        for frame, gain in part.events(end):
            if frame < n_frames:
                found[frame] = found.get(frame, 0) + gain
    return found


def check(sound, parts, n_frames, latency=0):
    """The sound is silent but for the expected events, and each is
    as loud as those that start on its frame."""
    want = expected(parts, n_frames - 2 * SHORT)
    left = sound.channels[0]
    got = [f - latency for f in sound.onsets(silence=SHORT) if f - latency < n_frames - 2 * SHORT]
    isolated = [f for f in sorted(want) if not any(g in want for g in range(f - 2 * SHORT, f))]
    assert got == isolated, "first difference: heard %s, expected %s" % next(
        pair for pair in zip(got + [None], isolated + [None]) if pair[0] != pair[1])
    unit = None
    for frame in isolated:
        if any(f in want for f in range(frame + 1, frame + 2 * SHORT)):
            continue
        level = max(abs(x) for x in left[frame + latency:frame + latency + SHORT]) / want[frame]
        unit = level if unit is None else unit
        assert abs(level / unit -
                   1) < 1e-4, "frame %d: %g times as loud as one event" % (frame, level / unit)
    return len(want)


def random_cps(generator):
    return Fraction(generator.randrange(20, 300), 100)


def test_random_edits_offline_with_any_look_ahead():
    with Folder() as folder:
        for seed in range(12):
            generator = random.Random(seed)
            parts, command, frame, clock = [], [], 0, Clock(0, 0, 1)
            past = []
            for i in range(5):
                cps = random_cps(generator) if i == 0 or generator.random() < 0.5 else clock.cps
                n, gain = generator.randrange(1, 12), generator.choice([0.125, 0.25, 0.5])
                nudge = generator.choice([0, Fraction(generator.randrange(-80, 300), 1000)])
                text = PROGRAM % (float(cps), n, gain,
                                  " # nudge (%s)" % float(nudge) if nudge else "")
                path = folder.file("%d-%d.ph" % (seed, i), text)
                if i == 0:
                    clock = Clock(0, 0, cps)
                else:
                    past = [(clock, frame)] + past
                    clock = clock.at(frame, cps)
                    command += ["--at", str(frame - generator.randrange(BLOCK))]
                command.append(path)
                if i == 0:
                    command.append(folder.file("%d.wav" % seed))
                parts.append(Part(frame, clock, n, gain, nudge, list(past)))
                frame += BLOCK * generator.randrange(20, 600)
            n_frames = frame + RATE // 2
            sounds = []
            for ahead in (10, generator.randrange(11, 1000), 1000):
                run(RENDER, *command, "--seconds", str(n_frames / RATE), "--look-ahead", str(ahead))
                sounds.append(Sound(folder.file("%d.wav" % seed)))
            assert sounds[0].channels == sounds[1].channels == sounds[2].channels, "seed %d" % seed
            assert check(sounds[0], parts, n_frames) > 3


def text_of(string):
    data = string.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


class Conductor:
    """Moves the clock of a daemon by OSC."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(5)

    def __call__(self, address, ratio, unit=None):
        """Returns the frame of the switch and the position that the answer tells."""
        body = struct.pack(">qq", ratio.numerator,
                           ratio.denominator) + (text_of(unit) if unit else b"")
        tags = text_of(",hhsi" if unit else ",hhi")
        self.socket.send(text_of(address) + tags + body + struct.pack(">i", 17))
        head = text_of("/done") + text_of(",sihddd") + text_of(address)
        answer = self.socket.recv(1000)
        assert answer.startswith(head), answer
        request, frame, cycle, _, _ = struct.unpack(">iqddd", answer[len(head):])
        assert request == 17
        return frame, cycle


def perform(folder, generator, ahead):
    """A daemon's capture, and what it should be; None when the
    machine was too slow for this look-ahead."""
    with Daemon("--capture", folder.file("live.wav"), "--capture-seconds", "8", "--period",
                str(generator.choice([64, 100, 256, 1024])), "--look-ahead", str(ahead)) as daemon:
        conductor = Conductor(daemon.port)
        parts, clock, past = [], Clock(0, 0, Fraction(1, 2)), []

        def send(cps):
            n, gain = generator.randrange(1, 9), generator.choice([0.125, 0.25, 0.5])
            nudge = generator.choice([0, Fraction(generator.randrange(-80, 300), 1000)])
            text = PROGRAM % (float(cps), n, gain, " # nudge (%s)" % float(nudge) if nudge else "")
            return json.loads(daemon.send("--json", "-", text=text)[0])["frame"], n, gain, nudge

        frame, n, gain, nudge = send(clock.cps)
        parts.append(Part(frame, clock, n, gain, nudge))
        for _ in range(7):
            time.sleep(generator.random() * 0.5)
            kind = generator.choice(["edit", "edit tempo", "tempo", "cycle", "nudge",
                                     "nudge seconds"])
            cps, cycle = random_cps(generator), Fraction(generator.randrange(0, 60), 12)
            later = Fraction(generator.randrange(-100, 300), 1000)
            answered = None
            if kind.startswith("edit"):
                frame, n, gain, nudge = send(cps if kind == "edit tempo" else clock.cps)
            else:
                address, unit = "/phonon/" + kind.split()[0], None
                if kind.startswith("nudge"):
                    unit = "seconds" if kind == "nudge seconds" else "cycles"
                frame, answered = conductor(address,
                                            {"tempo": cps, "cycle": cycle}.get(kind, later), unit)
            past = [] if kind == "cycle" else [(clock, frame)] + past
            clock = clock.at(frame, cps=cps if kind in ("tempo", "edit tempo") else None,
                             cycle=cycle if kind == "cycle" else None,
                             later=later * clock.cps if kind == "nudge seconds" else
                             later if kind == "nudge" else 0)
            assert answered is None or abs(answered -
                                           float(clock.cycle)) < 1e-9, (answered, clock.cycle)
            parts.append(Part(frame, clock, n, gain, nudge, list(past)))
        time.sleep(0.4)
        status = daemon.status()
    if status["late"] or status["seq_late"] or status["seq_dropped"]:
        return None
    return Sound(folder.file("live.wav")), parts, min(status["frame"], 8 * RATE) - LATENCY


def test_random_changes_live():
    with Folder() as folder:
        for seed, ahead in enumerate([100, 30, 400, 1000]):
            # a machine that stalls for longer than the look-ahead makes events late
            for attempt in range(4):
                performance = perform(folder, random.Random(seed + 100 * attempt), ahead)
                if performance:
                    break
            assert performance, "late in four performances with a look-ahead of %d ms" % ahead
            check(*performance, latency=LATENCY)


if __name__ == "__main__":
    main(globals())
