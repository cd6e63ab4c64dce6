#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled SynthDefs on phonond: each is loaded, started, heard for a second, freed.

usage: test_synthdefs.py [FOLDER...] [--server PORT]

Without folders: a few definitions that are made here, good ones and bad ones. With folders: every
.scsyndef in them; what is bad about one is told in a line of its own: units that phonond lacks, a
/fail, a value that is not finite, no /n_go or no /n_end. `--server` uses a server that runs
already, scsynth for example; non-finite values are phonond's own to count.
"""
import argparse
import glob
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("PHONON_BUILD", ".")
import osc  # noqa: E402
import scgf  # noqa: E402
from scgf import AUDIO, CONTROL, Graph  # noqa: E402
from support import PHONOND, Daemon, run  # noqa: E402
from support import main as run_tests  # noqa: E402

AT_A_TIME = 16  # synths that play side by side


def known_units():
    """Names of --units and the rates of each."""
    lines = [line.split() for line in run(PHONOND, "--units")[0].splitlines()]
    return {line[0]: [r for r in line[1:] if r in ("ir", "kr", "ar", "dr")]
            for line in lines if line}


def lacking(definition, known):
    """What the unit table says against a definition: unknown units, rates a unit has not."""
    rates = ("ir", "kr", "ar", "dr")
    return sorted({u.name if u.name not in known else "%s.%s" % (u.name, rates[u.rate])
                   for u in definition.units
                   if u.name not in known or rates[u.rate] not in known[u.name]})


class Server:
    """A running server and a client that is registered with it."""

    def __init__(self, port, daemon=None):
        self.daemon, self.client, self.last_id = daemon, osc.Client(port), 2000
        self.client.send("/notify", 1)
        assert self.client.wait("/done", "/notify"), "no answer to /notify"
        for buffer, channels in ((0, 1), (1, 2), (2, 1)):
            self.client.send("/b_alloc", buffer, 48000, channels)
            self.client.send("/b_gen", buffer, "sine1", 5, 0.5, 0.25, 0.125)
        self.client.sync()
        self.client.heard.clear()

    def next_id(self):
        self.last_id += 1
        return self.last_id

    def not_finite(self):
        """Names of definitions whose synths have made such values, as status tells them."""
        if not self.daemon:
            return 0, ""
        status = self.daemon.status()
        return status["non_finite"], status["non_finite_in"]


def failures(heard):
    return ["%s: %s" % tuple(str(x).strip() for x in m[1:3]) for m in heard if m[0] == "/fail"]


def load(server, path):
    """(definitions of a file, what is bad about loading it)"""
    data = open(path, "rb").read()
    server.client.send("/d_recv", data)
    return scgf.read(data), failures(server.client.sync())


def play(server, names, seconds):
    """{name: list of complaints} for definitions that play side by side."""
    client, complaints, heard = server.client, {}, []
    groups = {name: server.next_id() for name in names}  # some free what is beside or above them
    ids = {name: server.next_id() for name in names}
    for name in names:
        client.send("/g_new", groups[name], 1, 0)
        client.send("/s_new", name, ids[name], 0, groups[name])
        new = client.sync()
        complaints[name] = failures(new)
        heard += new
    time.sleep(seconds)
    heard += client.sync()
    for name in names:
        if not complaints[name] and not any(m[:2] == ["/n_end", ids[name]] for m in heard):
            client.send("/n_free", ids[name])
    end = time.monotonic() + 2
    while time.monotonic() < end and not all(
            complaints[n] or any(m[:2] == ["/n_end", ids[n]] for m in heard) for n in names):
        heard += client.sync()
        time.sleep(0.05)
    heard += client.sync()
    for name in names:
        client.send("/n_free", groups[name])
        for reply in () if complaints[name] else ("/n_go", "/n_end"):
            if not any(m[:2] == [reply, ids[name]] for m in heard):
                complaints[name].append("no " + reply)
    client.sync()
    return complaints


def play_all(server, names, seconds=1.0):
    """As play(), by and by; where values were not finite, once more, one by one, to know whose."""
    complaints = {}
    for at in range(0, len(names), AT_A_TIME):
        part = names[at:at + AT_A_TIME]
        before = server.not_finite()[0]
        complaints.update(play(server, part, seconds))
        if server.not_finite()[0] == before:
            continue
        for name in part:
            before = server.not_finite()[0]
            play(server, [name], seconds)
            if server.not_finite()[0] != before:
                complaints[name].append("not finite")
    return complaints


def check_folder(server, folder, known):
    """Prints a line for each definition that is bad; returns (definitions, bad ones)."""
    complaints, names = {}, []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.scsyndef"), recursive=True)):
        definitions, failed = load(server, path)
        for d in definitions:
            missing = lacking(d, known) if known else []
            complaints[d.name] = failed + ["lacks " + " ".join(missing)] * bool(missing)
            if not complaints[d.name]:
                names.append(d.name)
    complaints.update(play_all(server, names))
    for name, why in sorted(complaints.items()):
        if why:
            print("BAD  %s: %s" % (name, "; ".join(why)))
    return len(complaints), sum(1 for why in complaints.values() if why)


def tone(name, **more):
    g = Graph(name, freq=440.0, gate=1.0, amp=0.1, **more)
    level = g.unit("EnvGen", CONTROL, g.control("gate"), g.control("amp"), 0, 1, 2,
                   0, 2, 1, -99, 1, 0.01, 1, 0, 0, 0.1, 1, 0)
    sound = g.unit("Saw", AUDIO, g.control("freq"))
    return g, g.unit("BinaryOpUGen", AUDIO, sound, level, special=2)


def sink(g, sound):
    g.unit("Out", AUDIO, 0, sound, outputs=0)
    return g.made()


def own_definitions():
    g, sound = tone("own_filtered", cutoff=900.0)
    filtered = sink(g, g.unit("RLPF", AUDIO, sound, g.control("cutoff"), 0.3))
    g, sound = tone("own_plain")
    plain = sink(g, sound)
    g, sound = tone("own_unknown")
    unknown = sink(g, g.unit("NoSuchUnit", AUDIO, sound))
    g, sound = tone("own_not_finite")
    endless = g.unit("UnaryOpUGen", CONTROL, g.unit("DC", CONTROL, 1000), special=15)  # exp: large
    endless = g.unit("BinaryOpUGen", CONTROL, endless, endless, special=2)
    not_finite = sink(g, g.unit("BinaryOpUGen", AUDIO, sound, endless, special=2))
    return filtered, plain, unknown, not_finite


def test_what_is_written_is_read():
    for d in own_definitions():
        assert scgf.read(scgf.write([d])) == [d._replace(
            constants=[scgf.struct.unpack(">f", scgf.struct.pack(">f", c))[0] for c in d.constants],
            controls=[scgf.struct.unpack(">f", scgf.struct.pack(">f", c))[0]
                      for c in d.controls])], d.name


def test_good_definitions_have_no_complaints_and_bad_ones_have_theirs():
    filtered, plain, unknown, not_finite = own_definitions()
    known = known_units()
    assert lacking(unknown, known) == ["NoSuchUnit"]
    assert not lacking(filtered, known), lacking(filtered, known)
    with Daemon() as daemon:
        server = Server(daemon.port, daemon)
        server.client.send("/d_recv", scgf.write([filtered, plain, not_finite]))
        server.client.send("/d_recv", scgf.write([unknown]))
        server.client.sync()
        names = [d.name for d in (filtered, plain, unknown, not_finite)]
        complaints = play_all(server, names, seconds=0.3)
        assert complaints["own_filtered"] == [] and complaints["own_plain"] == [], complaints
        assert complaints["own_not_finite"] == ["not finite"], complaints
        assert "SynthDef not found" in complaints["own_unknown"][0], complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--server", type=int, metavar="PORT")
    parser.add_argument("--log", action="store_true", help="what phonond said, at the end")
    options = parser.parse_args()
    if not options.folders:
        run_tests(globals_of_tests)
    daemon = None if options.server else Daemon()
    try:
        server = Server(options.server or daemon.port, daemon)
        known, counts = known_units() if daemon else None, []
        for folder in options.folders:
            counts.append(check_folder(server, folder, known))
            print("%s: %d definitions, %d bad" % (folder, *counts[-1]))
    finally:
        if daemon:
            daemon.stop(expect=None)
            if options.log:
                print(daemon.log())
    sys.exit(1 if any(bad or not n for n, bad in counts) else 0)


globals_of_tests = {k: v for k, v in globals().items() if k.startswith("test_")}
if __name__ == "__main__":
    main()
