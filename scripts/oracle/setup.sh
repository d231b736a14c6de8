#!/bin/sh
# setup.sh [FOLDER [cuda]]: creates .venv in the repository (or the folder named) with PyTorch (its CPU build, or that for
# an NVIDIA GPU) and the oracle, pytorch-grad-cam. Run again, it only checks.
set -eu
cd "$(dirname "$0")/../.."
venv=${1:-.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

# cpu_build REQUIREMENT [OPTION ...]: PyTorch's CPU build, from where pip looks or from PyTorch's own index.
cpu_build() {
    requirement=$1
    shift
    if [ "$(uname)" = Darwin ]; then
        pip install --quiet "$@" "$requirement"
    else
        pip install --quiet "$@" "$requirement+cpu" 2>/dev/null ||
            pip install --quiet "$@" "$requirement+cpu" --index-url https://download.pytorch.org/whl/cpu
    fi
}

# torchvision 0.28 is built for torch 2.13. PyPI's build of it, for CUDA, has compiled operators that do not load beside
# a CPU build of torch; vision.py imports its classifiers all the same.
if [ "${2:-cpu}" = cuda ]; then
    pip install --quiet torch==2.13.0 torchvision==0.28.0
else
    cpu_build torch==2.13.0
    cpu_build torchvision==0.28.0 --no-deps 2>/dev/null || pip install --quiet --no-deps torchvision==0.28.0
fi
pip install --quiet -r scripts/oracle/requirements.txt
pip install --quiet --no-deps -r scripts/oracle/requirements-no-deps.txt
