#!/usr/bin/env bash
# Spreads photos over hosts by GNU parallel: scripts/cluster/parallel.sh HOSTS SHARES PHOTOS RESULTS [gradcam options]
#
#     scripts/cluster/parallel.sh hosts.txt 100 /shared/photos /shared/results --method gradcam++ >report.jsonl
#
# HOSTS has a line a host, as `parallel --sshloginfile` takes it (`worker1`, `me@worker2`, `:` for this machine). All hosts have perl, and see this script, the
# program, PHOTOS and RESULTS at the same paths. A host works at one share at a time, with all its processors; a share that fails is tried on another host, three
# times in all. Prints the reports; RESULTS/shares.log tells which host did what. Run it again after a failure: what is finished is not explained again.
# GRADCAM names the program; else the one built here is taken, else the installed one. Exits with 1 where photos or shares failed.
set -euo pipefail

if [ $# -lt 4 ] || ! [[ $2 =~ ^[1-9][0-9]*$ ]]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
command -v parallel >/dev/null || { echo "GNU parallel is missing: scripts/install_dependencies.sh cluster" >&2 && exit 2; }
here=$(realpath "$(dirname "$0")")
built=$here/../../.build/release/gradcam
GRADCAM=${GRADCAM:-$([ -x "$built" ] && realpath "$built" || echo gradcam)}
export GRADCAM
mkdir -p "$4"
hosts=$1 shares=$2 photos=$(realpath "$3") results=$(realpath "$4")
shift 4

# None of an earlier run is taken for one of this.
rm -f "$results/reports/"*"-of-$shares.jsonl"
status=0
seq "$shares" | parallel --sshloginfile "$hosts" --jobs 1 --retries 3 --joblog "$results/shares.log" --env GRADCAM \
    --workdir . --max-replace-args 0 --quote "$here/share.sh" "$shares" "$photos" "$results" "$@" >&2 || status=1
"$here/merge.sh" "$shares" "$results" || status=1
exit "$status"
