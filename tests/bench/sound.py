# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the engines are given, and give, the same sound; and how good their sources are."""
import array
import cmath
import math
import os

import works
from engines import Failed, refusals, run
from osc import message


def read_wav(path):
    """Channels of a 32-bit float file of two channels."""
    data = open(path, "rb").read()
    at = data.index(b"data", 12) + 8
    frames = array.array("f")
    frames.frombytes(data[at:at + (len(data) - at) // 8 * 8])
    return [frames[0::2], frames[1::2]]


def db(power):
    return 10 * math.log10(power) if power > 1e-30 else -300.0


def energy(x):
    return math.fsum(v * v for v in x)


def render(bench, engine, score, name, **variant):
    """The two channels, or Failed."""
    out = os.path.join(bench.folder, name + ".wav")
    log = run(engine.offline(score, out, **variant), bench.folder).log
    if refusals(log):
        raise Failed(refusals(log)[0])
    channels = read_wav(out)
    os.unlink(out)
    return channels


# ---- FFT -----------------------------------------------------------------------------------------

# 7-term Blackman-Harris (Albrecht 2001): side lobes at -180 dB, main lobe 7 bins to each side
WINDOW = (0.27105140069342, -0.43329793923448, 0.21812299954311, -0.06592544638803,
          0.01081174209837, -0.00077658482522, 0.00001388721735)
LOBE = 8


def window(n):
    return [math.fsum(a * math.cos(2 * math.pi * k * i / n) for k, a in enumerate(WINDOW))
            for i in range(n)]


def fft(x):
    """Of a power of two; the classical recursion (Cooley and Tukey)."""
    n = len(x)
    if n == 1:
        return x
    even, odd = fft(x[0::2]), fft(x[1::2])
    step = -2j * math.pi / n
    turned = [cmath.exp(step * k) * odd[k] for k in range(n // 2)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


def power_spectrum(x, shape):
    return [abs(c) ** 2 for c in fft([complex(v * w) for v, w in zip(x, shape)])[:len(x) // 2]]


# ---- agreement -----------------------------------------------------------------------------------

# work, voices, seconds, how it is judged
AGREEMENT = (("W1", 64, 4, "exact"), ("W2", 8, 4, "bands"), ("W3", 64, 4, "exact"),
             ("W4", 1, 6, "levels"), ("W5", 1, 4, "exact"), ("W6full", 1, 6, "levels"))
EXACT_DB, CLOSE_DB, BAND_DB, LEVEL_DB = -90.0, -60.0, 0.5, 1.0


def difference(a, b):
    """Energy of the difference over that of `b`, in dB; the worse channel."""
    worst = -300.0
    for x, y in zip(a, b):
        n = min(len(x), len(y))
        worst = max(worst,
                    db(energy(v - w for v, w in zip(x[:n], y[:n])) / max(energy(y[:n]), 1e-30)))
    return worst


def first_sound(channels):
    return next((i for i, (l, r) in enumerate(zip(*channels)) if l or r), -1)


def level_distance(a, b, frames):
    """Largest distance of levels in windows of `frames`, in dB, where there is sound."""
    worst = 0.0
    for x, y in zip(a, b):
        whole = energy(y) / max(1, len(y)) * frames
        for at in range(0, min(len(x), len(y)) - frames, frames):
            ours, theirs = energy(x[at:at + frames]), energy(y[at:at + frames])
            if theirs > 1e-4 * whole:
                worst = max(worst, abs(db(ours) - db(theirs)))
    return worst


def band_distance(a, b):
    """Largest distance of octave bands down to -60 dB, in dB; 64 Hz up, after half a second."""
    n = 65536
    shape = window(n)
    worst = 0.0
    for x, y in zip(a, b):
        ours, theirs = (power_spectrum(c[24000:24000 + n], shape) for c in (x, y))
        low, total = 64.0, sum(theirs)
        while low < works.RATE / 2:
            bins = slice(int(low * n / works.RATE), int(2 * low * n / works.RATE))
            if sum(theirs[bins]) > 1e-6 * total:
                worst = max(worst, abs(db(sum(ours[bins])) - db(sum(theirs[bins]))))
            low *= 2
    return worst


def judge(how, ours, theirs):
    """(what was found, whether it is good enough)."""
    apart = difference(ours, theirs)
    onset = abs(first_sound(ours) - first_sound(theirs))
    if how == "exact":
        return "difference %.1f dB (at most %.0f)" % (apart, EXACT_DB), apart <= EXACT_DB
    if how == "bands":
        bands = band_distance(ours, theirs)
        text = "difference %.1f dB (at most %.0f), else octaves within %.1f dB: %.2f" % (
            apart, CLOSE_DB, BAND_DB, bands)
        return text, apart <= CLOSE_DB or bands <= BAND_DB
    levels = level_distance(ours, theirs, 4800)
    return "levels of 0.1 s within %.2f dB (at most %.0f), onset %d frames apart (0)" % (
        levels, LEVEL_DB, onset), levels <= LEVEL_DB and onset == 0


def agreement(bench):
    rows = [row for row in AGREEMENT if bench.wanted("agreement %s" % row[0])]
    if not rows:
        return
    bench.report.section("agreement: what phonond plays against what scsynth plays",
                         ("work", -10), ("found", -76), ("", 8))
    for work, n, seconds, how in rows:
        missing = [bench.absent[name] for name in ("phonond", "scsynth") if name in bench.absent]
        if missing:
            bench.report.row(work, missing[0])
            continue
        score = bench.scores.work(work, n, seconds)
        try:
            ours = render(bench, bench.engines["phonond"], score, "ours", simd=bench.simd)
            theirs = render(bench, bench.engines["scsynth"], score, "theirs")
        except Failed as e:
            bench.report.row(work, str(e))
            continue
        found, good = judge(how, ours, theirs)
        bench.report.row(work, found, "ok" if good else "short")


# ---- quality -------------------------------------------------------------------------------------

N_FFT = 65536
# definition, amplitude of harmonic h over that of the fundamental
SOURCES = (("Saw", "q_saw", lambda h: 1 / h), ("Pulse", "q_pulse", lambda h: h % 2 / h),
           ("VarSaw", "q_varsaw", lambda h: h % 2 / h ** 2), ("LFSaw", "q_lfsaw", lambda h: 1 / h))
# odd multiples of rate / N_FFT, so that what is reflected never
# falls on a harmonic; exact in 32 bits
BINS = (("100 Hz", 137), ("1 kHz", 1365), ("5 kHz", 6827))
HARMONICS_TO_HZ, HEARD_FROM_HZ = 15000, 20


def source_score(bench, definition, *controls, before=()):
    name = "quality-%s-%s" % (definition, "-".join(str(c) for c in controls))
    seconds = 1.0 + N_FFT / works.RATE + 0.1
    events = [*works.definitions(definition), *before,
              message("/s_new", definition, 2000, 0, 0, *controls)]
    return bench.scores.path(name, lambda: [(0.0, m) for m in events] + works.end(seconds))


def spectrum_of(bench, engine, score, shape):
    """One second after the start: what the source begins with has died away."""
    simd = bench.simd if engine.name == "phonond" else None
    left = render(bench, engine, score, "quality", simd=simd)[0]
    return power_spectrum(left[works.RATE:works.RATE + N_FFT], shape)


def around(power, k):
    return math.fsum(power[max(0, k - LOBE):k + LOBE + 1])


def measure_source(power, k, ideal):
    """(alias level in dB, largest deviation of a harmonic in dB)."""
    base = around(power, k)
    on = set(range(HEARD_FROM_HZ * N_FFT // works.RATE)) # a slow drift is no alias
    worst = 0.0
    for h in range(1, (N_FFT // 2 - 1) // k + 1):
        on.update(range(h * k - LOBE, h * k + LOBE + 1))
        if ideal(h) and h * k * works.RATE / N_FFT <= HARMONICS_TO_HZ:
            worst = max(worst, abs(db(around(power, h * k) / base) - db(ideal(h) ** 2)))
    between = math.fsum(p for i, p in enumerate(power) if i not in on)
    return db(between / base), worst


def quality(bench):
    rows = [row for row in SOURCES if bench.wanted("quality %s" % row[0])]
    play = bench.wanted("quality PlayBuf")
    if not rows and not play:
        return
    bench.report.section(
        "quality: energy between the harmonics (20 Hz up), and harmonics to 15 kHz "
        "off the ideal; dB", ("source", -26), ("scsynth", 10), ("phonond", 10),
        ("off", 10), ("phonond", 10), ("", 8))
    shape = window(N_FFT)
    for name, definition, ideal in rows:
        for hz, k in BINS:
            score = source_score(bench, definition, "freq", k * works.RATE / N_FFT)
            quality_row(bench, "%s %s" % (name, hz), score, shape,
                        lambda p: measure_source(p, k, ideal))
    if play:
        play_row(bench, shape)
    bench.report.note("relative to the fundamental; good: at least scsynth's, or under -90 dB and "
                      "0.1 dB")


def quality_row(bench, name, score, shape, take):
    found = {}
    for engine in ("scsynth", "phonond"):
        if engine in bench.engines:
            try:
                found[engine] = take(spectrum_of(bench, bench.engines[engine], score, shape))
            except Failed as e:
                bench.report.row(name, str(e))
                return
    cells = [found.get(engine, (None, None)) for engine in ("scsynth", "phonond")]
    good = "-"
    if len(found) == 2:
        (their_alias, their_off), (alias, off) = cells
        clean, true = alias <= max(their_alias + 0.5, -90), off <= max(their_off + 0.05, 0.1)
        good = "ok" if clean and true else "short"
    show = lambda x: "-" if x is None else "%.1f" % x
    fine = lambda x: "-" if x is None else "%.2f" % x
    bench.report.row(name, *(show(alias) for alias, _ in cells), *(fine(off) for _, off in cells),
                     good)


def play_row(bench, shape):
    """A sine of 5 kHz at rate 1.37: what is not the sine of
    6850 Hz is the interpolation's error."""
    path = os.path.join(bench.folder, "sine.wav")
    seconds = 1.37 * (1.2 + N_FFT / works.RATE)
    works.write_wav(path, [[0.5 * math.sin(2 * math.pi * 5000 * i / works.RATE)
                            for i in range(int(seconds * works.RATE))]])
    score = source_score(bench, "q_play", "buf", 40, "rate", 1.37,
                         before=(message("/b_allocRead", 40, path, 0, 0),))
    k = round(6850 * N_FFT / works.RATE)
    full = (0.25 * N_FFT * WINDOW[0]) ** 2 * bin_gain()

    def take(power):
        base = around(power, k)
        return db((math.fsum(power[LOBE + 1:]) - base) / base), abs(db(base / full))
    quality_row(bench, "PlayBuf, 5 kHz at 1.37", score, shape, take)


def bin_gain():
    """Power of a windowed sine over all bins, relative to its middle one."""
    return math.fsum([1.0] + [2 * (a / 2 / WINDOW[0]) ** 2 for a in WINDOW[1:]])
