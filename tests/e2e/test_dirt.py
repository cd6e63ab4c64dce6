# SPDX-License-Identifier: GPL-3.0-or-later
"""The TidalCycles door: what comes in as /dirt/play is heard on its frame, whole, and nothing
else is."""
import math
import os
import random
import re
import socket
import struct
import subprocess
import sys
import time

import tidal_stream
from dirt_sounds import make_bank, write_wav
from osc import Client, bundle, message, string
from scgf import synthdef
from support import RATE, Daemon, Folder, Sound, free_port, main
from tidal_relay import elements, parameters

STREAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidal_stream.bin")
AHEAD = 0.4   # seconds from now to the first event of a test
FLAT = 0.5    # level of the sample `flat`
LEVEL = FLAT * 0.4  # ... of an event on one side: amp is 0.4
CLOCK = 48    # frames, 1 ms: the wall clock is read by a thread that a busy machine may wake late


class Door(Folder):
    """phonond with a bank, a client at the TidalCycles port and one at the server's own."""

    def __init__(self, *options, seconds=20):
        super().__init__()
        self.bank = make_bank(self.name)
        write_wav(os.path.join(self.bank, "flat", "0.wav"), [FLAT] * RATE)
        write_wav(os.path.join(self.bank, "low", "0.wav"), [FLAT / 2] * RATE)
        write_wav(os.path.join(self.bank, "low", "1.wav"), [FLAT / 4] * RATE)
        self.capture = self.file("captured.wav")
        self.port = free_port()
        self.daemon = Daemon("--dirt-port", str(self.port), "--samples", self.bank, "-T", "1", "-Z",
                             "256", "--capture", self.capture, "--capture-seconds", str(seconds),
                             *options)
        self.client, self.server = Client(self.port), Client(self.daemon.port)

    def play(self, at=None, **parameters):
        pairs = [x for name, value in parameters.items() for x in (name, value)]
        self.packet(message("/dirt/play", *pairs), at)

    def packet(self, element, at=None):
        self.client.send_packet(element if at is None else bundle(element, at=at))

    def load(self, *names):
        """Has the samples read, so that nothing waits for them later."""
        for name in names:
            self.play(s=name, gain=0.0)
        self.settle()
        time.sleep(0.1)

    def settle(self):
        """Until what was sent so far has been dealt with."""
        self.client.send("/dirt/hello")
        assert self.client.wait("/dirt/hello/reply"), "no answer to /dirt/hello"
        for _ in range(100):
            status = self.daemon.status()
            if status["dirt_waiting"] == 0:
                return status
            time.sleep(0.02)
        raise AssertionError("samples are still awaited")

    def sound(self, until):
        """What was played up to a time of the day, and the last status."""
        time.sleep(max(0.0, until + 0.1 - time.time()))
        status = self.settle()
        self.daemon.stop()
        return Sound(self.capture), status

    def __exit__(self, *error):
        if self.daemon.process.poll() is None:
            self.daemon.stop(expect=None if error[0] else 0)
        self.client.close()
        self.server.close()
        super().__exit__(*error)


def check_clean(status, events=None, ignored=0):
    for name in ("late", "stolen", "dropped_commands", "dropped_reports", "malformed",
                 "kernel_drops", "non_finite", "dirt_late", "dirt_waiting"):
        assert status[name] == 0, "%s: %s" % (name, status[name])
    found = status["dirt_ignored"]
    assert found == ignored, "ignored %d, not %d" % (found, ignored)
    found = status["dirt_events"]
    assert events is None or found == events, "%d of %d events" % (found, events)


def near(value, wanted, tolerance, what):
    assert abs(value - wanted) <= tolerance, "%s is %.6g, not %.6g" % (what, value, wanted)


def counts_of(status):
    return {int(k): int(v) for k, v in (x.split(":") for x in status["dirt_orbits"].split())}


# ---- a session of TidalCycles --------------------------------------------------------------------

