#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Thousands of reloads, offline and of a daemon: what tests/e2e/test_soak.py checks, for longer.
# usage: scripts/soak.sh [OFFLINE [LIVE]]   (default: 10000 3000)
set -eu
cd "$(dirname "$0")/.."
build=${SOAK_BUILD:-build-soak}
[ -f "$build/build.ninja" ] || meson setup "$build" -Dbuildtype=release >/dev/null
ninja -C "$build" --quiet
PHONON_BUILD=$(cd "$build" && pwd) PHONON_SOAK=${1:-10000},${2:-3000} exec python3 tests/e2e/test_soak.py
