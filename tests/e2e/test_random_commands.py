# SPDX-License-Identifier: GPL-3.0-or-later
"""
Random commands of random types and values: phonond stays alive, its memory stays flat, and its node
tree is that of a model, compared again and again. PHONON_COMMANDS says how many (50,000),
PHONON_SEED which.
"""
import os
import random
import sys
import time

import osc
from scgf import synthdef
from support import Daemon

N_COMMANDS = int(os.environ.get("PHONON_COMMANDS", "50000"))
SEED = int(os.environ.get("PHONON_SEED", "1"))
COMPARE_EVERY, SYNC_EVERY = 500, 100
MANY_NODES = 3000  # then all of them go: the model has no limit, and the server's is 4096
DEFS = ("one", "two", "mapped")


def number(value):
    """As the server reads an argument where it wants an integer."""
    if isinstance(value, (bool, int)):
        return max(-2**31, min(2**31 - 1, int(value)))
    if isinstance(value, float):
        return 0 if value != value else max(-2**31,
                                            min(2**31 - 1, int(max(-1e18, min(1e18, value)))))
    return 0


# ---- the model -----------------------------------------------------------------------------------

class Node:
    def __init__(self, ident, name):
        self.id, self.name, self.parent = ident, name, None
        self.children = [] if name is None else None  # a group has no name


class Stop(Exception):
    """The command has failed: the rest of it counts for nothing."""


class Model:
    def __init__(self):
        self.root = Node(0, None)
        self.nodes, self.latest, self.hidden = {0: self.root}, 0, -8

    def find(self, ident):
        return self.nodes.get(self.latest if ident == -1 else ident)

    def need(self, ident):
        node = self.find(ident)
        if node is None:
            raise Stop
        return node

    def need_group(self, ident):
        node = self.need(ident)
        if node.children is None:
            raise Stop
        return node

    def next_hidden(self):
        self.hidden -= 8
        return self.hidden

    def hide(self, node):
        del self.nodes[node.id]
        node.id = self.next_hidden()
        self.nodes[node.id] = node

    def insert(self, node, action, target):
        parent = target if action < 2 else target.parent
        at = {0: 0, 1: len(parent.children)}.get(action)
        if at is None:
            at = parent.children.index(target) + (action != 2)
        parent.children.insert(at, node)
        node.parent = parent

    def remove(self, node):
        for child in list(node.children or ()):
            self.remove(child)
        node.parent.children.remove(node)
        del self.nodes[node.id]

    def move(self, node, action, target):
        into = target if action < 2 else target.parent
        if node is target:
            return
        above = into
        while above is not None and above is not node:
            above = above.parent
        if into is None or node is self.root or above is node:
            raise Stop
        node.parent.children.remove(node)
        self.insert(node, action, target)

    def add(self, ident, name, action, target, keeps_id=False):
        if not 0 <= action <= 4:
            raise Stop
        target = self.need_group(target) if action < 2 else self.need(target)
        if action > 1 and target is self.root:
            raise Stop
        if action == 4 and not keeps_id:
            self.hide(target)
        if ident == -1:
            ident = self.next_hidden()
        elif ident < 0:
            raise Stop
        present = self.nodes.get(ident)
        parent = target if action < 2 else target.parent
        if present is not None:
            if name is None and present.children is not None and present.parent is parent and \
                action != 4:
                return
            raise Stop
        node = Node(ident, name)
        self.nodes[ident], self.latest = node, ident
        self.insert(node, 3 if action == 4 else action, target)
        if action == 4:
            self.remove(target)

    # ---- commands

    def s_new(self, name, ident=0, action=0, target=0, *_):
        self.add(number(ident), name, number(action), number(target))

    def s_newargs(self, name, ident=0, action=0, target=0, *_):
        self.add(number(ident), name, number(action), number(target), keeps_id=True)

    def g_new(self, *args):
        for i in range(0, len(args), 3):
            ident, action, target = (list(args[i:i + 3]) + [0, 0])[:3]
            self.add(number(ident), None, number(action), number(target))

    p_new = g_new

    def n_free(self, *args):
        for ident in args:
            node = self.need(number(ident))
            if node is not self.root:
                self.remove(node)

    def s_noid(self, *args):
        for ident in args:
            node = self.find(number(ident))
            if node is not None and node.children is None:
                self.hide(node)

    def g_freeAll(self, *args):
        for ident in args:
            for child in list(self.need_group(number(ident)).children):
                self.remove(child)

    def free_synths(self, group):
        for child in list(group.children):
            if child.children is None:
                self.remove(child)
            else:
                self.free_synths(child)

    def g_deepFree(self, *args):
        for ident in args:
            self.free_synths(self.need_group(number(ident)))

    def pairs(self, args, action):
        waits = None
        for i in range(0, len(args), 2):
            first, second = (list(args[i:i + 2]) + [0])[:2]
            node, target = self.find(number(first)), self.find(number(second))
            if node is None or target is None:
                continue
            if waits and waits[0] is not node:
                self.move(waits[0], action, waits[1])
            waits = node, target
        if waits:
            self.move(waits[0], action, waits[1])

    def n_before(self, *args):
        self.pairs(args, 2)

    def n_after(self, *args):
        self.pairs(args, 3)

    def into(self, args, action):
        for i in range(0, len(args), 2):
            group, node = (list(args[i:i + 2]) + [0])[:2]
            group = self.need_group(number(group))
            self.move(self.need(number(node)), action, group)

    def g_head(self, *args):
        self.into(args, 0)

    def g_tail(self, *args):
        self.into(args, 1)

    def n_order(self, action=0, target=0, *args):
        action = number(action)
        if not 0 <= action <= 3:
            raise Stop
        target = self.need_group(number(target)) if action < 2 else self.need(number(target))
        for ident in args:
            node = self.find(number(ident))
            if node is not None:
                self.move(node, action, target)
                action, target = 3, node

    def do(self, name, args):
        try:
            getattr(self, name)(*args)
        except Stop:
            pass

    def tree(self):
        """As /g_queryTree.reply has it, without controls."""
        out, left = [0], [self.root]
        while left:
            node = left.pop()
            is_synth = node.children is None
            out += [node.id, -1, node.name] if is_synth else [node.id, len(node.children)]
            left += reversed(node.children or ())
        return out


