# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/scsynth.md with its tables as phonond's are: between `<!-- NAME` and `<!-- end -->`."""
import os
import re
import sys

from support import PHONOND, run

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs",
                        "scsynth.md")


def cell(text):
    return text.replace("|", "\\|").replace("*", "\\*")


def commands():
    rows = [line.split("\t") for line in run(PHONOND, "--commands")[0].splitlines()]
    yield "| command | number | arguments | reply | |"
    yield "|--|--|--|--|--|"
    for address, number, arguments, reply, doc in sorted(rows):
        yield "| `%s` | %s | %s | %s | %s |" % (address, number, cell(arguments),
                                                cell(reply), cell(doc))


def units():
    yield "| unit | rates | inputs |"
    yield "|--|--|--|"
    for line in sorted(run(PHONOND, "--units")[0].splitlines(), key=str.lower):
        words = line.split()
        rates = [w for w in words[1:] if w in ("ir", "kr", "ar", "dr")]
        yield "| %s | %s | %s |" % (words[0], " ".join(rates),
                                    cell(", ".join(words[1 + len(rates):])))


def current(text):
    for name, rows in (("commands", commands()), ("units", units())):
        text = re.sub(r"(<!-- %s[^\n]*-->\n).*?(<!-- end -->)" % name,
                      lambda m: m[1] + "\n".join(rows) + "\n" + m[2], text, flags=re.S)
    return text


if __name__ == "__main__":
    sys.stdout.write(current(open(DOCUMENT).read()))
