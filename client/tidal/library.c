/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/library.c - every function of TidalCycles' dialect: one table. What can be said   */
/* in the dialect is; semantics: PATTERNS 3 and 4.                                                */
#include "client/tidal/library.h"

#include <string.h>

#include "client/tidal/make.h"

#define OP(name, type, op, doc) { name, type, doc, NULL, NULL, NULL, PH_PAT_##op, 0 },
#define NONE(name, type, op, doc) \
    { name, type, doc, NULL, tidal_make_nothing, NULL, PH_PAT_##op, 0 },
#define DEF(name, type, definition, doc) \
    { name, type, doc, definition, NULL, NULL, PH_PAT_SILENCE, 0 },
#define MAKE(name, type, make, op, structure, doc) \
    { name, type, doc, NULL, tidal_make_##make, NULL, PH_PAT_##op, structure },
#define WORD(name, type, make, word, structure, doc) \
    { name, type, doc, NULL, tidal_make_##make, word, PH_PAT_SILENCE, structure },

/* a |op b: structure from the left; op| from the right; |op| from both; ||op squeezed */
#define OPERATOR(symbol, events, op, doc)                                                          \
    MAKE("|" symbol, events " -> " events " -> " events, arithmetic, op, 1, doc)                   \
    MAKE(symbol "|", events " -> " events " -> " events, arithmetic, op, 2, doc)                   \
    MAKE("|" symbol "|", events " -> " events " -> " events, arithmetic, op, 0, doc)               \
    MAKE("||" symbol, events " -> " events " -> " events, squeezed, op, 0, doc)

#define CONTROL(name, type, key) \
    WORD(name, "Pattern " type " -> ControlPattern", control, key, 0, "the control `" key "`")
#define D(name) CONTROL(#name, "Double", #name)

/* _fast n: `fast` of a plain number */
#define PLAIN(name, parameter, rest) \
    DEF("_" name, parameter " -> " rest, "\\n -> " name " (pure n)", "`" name "` of a plain value")
#define PLAIN2(name, first, second, rest) \
    DEF("_" name, first " -> " second " -> " rest, "\\n m -> " name " (pure n) (pure m)", \
        "`" name "` of plain values")
#define CHANGE "Pattern a -> Pattern a"
#define CONTROLS "ControlPattern -> ControlPattern"

static const struct tidal_row rows[] = {
    /* ---- operators --------------------------------------------------------------------------- */
    MAKE("+", "n -> n -> n", arithmetic, ADD, 0, "sum; of patterns with the structure of both")
    MAKE("-", "n -> n -> n", arithmetic, SUB, 0, "difference")
    MAKE("*", "n -> n -> n", arithmetic, MUL, 0, "product")
    MAKE("/", "f -> f -> f", arithmetic, DIV, 0, "quotient")
    MAKE("%", "f -> f -> f", arithmetic, DIV, 0, "fraction")
    MAKE("**", "d -> d -> d", arithmetic, POW, 0, "power")
    MAKE("mod", "i -> i -> i", arithmetic, MOD, 0, "remainder, with the sign of the divisor")
    MAKE("div", "i -> i -> i", divide, SILENCE, 0, "quotient down to a whole number")
    MAKE("quot", "i -> i -> i", divide, SILENCE, 1, "quotient towards 0")
    DEF("rem", "i -> i -> i", "\\x y -> x - y * quot x y",
        "remainder, with the sign of the dividend")
    DEF("even", "i -> Bool", "\\n -> mod n 2 == 0", "whether 2 divides it")
    DEF("odd", "i -> Bool", "\\n -> mod n 2 == 1", "whether 2 does not divide it")
    OPERATOR("+", "Pattern n", ADD, "sum")
    OPERATOR("-", "Pattern n", SUB, "difference")
    OPERATOR("*", "Pattern n", MUL, "product")
    OPERATOR("/", "Pattern f", DIV, "quotient")
    OPERATOR("%", "Pattern n", MOD, "remainder")
    OPERATOR("**", "Pattern d", POW, "power")
    OPERATOR("++", "Pattern String", CONCAT, "words one after the other")
    OPERATOR(">", "Pattern a", UNION,
             "values and controls of the right, the left's where it has none")
    OPERATOR("<", "Pattern a", UNION_LEFT,
             "values and controls of the left, the right's where it has none")
    MAKE("#", "Pattern a -> Pattern a -> Pattern a", arithmetic, UNION, 1, "|>")
    OP("<~", "Pattern Time -> Pattern a -> Pattern a", EARLY, "earlier by so many cycles")
    OP("~>", "Pattern Time -> Pattern a -> Pattern a", LATE, "later by so many cycles")
    MAKE("<>", "Pattern a -> Pattern a -> Pattern a", stack, STACK, 0, "both at once")
    MAKE("$", "(a -> b) -> a -> b", apply, SILENCE, 0, "the function of all that follows")
    DEF(".", "(b -> c) -> (a -> b) -> a -> c", "\\p q x -> p (q x)",
        "one function after another, the right one first")
    MAKE("<$>", "(a -> b) -> Pattern a -> Pattern b", fmap, SILENCE, 0,
         "the function of every value")
    MAKE("fmap", "(a -> b) -> Pattern a -> Pattern b", fmap, SILENCE, 0, "<$>")
    MAKE("==", "a -> a -> Bool", compare, SILENCE, 0, "equal")
    MAKE("/=", "a -> a -> Bool", compare, SILENCE, 10, "different")
    MAKE("<", "n -> n -> Bool", compare, SILENCE, -1, "less")
    MAKE(">", "n -> n -> Bool", compare, SILENCE, 1, "greater")
    MAKE("<=", "n -> n -> Bool", compare, SILENCE, 9, "not greater")
    MAKE(">=", "n -> n -> Bool", compare, SILENCE, 11, "not less")
    MAKE("&&", "Bool -> Bool -> Bool", logic, SILENCE, 0, "both")
    MAKE("||", "Bool -> Bool -> Bool", logic, SILENCE, 1, "one or both")
    DEF("not", "Bool -> Bool", "\\x -> if x then False else True", "true for false")
    DEF("min", "n -> n -> n", "\\x y -> if x <= y then x else y", "the lesser")
    DEF("max", "n -> n -> n", "\\x y -> if x <= y then y else x", "the greater")
    MAKE("<*>", "Pattern (a -> b) -> Pattern a -> Pattern b", apply_patterns, SILENCE, PH_JOIN_BOTH,
         "functions of values, with the structure of both")
    MAKE("<*", "Pattern (a -> b) -> Pattern a -> Pattern b", apply_patterns, SILENCE, PH_JOIN_OUTER,
         "functions of values, with the structure of the functions")
    MAKE("*>", "Pattern (a -> b) -> Pattern a -> Pattern b", apply_patterns, SILENCE, PH_JOIN_INNER,
         "functions of values, with the structure of the values")

    /* ---- plain functions --------------------------------------------------------------------- */
    DEF("id", "a -> a", "\\x -> x", "what it is given")
    DEF("const", "a -> b -> a", "\\x y -> x", "the first, whatever the second")
    MAKE("flip", "(a -> b -> c) -> b -> a -> c", flip, SILENCE, 0,
         "the function with its first two arguments exchanged")
    MAKE("True", "Bool", bool, SILENCE, 1, "true")
    MAKE("False", "Bool", bool, SILENCE, 0, "false")
    MAKE("map", "(a -> b) -> [a] -> [b]", map, SILENCE, 0, "the function of each item")
    MAKE("foldr", "(a -> b -> b) -> b -> [a] -> b", foldr, SILENCE, 0,
         "items folded from the right")
    MAKE("concat", "[[a]] -> [a]", concat, SILENCE, 0, "lists one after the other")
    MAKE("++", "[a] -> [a] -> [a]", append_lists, SILENCE, 0, "two lists one after the other")
    MAKE("reverse", "[a] -> [a]", reverse, SILENCE, 0, "the list backwards")
    MAKE("replicate", "Int -> a -> [a]", replicate, SILENCE, 0, "n times the same")
    MAKE("!!", "[a] -> Int -> a", index, SILENCE, 0, "an item of a list, from 0")
    MAKE("length", "[a] -> Int", length, SILENCE, 0, "number of items")
    MAKE("take", "Int -> [a] -> [a]", take, SILENCE, 0, "the first n items")
    MAKE("drop", "Int -> [a] -> [a]", take, SILENCE, 1, "all but the first n items")
    DEF("head", "[a] -> a", "\\xs -> xs !! 0", "the first item")
    DEF("last", "[a] -> a", "\\xs -> xs !! (length xs - 1)", "the last item")
    MAKE("zipWith", "(a -> b -> c) -> [a] -> [b] -> [c]", zip_with, SILENCE, 0,
         "the function of pairs of items")
    MAKE("scanl", "(b -> a -> b) -> b -> [a] -> [b]", scanl, SILENCE, 0,
         "items folded from the left, with all results on the way")
    MAKE("iterateN", "Int -> (a -> a) -> a -> [a]", iterate, SILENCE, 0,
         "a value, the function of it, the function of that: n in all")
    DEF("fst", "(a, b) -> a", "\\(x, y) -> x", "the first of a pair")
    DEF("snd", "(a, b) -> b", "\\(x, y) -> y", "the second of a pair")
    MAKE("zip", "[a] -> [b] -> [(a, b)]", zip, SILENCE, 0, "pairs of items")
    MAKE("sum", "[n] -> n", sum, SILENCE, 0, "items added up")
    MAKE("Arc", "Time -> Time -> (Time, Time)", tuple, SILENCE, 0, "a span of time")
    WORD("negate", "n -> n", negate, "neg", 0, "with the other sign")
    DEF("subtract", "n -> n -> n", "\\x y -> y - x", "the second less the first")
    MAKE("fromIntegral", "n -> m", convert, SILENCE, 0, "a number as another type of number")
    MAKE("fromRational", "n -> m", convert, SILENCE, 0, "a number as another type of number")
    MAKE("toRational", "n -> Time", convert, SILENCE, 0, "a number as a time")
    MAKE("realToFrac", "n -> m", convert, SILENCE, 0, "a number as another type of number")
    DEF("pi", "d", "3.141592653589793", "half the way round the circle")
    WORD("abs", "n -> n", math, "abs", 0, "without sign")
    WORD("floor", "f -> n", math, "floor", 0, "down to a whole number")
    WORD("ceiling", "f -> n", math, "ceil", 0, "up to a whole number")
    WORD("round", "f -> n", math, "round", 0, "to the nearest whole number, halves to even ones")
    WORD("sqrt", "d -> d", math, "sqrt", 0, "square root")
    WORD("exp", "d -> d", math, "exp", 0, "e to the power of")
    WORD("log", "d -> d", math, "log", 0, "natural logarithm")
    WORD("sin", "d -> d", math, "sin", 0, "sine of radians")
    WORD("cos", "d -> d", math, "cos", 0, "cosine of radians")
    WORD("tan", "d -> d", math, "tan", 0, "tangent of radians")
    WORD("recip", "f -> f", math, "recip", 0, "1 / x")

    /* ---- sources ----------------------------------------------------------------------------- */
    NONE("silence", "Pattern a", SILENCE, "nothing")
    NONE("empty", "Pattern a", SILENCE, "nothing")
    MAKE("pure", "a -> Pattern a", pure, SILENCE, 0, "the value once a cycle")
    MAKE("return", "a -> Pattern a", pure, SILENCE, 0, "pure")
    NONE("sine", "Pattern f", SINE, "0..1, a sine wave a cycle")
    NONE("cosine", "Pattern f", COSINE, "sine a quarter later")
    NONE("saw", "Pattern f", SAW, "0 to 1 in a cycle")
    NONE("isaw", "Pattern f", ISAW, "1 to 0 in a cycle")
    NONE("tri", "Pattern f", TRI, "0 to 1 to 0 in a cycle")
    NONE("square", "Pattern f", SQUARE, "0, then 1")
    DEF("sine2", "Pattern f", "(\\x -> x * 2 - 1) <$> sine", "sine from -1 to 1")
    DEF("cosine2", "Pattern f", "(\\x -> x * 2 - 1) <$> cosine", "cosine from -1 to 1")
    DEF("saw2", "Pattern f", "(\\x -> x * 2 - 1) <$> saw", "saw from -1 to 1")
    DEF("isaw2", "Pattern f", "(\\x -> x * 2 - 1) <$> isaw", "isaw from 1 to -1")
    DEF("tri2", "Pattern f", "(\\x -> x * 2 - 1) <$> tri", "-1 to 1 and back")
    DEF("square2", "Pattern f", "(\\x -> x * 2 - 1) <$> square", "-1, then 1")
    MAKE("sig", "(Time -> a) -> Pattern a", signal, SILENCE, 0, "a function of the time")
    WORD("envL", "Pattern Double", clamped_time, "clamp", 0, "0 to 1 in cycle 0, then 1")
    DEF("envEq", "Pattern Double", "(\\x -> sqrt (sin (pi / 2 * (1 - x)))) <$> envL",
        "1 to 0 in cycle 0, of equal power")
    DEF("envEqR", "Pattern Double", "(\\x -> sqrt (cos (pi / 2 * (1 - x)))) <$> envL",
        "0 to 1 in cycle 0, of equal power")
    DEF("envLR", "Pattern Double", "(\\x -> 1 - x) <$> envL", "1 to 0 in cycle 0, then 0")
    NONE("rand", "Pattern f", RAND, "0..1 at random, continuous")
    OP("irand", "Pattern Int -> Pattern n", IRAND,
       "whole numbers from 0 to n - 1 at random, continuous")
    NONE("perlin", "Pattern f", PERLIN, "smooth random numbers, a new one each cycle")
    OP("perlinWith", "Pattern Double -> Pattern f", PERLIN_WITH, "perlin at the times given")
    OP("perlin2With", "Pattern Double -> Pattern Double -> Pattern Double", PERLIN2_WITH,
       "perlin over a plane")
    DEF("perlin2", "Pattern Double -> Pattern Double", "\\p -> perlin2With (sig fromRational) p",
        "perlin2With the time")
    MAKE("brandBy", "!Double -> Pattern Bool", brand, SILENCE, 0,
         "true with this probability, continuous")
    DEF("brand", "Pattern Bool", "brandBy 0.5", "true or false at random, continuous")
    OP("run", "Pattern n -> Pattern n", RUN, "0 to n - 1")
    OP("scan", "Pattern n -> Pattern n", SCAN, "run 1, run 2, ... run n, one a cycle")
    DEF("randrun", "Int -> Pattern Int", "\\n -> randrunOf (pure n)",
        "0 to n - 1 in random order, new each cycle")
    OP("randrunOf", "Pattern Int -> Pattern Int", RANDRUN, "randrun of a pattern")
    MAKE("ascii", "Pattern String -> Pattern Bool", ascii, SILENCE, 0,
         "the bits of each word's letters")
    MAKE("markovPat", "!Int -> !Int -> [[Double]] -> Pattern Int", markov, MARKOV, 0,
         "n steps a cycle of a Markov chain that begins with i")
    MAKE("permstep", "Int -> [a] -> Pattern f -> Pattern a", permstep, SILENCE, 0,
         "the values in n steps, shared evenly (0) to unevenly (1)")
    MAKE("binaryN", "!Int -> Pattern Int -> Pattern Bool", bits_of, SILENCE, 0,
         "the n lowest bits of a number")
    MAKE("_binary", "Int -> Int -> Pattern Bool", bits, SILENCE, 0, "the n lowest bits of a number")
    DEF("binary", "Pattern Int -> Pattern Bool", "binaryN 8", "the bits of a number below 256")

    /* ---- several patterns -------------------------------------------------------------------- */
    MAKE("stack", "[Pattern a] -> Pattern a", list, STACK, 0, "all at once")
    MAKE("overlay", "Pattern a -> Pattern a -> Pattern a", stack, STACK, 0, "both at once")
    MAKE("cat", "[Pattern a] -> Pattern a", list, SLOWCAT, 0, "one after the other, a cycle each")
    MAKE("slowcat", "[Pattern a] -> Pattern a", list, SLOWCAT, 0, "cat")
    MAKE("slowCat", "[Pattern a] -> Pattern a", list, SLOWCAT, 0, "cat")
    MAKE("append", "Pattern a -> Pattern a -> Pattern a", stack, SLOWCAT, 0, "cat of two")
    MAKE("slowAppend", "Pattern a -> Pattern a -> Pattern a", stack, SLOWCAT, 0, "cat of two")
    MAKE("slowappend", "Pattern a -> Pattern a -> Pattern a", stack, SLOWCAT, 0, "cat of two")
    MAKE("fastcat", "[Pattern a] -> Pattern a", fastcat, TIMECAT, 0,
         "one after the other in one cycle")
    MAKE("fastCat", "[Pattern a] -> Pattern a", fastcat, TIMECAT, 0, "fastcat")
    MAKE("fastAppend", "Pattern a -> Pattern a -> Pattern a", stack, TIMECAT, 0, "fastcat of two")
    MAKE("fastappend", "Pattern a -> Pattern a -> Pattern a", stack, TIMECAT, 0, "fastcat of two")
    MAKE("timeCat", "[(Time, Pattern a)] -> Pattern a", timecat, TIMECAT, 0, "fastcat with lengths")
    MAKE("timecat", "[(Time, Pattern a)] -> Pattern a", timecat, TIMECAT, 0, "fastcat with lengths")
    MAKE("randcat", "[Pattern a] -> Pattern a", list, RANDCAT, 0, "cat in random order")
    DEF("wrandcat", "[(Pattern a, Double)] -> Pattern a", "wrandcatBy (segment 1 rand)",
        "one a cycle, drawn by weight")
    MAKE("wrandcatBy", "Pattern Double -> [(Pattern a, Double)] -> Pattern a", weighted, SILENCE,
         PH_JOIN_BOTH, "drawn by a number of 0..1 over the weights")
    MAKE("listToPat", "[a] -> Pattern a", fastcat, TIMECAT, 0, "the values in one cycle")
    MAKE("fastFromList", "[a] -> Pattern a", fastcat, TIMECAT, 0, "the values in one cycle")
    MAKE("fromList", "[a] -> Pattern a", list, SLOWCAT, 0, "the values, one a cycle")
    MAKE("squeeze", "Pattern Int -> [Pattern a] -> Pattern a", pick, SILENCE, PH_JOIN_SQUEEZE,
         "pattern number i squeezed into i's event")
    WORD("select", "Pattern Double -> [Pattern a] -> Pattern a", pick, "select", PH_JOIN_INNER,
         "a pattern by a number of 0..1")
    WORD("selectF", "Pattern Double -> [Pattern a -> Pattern a] -> Pattern a -> Pattern a",
         pick_function, "limit", PH_JOIN_INNER, "a function by a number of 0..1")
    MAKE("pickF", "Pattern Int -> [Pattern a -> Pattern a] -> Pattern a -> Pattern a",
         pick_function, SILENCE, PH_JOIN_INNER, "function number i")
    WORD("chooseBy", "Pattern Double -> [a] -> Pattern a", pick, "choose", PH_JOIN_OUTER,
         "a value by a number of 0..1")
    DEF("choose", "[a] -> Pattern a", "chooseBy rand", "a value at random, continuous")
    DEF("cycleChoose", "[a] -> Pattern a", "\\xs -> segment 1 (choose xs)",
        "a value at random each cycle")
    MAKE("wchooseBy", "Pattern Double -> [(a, Double)] -> Pattern a", weighted, SILENCE,
         PH_JOIN_OUTER, "a value by a number of 0..1 over the weights")
    DEF("wchoose", "[(a, Double)] -> Pattern a", "wchooseBy rand",
        "a value at random by weight, continuous")
    MAKE("inhabit", "[(String, Pattern a)] -> Pattern String -> Pattern a", inhabit, SILENCE,
         PH_JOIN_SQUEEZE, "the pattern of a name squeezed into the name's event")
    MAKE("ur",
         "Time -> Pattern String -> [(String, Pattern a)] -> [(String, Pattern a -> Pattern a)] "
         "-> Pattern a", ur, SILENCE, 0, "patterns by name over t cycles")
    MAKE("seqP", "[(Time, Time, Pattern a)] -> Pattern a", seq, SILENCE, 0,
         "patterns from their begin to their end, in cycles")
    DEF("seqPLoop", "[(Time, Time, Pattern a)] -> Pattern a",
        "\\xs -> timeLoop (pure (foldr (\\(x, y, p) z -> max y z) (seqEnd (head xs)) xs - foldr "
        "(\\(x, y, p) z -> min x z) (seqBegin (head xs)) xs)) (rotL (foldr (\\(x, y, p) z -> min "
        "x z) (seqBegin (head xs)) xs) (seqP xs))", "seqP, again and again")
    DEF("seqBegin", "(Time, Time, Pattern a) -> Time", "\\(x, y, p) -> x",
        "begin of an item of seqP")
    DEF("seqEnd", "(Time, Time, Pattern a) -> Time", "\\(x, y, p) -> y", "end of an item of seqP")
    OP("playFor", "Time -> Time -> Pattern a -> Pattern a", PLAY_FOR, "from one time to the other")
    DEF("fromMaybes", "[[a]] -> Pattern a",
        "\\xs -> fastcat (map (\\x -> if length x == 0 then silence else pure (head x)) xs)",
        "values and rests in one cycle")
    DEF("Just", "a -> [a]", "\\x -> [x]", "a value")
    DEF("Nothing", "[a]", "[]", "no value")
    DEF("soak", "Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n h p -> cat (iterateN n h p)", "the function once more each cycle")
    DEF("snowball",
        "Int -> (Pattern a -> Pattern a -> Pattern a) -> (Pattern a -> Pattern a) -> Pattern a "
        "-> Pattern a", "\\n g h p -> cat (take n (scanl g p (drop 1 (iterateN n h p))))",
        "the function once more each cycle, combined with what was before")
    DEF("runWith", "Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n -> chunk (pure n)", "chunk")
    MAKE("step", "String -> String -> Pattern String", step, SILENCE, 0,
         "x plays the name, a digit the sound of that number, all else rests")
    DEF("steps", "[(String, String)] -> Pattern String",
        "\\xs -> stack (map (\\(x, y) -> step x y) xs)", "several of `step`")
    MAKE("lindenmayer", "Int -> String -> String -> String", lindenmayer, SILENCE, 0,
         "the string, its letters replaced n times by rules `a:ab,b:a`")
    DEF("spread", "(a -> t -> Pattern b) -> [a] -> t -> Pattern b",
        "\\h xs p -> slowcat (map (\\x -> h x p) xs)",
        "the function with another argument each cycle")
    DEF("slowspread", "(a -> t -> Pattern b) -> [a] -> t -> Pattern b", "spread", "spread")
    DEF("fastspread", "(a -> t -> Pattern b) -> [a] -> t -> Pattern b",
        "\\h xs p -> fastcat (map (\\x -> h x p) xs)", "spread within one cycle")
    DEF("spreadf", "[t -> Pattern b] -> t -> Pattern b", "\\hs p -> slowcat (map (\\h -> h p) hs)",
        "another function each cycle")
    DEF("spread'", "(a -> t -> Pattern b) -> Pattern a -> t -> Pattern b",
        "\\h xs p -> unwrap ((\\x -> h x p) <$> xs)",
        "the function with an argument from a pattern")
    DEF("spreadChoose", "(a -> t -> Pattern b) -> [a] -> t -> Pattern b",
        "\\h xs p -> pickBoth (segment 1 rand) (map (\\x -> h x p) xs)",
        "the function with an argument at random each cycle")
    DEF("spreadr", "(a -> t -> Pattern b) -> [a] -> t -> Pattern b", "spreadChoose", "spreadChoose")
    WORD("pickBoth", "Pattern Double -> [Pattern a] -> Pattern a", pick, "limit", PH_JOIN_BOTH,
         "a pattern by a number of 0..1, with the structure of both")
    DEF("filterValues", "(a -> Bool) -> Pattern a -> Pattern a",
        "\\h p -> outerJoin ((\\x -> if h x then pure x else silence) <$> p)",
        "only values that pass a test")
    DEF("tParam", "(a -> t -> Pattern b) -> Pattern a -> t -> Pattern b",
        "\\h xs p -> innerJoin ((\\x -> h x p) <$> xs)",
        "a function of a plain value, of a pattern of them")
    MAKE("innerJoin", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_INNER,
         "inner patterns in their outer events' time")
    MAKE("outerJoin", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_OUTER,
         "outer events with the inner's values at their begin")
    MAKE("unwrap", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_BOTH,
         "events where inner and outer meet")
    MAKE("squeezeJoin", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_SQUEEZE,
         "a cycle of the inner squeezed into the outer event")
    MAKE("trigJoin", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_TRIG,
         "the inner begins its cycle with the outer event")
    MAKE("trigZeroJoin", "Pattern (Pattern a) -> Pattern a", joined, SILENCE, PH_JOIN_TRIG_ZERO,
         "the inner begins cycle 0 with the outer event")

    /* ---- time -------------------------------------------------------------------------------- */
    OP("fast", "Pattern Time -> Pattern a -> Pattern a", FAST, "so many times faster")
    OP("density", "Pattern Time -> Pattern a -> Pattern a", FAST, "fast")
    OP("slow", "Pattern Time -> Pattern a -> Pattern a", SLOW, "so many times slower")
    OP("sparsity", "Pattern Time -> Pattern a -> Pattern a", SLOW, "slow")
    OP("hurry", "Pattern Time -> ControlPattern -> ControlPattern", HURRY,
       "fast, and the sounds as well")
    DEF("fastSqueeze", "Pattern Time -> Pattern a -> Pattern a",
        "\\k p -> squeezeJoin ((\\x -> fast (pure x) p) <$> k)",
        "fast, squeezed into each factor's event")
    DEF("slowSqueeze", "Pattern Time -> Pattern a -> Pattern a",
        "\\k p -> squeezeJoin ((\\x -> slow (pure x) p) <$> k)",
        "slow, squeezed into each factor's event")
    OP("rotL", "Time -> Pattern a -> Pattern a", EARLY, "earlier")
    OP("rotR", "Time -> Pattern a -> Pattern a", LATE, "later")
    OP("rev", "Pattern a -> Pattern a", REV, "each cycle backwards")
    DEF("revArc", "(Time, Time) -> Pattern a -> Pattern a", "\\x -> within x rev",
        "rev within the span")
    DEF("palindrome", "Pattern a -> Pattern a", "\\p -> slowcat [p, rev p]",
        "forwards, then backwards")
    OP("brak", "Pattern a -> Pattern a", BRAK,
       "every other cycle squeezed into half, a quarter late")
    DEF("iter", "!Int -> Pattern a -> Pattern a",
        "\\n p -> slowcat (map (\\i -> rotL (fromIntegral i / fromIntegral n) p) [0 .. n - 1])",
        "begins 1/n later in the pattern each cycle")
    DEF("iter'", "!Int -> Pattern a -> Pattern a",
        "\\n p -> slowcat (map (\\i -> rotR (fromIntegral i / fromIntegral n) p) [0 .. n - 1])",
        "begins 1/n earlier each cycle")
    MAKE("compress", "(Time, Time) -> Pattern a -> Pattern a", span, COMPRESS, 0,
         "each cycle squeezed into the span")
    MAKE("compressArc", "(Time, Time) -> Pattern a -> Pattern a", span, COMPRESS, 0, "compress")
    MAKE("compressArcTo", "(Time, Time) -> Pattern a -> Pattern a", span, COMPRESS, 0, "compress")
    MAKE("compressTo", "(Time, Time) -> Pattern a -> Pattern a", span, COMPRESS, 0, "compress")
    OP("fastGap", "Pattern Time -> Pattern a -> Pattern a", FAST_GAP,
       "fast, and silence for the rest of the cycle")
    OP("fastgap", "Pattern Time -> Pattern a -> Pattern a", FAST_GAP, "fastGap")
    OP("densityGap", "Pattern Time -> Pattern a -> Pattern a", FAST_GAP, "fastGap")
    MAKE("zoom", "(Time, Time) -> Pattern a -> Pattern a", span, ZOOM, 0,
         "the span of each cycle stretched over it")
    DEF("zoompat", "~Time -> ~Time -> Pattern a -> Pattern a", "\\x y p -> zoom (x, y) p",
        "zoom by patterns")
    DEF("index", "Double -> Pattern Double -> Pattern a -> Pattern a",
        "\\z i p -> unwrap ((\\x -> zoom (toRational x * (1 - toRational z), toRational x * (1 - "
        "toRational z) + toRational z) p) <$> i)", "a part of this size, 0 the first to 1 the last")
    MAKE("zoomArc", "(Time, Time) -> Pattern a -> Pattern a", span, ZOOM, 0, "zoom")
    DEF("trunc", "~Time -> Pattern a -> Pattern a", "\\x p -> compress (0, x) (zoom (0, x) p)",
        "each cycle cut short")
    OP("linger", "Pattern Time -> Pattern a -> Pattern a", LINGER,
       "the first part of each cycle, repeated")
    OP("ply", "Pattern Time -> Pattern a -> Pattern a", PLY, "each event repeated in its own time")
    DEF("plyWith", "!Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n h p -> arpeggiate (foldr (\\i q -> overlay p (h q)) p [2 .. n])",
        "ply, the function once more for each repeat")
    DEF("press", "Pattern a -> Pattern a", "pressBy 0.5",
        "each event in the second half of its time")
    OP("pressBy", "Pattern Time -> Pattern a -> Pattern a", PRESS,
       "each event begins later in its time")
    OP("segment", "Pattern Time -> Pattern a -> Pattern a", SEGMENT,
       "n events a cycle, values sampled")
    OP("discretise", "Pattern Time -> Pattern a -> Pattern a", SEGMENT, "segment")
    OP("loopFirst", "Pattern a -> Pattern a", LOOP_FIRST, "cycle 0 for ever")
    DEF("timeLoop", "Pattern Time -> Pattern a -> Pattern a", "\\n -> outside n loopFirst",
        "the first n cycles for ever")
    OP("repeatCycles", "Pattern Int -> Pattern a -> Pattern a", REPEAT_CYCLES, "each cycle n times")
    DEF("fastRepeatCycles", "Int -> Pattern a -> Pattern a", "\\n p -> repeatCycles (pure n) p",
        "each cycle n times")
    DEF("inside", "~Time -> (Pattern a -> Pattern b) -> Pattern a -> Pattern b",
        "\\n h p -> fast (pure n) (h (slow (pure n) p))",
        "the function within n cycles as if they were one")
    DEF("outside", "~Time -> (Pattern a -> Pattern b) -> Pattern a -> Pattern b",
        "\\n h p -> slow (pure n) (h (fast (pure n) p))",
        "the function over a cycle as if it were n")
    DEF("swingBy", "Pattern Time -> Pattern Time -> Pattern a -> Pattern a",
        "\\x n -> inside n (within (0.5, 1) (x ~>))",
        "the second half of each n-th later by x of it")
    DEF("swing", "Pattern Time -> Pattern a -> Pattern a", "swingBy (pure (1/3))",
        "swingBy a third")
    MAKE("restart", "Pattern Bool -> Pattern a -> Pattern a", true_parts, SILENCE,
         PH_JOIN_TRIG_ZERO, "cycle 0 begins with each true event")
    MAKE("reset", "Pattern Bool -> Pattern a -> Pattern a", true_parts, SILENCE, PH_JOIN_TRIG,
         "the cycle begins with each true event")
    DEF("resetTo", "Pattern Time -> Pattern a -> Pattern a",
        "\\x p -> trigJoin ((\\y -> rotL y p) <$> x)",
        "the cycle begins at a place with each event")
    OP("_fast", "Time -> Pattern a -> Pattern a", FAST, "fast by a plain number")
    OP("_slow", "Time -> Pattern a -> Pattern a", SLOW, "slow by a plain number")
    OP("mono", "Pattern a -> Pattern a", MONO,
       "what overlaps cut short, so that one event plays at a time")
    OP("stretch", "Pattern a -> Pattern a", STRETCH, "each event lasts until the next")
    OP("rot", "Pattern Int -> Pattern a -> Pattern a", ROT,
       "values moved n places among the events")
    OP("shuffle", "Pattern Int -> Pattern a -> Pattern a", SHUFFLE,
       "the n parts of a cycle in random order")
    OP("scramble", "Pattern Int -> Pattern a -> Pattern a", SCRAMBLE,
       "n parts of a cycle drawn at random")
    OP("bite", "Pattern Int -> Pattern Int -> Pattern a -> Pattern a", BITE,
       "part i of n squeezed into i's event")
    OP("stripe", "Pattern Int -> Pattern a -> Pattern a", STRIPE, "n repeats of random length")
    DEF("slowstripe", "Pattern Int -> Pattern a -> Pattern a",
        "\\n p -> slow (fmap fromIntegral n) (stripe n p)", "stripe over n cycles")
    DEF("wedge", "!Time -> Pattern a -> Pattern a -> Pattern a",
        "\\x p q -> if x <= 0 then q else if x >= 1 then p else overlay (wedgeLeft x p) (rotR x "
        "(wedgeLeft (1 - x) q))",
        "the first in the first part of the cycle, the second in the rest")
    DEF("wedgeLeft", "Time -> Pattern a -> Pattern a",
        "\\x p -> trunc (pure x) (fastGap (pure (1 / x)) p)",
        "a cycle squeezed into the first part")

    /* ---- layers ------------------------------------------------------------------------------ */
    DEF("superimpose", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\h p -> stack [p, h p]", "the pattern and the function of it")
    DEF("layer", "[t -> Pattern b] -> t -> Pattern b", "\\hs p -> stack (map (\\h -> h p) hs)",
        "what all functions make of it")
    DEF("off", "~Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\x h p -> stack [p, h (rotR x p)]", "the pattern and the function of it, later")
    DEF("offadd", "Pattern Time -> Pattern n -> Pattern n -> Pattern n", "\\x y -> off x (+ y)",
        "off with a number added")
    DEF("stutWith", "!Int -> ~Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n x h p -> foldr (\\i q -> overlay p (h (rotR x q))) p [2 .. n]",
        "echoes, the function once more for each")
    DEF("stut'", "!Int -> ~Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "stutWithOf", "stutWith")
    DEF("echoWith", "!Int -> ~Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "stutWithOf", "stutWith")
    DEF("stutWithOf", "Int -> Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n x h p -> foldr (\\i q -> overlay p (h (rotR x q))) p [2 .. n]",
        "stutWith of plain numbers")
    DEF("stut", "!Int -> ~Double -> ~Time -> ControlPattern -> ControlPattern",
        "\\n y x p -> stack ([p] ++ map (\\i -> rotR (fromIntegral i * x) (p |* gain (pure (y + "
        "(1 - y) * fromIntegral (n - i) / fromIntegral n)))) [1 .. n - 1])",
        "n echoes, x cycles apart, softer")
    DEF("echo@3", "!Int -> ~Time -> ~Double -> ControlPattern -> ControlPattern",
        "\\n x y p -> stack ([p] ++ map (\\i -> rotR (fromIntegral i * x) (p |* gain (pure (y ** "
        "fromIntegral i)))) [1 .. n - 1])", "n echoes, x cycles apart, each y as loud")
    DEF("stutter", "Int -> Time -> Pattern a -> Pattern a",
        "\\n x p -> stack (map (\\i -> rotR (fromIntegral i * x) p) [0 .. n - 1])",
        "n copies, x cycles apart")
    DEF("echo", "Time -> Pattern a -> Pattern a", "stutter 2",
        "one copy later; with three arguments echoes: count, time, factor")
    DEF("double", "Time -> Pattern a -> Pattern a", "stutter 2", "one copy later")
    DEF("triple", "Time -> Pattern a -> Pattern a", "stutter 3", "two copies later")
    DEF("quad", "Time -> Pattern a -> Pattern a", "stutter 4", "three copies later")
    DEF("jux", "(ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern", "juxBy 1",
        "left as it is, right the function of it")
    DEF("juxBy",
        "Pattern Double -> (ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern",
        "\\x h p -> stack [p |+ pan 0.5 |+ pan (0 - x / 2), h (p |+ pan 0.5 |+ pan (x / 2))]",
        "jux, so far apart")
    DEF("jux'", "[t -> ControlPattern] -> t -> ControlPattern",
        "\\hs p -> stack (map (\\i -> (hs !! i) p |+ pan (pure (fromIntegral i / fromIntegral "
        "(length hs)))) [0 .. length hs - 1])", "functions from left to right")
    DEF("jux4", "(ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern",
        "\\h p -> stack [p # pan (pure (5/8)), h (p # pan (pure (1/8)))]", "jux for four speakers")
    DEF("juxcut", "(ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern",
        "\\h p -> stack [p # pan (pure 0) # cut (pure (-1)), h (p # pan (pure 1) # cut (pure "
        "(-2)))]", "jux, each side cut off by its own next sound")
    DEF("weave'", "Time -> Pattern a -> [Pattern a -> Pattern a] -> Pattern a",
        "\\x p hs -> _slow x (stack (map (\\i -> rotL (fromIntegral i / fromIntegral (length "
        "hs)) (_fast x ((hs !! i) (_slow x p)))) [0 .. length hs - 1]))",
        "functions of one pattern, spread over x cycles")
    DEF("weaveWith", "Time -> Pattern a -> [Pattern a -> Pattern a] -> Pattern a", "weave'",
        "weave'")
    DEF("interlace", "ControlPattern -> ControlPattern -> ControlPattern",
        "\\p q -> weave 16 (shape (sine * 0.9)) [p, q]", "two patterns shaped in turn")
    DEF("stackwith", "Pattern a -> [Pattern a] -> Pattern a",
        "\\p qs -> if length qs == 0 then silence else stack (map (\\i -> (qs !! i) # rotL "
        "(fromIntegral i / fromIntegral (length qs)) p) [0 .. length qs - 1])",
        "each pattern with the first one, shifted on")
    DEF("spaceOut", "[Time] -> Pattern a -> Pattern a",
        "\\xs p -> slow (pure (sum xs)) (timecat (map (\\x -> (x, p)) xs))",
        "the pattern in spans of different length")
    DEF("weave", "Time -> ControlPattern -> [ControlPattern] -> ControlPattern",
        "\\x p qs -> weave' x p (map (\\q r -> q # r) qs)",
        "patterns with the controls of one, spread over x cycles")
    DEF("ghost''", "Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\x h p -> superimpose (\\q -> rotR (x * 2.5) (h q)) (superimpose (\\q -> rotR (x * "
        "1.5) (h q)) p)", "quiet copies by a function, x cycles apart")
    DEF("ghostWith", "Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a", "ghost''",
        "ghost''")
    DEF("ghost'", "Time -> ControlPattern -> ControlPattern",
        "\\x p -> ghost'' x (\\q -> q |*| gain (pure 0.7) |> end (pure 0.2) |*| speed (pure "
        "1.25)) p", "quiet copies x cycles apart")
    DEF("ghost", "ControlPattern -> ControlPattern", "ghost' 0.125", "quiet copies")
    DEF("spin", "!Int -> ControlPattern -> ControlPattern",
        "\\n p -> stack (map (\\i -> rotL (fromIntegral i / fromIntegral n) p # pan (pure "
        "(fromIntegral i / fromIntegral n))) [0 .. n - 1])", "n copies around the speakers")
    DEF("rolled", "Pattern a -> Pattern a", "rolledBy 0.25", "chords from the bottom up")
    OP("rolledBy", "Pattern Time -> Pattern a -> Pattern a", ROLLED,
       "notes of a chord one after the other")
    OP("arp", "Pattern String -> Pattern a -> Pattern a", ARP, "notes of a chord as the mode says")
    DEF("arpeggiate", "Pattern a -> Pattern a", "arp (pure \"up\")", "notes of a chord upwards")
    DEF("arpg", "Pattern a -> Pattern a", "arpeggiate", "arpeggiate")

    /* ---- now and then ------------------------------------------------------------------------ */
    MAKE("every", "Pattern Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a", every, EVERY,
         0, "the function in every n-th cycle, from the first")
    MAKE("every'",
         "Pattern Int -> Pattern Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         every_bound, EVERY, 2, "the function in cycles that leave o when divided by n")
    DEF("foldEvery", "[Int] -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\ns h p -> foldr (\\n q -> every (pure n) h q) p ns", "every for each number")
    MAKE("whenmod",
         "Pattern Time -> Pattern Time -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         conditional, WHENMOD, 2, "the function where the time modulo a is at least b")
    DEF("while", "Pattern Bool -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\b h p -> sew b (h p) p", "the function while it is true")
    MAKE("ifp",
         "(Int -> Bool) -> (Pattern a -> Pattern a) -> (Pattern a -> Pattern a) -> Pattern a -> "
         "Pattern a", when, SILENCE, 1,
         "the first function in cycles that pass a test, else the second")
    MAKE("whenT", "(Time -> Bool) -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a", when,
         SILENCE, 0, "when, by the time at which the cycle begins")
    MAKE("when", "(Int -> Bool) -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a", when,
         SILENCE, 0, "the function in cycles that pass a test")
    DEF("chunk'", "!Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n h p -> if n <= 0 then silence else foldr (\\i q -> every' (pure n) (pure i) (const "
        "(within (fromIntegral (n - 1 - i) / fromIntegral n, fromIntegral (n - i) / fromIntegral "
        "n) h p)) q) p [0 .. n - 1]", "chunk from the last part to the first")
    MAKE("within", "(Time, Time) -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         conditional, WITHIN, 1, "the function of what begins in the span of a cycle")
    DEF("within'", "(Time, Time) -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\(x, y) h p -> within (x, y) (\\q -> compress (x, y) (h (zoom (x, y) q))) p",
        "within, the span as if it were a cycle")
    MAKE("withinArc", "(Time, Time) -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         conditional, WITHIN, 1, "within")
    DEF("chunk", "!Int -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\n h p -> slowcat (map (\\i -> within (fromIntegral i / fromIntegral (abs n), "
        "(fromIntegral i + 1) / fromIntegral (abs n)) h p) (if n < 0 then reverse [0 .. abs n - "
        "1] else [0 .. n - 1]))", "the function of another n-th part each cycle")
    MAKE("someCyclesBy", "Pattern Double -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         conditional, SOME_CYCLES_BY, 1, "the function in cycles at random")
    MAKE("somecyclesBy", "Pattern Double -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
         conditional, SOME_CYCLES_BY, 1, "someCyclesBy")
    DEF("someCycles", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "someCyclesBy 0.5",
        "someCyclesBy 0.5")
    DEF("somecycles", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "someCyclesBy 0.5",
        "someCyclesBy 0.5")
    DEF("sometimesBy", "Pattern Double -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\x h p -> overlay (degradeBy x p) (h (unDegradeBy x p))",
        "the function of events at random")
    DEF("sometimesBy'", "Pattern Double -> (Pattern a -> Pattern a) -> Pattern a -> Pattern a",
        "\\x h p -> overlay (degradeBy x p) (unDegradeBy x (h p))",
        "events at random of the function of the whole")
    DEF("always", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "\\h p -> h p",
        "the function")
    DEF("never", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "\\h p -> p",
        "not the function")
    DEF("almostAlways", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.9",
        "sometimesBy 0.9")
    DEF("often", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.75",
        "sometimesBy 0.75")
    DEF("sometimes", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.5",
        "sometimesBy 0.5")
    DEF("rarely", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.25",
        "sometimesBy 0.25")
    DEF("almostNever", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.1",
        "sometimesBy 0.1")
    DEF("almostAlways'", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy' 0.9",
        "sometimesBy' 0.9")
    DEF("often'", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy' 0.75",
        "sometimesBy' 0.75")
    DEF("sometimes'", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy' 0.5",
        "sometimesBy' 0.5")
    DEF("rarely'", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy' 0.25",
        "sometimesBy' 0.25")
    DEF("almostNever'", "(Pattern a -> Pattern a) -> Pattern a -> Pattern a", "sometimesBy 0.1",
        "sometimesBy 0.1")
    MAKE("degradeBy", "Pattern Double -> Pattern a -> Pattern a", degrade, DEGRADE_BY, 0,
         "without events at random")
    MAKE("unDegradeBy", "Pattern Double -> Pattern a -> Pattern a", degrade, UNDEGRADE_BY, 0,
         "the events that degradeBy leaves out")
    DEF("degrade", "Pattern a -> Pattern a", "degradeBy 0.5", "degradeBy 0.5")
    DEF("degradeOverBy", "Int -> Pattern Double -> Pattern a -> Pattern a",
        "\\n x p -> unwrap ((\\y -> degradeUsing (fastRepeatCycles n rand) (pure y) p) <$> slow "
        "(pure (fromIntegral n)) x)", "degradeBy over n cycles")
    OP("degradeUsing", "Pattern Double -> Pattern Double -> Pattern a -> Pattern a", DEGRADE_USING,
       "degradeBy with other random numbers")
    DEF("envTime", "Time -> Time -> Pattern Double",
        "\\x n -> (\\y -> clamp ((y - fromRational x) / fromRational n)) <$> sig fromRational",
        "0 to 1 in n cycles from cycle x, then 1")
    WORD("clamp", "d -> d", math, "clamp", 0, "not below 0, not above 1")
    DEF("fadeOut", "Time -> Pattern a -> Pattern a", "fadeOutFrom 0",
        "fewer and fewer events in the first n cycles")
    DEF("fadeIn", "Time -> Pattern a -> Pattern a", "fadeInFrom 0",
        "more and more events in the first n cycles")
    DEF("fadeOutFrom", "Time -> Time -> Pattern a -> Pattern a",
        "\\x n p -> degradeBy (envTime x n) p", "fadeOut from cycle x")
    DEF("fadeInFrom", "Time -> Time -> Pattern a -> Pattern a",
        "\\x n p -> degradeBy ((\\y -> 1 - y) <$> envTime x n) p", "fadeIn from cycle x")
    MAKE("contrast",
         "(ControlPattern -> ControlPattern) -> (ControlPattern -> ControlPattern) -> "
         "ControlPattern -> ControlPattern -> ControlPattern", match, MATCH, 0,
         "the first function of events with these controls, the second of the others")
    DEF("fix",
        "(ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern -> ControlPattern",
        "\\h c p -> contrast h id c p", "the function of events with these controls")
    DEF("unfix",
        "(ControlPattern -> ControlPattern) -> ControlPattern -> ControlPattern -> ControlPattern",
        "\\h c p -> contrast id h c p", "the function of events without these controls")

    /* ---- structure --------------------------------------------------------------------------- */
    OP("struct", "Pattern Bool -> Pattern a -> Pattern a", STRUCT, "values at the true events")
    OP("mask", "Pattern Bool -> Pattern a -> Pattern a", MASK, "only where it is true")
    OP("sew", "Pattern Bool -> Pattern a -> Pattern a -> Pattern a", SEW,
       "the first where it is true, else the second")
    OP("stitch", "Pattern Bool -> Pattern a -> Pattern a -> Pattern a", STITCH,
       "values of the first at true events, of the second at false ones")
    OP("inv", "Pattern Bool -> Pattern Bool", INV, "true for false")
    MAKE("substruct", "Pattern Bool -> Pattern a -> Pattern a", true_parts, SILENCE,
         PH_JOIN_SQUEEZE, "the whole pattern in each true event")
    MAKE("euclid", "Pattern Int -> Pattern Int -> Pattern a -> Pattern a", euclid, EUCLID, 0,
         "k hits in n steps")
    MAKE("euclidInv", "Pattern Int -> Pattern Int -> Pattern a -> Pattern a", euclid, EUCLID_INV, 0,
         "the steps that euclid leaves out")
    MAKE("euclidinv", "Pattern Int -> Pattern Int -> Pattern a -> Pattern a", euclid, EUCLID_INV, 0,
         "euclidInv")
    MAKE("euclidOff", "Pattern Int -> Pattern Int -> Pattern Int -> Pattern a -> Pattern a", euclid,
         EUCLID, 1, "euclid, r steps earlier")
    MAKE("eoff", "Pattern Int -> Pattern Int -> Pattern Int -> Pattern a -> Pattern a", euclid,
         EUCLID, 1, "euclidOff")
    MAKE("euclidOffInv", "Pattern Int -> Pattern Int -> Pattern Int -> Pattern a -> Pattern a",
         euclid, EUCLID_INV, 1, "euclidInv, r steps earlier")
    DEF("euclidFull", "Pattern Int -> Pattern Int -> Pattern a -> Pattern a -> Pattern a",
        "\\k n p q -> stack [euclid k n p, euclidInv k n q]",
        "the first where euclid hits, else the second")
    DEF("euclidOffFull",
        "Pattern Int -> Pattern Int -> Pattern Int -> Pattern a -> Pattern a -> Pattern a",
        "\\k n x p q -> stack [euclidOff k n x p, euclidOffInv k n x q]",
        "euclidFull, r steps earlier")
    MAKE("_euclidBool", "Int -> Int -> Pattern Bool", euclid, EUCLID_BOOL, 2,
         "true where euclid hits")
    MAKE("euclidOffBool",
         "Pattern Int -> Pattern Int -> Pattern Int -> Pattern Bool -> Pattern Bool", euclid,
         EUCLID_BOOL, 3, "booleans where euclid hits, their negation elsewhere")
    DEF("necklace", "Time -> [Int] -> Pattern Bool",
        "\\x ns -> slow (pure (fromIntegral (sum ns) / x)) (listToPat (concat (map (\\n -> "
        "[True] ++ replicate (n - 1) False) ns)))", "beats so many steps apart, x steps a cycle")
    MAKE("fit", "Pattern Int -> [a] -> Pattern Int -> Pattern a", fit, FIT, 0,
         "values by index, n further each cycle")
    DEF("fit'", "Pattern Time -> Int -> Pattern Int -> Pattern Int -> Pattern a -> Pattern a",
        "\\x n from to p -> squeeze (fit (pure n) [0 .. n - 1] to) (map (\\i -> stretch (mask "
        "(swap [(i, True)] (fast x from)) (fast x p))) [0 .. n - 1])",
        "parts numbered by one pattern in the order of another")
    MAKE("swap", "[(a, b)] -> Pattern a -> Pattern b", swap, SILENCE, 0, "values for other values")

    /* ---- of plain values --------------------------------------------------------------------- */
    PLAIN("fastGap", "Time", CHANGE) PLAIN("linger", "Time", CHANGE) PLAIN("trunc", "Time", CHANGE)
    PLAIN("ply", "Time", CHANGE) PLAIN("segment", "Time", CHANGE) PLAIN("pressBy", "Time", CHANGE)
    PLAIN("iter", "Int", CHANGE) PLAIN("iter'", "Int", CHANGE) PLAIN("rot", "Int", CHANGE)
    PLAIN("shuffle", "Int", CHANGE) PLAIN("scramble", "Int", CHANGE) PLAIN("stripe", "Int", CHANGE)
    PLAIN("repeatCycles", "Int", CHANGE) PLAIN("degradeBy", "Double", CHANGE)
    PLAIN("unDegradeBy", "Double", CHANGE) PLAIN("arp", "String", CHANGE)
    PLAIN("chunk", "Int", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("chunk'", "Int", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("every", "Int", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("plyWith", "Int", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("off", "Time", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("inside", "Time", "(Pattern a -> Pattern b) -> Pattern a -> Pattern b")
    PLAIN("outside", "Time", "(Pattern a -> Pattern b) -> Pattern a -> Pattern b")
    PLAIN("someCyclesBy", "Double", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN("select", "Double", "[Pattern a] -> Pattern a")
    PLAIN("selectF", "Double", "[Pattern a -> Pattern a] -> " CHANGE)
    PLAIN("pickF", "Int", "[Pattern a -> Pattern a] -> " CHANGE)
    PLAIN("fit", "Int", "[a] -> Pattern Int -> Pattern a")
    PLAIN("bite", "Int", "Pattern Int -> " CHANGE)
    PLAIN("wedge", "Time", "Pattern a -> " CHANGE) PLAIN("run", "n", "Pattern n")
    PLAIN("scan", "n", "Pattern n")
    PLAIN("brandBy", "Double", "Pattern Bool") PLAIN("chop", "Int", CONTROLS)
    PLAIN("striate", "Int", CONTROLS) PLAIN("gap", "Int", CONTROLS) PLAIN("spin", "Int", CONTROLS)
    PLAIN("chew", "Int", "Pattern Int -> " CONTROLS)
    PLAIN("splice", "Int", "Pattern Int -> " CONTROLS)
    PLAIN2("striateBy", "Int", "Double", CONTROLS)
    DEF("_slice", "Int -> Int -> " CONTROLS,
        "\\n i p -> p # begin (pure (fromIntegral i / fromIntegral n)) # end (pure (fromIntegral "
        "(i + 1) / fromIntegral n))",
        "piece i of n, as a plain number, with the structure of the sounds")
    MAKE("_every'", "Int -> Int -> (Pattern a -> Pattern a) -> " CHANGE, conditional, EVERY, 2,
         "`every'` of plain values")
    PLAIN2("whenmod", "Time", "Time", "(Pattern a -> Pattern a) -> " CHANGE)
    PLAIN2("stutWith", "Int", "Time", "(Pattern a -> Pattern a) -> " CHANGE)
    DEF("_irand", "Int -> Pattern n", "\\n -> (\\x -> floor (x * fromIntegral n)) <$> rand",
        "`irand` of a plain value")
    DEF("_range", "n -> n -> Pattern n -> Pattern n", "\\x y p -> (\\z -> x + (y - x) * z) <$> p",
        "`range` of plain values")
    PLAIN2("euclid", "Int", "Int", CHANGE)
    PLAIN2("euclidInv", "Int", "Int", CHANGE)
    DEF("_euclidOff", "Int -> Int -> Int -> " CHANGE,
        "\\k n i -> euclidOff (pure k) (pure n) (pure i)", "`euclidOff` of plain values")
    DEF("_stut", "Int -> Double -> Time -> " CONTROLS, "\\n y x -> stut (pure n) (pure y) (pure x)",
        "`stut` of plain values")

    /* ---- numbers ----------------------------------------------------------------------------- */
    OP("range", "Pattern n -> Pattern n -> Pattern n -> Pattern n", RANGE, "0..1 to a..b")
    DEF("rangex", "d -> d -> Pattern d -> Pattern d",
        "\\x y p -> (\\z -> exp (log x + (log y - log x) * z)) <$> p",
        "0..1 to a..b, exponentially")
    OP("quantise", "f -> Pattern f -> Pattern f", QUANTISE, "to the nearest n-th")
    OP("qround", "f -> Pattern f -> Pattern f", QUANTISE, "quantise")
    DEF("qfloor", "f -> Pattern f -> Pattern f", "\\x p -> (\\y -> floor (y * x) / x) <$> p",
        "down to an n-th")
    DEF("qceiling", "f -> Pattern f -> Pattern f", "\\x p -> (\\y -> ceiling (y * x) / x) <$> p",
        "up to an n-th")
    OP("smooth", "Pattern f -> Pattern f", SMOOTH, "from each value to the next, continuous")
    MAKE("toScale", "[n] -> Pattern Int -> Pattern n", to_scale, TO_SCALE, 0,
         "degrees of a scale that is written out")
    MAKE("toScale'", "Int -> [n] -> Pattern Int -> Pattern n", to_scale_octave, SILENCE, 0,
         "toScale with another octave")
    OP("scale", "Pattern String -> Pattern f -> Pattern f", SCALE, "degrees of a scale")

    /* ---- sounds ------------------------------------------------------------------------------ */
    OP("chop", "Pattern Int -> ControlPattern -> ControlPattern", CHOP, "each sound in n pieces")
    OP("striate", "Pattern Int -> ControlPattern -> ControlPattern", STRIATE,
       "the pattern n times, each with another piece")
    OP("striateBy", "Pattern Int -> Pattern Double -> ControlPattern -> ControlPattern", STRIATE_BY,
       "striate with pieces of a given length")
    OP("striate'", "Pattern Int -> Pattern Double -> ControlPattern -> ControlPattern", STRIATE_BY,
       "striateBy")
    OP("slice", "Pattern Int -> Pattern Int -> ControlPattern -> ControlPattern", SLICE,
       "piece i of n")
    OP("splice", "Pattern Int -> Pattern Int -> ControlPattern -> ControlPattern", SPLICE,
       "piece i of n, fitted to its time")
    DEF("splat", "Pattern Int -> ControlPattern -> ControlPattern -> ControlPattern",
        "\\n q p -> chop n p # bite 1 (fmap (const 0) p) q",
        "pieces of one pattern with the sounds of another")
    DEF("randslice", "~Int -> ControlPattern -> ControlPattern",
        "\\n p -> innerJoin ((\\i -> p # begin (pure (i / fromIntegral n)) # end (pure ((i + 1) "
        "/ fromIntegral n))) <$> irand (pure n))", "a piece at random")
    OP("loopAt", "Pattern Time -> ControlPattern -> ControlPattern", LOOP_AT,
       "the sound fitted to n cycles")
    MAKE("gap", "Pattern Int -> ControlPattern -> ControlPattern", gap, CHOP, 0,
         "every other of n pieces")
    OP("chew", "Pattern Int -> Pattern Int -> ControlPattern -> ControlPattern", CHEW,
       "bite, and the sounds as fast")
    DEF("smash", "Pattern Int -> [Pattern Time] -> ControlPattern -> ControlPattern",
        "\\n xs p -> slowcat (map (\\x -> slow x (striate n p)) xs)",
        "striate at several speeds, a cycle each")
    DEF("smash'", "Int -> [Pattern Time] -> ControlPattern -> ControlPattern",
        "\\n xs p -> slowcat (map (\\x -> slow x (chop (pure n) p)) xs)",
        "chop at several speeds, a cycle each")
    DEF("crunch", "ControlPattern -> ControlPattern", "(# crush 3)", "crush 3")
    DEF("scratch", "ControlPattern -> ControlPattern", "\\p -> rev (chop 32 p)",
        "32 pieces backwards")
    DEF("louder", "ControlPattern -> ControlPattern", "(|* gain 1.2)", "gain times 1.2")
    DEF("quieter", "ControlPattern -> ControlPattern", "(|* gain 0.8)", "gain times 0.8")
    DEF("silent", "ControlPattern -> ControlPattern", "const silence", "nothing")
    DEF("skip", "ControlPattern -> ControlPattern", "(0.25 <~)", "a quarter earlier")
    DEF("left", "ControlPattern -> ControlPattern", "(# pan 0)", "on the left")
    DEF("right", "ControlPattern -> ControlPattern", "(# pan 1)", "on the right")
    DEF("higher", "ControlPattern -> ControlPattern", "(|* speed 1.5)", "speed times 1.5")
    DEF("lower", "ControlPattern -> ControlPattern", "(|* speed 0.75)", "speed times 0.75")
    DEF("faster", "ControlPattern -> ControlPattern", "hurry 2", "hurry 2")
    DEF("slower", "ControlPattern -> ControlPattern", "hurry 0.5", "hurry 0.5")
    DEF("grain", "Pattern Double -> Pattern Double -> ControlPattern",
        "\\x y -> begin x # end (x + y)", "the piece from x, y long")
    MAKE("s", "Pattern String -> ControlPattern", sound, SILENCE, 0,
         "sounds: names, with `:` and a number")
    MAKE("sound", "Pattern String -> ControlPattern", sound, SILENCE, 0, "s")
    MAKE("pF", "String -> Pattern Double -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    MAKE("pI", "String -> Pattern Int -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    MAKE("pN", "String -> Pattern Note -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    MAKE("pR", "String -> Pattern Time -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    MAKE("pB", "String -> Pattern Bool -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    MAKE("pS", "String -> Pattern String -> ControlPattern", named, SILENCE, 0,
         "the control of that name")
    CONTROL("n", "Note", "n") CONTROL("number", "Note", "n") CONTROL("note", "Note", "note")
    CONTROL("up", "Note", "note")
    DEF("midinote", "Pattern Note -> ControlPattern", "\\p -> note (subtract 60 <$> p)",
        "the control `note` by MIDI numbers")
    CONTROL("octave", "Int", "octave") CONTROL("cut", "Int", "cut")
    CONTROL("channel", "Int", "channel") CONTROL("orbit", "Int", "orbit")
    CONTROL("unit", "String", "unit") CONTROL("vowel", "String", "vowel")
    CONTROL("toArg", "String", "toArg") CONTROL("midicmd", "String", "midicmd")
    CONTROL("att", "Double", "attack") CONTROL("rel", "Double", "release")
    CONTROL("sus", "Double", "sustain") CONTROL("legato", "Double", "legato")
    CONTROL("lpf", "Double", "cutoff") CONTROL("ctf", "Double", "cutoff")
    CONTROL("lpq", "Double", "resonance") CONTROL("hpf", "Double", "hcutoff")
    CONTROL("hpq", "Double", "hresonance") CONTROL("bpf", "Double", "bandf")
    CONTROL("bpq", "Double", "bandq") CONTROL("delayfb", "Double", "delayfeedback")
    CONTROL("dfb", "Double", "delayfeedback") CONTROL("delayt", "Double", "delaytime")
    CONTROL("dt", "Double", "delaytime") CONTROL("det", "Double", "detune")
    CONTROL("fadeOutTime", "Double", "fadeTime") CONTROL("gat", "Double", "gate")
    CONTROL("phasdp", "Double", "phaserdepth") CONTROL("phasr", "Double", "phaserrate")
    CONTROL("por", "Double", "portamento") CONTROL("sld", "Double", "slide")
    CONTROL("sz", "Double", "size") CONTROL("tremdp", "Double", "tremolodepth")
    CONTROL("tremr", "Double", "tremolorate") CONTROL("voi", "Double", "voice")
    D(accelerate) D(amp) D(attack) D(bandf) D(bandq) D(begin) D(binshift) D(ccn) D(ccv) D(coarse)
    D(comb) D(cps) D(crush) D(cutoff) D(decay) D(degree) D(delay) D(delayfeedback) D(delaytime)
    D(detune) D(distort) D(djf) D(dry) D(dur) D(end) D(enhance) D(expression) D(fadeInTime)
    D(fadeTime) D(freeze) D(freq) D(fshift) D(fshiftnote) D(fshiftphase) D(gain) D(gate)
    D(harmonic) D(hbrick) D(hcutoff) D(hold) D(hresonance) D(imag) D(krush) D(kcutoff) D(lbrick)
    D(leslie) D(lock) D(loop) D(lrate) D(lsize) D(midibend) D(midichan) D(miditouch) D(modwheel)
    D(mtranspose) D(ctranspose) D(nudge) D(octer) D(octersub) D(octersubsub) D(offset)
    D(overgain) D(overshape) D(pan) D(panorient) D(panspan) D(pansplay) D(panwidth) D(partials)
    D(phaserdepth) D(phaserrate) D(pitch1) D(pitch2) D(pitch3) D(portamento) D(rate) D(real)
    D(release) D(resonance) D(ring) D(ringdf) D(ringf) D(room) D(scram) D(shape) D(size) D(slide)
    D(smear) D(speed) D(squiz) D(stepsPerOctave) D(octaveR) D(stuttertime) D(stutterdepth)
    D(sustain) D(sustainpedal) D(timescale) D(timescalewin) D(to) D(tremolodepth) D(tremolorate)
    CONTROL("chdecay", "Double", "clhatdecay") D(clhatdecay) D(control)
    CONTROL("ctfg", "Double", "cutoffegint") D(ctlNum) D(cutoffegint) D(frameRate) D(frames)
    D(from) D(hatgrain) CONTROL("hg", "Double", "hatgrain") D(hours)
    CONTROL("lag", "Double", "lagogo") D(lagogo) CONTROL("lbd", "Double", "lkick")
    CONTROL("lch", "Double", "lclhat") CONTROL("lcl", "Double", "lclaves") D(lclap) D(lclaves)
    D(lclhat) CONTROL("lcp", "Double", "lclap") CONTROL("lcr", "Double", "lcrash") D(lcrash) D(lfo)
    CONTROL("lfoc", "Double", "lfocutoffint") D(lfocutoffint) D(lfodelay)
    CONTROL("lfoi", "Double", "lfoint") D(lfoint) CONTROL("lfop", "Double", "lfopitchint")
    D(lfopitchint) D(lfoshape) D(lfosync) D(lhitom) CONTROL("lht", "Double", "lhitom") D(lkick)
    D(llotom) CONTROL("llt", "Double", "llotom") CONTROL("loh", "Double", "lophat") D(lophat)
    CONTROL("lsn", "Double", "lsnare") D(lsnare) D(minutes)
    CONTROL("ohdecay", "Double", "ophatdecay") D(ophatdecay) CONTROL("pit1", "Double", "pitch1")
    CONTROL("pit2", "Double", "pitch2") CONTROL("pit3", "Double", "pitch3") D(polyTouch) D(progNum)
    CONTROL("sag", "Double", "sagogo") D(sagogo) CONTROL("scl", "Double", "sclaves") D(sclap)
    D(sclaves) CONTROL("scp", "Double", "sclap") CONTROL("scr", "Double", "scrash") D(scrash)
    D(seconds) D(semitone) D(songPtr) CONTROL("std", "Double", "stutterdepth")
    CONTROL("stt", "Double", "stuttertime") CONTROL("tdecay", "Double", "tomdecay") D(tomdecay)
    D(uid) CONTROL("vcf", "Double", "vcfegint") D(vcfegint) CONTROL("vco", "Double", "vcoegint")
    D(vcoegint)
    D(triode) D(tsdelay) D(val) D(velocity) D(voice) D(waveloss) D(xsdelay)
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

const struct tidal_row *tidal_row_at(uint32_t i)
{
    return i < N_ROWS ? &rows[i] : NULL;
}

const struct tidal_row *tidal_row_find(const char *name)
{
    for (uint32_t i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const char *tidal_row_nearest(const char *name)
{
    const char *names[N_ROWS];

    for (uint32_t i = 0; i < N_ROWS; i++)
        names[i] = rows[i].name;
    return diag_nearest(name, names, N_ROWS);
}
