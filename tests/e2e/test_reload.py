# SPDX-License-Identifier: GPL-3.0-or-later
"""LANGUAGE 5.6 by the path a user takes: text, and another text
from a frame on, offline, beside twins."""
from support import RATE, RENDER, Folder, Sound, main, run

HEAD = "tempo: 1\n"
RIGHT = "o2 $ saw 110 * 0.1 # lpf 800 # pan 1\n"  # what plays beside, on the right
AT = 12000 // 64 * 64
FADE = 0.0107  # 10 ms in whole blocks


def rendered(folder, name, seconds, *programs):
    """The first program plays from frame 0, each of the others from its frame on: (frame, text)."""
    command = [RENDER, folder.file(name + "0.ph", HEAD + programs[0]), folder.file(name + ".wav"),
               "--seconds", str(seconds)]
    for i, (frame, text) in enumerate(programs[1:], 1):
        command += ["--at", str(frame), folder.file("%s%d.ph" % (name, i), HEAD + text)]
    run(*command)
    return Sound(folder.file(name + ".wav"))


def peak(samples, begin, end):
    return max((abs(x) for x in samples[int(begin):int(end)]), default=0)


def step(samples):
    return max(abs(b - a) for a, b in zip(samples, samples[1:]))


def test_a_voice_that_sounds_goes_on_when_its_pattern_is_edited():
    with Folder() as folder:
        text = 'o1 $ s "%s" # gain 0.5 # pan (-1)\n' + RIGHT
        plain = rendered(folder, "plain", 2, text % "cp ~ ~ ~")
        edited = rendered(folder, "edited", 2, text % "cp ~ ~ ~", (960, text % "~ ~ ~ ~"))
        assert peak(plain.channels[0], 960, RATE) > 0.01
        assert edited.channels[0][:RATE - 64] == plain.channels[0][:RATE - 64]
        assert edited.channels[1] == plain.channels[1]


def test_an_output_that_goes_is_silent_after_10_ms_and_the_other_keeps_every_bit():
    with Folder() as folder:
        left = "o1 $ sine 220 * 0.2 # pan (-1)\n"
        gone = rendered(folder, "gone", 1, left + RIGHT, (AT, RIGHT))
        twin = rendered(folder, "twin", 1, left + RIGHT)
        assert peak(gone.channels[0], AT + FADE * RATE, RATE) == 0
        assert peak(gone.channels[0], AT - 1000, AT) > 0.19
        assert gone.channels[0][:AT - 1] == twin.channels[0][:AT - 1]
        assert gone.channels[1] == twin.channels[1]
        assert step(gone.channels[0]) <= step(twin.channels[0]) * 1.02


def test_a_voice_of_an_output_that_goes_fades_with_it():
    with Folder() as folder:
        left = 's "cp" # pan (-1)\n'
        gone = rendered(folder, "gone", 1, "o1 $ " + left + RIGHT, (960, RIGHT))
        plain = rendered(folder, "plain", 1, "o1 $ " + left + RIGHT)
        assert peak(plain.channels[0], 960 + FADE * RATE, RATE) > 0.01
        assert peak(gone.channels[0], 960 + FADE * RATE, RATE) == 0


def test_the_delay_of_an_output_that_goes_rings_out():
    """Echoes every 0.1 s, each half as loud as the one before; the sine itself has gone."""
    with Folder() as folder:
        left = "o1 $ sine 200 * 0.1 # delay 0.1 0.5 0.5 # pan (-1)\n"
        at = RATE // 2 // 64 * 64
        gone = rendered(folder, "gone", 3, left + RIGHT, (at, RIGHT))
        twin = rendered(folder, "twin", 3, left + RIGHT)
        peaks = [peak(gone.channels[0], at + RATE * (0.1 * k) + FADE * RATE,
                      at + RATE * 0.1 * (k + 1))
                 for k in range(5)]
        assert peaks[0] > 0.08, peaks
        for first, second in zip(peaks, peaks[1:]):
            assert 0.45 < second / first < 0.55, peaks
        assert peak(gone.channels[0], 2.9 * RATE, 3 * RATE) < 1e-5
        assert gone.channels[1] == twin.channels[1]
        assert step(gone.channels[0]) <= step(twin.channels[0]) * 1.02


