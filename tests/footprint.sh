#!/usr/bin/env bash
# Measures LocalPv's processes as they are shipped (trimmed, self-contained):
#   agent       resident memory at rest, CPU at rest, time from start to ready
#   extender    the same with NODES nodes (default 5000) and CLAIMS claims (default 20000)
# The agent against the embedded API server, the extender against one that lists as much as that and never changes
# (footprint-cluster.py). Figures go to standard output, one a line. At rest: from SETTLE (75) seconds after it was ready, when it has done
# once what it does each minute, for REST (60) seconds. PARTS: only the agent, or only the extender. Needs python3 and kubectl. Takes
# some minutes.
#   bash tests/footprint.sh [FOLDER [AHEAD]]      published programs (deploy/image/publish.sh), AHEAD with READY_TO_RUN=true, which is the
#                                                 extender's; made where they are not given
set -euo pipefail
cd "$(dirname "$0")/.."
nodes=${NODES:-5000} claims=${CLAIMS:-20000} settle=${SETTLE:-75} rest=${REST:-60} parts=${PARTS:-agent extender}
work=$(mktemp -d)
pids=()
cleanup() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
app=${1:-$work/app}
ahead=${2:-$work/ahead}
publish() { [[ -x $1/localpv ]] || READY_TO_RUN=$2 bash deploy/image/publish.sh "$(dpkg --print-architecture)" "$1"; }

# Nanoseconds of processor time that a process has had, by the kernel's clock for it (clock_getcpuclockid); ticks would be too coarse.
ran() { python3 -c 'import sys, time; print(time.clock_gettime_ns((~int(sys.argv[1]) << 3) | 2))' "$1"; }

# Waits until a process (its id) is ready at a port, and says how long after a moment (nanoseconds) that was, in milliseconds. One program
# asks all the time: to start one for each question would take the processor from what is asked.
ready_after() {
  python3 - "$@" <<'PYTHON'
import http.client, os, sys, time
pid, port, began = (int(one) for one in sys.argv[1:])
while True:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request("GET", "/readyz")
        answer = asked.getresponse()
        body = answer.read().decode()
        if answer.status == 200:
            break
    except OSError as error:
        body = str(error)
    if not os.path.exists(f"/proc/{pid}") or time.time_ns() - began > 60e9:
        sys.exit(f"not ready: {body}")
    time.sleep(0.02)
print((time.time_ns() - began) // 1000000)
PYTHON
}

# Asks the extender at a port about a claim that is not bound: all nodes must have room for it, or the cluster is not what it should be.
ask_extender() {
  python3 - "$1" "$nodes" <<'PYTHON'
import http.client, json, sys
port, nodes = (int(one) for one in sys.argv[1:])
names = [f"worker-{number}" for number in range(nodes)]
pod = {"metadata": {"name": "db-0", "namespace": "team-0", "uid": "1"},
       "spec": {"containers": [], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]}}
asked = http.client.HTTPConnection("127.0.0.1", port)
asked.request("POST", "/scheduler/filter", json.dumps({"Pod": pod, "NodeNames": names}), {"Content-Type": "application/json"})
answer = asked.getresponse().read().decode()
if sorted(json.loads(answer)["NodeNames"] or []) != sorted(names):
    sys.exit("the extender does not let all nodes pass: " + answer[:500])
PYTHON
}

# The environment that a manifest gives its container.
environment_of() {
  mapfile -t environment < <(sed -n 's/^ *- { name: \([A-Za-z_]*\), value: "\(.*\)" }$/\1=\2/p' "deploy/manifests/$1.yaml")
  ((${#environment[@]}))
}

# name, port, arguments…: starts it, waits for /readyz, rests, prints.
measure() {
  local name=$1 port=$2; shift 2
  local began ready pid cost before after
  began=$(date +%s%N)
  env "${environment[@]}" "$app/localpv" "$@" --operations-listen "127.0.0.1:$port" >"$work/log" 2>&1 &
  pid=$!
  pids+=("$pid")
  ready=$(ready_after "$pid" "$port" "$began") || { cat "$work/log" >&2; exit 1; }
  cost=$(ran "$pid")
  [[ $1 != extender ]] || ask_extender 18900
  sleep "$settle"
  before=$(ran "$pid")
  sleep "$rest"
  after=$(ran "$pid")
  awk -v name="$name" -v ready="$ready" -v cost="$cost" -v ran=$((after - before)) -v rest="$rest" \
    '/^VmRSS/ {rss=$2/1024} /^VmHWM/ {top=$2/1024} END {
       printf "%s: resident %.1f MiB (peak %.1f), ready after %d ms (%.1f s of processor time), ", name, rss, top, ready, cost/1e9
       printf "%.2f %% of a core at rest\n", ran/rest/1e7}' "/proc/$pid/status"
  kill "$pid"; wait "$pid" 2>/dev/null || true
}

if [[ $parts == *agent* ]]; then
  publish "$app" false
  "$app/localpv" up --cluster-only --nodes 1 --write-kubeconfig "$work/kubeconfig" >"$work/up.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 300); do [[ -s $work/kubeconfig ]] && break; sleep 0.1; done
  [[ -s $work/kubeconfig ]] || { cat "$work/up.log" >&2; exit 1; }
  export KUBECONFIG=$work/kubeconfig
  kubectl apply -f deploy/examples/10-storageclass.yaml >/dev/null
  environment_of agent
  measure agent 18901 agent --node-name node-1 --backend fake
fi

[[ $parts == *extender* ]] || exit 0
publish "$ahead" true
app=$ahead
python3 tests/footprint-cluster.py "$nodes" "$claims" "$work/large" &
pids+=($!)
for _ in $(seq 600); do [[ -s $work/large ]] && break; sleep 0.1; done
export KUBECONFIG=$work/large
environment_of extender
measure "extender, $nodes nodes, $claims claims" 18902 extender --listen 127.0.0.1:18900
