# SPDX-License-Identifier: GPL-3.0-or-later
"""phonon-send --graph: what a program was compiled to, as text and for Graphviz."""
import re

from support import SEND, Folder, main, run

SONG = """tempo: 0.5
~lfo $ sine 0.25
~bass $ saw "55 82.5" # lpf (~lfo * 300 + 900) 0.7
~drums $ s "bd*4 sn"
o1 $ ~bass * 0.3
o2 $ ~drums # reverb 0.4 0.6 0.2
"""


def graph(folder, *options, text=SONG, expect=0):
    return run(SEND, "--port", "9", *options, folder.file("song.ph", text), expect=expect)[0]


def section(text, title):
    """Lines below a title up to the next one."""
    return re.search(r"^%s\n((?:  .*\n)*)" % re.escape(title), text, re.M).group(1)


def test_the_text_names_everything_in_order():
    with Folder() as folder:
        text = graph(folder, "--graph")
        assert re.match(r"program .*song\.ph, revision [0-9a-f]{16}, 0\.5 cycles a second\n",
                        text), text
        assert re.findall(r"^  (\S+) .*the mix", section(text, "outputs"), re.M) == ["o1", "o2"]
        nodes = section(text, "nodes, in the order they run")
        order = re.findall(r"^  (\S+)", nodes, re.M)
        assert order.index("~lfo") < order.index("~bass") < order.index("o1"), order
        bass = re.search(r"^  ~bass .*\n((?:    .*\n)*)", nodes, re.M).group(1)
        assert "reads bus ~lfo" in bass and "writes bus ~bass" in bass, nodes
        players = section(text, "players")
        assert re.search(r"events for voices of",
                         players) and re.search(r"steps for .* of ~bass", players)
        units = section(text, "definitions")
        assert "SinOsc" in units and "Saw" in units, units


def test_the_cost_is_the_count_of_units_that_always_run():
    with Folder() as folder:
        text = graph(folder, "--graph")
        each = sum(int(n) for n in re.findall(
            r"synth of \S+: (\d+) audio unit", section(text, "nodes, in the order they run")))
        assert "always running: %d audio units" % each in text and each > 5, text
        twice = graph(folder, "--graph", text=SONG + "o3 $ saw 110\n")
        more = int(re.search(r"always running: (\d+)", twice).group(1))
        assert more > each


def test_the_dot_graph_has_an_edge_for_each_use():
    with Folder() as folder:
        text = graph(folder, "--graph=dot")
        assert text.startswith("digraph phonon {") and text.rstrip().endswith("}")
        for edge in ('"node ~lfo" -> "bus ~lfo"', '"bus ~lfo" -> "node ~bass"',
                     '"bus o1" -> "output o1"'):
            assert edge in text or edge == '"bus o1" -> "output o1"' and re.search(
                r'"bus [^"]*" -> "output o1"', text), (edge, text)
        names = set(re.findall(r'^  ("[^"]*") \[label', text, re.M))
        for begin, end in re.findall(r'^  ("[^"]*") -> ("[^"]*")', text, re.M):
            assert begin in names or begin == '"bus main"', begin
            assert end in names or end == '"bus main"', end
        assert text.count('"') % 2 == 0


def test_wrong_programs_have_no_graph_and_nothing_is_sent():
    with Folder() as folder:
        assert graph(folder, "--graph", text="o1 $ ~nix\n", expect=1) == ""
        graph(folder, expect=3)  # without --graph there is no daemon on that port


main(globals())
