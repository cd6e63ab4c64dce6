# SPDX-License-Identifier: GPL-3.0-or-later
"""phonon-render: text to samples, judged by where events begin and what they sound like."""
from fractions import Fraction

from support import RATE, Folder, main, render


def expect_onsets(sound, positions, cps, cycles):
    """`positions` of one cycle, as fractions; every one of every cycle on its exact frame."""
    frames = [int((c + p) * RATE / cps + Fraction(1, 2)) for c in range(cycles) for p in positions]
    assert sound.onsets() == frames, (sound.onsets()[:8], frames[:8])


def test_events_start_on_their_exact_frame():
    with Folder() as folder:
        for text, positions in (("rim*4", [Fraction(k, 4) for k in range(4)]),
                                ("rim*3", [Fraction(k, 3) for k in range(3)]),
                                ("rim [rim rim rim]",
                                 [Fraction(0), Fraction(1, 2), Fraction(2, 3), Fraction(5, 6)]),
                                ("rim(3,8)", [Fraction(0), Fraction(3, 8), Fraction(6, 8)]),
                                ("rim@7 rim@6", [Fraction(0), Fraction(7, 13)])):
            sound = render(folder, 'tempo: 0.7\nout $ s "%s" # legato 0.05\n' % text,
                           "--cycles", "3")
            expect_onsets(sound, positions, Fraction(7, 10), 3)


def test_events_start_on_their_exact_frame_after_ten_million_cycles():
    with Folder() as folder:
        near = render(folder, 'tempo: 0.7\nout $ s "rim*3" # legato 0.05\n', "--cycles", "2")
        far = render(folder, 'tempo: 0.7\nout $ s "rim*3" # legato 0.05\n', "--cycles", "2",
                     "--from-cycle", "10000000")
        assert near.onsets() == far.onsets(), (near.onsets(), far.onsets())


def test_rendering_twice_gives_the_same_samples():
    text = open(__file__.replace("tests/e2e/test_render.py", "examples/m.ph")).read()
    with Folder() as folder:
        first = render(folder, text, "--cycles", "2")
        second = render(folder, text, "--cycles", "2")
        assert first.channels == second.channels


def test_the_example_sounds_in_both_channels_and_stays_below_full_scale():
    text = open(__file__.replace("tests/e2e/test_render.py", "examples/m.ph")).read()
    with Folder() as folder:
        sound = render(folder, text, "--cycles", "8")
        assert sound.n_frames == 8 * 2 * RATE
        for c in (0, 1):
            assert 0.02 < sound.rms(c) and sound.peak(c) < 0.967, (sound.rms(c), sound.peak(c))
        # the hats are panned left, then right, twice a cycle: the channels must differ
        assert sound.channels[0] != sound.channels[1]


def test_gain_and_pan_of_an_event_are_linear_and_equal_power():
    with Folder() as folder:
        centre = render(folder, 'out $ s "rim" # gain 0.5\n', "--cycles", "1")
        half = render(folder, 'out $ s "rim" # gain 0.25\n', "--cycles", "1")
        left = render(folder, 'out $ s "rim" # gain 0.5 # pan (-1)\n', "--cycles", "1")
        assert abs(centre.peak() / half.peak() - 2) < 1e-3
        assert left.peak(1) < 1e-4 * left.peak(0)
        assert abs(left.peak(0) / centre.peak(0) - 2 ** 0.5) < 2e-3


def test_speed_two_plays_an_octave_higher_in_half_the_time():
    with Folder() as folder:
        once = render(folder, 'tempo: 1\nout $ s "lt"\n', "--cycles", "1")
        twice = render(folder, 'tempo: 1\nout $ s "lt" # speed 2\n', "--cycles", "1")
        length = lambda s: max(i for i, x in enumerate(s.channels[0]) if x != 0.0)
        assert abs(length(twice) * 2 - length(once)) < 400, (length(once), length(twice))


def test_every_fourth_cycle_is_twice_as_fast():
    with Folder() as folder:
        sound = render(folder, 'tempo: 1\nout $ every 4 (fast 2) $ s "rim*2" # legato 0.05\n',
                       "--cycles", "5")
        counts = [sum(1 for f in sound.onsets() if c * RATE <= f < (c + 1) * RATE)
                  for c in range(5)]
        assert counts == [4, 2, 2, 2, 4], counts


main(globals())
