# SPDX-License-Identifier: GPL-3.0-or-later
"""
100,000 /n_set or /s_new a second from loopback, one in a packet or bundled, as fast as a clock
says: what was lost, what came late, and what the audio callback spent, beside what it spends when
nobody sends.

    python3 tests/bench/flood.py BUILD [--rate 100000] [--seconds 5]
"""
import argparse
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import osc  # noqa: E402
from scgf import synthdef  # noqa: E402

PORT = 57263
PERIOD, RATE = 256, 48000
AHEAD = 0.1  # seconds that bundles are ahead of their time
SYNTHS = 32


class Server:
    def __init__(self, build):
        self.build = build
        self.process = subprocess.Popen(
            [os.path.join(build, "server", "phonond"), "-u", str(PORT), "--driver", "dummy", "-Z",
             str(PERIOD),
             "-n", "20000"], stdout=subprocess.DEVNULL, env=dict(os.environ, PHONON_SAMPLES=""))
        self.client = osc.Client(PORT)
        self.client.wait_until_up()
        self.client.ask("/done", "/d_recv", synthdef(
            "tone", [("freq", [440.0], "kr"), ("amp", [0.001], "kr")],
            [("SinOsc", 2, ["freq", 0.0], 1), ("BinaryOpUGen", 2, [(0, 0), "amp"], 1, 2),
             ("Out", 2, [0.0, (1, 0)], 0)]))
        # lives for some 20 ms
        self.client.ask("/done", "/d_recv", synthdef(
            "blip", [("freq", [440.0], "kr")],
            [("SinOsc", 2, ["freq", 0.0], 1), ("Line", 2, [0.001, 0.0, 0.004, 2.0], 1),
             ("BinaryOpUGen", 2, [(0, 0), (1, 0)], 1, 2), ("Out", 2, [0.0, (2, 0)], 0)]))
        for i in range(SYNTHS):
            self.client.send("/s_new", "tone", 1000 + i, 0, 0)
        self.client.sync()

    def status(self):
        out = subprocess.run([os.path.join(self.build, "client", "phonon-send"), "--port",
                              str(PORT), "status", "--json"],
                             capture_output=True, text=True, timeout=10)
        return json.loads(out.stdout)

    def stop(self):
        self.client.close()
        self.process.terminate()
        self.process.wait()


def n_set(i):
    return osc.message("/n_set", 1000 + i % SYNTHS, "freq", 200.0 + i % 1000)


def s_new(i):
    return osc.message("/s_new", "blip", -1, 0, 0, "freq", 200.0 + i % 1000)


def flood(server, make, per_bundle, rate, seconds):
    """Sends by the clock: a batch each millisecond. @return messages sent, and how long it took"""
    ready = [make(i) for i in range(max(1000, per_bundle))]
    sent, began = 0, time.monotonic()
    while True:
        now = time.monotonic() - began
        if now >= seconds:
            return sent, now
        due = int(now * rate)
        while sent < due:
            if per_bundle == 1:
                server.client.send_packet(ready[sent % len(ready)])
            else:
                first = sent % (len(ready) - per_bundle + 1)
                server.client.send_packet(osc.bundle(*ready[first:first + per_bundle],
                                                     at=time.time() + AHEAD))
            sent += per_bundle
        time.sleep(0.0005)


def counts(before, after, *names):
    return ", ".join("%s %d" % (name, after[name] - before[name]) for name in names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rate", type=int, default=100000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--births", type=int, default=0, help="/s_new a second; 0: as --rate")
    args = parser.parse_args()
    for name, make, per_bundle, rate in (
            ("/n_set", n_set, 1, args.rate), ("/n_set", n_set, 20, args.rate),
            ("/s_new", s_new, 1, args.births or args.rate),
            ("/s_new", s_new, 20, args.births or args.rate)):
        server = Server(args.build)
        time.sleep(2)
        idle = server.status()
        sent, took = flood(server, make, per_bundle, rate, args.seconds)
        busy = server.status()
        server.client.sync(seconds=30)
        time.sleep(AHEAD + 0.3)
        after = server.status()
        print(
            "%s, %2d in a packet: %.0f a second; %s; callback %.2f %% of its time, idle %.2f %%, "
            "longest block %d us" % (
            name, per_bundle, sent / took,
            counts(idle, after, "kernel_drops", "dropped_commands", "dropped_reports",
                   "late", "xruns"),
            100 * busy["load_mean"], 100 * idle["load_mean"], after["block_worst_us"]))
        server.stop()


if __name__ == "__main__":
    main()
