# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input gets a clear error that names the place; nothing crashes, hangs or stops playing."""
import os
import re
import subprocess
import time

from support import SEND, Daemon, Folder, main, run

#: program text, where the error must point (line, column), a word of the message
WRONG = [
    ('out $ s "bd*4\n', 1, 9, ""),
    ('~a $ sow 55 # lpf 900 1\nout $ ~a\n', 1, 6, "saw"),
    ('out $ ~bas\n~bass $ saw 55\n', 1, 7, "bass"),
    ('out $ s "bd [sn"\n', 1, 13, ""),
    ('out $ s "bd <>"\n', 1, 13, ""),
    ('out $ (saw 55\n', 1, 7, ""),
    ('out $ s "bd(3)"\n', 1, 14, ""),
    ('out $ every 4\n', 1, 7, ""),
    ('tempo: fast\nout $ s "bd"\n', 1, 8, ""),
]


def check(folder, name, data, limit_seconds=None):
    path = folder.file(name)
    with open(path, "wb") as f:
        f.write(data)
    begin = time.monotonic()
    done = subprocess.run([SEND, "--check", path], capture_output=True, timeout=20)
    return done.returncode, done.stderr.decode("utf-8", "replace"), time.monotonic() - begin


def test_errors_name_line_and_column():
    with Folder() as folder:
        for i, (text, line, column, word) in enumerate(WRONG):
            code, error, _ = check(folder, "wrong%d.ph" % i, text.encode())
            assert code == 1, (text, code, error)
            assert re.search(r"wrong%d\.ph:%d:%d: error: " % (i, line, column),
                             error), (text, error)
            assert word in error, (text, error)


def test_hostile_texts_are_refused_with_a_position():
    hostile = {
        "count": b'out $ s "bd*1000000000"\n',
        "repeat": b'out $ s "bd!1000000000"\n',
        "nested": b'out $ s "' + b"[" * 10000 + b"bd" + b"]" * 10000 + b'"\n',
        "parens": b"out $ " + b"(" * 10000 + b"1" + b")" * 10000 + b"\n",
        "open": b"out $ " + b"(" * 10000,
        "utf8": b'out $ s "\xff\xfe"\n',
        "long": b"out $ " + b"saw saw " * 131072,
        "nul": b"out $ s \x00\n",
        "binary": bytes(range(256)) * 64,
    }
    with Folder() as folder:
        for name, data in hostile.items():
            code, error, seconds = check(folder, name, data)
            assert code == 1, (name, code, error[:300])
            assert re.search(r":\d+:\d+: error: ", error), (name, error[:300])
            assert len(error) < 100000, name


def test_an_empty_file_is_a_program_without_sound():
    with Folder() as folder:
        assert check(folder, "empty.ph", b"")[0] == 0


def test_what_plays_keeps_playing_after_every_refusal():
    with Folder() as folder, Daemon() as daemon:
        daemon.send(folder.file("good.ph", 'out $ sine 220 * 0.2\n'))
        revision = daemon.status()["revision"]
        for i, (text, *_) in enumerate(WRONG):
            daemon.send(folder.file("wrong.ph", text), expect=1)
        status = daemon.status()
        assert status["revision"] == revision and status["peak_left"] > 0.05, status


def test_a_hostile_sound_file_is_one_line_and_the_rest_plays():
    with Folder() as folder:
        for word in ("zap", "fifo", "good"):
            os.mkdir(folder.file(word))
        with open(folder.file("zap/a.wav"), "wb") as f:
            f.write(b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00")
        os.mkfifo(folder.file("fifo/a.wav"))
        with Daemon("--samples", folder.name) as daemon:
            daemon.send(folder.file("a.ph", 'o1 $ s "zap*4"\no2 $ s "fifo*4"\no3 $ s "bd*8"\n'))
            time.sleep(0.6)
            assert daemon.status()["peak_left"] > 0.02
            assert "zap" in daemon.log() and "fifo" in daemon.log(), daemon.log()


def test_usage_errors_are_status_2():
    run(SEND, expect=2)
    run(SEND, "--no-such-option", expect=2)


main(globals())
