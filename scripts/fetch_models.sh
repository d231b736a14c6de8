#!/usr/bin/env bash
# Fetches networks of the ONNX model zoo into Models/: scripts/fetch_models.sh [resnet50] [vgg16]   (both, if none is named)
#
# A broken download goes on where it ended when the script is run again. What is in Models/ already stays as it is.
# GRADCAM_MODELS_URL     where to fetch from (https://huggingface.co/onnxmodelzoo)
# GRADCAM_MODELS_FOLDER  where to put the models (Models)
# GRADCAM_MODELS_TABLE   a file with other models: lines of name, path below the address, bytes, SHA-256
set -euo pipefail

url=${GRADCAM_MODELS_URL:-https://huggingface.co/onnxmodelzoo}
folder=${GRADCAM_MODELS_FOLDER:-$(dirname "$0")/../Models}

table() {
    if [ -n "${GRADCAM_MODELS_TABLE:-}" ]; then
        cat "$GRADCAM_MODELS_TABLE"
    else
        cat <<'END'
resnet50 resnet50-v1-12/resolve/main/resnet50-v1-12.onnx 102576593 3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526
vgg16 vgg16-12/resolve/main/vgg16-12.onnx 553437752 722c42f53ca03a5480296bf8f9c85a151de3eed9ec982d7d2302ff6e2900c67b
END
    fi
}

fail() {
    echo "fetch_models: $*" >&2
    exit 1
}

size() { wc -c <"$1" | tr -d ' '; }

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# download ADDRESS FILE: appends to FILE what it lacks.
download() {
    if command -v curl >/dev/null; then
        local progress=--silent status=0
        [ -t 2 ] && progress=--progress-bar
        curl --fail --location --show-error $progress --retry 3 --continue-at - --output "$2" "$1" || status=$?
        [ $status = 33 ] || return $status
        echo "The server cannot resume: starting afresh"
        curl --fail --location --show-error $progress --retry 3 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --no-verbose --tries 3 --continue --output-document "$2" "$1"
    else
        fail "neither curl nor wget is installed; install one of them and try again"
    fi
}

# Zoo models carry no preprocessing; theirs is that of torchvision's classifiers.
side_car='{"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "size": 224, "resize": "squash", "channel_order": "rgb"}'

# fetch NAME PATH BYTES SHA256
fetch() {
    local file=$folder/$1.onnx part=$folder/$1.onnx.part address=$url/$2
    if [ -e "$file" ]; then
        echo "$1: $file is there already"
        return
    fi
    [ ! -e "$part" ] || [ "$(size "$part")" -le "$3" ] || rm "$part"
    if [ ! -e "$part" ] || [ "$(size "$part")" -lt "$3" ]; then
        echo "$1: fetching $address ($3 bytes)"
        download "$address" "$part" || fail "$1: cannot fetch $address; what has come so far is kept: run the script again to go on"
    fi
    local sum
    sum=$(sha256 "$part")
    if [ "$sum" != "$4" ]; then
        rm "$part"
        fail "$1: wrong checksum: $address has SHA-256 $sum, not $4; removed. Try again, or set GRADCAM_MODELS_URL to another source"
    fi
    [ -e "$folder/$1.json" ] || echo "$side_car" >"$folder/$1.json"
    mv "$part" "$file"
    echo "$1: $file"
}

mkdir -p "$folder"
for name in "$@"; do
    table | grep -q "^$name " || fail "unknown model $name; one of: $(table | cut -d ' ' -f 1 | tr '\n' ' ')"
done
while read -r name path bytes sum; do
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    fetch "$name" "$path" "$bytes" "$sum"
done < <(table)
