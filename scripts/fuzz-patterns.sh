#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Mutates pattern code against the evaluator, then mini-notation against its parser, with libFuzzer,
# AddressSanitizer and UBSan: each for some seconds, one after the other. Needs clang.
# usage: scripts/fuzz-patterns.sh [SECONDS [SEED]]   (default: 60, another seed each time)
# What is new goes to the build folder; a crash is kept there as crash-*, and the status is 1.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
seed=${2:-0}
. scripts/fuzz-common.sh
export CC=clang
fuzz_build build-fuzz-patterns -Dc_args=-fsanitize=fuzzer-no-link \
    tests/server/pattern/fuzz_pattern_code tests/client/fuzz_tidal client/phonon-query

# Code of expressions that people write, compiled anew: the format may have moved on.
mkdir -p "$build/seeds" "$build/found-code" "$build/found-mini"
python3 scripts/fuzz-patterns.py "$build/client/phonon-query" "$build/seeds"

fuzz() { # program, folders of inputs: the first receives what is new
    program=$1
    shift
    "$build/$program" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=4096 \
        -max_len=4096 -artifact_prefix="$build/" -print_final_stats=1 -verbosity=0 "$@"
}
fuzz tests/server/pattern/fuzz_pattern_code "$build/found-code" tests/corpus/pattern_code "$build/seeds"
fuzz tests/client/fuzz_tidal "$build/found-mini" tests/corpus/mini
