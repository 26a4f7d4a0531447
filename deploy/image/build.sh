#!/usr/bin/env bash
# build.sh [ARCH…]: LocalPv's image for amd64 (default) or arm64 from Debian packages alone: no Docker engine, no registry.
# Needs mmdebstrap and buildah (Debian packages), and for another architecture than this machine's arch-test and qemu-user-static.
# APP, AHEAD: folders that publish.sh has made for the one ARCH, AHEAD with READY_TO_RUN=true, instead of making them here.
# SUITE, MIRROR: Debian's release and archive.
# OUT (default: ./out) gets localpv-ARCH.tar, an OCI archive; load it with: buildah pull oci-archive:out/localpv-amd64.tar
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-$PWD/out} suite=${SUITE:-bookworm} mirror=${MIRROR:-http://deb.debian.org/debian}
# The Dockerfile installs the same.
packages=lvm2,thin-provisioning-tools,util-linux,libssl3,zlib1g,libstdc++6,ca-certificates
mkdir -p "$out"
for tool in mmdebstrap buildah; do
  command -v "$tool" >/dev/null || { echo "build.sh: $tool is missing: apt-get install mmdebstrap buildah" >&2; exit 1; }
done
for arch in "${@:-amd64}"; do
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  app=${APP:-$work/app}
  ahead=${AHEAD:-$work/ahead}
  [[ -x $app/localpv ]] || bash deploy/image/publish.sh "$arch" "$app"
  [[ -x $ahead/localpv ]] || READY_TO_RUN=true bash deploy/image/publish.sh "$arch" "$ahead"
  mmdebstrap --variant=minbase --architectures="$arch" --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt=force-unsafe-io --aptopt='Apt::Install-Recommends "false"' "$suite" "$work/root.tar" "$mirror"
  store=(--storage-driver vfs --root "$work/store" --runroot "$work/run")
  container=$(buildah "${store[@]}" from --arch "$arch" scratch)
  buildah "${store[@]}" add -q "$container" "$work/root.tar" /
  buildah "${store[@]}" copy -q "$container" deploy/image/lvm.conf /etc/lvm/lvm.conf
  buildah "${store[@]}" copy -q "$container" "$app" /usr/lib/localpv
  buildah "${store[@]}" copy -q "$container" "$ahead" /usr/lib/localpv-ahead
  mkdir -p "$work/link/usr/bin"
  ln -s /usr/lib/localpv/localpv "$work/link/usr/bin/localpv"
  tar -C "$work/link" --owner=0 --group=0 -cf "$work/link.tar" usr/bin/localpv
  buildah "${store[@]}" add -q "$container" "$work/link.tar" /
  buildah "${store[@]}" config --arch "$arch" --os linux --user 65534:65534 --entrypoint '["/usr/bin/localpv"]' "$container"
  buildah "${store[@]}" commit -q "$container" "oci-archive:$out/localpv-$arch.tar:localpv:latest"
  echo "$out/localpv-$arch.tar"
done
