#!/usr/bin/env bash
# Explains one share of many photos: scripts/cluster/share.sh SHARES PHOTOS RESULTS [gradcam options]
#
#     sbatch --array=0-99 scripts/cluster/share.sh 100 photos results --method gradcam++
#
# Which share it is, a Slurm array, an indexed Kubernetes Job or GNU parallel says. PHOTOS is a folder, or a list of paths, one a line; every share is given the
# same. RESULTS/reports/NUMBER-of-SHARES.jsonl, numbers from 0, appears once the share is through: one JSON object a photo, with "error" where one failed.
#
# It may be killed at any time and started again on any machine that sees the same folders: photos that were finished are not explained again, and the report
# has them all. GRADCAM names the program. Exits as gradcam does; a share that meets Slurm's time limit puts itself back into the queue.
#SBATCH --job-name=gradcam
#SBATCH --output=gradcam-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
set -euo pipefail

if [ $# -lt 3 ] || ! [[ $1 =~ ^[1-9][0-9]*$ ]]; then
    echo "scripts/cluster/share.sh SHARES PHOTOS RESULTS [gradcam options]" >&2
    exit 2
fi
shares=$1 photos=$2 results=$3
shift 3
number=${SLURM_ARRAY_TASK_ID:-${JOB_COMPLETION_INDEX:-${PARALLEL_SEQ:+$((PARALLEL_SEQ - 1))}}}
report=$results/reports/${number:-unknown}-of-$shares.jsonl
options=(--output-dir "$results" --shard "auto/$shares" --resume --keep-paths --quiet --json)
# Not every cluster binds a task to the processors that it asked for.
[ -z "${SLURM_CPUS_PER_TASK:-}" ] || options+=(--threads "$SLURM_CPUS_PER_TASK")
if [ -d "$photos" ]; then
    list=/dev/null
    options+=(--image-path "$photos")
else
    list=$photos
    options+=(--image-path -)
fi

# A folder that is not mounted here is no share that is through.
[ -d "$photos" ] || [ -r "$photos" ] || { echo "$photos: no such folder or list" >&2 && exit 2; }
mkdir -p "$results/reports"
rm -f "$report" "$report".*.partial
partial=$report.$HOSTNAME.$$.partial
stopped='' late='' process=''
stop() {
    stopped=yes
    [ -z "$process" ] || kill -TERM "$process" 2>/dev/null || true
}
trap stop TERM INT
trap 'late=yes && stop' USR1
"${GRADCAM:-gradcam}" "${options[@]}" "$@" <"$list" >"$partial" &
process=$!
[ -z "$stopped" ] || stop
status=0
wait "$process" || status=$?
# A signal ends the waiting before the program has ended.
while kill -0 "$process" 2>/dev/null; do
    status=0
    wait "$process" || status=$?
done

if [ "$status" -le 1 ]; then
    mv "$partial" "$report"
else
    rm -f "$partial"
    # Twenty times at most: a time limit that is too short for a single photo would never end.
    if [ -n "$late" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 20 ]; then
        scontrol requeue "$SLURM_JOB_ID"
    fi
fi
exit "$status"
