# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of TidalCycles code, from text to samples: no Haskell on the way."""
import os
import time
from fractions import Fraction

from support import RATE, RENDER, SEND, Daemon, Folder, Sound, main, run

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/dawn.tidal")


def render_tidal(folder, text, *options, name="song"):
    source, out = folder.file(name + ".tidal", text), folder.file(name + ".wav")
    run(RENDER, source, out, *options)
    return Sound(out)


def expect_onsets(sound, positions, cps, cycles):
    frames = [int((c + p) * RATE / cps + Fraction(1, 2)) for c in range(cycles) for p in positions]
    assert sound.onsets() == frames, (sound.onsets()[:8], frames[:8])


def test_events_start_on_their_exact_frame():
    with Folder() as folder:
        sound = render_tidal(folder,
                             'setcps (126/60/4)\nd1 $ every 2 id $ s "rim(3,8)" # legato 0.05\n',
                             "--cycles", "3")
        expect_onsets(sound, [Fraction(0), Fraction(3, 8), Fraction(6, 8)], Fraction(126, 240), 3)


def test_once_plays_one_cycle_from_the_switch_on():
    with Folder() as folder:
        rest = folder.file("once.tidal", 'setcps 1\nonce $ s "rim*3" # legato 0.05\n')
        sound = render_tidal(folder, "setcps 1\nd1 silence\n", "--cycles", "4", "--at",
                             "60000", rest)
        switch = 60032 # the next block
        assert sound.onsets() == [switch, switch + RATE // 3,
                                  switch + 2 * RATE // 3], sound.onsets()


def test_what_a_zoom_answers_outside_its_cycle_is_nobodys():
    with Folder() as folder:
        sound = render_tidal(folder,
                             'setcps 1\nd1 $ stack [zoom (0, 2) $ s "rim*2", 0.25 ~> s "rim"] '
                                     '# legato 0.05\n', "--cycles", "3")
        # every cycle has its own events, none waits for those of another
        expect_onsets(sound, [Fraction(0), Fraction(1, 4)], 1, 3)


def test_booleans_and_numbers_are_what_their_types_say():
    with Folder() as folder:
        sound = render_tidal(folder,
                             'setcps 1\nd1 $ while "1 0" (# speed 2) $ struct "t(3,8)" $ s "rim" '
                                     '# n (toScale [0, 1, 0] "0 .. 2") # legato 0.05\n',
                                     "--cycles", "2")
        expect_onsets(sound, [Fraction(0), Fraction(3, 8), Fraction(6, 8)], 1, 2)


def test_pan_goes_from_0_to_1_and_folds():
    with Folder() as folder:
        level = lambda pan: (lambda s: (s.peak(0), s.peak(1)))(
            render_tidal(folder, 'd1 $ s "rim" # pan %s\n' % pan, "--cycles", "1"))
        left, middle, right, folded = level("0"), level("0.5"), level("1"), level("1.5")
        assert left[1] < 1e-4 * left[0] and right[0] < 1e-4 * right[1]
        assert abs(middle[0] / middle[1] - 1) < 1e-3 and abs(left[0] / middle[0] - 2 ** 0.5) < 2e-3
        assert folded == middle


def test_notes_count_from_c5_and_both_languages_sound_the_same():
    with Folder() as folder:
        tidal = render_tidal(folder, 'setcps 0.5\nd1 $ s "sine*2" # note "c6 e5" # gain 0.5\n',
                             "--cycles", "2")
        source, out = folder.file("same.ph",
                                  'tempo: 0.5\nd1 $ s "sine*2" # note "c5 e4" # gain 0.5\n'), \
            folder.file("same.wav")
        run(RENDER, source, out, "--cycles", "2")
        other = Sound(out)
        difference = max(abs(a - b) for a, b in zip(tidal.channels[0], other.channels[0]))
        assert tidal.peak() > 0.05 and difference < 1e-3 * tidal.peak(), difference


def test_the_example_sounds_in_both_channels():
    with Folder() as folder:
        sound = render_tidal(folder, open(EXAMPLE).read(), "--cycles", "8")
        for c in (0, 1):
            assert 0.02 < sound.rms(c) and sound.peak(c) < 0.967, (sound.rms(c), sound.peak(c))
        assert sound.channels[0] != sound.channels[1]


def test_the_daemon_plays_edits_and_hushes_a_song():
    with Folder() as folder, Daemon() as daemon:
        path = folder.file("song.tidal", 'd1 $ s "bd*2"\nd2 $ s "hh*4"\n')
        daemon.send(path)
        assert daemon.status()["groups"] == 3, daemon.status() # the root, and one for each pattern
        kept = daemon.send("-v", folder.file("song.tidal", 'd1 $ s "bd*2"\nd2 $ s "hh*8"\n'))[0]
        assert "1 changed" in kept, kept
        out, err = daemon.send(folder.file("song.tidal", 'd1 $ s "bd*2"\nd2 $ s "hh*8\n'), expect=1)
        assert "song.tidal:2:8: error:" in err, err
        assert daemon.status()["groups"] == 3 # what plays keeps playing
        once = folder.file("once.tidal", 'd1 $ s "bd*2"\nonce $ s "rim"\n')
        assert "1 added" in daemon.send("-v", once)[0]
        assert "1 added" in daemon.send("-v", once)[0] # evaluated again, it plays again
        daemon.send(folder.file("song.tidal", 'd1 $ s "bd*2"\nhush\n'))
        for _ in range(100): # what played fades out first
            if daemon.status()["groups"] == 1:
                break
            time.sleep(0.02)
        assert daemon.status()["groups"] == 1


def test_standard_input_is_tidal_when_told():
    out, err = run(SEND, "--tidal", "--check", "-", text='d1 $ every 2 (0.25 ~>) $ s "bd"\n')
    out, err = run(SEND, "--check", "-", text='setcps (1 2)\n', expect=1)
    assert err


main(globals())
