# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC messages with every tag that scsynth's clients send, a client, and SynthDefs written byte by byte."""
import select
import socket
import struct
import time



def text(value):
    data = value.encode("latin-1") + b"\0"
    return data + b"\0" * (-len(data) % 4)


def _argument(value):
    """(tags, bytes). Lists become arrays in brackets, None has tag N."""
    if isinstance(value, bool):
        return ("T" if value else "F"), b""
    if value is None:
        return "N", b""
    if isinstance(value, float):
        return "f", struct.pack(">f", value)
    if isinstance(value, int):
        return ("i", struct.pack(">i", value)) if -2**31 <= value < 2**31 else ("h", struct.pack(">q", value))
    if isinstance(value, str):
        return "s", text(value)
    if isinstance(value, (list, tuple)):
        parts = [_argument(v) for v in value]
        return "[" + "".join(t for t, _ in parts) + "]", b"".join(d for _, d in parts)
    return "b", struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)


def message(address, *args):
    """`address`: text with or without its slash, or a number."""
    parts = [_argument(value) for value in args]
    head = struct.pack(">i", address) if isinstance(address, int) else text(address)
    return head + text("," + "".join(t for t, _ in parts)) + b"".join(d for _, d in parts)


def bundle(ntp, messages):
    return b"#bundle\0" + struct.pack(">Q", ntp) + b"".join(
        struct.pack(">i", len(m)) + m for m in messages)


def ntp(seconds):
    """Wall time as a time tag."""
    return round((seconds + 2208988800) * 2**32)


def parse(packet):
    """(address, arguments) of one message."""
    end = packet.index(b"\0")
    address, at = packet[:end].decode("latin-1"), (end // 4 + 1) * 4
    end = packet.index(b"\0", at)
    tags, at, args = packet[at + 1:end].decode(), (end // 4 + 1) * 4, []
    for tag in tags:
        if tag in "ifhdt":
            code = {"i": "i", "f": "f", "h": "q", "d": "d", "t": "Q"}[tag]
            args.append(struct.unpack_from(">" + code, packet, at)[0])
            at += struct.calcsize(code)
        elif tag == "s":
            end = packet.index(b"\0", at)
            args.append(packet[at:end].decode("latin-1"))
            at = (end // 4 + 1) * 4
        elif tag == "b":
            n = struct.unpack_from(">i", packet, at)[0]
            args.append(packet[at + 4:at + 4 + n])
            at += 4 + (n + 3) // 4 * 4
    return address, args


class Client:
    """One UDP socket of its own."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.n_syncs = 0

    def close(self):
        self.socket.close()

    def send(self, address, *args):
        self.socket.send(message(address, *args))

    def send_packet(self, packet):
        self.socket.send(packet)

    def receive(self, seconds):
        """The next message, or None."""
        try:
            if not select.select([self.socket], [], [], seconds)[0]:
                return None
            return parse(self.socket.recv(65536))
        except ConnectionRefusedError:
            return None

    def wait_for(self, address, seconds=10):
        """The next message of that address; others are dropped."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(end - time.monotonic())
            if got and got[0] == address:
                return got[1]
        raise AssertionError("no %s in %g s" % (address, seconds))

    def ask(self, reply, address, *args, seconds=10):
        self.send(address, *args)
        return self.wait_for(reply, seconds)

    def settle(self, quiet=0.0, seconds=10):
        """Everything that comes until the server has done what was sent, and `quiet` seconds longer."""
        self.n_syncs += 1
        self.send("/sync", self.n_syncs)
        got, end, synced = [], time.monotonic() + seconds, False
        while True:
            m = self.receive(quiet if synced else end - time.monotonic())
            if m == ("/synced", [self.n_syncs]):
                synced = True
            elif m:
                got.append(m)
            elif synced:
                return got
            else:
                raise AssertionError("no /synced in %g s" % seconds)

    def wait_until_up(self, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.send("/status")
            if self.receive(0.2):
                while self.receive(0.05):
                    pass
                return
        raise AssertionError("no server")


def _pstring(value):
    return struct.pack("B", len(value)) + value.encode("latin-1")


def synthdef(name, controls, units):
    """
    One SynthDef, SCgf 2. `controls`: (name, values, rate "kr" "ar" "tr" "ir"). `units`: (class, rate 0 1 2,
    inputs, number of outputs[, special]); an input is a number, the name of a control (or (name, i)), or
    (unit index, output). Units come behind those of the controls.
    """
    values = [v for _, vs, _ in controls for v in vs]
    where, at, made = {}, 0, []
    for control, vs, rate in controls:
        kind = {"kr": ("Control", 1), "ar": ("AudioControl", 2), "tr": ("TrigControl", 1), "ir": ("Control", 0)}[rate]
        where[control] = len(made)
        made.append((kind[0], kind[1], [], len(vs), at))
        at += len(vs)
    n_controls, constants = len(made), []

    def place(x):
        if isinstance(x, str):
            return where[x], 0
        if isinstance(x, tuple) and isinstance(x[0], str):
            return where[x[0]], x[1]
        if isinstance(x, tuple):
            return n_controls + x[0], x[1]
        if float(x) not in constants:
            constants.append(float(x))
        return -1, constants.index(float(x))

    for unit in units:
        kind, rate, inputs, n_out = unit[:4]
        made.append((kind, rate, [place(x) for x in inputs], n_out, unit[4] if len(unit) > 4 else 0))
    data = b"SCgf" + struct.pack(">ih", 2, 1) + _pstring(name)
    data += struct.pack(">i", len(constants)) + b"".join(struct.pack(">f", c) for c in constants)
    data += struct.pack(">i", len(values)) + b"".join(struct.pack(">f", v) for v in values)
    data += struct.pack(">i", len(controls))
    at = 0
    for control, vs, _ in controls:
        data += _pstring(control) + struct.pack(">i", at)
        at += len(vs)
    data += struct.pack(">i", len(made))
    for kind, rate, inputs, n_out, special in made:
        data += _pstring(kind) + struct.pack(">biih", rate, len(inputs), n_out, special)
        data += b"".join(struct.pack(">ii", *x) for x in inputs) + struct.pack("b", rate) * n_out
    return data + struct.pack(">h", 0)
