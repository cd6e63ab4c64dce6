# SPDX-License-Identifier: GPL-3.0-or-later
"""Feedback, voices of buses, envelopes and gates, patterns and
signals that meet: LANGUAGE 5.4, 10.6, 11, 16."""
import math
import os
import time

from support import RATE, Daemon, Folder, Sound, main, render


def sound(program, cycles=1):
    """A program of one cycle a second, as its channels."""
    with Folder() as folder:
        return render(folder, "tempo: 1\n" + program + "\n", "--cycles", str(cycles)).channels


def left(expression, cycles=1, definitions=""):
    return sound(definitions + "\nout $ " + expression, cycles)[0]


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def near(found, wanted, tolerance, *what):
    expect(abs(found - wanted) <= tolerance, *what, "found", found, "wanted", wanted)


def at(samples, seconds):
    return samples[round(seconds * RATE)]


def peak(samples, begin, end):
    return max(abs(x) for x in samples[round(begin * RATE):round(end * RATE)])


def amplitude(samples, hz):
    n = len(samples)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * i / n) for i in range(n)]
    sums = [sum(w * x * f(2 * math.pi * hz * i / RATE)
                for i, (w, x) in enumerate(zip(window, samples)))
            for f in (math.cos, math.sin)]
    return 4 * math.hypot(*sums) / n


# ---- feedback: LANGUAGE 5.4 and 26 --------------------------------------------------------------


def test_a_bus_hears_itself_one_sample_late():
    x = left("~a * 0.1", definitions="~a $ ~a + 0.5")
    for n in range(1, 17):
        near(x[n - 1], 0.05 * n, 1e-6, "sample", n)
    near(x[40], 0.85, 1e-6, "clamped at 8, then 0.5 more")


def test_the_order_of_statements_says_who_hears_late():
    a, b = "~a $ impulse 1 + ~b * 0.5", "~b $ ~a"
    for order, wanted in (((a, b), [1, 0.5, 0.25, 0.125]), ((b, a), [0, 1, 0.5, 0.25])):
        x = left("~b * 0.5", definitions="\n".join(order))
        for i, value in enumerate(wanted):
            near(x[i], 0.5 * value, 1e-6, order, "sample", i)


def test_a_loop_holds_filters_and_delays_and_stays_stable():
    x = left("~a * 0.5", 2, "~a $ impulse 1 + (~a # delay 0.01 0 1 # lpf 4000 1) * 0.9")
    first, later = peak(x, 0.009, 0.0115), peak(x, 0.0995, 0.104)
    expect(0.05 < first < 0.45, first)
    expect(0 < later < first, "ten turns later", later)
    near(max(range(400, 560), key=lambda i: abs(x[i])), 484, 8, "the first turn comes after 10 ms")


def test_a_loop_may_have_two_channels():
    x = sound("~c $ (impulse 1 # pan -1) + ~c * 0.5\nout $ ~c * 0.5")
    for i in range(8):
        near(x[0][i], 0.5 ** (i + 1), 1e-6, "left", i)
        near(x[1][i], 0, 1e-6, "right", i)


def test_what_is_no_number_leaves_the_loop():
    x = left("~a * 0.01", definitions="~z $ (impulse 1) * 0\n~a $ (1 / ~z) * 0 + ~a * 0.5 + 1")
    expect(all(math.isfinite(v) for v in x), "finite")
    near(x[-1], 0.02, 1e-4, "the loop settles")


# ---- voices: LANGUAGE 10.6 ----------------------------------------------------------------------


def test_voices_share_the_buses_they_refer_to():
    x = left('s "~v*2" # ar 0.001 0.01 # hold 0.4',
             definitions='~level $ "1 0.25"\n~v $ sine 440 * ~level * 0.5')
    near(peak(x, 0.1, 0.3) / peak(x, 0.6, 0.8), 4, 0.05)


