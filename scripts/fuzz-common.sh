# SPDX-License-Identifier: GPL-3.0-or-later
# What scripts/fuzz-*.sh share; they source it in the top folder.

# Makes targets with AddressSanitizer and UBSan in $build. usage: fuzz_build FOLDER OPTIONS TARGET...
fuzz_build() {
    build=${FUZZ_BUILD:-$1}
    options=$2
    shift 2
    [ -d "$build" ] || meson setup -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false $options "$build" >/dev/null
    ninja -C "$build" "$@" >/dev/null
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
}

# Runs a fuzzer of .ph programs; the one that breaks it is kept. usage: fuzz_programs PROGRAM [SECONDS [SEED [FILE...]]]
fuzz_programs() {
    fuzzer=tests/client/$1
    seconds=${2:-60}
    seed=${3:-1}
    [ $# -gt 3 ] && shift 3 || set -- examples/*.ph
    fuzz_build build-fuzz "" "$fuzzer"
    last=$build/fuzz-last.bin
    export ASAN_OPTIONS=detect_leaks=1
    if ! "$build/$fuzzer" "$seconds" "$seed" "$last" "$@"; then
        # The length stands in front, as 8 bytes.
        length=$(od -An -N8 -t u8 "$last" | tr -d ' ')
        tail -c +9 "$last" | head -c "$length" >"$build/fuzz-crash.ph"
        echo "the input is $build/fuzz-crash.ph" >&2
        exit 1
    fi
}
