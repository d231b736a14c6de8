#!/bin/sh
# Creates .venv in the repository (or the folder named) with PyTorch (CPU) and the oracle, pytorch-grad-cam. Run again, it only checks.
set -eu
cd "$(dirname "$0")/../.."
venv=${1:-.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

TORCH=2.13.0
if [ "$(uname)" = Darwin ]; then
    pip install --quiet "torch==$TORCH"
else
    pip install --quiet "torch==$TORCH+cpu" || pip install --quiet "torch==$TORCH+cpu" --index-url https://download.pytorch.org/whl/cpu
fi
pip install --quiet -r scripts/oracle/requirements.txt
pip install --quiet --no-deps -r scripts/oracle/requirements-no-deps.txt
