#!/usr/bin/env python3
"""An API server that only lists and never changes: as many nodes and claims as it is told, as a real one writes them.

  python3 tests/footprint-cluster.py NODES CLAIMS KUBECONFIG    serves on a free port of the loopback address and writes a kubeconfig

Nineteen of twenty claims are bound, and their volumes are in the reports of the nodes, which were made just now. Every object carries its
managedFields and what controllers write on it; lists are in the order of etcd's keys. It costs whoever asks nothing: all pages are made
before KUBECONFIG is there.
"""
import json
import os
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

nodes, claims, kubeconfig = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
AT = "2026-01-01T00:00:00Z"
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def text(tree):
    return json.dumps(tree, separators=(",", ":"))


def managed(*parts):
    return [{"manager": manager, "operation": "Update", "apiVersion": "v1", "time": AT, "fieldsType": "FieldsV1",
             "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, **{"f:" + key: {} for key in keys}}},
                          "f:spec": {"f:accessModes": {}, "f:resources": {"f:requests": {".": {}, "f:storage": {}}},
                                     "f:storageClassName": {}, "f:volumeMode": {}, "f:volumeName": {}}}} for manager, keys in parts]


def uid(number):
    return str(uuid.UUID(int=(0x6F0C << 112) | (number * 0x9E3779B97F4A7C15) & ((1 << 112) - 1), version=4))


def claim(number):
    bound = number % 20 != 0
    annotations = {
        "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.beta.kubernetes.io/storage-provisioner": "local-volume-provisioner",
        "volume.kubernetes.io/selected-node": f"worker-{number % nodes}",
        "volume.kubernetes.io/storage-provisioner": "local-volume-provisioner"} if bound else {}
    made = {
        "metadata": {
            "name": f"data-db-{number}", "namespace": f"team-{number % 40}", "uid": uid(number), "resourceVersion": str(100000 + number),
            "creationTimestamp": AT, "labels": {"app.kubernetes.io/name": "db", "app.kubernetes.io/instance": f"db-{number // 3}"},
            "annotations": annotations, "finalizers": ["kubernetes.io/pvc-protection"],
            "managedFields": managed(("kube-controller-manager", list(annotations)), ("kube-scheduler", ["x"]), ("operator", ["y"]))},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}, "storageClassName": "big",
                 "volumeMode": "Filesystem"},
        "status": {"phase": "Pending"}}
    if bound:
        made["spec"]["volumeName"] = "pvc-" + uid(number)
        made["status"] = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}}
    return made


def storage(number):
    volumes = [one for one in range(number, claims, nodes) if one % 20 != 0]
    return {
        "apiVersion": "localpv.io/v1alpha1", "kind": "NodeLocalStorage",
        "metadata": {
            "name": f"big.worker-{number}", "uid": uid(10**9 + number), "resourceVersion": str(900000 + number), "generation": 1,
            "creationTimestamp": AT, "labels": {"localpv.io/node": f"worker-{number}"}, "finalizers": ["localpv.io/volume-group"],
            "ownerReferences": [{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "name": "big", "uid": uid(1)}],
            "managedFields": managed(("localpv", ["z"]), ("localpv", ["z"]))},
        "spec": {"storageClassName": "big", "nodeName": f"worker-{number}", "volumeGroup": {"name": "big", "extentSize": "4Mi"},
                 "layout": {"type": "linear"}, "reserve": "10Gi", "wipe": "zero",
                 "disks": {"paths": [f"/dev/disk/by-id/nvme-eui.{number:016x}{disk}" for disk in "ab"]}},
        "status": {
            "phase": "Ready", "observedGeneration": 1, "scanSequence": 7 + number % 1000, "lastScanTime": NOW, "machine": uid(number),
            "capacity": "1023Gi", "free": f"{1023 - 10 * len(volumes)}Gi",
            "volumeGroup": {"name": "big", "uuid": uid(2 * 10**9 + number), "extentSize": "4Mi"},
            "conditions": [{"type": kind, "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": AT}
                           for kind in ("DisksReady", "VolumeGroupReady", "SpecValid")],
            "disks": [{"path": f"/dev/nvme{index}n1", "id": f"wwn:eui.{number:016x}{disk}", "size": "512Gi", "state": "InGroup",
                       "free": "450Gi"} for index, disk in enumerate("ab")],
            "volumes": [{"claimUid": uid(one), "name": "pvc-" + uid(one), "size": "10Gi"} for one in volumes]}}


def storage_class():
    return {"metadata": {"name": "big", "uid": uid(1), "resourceVersion": "5", "creationTimestamp": AT},
            "provisioner": "local-volume-provisioner", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer"}


def in_order(objects):
    return [text(one) for one in sorted(objects, key=lambda one: one["metadata"].get("namespace", "") + "/" + one["metadata"]["name"])]


kinds = {
    "persistentvolumeclaims": ("v1", "PersistentVolumeClaimList", in_order(claim(number) for number in range(claims))),
    "nodelocalstorages": ("localpv.io/v1alpha1", "NodeLocalStorageList", in_order(storage(number) for number in range(nodes))),
    "storageclasses": ("storage.k8s.io/v1", "StorageClassList", in_order([storage_class()])),
}
pages = {}


def page(kind, start, limit):
    key = (kind, start, limit)
    if key not in pages:
        version, name, items = kinds[kind]
        end = start + limit if 0 < limit < len(items) - start else len(items)
        more = {"continue": str(end), "remainingItemCount": len(items) - end} if end < len(items) else {}
        metadata = {"resourceVersion": "1000000", **more}
        pages[key] = (f'{{"kind":"{name}","apiVersion":"{version}","metadata":{text(metadata)},"items":['
                      + ",".join(items[start:end]) + "]}").encode()
    return pages[key]


for kind, (_, _, items) in kinds.items():
    for start in range(0, max(len(items), 1), 500):
        page(kind, start, 500)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        kind = url.path.rsplit("/", 1)[-1]
        if kind not in kinds:
            return self.send(404, b'{"kind":"Status","status":"Failure","reason":"NotFound","code":404}')
        if "watch" in asked:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            return threading.Event().wait()
        self.send(200, page(kind, int(asked.get("continue", 0)), int(asked.get("limit", 0))))

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
with open(kubeconfig + ".new", "w") as file:
    json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "x",
               "clusters": [{"name": "x", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
               "users": [{"name": "x", "user": {}}], "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}, file)
os.rename(kubeconfig + ".new", kubeconfig)
server.serve_forever()