def test_a_recorded_session_arrives_whole():
    packets = tidal_stream.read(STREAM)
    wanted = {}
    for _, _, _, data in packets:
        for _, element in elements(data):
            if element.startswith(b"/dirt/play\0"):
                orbit = int(parameters(element).get("orbit", 0))
                wanted[orbit] = wanted.get(orbit, 0) + 1
    with Door() as door:
        door.load("bd", "sn", "cp", "hh")
        before = door.settle()
        start = time.time() + AHEAD
        for came, port, tag, data in packets:
            time.sleep(max(0.0, start - 0.2 + came - time.time()))
            packet = tidal_stream.with_tag(data, start + (tag or 0))
            (door.client, door.server)[port].send_packet(packet)
        sound, status = door.sound(start + max(tag or 0 for _, _, tag, _ in packets) + 0.5)
    told = counts_of(status)
    told[0] -= before["dirt_events"]
    assert told == wanted, "events by orbit %s, sent were %s" % (told, wanted)
    check_clean(status, sum(wanted.values()) + before["dirt_events"], before["dirt_ignored"])
    assert status["dirt_clamped"] == before["dirt_clamped"]
    for c in (0, 1):
        assert 0.1 < sound.peak(c) <= 1, sound.peak(c)


def test_jitter_in_delivery_moves_nothing():
    random.seed(7)
    with Door() as door:
        door.load("hh")
        start = time.time() + AHEAD
        tags = [start + 0.1 * i for i in range(20)]
        sends = sorted([(tag - 0.2, tag, 0.0) for tag in tags] +
                       [(tag - 0.2 + random.uniform(0, 0.01), tag, 1.0) for tag in tags])
        for when, tag, side in sends:
            time.sleep(max(0.0, when - time.time()))
            door.play(at=tag, s="hh", pan=side)
        sound, status = door.sound(tags[-1] + 0.2)
    check_clean(status)
    left, right = sound.onsets(0), sound.onsets(1)
    assert len(left) == len(right) == len(tags), (len(left), len(right))
    assert left == right, "moved by %s frames" % [b - a for a, b in zip(left, right)]
    for onsets in (left, right):
        off = [onset - onsets[0] - (tag - tags[0]) * RATE for onset, tag in zip(onsets, tags)]
        assert max(off) - min(off) <= CLOCK, "off their tags by %s frames" % off


def test_500_events_with_one_tag_start_on_one_frame():
    with Door() as door:
        door.load("flat")
        start = time.time() + AHEAD
        door.play(at=start, s="flat", pan=0.0, amp=0.002, sustain=0.1)
        for i in range(500):  # over a tenth of a second: the estimate of the clock moves meanwhile
            door.play(at=start + 0.4, s="flat", pan=0.0, amp=0.002, sustain=0.1)
            time.sleep(0.002 if i % 10 == 0 else 0)
        sound, status = door.sound(start + 0.7)
    check_clean(status, 502)
    one, all_of_them = sound.onsets()
    for i in range(0, 48):
        near(sound.channels[0][all_of_them + i], 500 * sound.channels[0][one + i], 1e-3,
             "frame %d" % i)
    near(sound.channels[0][all_of_them + 24], 0.5, 0.002, "the level of 500")


# ---- what an event says --------------------------------------------------------------------------

def level_at(sound, onset, seconds, channel=0):
    at = onset + round(seconds * RATE)
    return sum(sound.channels[channel][at:at + 100]) / 100


def test_cut_ends_its_group_or_its_own_sound():
    with Door() as door:
        door.load("flat", "low")
        start = time.time() + AHEAD
        cases = [((1, "low", 0, 0), False), ((-1, "low", 0, 0), True), ((-1, "flat", 0, 0), False),
                 ((2, "low", 0, 0), True), ((1, "low", 0, 1), True)]
        for i, ((cut, name, n, orbit), _) in enumerate(cases):
            at = start + 0.6 * i
            first = cut if cut != 2 else 1
            door.play(at=at, s="flat", pan=0.0, cut=float(first), sustain=0.4)
            door.play(at=at + 0.2, s=name, n=n, pan=0.0, cut=float(cut), sustain=0.2, orbit=orbit)
        sound, status = door.sound(start + 0.6 * len(cases))
    check_clean(status, 2 + 2 * len(cases))
    onsets = sound.onsets()
    assert len(onsets) == len(cases), onsets
    for onset, (case, goes_on) in zip(onsets, cases):
        second = LEVEL if case[1] == "flat" else LEVEL / 2
        near(level_at(sound, onset, 0.1), LEVEL, 1e-3, "%s: the first" % (case,))
        near(level_at(sound, onset, 0.3), second + (LEVEL if goes_on else 0), 1e-3,
             "%s: both" % (case,))


