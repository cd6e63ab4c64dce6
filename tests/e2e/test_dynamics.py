# SPDX-License-Identifier: GPL-3.0-or-later
"""Distortion, dynamics, analysis and logic of LANGUAGE 15.3,
15.4, 17 and 18, from .ph text to sound."""
import math

from support import RATE, Folder, main, render


def sound(program, *options):
    with Folder() as folder:
        return render(folder, program, *(options or ("--cycles", "1")))


def made(expression, seconds=0.5, tempo=1):
    """Left channel of an expression."""
    return sound("tempo: %g\nout: %s\n" % (tempo, expression), "--seconds",
                 str(seconds)).channels[0]


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def worst(a, b):
    """The largest difference, and where it is."""
    return max((abs(x - y), i) for i, (x, y) in enumerate(zip(a, b)))


def follows(expression, wanted, tolerance, *options):
    found = made(expression, *options)
    difference, at = worst(found, wanted)
    expect(difference <= tolerance, expression, "is", found[at], "at", at, "not", wanted[at])


def steady(level):
    """A signal that stands, as text."""
    return "(sine 0 + %g)" % level


# ---- distortion and resolution: 15.3 -------------------------------------------------------------

TONE = "(sine 97 * 0.8)"


def test_distortion_has_its_curve():
    plain = made(TONE)
    for name in ("distort", "distortion", "dist"):
        follows("%s # %s 0.6 1" % (TONE, name),
                [math.tanh(1.6 * x) / math.tanh(1.6) for x in plain], 2e-6)
    for drive in (1, 2.5, 100):  # a drive of 100 multiplies the rounding of what comes in
        follows("%s # distort %g 1 * 0.5" % (TONE, drive),
                [0.5 * math.tanh(drive * x) for x in plain], 1e-6 * max(drive, 2))
    follows("%s # distort 3 0.25" % TONE, [0.75 * x + 0.25 * math.tanh(3 * x) for x in plain], 2e-6)
    follows("%s # distort 3" % TONE, [0.5 * x + 0.5 * math.tanh(3 * x) for x in plain], 2e-6)


def test_shape_and_clip_have_their_curves():
    plain = made(TONE)
    for s in (0.1, 0.5, 0.9):
        k = 2 * s / (1 - s)
        follows("%s # shape %g * 0.5" % (TONE, s),
                [0.5 * (1 + k) * x / (1 + k * abs(x)) for x in plain], 2e-6)
    follows("%s # clip 0.3" % TONE, [max(-0.3, min(0.3, x)) for x in plain], 1e-6)
    follows("%s # clip" % TONE, plain, 1e-6)


def test_bits_are_levels():
    plain = made(TONE)
    for effect, bits in (("bitcrush 1", 1), ("bitcrush 4", 4), ("crush 4", 4), ("crush 8", 8),
                         ("bitcrush 2.5", 2.5)):
        step = 2 ** (1 - bits)
        # a bit makes it 1: below the limiter
        found = [2 * x for x in made("%s # %s * 0.5" % (TONE, effect))]
        for x, y in zip(plain, found):
            expect(near(y / step, round(y / step), 1e-4) and abs(y - x) <= step * 0.50001,
                   effect, x, y)
        expect(near(len(set(round(y / step) for y in found)), 1.6 / step, 2), effect, "levels")


def runs(samples):
    """Lengths of the stretches of equal values, without the first and last."""
    edges = [i for i in range(1, len(samples)) if samples[i] != samples[i - 1]]
    return [b - a for a, b in zip(edges, edges[1:])]


