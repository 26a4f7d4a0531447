#!/usr/bin/env bash
# generate.sh [FOLDER]: writes the Helm chart's templates and CRDs from the plain manifests, so that there is one truth. Without FOLDER
# into the chart beside this file. A test compares the two, and what the chart renders with the manifests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/localpv}
mkdir -p "$target/templates" "$target/crds"
cp "$here"/../crds/*.yaml "$target/crds/"
for file in "$here"/../manifests/*.yaml "$here"/../components/csidriver/csidriver.yaml; do
  name=$(basename "$file")
  # The namespace is there before the chart: it is named at the installation, and needs a label (docs/install.md).
  [[ $name == namespace.yaml ]] && continue
  {
    echo "{{- /* Written by deploy/helm/generate.sh; change the manifests instead. */ -}}"
    [[ $name == csidriver.yaml ]] && echo "{{- if .Values.csiDriver }}"
    sed -e 's|localpv-system|{{ .Release.Namespace }}|g' \
        -e 's|image: localpv$|image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"|' \
        -e 's|^  replicas: 2$|  replicas: {{ .Values.replicas }}|' \
        -e 's|name: local-volume-provisioner$|name: {{ .Values.provisioner }}|' \
        -e 's|^\( *\)- --log-format=json$|\1- --provisioner={{ .Values.provisioner }}\n\1- --log-format={{ .Values.logFormat }}|' "$file"
    [[ $name == csidriver.yaml ]] && echo "{{- end }}"
    true
  } >"$target/templates/$name"
done
