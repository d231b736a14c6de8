#!/usr/bin/env bash
# make_stand_in.sh FOLDER: builds what runs on the processor what a card would (Tests/CUDAStandIn) as a shared library,
# under the names of NVIDIA's four, in a folder for $GRADCAM_CUDA_PATH.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder}
mkdir -p "$folder"
# shellcheck disable=SC2046  # several words
clang++ -std=c++17 -O2 -shared -fPIC -Wl,-Bsymbolic -DGRADCAM_STAND_IN_SHARED \
    -I"$root/Sources/CCUDA/include" -I"$root/Tests/CUDAStandIn/include" $(pkg-config --cflags openblas) \
    "$root"/Tests/CUDAStandIn/*.cpp -o "$folder/libcuda.so.1" $(pkg-config --libs openblas)
names=(libnvrtc.so.12 libcublas.so.12 libcudnn.so.9 libcudnn_graph.so.9 libcudnn_ops.so.9 libcudnn_cnn.so.9
    libcudnn_engines_precompiled.so.9 libcudnn_heuristic.so.9)
for name in "${names[@]}"; do ln -sf libcuda.so.1 "$folder/$name"; done
