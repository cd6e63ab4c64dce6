# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/: every program sounds, keeps below the safety limiter,
and does what its area of LANGUAGE promises."""
import cmath
import functools
import math
import os
from concurrent.futures import ThreadPoolExecutor

from support import RATE, RENDER, Folder, Sound, main, render, run

FOLDER = __file__.replace("tests/e2e/test_examples.py", "examples")
CYCLES = 4
SHORT = " # dur 0.01 # release 0.003"  # apart, so that onsets can be seen


def text_of(name):
    return open(os.path.join(FOLDER, name + ".ph")).read()


@functools.lru_cache(maxsize=8)
def program(text, cycles=CYCLES):
    with Folder() as folder:
        return render(folder, text, "--cycles", str(cycles))


def part(name, expression, cycles=CYCLES):
    """What an expression of an example's buses plays: the last
    `out` of a program is the one that counts."""
    return program(text_of(name) + "\nout $ " + expression + "\n", cycles)


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def cycle_frames(name):
    for line in text_of(name).splitlines():
        words = line.replace(":", " ").split()
        if words[0:1] in (["tempo"], ["cps"]):
            return RATE / float(words[1])
        if words[:1] == ["bpm"]:
            return RATE * 240 / float(words[1])
    raise AssertionError("no tempo in " + name)


def starts(sound, name, channel=0):
    """Onsets in cycles."""
    return [f / cycle_frames(name) for f in sound.onsets(channel)]


def expect_hits(name, expression, cycles, channel=0):
    """`cycles`: for each cycle the positions of its onsets;
    each within three frames of its place."""
    found = starts(part(name, expression + SHORT, len(cycles)), name, channel)
    wanted = [c + float(p) for c, positions in enumerate(cycles) for p in sorted(positions)]
    tolerance = 3 / cycle_frames(name)
    expect(len(found) == len(wanted) and all(near(a, b, tolerance) for a, b in zip(found, wanted)),
           name, expression, [round(f, 4) for f in found], "not", [round(w, 4) for w in wanted])


def cut(sound, name, begin, end, channel=0):
    """Samples between two places in cycles."""
    n = cycle_frames(name)
    return sound.channels[channel][int(begin * n):int(end * n)]


def amplitude(samples, hz):
    """Of one partial, Hann window."""
    n, turn, total = len(samples), cmath.exp(-2j * math.pi * hz / RATE), 0
    at, step = 1, cmath.exp(2j * math.pi / n)
    window = 1
    for x in samples:
        total += x * at * (1 - window.real)
        at *= turn
        window *= step
    return 2 * abs(total) / n


def level(samples):
    return math.sqrt(sum(x * x for x in samples) / max(1, len(samples)))


def brightness(samples):
    """Root of the mean squared frequency, in Hz."""
    power = sum(x * x for x in samples)
    steps = sum((a - b) * (a - b) for a, b in zip(samples, samples[1:]))
    return math.sqrt(steps / (power + 1e-20)) * RATE / (2 * math.pi)


def frequency(samples):
    up = [i for i in range(1, len(samples)) if samples[i - 1] <= 0 < samples[i]]
    return (len(up) - 1) * RATE / (up[-1] - up[0]) if len(up) > 1 else 0


def hz(note):
    return 440 * 2 ** ((note - 69) / 12)


def midi(name):
    letters = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
    return 12 * (int(name[-1]) +
                 1) + letters[name[0]] + name[1:-1].count("#") - name[1:-1].count("b")


def expect_pitches(name, sound, places, length, candidates, channel=0):
    """`places`: (position in cycles, note); among the candidates that note is the loudest there."""
    for begin, note in places:
        samples = cut(sound, name, begin, begin + length, channel)
        heard = max(candidates, key=lambda m: amplitude(samples, hz(m)))
        expect(heard == note, name, "at", begin, "plays", heard, "not", note)


def rnd(t):
    """LANGUAGE 7."""
    x = int((t / 300 - math.floor(t / 300)) * 2 ** 29)
    x ^= x << 13
    x ^= x >> 17
    x ^= x << 5
    x &= 2 ** 64 - 1
    x = x - 2 ** 64 if x >= 2 ** 63 else x
    return x % 2 ** 29 / 2 ** 29


def correlation(a, b, n):
    a, b = a[:n], b[:n]
    return sum(map(float.__mul__, a, b)) / math.sqrt(sum(x * x for x in a) *
                                                     sum(x * x for x in b) + 1e-20)


def same(a, b, tolerance=0.0):
    return all(max(map(abs, map(float.__sub__, map(float, x), map(float, y)))) <= tolerance
               for x, y in zip(a.channels, b.channels)) and a.n_frames == b.n_frames


# ---- all of them --------------------------------------------------------------------------------


def names():
    return sorted(f[:-3] for f in os.listdir(FOLDER) if f.endswith(".ph"))


OLDER = ("m", "stress")  # louder: the limiter works, by less than 6 dB


def check_half(name):
    half = program(text_of(name).replace("\nout", "\n~whole") + "\nout $ ~whole * 0.5\n")
    for c in (0, 1):
        expect(half.peak(c) < 0.95, name, "half as loud has a peak of", half.peak(c))


def check_whole(name):
    sound = program(text_of(name))
    for c in (0, 1):
        expect(math.isfinite(sum(sound.channels[c])), name, "isn't finite")
        # the safety limiter's ceiling is 0.966: below it, it does nothing
        expect(sound.peak(c) < 0.95 or name in OLDER, name, "peak", sound.peak(c))
        expect(sound.rms(c) > 0.005, name, "rms", sound.rms(c))
    first = cut(sound, name, 0, 1)
    expect(max(first) > 0.05, name, "begins late")


def test_each_sounds_from_its_first_cycle_on_and_the_limiter_rests():
    expect(len(names()) >= 30, "30 programs", names())
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(check_whole, names()):
            pass
        for _ in pool.map(check_half, OLDER):
            pass


def check_sent_again(name):
    with Folder() as folder:
        path = folder.file("a.ph", text_of(name))
        whole, again = folder.file("whole.wav"), folder.file("again.wav")
        run(RENDER, path, whole, "--cycles", "2")
        at = int(1.3 * cycle_frames(name))  # in the middle of everything
        run(RENDER, path, again, "--cycles", "2", "--at", str(at), path)
        expect(open(whole, "rb").read() == open(again, "rb").read(), name,
               "changes where it is sent again")


def test_each_sent_again_unchanged_is_the_same_bit_for_bit():
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(check_sent_again, names()):
            pass


def test_each_has_a_test_of_its_own():
    for name in names():
        expect(name in OLDER or "test_" + name in globals(), name)


# ---- patterns -----------------------------------------------------------------------------------


def test_notation():
    expect_hits("notation", "~kick", [[0, 1 / 4, 3 / 8, 5 / 8, 3 / 4]] * 2)
    expect_hits("notation", "~snare", [[1 / 4, 3 / 4, 15 / 16]])
    expect_hits("notation", "~hats", [[0, 1 / 8, 2 / 8, 3 / 8, 7 / 16, 4 / 8, 6 / 8]])
    expect_hits("notation", "~tick",
                [[j / 8 for j in range(8) if rnd(c + (2 * j + 1) / 16) >= 0.6] for c in range(4)])
    places = list(zip((0, 0.75, 1, 1.75, 2, 2.75, 3, 3.75),
                      map(midi, "c5 a4 e5 d5 g5 a4 b4 d5".split())))
    expect_pitches("notation", part("notation", "~keys"), places, 0.2,
                   range(midi("g4"), midi("c6")))
    low = [(c, midi("c4" if c % 2 == 0 else "a3")) for c in range(4)]
    expect_pitches("notation", part("notation", "~keys"), low, 0.2, range(midi("f3"), midi("f4")))


def test_euclid():
    expect_hits("euclid", "~kick", [[0, 3 / 8, 6 / 8]] * 2)
    expect_hits("euclid", "~rim",
                [[j / 8 for j in row] for row in ((0, 2, 3, 5, 6), (0, 1, 3, 4, 6))])
    expect_hits("euclid", "~bell", [[j / 16 for j in (0, 3, 5, 7, 10, 12, 14)]])
    expect_hits("euclid", "~shake", [[j / 16 for j in range(16) if j % 3 or j == 15]])
    expect_hits("euclid", "~bass", [[j / 16 for j in row] for row in (
        (0, 3, 6, 8, 11, 14), (0, 2, 3, 5, 6, 10, 13, 15))])


def test_polymeter():
    hits = [[j / 8 for j in range(8) if (8 * c + j) % 7 in (0, 2, 3, 6)] for c in range(4)]
    expect_hits("polymeter", "~drums", hits)
    notes, roots = "c3 eb3 g3 bb3 c4".split(), (0, 0, 5, 3)
    places = [(k / 8, midi(notes[k % 5]) + roots[k // 8]) for k in range(32)]
    sound = part("polymeter", "(~seq # pan 0)")
    expect_pitches("polymeter", sound, places, 0.1, sorted({note for _, note in places}))
    steps = [[j / 4 for j in range(4) if (4 * c + j) % 6 in (0, 2, 5)] for c in range(4)]
    expect_hits("polymeter", "~bass", steps)
    expect_hits("polymeter", "~snare", [[1 / 2]] * 2)


def test_arithmetic():
    roots = (0, 0, 5, 3)
    line = [(c + at, 60 + roots[c] + step) for c in range(4)
            for at, step in ((0, 0), (1 / 4, 7), (1 / 2, 12), (3 / 4, 15), (7 / 8, 10))]
    expect_pitches("arithmetic", part("arithmetic", "~line"), line, 0.1, range(58, 82))
    fill = [(c + j / 4, 60 + (0, 3, 19, 22)[j]) for c in range(2) for j in range(4)]
    expect_pitches("arithmetic", part("arithmetic", "~fill"), fill, 0.15, range(58, 86))
    high = [(c + j / 2, midi("c5") + 7 * j - 2 * c) for c in range(2) for j in range(2)]
    expect_pitches("arithmetic", part("arithmetic", "~high"), high, 0.15, range(68, 86))
    expect_hits("arithmetic", "~high", [[0, 0.5]] * 2)
    bass = [(c + 0.1, 36 + roots[c]) for c in range(4)]
    expect_pitches("arithmetic", part("arithmetic", "~bass"), bass, 0.8, range(33, 44))
    kicks = part("arithmetic", "~kick")
    peaks = [max(cut(kicks, "arithmetic", k / 4, (k + 1) / 4)) for k in range(8)]
    for peak, gain in zip(peaks, (0.9, 0.7, 0.8, 0.6, 0.81, 0.63, 0.72, 0.54)):
        expect(near(peak / peaks[0], gain / 0.9, 0.03), "loudness", peaks)
    expect_hits("arithmetic", "~hats", [[j / 8 for j in range(8)]])


def test_time():
    forwards, backwards = (0, 2, 3, 5), (2, 4, 5, 7)
    expect_hits("time", "~rev",
                [[j / 8 for j in row] for row in (backwards, forwards, backwards, forwards)])
    notes = list(map(midi, "c4 eb4 g4 bb4".split()))
    places = [(c + j / 4, notes[(j + c) % 4]) for c in range(4) for j in range(4)]
    expect_pitches("time", part("time", "~iter"), places, 0.15, notes)
    expect_hits("time", "~roll", [[1 / 8, 3 / 4]] * 3 + [[1 / 8, 3 / 8, 5 / 8, 7 / 8]])
    zoomed = [0, 1 / 12, 2 / 12, 3 / 12, 4 / 12, 8 / 12, 10 / 12]
    expect_hits("time", "~zoom", [[(k + x) / 2 for k in (0, 1) for x in zoomed]])
    expect_hits("time", "~slow", [[0, 1 / 2, 3 / 4], [1 / 4, 1 / 2]] * 2)
    expect_hits("time", "~kick", [[0, 1 / 2, 3 / 4]])


def test_swing():
    frames = cycle_frames("swing")
    expect_hits("swing", "~hats", [[(j + 0.32 * (j % 2)) / 8 for j in range(8)]] * 2)
    expect_hits("swing", "~shake", [[j / 16 + j % 2 / 64 for j in range(16)]])
    expect_hits("swing", "~rim", [[j / 8 + 0.01 * RATE / frames for j in (2, 5, 7)]])
    expect_hits("swing", "~snare", [[0.26, 0.76]])
    late = 1 / 24
    expect_hits("swing", "~bass", [[0, 5 / 16, 3 / 8 + late, 5 / 8 + late, 13 / 16, 7 / 8 + late]])


def test_echoes():
    expect_hits("echoes", "~clap", [[1 / 2, 5 / 8, 3 / 4]] * 2)
    claps = part("echoes", "~clap" + SHORT)
    peaks = [max(cut(claps, "echoes", at, at + 0.1)) for at in (1 / 2, 5 / 8, 3 / 4)]
    expect(near(peaks[1] / peaks[0], 0.5, 0.01) and near(peaks[2] / peaks[0], 0.25, 0.01),
           "each half as loud", peaks)
    expect_hits("echoes", "~perc", [[0, 1 / 2, 3 / 4, 7 / 8]] * 2, channel=0)
    expect_hits("echoes", "~perc", [[0, 1 / 8, 1 / 4, 3 / 4]] * 2, channel=1)
    expect_hits("echoes", "~chime", [[j / 8 for j in range(8)]] * 2)
    chimes = part("echoes", "~chime" + SHORT)
    peaks = [max(cut(chimes, "echoes", 1 + at, 1.1 + at)) for at in (0, 1 / 8)]
    expect(near(peaks[1] / peaks[0], 0.3, 0.25), "softer", peaks)
    expect_hits("echoes", "~pluck", [[0, 1 / 4, 1 / 2, 3 / 4]] * 2)
    expect_hits("echoes", "~roll", [[j / 4 / n for j in range(4 * n)] for n in (1, 2, 4)])
    expect_hits("echoes", "~kick", [[0, 3 / 8, 5 / 8]])


def test_chop():
    def plays(expression, written):
        a, b = part("chop", expression, 2), part("chop", written, 2)
        expect(a.rms() > 1e-3 and same(a, b, 2e-6), expression, "isn't", written)

    quarters = '# begin "0 0.25 0.5 0.75 0 0.25 0.5 0.75" # end "0.25 0.5 0.75 1 0.25 0.5 0.75 1"'
    plays("~chop", 's "ride!4 ride:1!4" %s # gain 0.35' % quarters)
    thirds = "[arpy arpy:3 arpy:5]"
    plays("~grains",
          's "%s!4" # begin "0 0.25 0.5 0.75" # end "0.25 0.5 0.75 1" # gain 0.3 # pan (-0.4)' %
          thirds)
    plays("~slice", 's "808oh!2 ~ 808oh!3 ~ 808oh" # begin "0 0.375 0 0.125 <0.625 0.75> 0.25 0 0"'
          ' # end "0.125 0.5 0 0.25 <0.75 0.875> 0.375 0 0.125" # gain 0.4 # pan 0.4')
    plays("~splice",
          's "ride:1*4" # begin "0 0.5 <0.25 0.75> 0" # end "0.25 0.75 <0.5 1> 0.25" # unit "c" # '
          'gain 0.3')
    expect_hits("chop", "~kick + ~snare", [[0, 1 / 2]] * 2)


def test_conditions():
    expect_hits("conditions", "~kick",
                [[0, 1 / 4, 1 / 2, 3 / 4], [0, 1 / 2], [0, 1 / 2], [0, 1 / 2]])
    expect_hits("conditions", "~snare", [[1 / 4, 3 / 4]] * 3 + [[1 / 4, 3 / 8, 3 / 4, 7 / 8]])
    expect_hits("conditions", "~hats",
                [[j / 8 for j in range(6)] + [j / 16 for j in (12, 13, 14, 15)]] * 2)
    expect_hits("conditions", "~rim",
                [sorted([j / 4 for j in range(4)] + [c / 4 + 1 / 8]) for c in range(4)])
    expect_hits("conditions", "~tom",
                [[1 / 2, 3 / 4, 7 / 8]] * 2 + [[0, 1 / 8, 1 / 4], [1 / 2, 3 / 4, 7 / 8]])
    # the turn by thirds takes what the turn by twos has made of
    # this cycle and the next one's beginning
    expect_hits("conditions", "~bass",
                [[0, 1 / 4, 1 / 2, 3 / 4], [0, 1 / 2, 3 / 4], [1 / 4, 1 / 2, 3 / 4],
                                          [1 / 4, 1 / 2]])


def test_chance():
    def kept(cycle, k, p):
        return rnd(cycle + 0.5 + 0.0001 * k) >= p

    expect_hits("chance", "~kick",
                [[0, 5 / 8] + [3 / 8] * kept(c, 0, 0.5) + [7 / 8] * kept(c, 1, 0.3)
                                    for c in range(4)])
    expect_hits("chance", "(~hats # pan 0)",
                [[j / 16 for j in range(16) if rnd(c + (j + 0.5) / 16) >= 0.3] for c in range(4)])
    scale = (0, 3, 5, 7, 10)
    degrees = [math.floor(8 * rnd((k + 0.5) / 8)) for k in range(32)]
    places = [(k / 8, 60 + 12 * (d // 5) + scale[d % 5]) for k, d in enumerate(degrees)]
    expect(len(set(degrees)) > 4, "draws", degrees)
    notes = [60 + 12 * (d // 5) + scale[d % 5] for d in range(8)]
    expect_pitches("chance", part("chance", "~tune"), places, 0.06, notes)
    where = [math.floor(4 * rnd(c + (j + 0.5) / 4)) for c in range(4) for j in range(4)]
    toms = part("chance", "scramble 4 $ s \"lt mt ht ht\" # gain 0.35")
    plain = part("chance", 's "lt mt ht ht" # gain 0.35')
    silent = {c for c in range(4) if rnd(c) < 0.5}
    found = part("chance", "~toms")
    for k, slot in enumerate(where):
        begin = k / 4 + 0.001
        expect(near(level(cut(toms, "chance", begin, begin + 0.02)),
                    level(cut(plain, "chance", slot / 4 + 0.001, slot / 4 + 0.021)), 0.08),
               "scramble", k, slot)
        if all(c not in silent for c in (k // 4, max(0, k // 4 - 1))):
            expect(cut(found, "chance", k / 4,
                       k / 4 + 0.02) == cut(toms, "chance", k / 4, k / 4 + 0.02), "kept", k)


def test_scales():
    dorian, offsets = (0, 2, 3, 5, 7, 9, 10), (0, 0, 3, -2)
    tune = [(0, 2, 4, (7, 6), 4, None, (-1, -3), 1)[j] for j in range(8)]
    places = []
    for c in range(4):
        for j, degree in enumerate(tune):
            if degree is not None:
                degree = (degree[c % 2] if isinstance(degree, tuple) else degree) + offsets[c]
                places.append((c + j / 8, 60 + 12 * (degree // 7) + dorian[degree % 7]))
    expect_pitches("scales", part("scales", "~tune"), places, 0.05,
                   sorted({note for _, note in places}))
    chords = part("scales", "~chord")
    for c, notes in ((1, "d3 f3 a3 c4"), (2, "g3 b3 d4 f4"), (3, "c2 e3 g2 b3")):
        samples = cut(chords, "scales", c + 0.2, c + 0.9)
        tones = list(map(midi, notes.split()))
        for note in tones:
            beside = [amplitude(samples, hz(m)) for m in (note - 1, note + 1) if m not in tones]
            # one neighbour may be a harmonic of another tone
            expect(amplitude(samples, hz(note)) > 5 * min(beside), "chord", c, note)
    bass = [(c + j / 2, midi(("d2", "d2", "g1", "c2")[c])) for c in range(4) for j in range(2)]
    expect_pitches("scales", part("scales", "~bass"), bass, 0.4, range(midi("e1"), midi("f2")))


def test_samples():
    n = cycle_frames("samples")
    expect_hits("samples", "~kick", [[0, 1 / 4, 1 / 2, 3 / 4]])
    rates = '"<1 1 1.3348398542 1.189207115> 1.4983070769 2 <1.7817974363 2.37841423>"'
    written = part("samples", 's "arpy*8" # speed %s # gain 0.3 # legato 0.8' % rates, 2)
    expect(same(part("samples", "~tune", 2), written, 1e-4), "notes are rates")
    choked, open_hat = part("samples", "~hats", 1), part("samples", "~hats # cut 0", 1)
    # a hat at the half ends the open one of the third within 10 ms
    tail = int(3 / 6 * n + 0.012 * RATE)
    plain = part("samples", 's "hh*2 ~ hh*2 ~" # gain 0.3', 1)
    expect(choked.channels[0][tail:tail + 2000] == plain.channels[0][tail:tail + 2000], "choked")
    expect(open_hat.channels[0][tail:tail + 2000] != plain.channels[0][tail:tail + 2000],
           "rings on without cut")
    down = part("samples", "~down", 2)
    sample = part("samples", 's "arpy:6"', 1).channels[0]
    last = max(i for i, x in enumerate(sample) if x)
    begin = int(0.75 * n + 0.5)
    # backwards at half the rate: two frames for each of the sample's
    for i in range(2000, 20000, 999):
        expect(near(down.channels[1][begin + 2 * i] / down.channels[0][begin + 2 * i],
                    math.tan(math.pi / 8), 1e-3) or
               abs(down.channels[0][begin + 2 * i]) < 1e-4, "left", i)
    middle = [down.channels[0][begin + 2 * i] for i in range(5000, 15000)]
    straight = [sample[last - i] for i in range(5000, 15000)]
    alike = max(correlation(middle, straight[shift:], 9000) for shift in range(500))
    expect(alike > 0.99, "backwards", alike)
    loop = part("samples", "~loop", 1)
    expect(level(cut(loop, "samples", 0.42, 0.49)) > 0.2 * level(cut(loop, "samples", 0.25, 0.35)),
           "loops")
    expect(not any(cut(loop, "samples", 0.505, 1)), "until the step ends")
    cymbal = part("samples", "~one", 2)
    expect(near(max(i for i, x in enumerate(cymbal.channels[0]) if x) / n, 1, 0.02),
           "as long as a cycle")
    parts = part("samples", "~part", 1)
    swell = [level(parts.channels[0][i:i + 480]) for i in range(0, 4800, 480)]
    expect(all(swell[k] < swell[k + 1] for k in range(4)) and swell[4] > swell[9],
           "50 ms up, then down", swell)
    expect(not any(parts.channels[0][int(0.151 * RATE):int(n / 2)]), "100 ms down")


# ---- voices, synths, effects --------------------------------------------------------------------


def test_grit():
    snare = part("grit", "~snare", 1)

    def values(begin):  # away from the 1 ms in and the 3 ms out
        return len(set(round(x, 6) for x in cut(snare, "grit", begin + 0.005, begin + 0.1)))

    expect(values(1 / 4) <= 2 ** 5 + 1 < values(3 / 4) * 4 and values(3 / 4) <= 2 ** 4 + 1,
           "levels", values(1 / 4))
    hats = part("grit", "~hats")
    for c, n in enumerate((1, 4, 8, 12)):
        samples = cut(hats, "grit", c + 0.01, c + 0.04)
        changes = [i for i, (a, b) in enumerate(zip(samples, samples[1:])) if abs(a - b) > 2e-4]
        gaps = [b - a for a, b in zip(changes, changes[1:])]
        expect(n == 1 or sum(g % n == 0 for g in gaps) > 0.9 * len(gaps), "held", n, gaps[:20])
    kick, plain = part("grit", "~kick", 1), part("grit", "~kick # shape 0", 1)
    a, b = cut(kick, "grit", 0.01, 0.2), cut(plain, "grit", 0.01, 0.2)
    expect(max(a) / level(a) < 0.95 * max(b) / level(b), "shaped: nearer to a square")
    talk, formants = part("grit", "~talk"), ((730, 1090), (530, 1840), (270, 2290),
                                             (570, 840), (300, 870))
    for at, vowel in ((0, 0), (1 / 4, 1), (1 / 2, 2), (3 / 4, 3), (7 / 4, 4)):
        samples = cut(talk, "grit", at + 0.03, at + 0.2)
        f0 = 110 * 2 ** ((3 if at % 1 == 0.5 else 0) / 12) if at % 1 < 0.75 else 110 * 2 ** (5 / 12)
        spectrum = [amplitude(samples, f0 * k) * k for k in range(1, 28)]  # even where a saw's are

        # the second formant lies between the harmonics at and at + 1
        at = int(formants[vowel][1] / f0)
        expect(max(spectrum[at - 1:at + 1]) > 3 * sorted(spectrum)[len(spectrum) // 2], "vowel",
               vowel, spectrum)
    bells, straight = part("grit", "~bells # pan 0", 1), part("grit", "~bells # squiz 1 # pan 0", 1)
    expect(brightness(cut(bells, "grit", 0, 1)) > 1.3 * brightness(cut(straight, "grit", 0, 1)),
           "squiz")


def test_envelopes():
    n = cycle_frames("envelopes")
    stabs = part("envelopes", "~stab", 1)
    expect(not any(cut(stabs, "envelopes", 0.13 * RATE / n, 0.62)) and
           any(cut(stabs, "envelopes", 0.62, 0.65)), "ar")
    hats = part("envelopes", "~hats", 1).channels[0]
    for j, seconds in enumerate((0.03, 0.03, 0.03, 0.03, 0.2, 0.2, 0.03, 0.03)):
        begin = int(j * n / 8)
        length = max(i for i in range(int(n / 8)) if hats[begin + i]) / RATE
        expect(seconds - 0.001 < length < seconds + 0.01, "lasts", seconds, length)
    swell = part("envelopes", "~swell", 1)

    def size(seconds):  # five periods of g5
        begin = int(n / 2 + seconds * RATE)
        return max(abs(x) for x in swell.channels[1][begin - 150:begin + 150])

    top = size(0.15)
    for seconds, wanted in ((0.075, 0.5), (0.2, 0.2), (0.4, 0.1)):
        expect(near(size(seconds) / top, wanted, 0.07), "segments", seconds, size(seconds) / top)
    pad = part("envelopes", "~pad", 2)
    curve = [level(cut(pad, "envelopes", s * RATE / n - 0.02, s * RATE / n + 0.02))
             for s in (0.1, 0.4, 1.2, 1.9)]
    attack, decayed, held = curve[0] / curve[1], curve[2] / curve[1], curve[3] / curve[2]
    expect(attack < 0.5 and decayed < 0.8 and near(held, 1, 0.15), "adsr", curve)
    bass = part("envelopes", "~bass")
    for c, share in enumerate((0.9, 0.3, 0.9, 0.3)):
        held = level(cut(bass, "envelopes", c + 0.25 + 0.11, c + 0.25 + 0.18))
        expect((held > 0.01) == (share == 0.9), "legato", c, held)


def test_inline():
    candidates = range(midi("e1"), midi("e2") + 12)
    expect_pitches("inline", part("inline", "~bass"),
                   [(0, midi("c2")), (1 / 2, midi("c2")), (3 / 4, midi("eb2")),
                                                       (7 / 8, midi("g1"))], 0.1, candidates)
    expect(max(map(abs, cut(part("inline", "~bass", 1), "inline", 0.4, 0.499))) < 1e-30,
           "adsr ends")
    keys = part("inline", "~keys", 1)
    for at, notes in ((0, "c4 eb4 g4 bb4"), (1 / 2, "ab3 c4 eb4 g4")):
        samples = cut(keys, "inline", at + 0.02, at + 0.2)
        tones = [amplitude(samples, hz(midi(note))) for note in notes.split()]
        others = [amplitude(samples, hz(midi(note))) for note in ("a3", "d4", "f4", "c#4")]
        expect(min(tones) > 5 * max(others), "chord", at, tones, others)
    drone = part("inline", "~drone", 1).channels[0]
    quarter = int(cycle_frames("inline") / 4)
    for j, wanted in enumerate((55, 55, 55, 51.91)):
        expect(near(frequency(drone[j * quarter:(j + 1) * quarter]), wanted, 0.1), "drone", j)
    steps = [abs(a - b) for a, b in zip(drone, drone[1:])]
    expect(max(steps) < 1.02 * 0.15 * 2 * math.pi * 55 / RATE, "steps without a click")
    arp = [(j / 8, midi(note)) for j, note in enumerate("c5 eb5 g5 bb5 c6 bb5 g5 eb5".split())]
    expect_pitches("inline", part("inline", "~arp"), arp, 0.04, range(midi("a4"), midi("d6")))
    expect_hits("inline", "~drums", [[j / 8 for j in range(8)]])


def test_voices():
    low = part("voices", "~low", 1)
    early, late = cut(low, "voices", 0.005, 0.08), cut(low, "voices", 0.14, 0.199)
    expect(brightness(early) > 1.3 * brightness(late), "the filter falls", brightness(early),
           brightness(late))
    again = cut(low, "voices", 0.255, 0.33)
    expect(brightness(again) > 1.3 * brightness(late), "and starts anew")
    expect_pitches("voices", low, [(0, 33), (1 / 4, 33), (3 / 4, 36), (7 / 8, 40)], 0.1,
                   range(30, 50))
    high = part("voices", "~high")
    for c, notes in enumerate(("a3 c4 e4", "f3 a3 c4", "c4 e4 g4", "g3 b3 d4")):
        samples = cut(high, "voices", c + 0.1, c + 0.9)
        # the first saw is 220 Hz, the second 1.3 Hz higher, the triangle an octave lower
        for note in notes.split():
            m = midi(note)
            expect(amplitude(samples, hz(m - 12)) > 3 * amplitude(samples, hz(m - 12) * 1.03),
                   "octave", note)
    expect_hits("voices", "(~seq # pan 0)",
                [[0, 1 / 4, 5 / 16, 3 / 8, 1 / 2, 3 / 4, 13 / 16, 7 / 8]])
    seq = part("voices", "~seq", 1)
    expect(level(cut(seq, "voices", 0, 0.1)) > 1.5 * level(cut(seq, "voices", 0, 0.1, 1)),
           "left first")


def test_synthdefs():
    toms = part("synthdefs", "~toms", 1)
    begin, end = frequency(cut(toms, "synthdefs", 0.005,
                               0.03)), frequency(cut(toms, "synthdefs", 0.1, 0.16))
    expect(165 > begin > 1.2 * end > 90, "falls", begin, end)
    for at, note in ((0.5, 5), (0.625, 5), (0.75, -3)):
        found = frequency(cut(toms, "synthdefs", at + 0.005, at + 0.03))
        expect(near(found / begin, 2 ** (note / 12), 0.05), "note", note, found / begin)
    expect_hits("synthdefs", "~zaps", [[1 / 2, 5 / 8], [1 / 2], [1 / 2, 5 / 8], [1 / 2]])
    brass = part("synthdefs", "~brass", 1)
    for note in ("a3", "c4", "e4"):
        samples = cut(brass, "synthdefs", 0.02, 0.25)
        expect(amplitude(samples, hz(midi(note))) > 4 * amplitude(samples, hz(midi(note)) * 1.03),
               "brass", note)
    closed, open_ = (brightness(cut(brass, "synthdefs", at, at + 0.05)) for at in (0.02, 0.2))
    expect(open_ > 1.4 * closed, "opens", closed, open_)
    expect_hits("synthdefs", "~beat", [[0, 1 / 4, 1 / 2, 3 / 4, 7 / 8]] * 2)


def test_subtractive():
    freq = part("subtractive", "(~freq # lpf 200 * 0.5)")
    places = [(at + 0.02, hz) for at, hz in ((0, 55), (1 / 4, 55), (1 / 2, 110), (3 / 4, 82.41),
                                             (1 + 3 / 4, 65.41))]
    for at, wanted in places:
        samples = cut(freq, "subtractive", at, at + 0.22)
        expect(near(frequency(samples), wanted, 0.5), "steps", at, frequency(samples))
    bass = part("subtractive", "~bass")  # the sweep is highest after two seconds, lowest after six
    bright, dark = cut(bass, "subtractive", 0.9, 1.1), cut(bass, "subtractive", 2.9, 3.1)
    expect(brightness(bright) > 1.3 * brightness(dark), "sweep", brightness(bright),
           brightness(dark))
    seq = part("subtractive", "~seq", 1)
    open_, closed = (brightness(cut(seq, "subtractive", at, at + 0.03)) for at in (0, 0.08))
    expect(open_ > 1.5 * closed, "closes", open_, closed)
    air = part("subtractive", "~air", 2)
    expect(2000 < brightness(cut(air, "subtractive", 0, 0.2)) < 5000, "a band of noise")
    expect_hits("subtractive", "~beat", [[j / 8 for j in range(8)]])


def spread(samples, centre, width):
    """Partials beside a centre, in Hz from it, that are no less than a fifth of the strongest."""
    lines = [(d, amplitude(samples, centre + d)) for d in [k * width / 20 for k in range(-20, 21)]]
    most = max(a for _, a in lines)
    return [d for (_, low), (d, a), (_, up) in zip(lines, lines[1:], lines[2:]) if a > most / 5 and
            low < a >= up]


def test_supersaw():
    most = 220 * (2 ** (0.4 * 0.5 / 12) - 1)
    found = spread(part("supersaw", "~super").channels[0], 220, most * 1.2)
    expect(len(found) == 7 and near(found[-1], most, most / 9), "seven saws", found, most)
    wide, pad = part("supersaw", "~wide"), part("supersaw", "~pad")
    expect(pad.channels[0] == pad.channels[1] and wide.channels[0] != wide.channels[1],
           "chorus widens")
    for c, notes in enumerate(("a3 c4 e4 g4", "f3 a3 c4 e4", "c4 e4 g4", "g3 c4 d4")):
        samples = cut(pad, "supersaw", c + 0.3, c + 0.9)
        for note in notes.split():
            around = hz(midi(note)) * (1 - 0.0385)  # between the notes
            near_by = max(amplitude(samples, hz(midi(note)) * (1 + d / 1000))
                          for d in range(-11, 12, 1))
            expect(near_by > 2 * amplitude(samples, around), "chord", c, note)
    pump = part("supersaw", "~pump", 1)
    for j in range(4):
        low, high = cut(pump, "supersaw", j / 4 + 0.01,
                        j / 4 + 0.02), cut(pump, "supersaw", j / 4 + 0.23, j / 4 + 0.24)
        expect(near(level(low), 0.248, 0.01) and near(level(high), 0.952, 0.01), "swells",
               level(low), level(high))
    expect_hits("supersaw", "~beat", [[0, 1 / 4, 1 / 2, 3 / 4]] * 2)
    hook = [(c + 0.02, note) for c, note in enumerate((33, 29, 36, 31))]
    expect_pitches("supersaw", part("supersaw", "~hook"), hook, 0.9, (29, 31, 33, 36))


def test_fm():
    low = part("fm", "~bells # pan 0", 1)
    early, late = cut(low, "fm", 0.001, 0.03), cut(low, "fm", 0.08, 0.12)
    f = hz(midi("c6"))
    for k in (2.5, 4.5, 6, 8):  # carrier and modulator: f and 3.5 f
        expect(amplitude(early, f * k) > 10 * amplitude(early, f * (k + 0.5)), "partial", k)
    for k in (6, 8):
        begin, end = (amplitude(s, f * k) / amplitude(s, f) for s in (early, late))
        expect(end < 0.2 * begin, "index falls", k, begin, end)
    bass = part("fm", "~low", 1)
    expect_pitches("fm", bass, [(0, 36), (1 / 4, 36), (5 / 8, 36), (3 / 4, 43)], 0.1, range(31, 47))
    samples = cut(bass, "fm", 0, 0.05)
    expect(sum(amplitude(samples, hz(36) * k) > 0.02 for k in range(1, 9)) >= 5,
           "ratio 1: every harmonic")
    keys = part("fm", "~keys", 1)
    click, rest = cut(keys, "fm", 0, 0.01), cut(keys, "fm", 0.15, 0.2)
    expect(brightness(click) > 1.5 * brightness(rest), "a tine's click", brightness(click),
           brightness(rest))
    chord = cut(keys, "fm", 0.02, 0.15)
    for note in ("c4", "eb4", "g4", "bb4"):
        expect(amplitude(chord, hz(midi(note))) > 3 * amplitude(chord, hz(midi(note) + 0.5)),
               "chord", note)
        expect(amplitude(chord, 2 * hz(midi(note))) > 3 *
               amplitude(chord, 2 * hz(midi(note) + 0.5)), "ratio 1", note)


def test_strings():
    guitar = part("strings", "~guitar", 1)
    notes = [(j / 8, midi(note)) for j, note in enumerate("a3 e4 c4 e4 a4 e4 c4 e4".split())]
    for at, note in notes:  # the strings before it ring on: its own partials have grown
        before, after = (amplitude(cut(guitar, "strings", begin, begin + 0.06), hz(note))
                         for begin in (at - 0.062 if at else 0.001, at + 0.002))
        expect(at == 0 or after > 0.7 * before, "plucked", at, note, before, after)
    single = part("strings", 's "~string" # note "a3" # ar 0.001 3', 1)
    first, later = cut(single, "strings", 0.005, 0.1), cut(single, "strings", 0.3, 0.4)
    for k in (1, 2, 3):
        f = 220 * k
        expect(amplitude(first, f) > 4 * amplitude(first, f + 110), "harmonics", k)
    expect(level(first) > 1.5 * level(later), "rings down", level(first), level(later))
    high = [sum(amplitude(s, 220 * k) for k in range(8, 15)) / amplitude(s, 220)
            for s in (first, later)]
    expect(high[0] > 2 * high[1], "the bright ones first", high)
    drone = part("strings", "~drone", 1)
    expect(frequency_of_string(cut(drone, "strings", 0.02, 0.2), 110), "plucked")
    expect(frequency_of_string(cut(drone, "strings", 0.52, 0.7), 164.81), "plucked again")
    expect(level(cut(drone, "strings", 0.26, 0.49)) < 1e-5, "rests")
    bass = part("strings", "~bass", 1)
    expect(frequency_of_string(cut(bass, "strings", 0.02, 0.2), 55), "wire")
    strum = part("strings", '~strum # pan 0 # dur 0.005 # release 0.003', 1).onsets()
    expect(len(strum) == 3 and all(near(b - a, 0.02 * 96000, 3) for a, b in zip(strum, strum[1:])),
           "strum", strum)


def frequency_of_string(samples, f):
    """Periodic with f: a period later it is nearly the same, half a period later it isn't."""
    period = RATE / f
    n = len(samples) - int(2 * period)
    return correlation(samples, samples[round(period):],
                       n) > 0.9 > correlation(samples, samples[round(period / 2):], n)


