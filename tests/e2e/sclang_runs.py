# SPDX-License-Identifier: GPL-3.0-or-later
"""sclang without a screen, and a JACK server for the servers that it boots."""
import itertools
import os
import signal
import subprocess
import sys
import time

NUMBERS = itertools.count()


class Jack:
    """A JACK server of its own name; what is started with `environment` plays into it."""

    def __init__(self):
        self.name = "ph_sclang_%d_%d" % (os.getpid(), next(NUMBERS))
        self.process = subprocess.Popen(["jackd", "-r", "-n", self.name, "-d", "dummy", "-r",
                                         "48000", "-p", "256"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        if self.process.poll() is not None:
            raise OSError("jackd does not run here")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)


def sclang_environment(folder, **more):
    """sclang without a screen, with settings and files of its own in `folder`."""
    own = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1",
           "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox", "XDG_RUNTIME_DIR": folder,
           "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_CACHE_HOME": folder}
    return dict(os.environ, **own, **more)


def run_sclang(script, environment, seconds, verbose, options=()):
    """What sclang printed, line by line; it is killed after `seconds`."""
    process = subprocess.Popen(["sclang", *options, script], env=environment,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    end = time.monotonic() + seconds
    os.set_blocking(process.stdout.fileno(), False)
    text = b""
    while process.poll() is None and time.monotonic() < end:
        part = process.stdout.read()
        if part:
            text += part
            if verbose:
                sys.stdout.write(part.decode(errors="replace"))
                sys.stdout.flush()
        time.sleep(0.02)
    text += process.stdout.read() or b""
    if process.poll() is None:
        text += b"\nBAD sclang: still running after %d s\n" % seconds
    try:  # the server that sclang started is in its session
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    return text.decode(errors="replace").splitlines()
