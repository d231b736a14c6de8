#!/usr/bin/env bash
# What many photos would take, measured on a sample of them: scripts/cluster/plan.sh SAMPLE [gradcam options]
#
# SAMPLE is a folder of some dozens of photos. Bytes are those of pictures and maps, without the records of the run. Explains the first half of it and then all of it, in one thread, and counts the time of the processor and the
# bytes of the files; the difference is what the second half's photos took, without what a process takes once. GRADCAM names the program; else the one built
# here is taken, else the installed one.
set -euo pipefail

if [ $# -lt 1 ] || ! [ -d "$1" ]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
built=$(dirname "$0")/../../.build/release/gradcam
gradcam=${GRADCAM:-$([ -x "$built" ] && echo "$built" || echo gradcam)}
sample=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

find "$sample" -type f -iregex '.*\.\(jpe?g\|jpe\|jfif\|png\)' -print0 | sort -z >"$results/list"
count=$(tr -dc '\0' <"$results/list" | wc -c)
[ "$count" -ge 2 ] || { echo "$sample: two photos are the least that can be compared" >&2 && exit 2; }
# Seconds of the processor and bytes of files that the first photos of the sample take.
measure() {
    local TIMEFORMAT='%U %S' seconds
    seconds=$({ time head -zn "$1" "$results/list" |
        "$gradcam" -0 - --output-dir "$results/$1" --quiet --threads 1 "${@:2}" >/dev/null 2>"$results/errors"; } 2>&1) ||
        { cat "$results/errors" >&2 && return 1; }
    echo "$seconds $(find "$results/$1" -type f ! -name 'manifest.json*' -printf '%s\n' | awk '{ bytes += $1 } END { print bytes + 0 }')"
}
half=$(measure $((count / 2)) "$@")
whole=$(measure "$count" "$@")
awk -v half="$half" -v whole="$whole" -v photos=$((count - count / 2)) 'BEGIN {
    split(half, h); split(whole, w)
    seconds = (w[1] + w[2] - h[1] - h[2]) / photos
    bytes = (w[3] - h[3]) / photos
    printf "%.3f core seconds and %d bytes a photo\n", seconds, bytes
    for (n = 10000; n <= 100000000; n *= 100) printf "%9d photos: %.3g core hours, %.3g GB\n", n, n * seconds / 3600, n * bytes / 1e9
}'
