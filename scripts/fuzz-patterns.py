# SPDX-License-Identifier: GPL-3.0-or-later
"""Pattern code of one expression of each feature of tests/vectors, as inputs for a fuzzer.
usage: fuzz-patterns.py PHONON-QUERY FOLDER"""
import json
import lzma
import os
import subprocess
import sys

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "vectors")


def expressions():
    """(feature, expression, type), the longest of each."""
    longest = {}
    for name in sorted(os.listdir(VECTORS)):
        if not name.endswith(".jsonl.xz"):
            continue
        with lzma.open(os.path.join(VECTORS, name), "rt", encoding="utf-8") as lines:
            for vector in map(json.loads, lines):
                before = longest.get(vector["feature"])
                if vector["tidal"] is not None and (not before or len(before[1]) < len(vector["expr"])):
                    longest[vector["feature"]] = (vector["feature"], vector["expr"], vector["type"])
    return longest.values()


program, folder = sys.argv[1:]
for feature, expression, kind in expressions():
    subprocess.run([program, "--tidal", "--type", kind, "--code", os.path.join(folder, feature), expression],
                   stderr=subprocess.DEVNULL, check=False)  # what does not compile makes no input
print("%d inputs" % len(os.listdir(folder)))
