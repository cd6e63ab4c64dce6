# SPDX-License-Identifier: GPL-3.0-or-later
"""Many reloads: memory stays flat and nothing is left over. PHONON_SOAK=10000,3000 makes it long
(scripts/soak.sh): reloads offline, reloads of a running daemon."""
import json
import os
import random
import subprocess
import time

from support import RATE, RENDER, SEND, Daemon, Folder, Sound, main, run

EXAMPLE = __file__.replace("tests/e2e/test_soak.py", "examples/m.ph")
# where memory isn't flat in any case
USUAL = "600,20" if os.environ.get("PHONON_SANITIZED") else "3000,60"
N_OFFLINE, N_LIVE = (int(n) for n in os.environ.get("PHONON_SOAK", USUAL).split(","))
N_PROGRAMS = 200
EMPTY = "tempo: 0.5\no1 $ 0\n"
# the allocator's own ups and downs; a leak of one definition a reload is far above it
NOISE_MIB = 4


def edited(generator):
    """The example with numbers changed, definitions added and
    removed, another tempo, another way to mix."""
    r, text = generator, open(EXAMPLE).read()
    text = text.replace("tempo: 0.5",
                        "tempo: %s" % r.choice(["0.5", "0.5", "0.5", "0.6", "1/3", "2"]))
    text = text.replace("900", str(r.randrange(300, 1500)))
    text = text.replace("0.3", "%.2f" % r.uniform(0.1, 0.5))
    if r.random() < 0.3:
        text = "outmix: %s\n" % r.choice(["gain", "sqrt", "tanh", "hard", "none"]) + text
    if r.random() < 0.3:
        text = text.replace("every 4 (fast 2) $ ", "")
    if r.random() < 0.3:
        text = text.replace(" # reverb 0.4 0.6 0.2",
                            r.choice(["", " # delay 0.375 0.4 0.3", " # reverb 0.9 0.2 0.5"]))
    for i in r.sample(range(12), r.randrange(5)):
        text += r.choice(["~x%d $ s \"%s*%d\" # pan 0.3\no%d $ ~x%d * 0.1\n" %
                          (i, r.choice(["rim", "cp", "oh"]), 1 + i, i + 2, i),
                          "~x%d $ saw %d # lpf (~lfo * 300 + 700) 1.2\no%d $ ~x%d * 0.05\n" %
                          (i, 40 + 10 * i, i + 2, i),
                          "o%d $ stut 4 0.6 0.125 $ s \"sn(%d,8)\" # gain 0.1\n" %
                          (i + 2, 1 + i % 5)])
    return text


def programs(folder):
    generator = random.Random(1)
    return [folder.file("p%d.ph" % i, edited(generator)) for i in range(N_PROGRAMS)]


def resident_mib(pid):
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def check_flat(sizes, what):
    """The largest of the last quarter against the largest of the second: the first warms up."""
    n = len(sizes) // 4
    before, after = max(sizes[n:2 * n]), max(sizes[3 * n:])
    print("      %s: %.1f MiB after a quarter, %.1f MiB at the end" % (what, before, after))
    # keeps what is freed for a while, and finds leaks by itself
    if os.environ.get("PHONON_SANITIZED"):
        return
    assert after < before + NOISE_MIB, (what, before, after)


def test_offline_reloads_leave_memory_flat():
    generator = random.Random(2)
    with Folder() as folder:
        paths = programs(folder)
        command = [RENDER, EXAMPLE, folder.file("out.wav"), "--quiet", "--meter", "--seconds",
                   str(N_OFFLINE / 50 + 1)]
        for i in range(N_OFFLINE):  # 50 a second
            command += ["--at", str(RATE // 50 * (i + 1)), generator.choice(paths)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        sizes = []
        while process.poll() is None:
            try:
                sizes.append(resident_mib(process.pid))
            except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
                break
            time.sleep(0.01)
        out, error = process.communicate(timeout=600)
        assert process.returncode == 0, error
        print("      " + out.strip())
        check_flat([s for s in sizes if s > 0], "%d reloads offline" % N_OFFLINE)


def settled(daemon):
    """The counts when everything that fades or rings has ended."""
    for _ in range(100):
        status = daemon.status()
        if status["voices"] == 0 and status["synths"] <= 1:
            break
        time.sleep(0.1)
    return {name: status[name] for name in ("voices", "synths", "groups", "units", "defs")}


def test_live_reloads_leave_nothing_over():
    generator = random.Random(3)
    with Folder() as folder, Daemon() as daemon:
        paths, empty = programs(folder), folder.file("empty.ph", EMPTY)
        daemon.send(empty)
        before = settled(daemon)
        sizes, cps = [], 0.5
        for _ in range(4): # tails ring for up to 10 s: sizes compare once they have ended
            for _ in range(N_LIVE // 4):
                answer = json.loads(daemon.send("--json", generator.choice(paths))[0])
                assert answer["cps_before"] == cps
                cps = answer["cps_after"]
            last = daemon.status()
            cps = json.loads(daemon.send("--json", empty)[0])["cps_after"]
            after = settled(daemon)
            assert after == before, (before, after)
            sizes.append(daemon.status()["resident_bytes"] / 2**20)
        for count in ("seq_dropped", "dropped_commands", "dropped_reports", "non_finite"):
            assert last[count] == 0, (count, last[count])
        check_flat(sizes, "%d reloads of a daemon" % N_LIVE)


def test_sending_the_same_program_50_times_a_second_is_not_heard():
    """Live, against the offline twin that was sent once, sample by sample."""
    with Folder() as folder:
        capture, twin = folder.file("live.wav"), folder.file("twin.wav")
        with Daemon("--capture", capture, "--capture-seconds", "6") as daemon:
            first = json.loads(daemon.send("--json", EXAMPLE)[0])
            end, n = time.monotonic() + 2, 0
            while time.monotonic() < end:
                begin = time.monotonic()
                daemon.send(EXAMPLE)
                n += 1
                time.sleep(max(0, begin + 0.02 - time.monotonic()))
            status = daemon.status()
            assert status["late"] == 0
        live = Sound(capture)
        run(RENDER, folder.file("empty.ph", EMPTY), twin, "--raw", "--seconds",
            str(live.n_frames / RATE),
            "--at", str(first["frame"]), EXAMPLE)
        offline, n_frames = Sound(twin), status["frame"]
        for c in (0, 1):
            assert live.channels[c][:n_frames] == offline.channels[c][:n_frames], \
                "channel %d differs" % c
        assert live.peak() > 0.01
        print("      %d times in 2 s" % n)


def test_the_same_program_sounds_again_after_a_panic():
    with Daemon() as daemon:
        daemon.send("-", text='tempo: 2\nout $ s "bd*8"\n')
        time.sleep(0.2)
        daemon.send("panic")
        time.sleep(0.1)
        assert daemon.status()["voices"] == 0
        daemon.send("-", text='tempo: 2\nout $ s "bd*8"\n')
        time.sleep(0.5)
        assert daemon.status()["voices"] > 0


main(globals())
