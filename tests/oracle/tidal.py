#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tidal.py - the same expressions to TidalCycles itself and to `phonon-query --tidal`: who
plays what.

usage: tidal.py PHONON_QUERY [--expressions FILE] [--seeds N] [--first SEED] [--each N]
                [--only NAME] [--wrong] [--shrink] [--level onset|merged] [--sources DIR] [-v]

Expressions of a file (tidal.txt), or random ones, well typed as the list of functions has it, are
queried cycle by cycle. What is compared: onsets with their wholes and values, continuous events by
their parts (times and numbers to 1e-9); --level merged compares all events, their touching parts
joined. Where Tidal refuses, ours must. Where later versions of Tidal are followed (squeezed joins),
--sources names a folder with such sources.

exit: 0 all agree, 1 some differ, 77 TidalCycles for ghc is not installed (skipped).
"""
import argparse
import collections
import json
import os
import random
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from fractions import Fraction

N_CYCLES = 4
HAPS_MAX = 1500
LONG = 5000  # events that may take longer, for they must be written
OURS_SECONDS = 0.05  # of the processor, an answer
ATOMS = ["String", "Note", "Double", "Int", "Time", "Bool", "ValueMap"]
TYPE_NAMES = {"String": "string", "Note": "note", "Double": "double", "Int": "int",
              "Time": "rational",
              "Bool": "bool", "ValueMap": "controls"}
HASKELL = {"ValueMap": "ValueMap", "Time": "Rational"}

# ---- types: atoms and variables are texts, the others ("Pattern",
# t) ("list", t) ("tuple", ...) ("fun", a, b)


def read_type(text):
    tokens = re.findall(r"->|[()\[\],~!]|\w+", text)
    at = [0]

    def take():
        at[0] += 1
        return tokens[at[0] - 1]

    def atom():
        token = take()
        if token in "~!":
            return ("Pattern", atom())
        if token == "Pattern":
            return ("Pattern", atom())
        if token == "ControlPattern":
            return ("Pattern", "ValueMap")
        if token == "(":
            items = [whole()]
            while take() == ",":
                items.append(whole())
            return items[0] if len(items) == 1 else ("tuple", *items)
        if token == "[":
            item = whole()
            take()
            return ("list", item)
        return token

    def whole():
        left = atom()
        if at[0] < len(tokens) and tokens[at[0]] == "->":
            take()
            return ("fun", left, whole())
        return left
    return whole()


def is_var(t):
    return isinstance(t, str) and len(t) == 1


def match(t, wanted, bound):
    """Binds the variables of `t` so that it becomes `wanted`, which has none."""
    if is_var(t):
        if t in bound:
            return bound[t] == wanted
        if t in "nm" and wanted not in ("Note", "Double", "Int", "Time"):
            return False
        if t == "i" and wanted != "Int":
            return False
        if t == "d" and wanted not in ("Note", "Double"):
            return False
        if t in "fg" and wanted not in ("Note", "Double", "Time"):
            return False
        bound[t] = wanted
        return True
    if isinstance(t, str) or isinstance(wanted, str):
        return t == wanted
    return t[0] == wanted[0] and len(t) == len(wanted) and all(
        match(a, b, bound) for a, b in zip(t[1:], wanted[1:]))


def substitute(t, bound):
    if is_var(t):
        return bound[t]
    return t if isinstance(t, str) else (t[0], *[substitute(x, bound) for x in t[1:]])


def variables(t):
    if is_var(t):
        return {t}
    return set() if isinstance(t, str) else set().union(*map(variables, t[1:]))


# ---- expressions --------------------------------------------------------------------------------

# Helpers of the library that Tidal has not, plain Haskell whose types Haskell would not find, and
# what later versions play otherwise.
LEFT_OUT = set("""iterateN chooseAt seqBegin seqEnd take drop head last zipWith scanl fst snd not && || min max div
    quot rem even odd <*> <* *> tParam Just Nothing fromMaybes step steps lindenmayer snowball _spin chew _chew
    echo@3 . $ id const flip <$> fmap == /= < > <= >= map foldr concat ++ reverse replicate !! length
    zip sum Arc fromIntegral fromRational toRational realToFrac stutWithOf wedgeLeft randrunOf pickBoth wrandcatBy
    perlin2With degradeOverBy timeLoop spread' fit' permstep markovPat ur sig pure return True False innerJoin
    outerJoin unwrap squeezeJoin trigJoin trigZeroJoin negate subtract abs floor ceiling round sqrt exp log sin
    cos tan recip pi mod ascii randslice echo rot _rot _wedge wedge perlinWith smooth substruct _euclidInv choose perlin2 wchooseBy reset restart resetTo""".split())
SQUEEZED = set("""_ply _pressBy _bite substruct binary binaryN ply press pressBy bite chew squeeze inhabit fastSqueeze slowSqueeze substruct ||+ ||- ||* ||/ ||%
    ||** ||++ ||> ||<""".split())
SCALES = "major minor minPent ritusen whole egyptian dorian".split()
ARPS = "up down updown converge disconverge pinkyup thumbup up>down down>up".split()
WORDS = "bd sn hh cp a b c arpy:3 drum:1".split()
KEYS = "a b c".split()
# What a parameter has to be: (name, position) -> texts
HINTS = {
    ("scale", 0): ['"%s"' % s for s in SCALES] + ['"<major minPent>"'],
    ("scale", 1): ['"0 .. 7"', '"0 2 4"', '"<0 -3> 7"', '"[0,2,4]"', '"0(3,8) -1*2"', "3"],
    ("arp", 0): ['"%s"' % s for s in ARPS] + ['"<up down>"', '"up converge"'],
    ("segment", 0): ["1", "2", "4", '"<2 3>"', '"2 4"', "3"],
    ("discretise", 0): ["2", "4"],
    ("run", 0): ["3", '"<2 4>"', "4", '"2 3"', "0"], ("scan", 0): ["3", "2"],
    ("irand", 0): ["8", '"2 4"', "2"], ("randrun", 0): ["4", '"<3 2>"', "1"],
    ("shuffle", 0): ["4", '"<2 3>"', "1"], ("scramble", 0): ["4", '"<2 3>"', "3"],
    ("binaryN", 0): ["4", "8"], ("binaryN", 1): ["5", '"<3 6>"', '"1 2"'],
    ("binary", 0): ['"5 77"', '"<85>"'],
    ("stutter", 0): ["2", "3"], ("range", 0): None, 
    ("quantise", 0): ["1", "2", "4"], ("qround", 0): ["3"], ("qfloor", 0): ["4"],
    ("qceiling", 0): ["2"],
    ("wedge", 0): ["0.25", "(1/3)", '"<0.25 0.5>"', "0", "1"],
    ("rolledBy", 0): ["0.25", '"<1 -0.25>"', '"<0.5 -0.25 0.25 -1>"', "(1/8)", "(-0.5)"],
    ("hurry", 0): ["2", "0.5", '"<1 2>"', "1.5", '"1 [2 4]"'],
    ("linger", 0): ["0.25", "0.5", '"<0.25 0.5>"', "(1/3)", "(-0.5)", "1"],
    ("trunc", 0): ["0.75", "0.5", '"<0.75 0.25>"', "(1/3)", '"0.5 0.75"'],
    ("necklace", 0): ["8", "4", "5"], ("chunk", 0): ["4", "2", "3", '"<2 4>"', "1"],
    ("slice", 0): ["4", "8", '"<2 4>"', "3"], ("_chunk", 0): ["4", "2", "3"],
    ("_chunk'", 0): ["4", "2", "3"],
    ("runWith", 0): ["4", "2"], ("_linger", 0): ["0.25", "0.5", "(1/3)", "1"],
    ("_euclidBool", 0): ["3", "5"],
    ("_euclidBool", 1): ["8", "5", "16"], ("_fit", 0): ["1", "2", "3"],
    **{(name, i): ["1", "5", "20", "2000"] for name in ("rangex", "_rangex") for i in (0, 1)},
    ("chunk'", 0): ["4", "2", "3", '"<2 4>"', "1"], ("_segment", 0): ["2", "3", "1.5"],
    ("chop", 0): ["2", "3", '"<2 4>"', "4", '"2 3"', "0", "(-1)"],
    ("striate", 0): ["2", "3", '"<2 4>"', "4"], ("gap", 0): ["2", "4", '"<2 4>"'],
    **{(name, 0): ["(Arc 0 0.5)", "(Arc 0.25 0.75)", "(Arc (1/3) 1)"]
       for name in ("withinArc", "zoomArc", "compressArc", "compressArcTo")},
    ("slowstripe", 0): ["2"], ("stripe", 0): ["2", "3"], ("_stripe", 0): ["3"],
    ("playFor", 0): ["0.5", "1"],
    ("playFor", 1): ["2", "2.5", "3"], ("_plyWith", 0): ["2", "3"],
    ("splice", 0): ["4", "8", '"<4 8>"'],
    ("fadeInFrom", 0): ["0.5", "1"], ("fadeOutFrom", 0): ["0.25", "2"], ("_splice", 0): ["4", "8"],
    ("fadeOutFrom", 1): ["2", "3", "4"], ("fadeInFrom", 1): ["2", "4"], ("fadeOut", 0): ["2", "4"],
    ("fadeIn", 0): ["2", "4", "3"],
}
BY_LETTER = {"Bool": "1", "Time": "0.5", "Note": "g"}
EUCLIDS = "euclid euclidInv euclidinv euclidOff eoff euclidOffInv euclidFull euclidOffFull euclidOffBool".split()
for euclid in EUCLIDS:
    HINTS[euclid, 0] = ["3", "5", '"<3 5>"', '"3 2"', "1", "0", "8", '"[3,5]"']
    HINTS["_" + euclid, 0] = ["3", "5", "1", "0", "8"]
    HINTS["_" + euclid, 1] = ["8", "5", "16", "1"]
    HINTS[euclid, 1] = ["8", '"<8 4>"', '"8 5"', "5", "16", "1"]


class Expressions:
    """A grammar over the library's types, and a dice."""

    def __init__(self, rows, seed, squeezed, only):
        self.rows, self.dice, self.only = rows, random.Random(seed), only
        self.squeezed = squeezed
        self.by_result = {}

    def pick(self, *options):
        return self.dice.choice(options)

    def chance(self, p):
        return self.dice.random() < p

    # ---- strings

    def value(self, atom):
        d = self.dice
        return {"String": lambda: d.choice(WORDS),
                "Note": lambda: d.choice(["0", "2", "7", "-5", "12", "c", "e", "gs4", "0.5",
                                          "c'maj", "e'min7'i", "a'min'o",
                                          "c'major'5"]),
                "Double": lambda: d.choice(["0", "1", "0.5", "0.25", "-1", "2", "3",
                                            "0.75", "1.5"]),
                "Int": lambda: d.choice(["0", "1", "2", "3", "-1", "4", "5", "7"]),
                "Time": lambda: d.choice(["0", "0.25", "0.5", "1%8", "1", "-0.25", "1%3", "2",
                                          "1.5", "e", "q"]),
                "Bool": lambda: d.choice(["t", "f", "1", "0", "t", "t"]),
                "ValueMap": lambda: d.choice(WORDS)}[atom]()

    def step(self, atom, depth, alone=False):
        d, kind = self.dice, self.dice.random()
        if depth > 0 and kind < 0.28:
            open_, close = d.choice(["[]", "<>", "[]", "<>", "{}"])
            n = d.randrange(1, 4)
            inner = " ".join(self.step(atom, depth - 1) for _ in range(n))
            if open_ == "[" and self.chance(0.25):
                inner += d.choice([", ", ","]) + self.step(atom, depth - 1)
            elif open_ == "[" and self.chance(0.12) and atom != "Bool":
                inner = " | ".join(self.step(atom, 0) for _ in range(d.randrange(2, 4)))
            inner = " " + inner if inner[0] == "-" else inner  # {- begins a comment
            text = open_ + inner + close + ("%" + d.choice("345") if open_ == "{" else "")
            # what follows its steps after a blank may belong to them
            if open_ == "{" and not alone:
                text = "[%s]" % text
        elif kind < 0.36:
            text = "~"
        else:
            text = self.value(atom)
        # in a sequence no step may last beyond its cycle, see odd_fragments
        if text != "~" and self.chance(0.12):
            text += d.choice(["*2", "*3", "*<2 3>", "*[2 3]"] +
                             (["/2", "/3", "*1.5", "/1.5", "/<2 3>"] if alone else []))
        elif text != "~" and self.chance(0.08):
            text += d.choice(["(3,8)", "(5,8)", "(<3 5>,8)", "(3,8,2)", "(2,5)", "(3,8,<0 2>)"])
        if self.chance(0.05):
            text += "?" + d.choice(["", "", "0.3"])
        if self.chance(0.08):
            text += d.choice(["@3", "!2", "@1.5", "!",
                              " _" if atom in ("String", "ValueMap") else "!"])
        return text

    def string(self, atom, depth=2, short=False):
        n = self.dice.choice([1, 1, 2, 2, 3]) if short else self.dice.choice([1, 2, 3, 4, 5])
        text = " ".join(self.step(atom, depth, n == 1) for _ in range(n))
        if atom in ("Note", "Int", "Double") and self.chance(0.06):
            text = self.pick("0 .. 3", "0 .. 7", "<0 1> .. 3", "3 .. 0")
        # a number, a blank and a letter: later versions read them as two steps, and so do we
        while True:
            safe = re.sub(r"(\d[?!]*[\]>})?!]* +[\[<{]*)([whqestfx])(?![a-z])",
                          r"\g<1>" + BY_LETTER.get(atom, "k"), text)
            if safe == text:
                return '"%s"' % text
            text = safe

    # ---- plain values and parameters

    def number(self, atom):
        texts = {"Int": ["2", "3", "4", "1", "0", "(-1)", "5", "8"],
                 "Time": ["0.25", "(1/8)", "2", "1.5", "(-0.25)", "0.5", "(1/3)", "1", "0", "3",
                          "0.1", "(3/4)"],
                 "Double": ["0.5", "0.25", "1", "2", "(-1)", "0.1", "1.5", "0", "0.8"],
                 "Note": ["0", "7", "(-12)", "4", "2.5"]}
        return self.dice.choice(texts[atom])

    def plain(self, t, depth):
        if t in ("Int", "Time", "Double", "Note"):
            return self.number(t)
        if t == "String":
            return '"%s"' % self.dice.choice(KEYS)
        if t == "Bool":
            return self.pick("True", "False")
        if t[0] == "tuple":
            if t[1:] == ("Time", "Time"):
                return self.pick("(0, 0.5)", "(0.25, 0.75)", "(0.5, 1)", "(1/3, 2/3)", "(0, 1)",
                                 "(0.25, 0.5)", "(0.75, 1)",
                                 "(0, 0.25)", "(0.125, 0.875)")
            if t[1:3] == ("Time", "Time"):
                return self.pick("(0, 2, %s)", "(1, 3, %s)",
                                 "(0.5, 1.5, %s)") % self.expression(t[3], depth - 1)
            return "(%s)" % ", ".join("%d" % self.dice.randrange(1, 4) if x in ("Time", "Double")
                                      else self.parameter(x, depth - 1) for x in t[1:])
        if t[0] == "list":
            if t[1] == "Int" or t[1] == "Time":
                return self.pick("[2,3]", "[3]", "[3,4]", "[1,2,3]", "[2,5]", "[3,3,2]")
            if t[1] in ("Double", "Note"):
                return self.pick("[0,2,7]", "[0,2,4,7,9]", "[0,3,7.5]", "[1,2,3]")
            return "[%s]" % ", ".join(self.bare(t[1], depth - 1)
                                      for _ in range(self.dice.randrange(1, 4)))
        raise KeyError(t)

    def bare(self, t, depth):
        if t[0] == "fun":
            return self.wrap(self.function(t, depth))
        return self.expression(t, depth) if t[0] == "Pattern" else self.plain(t, depth)

    def parameter(self, t, depth, row=None, i=0):
        """An argument, in parentheses where it needs them."""
        hints = HINTS.get((row, i))
        if hints and (self.chance(0.97) or t[0] == "tuple" or row == "scale"):
            return self.dice.choice(hints)
        if t[0] == "Pattern":
            if t[1] in ("Int", "Time", "Double", "Note") and i is not None and self.chance(0.45):
                return self.number(t[1])
            if depth <= 0 or self.chance(0.5):
                return self.string(t[1], 1, short=True)
            return self.wrap(self.expression(t, depth - 1))
        if t[0] == "fun":
            return self.wrap(self.function(t, depth - 1))
        text = self.plain(t, depth)
        return text

    @staticmethod
    def wrap(text):
        return text if re.fullmatch(r'"[^"]*"|[\w\']+|[\d.]+|\([^()]*\)|\[[^\[\]"]*\]',
                                    text) else "(%s)" % text

    # ---- functions

    def function(self, t, depth):
        """What takes a pattern to a pattern, as users write it."""
        d = self.dice
        source, target = t[1], t[2]
        if source != target or source[0] != "Pattern":
            return self.call(t, depth)
        atom, kind = source[1], d.random()
        if atom == "ValueMap" and kind < 0.3:
            return self.pick("# ", "|+ ", "|* ", "|- ", "|< ", "|> ", "# ") + self.control(depth)
        if atom in ("Int", "Note", "Double", "Time") and kind < 0.25:
            return self.pick("+ ", "|+ ", "+| ", "|* ", "|+| ", "* ",
                             "subtract ") + self.parameter(source, depth)
        if kind < 0.4:
            return self.pick("0.25", "(1/8)", '"<0 0.25>"', "0.5",
                             "(1/3)") + self.pick(" ~>", " <~")
        if kind < 0.55:
            return self.pick("rev", "fast 2", "ply 2" if self.squeezed else "rev", "slow 2",
                             "fast \"<1 2>\"", "id", "fast 1.5",
                             "iter 4", "palindrome", "degradeBy 0.3")
        if depth > 0 and kind < 0.72:
            return " . ".join(self.wrap(self.function(t, depth - 1)) if k
                              else self.wrap(self.function(t, 0))
                              for k in range(d.randrange(2, 4)))
        if kind < 0.76:
            return "const " + self.parameter(source, depth)
        return self.call(t, depth)

    def control(self, depth):
        d = self.dice
        name, atom = d.choice([("speed", "Double"), ("n", "Note"), ("gain", "Double"),
                               ("pan", "Double"), ("note", "Note"),
                               ("s", "String"), ("up", "Note"), ("cutoff", "Double"),
                               ("vowel", "String"), ("cut", "Int"),
                               ("lpf", "Double"), ("begin", "Double"), ("end", "Double"),
                               ("shape", "Double")])
        return "%s %s" % (name, self.parameter(("Pattern", atom), depth))

    # ---- calls

    def candidates(self, wanted):
        if wanted not in self.by_result:
            found = []
            for name, t in self.rows:
                args, result = [], t
                while True:
                    bound = {}
                    # versions differ in what its degrees are
                    is_whole = name != "scale" or len(args) == 2
                    if match(result, wanted, bound) and not is_var(result) and is_whole:
                        found.append((name, list(args), bound))
                    if isinstance(result, str) or result[0] != "fun":
                        break
                    args.append(result[1])
                    result = result[2]
            self.by_result[wanted] = found
        return self.by_result[wanted]

    def call(self, wanted, depth):
        found = self.candidates(wanted)
        if wanted[-1] == "Time" or wanted[-1] == "Int":  # doubles as times are another matter
            found = [f for f in found if f[1] or f[0] == "silence"]
        if self.only and self.chance(0.5):
            found = [f for f in found if f[0] == self.only] or found
        if not found:
            raise KeyError(wanted)
        name, args, bound = self.dice.choice(found)
        bound = dict(bound)
        for var in sorted(set().union(*map(variables, args), set()) - set(bound)):
            bound[var] = self.dice.choice(["Double", "Note"] if var in "fgd" else
                                          ["Int", "Note", "Double"] if var in "nm"
                                          else ["String", "Int", "Note"])
            if var == "t":
                bound[var] = wanted if wanted[0] == "Pattern" else ("Pattern", "ValueMap")
        args = [substitute(a, bound) for a in args]
        if re.fullmatch(r"\W+", name):
            return self.operation(name, args, depth)
        parts = [self.parameter(a, depth, name, i) for i, a in enumerate(args)]
        if (parts and args[-1][0] == "Pattern" and depth > 0 and self.chance(0.7) and
                (name, len(args) - 1) not in HINTS):
            return " ".join([name, *parts[:-1]]) + " $ " + self.expression(args[-1], depth - 1)
        return " ".join([name, *parts])

    def operation(self, name, args, depth):
        parts = [self.parameter(a, depth, None, None) for a in args]
        if len(parts) == 2:
            return "%s %s %s" % (parts[0], name, parts[1])
        return "%s %s" % (parts[0], name) if parts else "(%s)" % name

    def expression(self, t, depth):
        if t[0] == "fun":
            return self.function(t, depth)
        atom, kind = t[1], self.dice.random()
        if atom == "ValueMap":
            if depth <= 0 or kind < 0.25:
                text = self.pick("s ", "s ", "sound ", "n ")
                text += self.string("Note" if text == "n " else "String")
                for _ in range(self.dice.randrange(3)):
                    text += self.pick(" # ", " # ", " |+ ", " |* ", " +| ",
                                      " |+| ") + self.control(depth - 1)
                return text
        elif depth <= 0 or kind < 0.15:
            return self.string(atom)
        return self.call(t, depth)