def test_harmonics():
    organ = part("harmonics", 's "~organ" # note "a3" # adsr 0.001 0.001 1 0.001', 1)
    samples = cut(organ, "harmonics", 0.1, 0.9)
    first = amplitude(samples, 220)
    for k, wanted in enumerate((1, 0.6, 0.4, 0.3, 0, 0.2, 0, 0.15, 0), 1):
        expect(near(amplitude(samples, 220 * k) / first, wanted, 0.003), "harmonic", k)
    tune = cut(part("harmonics", "~tune", 1), "harmonics", 0.02, 0.12)
    f = hz(midi("e5"))
    expect(near(amplitude(tune, 3 * f) / amplitude(tune, f), 0.33, 0.01), "third")
    expect(amplitude(tune, 2 * f) < 0.003 * amplitude(tune, f), "no second")
    ping = cut(part("harmonics", "~ping", 1), "harmonics", 0.005, 0.05)
    f = hz(midi("a5"))
    expect(all(amplitude(ping, k * f) < 0.01 * amplitude(ping, f) for k in (2, 3, 4)), "a sine")
    expect_hits("harmonics", "(~ping # pan 0)",
                [[j / 8 for j in row] for row in ((0, 2, 3, 5, 6), (1, 2, 4, 5, 7))])
    drone = part("harmonics", "~drone", 1).channels[0]
    sizes = [level(drone[i:i + 873 * 2]) for i in range(0, RATE, 873)]  # 55 Hz: 872.7 frames
    expect(near(min(sizes) / max(sizes), 0.7, 0.05), "tremolo", min(sizes), max(sizes))
    chord = part("harmonics", "~chord", 1)
    for note in ("a3", "c4", "e4"):
        expect(amplitude(cut(chord, "harmonics", 0.1, 0.9), hz(midi(note))) > 0.01, note)
    expect_hits("harmonics", "~beat", [[0, 1 / 4, 1 / 2, 3 / 4, 7 / 8]])


