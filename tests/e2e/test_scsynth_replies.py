# SPDX-License-Identifier: GPL-3.0-or-later
"""
One script of commands about nodes, controls and control buses, good and bad, to scsynth and to phonond on the
same JACK server: every reply and every notification must be the same.

Left out is what scsynth answers by accident: nodes that end up outside the tree (beside the root, behind
themselves, a replaced root), /n_fill (reads its value twice), numbers that miss at the end of a message or have 64
bits, and replies that are no OSC. Buffers, and definitions in files, are test_scsynth_buffers.py's.
"""
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import osc
from jack import Jack
from scgf import synthdef
from support import PHONOND, free_port

QUIET = 0.025  # seconds behind /synced in which notifications still come
OPTIONS = ["-B", "127.0.0.1", "-a", "1024", "-i", "2", "-o", "2", "-l", "4", "-n", "256", "-D", "0"]
NOTIFICATIONS = ("/n_go", "/n_end", "/n_off", "/n_on", "/n_move", "/n_info")


class Wait(float):
    """A step: so many seconds go by."""


class At(tuple):
    """A step: a bundle, so many seconds ahead, of messages."""


# ---- what is sent ---------------------------------------------------------------------------------

CONTROLS = [("out", [0.0], "kr"), ("level", [0.25], "kr"), ("arr", [1.0, 2.0, 3.0], "kr"), ("last", [9.0], "kr")]
DEFS = [
    synthdef("dc", CONTROLS, [("DC", 2, [0.0], 1), ("Out", 2, ["out", (0, 0)], 0)]),
    synthdef("mixed", [("x", [0.5], "ar"), ("t", [0.0], "tr"), ("k", [4.0], "kr"), ("i", [5.0], "ir")],
                 [("Out", 2, [100.0, "x"], 0)]),
    synthdef("none", [], [("DC", 2, [0.0], 1), ("Out", 2, [100.0, (0, 0)], 0)]),
    # ends after `dur` seconds with done action `act`
    synthdef("ending", [("act", [2.0], "kr"), ("dur", [0.02], "kr")],
                 [("Line", 1, [0.0, 1.0, "dur", "act"], 1)]),
]


def start():
    yield ("/notify", 1)
    yield ("/notify", 1)
    for definition in DEFS:
        yield ("/d_recv", definition)


def clear():
    yield ("/g_freeAll", 0)
    yield ("/g_queryTree", 0, 1)