def test_rates_hold_frames():
    plain = made("saw 30 * 0.5")
    for effect, n in (("bitcrush 16 8000", 6), ("bitcrush 16 6", 6), ("bitcrush 16 0.25", 4),
                      ("coarse 6", 6),
                      ("coarse 250", 250), ("bitcrush 16 200", 200), ("decimator 5 0", 5)):
        found = made("saw 30 * 0.5 # %s" % effect)
        held = [plain[i - i % n] for i in range(len(plain))]
        expect(worst(found, held)[0] <= 2 ** -16 + 1e-6, effect, worst(found, held))
        expect(set(runs(found)) <= {n, 2 * n}, effect, set(runs(found)))
    lengths = runs(made("saw 30 * 0.5 # bitcrush 16 10000"))
    expect(near(sum(lengths) / len(lengths), 4.8, 0.02) and set(lengths) == {4, 5}, "10 kHz")
    lengths = runs(made("saw 30 * 0.5 # bitcrush 16 1.5"))
    expect(near(sum(lengths) / len(lengths), 1.5, 0.01), "every 1.5th frame")
    expect(made("saw 30 # bitcrush 16") == made("saw 30 # bitcrush 16 1"), "no rate")


def test_rates_may_move():
    found = made('saw 30 * 0.5 # bitcrush 16 "6 0.1"', 1)
    expect(set(runs(found[100:23900])) <= {6, 12} and set(runs(found[24100:])) <= {10, 20},
           "moving rate")
    found = made('saw 30 * 0.5 # bitcrush 16 "8000 12000"', 1)
    expect(set(runs(found[100:23900])) <= {6, 12} and set(runs(found[24100:])) <= {4, 8},
           "moving Hz")


def test_decimator_smooths():
    held = made("saw 30 * 0.5 # decimator 8 0")
    wanted, y = [], 0
    for x in held:
        y = 0.1 * x + 0.9 * y
        wanted.append(y)
    follows("saw 30 * 0.5 # decimator 8 0.9", wanted, 1e-5)


# ---- dynamics: 15.4 ------------------------------------------------------------------------------


def db(x):
    return 20 * math.log10(max(x, 1e-38))


def follower(x, attack, release):
    """The peak follower of 15.4 and 17."""
    up, down = (1 - math.exp(-1 / (t * RATE)) if t > 0 else 1 for t in (attack, release))
    y, out = 0, []
    for v in x:
        way = abs(v) - y
        y += way * (up if way > 0 else down)
        out.append(y)
    return out


def level_after(effect, level, frame=-1):
    return made("%s # %s" % (steady(level), effect), 0.5)[frame]


def test_compressor_has_its_static_curve():
    for name in ("compressor", "comp", "compress"):
        for threshold, limit in (("-20", -20), ("0.1", -20), ("-6", -6),
                                 ("0.5", db(0.5)), ("0", 0)):
            for ratio, n in (("4", 4), ("1", 1), ("20", 20), ("0.25", 4), ("2.5", 2.5)):
                for level in (0.01, 0.1, 0.3, 0.9):
                    over = max(0, db(level) - limit)
                    wanted = level * 10 ** (-over * (1 - 1 / n) / 20)
                    found = level_after("%s %s %s 0.001 0.01" % (name, threshold, ratio), level)
                    expect(near(found, wanted, 1e-5), name, threshold, ratio, level, found, wanted)
            if name != "compressor":
                break
    expect(near(level_after("comp -20 4 0.001 0.01 6", 0.3),
                10 ** ((-20 + (db(0.3) + 20) / 4 + 6) / 20), 1e-5), "makeup")
    expect(near(level_after("comp -20", 0.3), 10 ** ((-20 + (db(0.3) + 20) / 4) / 20), 1e-5),
           "defaults")


STEP = '(sine 0 + "0.03 0.8 0.03 0.03")'  # from quiet to loud and back


