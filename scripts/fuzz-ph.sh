#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Made and mutated .ph programs through the whole compiler, with AddressSanitizer and UBSan, for some
# seconds of CPU time. What breaks a promise or crashes is kept as BUILD/fuzz-crash.ph.
# usage: scripts/fuzz-ph.sh [SECONDS [SEED [FILE...]]]   (default: 60 1 examples/*.ph)
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
seed=${2:-1}
[ $# -gt 2 ] && shift 2 || set -- examples/*.ph
build=${FUZZ_BUILD:-build-fuzz}
[ -d "$build" ] || meson setup -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
    -Db_lundef=false "$build" >/dev/null
ninja -C "$build" tests/client/fuzz_ph >/dev/null
last=$build/fuzz-last.bin
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
if ! "$build/tests/client/fuzz_ph" "$seconds" "$seed" "$last" "$@"; then
    # The length stands in front, as 8 bytes.
    length=$(od -An -N8 -t u8 "$last" | tr -d ' ')
    tail -c +9 "$last" | head -c "$length" >"$build/fuzz-crash.ph"
    echo "the input is $build/fuzz-crash.ph" >&2
    exit 1
fi