def new_nodes():
    yield ("/s_new",)
    yield ("/s_new", 5)
    yield ("/s_new", "dc")
    yield ("/s_new", "nobody", 1000, 0, 0)
    yield ("/s_new", "dc", 1000)
    yield ("s_new", "dc", 1001, 0, 0)
    yield (9, "dc", 1002, 1, 0, "level", 0.5)
    yield ("/s_new", "dc", 1003.0, 2.0, 1000.0)
    yield ("/s_new", "dc", 1004, 3, 1000, "arr", [5.0, 6.0, 7.0, 8.0], "level", 3)
    yield ("/g_queryTree", 0, 1)
    for action in range(5):
        yield ("/s_new", "dc", 2000, action, 77)
    yield ("/s_new", "dc", 2000, 0, 1000)
    yield ("/s_new", "dc", 2000, 1, 1000)
    yield ("/s_new", "dc", 2000, 5, 0)
    yield ("/s_new", "dc", 2000, -1, 0)
    yield ("/s_new", "dc", 1000, 1, 0)
    yield ("/s_new", "dc", 1005, 4, 1004)
    yield ("/s_new", "dc", 1005, 4, 1005)
    yield ("/s_new", "dc", 1000, 4, 1005)  # duplicate; the target is hidden all the same
    yield ("/g_queryTree", 0, 0)
    for _ in range(3):
        yield ("/s_new", "none", -1, 0, 0)
    yield ("/s_new", "dc", -5, 0, 0)
    yield ("/s_new", "dc", -5, 0, 77)
    yield ("/s_new", "dc", -1, 0, 77)
    yield ("/n_query", -1)
    yield ("/n_query", -1000, 0)
    yield ("/s_get", -1, 0)
    yield ("/n_free", -1)
    yield ("/n_query", -1)
    yield ("/s_new", "mixed", 1010, 0, 0, "x", 1.0, "t", 2.0, "k", 3.0, "i", 4.0)
    yield ("/s_new", "mixed", 1011, 0, 0, 0, 1.0, 1, 2.0, 2, [3.0, 4.0, 5.0], 9, 1.0, -1, 1.0)
    yield ("/s_new", "dc", 1012, 0, 0, "level", "c5", "arr", ["a3", "c4", 7.0], "last", "x9")
    yield ("/s_new", "dc", 1013, 0, 0, "level", "c99999999", "arr", "a99999999", "last", "c")
    yield ("/s_new", "dc", 1014, 0, 0, "nobody", 1.0, "level", 2.0)
    yield ("/s_newargs", "dc", 1020, 0, 0, "arr", 2, 5.0, 6.0, 0, 1, 7.0)
    yield ("/s_newargs", "dc", 1020, 0, 0)
    yield ("/s_newargs", "nobody", 1021, 0, 0)
    yield ("/s_newargs", "dc", 1021, 4, 1020, "arr", 3, "c3", "a4", 1.0)
    yield ("/s_newargs", "dc", 1021, 4, 1021)
    yield ("/s_newargs", "dc", 1022, 9, 1021)
    yield ("/s_newargs", "dc", 1022, 2, 77)
    yield ("/s_newargs", 5)
    yield ("/g_queryTree", 0, 1)


def new_groups():
    for address in ("/g_new", "/p_new", 21, 63):
        yield (address, 100, 0, 0)
        yield (address, 100, 1, 0)
        yield (address, 101, 0, 100, 102, 1, 100, 103, 2, 102, 104, 3, 102)
        yield (address, 101, 0, 0)
        yield (address, 105)
        yield (address, 106, 0)
        yield (address, 0, 0, 0)
        yield (address, -1, 0, 0)
        yield (address, -7, 0, 0)
        yield (address, 107, 9, 0)
        for action in range(5):
            yield (address, 107, action, 77)
        yield (address, 107, 4, 0)
        yield (address, 107, 4, 102)
        yield (address, 107, 4, 107)
        yield (address, 108, 0, 0, 101, 0, 0, 109, 0, 0)  # stops at the second
        yield ("/g_queryTree", 0, 0)
        yield from clear()


def some_nodes():
    yield ("/g_new", 10, 0, 0, 20, 1, 0, 30, 1, 10)
    for synth, group in ((1000, 10), (1001, 10), (1002, 10), (2000, 20), (2001, 20), (3000, 30)):
        yield ("/s_new", "dc", synth, 1, group)


