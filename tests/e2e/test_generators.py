# SPDX-License-Identifier: GPL-3.0-or-later
"""Generators and synths of LANGUAGE 12 and 13, spectra and grains of 15, from .ph text to sound."""
import cmath
import math
import os
import random
import struct

from support import RATE, Folder, main, render

TAU = 2 * math.pi


def sound(program, seconds=1.0, *options):
    """The left channel of a program at one cycle a second; a bare expression goes to the output."""
    text = program if "out:" in program else "out: (%s) * 0.5" % program
    with Folder() as folder:
        made = render(folder, "tempo: 1\n" + text + "\n", "--seconds", str(seconds), *options)
    scale = 1 if "out:" in program else 2
    return [x * scale for x in made.channels[0]]


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def close(got, wanted, tolerance, *what):
    expect(abs(got - wanted) <= tolerance, *what, "is", got, "not", wanted)


def db(ratio):
    return 20 * math.log10(abs(ratio) + 1e-12)


def rms(x):
    return math.sqrt(sum(v * v for v in x) / max(1, len(x)))


def seen(x, hz, first=0, n=None):
    """What a Hann window holds of a frequency: magnitude 1 for a sine of amplitude 1."""
    part = x[first:first + n] if n else x[first:]
    n, total, turn, at = len(part), 0, cmath.exp(-1j * TAU * hz / RATE), 1
    for i, v in enumerate(part):
        total += (1 - math.cos(TAU * i / n)) * v * at
        at *= turn
    return 2 * total / n


def level(x, hz, first=0, n=None):
    return abs(seen(x, hz, first, n))


def pitch(x, near, first=4800, n=9600, apart=2400):
    """The frequency near `near`, by how far its phase turns between two windows."""
    turned = cmath.phase(seen(x, near, first + apart, n) / seen(x, near, first, n)
                         * cmath.exp(-1j * TAU * ((near * apart / RATE) % 1)))
    return near + turned / TAU * RATE / apart


def cents(got, wanted):
    return 1200 * math.log2(got / wanted)


