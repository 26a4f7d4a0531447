#!/usr/bin/env bash
# publish.sh ARCH FOLDER: the program for amd64 or arm64, with its runtime, trimmed, in one folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
case $1 in
  amd64) rid=linux-x64 ;;
  arm64) rid=linux-arm64 ;;
  *) echo "publish.sh: '$1' is not an architecture: amd64 or arm64" >&2; exit 2 ;;
esac
# The lock files know no runtime packs: this restore has its own, which nobody keeps.
# Trimmed in full: what of ASP.NET Core nobody calls goes away. The two libraries that are not made for it stay whole (see the project
# file), and what the trimmer has to say of them is no error.
# READY_TO_RUN=true: compiled ahead, program and runtime as one, so that generic code of the one over types of the other is there too;
# otherwise every second method that a start needs would still be compiled at that moment. It starts in a quarter of the processor time and
# takes some 10 MiB more of memory, and two minutes to publish. The image has both: there are many agents, which are to be small; the
# extender has to be there soon.
# No event sources: they are for diagnostic tools that attach, and take memory.
# No code made at run time, which a start would have to compile first: what would make it (dependency injection, regular expressions)
# works without.
# No analyzers: they have judged the same sources already, and want the documentation files that an image has no use for.
# Built in a folder of its own, so that a build of the tree and this one do not take each other's files.
exec dotnet publish LocalPv.Hosting --artifacts-path "$PWD/obj/publish-$rid" -c Release -r "$rid" --self-contained -o "$2" -v q -nologo \
  -p:PublishTrimmed=true -p:TrimMode=full -p:PublishReadyToRun="${READY_TO_RUN:-false}" \
  -p:PublishReadyToRunComposite="${READY_TO_RUN:-false}" -p:RestoreLockedMode=false \
  -p:NuGetLockFilePath="obj/publish-$rid.lock.json" -p:DebugType=none -p:GenerateDocumentationFile=false \
  -p:EventSourceSupport=false -p:DynamicCodeSupport=false -p:RunAnalyzers=false -p:ILLinkTreatWarningsAsErrors=false
