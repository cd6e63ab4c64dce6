# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of LANGUAGE 14 from .ph text to sound: curves,
slopes, resonances, formants, modulation."""
import cmath
import math

from support import RATE, Folder, main, render


def sound(program, *options):
    with Folder() as folder:
        return render(folder, program, *(options or ("--cycles", "1")))


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def db(ratio):
    return 20 * math.log10(abs(ratio) + 1e-12)


def response(effect, seconds=0.25):
    """What an effect makes of one frame of 1; it is fed 1/100,
    where the ladder's tanh is straight."""
    made = sound("tempo: 1\nout: impulse 0.1 * 0.01 # %s\n" % effect, "--seconds", str(seconds))
    return [x * 100 for x in made.channels[0]]


def gain(impulse_response, hz):
    turn, at, total = cmath.exp(-2j * math.pi * hz / RATE), 1, 0
    for x in impulse_response:
        total += x * at
        at *= turn
    return total


def prototype(hz, centre_hz):
    """s of the analogue filter that the bilinear transform is taken of, 1j at the centre."""
    return 1j * math.tan(math.pi * hz / RATE) / math.tan(math.pi * centre_hz / RATE)


def low(s, q):
    return 1 / (s * s + s / q + 1)


def high(s, q):
    return s * s * low(s, q)


def band(s, q):
    return s / q * low(s, q)


def notch(s, q):
    return (s * s + 1) * low(s, q)


def peak(s, q, gain_db):
    root = 10 ** (gain_db / 40)
    return (s * s + s * root / q + 1) / (s * s + s / (root * q) + 1)


FREQUENCIES = (60, 250, 700, 1000, 1400, 4000, 15000)


def compare(effect, shape, seconds=0.25):
    """The curve of an effect against shape(hz), in dB; below -70 dB only that it is there."""
    made = response(effect, seconds)
    for hz in FREQUENCIES:
        found, wanted = db(gain(made, hz)), db(shape(hz))
        expect(near(found, wanted, 0.05) or max(found, wanted) < -70, effect, hz, "Hz:", found,
               "not", wanted)


def test_second_order_filters_have_the_curves_of_their_prototypes():
    for names, shape in ((("lpf", "rlpf", "svf_lp", "bq_lp"), low),
                         (("hpf", "rhpf", "svf_hp", "bq_hp"), high),
                         (("notch", "svf_notch", "bq_notch"), notch), (("resonz", "bq_bp"), band),
                         (("bpf", "svf_bp"), lambda s, q: q * band(s, q))):
        for name in names:
            for q in (0.5, 0.7071, 6):
                compare("%s 1000 %g" % (name, q), lambda hz: shape(prototype(hz, 1000), q))
            if name != "resonz":  # q is 1 where it isn't written
                compare("%s 1000" % name, lambda hz: shape(prototype(hz, 1000), 1))


def test_cutoff_slope_and_peak_are_what_a_musician_means():
    for name, side in (("lpf", 1), ("rlpf", 1), ("hpf", -1), ("rhpf", -1)):
        made = response("%s 400 0.70711" % name)
        expect(near(db(gain(made, 400)), -3.01, 0.02), name, "at its cutoff", db(gain(made, 400)))
        far = 400 * 4.0 ** side
        fall = db(gain(made, far)) - db(gain(made, far * 2.0 ** side))
        expect(near(fall, 12, 0.3), name, "falls by", fall)
        expect(near(db(gain(response("%s 400 10" % name), 400)), 20, 0.02), name, "with q 10")
    for name, top in (("resonz", 0), ("bpf", db(20))):
        made = response("%s 400 20" % name, 0.5)
        expect(near(db(gain(made, 400)), top, 0.02), name, "peak")
        for hz in (390.12, 410.12):  # 20 Hz apart: 400 / q
            expect(near(db(gain(made, hz)), top - 3.01, 0.05), name, "width", hz,
                   db(gain(made, hz)))


