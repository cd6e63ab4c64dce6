#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Mutates .ph programs against the parser, with AddressSanitizer and UBSan, for some seconds.
# usage: scripts/fuzz-client.sh [SECONDS [SEED [FILE...]]]   (default: 60 1 examples/*.ph)
set -eu
cd "$(dirname "$0")/.."
. scripts/fuzz-common.sh
fuzz_programs fuzz_parse "$@"
