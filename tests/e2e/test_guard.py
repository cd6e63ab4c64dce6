# SPDX-License-Identifier: GPL-3.0-or-later
"""The audio thread neither allocates, locks nor makes a system call while it plays, is edited and loads."""
import os
import re
import time

from support import Daemon, Folder, main

EXAMPLE = __file__.replace("tests/e2e/test_guard.py", "examples/m.ph")
GUARD = os.environ["PHONON_GUARD"]
CHORDS = "".join('o%d $ s "[saw,saw,saw,saw]*8" # note "%d 7 12 5" # lpf 900 0.3 # gain 0.1\n' % (i + 1, i)
                 for i in range(8))  # work for several threads at a time
SECONDS = float(os.environ.get("PHONON_GUARD_SECONDS", "4"))


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
                changed = text.replace("900", str(600 + 10 * (step % 30))).replace('"hh(5,8)"', '"%s(5,8)"' % words[step % 9])
                daemon.send(folder.file("m.ph", changed))
                time.sleep(0.1)
                step += 1
        found = re.search(r"callbacks (\d+) allocations (\d+) locks (\d+) calls (\d+)", daemon.log())
        assert found, "the guard did not report: " + daemon.log()
        return tuple(int(x) for x in found.groups()), daemon.log()


def test_the_callback_does_nothing_forbidden():
    (callbacks, *offences), log = counts()
    assert callbacks > 500 * SECONDS / 2, callbacks
    assert offences == [0, 0, 0], log


def test_neither_does_it_with_workers():
    (callbacks, *offences), log = counts(threads=3)
    assert callbacks > 500 * SECONDS / 2, callbacks
    assert offences == [0, 0, 0], log


def test_a_planted_allocation_is_caught():
    assert counts("malloc")[0][1] >= 1


def test_a_planted_lock_is_caught():
    assert counts("lock")[0][2] >= 1


def test_a_planted_system_call_is_caught():
    assert counts("syscall")[0][3] >= 1


main(globals())
