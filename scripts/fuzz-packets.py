# SPDX-License-Identifier: GPL-3.0-or-later
"""What no client should send, at random, until the time is over; phonond must answer and end cleanly.

Every packet is kept in a ring: when the daemon ends or falls silent, the last ones are written to
fuzz-packets.log in the build folder, oldest first, as hexadecimal lines.
"""
import collections
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from osc import blob, string
from support import BUILD, SEND, Daemon, Folder
from test_hostile import bundle, message, synthdef, unit

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 60
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
ANSWER_SECONDS = 15  # a sanitized build on a loaded machine
EPOCH = 2208988800   # 1970 in NTP seconds

PROGRAMS = ['out $ s "bd*4 sn"\n',
            'tempo: 2\n~l # sine 0.5\nout $ saw "55 110 220" # lpf (~l * 300 + 800) 1.2 # delay 0.3 0.5 0.4\n',
            'outmix: tanh\n~a $ every 3 rev $ stut 4 0.7 0.1 $ s "bd*2 [sn hh]"\nout $ ~a # reverb 0.4 0.6 0.2\n',
            open(os.path.join(os.path.dirname(__file__), "../examples/m.ph")).read()]

NUMBERS = [0, 1, 2, 3, 4, -1, -2, -3, -4, -1000, -1001, 63, 64, 100, 1000, 1001, 1002, 1003, 4095, 4096,
           65535, 65536, 2**24, 2**31 - 1, -2**31]
FLOATS = [0.0, -0.0, 1.0, -1.0, 440.0, 0.01, 1e-40, 1e9, 1e30, -1e30, 3e38, float("nan"), float("inf"),
          float("-inf")]
WORDS = ["t", "u", "v", "freq", "out", "gate", "", "default", "c0", "c5", "a5", "x" * 255, "x" * 300, "%s%n%d",
         "sine1", "sine2", "sine3", "cheby", "copy", "normalize", "wnormalize", "env", "cantorFill", "PreparePartConv",
         "wav", "aiff", "float", "int16", "a.wav", "*", "/dev/zero", "/dev/stdin", "/proc/self/mem", "/", ".", "..", "\x1b[2J", "bd", "~lead", "(mix)", "(output)"]
COMMANDS = {"/notify": "ii", "/d_free": "ss", "/s_new": "siiisfsf", "/n_free": "ii", "/n_run": "iiii",
            "/n_set": "isfif", "/g_new": "iiiiii", "/g_freeAll": "ii", "/b_alloc": "iiib", "/b_allocRead": "isiib",
            "/b_free": "ib",
            "/b_allocReadChannel": "isiiiib", "/b_read": "isiiiib", "/b_readChannel": "isiiiiib", "/b_write": "isssiiib",
            "/b_close": "ib", "/b_zero": "ib", "/b_set": "iifif", "/b_setn": "iiifff", "/b_fill": "iiifiif", "/b_gen": "isifff",
            "/b_get": "iii", "/b_getn": "iiii", "/b_query": "iii", "/d_load": "sb", "/d_loadDir": "sb", "/d_freeAll": "",
            "/dumpOSC": "i", "/error": "i", "/cmd": "sss", "/u_cmd": "iiss", "/c_set": "ifif", "/clearSched": "", "/sync": "i", "/version": "", "/status": "",
            "/d_recv": "bb", "/phonon/hush": "is", "/phonon/unhush": "is", "/phonon/solo": "is",
            "/phonon/unsolo": "i", "/phonon/panic": "i", "/phonon/status": "i",
            "/phonon/source": "i"}
NUMBERED = {"/notify": 1, "/status": 2, "/d_recv": 5, "/d_free": 8, "/s_new": 9, "/n_free": 11, "/n_run": 12,
            "/n_set": 15, "/g_new": 21, "/g_freeAll": 24, "/c_set": 25, "/b_alloc": 28, "/b_allocRead": 29,
            "/b_free": 32, "/clearSched": 51, "/sync": 52, "/version": 64}