def test_ranges_are_clamped():
    for written, meant in (("lpf 5 1", "lpf 20 1"), ("lpf 100000 1", "lpf 21600 1"),
                           ("lpf 900 0.01", "lpf 900 0.1"),
                           ("hpf 900 100", "hpf 900 40"), ("resonz 900 0.1", "resonz 900 0.5"),
                           ("resonz 900 500", "resonz 900 100"), ("moog 900 7", "moog 900 1"),
                           ("comb 480 3", "comb 480 0.99"), ("allpass 9", "allpass 1"),
                           ("djf 3", "djf 1")):
        expect(response(written, 0.05) == response(meant, 0.05), written)


def ladder(hz, res):
    pole = 1 / (1 + prototype(hz, 1000))
    return pole ** 4 / (1 + 4 * res * pole ** 4)


def test_the_ladder_is_four_poles_with_feedback():
    for res in (0, 0.5, 0.8):
        compare("moog 1000 %g" % res, lambda hz: ladder(hz, res))
    expect(response("moog_ladder 700 0.4", 0.1) == response("moog_hz 700 0.4", 0.1), "names")
    made = response("moog 1000 0")
    expect(near(db(gain(made, 1000)), -12.04, 0.02), "four times -3 dB", db(gain(made, 1000)))
    expect(near(db(gain(made, 4000)) - db(gain(made, 8000)), 24, 3), "24 dB an octave")
    sustained = sound("tempo: 1\nout: impulse 0.1 * 0.5 # moog 1000 1\n", "--seconds", "2")
    early, late = sustained.rms(0, 9600, 19200), sustained.rms(0, 76800, 86400)
    expect(early > 1e-3 and late > 0.5 * early, "rings on at res 1", early, late)
    up = [i for i in range(24000, 48000)
          if sustained.channels[0][i - 1] <= 0 < sustained.channels[0][i]]
    expect(near((len(up) - 1) * RATE / (up[-1] - up[0]), 1000, 2), "at the cutoff")
    loud = sound("tempo: 4\nout: sine 200 * 30 # moog 2000 0.9 * 0.5\n")
    expect(loud.peak() < 0.96, "tanh in the loop bounds it", loud.peak())


def test_comb_feeds_back_a_period_later():
    made = response("comb 480 0.7")
    at = [i for i, x in enumerate(made) if abs(x) > 1e-5]
    expect(at[:4] == [0, 100, 200, 300], at[:4])
    for n in range(10):
        expect(near(made[100 * n], 0.7 ** n, 2e-5), n, made[100 * n])
    made = response("comb 441 0.95")
    for n in (1, 3, 10):  # peaks at the harmonics: 1 / (1 - feedback)
        expect(near(db(gain(made, 441 * n)), db(1 / (1 - 0.95)), 0.5), n, db(gain(made, 441 * n)))


def test_allpass_is_its_formula_and_flat():
    for g in (-0.8, 0.3):
        made = response("allpass %g" % g)
        for i, wanted in enumerate((g, 1 - g * g, -g * (1 - g * g), g * g * (1 - g * g))):
            expect(near(made[i], wanted, 1e-5), g, i, made[i], wanted)
        for hz in FREQUENCIES:
            expect(near(db(gain(made, hz)), 0, 0.01), g, hz)


def test_djf_is_low_pass_below_neutral_in_and_high_pass_above_the_middle():
    for v, shape, hz in ((0.1, low, 80 * 250 ** 0.2), (0.3, low, 80 * 250 ** 0.6), (0, low, 80),
                         (0.7, high, 20 * 400 ** 0.4), (1, high, 20 * 400)):
        compare("djf %g" % v, lambda f: shape(prototype(f, hz), 1))
    made = response("djf 0.5")
    expect(near(made[0], 1, 1e-6) and not any(made[1:]), "neutral")
    tone = "(sine 100 * 0.1 + sine 6000 * 0.1)"
    made = sound("tempo: 1\nout: %s # djf \"0.2 0.5 0.9\"\n" % tone).channels[0]
    plain = sound("tempo: 1\nout: %s\n" % tone).channels[0]
    expect(list(made[18000:30000]) == list(plain[18000:30000]), "0.5 of a pattern")
    for part, silent, heard in ((made[4000:16000], 6000, 100), (made[36000:48000], 100, 6000)):
        expect(abs(gain(part, silent)) < 0.02 * abs(gain(part, heard)), silent)


