#!/usr/bin/env bash
# Fuzzes parts of the program by libFuzzer, with the address and undefined-behaviour sanitizers.
#
#     scripts/fuzz.sh SECONDS [archive|network|jpeg|png|npy|text ...]
#
# archive  tars, and the names of what is in them                                    (Fuzz/Archive)
# network  protobuf reader, import, plan, a run forward and backward, every method   (Fuzz/Network)
# jpeg png both decoders                                                              (Fuzz/Photos)
# npy      arrays: header and numbers, of every type                                   (Fuzz/Arrays)
# text     labels, settings and configuration files, Python literals                  (Fuzz/Text)
#
# The corpus grows in .build/corpus/NAME, from run to run. A finding ends the run with a status that is not 0; the input
# lies in .build/findings then. What is mended is kept small in Fuzz/findings, where the tests run it again.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
python=.venv/bin/python
[ -x "$python" ] || python=python3
# Swift's own handler of crashes would take them away from the fuzzer.
export SWIFT_BACKTRACE=enable=no GRADCAM_FUZZ=1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# One flag for both sanitizers: of several the compiler minds the last. A file's weights are read where they lie, aligned
# or not.
build() {
    swift build --scratch-path .build/fuzz -c release --product "$1" --sanitize fuzzer -Xswiftc -enable-testing \
        -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=address,undefined -Xcc -fno-sanitize=alignment \
        -Xcc -fno-sanitize-recover=undefined -Xcc -Wno-pass-failed
}

# files NAME PATTERN: copies the files of that kind, of 64 KB at most, out of the repository and the shared folder.
files() {
    local folders=(Tests Photos Fuzz/findings)
    [ ! -d ../shared ] || folders+=(../shared)
    find "${folders[@]}" -type f -size -64k -name "$2" | while read -r file; do
        cp "$file" ".build/corpus/$1/seed-$(md5sum <"$file" | cut -c-16)"
    done
}

# One small tar in each format.
tars() {
    local folder format
    folder=$(mktemp -d)
    (cd "$folder" && printf abc >a.jpg && head -c 600 /dev/zero >ä.jpg && ln -s a.jpg b && truncate -s 1M c &&
        : >"$(printf 'n%.0s' {1..120})")
    for format in v7 ustar oldgnu gnu posix; do
        tar -C "$folder" --format "$format" --sparse -cf ".build/corpus/archive/seed-$format" . 2>/dev/null || true
    done
    rm -r "$folder"
}

fuzz() {
    local name=$1 binary=$2 most=$3
    mkdir -p ".build/corpus/$name" .build/findings
    build "$binary"
    case $name in
        archive) tars;;
        network)
            "$python" scripts/corpora/networks.py .build/corpus/network ||
                files network '*.onnx';; # without the onnx package, the files as they are
        jpeg) files jpeg '*.jpg';;
        png) files png '*.png';;
        npy) files npy '*.npy';;
        text) files text '*.txt'; files text '*.json'; files text '*.yaml';;
    esac
    ".build/fuzz/release/$binary" ".build/corpus/$name" -max_total_time="$seconds" -max_len="$most" -timeout=60 \
        -rss_limit_mb=3000 -malloc_limit_mb=512 -print_final_stats=1 -artifact_prefix=".build/findings/$name-"
}

for name in "${@:-archive network jpeg png npy text}"; do
    for part in $name; do
        case $part in
            archive) fuzz archive FuzzArchive 32768;;
            network) fuzz network FuzzNetwork 65536;;
            jpeg | png) fuzz "$part" FuzzPhotos 65536;;
            npy) fuzz npy FuzzArrays 8192;;
            text) fuzz text FuzzText 16384;;
            *) echo "no fuzzer '$part'; give some of: archive network jpeg png npy text" >&2; exit 2;;
        esac
    done
done