def caught_programs():
    """The bundles that phonon-send makes of PROGRAMS."""
    packets = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as catcher, Folder() as folder:
        catcher.bind(("127.0.0.1", 0))
        catcher.settimeout(30)
        for text in PROGRAMS:
            sender = subprocess.Popen([SEND, "--port", str(catcher.getsockname()[1]), folder.file("m.ph", text)],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            packets.append(catcher.recv(65536))
            sender.kill()
            sender.wait()
    return packets


class Fuzzer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.programs = caught_programs()
        self.units = [line.split() for line in subprocess.run(
            [os.path.join(BUILD, "server", "phonond"), "--units"], capture_output=True, text=True).stdout.splitlines()]

    # ---- packets ---------------------------------------------------------------------------------

    def def_bytes(self):
        """Units at random, wired to whatever comes before them, and an Out."""
        r, units, outputs = self.random, [unit("Control", 1, [], [1, 1])], [(0, 0), (0, 1)]
        constants = [r.choice(FLOATS + [0.1, 2, 3, 0.5, 1000]) for _ in range(4)]

        def wire():
            return r.choice(outputs[-6:]) if r.random() < 0.6 else (-1, r.randrange(4))
        for _ in range(r.randrange(1, 8)):
            name, rates = r.choice(self.units)[:2]
            n_inputs = r.randrange(0, 9)
            for fields in self.units:
                if fields[0] == name and r.random() < 0.9:
                    n_inputs = sum("=" in f for f in fields)
            n_outputs = r.choice([1, 1, 1, 2, 0, 4])
            rate = r.choice([0, 1, 2, 2, 2])
            if name in ("Out", "OffsetOut", "ReplaceOut", "XOut"):
                n_inputs += r.randrange(3)
            units.append(unit(name, rate, [wire() for _ in range(n_inputs)], [rate] * n_outputs, r.choice([0, 0, 2, 40])))
            outputs += [(len(units) - 1, i) for i in range(n_outputs)]
        units.append(unit("Out", 2, [(-1, 3), wire()], []))
        name = r.choice([b"t", b"u", b"v", b"w%d" % r.randrange(100000)])
        control = b"freq" if r.random() < 0.7 else b"n%d" % r.randrange(100000)
        return (b"SCgf" + struct.pack(">ih", 2, 1) + bytes([len(name)]) + name
                + struct.pack(">i4f", 4, *constants) + struct.pack(">i2f", 2, 440.0, r.choice(FLOATS))
                + struct.pack(">i", 2) + bytes([len(control)]) + control + struct.pack(">i", 0)
                + b"\3out" + struct.pack(">i", 1)
                + struct.pack(">i", len(units)) + b"".join(units) + struct.pack(">h", 0))

    def value(self, tag, depth):
        r = self.random
        if r.random() < 0.05:
            tag = r.choice("ifsb")
        if tag == "i":
            return tag, r.choice(NUMBERS) if r.random() < 0.7 else r.randrange(1000, 1010)
        if tag == "f":
            return tag, r.choice(FLOATS)
        if tag == "s":
            return tag, r.choice(WORDS)
        kind = r.randrange(4)
        return "b", (self.def_bytes() if kind < 2 else synthdef() if kind == 2 else
                     self.command(depth + 1) if depth < 6 else b"")

    def command(self, depth=0):
        r = self.random
        address, tags = r.choice(list(COMMANDS.items()))
        n = r.randrange(len(tags) + 1) if r.random() < 0.2 else len(tags)
        values = [self.value(t, depth) for t in tags[:n]]
        if address == "/b_alloc" and len(values) > 1 and values[1][0] == "i" and values[1][1] > 2**20:
            values[1] = ("i", 2**16)  # what is asked for is given: the machine's memory is not the subject
        if address in NUMBERED and r.random() < 0.5:
            address = NUMBERED[address]
        return message(address, "".join(v[0] for v in values), *(v[1] for v in values))

    def time_tag(self):
        now = time.time() + EPOCH
        return self.random.choice([0, 1, 2, 2**32, 2**63, 2**64 - 1, 2**64 - 2] + [
            int((now + ahead) * 2**32) % 2**64 for ahead in (-3600, -1, -0.001, 0, 0.001, 0.1, 1, 3600, 10**8)])

    def good(self):
        r = self.random
        kind = r.random()
        if kind < 0.12:
            return r.choice(self.programs)
        if kind < 0.25:
            return message("/d_recv", "b", self.def_bytes())
        if kind < 0.5:
            inner = [self.command() for _ in range(r.randrange(4))]
            packet = bundle(*inner, time=self.time_tag())
            for _ in range(r.randrange(0, 10) if r.random() < 0.2 else 0):
                packet = bundle(packet, self.command(), time=self.time_tag())
            return packet
        return self.command()

    def mutated(self, packet):
        r, data = self.random, bytearray(packet)
        for _ in range(r.choice([1, 1, 2, 4, 16])):
            if not data:
                break
            at, kind = r.randrange(len(data)), r.randrange(7)
            word = at // 4 * 4
            if kind == 0:
                data[at] = r.randrange(256)
            elif kind == 1:
                data[at] ^= 1 << r.randrange(8)
            elif kind == 2:
                data[word:word + 4] = struct.pack(">I", r.choice(NUMBERS) % 2**32)
            elif kind == 3:
                del data[word:word + 4 * r.randrange(1, 9)]
            elif kind == 4:
                data[word:word] = data[r.randrange(len(data)):][:4 * r.randrange(1, 9)]
            elif kind == 5:
                data[word:word + 4] = struct.pack(">f", r.choice(FLOATS))
            else:
                del data[at:]
        return bytes(data)

    def packet(self):
        packet = self.good()
        return packet if self.random.random() < 0.4 else self.mutated(packet)


class Quit(Exception):
    """The daemon was told to end, and did."""


class Target:
    """The daemon and our sockets to it."""

    def __init__(self, seed):
        self.files = tempfile.TemporaryDirectory()  # what is written and read stays in here
        self.daemon = Daemon("--period", random.Random(seed).choice(["64", "256", "100"]), "-P", self.files.name)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(("127.0.0.1", self.daemon.port))
        self.streams, self.sent = [], collections.deque(maxlen=400)
        self.n_packets = 0

    def send(self, packet):
        self.sent.append(packet)
        self.n_packets += 1
        try:
            self.udp.send(packet[:65507])
        except ConnectionRefusedError:
            self.fail("the daemon is gone")

    def abuse_tcp(self, r, packet):
        """Frames in pieces, wrong lengths, connections that never end, connections that end at once."""
        stream = None
        try:
            if len(self.streams) < 80 and r.random() < 0.5:
                stream = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=5)
                stream.setblocking(False)
                self.streams.append(stream)
            stream = r.choice(self.streams) if self.streams else None
            if not stream:
                return
            framed = struct.pack(">I", len(packet)) + packet
            kind = r.randrange(6)
            data = [framed, framed[:r.randrange(len(framed))], struct.pack(">I", r.choice(NUMBERS) % 2**32) + packet,
                    framed * 3, packet, framed][kind]
            self.sent.append(data)
            stream.send(data)
            if kind == 5:
                self.streams.remove(stream)
                if r.random() < 0.5:  # a reset instead of an end
                    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                stream.close()
        except (BlockingIOError, ConnectionError, BrokenPipeError):
            if stream in self.streams:
                self.streams.remove(stream)
                stream.close()

    def check(self):
        """/status is answered, and the audio thread answers /sync."""
        self.udp.setblocking(False)
        try:
            while True:
                self.udp.recv(65536)
        except (BlockingIOError, ConnectionRefusedError):
            pass
        for stream in self.streams[:]:  # some clients read, some don't
            try:
                if stream.fileno() % 2:
                    stream.recv(1 << 20)
            except (BlockingIOError, ConnectionError):
                pass
        self.udp.settimeout(ANSWER_SECONDS)
        begin = time.monotonic()
        try:
            self.udp.send(message("/status"))
            while not self.udp.recv(65536).startswith(string("/status.reply")):
                pass
            self.udp.send(message("/sync", "i", 4711))
            while not self.udp.recv(65536).startswith(string("/synced")):
                pass
        except (socket.timeout, ConnectionRefusedError):
            self.fail("no answer")
        return time.monotonic() - begin

    def status(self):
        try:
            return self.daemon.status()
        except AssertionError as error:
            self.fail(str(error))

    def fail(self, why):
        """A mutation may have become /quit: an end with status 0 is none of the faults looked for."""
        try:
            if self.daemon.process.wait(timeout=5) == 0:
                raise Quit()
        except subprocess.TimeoutExpired:
            pass
        path = os.path.join(BUILD, "fuzz-packets.log")
        with open(path, "w") as log:
            for packet in self.sent:
                log.write(packet.hex() + "\n")
        code = self.daemon.process.poll()
        if code is None:
            self.daemon.process.send_signal(signal.SIGABRT)  # the sanitizer prints where it is
            time.sleep(3)
            self.daemon.process.kill()
        print("FAIL: %s (exit status %s), seed %d; the last packets are in %s" % (why, code, SEED, path))
        print(self.daemon.log()[-8000:])
        sys.stdout.flush()
        sys.exit(1)


