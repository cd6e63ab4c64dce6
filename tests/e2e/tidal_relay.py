# SPDX-License-Identifier: GPL-3.0-or-later
"""A tap between TidalCycles and phonond: stores every packet
with the time it came, and hands it on."""
import select
import socket
import struct
import threading
import time

from osc import NTP_UNIX, decode


def elements(packet):
    """(time tag, message) of all that lies in a packet; the tag is 1 outside bundles."""
    if packet[:8] != b"#bundle\0":
        return [(1, packet)]
    tag, = struct.unpack_from(">Q", packet, 8)
    at, found = 16, []
    while at + 4 <= len(packet):
        size, = struct.unpack_from(">i", packet, at)
        element = packet[at + 4:at + 4 + size]
        found += elements(element) if element[:8] == b"#bundle\0" else [(tag, element)]
        at += 4 + size
    return found


def seconds_of(tag):
    return tag / 2**32 - NTP_UNIX


def parameters(message):
    values = decode(message)
    return dict(zip(values[1::2], values[2::2]))


class Relay:
    """Listens on a port for each of `targets` and hands on what
    comes there; answers go to who asked last."""

    def __init__(self, *targets):
        self.packets = []  # (seconds since 1970, index of the target, bytes)
        self.fronts, self.backs, self.askers = [], [], [None] * len(targets)
        for port in targets:
            front, back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
            for one in (front, back):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            front.bind(("127.0.0.1", 0))
            back.connect(("127.0.0.1", port))
            self.fronts.append(front)
            self.backs.append(back)
        self.ports = [front.getsockname()[1] for front in self.fronts]
        self.ends = False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.ends:
            for ready in select.select(self.fronts + self.backs, [], [], 0.05)[0]:
                try:
                    if ready in self.fronts:
                        self.forward(self.fronts.index(ready))
                    else:
                        self.answer(self.backs.index(ready))
                except ConnectionRefusedError:
                    pass

    def forward(self, i):
        packet, self.askers[i] = self.fronts[i].recvfrom(1 << 16)
        self.packets.append((time.time(), i, packet))
        self.backs[i].send(packet)

    def answer(self, i):
        packet = self.backs[i].recv(1 << 16)
        if self.askers[i]:
            self.fronts[i].sendto(packet, self.askers[i])

    def messages(self, address):
        """(came, time tag, message) of every message with this address, in the order of arrival."""
        wanted = address.encode() + b"\0"
        return [(came, tag, message) for came, _, packet in self.packets
                for tag, message in elements(packet)
                if message.startswith(wanted)]

    def stop(self):
        self.ends = True
        self.thread.join()
        for one in self.fronts + self.backs:
            one.close()
