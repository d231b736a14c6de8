#!/usr/bin/env bash
# Installs what is missing through apt-get: the system libraries, with the argument `models` what fetching networks takes, with `cluster` Slurm and GNU
# parallel, or with `package` what packages are made and tried with. Needs no network where nothing is missing.
set -euo pipefail

if [ "${1:-}" = models ]; then
    packages=(python3-venv curl) needs="make models needs Python 3 with its venv module, and curl"
    there() { python3 -c 'import ensurepip, venv' 2>/dev/null && { command -v curl || command -v wget; } >/dev/null; }
elif [ "${1:-}" = cluster ]; then
    packages=(slurmctld slurmd slurm-client munge parallel) needs="make cluster-trial needs Slurm with munge, and GNU parallel"
    there() { for tool in slurmctld slurmd sbatch munged parallel; do command -v $tool >/dev/null || return 1; done; }
elif [ "${1:-}" = package ]; then
    packages=(debhelper dpkg-dev lintian debootstrap libgfortran-12-dev)
    needs="packages need debhelper, dpkg-dev, lintian, debootstrap and Fortran's library as an archive"
    there() {
        for tool in dh dpkg-deb lintian debootstrap; do PATH=$PATH:/usr/sbin command -v $tool >/dev/null || return 1; done
        [ "$(cc -print-file-name=libgfortran.a)" != libgfortran.a ]
    }
else
    packages=(pkg-config libopenblas-dev liblapacke-dev libpng-dev libjpeg-dev libssl-dev)
    needs="gradcam needs OpenBLAS, LAPACKE, libpng, libjpeg and OpenSSL (libcrypto) with their headers, and pkg-config"
    there() { command -v pkg-config >/dev/null && pkg-config --exists openblas lapacke libpng libjpeg libcrypto; }
fi
if there; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "$needs; install them and run make again." >&2
    echo "Debian calls them: ${packages[*]}" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Packages are missing. Run this as root, then make again: apt-get install ${packages[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}")
echo "Installing ${packages[*]}"
# A fresh machine has no package lists yet.
"${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; }
