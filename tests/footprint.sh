#!/usr/bin/env bash
# Measures LocalPv's processes as they are shipped (trimmed, self-contained):
#   agent       resident memory at rest, CPU at rest, time from start to ready
#   extender    the same with NODES nodes (default 5000) and CLAIMS claims (default 20000)
# Against the embedded API server; figures go to standard output, one a line. At rest: from SETTLE (75) seconds after it was ready, when it
# has done once what it does each minute, for REST (60) seconds. PARTS: only the agent, or only the extender. Needs python3, curl and
# kubectl. Takes some minutes.
#   bash tests/footprint.sh [FOLDER]      FOLDER: a published program (deploy/image/publish.sh); made where it is not given
set -euo pipefail
cd "$(dirname "$0")/.."
nodes=${NODES:-5000} claims=${CLAIMS:-20000} settle=${SETTLE:-75} rest=${REST:-60} parts=${PARTS:-agent extender}
work=$(mktemp -d)
pids=()
cleanup() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
app=${1:-$work/app}
[[ -x $app/localpv ]] || bash deploy/image/publish.sh "$(dpkg --print-architecture)" "$app"

"$app/localpv" up --cluster-only --nodes 1 --write-kubeconfig "$work/kubeconfig" >"$work/up.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do [[ -s $work/kubeconfig ]] && break; sleep 0.1; done
[[ -s $work/kubeconfig ]] || { cat "$work/up.log" >&2; exit 1; }
export KUBECONFIG=$work/kubeconfig

# Nanoseconds of processor time that a process has had, by the kernel's clock for it (clock_getcpuclockid); ticks would be too coarse.
ran() { python3 -c 'import sys, time; print(time.clock_gettime_ns((~int(sys.argv[1]) << 3) | 2))' "$1"; }

# The environment that a manifest gives its container.
environment_of() {
  mapfile -t environment < <(sed -n 's/^ *- { name: \([A-Za-z_]*\), value: "\(.*\)" }$/\1=\2/p' "deploy/manifests/$1.yaml")
  ((${#environment[@]}))
}

# name, port, arguments…: starts it, waits for /readyz, rests, prints.
measure() {
  local name=$1 port=$2; shift 2
  local began ready pid before after
  began=$(date +%s%N)
  env "${environment[@]}" "$app/localpv" "$@" --operations-listen "127.0.0.1:$port" >"$work/log" 2>&1 &
  pid=$!
  pids+=("$pid")
  until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; do
    if ! kill -0 "$pid" 2>/dev/null || (($(date +%s%N) - began > 60000000000)); then
      curl -s "http://127.0.0.1:$port/readyz" >&2 || true
      cat "$work/log" >&2
      exit 1
    fi
    sleep 0.02
  done
  ready=$((($(date +%s%N) - began) / 1000000))
  sleep "$settle"
  before=$(ran "$pid")
  sleep "$rest"
  after=$(ran "$pid")
  awk -v name="$name" -v ready="$ready" -v ran=$((after - before)) -v rest="$rest" \
    '/^VmRSS/ {rss=$2/1024} /^VmHWM/ {top=$2/1024} END {
       printf "%s: resident %.1f MiB (peak %.1f), ready after %d ms, ", name, rss, top, ready
       printf "%.2f %% of a core at rest\n", ran/rest/1e7}' "/proc/$pid/status"
  kill "$pid"; wait "$pid" 2>/dev/null || true
}

kubectl apply -f deploy/examples/10-storageclass.yaml >/dev/null
environment_of agent
[[ $parts != *agent* ]] || measure agent 18901 agent --node-name node-1 --backend fake

[[ $parts == *extender* ]] || exit 0
python3 - "$work/kubeconfig" "$nodes" "$claims" <<'PY'
import http.client, json, sys, urllib.parse, re
server = re.search(r"server: (\S+)", open(sys.argv[1]).read()).group(1)
nodes, claims = int(sys.argv[2]), int(sys.argv[3])
http_ = http.client.HTTPConnection(urllib.parse.urlparse(server).netloc)
def call(method, path, body):
    http_.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    answer = http_.getresponse(); text = answer.read()
    if answer.status >= 300: sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
    return json.loads(text)
group = "/apis/localpv.io/v1alpha1/nodelocalstorages"
for i in range(nodes):
    name = f"big.worker-{i}"
    made = call("POST", group, {"apiVersion": "localpv.io/v1alpha1", "kind": "NodeLocalStorage", "metadata": {"name": name},
        "spec": {"storageClassName": "big", "nodeName": f"worker-{i}", "volumeGroup": {"name": "big"}}})
    made["status"] = {"phase": "Ready", "scanSequence": 1, "capacity": "1Ti", "free": "900Gi",
        "lastScanTime": "2026-01-01T00:00:00Z", "volumeGroup": {"name": "big", "uuid": "u", "extentSize": "4Mi"},
        "conditions": [{"type": "VolumeGroupReady", "status": "True", "reason": "Ready", "message": "",
                        "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        "disks": [{"path": f"/dev/sd{c}", "id": f"wwn-{i}-{c}", "size": "512Gi", "state": "InGroup", "free": "450Gi"} for c in "bc"]}
    call("PUT", f"{group}/{name}/status", made)
call("POST", "/apis/storage.k8s.io/v1/storageclasses", {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
    "metadata": {"name": "big"}, "provisioner": "local-volume-provisioner", "volumeBindingMode": "WaitForFirstConsumer"})
for i in range(claims):
    call("POST", "/api/v1/namespaces/default/persistentvolumeclaims", {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": f"claim-{i}", "labels": {"app": "db", "part": str(i % 7)}},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "big", "resources": {"requests": {"storage": "10Gi"}}}})
PY
environment_of extender
measure "extender, $nodes nodes, $claims claims" 18902 extender --listen 127.0.0.1:18900
