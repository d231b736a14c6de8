#!/usr/bin/env bash
# Explains every photo of a folder in one process: scripts/batch.sh FOLDER RESULTS [gradcam options]
#
# RESULTS gets the pictures and report.jsonl: one JSON object a photo, with "error" where a photo failed.
# GRADCAM names the program; else the one built here is taken, else the installed one. Exits as gradcam does.
set -euo pipefail

if [ $# -lt 2 ]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
built=$(dirname "$0")/../.build/release/gradcam
gradcam=${GRADCAM:-$([ -x "$built" ] && echo "$built" || echo gradcam)}
folder=$1 results=$2
shift 2

mkdir -p "$results"
status=0
"$gradcam" --image-path "$folder" --output-dir "$results" --json "$@" >"$results/report.jsonl" || status=$?
failed=$(grep -c '"error":' "$results/report.jsonl" || true)
echo "$(($(wc -l <"$results/report.jsonl") - failed)) done, $failed failed; pictures and report.jsonl are in $results"
exit $status
