# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample voices as a user hears them: every modifier of LANGUAGE
10.4, lengths, pitch, slices, the bank."""
import cmath
import math
import os
import shutil
import struct
import tempfile
import threading
import time

from support import RATE, RENDER, Daemon, Folder, Sound, main, render, run

ATTACK, RELEASE = 48, 144  # frames of a sample voice's click protection: 1 ms, 3 ms
LEFT = " # pan (-1)"       # all of a mono sample on one side, at its own level
FLAT = 12000               # frames of most samples below
PARTS = 48000              # frames of `parts`


def write_wav(path, samples, channels=1):
    body = struct.pack("<%df" % len(samples), *samples)
    form = struct.pack("<HHIIHH", 3, channels, RATE, RATE * 4 * channels, 4 * channels, 32)
    with open(path, "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " +
                struct.pack("<I", 16) + form +
                b"data" + struct.pack("<I", len(body)) + body)


def ramp_at(i):
    return -0.8 + 1.6 * i / FLAT


def part_at(i):
    """Eight parts of equal length, each at a level of its own: a sample whose place can be seen."""
    return 0.1 * (1 + 8 * i // PARTS)


def make_bank(root):
    files = {"flat/0.wav": ([0.8] * FLAT, 1), "ramp/0.wav": ([ramp_at(i) for i in range(FLAT)], 1),
             "tone/0.wav": (
                 [0.8 * math.sin(2 * math.pi * 1000 * i / RATE) for i in range(24000)], 1),
             "low/0.wav": ([0.8 * math.sin(2 * math.pi * 100 * i / RATE) for i in range(24000)], 1),
             "long/0.wav": ([0.4] * 40000, 1),
             "parts/0.wav": ([part_at(i) for i in range(PARTS)], 1),
             "click/0.wav": ([0.8 if i == 100 else 0.0 for i in range(FLAT)], 1),
             "wide/0.wav": ([0.8, 0.4] * FLAT, 2)}
    files.update({"four/%d.wav" % k: ([0.2 * (k + 1)] * FLAT, 1) for k in range(4)})
    for name, (samples, channels) in files.items():
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        write_wav(os.path.join(root, name), samples, channels)


BANK = tempfile.TemporaryDirectory()
make_bank(BANK.name)
os.environ["PHONON_SAMPLES"] = BANK.name


def sound(expression, *options, tempo="1"):
    with Folder() as folder:
        return render(folder, "tempo: %s\nout: %s\n" % (tempo, expression),
                      *(options or ("--cycles", "1")))


def left(expression, *options, tempo="1"):
    return sound(expression, *options, tempo=tempo).channels[0]


def spans(samples, silence=20):
    """(first frame, number of frames) of what sounds between silences."""
    found, begin, zeros = [], None, 0
    for i, x in enumerate(samples):
        if x != 0.0:
            if begin is None:
                begin = i
            zeros, end = 0, i + 1
        elif begin is not None:
            zeros += 1
            if zeros == silence:
                found.append((begin, end - begin))
                begin = None
    if begin is not None:
        found.append((begin, end - begin))
    return found


def frequency(samples):
    up = []
    for i in range(1, len(samples)):
        if samples[i - 1] <= 0 < samples[i]:
            up.append(i - samples[i] / (samples[i] - samples[i - 1]))
    return (len(up) - 1) * RATE / (up[-1] - up[0]) if len(up) > 2 else 0


def response(samples, hz):
    """Gain of what a click of 0.8 became, at a frequency."""
    return abs(sum(x * cmath.exp(-2j * math.pi * hz * i / RATE) for i, x in enumerate(samples)
                   if x)) / 0.8


def near(a, b, tolerance):
    return abs(a - b) <= tolerance


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def held(samples, wanted, first=ATTACK, end=FLAT - RELEASE - 1, tolerance=1e-5):
    """Where the envelope is 1, samples are what a function of the frame says."""
    for i in range(first, end):
        if not near(samples[i], wanted(i), tolerance):
            raise AssertionError("frame %d: %g, expected %g" % (i, samples[i], wanted(i)))


# ---- length: LANGUAGE 10.3 -----------------------------------------------------------------------


def test_voices_begin_and_end_on_their_exact_frames():
    for tempo in ("1", "0.7", "1.25"):
        made = left('s "flat ~ flat ~"' + LEFT, "--cycles", "3", tempo=tempo)
        onsets = [round(k * RATE / (2 * float(tempo)) + 1e-9) for k in range(6)]
        # the envelope is one frame into its course when it is born, so its last frame is silent
        expect(spans(made) == [(f, FLAT - 1) for f in onsets], tempo, spans(made))
    made = left('s "flat"' + LEFT)
    held(made, lambda i: 0.8)
    expect(near(made[0], 0.8 / ATTACK, 1e-6) and near(made[FLAT - RELEASE // 2 - 1], 0.4, 1e-3),
           "fades of 1 and 3 ms")


def test_the_rules_of_length_hold_in_their_order():
    for modifiers, frames in (("dur 0.1", 4800 + RELEASE), ("dur 0.1 # legato 0.2", 4800 + RELEASE),
                              ("legato 0.1", 4800 + RELEASE),
                              ("legato 0.1 # attack 0.01", 4800 + RELEASE),
                              ("attack 0.01 # release 0.02", 480 + 960),
                              ("ar 0.01 0.02 # hold 0.05", 480 + 2400 + 960),
                              ("loop 1", 48000), ("loop 1 # dur 0.5", 24000 + RELEASE),
                              ("speed 2", FLAT // 2),
                              ("speed -3", FLAT // 3), ("begin 0.25 # end 0.5", FLAT // 4),
                              ("dur 5", FLAT)):
        found = spans(left('s "<flat ~>" # %s%s' % (modifiers, LEFT), "--cycles", "2"))
        expect(found == [(0, frames - 1)], modifiers, found, frames)
    made = left('s "long ~" # adsr 0.01 0.02 0.5 0.1' + LEFT)  # the span is 24000 frames
    expect(near(made[479], 0.4, 1e-3) and near(made[479 + 960], 0.2, 1e-3) and
           near(made[23000], 0.2, 1e-3), "adsr")
    expect(near(made[24000 + 2400 - 1], 0.1, 2e-3) and spans(made) == [(0, 24000 + 4800 - 1)],
           "its release", spans(made))


def test_segments_and_curve_are_envelopes_of_events():
    made = left('s "flat" # segments "0 1 0.25 0" "0.01 0.02 0.03"' + LEFT)
    for frame, level in ((239, 0.5), (479, 1), (479 + 480, 0.625), (479 + 960, 0.25),
                         (479 + 960 + 720, 0.125)):
        expect(near(made[frame], 0.8 * level, 1e-3), "segments", frame, made[frame])
    expect(spans(made) == [(0, 2880 - 1)], spans(made))
    for k in (3, -3):
        made = left('s "flat" # curve 0 1 0.1 (%d)%s' % (k, LEFT))
        for frame in (1200, 2400, 3600):
            wanted = 0.8 * math.expm1(k * frame / 4800) / math.expm1(k)
            expect(near(made[frame - 1], wanted, 1e-3), "curve", k, frame, made[frame - 1], wanted)
        expect(near(made[10000], 0.8, 1e-4), "holds its end")


# ---- pitch and place -----------------------------------------------------------------------------


def test_speed_and_notes_are_rates():
    for modifiers, ratio in (("speed 2", 2), ("speed 0.5", 0.5), ("speed -1", 1), ("note 12", 2),
                             ("note 7", 2 ** (7 / 12)),
                             ('note "c6"', 4), ('note "a3"', 2 ** (-3 / 12)), ("note 5 # up 7", 2),
                             ("note 12 # speed 0.25", 0.5)):
        made = left('s "tone" # %s%s' % (modifiers, LEFT))
        n = int(24000 / ratio) - 300
        expect(near(frequency(made[100:n]), 1000 * ratio, 0.5), modifiers, frequency(made[100:n]))
    expect(not any(left('s "tone" # speed 0')), "speed 0 is silent")


def test_a_negative_speed_plays_from_the_end():
    held(left('s "ramp" # speed (-1)' + LEFT), lambda i: ramp_at(FLAT - 1 - i))
    made = left('s "ramp" # speed (-2) # begin 0.25 # end 0.75' + LEFT)
    held(made, lambda i: ramp_at(FLAT * 3 // 4 - 1 - 2 * i), end=FLAT // 4 - RELEASE - 1)
    expect(spans(made)[0][1] in (FLAT // 4 - 1, FLAT // 4 - 2), "half of it at twice the rate",
           spans(made))


def test_a_loop_repeats_its_part_for_the_span():
    made = left('s "ramp ~" # begin 0.1 # end 0.2 # loop 1' + LEFT)
    expect(spans(made) == [(0, 24000 - 1)], spans(made))
    held(made, lambda i: ramp_at(1200 + i % 1200), end=24000 - RELEASE - 1, tolerance=0.02)
    # the cubic reads round the seam
    inside = [i for i in range(ATTACK, 23000) if 4 < i % 1200 < 1196]
    expect(all(near(made[i], ramp_at(1200 + i % 1200), 1e-5) for i in inside), "frame by frame")


def test_unit_says_what_speed_means():
    for tempo in ("0.5", "1", "1.7"):
        cycle = RATE / float(tempo)
        for speed in (1, 2, -1):
            made = left('s "ramp" # unit "c" # speed (%d)%s' % (speed, LEFT), "--cycles", "1",
                        tempo=tempo)
            wanted = math.ceil(cycle / abs(speed) - 1e-3)
            end = spans(made)[0][1]
            # as long as what is left of the cycle: the last frame of an envelope is silent
            expect(abs(end - wanted) <= 2, tempo, speed, end, wanted)
            expect(near(made[wanted // 2], 0, 2e-3), "the middle in the middle", made[wanted // 2])
    expect(abs(spans(left('s "flat" # unit "s" # speed 0.1' + LEFT))[0][1] - 4799) <= 1, "seconds")


def test_accelerate_glides_from_speed_to_one_plus_a_times_it():
    for a in (1, -0.5):
        made = left('s "tone" # accelerate (%g)%s' % (a, LEFT))
        n = spans(made)[0][1]
        expect(near(n, 24000 / (1 + a / 2), 3), "its mean", a, n)
        for part in (0.1, 0.5, 0.9):
            at = int(n * part)
            wanted = 1000 * (1 + a * part)
            found = frequency(made[at - 400:at + 400])
            expect(near(found, wanted, 0.02 * wanted), a, part, found, wanted)


# ---- slices: LANGUAGE 9.3 ------------------------------------------------------------------------


def levels(samples, slots, cycles):
    """Tenths that sound in the middle of each slot."""
    length = len(samples) / (slots * cycles)
    return [round(10 * samples[int((k + 0.4) * length)]) for k in range(slots * cycles)]


def test_slices_and_splices_stay_on_the_beat_at_every_tempo():
    order = [1, 4, 8, 3]
    for tempo in ("0.5", "0.9", "1", "2.3"):
        for name in ("splice", "slice"):
            made = left('s "parts" # legato 1 $ %s 8 "0 3 7 2"%s' % (name, LEFT)
                        if name == "slice" else
                        's "parts" $ splice 8 "0 3 7 2"' + LEFT, "--cycles", "3", tempo=tempo)
            slot = RATE / (4 * float(tempo))
            begins = [round(k * slot + 1e-9) for k in range(12)]
            for k, frame in enumerate(begins):
                at = int(frame + min(0.4 * slot, 0.4 * PARTS / 8))
                expect(round(10 * made[at]) == order[k % 4], name, tempo, k, made[at], order[k % 4])
            if name == "splice":  # each fills its slot to the frame
                for k in range(11):
                    inside = made[begins[k] + ATTACK:begins[k + 1] - RELEASE - 4]
                    expect(all(near(x, order[k % 4] / 10, 0.06) for x in inside), tempo, k)


def test_chop_striate_and_loop_at_cut_the_sample_in_order():
    expect(levels(left('s "parts" # unit "c" $ chop 8' + LEFT), 8, 1) == [1, 2, 3, 4, 5, 6, 7, 8],
           "chop")
    made = left('s "parts parts" # unit "c" # speed 2 $ striate 4' + LEFT)
    expect(levels(made, 8, 1) == [1, 1, 3, 3, 5, 5, 7, 7], "striate", levels(made, 8, 1))
    for n in (1, 2, 4):
        made = left('s "parts" $ loopAt %d%s' % (n, LEFT), "--cycles", str(n), tempo="0.8")
        expect(levels(made, 8, 1) == [1, 2, 3, 4, 5, 6, 7, 8], "loopAt", n, levels(made, 8, 1))


# ---- effects: LANGUAGE 10.4 ----------------------------------------------------------------------


def test_crush_coarse_and_shape_have_their_formulas():
    for bits in (1, 3, 6):
        steps = 2 ** (bits - 1)
        made = left('s "ramp" # crush %d # gain 0.5%s' % (bits, LEFT))
        found = {round(2 * steps * x) for x in made[ATTACK:11000]}
        expect(all(near(2 * steps * x, round(2 * steps * x), 1e-4) for x in made[ATTACK:11000]),
               "crush", bits)
        held(made, lambda i: 0.5 * ramp_at(i), tolerance=0.25 / steps + 1e-5)
        expect(len(found) >= min(2 * steps, 3), "levels", bits, found)
    for n in (2, 7, 100):
        held(left('s "ramp" # coarse %d%s' % (n, LEFT)), lambda i: ramp_at(i - i % n))
    for s in (0.2, 0.5):
        k = 2 * s / (1 - s)
        held(left('s "ramp" # shape %g%s' % (s, LEFT)),
             lambda i: (1 + k) * ramp_at(i) / (1 + k * abs(ramp_at(i))))
    # at their defaults they are not there
    plain = left('s "ramp"' + LEFT)
    for neutral in ("crush 16", "coarse 1", "shape 0", "squiz 1"):
        expect(left('s "ramp" # %s%s' % (neutral, LEFT)) == plain, neutral)


def test_effects_are_read_at_the_onset_and_differ_from_voice_to_voice():
    made = left('s "ramp*2" # crush "3 16" # coarse "1 50"' + LEFT)
    expect(all(near(4 * made[i], round(4 * made[i]), 1e-4) for i in range(ATTACK, 11000)),
           "the first is crushed")
    expect(all(near(made[24000 + i], ramp_at(i - i % 50), 1e-5) for i in range(ATTACK, 11000)),
           "the second is coarse")


def test_squiz_plays_waves_faster():
    made = left('s "low" # squiz 2' + LEFT)
    expect(near(frequency(made[2000:20000]), 200, 1), frequency(made[2000:20000]))


def test_vowels_have_their_formants():
    formants = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010),
                "o": (570, 840, 2410),
                "u": (300, 870, 2240)}
    for letter, peaks in formants.items():
        made = left('s "click" # vowel "%s"%s' % (letter, LEFT))
        for hz, gain, width in zip(peaks, (1, 0.7, 0.5), (60, 80, 100)):
            top = response(made, hz)
            expect(near(top, gain, 0.13), letter, hz, top)
            for side in (-1, 1):
                expect(0.5 < response(made, hz + side * width / 2) / top < 0.87,
                       "3 dB down", letter, hz)
    expect(left('s "click" # vowel 2' + LEFT) == left('s "click" # vowel "i"' + LEFT),
           "numbers are letters")


def test_program_voices_have_effects_too():
    voice = "~v: sine 100 * 0.5\n"

    def made(modifiers):
        with Folder() as folder:
            return render(folder, "tempo: 1\n%sout: s \"~v\" # attack 0.001 # hold 0.4 %s%s\n" %
                          (voice, modifiers, LEFT),
                          "--cycles", "1").channels[0]

    plain = made("# shape 0")
    shaped = made("# shape 0.5")
    expect(all(near(y, 3 * x / (1 + 2 * abs(x)), 1e-4)
               for x, y in zip(plain[100:19000], shaped[100:19000])), "shape")
    crushed = made("# crush 3")
    expect(all(near(4 * y, round(4 * y), 1e-4) for y in crushed[100:19000]), "crush")


# ---- level, place, groups ------------------------------------------------------------------------


def test_gain_and_pan_have_their_laws():
    for gain in (0, 0.5, 1.1):
        held(left('s "flat" # gain %g%s' % (gain, LEFT)), lambda i: 0.8 * gain)
    for pan in (-1, -0.3, 0, 0.5, 1):
        made, angle = sound('s "flat" # pan (%g)' % pan), (pan + 1) * math.pi / 4
        for channel, part in ((0, math.cos(angle)), (1, math.sin(angle))):
            # Pan2's sines are a table of 2048 places, as SuperCollider's
            expect(near(made.channels[channel][5000], 0.8 * part, 4e-4), pan, channel,
                   made.channels[channel][5000])
    made = sound('s "wide"')
    expect(near(made.channels[1][5000] / made.channels[0][5000], 0.5, 1e-4),
           "a stereo sample keeps its sides")


def test_a_chord_is_one_voice_a_note_at_the_level_of_one():
    made = left('s "flat" # note "c4\'maj" # gain 0.5' + LEFT)
    expect(near(made[3000], 0.8 * 0.5 * 3 / math.sqrt(3), 1e-4), made[3000])
    ends = [math.ceil(FLAT / 2 ** (k / 12)) for k in (7, 4, 0)]
    for n_left, (begin, end) in ((2, ends[0:2]), (1, ends[1:3])):
        expect(near(made[(begin + end - RELEASE) // 2], 0.8 * 0.5 * n_left / math.sqrt(3), 1e-3),
               n_left)


def test_n_chooses_the_file_and_wraps():
    def level(expression):
        return round(left(expression + LEFT)[5000] / 0.2)

    for n, wanted in ((0, 1), (1, 2), (3, 4), (4, 1), (-1, 4), (5.6, 3)):
        expect(level('s "four" # n (%g)' % n) == wanted, n, level('s "four" # n (%g)' % n))
    expect(level('s "four:2"') == 3 and level('s "four:9"') == 2, "in the word")


def test_a_cut_group_fades_what_sounds():
    made = left('s "long*2" # cut 1' + LEFT)
    expect(near(made[23999], 0.4, 1e-4) and near(made[24000 + 600], 0.4, 1e-4), "one at a time")
    middle = made[24000 + 256]  # 10 ms, in whole blocks: half of it is gone
    expect(near(middle, 0.6, 0.03), "the fade", middle)
    both = left('s "long*2"' + LEFT)
    expect(near(both[25000], 0.8, 1e-4), "without it they overlap")
    chord = left('s "long" # cut 1 # note "c4\'maj"' + LEFT)
    expect(near(chord[3000], 0.4 * 3 / math.sqrt(3), 1e-3), "a chord doesn't cut itself")


def test_stolen_voices_make_no_step():
    with Folder() as folder:
        capture, voices = folder.file("o.wav"), 4
        with Daemon("--voices", str(voices), "--capture", capture, "--capture-seconds",
                    "4") as daemon:
            # voices of half a second, sixteen a second in chords of three
            daemon.send("-", text='tempo: 2\nout: s "low*8" # note "c4\'maj" # gain 0.15\n')
            time.sleep(1.5)
            stolen = daemon.status()["stolen"]
        made = Sound(capture).channels[0]
    expect(stolen > 20, "nothing was stolen", stolen)
    own = 2 * voices * 0.15 / math.sqrt(3) * 0.8 * (2 * math.pi * 160 / RATE + 1 / ATTACK)
    worst = max(abs(a - b) for a, b in zip(made, made[1:]))
    expect(worst < own and max(made) > 0.05, "a step of", worst, own)


# ---- the bank: LANGUAGE 10.2 ---------------------------------------------------------------------


def test_the_kit_knows_the_words_that_people_use():
    words = (
        "bd hh sn cp rim oh 808bd 808oh ride cb lt mt ht arpy tamb shaker conga djembe bass perc "
        "amencutup amen break").split()
    with Folder() as folder:
        source = folder.file("k.ph", "tempo: 1\nout: s \"<%s>\" # legato 0.5\n" % " ".join(words))
        _, errors = run(RENDER, source, folder.file("o.wav"), "--cycles", str(len(words)))
        made = Sound(folder.file("o.wav"))
    expect("no sound" not in errors, errors)
    for k, word in enumerate(words):
        expect(made.peak(0, k * RATE, k * RATE + 4000) > 0.05, word)


def heard_within(daemon_options, prepare, program, seconds=3.0):
    """Peak of what a daemon plays after `prepare`."""
    with Folder() as folder:
        capture = folder.file("o.wav")
        with Daemon("--capture", capture, "--capture-seconds", "8", *daemon_options) as daemon:
            prepare(daemon)
            answer = daemon.send("-", text=program)
            time.sleep(seconds)
            log = daemon.log()
        return Sound(capture), answer, log


def test_a_file_that_comes_while_it_runs_is_played():
    with Folder() as bank:
        os.mkdir(bank.file("mine"))
        shutil.copy(os.path.join(BANK.name, "four/0.wav"), bank.file("mine/0.wav"))

        def prepare(daemon):
            daemon.send("-", text='tempo: 2\nout: s "mine"\n')
            os.mkdir(bank.file("new"))
            shutil.copy(os.path.join(BANK.name, "flat/0.wav"), bank.file("new/0.wav"))
            shutil.copy(os.path.join(BANK.name, "four/3.wav"), bank.file("mine/1.wav"))
            time.sleep(1.5)

        made, answer, _ = heard_within(("--samples", bank.name), prepare,
                                       'tempo: 2\nout: s "new ~"%s # gain 0.5\n' % LEFT, 1.5)
        expect("no sound" not in answer[1], answer[1])
        expect(near(made.peak(0, made.n_frames // 2), 0.4, 0.01), made.peak(0, made.n_frames // 2))


def test_samples_are_there_when_a_program_takes_over_and_a_small_cache_is_enough():
    for options in ((), ("--sample-cache", "1")):
        made, _, log = heard_within(options, lambda daemon: None,
                                    'tempo: 1\nout: s "parts" # unit "c"%s\n' % LEFT, 2.2)
        sounding = spans(made.channels[0], 3000)
        expect(sounding and sounding[0][1] > 20000 and "loading" not in log, options, sounding, log)
    made, _, _ = heard_within(("--play-at-once",), lambda daemon: None,
                              'tempo: 2\nout: s "flat*2"%s\n' % LEFT, 2.0)
    expect(near(made.peak(), 0.8, 0.01), "later events sound", made.peak())


def slow_bank(folder, n):
    """A word of `n` files of two minutes at another rate: each takes a while to convert."""
    os.mkdir(folder.file("slow"))
    body = struct.pack("<h", 4096) * (120 * 44100)
    with open(folder.file("slow/0.wav"), "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " +
                struct.pack("<IHHIIHH", 16, 1, 1, 44100, 88200, 2, 16) + b"data" +
                struct.pack("<I", len(body)) + body)
    for k in range(1, n):
        os.link(folder.file("slow/0.wav"), folder.file("slow/%d.wav" % k))


def test_a_program_waits_for_its_samples_within_limits_and_holds_up_nobody():
    program = 'tempo: 1\nout: s "slow*8" # n "0 .. 31" # gain 0.01\n'
    with Folder() as bank:
        slow_bank(bank, 40)
        with Daemon("--samples", bank.name) as daemon:
            begin, served, answer = time.monotonic(), 0, {}

            def send():
                answer["text"] = daemon.send("-", text=program)
                answer["after"] = time.monotonic() - begin

            sender = threading.Thread(target=send)
            sender.start()
            while sender.is_alive():
                daemon.status()
                served += 1
            sender.join()
            expect(served >= 5, "others are served meanwhile", served)
            expect(4.9 < answer["after"] < 7.5, "five seconds", answer["after"])
            expect("still loading" in "".join(answer["text"]), answer["text"])
        with Daemon("--samples", bank.name, "--play-at-once") as daemon:
            begin = time.monotonic()
            daemon.send("-", text=program)
            expect(time.monotonic() - begin < 2, "at once", time.monotonic() - begin)


main(globals())