def controls():
    yield from some_nodes()
    for m in (("/n_set", 1000, "level", 1), ("/n_set", 1000, 1, 2.5, "nobody", 1.0, 99, 1.0, -1, 4.0),
              ("/n_set", 1000, "arr", [5.0, 6.0, 7.0, 8.0], "level", [1.0, 2.0]),
              ("/n_set", 1000, 2, [5.5, 6.5, 7.5, 8.5]), (15, 1000.0, "level", 0.125),
              ("n_set", 1000, "level", "c5", "arr", ["a3", "c4"]), ("/n_set", 1000, "level", "x5", "last", "7"),
              ("/n_set", 1000, "level", "c99999", "arr", "a1024"), ("/n_set", 1000), ("/n_set", 77),
              ("/n_set", 77, "nobody", 1.0), ("/n_set", 77, "level", 1.0, "last", 2.0), ("/n_set", 10, "level", 3.0),
              ("/n_set", 0, "last", 4.0), ("/n_set", -1, "last", 4.5), ("/n_set", 1001, "arr", [1.0, [2.0], 3.0]),
              ("/n_setn", 1000, "arr", 2, 1.0, 2.0, "level", 1, 7.0),
              ("/n_setn", 1000, "arr", 3, "c1", "a2", 9.0), ("/n_setn", 1000, 0, 3, 1.0),
              ("/n_setn", 1000, 2, 9, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0), ("/n_setn", 77, 0, 1, 1.0),
              (16, 10, "arr", 4, 1.0, 2.0, 3.0, 4.0), ("/n_setn", 1000, "arr", 0), ("/n_setn", 1000, "arr", -3),
              ("/n_map", 1000, "level", 3, "arr", 4, 0, 9999999), ("/n_map", 77, "level", 3), ("/n_map", 1000),
              (14, 10, "last", 7), ("/n_map", 10, "last", -1, 0, -1), ("/n_map", 1000, 99, 5, -1, 5),
              ("/n_mapn", 1000, "arr", 3, 3, 5, 9, 1), ("/n_mapn", 77, 0, 0, 1), ("/n_mapn", 1000, "arr", 3, 99),
              ("/n_mapn", 1000, 4, 16382, 5), ("/n_mapn", 10, "arr", -1, 3, "level", -1, 1),
              (48, 0, "level", 11, 3), ("/n_mapa", 1000, "level", 3), ("/n_mapa", 77, 0, 0),
              ("/n_mapa", 1000, "level", 1024), (60, 10, "level", 5), ("/n_mapan", 1000, "arr", 3, 2),
              ("/n_mapan", 77, 0, 0, 1), (61, 0, "arr", 1022, 3), ("/n_mapan", 0, "arr", -1, 3),
              ("/n_set", 0, "level", 0.5)):
        yield m
        yield ("/g_queryTree", 10, 1)
    yield ("/n_mapn", 1000, "arr", 3, 2)
    yield ("/s_get", 1000, "level", 0, "arr", "nobody", 99, -3)  # its own values, not the buses'
    yield ("/s_get", 10, "level")
    yield ("/s_get", 77, "level")
    yield ("/s_get", 1000)
    yield ("/s_get",)
    yield (44, 1001, "last", 1.0)
    yield ("/s_getn", 1000, "arr", 3, 0, 2, "arr", 5, 4, 3)
    yield (45, 1001, 0, 6)
    yield ("/s_getn", 77, 0, 1)
    yield ("/s_getn", 10, 0, 1)
    yield ("/s_getn", 1000, "nobody", 2)
    yield ("/s_getn", 1000, 0, 0)
    yield from clear()


def order():
    tree = ("/g_queryTree", 0, 0)
    yield from some_nodes()
    for m in (("/n_before", 1001, 1000), ("/n_before", 1000, 1000), ("/n_before", 1000, 1001, 1002, 1000),
              ("/n_before", 77, 1000), ("/n_before", 1000, 77), ("/n_before",), (18, 1000, 1001, 77, 5, 1002, 1000),
              ("/n_before", 1000, 1001, 1000, 1002), ("/n_before", 20, 1000), ("/n_before", 2000, 20),
              ("/n_before", 2000, 2001), ("/n_after", 1000, 1001), ("/n_after", 1001, 1002, 1000, 1001),
              ("/n_after", 77, 1000), (19, 2001, 20, 20, 10), ("/n_after", 2001, 2000), ("/n_after", 30, 20),
              ("/n_order", 0, 20, 1000, 77, 1001, 1002), ("/n_order", 1, 10, 1001, 1000), ("/n_order", 2, 1000, 1002),
              ("/n_order", 3, 1000, 1002, 1001), ("/n_order", 0, 77, 1000), ("/n_order", 2, 77, 1000),
              ("/n_order", 7, 10, 1000), ("/n_order", 0, 10), ("/n_order", 0, 10, 77, 78), ("/n_order", 0, 1000, 1001),
              (62, 0, 10, 1000, 1001, 1002), ("/n_order", 1, 10, 1002), ("/n_order", 3, 1001, 1000),
              ("/n_order", 1, 0, 30, 20, 10), ("/g_head", 20, 1000, 20, 1001), ("/g_tail", 20, 1000, 77, 1001),
              ("/g_tail", 20, 77), ("/g_head", 1000, 1001), (23, 10, 1000), (22, 10, 1002, 10, 1000), ("/g_tail", 10, 1000),
              ("/g_tail", 20, 30), ("/g_head", 0, 30), ("/n_before", -1, 1000)):
        yield m
        yield tree
    yield from clear()