def echoes(name, expression, begin, seconds, n, channel=0):
    """Levels of n windows of 50 ms, `seconds` apart, from a place in cycles on."""
    samples = part(name, expression).channels[channel]
    first = int(begin * cycle_frames(name))
    places = [first + int(k * seconds * RATE) for k in range(n)]
    return [level(samples[at:at + 2400]) for at in places]


def test_filters():
    acid = part("filters", "~acid", 1)
    early, late = cut(acid, "filters", 0.002, 0.03), cut(acid, "filters", 0.06, 0.085)
    expect(brightness(early) > 1.2 * brightness(late), "falls", brightness(early), brightness(late))
    choir = part("filters", "~choir", 2)
    for at, centre in ((0, 1090), (1 / 2, 840), (1, 1840), (3 / 2, 870)):
        samples = cut(choir, "filters", at + 0.05, at + 0.45)
        comb = max(amplitude(samples, 110 * k) * k
                   for k in (int(centre / 110), int(centre / 110) + 1))
        apart = amplitude(samples, 110 * 30) * 30
        expect(comb > 5 * apart, "vowel", centre, comb, apart)
    wind = part("filters", "~wind", 2)
    expect(near(brightness(cut(wind, "filters", 0.95, 1.05)), 1800, 400),
           "noise around the middle of its band")
    hats, plain = part("filters", "~hats", 1), part("filters", 's "hh*8" # gain 0.3', 1)
    low, high = ([sum(amplitude(s.channels[0][:4000], f) for f in fs) for s in (hats, plain)]
                 for fs in (range(500, 2000, 100), range(9000, 12000, 200)))
    expect(low[0] < 0.15 * low[1] and high[0] > 0.7 * high[1], "high-passed", low, high)
    bell = part("filters", "~bell", 2)
    ringing = cut(bell, "filters", 1.05, 1.2)
    for f in (659.26, 1318.5):
        expect(amplitude(ringing, f) > 10 * max(amplitude(ringing, f * r) for r in (0.91, 1.2)),
               "rings at", f)
    expect(level(cut(bell, "filters", 0.01, 0.05)) > 2 * level(cut(bell, "filters", 0.2, 0.24)),
           "rings down")