# ---- Tidal --------------------------------------------------------------------------------------

HEAD = r"""{-# LANGUAGE OverloadedStrings, FlexibleInstances, TypeSynonymInstances #-}
{-# OPTIONS_GHC -fdefer-type-errors -w #-}
module Main where
import Sound.Tidal.Context
import Prelude hiding ((<*), (*>))
import qualified Data.Map.Strict as Map
import Control.Exception (SomeException, evaluate, throw, try)

import Data.Ratio (numerator, denominator)
import System.IO (hFlush, stdout)
import System.Timeout (timeout)
import Data.List (intercalate)

class J a where j :: a -> String
instance J String where j = show
instance J Double where j x = if isNaN x || isInfinite x then show (show x) else show x
instance J Note where j = j . unNote
instance J Int where j = show
instance J Rational where j = jr
instance J Bool where j True = "true"; j False = "false"
instance J ValueMap where j m = "{" ++ intercalate "," [show k ++ ":" ++ jv v | (k, v) <- Map.toList m] ++ "}"
jr x = "\"" ++ show (numerator x) ++ "/" ++ show (denominator x) ++ "\""
jv (VS s) = j s
jv (VF x) = j x
jv (VN x) = j x
jv (VR x) = jr x
jv (VI x) = show x
jv (VB x) = j x
jv _ = "null"
hap :: J a => Event a -> String
hap e = "[" ++ w (whole e) ++ "," ++ jr (start (part e)) ++ "," ++ jr (stop (part e)) ++ "," ++ j (value e) ++ "]"
  where w Nothing = "null,null"
        w (Just a) = jr (start a) ++ "," ++ jr (stop a)
haps :: J a => Int -> Pattern a -> String
haps n p = "[" ++ intercalate "," (map hap (take LIMIT (concat [queryArc p (Arc (fromIntegral c) (fromIntegral c + 1)) | c <- [0 .. n - 1]]))) ++ "]"
noHaskell :: a
noHaskell = throw (userError "no Haskell")
item :: Int -> String -> IO ()
item i text = do
  r <- timeout 400000 (try (evaluate (length text `seq` text)) :: IO (Either SomeException String))
  putStrLn $ show i ++ "\t" ++ case r of
    Nothing -> "slow"
    Just (Right t) -> t
    Just (Left e) -> "error " ++ take 3000 (map (\c -> if c == '\n' then ' ' else c) (show e))
  hFlush stdout
"""