def test_control_patterns_run_beside_the_voices():
    x = left('s "~v" # ar 0.001 0.01 # hold 0.9', definitions='~v $ sine "440 880" * 0.5')
    for begin, hz, other in ((0.05, 440, 880), (0.55, 880, 440)):
        part = x[round(begin * RATE):round((begin + 0.3) * RATE)]
        expect(amplitude(part, hz) > 20 * amplitude(part, other), hz)


def test_a_bus_of_events_is_a_gate_when_it_is_played():
    # events, a signal of events
    for bus in ('~d $ saw "c2*32" # gain 0.05', '~d $ saw "c2*32" * 0.05'):
        played = left('s "~d ~" # dur 0.25 # release 0.01', definitions=bus)
        running = left("~d", definitions=bus)
        for i in range(round(0.02 * RATE), round(0.24 * RATE), 997):
            near(played[i], running[i] * math.sqrt(0.5), 1e-4, bus, "in the centre, at", i)
        expect(peak(played, 0.3, 1) == 0, bus, "closed")


def test_inline_voices_take_their_pitch_from_the_notes():
    x = left('(saw 110 # lpf 800) # note "0 12" # ar 0.001 0.05 # hold 0.4')
    for begin, hz in ((0.05, 110), (0.55, 220)):
        part = x[round(begin * RATE):round((begin + 0.3) * RATE)]
        expect(amplitude(part, hz) > 0.1, hz)
        expect(amplitude(part, 165) < 0.01, "no other")


def test_chords_at_a_pitch_are_parallel_oscillators():
    x = left('sine (mtof "a3\'min") * 0.3')
    for note in (57, 60, 64):
        near(amplitude(x[4800:43200], 440 * 2 ** ((note - 69) / 12)), 0.3 / math.sqrt(3),
             0.005, note)
    x = left('sine (mtof "a3\'min13") * 0.3') # seven notes
    for note in (57, 60, 64, 67, 71, 74, 78):
        near(amplitude(x[4800:43200], 440 * 2 ** ((note - 69) / 12)), 0.3 / math.sqrt(7),
             0.005, note)


def test_notes_to_synth_and_its_like_are_voices_with_an_adsr():
    for source in ('synth "a3 ~" "sine" 0.1 0.1 0.5 0.2', 'sine_trig "a3 ~" 0.1 0.1 0.5 0.2',
                   'sine "a3 ~" :attack 0.1 :decay 0.1 :sustain 0.5 :release 0.2'):
        x = left(source)
        top, held = peak(x, 0.095, 0.105), peak(x, 0.3, 0.45)
        near(held / top, 0.5, 0.03, source)
        expect(peak(x, 0.72, 1) < 1e-3, source, "released")


# ---- envelopes: LANGUAGE 16 ---------------------------------------------------------------------


def test_cycle_envelopes_start_over_with_each_cycle():
    x = left("adsr 0.1 0.1 0.5 0.2 * 0.8", 2)
    for t, value in ((0.05, 0.4), (0.1, 0.8), (0.15, 0.6), (0.5, 0.4), (0.9, 0.2), (1.05, 0.4)):
        near(at(x, t), value, 0.002, "adsr at", t)
    x = left("ad 0.2 0.4 * 0.8", 2)
    for t, value in ((0.1, 0.4), (0.2, 0.8), (0.4, 0.4), (0.7, 0), (1.1, 0.4)):
        near(at(x, t), value, 0.002, "ad at", t)
    x = left("line 0 0.8", 2)
    for t, value in ((0.25, 0.2), (0.75, 0.6), (1.5, 0.4)):
        near(at(x, t), value, 0.002, "line at", t)