def test_delays():
    dub = echoes("delays", "~dub", 1 / 4, 0.375, 4)
    expect(dub[0] > 0 and near(dub[2] / dub[1], 0.6, 0.03) and
           near(dub[3] / dub[2], 0.6, 0.03), "dub", dub)
    hits = part("delays", "~dub", 1).onsets()
    expect(near(hits[1] - hits[0], 18000, 3) and near(hits[2] - hits[1], 18000, 3),
           "three sixteenths", hits)
    sides = [echoes("delays", "~ping", 0, 0.25, 4, c) for c in (0, 1)]
    ahead = [l > r for l, r in zip(*sides)]
    expect(ahead[1:] in ([True, False, True], [False, True, False]), "left, right", sides)
    tape = part("delays", "~tape", 2)
    first, second = cut(tape, "delays", 0.25, 0.4), cut(tape, "delays", 0.5, 0.65)
    expect(0.2 < level(second) / level(first) < 1 and
           brightness(second) < brightness(first), "tape")
    taps = echoes("delays", "~taps", 3 / 4, 0.125, 5)
    expect(taps[1] > taps[2] > taps[3] > taps[4] > 0, "each softer", taps)
    comb = cut(part("delays", "~comb", 1), "delays", 0.1, 0.4)
    expect(frequency_of_string(comb, 110), "110 Hz")