def running():
    yield from some_nodes()
    for m in (("/n_run", 1001, 0), ("/n_run", 1001, 0), ("/n_run", 1001, 1, 1002, 0, 77, 1, 1000, 0), ("/n_run", 10),
              ("/n_run", 10, 1, 10, 0), (12, 0, 0), ("/n_run", 0, 1), ("/n_run", 77, 1), ("/n_run", 10, 5),
              ("/s_noid", 1000, 77, 10), ("/n_query", 1001, 1002), (46, 10, 20, 77, 30), ("/n_query", 0),
              (49, 2000), ("/n_run", 2001, 0), ("/n_trace", 1001, 10), ("/n_trace", 77), (10, 77),
              ("/g_dumpTree", 0, 1, 10, 0), ("/g_dumpTree", 77), ("/g_dumpTree", 1001), ("/g_queryTree", 10, 0, 77, 0, 20, 0),
              ("/g_queryTree",), (57, 30, 1, 20, 1), ("/g_queryTree", 1001, 1), ("/g_queryTree", 30),
              # paths
              ("/n_query", "h", 0, "t", 0, "hh", 0, "hn", 0, "u", 1001, "p", 1001, "n", 1001, "uu", 1001),
              ("/n_query", "hx", 0), ("/n_query", "ht", 1001), ("/n_query", "ppppp", 1001), ("/n_query", "h", 77),
              ("/n_query", "", 1001), ("/n_query", "nnnpppnnnpppnnnpppnnnppp", 1001), ("/g_queryTree", "h", 0, 0),
              ("/g_queryTree", "ht", 0, 0), ("/n_set", "h", 10, "level", 7.0), ("/s_get", "h", 20, "level"),
              ("/g_head", "t", 0, "hh", 0), ("/s_new", "dc", 5000, 1, "t", 0), ("/n_free", "t", "x"),
              ("/n_free", "t", 20), ("/g_queryTree", 0, 0)):
        yield m
    yield from clear()


def freeing():
    for m in (("/n_free", 1000), ("/n_free", 1000, 1001), ("/n_free", 1001, 77, 1002), ("/n_free", 10), (11, 10, 20),
              ("/n_free", 10, 30), ("/n_free", 0), ("/n_free",), ("/g_freeAll", 10), ("/g_freeAll", 10, 77, 20),
              (24, 20, 30), ("/g_freeAll", 1000), ("/g_freeAll",), ("/g_freeAll", 0, 10), ("/g_deepFree", 10),
              ("/g_deepFree", 0), (50, 20, 77, 10), ("/g_deepFree", 1000), ("/n_free", -1), ("/g_freeAll", -1),
              ("/s_new", "dc", 1000, 4, 10), ("/g_new", 99, 4, 30), ("/g_new", 10, 4, 10), ("/s_newargs", "dc", 99, 4, 10)):
        yield from some_nodes()
        yield m
        yield ("/g_queryTree", 0, 0)
        yield from clear()