def test_compressor_and_expander_take_their_times():
    x = made(STEP, 1)
    envelope = follower(x, 0.02, 0.15)

    def shaped(gain_db):
        return [v * 10 ** (gain_db(max(0, db(e) + 20)) / 20) for v, e in zip(x, envelope)]

    follows("%s # comp -20 3 0.02 0.15" % STEP, shaped(lambda over: -over * (1 - 1 / 3)), 2e-5, 1)
    follows("%s # expander -20 1.5 0.02 0.15 * 0.2" % STEP,
            [0.2 * v for v in shaped(lambda over: over * 0.5)], 2e-5, 1)
    found = made("%s # comp -20 20 0.02 0.15" % STEP, 1)
    expect(found[12001] > 0.5 and near(db(found[23990]), -20 + (db(0.8) + 20) / 20, 0.01),
           "attack, then held")
    one = next(i for i in range(12000, 24000) if found[i] < found[23990] * 1.05) - 12000
    expect(near(one / RATE, 0.02 * math.log(1 / (1 - 1 / 1.05)), 0.02),
           "in about three times the attack", one)


def test_channels_are_compressed_each_on_its_own():
    both = sound("tempo: 1\nout: (%s # pan 0.6) # comp -20 4 0.001 0.01\n" % steady(0.5),
                 "--seconds", "0.5")
    for channel, share in ((0, math.cos(0.4 * math.pi)), (1, math.sin(0.4 * math.pi))):
        over = db(0.5 * share) + 20
        wanted = 0.5 * share * 10 ** (-over * 0.75 / 20)
        expect(near(both.channels[channel][-1], wanted, 1e-4), channel,
               both.channels[channel][-1], wanted)


def test_expander_boosts_by_24_db_at_most():
    for level, ratio, wanted in ((0.2, 2, 0.4), (0.05, 3, 0.05), (0.4, 1, 0.4), (0.05, 10, 0.05),
                                 (0.11, 10, 0.11 * 1.1 ** 9)):
        expect(near(level_after("expander -20 %g 0.001 0.01" % ratio, level), wanted, 1e-4),
               level, ratio)
    found = made("%s # expand -60 10 0.001 0.01 * 0.1" % steady(0.05))[-1]
    expect(near(found, 0.005 * 10 ** (24 / 20), 1e-5), "limited", found)


def test_sidechain_follows_its_key():
    key = "(sine 3 * 0.9)"
    envelope = follower(made(key), 0.005, 0.05)
    for name in ("sidechain_compressor", "sidechain_comp", "sc_comp"):
        wanted = [0.25 * 10 ** (-max(0, db(e) + 30) * (1 - 1 / 6) / 20) for e in envelope]
        follows("%s # %s %s -30 6 0.005 0.05" % (steady(0.25), name, key), wanted, 1e-5)


def test_limiter_looks_ahead_and_never_exceeds():
    plain = made("noise * 0.5")
    for attack, frames in ((0.005, 240), (0.02, 960), (0, 0)):
        follows("noise * 0.5 # limiter 0.6 %g 0.05" % attack, [0] * frames + list(plain), 1e-7)
    for threshold in (0.05, 0.3):
        found = made("(noise * sine 3) # limit %g 0.002 0.05" % threshold)
        top = max(abs(x) for x in found)
        expect(0.98 * threshold < top <= threshold * 1.000001, threshold, top)
    expect(near(max(abs(x) for x in made("square 100 * 3 # limiter * 0.5")), 0.475, 1e-4),
           "0.95 by default")


def test_limiter_releases_in_its_time():
    found = made("(impulse 1 * 0.9 + 0.1) # limiter 0.5 0.005 0.03", 0.3)  # 1: a gain of 1/2
    lost = [1 - x / 0.1 for x in found]
    expect(near(lost[240 + 480], 0.5 * math.exp(-(480 - 120) / 1440), 0.02),
           "on its way", lost[720])
    expect(near(lost[240 + 600 + 1440] / lost[240 + 600], math.exp(-1), 0.01), "1/e in 30 ms")
    expect(abs(lost[-1]) < 1e-3, "back")


