#!/usr/bin/env bash
# scripts/package/static_libraries.sh FOLDER: makes FOLDER, where linkers find the system's libraries as archives alone,
# and prints the linker's flags besides. A build with PKG_CONFIG_PATH=FOLDER then makes a program that needs nothing but
# glibc. Debian's packages of headers have the archives, but for Fortran's library (libgfortran-12-dev).
set -euo pipefail
folder=$(realpath -m "$1")
compiler=${CC:-cc}
rm -rf "$folder"
mkdir -p "$folder"

link() {  # link NAME AS: the archive libNAME.a under the name libAS.a
    local path
    path=$("$compiler" -print-file-name="lib$1.a")
    [ -e "$path" ] || path=$(pkg-config --variable=libdir openblas)/lib$1.a
    if ! [ -e "$path" ]; then
        echo "There is no lib$1.a; Debian has it in one of libopenblas-dev, liblapacke-dev, libpng-dev, libjpeg-dev," \
            "libssl-dev, zlib1g-dev, libstdc++-12-dev and libgfortran-12-dev." >&2
        exit 1
    fi
    ln -s "$(realpath "$path")" "$folder/lib$2.a"
}
for name in openblas lapacke jpeg crypto z stdc++ gfortran; do link $name $name; done
link png16 png16
link png16 png
# What unwinds the stack where C++ throws, which is libgcc_s where libraries are shared.
link gcc_eh gcc_s

# The linker is given this folder first, and the compiler what the system's own file says.
sed "s|^Libs:.*|Libs: -L$folder -lopenblas|" "$(pkg-config --variable=pcfiledir openblas)/openblas.pc" >"$folder/openblas.pc"
# What the archives need themselves.
printf -- '-Xlinker -l%s ' gfortran z m

# Debian's OpenBLAS has kernels for 20 processors, of a megabyte and more each. Those of four are kept; the others'
# tables are another name of the nearest below: SSE3, AVX, AVX2 and AVX-512 are what tells them apart.
older="CORE2 PENRYN DUNNINGTON NEHALEM ATOM NANO OPTERON OPTERON_SSE3 BOBCAT BARCELONA"
while read -r kept others; do
    for other in $others; do printf -- '-Xlinker --defsym=gotoblas_%s=gotoblas_%s ' "$other" "$kept"; done
done <<EOF
PRESCOTT $older
SANDYBRIDGE BULLDOZER PILEDRIVER STEAMROLLER EXCAVATOR
HASWELL ZEN
SKYLAKEX COOPERLAKE
EOF