def buses():
    for m in (("/c_set", 3, 1.5, 4, 2), ("/c_get", 3, 4, 5.0), (40, 3), ("/c_get",), ("/c_get", 16384), ("/c_get", 3, -1),
              ("/c_set", -1, 3.0), ("/c_set", 5), ("/c_set", 6, 1.0, 16384, 2.0, 7, 3.0), ("/c_get", 5, 6, 7),
              (25, 3.0, 4.0), ("/c_set", 3, "text", 4, 1.0), ("/c_get", 3, 4), ("/c_setn", 3, 3, 1.0, 2.0, 3.0, 10, 1, 4.0),
              ("/c_getn", 3, 3, 10, 1), (41, 3, 2), ("/c_getn", 3), ("/c_getn", 16380, 9), ("/c_getn", 3, 0), ("/c_getn",),
              ("/c_getn", 3, -1), ("/c_getn", -1, 3), (26, 3, 3, 1.0, 2.0), ("/c_setn", 16383, 2, 1.0, 2.0), ("/c_setn", 3, 0),
              ("/c_setn", 16383, 1, 5.0), ("/c_getn", 16383, 1, 3, 3), ("/c_fill", 3, 2, 7.0, 16382, 10, 8.0),
              ("/c_getn", 3, 3, 16380, 4), ("/c_fill", -3, 5, 6.0), ("/c_getn", 0, 4), (27, 3, 2), ("/c_fill", 20000, 2, 1.0),
              ("/c_fill", 3, -2, 1.0), ("/c_getn", 0, 6), ("/c_getn", 0, 8000), ("/c_getn", 0, 16000),
              ("c_setn", 0, 1000, *[i / 8 for i in range(1000)]), ("/c_getn", 0, 1000), ("/c_get", *range(1000))):
        yield m


def done_actions():
    """Each of them between synths, between groups, at both ends, and in a group of its own."""
    for action in range(16):
        for before, behind in (("synth", "synth"), ("group", "group"), (None, None)):
            yield ("/g_new", 10, 0, 0, 20, 1, 0)
            yield ("/s_new", "ending", 300, 0, 10, "act", 0.0, "dur", 1000.0)
            for kind, first, where in ((before, 100, 2), (behind, 200, 3)):
                if kind == "synth":
                    yield ("/s_new", "none", first, where, 300, )
                    yield ("/s_new", "none", first + 1, where, 300)
                elif kind == "group":
                    yield ("/g_new", first, where, 300, first + 1, 1, first, first + 2, 1, first + 1)
                    yield ("/s_new", "none", first + 3, 1, first)
                    yield ("/s_new", "none", first + 4, 0, first + 2)
            if action == 15 and behind:
                yield ("/n_run", 201 if behind == "synth" else 200, 0)
            yield ("/s_new", "ending", 301, 4, 300, "act", float(action), "dur", 0.15)
            yield Wait(0.25)
            yield ("/g_queryTree", 0, 0)
            yield from clear()


def bundles():
    yield At((0, ("/g_new", 10, 0, 0), ("/s_new", "dc", 1000, 0, 10), ("/n_free", 77), ("/s_new", "dc", 1001, 0, 10)))
    yield ("/g_queryTree", 0, 0)
    yield At((0.2, ("/n_set", 1000, "level", 5.0), ("/s_get", 1000, "level"), ("/n_free", 1000), ("/n_free", 1000)))
    yield Wait(0.35)
    yield At((0.4, ("/c_set", 1, 2.0), ("/c_get", 1)))
    yield At((0.2, ("/c_set", 1, 1.0), ("/c_get", 1)))
    yield Wait(0.5)
    yield At((0.2, ("/s_new", "dc", 1002, 0, 10), ("/g_queryTree", 0, 1), ("/c_get", 16384), ("/n_free", 1002, 1002)))
    yield Wait(0.35)
    yield At((0.3, ("/c_set", 1, 9.0)))
    yield ("/clearSched",)
    yield Wait(0.35)
    yield ("/c_get", 1)
    yield from clear()


def many_nodes():
    """255 beside the root."""
    for first in range(0, 250, 50):
        yield At((0, *[("/s_new", "none", 1000 + first + i, 1, 0) for i in range(50)]))
    for i in range(8):
        yield ("/s_new", "none", 2000 + i, 1, 0)
    yield ("/g_new", 3000, 0, 0)
    yield ("/s_new", "none", -1, 0, 0)
    yield ("/s_new", "none", 3001, 4, 1000)
    yield ("/n_free", 1001)
    yield ("/g_new", 3000, 0, 0, 3002, 0, 0)
    yield from clear()


