#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Made and mutated .ph programs through the whole compiler, with AddressSanitizer and UBSan, for some
# seconds of CPU time. What breaks a promise or crashes is kept as BUILD/fuzz-crash.ph.
# usage: scripts/fuzz-ph.sh [SECONDS [SEED [FILE...]]]   (default: 60 1 examples/*.ph)
set -eu
cd "$(dirname "$0")/.."
. scripts/fuzz-common.sh
fuzz_programs fuzz_ph "$@"
