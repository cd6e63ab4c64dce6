# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled SynthDefs (SCgf 0, 1, 2) as Python values."""
import struct
from collections import namedtuple

Unit = namedtuple("Unit", "name rate inputs outputs special")
SynthDef = namedtuple("SynthDef", "name constants controls names units variants")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, code):
        value, = struct.unpack_from(">" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def text(self):
        n = self.take("B")
        self.at += n
        return self.data[self.at - n:self.at].decode("latin-1")


def read_unit(r, count):
    name, rate = r.text(), r.take("b")
    n_inputs, n_outputs, special = r.take(count), r.take(count), r.take("h")
    inputs = [(r.take(count), r.take(count)) for _ in range(n_inputs)]
    return Unit(name, rate, inputs, [r.take("b") for _ in range(n_outputs)], special)


def read_def(r, version):
    count = "i" if version == 2 else "h"
    name = r.text()
    constants = [r.take("f") for _ in range(r.take(count))]
    controls = [r.take("f") for _ in range(r.take(count))]
    names = [(r.text(), r.take(count)) for _ in range(r.take(count))]
    units = [read_unit(r, count) for _ in range(r.take(count))]
    variants = {}
    for _ in range(r.take("h") if version else 0):
        variant = r.text()
        variants[variant] = [r.take("f") for _ in controls]
    return SynthDef(name, constants, controls, names, units, variants)


def read(data):
    """All definitions of one file's contents."""
    r = Reader(data)
    assert data[:4] == b"SCgf", "not a SynthDef file"
    r.at = 4
    version = r.take("i")
    assert version in (0, 1, 2), version
    defs = [read_def(r, version) for _ in range(r.take("h"))]
    assert r.at == len(data), "bytes behind the last definition"
    return defs
