# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of .ph, function by function: LANGUAGE 6, 8, 9, 11, 18, 19 and
26, as phonon-query shows them and as they sound."""
import json
import math
import subprocess
from fractions import Fraction as F

from support import QUERY, RATE, RENDER, SEND, Folder, main, render, run


def haps(expression, cycles=1, first=0):
    done = subprocess.run([QUERY, "--json", "--cycles", str(cycles), "--from", str(first),
                           expression],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (expression, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def number(value):
    """A number of any kind as a float; words stay."""
    if (isinstance(value, str) and "/" in value and
            value.replace("/", "").replace("-", "").isdigit()):
        return float(F(value))
    return float(value) if isinstance(value,
                                      (int, float)) and not isinstance(value, bool) else value


def shown(value):
    """A value as rows write it: `a`, `3`, `bd gain=0.5`, `[60 64 67]`."""
    if isinstance(value, dict):
        for kind in ("chord", "semitones"):
            if kind in value:
                return "[%s]" % " ".join("%g" % note for note in value[kind])
        if list(value) == ["note"]:
            return shown(value["note"])
        rest = ["%s=%s" % (key, shown(value[key])) for key in sorted(value) if key != "s"]
        return " ".join(([value["s"]] if "s" in value else []) + rest)
    value = number(value)
    return "%g" % round(value, 6) if isinstance(value, float) else str(value)


def onsets(expression, cycles=1, first=0):
    """`begin value` of what starts in these cycles, in order of time, then of the text."""
    found = [(F(hap["whole_begin"]), shown(hap["value"]))
             for hap in haps(expression, cycles, first)[0]
             if hap["onset"]]
    return ", ".join("%s %s" % (begin, value) for begin, value in sorted(found))


def check(rows):
    for row in rows:
        expression, expected = row[0], row[1]
        cycles, first = row[2] if len(row) > 2 else 1, row[3] if len(row) > 3 else 0
        found = onsets(expression, cycles, first)
        want = ", ".join("%s %s" % pair for pair in sorted(
            (F(item.split(" ", 1)[0]), item.split(" ", 1)[1]) for item in expected.split(", "))) \
            if expected else ""
        assert found == want, "%s\n  plays %s\n  not   %s" % (expression, found, want)


def lengths(expression, cycles=1):
    return [(F(h["whole_begin"]), F(h["whole_end"])) for h in haps(expression, cycles)[0]
            if h["onset"]]


def messages(program, code=None):
    """What phonon-send --check says of a program: (exit status, text)."""
    with Folder() as folder:
        done = subprocess.run([SEND, "--check", folder.file("a.ph", program)], capture_output=True,
                              text=True, timeout=60)
    assert code is None or done.returncode == code, (program, done.stdout, done.stderr)
    return done.stdout + done.stderr


def rnd(t):
    """LANGUAGE 7, written down a second time."""
    def wrap(x):
        x &= 2 ** 64 - 1
        return x - 2 ** 64 if x >> 63 else x

    x = int(abs(F(t)) % 300 / 300 * 2 ** 29) * (1 if t >= 0 else -1)
    x ^= wrap(x << 13)
    x ^= x >> 17
    x ^= wrap(x << 5)
    return x % 2 ** 29 / 2 ** 29


# ---- 26: the whole table -------------------------------------------------------------------------


def test_section_26_rhythms():
    for arguments, hits in [
            ("1,4", "x..."), ("2,5", "x.x.."), ("3,4", "xxx."), ("3,7", "x.x.x.."),
            ("3,8", "x..x..x."),
            ("4,9", "x.x.x.x.."), ("5,8", "x.xx.xx."), ("5,12", "x..x.x..x.x."),
            ("5,16", "x..x..x..x..x..."), ("7,12", "x.xx.x.xx.x."), ("7,16", "x..x.x.x..x.x.x."),
            ("9,16", "x.xx.x.x.xx.x.x."), ("11,16", "x.xx.xx.xx.xx.xx"), ("3,8,1", "..x..x.x"),
            ("3,8,2", ".x..x.x."), ("-3,8", ".xx.xx.x")]:
        steps = len(hits)
        check([('"a(%s)"' % arguments,
                ", ".join("%s a" % F(i, steps) for i in range(steps) if hits[i] == "x"))])
        if arguments.count(",") == 1:
            k, n = arguments.split(",")
            check([('"a" $ euclid (%s) %s' % (k, n),
                    ", ".join("%s a" % F(i, steps) for i in range(steps) if hits[i] == "x"))])


def test_section_26_patterns():
    slots = ["%s hh" % (F(i, 8) if i % 2 == 0 else F(10 * i + 2, 80)) for i in range(8)]
    check([
        ('"a b c"', "0 a, 1/3 b, 2/3 c"),
        ('"a [b c]"', "0 a, 1/2 b, 3/4 c"),
        ('"a@3 b"', "0 a, 3/4 b"),
        ('"a _ _ b"', "0 a, 3/4 b"),
        ('"a!2 b"', "0 a, 1/3 a, 2/3 b"),
        ('"<a b> c"', "0 a, 1/2 c, 1 b, 3/2 c", 2),
        ('"<a <b c>>"', "0 a, 1 b, 2 a, 3 c", 4),
        ('"{a b c}%4"', "0 a, 1/4 b, 1/2 c, 3/4 a, 1 b, 5/4 c, 3/2 a, 7/4 b", 2),
        ('"a*2 . b c d"', "0 a, 1/4 a, 1/2 b, 2/3 c, 5/6 d"),
        ('"bd ~ bd, hh*4"', "0 bd, 2/3 bd, 0 hh, 1/4 hh, 1/2 hh, 3/4 hh"),
        ('"0 1 2 3" $ rev', "0 3, 1/4 2, 1/2 1, 3/4 0"),
        ('"0 1 2 3" $ iter 4', "1 1, 5/4 2, 3/2 3, 7/4 0", 1, 1),
        ('"0 1 2 3" $ rotL 0.25', "0 1, 1/4 2, 1/2 3, 3/4 0"),
        ('"0 1" $ ply 2', "0 0, 1/4 0, 1/2 1, 3/4 1"),
        ('"0 1 2 3" $ zoom 0.25 0.75', "0 1, 1/2 2"),
        ('"0 1 2 3" $ compress 0.25 0.75', "1/4 0, 3/8 1, 1/2 2, 5/8 3"),
        ('"0 1 2 3" $ linger 0.25', "0 0, 1/4 0, 1/2 0, 3/4 0"),
        ('"1 2 3" + "10"', "0 11, 1/3 12, 2/3 13"),
        ('"0 10" + "1 2 3 4"', "0 1, 1/4 2, 1/2 13, 3/4 14"),
        ('n "0 2 4 7" # scale "minor"', "0 0, 1/4 3, 1/2 7, 3/4 12"),
        ('n "-1" # scale "minor"', "0 -2"),
        ('"c4\'maj" + "12"', "0 [72 76 79]"),
        ('s "a b c d" $ slice 4 "3 2 1 0"', "0 d, 1/4 c, 1/2 b, 3/4 a"),
        ('s "a b" $ slice 4 "0 2"', "0 a begin=0 end=0.25, 1/2 b begin=0.5 end=0.75"),
        ('s "brk" $ slice 4 "0 2"', "0 brk begin=0 end=0.25, 1/2 brk begin=0.5 end=0.75"),
        ('s "brk" $ splice 8 "0 1 2 3"', ", ".join(
            "%s brk begin=%g end=%g speed=0.5 unit=c" % (F(i, 4), i / 8, (i + 1) / 8)
            for i in range(4))),
        ('s "hh*8" $ swing 0.1', ", ".join(slots)),
        ('s "bd sn" $ stut 3 0.125 0.5',
         "0 bd, 1/8 bd gain=0.5, 1/4 bd gain=0.25, 1/2 sn, 5/8 sn gain=0.5, "
                                         "3/4 sn gain=0.25"),
    ])


def test_section_26_random():
    check([
        ('"bd? sn? hh? cp?"', "1/2 hh, 3/4 cp"),
        ('"bd? sn? hh? cp?"', "", 1, 1),
        ('"bd? sn? hh? cp?"', "2 bd, 9/4 sn, 5/2 hh, 11/4 cp, 3 bd, 13/4 sn", 2, 2),
        ('"[a|b]"', "0 a, 1 a, 2 b, 3 b, 4 b, 5 a", 6),
        ('"a b c d" $ degrade', "1/4 b, 1 a, 5/4 b, 3/2 c, 2 a, 9/4 b, 11/4 d", 3),
        ('"a b c d" $ shuffle 4',
         "0 a, 1/4 b, 1/2 c, 3/4 d, 1 d, 5/4 b, 3/2 c, 7/4 a, 2 a, 9/4 d, 5/2 c, 11/4 b",
         3),
        ('"a b c d" $ scramble 4', "0 b, 1/4 c, 1/2 a, 3/4 b, 1 c, 5/4 d, 3/2 c, 7/4 b", 2),
        ('"a" $ someCycles (fast 2)', ", ".join(
            "%d a, %s a" % (c, F(2 * c + 1, 2)) if c in (0, 2, 4, 5, 7) else "%d a" % c
            for c in range(8)), 8),
        ('s "a b c d" $ within 0 0.5 rev', "0 d, 1/4 c, 1/2 c, 3/4 d"),
        ('s "a b c d" $ chunk 4 rev', "0 d, 1/4 b, 1/2 c, 3/4 d, 1 a, 5/4 c, 3/2 c, 7/4 d", 2),
    ])
    for t, value in [(0, 0), (F(1, 2), 0.2591378428), (1, 0.5177721456), (F(3, 2), 0.4010523744),
                     (F(5, 2), 0.5576803125)]:
        assert abs(rnd(t) - value) < 1e-9, t
        if t:  # the middle of [t - 1/2, t + 1/2)
            hap, = [h for h in haps("segment 1 (early %s rand)" % float(t - F(1, 2)))[0]]
            assert abs(hap["value"] - value) < 1e-9, hap


def test_section_26_sound():
    with Folder() as folder:
        program = "~x $ saw 55 # lpf 500 1.2%s\nout $ ~x * 0.4\n"  # below the limiter
        loud = render(folder, program % "", "--seconds", "1", name="a.wav")
        soft = render(folder, program % " * 0.25", "--seconds", "1", name="b.wav")
        ratio = soft.peak(begin=RATE // 2) / loud.peak(begin=RATE // 2)
        assert abs(ratio - 0.25) < 0.02, ratio
        clicks = render(folder, 'bpm: 120\nout $ s "rim"\n', "--seconds", "5",
                        name="c.wav").onsets()
        assert [abs(frame - c * 2 * RATE) < 8
                for c, frame in enumerate(clicks)] == [True] * 3, clicks


# ---- 6: mini-notation ----------------------------------------------------------------------------


def test_mini_notation():
    check([
        ('"a ~ b"', "0 a, 2/3 b"),
        ('"a - b"', "0 a, 2/3 b"),
        ('"<a b, c d e>"', "0 a, 0 c, 1 b, 1 d, 2 a, 2 e", 3),
        ('"<a!2 b@2>"', "0 a, 1 a, 2 b", 4),
        ('"a*1.5"', "0 a, 2/3 a, 4/3 a", 2),
        ('"a*<2 3>"', "0 a, 1/2 a, 1 a, 4/3 a, 5/3 a", 2),
        ('"a*0 b"', "1/2 b"),
        ('"[a b]/2"', "0 a, 1 b", 2),
        ('"a*2*3"', ", ".join("%s a" % F(i, 6) for i in range(6))),
        ('"[a b](3,8)"', "0 a, 1/16 b, 3/8 a, 7/16 b, 3/4 a, 13/16 b"),
        ('"a(<3 5>,8)"', "0 a, 3/8 a, 3/4 a, 1 a, 5/4 a, 11/8 a, 13/8 a, 7/4 a", 2),
        ('"a(3 8)"', "0 a, 3/8 a, 3/4 a"),
        ('"~ a(0,8)"', ""),
        ('"a(9,4)"', "0 a, 1/4 a, 1/2 a, 3/4 a"),
        ('s "bd:3.7"', "0 bd n=3.7"),
        ('"a ! b"', "0 a, 1/3 a, 2/3 b"),
        ('"a b . c d e . f"', "0 a, 1/6 b, 1/3 c, 4/9 d, 5/9 e, 2/3 f"),
        ('"{a b c, d e}"',
         "0 a, 1/3 b, 2/3 c, 0 d, 1/3 e, 2/3 d, 1 a, 4/3 b, 5/3 c, 1 e, 4/3 d, 5/3 e", 2),
        ('"0 .. 4"', "0 0, 1/5 1, 2/5 2, 3/5 3, 4/5 4"),
        ('"3 .. 1"', "0 3, 1/3 2, 2/3 1"),
        ('"(a, b) c"', "0 a, 0 b, 1/2 c"),
        ('n "c\'min7 -24\'maj7"', "0 [60 63 67 70], 1/2 [-24 -20 -17 -13]"),
        ('s "808bd 909 808:3"', "0 808bd, 1/3 909, 2/3 808 n=3"),
        ('"a b" $ struct "t f true x 1 0"', "0 a, 1/3 a, 1/2 b, 2/3 b"),
        ('"a" $ struct "f(3,8)"', "1/8 a, 1/4 a, 1/2 a, 5/8 a, 7/8 a"),
        ('"a" $ mask "t(3,8)"', "0 a"),
    ])


def test_draws_of_a_string_are_counted():
    """event kept iff rnd(mid + k/10000) >= p, with the time of
    the marked thing before it is squeezed"""
    for cycle in range(6):
        kept = ["%s %s" % (F(2 * cycle + k, 2), word)
                for k, (word, p) in enumerate([("a", .5), ("b", .3)])
                if rnd(cycle + F(1, 2) + F(k, 10000)) >= p]
        check([('"a? b?0.3"', ", ".join(kept), 1, cycle)])
    for cycle in range(6):
        check([('"a|b|c"', "%d %s" % (cycle, "abc"[int(3 * rnd(cycle + F(1, 2)))]), 1, cycle)])


def test_wrong_strings_are_errors_and_unknown_characters_warnings():
    for text in ["a [b", "a ]", "*2", "a*", "a(3)", "a(3,8,1,2)", "<>", "a@", "a:"]:
        assert "error" in messages('out $ s "%s"\n' % text, 1), text
    assert "warning: unknown character '&' is skipped" in messages('out $ s "bd & sn"\n', 0)


# ---- 8: arithmetic -------------------------------------------------------------------------------


def test_arithmetic():
    check([
        ('"0 1" + "10 20 30"', "0 10, 1/3 20, 1/2 21, 2/3 31"),
        ('"4 6" - "1"', "0 3, 1/2 5"),
        ('"4 6" * "2"', "0 8, 1/2 12"),
        ('"4 6" / "2 0"', "0 2, 1/2 0"),
        ('"0 1" |+ "10 20 30"', "0 10, 1/2 21"),
        ('"0 1" |- "10 20 30"', "0 -10, 1/2 -19"),
        ('"2 3" |* "10 20 30"', "0 20, 1/2 60"),
        ('"20 30" |/ "10 5 2"', "0 2, 1/2 6"),
        ('"0 1" +| "10 20 30"', "0 10, 1/3 20, 2/3 31"),
        ('"0 1" -| "10 20 30"', "0 -10, 1/3 -20, 2/3 -29"),
        ('"2 3" *| "10 20 30"', "0 20, 1/3 40, 2/3 90"),
        ('"60 90" /| "10 20 30"', "0 6, 1/3 3, 2/3 3"),
        ('"0 1" |> "10 20 30"', "0 10, 1/2 20"),
        ('"0 1" <| "10 20 30"', "0 0, 1/3 0, 2/3 1"),
        ('"c4\'maj e4\'min" + "0 1"', "0 [60 64 67], 1/2 [65 68 72]"),
        ('s "a b" + "x1"', "0 a, 1/2 b, 0 x1"),
        ('s "a b" + n "7"', "0 a note=7, 1/2 b note=7"),
        ('s "a b" - 5', "0 a note=-5, 1/2 b note=-5"),
        ('"x1 x2" + "x3"', "0 x1, 1/2 x2, 0 x3"),  # words are no numbers: they sound
    ])


def test_audio_arithmetic_has_a_name_and_a_sign():
    with Folder() as folder:
        def peak(text, name):
            return render(folder, "out $ %s\n" % text, "--seconds", "0.1",
                          name=name).peak(begin=RATE // 20)

        for text, value in [("~add 0.25 0.5", .75), ("~sub 0.5 0.25", .25), ("~mul 0.5 0.5", .25),
                            ("~div 0.25 0.5", .5), ("0.25 ~+ 0.5", .75), ("0.5 ~- 0.25", .25),
                            ("0.5 ~* 0.5", .25), ("0.25 ~/ 0.5", .5)]:
            found = peak(text, "a.wav")
            assert abs(found - value) < 1e-4, (text, found)
    assert "takes 2 arguments" in messages("out $ ~add 1\n", 1)


# ---- 9.2: time -----------------------------------------------------------------------------------


def test_time():
    four = '"a b c d"'
    check([
        ('"a b" $ fast 2', "0 a, 1/4 b, 1/2 a, 3/4 b"),
        ('"a b" $ fast "<1 2>"', "0 a, 1/2 b, 1 a, 5/4 b, 3/2 a, 7/4 b", 2),
        ('"a b" $ dup 2', "0 a, 1/4 b, 1/2 a, 3/4 b"),
        ('"a b" $ loop 2', "0 a, 1/4 b, 1/2 a, 3/4 b"),
        ('"a b" $ slow 2', "0 a, 1 b", 2),
        ('"a b" $ fit 2', "0 a, 1 b", 2),
        ('s "a" $ hurry 2', "0 a speed=2, 1/2 a speed=2"),
        ('s "a" # speed 3 $ hurry 2', "0 a speed=6, 1/2 a speed=6"),
        (four + " $ early 0.25", "0 b, 1/4 c, 1/2 d, 3/4 a"),
        (four + " $ late 0.25", "0 d, 1/4 a, 1/2 b, 3/4 c"),
        (four + " $ rotR 0.25", "0 d, 1/4 a, 1/2 b, 3/4 c"),
        (four + " $ offset 0.25", "0 d, 1/4 a, 1/2 b, 3/4 c"),
        ('"a@3 b" $ rev', "0 b, 1/4 a"),
        ('"<a b> c" $ palindrome', "0 a, 1/2 c, 1 c, 3/2 a, 2 b, 5/2 c, 3 c, 7/2 b", 4),
        ('"<a b> c" $ mirror', "0 a, 1/2 c, 1 c, 3/2 a", 2),
        ('"a b" $ loopback', "0 a, 1/4 b, 1/2 b, 3/4 a"),
        (four + " $ iterBack 4", "1 d, 5/4 a, 3/2 b, 7/4 c", 1, 1),
        (four + " $ compressGap 0.5 1", "1/2 a, 5/8 b, 3/4 c, 7/8 d"),
        (four + " $ fastGap 2", "0 a, 1/8 b, 1/4 c, 3/8 d"),
        (four + " $ squeeze 4", "0 a, 1/16 b, 1/8 c, 3/16 d"),
        (four + " $ focus 0.5 1", "0 c, 1/2 d"),
        (four + " $ trim 0.25 0.75", "1/4 b, 1/2 c"),
        (four + " $ trunc 0.6", "0 a, 1/4 b, 1/2 c"),
        (four + " $ linger 0.5", "0 a, 1/4 b, 1/2 a, 3/4 b"),
        (four + " $ swingBy 0.5 2", "0 a, 3/8 b, 1/2 c, 7/8 d"),
        ('"a b" $ press', "1/4 a, 3/4 b"),
        ('"a b" $ pressBy 0.25', "1/8 a, 5/8 b"),
        (four + " $ inside 2 rev", "0 b, 1/4 a, 1/2 d, 3/4 c"),
        ('"<a b> c" $ outside 2 rev', "0 c, 1/2 b, 1 c, 3/2 a", 2),
        (four + " $ inside 0 0.5 rev", "0 d, 1/4 c, 1/2 c, 3/4 d"),
        (four + " $ outside 0 0.5 rev", "0 a, 1/4 b, 1/2 b, 3/4 a"),
        ('"a b" $ segment 4', "0 a, 1/4 a, 1/2 b, 3/4 b"),
        ('"a b" $ discretise 2', "0 a, 1/2 b"),
        ('"<a b>" $ wait 2', "2 a, 3 b, 4 a", 5),
        ('"<a b c>" $ reset 2', "0 a, 1 b, 2 a, 3 b, 4 a", 5),
        ('"<a b c>" $ restart 1', "0 a, 1 a, 2 a", 3),
        ('"a" $ gap 3', "0 a, 3 a", 6),
        ('"a" $ binary 0', "1 a, 3 a, 5 a", 6),
        ('"a" $ binary 1', "2 a, 3 a, 6 a, 7 a", 8),
        ('"a b" $ brak', "0 a, 1/2 b, 5/4 a, 3/2 b", 2),
    ])
    assert lengths("%s $ trunc 0.6" % four)[2] == (F(1, 2), F(3, 5))


def test_parameters_are_read_at_the_start_of_each_cycle():
    """LANGUAGE 9.1; speeds follow their pattern inside of the cycle."""
    check([
        ('"a b" $ ply "2 3"', "0 a, 1/4 a, 1/2 b, 3/4 b"),
        ('"a" $ ply "<1 2>"', "0 a, 1 a, 3/2 a", 2),
        ('"a b" $ early "0.25 0.1"', "1/4 b, 3/4 a"), ('"a b" $ late "0.25 0"', "1/4 a, 3/4 b"),
        ('"a b" $ squeeze "2 1"', "0 a, 1/4 b"), ('"a b c" $ rot "1 2"', "0 b, 1/3 c, 2/3 a"),
        ('"a*8" $ degradeBy "1 0"', ""),
        ('"a*8" $ degradeBy "0 1"', ", ".join("%s a" % F(i, 8) for i in range(8))),
        ('"a*4" $ swing "0.25 0"', "0 a, 3/8 a, 1/2 a, 7/8 a"),
        ('"a*8" $ groove "jazz" "0 1"', ", ".join("%s a" % F(i, 8) for i in range(8))),
        ('s "a" $ loopAt "2 4"', "0 a speed=0.5 unit=c"),
        ('"a" $ fast "2 4"', "0 a, 1/2 a, 3/4 a"), ('"a" $ fast "<1 2>"', "0 a, 1 a, 3/2 a", 2),
    ])


def test_grooves():
    """shift = amount * D[floor(phase * G)], 19.4"""
    sixteenths = '"a*16"'
    cases = {
        "mpc": (16, {i: F(1, 32) for i in range(1, 16, 2)}), "mpc_swing": None,
        "hiphop": (16, {4: F(1, 50), 12: F(1, 50), 2: F(1, 100), 6: F(1, 100), 10: F(1, 100),
                        14: F(1, 100)}),
        "lazy_hiphop": None,
        "reggae": (16, {8: F(1, 40), 2: F(1, 100), 6: F(1, 100), 10: F(1, 100), 14: F(1, 100)}),
        "reggae_one_drop": None, "one_drop": None,
        "jazz": (8, {i: F(1, 16) for i in range(1, 8, 2)}), "jazz_swing": None,
        "drunken": (16, dict(enumerate(F(x, 3200) for x in (
            30, -20, 10, -30, 20, -10, 25, -25, 15, -35, 20, -15, 35, -20, 10, -30)))),
        "drunk": None}
    for name, template in cases.items():
        slots, shifts = template or last
        last = slots, shifts
        for amount in (1, F(1, 2)):
            moved = [F(i, 16) + amount * shifts.get(i % 16 * slots // 16, 0)
                     for i in range(-16, 32)]
            check([('%s $ groove "%s" %s' % (sixteenths, name, float(amount)),
                    ", ".join("%s a" % (1 + t) for t in moved if 0 <= t < 1), 1, 1)])
    assert lengths('"a*4" $ groove "mpc"') == lengths('"a*4"')  # onset and end move alike
    text = messages('out $ s "bd*8" $ groove "jaz"\n', 0)
    assert "no groove is called `jaz`; did you mean `jazz`" in text, text


def test_stripe_fills_n_cycles_with_n_repetitions():
    for n in (2, 3, 4):
        found = [F(h["whole_begin"]) for h in haps('"a" $ stripe %d' % n, 4 * n)[0] if h["onset"]]
        assert len(found) == 4 * n and all(F(n * i) in found for i in range(4)), found
        steps = {b - a for a, b in zip(found, found[1:])}
        assert len(steps) > 2, steps  # of different lengths
    words = [h["value"] for h in haps('"<a b c d>" $ stripe 2', 4)[0] if h["onset"]]
    assert words == ["a", "b", "c", "d"], words


def test_humanize():
    plain = 's "a*16"'
    moved = [h for h in haps(plain + " $ humanize 0.01 0.2", 9)[0] if h["onset"]]
    shifts, gains = [], []
    for h in moved:
        begin = F(h["whole_begin"])
        slot = round(begin * 16)
        shifts.append(float(begin - F(slot, 16)))
        gains.append(h["value"]["gain"])
        assert F(h["whole_end"]) - begin == F(1, 16)
        expected = 0.01 * (2 * rnd(F(2 * slot + 1, 32)) - 1)  # shift of the event's own middle
        assert abs(shifts[-1] - expected) < 1e-5, (slot, shifts[-1], expected)
    assert max(map(abs, shifts)) <= 0.01001 and max(shifts) > 0.008 and min(shifts) < -0.008
    assert all(0.8 <= g <= 1.2 for g in gains) and max(gains) > 1.15 and min(gains) < 0.85
    mean = sum(g * s for g, s in zip(gains, shifts)) / len(gains)
    assert abs(mean) < 0.002, mean  # different draws
    gain, = [h["value"]["gain"] for h in haps('s "a" # gain 0.5 $ humanize 0 0', 1)[0]]
    assert gain == 0.5, gain


# ---- 9.3: events ---------------------------------------------------------------------------------


def test_events():
    check([
        ('"a b" $ stutter 2', "0 a, 1/4 a, 1/2 b, 3/4 b"),
        ('"a" $ ply "<2 3>"', "0 a, 1/2 a, 1 a, 4/3 a, 5/3 a", 2),
        ('s "a" $ stutter 3 0.125', "0 a, 1/8 a gain=1, 1/4 a gain=1"),
        ('s "a" $ echo 3 0.25 0.5', "0 a, 1/4 a gain=0.5, 1/2 a gain=0.25"),
        ('s "a" # gain 0.8 $ echo 2 0.25 0.5', "0 a gain=0.8, 1/4 a gain=0.4"),
        ('s "a ~" $ ghost 0.125',
         "0 a, 3/16 a end=0.2 gain=0.7 speed=1.25, 5/16 a end=0.2 gain=0.7 speed=1.25, "
                                  "1/2 a end=0.2 gain=0.49 speed=1.5625"),
        ('s "a ~" $ ghost',
         "0 a, 3/16 a end=0.2 gain=0.7 speed=1.25, 5/16 a end=0.2 gain=0.7 speed=1.25, "
                            "1/2 a end=0.2 gain=0.49 speed=1.5625"),
        ('s "a" $ ghostWith 0.125 (# speed 2)',
         "0 a, 3/16 a speed=2, 5/16 a speed=2, 1/2 a speed=2"),
        ('s "a b" $ off 0.25 (# speed 2)', "0 a, 1/2 b, 1/4 a speed=2, 3/4 b speed=2"),
        ('"a b" $ superimpose rev', "0 a, 0 b, 1/2 a, 1/2 b"),
        ('"a b" $ layer [rev, fast 2]', "0 b, 1/2 a, 0 a, 1/4 b, 1/2 a, 3/4 b"),
        ('s "a" $ chop 2', "0 a begin=0 end=0.5, 1/2 a begin=0.5 end=1"),
        ('s "a" # begin 0.5 $ chop 2', "0 a begin=0.5 end=0.75, 1/2 a begin=0.75 end=1"),
        ('s "a b" $ striate 2',
         "0 a begin=0 end=0.5, 1/4 b begin=0 end=0.5, 1/2 a begin=0.5 end=1, "
                                "3/4 b begin=0.5 end=1"),
        ('s "a" # begin 0.5 $ striate 2', "0 a begin=0.5 end=0.75, 1/2 a begin=0.75 end=1"),
        ('s "a b" $ splice 4 "3 0"', "0 a begin=0.75 end=1 speed=0.5 unit=c, "
                                     "1/2 b begin=0 end=0.25 speed=0.5 unit=c"),
        ('"a b c d" $ bite 4 "0 2*2 3"', "0 a, 1/3 c, 1/2 c, 2/3 d"),
        ('s "a b c d" $ chew 4 "0 [2 3]"', "0 a speed=0.5, 1/2 c speed=1, 3/4 d speed=1"),
        ('"a b c d" $ chew 4', "1 d, 5/4 a, 3/2 b, 7/4 c", 1, 1),
        ('s "a" $ loopAt 2', "0 a speed=0.5 unit=c", 2),
        ('s "a" # speed 2 $ loopAt 4', "0 a speed=0.5 unit=c", 4),
        ('s "a b" $ legato "1 0.5"', "0 a legato=1, 1/2 b legato=0.5"),
        ('s "a" $ staccato 0.25', "0 a legato=0.25"),
        ('s "a ~ b ~" $ stretch', "0 a legato=1, 1/2 b legato=1"),
        ('s "a" $ dur 0.3', "0 a dur=0.3"),
        ('s "a" $ accelerate 2', "0 a accelerate=2"),
        ('s "a b" $ jux rev', "0 a pan=-1, 1/2 b pan=-1, 0 b pan=1, 1/2 a pan=1"),
        ('s "a b" $ juxBy 0.5 rev', "0 a pan=-0.5, 1/2 b pan=-0.5, 0 b pan=0.5, 1/2 a pan=0.5"),
        ('s "a" $ spin 4', "1 a pan=-1, 5/4 a pan=1, 3/2 a pan=0.333333, 7/4 a pan=-0.333333", 1,
         1),
        ('"a ~ b c" $ rot 1', "0 b, 1/2 c, 3/4 a"),
        ('"a b c d" $ rot -1', "0 d, 1/4 a, 1/2 b, 3/4 c"),
        ('"a b" $ weave 4', "0 a, 1/2 b"),
    ])
    assert lengths('s "a ~ b ~" $ stretch') == [(0, F(1, 2)), (F(1, 2), 1)]
    assert "`weave` has no meaning" in messages('out $ s "bd" $ weave 4\n', 0)


# ---- 9.4: structure ------------------------------------------------------------------------------


def test_structure():
    check([
        ('"a b" $ struct "t [t t] ~ t"', "0 a, 1/4 a, 3/8 a, 3/4 b"),
        ('"a ~" $ struct "t t t t"', "0 a, 1/4 a"),
        ('s "a b" # gain "0.5 0.6" $ struct "t t t t"',
         "0 a gain=0.5, 1/4 a gain=0.5, 1/2 b gain=0.6, "
                                                        "3/4 b gain=0.6"),
        ('"a b c d" $ mask "t f"', "0 a, 1/4 b"),
        ('"a*8" $ undegrade', ", ".join("%s a" % F(i, 8) for i in range(8))),
    ])
    for name, p, seed in [("degrade", .5, 0), ("degradeBy 0.3", .3, 0), ("degradeSeed 7", .5, 7)]:
        for cycle in range(3):
            kept = [F(8 * cycle + i, 8) for i in range(8)
                    if rnd(F(16 * cycle + 2 * i + 1, 16) + seed) >= p]
            check([('"a*8" $ ' + name, ", ".join("%s a" % t for t in kept), 1, cycle)])
    for cycle in range(1, 4):  # a fraction: x * (2 rnd(mid) - 1) cycles
        moved = sorted(F(h["whole_begin"]) for h in haps('"a*4" $ shuffle 0.05', 1, cycle)[0]
                       if h["onset"])
        expected = sorted(float(F(i, 4)) + 0.05 * (2 * rnd(F(2 * i + 1, 8)) - 1)
                          for i in range(4 * cycle - 1, 4 * cycle + 5))
        expected = [t for t in expected if cycle <= t < cycle + 1]
        assert len(moved) == len(expected), (moved, expected)
        assert all(abs(a - b) < 1e-5 for a, b in zip(moved, expected)), (moved, expected)


# ---- 9.5: conditions -----------------------------------------------------------------------------


def cycles_changed(transform, n=12):
    """In which cycles `transform` turned one event a cycle into two."""
    found = [F(h["whole_begin"]) for h in haps('"a" $ ' + transform, n)[0] if h["onset"]]
    return [c for c in range(n) if sum(1 for t in found if c <= t < c + 1) == 2]


def test_conditions_by_cycle():
    for transform, chosen in [
            ("every 3 (fast 2)", lambda c: c % 3 == 0), ("every 4 fast 2", lambda c: c % 4 == 0),
            ("every' 3 1 (fast 2)", lambda c: c % 3 == 1),
            ("whenmod 4 2 (fast 2)", lambda c: c % 4 >= 2), ("always (fast 2)", lambda c: True),
            ("never (fast 2)", lambda c: False),
            ("someCycles (fast 2)", lambda c: rnd(c) < .5),
            ("someCyclesBy 0.3 (fast 2)", lambda c: rnd(c) < .3)]:
        assert cycles_changed(transform) == [c for c in range(12) if chosen(c)], transform
    check([
        ('"a" $ foldEvery [2, 3] (ply 2)',
         "0 a, 1/4 a, 1/2 a, 3/4 a, 1 a, 2 a, 5/2 a, 3 a, 7/2 a", 4),
        ('"a b" $ foldEvery [rev, fast 2] 2',
         "0 b, 1/2 a, 1 a, 3/2 b, 2 a, 9/4 b, 5/2 a, 11/4 b, 3 a, 7/2 b, "
                                              "4 b, 9/2 a", 5),
    ])


def test_conditions_by_event():
    for name, p in [("sometimes", .5), ("often", .75), ("rarely", .25), ("almostAlways", .9),
                    ("almostNever", .1), ("sometimesBy 0.4", .4)]:
        for cycle in range(4):
            hits = [rnd(F(16 * cycle + 2 * i + 1, 16)) < p for i in range(8)]
            expected = ", ".join("%s a%s" % (F(8 * cycle + i, 8), " speed=2" if hit else "")
                                 for i, hit in enumerate(hits))
            check([('s "a*8" $ %s (# speed 2)' % name, expected, 1, cycle)])


# ---- 9.6: numbers --------------------------------------------------------------------------------


def test_numbers():
    check([
        ('"0 0.5 1" $ range 10 20', "0 10, 1/3 15, 2/3 20"),
        ('"0.1 0.3 0.6" $ quantize 4', "0 0, 1/3 0.25, 2/3 0.5"),
        ('"0 1 3" $ exp 2', "0 1, 1/3 2, 2/3 8"),
        ('"1 2 8" $ log 2', "0 0, 1/3 1, 2/3 3"),
        ('segment 8 ("0 1" $ smooth 1)', ", ".join(
            "%s %g" % (F(i, 8), v)
            for i, v in enumerate([.125, .375, .625, .875, .875, .625, .375, .125]))),
        ('segment 8 ("0 1" $ smooth 0.5)', ", ".join(
            "%s %g" % (F(i, 8), v) for i, v in enumerate([0, 0, .25, .75, 1, 1, .75, .25]))),
        ('segment 4 ("0 1" $ smooth 0)', "0 0, 1/4 0, 1/2 1, 3/4 1"),
    ])
    place, steps = 0, []
    for i in range(16):
        place += 2 if rnd(F(2 * i + 1, 8)) >= .5 else -2
        steps.append("%s %g" % (F(i, 4), 10 + place))
    check([('"10*4" $ walk 2', ", ".join(steps), 4)])


# ---- 9.1, 9.5: signals and effects ---------------------------------------------------------------


def test_an_effect_in_a_condition_routes_what_sounds_then():
    """Cycles of half a second; the effect takes the level down to a tenth."""
    with Folder() as folder:
        def levels(transform, n=4, name="a.wav"):
            sound = render(folder, 'tempo: 2\nout $ sine 1000 * 0.5 $ %s\n' % transform,
                           "--seconds", str(n / 2),
                           name=name)
            half = RATE // 2
            return [[round(sound.rms(begin=c * half + k * half // 4 + 960,
                                     end=c * half + (k + 1) * half // 4 - 240)
                           * math.sqrt(8), 2) for k in range(4)] for c in range(n)], sound

        soft, full = [.1] * 4, [1.0] * 4
        near = lambda a, b: all(abs(x - y) < .06 for c, d in zip(a, b) for x, y in zip(c, d))
        for transform, expected in [
                ("every 2 (# mul 0.1)", [soft, full, soft, full]),
                ("every' 3 1 (# mul 0.1)", [full, soft, full, full]),
                ("whenmod 4 3 (# mul 0.1)", [full, full, full, soft]),
                ("within 0.25 0.75 (# mul 0.1)", [[1, .1, .1, 1]] * 4),
                ("outside 0.25 0.75 (# mul 0.1)", [[.1, 1, 1, .1]] * 4),
                ("chunk 4 (# mul 0.1)",
                 [[.1 if k == c else 1 for k in range(4)] for c in range(4)]),
                ("sometimes (# mul 0.1)", [soft if rnd(c) < .5 else full for c in range(4)]),
                ("someCyclesBy 0.3 (# mul 0.1)", [soft if rnd(c) < .3 else full for c in range(4)]),
                ("always (# mul 0.1)", [soft] * 4),
                ("inside 2 (every 2 (# mul 0.1))", [[.1, .1, 1, 1]] * 4),
                ("foldEvery [2, 3] (# mul 0.1)", [[.01] * 4, full, soft, soft]),
                ("foldEvery [(# mul 0.1), (# mul 0.5)] 1", [soft, [.5] * 4, soft, [.5] * 4])]:
            found, _ = levels(transform)
            assert near(found, expected), (transform, found)
        for chain, expected in [("every_effect 2 (mul 0.1)", [soft, full, soft, full]),
                                ("whenmod_effect 4 3 (mul 0.1)", [full, full, full, soft]),
                                ("sometimes_effect (mul 0.1)",
                                 [soft if rnd(c) < .5 else full for c in range(4)])]:
            sound = render(folder, "tempo: 2\nout $ sine 1000 * 0.5 # %s\n" % chain, "--seconds",
                           "2", name="b.wav")
            found = [sound.rms(begin=c * RATE // 2 + 960, end=(c + 1) * RATE // 2 - 240) *
                     math.sqrt(8)
                     for c in range(4)]
            assert all(abs(x - y[0]) < .06 for x, y in zip(found, expected)), (chain, found)
        # the way there takes 5 ms, without a step, and ends where the cycle begins
        _, sound = levels("every 2 (# mul 0)", name="c.wav")
        at = RATE // 2
        assert sound.peak(begin=at - 480, end=at - 260) < .01
        assert sound.peak(begin=at, end=at + 48) > .49
        assert max(abs(a - b) for a, b in zip(sound.channels[0][at - 480:at + 480],
                                              # of a 1 kHz sine
                                              sound.channels[0][at - 479:at + 481])) < .07


def test_an_effect_rings_out_after_its_cycle():
    with Folder() as folder:
        sound = render(folder, 'tempo: 1\nout $ s "rim*2" $ every\' 4 1 (# delay 0.8 0 1)\n',
                       "--seconds", "3")
        hits = sound.onsets()
        # those of cycle 1 late, the second of them in cycle 2
        expected = [0, 0.5, 1.8, 2, 2.3, 2.5]
        assert len(hits) == len(expected), [h / RATE for h in hits]
        assert all(abs(h / RATE - t) < .002
                   for h, t in zip(hits, expected)), [h / RATE for h in hits]


def test_signals_steer_patterns():
    """At the start of each cycle, from -1 .. 1 to what the
    transform takes; at onsets for parameters."""
    check([  # half a turn a cycle, at tempo 0.5
        ('"a*8" $ degradeBy (square 0.25)', "", 1) ,
        ('s "a*4" # gain (range 0 1 (saw 0.5))',
         "0 a gain=0, 1/4 a gain=0.25, 1/2 a gain=0.5, 3/4 a gain=0.75"),
        ('s "a b" # pan (square 0.25)', "0 a pan=1, 1/2 b pan=1, 1 a pan=-1, 3/2 b pan=-1", 2),
        ('s "a" # speed (saw 0.125 * 2 + 3)',
         "0 a speed=1, 1 a speed=2, 2 a speed=3, 3 a speed=4", 4),
        ('"a" $ late (square 0.25)', "1/2 a", 1),
        ('"a" $ fast (square 0.25)', "0 a, 1/4 a, 1/2 a, 3/4 a", 1),
    ])
    text = messages('~l $ saw 3 # lpf 300\nout $ s "bd" # gain ~l\n', 1)
    assert "must be known before it sounds" in text and "`lpf`" in text, text
    assert messages('~l $ sine 0.1\n%p $ ~l\nout $ s "bd*8" $ degradeBy %p\n', 0) is not None


def test_layers_of_a_signal_are_copies():
    with Folder() as folder:
        one = render(folder, 'tempo: 2\nout $ sine 440 * "1 0" * 0.2\n', "--seconds", "1",
                     name="a.wav")
        two = render(folder, 'tempo: 2\nout $ sine 440 * "1 0" * 0.2 $ off 0.5 (# mul 0.5)\n',
                     "--seconds", "1",
                     name="b.wav")
        quarter = RATE // 4
        first, second = slice(2400, quarter - 480), slice(quarter + 2400, 2 * quarter - 480)
        rms = lambda sound, part: sound.rms(begin=part.start, end=part.stop)
        assert rms(one, second) < .001 and abs(rms(two, second) / rms(one, first) - .5) < .02


def test_jux_and_spin_have_their_sides_on_signals_too():
    """Quarters of a cycle in which each channel sounds."""
    with Folder() as folder:
        for text, left, right in [('sine 440 * "1 0" * 0.3 $ jux rev', [1, 1, 0, 0], [0, 0, 1, 1]),
                                  ('s "rim ~" $ jux rev', [1, 0, 0, 0], [0, 0, 1, 0]),
                                  ('s "rim ~" $ jux (# mul 0)', [1, 0, 0, 0], [0, 0, 0, 0]),
                                  ('sine 440 * 0.3 $ jux (# mul 0)', [1, 1, 1, 1], [0, 0, 0, 0]),
                                  ('sine 440 * "1 0" * 0.3 $ juxBy 0 rev', [1, 1, 1, 1],
                                   [1, 1, 1, 1]),
                                  ('sine 440 * "1 0" * 0.3 $ spin 2', [1, 1, 0, 0], [0, 0, 1, 1])]:
            sound = render(folder, "tempo: 1\nout $ %s\n" % text, "--seconds", "1")
            quarter = RATE // 4
            found = [[int(sound.rms(channel, k * quarter, (k + 1) * quarter - 600) > .003)
                      for k in range(4)]
                     for channel in (0, 1)]
            assert found == [left, right], (text, found)


# ---- 10.1, 11: sources ---------------------------------------------------------------------------


def test_sources():
    check([
        ('n "0 7"', "0 0, 1/2 7"), ('note "c e4"', "0 60, 1/2 64"),
        ('n "c e"', "0 0, 1/2 4"),
        ('run 4', "0 0, 1/4 1, 1/2 2, 3/4 3"),
        ('run "<2 3>"', "0 0, 1/2 1, 1 0, 4/3 1, 5/3 2", 2),
        ('scan 3', "0 0, 1 0, 3/2 1, 2 0, 7/3 1, 8/3 2, 3 0", 4),
        ('silence', ""),
        ('chord "maj min7"', "0 [0 4 7], 1/2 [0 3 7 10]"),
        ('n "0 2" # chord "<maj min>"', "0 [0 4 7], 1/2 [2 6 9], 1 [0 3 7], 3/2 [2 5 9]", 2),
        ('note "c4 a3" # chord "min"', "0 [60 63 67], 1/2 [57 60 64]"),
        ('n "0 1 2 3 4" # scale "<major minor>"', "0 0, 1/5 2, 2/5 4, 3/5 5, 4/5 7"),
        ('n "0.6 7 -8" # scale "major"', "0 2, 1/3 12, 2/3 -13"),
        ('s "a b" # n "c e" # scale "minor"', "0 a n=0, 1/2 b n=7"),
        ('s "a" 0.5 -1 2', "0 a gain=0.5 pan=-1 speed=2"),
        ('s("a", 0.5)', "0 a gain=0.5"),
        ('s "a" :speed 2 :n 3', "0 a n=3 speed=2"),
        ('segment 4 (phasor)', "0 0.125, 1/4 0.375, 1/2 0.625, 3/4 0.875"),
        ('segment 4 (phasor 2)', "0 0.25, 1/4 0.75, 1/2 0.25, 3/4 0.75"),
        ('segment 2 (phasor 0.5)', "0 0.125, 1/2 0.375, 1 0.625, 3/2 0.875", 2),
        ('segment 4 (wedge)', "0 0.125, 1/4 0.375, 1/2 0.625, 3/4 0.875"),
        ('every_val 3 1 2', "0 1, 1 2, 2 2, 3 1", 4),
        ('whenmod_val 3 1 5 6', "0 6, 1 5, 2 6, 3 6, 4 5", 5),
        ('whenmod_val 3 4 5 6', "0 6, 1 5, 2 6", 3),
        ('sometimes_val 1 2', ", ".join("%d %d" % (c, 1 if rnd(c) < .5 else 2) for c in range(8)),
         8),
        ('sometimes_by_val 0.3 1 2',
         ", ".join("%d %d" % (c, 1 if rnd(c) < .3 else 2) for c in range(8)), 8),
        ('mtof "69 81"', "0 440, 1/2 880"),
        ('n (every_val 2 "0 7" "3")', "0 0, 1/2 7, 1 3", 2),
    ])
    for i, hap in enumerate(haps("segment 8 (cosine)")[0]):
        assert abs(hap["value"] - (0.5 + 0.5 * math.cos(2 * math.pi * (i + .5) / 8))) < 1e-9, hap
    # an error beside words that are no names
    text = messages('out $ choose [p, q] $ within 0 0.5\n', 1)
    assert "`within` takes 3" in text and "nothing is called" not in text, text
    for expression in ("choose 3", "wchoose [1, 2]", "run", "irand 1 2 3", "every_val 1",
                       "scale \"minor\""):
        assert "error" in messages("out $ %s\n" % expression, 1), expression


def test_continuous_patterns_are_signals():
    """Two cycles a second, read sample by sample; `rand` once a cycle."""
    def perlin(t):
        c, x = math.floor(t), t - math.floor(t)
        return rnd(c) + (6 * x ** 5 - 15 * x ** 4 + 10 * x ** 3) * (rnd(c + 1) - rnd(c))

    def glide(t, share, values=(0, 1, .5, .25)):
        i, done = int(t % 1 * 4), t % 1 * 4 % 1
        way = max(0, (done - (1 - share)) / share)
        return values[i] + (values[(i + 1) % 4] - values[i]) * way

    with Folder() as folder:
        for text, value in [
                ("phasor", lambda t: t % 1), ("phasor 2", lambda t: 2 * t % 1),
                ("phasor 0.75", lambda t: 0.75 * t % 1), ("wedge", lambda t: t % 1),
                ("cosine", lambda t: .5 + .5 * math.cos(2 * math.pi * t)),
                ("(cosine $ fast 3)", lambda t: .5 + .5 * math.cos(6 * math.pi * t)),
                ("(range 0.5 1 cosine)", lambda t: .75 + .25 * math.cos(2 * math.pi * t)),
                ("(phasor * cosine + 0.25)",
                 lambda t: t % 1 * (.5 + .5 * math.cos(2 * math.pi * t)) + .25),
                ("perlin", perlin), ("rand", lambda t: rnd(math.floor(t) + F(1, 2))),
                ("(irand 4 * 0.25)", lambda t: int(4 * rnd(math.floor(t) + F(1, 2))) / 4),
                ('("0 1 0.5 0.25" $ smooth 0.5)', lambda t: glide(t, .5)),
                ('("0 1 0.5 0.25" $ smooth 1)', lambda t: glide(t, 1))]:
            sound = render(folder, "tempo: 2\nout $ %s * 0.5\n" % text, "--seconds", "1.5")
            for frame in range(24, sound.n_frames, 97):
                found, wanted = sound.channels[0][frame], value(2 * frame / RATE) / 2
                # an edge may lie between two samples
                near = min(abs(value(2 * (frame + d) / RATE) / 2 - found) for d in (-1, 1))
                assert min(near, abs(found - wanted)) < 1e-3, (text, frame / RATE, found, wanted)


def test_draws_at_the_middle_of_what_asks():
    middles = [F(2 * i + 1, 16) for i in range(8)]
    for expression, expected in [
            ("rand", lambda x: "%g" % round(x, 6)), ("irand 8", lambda x: "%d" % (8 * x)),
            ("irand 3 5", lambda x: "%d" % (3 + int(3 * x))),
            ("choose [10, 20, 30]", lambda x: "%d" % (10 + 10 * int(3 * x))),
            ("wchoose [[1, 3], [2, 1]]", lambda x: "1" if x * 4 < 3 else "2")]:
        check([('s "a*8" # speed (%s)' % expression,
                ", ".join("%s a speed=%s" % (F(i, 8), expected(rnd(m)))
                          for i, m in enumerate(middles)))])
    word = "ab"[int(2 * rnd(F(1, 2)))]
    check([('s (choose ["a", "b"])', "0 " + word), ("s (choose [a, b])", "0 " + word),
           ('choose ["a b", "c d"]', "0 a, 1/2 b"),
           ("segment 1 (choose [p, q])", "0 " + "pq"[int(2 * rnd(F(1, 2)))])])
    for i, hap in enumerate(haps("segment 4 (perlin)")[0]):
        x = (i + .5) / 4
        expected = rnd(0) + (6 * x ** 5 - 15 * x ** 4 + 10 * x ** 3) * (rnd(1) - rnd(0))
        assert abs(hap["value"] - expected) < 1e-9, hap


# ---- 18: combinators -----------------------------------------------------------------------------


def test_combinators():
    check([
        ('stack ["a b", "c"]', "0 a, 1/2 b, 0 c"),
        ('stack [s "a" # speed 2, "b"]', "0 a speed=2, 0 b"),
        ('sew "t f" (s "a") "b*2"', "0 a, 1/2 b"),
        ('cat ["a b", "c"]', "0 a, 1/4 b, 1/2 c"), ('fastcat ["a", "b", "c"]', "0 a, 1/3 b, 2/3 c"),
        ('slowcat ["<a b>", "c"]', "0 a, 1 c, 2 b, 3 c", 4),
        ('timecat [[3, "a"], [1, "b c"]]', "0 a, 3/4 b, 7/8 c"),
        ('wedge 0.25 "a b" "c d"', "0 a, 1/8 b, 1/4 c, 5/8 d"),
        ('wedge 0 "a" "b"', "0 b"), ('wedge 1 "a" "b"', "0 a"),
        ('sew "t f" "a*4" "b*4"', "0 a, 1/4 a, 1/2 b, 3/4 b"),
        ('sew "<t f>" "a" "b c"', "0 a, 1 b, 3/2 c", 2),
        ('stitch "t f t t" "a" "b"', "0 a, 1/4 b, 1/2 a, 3/4 a"),
        ('cat [n "0 1", n "2"]', "0 0, 1/4 1, 1/2 2"),
    ])
    for cycle in range(8):  # slowcat, floor(2 * rnd(c + 1/2)) cycles ahead
        ahead = cycle + int(2 * rnd(cycle + F(1, 2)))
        item = [["a", "b"][ahead // 2 % 2], "c"][ahead % 2]
        check([('randcat ["<a b>", "c"]', "%d %s" % (cycle, item), 1, cycle)])
    assert "takes one list" in messages('out $ cat "a"\n', 1)
    assert "takes patterns, found a signal" in messages("out $ cat [saw 55, saw 110]\n", 1)


# ---- 19: tables ----------------------------------------------------------------------------------

SCALES = """major maj ionian: 0 2 4 5 7 9 11; minor min natural_minor aeolian: 0 2 3 5 7 8 10
harmonic harmonic_minor: 0 2 3 5 7 8 11; melodic melodic_minor: 0 2 3 5 7 9 11; dorian: 0 2 3 5 7 9 10
phrygian: 0 1 3 5 7 8 10; lydian: 0 2 4 6 7 9 11; mixolydian mixo: 0 2 4 5 7 9 10; locrian: 0 1 3 5 6 8 10
pentatonic pent penta major_pentatonic majpent: 0 2 4 7 9
minor_pentatonic minpent min_pentatonic minor_pent: 0 3 5 7 10; blues: 0 3 5 6 7 10
whole wholetone whole_tone messiaen1: 0 2 4 6 8 10; chromatic: 0 1 2 3 4 5 6 7 8 9 10 11
augmented: 0 3 4 7 8 11; diminished diminished2: 0 2 3 5 6 8 9 11; iwato: 0 1 5 6 10; hirajoshi: 0 2 3 7 8
kumoi kumai: 0 2 3 7 9; pelog: 0 1 3 7 8; spanish: 0 1 4 5 7 8 10; bartok: 0 2 4 5 7 8 10; egyptian: 0 2 5 7 10
romanian romanianMinor: 0 2 3 6 7 9 10; enigmatic: 0 1 4 6 8 10 11; ritusen zhi: 0 2 5 7 9; gong: 0 2 4 7 9
shang: 0 2 5 7 10; jiao: 0 3 5 8 10; yu: 0 3 5 7 10; chinese: 0 4 6 7 11; indian: 0 4 5 7 10
scriabin: 0 1 4 7 9; prometheus: 0 2 4 6 11; augmented2: 0 1 4 5 8 9; hexMajor7: 0 2 4 7 9 11
hexMajor6: 0 2 4 5 7 9; hexDorian: 0 2 3 5 7 10; hexPhrygian: 0 1 3 5 8 10; hexSus: 0 2 5 7 9 10
hexAeolian: 0 3 5 7 8 10; harmonicMajor: 0 2 4 5 7 8 11; melodicMinorDesc: 0 2 3 5 7 8 10
superLocrian: 0 1 3 4 6 8 10; locrianMajor: 0 2 4 5 6 8 10; neapolitanMinor: 0 1 3 5 7 8 11
neapolitanMajor: 0 1 3 5 7 9 11; hungarianMinor: 0 2 3 6 7 8 11; lydianMinor: 0 2 4 6 7 8 10
leadingWhole: 0 2 4 6 8 10 11; hindu: 0 2 4 5 7 8 10; todi: 0 1 3 6 7 8 11; purvi: 0 1 4 6 7 8 11
marva: 0 1 4 6 7 9 11; bhairav: 0 1 4 5 7 8 11; ahirbhairav: 0 1 4 5 7 9 10; octatonic messiaen2: 0 1 3 4 6 7 9 10
messiaen3: 0 2 3 4 6 7 8 10 11; messiaen4: 0 1 2 5 6 7 8 11; messiaen5: 0 1 5 6 7 11
messiaen6: 0 2 4 5 6 8 10 11; messiaen7: 0 1 2 3 5 6 7 8 9 11; rast: 0 2 3.5 5 7 9 10.5
bayati: 0 1.5 3 5 7 8 10; hijaz: 0 1 4 5 7 8.5 10; sikah: 0 1.5 3.5 5.5 7 8.5 10.5; saba: 0 1.5 3 4 6 8 10
iraq: 0 1.5 3.5 5 6.5 8.5 10.5"""

CHORDS = """major maj M: 0 4 7; minor min m: 0 3 7; dim diminished: 0 3 6; aug augmented plus sharp5: 0 4 8
sus2: 0 2 7; sus4: 0 5 7; maj7 M7 major7: 0 4 7 11; min7 m7 minor7: 0 3 7 10; dom7 7: 0 4 7 10; dim7: 0 3 6 9
hdim7 m7b5 minor7flat5: 0 3 6 10; aug7 sevenSharp5: 0 4 8 10; mM7 m/maj7 minorMajor7: 0 3 7 11
maj9 major9: 0 4 7 11 14; min9 m9 minor9 minor7sharp9: 0 3 7 10 14; dom9 9 nine: 0 4 7 10 14
maj11 major11: 0 4 7 11 14 17; min11 minor11: 0 3 7 10 14 17; dom11 11 eleven: 0 4 7 10 14 17
maj13: 0 4 7 11 14 17 21; min13 minor13: 0 3 7 10 14 17 21; dom13 13 thirteen: 0 4 7 10 14 17 21
6 six: 0 4 7 9; m6 minor6 min6: 0 3 7 9; 6/9 sixNine six9 sixby9: 0 4 7 9 14; 5 power five: 0 7; one 1: 0
major13: 0 4 7 11 14 21; add9: 0 4 7 14; add11: 0 4 7 17; add13: 0 4 7 21; sevenFlat5: 0 4 6 10
sevenFlat9: 0 4 7 10 13; sevenSharp5flat9 7s5f9: 0 4 8 10 13; sevenFlat10: 0 4 7 10 15; minorSharp5 mS5: 0 3 8
minorSixNine min69 m69: 0 3 7 9 14; min7sharp5: 0 3 8 10; minor7flat9: 0 3 7 10 13
sevenSus2 7sus2: 0 2 7 10; sevenSus4 7sus4: 0 5 7 10; nineSus4 ninesus4 9sus4: 0 5 7 10 14
min7s5 m7sharp5 m7s5: 0 3 8 10; min7flat9 m7f9 minor7f9: 0 3 7 10 13; m7flat5 m7f5: 0 3 6 10"""


def table(text):
    for row in text.replace("\n", ";").split(";"):
        names, numbers = row.split(":")
        yield names.split(), [float(x) for x in numbers.split()]


def batch(lines):
    data = "".join("1\t%s\n" % line for line in lines).encode()
    done = subprocess.run([QUERY, "--batch"], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_scales():
    rows = [(name, notes) for names, notes in table(SCALES) for name in names]
    answers = batch('n "0 .. %d" # scale "%s"' % (2 * len(notes) - 1, name) for name, notes in rows)
    for (name, notes), events in zip(rows, answers):
        found = [number(event[4]) for event in events]
        assert found == notes + [note + 12 for note in notes], (name, found)
    text = messages('out $ s "bd" # n "0 3" # scale "majro"\n', 0)
    assert "no scale is called `majro`; did you mean `major`" in text, text
    check([('n "0 3 14" # scale "nonsense"', "0 0, 1/3 3, 2/3 14")])  # chromatic


def test_chords():
    rows = [(name, notes) for names, notes in table(CHORDS) for name in names]
    answers = batch("note \"c4'%s\"" % name for name, _ in rows)
    for (name, notes), events in zip(rows, answers):
        assert events[0][4] == [60 + note for note in notes], (name, events)
    check([
        ("note \"c4'maj'i\"", "0 [64 67 72]"), ("note \"c4'maj'i'i\"", "0 [67 72 76]"),
        ("note \"c4'maj'ii\"", "0 [67 72 76]"), ("note \"c4'maj'o\"", "0 [48 64 55]"),
        ("note \"c4'maj'5\"", "0 [60 64 67 72 76]"), ("note \"c4'maj'2\"", "0 [60 64]"),
        ("note \"c4'maj3\"", "0 [60 64 67]"), ("note \"c4'min7'2'i\"", "0 [63 72]"),
        ("note \"c4'MAJ7\"", "0 [60 64 67 71]"),
    ])
    text = messages("out $ saw \"c4'majj\"\n", 0)
    assert "no chord is called `majj`; did you mean `maj`" in text, text
    check([("note \"c4'nonsense\"", "0 [60]")])  # the root alone


def test_note_names():
    check([('note "c4 f#4 fs4 gb4 eb2 ef2 c-1 b10"',
            "0 60, 1/8 66, 1/4 66, 3/8 66, 1/2 39, 5/8 39, 3/4 0, 7/8 143"),
           ('note "do re mi fa sol so la ti si"', ", ".join(
               "%s %d" % (F(i, 9), v) for i, v in enumerate([0, 2, 4, 5, 7, 7, 9, 11, 11]))),
           ('n "c eb b"', "0 0, 1/3 3, 2/3 11"), ('note "C4 Eb4"', "0 60, 1/2 63")])


# ---- 2.2, 21, 22, 23: definitions and what is outside --------------------------------------------


def peaks(program, seconds="0.1"):
    with Folder() as folder:
        sound = render(folder, program, "--seconds", seconds)
        return sound.peak(begin=RATE // 20)


def test_macros():
    for program, value in [
            ("for i in 1..4:\n  ~x[i] $ 0.05 * i\nout $ sum(~x[1..4])\n", 0.5),
            ("for i in 1..2:\n  for k in 1..2:\n    ~x[i * 2 + k] $ 0.01 * (i + k)\nout $ "
             "sum(~x[3..6])\n", 0.12),
            ("out $ if 3 % 2 == 1 then 0.25 else 0.5\n", 0.25),
            ("out $ if 4 % 2 == 1 then 0.25 else 0.5\n", 0.5),
            ("out $ (if 2 >= 3 then 1 else 0.1) + 0.2\n", 0.3),
            ("for i in 1..3:\n  ~x[i] $ if i < 2 then 0.1 else 0.2\nout $ sum(~x[1..3])\n", 0.5),
            ("fn gained x g = x * g\nout $ gained 0.5 0.5\n", 0.25),
            ("~gained x g $ x * g\nout $ ~gained 0.5 0.3\n", 0.15),
            ("@half: 0.5\nout $ 0.5 * @half\n", 0.25),
            ("@quiet: mul 0.1\nout $ 0.5 # @quiet\n", 0.05),
            ("~fx $ mul 0.5 # mul 0.5\nout $ 0.8 # ~fx\n", 0.2),
            # one noise, however often it is named
            ("fn nothing x = x - x\nout $ nothing noise\n", 0),
            ("~sub $ 0.25\nout $ ~sub + ~sub\n", 0.5), ("~sub $ 0.25\nout $ ~sub -0.1\n", 0.15),
            ("~add: 0.125\n~mul: 0.25\n~div: 0.0625\nout $ ~add + ~mul + ~div\n", 0.4375)]:
        found = peaks(program)
        assert abs(found - value) < 1e-4, (program, found)
    with Folder() as folder:
        feel = render(folder, 'tempo: 1\n~feel $ swing 0.25\nout $ s "rim*4" $ ~feel\n',
                      "--seconds", "1")
        assert [round(t / RATE, 3) for t in feel.onsets()] == [0, .375, .5, .875], feel.onsets()
        named = render(folder,
                       'tempo: 1\n@twice: fast 2\n%b: "t f t t"\nout $ s "rim*4" $ struct %b $ '
                       '@twice\n',
                       "--seconds", "1")
        found = [round(t / RATE, 3) for t in named.onsets()]
        assert found == [0, .25, .375, .5, .75, .875], named.onsets()
    for program, text in [("fn f x = f x\nout $ f 1\n", "refer to themselves"),
                          ("fn f a b = a + b\nout $ f 1\n", "takes 2 arguments, found 1"),
                          ("for i in 1..2:\nout $ 1\n", "no body"),
                          ("out $ if 1 == 2 then 0.1\n", "else")]:
        assert text in messages(program, 1), (program, messages(program))


def test_midi_compiles_and_is_silent():
    program = ("~a: saw ~midi\n~b: sine ~midi3 :attack 0.1 :release 2\n~c: tri ~midi:c:major\n"
               "~d: square ~midi:arp:up:4\nout $ ~a + ~b + ~c + ~d + sine 2 * ~midi\n")
    text = messages(program, 0)
    assert text.count("there is no MIDI input yet") == 1 and "error" not in text, text
    assert peaks(program) == 0
    assert "names no scale" in messages("out $ saw ~midi:c:majr\n", 0)
    assert "can't be defined" in messages("~midi2 $ saw 55\n", 1)


def test_plugins_compile():
    program = (
        '~i $ vst "Surge XT" # note "c2 ~ eb2" # osc1_level (sine 1 * 0.5) # param "Cutoff" 0.3\n'
        '~j $ clap Vital # note "c"\n~x $ 0.25 # lv2 "Reverb" # room_size 0.5\nout $ ~i + '
        '~j + ~x\n')
    text = messages(program, 0)
    assert text.count("warning") == 3 and "error" not in text, text
    assert abs(peaks(program) - 0.25) < 1e-4  # an insert lets through
    assert "takes one value" in messages('out $ vst "x" # osc1_level 1 2\n', 1)


# ---- 24: kinds -----------------------------------------------------------------------------------


def test_wrong_kinds_say_what_is_taken_and_what_was_found():
    for program, text in [
            ('out $ s "bd" $ fast (# lpf 300)\n',
             "argument 1 of `fast` is a number or a pattern, found a transform"),
            ('out $ s "bd" $ every rev rev\n',
             "argument 1 of `every` is a number or a pattern, found a transform"),
            ('out $ s "bd" $ every 2 3\n', "argument 2 of `every` is a transform, found a number"),
            ('out $ s "bd" $ off 0.1 "a"\n', "argument 2 of `off` is a transform, found a pattern"),
            ('out $ s "bd" $ spin "a"\n', "argument 1 of `spin` must be a number, found a pattern"),
            ('out $ s "bd" $ spin 100\n', "argument 1 of `spin` must lie between 1 and 64"),
            ('out $ s "bd" $ layer rev\n', "`layer` wants a list of transforms"),
            ('out $ s "bd" $ groove 3\n', "`groove` takes the name of a groove"),
            ('out $ s "bd" # speed "a"\n', "a number is wanted here, found `a`"),
            ('out $ s "bd" $ struct "bd"\n', "a boolean (t f 1 0) is wanted here, found `bd`"),
            ('out $ timecat ["a", "b"]\n', "takes pairs of a weight above 0 and a pattern"),
            ('out $ s "bd" $ zoom 0.5\n', "`zoom` takes 2 arguments, found 1")]:
        found = messages(program, 1)
        assert text in found, (program, found)


# ---- as it sounds --------------------------------------------------------------------------------


def test_onsets_in_the_render():
    """Frames of the rim shots, at one cycle a second."""
    rows = [
        ('"rim(3,8)"', [0, .375, .75]), ('"rim*4" $ swing 0.25', [0, .375, .5, .875]),
        ('"rim*4" $ groove "jazz"', [0, .25, .5, .75]), ('"rim*8" $ groove "jazz" 0.5', [
            i / 8 + (1 / 32 if i % 2 else 0) for i in range(8)]),
        ('"rim ~ rim rim" $ rev', [0, .25, .75]), ('"rim" $ ply 4', [0, .25, .5, .75]),
        ('"rim*4" $ mask "t f t t"', [0, .5, .75]), ('"rim" $ stut 3 0.125 0.5', [0, .125, .25]),
        ('"rim*2" $ press', [.25, .75]), ('"rim" $ euclid 5 8', [0, .25, .375, .625, .75]),
        ('"rim [rim rim]" $ rotL 0.5', [0, .25, .5]),
    ]
    with Folder() as folder:
        for text, expected in rows:
            sound = render(folder, "tempo: 1\nout $ s %s\n" % text, "--seconds", "1")
            found = [frame / RATE for frame in sound.onsets()]
            assert len(found) == len(expected) and all(
                abs(a - b) < .0002 for a, b in zip(found, expected)), (text, found)


if __name__ == "__main__":
    main(globals())