def test_equaliser_has_its_gains_at_its_centres():
    bands = ((250, 12, 2), (1000, -20, 0.7), (4000, 6, 5))
    text = " ".join("%g %g %g" % b for b in bands)
    for name in ("eq", "parametric_eq"):
        compare("%s %s" % (name, text),
                lambda hz: math.prod(abs(peak(prototype(hz, f), q, g)) for f, g, q in bands))
    for g, q in ((20, 10), (-20, 0.1), (-20, 10), (20, 0.1), (9, 1)):
        made = response("eq 1000 %g %g 8000 0 1 8000 0 1" % (g, q))
        expect(near(db(gain(made, 1000)), g, 0.02), g, q, db(gain(made, 1000)))


VOWELS = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010),
          "o": (570, 840, 2410),
          "u": (300, 870, 2240)}


def formants(hz, centres, widths=(60, 80, 100)):
    return sum(g * band(prototype(hz, f), f / w) for g, f, w in zip((1, 0.7, 0.5), centres, widths))


def test_formants_are_three_bands_side_by_side():
    compare("formant 500 1400 2600 60 120 700",
            lambda hz: formants(hz, (500, 1400, 2600), (60, 120, 700)))


def test_vowels_have_their_formants():
    for i, (letter, centres) in enumerate(VOWELS.items()):
        made = response("vowel %d" % i)
        for hz in FREQUENCIES + centres:
            expect(near(db(gain(made, hz)), db(formants(hz, centres)), 0.05), letter, hz)
        for centre in centres:  # each stands out
            beside = max(abs(gain(made, centre * r)) for r in (0.8, 1.25))
            expect(abs(gain(made, centre)) > 1.5 * beside, letter, centre)


def test_vowels_of_a_pattern_step():
    whole = sound('tempo: 1\nout: impulse 10 * 0.5 # vowel "0 1 2 3 4"\n').channels[0]
    letters = sound('tempo: 1\nout: impulse 10 * 0.5 # vowel "a e i o u"\n').channels[0]
    expect(list(whole) == list(letters), "letters are numbers")
    for i, centres in enumerate(VOWELS.values()):
        part = whole[9600 * i + 4800:9600 * i + 9600]  # the second click of each
        for centre in centres:
            wanted = db(formants(centre, centres) * 0.5)
            expect(near(db(gain(part, centre)), wanted, 0.5), i, centre,
                   db(gain(part, centre)), wanted)


def test_filters_stand_modulation_from_frame_to_frame():
    for effect in ("lpf %s 8", "hpf %s 8", "bpf %s 8", "notch %s 8", "rlpf %s 30", "rhpf %s 30",
                   "resonz %s 50",
                   "bq_bp %s 30", "moog %s 0.9", "eq %s 20 5 %s -20 5 %s 20 0.2",
                   "formant %s %s %s 50 60 70"):
        moving = effect.replace("%s", "(square 7000 * 9000 + 10000)")
        made = sound("tempo: 4\nout: noise * 0.1 # %s * 0.1\n" % moving)
        expect(all(map(math.isfinite, made.channels[0])) and 0 < made.peak() < 0.96, effect,
               made.peak())


def test_an_edit_of_a_constant_and_a_pattern_of_it_agree():
    for effect in ("lpf %s 2", "resonz %s 9", "moog %s 0.5", "comb %s 0.5"):
        steady = sound("tempo: 1\nout: saw 110 * 0.2 # %s\n" % (effect % "800")).channels[0]
        moving = sound("tempo: 1\nout: saw 110 * 0.2 # %s\n" % (effect % '"800"')).channels[0]
        worst = max(abs(x - y) for x, y in zip(steady, moving))
        expect(worst < 1e-4, effect, worst)


main(globals())
