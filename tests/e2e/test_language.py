# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of LANGUAGE as a user meets it: programs in,
onsets, levels, spectra, messages out."""
import cmath
import json
import math
import time
from fractions import Fraction

from support import QUERY, RATE, RENDER, Daemon, Folder, Sound, main, render, run

SHORT = " # legato 0.05"  # apart, so that onsets can be seen


def sound(program, *options):
    with Folder() as folder:
        return render(folder, program, *(options or ("--cycles", "1")))


def onsets(expression, cycles=1):
    """Onsets of a rendered pattern in cycles of one second."""
    with Folder() as folder:
        made = render(folder, "tempo: 1\nout: " + expression + "\n", "--cycles", str(cycles))
    return [Fraction(f, RATE) for f in made.onsets()]


def values(expression, cycle=0):
    """(onset within the cycle, value) of the events that begin in it."""
    text, _ = run(QUERY, expression, "--from", str(cycle), "--json")
    events = [json.loads(line) for line in text.splitlines()]
    return [(Fraction(e["whole_begin"]) - cycle, e["value"]) for e in events if e["onset"]]


def words(expression, cycle=0):
    return " ".join(str(v["s"] if isinstance(v, dict) else v) for _, v in values(expression, cycle))


def amplitude(samples, hz):
    """Amplitude of one partial, Hann window."""
    n, total, weights = len(samples), 0, 0
    for i, x in enumerate(samples):
        w = 0.5 - 0.5 * math.cos(2 * math.pi * i / n)
        total += w * x * cmath.exp(-2j * math.pi * hz * i / RATE)
        weights += w
    return 2 * abs(total) / weights


def frequency(samples):
    up = [i for i in range(1, len(samples)) if samples[i - 1] <= 0 < samples[i]]
    return (len(up) - 1) * RATE / (up[-1] - up[0]) if len(up) > 2 else 0


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


# ---- statements: LANGUAGE 2 ---------------------------------------------------------------------


def test_settings_and_buses_take_every_separator():
    for separator in (": ", " = ", " $ ", " ", ":"):
        for setting in ("tempo%s2", "cps%s2", "bpm%s480"):
            made = sound(setting % separator + '\nout $ s "rim*2"%s\n' % SHORT)
            expect(made.n_frames == 24000 and made.onsets() == [0, 12000], setting, separator)
    for separator in (": ", " = ", " $ ", " # "):
        made = sound("tempo: 4\n~a%ssine 200 * 0.2\nout%s~a\n" % (separator, separator))
        expect(near(made.peak(), 0.2, 1e-3), separator, made.peak())


def test_without_an_output_the_rules_choose_one():
    tone = "sine 200 * 0.2"
    for program, peak in (("~a: %s\n" % tone, 0.05), ("master: %s\n~a: saw 9\n" % tone, 0.2),
                          ("~out: %s\n" % tone, 0.2), ("%s\n" % tone, 0.2), ("d3 %s\n" % tone, 0.2),
                          ("out: 0\n~a: %s\n" % tone, 0), ("out: saw 9\nout: %s\n" % tone, 0.2),
                          ("o1: %s\no2: %s\nout: %s\n" % (tone, tone, tone), 0.6),
                          ("outmix: gain\no1: %s\no2: %s\n" % (tone, tone), 0.2)):
        made = sound("tempo: 4\n" + program)
        expect(near(made.peak(), peak, 1e-3), program, made.peak())


# ---- expressions: LANGUAGE 3 and 4 ---------------------------------------------------------------


def test_chains_bind_as_the_table_says():
    buses = "tempo: 4\n~a: saw 110 * 0.2\n~b: saw 330 * 0.1\n~m: sine 220\n"
    for written, parsed in (("~a # lpf 500 1.2 * 0.25", "(~a # lpf 500 1.2) * 0.25"),
                            ("~a + ~b # lpf 200", "(~a + ~b) # lpf 200"),
                            ("~a # lpf 200 + ~b", "(~a # lpf 200) + ~b"),
                            ("~m * adsr 0.01 0.05 0 0.1", "~m * (adsr 0.01 0.05 0 0.1)"),
                            ("~a * 0.1 + ~b # hpf 40", "((~a * 0.1) + ~b) # hpf 40"),
                            ('s "rim*4" * 0.5 $ rev # gain 0.4',
                             '((s "rim*4" * 0.5) $ rev) # gain 0.4'),
                            ('jux rev $ s "rim ~ bd ~" # lpf 900',
                             '(jux rev $ s "rim ~ bd ~") # lpf 900')):
        a, b = sound(buses + "out: %s\n" % written), sound(buses + "out: %s\n" % parsed)
        expect(a.channels == b.channels and a.rms() > 0, written)


def test_dollar_applies_from_the_value_outwards():
    plain = 's "a b c d"'
    for expression, order in (("fast 2 $ %s" % plain, "a b c d a b c d"),
                              ("%s $ rev" % plain, "d c b a"),
                              ("rev $ %s $ early 0.25" % plain, "a d c b"),
                              ("every 2 (rev $ ply 2) $ %s" % plain, "d d c c b b a a"),
                              ("every 2 fast 2 $ %s" % plain, "a b c d a b c d")):
        expect(words(expression) == order, expression, words(expression))


def test_numbers_transpose_and_signals_scale():
    def tone(expression):
        made = sound("tempo: 1\nout: %s\n" % expression).channels[0]
        return round(frequency(made[2400:20000])), round(frequency(made[26400:44000]))

    long = ' # legato 0.9'
    expect(tone('s "sine*2" + "0 12"' + long) == (262, 523), "E + P")
    expect(tone('(s "sine*2" # note 12) - 12' + long) == (262, 262), "E - N")
    expect(tone('s "sine*2" # note ("c4" + "0 12")' + long) == (262, 523), "note + P")
    made = sound('tempo: 1\nout: s "rim*2" * "1 0.25"\n')
    expect(near(made.peak(0, 0, 24000) / made.peak(0, 24000), 4, 0.01), "E * P")
    made = sound("tempo: 4\nout: sine 200 / 4\n")
    expect(near(made.peak(), 0.25, 1e-3), "A / N", made.peak())


def test_patterns_are_signals_and_rests_have_their_meaning():
    def half(samples):
        rms = math.sqrt(sum(x * x for x in samples) / len(samples))
        return (round(frequency(samples)), rms) if rms > 1e-4 else (0, 0)

    def halves(expression):
        made = sound("tempo: 2\nout: %s\n" % expression).channels[0]
        return [half(made[600:11900]), half(made[12600:23900])]

    tone = (220, 0.35)
    for expression, shown in (('sine "220 440" * 0.5', [tone, (440, 0.35)]),
                              ('sine "220 ~" * 0.5', [tone, (0, 0)]),               # pitch: gated
                              ('sine (note "a3 a4") * 0.5', [tone, (440, 0.35)]),   # continuous
                              ('sine 220 * "0.5 ~"', [tone, (0, 0)]),               # factor: 0
                              ('sine 220 * 0.5 + "0 ~"', [tone, tone]),             # term: 0
                              ('sine 220 # gain "0.5 ~"', [tone, tone]),            # held
                              ('sine "220 440" * 0.5 $ rev', [(440, 0.35), tone])):
        found = halves(expression)
        expect(all(near(f, g, 1) and near(r, q, 0.02) for (f, r), (g, q) in zip(found, shown)),
               expression, found)
    notes = sound('tempo: 1\nout: sine "a3 a4" * 0.5\n')  # 4.3: voices that end
    expect(notes.rms(0, 16000, 24000) < 1e-3 and
           near(frequency(notes.channels[0][24500:36000]), 440, 1), "voices")


def test_a_change_lands_on_its_exact_sample():
    made = sound('tempo: 0.7\nout: sine 0 + "0.1 0.2 0.3"\n').channels[0]
    steps = [i for i in range(1, len(made)) if abs(made[i] - made[i - 1]) > 0.05]
    expect(steps == [22857, 45714], steps)


# ---- patterns: LANGUAGE 6 to 9 and 26 ------------------------------------------------------------

CONFORMANCE = (
    ("a b c", "0 1/3 2/3"), ("a [b c]", "0 1/2 3/4"), ("a@3 b", "0 3/4"), ("a _ _ b", "0 3/4"),
    ("a!2 b", "0 1/3 2/3"), ("a*2 . b c d", "0 1/4 1/2 2/3 5/6"), ("a ~ b", "0 2/3"),
    ("{a b c}%4", "0 1/4 1/2 3/4"),
    ("a*1.5", "0 2/3"), ("a/2", "0"), ("a(3,8)", "0 3/8 3/4"), ("a(3,8,2)", "1/8 1/2 3/4"),
    ("a(-3,8)", "1/8 1/4 1/2 5/8 7/8"), ("a b!", "0 1/3 2/3"), ("[a b]!2", "0 1/4 1/2 3/4"),
    ("a*0", ""))


def test_mini_notation_sounds_at_its_onsets():
    for text, positions in CONFORMANCE:
        found = onsets('s "%s"%s' %
                       (text.replace("a", "rim").replace("b", "rim").replace("c", "rim")
                                     .replace("d", "rim"), SHORT))
        wanted = [Fraction(int(Fraction(p) * RATE + Fraction(1, 2)), RATE)
                  for p in positions.split()]
        expect(found == wanted, text, found)


def test_patterns_give_the_events_of_the_reference():
    for expression, cycle, order in (
            ('"<a b> c"', 1, "b c"), ('"<a <b c>>"', 3, "c"), ('"{a b c}%4"', 1, "b c a b"),
            ('"0 .. 4"', 0, "0 1 2 3 4"),
            ('"{a b, c d e}"', 1, "a e b c"), ('"a b c d" $ shuffle 4', 1, "d b c a"),
            ('"a b c d" $ scramble 4', 0, "b c a b"),
            ('"bd? sn? hh? cp?"', 0, "hh cp"), ('"[a|b]"', 2, "b"),
            ('"a b c d" $ degrade', 2, "a b d"),
            ('"0 1 2 3" $ iter 4', 1, "1 2 3 0"), ('"0 1 2 3" $ rotL 0.25', 0, "1 2 3 0"),
            ('"0 1" $ ply 2', 0, "0 0 1 1"),
            ('"1 2 3" + "10"', 0, "11 12 13"), ('"0 10" + "1 2 3 4"', 0, "1 2 13 14"),
            ('"1 2" |+ "10 20 30"', 0, "11 22"),
            ('"1 2" +| "10 20 30"', 0, "11 21 32"),
            ('n "0 2 4 7" # scale "minor"', 0, "0.0 3.0 7.0 12.0"),
            ('s "a b c d" $ within 0 0.5 rev', 0, "d c c d"),
            ('s "a b c d" $ chunk 4 rev', 1, "a c c d"),
            ('s "a b c d" $ slice 4 "3 2 1 0"', 0, "d c b a"),
            ('s "a b" $ struct "t f t t"', 0, "a b b"),
            ('s "a b c d" $ mask "1 0"', 0, "a b"), ('s "a b" $ euclid 3 8', 0, "a a b"),
            ('s "a b" $ hurry 2', 0, "a b a b"),
            ('s "a b" $ slow 2', 1, "b"), ("s \"a b\" $ every' 3 1 rev", 1, "b a"),
            ('s "a b" $ whenmod 4 2 rev', 2, "b a"),
            ('s "a b" $ palindrome', 1, "b a"), ('s "a b c d" $ linger 0.25', 0, "a a a a"),
            ('cat [s "a", s "b c"]', 0, "a b c"),
            ('slowcat [s "a", s "b c"]', 1, "b c"),
            ('s "a b" $ off 0.25 (fast 2)', 0, "a b a b a b")):
        found = words(expression, cycle)
        expect(sorted(found.split()) == sorted(order.split()) if "off" in expression
               else found == order, expression, found)
    for k, n, hits in ((2, 5, "x.x.."), (3, 7, "x.x.x.."), (5, 8, "x.xx.xx."),
                       (7, 16, "x..x.x.x..x.x.x."),
                       (11, 16, "x.xx.xx.xx.xx.xx")):
        at = {onset for onset, _ in values('"a(%d,%d)"' % (k, n))}
        expect("".join("x" if Fraction(i, n) in at else "." for i in range(n)) == hits, k, n)
    stutters = values('s "bd sn" $ stut 3 0.125 0.5', 1)
    expect([(str(t), v.get("gain", 1))
            for t, v in stutters][:3] == [("0", 1), ("1/8", 0.5), ("1/4", 0.25)], stutters)
    expect([len(values('s "a" $ someCycles (fast 2)', c))
            for c in range(8)] == [2, 1, 2, 1, 2, 2, 1, 2], "someCycles")


def test_jux_plays_its_copy_on_the_right():
    made = sound('tempo: 1\nout: jux rev $ s "rim ~ ~ ~"%s\n' % SHORT)
    expect(made.onsets(0) == [0] and made.peak(1, 0, 24000) < 1e-6, made.onsets(0))
    expect(made.onsets(1) == [36000] and made.peak(0, 24000) < 1e-6, made.onsets(1))


# ---- events and voices: LANGUAGE 10 to 13 --------------------------------------------------------


def test_modifiers_of_events_do_what_their_table_says():
    def ends(modifier):
        """Last frame, peak and both channels of one tom, 31199 frames long as it is."""
        made = sound("tempo: 1\nout: s \"lt\" # %s\n" % modifier)
        loud = [i for i, x in enumerate(made.channels[0]) if x != 0.0]
        return (loud[0], loud[-1]) if loud else (0, 0)

    whole = ends("gain 1")[1]
    for modifier, last in (("speed 2", whole / 2), ("speed -1", whole), ("begin 0.5", whole / 2),
                           ("end 0.25", whole / 4),
                           ("legato 0.1", 4800 + 144), ("dur 0.1", 4800 + 144),
                           ("attack 0.05 # release 0.05", 4800),
                           ('unit "c"', 48000), ("note 12", whole / 2), ("up 12", whole / 2)):
        expect(near(ends(modifier)[1], last, 4), modifier, ends(modifier), last)
    expect(ends("nudge 0.1")[0] == 4800, "nudge")
    cut = sound('tempo: 1\nout: s "oh oh:1*8" # cut 1\n')
    free = sound('tempo: 1\nout: s "oh oh:1*8"\n')
    expect(cut.rms() < free.rms(), "cut", cut.rms(), free.rms())


def test_chords_share_their_gain():
    def tone(notes):
        return sound('tempo: 1\nout: s "sine" # note "%s" # legato 0.9 # gain 0.3\n' %
                     notes).channels[0][4800:28800]

    one = amplitude(tone("c4"), 261.6256)
    three = tone("c4'maj")
    for hz in (261.6256, 329.6276, 391.9954):
        expect(near(amplitude(three, hz) / one, 1 / math.sqrt(3), 1e-3), hz)


def test_buses_and_generators_are_voices():
    def tones(program):
        made = sound("tempo: 1\n" + program).channels[0]
        return [round(frequency(made[i * 24000 + 500:i * 24000 + 12000])) for i in (0, 1)]

    for program, shown in (('~b: sine 220\nout: s "~b*2" # note "0 12"\n', [220, 440]),
                           ('~b: sine 220\nout: s "~b*2" # note "a3 c4"\n', [220, 262]),
                           ('~b: sine\nout: s "~b*2" # n "0 12"\n', [262, 523]),
                           ('synthdef lead sine 330\nout: s "lead*2"\n', [330, 330]),
                           ('out: (sine 110 # lpf 900) # note "0 12"\n', [110, 220]),
                           ('out: sine # note "a3 a4"\n', [220, 440]),
                           ('out: note "a3 a4"\n', [220, 440])):
        expect(all(near(a, b, 1) for a, b in zip(tones(program), shown)), program, tones(program))


def test_envelopes_follow_the_cycle_and_inside_voices_the_event():
    def levels(expression, program=""):
        made = sound("tempo: 1\n%sout: %s\n" % (program, expression), "--cycles", "2")
        return [round(made.peak(0, i * 12000, (i + 1) * 12000), 1) for i in range(8)]

    expect(levels("0.8 * line 1 0") == [0.8, 0.6, 0.4, 0.2] * 2, levels("0.8 * line 1 0"))
    expect(levels("0.8 * line 0 1 2") == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
           "line with a time")
    expect(levels("0.8 * adsr 0.01 0.1 0.5 0.25") == [0.8, 0.4, 0.4, 0.4] * 2, "adsr")
    expect(levels("fast 2 $ (sine \"200 300\" * 0.8 * ad 0.01 0.1)") == [0.8, 0, 0, 0] * 2,
           "fast moved the clock")
    expect(levels('struct "t*2" $ sine 400 * 0.8') == [0.8, 0] * 4, "struct of a signal")
    voices = levels('s "~v*2" # legato 1', "~v: sine 200 * adsr 0.01 0.1 0.5 0.4\n")
    expect(voices == [0.7, 0.2] * 4, "adsr in a voice", voices)


def test_drum_synths_are_functions_and_words():
    for program, hits in (("superkick 50", [0]), ('superkick "50(3,8)"', [0, 3, 6]),
                          ("supersnare 200", [0]),
                          ("superhat", [0]), ('s "superkick*4"', [0, 2, 4, 6]),
                          ('s "superhat supersnare"', [0, 4]),
                          ('fast 2 $ superkick "50 60"', [0, 2, 4, 6]),
                          ('rev $ superkick "50@3 60"', [0, 2]),
                          ('superkick (note "c2 c3")', [0, 4])):
        made = sound("tempo: 1\nout: %s * 0.5\n" % program)
        slots = [made.peak(0, i * 6000, i * 6000 + 1440) for i in range(8)]
        before = [made.peak(0, max(0, i * 6000 - 1440), i * 6000) for i in range(8)]
        found = [i for i in range(8) if slots[i] > max(0.1, 1.2 * before[i])]
        expect(found == hits, program, found)
    kick = sound("tempo: 0.5\nout: superkick 50 0.5 0.3 0 * 0.5\n")
    fall = 20 * math.log10(kick.peak(0, 4800, 7200) / kick.peak(0, 28800, 31200))
    expect(near(fall, 25, 1), "60 dB in 1.2 s", fall)
    expect(near(frequency(kick.channels[0][4800:24000]), 50, 0.2), "pitch after the bend")


# ---- filters and effects: LANGUAGE 14 and 15 -----------------------------------------------------


def test_filters_have_their_curves():
    hz = (125, 1000, 8000)
    source = " + ".join("(sine %d * 0.02)" % f for f in hz)
    for effect, curve in (("lpf 1000", (0.1, 0, -37.7)), ("lpf 1000 8", (0.1, 18.1, -37.7)),
                          ("hpf 1000", (-36.1, 0, 0.1)),
                          ("bpf 1000", (-18, 0, -18.8)), ("bpf 1000 4", (-18, 12, -18.8)),
                          ("notch 1000", (-0.1, None, -0.1))):
        made = sound("tempo: 1\nout: (%s) # %s\n" % (source, effect), "--seconds",
                     "0.45").channels[0][9600:21600]
        for f, wanted in zip(hz, curve):
            level = 20 * math.log10(amplitude(made, f) / 0.02 + 1e-9)
            expect(level < -60 if wanted is None else near(level, wanted, 0.2), effect, f, level)


def test_delay_reverb_and_distortion_have_their_formulas():
    def clicks(effect):
        made = sound("tempo: 1\nout: impulse 0.1 * 0.01 # %s\n" % effect, "--seconds",
                     "1").channels[0]
        return [(i, x / 0.01) for i, x in enumerate(made) if abs(x) > 1e-6]

    echoes = clicks("delay 0.1 0.5 0.4")
    expect([i for i, _ in echoes[:4]] == [0, 4800, 9600, 14400], echoes[:4])
    for (_, x), wanted in zip(echoes, (0.6, 0.4, 0.2, 0.1)):
        expect(near(x, wanted, 1e-3), "echo", x, wanted)
    wet = clicks("reverb 0.6 0.2 0.3")
    expect(near(wet[0][1], 1, 1e-6) and wet[1][0] == 1116 and wet[-1][0] > 24000,
           "dry at unity, then a tail", wet[:2])
    plain = sound("tempo: 4\nout: sine 200 * 0.5\n").channels[0]
    for drive, mix in ((0.5, 1), (3, 0.5)):
        made = sound("tempo: 4\nout: sine 200 * 0.5 # distort %g %g\n" % (drive, mix)).channels[0]
        shape = (lambda x: math.tanh((1 + drive) * x) / math.tanh(1 + drive)) if drive < 1 else \
            (lambda x: math.tanh(drive * x))
        worst = max(abs(y - ((1 - mix) * x + mix * shape(x))) for x, y in zip(plain, made))
        expect(worst < 1e-5, "distort", drive, worst)


def test_stereo_positions_have_equal_power():
    for position, left, right in ((-1, 1, 0), (0, 0.7071, 0.7071), (1, 0, 1),
                                  (0.5, 0.3827, 0.9239)):
        made = sound("tempo: 4\nout: sine 200 * 0.5 # pan %g\n" % position)
        expect(near(made.peak(0), left / 2, 2e-3) and near(made.peak(1), right / 2, 2e-3), position)


# ---- messages: LANGUAGE 24 -----------------------------------------------------------------------


def test_messages_tell_place_line_and_nearest_name():
    for program, place, message, code in (
            ("out: lfp (saw 50) 100", "1:6", "did you mean `lpf`", 1),
            ("~kick: saw 9\nout: ~kik", "2:6", "did you mean `~kick`", 1),
            ("out: every 4 $ s \"bd\"", "1:6", "`every` takes 2 arguments, found 1", 1),
            ('out: s "bd*4', "1:8", "never closed", 1),
            ("out: saw 50 # lpf :cutof 3", "1:20", "did you mean `cutoff`", 1),
            ('out: s "bd" $ s "sn"', "1:6", "two values", 1),
            ('out: n "0" # scale "minr"', "1:21", "did you mean `minor`", 0),
            ('out: saw 50 # lfp 3', "1:13", "did you mean '# lpf'", 0)):
        with Folder() as folder:
            _, errors = run(RENDER, folder.file("p.ph", program + "\n"), folder.file("o.wav"),
                            "--cycles", "1", expect=None if code else 0)
        line = program.split("\n")[int(place[0]) - 1]
        expect("p.ph:%s: " % place in errors and message in errors and line in errors and
               "^" in errors, program, errors)


def test_an_unknown_sound_names_its_neighbour_and_the_rest_plays():
    with Folder() as folder:
        out = folder.file("o.wav")
        _, errors = run(RENDER, folder.file("p.ph", 'tempo: 1\nout: s "bdd rim"%s\n' % SHORT), out,
                        "--cycles", "2")
        expect(errors.count("no sound named 'bdd'; did you mean 'bd'?") == 1, errors)
        expect(Sound(out).onsets() == [24000, 72000], Sound(out).onsets())


def test_hush_and_panic_in_a_file_follow_its_program():
    for word in ("hush", "panic"):
        with Folder() as folder:
            capture = folder.file("o.wav")
            with Daemon("--capture", capture, "--capture-seconds", "3") as daemon:
                program = folder.file("a.ph", "out: sine 200 * 0.5\n%s\n" % word)
                answer = json.loads(daemon.send("--json", program)[0])
                time.sleep(0.6)
            frame = answer["frame"]
            made = Sound(capture)
            expect(made.peak(0, frame + 14400, frame + 24000) == 0, word,
                   made.peak(0, frame + 14400, frame + 24000))


main(globals())
