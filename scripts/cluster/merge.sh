#!/usr/bin/env bash
# Prints the reports of all shares: scripts/cluster/merge.sh SHARES RESULTS >report.jsonl
#
# Prints nothing where a share has no report yet, or where networks or methods are mixed; tells then what to do, and exits with 1.
set -euo pipefail

if [ $# != 2 ] || ! [[ $1 =~ ^[1-9][0-9]*$ ]]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
shares=$1 results=$2
missing=()
for ((number = 0; number < shares; number++)); do
    [ -e "$results/reports/$number-of-$shares.jsonl" ] || missing+=("$number")
done
if [ ${#missing[@]} -gt 0 ]; then
    numbers=$(IFS=, && echo "${missing[*]}")
    echo "${#missing[@]} of $shares shares are not through; start them again, in a Slurm array by --array=$numbers" >&2
    exit 1
fi
made() { grep -ohE '"model_sha256":"[^"]*"|"layer":"[^"]*","methods":\[[^]]*\]' "$results/reports/"*"-of-$shares.jsonl" | sort -u; }
if [ "$(made | wc -l)" -gt 2 ]; then
    echo "the shares are not of one network, layer and method: remove the reports that are not of the last run" >&2
    made >&2
    exit 1
fi
for ((number = 0; number < shares; number++)); do
    cat "$results/reports/$number-of-$shares.jsonl"
done
