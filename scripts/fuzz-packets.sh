#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Mutated packets against a phonond with AddressSanitizer and UBSan, on the dummy driver and loopback.
# usage: scripts/fuzz-packets.sh [SECONDS [SEED]]   (default: 60 1)
set -eu
cd "$(dirname "$0")/.."
. scripts/fuzz-common.sh
fuzz_build build-fuzz-packets "" server/phonond client/phonon-send
export ASAN_OPTIONS=detect_leaks=1:handle_abort=1:allocator_may_return_null=1:exitcode=99
PHONON_BUILD=$(cd "$build" && pwd) PYTHONPATH=tests/e2e exec python3 scripts/fuzz-packets.py "$@"
