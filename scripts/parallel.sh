#!/usr/bin/env bash
# Spreads photos over processes: scripts/parallel.sh PROCESSES [--threads N] PATH... [gradcam options]
#
# Every process finds all the photos and takes its share (--shard), so files are called as by a single process. The cores are shared out evenly, unless
# --threads says otherwise. The first process shows its progress for all. Reports come at the end, process by process.
# GRADCAM names the program; else the one built here is taken, else the installed one. Exits with the highest exit code, 130 if interrupted.
set -euo pipefail

if [ $# -lt 2 ] || ! [[ $1 =~ ^[1-9][0-9]*$ ]]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
built=$(dirname "$0")/../.build/release/gradcam
gradcam=${GRADCAM:-$([ -x "$built" ] && echo "$built" || echo gradcam)}
count=$1
shift
cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
threads=$((cores > count ? cores / count : 1))

reports=$(mktemp -d)
processes=()
trap 'rm -rf "$reports"' EXIT
trap 'kill "${processes[@]}" 2>/dev/null; wait; exit 130' INT TERM

# Standard input can be read only once.
list=/dev/null
for word in "$@"; do
    if [ "$word" = - ] || [ "$word" = --image-path=- ]; then
        list=$reports/list
        cat >"$list"
        break
    fi
done

for ((index = 1; index <= count; index++)); do
    progress=()
    [ "$index" = 1 ] || progress=(--no-progress)
    "$gradcam" --threads "$threads" --shard "$index/$count" ${progress[@]+"${progress[@]}"} "$@" <"$list" >"$reports/$index" &
    processes+=($!)
done

highest=0
for ((index = 1; index <= count; index++)); do
    status=0
    wait "${processes[index - 1]}" || status=$?
    highest=$((status > highest ? status : highest))
    cat "$reports/$index"
done
exit "$highest"
