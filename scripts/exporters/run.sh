#!/bin/bash
# Compares files of today's exporters with their own frameworks: scripts/exporters/run.sh PROGRAM [FAMILY ...]; writes docs/exporters.md
# A family whose exporters cannot be installed is told and left out. Exit code 1: one was, or a file does not agree.
set -uo pipefail
cd "$(dirname "$0")/../.."
program=${1:?give the program, such as .build/release/gradcam}
shift
[ $# != 0 ] || set -- ultralytics transformers timm torchvision fastai keras paddle onnxruntime
work=.build/exporters status=0
mkdir -p "$work"
for family in "$@"; do
    case $family in timm | torchvision | onnxruntime) venv=torch ;; *) venv=$family ;; esac
    if ! scripts/exporters/setup.sh "$venv"; then
        echo "$family: its packages cannot be installed" >&2
        status=1
        continue
    fi
    ".venv-exporters/$venv/bin/python" "scripts/exporters/${family}_family.py" --gradcam "$program" --work "$work" || status=1
done
python3 scripts/exporters/table.py "$work"
exit $status
