# SPDX-License-Identifier: GPL-3.0-or-later
"""A real JACK server (`jackd -r -d dummy`), started here and stopped by its process id."""
import os
import re
import time

from jack import Jack
from support import PHONOND, Daemon, Folder, free_port, main, run

EXAMPLE = __file__.replace("tests/e2e/test_jack.py", "examples/m.ph")


def test_the_example_plays_through_jack_at_several_periods():
    for period in (64, 256, 1024):
        with Jack(period) as jack, Daemon("--server", jack.name, driver="jack") as daemon:
            daemon.send(EXAMPLE)
            time.sleep(1)
            status = daemon.status()
            assert status["rate"] == 48000 and status["period"] == period, status
            assert status["peak_left"] > 0.05 and status["cycle"] > 0.2, status
            assert status["non_finite"] == 0 and status["late"] == 0, status


def test_the_callback_does_nothing_forbidden_under_jack():
    guard = os.environ.get("PHONON_GUARD")
    if not guard:  # only in builds with -Drt_guard=true, as scripts/test makes one
        return
    with Jack(128) as jack, Folder() as folder:
        with Daemon("--server", jack.name, driver="jack",
                    environment={"LD_PRELOAD": guard}) as daemon:
            text = open(EXAMPLE).read()
            for step in range(10):
                daemon.send(folder.file("m.ph", text.replace("900", str(700 + step))))
                time.sleep(0.1)
        found = re.search(r"callbacks (\d+) allocations (\d+) locks (\d+) calls (\d+)",
                          daemon.log())
        assert found and int(found[1]) > 100, daemon.log()
        assert [int(x) for x in found.groups()[1:]] == [0, 0, 0], daemon.log()


def test_the_servers_own_name_is_refused():
    with Jack() as jack:
        out, error = run(PHONOND, "-u", str(free_port()), "--driver", "jack", "--server", jack.name,
                         "--name", jack.name, expect=None)
        assert "name" in error, error
        # the server lives on: another client gets in
        with Daemon("--server", jack.name, driver="jack") as daemon:
            assert daemon.status()["rate"] == 48000


def test_without_a_server_the_message_says_what_to_start():
    out, error = run(PHONOND, "-u", str(free_port()), "--driver", "jack", "--server",
                     "ph_no_such", expect=1)
    assert "jackd" in error, error


def test_the_servers_death_ends_the_daemon_with_a_message():
    with Jack() as jack:
        daemon = Daemon("--server", jack.name, driver="jack")
        try:
            daemon.send(EXAMPLE)
            time.sleep(0.3)
            jack.process.kill()
            begin = time.monotonic()
            code = daemon.process.wait(timeout=10)
            assert code != 0 and time.monotonic() - begin < 6, (code, time.monotonic() - begin)
            assert "gone" in daemon.log(), daemon.log()
        finally:
            daemon.stop(expect=None)


main(globals())