def test_a_reverb_that_is_taken_away_rings_out_under_the_dry_sound():
    """Behind the edit the left is what a program without reverb gives, and the old tail."""
    with Folder() as folder:
        text = 'o1 $ s "cp ~ ~ ~" # pan (-1)%s\n' + RIGHT
        wet = rendered(folder, "wet", 1, text % " # reverb 0.9 0.2 0.8")
        dry = rendered(folder, "dry", 1, text % "")
        edited = rendered(folder, "edited", 1, text % " # reverb 0.9 0.2 0.8", (AT, text % ""))
        tail = wet.rms(0, RATE * 3 // 8, RATE * 7 // 8)
        assert tail > 10 * dry.rms(0, RATE * 3 // 8, RATE * 7 // 8), tail
        assert 0.7 * tail < edited.rms(0, RATE * 3 // 8, RATE * 7 // 8) < 1.1 * tail
        assert edited.channels[1] == wet.channels[1]


def test_an_output_that_comes_fades_in_within_5_ms():
    with Folder() as folder:
        left = "o1 $ sine 220 * 0.2 # pan (-1)\n"
        came = rendered(folder, "came", 1, RIGHT, (AT, left + RIGHT))
        twin = rendered(folder, "twin", 1, RIGHT)
        own = rendered(folder, "own", 1, left)
        assert peak(came.channels[0], 0, AT - 1) == 0
        assert peak(came.channels[0], AT + 0.0054 * RATE, RATE) > 0.199
        assert step(came.channels[0]) <= step(own.channels[0]) * 1.05
        assert came.channels[1] == twin.channels[1]


def test_order_and_comments_change_nothing():
    with Folder() as folder:
        left = "o1 $ sine 220 * 0.2 # delay 0.1 0.5 0.5 # pan (-1)\n"
        twin = rendered(folder, "twin", 1, left + RIGHT)
        moved = rendered(folder, "moved", 1, left + RIGHT,
                         (AT, "-- a word\n\n" + RIGHT + "\n" + left))
        for c in range(2):
            assert moved.channels[c] == twin.channels[c]


def test_another_order_leaves_a_tail_to_who_heard_it():
    lines = ["~low $ sine 55 * 0.7", "~pad $ tri 55 # lpf 300 1", "o1 $ ~low * 0.1",
             "o3 $ ~pad * 0.5"]
    wet = [lines[0], lines[1] + " # delay 0.3 0.4 0.5"] + lines[2:]
    first, dry = "\n".join(wet) + "\n", "\n".join(lines) + "\n"
    moved = "\n".join(lines[:2] + [lines[3], lines[2]]) + "\n"
    with Folder() as folder:
        stays = rendered(folder, "s", 2, first, (48000, dry))
        goes = rendered(folder, "m", 2, first, (48000, dry), (62400 // 64 * 64, moved))
    assert stays.channels == goes.channels


def test_an_output_that_comes_back_goes_on_beside_its_own_tail():
    with Folder() as folder:
        left = "o1 $ sine 200 * 0.1 # delay 0.1 0.5 0.5 # pan (-1)\n"
        at = RATE // 2 // 64 * 64
        back = rendered(folder, "back", 2, left + RIGHT, (at, RIGHT), (at + 4800, left + RIGHT))
        twin = rendered(folder, "twin", 2, left + RIGHT)
        assert peak(back.channels[0], at + 9600,
                    2 * RATE) <= 1.35 * peak(twin.channels[0], 0, 2 * RATE)
        # when the old tail is over, it is an output that has begun later: the same level
        assert abs(back.rms(0, RATE * 7 // 4, 2 * RATE) /
                   twin.rms(0, RATE * 7 // 4, 2 * RATE) - 1) < 0.02
        assert step(back.channels[0]) <= step(twin.channels[0]) * 1.35
        assert back.channels[1] == twin.channels[1]


main(globals())
