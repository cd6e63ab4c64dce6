# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC as Python values, and a client that keeps what it is told:
for all scripts that speak to a server."""
import socket
import struct
import time

NTP_UNIX = 2208988800


def string(text):
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def blob(data):
    return struct.pack(">i", len(data)) + data + b"\0" * (-len(data) % 4)


def argument(value):
    """(tags, bytes)"""
    if isinstance(value, bool):
        return ("T" if value else "F"), b""
    if value is None:
        return "N", b""
    if isinstance(value, int):
        is_short = -2**31 <= value < 2**31
        return ("i", struct.pack(">i", value)) if is_short else ("h", struct.pack(">q", value))
    if isinstance(value, float):
        return "f", struct.pack(">f", value)
    if isinstance(value, str):
        return "s", string(value)
    if isinstance(value, (list, tuple)):
        tags, data = arguments(value)
        return "[" + tags + "]", data
    return "b", blob(value)


def arguments(values):
    parts = [argument(v) for v in values]
    return "".join(tags for tags, _ in parts), b"".join(data for _, data in parts)


def message(address, *values):
    """int -> i (h where it is too long), float -> f, str -> s, bytes -> b, True -> T, None -> N,
    lists stand in brackets. An address that is a number goes as one."""
    tags, data = arguments(values)
    head = struct.pack(">i", address) if isinstance(address, int) else string(address)
    return head + string("," + tags) + data


def packet(time_tag, elements):
    return b"#bundle\0" + struct.pack(">Q",
                                      time_tag) + b"".join(struct.pack(">i", len(e)) + e
                                                           for e in elements)


def bundle(*elements, at=None):
    """`at`: seconds since 1970, or nothing for at once."""
    return packet(1 if at is None else round((at + NTP_UNIX) * 2**32), elements)


def score(bundles):
    """A score file for -N, of (seconds, messages)..., the last of which is the end."""
    packets = [packet(round(seconds * 2**32), messages) for seconds, messages in bundles]
    return b"".join(struct.pack(">i", len(p)) + p for p in packets)


def decode(data):
    """[address, values...] of one message; of a bundle, its first."""
    def text(at):
        end = data.index(b"\0", at)
        return data[at:end].decode("latin-1"), (end + 4) & ~3
    if data.startswith(b"#bundle\0"):
        return decode(data[20:])
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

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *values):
        self.send_packet(message(*values))

    def send_packet(self, data):
        try:
            self.socket.send(data)
        # nobody listens yet, or no more: who waits for an answer will know
        except ConnectionRefusedError:
            pass

    def receive(self, seconds):
        """The next message, or None."""
        self.socket.settimeout(max(seconds, 0))
        try:
            return decode(self.socket.recv(1 << 16))
        except (socket.timeout, BlockingIOError, ConnectionRefusedError):
            return None

    def wait(self, address, *values, seconds=5):
        """The next message that begins so, or None; what comes before it goes to `heard`."""
        wanted, end = [address, *values], time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(end - time.monotonic())
            if got and got[:len(wanted)] == wanted:
                return got
            if got:
                self.heard.append(got)
        return None

    def ask(self, reply, *values, seconds=10):
        """Sends a message; the values of the next one whose address is `reply`."""
        self.send(*values)
        got = self.wait(reply, seconds=seconds)
        assert got, "no %s in %g s" % (reply, seconds)
        return got[1:]

    def sync(self, seconds=10, quiet=0):
        """What came until everything so far has been done, and `quiet` seconds longer."""
        self.serial += 1
        self.send("/sync", self.serial)
        assert self.wait("/synced", self.serial, seconds=seconds), "no /synced in %g s" % seconds
        heard, self.heard = self.heard, []
        while quiet and (got := self.receive(quiet)):
            heard.append(got)
        return heard

    def status(self, seconds=5):
        """What /status.reply says, or None."""
        self.send("/status")
        got = self.wait("/status.reply", seconds=seconds)
        return got and got[1:]

    def wait_until_up(self, seconds=20):
        end = time.monotonic() + seconds
        while not self.status(0.2):
            assert time.monotonic() < end, "no server"
        while self.receive(0.05):
            pass
