# SPDX-License-Identifier: GPL-3.0-or-later
"""phonon-render for people: stems, tails, lengths, the
picture; the progress bar only on a terminal."""
import math
import os
import pty
import struct
import subprocess
import zlib

from support import RATE, RENDER, Folder, Sound, main, render, run

# server/picture.h
LEFT, WIDTH, COLUMNS, WAVE_TOP, WAVE_HEIGHT = 48, 1600, 1540, 20, 121
SPECTRUM_TOP, SPECTRUM_HEIGHT, LOW_HZ, HIGH_HZ = 274, 440, 30.0, 20000.0


class Picture:
    """A PNG of 8-bit RGB, unpacked: RFC 2083."""

    def __init__(self, path):
        data = open(path, "rb").read()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        at, body = 8, b""
        while at < len(data):
            size, kind = struct.unpack_from(">I4s", data, at)
            if kind == b"IHDR":
                self.width, self.height, depth, colour = struct.unpack_from(">IIBB", data, at + 8)
                assert (depth, colour) == (8, 2)
            elif kind == b"IDAT":
                body += data[at + 8:at + 8 + size]
            at += 12 + size
        self.rows = self._unfilter(zlib.decompress(body), 3 * self.width)

    @staticmethod
    def _unfilter(raw, stride):
        rows, last = [], bytearray(stride)
        for y in range(len(raw) // (stride + 1)):
            kind, line = raw[y * (stride + 1)], bytearray(
                raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
            for i in range(stride if kind else 0):
                a, b, c = (line[i - 3], last[i - 3]) if i >= 3 else (0, 0), last[i], 0
                left, corner = a
                if kind == 1:
                    add = left
                elif kind == 2:
                    add = b
                elif kind == 3:
                    add = (left + b) // 2
                else:
                    p = left + b - corner
                    add = min((abs(p - left), 0, left), (abs(p - b), 1, b),
                              (abs(p - corner), 2, corner))[2]
                line[i] = (line[i] + add) & 255
            rows.append(line)
            last = line
        return rows

    def at(self, column, y):
        x = 3 * (LEFT + column)
        return tuple(self.rows[y][x:x + 3])

    def spectrum_peak_hz(self, column):
        y = max(range(SPECTRUM_HEIGHT), key=lambda row: sum(self.at(column, SPECTRUM_TOP + row)))
        octaves = math.log2(HIGH_HZ / LOW_HZ)
        return LOW_HZ * 2 ** (octaves * (SPECTRUM_HEIGHT - y - 0.5) / SPECTRUM_HEIGHT)

    def wave_rows(self, column, channel):
        top = WAVE_TOP + channel * WAVE_HEIGHT
        return [y for y in range(WAVE_HEIGHT) if self.at(column, top + y)[2] > 200]


def test_stems_are_the_outputs_and_their_sum_is_the_mix():
    with Folder() as folder:
        text = 'o1 $ s "bd*4" # gain 0.3\no2 $ saw 110 * 0.1\nout $ sine 440 * 0.1\n'
        mix = render(folder, text, "--cycles", "1", "--stems")
        stems = [Sound(folder.file("out-%s.wav" % name)) for name in ("o1", "o2", "out")]
        assert all(s.n_frames == mix.n_frames == 2 * RATE for s in stems)
        for c in (0, 1):
            for i in range(0, mix.n_frames, 7):
                total = sum(s.channels[c][i] for s in stems)
                assert abs(total - mix.channels[c][i]) < 2e-6, (c, i, total, mix.channels[c][i])
        alone = render(folder, 'o2 $ saw 110 * 0.1\n', "--cycles", "1", name="alone.wav")
        assert all(abs(a - b) < 2e-6 for a, b in zip(alone.channels[0], stems[1].channels[0]))


def test_a_stem_that_comes_late_begins_with_silence_and_all_have_one_length():
    with Folder() as folder:
        later = folder.file("b.ph", "o2 $ sine 440 * 0.1\n")
        render(folder, "o1 $ sine 220 * 0.1\n", "--seconds", "1", "--stems", "--at",
               str(RATE // 2), later)
        first, second = Sound(folder.file("out-o1.wav")), Sound(folder.file("out-o2.wav"))
        assert first.n_frames == second.n_frames == RATE
        assert second.peak(0, 0, RATE // 2) == 0 and second.peak(0, RATE * 3 // 4) > 0.09
        assert first.peak(0, 0, RATE // 2) > 0.09 and first.peak(0, RATE * 3 // 4) == 0


def test_nothing_begins_in_the_tail_and_what_sounds_rings_out():
    with Folder() as folder:
        dry = render(folder, 'tempo: 1\nout $ s "rim*4" # legato 0.1\n', "--cycles", "2",
                     "--tail", "1")
        assert dry.n_frames == 3 * RATE
        assert dry.onsets() == [k * RATE // 4 for k in range(8)], dry.onsets()
        text = 'tempo: 1\nout $ s "rim*4" # legato 0.1 # reverb 0.9 0.9 0.5\n'
        wet = render(folder, text, "--cycles", "2", "--tail", "1", name="wet.wav")
        whole = render(folder, text, "--cycles", "2", name="whole.wav")
        assert wet.channels[0][:2 * RATE] == whole.channels[0], "the tail changes what is before it"
        early, late = wet.rms(0, 2 * RATE, 2 * RATE + 9600), wet.rms(0, 3 * RATE - 9600)
        assert early > late > 1e-5, (early, late)


def test_lengths_are_exact():
    with Folder() as folder:
        for options, frames in ((("--cycles", "1.5"), 1.5 * 2 * RATE),
                                (("--seconds", "0.25"), RATE / 4),
                                (("--cycles", "1", "--tail", "0.5"), 2 * RATE + RATE / 2)):
            assert render(folder, 'out $ s "bd"\n', *options).n_frames == frames, options
        run(RENDER, folder.file("out.wav.ph"), folder.file("x.wav"), "--cycles", "-1", expect=2)
        run(RENDER, "--cycles", expect=2)
        assert "--stems" in run(RENDER, "--help")[0]


def test_the_picture_shows_wave_spectrum_and_cycles():
    with Folder() as folder:
        png = folder.file("a.png")
        early, late = "sine 1000 * 0.5", "sine 200 * 0.5"
        later = folder.file("b.ph", "tempo: 2\nout $ pan2 (%s) 1\n" % late)
        render(folder, "tempo: 2\nout $ %s\n" % early, "--seconds", "2", "--picture", png,
               "--at", str(RATE), later)
        picture = Picture(png)
        assert (picture.width, picture.height) == (WIDTH, SPECTRUM_TOP + SPECTRUM_HEIGHT + 24)
        for column, hz in ((400, 1000), (1200, 200)):
            found = picture.spectrum_peak_hz(column)
            assert abs(math.log2(found / hz)) < 0.05, (column, found)
        rows = picture.wave_rows(401, 0)
        assert 27 <= min(rows) <= 33 and 87 <= max(rows) <= 93, rows  # +-0.5 of 60 pixels around 60
        # to the right
        assert len(picture.wave_rows(1201, 0)) <= 2 < len(picture.wave_rows(1201, 1))
        # two cycles a second, so four lines, one every 385 pixels, from the top of the waves down
        lines = [c for c in range(COLUMNS) if picture.at(c, WAVE_TOP) == (90, 90, 110)]
        assert lines == [0, 385, 770, 1155], lines


def test_a_picture_that_can_not_be_written_is_an_error():
    with Folder() as folder:
        source = folder.file("a.ph", "out $ sine 220\n")
        _, error = run(RENDER, source, folder.file("a.wav"), "--seconds", "0.1", "--picture",
                       folder.file("no/a.png"), expect=1)
        assert "a.png" in error, error


def test_the_bar_is_for_terminals():
    with Folder() as folder:
        source = folder.file("a.ph", "out $ sine 220\n")
        command = [RENDER, source, folder.file("a.wav"), "--seconds", "2"]
        assert "#" not in run(*command)[1]
        parent, child = pty.openpty()
        subprocess.run(command, stderr=child, check=True, timeout=60)
        os.close(child)
        shown = os.read(parent, 65536).decode()
        os.close(parent)
        assert "[########################] 100 %" in shown, shown


main(globals())
