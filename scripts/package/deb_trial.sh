#!/usr/bin/env bash
# scripts/package/deb_trial.sh PACKAGE.deb [ARCHIVE.tar.gz]: the package in a Debian of its own, where nothing else is
# installed: a user without rights explains a photo, reads the manual page, and once the package is purged nothing of it
# is left. The archive's program is run there first, before there is any library that it might take. As root; the mirror
# is the one that this machine's apt uses.
set -euo pipefail
package=$(realpath "$1")
archive=${2:+$(realpath "$2")}
photos=$(realpath "$(dirname "$0")/../../Photos")
if [ "$(id -u)" != 0 ]; then
    echo "A Debian of its own takes root: sudo make deb-trial" >&2
    exit 1
fi

root=$(mktemp -d)
chmod 755 "$root"
trap '{ ! mountpoint -q "$root/proc" || umount "$root/proc"; } && rm -rf --one-file-system "$root"' EXIT
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    sed -n "s/^$codename //p" | sed -n 1p)
echo "A Debian $codename without anything else"
debootstrap --variant=minbase "$codename" "$root" "$mirror" >"$root.log" || { tail "$root.log" >&2; exit 1; }
rm -f "$root.log"
# Where Swift's library reads a program's arguments.
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"; }
# as_user COMMAND...: by a user without rights, in its home.
as_user() { inside runuser -u visitor -- env HOME=/home/visitor bash -euo pipefail -c "cd; $*"; }
inside useradd --create-home visitor
install -m 644 "$photos/dog-and-cat.jpg" "$root/home/visitor/"

if [ -n "$archive" ]; then
    echo "The archive, where there is no library but glibc"
    tar xzf "$archive" -C "$root/home/visitor"
    as_user 'mkdir a && */bin/gradcam dog-and-cat.jpg --model catdog --method gradcam,scorecam,eigencam -o a && ls a'
    rm -r "$root/home/visitor"/*/bin "$root/home/visitor/a"
fi

echo "The package"
inside apt-get install --yes --no-install-recommends man-db >/dev/null
files() { (cd "$root" && find bin etc lib opt sbin srv usr -xdev | grep -v '^etc/ld.so.cache$' | sort); }
before=$(files)
cp "$package" "$root/gradcam.deb"
inside apt-get install --yes --no-install-recommends /gradcam.deb >/dev/null
rm "$root/gradcam.deb"
as_user 'gradcam --version
    gradcam dog-and-cat.jpg --model catdog --target-category cat,dog --method gradcam,eigencam -o results
    test $(ls results/*.jpg | wc -l) = 12
    man gradcam | grep -q "^SYNOPSIS"'
for shell in bash-completion/completions/gradcam zsh/site-functions/_gradcam fish/vendor_completions.d/gradcam.fish; do
    test -s "$root/usr/share/$shell"
done
inside dpkg --remove gradcam >/dev/null
inside dpkg --purge gradcam >/dev/null 2>&1
inside apt-get autoremove --purge --yes >/dev/null
if ! diff <(echo "$before") <(files); then
    echo "Removing the package leaves other files (<: gone, >: left)." >&2
    exit 1
fi
echo "The package installs, runs and goes without a trace."
