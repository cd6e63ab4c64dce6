#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Thousands of reloads, offline and of a daemon, and random edits: what tests/e2e/test_soak.py and
# test_random_edits.py check, for longer.
# usage: scripts/soak.sh [OFFLINE [LIVE [EDITS]]]   (default: 10000 3000 1000)
set -eu
cd "$(dirname "$0")/.."
build=${SOAK_BUILD:-build-soak}
[ -f "$build/build.ninja" ] || meson setup "$build" -Dbuildtype=release >/dev/null
ninja -C "$build" --quiet
PHONON_BUILD=$(cd "$build" && pwd)
export PHONON_BUILD
PHONON_EDITS=${3:-1000} python3 tests/e2e/test_random_edits.py
PHONON_SOAK=${1:-10000},${2:-3000} exec python3 tests/e2e/test_soak.py