# ---- random commands -----------------------------------------------------------------------------

rng = random.Random(SEED)


def junk():
    """Anything that OSC can say."""
    return rng.choice((
        lambda: rng.randrange(-4, 40),
        lambda: rng.choice((-2**31, 2**31 - 1, 1 << 40, -(1 << 40), 16384, 1024)),
        lambda: rng.uniform(-10, 10),
        lambda: rng.choice((float("nan"), float("inf"), -float("inf"), 1e30, -0.0, 1e-42)),
        lambda: rng.choice(("level", "arr", "out", "c3", "a5", "", "c99999999999",
                            "x" * rng.randrange(300))),
        lambda: bytes(rng.randrange(256) for _ in range(rng.randrange(20))), lambda: None,
        lambda: True, lambda: False,
        lambda: [junk() for _ in range(rng.randrange(4))] if rng.random() < 0.3 else []))()


def ident():
    """Of a node, mostly one that may be there."""
    x = rng.random()
    if x < 0.85:
        return rng.randrange(0, 120)
    return rng.choice((-1, -16, -8 * rng.randrange(2, 400), float(rng.randrange(120)), 1e30, -5,
                       None, True, b"blob", 77777))


def control():
    return rng.choice(("out", "level", "arr", "nobody", 0, 1, 2, 3, 4, 5, 6, 2.0, -1,
                       2**31 - 1, ""))


def value():
    return junk() if rng.random() < 0.3 else rng.choice((rng.uniform(0, 1), rng.randrange(8),
                                                         "c%d" % rng.randrange(20),
                                                         "a%d" % rng.randrange(20),
                                                         [0.5, "c1", 0.25]))


def count():
    return rng.choice((0, 1, 2, 3, 5, -1, 2**31 - 1, 2.5, 16384))


def some(make, most=4):
    return [make() for _ in range(rng.randrange(most + 1))]


def flat(lists):
    return [x for one in lists for x in one]


def settings():
    return flat([control(), value()] for _ in range(rng.randrange(4)))


