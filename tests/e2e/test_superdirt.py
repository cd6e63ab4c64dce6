#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real SuperDirt in sclang, once on scsynth and once on phonond: onsets, levels, pitches.

$SUPERDIRT names the folders of the quarks, SuperDirt and Vowel at least, and what else sclang is to
compile (sc3-plugins' classes), with colons between them; without it the test is skipped (77), as it
is where sclang, scsynth or jackd is not installed. $SUPERDIRT_PLUGINS: plug-ins for scsynth
(its -U).
"""
import math
import os
import shutil
import struct
import sys
import tempfile
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("PHONON_BUILD", ".")
from sclang_runs import Jack, run_sclang, sclang_environment  # noqa: E402
from support import PHONOND, RATE, Sound, free_port  # noqa: E402

STEP = 0.6  # seconds from event to event, as superdirt.scd sends them
EVENTS = [
    '[\\s, "tone", \\n, 0]', '[\\s, "tone", \\n, 1]', '[\\s, "tone", \\speed, 2]',
    '[\\s, "tone", \\note, 7]',
    '[\\s, "tone", \\pan, 0.2]', '[\\s, "tone", \\gain, 0.8]',
    '[\\s, "tone", \\n, 2, \\cutoff, 800]',
    '[\\s, "tone", \\n, 2, \\hcutoff, 1500]', '[\\s, "tone", \\begin, 0.25, \\end, 0.75]',
    '[\\s, "tone", \\shape, 0.5]', '[\\s, "tone", \\n, 2, \\crush, 4]',
    '[\\s, "tone", \\n, 2, \\coarse, 8]',
    '[\\s, "tone", \\speed, -1]', '[\\s, "stereo"]', '[\\s, "stereo", \\n, 0, \\legato, 0.5]',
    '[\\s, "tone", \\n, 2, \\vowel, \\a]', '[\\s, "tone", \\attack, 0.1, \\release, 0.1]',
    '[\\s, "tone", \\n, 2, \\bandf, 1000, \\bandq, 5]', '[\\s, "tone", \\accelerate, 0.25]',
    '[\\s, "psin", \\note, 12, \\sustain, 0.3]']


def write_wav(path, *channels):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wave.open(path, "wb") as f:
        f.setnchannels(len(channels))
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes(b"".join(struct.pack("<h", round(32000 * x)) for frame in zip(*channels)
                               for x in frame))


def tone(freq, seconds=0.4, harmonics=1):
    n = int(seconds * RATE)
    return [0.5 * min(1, (n - i) / 2000) * sum(math.sin(2 * math.pi * freq * h * i / RATE + 1) / h
                                               for h in range(1, harmonics + 1)) / harmonics ** 0.5
            for i in range(n)]


def make_samples(folder):
    for i, (freq, harmonics) in enumerate(((440, 1), (660, 1), (220, 15))):
        write_wav(os.path.join(folder, "tone", "%d.wav" % i), tone(freq, harmonics=harmonics))
    write_wav(os.path.join(folder, "stereo", "0.wav"), tone(330), [x / 2 for x in tone(550)])


def complains(line):
    """Errors of the language or the server, but for the one that says: no shared memory."""
    return ("FAILURE" in line or line.startswith("ERROR")) and "connectSharedMem" not in line


def record(program, folder, jack_name):
    """What a server played, as a Sound; sclang's lines."""
    take = os.path.join(folder, "take.wav")
    classes = os.environ["SUPERDIRT"].split(":")
    settings = os.path.join(folder, "conf.yaml")
    with open(settings, "w") as f:
        f.write("includePaths:\n%sexcludePaths:\n    []\npostInlineWarnings: false\n" %
                "".join("    - %s\n" % c for c in classes))
    events = os.path.join(folder, "events.scd")
    with open(events, "w") as f:
        f.write("[%s]" % ", ".join(EVENTS))
    environment = sclang_environment(
        folder, E2E_PROGRAM=program, E2E_PORT=str(free_port()),
        E2E_SAMPLES=os.path.join(folder, "samples"),
        E2E_EVENTS=events, E2E_TAKE=take, JACK_DEFAULT_SERVER=jack_name)
    lines = run_sclang(os.path.join(HERE, "sclang", "superdirt.scd"), environment, 90,
                       "-v" in sys.argv, ["-l", settings])
    if "end" not in lines or not os.path.exists(take):
        raise AssertionError("%s: the run did not reach its end\n%s" %
                             (program, "\n".join(lines[-25:])))
    return Sound(take), [line for line in lines if complains(line)]


def pitch(samples):
    """Frequency by rising zero crossings, interpolated; None if there are few."""
    crossings = [i - samples[i] / (samples[i] - samples[i - 1]) for i in range(1, len(samples))
                 if samples[i - 1] < 0 <= samples[i]]
    return RATE * (len(crossings) - 1) / (crossings[-1] -
                                          crossings[0]) if len(crossings) > 20 else None


def segments(sound):
    """(begin, end) of what sounds between silences of 20 ms."""
    found, begin, last = [], None, 0
    for i, (a, b) in enumerate(zip(*sound.channels)):
        if abs(a) > 1e-3 or abs(b) > 1e-3:
            if begin is None:
                begin = i
            last = i
        elif begin is not None and i - last > 0.02 * RATE:
            found.append((begin, last + 1))
            begin = None
    return found


def measure(sound):
    """Per event: first frame, RMS of both channels over a step, pitch."""
    left, right = sound.channels
    rows = []
    for begin, end in segments(sound):
        rms = [math.sqrt(sum(x * x for x in c[begin:end]) / (STEP * RATE)) for c in (left, right)]
        rows.append((begin, rms, pitch(left[begin + 2400:begin + 9600])))
    return rows


def gap_errors(rows):
    """Frames by which each gap between onsets is off, in order of size."""
    return sorted(abs(b[0] - a[0] - STEP * RATE) for a, b in zip(rows, rows[1:]))


def decibel(a, b):
    return 0.0 if max(a, b) < 1e-5 else 20 * math.log10(max(a, 1e-9) / max(b, 1e-9))


def compare(theirs, ours):
    """Complaints, one a line, and the greatest difference of levels."""
    bad, most_db = [], 0
    if not len(theirs) == len(ours) == len(EVENTS):
        bad.append("%d events were heard, on scsynth %d, of %d" %
                   (len(ours), len(theirs), len(EVENTS)))
    for event, (_, rms, freq), (_, our_rms, our_freq) in zip(EVENTS, theirs, ours):
        db = max((decibel(a, b) for a, b in zip(our_rms, rms)), key=abs)
        most_db = max(most_db, abs(db))
        if abs(db) > 0.5:
            bad.append("%s: level %+.2f dB (%s, scsynth %s)" % (event, db, our_rms, rms))
        if (freq is None) != (our_freq is None) or (freq and abs(our_freq / freq - 1) > 0.002):
            bad.append("%s: pitch %s, scsynth's %s" % (event, our_freq, freq))
    # scsynth begins with a block; a loaded machine moves single events, on either server
    middle, their_middle = (errors[len(errors) // 2] if errors else 0
                            for errors in (gap_errors(ours), gap_errors(theirs)))
    if middle > max(64, their_middle):
        bad.append("onsets: gaps are off by %d frames, on scsynth by %d" % (middle, their_middle))
    text = "levels within %.2f dB, gaps within %d frames (scsynth: %d), the usual one %d (%d)"
    return bad, text % (
        most_db, (gap_errors(ours) or [0])[-1], (gap_errors(theirs) or [0])[-1], middle,
        their_middle)


def main():
    if not os.environ.get("SUPERDIRT"):
        print("skipped: $SUPERDIRT does not name SuperDirt's folder")
        sys.exit(77)
    for needed in ("sclang", "scsynth", "jackd"):
        if not shutil.which(needed):
            print("skipped: %s is not installed" % needed)
            sys.exit(77)
    plugins = os.environ.get("SUPERDIRT_PLUGINS")
    with tempfile.TemporaryDirectory(prefix="phonon-dirt-") as folder:
        make_samples(os.path.join(folder, "samples"))
        jack = Jack()
        try:
            theirs, _ = record("scsynth" + (" -U " + plugins if plugins else ""), folder, jack.name)
            ours, complaints = record(PHONOND, folder, jack.name)
        finally:
            jack.stop()
    bad, summary = compare(measure(theirs), measure(ours))
    print("\n".join(complaints + bad))
    print("%d events, %d bad: %s" % (len(EVENTS), len(bad), summary))
    sys.exit(1 if bad or complaints else 0)


main()