def test_rooms():
    plate = part("rooms", "~plate", 1)
    n = cycle_frames("rooms")
    beat, dry = part("rooms", "~beat", 1), part("rooms", 's "bd ~ [~ bd] ~, ~ sn" # gain 0.6', 1)
    expect(beat.channels[0][:1000] == dry.channels[0][:1000],
           "the dry signal stays, and the room comes behind it")
    expect(level(cut(beat, "rooms", 0.9, 0.99)) > 20 * level(cut(dry, "rooms", 0.95, 0.99)),
           "and rings")
    once = '(s "rim ~ ~ ~" $ slow 4)'  # one hit in four cycles instead of what is written
    keys = 'note "<c5 eb5> ~ g4 ~" # s "~tri" # ar 0.002 0.3 # gain 0.5'
    struck = text_of("rooms").replace(":mix 0.5", ":mix 1")
    for written in ('s "~ rim ~ [~ rim:2]"', 's "hh*8"', keys):
        struck = struck.replace(written, once)
    drops = program(struck + "\nout $ ~drops\n")
    early, late = (level(cut(drops, "rooms", s * RATE / n, (s + 0.2) * RATE / n))
                   for s in (0.3, 1.3))
    expect(1.5 < early / late < 30, "a hall", early / late)
    small = part("rooms", 's "rim ~ ~ ~" $ slow 4 # gain 0.6 # reverb 0.2 0.7 0.15')
    early_small, late_small = (level(cut(small, "rooms", s * RATE / n, (s + 0.2) * RATE / n))
                               for s in (0.3, 1.3))
    expect(early_small / late_small > 3 * early / late, "a room is shorter",
           early_small / late_small)
    expect(plate.channels[0] != plate.channels[1] and
           level(cut(plate, "rooms", 0.9, 0.99)) > 1e-3, "plate")
    tail = program(struck + "\nout $ ~plate\n")
    expect(not any(tail.channels[0][:int(0.019 * RATE)]), "20 ms before it starts")
    decay = [level(cut(tail, "rooms", s * RATE / n, (s + 0.3) * RATE / n)) for s in (0.5, 1.5, 2.5)]
    for a, b in zip(decay, decay[1:]):
        expect(near(20 * math.log10(a / b), 20, 7), "60 dB in 3 s", decay)
    stage = program(struck + "\nout $ ~stage\n", 1)
    rim = part("rooms", 's "rim ~ ~ ~" $ slow 4', 1)
    for t, gain in ((0.021, 0.6), (0.043, 0.4), (0.067, 0.3)):
        at = int(t * RATE)
        alike = correlation([a - b
                             for a, b in zip(stage.channels[0][at:], stage.channels[0][at - 1:])],
                            [a - b for a, b in zip(rim.channels[0], rim.channels[0][1:])], 400)
        expect(abs(alike) > 0.4, "reflection", t, alike)
    expect(level(cut(part("rooms", "~pad"), "rooms", 3, 3.9)) > 0.003, "cloud")
    wash = part("rooms", "~wash", 1)
    expect(level(cut(wash, "rooms", 0.76, 0.9)) > 1e-3 and
           level(cut(wash, "rooms", 0, 0.74)) == 0, "smeared")


