# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that nobody should send, against a live phonond:
afterwards it still answers and still plays."""
import random
import socket
import struct
import subprocess

from osc import blob, packet, string
from support import SEND, Daemon, Folder, main

PROGRAM = """tempo: 2
~lead # saw 220 # lpf 800 1.2
out $ s "bd*2 sn"
o2 # ~lead * 0.1
"""


# ---- packets by hand -----------------------------------------------------------------------------

def message(address, tags="", *values):
    head = struct.pack(">i", address) if isinstance(address, int) else string(address)
    body = b""
    for tag, value in zip(tags, values):
        body += {"i": lambda v: struct.pack(">i", v), "f": lambda v: struct.pack(">f", v),
                 "s": string, "b": blob}[tag](value)
    return head + string("," + tags) + body


def bundle(*elements, time=1):
    return packet(time, elements)


def unit(name, rate, inputs, outputs, special=0):
    return (bytes([len(name)]) + name.encode() +
            struct.pack(">bIIh", rate, len(inputs), len(outputs), special)
            + b"".join(struct.pack(">ii", *i) for i in inputs) + bytes(outputs))


def synthdef(name=b"t"):
    """SinOsc at a control `freq`, to bus 0."""
    units = [unit("Control", 1, [], [1]), unit("SinOsc", 2, [(0, 0), (-1, 0)], [2]),
             unit("Out", 2, [(-1, 0), (1, 0)], [])]
    return (b"SCgf" + struct.pack(">ih", 2, 1) + bytes([len(name)]) + name
            + struct.pack(">if", 1, 0.0) + struct.pack(">if", 1, 440.0)
            + struct.pack(">i", 1) + b"\4freq" + struct.pack(">i", 0)
            + struct.pack(">i", len(units)) + b"".join(units) + struct.pack(">h", 0))


# ---- a client ------------------------------------------------------------------------------------

class Client:
    def __init__(self, port):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(10)

    def send(self, packet):
        try:
            self.socket.send(packet)
        except ConnectionRefusedError:
            raise AssertionError("phonond has ended")

    def drain(self):
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(65536)
        except BlockingIOError:
            pass
        self.socket.settimeout(10)

    def wait_for(self, address):
        while True:
            packet = self.socket.recv(65536)
            if packet.startswith(string(address)):
                return packet

    def check_alive(self):
        """Answers /status, and the audio thread answers /sync."""
        self.drain()
        self.send(message("/status"))
        self.wait_for("/status.reply")
        self.send(message("/sync", "i", 4711))
        while struct.unpack(">i", self.wait_for("/synced")[-4:])[0] != 4711:
            pass


def program_packet():
    """The bundle that phonon-send makes of PROGRAM, caught by a socket of ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as catcher, Folder() as folder:
        catcher.bind(("127.0.0.1", 0))
        catcher.settimeout(10)
        sender = subprocess.Popen(
            [SEND, "--port", str(catcher.getsockname()[1]), folder.file("m.ph", PROGRAM)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return catcher.recv(65536)
        finally:
            sender.kill()
            sender.wait()


# ---- tests ---------------------------------------------------------------------------------------

def test_packets_that_kill_others():
    deep = message("/status")
    for _ in range(1000):
        deep = bundle(deep)
    packets = [
        b"", b"\0", b"#", b"#bundle", b"#bundle\0", b"#bundle\0" + b"\0" * 8,
        b"#bundle\0" + struct.pack(">Qi", 1, 4),                      # 20 bytes
        b"#bundle\0" + struct.pack(">Qi", 1, -1) + b"\0" * 4,         # negative element
        b"#bundle\0" + struct.pack(">Qi", 1, -2**31) + b"\0" * 4,
        b"#bundle\0" + struct.pack(">Qi", 1, 2**31 - 1) + b"\0" * 4,
        b"/status", b"/abc", b"/sta",                                 # no terminator
        string("/s_new") + b",sii", string("/s_new") + string(",s") + b"abcd",
        string("/s_new") + string(",siii") + string("x"),             # arguments missing
        string("/b_alloc") + string(",b") + struct.pack(">i", -1),
        string("/b_alloc") + string(",b") + struct.pack(">i", 2**31 - 1),
        string("/n_set") + string(",i" + "[" * 5000) + b"\0" * 4,
        string("/n_set") + string(",i[[]") + b"\0" * 4,
        string("/x") + string("," + "i" * 10000),
        bundle(message("/status"), bundle(message("/status")), message("/status")),  # kills scsynth
        deep, deep[:60000], message("/*"), message("/" + "a" * 60000), message("/{a,b}*?[a-z]"),
        b"\xff" * 65000, b"\0" * 65000, b"," * 65000,
        message("/d_recv", "b",
                b"SCgf" + struct.pack(">ih", 2, 1) + b"\1a" + struct.pack(">i", 2**31 - 1)),
        message("/d_recv", "b", b"SCgf" + struct.pack(">ih", 2, 32767)),
        message("/d_recv", "b", b""), message("/d_recv", "i", 1), message("/d_recv"),
    ]
    with Daemon() as daemon:
        client = Client(daemon.port)
        for packet in packets:
            if len(packet) <= 65507:
                client.send(packet)
                client.check_alive()


def test_every_truncation_of_valid_packets():
    whole = [message("/d_recv", "bi", synthdef(), 0), program_packet(),
             bundle(message(9, "siiisf", "t", 1000, 0, 0, "freq", 440.0), message(11, "i", 1000))]
    with Daemon() as daemon:
        client = Client(daemon.port)
        for packet in whole:
            for size in range(0, len(packet), 1 if len(packet) < 600 else 7):
                client.send(packet[:size])
                if size % 64 == 0:
                    client.drain()
            client.check_alive()


def test_random_bytes():
    generator = random.Random(1)
    with Daemon() as daemon:
        client = Client(daemon.port)
        for i in range(20000):
            client.send(generator.randbytes(generator.randrange(0, 80)))
            if i % 500 == 0:
                client.check_alive()
        client.check_alive()


def test_flipped_bytes_in_programs_and_definitions():
    generator = random.Random(2)
    program, definition = program_packet(), message("/d_recv", "bi", synthdef(), 0)
    with Daemon() as daemon:
        client = Client(daemon.port)
        for i in range(1500):
            packet = bytearray(program if i % 5 == 0 else definition)
            for _ in range(generator.randrange(1, 5)):
                packet[generator.randrange(len(packet))] = generator.randrange(256)
            client.send(bytes(packet))
            client.send(message("/s_new", "siii", "t", -1, 0, 0))
            if i % 20 == 0:
                client.send(message("/g_freeAll", "i", 0))
                client.check_alive()
        client.check_alive()
        client.send(program)  # and a good one is still taken
        while b"/phonon/program" not in client.wait_for("/done"):
            pass  # of a tempo, left over from a program whose first record was hit


def test_well_formed_nonsense():
    """Random well-formed messages kill scsynth within 500; every command here gets thousands."""
    generator = random.Random(3)
    commands = {"/notify": "ii", "/d_free": "ss", "/s_new": "siiisfsf", "/n_free": "ii",
                "/n_run": "iiii",
                "/n_set": "isfif", "/g_new": "iiiiii", "/g_freeAll": "ii", "/b_alloc": "iii",
                "/b_allocRead": "isii", "/b_free": "i", "/c_set": "ifif", "/clearSched": "",
                "/sync": "i",
                "/version": "", "/status": "", "/phonon/hush": "i", "/phonon/status": "i"}
    numbers = [0, 1, 2, 3, 4, -1, -2, -3, -4, -1000, -1001, 1000, 1001, 1002, 1003, 2**31 - 1,
               -2**31, 64, 65536]
    floats = [0.0, -1.0, 440.0, 1e30, -1e30, float("nan"), float("inf"), float("-inf"), 1e-40]
    words = ["t", "freq", "out", "", "default", "c5", "a5", "x" * 300, "/dev/zero",
             "/dev/stdin", "/", "."]

    def value(tag):
        if generator.random() < 0.1:
            tag = generator.choice("ifsb")
        return tag, {"i": lambda: generator.choice(numbers), "f": lambda: generator.choice(floats),
                     "s": lambda: generator.choice(words),
                     "b": lambda: generator.choice(
                         [b"", b"abc", message("/s_new", "siii", "t", -1, 0, 0)])}[tag]()

    with Daemon() as daemon:
        client = Client(daemon.port)
        for i in range(12000):
            address, tags = generator.choice(list(commands.items()))
            n = generator.randrange(len(tags) + 1) if generator.random() < 0.2 else len(tags)
            values = [value(t) for t in tags[:n]]
            packet = message(address, "".join(v[0] for v in values), *(v[1] for v in values))
            if generator.random() < 0.2:
                packet = bundle(packet, packet, time=generator.choice([0, 1, 2, 2**63, 2**64 - 1]))
            client.send(packet)
            if i % 100 == 0:
                client.send(message("/d_recv", "b", synthdef()))
                client.check_alive()
            if i % 1000 == 0:
                client.send(message("/g_freeAll", "i", 0))
        client.check_alive()
        daemon.send("-", text=PROGRAM)  # and a program still plays


def test_tcp_clients_that_stall_or_lie():
    with Daemon() as daemon:
        client = Client(daemon.port)
        stalled = []
        for i in range(100):
            s = socket.create_connection(("127.0.0.1", daemon.port))
            if i % 4 == 1:
                s.send(b"\0\0")                                   # half a length
            elif i % 4 == 2:
                s.send(struct.pack(">i", 60 << 20) + b"x" * 1000)  # much is promised
            elif i % 4 == 3:
                s.send(struct.pack(">i", -1))                      # no length at all
            stalled.append(s)
        client.check_alive()
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as good:
            packet = message("/version")
            good.send(struct.pack(">i", len(packet)) + packet)
            assert good.recv(4096)[4:].startswith(string("/version.reply"))
        for s in stalled:
            s.close()
        client.check_alive()


def test_the_program_plays_on_under_fire():
    """What arrives malformed changes nothing of what runs."""
    generator = random.Random(4)
    with Daemon() as daemon:
        daemon.send("-", text=PROGRAM)
        before = daemon.status()
        client = Client(daemon.port)
        for _ in range(3000):
            client.send(generator.randbytes(generator.randrange(1, 400) * 4))
        client.check_alive()
        after = daemon.status()
        assert after["revision"] == before["revision"] != 0, (before, after)
        lasting = [s["synths"] - s["voices"] for s in (before, after)]
        assert lasting[0] == lasting[1], (before, after)
        assert after["non_finite"] == 0
        assert after["malformed"] > before["malformed"]


if __name__ == "__main__":
    main(globals())