def test_n_and_orbit_wrap():
    with Door() as door:
        door.load("low")
        start = time.time() + AHEAD
        events = [(0, 0), (1, 13), (2, -1), (-1, 99)]
        for i, (n, orbit) in enumerate(events):
            door.play(at=start + 0.2 * i, s="low", n=n, orbit=orbit, pan=0.0, sustain=0.1)
        sound, status = door.sound(start + 1)
        assert "orbit" in door.daemon.log()
    check_clean(status)
    assert counts_of(status) == {0: 2, 1: 1, 11: 1, 3: 1}, status["dirt_orbits"]
    levels = [level_at(sound, onset, 0.05) for onset in sound.onsets()]
    for level, (n, _) in zip(levels, events):
        near(level, LEVEL / 2 if n % 2 == 0 else LEVEL / 4, 1e-3, "n %d" % n)


def test_orbits_have_outputs_of_their_own_if_asked():
    with Door("--orbits", "3") as door:
        door.load("flat")
        start = time.time() + AHEAD
        for i in range(4):
            door.play(at=start + 0.2 * i, s="flat", orbit=i, pan=float(i % 2), sustain=0.1)
        sound, status = door.sound(start + 0.9)
    assert len(sound.channels) == 6 and status["dirt_orbits"] == "0:3 1:1 2:1"
    assert [len(sound.onsets(c)) for c in range(6)] == [1, 1, 0, 1, 1, 0]


def test_names_and_forms_of_the_message():
    with Door() as door:
        door.load("low")
        start = time.time() + AHEAD
        door.packet(message("/play2", "s", "low", "pan", 0.0, "sustain", 0.1), start)
        door.packet(message("/dirt/play", "sound", "low:1", "pan", 0, "sustain", "0.1"),
                    start + 0.2)
        door.packet(message("/dirt/play", "sustain", 0.1, "pan", 0.0, "bank", "l", "sound", "ow"),
                    start + 0.4)
        time.sleep(max(0.0, start + 0.7 - time.time()))
        door.play(s="low", n=1, pan=0.0, sustain=0.1, _id_="7", cycle=3.5, whatever="else")
        sound, status = door.sound(start + 1)
    check_clean(status)
    onsets = sound.onsets()
    wanted = [LEVEL / 2, LEVEL / 4, LEVEL / 2, LEVEL / 4]
    assert len(onsets) == len(wanted), onsets
    for onset, level in zip(onsets, wanted):
        near(level_at(sound, onset, 0.05), level, 1e-3, "level")
    for i, onset in enumerate(onsets[:3]):
        near(onset - onsets[0], 0.2 * i * RATE, CLOCK, "onset")


def test_events_as_strudel_sends_them():
    """Every number a float; a note by its name beside its number; `s` has the bank's name in
    front already."""
    with Door() as door:
        door.load("flat")
        start = time.time() + AHEAD
        for i, (name, number) in enumerate((("c3", 48.0), ("a5", 72.0), ("eb5", 72.0))):
            door.play(at=start + 2.5 * i, cps=0.5, cycle=0.25, delta=0.5, note=name,
                      midinote=number, s="flat", bank="fl", roomsize=2.0, size=2.0, clip=0.5,
                      pan=0.0, oscport=57120.0)
        sound, status = door.sound(start + 6)
    check_clean(status, 4)
    assert status["dirt_clamped"] == 0
    for onset, seconds in zip(sound.onsets(), (2, 0.5, 0.5)):
        near(level_at(sound, onset, seconds - 0.1), LEVEL, 1e-3, "level")
        assert sound.peak(0, onset + round(RATE * (seconds + 0.01)),
                          onset + round(RATE * (seconds + 0.1))) == 0