def fft(x):
    n = len(x)
    if n == 1:
        return x
    even, odd = fft(x[0::2]), fft(x[1::2])
    turned = [cmath.exp(-1j * TAU * k / n) * v for k, v in enumerate(odd)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


def spectrum(x, first=0, n=8192):
    """Magnitudes of n / 2 bins under a Hann window, 1 for a sine of amplitude 1 on a bin."""
    windowed = [(1 - math.cos(TAU * i / n)) * x[first + i] for i in range(n)]
    return [2 * abs(v) / n for v in fft(windowed)[:n // 2]]


def power(x, n=2048):
    """Mean power spectrum of a noise."""
    total = [0.0] * (n // 2)
    for first in range(0, len(x) - n + 1, n):
        total = [t + v * v for t, v in zip(total, spectrum(x, first, n))]
    return total


def band_db(total, low, high):
    """Mean power between two frequencies, in dB."""
    n = 2 * len(total)
    part = total[round(low * n / RATE):round(high * n / RATE)]
    return 10 * math.log10(sum(part) / len(part))


def octaves(x, lowest, highest):
    """Mean power of each octave, in dB."""
    total, levels = power(x), []
    while lowest < highest:
        levels.append(band_db(total, lowest, 2 * lowest))
        lowest *= 2
    return levels


def beside(x, hz, highest=None, apart=15):
    """The loudest bin that belongs to no harmonic, against the fundamental, in dB."""
    bins, n = spectrum(x, 2000, 16384), 16384
    worst = 1e-9
    for k, v in enumerate(bins):
        harmonic = round(k * RATE / n / hz)
        if abs(k - harmonic * hz * n / RATE) > apart and (not highest or k * RATE / n < highest):
            worst = max(worst, v)
    return db(worst / level(x, hz, 2000, 16384))


def onsets(x, window=96, factor=4.0):
    """Starts, in seconds, of windows much louder than the one before."""
    levels = [rms(x[i:i + window]) for i in range(0, len(x) - window, window)]
    return [i * window / RATE for i in range(len(levels))
            if levels[i] > 0.02 and levels[i] > factor * (levels[i - 1] if i else 0)]


# ---- waves -------------------------------------------------------------------------------------


def triangle(phase):
    return 4 * phase - 1 if phase < 0.5 else 3 - 4 * phase


WAVES = {
    "sine 100": lambda p: math.sin(TAU * p),
    "saw 100": lambda p: 2 * p - 1,
    "square 100": lambda p: 1 if p < 0.5 else -1,
    "tri 100": triangle,
    "pulse 100 0.2": lambda p: 1 if p < 0.2 else -1,
    "saw_hz 100": lambda p: 2 * p - 1,
    "square_hz 100": lambda p: 1 if p < 0.5 else -1,
    "triangle_hz 100": triangle,
    "wavetable 100": lambda p: math.sin(TAU * p),
}


def test_waves_are_their_formula():
    for text, wave in WAVES.items():
        x = sound(text, 0.2)
        edges = (0.0, 0.2, 0.5, 1.0)
        for i, v in enumerate(x):
            phase = i * 100 % RATE / RATE
            if "sine" in text or min(abs(phase - e) for e in edges) > 2 * 100 / RATE:
                close(v, wave(phase), 4e-3, text, i)


def test_aliases_and_offsets():
    for alias, name in (("sin", "sine"), ("squ", "square"), ("sq", "square"), ("triangle", "tri"),
                        ("lfo", "sine"), ("soft_saw_hz", "soft_saw"), ("organ_hz", "organ")):
        expect(sound(alias + " 220", 0.1) == sound(name + " 220", 0.1), alias)
    for name in ("sine", "saw", "square", "tri"):
        close(cents(pitch(sound(name + " 220 7", 0.5), 330), 220 * 2 ** (7 / 12)), 0, 0.1, name)


def test_waves_hardly_alias():
    """A wave without polyBLEP folds its harmonics back at -33 dB and more."""
    for name, floor in (("saw", -45), ("square", -45), ("tri", -65), ("pulse", -45),
                        ("soft_saw", -55)):
        found = beside(sound(name + " 1234.5", 0.6), 1234.5, 10000)
        expect(found < floor, name, "has", found, "dB beside its harmonics")
    for name in ("organ 1234.5", "blip 1234.5",
                 'additive 1234.5 "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"'):
        found = beside(sound(name, 0.6), 1234.5, None, 100)
        expect(found < -90, name, "has", found, "dB beside its harmonics")


def test_frequencies_are_in_tune():
    for name in ("sine", "saw", "square", "tri", "pulse", "soft_saw", "organ", "blip", "vco",
                 "wavetable",
                 "additive", "superpwm %g 1 0", "superbass"):
        for hz in (110, 440.5, 2093):
            off = cents(pitch(sound(name % hz if "%" in name else "%s %g" % (name, hz), 0.5), hz),
                        hz)
            expect(abs(off) < 0.1, name, hz, "is off by", off, "cents")


def test_soft_saw_falls_by_12_db_per_octave():
    x = sound("soft_saw 100", 0.6)
    for k in (1, 2, 3, 6, 12, 24):
        wanted = 2 / math.pi / k / math.sqrt(1 + (k / 3) ** 2)
        close(db(level(x, 100 * k, 4800)), db(wanted), 0.5, "harmonic", k)


def test_organ_has_its_stops():
    x, stops = sound("organ 220", 0.6), {1: 1, 2: .7, 3: .5, 4: .4, 6: .3, 8: .2}
    for k in range(1, 13):
        close(level(x, 220 * k, 4800), stops.get(k, 0) / 3.1, 1e-4, "harmonic", k)


def test_blip_has_all_harmonics_at_one_level():
    x = sound("blip 1000", 0.6)
    for k in range(1, 25):
        close(level(x, 1000 * k - (1e-9 if k == 24 else 0), 4800),
              (1 if k < 24 else 2) / 24, 2e-3, k)


def test_vco_chooses_its_wave_sample_by_sample():
    waves = [sound("vco 110 %d 0.3" % i, 1) for i in range(4)]
    for wave, name in zip(waves, ("saw 110", "pulse 110 0.3", "tri 110", "sine 110")):
        expect(wave == sound(name, 1), name)
    chosen = sound('vco 110 "0 1 2 3" 0.3', 1)
    for i in range(RATE):
        expect(chosen[i] == waves[4 * i // RATE][i], "frame", i)


def test_additive_sums_its_string():
    amps = [1, 0.5, 0, 0.25]
    x = sound('additive 150 "1 0.5 0 0.25"', 0.6)
    for k in range(1, 9):
        close(level(x, 150 * k, 4800), (amps[k - 1] if k < 5 else 0) / 1.75, 1e-4, "harmonic", k)
    close(level(sound("additive 150", 0.6), 150, 4800), 1, 1e-4, "one harmonic")
    x = sound('additive 10000 "1 1 1"', 0.6)
    close(level(x, 10000, 4800), 1 / 3, 1e-3, "the first")
    close(level(x, 18000, 4800), 0, 1e-4, "the third, folded back")


def test_additive_takes_one_string_a_cycle():
    x = sound('additive 200 ["1", "0 1", "0 0 1"]', 4)
    for cycle in range(4):
        for k in range(1, 4):
            close(level(x, 200 * k, RATE * cycle + 4800, 38400),
                  1 if k == cycle % 3 + 1 else 0, 1e-3,
                  "cycle", cycle, "harmonic", k)


def notes(program, *wanted):
    """Pitches of equal notes in one cycle, each measured in the middle of its event."""
    x, n = sound(program + " # gain 0.5" if "out:" in program
                 else "out: %s # gain 0.5" % program), len(wanted)
    for i, hz in enumerate(wanted):
        first, length = RATE * i // n + 2400, RATE // n // 2
        close(cents(pitch(x, hz, first, length // 2, length // 4), hz), 0, 5, program, "note", i)


def test_notes_start_voices():
    a3, e4 = 220, 440 * 2 ** (-5 / 12)
    for name in ("sine", "saw", "square", "tri", "sine_trig", "saw_trig", "square_trig", "tri_trig",
                 "organ", "blip", "soft_saw", "wavetable", "pluck", "superbass"):
        notes('%s "a3 e4"' % name, a3, e4)
    notes('vco "a3 e4" 1', a3, e4)
    notes('additive "a3 e4" "1 0 0.5"', a3, e4)
    notes('waveguide "a3 e4" 0.1 0.2', a3, e4)
    notes('synth "a3 e4" square', a3, e4)
    notes('synth "a3 e4" "tri"', a3, e4)
    x = sound('out: additive "a3" "1 0 0.5" # legato 1 # gain 0.5')
    close(db(level(x, 660, 4800, 9600) / level(x, 220, 4800, 9600)), db(0.5), 0.5, "third harmonic")


def test_notes_have_an_envelope():
    """Attack, decay, sustain, release in 8 ms windows of one note that lasts half a second."""
    for text, levels in (('sine "a3 ~" 0.1 0.1 0.5 0.2',
                          {0.05: .5, 0.1: 1, 0.3: .5, 0.6: .25, 0.75: 0}),
                         ('synth "a3 ~" "sine" 0.1 0.1 0.5 0.2',
                          {0.05: .5, 0.1: 1, 0.3: .5, 0.6: .25}),
                         ('sine "a3 ~"', {0.02: 0.97, 0.16: 0.5, 0.33: 0})):
        x = sound("out: " + text + " # gain 0.8")
        scale = 0.8 * math.cos(math.pi / 4)
        for seconds, wanted in levels.items():
            i = int(seconds * RATE)
            close(max(map(abs, x[i - 120:i + 240])) / scale, wanted, 0.06, text, "after", seconds)


def test_oscillators_without_a_frequency():
    x = sound("saw", 1)
    close(x[12000], -0.5, 0.01, "1 Hz elsewhere")
    for i, v in enumerate(sound('"110 220" # saw', 1)):
        phase = (110 * i / RATE if i < RATE // 2 else 220 * (i - RATE // 2) / RATE) % 1
        if 0.01 < phase < 0.99:
            close(v, 2 * phase - 1, 0.02, "pitch from the left, frame", i)
    x = sound('out: s "~tone" # note 7 # legato 1 # gain 0.5\n~tone: sine', 1)
    close(cents(pitch(x, 392), 261.6256 * 2 ** (7 / 12)), 0, 1, "the voice's pitch")


# ---- noises, impulses, modulation --------------------------------------------------------------


def test_noises_have_their_slopes():
    for name, slope in (("noise", 0), ("noise 7", 0), ("white", 0), ("pink_noise", -3.01),
                        ("brown_noise", -6.02)):
        levels = octaves(sound(name, 6), 187.5, 12000)
        for low, high in zip(levels, levels[1:]):
            close(high - low, slope, 1.0, name, "per octave")
        # Voss's steps make the top octaves of pink noise a decibel softer
        close((levels[-1] - levels[0]) / (len(levels) - 1), slope, 0.35, name,
              "per octave, overall")


def test_noises_have_their_levels():
    close(rms(sound("noise", 2)), math.sqrt(1 / 3), 0.01, "white")
    walk = sound("brown_noise", 6)
    expect(max(map(abs, walk)) <= 1.05 + 1e-6, "brown noise is clamped to 1.5, times 0.7")
    expect(max(map(abs, walk)) > 1.0 and rms(walk) > 0.3, "brown noise fills its range")


def test_impulses_are_single_frames_from_the_first_on():
    x = sound("impulse 7", 1)
    expect([i for i, v in enumerate(x) if v] == [math.ceil(i * RATE / 7) for i in range(7)],
           "places")
    expect(all(v in (0.0, 1.0) for v in x), "heights")


def test_fm_and_pm_are_their_formulas():
    for text, modulator in (("fm 300 200 2.5", 200), ("fm (sine 300) (saw 200) 2.5", 200),
                            ("pm 300 (sine 70) 1.5", 70)):
        index = float(text.split()[-1])
        for i, v in enumerate(sound(text, 0.2)):
            wanted = math.sin(TAU * 300 * i / RATE + index * math.sin(TAU * modulator * i / RATE))
            close(v, wanted, 2e-3, text, "at", i)


def bessel(n, x):
    return sum((-1) ** k * (x / 2) ** (n + 2 * k) / math.factorial(k) / math.factorial(n + k)
               for k in range(30))


def test_fm_has_bessel_sidebands():
    x = sound("fm 2000 300 2", 0.6)
    for n in range(5):
        close(level(x, 2000 + 300 * n, 4800), abs(bessel(n, 2)), 1e-3, "sideband", n)


# ---- strings and grains ------------------------------------------------------------------------


def test_pluck_is_in_tune_and_falls_as_defined():
    for hz in (82.41, 220, 880):
        x = sound("pluck %g 0.2" % hz, 1)
        close(cents(pitch(x, hz, 2400, 9600), hz), 0, 2, "pluck", hz)
    for damping in (0, 0.5, 1):
        x = sound("pluck 220 %g" % damping, 1)
        period = db(level(x, 220, 2400, 9600) / level(x, 220, 21600, 9600)) / (19200 / RATE * 220)
        gain = (0.999 - 0.02 * damping) * math.cos(math.pi * 220 / RATE)
        close(period, -db(gain), 0.01, "dB per period at damping", damping)


def test_strings_are_struck_each_cycle_at_each_onset_or_with_the_voice():
    for name in ("pluck %s 1", "waveguide %s 1 0.3"):
        close(len(onsets(sound(name % "330", 3))), 3, 0, name, "constant: cycle starts")
        starts = onsets(sound(name % '"330 220 [440 550]"', 2))
        wanted = [c + p for c in (0, 1) for p in (0, 1 / 3, 2 / 3, 5 / 6)]
        expect(len(starts) == len(wanted) and
               all(abs(a - b) < 0.004 for a, b in zip(starts, wanted)), name, starts)
    voices = onsets(sound('out: s "~string*4" # gain 0.5\n~string: pluck 330 1', 1))
    expect(len(voices) == 4, "voices", voices)


def test_waveguide_is_in_tune_and_heard_at_its_pickup():
    for hz in (110, 440):
        close(cents(pitch(sound("waveguide %g 0.2 0.13" % hz, 1), hz, 2400), hz), 0, 2,
              "waveguide", hz)
    x = sound("waveguide 110 0 0.5", 1)
    odd = sum(level(x, 110 * k, 0, 24000) ** 2 for k in (1, 3, 5, 7))
    even = sum(level(x, 110 * k, 0, 24000) ** 2 for k in (2, 4, 6, 8))
    expect(even < 1e-3 * odd, "harmonics with a node in the middle", db(even / odd) / 2, "dB")


def test_granular_plays_the_last_second_at_its_pitch():
    x = sound("sine 400 # granular 250 0.8 1.5", 4)
    bins = spectrum(x, 3 * RATE, 32768)
    total = sum(v * v for v in bins)
    near = sum(v * v for k, v in enumerate(bins) if abs(k * RATE / 32768 - 600) < 20)
    expect(near > 0.95 * total, "share of energy at 600 Hz:", near / total)
    late = sound("out: (sine 400 * line 1 1) # granular 100 1 1 * 0.3", 3)
    expect(rms(late[:480]) < 0.02, "nothing is there at the start")


def test_a_granular_voice_overlaps_as_its_density_says():
    """A constant, captured: at density 0 one window after the other, at 1 eight at once."""
    flat = sound("out: (sine 0 * 0 + 0.25) # granular 100 1 1", 3)[int(2.2 * RATE):]
    for v in flat:
        close(v, 0.25 * 4 / math.sqrt(8), 2e-3, "eight windows")
    single = sound("out: (sine 0 * 0 + 0.25) # granular 100 0 1", 3)[int(2.2 * RATE):]
    close(max(single), 0.25, 1e-3, "one window's top")
    close(min(single), 0, 1e-3, "one window's end")


# ---- synths ------------------------------------------------------------------------------------


def falls(x, seconds, first=0.002):
    """dB that the level falls per second between `first` and `seconds`."""
    window = 960
    a, b = int(first * RATE), int(seconds * RATE)
    return db(rms(x[a:a + window]) / rms(x[b:b + window])) / ((b - a) / RATE)


def test_superkick():
    x = sound("superkick 60 0.5 0.2 0", 1)
    for i in (480, 2400, 9600, 24000):  # the sine under 10^(-3 t / (4 sustain))
        # 50 ms after the start the bend is 60 dB down: from there on it is a 60 Hz sine
        peak = max(map(abs, x[i:i + 1000]))
        expect(peak <= 10 ** (-3 * (i / RATE - 0.001) / 0.8) * 1.001, "level at", i, peak)
    close(falls(x, 0.5, 0.1), 60 / 0.8, 1, "dB per second")
    close(cents(pitch(x, 60, 4800, 12000, 4000), 60), 0, 3, "after the bend")
    turns = sum(1 for i in range(1, 2400) if x[i - 1] < 0 <= x[i] or x[i] < 0 <= x[i - 1]) / 2
    bend = sum(60 * (1 + 10 ** (-3 * i / 2400)) / RATE for i in range(2400))
    close(turns, bend, 0.5, "turns in 50 ms")
    click = sound("superkick 60 0.5 0.2 1", 0.1)
    plain = sound("superkick 60 0.5 0.2 0", 0.1)
    noise = [a - b for a, b in zip(click, plain)]
    expect(rms(noise[:240]) > 0.02 and max(map(abs, noise[800:])) < 1e-3, "a click of 10 ms")
    twice = sound('superkick "60 60" 0.5 0.05 0', 1)
    for i in range(2000):  # struck anew, from the same phase
        close(twice[24000 + i], twice[i], 2e-2, "second strike, frame", i)


def test_supersnare():
    body = sound("supersnare 200 0 0.3", 0.5)
    expect(level(body, 200, 0, 2400) > 0.05 and level(body, 210, 0, 2400) > 0.05, "two triangles")
    for i, v in enumerate(body[:4800]):  # up in 1 ms, then 60 dB down in 0.3 sustain
        t = i / RATE
        envelope = min(t / 0.001, 10 ** (-3 * (t - 0.001) / 0.09))
        pair = triangle(200 * t % 1) + triangle(210 * t % 1)
        close(v, envelope * pair / 2 if t < 0.09 else 0, 0.03, "the body, frame", i)
    both = sound("supersnare 200 1 0.3", 0.5)
    noise = [a - b for a, b in zip(both, body)]
    close(falls(noise, 0.2, 0.01), 60 / 0.3, 25, "the noise's dB per second")
    total = power(noise[:6144], 512)
    expect(band_db(total, 5000, 20000) - band_db(total, 300, 900) > 20, "high-pass at 3 kHz")


def test_superhat():
    for bright in (0, 1):
        x = sound("superhat %g 0.5" % bright, 0.5)
        total = power(x[:12288], 512)
        corner = 5000 + 5000 * bright
        slope = band_db(total, corner / 2,
                        corner / 2 * 1.1) - band_db(total, corner / 4, corner / 4 * 1.1)
        close(slope, 12, 4, "dB per octave below", corner)
    close(falls(sound("superhat 0.7 0.2", 0.5), 0.15, 0.01), 300, 30, "dB per second")


def test_superclap():
    runs = [sound("superclap 0.3", 0.5)[:16000]]
    x = runs[0]
    burst = [rms(x[480 * i:480 * i + 200]) for i in range(4)]
    pause = [rms(x[480 * i - 120:480 * i]) for i in range(1, 4)]
    for before, gap, after in zip(burst, pause, burst[1:]):
        expect(gap < 0.5 * before and gap < 0.5 * after, "bursts 10 ms apart", burst, pause)
    close(falls(x, 0.2, 0.05), 200, 30, "dB per second after the last one")
    total = power(x[:2048], 512)
    expect(band_db(total, 900, 1600) - band_db(total, 7000, 9000) > 15, "around 1.2 kHz")
    expect(max(map(abs, x)) > 0.5, "loud enough")


def test_percussion_is_struck_each_cycle():
    for name in ("superkick", "supersnare", "superhat", "superclap"):
        starts = [s
                  for s in onsets(sound("%s 0.7 0.02" % name if name == "superhat" else name, 3),
                                  960, 6)]
        expect([round(s) for s in starts] == [0, 1, 2], name, starts)


def test_supersaw():
    x = sound("supersaw 400 1 3", 2)
    for p in (-1, 0, 1):
        close(level(x, 400 * 2 ** (p * 0.5 / 12), 4800), 0.7 / 3 * 2 / math.pi, 5e-3, "voice", p)
    starts = sum(2 * (0.13 * i % 1) - 1 for i in range(7)) * 0.7 / 7
    close(sound("supersaw 100", 0.1)[0], starts, 0.1, "start phases")
    expect(rms(sound("supersaw 100 0.3 1", 0.5)) > 0.35, "one voice")


def test_superpwm():
    x, wrong = sound("superpwm 100 1 0.8", 1), 0
    for period in range(1, 99):
        high = sum(1 for i in range(480 * period, 480 * (period + 1)) if x[i] > 0) / 480
        wanted = 0.5 + 0.45 * 0.8 * triangle((period + 0.5) / 100 % 1)
        wrong = max(wrong, abs(high - wanted))
    expect(wrong < 0.015, "width off by", wrong)


def test_superchip_and_superfm():
    x = sound("superchip 400 5 0.05", 1)
    phase, bad = 0.0, 0
    for i, v in enumerate(x):
        phase %= 1
        bad += min(phase, abs(phase - 0.5), 1 - phase) > 0.03 and (v > 0) != (phase < 0.5)
        phase += 400 * (1 + 0.05 * math.sin(TAU * 5 * i / RATE)) / RATE
    expect(bad < 20, "superchip:", bad, "frames on the wrong side")
    phase = 0.0
    for i, v in enumerate(sound("superfm 300 2 1", 0.3)):
        close(v, math.sin(TAU * phase), 0.02, "superfm", i)
        phase += 300 * (1 + math.sin(TAU * 600 * i / RATE)) / RATE


def test_supersquare_superbass_superreese():
    square, plain = sound("supersquare 200", 1), sound("square 200", 1)
    for seconds, wanted in ((0.005, 0.764), (0.0575, 0.85), (0.3, 0.7), (0.49, 0.7),
                            (0.6, 0.35), (0.75, 0)):
        i = int(seconds * RATE)
        a, b = square[i:i + 240], plain[i:i + 240]
        close(rms(a) / rms(b), wanted, 0.02, "supersquare after", seconds)
    x = sound("superbass 110", 1)
    close(level(x, 55, 4800), 0.5, 1e-3, "an octave below")
    for k in (1, 2, 3):
        close(level(x, 110 * k, 4800), 1 / math.pi / k, 2e-3, "harmonic", k)
    x = sound("superreese 440", 4)
    for shift in (12, -12):
        close(level(x, 440 * 2 ** (shift / 1200), 4800), 1 / math.pi, 0.06, shift, "cents")
    close(level(x, 440, 4800), 0, 0.01, "nothing in the middle")
    high = level(x, 8 * 440 * 2 ** (1 / 100), 4800) / (1 / math.pi / 8)
    close(db(high), -40 * math.log10(3.52), 2, "behind the low-pass")


def test_synths_play_as_words_at_their_note():
    for name in ("supersaw", "superpwm", "superchip", "superfm", "superbass", "superreese",
                 "supersquare"):
        x = sound('out: s "%s" # note "a3" # legato 1 # gain 0.5' % name, 0.6)
        expect(rms(x[:9600]) > 0.02, name, "is silent")
    for name in ("superbass", "supersquare"):
        x = sound('out: s "%s" # note "a3" # ar 0.001 2 # gain 0.5' % name, 0.6)
        close(cents(pitch(x, 220, 2400, 9600, 4800), 220), 0, 2, name)
    expect(len(onsets(sound('out: s "superclap*2" # gain 0.5', 1), 960, 6)) == 2, "superclap")


# ---- pitch, spectra, responses -----------------------------------------------------------------


def test_pitch_shift_keeps_level_and_shifts_by_its_ratio():
    for semitones in (12, 7, -5, -12, 3.5):
        x, hz = sound("sine 333 # pitch_shift %g" % semitones, 2), 333 * 2 ** (semitones / 12)
        close(cents(pitch(x, hz, RATE, 19200, 1200), hz), 0, 3, semitones)
        close(db(level(x, hz, RATE, 38400)), 0, 0.5, "level", semitones)
    x, same = sound("saw 110 # pitch_shift 0", 0.5), sound("saw 110", 0.5)
    for i in range(8, len(x)):
        close(x[i], same[i - 8], 1e-5, "no shift")


def test_fm_crossmod_is_its_formula():
    for i, v in enumerate(sound("sine 500 # fm_crossmod (sine 90) 0.4", 0.2)):
        wanted = math.sin(TAU * 500 * i / RATE) * math.cos(TAU * 0.4 *
                                                           math.sin(TAU * 90 * i / RATE))
        close(v, wanted, 2e-3, i)


def vocoder_band(hz, centre, ratio):
    """Two band-passes in series, together 3 dB down half way to the next band."""
    rq = (ratio - 1) / math.sqrt(ratio) / math.sqrt(math.sqrt(2) - 1)
    s = 1j * math.tan(math.pi * hz / RATE) / math.tan(math.pi * centre / RATE)
    width = rq  # of the analogue prototype; the warping of tan is small below 5 kHz
    return (s * width / (s * s + s * width + 1)) ** 2


def test_vocoder_gives_the_carrier_the_modulators_bands():
    ratio = 100 ** (1 / 7)  # eight bands from 100 Hz to 10 kHz
    centres = [100 * ratio ** i for i in range(8)]
    for band in (2, 4):
        hz = centres[band]
        total = power(sound("sine %g # vocoder (noise)" % hz, 4)[RATE:], 8192)
        heard = [abs(vocoder_band(hz, c, ratio)) for c in centres]

        def wanted(f):
            return db(abs(sum(h * vocoder_band(f, c, ratio) for h, c in zip(heard, centres))))

        inside = band_db(total, hz / 1.1, hz * 1.1)
        for other in (centres[0] * 1.5, centres[band + 1], centres[band + 2]):
            got = inside - band_db(total, other / 1.1, other * 1.1)
            close(got, wanted(hz) - wanted(other), 2, "band", band, "above", other)
    # the followers: up in 10 ms, down in 100 ms
    x = sound('(sine 1000 * "1 0") # vocoder (sine 1000)', 1)
    ends = [max(map(abs, x[i:i + 48])) for i in range(24000 + 2400, 24000 + 14400, 2400)]
    for a, b in zip(ends, ends[1:]):
        close(b / a, math.exp(-0.05 / 0.1), 0.05, "after 50 ms")


def test_convolve_gives_its_response_tap_by_tap():
    echoes = {0: 1, 21: .6, 43: .4, 67: .3, 89: .2, 121: .15, 156: .1}
    x = sound("impulse 0.1 # convolve", 1)
    for i, v in enumerate(x):
        wanted = 0.05 * math.exp(-3 * i / RATE) if i < RATE // 2 else 0
        close(v, wanted + (echoes.get(i // 48, 0) if i % 48 == 0 else 0), 1e-5, "tap", i)


def write_wave(path, channels):
    """A sound file of floats."""
    n = len(channels)
    frames = struct.pack("<%df" % (n * len(channels[0])),
                         *(v for frame in zip(*channels) for v in frame))
    fmt = struct.pack("<HHIIHH", 3, n, RATE, 4 * n * RATE, 4 * n, 32)
    data = (b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt +
            b"data" + struct.pack("<I", len(frames)) + frames)
    with open(path, "wb") as out:
        out.write(b"RIFF" + struct.pack("<I", len(data)) + data)


def with_sample(channels, program, seconds):
    """Both channels of a program that may name the sample `hall`."""
    with Folder() as folder:
        os.makedirs(folder.file("hall"))
        write_wave(os.path.join(folder.file("hall"), "a.wav"), channels)
        os.environ["PHONON_SAMPLES"] = folder.name
        try:
            return render(folder, "tempo: 1\n" + program + "\n", "--seconds", str(seconds)).channels
        finally:
            os.environ["PHONON_SAMPLES"] = ""


def test_convolve_takes_a_response_by_its_name():
    """Longer than the parts of 64 frames, so that all of the parts count; each channel its own."""
    draw, n = random.Random(5), 9000
    hall = [[draw.uniform(-1, 1) * math.exp(-i / 3000) for i in range(n)] for _ in range(2)]
    left = with_sample(hall, 'out: impulse 0.1 * 0.5 # convolve "hall"', 0.5)[0]
    both = with_sample(hall, 'out: impulse 0.1 * 0.5 # pan 0 # convolve "hall"', 0.5)
    for i in range(RATE // 2):
        taps = [c[i] if i < n else 0 for c in hall]
        close(left[i], 0.5 * taps[0], 1e-5, "one channel, tap", i)
        for c in range(2):
            close(both[c][i], 0.5 * math.sqrt(0.5) * taps[c], 1e-5, "channel", c, "tap", i)


def test_sp_plays_its_sample_from_each_edge():
    draw = random.Random(6)
    short = [[draw.uniform(-0.5, 0.5) for _ in range(3000)]]
    edges = [i for i, v in enumerate(sound("impulse 4", 1)) if v]
    x = with_sample(short, "out: impulse 4 # sp hall", 1)[0]
    for i, v in enumerate(x):
        since = i - max(e for e in edges if e <= i)
        close(v, short[0][since] if since < 3000 else 0, 1e-5, "frame", i)


def test_freeze_passes_and_then_holds():
    x = sound('saw 220 * "1 0" # freeze (impulse 4 * "0 1 0 0")', 2)
    same = sound('saw 220 * "1 0"', 1)
    expect(x[:11900] == same[:11900], "the signal passes until the trigger")
    for k in (1, 2, 5, 10):
        wanted = level(same, 220 * k, 4800, 4800)
        for first in (13000, 40000, 80000):
            close(db(level(x, 220 * k, first, 12000) / wanted), 0, 0.6, "harmonic", k, "at", first)


# ---- edits -------------------------------------------------------------------------------------

STATEFUL = ("pluck 110 0", "waveguide 110 0 0.2", "saw 110 # granular 100 0.7 1.3",
            "saw 110 # pitch_shift 7", "noise * 0.1 # convolve",
            'saw 220 # freeze (impulse 4 * "0 1 0 0")', 'organ "110 165"', "blip 330",
            'additive 110 ["1 0.5", "0 1"]', "brown_noise", "soft_saw 200", "supersquare 110",
            "saw 110 # vocoder (noise)")


def test_edits_of_something_else_are_not_heard_and_of_a_level_only_there():
    """State and memory go on over a new program, while the old
    and the new synth crossfade as well."""
    at = 60001
    for text in STATEFUL:
        before = "tempo: 1\nout: (%s) * 0.3\n" % text
        with Folder() as folder:
            plain = render(folder, before, "--seconds", "2").channels[0]
            other = folder.file("other.ph", before + "~unused: saw 55\n")
            same = render(folder, before, "--seconds", "2", "--at", str(at), other).channels[0]
            louder = folder.file("louder.ph", before.replace("* 0.3", "* 0.6"))
            changed = render(folder, before, "--seconds", "2", "--at", str(at), louder).channels[0]
        expect(plain == same, text, "heard the edit of something else")
        for i in range(at + 1200, 2 * RATE):
            close(changed[i], 2 * plain[i], 1e-5, text, "after the edit, frame", i)


if __name__ == "__main__":
    main(globals())
