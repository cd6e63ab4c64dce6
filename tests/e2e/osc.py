# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC as Python values, and a client that keeps what it is told."""
import socket
import struct
import time


def string(text):
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(address, *values):
    """int -> i, float -> f, str -> s, bytes -> b; an address that is a number goes as one."""
    tags, body = ",", b""
    for v in values:
        if isinstance(v, bytes):
            tags, body = tags + "b", body + struct.pack(">i", len(v)) + v + b"\0" * (-len(v) % 4)
        elif isinstance(v, str):
            tags, body = tags + "s", body + string(v)
        elif isinstance(v, float):
            tags, body = tags + "f", body + struct.pack(">f", v)
        else:
            tags, body = tags + "i", body + struct.pack(">i", v)
    head = struct.pack(">i", address) if isinstance(address, int) else string(address)
    return head + string(tags) + body


NTP_UNIX = 2208988800


def bundle(*elements, at=None):
    """`at`: seconds since 1970, or nothing for at once."""
    time_tag = 1 if at is None else round((at + NTP_UNIX) * 2**32)
    return b"#bundle\0" + struct.pack(">Q", time_tag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def decode(data):
    """[address, values...] of one message."""
    def text(at):
        end = data.index(b"\0", at)
        return data[at:end].decode("latin-1"), (end + 4) & ~3
    address, at = text(0)
    tags, at = text(at)
    values = [address]
    for tag in tags[1:]:
        if tag in "sS":
            value, at = text(at)
        elif tag == "b":
            n, = struct.unpack_from(">i", data, at)
            value, at = data[at + 4:at + 4 + n], at + 4 + (n + 3 & ~3)
        elif tag in "TFNI":
            value = {"T": True, "F": False}.get(tag)
        else:
            code = {"i": "i", "f": "f", "d": "d", "h": "q", "t": "Q"}[tag]
            value, = struct.unpack_from(">" + code, data, at)
            at += struct.calcsize(code)
        values.append(value)
    return values


class Client:
    """Speaks to a server by UDP. `heard` is what came and was not asked for, in its order."""

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect((host, port))
        self.heard, self.serial = [], 0

    def send(self, *values):
        self.socket.send(message(*values))

    def send_bundle(self, *elements, at=None):
        self.socket.send(bundle(*elements, at=at))

    def receive(self, seconds):
        self.socket.settimeout(max(seconds, 0.001))
        try:
            return decode(self.socket.recv(1 << 16))
        except (socket.timeout, ConnectionRefusedError):
            return None

    def wait(self, address, *values, seconds=5):
        """The next message that begins so; what comes before it goes to `heard`."""
        wanted, end = [address, *values], time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(end - time.monotonic())
            if got and got[:len(wanted)] == wanted:
                return got
            if got:
                self.heard.append(got)
        return None

    def sync(self, seconds=10):
        """What came until everything so far has been done."""
        self.serial += 1
        self.send("/sync", self.serial)
        assert self.wait("/synced", self.serial, seconds=seconds), "no /synced in %d s" % seconds
        heard, self.heard = self.heard, []
        return heard

    def close(self):
        self.socket.close()