def test_a_message_outside_bundles_waits_for_its_sample():
    with Door() as door:
        # as long as an event may wait: of one without a tag it counts from its arrival
        time.sleep(5.5)
        names = ["bd", "sn", "cp", "hh", "low", "flat"]
        for name in names:
            door.play(s=name, n=1)
        for name in names:
            door.play(at=time.time() - 6, s=name, n=0)
        _, status = door.sound(time.time() + 0.5)
    assert status["dirt_events"] == 2 * len(names), status["dirt_events"]
    assert status["dirt_ignored"] == 0


def test_late_events_play_at_once_and_are_counted():
    with Door() as door:
        door.load("flat")
        time.sleep(0.6)
        door.play(at=time.time() - 0.5, s="flat", pan=0.0, sustain=0.1)
        sound, status = door.sound(time.time() + 0.3)
    assert status["dirt_late"] == 1 and status["dirt_events"] == 2
    assert 0.4 < status["dirt_late_worst"] < 1, status["dirt_late_worst"]
    assert len(sound.onsets()) == 1


# ---- questions -----------------------------------------------------------------------------------

def test_handshake_names_buses_that_move_parameters():
    with Door() as door:
        door.load("flat")
        door.client.send("/dirt/handshake")
        reply = door.client.wait("/dirt/handshake/reply")
        words = dict(zip(reply[1:5:2], reply[2:6:2]))
        assert words == {"&serverHostname": "127.0.0.1", "&serverPort": door.daemon.port}, words
        assert reply[5] == "&controlBusIndices" and reply[6:] == list(range(128)), reply[5:10]
        start = time.time() + AHEAD
        door.server.send("/c_set", 5, 0.0)
        door.play(at=start, s="flat", pan=0.0, sustain=0.6, shape="c5")
        door.server.send_packet(bundle(message("/c_set", 5, 0.9), at=start + 0.2))
        door.packet(message("dirt/setControlBus", 5, 0.5), start + 0.4)
        sound, status = door.sound(start + 0.7)
    check_clean(status, 2)
    onset = sound.onsets()[0]
    for seconds, shape in ((0.1, 0), (0.3, 0.9), (0.5, 0.5)):
        k = 2 * shape / (1 - shape)
        near(level_at(sound, onset, seconds), 0.4 * (1 + k) * FLAT / (1 + k * FLAT), 2e-3,
             "shape %g" % shape)


def test_buses_move_gains_and_what_the_orbit_does():
    """A delay adds the sound itself too, times its level: 0.04 becomes 0.08."""
    with Door() as door:
        door.load("flat")
        start = time.time() + AHEAD
        door.server.send("/c_set", 5, 0.0, 6, 1.0)
        common = dict(s="flat", pan=0.0, amp=0.08, delaytime=2.0)
        door.play(at=start, sustain=0.8, gain="c6", delay="c5", **common)
        for at, bus, value in ((0.2, 5, 1.0), (0.4, 6, 0.5), (0.6, 5, 0.0)):
            door.server.send_packet(bundle(message("/c_set", bus, value), at=start + at))
        door.play(at=start + 1, sustain=0.4, delay=0.0, **common)
        door.server.send_packet(bundle(message("/c_set", 5, 1.0), at=start + 1.2))
        sound, status = door.sound(start + 1.5)
    check_clean(status, 3)
    first, second = sound.onsets()
    for seconds, level in ((0.1, 0.04), (0.35, 0.08), (0.55, 0.08 / 16), (0.7, 0.04 / 16)):
        near(level_at(sound, first, seconds), level, 0.02 * level, "at %g s" % seconds)
    near(level_at(sound, second, 0.35), 0.04, 0.001, "a delay that follows no bus any more")


def test_questions_are_answered():
    definition = synthdef(
        "tone", [("freq", [440.0], "kr"), ("voice", [0.1], "kr"), ("out", [0.0], "kr")],
        [("SinOsc", 2, ["freq", 0.0], 1), ("BinaryOpUGen", 2, [(0, 0), "voice"], 1, 2),
         ("Out", 2, ["out", (1, 0)], 0)])
    with Door() as door:
        door.client.send("/dirt/hello")
        assert door.client.wait("/dirt/hello/reply") == ["/dirt/hello/reply"]
        door.server.send("/d_recv", definition)
        assert door.server.wait("/done", "/d_recv")
        door.client.send("/dirt/synth-info", "tone")
        answer = door.client.wait("/dirt/synth-info/reply")
        assert answer == ["/dirt/synth-info/reply", "tone freq voice out"]
        start = time.time() + AHEAD
        door.play(at=start, s="tone", n=9, voice=0.8, sustain=0.2, pan=0.5, crush=16.0)
        sound, status = door.sound(start + 0.4)
    check_clean(status, 1)
    onset = sound.onsets()[0]
    near(frequency(sound.channels[0][onset + 480:onset + 7680]), 440, 1, "pitch")


