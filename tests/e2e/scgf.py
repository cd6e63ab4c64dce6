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


def text(string):
    return bytes([len(string)]) + string.encode("latin-1")


def write_unit(unit):
    return (text(unit.name) + struct.pack(">biih", unit.rate, len(unit.inputs), len(unit.outputs),
                                          unit.special)
            + b"".join(struct.pack(">ii", *i) for i in unit.inputs) + bytes(unit.outputs))


def write(defs):
    """A file of version 2."""
    data = struct.pack(">4sih", b"SCgf", 2, len(defs))
    for d in defs:
        data += text(d.name)
        for values in (d.constants, d.controls):
            data += struct.pack(">i%df" % len(values), len(values), *values)
        data += struct.pack(">i", len(d.names)) + b"".join(text(n) + struct.pack(">i", i)
                                                           for n, i in d.names)
        data += struct.pack(">i", len(d.units)) + b"".join(write_unit(u) for u in d.units)
        data += struct.pack(">h", len(d.variants)) + b"".join(
            text(name) + struct.pack(">%df" % len(values), *values)
            for name, values in d.variants.items())
    return data


SCALAR, CONTROL, AUDIO, DEMAND = range(4)


def constant(constants, value):
    """What a unit's inputs take for a number."""
    if float(value) not in constants:
        constants.append(float(value))
    return -1, constants.index(float(value))


CONTROLS = {"kr": ("Control", CONTROL), "ar": ("AudioControl", AUDIO),
            "tr": ("TrigControl", CONTROL),
            "ir": ("Control", SCALAR)}


def synthdef(name, controls, units):
    """
    A file of one definition. `controls`: (name, values, a key of CONTROLS). `units`: (class, rate,
    inputs, number of outputs[, special]); an input is a number, the name of a control (or (name,
    i)), or (unit index, output). Units come behind those of the controls.
    """
    values, names, made, constants = [], [], [], []
    for control, initial, kind in controls:
        unit, rate = CONTROLS[kind]
        names.append((control, len(values)))
        made.append(Unit(unit, rate, [], [rate] * len(initial), len(values)))
        values += initial
    where = {control: number for number, (control, _, _) in enumerate(controls)}

    def place(x):
        if isinstance(x, str):
            return where[x], 0
        if isinstance(x, tuple):
            return (where[x[0]] if x[0] in where else len(controls) + x[0]), x[1]
        return constant(constants, x)

    for unit, rate, inputs, n_outputs, *special in units:
        made.append(Unit(unit, rate, [place(x) for x in inputs], [rate] * n_outputs,
                         *(special or [0])))
    return write([SynthDef(name, constants, values, names, made, {})])


class Graph:
    """Units in their order: `unit` gives what another unit's inputs take, numbers are constants."""

    def __init__(self, name, **controls):
        self.name, self.constants, self.units = name, [], []
        self.names, self.values = [(n, i) for i, n in enumerate(controls)], list(controls.values())
        if controls:
            self.units.append(Unit("Control", CONTROL, [], [CONTROL] * len(controls), 0))

    def control(self, name):
        return 0, [n for n, _ in self.names].index(name)

    def unit(self, name, rate, *inputs, outputs=1, special=0):
        wires = [i if isinstance(i, tuple) else constant(self.constants, i) for i in inputs]
        self.units.append(Unit(name, rate, wires, [rate] * outputs, special))
        return len(self.units) - 1, 0

    def made(self):
        return SynthDef(self.name, self.constants, self.values, self.names, self.units, {})
