# SPDX-License-Identifier: GPL-3.0-or-later
"""A region sent from an editor replaces what it defines and leaves the rest: LANGUAGE 5.6.7."""
import json
import subprocess
import time

from support import SEND, Daemon, Folder, main, run

SONG = """tempo: 0.5
~low $ sine 110 * 0.1
~high $ sine 880 * 0.1
o1 $ ~low
o2 $ ~high
"""


def part(daemon, text, line=1, name="song.ph", expect=0, options=()):
    out, error = daemon.send("-", "--line", str(line), "--name", name, "--json",
                             *options, text=text,
                             expect=expect)
    return json.loads(out) if out else None, error


def revision_of(daemon, folder, text, name="whole.ph"):
    daemon.send(folder.file(name, text))
    return daemon.status()["revision"]


def test_a_region_changes_what_it_defines_and_nothing_else():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("song.ph", SONG))
        answer, _ = part(daemon, "~high $ sine 660 * 0.1\n", line=3)
        assert "~low" in answer["kept"] and "~high" in answer["changed"], answer
        assert not answer["removed"] and answer["cps_after"] == 0.5, answer
        merged = daemon.status()["revision"]
        assert merged == revision_of(daemon, folder, SONG.replace("880", "660"))


def test_regions_one_after_another_are_the_whole():
    with Folder() as folder, Daemon() as daemon:
        for i, line in enumerate(SONG.splitlines(), 1):
            if line.startswith("o"):
                part(daemon, line + "\n", line=i)
            else:
                part(daemon, line + "\no9 $ 0\n", line=i)
        merged = daemon.status()["revision"]
        lines = SONG.splitlines()
        lines.insert(2, "o9 $ 0")  # where it was first defined
        assert merged == revision_of(daemon, folder, "\n".join(lines) + "\n")


def test_no_region_is_lost_when_many_are_sent_at_once():
    with Daemon() as daemon:
        senders = [subprocess.Popen(
            [SEND, "--port", str(daemon.port), "-", "--line", "1", "--name", "x.ph"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for _ in range(6)]
        for i, sender in enumerate(senders, 1):
            sender.stdin.write("o%d $ sine %d * 0.01\n" % (i, 100 * i))
            sender.stdin.close()
        for sender in senders:
            code, text = sender.wait(timeout=20), sender.stdout.read()
            assert code == 0, text
        answer, _ = part(daemon, "o7 $ sine 700 * 0.01\n")
        assert len(answer["kept"]) >= 6, answer


def test_errors_name_the_file_and_line_of_the_editor():
    with Folder() as folder, Daemon() as daemon:
        song = folder.file("song.ph", SONG)
        daemon.send(song)
        revision = daemon.status()["revision"]
        _, error = part(daemon, "~x $ saw 55\n~y $ ~lwo\n", line=40, name="other.ph", expect=1)
        assert "other.ph:41:6: error: " in error and "`~low`" in error, error
        _, error = part(daemon, "~x $ (saw 55\n", line=7, expect=1)
        assert "song.ph:7:6: error: " in error, error
        # a definition that no longer fits where the old text uses it
        _, error = part(daemon, "~low $ rev\n", line=2, expect=1)
        assert song + ":4:" in error and "in what plays already" in error, error
        assert daemon.status()["revision"] == revision


def test_standard_input_alone_and_whole_files_replace_the_program():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("song.ph", SONG))
        answer = json.loads(daemon.send("-", "--json", text="o1 $ sine 110 * 0.1\n")[0])
        assert "o2" in answer["removed"] or "~high" in answer["removed"], answer
        daemon.send(folder.file("song.ph", SONG))
        out, error = daemon.send("-", "--whole", "--name", "buffer.ph", "--json",
                                 text="o1 $ sine 110 * 0.1\n")
        answer = json.loads(out)
        assert "~high" in answer["removed"], answer
        _, error = daemon.send("-", "--whole", "--name", "buffer.ph", text="o1 $ (\n", expect=1)
        assert "buffer.ph:1:" in error, error


def test_commands_of_the_old_text_are_not_done_again():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("a.ph", "setCycle 1000\no1 $ sine 110 * 0.1\n"))
        answer, _ = part(daemon, "setCycle 5\n")
        assert 4.9 < answer["cycle"] < 6, answer
        time.sleep(0.5)
        before = daemon.status()["cycle"]
        answer, _ = part(daemon, "o2 $ sine 220 * 0.1\n")
        assert 5.2 < before <= answer["cycle"] < 100, (before, answer)


def test_a_panic_forgets_and_a_hush_does_not():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("song.ph", SONG))
        daemon.send("hush")
        assert "~low" in part(daemon, "o3 $ sine 330 * 0.1\n")[0]["kept"]
        daemon.send("panic")
        answer, _ = part(daemon, "o3 $ sine 330 * 0.1\n")
        assert not answer["kept"] and not answer["removed"], answer


def test_tidal_is_sent_pattern_by_pattern():
    with Folder() as folder, Daemon() as daemon:
        name = "x.tidal"
        daemon.send(folder.file(name, 'let k = 2\nd1 $ s "bd*4"\nd2 $ fast k $ s "hh*4"\n'))
        answer, _ = part(daemon, 'd1 $ s "sn*2"\n', name=name)
        assert "d2 events" in answer["kept"] and "d1 events" in answer["changed"], answer
        answer, _ = part(daemon, 'let k = 4\n', name=name)
        assert "d1 events" in answer["kept"] and "d2 events" in answer["changed"], answer
        answer, _ = part(daemon, 'do\n  once $ s "cp"\n', name=name)
        assert {"d1 events", "d2 events"} <= set(answer["kept"]), answer
        answer, _ = part(daemon, 'hush\n', name=name)
        assert set(answer["removed"]) >= {"d1 events", "d2 events"}, answer
        _, error = part(daemon, 'o1 $ s "bd"\n', name="a.ph", expect=None)
        assert "TidalCycles program plays" in error or not error, error


def test_a_region_can_be_checked_without_a_daemon():
    _, error = run(SEND, "--port", "9", "--check", "-", "--line", "5", "--name", "a.ph",
                   text="o1 $ sine (\n", expect=1)
    assert "a.ph:5:" in error, error
    run(SEND, "--port", "9", "--check", "-", "--line", "5", "--name", "a.ph", text="o1 $ sine 1\n")
    run(SEND, "--port", "9", "-", "--line", "5", "--name", "a.ph", text="o1 $ sine 1\n", expect=3)


main(globals())
