#!/usr/bin/env bash
# Installs the system libraries that are missing, through apt-get; needs no network where nothing is missing.
set -euo pipefail

packages=(pkg-config libopenblas-dev liblapacke-dev libpng-dev libjpeg-dev)

if command -v pkg-config >/dev/null && pkg-config --exists openblas lapacke libpng libjpeg; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "gradcam needs OpenBLAS, LAPACKE, libpng and libjpeg with their headers, and pkg-config; install them and run make again." >&2
    echo "Debian calls them: ${packages[*]}" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Libraries are missing. Run this as root, then make again: apt-get install ${packages[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}")
echo "Installing ${packages[*]}"
# A fresh machine has no package lists yet.
"${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; }