def errors():
    """Which failures are told, for good and in the rest of a bundle."""
    for m in (At((0, ("/error", -1), ("/n_free", 77), ("/error", -2), ("/n_free", 78))),
              At((0, ("/error", -1), ("/error", -1), ("/n_free", 77), ("/error", -2), ("/n_free", 78), ("/error", -2),
                  ("/n_free", 79))),
              At((0, ("/error", -1), ("/s_new", "nobody", 1, 0, 0), ("/c_get", 99999), ("/g_new", 10, 0, 77),
                  ("/n_order", 0, 77, 78), ("/s_get", 77, 0), ("/g_queryTree", 77, 0), ("/nothing", 1))),
              ("/n_free", 80), At((0, ("/error", -2), ("/n_free", 77), ("/error", -1), ("/n_free", 78))),
              ("/error", 0), ("/n_free", 77), ("/nothing", 1), ("/s_new", "nobody", 1, 0, 0),
              At((0, ("/error", -2), ("/n_free", 77))),
              At((0, ("/error", -1), ("/n_free", 77), ("/error", 1), ("/n_free", 78))),
              ("/n_free", 77), ("/error",), ("/n_free", 78), (58, 1.0), ("/n_free", 79), ("/error", 7), ("/n_free", 80),
              At((0.1, ("/error", -1), ("/n_free", 77), ("/c_get", 99999), ("/s_new", "nobody", 1, 0, 0))),
              Wait(0.2),
              ("/n_free", 81)):
        yield m


def the_server():
    for m in (("/status",), (2, 5), ("status",), ("/sync",), ("/sync", 5, 6), (52, 7.0), ("/version",), (64,),
              ("/dumpOSC", 1), ("/n_free", 77), ("/dumpOSC", 2), ("/n_free", 77), (39, 3), ("/n_free", 77),
              ("/dumpOSC", 0), ("/dumpOSC",), ("/clearSched", 1), (51,)):
        yield m
    yield from some_nodes()
    yield ("/status",)
    yield from clear()


def logins():
    yield ("/notify", 0)
    for wanted in (3, 3, 1, 99, -5, 0, 63.0):
        yield ("/notify", 1, wanted)
        yield ("/notify", 1, wanted)
        yield (1, 0)
    for _ in range(3):
        yield ("/notify", 1)
        yield ("/notify", 0, 5)
    yield ("/notify",)
    yield ("/notify", 7)


def definitions():
    def defined(name):
        return synthdef(name, CONTROLS, [("DC", 2, [0.0], 1), ("Out", 2, ["out", (0, 0)], 0)])
    yield ("/d_recv", defined("a"), osc.message("/s_new", "a", 1000, 0, 0))
    yield (5, defined("b"), osc.bundle(osc.message("/s_new", "b", 1001, 0, 0), osc.message("/n_free", 77)))
    yield ("/d_recv", defined("c"), 0)
    yield ("/d_recv", defined("c"), b"")
    yield ("d_recv", defined("a"))
    yield ("/g_queryTree", 0, 1)
    yield ("/d_free", "a")
    yield ("/s_new", "a", 1002, 0, 0)
    yield ("/n_free", 1000)
    yield (53, "nobody", "b", "c")
    yield ("/n_free", 1001)
    yield ("/s_new", "c", 1002, 0, 0)
    yield ("/d_free",)
    yield ("/status",)
    yield from clear()


