#!/usr/bin/env bash
# Builds the image as deploy/image/build.sh does and tries what is in it, as a cluster would run it: the root file system cannot be written
# to, the user is the image's own. The demo, from the StorageClass to the last Pod, runs in each of the two programs: what trimming has taken
# away would be missed here.
#
#   bash tests/image.sh [ARCH]     amd64 or arm64; this machine's where it is not given
#
# Needs root, mmdebstrap and buildah; for another machine's architecture arch-test and qemu-user-static, too. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
arch=${1:-$(dpkg --print-architecture)}
work=$(mktemp -d)
store=(--storage-driver vfs --root "$work/store" --runroot "$work/run")
cleanup() { buildah "${store[@]}" rm --all >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT

OUT=$work bash deploy/image/build.sh "$arch" >"$work/built" 2>&1 || { tail -40 "$work/built"; echo "image.sh: build.sh $arch failed."; exit 1; }
container=$(buildah "${store[@]}" from -q --arch "$arch" "oci-archive:$work/localpv-$arch.tar")
root=$(buildah "${store[@]}" mount "$container")
user=$(buildah "${store[@]}" inspect --format '{{.OCIv1.Config.User}}' "$container")
echo "$arch, user $user: $(du -sm "$root" | cut -f1) MiB, $(gzip -1 <"$work/localpv-$arch.tar" | wc -c | awk '{print int($1 / 1048576)}') MiB to load"

# As a container that cannot write to its root, with nothing of the host's but the kernel and the network.
inside() {
  unshare --mount --pid --fork bash -euc '
    root=$1 user=$2; shift 2
    mount --bind "$root" "$root" && mount -o remount,ro,bind "$root"
    mount -t proc none "$root/proc" && mount -t tmpfs none "$root/tmp"
    exec chroot --userspec="$user" "$root" "$@"' - "$root" "$user" "$@"
}

for program in /usr/bin/localpv /usr/lib/localpv-ahead/localpv; do
  echo "$program $(inside "$program" --version)"
  inside "$program" up --demo --once >"$work/demo" 2>&1 || { tail -40 "$work/demo"; echo "image.sh: $program up --demo --once failed ($arch)."; exit 1; }
  [[ $(grep -c ' Bound  ' "$work/demo") -ge 5 ]] || { tail -40 "$work/demo"; echo "image.sh: not all claims are bound ($program, $arch)."; exit 1; }
done
for program in "/usr/sbin/lvm version" "/usr/sbin/thin_check -V" "/usr/sbin/wipefs --version" "/usr/sbin/blkdiscard --version"; do
  # shellcheck disable=SC2086
  inside $program >"$work/said" 2>&1 || { cat "$work/said"; echo "image.sh: $program failed ($arch)."; exit 1; }
done
