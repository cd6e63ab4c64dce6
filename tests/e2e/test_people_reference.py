# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference: phonon-send --functions, phonon-query --list, docs/functions.md."""
import os
import re

from support import QUERY, SEND, main, run

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def test_the_document_is_current():
    with open(os.path.join(TOP, "docs", "functions.md")) as f:
        document = f.read()
    assert run(SEND, "--functions", "--markdown")[0] == document, \
        "docs/functions.md is old: run scripts/functions"


def test_both_programs_list_the_same():
    assert run(SEND, "--functions")[0] == run(QUERY, "--list")[0]


def test_every_line_has_a_name_arguments_and_a_text():
    lines = run(SEND, "--functions")[0].splitlines()
    assert len(lines) > 100
    for line in lines:
        assert re.match(r"[A-Za-z_0-9']+ .* \S", line), line
        assert len(line) < 420, line


def test_one_function_is_told_in_full():
    text, _ = run(SEND, "--functions", "lpf")
    assert re.search(r":cutoff +Hz +required", text), text
    assert re.search(r":q .*1, 0\.1 to 40", text), text
    assert run(SEND, "--functions", "degrade_by")[0].startswith("degradeBy ")
    alias = run(SEND, "--functions", "dup")[0]
    assert alias.startswith("fast ") and "dup" in alias, alias


def test_an_unknown_function_names_the_nearest():
    _, error = run(SEND, "--functions", "revreb", expect=2)
    assert "did you mean reverb?" in error, error


def test_every_described_function_is_in_the_document_once():
    document = run(SEND, "--functions", "--markdown")[0]
    names = [line.split()[0] for line in run(SEND, "--functions")[0].splitlines()]
    for name in names:
        rows = re.findall(r"^\| %s \|" % re.escape(name.replace("_", "\\_")), document, re.M)
        assert len(rows) == 1, (name, rows)


main(globals())