def test_transient_shaper_treats_attack_and_sustain_apart():
    def gains(attack, sustain):
        found = made("(impulse 1 * 0 + 0.05) # transient_shaper %g %g" % (attack, sustain), 1)
        return db(found[48] / 0.05), db(found[-1] / 0.05)

    for attack, sustain in ((12, 0), (0, 12), (-12, 6)):
        first, last = gains(attack, sustain)
        expect(near(last, sustain, 0.1), "what stands has no attack", last)
        fast, slow = (1 - math.exp(-0.001 / t) for t in (0.0005, 0.015))  # after a millisecond
        share = (fast - slow) / fast
        expect(near(first, share * attack + (1 - share) * sustain, 0.2), attack, sustain, first)
    expect(made("saw 5 # tshaper 6 -6 * 0.3") == made("saw 5 # transient_shaper 6 -6 * 0.3"),
           "names")


# ---- analysis and logic: 17 ----------------------------------------------------------------------


def test_followers_take_their_times():
    found = made('peak_follower %s 0.02 0.1' % STEP, 1)
    difference, at = worst(found, follower(made(STEP, 1), 0.02, 0.1))
    expect(difference < 1e-5, difference, at)
    expect(near(found[12000 + 959], 0.8 - (0.8 - found[11999]) * math.exp(-1), 1e-3),
           "1 - 1/e in the attack")
    plain = made("rms %s 0.05" % STEP, 1)
    follows("amp_follower %s 0.02 0.1 0.05" % STEP, follower(plain, 0.02, 0.1), 1e-5, 1)


def test_rms_is_that_of_its_window():
    x = made(TONE, 0.3)
    for text, n in (("0.05", 2400), ("0.2", 9600), ("", 2400)):
        squares = [v * v for v in x]
        wanted = [math.sqrt(sum(squares[max(0, i - n + 1):i + 1]) / n)
                  for i in range(0, len(x), 100)]
        found = made("rms %s %s" % (TONE, text), 0.3)[::100]
        expect(worst(found, wanted)[0] < 1e-5, text, worst(found, wanted))
    found = made('rms (sine 400 * 0.5) "0.01 0.3"', 1)
    expect(near(found[23000], 0.5 / math.sqrt(2), 1e-3) and
           near(found[47990], 0.5 / math.sqrt(2), 1e-4), "window moves")


def test_transient_marks_attacks_and_falls():
    hits = '(s "rim ~ ~ ~")'
    found = made("transient %s 0.05 * 0.5" % hits, 1)
    start = next(i for i, x in enumerate(found) if x > 0)
    expect(start < 100 and near(found[start], 0.5, 1e-6), "a pulse of 1", start)
    top = max(i for i, x in enumerate(found) if x > 0.4999)
    expect(near(found[top + 2400] / found[top], math.exp(-1), 1e-3), "1/e in 50 ms")
    expect(max(made("transient %s 3" % hits, 1)) == 0, "threshold")
    quiet = made("transient (sine 0 + 0.05)", 0.5)  # by default 0.1
    expect(max(quiet) == 0, "default")


def test_schmidt_latch_and_sample_hold():
    triangle = made("tri 5 * 0.8")
    wanted, on = [], 0
    for x in triangle:
        on = 1 if x > 0.5 or (on and not x < -0.2) else 0
        wanted.append(0.5 * on)
    follows("schmidt (tri 5 * 0.8) 0.5 -0.2 * 0.5", wanted, 1e-6)
    follows("(tri 5 * 0.8) # schmidt :low -0.2 :high 0.5 * 0.5", wanted, 1e-6)
    for function, threshold in (("latch", 0.5), ("sample_hold", 0)):
        gate, wanted, held = made("sine 7"), [], 0
        for i, x in enumerate(triangle):
            rises = gate[i] > threshold and (i == 0 or gate[i - 1] <= threshold)
            held = x if rises else held
            wanted.append(held)
        follows("%s (tri 5 * 0.8) (sine 7)" % function, wanted, 1e-6)