def tidal_program(lines, left_out):
    body = [HEAD.replace("LIMIT", str(HAPS_MAX + 1))]
    for i, (atom, text) in enumerate(lines):  # each by itself, so that its type errors are
        kind = HASKELL.get(atom, atom)
        text = "noHaskell" if i in left_out else text
        body.append("e%d :: String\ne%d = haps %d (%s :: Pattern %s)\n" %
                    (i, i, N_CYCLES, text, kind))
    body.append("main = do\n" + "".join("  item %d e%d\n" % (i, i) for i in range(len(lines))))
    return "".join(body)


def ask_tidal(lines, folder, sources):
    """@return answers by line, and what ghc says when there are none"""
    path, program = os.path.join(folder, "Asked.hs"), os.path.join(folder, "asked")
    command = ["ghc", "-v0", "-O0", "-with-rtsopts=-M2g", "-o",
               program] + (["-i" + sources] if sources else [])
    first, left_out = HEAD.count("\n") + 2, set()
    while True:
        with open(path, "w") as f:
            f.write(tidal_program(lines, left_out))
        built = subprocess.run(command + [path], capture_output=True, text=True, timeout=600)
        if built.returncode == 0:
            break
        places = re.findall(r"Asked\.hs:(\d+):\d+: error", built.stderr)  # what doesn't even parse
        wrong = {(int(n) - first) // 2 for n in places} & set(range(len(lines)))
        if not wrong - left_out:
            return None, built.stderr
        left_out |= wrong
        if len(left_out) == len(lines):
            return None, built.stderr
    try:
        ran = subprocess.run([program], capture_output=True, text=True, timeout=len(lines) + 30)
        text = ran.stdout
    except subprocess.TimeoutExpired as e:
        text = (e.stdout or b"").decode()
    answers = {}
    for line in text.splitlines():
        i, _, answer = line.partition("\t")
        answers[int(i)] = answer
    return answers, ""


# ---- ours ---------------------------------------------------------------------------------------


class Ours:
    """One `--batch` that is asked line by line, so that the one at fault is known."""

    def __init__(self, program):
        self.program, self.process = program, None

    def start(self):
        self.process = subprocess.Popen([self.program, "--tidal", "--batch"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def seconds(self):
        with open("/proc/%d/schedstat" % self.process.pid) as f:
            return int(f.read().split()[0]) / 1e9

    def ask(self, atom, text):
        """@return (answer, processor seconds); the answer is
        None after a crash, "hang" after one"""
        if not self.process or self.process.poll() is not None:
            self.start()
        before = self.seconds()
        try:
            self.process.stdin.write(("%d\t%s\t%s\n" % (N_CYCLES, text, TYPE_NAMES[atom])).encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return None, 0
        if not select.select([self.process.stdout], [], [], 10)[0]:
            self.process.kill()
            self.process.wait()
            return "hang", 10
        line = self.process.stdout.readline()
        if not line:
            return None, 0
        return json.loads(line), self.seconds() - before


# ---- comparing ----------------------------------------------------------------------------------


def fraction(x):
    return None if x is None else Fraction(x)


def number(v):
    if isinstance(v, (bool, int, float)):
        return float(v)
    if isinstance(v, str) and re.fullmatch(r"-?\d+/\d+", v):
        return float(Fraction(v))
    return None


def same_value(x, y):
    if isinstance(x, dict) and isinstance(y, dict):
        return x.keys() == y.keys() and all(same_value(x[k], y[k]) for k in x)
    p, q = number(x), number(y)
    if p is not None and q is not None:
        return abs(p - q) <= 1e-9 * max(1, abs(p), abs(q))
    return x == y


def same_time(a, b):
    return a == b or (a is not None and b is not None and abs(a - b) < Fraction(1, 10 ** 9))


def joined(haps):
    """Parts of one whole with one value that touch."""
    ends, out = collections.defaultdict(list), []
    for h in sorted(([*map(fraction, h[:4]), h[4]] for h in haps), key=lambda h: (h[2], h[3])):
        before = next((g for g in ends[h[0], h[1], h[2]] if h[0] is not None and
                       same_value(g[4], h[4])), None)
        if before:
            ends[h[0], h[1], h[2]].remove(before)
            before[3] = h[3]
            ends[h[0], h[1], h[3]].append(before)
        else:
            out.append(h)
            ends[h[0], h[1], h[3]].append(h)
    return out


def view(haps, level):
    haps = joined(haps)
    if level == "onset":
        haps = [[h[0], h[1], None, None, h[4]] if h[0] is not None else h for h in haps
                if h[0] in (None, h[2])]
    return haps


def same_haps(x, y, level):
    x, y = view(x, level), view(y, level)
    if len(x) != len(y):
        return False
    near = collections.defaultdict(list)
    for h in y:
        near[round((h[0] if h[0] is not None else h[2]) * 1000)].append(h)
    for h in x:
        key = round((h[0] if h[0] is not None else h[2]) * 1000)
        found = next(((k, g) for k in (key, key - 1, key + 1) for g in near[k]
                      if all(map(same_time, h[:4], g[:4])) and same_value(h[4], g[4])), None)
        if not found:
            return False
        near[found[0]].remove(found[1])
    return True


STOPS = ["zero denominator", "divide by zero", "empty list", "<<timeout>>", "index too large",
         "negative index",
         "stack overflow", "heap overflow", "<<loop>>"]
SEMANTIC = "expected here, found|one too many|unknown function|takes no argument"
AMBIGUOUS = ["Overlapping instances", "Ambiguous type"]
REFUSES = {  # what ours may refuse: it would need to know more before it plays
    "known before it plays", "must be written out", "too much", "too many", "more of Haskell",
}


def verdict(theirs, ours, level):
    """@return (name, details); names of agreement begin with "ok" """
    answer, seconds = ours
    if answer is None:
        return "CRASH", ""
    if answer == "hang":
        return "HANG", ""
    if seconds > OURS_SECONDS and len(answer) < LONG:
        return "SLOW", "%.3f s" % seconds
    refused = isinstance(answer, dict)
    if theirs is None or theirs == "slow":
        return "ok, Tidal is too slow", ""
    if theirs.startswith("error"):
        if any(e in theirs for e in STOPS):
            return "ok, Tidal stops", ""
        if any(e in theirs for e in AMBIGUOUS):
            return "ok, ambiguous in Haskell", ""
        if refused or not answer:
            return "ok, both refuse", answer["message"] if refused else ""
        return "ACCEPTED", theirs[:300]
    if "Infinity" in theirs or "NaN" in theirs:
        return "ok, no numbers", ""
    if refused:
        return ("refused, by design" if any(r in answer["message"] for r in REFUSES)
                else "REFUSED"), answer["message"]
    haps = json.loads(theirs)
    if any(h[0] and not Fraction(h[0]) <= Fraction(h[2]) <= Fraction(h[3]) <= Fraction(h[1])
           for h in haps):
        return "ok, parts outside their wholes", ""
    if len(haps) > HAPS_MAX:
        return "ok, too long to compare", ""
    if not same_haps(haps, answer, "onset"):
        return "DIFFERS", ""
    if not same_haps(haps, answer, "merged"):
        return ("FRAGMENTS" if level == "merged" else "ok, but for fragments"), ""
    return "ok", "" if haps else "empty"


def known_names(names, folder, sources):
    """Those that this Tidal has."""
    path = os.path.join(folder, "Names.hs")
    with open(path, "w") as f:
        f.write(
            "module Names where\nimport Sound.Tidal.Context\nimport Prelude hiding ((<*), (*>))\n")
        for i, name in enumerate(names):
            f.write("x%d = %s\n" % (i, "(%s)" % name))
    said = subprocess.run(["ghc", "-v0", "-fno-code", "-w", "-XNoMonomorphismRestriction", path] +
                          (["-i" + sources] if sources else []), capture_output=True,
                          text=True).stderr
    missing = set(re.findall(r"not in scope: [‘(]?([^\s’]+?)[)’]?$", said, re.M))
    missing |= set(re.findall(r"not in scope: (?:data constructor )?[‘]?([^\s’]+)[’]?", said))
    return [n for n in names if n not in missing and n.strip("()") not in missing]


def library(program, folder, sources):
    said = subprocess.run([program, "--tidal", "--list"], capture_output=True, text=True,
                          check=True).stdout
    rows = []
    for line in said.splitlines():
        found = re.match(r"(\S+)\s+:: (.*?)(?:\s{2,}|$)", line)
        if found and found[1] not in LEFT_OUT:
            rows.append((found[1], read_type(found[2].split("  ")[0])))
    known = set(known_names([n for n, _ in rows], folder, sources))
    return [r for r in rows if r[0] in known]


def generate(rows, seed, count, squeezed, only):
    made = []
    e = Expressions(rows, seed, squeezed, only)
    while len(made) < count:
        atom = e.dice.choice(["String", "Note", "Double", "Int", "Bool", "Time", "ValueMap",
                              "ValueMap", "ValueMap"])
        try:
            text = e.expression(("Pattern", atom), e.dice.choice([1, 2, 2, 3, 3]))
        except KeyError:
            continue
        if len(text) > 400 or (only and only not in text):
            continue
        made.append((atom, text))
    return made


# ---- making what differs shorter ----------------------------------------------------------------

TOKEN = re.compile(r'"|\w[\w.\']*|\s+|[^\w\s"()\[\],]+|.')
CANDIDATES_MAX, ROUNDS_MAX = 30, 8


def shorter(text, dice):
    """Texts without a part whose brackets are balanced."""
    tokens, out = [], set()
    for i, piece in enumerate(text.split('"')):
        tokens += list(piece) if i % 2 else TOKEN.findall(piece)
        tokens.append('"')
    tokens.pop()
    for i in range(len(tokens)):
        depth = quotes = 0
        for k in range(i, len(tokens)):
            depth += (tokens[k] in "([{<") - (tokens[k] in ")]}>") if len(tokens[k]) == 1 else 0
            quotes += tokens[k] == '"'
            if depth < 0:
                break
            if depth == 0 and quotes % 2 == 0:
                out.add("".join(tokens[:i] + tokens[k + 1:]).strip())
                if tokens[i] in "([{<" and tokens[k] in ")]}>":
                    out.add("".join(tokens[:i] + tokens[i + 1:k] + tokens[k + 1:]).strip())
    out = sorted(out - {text}, key=len)
    return out[:CANDIDATES_MAX * 4] + dice.sample(out, min(len(out), CANDIDATES_MAX * 6))


def shrink(bad, ours, folder, options):
    """The shortest expressions found for which the verdict stays.
    `bad`: [(atom, text, verdict, details)]"""
    dice = random.Random(0)
    open_ = list(range(len(bad)))
    for _ in range(ROUNDS_MAX):
        lines, homes = [], []
        for b in open_:
            atom, text, name, details = bad[b]
            n = 0
            for candidate in dict.fromkeys(sorted(shorter(text, dice),
                                                  key=lambda _: dice.random())):
                answer = ours.ask(atom, candidate)
                refused = isinstance(answer[0], dict)
                if refused != (name == "REFUSED") or n == CANDIDATES_MAX:
                    continue
                if refused and answer[0]["message"].split(": ",
                                                          1)[-1] != details.split(": ", 1)[-1]:
                    continue
                lines.append((atom, candidate))
                homes.append(b)
                n += 1
        theirs, _ = ask_tidal(lines, folder, options.sources) if lines else ({}, "")
        if theirs is None:
            break
        best = {}
        for i, (atom, candidate) in enumerate(lines):
            name, details = verdict(theirs.get(i), ours.ask(atom, candidate), options.level)
            b = homes[i]
            if name == bad[b][2] and (b not in best or len(candidate) < len(best[b][1])):
                best[b] = (atom, candidate, name, details)
        for b, found in best.items():
            bad[b] = found
        open_ = list(best)
        if not open_:
            break
    return bad


def read_expressions(path):
    """Lines of TYPE<TAB>EXPRESSION."""
    names = {v: k for k, v in TYPE_NAMES.items()}
    with open(path) as f:
        return [(names[atom], text) for atom, text in (line.rstrip("\n").split("\t") for line in f)]


def spoiled(text, dice):
    """The text with a token left out, doubled or exchanged, seldom more: mostly no longer right."""
    tokens = [x for i, piece in enumerate(text.split('"'))
              for x in (TOKEN.findall(piece) if i % 2 == 0 else ['"%s"' % piece])]
    words = [i for i, x in enumerate(tokens) if x.strip()]
    for _ in range(dice.choice([1, 1, 1, 2])):
        i, k = dice.choice(words), dice.choice(words)
        how = dice.randrange(5)
        if how == 0:
            tokens[i] = ""
        elif how == 1:
            tokens[i], tokens[k] = tokens[k], tokens[i]
        elif how == 2:
            tokens[i] = tokens[i] + " " + tokens[k]
        elif how == 3:
            tokens[i] = tokens[k]
        else:  # inside a token
            at = dice.randrange(len(tokens[i]) + 1)
            tokens[i] = tokens[i][:at] + dice.choice(list(" ()[]<>{}!?*/@~.,'\\$#|%0a") +
                                                     [""]) + tokens[i][at + 1:]
    return re.sub(r"[\n\t]", " ", "".join(tokens))


def main():
    parser = argparse.ArgumentParser(description="phonon-query --tidal against TidalCycles")
    parser.add_argument("program", help="phonon-query")
    parser.add_argument("--seeds", type=int, default=1, help="how many programs for ghc")
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    parser.add_argument("--each", type=int, default=150, help="expressions in each")
    parser.add_argument("--only", help="a name that must occur")
    parser.add_argument("--expressions",
                        help="a file of lines TYPE<TAB>EXPRESSION instead of random ones")
    parser.add_argument("--sources", default="",
                        help="folder of Tidal's sources, instead of the package")
    parser.add_argument("--level", choices=["onset", "merged"], default="onset")
    parser.add_argument("--wrong", action="store_true",
                        help="spoil the expressions: both must refuse the same")
    parser.add_argument("--shrink", action="store_true",
                        help="show the shortest expressions that still differ")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what agrees too")
    options = parser.parse_args()
    if not shutil.which("ghc") or "tidal" not in subprocess.run(
            ["ghc-pkg", "list", "--simple-output", "tidal"], capture_output=True, text=True).stdout:
        print("SKIP: TidalCycles for ghc is not installed")
        return 77
    total, ours = collections.Counter(), Ours(os.path.abspath(options.program))
    with tempfile.TemporaryDirectory(prefix="tidal") as folder:
        rows = library(options.program, folder, options.sources)
        if not options.sources:
            rows = [r for r in rows if r[0] not in SQUEEZED]
        given = read_expressions(options.expressions) if options.expressions else []
        seeds = range(0, len(given),
                      options.each) if given else range(options.first,
                                                        options.first + options.seeds)
        for seed in seeds:
            lines = (given[seed:seed + options.each] if given else
                     generate(rows, seed, options.each, bool(options.sources), options.only))
            if options.wrong:
                dice = random.Random(seed)
                lines = [(atom, spoiled(text, dice)) for atom, text in lines]
                # ghc tells one syntax error a run: what ours calls one is taken for one
                lines = [x for x in lines if not isinstance(ours.ask(*x)[0], dict) or
                         re.search(SEMANTIC, ours.ask(*x)[0]["message"])]
            theirs, error = ask_tidal(lines, folder, options.sources)
            if theirs is None:
                print("seed %d: ghc refuses: %s" % (seed, error[:2000]))
                total["GHC"] += 1
                continue
            bad = []
            for i, (atom, text) in enumerate(lines):
                name, details = verdict(theirs.get(i), ours.ask(atom, text), options.level)
                total[name] += 1
                if options.shrink and name in ("DIFFERS", "ACCEPTED", "REFUSED", "FRAGMENTS"):
                    bad.append((atom, text, name, details))
                elif options.verbose or name.isupper():
                    print("%s\t%d.%d\t%s\t%s\t%s" %
                          (name, seed, i, TYPE_NAMES[atom], text, details), flush=True)
            for atom, text, name, details in shrink(bad, ours, folder, options):
                print("%s\t%d\t%s\t%s\t%s" % (name, seed, TYPE_NAMES[atom], text, details),
                      flush=True)
    for name, n in sorted(total.items()):
        print("%6d %s" % (n, name))
    return any(name.isupper() for name in total)


if __name__ == "__main__":
    sys.exit(main())