def test_an_unknown_name_is_told_once_with_the_nearest():
    with Door() as door:
        for _ in range(3):
            door.play(s="flst")
        door.play(s="qqqqqqqqqq")
        status = door.settle()
        log = door.daemon.log()
        assert log.count("'flst'") == 1 and "'flat'" in log, log
        assert status["dirt_ignored"] == 4 and status["dirt_events"] == 0
        assert status["dirt_unknown"] == "qqqqqqqqqq, flst (flat?)", status["dirt_unknown"]
        sound, _ = door.sound(time.time())
    assert sound.peak() == 0


def test_unknown_names_of_any_bytes_leave_the_status_readable():
    with Door() as door:
        door.play(s="\u00e9" * 30)
        door.play(s="a\nb\x1b[31m")
        door.play(s="supersquar")
        status = door.settle()
        assert "supersquar (supersquare?)" in status["dirt_unknown"], status["dirt_unknown"]
        assert "a?b?[31m" in status["dirt_unknown"] and "????" in status["dirt_unknown"]
        log = door.daemon.log()
        assert "did you mean 'supersquare'" in log and "\x1b" not in log, log
    assert status["dirt_ignored"] == 3


def test_a_synth_without_a_note_plays_its_own_pitch():
    definition = synthdef("hum", [("freq", [150.0], "kr"), ("out", [0.0], "kr")],
                          [("SinOsc", 2, ["freq", 0.0], 1), ("Out", 2, ["out", (0, 0)], 0)])
    events = [(dict(s="hum"), 150), (dict(s="hum", n=0), 261.63), (dict(s="superfm"), 440),
              (dict(s="superfm", note=0), 261.63)]
    with Door() as door:
        door.server.send("/d_recv", definition)
        assert door.server.wait("/done", "/d_recv")
        start = time.time() + AHEAD
        for i, (event, _) in enumerate(events):
            door.play(at=start + 0.4 * i, pan=0.0, sustain=0.3, orbit=1, **event)
        sound, status = door.sound(start + 0.4 * len(events))
    check_clean(status, len(events))
    onsets = sound.onsets()
    assert len(onsets) == len(events), onsets
    for onset, (event, hz) in zip(onsets, events):
        near(frequency(sound.channels[0][onset + 2400:onset + 9600]), hz, 2, "pitch of %s" % event)


def frequency(x):
    """Of a tone, by its rising zero crossings."""
    rising = [i - x[i] / (x[i] - x[i - 1]) for i in range(1, len(x)) if x[i - 1] <= 0 < x[i]]
    return RATE * (len(rising) - 1) / (rising[-1] - rising[0])


def test_controls_of_our_own_synths_are_told():
    with Door() as door:
        door.client.send("/dirt/synth-info", "superpwm")
        words = door.client.wait("/dirt/synth-info/reply")[1].split()
        wanted = {"freq", "voice", "semitone", "sustain"}
        assert words[0] == "superpwm" and wanted <= set(words), words
        door.client.send("/dirt/synth-info", "nothing")
        assert door.settle()["dirt_ignored"] == 1


def test_what_waits_for_samples_is_bounded_and_cheap():
    """A file that never comes: messages of 39 KB wait in 4 MiB, others play meanwhile."""
    with Door() as door:
        slow = os.path.join(door.bank, "slow")
        os.mkdir(slow)
        os.mkfifo(os.path.join(slow, "0.wav"))
        time.sleep(1)
        many = [x for i in range(1800) for x in ("parameter%d" % i, 1.0)]
        packet = message("/dirt/play", "s", "slow", *many)
        before = door.daemon.status()["resident_bytes"]
        for i in range(1000):
            door.client.send_packet(packet)
            if i % 20 == 19:  # more would not fit into the socket where the machine is slow
                status = door.daemon.status()
        assert 0 < status["dirt_waiting"] < 200 and status["dirt_ignored"] > 800
        if not os.environ.get("PHONON_SANITIZED"):  # which keeps what is freed
            assert status["resident_bytes"] - before < 8 << 20
        time.sleep(5.5)
        door.play(s="flat")
        status = door.settle()
        assert status["dirt_waiting"] == 0 and status["dirt_ignored"] == 1000


