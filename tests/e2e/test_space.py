# SPDX-License-Identifier: GPL-3.0-or-later
"""LANGUAGE 15.1, 15.2 and 15.5: each effect rendered from
text and held to what its line promises."""
import cmath
import math

from support import RATE, Folder, main, render

CLICK = "impulse 0.01 * 0.01"  # one frame of 0.01 at the start


def sound(program, seconds, tempo=1):
    with Folder() as folder:
        return render(folder, "tempo: %g\n%s\n" % (tempo, program), "--seconds", str(seconds))


def response(effect, seconds, source=CLICK, level=0.01):
    """Channels of the answer to a click of 1 (rendered small, so that nothing saturates)."""
    made = sound("out: %s # %s" % (source, effect), seconds)
    return [[x / level for x in c] for c in made.channels]


def echoes(samples, least=1e-4):
    return [(i, x) for i, x in enumerate(samples) if abs(x) > least]


def amplitude(samples, hz, begin=0):
    """Amplitude of one partial, Hann window."""
    n, total = len(samples), 0
    for i, x in enumerate(samples):
        total += (1 - math.cos(2 * math.pi * i / n)) * x * cmath.exp(-2j * math.pi * hz * i / RATE)
    return 2 * abs(total) / n


def energy(samples):
    return sum(x * x for x in samples)


