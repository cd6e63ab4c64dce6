# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of the example programs, one after the other: nothing non-finite, no click above the
programs' own steps. PHONON_EDITS=1000 makes it long (scripts/soak.sh)."""
import glob
import math
import os
import random
import re

from support import RATE, RENDER, Folder, Sound, main, run

EXAMPLES = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "../../examples/*.ph")))
SMOOTH = """tempo: 0.5
~low $ sine 55 * 0.7
~mid $ sine 110 * 0.5 + sine 165 * 0.3
~soft $ saw 82.5 # lpf 200 1 * 0.6
~pad $ tri 55 # lpf 300 1 # delay 0.3 0.4 0.5
o1 $ ~low # reverb 0.4 0.5 0.2
o2 $ ~mid + ~soft
o3 $ ~pad * 0.5
"""  # in which a click stands out: its own steps are small
N_EDITS = int(os.environ.get("PHONON_EDITS", "24"))
CHAIN = 8                 # programs in one render
SPACING = RATE * 3 // 10  # frames between two edits
WINDOW = RATE // 50       # a click is looked for so long after the switch
CROSSFADE = 2 / 240       # two signals of full scale exchanged in 5 ms, a sample
QUIETER = 0.25            # so that the limiter rests: what it does would differ between the twins


def statements(text):
    """Statements with the lines that continue them."""
    made = []
    for line in text.splitlines():
        if made and line[:1] in (" ", "\t"):
            made[-1] += "\n" + line
        else:
            made.append(line)
    return made


def changed_number(r, line):
    numbers = list(re.finditer(r"(?<![\w.~%@])\d+(\.\d+)?(?![\w.'])", line))
    if not numbers:
        return line
    n = r.choice(numbers)
    value = float(n.group()) * r.choice((0.5, 0.8, 1.25, 2))
    return line[:n.start()] + ("%g" %
                               (value if "." in n.group() else round(value) or 1)) + line[n.end():]


def edited(r, text):
    """One edit as a hand would make it. What does not compile
    changes nothing, which is an edit too."""
    lines = statements(text)
    # twins share their clock
    free = [i for i, line in enumerate(lines) if not re.match("tempo|cps|bpm", line)]
    at = r.choice(free)
    kind = r.randrange(7)
    if kind < 3:
        lines[at] = changed_number(r, lines[at])
    elif kind == 3:
        lines[at] = "-- " + lines[at].replace("\n", "\n-- ")
    elif kind == 4:
        other = r.choice(free)
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 5 and re.match(r"(~\w+|o\d+|out)\b", lines[at]):
        lines[at] += r.choice((" # lpf 900 1.2", " # delay 0.25 0.4 0.3", " # reverb 0.5 0.5 0.2",
                               " * 0.7", " # pan 0.4"))
    else:
        lines[at] = re.sub(r" # \w+( [\w.\"~<>*()-]+)*$", "", lines[at])
    return "\n".join(lines) + "\n"


def largest_step(sound, begin, end):
    steps = [0.0]
    for samples in sound.channels:
        part = samples[max(begin - 1, 0):end]
        steps.append(max((abs(b - a) for a, b in zip(part, part[1:])), default=0.0))
    return max(steps)


def quiet(text):
    """The program behind one factor: what it sends to its outputs."""
    return re.sub(r"(?m)^((?:out|[od])\d*\b)([ \t]*[$:=#]?[ \t]*)(.+(?:\n[ \t].+)*)$",
                  lambda m: "%s $ (%s\n ) * %g" % (m.group(1), m.group(3), QUIETER), text)


def compiles(folder, name, text):
    path = folder.file(name, text)
    error = run(os.path.join(os.environ["PHONON_BUILD"], "client/phonon-send"), "--check", path,
                expect=None)
    return path if not any("error:" in part for part in error) else None


def rendered(folder, path, name, seconds, edits=()):
    out = folder.file(name)
    command = [RENDER, path, out, "--quiet", "--seconds", "%g" % seconds]
    for frame, program in edits:
        command += ["--at", str(frame), program]
    run(*command)
    return Sound(out)


def check_chain(r, example, text):
    with Folder() as folder:
        paths = []
        while len(paths) <= CHAIN:
            next_text = text if not paths else edited(r, text)
            path = compiles(folder, "p%d.ph" % len(paths), quiet(next_text))
            if path is None and paths:
                continue
            assert path, example
            paths.append(path)
            text = next_text
        seconds = (CHAIN + 1) * SPACING / RATE
        twins = [rendered(folder, p, "t%d.wav" % i, seconds) for i, p in enumerate(paths)]
        switches = [(SPACING * i // 64 * 64, p) for i, p in enumerate(paths[1:], 1)]
        made = rendered(folder, paths[0], "edits.wav", seconds, switches)
        assert all(math.isfinite(x) for samples in made.channels for x in samples), example
        for i, (frame, path) in enumerate(switches):
            around = frame - SPACING, frame + SPACING # wide: noise is another in every run
            own = max(largest_step(made, around[0], frame),
                      sum(largest_step(t, *around) for t in twins[i:i + 2]))
            step = largest_step(made, frame, frame + WINDOW)
            assert step <= own + CROSSFADE, "%s, edit %d: a step of %.4f, its own are %.4f\n%s" % (
                example, i + 1, step, own, open(path).read())


def test_edits_make_no_click():
    r = random.Random(7)
    for i in range(max(N_EDITS // CHAIN, 1)):
        if i % 3 == 0:
            check_chain(r, "SMOOTH", SMOOTH)
        else:
            example = EXAMPLES[i % len(EXAMPLES)]
            check_chain(r, example, open(example).read())


main(globals())
