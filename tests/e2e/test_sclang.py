#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sclang's own classes against a server: phonond, or scsynth or supernova for comparison.

usage: test_sclang.py [phonond|scsynth|supernova|COMMAND] [--protocol udp|tcp] [--part NAME]... [-v]

sclang boots the server itself, as a user's sclang does, and runs the parts in sclang/. phonond plays
into its dummy driver; the others get a JACK server of their own.
exit: 0 all checks are good, 1 some are not, 77 sclang or the server is not installed (skipped).
"""
import argparse
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ["nodes", "buses", "buffers", "patterns", "proxies", "replies", "recording", "session"]
sys.path.insert(0, HERE)
os.environ.setdefault("PHONON_BUILD", ".")
from support import PHONOND, free_port  # noqa: E402


class Jack:
    """A JACK server of its own name; what is started with `environment` plays into it."""

    def __init__(self, folder):
        self.name = "ph_sclang_%d" % os.getpid()
        self.process = subprocess.Popen(["jackd", "-r", "-n", self.name, "-d", "dummy", "-r", "48000", "-p", "256"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        if self.process.poll() is not None:
            raise OSError("jackd does not run here")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)


def sclang_environment(folder, **more):
    """sclang without a screen, with settings and files of its own in `folder`."""
    own = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1",
           "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox", "XDG_RUNTIME_DIR": folder,
           "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_CACHE_HOME": folder}
    return dict(os.environ, **own, **more)


def run_sclang(script, environment, seconds, verbose, options=()):
    """What sclang printed, line by line; it is killed after `seconds`."""
    process = subprocess.Popen(["sclang", *options, script], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    end = time.monotonic() + seconds
    os.set_blocking(process.stdout.fileno(), False)
    text = b""
    while process.poll() is None and time.monotonic() < end:
        part = process.stdout.read()
        if part:
            text += part
            if verbose:
                sys.stdout.write(part.decode(errors="replace"))
                sys.stdout.flush()
        time.sleep(0.02)
    text += process.stdout.read() or b""
    if process.poll() is None:
        text += b"\nBAD sclang: still running after %d s\n" % seconds
    try:  # the server that sclang started is in its session
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    return text.decode(errors="replace").splitlines()


def check(program, protocol, parts, verbose):
    """The lines of checks that are bad, and how many were made."""
    jack = None
    with tempfile.TemporaryDirectory(prefix="phonon-sclang-") as folder:
        environment = sclang_environment(
            folder, E2E_PROGRAM=program, E2E_PROTOCOL=protocol, E2E_PORT=str(free_port()), E2E_FOLDER=folder,
            E2E_PARTS=":".join(os.path.join(HERE, "sclang", p + ".scd") for p in parts))
        if "dummy" not in program:
            jack = Jack(folder)
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
    for protocol in [options.protocol] if options.protocol else ["udp", "tcp"]:
        bad, n_checks = check(program, protocol, options.part or PARTS, options.v)
        print("%s over %s: %d checks, %d bad" % (program.split()[0], protocol, n_checks, len(bad)))
        print("\n".join(bad))
        failed |= bool(bad) or n_checks == 0
    sys.exit(failed)


main()
