# SPDX-License-Identifier: GPL-3.0-or-later
"""phonon-send as people use it beside an editor: --watch sends again on every save."""
import os
import signal
import subprocess
import threading
import time

from support import SEND, Daemon, Folder, main, run


class Watcher:
    """phonon-send --watch; its lines as they come."""

    def __init__(self, daemon, path):
        self.process = subprocess.Popen(
            [SEND, "--port", str(daemon.port), "--watch", path], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def count(self, text):
        return sum(text in line for line in list(self.lines))

    def wait_for(self, text, n):
        """Until `text` stands in n lines; then a little longer, for one too many."""
        end = time.monotonic() + 5
        while self.count(text) < n and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.3)
        assert self.count(text) == n, (text, n, self.lines)

    def stop(self, number):
        self.process.send_signal(number)
        code = self.process.wait(timeout=5)
        self.reader.join(timeout=5)
        return code


def in_place(path, text):
    with open(path, "w") as f:  # cut short first, then written
        f.flush()
        time.sleep(0.01)
        f.write(text)


def by_renaming(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def by_backup(path, text):  # vim without backupcopy: the old file moves away, a new one is made
    os.rename(path, path + "~")
    with open(path, "w") as f:
        f.write(text)


def test_watch_sends_on_every_way_of_saving():
    with Folder() as folder, Daemon() as daemon:
        path = folder.file("a.ph", "out $ sine 220 * 0.1\n")
        watcher = Watcher(daemon, path)
        try:
            watcher.wait_for("cycle", 1)
            for n, save in enumerate((in_place, by_renaming, by_backup, in_place), 2):
                before = daemon.status()["revision"]
                save(path, "out $ sine %d * 0.1\n" % (220 + n))
                watcher.wait_for("cycle", n)
                assert daemon.status()["revision"] != before
        finally:
            assert watcher.stop(signal.SIGTERM) == 0


def test_watch_sends_a_burst_of_saves_once():
    with Folder() as folder, Daemon() as daemon:
        path = folder.file("a.ph", "out $ sine 220 * 0.1\n")
        watcher = Watcher(daemon, path)
        try:
            watcher.wait_for("cycle", 1)
            spent = 1
            while spent > 0.025:  # until the machine lets five saves follow each other at once
                time.sleep(0.5)
                sent, begin = watcher.count("cycle"), time.monotonic()
                for n in range(5):
                    by_renaming(path, "out $ sine %d * 0.1\n" % (300 + 10 * sent + n))
                spent = time.monotonic() - begin
            watcher.wait_for("cycle", sent + 1)
            # the last of them is what plays: sent again by hand, it changes nothing
            revision = daemon.status()["revision"]
            daemon.send(path)
            assert daemon.status()["revision"] == revision
        finally:
            watcher.stop(signal.SIGINT)


def test_watch_tells_errors_and_what_plays_stays():
    with Folder() as folder, Daemon() as daemon:
        path = folder.file("a.ph", "out $ sine 220 * 0.1\n")
        watcher = Watcher(daemon, path)
        try:
            watcher.wait_for("cycle", 1)
            revision = daemon.status()["revision"]
            in_place(path, "out $ siner 220\n")
            watcher.wait_for("a.ph:1:", 1)
            assert daemon.status()["revision"] == revision
            os.unlink(path)
            time.sleep(0.1)
            in_place(path, "out $ sine 230 * 0.1\n")
            watcher.wait_for("cycle", 2)
        finally:
            assert watcher.stop(signal.SIGINT) == 0


def test_watch_finds_what_inotify_does_not_tell():
    with Folder() as folder, Folder() as other, Daemon() as daemon:
        target = other.file("b.ph", "out $ sine 330 * 0.1\n")
        path = folder.file("a.ph", "out $ sine 220 * 0.1\n")
        watcher = Watcher(daemon, path)
        try:
            watcher.wait_for("cycle", 1)
            os.unlink(path)
            os.symlink(target, path)
            watcher.wait_for("cycle", 2)
            in_place(target, "out $ sine 340 * 0.1\n")
            watcher.wait_for("cycle", 3)
        finally:
            watcher.stop(signal.SIGTERM)


def test_watch_outlives_the_daemon():
    with Folder() as folder:
        path = folder.file("a.ph", "out $ sine 220 * 0.1\n")
        with Daemon() as daemon:
            watcher = Watcher(daemon, path)
            watcher.wait_for("cycle", 1)
        in_place(path, "out $ sine 230 * 0.1\n")
        watcher.wait_for("phonond", 1)
        assert watcher.process.poll() is None
        assert watcher.stop(signal.SIGINT) == 0


def test_what_can_not_be_watched_is_a_usage_error():
    with Folder() as folder:
        run(SEND, "--watch", folder.file("none/a.ph"), expect=2)
        run(SEND, "--watch", "-", text="out $ 0\n", expect=2)


main(globals())