def test_modulation():
    chorus, pad = part("modulation", "~chorus"), part("modulation", "~pad")
    expect(chorus.channels[0] != chorus.channels[1] and
           pad.channels[0] == pad.channels[1], "stereo")
    expect(near(level(chorus.channels[0]) / level(pad.channels[0]), 0.8, 0.3), "about as loud")
    bass = part("modulation", "~bass", 1).channels[0]
    plain = part("modulation", 'note "e2 ~ e2 [~ g2]" # s "~saw" # legato 0.8', 1).channels[0]
    ratios = [y / x for x, y in zip(plain[2000:16000], bass[2000:16000]) if abs(x) > 0.01]
    expect(near(min(ratios), 0.5, 0.01) and near(max(ratios), 1, 0.01), "tremolo", min(ratios),
           max(ratios))
    lead = part("modulation", "~lead", 1).channels[0]
    pitches = [frequency(lead[i:i + 1500]) for i in range(4000, 50000, 750)]
    semitones = 12 * math.log2(max(pitches) / min(pitches))
    expect(near(semitones, 0.8, 0.15), "vibrato", semitones)
    ring, cowbell = (part("modulation", 's "~ cb ~ ~" # gain 0.3' + e, 1)
                     for e in (" # ring 700", ""))
    a, b = (cut(s, "modulation", 0.25, 0.35) for s in (ring, cowbell))
    partial = max(range(500, 1200, 5), key=lambda f: amplitude(b, f))
    expect(amplitude(a, partial) < 0.2 * amplitude(b, partial), "gone", partial)
    expect(near(amplitude(a, partial + 700) / amplitude(b, partial), 0.5, 0.1), "up by 700 Hz")
    strum, unphased = (part("modulation",
                            '(note "[e4 b4 g4 d5]*2" # s "~saw" # ar 0.002 0.3)' + e, 1)
                       for e in (" # phaser 0.3 0.8 0.5", ""))
    expect(strum.channels[0] != unphased.channels[0] and
           0.3 < strum.rms() / unphased.rms() < 1.5, "phaser")
    jet = part("modulation", "~jet", 2)
    expect(0.005 < jet.rms() < 0.05, "jet", jet.rms())
    expect_hits("modulation", "~beat", [[0, 1 / 2]])


