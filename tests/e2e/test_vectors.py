# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever TidalCycles answers, phonon-query --tidal answers:
onset by onset, and nearly all pieces."""
import functools
import json

import vectors
from support import QUERY, main

MERGED_LEAST = 0.99  # share of the expressions whose pieces agree, too; all agree in their onsets
SHOWN = 20


@functools.lru_cache
def answers():
    """(vector, answer) of every vector that is asked."""
    asked = [v for kind in vectors.KINDS for v in vectors.read(kind) if not v.get("host")]
    return list(zip(asked, vectors.ask(QUERY, asked)))


def verdicts(level):
    return [(vector, answer, vectors.holds(vector, answer, level)) for vector, answer in answers()]


def shown(vector, answer):
    return "%s  %s\n    wanted %.300s\n    got    %.300s" % (
        vector["id"], vector["expr"], json.dumps(vector["tidal"]), json.dumps(answer))


def test_every_expression_starts_the_events_that_tidal_starts():
    wrong = [shown(vector, answer) for vector, answer, right in verdicts("onset") if not right]
    assert not wrong, "%d wrong\n%s" % (len(wrong), "\n".join(wrong[:SHOWN]))


def test_nearly_every_expression_has_the_pieces_that_tidal_has():
    results = verdicts("merged")
    wrong = [shown(vector, answer) for vector, answer, right in results if not right]
    assert len(wrong) <= (1 - MERGED_LEAST) * len(results), "%d of %d wrong\n%s" % (
        len(wrong), len(results), "\n".join(wrong[:SHOWN]))


def test_the_vectors_are_all_there():
    count = sum(len(vectors.read(kind)) for kind in vectors.KINDS)
    assert count == 2144, count


# ---- the comparison itself: it must not take everything ------------------------------------------

BEAT = ["0/1", "1/2", "0/1", "1/2", "a"]


def right(answer, rows, level="merged", **more):
    return vectors.holds(dict({"tidal": rows}, **more), answer, level)


def test_comparison_takes_what_is_equal():
    halves = [["0/1", "2/1", "0/1", "1/1", "a"], ["0/1", "2/1", "1/1", "2/1", "a"]]
    assert right([["0/1", "2/1", "0/1", "2/1", "a"]], halves), "parts that touch are one"
    assert right([BEAT, BEAT, halves[0]], [halves[0], BEAT, BEAT]), "order does not count"
    assert right([["0/1", "1/1", "0/1", "1/1", 0.5]], [["0/1", "1/1", "0/1", "1/1", "1/2"]])
    assert right([["0/1", "1/1", "0/1", "1/1", {"n": 1 + 1e-12}]],
                 [["0/1", "1/1", "0/1", "1/1", {"n": 1}]])
    assert right([], None, error="runtime") and right({"error": "parse"}, None, error="parse")
    assert right({"error": "parse"}, [BEAT], tidal_1_7_10="parse error")
    assert right([BEAT], [], tidal_alt=[{"haps": [BEAT]}])
    tail = ["0/1", "1/1", "1/2", "1/1", "a"]
    assert right([BEAT, tail], [BEAT], "onset") and not right([BEAT, tail], [BEAT])
    assert right([BEAT, tail], [BEAT], odd_fragments=True)
    late = ["0/1", "1/2", "1/99999999999", "1/2", "a"]
    assert right([late], [BEAT], approx_time=True) and not right([late], [BEAT])


def test_comparison_refuses_what_differs():
    for answer in ([], [BEAT, BEAT], {"error": "parse"}, [["0/1", "1/2", "0/1", "1/2", "b"]],
                   [["0/1", "1/3", "0/1", "1/2", "a"]], [["1/4", "1/2", "1/4", "1/2", "a"]],
                   [[None, None, "0/1", "1/2", "a"]], [["0/1", "1/2", "0/1", "1/2", {"s": "a"}]]):
        for level in ("onset", "merged"):
            assert not right(answer, [BEAT], level), (answer, level)
    assert not right([BEAT], None, error="parse") and not right([BEAT], None, error="runtime")
    assert not right([[None, None, "0/1", "1/1", 0.5]],
                     [[None, None, "0/1", "1/1", 0.50001]], "onset")
    assert not right([[None, None, "0/1", "1/2", 1]], [[None, None, "0/1", "1/1", 1]], "onset")
    assert not right([["0/1", "1/1", "0/1", "1/1", {"n": 1}]],
                     [["0/1", "1/1", "0/1", "1/1", {"n": 1, "s": "a"}]])


main(globals())