def test_ramps_run_once():
    x = left("line 0.1 0.5 0.5", 2)
    for t, value in ((0.25, 0.3), (0.6, 0.5), (1.5, 0.5)):
        near(at(x, t), value, 0.001, "line at", t)
    x = left("xline 0.1 0.4 0.5", 2)
    for t, value in ((0.25, 0.2), (1.5, 0.4)):
        near(at(x, t), value, 0.001, "xline at", t)
    for k in (3, -2, 0):
        x = left("curve 0.1 0.6 0.8 %d" % k)
        for p in (0.25, 0.5, 0.75):
            share = (math.exp(k * p) - 1) / (math.exp(k) - 1) if k else p
            near(at(x, 0.8 * p), 0.1 + 0.5 * share, 0.001, "curve", k, p)
    x = left('segments "0 0.8 0.2 0.4" "0.1 0.2 0.1"', 2)
    for t, value in ((0.05, 0.4), (0.2, 0.5), (0.35, 0.3), (1.5, 0.4)):
        near(at(x, t), value, 0.001, "segments at", t)


def test_gates_and_triggers_follow_true_events():
    x = left('gate "1 0 t 1 f ~ x 0" * 0.5')
    for i, wanted in enumerate((1, 0, 1, 1, 0, 0, 1, 0)):
        near(at(x, (i + 0.5) / 8), 0.5 * wanted, 1e-6, "step", i)
    x = left('trig "1 0 1 1" * 0.5')
    expect([i for i, v in enumerate(x) if v] == [0, RATE // 2, RATE * 3 // 4], "one frame each")
    near(x[0], 0.5, 1e-6)


def test_envelopes_fired_by_patterns():
    x = left('env_trig "1 0 1 1" 0.02 0.03 0.5 0.04 * 0.8')
    for t, value in ((0.01, 0.4), (0.02, 0.8), (0.05, 0.4), (0.2, 0.4), (0.4, 0), (0.52, 0.8),
                     (0.77, 0.8)):
        near(at(x, t), value, 0.004, "env_trig at", t)
    x = left('tar "1 0" 0.1 0.2 * 0.8')
    for t, value in ((0.05, 0.4), (0.1, 0.8), (0.2, 0.4), (0.35, 0)):
        near(at(x, t), value, 0.004, "tar at", t)
    x = left('tadsr "1 0" 0.1 0.1 0.5 0.1 * 0.8')
    for t, value in ((0.1, 0.8), (0.3, 0.4), (0.7, 0)):
        near(at(x, t), value, 0.004, "tadsr at", t)
    x = left('sine 1000 # env_trig "1 0" 0.001 0.01 0 0.01')
    expect(peak(x, 0, 0.01) > 0.3 and peak(x, 0.1, 1) < 1e-3, "times its input")


def test_gates_fire_envelopes_and_other_signals_are_multiplied():
    x = left("(impulse 2) # env 0.05 0.05 0.5 0.1 * 0.8")
    for t, value in ((0.025, 0.4), (0.05, 0.8), (0.1, 0.4), (0.15, 0.2), (0.3, 0), (0.55, 0.8)):
        near(at(x, t), value, 0.004, "env at", t)
    same = left("impulse 2 * 1 # adsr 0.05 0.05 0.5 0.1 * 0.8")
    near(max(abs(a - b) for a, b in zip(x, same)), 0, 1e-6, "adsr of a gate")
    x = left("(square 0.5 * 0 + 0.8) # env 0.1 0.1 0.5 0.2")
    near(at(x, 0.5), 0.4, 0.004, "times an adsr of the cycle")
    x = left('gate "1 0" # asr 0.1 0.2 * 0.8')
    for t, value in ((0.05, 0.4), (0.3, 0.8), (0.6, 0.4), (0.75, 0)):
        near(at(x, t), value, 0.004, "asr at", t)
    x = left('gate "1 0" # asr 0.1 0.5 0.2 * 0.8')
    near(at(x, 0.3), 0.4, 0.004, "its sustain")


def test_struct_strikes_a_signal():
    for source in ('struct "t f t f" (sine 1000)', 'struct "t f t f" $ sine 1000'):
        x = left(source)
        expect(peak(x, 0, 0.02) > 0.7 and peak(x, 0.5, 0.52) > 0.7, source)
        expect(peak(x, 0.25, 0.49) < 1e-3, source, "between")


# ---- patterns and signals -----------------------------------------------------------------------


def test_signals_give_events_their_value_at_the_onset():
    for channel, wanted in ((0, (0.71, 0, 0.71, 1)), (1, (0.71, 1, 0.71, 0))):
        x = sound('out $ s "rim*4" # pan (sine 1) # legato 0.2 # gain 0.5')[channel]
        levels = [peak(x, i / 4, i / 4 + 0.04) for i in range(4)]
        top = max(levels)
        for i, value in enumerate(wanted):
            near(levels[i] / top, value, 0.02, "channel", channel, "event", i)


def test_shorthands_are_effects_of_the_mix():
    dry = left('s "rim*4"')
    for chain in ("cutoff 300", "cutoff 300 # resonance 2", "hcutoff 9000"):
        expect(0 < peak(left('s "rim*4" # ' + chain), 0, 1) < 0.7 * peak(dry, 0, 1), chain)
    near(max(abs(a - b) for a, b in zip(left('s "rim" # cutoff 700 # resonance 3'),
                                        left('s "rim" # lpf 700 3'))), 0, 1e-6, "cutoff is lpf")
    near(max(abs(a - b) for a, b in zip(left('s "rim" # room 0.4 # size 0.8'),
                                        left('s "rim" # reverb 0.8 0.5 0.4'))), 0, 1e-6,
         "room is reverb")
    near(max(abs(a - b) for a, b in zip(left('s "rim" # delaytime 0.1 # delayfeedback 0.3'),
                                        left('s "rim" # delay 0.1 0.3 0.5'))), 0, 1e-6,
         "and a delay")


def test_effects_in_call_form_take_their_first_argument_as_input():
    for called, chained in (("distort (limiter (saw 330) 0.6) 0.5",
                             "(saw 330) # limiter 0.6 # distort 0.5"),
                            ("(lpf (saw 330) 500) # distort 2", "(saw 330) # lpf 500 # distort 2")):
        a, b = left(called), left(chained)
        expect(peak(b, 0.1, 1) > 0.1 and max(abs(x - y) for x, y in zip(a, b)) < 1e-6, called)


def test_s_looks_through_effects():
    a, b = left('note "c4 e4" # lpf 900 # s "rim"'), left('s "rim*2" # note "c4 e4" # lpf 900')
    expect(peak(b, 0, 1) > 0.05 and max(abs(x - y) for x, y in zip(a, b)) < 1e-6)


# ---- records: LANGUAGE 15.5 ---------------------------------------------------------------------


def test_tap_records_and_lets_the_sound_pass():
    program = 'tempo: 1\nout $ sine 440 * 0.5 # tap "so/lo" 0.25 # lpf 900\n'
    with Folder() as folder:
        made = render(folder, program, "--cycles", "1")
        taken = Sound(folder.file("out-so_lo.wav"))
        plain = render(folder, program.replace(' # tap "so/lo" 0.25', ""), "--cycles", "1",
                       name="plain.wav")
    expect(taken.n_frames == RATE // 4, "its seconds", taken.n_frames)
    near(taken.rms(0), 0.5 * math.sqrt(0.5), 0.002, "the signal as it was there")
    expect(made.channels == plain.channels, "the sound passes bit for bit")


def test_tap_records_what_a_daemon_plays():
    with Folder() as folder, Daemon("--record", folder.name) as daemon:
        daemon.send("-", text='out $ sine 440 * 0.5 # tap "live" 0.2\n')
        path = folder.file("live.wav")
        for _ in range(100):
            if os.path.exists(path) and os.path.getsize(path) >= 4 * RATE // 5:
                break
            time.sleep(0.05)
        taken = Sound(path)
        expect(taken.n_frames == RATE // 5, taken.n_frames)
        near(taken.rms(0), 0.5 * math.sqrt(0.5), 0.01)


main(globals())
