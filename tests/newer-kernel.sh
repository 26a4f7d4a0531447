#!/usr/bin/env bash
# Brings a newer user-mode Linux than the distribution's, for the tests on a real kernel: since 6.16 it can catch its programs' system
# calls with seccomp, and its tests take a quarter of the time that ptrace costs.
#
#   bash tests/newer-kernel.sh
#
# Comes from Debian's next release, by apt, with the C library that it was built for, into a folder of its own: nothing of the system
# changes. Needs root and apt; where it cannot be had, or does not boot, there is no folder, and the tests use the distribution's kernel.
set -euo pipefail
# The length counts: the name of the loader is written over a longer one in the program.
folder=/opt/uml-next
suite=forky

[[ ! -e $folder ]] || exit 0
if [[ $(id -u) != 0 || $(uname -m) != x86_64 ]] || ! command -v apt-get >/dev/null; then
  echo "A newer kernel needs root, apt and an x86-64 machine."
  exit 0
fi

work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

# What follows may fail in many ways, and none of them is a failure of the tests.
bring() {
  local archive
  # shellcheck disable=SC2016
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' | grep -v security | head -1)
  [[ -n $archive ]] || { echo "apt knows no archive of Debian."; return 1; }
  mkdir -p "$work"/apt/{lists/partial,cache/archives/partial} "$work"/new/files
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" >"$work/apt/sources.list"
  cat >"$work/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$work/apt/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::Retries "2";
APT::Sandbox::User "root";
CONF
  export APT_CONFIG=$work/apt/apt.conf
  timeout 120 apt-get update -qq && (cd "$work/apt" && timeout 180 apt-get download -qq "user-mode-linux/$suite" "libc6/$suite") || return 1
  local package
  for package in "$work"/apt/*.deb; do dpkg-deb -x "$package" "$work/new/files" || return 1; done
  local files=$work/new/files made=$work/new/made
  mkdir "$made"
  cp -r "$files/usr/lib/uml/modules" "$made/modules"
  cp "$(find "$files" -name ld-linux-x86-64.so.2 -type f)" "$made/ld.so"
  cp "$(find "$files" -name libc.so.6 -type f)" "$made/libc.so.6"
  cp "$files/usr/bin/linux.uml" "$made/linux.uml"
  FOLDER=$folder perl -0777 -pi -e \
    '$old = "/lib64/ld-linux-x86-64.so.2\0"; $new = "$ENV{FOLDER}/ld.so"; s/\Q$old\E/$new . "\0" x (length($old) - length($new))/e' \
    "$made/linux.uml"
  mv "$made" "$folder"
}

# Boots as the tests do, with what they need most.
boots() {
  cat >"$work/init" <<'INIT'
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc none /proc
mount -t tmpfs none /run
mkdir -p /run/lib/modules
ln -s "$MODULES/$(uname -r)" /run/lib/modules/
for module in loop dm-mod dm-raid raid1 dm-thin-pool dm-flakey dm-delay; do modprobe -d /run "$module" || echo "no $module"; done
[[ $(</proc/devices) != *device-mapper* ]] || echo 'it boots'
echo o >/proc/sysrq-trigger
sleep 60
INIT
  local seen
  seen=$(TMPDIR=$work timeout -k 5 60 setsid env "LD_LIBRARY_PATH=$folder" "$folder/linux.uml" seccomp=on mem=128M rootfstype=hostfs \
    rootflags=/ ro init=/bin/bash "uml_dir=$work/" umid=try con=null con0=null,fd:1 ssl=null quiet "MODULES=$folder/modules" \
    -- "$work/init" </dev/null 2>&1) || true
  [[ $seen == *'it boots'* && $seen != *'no '[a-z]* ]] || { printf '%s\n' "$seen" | tail -30; return 1; }
}

if bring >"$work/log" 2>&1 && boots >>"$work/log" 2>&1; then
  echo "The tests on a real kernel use $(LD_LIBRARY_PATH=$folder "$folder/linux.uml" --version), with seccomp."
else
  rm -rf "$folder"
  echo "There is no newer kernel to be had; the distribution's takes four times as long:"
  tail -20 "$work/log"
fi
