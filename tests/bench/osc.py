# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC as the comparison needs it: messages, score files for -N, a client that asks and waits."""
import socket
import struct
import time

IMMEDIATELY = 1


def _string(text):
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(address, *args):
    """Floats become f, ints i, text s, bytes b."""
    tags, data = ",", b""
    for value in args:
        if isinstance(value, float):
            tags, data = tags + "f", data + struct.pack(">f", value)
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        elif isinstance(value, str):
            tags, data = tags + "s", data + _string(value)
        else:
            tags += "b"
            data += struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)
    return _string(address) + _string(tags) + data


def bundle(ntp, messages):
    return b"#bundle\0" + struct.pack(">Q", ntp) + b"".join(
        struct.pack(">i", len(m)) + m for m in messages)


def write_score(path, events):
    """`events` are (seconds, message); those of one time become one bundle, 100 messages at most."""
    with open(path, "wb") as score:
        held, when = [], None
        for seconds, m in events + [(None, None)]:
            if held and (seconds != when or len(held) == 100 or sum(map(len, held)) > 7000):
                packet = bundle(round(when * 2**32), held)
                score.write(struct.pack(">i", len(packet)) + packet)
                held = []
            when = seconds
            held.append(m)


def parse(packet):
    """(address, arguments) of one message; of a bundle, its first."""
    if packet[:8] == b"#bundle\0":
        return parse(packet[20:])
    end = packet.index(b"\0")
    address, at = packet[:end].decode(), (end // 4 + 1) * 4
    end = packet.index(b"\0", at)
    tags, at, args = packet[at + 1:end].decode(), (end // 4 + 1) * 4, []
    for tag in tags:
        if tag in "if":
            args.append(struct.unpack_from(">" + tag, packet, at)[0])
            at += 4
        elif tag in "hdt":
            args.append(struct.unpack_from({"h": ">q", "d": ">d", "t": ">Q"}[tag], packet, at)[0])
            at += 8
        elif tag == "s":
            end = packet.index(b"\0", at)
            args.append(packet[at:end].decode())
            at = (end // 4 + 1) * 4
        elif tag == "b":
            size = struct.unpack_from(">i", packet, at)[0]
            args.append(packet[at + 4:at + 4 + size])
            at += 4 + (size + 3) // 4 * 4
        else:
            args.append({"T": True, "F": False}.get(tag))
    return address, args


class Client:
    """Talks to one server over UDP on this machine."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.connect(("127.0.0.1", port))
        self.n_syncs = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, address, *args):
        self.send_raw(message(address, *args))

    def send_raw(self, packet):
        try:
            self.socket.send(packet)
        except ConnectionRefusedError:
            pass

    def wait(self, address, timeout, first=None):
        """Arguments of the next message to `address` (whose first argument is `first`), or None."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                got, args = parse(self.socket.recv(65536))
            except ConnectionRefusedError: # nobody listens yet
                return None
            except socket.timeout:
                return None
            if got == address and (first is None or args[0] == first):
                return args
        return None

    def sync(self, timeout=20):
        self.n_syncs += 1
        self.send("/sync", self.n_syncs)
        if self.wait("/synced", timeout, self.n_syncs) is None:
            raise RuntimeError("no answer to /sync")

    def status(self, timeout=1.0):
        """Arguments of /status.reply, or None."""
        self.send("/status")
        return self.wait("/status.reply", timeout)
