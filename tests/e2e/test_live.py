# SPDX-License-Identifier: GPL-3.0-or-later
"""A running phonond on the dummy driver, spoken to as a user does."""
import json
import os
import signal
import time

from support import PHONOND, RATE, RENDER, SEND, Daemon, Folder, Sound, free_port, main, run

EXAMPLE = __file__.replace("tests/e2e/test_live.py", "examples/m.ph")


def live_session(folder, second):
    """Plays the example and an edit of it: what was captured,
    both answers, the status before the end."""
    with Daemon("--capture", folder.file("live.wav"), "--capture-seconds", "6", "--period",
                "100") as daemon:
        answers = [json.loads(daemon.send("--json", EXAMPLE)[0])]
        time.sleep(1.5)
        answers.append(json.loads(daemon.send("--json", second)[0]))
        time.sleep(1.5)
        status = daemon.status()
    return Sound(folder.file("live.wav")), answers, status


def test_live_and_offline_give_the_same_samples():
    """The offline twin: the dummy driver keeps what it renders;
    the switch frames come from the answers."""
    edited = open(EXAMPLE).read().replace("900", "700")
    with Folder() as folder:
        second, twin = folder.file("second.ph", edited), folder.file("twin.wav")
        # a machine that stalls for 0.2 s makes events late, and then there is no twin
        for _ in range(3):
            live, answers, status = live_session(folder, second)
            if status["late"] == 0:
                break
        assert status["late"] == 0, "late in three sessions"
        run(RENDER, folder.file("empty.ph", "o1 $ 0\n"), twin, "--raw", "--seconds",
            str(live.n_frames / RATE),
            "--at", str(answers[0]["frame"]), EXAMPLE, "--at", str(answers[1]["frame"]), second)
        offline = Sound(twin)
        n = status["frame"]  # behind it the daemon was told to end, and faded out
        for c in (0, 1):
            a, b = live.channels[c][:n], offline.channels[c][:n]
            wrong = [i for i in range(n) if a[i] != b[i]]
            assert not wrong, "channel %d differs first at frame %d, %d in all" % (
                c, wrong[0], len(wrong))
        assert live.peak() > 0.01, "nothing was played"


def test_the_answer_tells_what_changed():
    with Folder() as folder, Daemon() as daemon:
        text = 'tempo: 0.5\n~a $ saw 55 # lpf 900 1\no1 $ ~a * 0.1\no2 $ s "bd*2"\n'
        answer = json.loads(daemon.send("--json", folder.file("a.ph", text))[0])
        assert answer["changed"] == [] and answer["removed"] == [] and answer["added"], answer
        answer = json.loads(daemon.send("--json", folder.file("a.ph", text))[0])
        assert answer["changed"] == answer["added"] == answer["removed"] == [], answer
        answer = json.loads(daemon.send("--json",
                                        folder.file("a.ph", text.replace("900", "800")))[0])
        assert answer["changed"] == ["~a"] and answer["added"] == [], answer
        answer = json.loads(daemon.send("--json",
                                        folder.file("a.ph",
                                                    text.replace("tempo: 0.5", "tempo: 0.6")))[0])
        assert (answer["cps_before"], answer["cps_after"]) == (0.5, 0.6), answer


def test_an_unknown_sound_is_a_warning_with_the_nearest_name():
    with Folder() as folder, Daemon() as daemon:
        text = ('o1 $ s "bd [snn bd:3]*2" # unit "c" # n "1"\n'
                'o2 $ s "~x sine" # note "c e"\n~x $ saw 110\n')
        answer = json.loads(daemon.send("--json", folder.file("a.ph", text))[0])
        assert len(answer["warnings"]) == 1, answer
        assert answer["warnings"][0].startswith("no sound named 'snn'; did you mean"), answer
        out, error = daemon.send(folder.file("a.ph", text))
        assert "snn" in error and "warning" in error, error


def test_a_wrong_program_changes_nothing():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(EXAMPLE)
        before = daemon.status()["revision"]
        out, error = daemon.send(folder.file("bad.ph", 'out $ s "bd*4\n'), expect=1)
        assert ":1:" in error and "error:" in error, error
        assert daemon.status()["revision"] == before


def test_hush_silences_and_the_next_program_sounds_again():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("a.ph", "out $ sine 220 * 0.3\n"))
        time.sleep(0.3)
        assert daemon.status()["peak_left"] > 0.1
        daemon.send("hush")
        time.sleep(3)  # the meter falls slowly
        assert daemon.status()["peak_left"] < 0.01, daemon.status()["peak_left"]
        daemon.send(folder.file("b.ph", "out $ sine 330 * 0.3\n"))
        time.sleep(0.3)
        assert daemon.status()["peak_left"] > 0.1


def test_panic_ends_every_voice():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("a.ph", 'out $ s "bd*16" # reverb 0.9 0.2 0.5\n'))
        time.sleep(0.4)
        daemon.send("panic")
        time.sleep(0.5)
        status = daemon.status()
        assert status["voices"] == 0, status
        daemon.send(folder.file("b.ph", 'out $ s "bd*8"\n'))
        time.sleep(0.5)
        assert daemon.status()["peak_left"] > 0.01


def test_terminated_daemon_ends_with_zero_within_a_second():
    with Daemon() as daemon:
        daemon.send(EXAMPLE)
        begin = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(timeout=5) == 0, daemon.log()
        assert time.monotonic() - begin < 1.0


def test_a_second_daemon_on_the_port_says_who_holds_it():
    with Daemon() as daemon:
        out, error = run(os.environ["PHONON_BUILD"] + "/server/phonond", "-u", str(daemon.port),
                         "--driver", "dummy",
                         expect=None)
        assert str(daemon.port) in error and "phonond" in error, error


def test_what_the_daemon_cannot_use_is_named():
    daemon = (PHONOND, "-u", str(free_port()))
    for options, words in ((("--driver", "none"), "no driver 'none'"),
                           (("--driver", "dummy", "--bind", "300.1.1.1"),
                            "300.1.1.1 is no address"),
                           (("--driver", "dummy", "--capture", "/no/where.wav"),
                            "/no/where.wav: No such file")):
        out, error = run(*daemon, *options, expect=None)
        assert words in error and "ready" not in out, (error, out)
    with Daemon("--samples", "/no/where") as daemon:  # the rest plays all the same
        assert "no samples from /no/where: No such file" in daemon.log(), daemon.log()


def test_no_daemon_is_exit_status_3_and_says_what_to_start():
    with Folder() as folder:
        out, error = run(SEND, "--port", "9", folder.file("a.ph", 'out $ s "bd"\n'), expect=3)
        assert "phonond" in error, error


def test_a_program_larger_than_a_datagram_is_applied():
    with Folder() as folder, Daemon() as daemon:
        voices = "".join('o%d $ s "%s"\n' % (i, " ".join(["bd sn:%d hh*2" % j for j in range(60)]))
                         for i in range(1, 90))
        answer = json.loads(daemon.send("--json", folder.file("big.ph", voices))[0])
        assert len(answer["added"]) >= 89


main(globals())