TREE = {  # the model knows what becomes of these
    "s_new": lambda: [rng.choice(DEFS), ident(), rng.choice((0, 1, 2, 3, 4, 0, 1, 9, 1.0)),
                      ident()] + settings(),
    "s_newargs": lambda: [rng.choice(DEFS), ident(), rng.randrange(5), ident(), "arr",
                          2, 0.5, 0.25],
    "g_new": lambda: flat([ident(), rng.randrange(5), ident()] for _ in range(rng.randrange(1, 4))),
    "p_new": lambda: [ident(), rng.randrange(5), ident()],
    "n_free": lambda: some(ident), "s_noid": lambda: some(ident, 2),
    "g_freeAll": lambda: some(ident, 1),
    "g_deepFree": lambda: some(ident, 1),
    "n_before": lambda: flat([ident(), ident()] for _ in range(rng.randrange(4))),
    "n_after": lambda: flat([ident(), ident()] for _ in range(rng.randrange(4))),
    "g_head": lambda: flat([ident(), ident()] for _ in range(rng.randrange(3))),
    "g_tail": lambda: flat([ident(), ident()] for _ in range(rng.randrange(3))),
    "n_order": lambda: [rng.choice((0, 1, 2, 3, 3, 7)), ident()] + some(ident),
}
OTHERS = {  # these leave the tree as it is
    "n_set": lambda: [ident()] + settings(),
    "n_setn": lambda: [ident(), control(), count()] + some(value, 8),
    "n_fill": lambda: [ident(), control(), count(), value()],
    "n_map": lambda: [ident(), control(), rng.randrange(-2, 30)],
    "n_mapn": lambda: [ident(), control(), rng.randrange(-2, 30), count()],
    "n_mapa": lambda: [ident(), control(), rng.randrange(-2, 30)],
    "n_mapan": lambda: [ident(), control(), rng.randrange(-2, 30), count()],
    "n_run": lambda: flat([ident(), rng.randrange(2)] for _ in range(rng.randrange(4))),
    "n_query": lambda: some(ident), "s_get": lambda: [ident()] + some(control),
    "s_getn": lambda: [ident()] + flat([control(), count()] for _ in range(rng.randrange(3))),
    "c_set": lambda: some(junk, 6), "c_setn": lambda: [junk(), count()] + some(junk, 8),
    "c_fill": lambda: some(junk, 6),
    "c_get": lambda: some(lambda: rng.randrange(16400), 8), "c_getn": lambda: some(count),
    "g_queryTree": lambda: some(ident, 2),
    "sync": lambda: [-1], "status": lambda: [], "clearSched": lambda: [], "n_trace": lambda: [],
    "b_alloc": lambda: [rng.randrange(-1, 8), rng.choice((64, 100, 0, -1)), rng.randrange(3)],
    "b_free": lambda: [rng.randrange(-1, 8)], "b_set": lambda: [rng.randrange(8)] + some(junk, 4),
    "b_setn": lambda: [rng.randrange(8), junk(), count()] + some(junk, 6),
    "b_get": lambda: [rng.randrange(8)] + some(junk, 3),
    "b_getn": lambda: [rng.randrange(8), junk(), count()],
    "b_fill": lambda: [rng.randrange(8)] + some(junk, 6),
    "b_query": lambda: some(lambda: rng.randrange(8)), "b_zero": lambda: [rng.randrange(8)],
}
# ways to die are few enough for nodes to gather
WEIGHTS = {"s_new": 14, "g_new": 6, "g_freeAll": 0.05, "g_deepFree": 0.05, "n_free": 1,
           "s_noid": 0.5, "n_set": 6}


def command():
    names = list(TREE) + list(OTHERS)
    name = rng.choices(names, [WEIGHTS.get(n, 1) for n in names])[0]
    return name, (TREE.get(name) or OTHERS[name])()


# ---- the check -----------------------------------------------------------------------------------

def memory_mib(process):
    with open("/proc/%d/statm" % process.pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def definitions():
    names = [("out", [2.0], "kr"), ("level", [0.25], "kr"), ("arr", [1.0, 2.0, 3.0], "kr")]
    yield synthdef("one", names, [("DC", 2, ["level"], 1), ("Out", 2, ["out", (0, 0)], 0)])
    yield synthdef("two", names,
                   [("In", 2, [4.0], 1), ("SinOsc", 2, [("arr", 1), 0.0], 1),
                    ("Out", 2, ["out", (1, 0)], 0)])
    yield synthdef("mapped", [("level", [0.1], "ar"), ("arr", [1.0, 2.0], "tr")],
                   [("Out", 2, [4.0, "level"], 0)])


def compare(client, model, n):
    for address, *args in client.sync(seconds=60):
        assert address != "/g_queryTree.reply" or len(args) > 0
    while client.receive(0):  # what answers the random commands
        pass
    tree = client.ask("/g_queryTree.reply", "/g_queryTree", 0, 0, seconds=60)
    assert tree == model.tree(), "after %d commands of seed %d\nserver %s\nmodel  %s" % (
        n, SEED, tree, model.tree())


def main():
    model, early = Model(), None
    with Daemon("-n", "4096") as daemon:
        client = osc.Client(daemon.port)
        for definition in definitions():
            client.ask("/done", "/d_recv", definition)
        client.ask("/done", "/notify", 1)
        began = time.monotonic()
        for n in range(1, N_COMMANDS + 1):
            name, args = command()
            client.send("/" + name, *args)
            if name in TREE:
                model.do(name, args)
            if n % SYNC_EVERY == 0:
                client.sync(seconds=60)
            if n % COMPARE_EVERY == 0:
                compare(client, model, n)
                if len(model.nodes) > MANY_NODES:
                    client.send("/g_freeAll", 0)
                    model.do("g_freeAll", [0])
            if n == N_COMMANDS // 5:
                early = memory_mib(daemon.process)
        late, status = memory_mib(daemon.process), daemon.status()
        print(
            "%d commands in %.1f s, %d nodes at the end, %.1f MiB after a fifth, %.1f at the end" %
            (
            N_COMMANDS, time.monotonic() - began, len(model.nodes), early, late))
        assert status["non_finite"] >= 0
        # keeps what is freed for a while, and finds leaks by itself
        if not os.environ.get("PHONON_SANITIZED"):
            assert late < early + 8, (early, late)
        client.close()


if __name__ == "__main__":
    sys.exit(main())
