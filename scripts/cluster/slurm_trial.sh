#!/usr/bin/env bash
# Tries share.sh on a Slurm cluster of its own, of which a node is killed: scripts/cluster/slurm_trial.sh [gradcam options]
#
# Starts munged, slurmctld and two slurmd on this machine, each node in a process namespace, so that killing it ends all that runs there at once, as a power
# cut would. Submits an array, kills the second node while it works, waits until Slurm has noticed, put the lost shares back into the queue and finished
# them, and compares with one process's run: reports (but for their timings) and files have to be the same. Keeps everything in a temporary folder.
# GRADCAM names the program. Exits with 77 where it cannot be tried: it takes root (for the namespaces) and Debian's slurmctld, slurmd, slurm-client, munge.
set -euo pipefail

for tool in munged slurmctld slurmd sbatch; do
    command -v "$tool" >/dev/null || { echo "not tried: $tool is missing (scripts/install_dependencies.sh cluster)" && exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "not tried: it takes root" && exit 77; }
repository=$(realpath "$(dirname "$0")/../..")
built=$repository/.build/release/gradcam
GRADCAM=$(realpath "$(command -v "${GRADCAM:-$([ -x "$built" ] && echo "$built" || echo gradcam)}")")
export GRADCAM SLURM_CONF

trial=$(mktemp -d)
chmod 755 "$trial"
mkdir "$trial"/{state,node1,node2,photos}
# shellcheck disable=SC2046
trap 'kill -KILL $(jobs -p) 2>/dev/null; wait 2>/dev/null; cd / && rm -rf "$trial"' EXIT
say() { printf '%3d s  %s\n' "$SECONDS" "$*"; }
fail() {
    say "FAILED: $*"
    cut -c 1-200 difference.log gradcam-*.log | head -n 20
    tail -n 20 "$trial/slurmctld.log"
    exit 1
}
# Waits for a command to succeed, two minutes at most.
await() {
    local limit=$((SECONDS + 120))
    until "$@" 2>/dev/null; do
        [ "$SECONDS" -lt "$limit" ] || fail "two minutes passed before this was so: $*"
        sleep 0.2
    done
}

# A node that says nothing for five seconds is down; a lost task starts again five seconds later.
port=$((20000 + RANDOM % 10000))
SLURM_CONF=$trial/slurm.conf
cat >"$SLURM_CONF" <<CONFIGURATION
ClusterName=trial
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmctldTimeout=5
SlurmdTimeout=5
MessageTimeout=2
TCPTimeout=1
AuthType=auth/munge
AuthInfo=socket=$trial/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$trial/state
SlurmdSpoolDir=$trial/%n
SlurmctldPidFile=$trial/slurmctld.pid
SlurmdPidFile=$trial/%n.pid
SlurmctldLogFile=$trial/slurmctld.log
SlurmdLogFile=$trial/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 RealMemory=1000
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 RealMemory=1000
PartitionName=trial Nodes=node1,node2 Default=YES MaxTime=10 State=UP
CONFIGURATION
(umask 077 && head -c 128 /dev/urandom >"$trial/munge.key")
munged --foreground --key-file="$trial/munge.key" --socket="$trial/munge.socket" --pid-file="$trial/munged.pid" \
    --seed-file="$trial/munge.seed" 2>"$trial/munged.log" &
await test -S "$trial/munge.socket"
slurmctld -D -i 2>/dev/null &
declare -A nodes
for node in node1 node2; do
    unshare --pid --fork --kill-child --mount-proc slurmd -D -N "$node" 2>/dev/null &
    nodes[$node]=$!
done
idle() { [ "$(sinfo --noheader --states=idle --format=%D)" = 2 ]; }
await idle
say "started: munged, slurmctld, two slurmd"

# Paths decide which share a photo belongs to; these are the same every time.
cd "$trial"
for folder in 1 2 3 4 5; do
    mkdir "photos/$folder"
    cp "$repository"/Photos/*.jpg "photos/$folder"
done
shares=4 photos=photos results=results
options=(--model "$repository/Models/catdog.onnx" --method scorecam --channels 128 "$@")
job=$(sbatch --parsable --array="0-$((shares - 1))" --cpus-per-task=1 --mem=0 --time=5 \
    "$repository/scripts/cluster/share.sh" "$shares" "$photos" "$results" "${options[@]}")
say "submitted: job $job, $shares shares of $(find "$photos" -type f | wc -l) photos"

# The report in the making of the share that the second node works at, once there is a photo in it.
at_work() {
    local lost
    [ -n "$(squeue --noheader)" ] || fail "the array ended before a node could be killed"
    lost=$(squeue --noheader --array --states=running --nodelist=node2 --format=%K)
    [ -n "$lost" ] && grep -q '"input"' "$results/reports/$lost-of-$shares.jsonl".*.partial && share=$lost
}
share=
await at_work
disown "${nodes[node2]}"
kill -KILL "${nodes[node2]}"
touch killed
# What was done before must not be done again.
finished() { find "$results" -name '*.jpg' ! -newer killed | wc -l; }
before=$(finished)
say "killed: node2, in the midst of share $share ($before files were there)"
await grep -q "requeue job.*node2" "$trial/slurmctld.log"
say "noticed: $(grep -o "requeue job.*node2" "$trial/slurmctld.log" | head -n 1) ($(sinfo --noheader --nodes=node2 --format=%T))"
through() { [ -z "$(squeue --noheader --jobs="$job")" ]; }
await through
say "through: $(scontrol show job "$job" | grep -c 'JobState=COMPLETED') of $shares shares, $(scontrol show job "$job" | grep -c 'Restarts=1') of them requeued"

"$repository/scripts/cluster/merge.sh" "$shares" "$results" >merged.jsonl || fail "a share has no report"
"$GRADCAM" --image-path "$photos" --output-dir reference --keep-paths --quiet --json "${options[@]}" >reference.jsonl
plain() { sed 's/"timings":{[^}]*}//; s|"'"$2"'/|"|g' "$1" | sort; }
diff <(plain reference.jsonl reference) <(plain merged.jsonl results) >difference.log ||
    fail "the merged reports are not those of one process"
diff --recursive --brief --exclude=reports --exclude='manifest*.jsonl' reference "$results" >difference.log ||
    fail "the files are not those of one process"
[ "$(finished)" -ge "$before" ] || fail "photos that were finished before the node was killed were explained again"
say "equal to one process's run: $(wc -l <merged.jsonl) reports, $(find "$results" -name '*.jpg' | wc -l) files;" \
    "$before of them from before the node was killed"
