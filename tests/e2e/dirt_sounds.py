# SPDX-License-Identifier: GPL-3.0-or-later
"""A small sample bank whose sounds can be told apart: each
begins at its full level, on its first frame."""
import math
import os
import struct

from support import RATE

BANK = {"bd": (60, 0.25, 2), "sn": (330, 0.15, 3), "cp": (700, 0.1, 2), "hh": (4000, 0.05, 4)}


def write_wav(path, samples):
    body = struct.pack("<%df" % len(samples), *samples)
    form = struct.pack("<HHIIHH", 3, 1, RATE, RATE * 4, 4, 32)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " +
                struct.pack("<I", 16) + form +
                b"data" + struct.pack("<I", len(body)) + body)


def falling(freq, seconds):
    n = int(seconds * RATE)
    return [math.cos(2 * math.pi * freq * i / RATE) * (1 - i / n) ** 2 for i in range(n)]


def make_bank(folder):
    """Writes the bank into a folder of this one and returns its path."""
    root = os.path.join(folder, "samples")
    for name, (freq, seconds, n) in BANK.items():
        for i in range(n):
            write_wav(os.path.join(root, name, "%d.wav" % i), falling(freq * (1 + i / 4), seconds))
    return root
