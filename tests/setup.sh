#!/bin/sh
# Installs the packages that a target needs and this machine lacks, and nothing if it
# lacks nothing.
#   tests/setup.sh demo|harvest|notebooks|test|valgrind|fuzz|ci
set -u

compiler=${CC:-cc} # may carry flags: never quoted
missing=""

# need PACKAGE COMMAND...: PACKAGE is missing unless COMMAND succeeds.
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
header() {
    echo "#include <$1>" | $compiler -x c -E -
}
cmocka() {
    printf '#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <cmocka.h>\n' |
        $compiler -x c -E -
}
clang_openmp() {
    program=$(mktemp) && echo 'int main(void) { return 0; }' |
        clang -fopenmp -x c - -o "$program"
    linked=$?
    rm -f "$program"
    return $linked
}
fuzzer() {
    program=$(mktemp) && echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
        clang -fsanitize=fuzzer,address,undefined -x c - -o "$program"
    linked=$?
    rm -f "$program"
    return $linked
}

need gcc command -v "${compiler%% *}"
need libc6-dev header stdio.h
if [ "${1:-}" != harvest ]; then
    need libstb-dev header stb/stb_image_write.h
    need fonts-dejavu-core test -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
fi
case ${1:-} in notebooks | ci)
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip, venv'
    need nodejs command -v node
    need libjs-katex test -f /usr/share/javascript/katex/katex.js
    need fonts-katex test -f /usr/share/fonts/truetype/katex/KaTeX_Main-Regular.woff2
    need fonts-sil-charis test -f /usr/share/fonts/truetype/charis/CharisSIL-Regular.ttf
    ;;
esac
case ${1:-} in demo | notebooks) ;; *)
    need libexpat1-dev header expat.h
    need libcurl4-openssl-dev header curl/curl.h
    ;;
esac
case ${1:-} in demo | harvest | notebooks) ;; *)
    need gcc command -v gcc
    need g++ command -v g++
    need clang command -v clang
    need libomp-dev clang_openmp
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip, venv'
    need libcmocka-dev cmocka
    need zlib1g-dev header zlib.h
    need libstemmer-dev header libstemmer.h
    need wordnet-dev header wn.h
    need wordnet-base test -f /usr/share/wordnet/index.noun
    need libpng-dev header png.h
    need libsimde-dev header simde/x86/avx512.h
    need cmake command -v cmake
    ;;
esac
case ${1:-} in valgrind | ci)
    need valgrind command -v valgrind
    ;;
esac
case ${1:-} in fuzz | ci)
    need libclang-rt-dev fuzzer
    ;;
esac
if [ "${1:-}" = ci ]; then
    need chromium command -v chromium
    need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
    need libc6-dev-arm64-cross test -f /usr/aarch64-linux-gnu/include/stdio.h
    need qemu-user command -v qemu-aarch64
fi
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: missing:$missing. There is no apt-get here: install them by hand" \
        "(the names are Debian's)." >&2
    exit 1
fi
root=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: missing:$missing. Install them as root:" \
            "apt-get install$missing" >&2
        exit 1
    fi
    root="sudo"
fi

echo "setup: installing$missing"
install="$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
log=$(mktemp)
# The package lists may be absent or old: then fetch them and try again.
# shellcheck disable=SC2086
if ! $install $missing </dev/null >"$log" 2>&1 &&
    ! { $root apt-get update -qq </dev/null >"$log" 2>&1 &&
        $install $missing </dev/null >"$log" 2>&1; }; then
    cat "$log" >&2
    rm -f "$log"
    echo "setup: apt-get could not install$missing (see above)." >&2
    exit 1
fi
rm -f "$log"
