#!/bin/sh
# Makes .venv-exporters/FAMILY for each FAMILY named, with the exporters that PyPI has today: setup.sh FAMILY ...   (see requirements/)
# Those on PyTorch get its CPU build and the oracle as scripts/oracle/setup.sh installs them. Run again, it only checks.
set -eu
cd "$(dirname "$0")/../.."
for family in "$@"; do
    requirements=scripts/exporters/requirements/$family.txt
    [ -e "$requirements" ] || { echo "setup: no family $family; there are: $(cd scripts/exporters/requirements && echo *.txt | sed 's/\.txt//g')" >&2; exit 1; }
    venv=.venv-exporters/$family
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    if grep -q '^# on PyTorch' "$requirements"; then scripts/oracle/setup.sh "$venv"; fi
    "$venv/bin/python" -m pip --disable-pip-version-check install --quiet -r "$requirements"
done