def test_distortion():
    kick, plain = part("distortion", "~kick",
                       1).channels[0], part("distortion", 's "bd*4" * 1.2', 1).channels[0]
    expect(max(plain) > 0.4, "clips", max(plain))
    expect(max(abs(a - max(-0.3, min(0.3, b))) for a, b in zip(kick, plain)) < 1e-6,
           "flat above 0.3")
    hats = part("distortion", "~hats", 1).channels[0]
    expect(all(near(x * 32, round(x * 32), 1e-4) for x in hats), "steps of 1/32")
    runs = [i for i in range(1, 4000) if hats[i] != hats[i - 1]]
    expect(all((b - a) % 6 == 0 for a, b in zip(runs, runs[1:])), "8000 a second", runs[:9])
    expect(min(b - a for a, b in zip(runs, runs[1:])) == 6, "and no fewer")
    lead = cut(part("distortion", "~lead", 1), "distortion", 0.02, 0.12)
    dry = cut(part("distortion", "~lead # shape 0 * 1", 1), "distortion", 0.02, 0.12)
    f = hz(midi("e4"))
    expect(amplitude(lead, 3 * f) > 1.2 * amplitude(lead, f) / 9, "odd harmonics grow",
           amplitude(lead, 3 * f))
    expect(amplitude(lead, 2 * f) < 0.01 * amplitude(lead, f) and len(dry) > 0, "no even ones")
    bass = part("distortion", "~bass", 1)
    expect_pitches("distortion", bass,
                   [(0, 28), (1 / 8, 28), (3 / 8, 28), (1 / 2, 31), (3 / 4, 33)], 0.08,
                   (28, 31, 33))
    expect(bass.peak() < 0.3 * 1.2, "driven, but held", bass.peak())
    snare = part("distortion", "~snare", 1).channels[0]
    begin = int(cycle_frames("distortion") / 2)
    expect(any(snare[begin:begin + 500]) and not any(snare[:begin - 10]), "snare")
    drone = cut(part("distortion", "~drone", 1), "distortion", 0.1, 0.9)
    expect(amplitude(drone, 3 * 82.41) > 0.2 * amplitude(drone, 82.41), "a square by now")


def test_dynamics():
    pad, chord = part("dynamics", "~pad"), part("dynamics", "~chord")
    for k in range(4, 8):
        ducked, back = (level(cut(pad, "dynamics", k / 4 + at, k / 4 + at + 0.02)) /
                        level(cut(chord, "dynamics", k / 4 + at, k / 4 + at + 0.02))
                        for at in (0.02, 0.22))
        expect(ducked < 0.35 and back > 1.5 * ducked, "ducks", k, ducked, back)
    free = part("dynamics", "sidechain_compressor ~chord 0 (-30) 8 0.003 0.15", 1)
    expect(near(free.rms() / part("dynamics", "~chord", 1).rms(), 1, 0.01),
           "without a key as it is")
    perc, plain = part("dynamics", "~perc", 1), part("dynamics", 's "rim(5,8)" # gain 0.3', 1)
    front, tail = (level(cut(perc, "dynamics", a, b)) / level(cut(plain, "dynamics", a, b))
                   for a, b in ((0, 0.002), (0.02, 0.035)))
    expect(front > 1.2 > 0.9 > tail, "snap", front, tail)
    loud = program(text_of("dynamics").replace("out $ ",
                                               "out $ (").replace(" # limiter", ") * 3 # limiter"))
    for c in (0, 1):
        expect(loud.peak(c) <= 0.801, "caught at 0.8", loud.peak(c))
    glue = part("dynamics", "~glue", 2)
    drums = part("dynamics", "~kick + ~snare + ~hats", 2)
    body, rest = (level(cut(glue, "dynamics", a, b)) / level(cut(drums, "dynamics", a, b))
                  for a, b in ((0.01, 0.04), (0.22, 0.245)))
    expect(rest > 1.2 * body, "the kick pushes the rest of the drums down", rest, body)
    expect(part("dynamics", "~break", 1).rms() > 1.3 *
           part("dynamics", 's "conga*4" # gain 0.3', 1).rms(), "louder")


# ---- time in signals, structure of programs -----------------------------------------------------


def test_grains():
    harp, up = part("grains", "~harp", 1), part("grains", "~up", 1)
    for at, note in ((0, "a3"), (1 / 4, "e4"), (1 / 2, "c5")):
        below, above = cut(harp, "grains", at + 0.03,
                           at + 0.24), cut(up, "grains", at + 0.05, at + 0.24)
        f = hz(midi(note))
        expect(amplitude(below, f) > 3 * amplitude(below, f * 1.06), "harp", note)
        octave = max(amplitude(above, 2 * f + d) for d in range(-20, 21, 2))
        expect(octave > 2 * max(amplitude(above, f + d) for d in range(-20, 21, 2)) or
               octave > 0.01, "octave", note)
    cloud = cut(part("grains", "~cloud", 2), "grains", 0.6, 1)
    c5 = hz(midi("c5"))
    there, gone = (max(amplitude(cloud, f + d) for d in range(-12, 13, 3)) for f in (1.5 * c5, c5))
    expect(there > 3 * gone, "a fifth higher", there, gone)
    # the impulses come every half cycle; the second note isn't heard
    hold = part("grains", "~hold", 2)
    first, second = cut(hold, "grains", 0.1, 0.24), cut(hold, "grains", 0.3, 0.45)
    expect(near(level(first), level(second), 0.3 * level(first)), "stands", level(first),
           level(second))
    robot = cut(part("grains", "~robot", 1), "grains", 0, 0.1)
    expect(max(amplitude(robot, 110 * k) for k in range(1, 6)) > 2 *
           max(amplitude(robot, 137 * k) for k in (1, 3)),
           "the drums speak with the saws' pitch")
    silent, loud = level(cut(part("grains", "~robot", 1), "grains", 0.2, 0.24)), level(robot)
    expect(loud > 2 * silent, "and with their own rhythm", loud, silent)


def test_feedback():
    n = cycle_frames("feedback")
    hit = part("feedback", 's "rim ~ ~ ~" $ slow 4 # gain 0.3').channels[0]
    text = text_of("feedback").replace('"rim ~ ~ cb"', '"rim ~ ~ ~" $ slow 4')
    loop = program(text + "\nout $ ~loop\n").channels[0]
    expect(not any(loop[:11990]) and any(loop[11995:12100]),
           "the first after a quarter of a second")
    peaks = [max(map(abs, loop[12000 * k:12000 * k + 6000])) for k in range(1, 7)]
    expect(all(0.2 < b / a < 0.75 for a, b in zip(peaks, peaks[1:])), "softer each time", peaks)
    dark = [brightness(loop[12000 * k:12000 * k + 4000]) for k in range(1, 5)]
    expect(all(b < a for a, b in zip(dark, dark[1:])) and any(hit), "and duller", dark)
    a = part("feedback", "~a", 2).channels[0]
    pitches = [frequency(a[i:i + 4800]) for i in range(0, 96000, 4800)]
    expect(max(pitches) > 1.05 * min(pitches) and max(map(abs, a)) <= 0.2501,
           "bend each other", pitches)
    room = part("feedback", "~room", 1)
    at = int(n / 2)
    clap = part("feedback", "~clap", 1)
    expect(not any(room.channels[0][:at + 1480]), "0.031 s")
    late = [level(s.channels[0][at + 20000:at + 24000]) for s in (room, clap)]
    expect(late[0] > 1e-4 and late[0] > 2 * late[1], "rings", late)
    expect_hits("feedback", "~beat", [[j / 8 for j in range(8)]])


