# SPDX-License-Identifier: GPL-3.0-or-later
"""phonond's command line as clients of scsynth fill it: none
of it is fatal, the ready line comes."""
import subprocess

import osc
import scsynth_reference
from support import PHONOND, free_port, main, run

SCSYNTH = (
    "-a 1024 -i 2 -o 2 -c 16384 -b 1024 -n 1024 -d 1024 -m 8192 -w 64 -z 64 -Z 0 -S 0 -r 64 -D 0 "
    "-R 0 -l 1 -V -1 -U /nowhere:/neither -P /tmp -B 127.0.0.1 -L -C 1 -I 11 -O 11 -s 0 -p secret")
SONIC_PI = "-a 1024 -m 131072 -D 0 -R 0 -l 1 -i 16 -o 16 -b 4096 -B 127.0.0.1"
SUPERDIRT = "-a 1024 -i 2 -o 2 -b 262144 -m 262144 -n 32768 -w 2048 -R 0 -C 1 -l 1"
FAR_OFF = "-i 1000 -o 0 -a 2 -n 3 -l 500 -b 99999999 -z 4096 -Z 1000000 -S 1 -c 0 -Q 3 -x"


def booted(flags):
    """(first lines on stdout up to the ready line, what
    /version answers, exit status after /quit)"""
    port = free_port()
    process = subprocess.Popen([PHONOND, "--driver", "dummy", "-u", str(port), *flags.split()],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if lines[-1] == "SuperCollider 3 server ready":
                break
        client = osc.Client(port)
        client.send("/version")
        version = client.wait("/version.reply")
        client.send("/quit")
        return lines, version, process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()


def test_what_clients_give_scsynth_starts_the_server():
    for flags in (SCSYNTH, SONIC_PI, SUPERDIRT, FAR_OFF):
        lines, version, code = booted(flags)
        assert lines[-1:] == ["SuperCollider 3 server ready"], (flags, lines)
        assert version and version[1] == "scsynth" and code == 0, (flags, version, code)


def test_help_explains_scsynths_flags_and_ours():
    text = run(PHONOND, "--help")[0]
    for letter in "utBHPSZioacblnzNvp" + "dmwrDRVUCIOsL":
        assert "\n  -%s " % letter in text or "\n  -%s," % letter in text, letter
    assert "phonond's own" in text and "--voices" in text, text


def test_what_no_port_can_be_is_told():
    for flags in (["-u", "70000"], ["-u", "x"], ["-i", "many"], ["-u"]):
        out, error = run(PHONOND, "--driver", "dummy", *flags, expect=2)
        assert "phonond: " in error, error


def test_the_tables_of_the_reference_are_current():
    document = open(scsynth_reference.DOCUMENT).read()
    assert scsynth_reference.current(
        document) == document, "docs/scsynth.md is old: run scripts/scsynth-reference"
    assert document.count("\n| `/") == 63 and "| SinOsc | kr ar | freq=440, phase=0 |" in document


main(globals())
