# SPDX-License-Identifier: GPL-3.0-or-later
"""A JACK server of its own name, on the dummy backend."""
import os
import signal
import subprocess
import time


class Jack:
    """A JACK server of its own name on the dummy backend."""

    def __init__(self, period=256):
        self.name = "ph_test_%d" % os.getpid()
        self.process = subprocess.Popen(
            ["jackd", "-r", "-n", self.name, "-d", "dummy", "-r", "48000", "-p", str(period)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        assert self.process.poll() is None, "jackd does not run here"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()
