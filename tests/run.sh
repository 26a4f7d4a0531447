#!/usr/bin/env bash
# Builds LocalPv and runs all its tests.
#
#   bash tests/run.sh            everything
#   bash tests/run.sh NAME…      only the named test projects, such as LocalPv.Core.Tests
#
# Installs the Debian packages that the tests drive (kubectl, lvm2, a kernel to run it on) when it runs as root; otherwise says which are
# missing.
# CONFIGURATION=Debug|Release chooses the build (default Release); TIMEOUT is the limit for one test project in seconds (default 1200).
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
limit=${TIMEOUT:-1200}
# One compiler serves all projects (a third of the build's time), and goes when this ends.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=true
# What runs here lives for seconds: watching hot code in order to compile it better costs more than it brings (30 % of ten seeds).
export DOTNET_TieredPGO=0

say() { printf '\n== %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

# command, Debian package that brings it, what needs it
needs=(
  "kubectl kubernetes-client the kubectl tests"
  "lvm lvm2 the LVM backend's tests"
  "losetup mount the LVM backend's tests"
  "nsenter util-linux the LVM backend's tests"
  "promtool prometheus the tests of the alert rules"
  "jsonschema python3-jsonschema the tests of the Helm chart"
  "mkfs.ext4 e2fsprogs the LVM backend's tests"
  "linux.uml user-mode-linux the tests on a real kernel"
  "modprobe kmod the tests on a real kernel"
  "thin_check thin-provisioning-tools the tests on a real kernel"
  "mkfs.xfs xfsprogs the tests on a real kernel"
  "chromium chromium the tests of the simulator's report in a browser"
  "mmdebstrap mmdebstrap the image"
  "buildah buildah the image"
)
missing=()
for need in "${needs[@]}"; do
  read -r command package purpose <<<"$need"
  command -v "$command" >/dev/null 2>&1 || PATH=$PATH:/sbin:/usr/sbin command -v "$command" >/dev/null 2>&1 || missing+=("$package ($purpose)")
done
if ((${#missing[@]})); then
  packages=$(printf '%s\n' "${missing[@]}" | cut -d' ' -f1 | sort -u | tr '\n' ' ')
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    say "Installing $packages"
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
  else
    printf 'Missing: %s\n' "${missing[@]}" >&2
    echo "Install them (Debian: sudo apt-get install $packages) and run this again; the tests that need them fail without." >&2
  fi
fi

if (($# == 0)) || [[ " $* " == *" LocalPv.RealLvm.Tests "* ]]; then
  say "Kernel"
  bash tests/newer-kernel.sh
fi

say "Restore"
dotnet restore LocalPv.sln -v q
say "Build ($configuration)"
dotnet build LocalPv.sln -c "$configuration" --no-restore -v q -nologo

# What the first tests do not need is done beside them.
beside=$(mktemp)
{
  # The simulator promises the same trace from every build: its tests compare the two.
  for other in Debug Release; do
    [[ $other == "$configuration" ]] || dotnet build LocalPv.Sim -c "$other" --no-restore -v q -nologo -p:RunAnalyzers=false
  done
  dotnet build-server shutdown --vbcscompiler
  # The build has enforced the code style and the analyzers; this is what `dotnet format` looks at besides.
  (($#)) || dotnet format whitespace . --folder --verify-no-changes
} >"$beside" 2>&1 &
working=$!

if (($# == 0)); then
  # The names in a package's directory are plain text, so that no archiver is needed to look for them.
  say "Pack"
  packed=$(mktemp -d)
  dotnet pack LocalPv.sln -c "$configuration" --no-build -v q -nologo -o "$packed"
  for name in LocalPv.Core LocalPv.Fake LocalPv.Lvm LocalPv.Sim LocalPv.Hosting; do
    compgen -G "$packed/$name.*.snupkg" >/dev/null || { echo "There are no symbols of $name."; exit 1; }
    for part in README.md net10.0/.*dll net10.0/.*xml; do
      grep -aq "$part" "$packed/$name".[0-9]*.nupkg || { echo "$part is missing in the package $name."; exit 1; }
    done
  done
  rm -r "$packed"
fi

projects=("$@")
if ((${#projects[@]} == 0)); then
  for project in tests/*.Tests; do projects+=("${project#tests/}"); done
fi
passed=0 failed=0 bad=() failures=

# Waits for what is done beside the tests.
await_beside() {
  [[ -n $working ]] || return 0
  if ! wait "$working"; then
    bad+=("the other build, or the format")
    tail -50 "$beside"
  fi
  working=
  rm "$beside"
}

for project in "${projects[@]}"; do
  [[ $project != LocalPv.Sim.Tests ]] || await_beside
  say "$project"
  started=$SECONDS
  log=$(mktemp)
  timeout "$limit" dotnet test "tests/$project" -c "$configuration" --no-build -nologo -v q \
    --logger "console;verbosity=normal" --blame-hang-timeout 10m >"$log" 2>&1 && ok=1 || ok=0
  grep -E "^\s+(Failed|Skipped) |Seed|seed:" "$log" || true
  # vstest closes with "Total tests: N / Passed: N / Failed: N".
  p=$(awk '/^ *Passed: /{print $2}' "$log" | tail -1); f=$(awk '/^ *Failed: /{print $2}' "$log" | tail -1)
  skipped=$(awk '/^ *Skipped: /{print $2}' "$log" | tail -1)
  passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0}))
  echo "   ${p:-0} passed, ${f:-0} failed, $((SECONDS - started)) s"
  if ((!ok)) || [[ -z ${p:-} || -n ${skipped:-} ]]; then
    bad+=("$project"); ((failed)) || failed=1
    # What passed says nothing about what failed.
    grep -vE '^\s+Passed ' "$log" | sed 's/^/   | /' | tail -150
    failures+=$(awk '/^ *Failed [A-Za-z]/{print "'"$project"': " $0; left = 14} /^ *(Stack Trace|Standard Output)/{left = 0} left-- > 0 && !/^ *Failed /' "$log")$'\n'
  fi
  rm -f "$log"
done

await_beside
if (($# == 0)); then
  say "Image"
  if [[ $(id -u) == 0 ]]; then
    bash tests/image.sh || bad+=("the image")
  else
    echo "The image is neither built nor tried: only root may enter it."
  fi
fi
echo
if ((${#bad[@]})); then printf '%s\nNot good: %s\n' "$failures" "${bad[*]}"; fi
echo "$passed passed, $failed failed, $((SECONDS / 60)) min $((SECONDS % 60)) s"
((${#bad[@]} == 0))
