#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buffers and definitions: scsynth and phonond get the same commands and say and hold the same.

usage: test_scsynth_buffers.py [PORT of a scsynth that runs already]

Skipped where scsynth or jackd is missing or can't run. What scsynth does not survive, or never
answers (numbers of buffers that do not exist, sizes below 1, frames behind the end of a file), is
not asked here.
"""
import os
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("PHONON_BUILD", ".")
import osc  # noqa: E402
import scgf  # noqa: E402
from scgf import AUDIO, CONTROL, DEMAND, SCALAR, Graph  # noqa: E402
from support import PHONOND, Daemon, Folder, free_port, main, run  # noqa: E402

FRAMES = 512
CLOSE = 2e-6  # of a value near 1: both compute in double and store a float


class Scsynth:
    """scsynth on a JACK server of its own, both ended by their process ids."""

    def __init__(self):
        self.name, self.port = "ph_buffers_%d" % os.getpid(), free_port()
        self.jack = self.start("jackd", "-r", "-n", self.name, "-d", "dummy", "-r", "48000",
                               "-p", "256")
        for _ in range(20):  # until JACK is there it ends at once
            time.sleep(0.5)
            self.server = self.start("scsynth", "-u", str(self.port), "-R", "0")
            self.client = osc.Client(self.port)
            while self.server.poll() is None:
                self.client.send("/status")
                time.sleep(0.1)
                if self.client.wait("/status.reply", seconds=0.2):
                    return
        self.__exit__()
        sys.exit(77)

    def start(self, *command):
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env=dict(os.environ, JACK_DEFAULT_SERVER=self.name))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for process in (self.server, self.jack):
            process.terminate()
            process.wait()


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= CLOSE * max(1, abs(a))
    return a == b


def equal(a, b):
    return len(a) == len(b) and all(len(x) == len(y) and all(map(same, x, y)) for x, y in zip(a, b))


def first_difference(a, b):
    for x, y in zip(a, b):
        if not equal([x], [y]):
            at = [i for i, pair in enumerate(zip(x, y)) if not same(*pair)]
            return "scsynth %s, phonond %s, differing first at %s" % (
                str(x)[:300], str(y)[:300], at[:3])
    return "scsynth %s, phonond %s" % (a, b)


def compare(steps):
    """Each step is one message; what comes back up to the end of its work must be equal."""
    wrong = []
    for step in steps:
        heard = []
        for client in CLIENTS:
            client.socket.send(step if isinstance(step, bytes) else osc.message(*step))
            heard.append(client.sync())
        if not equal(*heard):
            wrong.append("%s: %s" % (str(step)[:120], first_difference(*heard)))
    assert not wrong, "\n  " + "\n  ".join(wrong)


def contents(buffer, n=FRAMES):
    return ("/b_getn", buffer, 0, n)


def alloc(number, frames=FRAMES, channels=1):
    return ("/b_alloc", number, frames, channels)


# ---- values -------------------------------------------------------------------------------------


def test_values_and_questions():
    compare([
        alloc(0, 100), alloc(1, 8, 2), ("/b_query", 0, 1, 2),
        ("/b_set", 0, 5, 1.0, 7, 2), ("/b_set", 0, 3, 0.5, 100, 2.0), ("/b_get", 0, 3, 5, 7),
        ("/b_get", 0, 100), ("/b_get", 0),
        ("/b_getn", 0, 3, 2, 6, 2), ("/b_getn", 0, -1, 5), ("/b_getn", 0, 99, 2),
        ("/b_getn", 0, 99, 0), ("/b_getn", 0),
        ("/b_setn", 0, -2, 4, 1.0, 2.0, 3.0, 4.0), ("/b_setn", 0, 98, 4, 1.0, 2.0, 3.0, 4.0),
        ("/b_setn", 0, 10, 2, 1.0, 2.0, 20, 2, 3.0, 4.0), ("/b_setn", 0, 30, 5, 9.0, 8.0),
        contents(0, 100),
        ("/b_fill", 0, 0, 4, 0.5, 98, 5, 0.25, 50, 2, 7), contents(0, 100), ("/b_zero", 0),
        contents(0, 100), ("/b_zero", 2),
        ("/b_set", 2, 0, 1.0), ("/b_free", 1), ("/b_query", 1),
        ("/b_free", 1, osc.message("/b_query", 1)), ("/b_free", 3),
        ("/b_alloc", 4, 64.0, 2.0), ("/b_alloc", 6, 64, 2, 0),
        ("/b_alloc", 8, 64, 2, osc.message("/b_query", 8)), ("/b_query", 4, 6),
        (35, 0, 1, 0.25), (42, 0, 1), ("b_get", 0, 1),
    ])


def test_a_bundle_with_completion_messages():
    nested = osc.message("/b_alloc", 11, 16, 1, osc.message("/b_query", 10, 11))
    compare([
        osc.bundle(osc.message("/b_alloc", 10, 16, 1, nested), osc.message("/b_query", 10)),
        osc.bundle(osc.message("/b_alloc", 12, 8, 2), osc.message("/sync", 5),
                   osc.message("/b_free", 10)),
        osc.bundle(osc.message("/error", -1), osc.message("/b_gen", 0, "nothing"),
                   osc.message("/error", -2), osc.message("/b_gen", 0)),
        osc.message("/b_gen", 0, "nothing"),
    ])


# ---- generators ---------------------------------------------------------------------------------


def test_generators():
    steps = [alloc(20)]
    for flags in range(8):
        for name, numbers in (("sine1", [1.0, 0.5, 0.0, 0.25]), ("sine2", [1.0, 0.5, 2.5, 0.25]),
                              ("sine3", [1.0, 0.5, 0.3, 3.0, 0.25, 1.0]),
                              ("cheby", [1.0, 0.0, 0.5, 0.25])):
            steps += [("/b_gen", 20, name, flags, *numbers), contents(20)]
    steps += [("/b_gen", 20, "sine1", 5), contents(20), ("/b_gen", 20, "sine1", 7, 0.3, 0.2),
              ("/b_gen", 20, "normalize"), contents(20),
              ("/b_gen", 20, "normalize", 0.25), contents(20), ("/b_gen", 20, "wnormalize", 0.5),
              contents(20),
              ("/b_zero", 20), ("/b_gen", 20, "normalize", 1.0), ("/b_gen", 20, "cantorFill"),
              contents(20),
              alloc(21, FRAMES, 2), ("/b_gen", 21, "sine1", 7, 1.0), contents(21),
              ("/b_gen", 22, "sine1", 7, 1.0),
              ("/b_gen", 20, "nosuch"), ("/b_gen", 20)]
    compare(steps)


def test_copies():
    steps = [alloc(24), alloc(25, 64), alloc(26, 64, 2), ("/b_gen", 24, "sine1", 7, 1.0, 0.5)]
    for to, source, begin, n in ((0, 24, 0, -1), (10, 24, 500, -1), (60, 24, 3, 100),
                                 (-5, 24, -5, 4), (0, 24, 0, 0), (100, 24, 9, 9)):
        steps += [("/b_gen", 25, "copy", to, source, begin, n), contents(25, 64)]
    compare(steps + [("/b_gen", 26, "copy", 0, 24, 0, -1), contents(26, 128),
                     ("/b_gen", 24, "copy", 3, 24, 0, 100), contents(24)])


def test_one_segment_of_each_shape():
    """One, for of several scsynth cuts the later ones short;
    its sine and welch shapes go astray."""
    steps = [alloc(28)]
    for shape in (0, 1, 2, 5, 6, 7, 8):
        for begin, end in ((0.1, 0.9), (0.9, 0.1)):
            steps += [("/b_gen", 28, "env", begin, 1, -99, -99, end, 1.0, shape, -4.0),
                      contents(28)]
    compare(steps)


def test_spectra_for_convolution():
    compare([alloc(30, 300), ("/b_gen", 30, "sine2", 4, 3.3, 0.4, 17.1, 0.3), alloc(31, 1536),
             alloc(32, 1024),
             ("/b_gen", 31, "PreparePartConv", 30, 256), contents(31, 768),
             ("/b_gen", 32, "PreparePartConv", 30, 512),
             contents(32, 1024)])


# ---- files --------------------------------------------------------------------------------------


def test_every_format():
    headers = ["aiff", "WAV", "wavex", "riff", "wave", "sun", "next", "ircam", "raw", "paf", "svx",
               "nist", "voc", "w64", "mat4", "mat5",
               "pvf", "xi", "htk", "avr", "flac", "caf", "rf64", "nothing"]
    samples = ["int8", "uint8", "int16", "int24", "int32", "float", "double", "mulaw", "alaw",
               "vorbis", "nothing"]
    with Folder() as folder:
        base = [alloc(40, 1000), ("/b_gen", 40, "sine1", 7, 1.0, 0.5)]
        compare(base)
        wrong = []
        for header in headers:
            for sample in samples:
                path = folder.file("%s.%s" % (header, sample))
                try:
                    compare([("/b_write", 40, path, header, sample), alloc(41, 8),
                             ("/b_allocRead", 41, path), contents(41, 8),
                             ("/b_query", 41)])
                except AssertionError as error:
                    wrong.append("%s %s%s" % (header, sample, error))
        assert not wrong, "".join(wrong)


def test_parts_of_files():
    with Folder() as folder:
        path, far = folder.file("a.wav"), folder.file("no") + "/a.wav"
        compare([
            alloc(42, 100, 2), ("/b_setn", 42, 0, 4, 0.1, 0.2, 0.3, 0.4),
            ("/b_setn", 42, 190, 3, -0.5, 2.0, 0.75),
            ("/b_write", 42, path, "wav", "float"), ("/b_write", 42, far, "wav", "float"),
            ("/b_write", 42, folder.file("b.wav"), "wav", "int16", 10, 95, 0,
             osc.message("/b_query", 42)),
            ("/b_allocRead", 43, folder.file("b.wav")), ("/b_query", 43), ("/b_getn", 43, 0, 10),
            ("/b_allocRead", 43, path, 50, -1), ("/b_query", 43),
            ("/b_allocRead", 43, path, -10, 10, osc.message("/b_query", 43)),
            ("/b_query", 43), contents(43, 20),
            ("/b_allocRead", 43, far), ("/b_allocRead", 43), ("/b_allocRead", 43, 5),
            ("/b_allocRead", 43, folder.file("x", "no sound at all")),
            ("/b_allocReadChannel", 44, path, 0, 0, 1), contents(44, 100),
            ("/b_allocReadChannel", 44, path, 0, 3, 1, 0, 1), contents(44, 9),
            ("/b_allocReadChannel", 44, path, 0, 0, 2), ("/b_allocReadChannel", 44, path, 95, 0),
            ("/b_query", 44), contents(44, 10),
            alloc(45, 8, 2), ("/b_read", 45, path), contents(45, 16),
            ("/b_read", 45, path, 1, 2, 6), contents(45, 16),
            ("/b_read", 45, path, 0, -1, 8), ("/b_read", 45, far), ("/b_read", 46, far),
            alloc(47, 8), ("/b_read", 47, path),
            ("/b_readChannel", 47, path, 95, -1, 2, 0, 1), contents(47, 8),
            ("/b_readChannel", 47, path, 0, -1, 0, 0, 5),
            ("/b_close", 47), ("/b_close", 48, osc.message("/b_query", 47)),
        ])


def stream_defs():
    disk_in = Graph("in", buf=0, out=0)
    disk_in.unit("Out", AUDIO, disk_in.control("out"),
                 disk_in.unit("DiskIn", AUDIO, disk_in.control("buf"), 1))
    disk_out = Graph("out", buf=0)
    sine = disk_out.unit("Impulse", AUDIO, 1000, 0)
    disk_out.unit("DiskOut", AUDIO, disk_out.control("buf"), sine)
    return osc.message("/d_recv", scgf.write([disk_in.made(), disk_out.made()]))


def read_floats(path):
    with open(path, "rb") as file:
        data = file.read()
    at = data.index(b"data") + 8
    return struct.unpack("<%df" % ((len(data) - at) // 4), data[at:])


def test_a_synth_records_to_a_file_up_to_its_end():
    """DiskOut writes all it got: an impulse each 48 frames, and no gap."""
    with Folder() as folder:
        for i, client in enumerate(CLIENTS):
            path = folder.file("rec%d.wav" % i)
            for step in (stream_defs(), osc.message("/b_alloc", 50, 8192, 1),
                         osc.message("/b_write", 50, path, "wav", "float", 0, 0, 1)):
                client.socket.send(step)
                client.sync()
            client.send("/s_new", "out", 1000, 0, 0, "buf", 50)
            time.sleep(0.7)
            client.send("/n_free", 1000)
            client.sync()
            time.sleep(0.3)
            client.send("/b_close", 50)
            heard = client.sync()
            assert ["/done", "/b_close", 50] in heard, heard
            frames = read_floats(path)
            assert 0.6 * 48000 < len(frames) < 1.2 * 48000, (i, len(frames))
            hits = [n for n, x in enumerate(frames) if x != 0]
            assert hits == list(range(hits[0], len(frames), 48)), (i, hits[:5])


def test_a_file_streams_in_order():
    """DiskIn through a small buffer gives a ramp that never jumps;
    phonond alone: what it plays is recorded."""
    client = CLIENTS[1]
    with Folder() as folder:
        path, out = folder.file("ramp.wav"), folder.file("out.wav")
        ramp = [n / 65536 for n in range(48000)]
        write_wave(path, ramp)
        copy = Graph("copy")
        copy.unit("DiskOut", AUDIO, 52, copy.unit("DiskIn", AUDIO, 51, 0))
        for step in (osc.message("/d_recv", scgf.write([copy.made()])),
                     osc.message("/b_alloc", 51, 8192, 1),
                     osc.message("/b_alloc", 52, 8192, 1),
                     osc.message("/b_read", 51, path, 0, -1, 0, 1),
                     osc.message("/b_write", 52, out, "wav", "float", 0, 0, 1)):
            client.socket.send(step)
            client.sync()
        client.send("/s_new", "copy", 1000, 0, 0)
        time.sleep(1.4)
        client.send("/n_free", 1000)
        client.send("/b_close", 52)
        client.send("/b_close", 51)
        client.sync()
        frames = read_floats(out)
        assert len(frames) > 48000, len(frames)
        assert list(frames[:48000]) == ramp, [n for n in range(48000) if frames[n] != ramp[n]][:5]
        assert not any(frames[48000:49000])


# ---- scores -------------------------------------------------------------------------------------


def write_wave(path, frames):
    data = struct.pack("<%df" % len(frames), *frames)
    with open(path, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
                   + struct.pack("<IHHIIHH", 16, 3, 1, 48000, 192000, 4, 32) + b"data" +
                   struct.pack("<I", len(data)) + data)


def render_both(bundles, source=None, options=()):
    """What both make of a score, on two channels; `source` is a file for the inputs."""
    rendered = []
    with Folder() as folder:
        score = folder.file("score")
        with open(score, "wb") as file:
            file.write(osc.score(bundles))
        for program in ("scsynth", PHONOND):
            out = folder.file(os.path.basename(program) + ".wav")
            run(program, "-i", "1", "-o", "2", *options, "-N", score, source or "_", out, "48000",
                "WAV", "float")
            rendered.append(read_floats(out))
    n = min(map(len, rendered))
    assert n > 0 and max(map(len, rendered)) - n < 1024, [len(r) for r in rendered]
    return [r[:n] for r in rendered]


def expect_equal(rendered):
    a, b = rendered
    wrong = [n for n in range(len(a)) if abs(a[n] - b[n]) > CLOSE]
    assert any(a), "silence"
    assert not wrong, "%d of %d, first %d: %g and %g" % (
        len(wrong), len(a), wrong[0], a[wrong[0]], b[wrong[0]])


def player(name, *inputs, unit):
    graph = Graph(name, buf=0.0, rate=1.0, loop=0.0)
    values = [graph.control(i) if isinstance(i, str) else i for i in inputs]
    graph.unit("Out", AUDIO, 0, graph.unit(unit, AUDIO, *values))
    return graph.made()


def stream_score(path, definition, controls):
    return [(0, [osc.message("/d_recv", file_of(definition)), osc.message("/b_alloc", 0, 1024, 1),
                 osc.message("/b_read", 0, path, 100, -1, 0, 1),
                 osc.message("/s_new", definition.name, 1000, 0, 0, *controls)]),
            (0.3, [osc.message("/c_set", 0, 0)])]


def test_files_stream_into_a_score():
    with Folder() as folder:
        path = folder.file("in.wav")
        write_wave(path, [(n * 7919 % 1000) / 1000 - 0.5 for n in range(9000)])
        for definition, controls in (
                (player("a", "buf", 0, unit="DiskIn"), ()),
                (player("b", "buf", 1, unit="DiskIn"), ()),
                (player("c", "buf", 1, 0, 0, unit="VDiskIn"), ()),
                (player("d", "buf", "rate", 1, 0, unit="VDiskIn"), ("rate", 1.37)),
                (player("e", "buf", "rate", 0, 0, unit="VDiskIn"), ("rate", 0.6))):
            expect_equal(render_both(stream_score(path, definition, controls)))


def test_a_stream_is_done_at_the_end_of_its_file():
    with Folder() as folder:
        path = folder.file("in.wav")
        for n, unit, inputs in ((3000, "DiskIn", ("buf", 0)), (2700, "VDiskIn", ("buf", 1, 0, 0)),
                                (3300, "VDiskIn", ("buf", "rate", 0, 0))):
            write_wave(path, [0.5] * n)
            graph = Graph("d", buf=0.0, rate=1.5)
            values = [graph.control(i) if isinstance(i, str) else i for i in inputs]
            stream = graph.unit(unit, AUDIO, *values)
            done = graph.unit("Done", CONTROL, stream)
            graph.unit("Out", AUDIO, 0, stream, graph.unit("K2A", AUDIO, done))
            rendered = render_both(stream_score(path, graph.made(), ()))
            expect_equal(rendered)
            assert rendered[1][1::2][-1] == 1


def told_by_a_stream(client, definition, path):
    """The frames that /diskin tells, and where from: node and sendID."""
    told = []
    for step in (("/notify", 1), ("/d_recv", file_of(definition)), ("/b_alloc", 30, 1024, 1),
                 ("/b_read", 30, path, 0, -1, 0, 1)):
        client.send(*step)
        client.sync()
    client.send("/s_new", definition.name, 1000, 0, 0)
    for _ in range(5):
        told.append(client.wait("/diskin", seconds=2))
    for step in (("/n_free", 1000), ("/b_close", 30), ("/b_free", 30), ("/notify", 0)):
        client.send(*step)
        client.sync()
    return told


def test_a_stream_tells_where_it_is():
    with Folder() as folder:
        path = folder.file("in.wav")
        write_wave(path, [0.25] * 9000)
        for rate in (1, 1.37):
            graph = Graph("told")
            graph.unit("Out", AUDIO, 0, graph.unit("VDiskIn", AUDIO, 30, rate, 1, 7.5))
            heard = [told_by_a_stream(client, graph.made(), path) for client in CLIENTS]
            assert equal(*heard), first_difference(*heard)
            assert heard[1][0][1:3] == [1000, 7], heard


def test_commands_of_a_score_are_done_in_place():
    play = player("p", "buf", "rate", 1, 0, 1, 0, unit="PlayBuf")
    expect_equal(render_both([
        (0, [osc.message("/d_recv", file_of(play)), osc.message("/b_alloc", 0, 300, 1),
             osc.message("/b_gen", 0, "sine1", 5, 0.5, 0.25),
             osc.message("/b_setn", 0, 10, 3, 0.9, -0.9, 0.8),
             osc.message("/s_new", "p", 1000, 0, 0)]),
        (0.05, [osc.message("/b_gen", 0, "normalize", 0.3),
                osc.message("/b_fill", 0, 100, 20, 0.25)]),
        (0.1, [osc.message("/b_zero", 0), osc.message("/b_set", 0, 5, 0.5)]),
        (0.15, [osc.message("/b_alloc", 0, 64, 1, osc.message("/b_fill", 0, 0, 32, 0.125))]),
        (0.2, [osc.message("/c_set", 0, 0)])]))


def test_a_score_hears_its_input_file():
    through = Graph("t")
    through.unit("Out", AUDIO, 1, through.unit("In", AUDIO, 2))
    with Folder() as folder:
        path = folder.file("in.wav")
        write_wave(path, [(n * 7919 % 1000) / 1000 - 0.5 for n in range(5000)])
        expect_equal(
            render_both([(0, [osc.message("/d_recv", file_of(through.made())),
                              osc.message("/s_new", "t", 1000, 0, 0)]),
                         (0.2, [osc.message("/c_set", 0, 0)])], path))


def test_polls_are_printed_alike():
    graph = Graph("p")
    label = lambda text: [len(text), *text.encode()]
    trigger, value = graph.unit("Impulse", CONTROL, 100,
                                0), graph.unit("Line", CONTROL, 0, 1, 0.1, 0)
    graph.unit("Poll", CONTROL, trigger, value, -1, *label("poll k"))
    graph.unit("Poll", AUDIO, graph.unit("Impulse", AUDIO, 70, 0), 0.25, 3, *label("poll a"))
    for run_, name in ((1, "poll d"), (0, "poll n")):
        series = graph.unit("Dseries", DEMAND, 5, 0.5, 0.125)
        stream = graph.unit("Dpoll", DEMAND, series, -1, run_, *label(name))
        graph.unit("Demand", CONTROL, trigger, 0, stream)
    printed = []
    with Folder() as folder:
        score = folder.file("score")
        with open(score, "wb") as file:
            file.write(osc.score([(0, [osc.message("/d_recv", file_of(graph.made())),
                                       osc.message("/s_new", "p", 1000, 0, 0)]),
                                  (0.097, [osc.message("/c_set", 0, 0)])]))  # between two polls
        for program in ("scsynth", PHONOND):
            text = run(program, "-o", "1", "-N", score, "_", folder.file("out.wav"), "48000",
                       "WAV", "float")[0]
            printed.append([line for line in text.splitlines() if line.startswith("poll")])
    labels = {line[:6] for line in printed[0]}
    assert len(printed[0]) > 20 and labels == {"poll a", "poll d", "poll k"}, printed[0]
    assert printed[0] == printed[1], "\nscsynth %s\nphonond %s" % tuple(printed)


# ---- memory of units ----------------------------------------------------------------------------


def delay(name, seconds):
    """On channel 0 a constant that went through a DelayN."""
    graph = Graph(name)
    graph.unit("Out", AUDIO, 0,
               graph.unit("DelayN", AUDIO, graph.unit("DC", AUDIO, 0.25), seconds, 0))
    return graph.made()


def buffers_of(name, n_frames):
    """On channel 0 that a LocalBuf is there, on channel 1 that
    a delay of that many frames is done."""
    graph = Graph(name)
    count = graph.unit("MaxLocalBufs", SCALAR, 1)
    number = graph.unit("LocalBuf", SCALAR, 1, n_frames, count)
    line = graph.unit("DelayN", CONTROL, number, n_frames / 750, 0)
    there = graph.unit("BinaryOpUGen", CONTROL, number, -1, special=6)  # ==
    graph.unit("Out", AUDIO, 0, graph.unit("K2A", AUDIO, there),
               graph.unit("K2A", AUDIO, graph.unit("Done", CONTROL, line)))
    return graph.made()


def test_a_unit_that_finds_no_memory_is_silent_and_the_next_one_plays():
    big, small = delay("big", 4), delay("small", 2)  # 1 MiB and 512 KiB, as powers of two
    start = [osc.message("/d_recv", file_of(big, small))]
    for n, name in enumerate(("small", "big", "small", "small")):  # the last finds none
        start.append(osc.message("/s_new", name, 1000 + n, 1, 0))
    rendered = render_both([(0, start), (0.1, [osc.message("/n_free", 1000)]),
                            (0.2, [osc.message("/s_new", "small", 1010, 1, 0)]),
                            (0.3, [osc.message("/c_set", 0, 0)])], options=("-m", "1280"))
    expect_equal(rendered)
    heard = [rendered[1][2 * int(48000 * at)] for at in (0.05, 0.15, 0.25)]
    assert heard == [0.5, 0.25, 0.5], heard


def test_without_memory_a_buffer_has_no_number_and_a_unit_is_done():
    for n_frames, expected in ((300, [0, 0]), (3e6, [1, 1])):
        rendered = render_both([(0, [osc.message("/d_recv", file_of(buffers_of("b", n_frames))),
                                     osc.message("/s_new", "b", 1000, 0, 0)]),
                                (0.1, [osc.message("/c_set", 0, 0)])], options=("-m", "1024"))
        a, b = rendered
        assert a == b, (a[:4], b[:4])
        assert list(b[-2:]) == expected, b[-2:]


def test_memory_that_is_used_up_is_told_once():
    starts = [osc.message("/s_new", "big", 1000 + n, 1, 0) for n in range(20)]
    with Folder() as folder:
        score = folder.file("score")
        with open(score, "wb") as file:
            file.write(osc.score([(0, [osc.message("/d_recv", file_of(delay("big", 4)))] + starts),
                                  (0.1, [])]))
        for limit, told in (("512",
                             ["big: DelayN is silent: it asks for 1024 KiB, 512 of 512 (-m) are "
                              "left"]), ("0", [])):
            output = run(PHONOND, "-m", limit, "-o", "1", "-N", score, "_", folder.file("out.wav"),
                         "48000", "WAV", "float")
            lines = [line for line in "".join(output).splitlines() if "silent" in line]
            assert len(lines) == len(told) and all(t in line for t, line in zip(told, lines)), lines


# ---- definitions --------------------------------------------------------------------------------


def simple(name, amp=0.1, variants=()):
    graph = Graph(name, out=0.0, amp=amp)
    graph.unit("Out", AUDIO, graph.control("out"), graph.unit("K2A", AUDIO, graph.control("amp")))
    made = graph.made()
    made.variants.update(variants)
    return made


def file_of(*defs):
    return scgf.write(list(defs))


def test_definitions_come_and_go():
    v = file_of(simple("v", 0.1, {"v.loud": [0.0, 0.9], "v.soft": [0.0, 0.5]}))
    start = [("/notify", 1)]
    end = [("/d_freeAll",), ("/notify", 0)]
    a = file_of(simple("a"))
    compare(start + [
        ("/d_recv", a), ("/d_free", "a"), ("/d_recv", a), ("/d_recv", a),
        ("/s_new", "a", 1000, 0, 0), ("/d_free", "a"),
        ("/s_new", "a", 1001, 0, 0), ("/n_free", 1000), ("/d_free", "nosuch"), ("/d_free", 5),
        ("/d_recv", v), ("/s_new", "v.loud", 1000, 0, 0), ("/n_free", 1000),
        ("/s_new", "v.none", 1000, 0, 0), ("/d_free", "v.loud"),
        ("/d_free", "v"), ("/s_new", "v.soft", 1000, 0, 0),
    ] + end)


def test_definitions_from_files():
    with Folder() as folder:
        root = folder.name
        os.makedirs(root + "/defs/sub")
        os.makedirs(root + "/defs/none")
        for name, defs in (("one", [simple("one")]), ("two", [simple("two"), simple("more")]),
                           ("sub/three", [simple("three")])):
            with open(root + "/defs/%s.scsyndef" % name, "wb") as file:
                file.write(file_of(*defs))
        with open(root + "/defs/other.txt", "wb") as file:
            file.write(file_of(simple("other")))
        d = root + "/defs"
        compare([
            ("/d_load", d + "/one.scsyndef"), ("/s_new", "one", 1000, 0, 0), ("/n_free", 1000),
            ("/d_load", d + "/t*"),
            ("/s_new", "more", 1000, 0, 0), ("/n_free", 1000), ("/d_load", d + "/*"),
            ("/s_new", "three", 1000, 0, 0), ("/d_load", d),
            ("/d_load", d + "/other.txt"), ("/d_load", d + "/nothing"), ("/d_load",),
            ("/d_loadDir", d + "/none"), ("/d_loadDir", d + "/nowhere"),
            ("/d_loadDir", d + "/one.scsyndef"), ("/d_loadDir",),
            ("/d_loadDir", d), ("/s_new", "three", 1000, 0, 0), ("/n_free", 1000),
            ("/d_load", d + "/one.scsyndef", osc.message("/s_new", "one", 1000, 0, 0)),
            ("/n_free", 1000), ("/d_freeAll",),
            ("/s_new", "one", 1000, 0, 0),
        ])


def test_a_refused_definition_is_told():
    # scsynth prints why and answers /done, or /fail with a path where nothing was loaded
    with Folder() as folder:
        paths = [folder.name + "/" + name for name in ("good.scsyndef", "bad.scsyndef")]
        for path, data in zip(paths, (file_of(simple("good")), b"SCgfgarbage")):
            with open(path, "wb") as file:
                file.write(data)
        ours = CLIENTS[1]
        for step, told in (
                (("/d_recv", b"no definition"),
                 [["/fail", "/d_recv", "/d_recv: SynthDef is malformed"], ["/done", "/d_recv"]]),
                (("/d_load", paths[1]),
                 [["/fail", "/d_load", paths[1] + ": SynthDef is malformed"]]),
                (("/d_loadDir", folder.name),
                 [["/fail", "/d_loadDir", "bad.scsyndef: SynthDef is malformed"],
                  ["/done", "/d_loadDir"]]),
                (("/d_freeAll",), [])):
            ours.send(*step)
            heard = ours.sync()
            assert heard == told, heard


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with Daemon("-l", "64") as daemon:
            CLIENTS = [osc.Client(int(sys.argv[1])), osc.Client(daemon.port)]
            main(globals())
    if not shutil.which("scsynth") or not shutil.which("jackd"):
        sys.exit(77)
    with Scsynth() as scsynth, Daemon("-l", "64") as daemon:
        CLIENTS = [scsynth.client, osc.Client(daemon.port)]
        main(globals())
