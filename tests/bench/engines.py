# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines that are compared: how each is told the same thing, and what a run of it costs."""
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import namedtuple

Usage = namedtuple("Usage", "cpu wall log")

N_NODES, N_BUFFERS = 131072, 1024
MEMORY_KIB = 1 << 19 # of the peers' own real-time allocator
RUN_SECONDS_MAX = 900


class Failed(Exception):
    """A run that is no measurement; the text says why."""


class Engine:
    """A program that takes scsynth's options."""

    says = None # where its log tells how long it rendered

    def __init__(self, name, path, *options):
        self.name, self.path, self.options = name, path, options

    def variant(self, **_):
        """Options for an instruction set (`simd`) or a number of `threads`; None: it has none."""
        return []

    def offline(self, score, out=None, **variant):
        """Command line; without `out` the sound goes nowhere,
        so that no file system is measured."""
        more = self.variant(**variant)
        if more is None:
            return None
        target = [out, "48000", "WAV", "float"] if out else ["/dev/null", "48000", "RAW", "float"]
        return [self.path, *self.options, *more, "-i", "2", "-o", "2", "-N", score, "_", *target]

    def live(self, port, **variant):
        return [self.path, *self.options, *(self.variant(**variant) or []), "-u", str(port),
                "-i", "2", "-o", "2"]


class Scsynth(Engine):
    def variant(self, simd=None, threads=None):
        return [] if simd is None and threads in (None, 1) else None


class Supernova(Engine):
    """Starts for most of a second; the wall time of the rendering is what it says itself."""

    says = re.compile(r"Non-rt synthesis finished in ([\d.]+)s")

    def variant(self, simd=None, threads=None):
        return ["-T", str(threads or 1)] if simd is None else None


class Phonond(Engine):
    def __init__(self, name, path, *options):
        super().__init__(name, path, *options)
        self.help = subprocess.run([path, "--help"], capture_output=True, text=True).stdout

    def has(self, option):
        return option in self.help

    def variant(self, simd=None, threads=None):
        more = []
        if simd:
            if not self.has("--simd"):
                return None
            more += ["--simd", simd]
        if self.has("--threads"):
            more += ["--threads", str(threads or 1)]
        elif threads not in (None, 1):
            return None
        return more


def find_engines(build):
    """name -> engine, and name -> why there is none."""
    common = ("-n", str(N_NODES), "-b", str(N_BUFFERS), "-w", "256", "-m", str(MEMORY_KIB))
    found, absent = {}, {}
    path = os.path.join(build, "server", "phonond")
    if os.access(path, os.X_OK):
        found["phonond"] = Phonond("phonond", path, *common)
    else:
        absent["phonond"] = "no %s" % path
    # -V -1: no line per bundle, which would be the larger part of scsynth's time for an event
    for name, kind, options in (("scsynth", Scsynth, ("-D", "0", "-R", "0", "-V", "-1")),
                                ("supernova", Supernova, ("-D", "0", "-R", "0"))):
        path = shutil.which(name)
        if path:
            found[name] = kind(name, path, *common, *options)
        else:
            absent[name] = "%s is not installed" % name
    return found, absent


def run(command, folder, timeout=RUN_SECONDS_MAX, check=True):
    """Runs a program to its end. CPU time is that of the whole process, user and system."""
    log_path = os.path.join(folder, "log.txt")
    with open(log_path, "wb") as log:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        alarm = threading.Timer(timeout, process.kill)
        alarm.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status) # reaped here, not by Popen
    with open(log_path, errors="replace") as log:
        text = log.read()
    if check and process.returncode != 0:
        last = text.strip().splitlines()
        raise Failed("%s: exit %d: %s" % (os.path.basename(command[0]), process.returncode,
                                          last[-1] if last else ""))
    return Usage(used.ru_utime + used.ru_stime, wall, text)


def refusals(log):
    """What the engine said about voices that it could not play."""
    words = ("/s_new", "FAILURE", "exception", "too many nodes", "alloc failed")
    lines = [line for line in log.splitlines() if any(w in line for w in words)]
    unknown = [line for line in log.splitlines() if "unit not known" in line]
    return [line.removeprefix("phonond: warning: ") for line in lines and unknown + lines]


class Process:
    """A server that runs beside the script, and is ended by its number."""

    def __init__(self, command, folder, name, environment=None):
        self.log_path = os.path.join(folder, name + ".log")
        self.log = open(self.log_path, "wb")
        self.begin = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, env={**os.environ, **(environment or {})})
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def is_alive(self):
        return self.process.poll() is None

    def last_line(self):
        with open(self.log_path, errors="replace") as log:
            lines = log.read().strip().splitlines()
        return lines[-1] if lines else ""

    def resident_bytes(self):
        """(all, of it memory shared with other processes)."""
        with open("/proc/%d/status" % self.pid) as f:
            fields = dict(line.split(":", 1) for line in f
                          if line.startswith(("VmRSS", "RssShmem")))
        return [1024 * int(fields[name].split()[0]) for name in ("VmRSS", "RssShmem")]