def correlation(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(energy(a) * energy(b))


def decay_seconds(samples):
    """60 dB, from the slope of what energy is left between -5 and -35 dB (Schroeder)."""
    left = total = energy(samples)
    points = []
    for i, x in enumerate(samples):
        db = 10 * math.log10(max(left / total, 1e-12))
        left -= x * x
        if -35 < db < -5:
            points.append((i / RATE, db))
    n, t, y = len(points), sum(p[0] for p in points), sum(p[1] for p in points)
    slope = (n * sum(a * b for a, b in points) - t *
             y) / (n * sum(a * a for a, _ in points) - t * t)
    return -60 / slope


def bass(samples, hz=300):
    """One-pole low-pass: what damping leaves alone."""
    keep, y, out = math.exp(-2 * math.pi * hz / RATE), 0, []
    for x in samples:
        y = keep * y + (1 - keep) * x
        out.append(y)
    return out


def pitches(samples):
    """Hz of each period, from interpolated upward crossings."""
    at = [i - 1 + samples[i - 1] / (samples[i - 1] - samples[i])
          for i in range(1, len(samples)) if samples[i - 1] <= 0 < samples[i]]
    return [RATE / (b - a) for a, b in zip(at, at[1:])]


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def expect_same(made, wanted, tolerance, *shown):
    worst = max(abs(a - b) for a, b in zip(made, wanted))
    expect(worst <= tolerance and max(abs(x) for x in made) > 10 * tolerance, "off by",
           worst, *shown)


def tone(hz, i, phase=0.0):
    """Frame i of a sine; the oscillators' steps are rounded: within 1e-4 of it for a second."""
    return math.sin(2 * math.pi * hz * i / RATE + phase)


# ---- delays: 15.1 --------------------------------------------------------------------------------


def test_delay_is_a_line_through_tanh():
    for time, feedback, mix in ((0.1, 0.5, 0.5), (0.05, 0.9, 0.25), (0.2, 0.3, 1)):
        made = response("delay %g %g %g" % (time, feedback, mix), 1)[0]
        frames, level = round(time * RATE), mix
        expect(near(made[0], 1 - mix, 1e-5), "dry", made[0])
        for turn in range(1, 5):
            expect(near(made[turn * frames], level, 2e-3 * level), time, turn,
                   made[turn * frames], level)
            level *= feedback
    loud = response("delay 0.1", 0.5, "impulse 0.01 * 0.9", 1)[0]  # feedback and mix 0.5
    first = math.tanh(0.9)
    expect(near(loud[4800], 0.5 * first, 1e-5) and
           near(loud[9600], 0.5 * math.tanh(0.5 * first), 1e-5), "tanh")
    kept = response("delay 0.1 2 1", 4)[0]  # feedback is held at 0.99
    expect(near(kept[24000] / kept[19200], 0.99, 1e-3), "clamped", kept[24000] / kept[19200])


def test_tapedelay_turns_at_its_time_loses_treble_and_keeps_its_level():
    made = response("tapedelay 0.1 0.5 :wow_depth 0 :flutter_depth 0 :mix 1", 1)[0]
    expect(max(abs(x) for x in made[:4800]) == 0 and made[4800] > 0.2, "at its time",
           made[4798:4803])
    sums = [sum(made[k * 4800 - 500:k * 4800 + 2000]) for k in range(1, 6)]
    for turn, total in enumerate(sums):  # the sum over an echo is its level at 0 Hz
        expect(near(total, 0.5 ** turn, 2e-3), turn, sums)
    bright = [amplitude(made[k * 4800 - 500:k * 4800 + 1000], 8000) / sums[k - 1]
              for k in (1, 2, 3)]
    expect(near(bright[1] / bright[0], bright[2] / bright[1], 0.01) and
           bright[1] < 0.65 * bright[0], "treble", bright)
    dry = response("tapedelay 0.1 0.5", 0.3)[0]
    expect(near(dry[0], 0.5, 1e-5), "mix", dry[0])


def test_tapedelay_wow_and_flutter_bend_the_pitch_and_saturation_bounds_it():
    for keys, rate, seconds in ((":wow_rate 2 :wow_depth 1 :flutter_depth 0", 2, 0.001),
                                (":flutter_rate 8 :flutter_depth 1 :wow_depth 0", 8, 0.0001)):
        made = sound("out: sine 1000 * 0.05 # tapedelay 0.01 0 %s :mix 1" % keys, 1.5)
        bend = [hz / 1000 - 1 for hz in pitches(made.channels[0][12000:])]
        wanted = 2 * math.pi * rate * seconds
        expect(near(max(bend), wanted, 0.04 * wanted) and near(min(bend), -wanted, 0.04 * wanted),
               keys, max(bend), min(bend), wanted)
        signs = [b > 0 for b in bend[::20]]
        turns = sum(1 for a, b in zip(signs, signs[1:]) if b and not a)
        expect(near(turns, rate * 1.25, 1), "rate", keys, turns)
    for saturation in (0, 0.3, 1):
        made = sound("out: sine 100 * 0.9 # tapedelay 0.01 0 0.5 0 6 0 %g 1" % saturation, 0.5)
        drive = 1 + 3 * saturation
        expect(near(made.peak(0, 9600), math.tanh(drive * 0.9) / drive, 2e-3), saturation,
               made.peak(0, 9600))


def test_multitap_taps_have_their_places_and_gains():
    for taps in (2, 5, 8):
        made = response("multitap 0.05 %d 0 0.6" % taps, 0.5)[0]
        wanted = [(0, 0.4)] + [(2400 * i, 0.6 / (i * taps)) for i in range(1, taps + 1)]
        found = echoes(made)
        expect(len(found) == len(wanted) and
               all(a == b and near(x, y, 1e-4) for (a, x), (b, y) in zip(found, wanted)), found)
    # feedback 0.5, mix 0.6: the taps' average goes back in
    made = response("multitap 0.05 2", 0.5)[0]
    written = [1.0]
    for turn in range(1, 8):
        average = (written[turn - 1] + (written[turn - 2] / 2 if turn > 1 else 0)) / 2
        expect(near(made[2400 * turn], 0.6 * average, 1e-4), turn, made[2400 * turn], 0.6 * average)
        written.append(0.5 * average)


def test_pingpong_goes_from_side_to_side():
    for start in (0, 1):
        left, right = response("pingpong 0.1 0.5 1 %d 1" % start, 0.6)
        for turn in range(1, 5):
            here, there = (left, right) if (turn + start) % 2 else (right, left)
            expect(near(here[4800 * turn], 0.5 ** (turn - 1), 1e-4) and
                   abs(there[4800 * turn]) < 1e-6, start, turn)
        expect(len(echoes(left)) + len(echoes(right)) == 5, "only echoes")
    left, right = response("pingpong 0.1 0.5", 0.6)  # width 0.8, start 0, mix 0.7
    expect(near(left[0], 0.3, 1e-5) and near(right[0], 0.3, 1e-5), "dry", left[0])
    expect(near(left[4800], 0.7 * 0.9, 1e-4) and near(right[4800], 0.7 * 0.1, 1e-4), "width",
           left[4800], right[4800])


# ---- reverbs: 15.1 -------------------------------------------------------------------------------

COMBS, ALLPASSES = (1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617), (556, 441, 341, 225)


def freeverb(n, room, damping, spread):
    """n frames of the answer to a click of 1: 8 damped combs, then 4 all-passes. As in
    SuperCollider, what a line feeds back to itself is a frame later than what it gives."""
    feedback, keep, out = 0.7 + 0.28 * room, 0.4 * damping, [0.0] * n
    for length in COMBS:
        line, read, damped, length = [0.0] * n, 0.0, 0.0, length + spread
        for i in range(n):
            damped = (1 - keep) * read + keep * damped
            read = line[i - length] if i >= length else 0.0
            line[i] = (0.03 if i == 0 else 0.0) + feedback * damped
            out[i] += read
    for length in ALLPASSES:
        line, read, length = [0.0] * n, 0.0, length + spread
        for i in range(n):
            line[i] = out[i] + 0.5 * read
            read = line[i - length] if i >= length else 0.0
            out[i] = read - out[i]
    return out


def test_reverb_is_eight_combs_and_four_allpasses_beside_the_dry_signal():
    for room, damping, mix in ((0, 0, 1), (0.5, 0.5, 0.3), (1, 1, 0.7)):
        made = response("reverb %g %g %g" % (room, damping, mix), 0.25)
        expect(near(made[0][0], 1, 1e-6) and near(made[1][0], 1, 1e-6), "dry at unity")
        for side, spread in ((0, 0), (1, 23)):
            wet = [mix * x for x in freeverb(9600, room, damping, spread)]
            expect(echoes(made[side][1:], 1e-6)[0][0] + 1 == COMBS[0] + spread, "first echo", side)
            expect_same(made[side][1:9600], wet[1:], 1e-5, room, damping, side)


def test_plate_decays_in_seconds_behind_its_pre_delay():
    plain = response("plate 0 2 0.7 0 0.3 1", 4)
    for side in plain:
        # all-passes are a half of the tank and delay each frequency otherwise: a seventh
        expect(near(decay_seconds(side), 2, 2 / 7), "decay", decay_seconds(side))
    later = response("plate 100 2 0.7 0 0 1", 0.5)[0]
    at_once = response("plate 0 2 0.7 0 0 1", 0.5)[0]
    expect_same(later[4800:], at_once[:len(later) - 4800], 1e-5, "pre_delay")
    expect(abs(correlation(plain[0], plain[1])) < 0.1, "sides", correlation(plain[0], plain[1]))
    expect(near(energy(plain[0]) / energy(plain[1]), 1, 0.1), "levels")
    mixed = response("plate 20 2", 0.5)  # mix 0.5
    expect(near(mixed[0][0], 0.5, 1e-5) and near(mixed[1][0], 0.5, 1e-5), "dry", mixed[0][0])
    short, long = (decay_seconds(bass(response("plate 0 %g" % s, 4)[0][1:])) for s in (1, 3))
    expect(2 < long / short < 3.5, "damped", short, long)


def test_lush_decays_in_seconds_and_freezes():
    for seconds in (0.5, 1.5):
        made = response("lush %g :damping 0 :spin 0 :wander 0 :mix 1" % seconds,
                        2.5 * seconds + 0.5)
        for side in made:
            expect(near(decay_seconds(side), seconds, 0.03 * seconds), seconds, decay_seconds(side))
    expect(abs(correlation(*made)) < 0.1 and near(energy(made[0]) / energy(made[1]), 1, 0.15),
           "sides", correlation(*made))
    dry = response("lush 2", 0.2)
    expect(near(dry[0][0], 0.5, 1e-5), "mix", dry[0][0])
    held = sound(
        'out: pan ((noise * ad 0.01 0.4) * 0.3) 0 # lush 1 :damping 0.8 :freeze "0 1@31" :mix 1',
        16, 1 / 16)
    levels = [math.hypot(held.rms(0, a, a + 96000), held.rms(1, a, a + 96000))
              for a in (48000, 672000)]
    expect(levels[0] > 1e-3 and near(20 * math.log10(levels[1] / levels[0]), 0, 0.1),
           "held for 13 s", levels)
    closed = sound("out: sine 200 * 0.5 # lush 1 :freeze 1 :mix 1", 0.5)
    expect(closed.peak(0) == 0, "nothing enters", closed.peak(0))


def test_lush_takes_its_predelay_first_of_eight_arguments():
    def first(effect):
        return echoes(response(effect, 0.5)[0], 1e-6)[0][0]

    eight = first("lush 0.1 1 0.7 0 0 0 0 1")
    none = first("lush 0 1 0.7 0 0 0 0 1")
    expect(eight - none == 4800, "eight", eight, none)
    expect(first("lush 1 0.7 0 0 0 0 1") - none == 960, "seven: 20 ms")
    expect(first("lush 1 0.7 0 0 0 0 1 :predelay 0.05") - none == 2400, "by name")


def test_reverb_stereo_decays_in_its_time():
    for seconds in (1, 2):
        made = response("reverb_stereo 1 %g" % seconds, 2 * seconds)
        expect(abs(made[0][0]) < 1e-6, "wet only")
        found = decay_seconds(bass(made[0]))
        expect(near(found, seconds, 0.1 * seconds), "decay", seconds, found)
        expect(abs(correlation(*made)) < 0.15, "sides", correlation(*made))
    expect(near(response("reverb_stereo 0.25 1", 0.1)[0][0], 0.75, 1e-5), "dry")


def test_diffuser_spreads_a_click_and_keeps_its_energy():
    counts = []
    for amount in (0, 0.5, 1):
        made = response("diffuser %g" % amount, 0.6)[0]
        expect(near(10 * math.log10(energy(made)), 0, 1.5), amount, energy(made))
        expect(max(abs(x) for x in made) < 0.3, "no click is left")
        counts.append(len(echoes(made)))
    expect(counts[0] > 200 and counts[1] > 5 * counts[0] and counts[2] > 1.2 * counts[1], counts)


# ---- modulation: 15.2 ----------------------------------------------------------------------------


def swung(hz, i, centre, swing, rate, phase=0.0):
    """Frame i of a sine through a delay that swings."""
    return tone(hz, i - RATE * (centre + swing * tone(rate, i, phase)))


def test_chorus_is_a_delay_of_15_ms_that_swings_by_10():
    n, begin = 24000, 2400
    frames = range(begin, n)
    made = sound("out: sine 300 * 0.5 # chorus 2 0.5 1", n / RATE).channels
    wanted = [0.5 * swung(300, i, 0.015, 0.005, 2) for i in frames]
    for side in made:
        expect_same(side[begin:], wanted, 2e-3, "one voice")
    made = sound("out: sine 300 * 0.5 # chorus 2 2 0.5 1", n / RATE).channels  # four: voices first
    for side, phase in ((0, 0), (1, math.pi)):
        wanted = [0.5 * math.sqrt(0.5) * swung(300, i, 0.015, 0.005, 2, phase) for i in frames]
        expect_same(made[side][begin:], wanted, 2e-3, "two voices", side)
    made = sound("out: sine 300 * 0.5 # chorus 2 0.5", n / RATE).channels  # mix 0.3
    wanted = [0.35 * tone(300, i) + 0.15 * swung(300, i, 0.015, 0.005, 2) for i in frames]
    expect_same(made[0][begin:], wanted, 2e-3, "mix")


def test_fchorus_is_the_mean_of_five_voices():
    made = response("fchorus 0.02 0 0.2", 0.2)[0]
    expect([(i, round(x, 3)) for i, x in echoes(made)] == [(960 * v, 0.2) for v in range(5)],
           echoes(made))
    swinging = sound("out: sine 1000 * 0.5 # fchorus 0.01 0.002 0.5", 2).channels[0]
    levels = [max(swinging[a:a + 480]) for a in range(4800, 96000, 480)]
    expect(max(levels) > 2 * min(levels), "voices beat", min(levels), max(levels))


def test_flanger_is_a_short_delay_with_feedback():
    n, begin = 24000, 2400
    made = sound("out: sine 300 * 0.3 # flanger 0.5 2 0", n / RATE).channels[0]
    wanted = [0.3 * (tone(300, i) + 0.25 * swung(300, i, 0.003, 0.001, 2)) for i in range(begin, n)]
    expect_same(made[begin:], wanted, 2e-3, "delay and wet level")
    made = response("flanger 1 0.01 0.5", 0.05)[0]
    sums = [sum(made[144 * turn - 10:144 * turn + 11]) for turn in (1, 2, 3)]
    expect(all(near(x, y, 5e-3) for x, y in zip(sums, (0.5, 0.25, 0.125))), "feedback", sums)


def test_phaser_sweeps_all_passes_from_200_to_2000_hz():
    for rate, depth, feedback, stages in ((2, 1, 0, 4), (1, 0.5, 0.7, 6), (3, 1, 0.3, 2),
                                          (0.5, 1, 0.5, 12)):
        made = sound("out: saw 100 * 0.2 # phaser %g %g %g %d" % (rate, depth, feedback, stages),
                     0.5).channels[0]
        plain = sound("out: saw 100 * 0.2", 0.5).channels[0]
        state, wet, wanted = [0.0] * stages, 0.0, []
        for i, x in enumerate(plain):
            t = math.tan(math.pi * math.sqrt(200 * 2000) *
                         10 ** (0.5 * depth * tone(rate, i)) / RATE)
            a, wet = (t - 1) / (t + 1), x + feedback * wet
            for k in range(stages):
                passed = a * wet + state[k]
                state[k] = wet - a * passed
                wet = passed
            wanted.append((x + wet) / 2)
        expect_same(made, wanted, 2e-4, stages, depth)
    # at rest four stages have notches where each is an eighth of a turn late, and three eighths
    for eighths, gain in ((1, 0), (2, 1), (3, 0)):
        hz = RATE / math.pi * math.atan(math.tan(math.pi * math.sqrt(4e5) / RATE) *
                                        math.tan(math.pi * eighths / 8))
        made = sound("out: sine %.4f * 0.5 # phaser 1 0 0" % hz, 0.6).channels[0][9600:]
        expect(near(amplitude(made, hz), 0.5 * gain, 2e-3), eighths, amplitude(made, hz))


def test_tremolo_and_ring_multiply():
    n = 24000
    for rate, depth in ((5, 1), (11, 0.4)):
        made = sound("out: sine 300 * 0.5 # tremolo %g %g" % (rate, depth), n / RATE).channels[0]
        wanted = [0.5 * tone(300, i) * (1 - depth / 2 + depth / 2 * tone(rate, i))
                  for i in range(n)]
        expect_same(made, wanted, 2e-4, "tremolo", rate)
    made = sound("out: sine 300 * 0.5 # ring 430", n / RATE).channels[0]
    expect_same(made, [0.5 * tone(300, i) * tone(430, i) for i in range(n)], 2e-4, "ring")
    made = sound("out: ring_mod (sine 300) (sine 70 * 0.5)", n / RATE).channels[0]
    expect_same(made, [0.5 * tone(300, i) * tone(70, i) for i in range(n)], 2e-4, "ring_mod")
    made = sound("out: pan (sine 300 * 0.5) -1 + pan (sine 200 * 0.5) 1 # tremolo 5 1",
                 n / RATE).channels
    for side, hz in ((0, 300), (1, 200)):  # one swing for both channels
        expect_same(made[side], [0.5 * tone(hz, i) * (0.5 + 0.5 * tone(5, i)) for i in range(n)],
                    2e-4, "stereo", side)


def test_vibrato_bends_by_its_depth():
    for rate, depth in ((5, 0.5), (8, 1), (2, 0.2)):
        made = sound("out: sine 2000 * 0.5 # vibrato %g %g" % (rate, depth), 1.5).channels[0]
        bend = [12 * math.log2(hz / 2000) for hz in pitches(made[24000:])]
        # single periods are coarse
        bend = [sum(bend[i:i + 8]) / 8 for i in range(0, len(bend) - 8, 4)]
        # up and down differ by depth^2 ln 2 / 24 from the middle
        slack = 0.02 * depth + depth * depth * math.log(2) / 24
        expect(near(max(bend), depth, slack) and near(-min(bend), depth, slack), rate, depth,
               max(bend), min(bend))
        turns = sum(1 for a, b in zip(bend, bend[1:]) if a <= 0 < b)
        expect(near(turns, rate, 1), "rate", rate, turns)


# ---- stereo and mixing: 15.5 ---------------------------------------------------------------------


def test_pan_has_equal_power():
    for name in ("pan", "pan2"):
        for position in (-1, -0.5, 0, 0.3, 1):
            made = sound("out: sine 200 * 0.5 # %s %g" % (name, position), 0.1)
            angle = (position + 1) * math.pi / 4
            left, right = (amplitude(c, 200) for c in made.channels)
            expect(near(left, 0.5 * math.cos(angle), 1e-3) and
                   near(right, 0.5 * math.sin(angle), 1e-3), name, position, left, right)
    for name, gain in (("pan2_l", math.cos(0.7 * math.pi / 4)),
                       ("pan2_r", math.sin(0.7 * math.pi / 4))):
        made = sound("out: %s (sine 200 * 0.5) -0.3" % name, 0.1)
        for side in made.channels:  # mono: on both sides
            expect(near(amplitude(side, 200), 0.5 * gain, 1e-3), name, amplitude(side, 200))


def test_widener_scales_the_side_and_makes_one_of_mono():
    n, both = 9600, "(pan (sine 200 * 0.2) -1 + pan (sine 300 * 0.2) 1)"
    for width in (0, 0.5, 1, 2):
        made = sound("out: %s # widener %g" % (both, width), n / RATE).channels
        for side, sign in ((0, 1), (1, -1)):
            wanted = [0.1 * (tone(200, i) + tone(300, i)) + sign * width * 0.1 *
                      (tone(200, i) - tone(300, i)) for i in range(n)]
            expect_same(made[side], wanted, 2e-4, width, side)
    plain = sound("out: saw 110 * 0.3", 0.5).channels[0]
    for name, width in (("widener", 0), ("width", 1), ("widener", 2)):
        left, right = sound("out: saw 110 * 0.3 # %s %g" % (name, width), 0.5).channels
        expect_same([(a + b) / 2 for a, b in zip(left, right)], plain, 1e-5,
                    "the sum is mono", width)
        together = correlation(left, right)
        expect(together > 0.9999 if width == 0 else together < 1 - 0.2 * width, width, together)
    default, one = (sound("out: saw 110 * 0.3 # widener%s" % w, 0.2).channels for w in ("", " 1"))
    expect(default == one, "default")


def test_xfade_mix_amp_and_arithmetic():
    n = 4800
    a, b = [0.3 * tone(200, i) for i in range(n)], [0.2 * tone(310, i) for i in range(n)]
    for program, wanted in (
            ("xfade (sine 200 * 0.3) (sine 310 * 0.2) 0.25",
             [0.75 * x + 0.25 * y for x, y in zip(a, b)]),
            ("xfade (sine 200 * 0.3) (sine 310 * 0.2) 7", b),
            ("mix (sine 200 * 0.3) (sine 310 * 0.2)", [x + y for x, y in zip(a, b)]),
            ("mix(sine 200 * 0.3, sine 310 * 0.2, sine 200 * 0.3)",
             [2 * x + y for x, y in zip(a, b)]),
            ("sine 200 # amp 0.3", a), ("sine 200 # mul 0.3", a),
            ("sine 200 # amp -0.3", [-x for x in a]),
            ("sine 200 * 0.3 # add 0.1", [x + 0.1 for x in a]),
            ("sine 200 * 0.3 # sub 0.1", [x - 0.1 for x in a]),
            ("sine 200 * 0.6 # div 2", a),
            ("sine 200 * 0.3 # add (sine 310 * 0.2)", [x + y for x, y in zip(a, b)]),
            ("sine 200 * 0.9 # clip 0.5", [min(max(3 * x, -0.5), 0.5) for x in a]),
            ("sine 200 * 0.9 # clip", [3 * x for x in a])):
        expect_same(sound("out: " + program, n / RATE).channels[0], wanted, 2e-4, program)
    many = "mix(%s)" % ", ".join("sine %d * 0.05" % hz for hz in range(200, 1200, 100))
    made = sound("out: " + many, 0.2).channels[0]
    for hz in range(200, 1200, 100):
        expect(near(amplitude(made, hz), 0.05, 1e-3), "ten signals", hz)


# ---- defaults, ranges, other names ---------------------------------------------------------------

PLAIN = "saw 110 * 0.2"
DEFAULTS = (
    ("delay 0.05", "delay 0.05 0.5 0.5"),
    ("tapedelay 0.05 0.4", "tapedelay 0.05 0.4 0.5 0.02 6 0.05 0.3 0.5"),
    ("multitap 0.02 3", "multitap 0.02 3 0.5 0.6"),
    ("pingpong 0.05 0.4", "pingpong 0.05 0.4 0.8 0 0.7"),
    ("reverb 0.5 0.5", "reverb 0.5 0.5 0.3"), ("plate 10 2", "plate 10 2 0.7 0.3 0.3 0.5"),
    ("lush 2", "lush 0.02 2 0.7 0.3 0.3 0.2 0 0.5"), ("chorus 1 0.5", "chorus 1 1 0.5 0.3"),
    ("phaser 1 0.5 0.3", "phaser 1 0.5 0.3 4"), ("widener", "widener 1"), ("clip", "clip 1"))
RANGES = (
    ("delay 0.05 2 0.5", "delay 0.05 0.99 0.5"), ("delay 0.05 0.5 3", "delay 0.05 0.5 1"),
    ("delay 9 0.5 0.5", "delay 8 0.5 0.5"),
    ("tapedelay 0.05 2", "tapedelay 0.05 0.95"), ("tapedelay 0 0.5", "tapedelay 0.001 0.5"),
    ("tapedelay 0.05 0.5 9 1", "tapedelay 0.05 0.5 2 1"),
    ("tapedelay 0.05 0.5 0.5 0 1 1", "tapedelay 0.05 0.5 0.5 0 5 1"),
    ("multitap 0 3", "multitap 0.001 3"), ("multitap 0.02 1", "multitap 0.02 2"),
    ("multitap 0.02 99", "multitap 0.02 8"),
    ("pingpong 0 0.5", "pingpong 0.001 0.5"), ("pingpong 0.05 2", "pingpong 0.05 0.95"),
    ("reverb 3 0.5 1", "reverb 1 0.5 1"), ("reverb 0.5 -1 1", "reverb 0.5 0 1"),
    ("plate 900 2", "plate 500 2"), ("plate 0 50", "plate 0 10"), ("plate 0 0", "plate 0 0.1"),
    ("diffuser 2", "diffuser 1"),
    ("chorus 99 0.5 1", "chorus 10 0.5 1"), ("chorus 1 7 1", "chorus 1 1 1"),
    ("flanger 5 1 0", "flanger 1 1 0"),
    ("flanger 1 99 0", "flanger 1 10 0"), ("flanger 1 1 2", "flanger 1 1 0.95"),
    ("phaser 99 1 0", "phaser 10 1 0"),
    ("phaser 1 1 2", "phaser 1 1 0.95"), ("phaser 1 1 0 99", "phaser 1 1 0 12"),
    ("phaser 1 1 0 0", "phaser 1 1 0 2"),
    ("tremolo 99 1", "tremolo 40 1"), ("tremolo 5 2", "tremolo 5 1"),
    ("vibrato 99 0.5", "vibrato 20 0.5"),
    ("vibrato 5 9", "vibrato 5 2"), ("ring 1", "ring 20"), ("ring 9999", "ring 5000"),
    ("pan 3", "pan 1"), ("pan2_l -3", "pan2_l -1"), ("pan2_r 3", "pan2_r 1"),
    ("widener 5", "widener 2"), ("xfade (saw 55 * 0.1) 3", "xfade (saw 55 * 0.1) 1"))
NAMES = (("tape 0.05 0.4", "tapedelay 0.05 0.4"), ("ph 1 0.5 0.3", "phaser 1 0.5 0.3"),
         ("trem 5 1", "tremolo 5 1"),
         ("vib 5 1", "vibrato 5 1"), ("width 0.5", "widener 0.5"), ("pan2 0.5", "pan 0.5"))


def test_defaults_ranges_and_other_names():
    for pairs in (DEFAULTS, RANGES, NAMES):
        for written, meant in pairs:
            if written.startswith("xfade"):
                a, b = ("out: xfade (%s) %s" % (PLAIN, effect[6:]) for effect in (written, meant))
            else:
                a, b = ("out: %s # %s" % (PLAIN, effect) for effect in (written, meant))
            a, b = sound(a, 0.6), sound(b, 0.6)
            expect(a.channels == b.channels and max(a.peak(0), a.peak(1)) > 0.01, written, meant)


main(globals())
