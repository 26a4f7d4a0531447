namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>What the tests give to kubectl.</summary>
internal static class Manifests
{
    public const string Claim = """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: data
          namespace: default
          labels: {app: web, tier: back}
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: fast
          resources: {requests: {storage: 1Gi}}
        """;

    public const string Storage = """
        apiVersion: localpv.io/v1alpha1
        kind: NodeLocalStorage
        metadata: {name: fast.n1}
        spec:
          storageClassName: fast
          nodeName: n1
          volumeGroup: {name: fast}
        """;

    public const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web-0, namespace: default}
        spec:
          nodeName: n1
          containers:
          - {name: web, image: web:1}
          - {name: log, image: log:1}
        """;

    public const string Volume = """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: pv-1}
        spec:
          capacity: {storage: 1Gi}
          accessModes: [ReadWriteOnce]
          persistentVolumeReclaimPolicy: Delete
          storageClassName: fast
          claimRef: {namespace: default, name: data}
          local: {path: /dev/fast/pv-1}
          nodeAffinity:
            required:
              nodeSelectorTerms:
              - matchExpressions:
                - {key: kubernetes.io/hostname, operator: In, values: [n1]}
        """;

    public const string Class = """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
        provisioner: local-volume-provisioner
        volumeBindingMode: WaitForFirstConsumer
        reclaimPolicy: Delete
        """;

    public const string Node = """
        apiVersion: v1
        kind: Node
        metadata: {name: n1, labels: {kubernetes.io/hostname: n1}}
        status:
          conditions: [{type: Ready, status: "True"}]
          nodeInfo: {kubeletVersion: v1.36.2, osImage: Model, kernelVersion: "6.1", containerRuntimeVersion: none}
        """;

    public const string Set = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: web, namespace: default}
        spec:
          replicas: 3
          serviceName: web
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, image: "web:1"}]
        """;

    public const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: front, namespace: default}
        spec:
          replicas: 2
          selector: {matchLabels: {app: front}}
          template:
            metadata: {labels: {app: front}}
            spec:
              containers: [{name: web, image: "web:1"}]
        """;

    public const string Lease = """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: leader, namespace: default}
        spec: {holderIdentity: me, leaseDurationSeconds: 15}
        """;

    public const string Capacity = """
        apiVersion: storage.k8s.io/v1
        kind: CSIStorageCapacity
        metadata: {name: fast-n1, namespace: default}
        storageClassName: fast
        capacity: 10Gi
        nodeTopology: {matchLabels: {kubernetes.io/hostname: n1}}
        """;

    public const string Event = """
        apiVersion: v1
        kind: Event
        metadata: {name: data.1, namespace: default}
        involvedObject: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: default, name: data}
        reason: ProvisioningFailed
        message: no node has room
        type: Warning
        count: 2
        firstTimestamp: "2026-01-01T00:00:00Z"
        lastTimestamp: "2026-01-01T00:00:00Z"
        source: {component: localpv}
        """;
}
