# SPDX-License-Identifier: GPL-3.0-or-later
"""phonon-query as a user meets it: batches, drawings, lists, help, and bad input of every kind."""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
import xml.etree.ElementTree as xml
from fractions import Fraction

from support import QUERY, SEND, Folder, main, run


def expect(condition, *shown):
    if not condition:
        raise AssertionError(" ".join(map(str, shown)))


def batch(*lines, options=(), raw=None):
    """The answers to some lines, as JSON."""
    data = raw if raw is not None else "".join(line + "\n" for line in lines).encode()
    done = subprocess.run([QUERY, "--batch", *options], input=data, capture_output=True, timeout=60)
    expect(done.returncode == 0 and not done.stderr, done)
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def query(*arguments, expect_code=0, environment=None):
    done = subprocess.run([QUERY, *arguments], capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL,
                          env={**{k: v for k, v in os.environ.items()
                                  if k not in ("COLUMNS", "NO_COLOR")},
                               **(environment or {})})
    expect(done.returncode == expect_code, arguments, done)
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def picture(*arguments, **environment):
    return query(*arguments, environment=environment)[0]


# ---- batches -------------------------------------------------------------------------------------


def test_a_batch_answers_each_line_with_its_events():
    cycles, span, rest = batch('2\t"a b"', '0\t"a b"\tstring\t-1/2\t1/4', '1\t"~"')
    expect(cycles == [["0/1", "1/2", "0/1", "1/2", "a"], ["1/2", "1/1", "1/2", "1/1", "b"],
                      ["1/1", "3/2", "1/1", "3/2", "a"], ["3/2", "2/1", "3/2", "2/1", "b"]], cycles)
    expect(span == [["-1/2", "0/1", "-1/2", "0/1", "b"], ["0/1", "1/2", "0/1", "1/4", "a"]], span)
    expect(rest == [], rest)


def test_a_batch_queries_cycle_by_cycle_and_a_span_uncut():
    cut, whole = batch('2\tslow 2 "a"', '1\tslow 2 "a"\tstring\t0\t2')
    expect(cut == [["0/1", "2/1", "0/1", "1/1", "a"], ["0/1", "2/1", "1/1", "2/1", "a"]], cut)
    expect(whole == [["0/1", "2/1", "0/1", "2/1", "a"]], whole)


def test_values_in_a_batch_have_their_own_json_types():
    def value(expression, kind="string"):
        return batch("1\t%s\t%s" % (expression, kind))[0][0][4]

    expect(value('"1"') == 1 and isinstance(value('"1"'), int), "whole numbers")
    expect(value('"1" / "3"', "double") == 1 / 3, "doubles keep every bit")
    expect(value('"0.25"', "rational") == "1/4" and value('"3"', "rational") == "3/1",
           "rationals are n/d")
    expect(value('"0.25" + "1/1"', "note") == 1.25, "but only where the type says so")
    expect(value('"bd:3"') == "bd:3", "a word is one string")
    expect(value('s "bd:3" # gain 0.5', "controls") == {"s": "bd", "n": 3, "gain": 0.5}, "controls")
    expect(value('s "bd" # gain 0.5', "rational")["gain"] == 0.5,
           "numbers inside of controls stay numbers")


def test_continuous_events_have_no_whole():
    (hap,), = batch("1\trand")
    expect(hap[:4] == [None, None, "0/1", "1/1"] and 0 <= hap[4] < 1, hap)


def test_every_line_of_a_batch_gets_its_answer_in_its_place():
    wrong = ['1\t"a', "", "1", "x\t1", "0\t\"a\"", "10001\t\"a\"", "1\t\"a\"\tfloat",
             '1\t"a"\tint\t0',
             '1\t"a"\tint\t0\tx', '1\t"a"\tint\t0\t1/0', '1\t"a"\tint\t0\t1\t2', "-1\t\"a\"",
             "99999999999999999999\t1", '1\t"a"\tint\t0\t99999999999999999999', "1 \t\"a\"", "1\t"]
    lines = [line for pair in zip(wrong, ['1\t"good"'] * len(wrong)) for line in pair]
    answers = batch(*lines)
    expect(len(answers) == len(lines), len(answers))
    for i, (line, answer) in enumerate(zip(lines, answers)):
        if i % 2:
            expect(answer == [["0/1", "1/1", "0/1", "1/1", "good"]], line, answer)
        else:
            expect(answer["error"] == "parse", line, answer)
            expect(re.match(r"query:%d:\d+: \w" % (i + 1), answer["message"]), line, answer)