def kinds():
    """Numbers of the other kind."""
    yield from some_nodes()
    for m in (("/n_set", 1000.9, "level", 1.0), ("/n_set", 1000, 1.9, 7.0),
              ("/n_setn", 1000, 2.0, 2.0, 3, 4), ("/c_set", 3.9, 1), ("/c_get", 3), ("/c_setn", 3.0, 2.0, 5, 6.0),
              ("/c_getn", 3.0, 2.0), ("/c_fill", 3.0, 2.0, 8), ("/n_map", 1000, 1.0, 3.0),
              ("/n_mapn", 1000, 2.0, 3.0, 2.0), ("/n_run", 1000.0, 0.0), ("/n_run", 1000.0, 0.5),
              ("/n_before", 1000.0, 1001.0), ("/g_head", 20.0, 1000.0), ("/n_order", 0.0, 10.0, 1000.0),
              ("/g_new", 50.0, 1.0, 0.0), ("/n_free", 50.0), ("/s_get", 1000.0, 1.0), ("/s_getn", 1000.0, 1.0, 2.0),
              ("/s_noid", 1002.0), ("/n_query", 1000.0), ("/g_freeAll", 30.0), ("/g_deepFree", 20.0),
              ("/n_mapa", 1000, 1.0, 3.0), ("/n_mapan", 1000, 2.0, 3.0, 2.0)):
        yield m
        yield ("/g_queryTree", 0.0, 1.0)
    yield from clear()


def unknown():
    for address in ("/g_insert", "/n_cmd", "/nothing", "s_nothing", "/"):
        yield (address, 1)
    yield ("/notify", 0)
    yield ("/notify", 0)
    yield ("/s_new", "none", 1000, 0, 0)  # nobody hears it
    yield ("/n_query", 1000)
    yield ("/n_free", 1000)


SCRIPT = [start, new_nodes, clear, new_groups, controls, order, running, freeing, buses, done_actions, bundles,
          many_nodes, errors, the_server, logins, definitions, kinds, unknown]


# ---- what comes back ------------------------------------------------------------------------------

def packet(step):
    if isinstance(step, At):
        ahead = step[0]
        return osc.bundle(*(osc.message(*m) for m in step[1:]), at=time.time() + ahead if ahead else None)
    return osc.message(*step)


def converse(port):
    """Every step with its replies: (step, notifications, other replies), each in their order."""
    client, record = osc.Client(port), []
    client.wait_until_up()
    for part in SCRIPT:
        for step in part():
            if isinstance(step, Wait):
                time.sleep(step)
            else:
                client.send_packet(packet(step))
            got = client.sync(quiet=QUIET)
            record.append((part.__name__, step, [m for m in got if m[0] in NOTIFICATIONS],
                           [without_names_and_load(m) for m in got if m[0] not in NOTIFICATIONS]))
    client.close()
    return record


def without_names_and_load(m):
    """What two servers can't have in common: their names; how busy they are."""
    if m[0] == "/version.reply":
        return m[2:5]
    return m[:6] + m[8:9] if m[0] == "/status.reply" else m


def run(command, jack):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=dict(os.environ, JACK_DEFAULT_SERVER=jack.name))
    try:
        return converse(int(command[2]))
    finally:
        process.kill()
        process.wait()


def short(value):
    text = repr(value)
    return text if len(text) < 600 else text[:600] + " ..."


def main():
    if not shutil.which("scsynth") or not shutil.which("jackd"):
        print("scsynth or jackd is not installed")
        return 77
    with Jack(64) as jack:
        commands = [["scsynth", "-u", str(free_port()), *OPTIONS, "-R", "0"],
                    [PHONOND, "-u", str(free_port()), *OPTIONS, "--driver", "jack", "--server", jack.name]]
        with ThreadPoolExecutor() as both:
            theirs, ours = both.map(lambda command: run(command, jack), commands)
    n_different = 0
    for (part, step, their_nodes, their_replies), (_, _, our_nodes, our_replies) in zip(theirs, ours):
        if (their_nodes, their_replies) != (our_nodes, our_replies):
            n_different += 1
            print("%s: %s\n  scsynth %s\n  phonond %s" % (part, short(step), short(their_nodes + their_replies),
                                                       short(our_nodes + our_replies)))
    n_messages = sum(len(nodes) + len(replies) for _, _, nodes, replies in theirs)
    print("%d steps, %d messages, %d steps differ" % (len(theirs), n_messages, n_different))
    assert len(theirs) == len(ours) > 800 and n_messages > 1000
    return 1 if n_different else 0


if __name__ == "__main__":
    sys.exit(main())