def test_gates():
    bass = part("gates", "~bass", 1)
    for j in range(8):
        open_, samples = j in (0, 2, 3, 5, 6), cut(bass, "gates", (j + 0.6) / 8, (j + 0.98) / 8)
        expect((level(samples) > 0.02) == open_, "gate", j, level(samples))
    bleep = part("gates", "~rand * 0.5", 1).channels[0]
    for k in range(16):
        held = set(bleep[6000 * k + 5:6000 * k + 5995])
        expect(len(held) == 1, "latched", k, len(held))
    expect(len(set(bleep[6000 * k + 3000] for k in range(16))) == 16, "a new value each time")
    clicks = part("gates", "~bleep", 1)
    found = [level(clicks.channels[0][6000 * k:6000 * k + 2400]) for k in range(16)]
    gaps = [level(clicks.channels[0][6000 * k + 4500:6000 * k + 5990]) for k in range(16)]
    expect(min(found) > 0.02 and max(gaps) < 1e-3, "env", min(found), max(gaps))
    drone = part("gates", "~high").channels[0]
    period = RATE / 0.75
    rises = [i / period for i in range(1, len(drone)) if drone[i - 1] < 0.5 <= drone[i]]
    falls = [i / period for i in range(1, len(drone)) if drone[i] < 0.5 <= drone[i - 1]]
    expect(near(rises[0], 1 / 12, 1e-3) and near(falls[0], 7 / 12, 1e-3) and
           near(rises[1], 13 / 12, 1e-3),
           "from above a half to below minus a half", rises[:2], falls[:2])
    sweep = part("gates", "~sweep", 1)
    early, late = sweep.channels[0][RATE + 4000:RATE +
                                    9000], sweep.channels[0][RATE + 40000:RATE + 45000]
    expect(brightness(late) > 1.5 * brightness(early), "timer", brightness(early), brightness(late))
    duck = part("gates", "~duck", 1)
    expect(min(cut(duck, "gates", 0, 0.05)) < 0.8 < min(cut(duck, "gates", 0.3, 0.37)), "duck")


def test_stereo():
    def only(n):
        return program(text_of("stereo") + "\nsolo %d\n" % n)

    def sides(sound, begin, end):
        return [level(cut(sound, "stereo", begin, end, c)) for c in (0, 1)]

    kick = only(1)
    expect(kick.channels[0] == kick.channels[1] and kick.peak() > 0.1, "o1")
    expect(near(kick.peak() * 2, program("tempo: 0.5\no1 $ s \"bd*4\" # gain 0.8\n").peak(), 1e-3),
           "sqrt of 4")
    rest = "\n".join(line for line in text_of("stereo").splitlines()
                     if line[:2] not in ("o1", "o2", "o3", "o4"))
    alone = program(rest + "\nout $ ~hat\n", 1)
    for j in range(8):
        p = (-0.8, -0.4, 0.4, 0.8)[j // 2]
        left, right = sides(alone, j / 8, (j + 1) / 8)
        angle = (p + 1) * math.pi / 4
        expect(near(left / right, math.cos(angle) / math.sin(angle), 0.02 * left / right), "place",
               j)
    fly = program(rest + "\nout $ ~fly\n")
    for at, p in ((0.5, 1), (1, 0), (1.5, -1)):  # sine 0.25 turns once in two cycles
        left, right = sides(fly, at - 0.01, at + 0.01)
        expect(near((right - left) / (right + left), p, 0.1), "wanders", at, left, right)
    low = program(rest + "\nout $ ~left\n", 1)
    expect(low.peak() > 0.05 and low.peak(1) < 1e-6, "left")
    both = program(rest + "\nout $ ~both\n", 1)
    expect(both.channels[0] != both.channels[1] and near(both.rms(0) / both.rms(1), 1, 0.1),
           "a little apart")
    wide = program(rest + "\nout $ ~wide\n", 1)
    expect(correlation(wide.channels[0], wide.channels[1], 40000) < 0.95, "wide")


def test_functions():
    voice = "((saw %s + saw (%s * 1.006)) # lpf %s 1.2 * 0.12)"
    written = " + ".join(voice % (f, f, b)
                         for f, b in (("220", 900), ("277.18", 1200), ("329.63", 700)))
    expect(same(part("functions", "~pad", 1), part("functions", written, 1), 1e-6), "fn")
    low = part("functions", "~low")
    written = 'note "<a2 f2 c3 g2>" # s "~saw" # legato 0.9 # distort 3 0.5 # lpf 3000'
    expect(same(low, part("functions", written), 1e-6), "pattern and effects")
    hats = part("functions", "~hats")
    written = '(s "hh*8" $ degradeBy 0.15 $ swing 0.12) # gain 0.3'
    expect(same(hats, part("functions", written)), "transforms in a row: the last one first")
    organ = part("functions", "sum(~part[1..4])", 1).channels[0]
    for i in range(1, 5):
        expect(near(amplitude(organ[:48000], 110 * i), 0.16 / i, 1e-3), "part", i)
    expect(amplitude(organ[:48000], 550) < 1e-3, "four of them")
    spaced = part("functions", 's "rim" # @space', 1)
    expect(same(spaced, part("functions", 's "rim" # reverb 0.4 0.5 0.12', 1)), "template")


def test_sections():
    drums, plain = part("sections", "~drums"), part("sections",
                                                    's "bd ~ bd bd, ~ sn, hh*8" # gain 0.6')
    for c in range(4):
        here, there = (cut(s, "sections", c + 0.01, c + 0.99) for s in (drums, plain))
        if c == 0:
            expect(brightness(here) < 0.2 * brightness(there), "under water", brightness(here),
                   brightness(there))
        else:
            expect(max(abs(a - b) for a, b in zip(here, there)) < 1e-4, "as it is", c)
    bass, clean = part("sections", "~bass"), part("sections",
                                                  'note "a1 a1 ~ <c2 g1>" # s "~saw" # legato 0.8')
    for c in range(4):
        here, there = (cut(s, "sections", c + 0.02, c + 0.45) for s in (bass, clean))
        expect((max(abs(a - b) for a, b in zip(here, there)) < 1e-4) == (c < 2),
               "distorted from the third on", c)
    clap, dry = part("sections", "~clap", 2), part("sections", 's "~ ~ ~ cp" # gain 0.4', 2)
    hall, without = (level(cut(s, "sections", 1.05, 1.4)) for s in (clap, dry))
    expect(hall > 1e-3 and hall > 10 * without, "the hall rings on behind its cycle", hall, without)
    second = [level(cut(s, "sections", 1.75, 1.8)) for s in (clap, dry)]
    expect(near(second[0] / second[1], 1, 0.1), "the clap of the next cycle is dry", second)
    pad, plain = part("sections", "~pad", 3), part("sections",
                                                   "((saw 110 + saw 165.4) # lpf 900) * 0.12", 3)
    cycles = [[cut(s, "sections", c + 0.02, c + 0.98) for s in (pad, plain)] for c in (0, 1, 2)]
    apart = [max(abs(a - b) for a, b in zip(here, there)) for here, there in cycles]
    expect(min(apart[0], apart[2]) > 0.02 and apart[1] < 1e-4, "phaser in every other cycle", apart)
    keys, straight = part("sections", "~keys"), part("sections",
                                                     'note "a4 ~ c5 e5" # s "~tri" # ar 0.002 0.25')
    echoing = {c for c in range(4) if rnd(c) < 0.4}
    for c in range(4):
        here, there = (level(cut(s, "sections", c + 0.26, c + 0.45)) for s in (keys, straight))
        expect(c not in echoing or here > 3 * there, "echoes", c, here, there)
    fourth = [level(cut(part("sections", e), "sections", 3.8, 3.99))
              for e in ("~clap", 's "~ ~ ~ cp" # gain 0.4')]
    expect(fourth[0] > 1.1 * fourth[1], "the hall is back in the fourth", fourth)



if __name__ == "__main__":
    tests = {name: test for name, test in globals().items() if name.startswith("test_")}
    # the released build measures the sound; here each program runs
    if os.environ.get("PHONON_SANITIZED"):
        tests = {name: test for name, test in tests.items() if name.startswith("test_each_")}
    main(tests)
