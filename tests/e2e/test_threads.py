# SPDX-License-Identifier: GPL-3.0-or-later
"""phonond with several threads: what is heard is the offline
twin, whatever their number and the period."""
import json
import os
import time

from support import RENDER, Daemon, Folder, Sound, main, run

EXAMPLE = __file__.replace("tests/e2e/test_threads.py", "examples/m.ph")
PERIODS = (64, 100, 1024)
# enough at a time that rounds are shared: chords of saws, and drums into a reverb each
DENSE = "tempo: 0.5\n" + "".join(
    'o%d $ s "[saw,saw,saw,saw]*8" # note "%d [0 7] [3 12] 5" # lpf %d 0.3 # pan "-0.5 0.5"'
    ' # gain 0.1\n'
    'o%d $ s "bd*8 hh*16" # reverb 0.3 0.5 0.3 # gain 0.2\n' % (i + 1, i, 600 + 100 * i, i + 7)
    for i in range(6))


def session(folder, threads, period):
    """Plays the example, then a dense program: (what was
    captured, the two answers, status, threads)."""
    with Daemon("--threads", str(threads), "--period", str(period), "--capture",
                folder.file("live.wav"),
                "--capture-seconds", "6") as daemon:
        answers = [json.loads(daemon.send("--json", EXAMPLE)[0])]
        time.sleep(0.7)
        answers.append(json.loads(daemon.send("--json", folder.file("dense.ph", DENSE))[0]))
        time.sleep(1)
        status = daemon.status()
        n_threads = len(os.listdir("/proc/%d/task" % daemon.process.pid))
    return Sound(folder.file("live.wav")), answers, status, n_threads


def check(threads):
    """Every period: bit for bit what phonon-render makes of
    the same programs at the same frames."""
    counts = set()
    for period in PERIODS:
        with Folder() as folder:
            # a machine that stalls for 0.2 s makes events late, and then there is no twin
            for _ in range(3):
                live, answers, status, n_threads = session(folder, threads, period)
                if status["late"] == 0:
                    break
            assert status["late"] == 0, "late in three sessions"
            counts.add(n_threads)
            twin = folder.file("twin.wav")
            run(RENDER, folder.file("empty.ph", "o1 $ 0\n"), twin, "--raw", "--seconds",
                str(live.n_frames / live.rate), "--at", str(answers[0]["frame"]), EXAMPLE,
                "--at", str(answers[1]["frame"]), folder.file("dense.ph"))
            offline, n = Sound(twin), status["frame"]
            for c in (0, 1):
                a, b = live.channels[c][:n], offline.channels[c][:n]
                wrong = [i for i in range(n) if a[i] != b[i]]
                assert not wrong, "period %d, channel %d differs first at frame %d, %d in all" % (
                    period, c, wrong[0], len(wrong))
            assert live.peak(begin=answers[1]["frame"], end=n) > 0.05, "nothing was played"
            assert status["voices"] >= 12, status
    assert len(counts) == 1, counts
    return counts.pop()


def test_threads_and_periods_change_no_bit():
    alone = check(1)
    for threads in (2, 4):  # no more workers than processors are left for them
        assert check(threads) == alone + min(threads, os.cpu_count()) - 1


main(globals())