def test_timer_counts_seconds_since_the_edge():
    found = made('timer "0 1 0 1" * 0.5', 1)
    for i in range(1, len(found), 7):
        since = i if i < 12000 else (i - 12000) % 24000
        expect(near(found[i], 0.5 * since / RATE, 1e-6 if i >= 12000 else 2e-5), i, found[i])
    found = made("timer (sine 2) * 0.5", 0.4)  # rises through 0.5 after 1/24 s
    edge = next(i for i, x in enumerate(made("sine 2", 0.4)) if x > 0.5)
    expect(near(found[edge - 1], 0.5 * edge / RATE, 2e-5), "from program start")
    expect(near(found[edge + 480], 0.005, 1e-6) and found[edge] == 0, "then from the edge")


def test_lag_range_wrap_min_max():
    wanted, y = [], 0
    for x in made(STEP, 1):
        y = x if not wanted else y + (x - y) * (1 - math.exp(-1 / (0.05 * RATE)))
        wanted.append(y)
    follows("lag %s 0.05" % STEP, wanted, 1e-5, 1)
    plain, other = made("sine 5 * 0.9"), made("sine 7 * 0.9")
    follows("range 0.2 0.6 (sine 5 * 0.9)", [0.2 + (x + 1) / 2 * 0.4 for x in plain], 1e-6)
    follows("sine 5 * 0.9 # range 0.2 0.6", [0.2 + (x + 1) / 2 * 0.4 for x in plain], 1e-6)
    follows("min (sine 5 * 0.9) (sine 7 * 0.9)", [min(x, y) for x, y in zip(plain, other)], 1e-6)
    follows("max (sine 5 * 0.9) (sine 7 * 0.9)", [max(x, y) for x, y in zip(plain, other)], 1e-6)
    found = made("wrap (sine 5 * 2) -0.25 0.5")
    for x, y in zip(plain, found):
        inside = -0.25 + (2 / 0.9 * x + 0.25) % 0.75
        expect(near(inside, y, 1e-5) or near(abs(inside - y), 0.75, 1e-5), x, y)
        expect(-0.25 <= y <= 0.5, y)


def test_pitch_is_heard():
    for source, hz in (("(saw 110)", 110), ("(sine 440)", 440), ("(square 61.7 * 0.3)", 61.7),
                       ("(tri 1500)", 1500)):
        found = made("pitch %s * 0.0001" % source)[-1] * 10000
        expect(near(found / hz, 1, 0.003), source, found)
    found = made('pitch (saw "200 300") * 0.001', 1)
    expect(near(found[23999], 0.2, 1e-3) and near(found[-1], 0.3, 1e-3), "follows")


# ---- conditionals: 18 ----------------------------------------------------------------------------


def test_if_chooses_frame_by_frame_and_both_keep_running():
    gate, a, b = made("sine 3"), made("saw 50 * 0.5"), made("sine 70 * 0.3")
    wanted = [x if c > 0.5 else y for c, x, y in zip(gate, a, b)]
    follows("if (sine 3) (saw 50 * 0.5) (sine 70 * 0.3)", wanted, 0)
    expect(made("if 1 (saw 50 * 0.5) (sine 70)") == a and
           made("if 0.5 (saw 50) (sine 70 * 0.3)") == b, "numbers")


def test_select_rounds_and_wraps():
    choices = [made("sine %d * 0.5" % hz, 1) for hz in (30, 50, 70)]
    found = made('select "0 1 2 3 4 -1 1.4 1.6" (sine 30 * 0.5) (sine 50 * 0.5) (sine 70 * 0.5)', 1)
    for part, choice in enumerate((0, 1, 2, 0, 1, 2, 1, 2)):
        at = slice(part * 6000, part * 6000 + 6000)
        expect(found[at] == choices[choice][at], part)
    expect(made("select 4 (sine 30 * 0.5) (sine 50 * 0.5) (sine 70 * 0.5)", 1) == choices[1],
           "a number")
    expect(made("select 0.4 (sine 30 * 0.5) (sine 70)", 1) == choices[0], "rounded")


main(globals())
