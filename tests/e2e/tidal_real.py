#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
TidalCycles itself (ghc and Debian's libghc-tidal-dev) plays into phonond: no event lost, none
late, none doubled.

    PHONON_BUILD=BUILD python3 tests/e2e/tidal_real.py [--seconds 60] [--record FILE]

A relay between the two stores every packet; what phonond counted is compared with what the relay
saw, and the onsets in the sound of a sparse part with its time tags. --record writes the packets
for test_dirt.py (see tidal_stream.py). Exit status 77 where the compiler or the package is not
installed.
"""
import argparse
import collections
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("PHONON_BUILD", ".")
from dirt_sounds import make_bank  # noqa: E402
from osc import decode  # noqa: E402
from support import RATE, Daemon, Sound, free_port  # noqa: E402
from tidal_relay import Relay, parameters, seconds_of  # noqa: E402
import tidal_stream  # noqa: E402

ONSET = RATE // 20  # frames of silence between two kicks of the sparse part
CLOCK = 48  # frames, 1 ms: the wall clock is read by a thread that a busy machine may wake late


def compile_player(folder):
    """The program, or None where TidalCycles can't be compiled."""
    if not shutil.which("ghc") or not shutil.which("ghc-pkg"):
        return None
    if subprocess.run(["ghc-pkg", "describe", "tidal"], capture_output=True).returncode:
        return None
    program = os.path.join(folder, "play")
    subprocess.run(["ghc", "-v0", "-outputdir", folder, "-o", program,
                    os.path.join(HERE, "tidal", "Play.hs")],
                   check=True, timeout=600)
    return program


def session(program, seconds, mode, bank, *options):
    """Status of phonond after a session, and what the relay saw of it."""
    dirt_port = free_port()
    with Daemon("--dirt-port", str(dirt_port), "--samples", bank, "-T", "1", "-Z", "256",
                *options) as daemon:
        relay = Relay(dirt_port, daemon.port)
        player = subprocess.Popen([program, *map(str, relay.ports), str(seconds), mode],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = player.communicate(timeout=seconds + 60)[0]
        time.sleep(0.5)
        status, log = daemon.status(), daemon.log()
        relay.stop()
    assert said.rstrip().endswith("end") and player.returncode == 0, said
    return status, relay, said, log


def duplicates(plays):
    """Events that came more than once: the same bytes at the same time. Tidal itself may say so:
    "bd,bd"."""
    counts = collections.Counter((tag, message) for _, tag, message in plays)
    return sum(n - 1 for n in counts.values())


def report(status, relay):
    plays, sets = relay.messages("/dirt/play"), relay.messages("/c_set")
    ahead = sorted(seconds_of(tag) - came for came, tag, _ in plays)
    print("events %d, on control buses %d, ahead of their time %.0f..%.0f ms, twice the same %d" %
          (len(plays), len(sets), 1000 * ahead[0], 1000 * ahead[-1], duplicates(plays)))
    print("phonond: " + ", ".join("%s %s" % (k, status[k]) for k in COUNTED))
    return plays, sets


COUNTED = ("dirt_events", "dirt_orbits", "dirt_late", "dirt_late_worst", "dirt_ignored",
           "dirt_clamped", "dirt_waiting", "dirt_unknown", "late", "stolen", "dropped_commands",
           "kernel_drops", "malformed", "non_finite", "xruns", "load_worst")


def check_counters(status, plays):
    for name in ("dirt_late", "dirt_ignored", "dirt_clamped", "dirt_waiting", "late", "stolen",
                 "dropped_commands", "dropped_reports", "kernel_drops", "malformed", "non_finite"):
        assert status[name] == 0, "%s: %s" % (name, status[name])
    assert status["dirt_events"] == len(plays), "%d of %d events" % (status["dirt_events"],
                                                                     len(plays))
    by_orbit = collections.Counter(int(parameters(m).get("orbit", 0)) for _, _, m in plays)
    told = {int(k): int(v) for k, v in (x.split(":") for x in status["dirt_orbits"].split())}
    assert told == by_orbit, (told, by_orbit)


def play_set(program, seconds, bank):
    status, relay, said, log = session(program, seconds, "set", bank)
    print(said.rstrip())
    plays, sets = report(status, relay)
    check_counters(status, plays)
    assert "warning" not in log, log
    set_buses = {decode(m)[1] for _, _, m in sets}
    follow = {int(v[1:]) for _, _, m in plays for k, v in parameters(m).items()
              if k in ("cutoff", "pan") and isinstance(v, str) and v[:1] == "c"}
    assert set_buses and set_buses == follow, "buses set %s, followed %s" % (set_buses, follow)
    assert relay.messages("/dirt/handshake"), "Tidal asked for no handshake"
    seen = set()
    for _, _, message in plays:
        seen |= set(parameters(message))
    print("parameters: " + " ".join(sorted(seen)))
    return relay


def play_sparse(program, seconds, bank, folder):
    path = os.path.join(folder, "sparse.wav")
    status, relay, _, _ = session(program, seconds, "sparse", bank, "--capture", path,
                                  "--capture-seconds", str(seconds + 20))
    plays, _ = report(status, relay)
    check_counters(status, plays)
    onsets = Sound(path).onsets(silence=ONSET)
    assert len(onsets) == len(plays), "%d onsets of %d events" % (len(onsets), len(plays))
    frames = sorted(seconds_of(tag) * RATE for _, tag, _ in plays)
    off = [(a - onsets[0]) - (b - frames[0]) for a, b in zip(onsets, frames)]
    print("onsets %d, off their time tags by %.2f frames" % (len(onsets), max(off) - min(off)))
    assert max(off) - min(off) <= CLOCK, off


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=60,
                           help="of the set; the sparse part takes a sixth")
    arguments.add_argument("--record", help="write the packets of the set here")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = compile_player(folder)
        if not program:
            print("no ghc, or no libghc-tidal-dev")
            return 77
        bank = make_bank(folder)
        play_sparse(program, max(4, given.seconds // 6), bank, folder)
        relay = play_set(program, given.seconds, bank)
        if given.record:
            tidal_stream.write(given.record, relay.packets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