def test_a_batch_names_line_and_column_of_an_error():
    for line, place in (('1\t"a [b"', "query:1:4: "), ('1\tevry 2 rev "a"', "query:1:1: "),
                        ('1\t"a"\tfloat', "query:1:7: "), ('1\t"a"\tint\t0\tx', "query:1:13: ")):
        answer, = batch(line)
        expect(answer["message"].startswith(place), line, answer)
    expect("string, note" in batch('1\t"a"\tfloat')[0]["message"], "which types there are")


def test_a_batch_reports_what_plays_too_much_and_goes_on():
    much, early, good = batch('1\tply 4000 $ ply 4000 "a"',
                              '3\twhenmod 3 2 (ply 4000 $ ply 4000) $ "a"', '1\t"a"')
    expect(much["error"] == "runtime" and "budget" in much["message"], much)
    expect(early["error"] == "runtime" and "cycle 2" in early["message"], early)
    expect(len(good) == 1, good)
    many, = batch('10000\tfast 120 "a"')
    expect(many["error"] == "runtime" and "budget" in many["message"], "a million events", many)


def test_a_batch_survives_any_bytes():
    good = [["0/1", "1/1", "0/1", "1/1", "a"]]
    nul, after = batch(raw=b'1\t"a\0b"\n1\t"a"\n')
    expect(nul["error"] == "parse" and nul["message"].startswith("query:1:5: "), nul)
    expect(after == good, after)
    expect(batch(raw=b'1\t"a"') == [good], "no newline at the end")
    expect(batch(raw=b'1\t"a"\r\n1\t"a"\tstring\r\n') == [good, good], "carriage returns")
    expect(batch(raw=b"") == [] and len(batch(raw=b"\n")) == 1, "nothing")
    bad, after = batch(raw=b'1\t"\xff\xfe"\n1\t"a"\n')
    expect(bad["error"] == "parse" and after == good, bad)
    for answer in batch(raw=bytes(range(256)) * 64):
        expect(answer["error"] == "parse", answer)


def test_long_lines_are_answered_quickly():
    begin = time.monotonic()
    steps, deep, huge, good = batch('1\t"%s"' % ("a " * 3000), "1\t" + "(" * 100000 + "1",
                                    "1\t" + "x" * (17 << 20), '1\t"a"')
    expect(len(steps) == 3000, len(steps))
    expect(deep["error"] == "parse" and len(deep["message"]) < 1000, "nesting")
    expect(huge["error"] == "parse" and "too long" in huge["message"], "17 MiB")
    expect(len(good) == 1, good)
    expect(time.monotonic() - begin < 20, "it took", time.monotonic() - begin)


