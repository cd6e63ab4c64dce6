#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sclang's own classes against a server: phonond, or scsynth or supernova for comparison.

usage: test_sclang.py [phonond|scsynth|supernova|COMMAND] [--protocol udp|tcp] [--part NAME]... [-v]

sclang boots the server itself, as a user's sclang does, and runs the parts in sclang/. phonond
plays into its dummy driver; the others get a JACK server of their own.
exit: 0 all checks are good, 1 some are not, 77 sclang or the server is not installed (skipped).
"""
import argparse
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ["nodes", "buses", "buffers", "patterns", "proxies", "replies", "recording", "session"]
sys.path.insert(0, HERE)
os.environ.setdefault("PHONON_BUILD", ".")
from sclang_runs import Jack, run_sclang, sclang_environment  # noqa: E402
from support import PHONOND, free_port  # noqa: E402


def check(program, protocol, parts, verbose):
    """The lines of checks that are bad, and how many were made."""
    jack = None
    with tempfile.TemporaryDirectory(prefix="phonon-sclang-") as folder:
        environment = sclang_environment(
            folder, E2E_PROGRAM=program, E2E_PROTOCOL=protocol, E2E_PORT=str(free_port()),
            E2E_FOLDER=folder,
            E2E_PARTS=":".join(os.path.join(HERE, "sclang", p + ".scd") for p in parts))
        if "dummy" not in program:
            jack = Jack()
            environment["JACK_DEFAULT_SERVER"] = jack.name
        try:
            lines = run_sclang(os.path.join(HERE, "sclang", "main.scd"), environment, 240, verbose)
        finally:
            if jack:
                jack.stop()
    bad = [line for line in lines if line.startswith("BAD ")]
    good = [line for line in lines if line.startswith("ok ")]
    if "end" not in lines:
        bad.append("BAD sclang: the run did not reach its end\n" + "\n".join(lines[-30:]))
    return bad, len(good) + len(bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="phonond")
    parser.add_argument("--protocol", choices=["udp", "tcp"])
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    program = options.program
    if program == "phonond":
        program = PHONOND + " --driver dummy"
    for needed in ["sclang", program.split()[0]] + ([] if "dummy" in program else ["jackd"]):
        if not shutil.which(needed):
            print("skipped: %s is not installed" % needed)
            sys.exit(77)
    failed = False
    protocols = [options.protocol] if options.protocol else ["udp", "tcp"]
    with ThreadPoolExecutor() as pool:  # most of a run is waiting
        runs = [pool.submit(check, program, p, options.part or PARTS, options.v) for p in protocols]
    for protocol, (bad, n_checks) in zip(protocols, [run.result() for run in runs]):
        print("%s over %s: %d checks, %d bad" % (program.split()[0], protocol, n_checks, len(bad)))
        print("\n".join(bad))
        failed |= bool(bad) or n_checks == 0
    sys.exit(failed)


main()
