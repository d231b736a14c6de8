#!/usr/bin/env bash
# scripts/package/source.sh FOLDER: puts gradcam-VERSION.tar.gz there, the sources as they are committed. From the same
# commit it is the same, byte for byte.
set -euo pipefail
version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/CLI/Vocabulary.swift)
mkdir -p "$1"
git archive --prefix="gradcam-$version/" HEAD | gzip -n9 >"$1/gradcam-$version.tar.gz"
