# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the numbers come from: machine, compiler, versions, and how fast the core's clock runs."""
import datetime
import json
import os
import re
import shutil
import subprocess

# A chain of additions, each waiting for the one before: one cycle each on every processor of the
# last decades. Timed by the thread's own CPU time, so that other programs don't count.
CLOCK = r"""
#include <stdio.h>
#include <time.h>
static double counter(void) /* what bench_units counts in */
{
#ifdef __x86_64__
    return (double)__builtin_ia32_rdtsc();
#else
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
#endif
}
static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
int main(void)
{
    double best = 1e9, wall = seconds(CLOCK_MONOTONIC), ticks = counter();
    for (int attempt = 0; attempt < 5; attempt++) {
        unsigned long x = 1, n = 20000000;
        double begin = seconds(CLOCK_THREAD_CPUTIME_ID), spent;
        for (unsigned long i = 0; i < n; i += 8)
            __asm__ volatile(ADDS : "+r"(x));
        spent = (seconds(CLOCK_THREAD_CPUTIME_ID) - begin) / (double)n;
        if (spent < best)
            best = spent;
    }
    ticks = (counter() - ticks) / (seconds(CLOCK_MONOTONIC) - wall);
    printf("%.0f %.0f\n", 1 / best, ticks);
}
"""
ADD = {"x86_64": "add $1, %0", "aarch64": "add %0, %0, #1"}
FLAGS = ("sse2", "avx", "avx2", "fma", "avx512f", "avx512vl", "avx512bw", "neon", "asimd")


class Clock:
    """Cycles per second of a core, as measured now."""

    def __init__(self, folder):
        self.program = None
        add, compiler = ADD.get(os.uname().machine), shutil.which("cc") or shutil.which("gcc")
        if not add or not compiler:
            return
        source, program = os.path.join(folder, "clock.c"), os.path.join(folder, "clock")
        with open(source, "w") as f:
            f.write(CLOCK.replace("ADDS", '"%s"' % (r"\n\t".join([add] * 8))))
        if subprocess.run([compiler, "-O1", source, "-o", program],
                          capture_output=True).returncode == 0:
            self.program = program

    def measure(self):
        """(cycles, counter ticks) per second."""
        done = subprocess.run([self.program], capture_output=True, text=True)
        return [float(word) for word in done.stdout.split()]

    def cycles_per_tick(self):
        if not self.program:
            return 1.0
        hz, ticks = self.measure()
        return hz / ticks

    def hz(self):
        if self.program:
            return self.measure()[0]
        found = re.search(r"cpu MHz\s*:\s*([\d.]+)", open("/proc/cpuinfo").read())
        return float(found.group(1)) * 1e6 if found else 0.0

    def how(self):
        if self.program:
            return "a chain of dependent additions, one cycle each, timed before and after each row"
        return "as /proc/cpuinfo has it: no C compiler to measure it with"


def first_line(*command):
    """The first line that a program prints, or why there is none."""
    if not shutil.which(command[0]):
        return "not installed"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "no answer"
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[0].strip() if lines else "says nothing"


def processor():
    text = open("/proc/cpuinfo").read()
    field = lambda name: (re.search(r"^%s\s*:\s*(.*)$" % name, text, re.M) or [None, ""])[1]
    flags = (field("flags") or field("Features")).split()
    known = [flag for flag in FLAGS if flag in flags]
    return "%s, family %s model %s, %d cores, %s" % (
        field("model name") or os.uname().machine, field("cpu family"), field("model"),
        os.cpu_count(), " ".join(known) or "no flags known")


def compiler(build):
    """Compiler and build type as meson wrote them down."""
    try:
        options = {o["name"]: o["value"] for o in
                   json.load(open(os.path.join(build, "meson-info", "intro-buildoptions.json")))}
        command = json.load(open(os.path.join(build, "compile_commands.json")))[0]["command"]
        words = [word for word in command.split()[:2] if os.path.basename(word) != "ccache"]
        return "%s, %s, -O%s" % (first_line(words[0], "--version"), options["buildtype"],
                                 options["optimization"])
    except (OSError, KeyError, ValueError, IndexError):
        return first_line("cc", "--version")


def revision():
    here = os.path.dirname(os.path.abspath(__file__))
    git = lambda *a: subprocess.run(["git", "-C", here, *a], capture_output=True, text=True).stdout
    if not shutil.which("git") or not git("rev-parse", "HEAD"):
        return "unknown"
    return git("log", "-1", "--format=%h").strip() + (
        " with changes" if git("status", "--porcelain", "-uno").strip() else "")


def describe(build, engines, clock):
    """(what, text) rows."""
    phonond = engines.get("phonond")
    rows = [("date", datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")),
            ("machine", processor()),
            ("system", "%s %s, load %.1f" % (os.uname().sysname, os.uname().release,
                                             os.getloadavg()[0])),
            ("clock", "%.2f GHz: %s" % (clock.hz() / 1e9, clock.how())),
            ("compiler", compiler(build)),
            ("phonond", "%s, revision %s" % (first_line(phonond.path, "--version") if phonond else
                                             "not built", revision()))]
    for name in ("scsynth", "supernova"):
        rows.append((name, first_line(name, "-v")))
    rows.append(("sclang", first_line("sclang", "-v")))
    rows.append(("valgrind", first_line("valgrind", "--version")))
    rows.append(("jackd", first_line("jackd", "--version")))
    return rows
