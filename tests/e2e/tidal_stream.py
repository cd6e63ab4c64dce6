# SPDX-License-Identifier: GPL-3.0-or-later
"""
Packets of a TidalCycles session as one compact file, and back (tidal_real.py --record writes it).

zlib of: for each packet a byte for the port (0: events, 1: control buses), three 32-bit numbers,
big-endian: when it came and its time tag, in units of 2^-20 s from the first packet on (tag 0:
none), and its size; then the bytes, the time tag in them zero.
"""
import struct
import zlib

from osc import NTP_UNIX

UNITS = 1 << 20


def units_of(seconds, start):
    return round((seconds - start) * UNITS)


def write(path, packets, at_most=1 << 30):
    """packets: (came, port, bytes), in the order of arrival; handshakes are left out."""
    packets = [p for p in packets if b"/dirt/handshake" not in p[2]][:at_most]
    start, body = packets[0][0], b""
    for came, port, data in packets:
        tag = 0
        if data[:8] == b"#bundle\0":
            seconds = struct.unpack_from(">Q", data, 8)[0] / 2**32 - NTP_UNIX
            tag = units_of(seconds, start)
            data = data[:8] + bytes(8) + data[16:]
        body += struct.pack(">BIII", port, units_of(came, start), tag, len(data)) + data
    with open(path, "wb") as f:
        f.write(zlib.compress(body, 9))


def read(path):
    """(seconds it came, port, seconds of its tag or None, bytes)"""
    with open(path, "rb") as f:
        body = zlib.decompress(f.read())
    at, found = 0, []
    while at < len(body):
        port, came, tag, size = struct.unpack_from(">BIII", body, at)
        at += 13
        found.append((came / UNITS, port, tag / UNITS if tag else None, body[at:at + size]))
        at += size
    return found


def with_tag(data, seconds_1970):
    """The packet, its outer bundle at a time of today."""
    if data[:8] != b"#bundle\0":
        return data
    return data[:8] + struct.pack(">Q", round((seconds_1970 + NTP_UNIX) * 2**32)) + data[16:]