def test_status_tells_of_events_in_words():
    with Door() as door:
        door.load("flat")
        time.sleep(0.6)
        door.play(at=time.time() - 0.5, s="flat", orbit=3)
        door.play(s="flat", orbit=15)
        door.play(s="flst")
        door.settle()
        told = [" ".join(line.split()) for line in door.daemon.send("status")[0].splitlines()]
    assert "TidalCycles events 3" in told, told
    told = told[told.index("TidalCycles events 3"):]
    assert told[1:3] == ["orbit 0 1", "orbit 3 2"], told
    assert told[3].startswith("late 1, by up to ") and told[3].endswith(" ms"), told
    assert 400 < float(told[3].split()[-2]) < 1000, told
    assert told[4:] == ["ignored 1", "values out of range 1", "waiting for samples 0",
                        "unknown names flst (flat?)"], told


# ---- bad input -----------------------------------------------------------------------------------

def test_events_that_cannot_be_played_are_counted_and_silent():
    bad = [dict(n=1, orbit=0), dict(s=5), dict(s=1.5, n="x"), dict(s="flat", speed=0.0),
           dict(s="flat", legato=-1.0), dict(s="flat", sustain=0.0),
           dict(s="flat", begin=0.5, end=0.5), dict(s="nothing"), dict(s=b"\1\2\3")]
    with Door() as door:
        door.load("flat")
        for event in bad:
            door.play(**event)
        for rest in ("\\", ""):
            door.play(s=rest)
        sound, status = door.sound(time.time() + 0.3)
    check_clean(status, 1, len(bad))
    assert sound.peak() == 0


def ten_thousand():
    """`flat`, and behind it as many names as a datagram holds, all with a value that has no
    bytes."""
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    names = ["%s%s%s" % (a, b, c) for a in letters[:10] for b in letters for c in letters][:10000]
    tags = ",sssfsf" + "sT" * len(names)
    body = b"".join(string(x) if isinstance(x, str) else struct.pack(">f", x)
                    for x in ("s", "flat", "pan", 0.0, "sustain", 0.1))
    return string("/dirt/play") + string(tags) + body + b"".join(n.encode() + b"\0" for n in names)


def test_values_that_make_no_sense_leave_the_level_as_it_is():
    nan, inf = float("nan"), float("inf")
    good = dict(s="flat", pan=0.0, sustain=0.1)
    odd = [dict(gain=nan), dict(gain=inf), dict(amp=nan), dict(gain="loud"), dict(shape=nan),
           dict(orbit=nan), dict(delay=nan, room=inf), dict(lag=nan), dict(speed=nan), dict(unit=3),
           dict(vowel=1.0), dict(n=inf), dict(cutoff="c99999999999"), dict(note=b"abc")]
    with Door() as door:
        door.load("flat")
        start = time.time() + AHEAD
        for i, event in enumerate(odd):
            door.play(at=start + 0.2 * i, **dict(good, **event))
        door.packet(ten_thousand(), start + 0.2 * len(odd))
        sound, status = door.sound(start + 0.2 * len(odd) + 0.4)
    check_clean(status, len(odd) + 2)
    assert status["dirt_clamped"] >= len(odd), status["dirt_clamped"]
    onsets = sound.onsets()
    assert len(onsets) == len(odd) + 1, len(onsets)
    for onset, event in zip(onsets, odd + [{"10000": 1}]):
        near(level_at(sound, onset, 0.05), LEVEL, 1e-3, "level with %s" % event)


