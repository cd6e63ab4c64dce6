#!/bin/sh
# Compares what the audio thread's libraries call with a short list: mathematics, memcpy and its kin,
# exact time. A call that allocates, locks, logs or asks the system doesn't link into these rooms
# unnoticed. Parts of rt/world.c and dsp/fft.c alone run on the command thread and may allocate.
# What their sources include is looked at, too: a header of another room may bring in more than calls.
#
# usage: check-rooms.sh LIBRARY.a ...
set -eu

libm='acosf?|asinf?|atanf?|atan2f?|ceilf?|copysignf?|cosf?|coshf?|expf?|exp2f?|expm1f?|fabsf?|floorf?|fmaf?|fmaxf?|fminf?|fmodf?|frexpf?|hypotf?|ldexpf?|llrintf?|log10f?|log1pf?|log2f?|logf?|lrintf?|lroundf?|modff?|nearbyintf?|powf?|rintf?|roundf?|sincosf?|sinf?|sinhf?|sqrtf?|tanf?|tanhf?|truncf?'
memory='memcpy|memmove|memset|memcmp'
protocol='ph_ntp_[a-z_]*|ph_tempo_[a-z_]*|ph_ratio_[a-z_]*|ph_units'
rings='link_ring_(push|pop|ready|room)|link_snapshot_write'
# what compilers and sanitizers put in by themselves
compiler='_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__asan_.*|__ubsan_.*|__tsan_.*|__sanitizer_.*|__gcov_.*|_start|__llvm_.*'
world='posix_memalign|malloc|free|link_ring_(init|finish)|link_snapshot_init|dsp_set_best|dsp_fft_(new|free)'
# transforms: plans come and go with the world, the audio thread only executes them
fft='calloc|free|aligned_alloc|fftwf_(plan_guru_split|execute_split)_dft_(r2c|c2r)|fftwf_destroy_plan'

failed=0
for library in "$@"; do
    # "member: type name"; what a library defines itself may be called
    nm -A --defined-only "$library" | awk '{ print $NF }' | sort -u >"${TMPDIR:-/tmp}/rooms.$$"
    bad=$(nm -A --undefined-only "$library" | awk '{ n = split($1, p, ":"); print p[n - 1], $NF }' |
        awk -v own="${TMPDIR:-/tmp}/rooms.$$" \
            -v allowed="^($libm|$memory|$protocol|$rings|$compiler)$" -v world="^($world)$" \
            -v fft="^($fft)$" '
            BEGIN { while ((getline name < own) > 0) defined[name] = 1 }
            defined[$2] || $2 ~ allowed { next }
            $1 ~ /world\.c\.o$/ && $2 ~ world { next }
            $1 ~ /fft\.c\.o$/ && $2 ~ fft { next }
            { print "  " $1 " calls " $2 }' | sort -u)
    rm -f "${TMPDIR:-/tmp}/rooms.$$"
    if [ -n "$bad" ]; then
        echo "$(basename "$library"):"
        echo "$bad"
        failed=1
    fi
done

includes_only() { # room, folders
    bad=$(cd "$(dirname "$0")/.." && grep '#include "' "server/$1"/*.[ch] | grep -vE "#include \"($2)/" || true)
    if [ -n "$bad" ]; then
        echo "server/$1 includes more than $2:"
        echo "$bad" | sed 's/^/  /'
        failed=1
    fi
}
includes_only dsp 'protocol|server/dsp'
includes_only link 'protocol|server/link'
includes_only rt 'protocol|server/dsp|server/link|server/rt'
[ $failed = 0 ] && echo "rooms: only what the audio thread may call"
exit $failed