def one_round(fuzzer, target):
    for _ in range(100):
        packet = fuzzer.packet()
        if fuzzer.random.random() < 0.15:
            target.abuse_tcp(fuzzer.random, packet)
        else:
            target.send(packet)
    return target.check()


def clean(target):
    """Gives everything back that clients can give back; what stays resident is the server's own."""
    target.send(message("/clearSched"))
    target.send(message("/g_freeAll", "i", 0))
    for number in range(70):
        target.send(message("/b_free", "i", number))
    target.check()
    return target.status()["resident_bytes"] >> 20


def main():
    fuzzer, target = Fuzzer(SEED), Target(SEED)
    end, slowest, rounds, n_packets, n_quits = time.monotonic() + SECONDS, 0.0, 0, 0, 0
    resident = []
    while time.monotonic() < end:
        try:
            slowest = max(slowest, one_round(fuzzer, target))
            rounds += 1
            if rounds % 20 == 0:
                resident.append(clean(target))
        except Quit:
            n_packets += target.n_packets
            n_quits += 1
            target = Target(SEED + n_quits)
    try:
        target.daemon.stop()
    except Exception as error:
        target.fail(str(error))
    print("ok: %d packets, slowest answer %.2f s, %d times told to quit, MiB resident: %s" % (
        n_packets + target.n_packets, slowest, n_quits, resident[:: max(1, len(resident) // 8)]))


main()