def test_the_limiter_holds_whatever_is_asked_for():
    loud = [dict(gain=1e9), dict(amp=1e9), dict(gain=-1e9), dict(overgain=1e30),
            dict(cutoff=100.0, resonance=1e9), dict(hcutoff=-1e9, hresonance=5.0),
            dict(bandf=1e9, bandq=1e9), dict(shape=1.0, amp=10.0), dict(crush=-1e9),
            dict(coarse=1e9), dict(delay=1e9, delaytime=0.01, delayfeedback=2.0),
            dict(room=1e9, size=1e9), dict(speed=1e9), dict(speed=-1e-9), dict(accelerate=1e9),
            dict(distort=1e9), dict(krush=1e9), dict(octer=1e9),
            dict(ring=1e9, ringf=1e9, ringdf=-1e9), dict(leslie=1e9, lrate=1e9), dict(squiz=1e9),
            dict(triode=1e9), dict(note=1e9), dict(octave=-1e9), dict(freq=-1.0), dict(pan=1e30),
            dict(tremolorate=1e9, tremolodepth=1e9), dict(phaserrate=1e9, phaserdepth=1e9),
            dict(fshift=1e9), dict(lag=-1e9), dict(offset=1e9), dict(channel=1e9), dict(loop=1e9),
            dict(s="flat", timescale=1e9), dict(s="flat", timescale=1e9, timescalewin=0.0),
            dict(s="flat", timescale=0.0), dict(limitertype=1e9, amp=1e9),
            dict(limitertype=0.0, amp=1e9), dict(unit="c", cps=1e9), dict(cut=1e30)]
    with Door() as door:
        door.load("sn")
        start = time.time() + AHEAD
        for i, event in enumerate(loud):
            door.play(at=start + 0.02 * i, **dict(dict(s="sn", orbit=i % 12), **event))
        sound, status = door.sound(start + 0.02 * len(loud) + 1)
    assert status["non_finite"] == 0, status["non_finite_in"]
    assert status["dirt_events"] + status["dirt_ignored"] == len(loud) + 1
    assert all(math.isfinite(x) for channel in sound.channels for x in channel)
    peak = max(sound.peak(0), sound.peak(1))
    assert 0.5 < peak <= 1, peak


DIRT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "server", "dirt")
RANDOM_SECONDS = float(os.environ.get("PHONON_RANDOM_SECONDS", "3"))


def names_in(header, pattern):
    with open(os.path.join(DIRT, header)) as f:
        return re.findall(pattern, f.read())


def random_event(names, sounds):
    """Some parameters of those that there are, at values that a hand, a slip or a broken program
    may send."""
    extremes = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30, 1e30, -1e30, float("nan"), float("inf"),
                3.4e38, 0, 1, -1, 2**31 - 1, -2**31, "a", "c3", "a7", "c", "", "1e9", b"", "r", "e",
                "c2147483647", "a99999"]
    event = {}
    for name in random.sample(names, random.choice((1, 3, 8, 30, len(names)))):
        kind = random.random()
        event[name] = (random.random() if kind < 0.4 else random.uniform(-10, 10) if kind < 0.6 else
                       random.choice((20.0, 200.0, 2000.0))
                       if kind < 0.7 else random.choice(extremes))
    event["s"] = random.choice(sounds)
    return event


def test_random_events_do_no_harm():
    random.seed(5)
    names = names_in("params.h", r'P\(\w+, "(\w+)"')
    synths = names_in("synth_parts.h", r" S\((\w+), \d\)")
    assert len(names) > 80 and len(synths) > 40, (names, synths)
    sounds = 10 * ["bd", "sn", "hh", "flat"] + synths
    with Door() as door:
        door.load("bd", "sn", "hh", "flat")
        start, sent = time.time(), 0
        while time.time() < start + RANDOM_SECONDS:
            for _ in range(4):
                door.play(at=time.time() + random.uniform(-0.1, 0.3), **random_event(names, sounds))
            sent += 4
            time.sleep(0.02)
        sound, status = door.sound(time.time() + 0.5)
    assert status["dirt_events"] + status["dirt_ignored"] == sent + 4
    assert status["non_finite"] == 0, status["non_finite_in"]
    assert all(math.isfinite(x) and abs(x) <= 1 for channel in sound.channels for x in channel)


