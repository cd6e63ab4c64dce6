#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Mutated packets against a phonond with AddressSanitizer and UBSan, on the dummy driver and loopback.
# usage: scripts/fuzz-packets.sh [SECONDS [SEED]]   (default: 60 1)
set -eu
cd "$(dirname "$0")/.."
build=${FUZZ_BUILD:-build-fuzz-packets}
[ -d "$build" ] || meson setup -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
    -Db_lundef=false "$build" >/dev/null
ninja -C "$build" server/phonond client/phonon-send >/dev/null
export ASAN_OPTIONS=detect_leaks=1:handle_abort=1:allocator_may_return_null=1:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
PHONON_BUILD=$(cd "$build" && pwd) PYTHONPATH=tests/e2e exec python3 scripts/fuzz-packets.py "$@"
