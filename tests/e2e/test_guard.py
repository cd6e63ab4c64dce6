# SPDX-License-Identifier: GPL-3.0-or-later
"""The audio thread neither allocates, locks nor makes a system
call while it plays, is edited and loads."""
import glob
import os
import re
import time

import tidal_stream
from dirt_sounds import make_bank
from osc import Client
from support import Daemon, Folder, free_port, main

STREAM = __file__.replace("test_guard.py", "tidal_stream.bin")
EXAMPLE = __file__.replace("tests/e2e/test_guard.py", "examples/m.ph")
GUARD = os.environ["PHONON_GUARD"]
CHORDS = "".join('o%d $ s "[saw,saw,saw,saw]*8" # note "%d 7 12 5" # lpf 900 0.3 # gain 0.1\n' %
                 (i + 1, i)
                 for i in range(8))  # work for several threads at a time
SECONDS = float(os.environ.get("PHONON_GUARD_SECONDS", "4"))


def counted(daemon):
    found = re.search(r"callbacks (\d+) allocations (\d+) locks (\d+) calls (\d+)", daemon.log())
    assert found, "the guard did not report: " + daemon.log()
    return tuple(int(x) for x in found.groups()), daemon.log()


def counts(plant=None, threads=1):
    environment = {"LD_PRELOAD": GUARD}
    if plant:
        environment["RT_GUARD_PLANT"] = plant
    with Folder() as folder:
        with Daemon("--period", "64", "--threads", str(threads), environment=environment) as daemon:
            text = open(EXAMPLE).read() + (CHORDS if threads > 1 else "")
            end = time.monotonic() + (SECONDS if not plant else 1)
            words = ["cb", "lt", "mt", "ht", "rim", "cp", "oh", "808bd", "arpy"]
            step = 0
            while time.monotonic() < end:  # edits, and a sound that was not loaded before
                changed = text.replace("900", str(600 + 10 * (step % 30)))
                changed = changed.replace('"hh(5,8)"', '"%s(5,8)"' % words[step % 9])
                daemon.send(folder.file("m.ph", changed))
                time.sleep(0.1)
                step += 1
        return counted(daemon)


def test_the_callback_does_nothing_forbidden():
    (callbacks, *offences), log = counts()
    assert callbacks > 500 * SECONDS / 2, callbacks
    assert offences == [0, 0, 0], log


def test_events_of_tidalcycles_do_not_make_it():
    """A recorded session: voices with every kind of effect
    begin and end, orbits wake and go to rest."""
    port = free_port()
    with Folder() as folder, Daemon("--period", "64", "--dirt-port", str(port), "--samples",
                                    make_bank(folder.name),
                                    environment={"LD_PRELOAD": GUARD}) as daemon:
        clients = Client(port), Client(daemon.port)
        packets = tidal_stream.read(STREAM)
        for _ in range(2):  # the first time its samples are read
            start = time.time() + 0.3
            for came, to, tag, data in packets:
                time.sleep(max(0.0, start - 0.2 + came - time.time()))
                clients[to].send_packet(tidal_stream.with_tag(data, start + (tag or 0)))
        time.sleep(0.5)
        assert daemon.status()["dirt_events"] > 800
    (callbacks, *offences), log = counted(daemon)
    assert callbacks > 500, callbacks
    assert offences == [0, 0, 0], log


def test_neither_does_it_with_workers():
    (callbacks, *offences), log = counts(threads=3)
    assert callbacks > 500 * SECONDS / 2, callbacks
    assert offences == [0, 0, 0], log


def test_no_example_makes_it():
    """Each in turn, sent twice: with a number changed and a part
    silenced, so that units end and tails ring."""
    with Folder() as folder:
        with Daemon("--period", "64", environment={"LD_PRELOAD": GUARD}) as daemon:
            for path in sorted(glob.glob(os.path.join(os.path.dirname(EXAMPLE), "*.ph"))):
                text = open(path).read()
                daemon.send(folder.file("a.ph", text))
                time.sleep(0.15)
                daemon.send(folder.file("a.ph", text.replace("0.5", "0.45") + "o99 $ 0\n"))
                time.sleep(0.1)
        (callbacks, *offences), log = counted(daemon)
    assert callbacks > 1000, callbacks
    assert offences == [0, 0, 0], log


def test_a_planted_allocation_is_caught():
    assert counts("malloc")[0][1] >= 1


def test_a_planted_lock_is_caught():
    assert counts("lock")[0][2] >= 1


def test_a_planted_system_call_is_caught():
    assert counts("syscall")[0][3] >= 1


main(globals())
