# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: the programs as a user runs them, and sound files as numbers."""
import array
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

BUILD = os.environ["PHONON_BUILD"]  # set by tests/e2e/meson.build
PHONOND = os.path.join(BUILD, "server", "phonond")
RENDER = os.path.join(BUILD, "server", "phonon-render")
SEND = os.path.join(BUILD, "client", "phonon-send")
QUERY = os.path.join(BUILD, "client", "phonon-query")
RATE = 48000
os.environ["PHONON_SAMPLES"] = ""  # the generated kit, whatever samples this machine has


class Sound:
    """A float sound file: `channels[c]` is an array of samples."""

    def __init__(self, path):
        data = open(path, "rb").read()
        assert data[:4] == b"RIFF" and data[8:12] == b"WAVE", path
        at, fmt, body = 12, None, b""
        while at + 8 <= len(data):
            name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
            if name == b"fmt ":
                fmt = struct.unpack_from("<HHI", data, at + 8)
            elif name == b"data":
                body = data[at + 8:at + 8 + size]
            at += 8 + size + (size & 1)
        kind, n, self.rate = fmt
        assert kind in (3, 0xFFFE), "not a float file"
        samples = array.array("f")
        samples.frombytes(body[:len(body) // 4 * 4])
        self.channels = [samples[c::n] for c in range(n)]
        self.n_frames = len(self.channels[0])

    def onsets(self, channel=0, silence=200):
        """Frames of the first non-zero sample after at least `silence` zeros (or the start)."""
        found, zeros = [], silence
        for frame, x in enumerate(self.channels[channel]):
            if x == 0.0:
                zeros += 1
            else:
                if zeros >= silence:
                    found.append(frame)
                zeros = 0
        return found

    def peak(self, channel=0, begin=0, end=None):
        part = self.channels[channel][begin:end]
        return max(max(part), -min(part)) if len(part) else 0.0

    def rms(self, channel=0, begin=0, end=None):
        part = self.channels[channel][begin:end]
        return (sum(x * x for x in part) / max(1, len(part))) ** 0.5


def run(*command, text=None, expect=0):
    """Runs a program to its end; returns (stdout, stderr); checks the exit status."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    if expect is not None and done.returncode != expect:
        raise AssertionError("%s: exit %d, expected %d\n%s%s" % (
            " ".join(command), done.returncode, expect, done.stdout, done.stderr))
    return done.stdout, done.stderr


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        return self

    def file(self, name, text=None):
        path = os.path.join(self.name, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
        return path


def render(folder, program, *options, name="out.wav"):
    """phonon-render of a program text."""
    source, out = folder.file(name + ".ph", program), folder.file(name)
    run(RENDER, source, out, *options)
    return Sound(out)


def free_port():
    """Free for UDP and TCP, and below the ports that the kernel gives to connections by itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Daemon:
    """phonond on the dummy driver, stopped by its process id at the end."""

    def __init__(self, *options, driver="dummy", environment=None):
        self.port = free_port()
        self.errors = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(
            [PHONOND, "-u", str(self.port), "--driver", driver, *options],
            stdout=subprocess.DEVNULL, stderr=self.errors,
            env=dict(os.environ, **(environment or {})))
        for _ in range(100):
            if self.send("status", expect=None)[0] or self.process.poll() is not None:
                break
            time.sleep(0.02)
        assert self.process.poll() is None, self.log()

    def send(self, *arguments, text=None, expect=0):
        return run(SEND, "--port", str(self.port), *arguments, text=text, expect=expect)

    def status(self):
        return json.loads(self.send("status", "--json")[0])

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def stop(self, expect=0):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        assert expect is None or code == expect, "phonond ended with %d\n%s" % (code, self.log())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        died = self.process.poll()
        if died is not None:  # what it said is why the test gave up
            print("phonond ended with %d\n%s" % (died, self.log()), file=sys.stderr)
        self.stop(expect=None if error[0] else 0)


def main(tests, at_once=1):
    """Runs every function of `tests` whose name starts with test_; meson reads the exit status.
    `at_once`: so many side by side, where they mostly wait."""
    def attempt(name):
        try:
            tests[name]()
            return "ok    " + name
        except Exception as error:  # a failing test must not hide the others
            return "FAIL  %s - %s" % (name, error)

    names = sorted(name for name in tests if name.startswith("test_"))
    with ThreadPoolExecutor(at_once) as pool:
        told = []
        for line in pool.map(attempt, names):
            print(line, flush=True)
            told.append(line)
    sys.exit(1 if any(line.startswith("FAIL") for line in told) else 0)
