# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits while a program plays, offline: the same switch as
live, at a frame that the test chooses."""
import random

from support import RATE, RENDER, Folder, Sound, main, run

PROGRAM = """tempo: 1
o1 $ s "rim*4" # pan (-1) # gain 0.3
o2 $ saw %s * 0.1 # lpf %s 1.2 # pan 1
"""


def edited(folder, name, programs, seconds):
    """Renders programs[0] from frame 0 and each (frame, text) after it from its frame on."""
    command = [RENDER, folder.file(name + "0.ph", programs[0][1]), folder.file(name + ".wav"),
               "--seconds", str(seconds)]
    for i, (frame, text) in enumerate(programs[1:], 1):
        command += ["--at", str(frame), folder.file("%s%d.ph" % (name, i), text)]
    run(*command)
    return Sound(folder.file(name + ".wav"))


def test_resending_the_same_program_changes_nothing():
    text = PROGRAM % ("55", "900")
    with Folder() as folder:
        once = edited(folder, "once", [(0, text)], 2)
        again = edited(folder, "again",
                       [(0, text)] + [(f, text) for f in range(1000, 90000, 777)], 2)
        assert once.channels == again.channels


def test_an_edit_leaves_other_outputs_bit_exact():
    with Folder() as folder:
        plain = edited(folder, "plain", [(0, PROGRAM % ("55", "900"))], 3)
        changed = edited(folder, "changed", [(0, PROGRAM % ("55", "900")),
                                             (RATE + 100, PROGRAM % ("110", "700"))], 3)
        assert plain.channels[0] == changed.channels[0], "the left output is not what it was"
        assert plain.channels[1][:RATE] == changed.channels[1][:RATE]
        assert plain.channels[1] != changed.channels[1], "the edit was not heard"


def largest_step(samples):
    return max(abs(b - a) for a, b in zip(samples, samples[1:]))


def test_edits_make_no_step_larger_than_the_programs_own():
    """A filtered saw: its own steps are bounded by the filter; an edit must not exceed them."""
    sound_of = 'tempo: 1\nout $ (sine %d * 0.2) # lpf %d 1.0 * %s\n'
    with Folder() as folder:
        random.seed(1)
        versions = [(110, 900, "0.5"), (220, 900, "0.5"), (110, 500, "0.5"), (110, 900, "0.1"),
                    (110, 900, "1.0")]
        own = max(largest_step(edited(folder, "own", [(0, sound_of % v)], 1).channels[0])
                  for v in versions)
        programs = [(0, sound_of % versions[0])]
        programs += [(4000 + 3000 * i + random.randrange(500), sound_of % random.choice(versions))
                     for i in range(40)]
        sound = edited(folder, "many", programs, 3)
        # crossfades of two signals within the bound add at most their difference over 5 ms
        assert largest_step(sound.channels[0]) < own * 1.25, (largest_step(sound.channels[0]), own)


def test_a_tempo_change_keeps_the_phase():
    slow = 'tempo: 1\nout $ s "rim*4" # legato 0.02\n'
    fast = 'tempo: 2\nout $ s "rim*4" # legato 0.02\n'
    with Folder() as folder:
        at = 3 * RATE // 2 // 64 * 64 + 64 * 3  # a block boundary in the middle of an event's span
        sound = edited(folder, "tempo", [(0, slow), (at, fast)], 3)
        cycle = at / RATE
        expected = [k * RATE // 4 for k in range(int(cycle * 4) + 1)]
        k = int(cycle * 4) + 1
        while True:
            frame = at + (k / 4 - cycle) * RATE / 2
            if frame >= 3 * RATE - 2:
                break
            expected.append(int(frame + 0.5))
            k += 1
        assert sound.onsets() == expected, (sound.onsets(), expected)


def test_the_reverb_tail_goes_on_over_an_edit():
    program = 'tempo: 0.5\nout $ s "%s" # reverb 0.9 0.2 0.8\n'
    with Folder() as folder:
        sound = edited(folder, "tail", [(0, program % "cp"), (RATE // 2, program % "~")], 2)
        plain = edited(folder, "plain", [(0, program % "cp")], 2)
        tail = sound.rms(0, RATE * 3 // 4, RATE)
        assert tail > 0.5 * plain.rms(0, RATE * 3 // 4, RATE) > 0, tail


def test_an_event_starts_exactly_once_whatever_the_edits():
    """50 switches a second; every onset of the unedited program, no other."""
    text = 'tempo: 1\nout $ s "rim*8" # legato 0.02 # gain %s\n'
    with Folder() as folder:
        plain = edited(folder, "plain", [(0, text % "0.5")], 4)
        edits = [(0, text % "0.5")] + [(960 * i, text % ("0.5" if i % 2 else "0.6"))
                                       for i in range(1, 200)]
        sound = edited(folder, "edits", edits, 4)
        assert sound.onsets() == plain.onsets(), (sound.onsets(), plain.onsets())


main(globals())
