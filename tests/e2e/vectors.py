# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of phonon-query against those of TidalCycles: tests/vectors/README.md."""
import collections
import json
import lzma
import os
import re
import subprocess
from fractions import Fraction

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")
KINDS = ("mini", "transform", "random", "controls")
PRECISION = 1e-9  # of numbers, relative; of times where Tidal's are those of a double

Event = collections.namedtuple("Event", "whole begin end value")  # whole: (begin, end), or None


def read(kind):
    with lzma.open(os.path.join(FOLDER, kind + ".jsonl.xz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def request(vector):
    """The line of --batch that asks for a vector."""
    fields = [str(vector.get("cycles", 0)), vector["expr"], vector["type"]]
    if "begin" in vector:
        fields += [vector["begin"], vector["end"]]
    return "\t".join(fields)


def ask(program, vectors, timeout=600):
    lines = "".join(request(v) + "\n" for v in vectors)
    done = subprocess.run([program, "--tidal", "--batch"], input=lines.encode(), timeout=timeout,
                          capture_output=True, check=True)
    answers = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert len(answers) == len(vectors), "%d answers to %d lines" % (len(answers), len(vectors))
    return answers


# ---- values and events ---------------------------------------------------------------------------


def number(value):
    """A number of any type, booleans and "n/d" too; None for a word."""
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d+/\d+", value):
        return float(Fraction(value))
    return None


def equal(a, b):
    if isinstance(a, dict) or isinstance(b, dict):
        return (isinstance(a, dict) and isinstance(b, dict) and set(a) == set(b)
                and all(equal(a[key], b[key]) for key in a))
    x, y = number(a), number(b)
    if x is None or y is None:
        return a == b
    return abs(x - y) <= PRECISION * max(1.0, abs(x), abs(y))


def events_of(rows):
    return [Event(None if row[0] is None else (Fraction(row[0]), Fraction(row[1])),
                  Fraction(row[2]), Fraction(row[3]), row[4]) for row in rows]


def joined(events):
    """Parts that touch, of one whole and value, as one."""
    done = collections.defaultdict(list)  # by whole, and where the next part would have to begin
    for event in sorted(events, key=lambda e: (e.begin, e.end)):
        before = done[event.whole, event.begin] if event.whole else []
        piece = next((e for e in before if equal(e.value, event.value)), None)
        if piece is not None:
            before.remove(piece)
            event = event._replace(begin=piece.begin)
        done[event.whole, event.end].append(event)
    return [event for same in done.values() for event in same]


def started(events):
    """What a player acts on. The part of an event with an onset does not count."""
    return [e._replace(begin=None, end=None) if e.whole else e for e in events
            if e.whole is None or e.whole[0] == e.begin]


def near(times, others):
    return all(x == y or (x is not None and y is not None and abs(x - y) <= PRECISION)
               for x, y in zip(times, others))


def times(event):
    return (*(event.whole or (None, None)), event.begin, event.end)


def same(events, others, roughly):
    """Each event has its counterpart. `roughly`: times need not be exact."""
    if len(events) != len(others):
        return False
    rest = collections.defaultdict(list)
    for event in others:
        rest[None if roughly else times(event)].append(event)
    for event in events:
        candidates = rest[None if roughly else times(event)]
        found = next((e for e in candidates if equal(e.value, event.value)
                      and near(times(e), times(event))), None)
        if found is None:
            return False
        candidates.remove(found)
    return True


# ---- verdicts ------------------------------------------------------------------------------------


def holds(vector, answer, level):
    """True when the answer is right at a level, "onset" or "merged"."""
    failed = isinstance(answer, dict)
    if vector["tidal"] is None:
        return failed or (vector["error"] == "runtime" and not answer)
    if failed:
        return "tidal_1_7_10" in vector
    if vector.get("odd_fragments"):
        level = "onset"
    view = started if level == "onset" else lambda events: events
    ours = view(joined(events_of(answer)))
    expected = [vector["tidal"]] + [other["haps"] for other in vector.get("tidal_alt", [])
                                    if other.get("haps") is not None]
    return any(same(ours, view(joined(events_of(rows))), vector.get("approx_time", False))
               for rows in expected)
