#!/usr/bin/env bash
# scripts/package/archive.sh PROGRAM FOLDER: puts gradcam-VERSION-linux-ARCHITECTURE.tar.gz into FOLDER, beside
# gradcam-VERSION.tar.gz (source.sh), and SHA256SUMS of both. PROGRAM needs glibc alone. From the same program and commit
# it is the same, byte for byte: its times are the commit's, or SOURCE_DATE_EPOCH.
set -euo pipefail
program=$1 folder=$2
version=$("$program" --version)
version=${version#gradcam }
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# FOLDER, and what stands beside the program in it.
name=gradcam-$version-linux-$(uname -m)
mkdir -p "$folder"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

make --no-print-directory put PROGRAM="$program" DESTDIR="$stage/" PREFIX="$name" NETWORKS='Models/catdog.*'
install -m 644 README.md CHANGELOG.md CITATION.cff LICENSE "$stage/$name"

# Whose code is in the program, by the machine's own record of it.
licences=$stage/$name/licences
mkdir "$licences"
for package in libopenblas-dev liblapacke-dev libpng-dev libjpeg62-turbo-dev libssl-dev zlib1g-dev libgfortran-12-dev; do
    install -m 644 "$(realpath "/usr/share/doc/$package/copyright")" "$licences/${package%-dev}.txt"
done
compiler=$(realpath "$(command -v swift)")
install -m 644 "$(dirname "$compiler")/../share/swift/LICENSE.txt" "$licences/swift.txt"

pack() { tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$stage" -cf - "$1" | gzip -n9; }
pack "$name" >"$folder/$name.tar.gz"
(cd "$folder" && sha256sum "$name.tar.gz" "gradcam-$version.tar.gz" >SHA256SUMS)