def test_what_follows_a_bus_ends_as_well():
    """A bus may say anything; no voice lasts longer, plays another buffer or writes elsewhere."""
    names = ("sustain", "fadeTime", "fadeInTime", "bufnum", "out", "in", "frames", "readrate",
             "begin", "end", "speed", "level")
    with Door() as door:
        door.load("flat")
        door.server.send("/c_set", 3, 1e30)
        for name in names:
            for s in ("flat", "superpwm"):
                door.play(s=s, amp=0.01, legato=0.1, delta=1.0, **{name: "c3"})
        time.sleep(1.5)
        status = door.settle()
        assert status["voices"] == 0, "%d voices are left" % status["voices"]
        assert status["dirt_events"] == 1 + 2 * len(names)
        assert status["non_finite"] == 0, status["non_finite_in"]


def test_more_sets_of_effects_than_are_kept_play_all_the_same():
    """Definitions are forgotten while voices play them: 256 are kept."""
    effects = [dict(shape=0.2), dict(hcutoff=50.0), dict(crush=8.0), dict(coarse=2.0),
               dict(cutoff=3000.0), dict(tremolorate=3.0), dict(phaserrate=2.0), dict(squiz=2.0),
               dict(triode=0.3)]
    with Door("--voices", "1024") as door:  # a slow machine may play all at once
        door.load("flat")
        for i in range(1 << len(effects)):
            chosen = {k: v for bit, e in enumerate(effects) if i >> bit & 1 for k, v in e.items()}
            door.play(s="flat", sustain=0.5, amp=0.001, **chosen)
            time.sleep(0.001)
        sound, status = door.sound(time.time() + 0.7)
    check_clean(status, 1 + (1 << len(effects)))
    assert 0 < sound.peak() <= 1


def test_time_tags_an_hour_away_are_played_soon():
    with Door() as door:
        door.load("flat")
        start = time.time()
        door.play(at=start + 3600, s="flat", pan=0.0, sustain=0.1)
        door.play(at=start + 3601, s="flat", pan=0.0, sustain=0.1)
        time.sleep(0.6)
        door.play(at=start - 3600, s="flat", pan=0.0, sustain=0.1)
        sound, status = door.sound(time.time() + 0.4)
        assert door.daemon.log().count("clock") == 1, door.daemon.log()
    assert len(sound.onsets()) == 2 and status["dirt_late"] == 1 and status["dirt_events"] == 4


def test_damaged_packets_do_no_harm():
    random.seed(11)
    packets = [data for _, port, _, data in tidal_stream.read(STREAM) if port == 0]
    with Door() as door:
        door.load("bd", "sn", "cp", "hh")
        for data in packets:
            whole = tidal_stream.with_tag(data, time.time() + 0.2)
            door.client.send_packet(whole[:random.randrange(len(whole))])
            bent = bytearray(whole)
            for _ in range(random.randrange(1, 6)):
                bent[random.randrange(20, len(bent))] = random.randrange(256)
            door.client.send_packet(bytes(bent))
        status = door.settle()
        assert status["malformed"] >= len(packets) / 2, status["malformed"]
        start = time.time() + AHEAD
        events = status["dirt_events"]
        door.play(at=start, s="hh")
        sound, status = door.sound(start + 0.3)
    assert status["dirt_events"] >= events + 1 and status["non_finite"] == 0
    assert sound.peak() <= 1


# ---- the port ------------------------------------------------------------------------------------

HOLDER = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
print("held", flush=True)
time.sleep(60)
"""


def test_a_port_that_another_holds_is_told_with_its_holder():
    port = free_port()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(port)], stdout=subprocess.PIPE,
                              text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with Daemon("--dirt-port", str(port)) as daemon:
            log = daemon.log()
            lines = [line for line in log.splitlines() if "TidalCycles" in line]
            assert len(lines) == 1 and str(port) in lines[0] and str(holder.pid) in lines[0], log
            assert "python" in lines[0] and "--dirt-port" in lines[0], log
            assert daemon.status()["dirt_events"] == 0  # it goes on
    finally:
        holder.terminate()
        holder.wait()


def test_no_dirt_leaves_the_port_alone():
    port = free_port()
    with Daemon("--dirt-port", str(port), "--no-dirt"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", port))


if __name__ == "__main__":
    main(globals(), at_once=3)  # they wait for the time of their events
