# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/editors/, tried in the real editors in batch mode against a running daemon."""
import json
import os
import re
import shutil
import subprocess

from support import SEND, Daemon, Folder, main, run

EDITORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "editors")

SONG = """tempo: 0.5

~low $ sine 110 * 0.1
o1 $ ~low

~high $ sine 880 * 0.1
o2 $ ~high
"""


def needs(program):
    """An editor that is not installed is told loudly, and on a
    machine that tests for others fails."""
    if shutil.which(program):
        return True
    print("SKIP   %s is not installed: scripts/setup installs it. NOT TESTED" % program)
    assert "CI" not in os.environ, program + " is missing"
    return False


def names(daemon):
    """What plays, by name: a fragment that changes nothing is acknowledged with all of it."""
    answer = json.loads(daemon.send("-", "--line", "1", "--json", text="-- nothing\n")[0])
    return answer["kept"]


def vim(folder, daemon, file, script):
    """Runs lines of Vim script on a file; returns what `Say(value)` got, as JSON."""
    result = folder.file("result")
    open(result, "w").close()
    path = folder.file("test.vim", "\n".join(
        ["let g:phonon_send = %s" % json.dumps([SEND, "--port", str(daemon.port)]),
         "source %s/phonon.vim" % EDITORS,
         "function! Say(value)",
         "  call writefile([json_encode(a:value)], '%s', 'a')" % result,
         "endfunction",
         "edit %s" % file] + script + ["qall!"]))
    done = subprocess.run(["vim", "-Nu", "NONE", "-i", "NONE", "-n", "-es", "-S", path], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    lines = [json.loads(line) for line in open(result)]
    assert lines, (done.stdout, done.stderr)
    return lines


def test_vim_sends_blocks_and_buffers_and_shows_errors_in_the_quickfix_list():
    if not needs("vim"):
        return
    with Folder() as folder, Daemon() as daemon:
        song = folder.file("song.ph", SONG)
        said = vim(folder, daemon, song, [
            "6", "PhononBlock", "call Say(getqflist())"])
        assert said == [[]] and "~high" in names(daemon) and "~low" not in names(daemon), said
        said = vim(folder, daemon, song, ["PhononBuffer", "call Say(&filetype)",
                                          "3,4PhononLines", "call Say(len(getqflist()))"])
        assert said == ["phonon", 0] and {"~high", "~low"} <= set(names(daemon)), said
        wrong = folder.file("wrong.ph", '-- a\n\n~x $ s "\u00e9" + ~nix\no3 $ sow 55\n')
        revision = daemon.status()["revision"]
        said = vim(folder, daemon, wrong, [
            "4", "PhononBlock",
            "call Say(map(getqflist(), '[bufname(v:val.bufnr), v:val.lnum, v:val.col, "
            "v:val.type]'))",
            "cfirst", "call Say([line('.'), col('.')])", "clast",
            "call Say([line('.'), col('.')])"])
        errors = [e for e in said[0] if e[3] == "E"]
        # the column is Vim's: the letter before it has two bytes
        assert errors == [[wrong, 3, 15, "E"], [wrong, 4, 6, "E"]], said
        assert said[2] == [4, 6] and daemon.status()["revision"] == revision, said
        assert vim(folder, daemon, song, ["call Say(maparg('<C-e>', 'n'))"]) == [":PhononBlock<CR>"]
        vim(folder, daemon, song, ["PhononHush", "call Say(1)"])
        assert daemon.status()["peak_left"] < 0.2


def emacs(folder, daemon, file, script):
    """Runs Lisp in a visited file; returns what (say VALUE) got, as JSON."""
    result = folder.file("result")
    open(result, "w").close()
    path = folder.file("test.el", """
(add-to-list 'load-path "%s")
(require 'phonon-mode)
(require 'json)
(setq phonon-send-command '("%s" "--port" "%d"))
(defun say (value)
  (write-region (concat (json-encode value) "\\n") nil "%s" t 'quiet))
(find-file "%s")
%s
""" % (EDITORS, SEND, daemon.port, result, file, script))
    done = subprocess.run(["emacs", "-Q", "--batch", "-l", path], timeout=60, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in open(result)]


def test_emacs_sends_blocks_and_buffers_and_goes_to_errors():
    if not needs("emacs"):
        return
    with Folder() as folder, Daemon() as daemon:
        song = folder.file("song.ph", SONG)
        said = emacs(folder, daemon, song, """
(say (symbol-name major-mode))
(goto-char (point-min)) (forward-line 5)
(say (phonon-send-block))""")
        assert said == ["phonon-mode", True] and "~high" in names(daemon), said
        assert "~low" not in names(daemon)
        assert emacs(folder, daemon, song, "(say (phonon-send-buffer))") == [True]
        assert {"~high", "~low"} <= set(names(daemon))
        wrong = folder.file("wrong.ph", '-- a\n\n~x $ s "\u00e9" + ~nix\no3 $ sow 55\n')
        said = emacs(folder, daemon, wrong, """
(goto-char (point-max)) (forward-line -1)
(say (phonon-send-block))
(let ((compilation-skip-threshold 2)) ; errors only
  (dotimes (_ 2)
    (with-current-buffer "*phonon*" (next-error))
    (say (list (buffer-file-name) (line-number-at-pos) (current-column)))))""")
        assert said[0] is not True, said
        assert said[1:] == [[wrong, 3, 13], [wrong, 4, 5]], said  # Emacs counts from 0
        assert emacs(folder, daemon, song, "(say (phonon-hush))") == [True]


def test_emacs_compiles_the_file_without_warnings():
    if not needs("emacs"):
        return
    with Folder() as folder:
        copy = folder.file("phonon-mode.el", open(os.path.join(EDITORS, "phonon-mode.el")).read())
        done = subprocess.run(["emacs", "-Q", "--batch", "--eval",
                               "(setq byte-compile-error-on-warn t)",
                               "-f", "batch-byte-compile", copy], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_the_problem_matcher_of_vs_code_reads_what_is_printed():
    with open(os.path.join(EDITORS, "vscode", "tasks.json")) as f:
        tasks = {task["label"]: task for task in json.load(f)["tasks"]}
    with Folder() as folder, Daemon() as daemon:
        wrong = folder.file("wrong.ph", 'o1 $ s "bd" $ nope\no2 $ saw 55 # not one\n~x $ ~y\n')
        _, error = daemon.send(wrong, expect=1)
        for label in ("phonon: send file", "phonon: send selection", "phonon: send on save"):
            pattern = tasks[label]["problemMatcher"]["pattern"]
            found = [m for m in map(re.compile(pattern["regexp"]).match, error.splitlines()) if m]
            fields = [tuple(m.group(pattern[k]) for k in ("file", "line", "column", "severity"))
                      for m in found]
            for place in (("1", "15"), ("3", "6")):
                assert (wrong, *place, "error") in fields, error
            assert any(f[3] == "note" for f in fields), error
        # the selection's command line, as VS Code would run it
        task = tasks["phonon: send selection"]
        bin_folder = os.path.dirname(SEND)
        values = {"${selectedText}": "o7 $ ~nix", "${lineNumber}": "12", "${file}": wrong}
        arguments = [values.get(a, a) for a in task["args"]]
        done = subprocess.run([task["command"], *arguments], capture_output=True,
                              text=True, timeout=20,
                              env=dict(os.environ, PATH=bin_folder + ":" + os.environ["PATH"]))
        assert wrong + ":12:6: error" in done.stderr or done.returncode == 3, done.stderr
        background = tasks["phonon: send on save"]["problemMatcher"]["background"]
        assert re.match(background["beginsPattern"], "phonon-send: reading " + wrong)
        assert re.match(background["endsPattern"], "phonon-send: not applied: what plays goes on")
        assert re.match(background["endsPattern"],
                        daemon.send("-", text="o1 $ saw 55\n")[0].strip())


def test_command_lines_of_the_editors_are_options_of_the_program():
    text = run(SEND, "--help")[0]
    for file in ("phonon.vim", "phonon-mode.el", "vscode/tasks.json"):
        for option in re.findall(r"['\"](--(?!port)[a-z]+)['\"]",
                                 open(os.path.join(EDITORS, file)).read()):
            assert option in text, (file, option)


main(globals())