def test_answers_come_before_the_next_line_is_sent():
    with subprocess.Popen([QUERY, "--batch"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for word in ("a", "b", "c"):
            process.stdin.write(b'1\t"%s"\n' % word.encode())
            process.stdin.flush()
            expect(select.select([process.stdout], [], [], 10)[0], "no answer to", word)
            expect(json.loads(process.stdout.readline())[0][4] == word, word)
        process.stdin.close()
        expect(process.wait(10) == 0, process.returncode)


# ---- TidalCycles' dialect ------------------------------------------------------------------------


def test_tidal_expressions_have_the_type_that_is_asked_for():
    def value(expression, kind):
        return batch("1\t%s\t%s" % (expression, kind), options=["--tidal"])[0][0][4]

    for expression, kind, wanted in (('"e"', "note", 4), ('"e"', "string", "e"),
                                     ('"e"', "controls", {"s": "e"}),
                                     ('"1"', "int", 1), ('"0.1"', "double", 0.1),
                                     ('"0.25"', "rational", "1/4"),
                                     ('"3"', "rational", "3/1"), ('"t"', "bool", True),
                                     ('"e"', "char", "e"),
                                     ('s "a:3" # pan 0.25', "controls",
                                      {"s": "a", "n": 3, "pan": 0.25})):
        found = value(expression, kind)
        expect(found == wanted and isinstance(found, bool) == isinstance(wanted, bool), expression,
               kind, found)


def test_tidal_expressions_without_a_type_are_what_fits_first():
    text, _ = query("--tidal", "--text", '"bd*2"')
    expect(text == "0/1 - 1/2  s: bd\n1/2 - 1/1  s: bd\n", text)
    (hap,), = batch("1\tsine", options=["--tidal"])
    expect(hap[:2] == [None, None] and isinstance(hap[4], float), hap)
    _, errors = query("--tidal", 's "bd" # evry 2', expect_code=1)
    expect(re.match(r'query:1:10: error: .*\n  s "bd" # evry 2\n +\^\n$', errors), errors)
    _, errors = query("--tidal", "fast 2", expect_code=1)
    expect("ControlPattern" in errors, "the errors are those of the first type", errors)
    _, errors = query("--tidal", "--type", "bool", '"1.5"', expect_code=1)
    expect(re.match(r"query:1:\d: error: ", errors), errors)


def test_tidal_notes_are_rows_named_by_pitch():
    drawn = picture("--tidal", "--type", "note", "arp \"up\" \"c'maj\"", "--cycles", "1")
    expect(rows(drawn) == ["g5", "e5", "c5"], drawn)
    drawn = picture("--tidal", 'note "c a" # s "superpiano"', "--cycles", "1")
    expect("superpiano a5" in drawn and drawn.index("a5") < drawn.index("c5"), drawn)


def test_the_list_of_tidal_has_types_and_a_line_for_each_function():
    lines = query("--tidal", "--list")[0].splitlines()
    expect(len(lines) == len(set(lines)) and len(lines) > 300, len(lines))
    versions = [line.split()[0] for line in lines].count("echo")
    expect(versions == 2, "functions whose versions differ have a line for each", versions)
    for line in lines:
        expect(re.match(r"\S+ +:: \S.*  *\S+", line), line)
    every = next(line for line in lines if line.startswith("every "))
    expect("Pattern Int" in every and "(Pattern a -> Pattern a)" in every, every)


# ---- lists of events -----------------------------------------------------------------------------


def test_text_lists_exact_times():
    text, _ = query("--text", '"a [b ~]"', "--cycles", "2", "--from", "-1")
    expect(text == "-1/1 - -1/2  a\n-1/2 - -1/4  b\n0/1 - 1/2  a\n1/2 - 3/4  b\n", text)
    text, _ = query("--text", 's "bd" # gain 0.5')
    expect(text == "0/1 - 1/1  gain: 0.5 (1/2), s: bd\n", text)


def test_json_is_one_object_an_event():
    text, _ = query("--json", 's "a:1 b"')
    events = [json.loads(line) for line in text.splitlines()]
    expect(events[0] == {"whole_begin": "0/1", "whole_end": "1/2", "part_begin": "0/1",
                         "part_end": "1/2",
                         "onset": True, "value": {"s": "a", "n": 1}}, events)
    expect(len(events) == 2, events)


def test_an_expression_comes_from_standard_input_too():
    done = subprocess.run([QUERY, "--text", "-"], input=b'"a\n b"', capture_output=True, timeout=20)
    expect(done.stdout == b"0/1 - 1/2  a\n1/2 - 1/1  b\n", done)
    done = subprocess.run([QUERY, "-"], input=b'rev $\n evry 2 "a"',
                          capture_output=True, timeout=20)
    expect(done.returncode == 1 and b"query:2:" in done.stderr or b"-:2:" in done.stderr, done)


def test_errors_show_the_place_with_a_caret():
    out, errors = query('evry 2 $ s "bd*4"', expect_code=1)
    lines = errors.splitlines()
    expect(out == "" and re.match(r"query:1:\d+: error: ", lines[0]), errors)
    column = int(lines[0].split(":")[2])
    expect(lines[1] == '  evry 2 $ s "bd*4"' and lines[2] == " " * (column + 1) + "^", errors)
    expect("every" in errors, errors)


def test_what_plays_too_much_is_an_error():
    for form in ((), ("--text",), ("--json",), ("--svg", "-")):
        _, errors = query(*form, 'ply 4000 $ ply 4000 "a"', expect_code=1)
        expect("cycle 0" in errors and "budget" in errors, form, errors)


# ---- drawings ------------------------------------------------------------------------------------

TWO_CYCLES = """\
   0       .       .       .       1       .       .       .       2
bd [bd------------].       .       [bd------------].       .       |
sn |       .       [sn------------]|       .       [sn----].   [sn]|
"""


def test_a_roll_has_a_row_for_each_value_and_a_bar_for_each_event():
    drawn = picture('s "bd <sn [sn@2 ~ sn]>"', "--cycles", "2")
    expect(drawn == TWO_CYCLES, "\n" + drawn)


def rows(drawn):
    return [line.split()[0] for line in drawn.splitlines() if line.strip() and line[0] != " "]


def test_numbers_and_notes_stand_high_to_low_words_as_they_come():
    expect(rows(picture('"3 10 -2 7"', "--cycles", "1")) == ["10", "7", "3", "-2"], "numbers")
    expect(rows(picture('note "c4 e3 g5"', "--cycles", "1")) == ["g5", "c4", "e3"], "notes")
    expect(rows(picture('"c b a"', "--cycles", "1")) == ["c", "b", "a"], "words")
    expect(rows(picture('s "z:0 a z:3"', "--cycles", "1")) == ["z:3", "z:0", "a"],
           "samples of a word together")


def test_a_roll_shows_what_reaches_in_and_out():
    for expression, bar in (('slow 2 "a b"', r"b \[b-+\]\|"), ('slow 3 "a"', r"a <a-+>\|"),
                            ('slow 2 "a"', r"a <a-+\]\|"), ('late 1 $ slow 4 "a"', r"a \[a-+>\|")):
        drawn = picture(expression, "--cycles", "1", "--from", "1")
        expect(len(drawn.splitlines()) == 2 and re.match(bar, drawn.splitlines()[1]),
               expression, drawn)


def test_events_that_overlap_get_lanes():
    drawn = picture('stack ["a", late 0.25 "a"]', "--cycles", "1").splitlines()
    bars = [line for line in drawn if "a-" in line]
    expect(len(bars) >= 2 and bars[1].startswith(" "), drawn)


def test_a_bar_tells_the_other_controls():
    drawn = picture('s "bd" # gain 0.5 # pan 0.25', "--cycles", "1", COLUMNS="60")
    expect("[bd gain 1/2 pan 1/4--" in drawn, drawn)


def test_columns_follow_the_common_grid_of_the_onsets():
    """Equal lengths are equally long, whatever the width."""
    for columns in ("50", "64", "80", "113", "200"):
        drawn = picture('"a*6"', "--cycles", "1", COLUMNS=columns)
        bars = re.findall(r"\[a?-*\]|#", drawn)
        expect(len(bars) == 6 and len(set(map(len, bars))) == 1, columns, drawn)
        expect(max(map(len, drawn.splitlines())) <= int(columns), columns, drawn)


def test_a_roll_is_as_wide_as_it_may_be():
    for columns in (40, 72, 100, 300):
        drawn = picture('s "bd*4 sn(3,8)"', "--cycles", "3", COLUMNS=str(columns))
        widest = max(map(len, drawn.splitlines()))
        expect(columns * 0.6 <= widest <= columns, columns, widest, drawn)
    expect(max(map(len, picture('"a*4"', COLUMNS="nonsense").splitlines())) <= 80, "80 unless told")


def test_many_cycles_wrap_into_lines_of_equal_length():
    drawn = picture('"a b"', COLUMNS="80")
    rulers = [line for line in drawn.splitlines() if line.startswith("  ")]
    expect([re.findall(r"\d+", line) for line in rulers] == [["0", "1", "2"], ["2", "3", "4"]],
           drawn)


def test_signals_are_curves():
    drawn = picture("perlin", "--cycles", "1").splitlines()
    expect(len(drawn) == 2 and re.match(r"[-.\de]+ [_.\-~=+*#]{24,}\|$", drawn[1]), drawn)
    expect(len(set(drawn[1].split()[1])) > 4, "it moves", drawn)


def test_silence_says_so():
    expect("silence" in picture('"~"'), picture('"~"'))


def test_a_crowd_is_drawn_as_far_as_it_can_be():
    drawn = picture("segment 512 rand", "--cycles", "1")
    expect(len(drawn.splitlines()) < 150 and "more events of other values" in drawn,
           len(drawn.splitlines()))


# ---- terminals -----------------------------------------------------------------------------------


def on_terminal(*arguments, columns=0, **environment):
    """What the program writes to a terminal of that width."""
    leader, follower = pty.openpty()
    if columns:
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    base = {k: v for k, v in os.environ.items()
            if k not in ("COLUMNS", "NO_COLOR", "LC_ALL", "LANG", "LC_CTYPE")}
    process = subprocess.Popen([QUERY, *arguments], stdin=subprocess.DEVNULL, stdout=follower,
                               env={**base, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
    os.close(follower)
    data = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        data += piece
    os.close(leader)
    expect(process.wait(20) == 0, process.returncode)
    return data.decode("utf-8").replace("\r\n", "\n")


def without_colours(text):
    return re.sub(r"\033\[[\d;]*m", "", text)


def test_a_terminal_gets_colours_and_box_characters():
    drawn = on_terminal('s "bd sn"', "--cycles", "1", columns=60)
    expect("\033[30;42m\u258c" in drawn and "\u2502" in drawn and "[bd" not in drawn, repr(drawn))
    expect(all(re.findall(r"\033\[[\d;]*m", line)[-1] == "\033[0m" for line in drawn.splitlines()),
           repr(drawn))
    widest = max(map(len, without_colours(drawn).splitlines()))
    expect(50 <= widest <= 60, widest)


def test_ascii_is_a_choice_and_the_way_of_plain_terminals():
    plain = picture('s "bd sn"', "--cycles", "1")
    expect(plain.isascii() and "\033" not in plain, plain)
    for options, environment in ((("--ascii",), {}), ((), {"NO_COLOR": "1"}),
                                 ((), {"TERM": "dumb"}),
                                 ((), {"LC_ALL": "C"})):
        drawn = on_terminal('s "bd sn"', "--cycles", "1", *options, columns=80, **environment)
        expect(drawn == plain, options, environment, drawn)
    expect("\033" in on_terminal('s "bd sn"', NO_COLOR=""), "an empty NO_COLOR says nothing")


# ---- SVG -----------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_is_xml_with_a_bar_and_a_title_for_each_event():
    with Folder() as folder:
        path = folder.file("roll.svg")
        query("--svg", path, "--cycles", "2", 's "bd sn(3,8)" # gain 0.5')
        with open(path, encoding="utf-8") as file:
            text = file.read()
    root = xml.fromstring(text.encode())
    expect(root.tag == SVG + "svg" and len(root.get("viewBox").split()) == 4, root.attrib)
    bars = [g for g in root.iter(SVG + "g") if g.get("class") == "bar"]
    expect(len(bars) == 8, len(bars))
    expect(bars[0].find(SVG + "title").text == "0/1 - 1/2  gain: 0.5 (1/2), s: bd",
           bars[0].find(SVG + "title").text)
    lefts = [float(bar.find(SVG + "rect").get("x")) for bar in bars]
    right = max(float(bar.find(SVG + "rect").get("x")) + float(bar.find(SVG + "rect").get("width"))
                for bar in bars)
    expect(lefts == sorted(lefts) and right <= float(root.get("viewBox").split()[2]), lefts, right)
    expect("prefers-color-scheme: dark" in text, "dark ground")


def test_svg_goes_to_standard_output_and_says_where_it_can_not_go():
    curve = xml.fromstring(picture("--svg", "-", "--cycles", "2",
                                   "perlin").encode()).find(SVG + "polyline")
    expect(len(curve.get("points").split()) == 128, curve.get("points"))
    expect(xml.fromstring(picture("--svg", "-", '"~"').encode()).tag == SVG + "svg", "silence")
    _, errors = query("--svg", "/nonexistent/roll.svg", '"a"', expect_code=1)
    expect("/nonexistent/roll.svg" in errors, errors)


def test_svg_escapes_what_xml_would_read():
    text = picture("--tidal", "--svg", "-", "--cycles", "1", 'pS "a<&>\u00e9" "x"')
    titles = [title.text for title in xml.fromstring(text.encode()).iter(SVG + "title")]
    expect(titles == ["0/1 - 1/1  a<&>\u00e9: x"], titles)
    drawn = picture("--tidal", "--cycles", "1", 'pS "a\u00e9" "x"')
    expect(drawn.isascii() and "a? x" in drawn, drawn)


# ---- code, lists, help ---------------------------------------------------------------------------


def test_code_is_what_the_server_gets():
    with Folder() as folder:
        path = folder.file("a.code")
        query("--code", path, 'every 3 rev "a b c"')
        with open(path, "rb") as file:
            data = file.read()
    expect(data[:4] == b"PhPc" and b"a\0b\0c\0" in data, data)


def test_the_list_has_a_line_for_each_function():
    text, _ = query("--list")
    lines = text.splitlines()
    names = [line.split()[0] for line in lines]
    expect(len(names) == len(set(names)) and len(names) > 100, len(names))
    known = {line.split()[0] for line in run(SEND, "--functions")[0].splitlines()}
    expect(set(names) <= known, set(names) - known)
    for line in lines:
        expect(re.match(r"\S+ +.*\S$", line), line)
    every = next(line for line in lines if line.startswith("every "))
    expect(re.match(r"every +n f +f in the cycles", every), every)
    lpf = next(line for line in lines if line.startswith("lpf "))
    expect(re.match(r"lpf +cutoff Hz, q=1 +filter: .*; cutoff 20 Hz to 0.45 fs, q 0.1 to 40", lpf),
           lpf)


ARGUMENTS = {"n": "2", "f": "rev", "t": "0.25", "x": "0.5", "b": '"1 0"', "p": '"1 2"', "k": "3",
             "o": "1", "g": "0.5",
             "indices": '"0 1"', "e": "1", "s": "0.1", "a": "0.5", "lo": "0", "hi": "1",
             "name": '"minor"', "r": "0.5",
             "quality": '"major"', "word": '"c"', "m": "2", "v": "0.1", "[f,": "[rev, fast 2]",
             "[n,": "[2, 3]",
             "[p,": '["1", "2"]', "[[n,": '[[1, "1"], [2, "2"]]', "[[p,": '[["1", 1], ["2", 2]]'}
OVER_PATTERNS = ("## Patterns", "## Transforms", "## Combinators", "## Event modifiers")
OF_SIGNALS = re.compile(r"=|fx|[a-z], [a-z]|^(k|i) ?\.\.\.|Hz")  # what no pattern query answers


def functions_over_patterns():
    """Names and arguments, from the sections of the reference."""
    section = None
    for line in run(SEND, "--functions", "--markdown")[0].splitlines():
        section = line if line.startswith("## ") else section
        cells = [cell.strip().replace("\\", "") for cell in line.split(" | ")]
        if section in OVER_PATTERNS and len(cells) == 3 and not line.startswith("| name"):
            yield cells[0].lstrip("| "), cells[1]


def test_every_function_of_the_list_works_with_the_arguments_it_shows():
    calls = []
    for name, shown in functions_over_patterns():
        if OF_SIGNALS.search(re.sub(r"\[.*\]", "", shown)) or name in (
                "mtof", "room", "size", "resonance", "delaytime", "delayfeedback"):
            continue
        shown = re.sub(r"(\[\[?\w,).*\]", r"\1", shown)
        if all(word in ARGUMENTS for word in shown.split()):
            calls.append("%s %s" % (name, " ".join(ARGUMENTS[word] for word in shown.split())))
    expect(len(calls) > 110, len(calls))
    forms = ('%s', '(%s) $ "1 2"', '%s $ "1 2"', '%s $ s "a b"', 's "a" # %s', 'n "1 2" # %s')
    answers = batch(*("1\t" + form % call for call in calls for form in forms))
    for i, call in enumerate(calls):
        mine = answers[i * len(forms):(i + 1) * len(forms)]
        expect(any(isinstance(answer, list) for answer in mine), call, mine)


def test_help_tells_all_options():
    text, errors = query("--help")
    expect(errors == "" and query("-h")[0] == text, errors)
    for word in ("--cycles", "--from", "--tidal", "--type", "--ascii", "--svg", "--text",
                 "--json", "--code",
                 "--batch", "--list", "--help", "exit status", "controls"):
        expect(word in text, word)
    expect(all(len(line) <= 100 for line in text.splitlines()), text)


def test_wrong_usage_is_told_and_ends_with_2():
    for arguments, word in (((), "no expression"), (("--cycles", "0", "x"), "--cycles"),
                            (("--cycles",), "--cycles"),
                            (("--cycles", "10001", "x"), "10000"), (("--from", "a", "x"), "--from"),
                            (("--from", "99999999999999999999", "x"), "--from"),
                            (("--colour", "x"), "--colour"),
                            (("x", "y"), "one expression"), (("--text", "--json", "x"), "only one"),
                            (("--batch", "x"), "no expression"),
                            (("--type", "float", "--tidal", "x"), "float"),
                            (("--type", "note", "x"), "--tidal"), (("--svg",), "--svg")):
        out, errors = query(*arguments, expect_code=2)
        expect(out == "" and word in errors and "--help" in errors, arguments, errors)


main(globals())
