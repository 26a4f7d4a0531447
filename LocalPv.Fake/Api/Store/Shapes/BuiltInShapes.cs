namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>
/// The shapes of built-in kinds. Source: the types of k8s.io/api and their markers (patchMergeKey, listType, listMapKey, structType).
/// Parts that nothing here looks into are <c>any</c>.
/// </summary>
internal static class BuiltInShapes
{
    private static readonly SortedDictionary<string, Shape> Definitions = new(StringComparer.Ordinal);

    static BuiltInShapes()
    {
        Define("Meta", """
            {name generateName namespace selfLink uid resourceVersion generation:i creationTimestamp:t deletionTimestamp:t
            deletionGracePeriodSeconds:i labels:<s> annotations:<s>
            ownerReferences:[uid]{apiVersion kind name uid controller:b blockOwnerDeletion:b} finalizers:[=s] managedFields:[any]}
            """);
        Definitions.Add("Object", new Shape(ShapeType.Struct)
        {
            IsOpen = true,
            Fields = ShapeText.Read("{kind apiVersion metadata:+@Meta}", Definitions).Fields,
        });
        Define("Selector", "!{matchLabels:<s> matchExpressions:[{key operator values:[s]}]}");
        Define("NodeTerm", "!{matchExpressions:[{key operator values:[s]}] matchFields:[{key operator values:[s]}]}");
        Define("Ref", "{kind namespace name uid apiVersion resourceVersion fieldPath}");
        Define("Condition", """
            {type status reason message lastTransitionTime:t lastProbeTime:t lastHeartbeatTime:t lastUpdateTime:t observedGeneration:i}
            """);
        Define("Resources", "{requests:<q> limits:<q> claims:[name]{name request}}");
        Define("ClaimSpec", """
            {accessModes:[s] resources:+{requests:<q> limits:<q>} selector:@Selector storageClassName volumeMode volumeName
            dataSource:!{apiGroup kind name} dataSourceRef:{apiGroup kind name namespace} volumeAttributesClassName}
            """);
        Define("Claim", """
            {kind apiVersion metadata:+@Meta spec:+@ClaimSpec status:+{phase accessModes:[s] capacity:<q> conditions:[type]@Condition
            allocatedResources:<q> allocatedResourceStatuses:<s> currentVolumeAttributesClassName modifyVolumeStatus:any}}
            """);
        Define("Volume", """
            {kind apiVersion metadata:+@Meta spec:+{capacity:<q> accessModes:[s] claimRef:@Ref persistentVolumeReclaimPolicy
            storageClassName
            mountOptions:[s] volumeMode nodeAffinity:{required:!{nodeSelectorTerms:[@NodeTerm]}} volumeAttributesClassName
            local:{path fsType} hostPath:{path type} nfs:{server path readOnly:b}
            csi:{driver volumeHandle readOnly:b fsType volumeAttributes:<s> controllerPublishSecretRef:any nodeStageSecretRef:any
            nodePublishSecretRef:any controllerExpandSecretRef:any nodeExpandSecretRef:any} iscsi:any fc:any rbd:any cephfs:any
            azureDisk:any
            azureFile:any awsElasticBlockStore:any gcePersistentDisk:any vsphereVolume:any flexVolume:any cinder:any portworxVolume:any
            scaleIO:any storageos:any glusterfs:any quobyte:any flocker:any photonPersistentDisk:any}
            status:+{phase message reason lastPhaseTransitionTime:t}}
            """);
        PodShapes();
        WorkloadShapes();
        Define("StorageClass", """
            {kind apiVersion metadata:+@Meta provisioner parameters:<s> reclaimPolicy mountOptions:[s] allowVolumeExpansion:b
            volumeBindingMode allowedTopologies:[!{matchLabelExpressions:[{key values:[s]}]}]}
            """);
        Define("CSIStorageCapacity", """
            {kind apiVersion metadata:+@Meta nodeTopology:@Selector storageClassName capacity:q maximumVolumeSize:q}
            """);
        Define("Lease", """
            {kind apiVersion metadata:+@Meta spec:+{holderIdentity leaseDurationSeconds:i acquireTime:T renewTime:T
            leaseTransitions:i strategy
            preferredHolder}}
            """);
        Define("Event", """
            {kind apiVersion metadata:+@Meta involvedObject:!@Ref reason message source:+{component host} firstTimestamp:t lastTimestamp:t
            count:i type eventTime:T series:{count:i lastObservedTime:T} action related:!@Ref reportingComponent reportingInstance}
            """);
        Define("Namespace", """
            {kind apiVersion metadata:+@Meta spec:+{finalizers:[s]} status:+{phase conditions:[type]@Condition}}
            """);
        Define("Names", "{plural singular shortNames:[s] kind listKind categories:[s]}");
        Define("CustomResourceDefinition", """
            {kind apiVersion metadata:+@Meta spec:+{group names:+@Names scope versions:[any] conversion:{strategy webhook:any}
            preserveUnknownFields:b} status:+{conditions:[type]@Condition acceptedNames:+@Names storedVersions:[s] observedGeneration:i}}
            """);
        Define("Node", """
            {kind apiVersion metadata:+@Meta spec:+{podCIDR podCIDRs:[=s] providerID unschedulable:b taints:[{key value effect timeAdded:t}]
            configSource:any externalID} status:+{capacity:<q> allocatable:<q> phase conditions:[type]@Condition
            addresses:[any] daemonEndpoints:any nodeInfo:any images:[any] volumesInUse:[s]
            volumesAttached:[any] config:any runtimeHandlers:[any] features:any declaredFeatures:[s]}}
            """);
    }

    /// <summary>The shape of a built-in kind by its name; that of its metadata alone where no more is written down.</summary>
    public static Shape Of(string kind) => kind switch
    {
        "PersistentVolumeClaim" => Definitions["Claim"],
        "PersistentVolume" => Definitions["Volume"],
        "Pod" or "StorageClass" or "CSIStorageCapacity" or "Lease" or "Event" or "Namespace" or "Node" or "StatefulSet"
            or "Deployment" or "ReplicaSet" or "CustomResourceDefinition" => Definitions[kind],
        _ => MetadataOnly,
    };

    /// <summary>The shape of a kind of which only the metadata is known.</summary>
    public static Shape MetadataOnly => Definitions["Object"];

    /// <summary>The shape of a kind with these fields beside its metadata.</summary>
    public static Shape WithMetadata(Shape rest)
    {
        var fields = new SortedDictionary<string, Shape>(rest.Fields, StringComparer.Ordinal);
        foreach (var (name, field) in MetadataOnly.Fields)
        {
            fields[name] = field;
        }

        return new Shape(ShapeType.Struct) { Fields = fields, IsOpen = rest.Type == ShapeType.Any || rest.IsOpen };
    }

    private static void PodShapes()
    {
        Define("Env", """
            {name value valueFrom:{fieldRef:!{apiVersion fieldPath} resourceFieldRef:!{containerName resource divisor:q}
            configMapKeyRef:!{name key optional:b} secretKeyRef:!{name key optional:b} fileKeyRef:any}}
            """);
        Define("Container", """
            {name image command:[s] args:[s] workingDir ports:[containerPort,protocol=TCP;containerPort]{name hostPort:i containerPort:i
            protocol hostIP} envFrom:[any] env:[name]@Env resources:@Resources resizePolicy:[any] restartPolicy restartPolicyRules:[any]
            volumeMounts:[mountPath]{name readOnly:b recursiveReadOnly mountPath subPath mountPropagation subPathExpr}
            volumeDevices:[devicePath]{name devicePath} livenessProbe:any readinessProbe:any startupProbe:any lifecycle:any
            terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext:any stdin:b stdinOnce:b tty:b
            targetContainerName}
            """);
        Define("PodVolume", """
            {name hostPath:{path type} emptyDir:{medium sizeLimit:q} persistentVolumeClaim:{claimName readOnly:b}
            ephemeral:{volumeClaimTemplate:{metadata:@Meta spec:@ClaimSpec}} configMap:any secret:any downwardAPI:any projected:any csi:any
            nfs:any image:any iscsi:any fc:any rbd:any cephfs:any azureDisk:any azureFile:any awsElasticBlockStore:any gcePersistentDisk:any
            vsphereVolume:any flexVolume:any cinder:any portworxVolume:any scaleIO:any storageos:any glusterfs:any quobyte:any flocker:any
            photonPersistentDisk:any gitRepo:any}
            """);
        Define("PodSpec", """
            {volumes:[name]@PodVolume initContainers:[name]@Container containers:[name]@Container ephemeralContainers:[name]@Container
            restartPolicy terminationGracePeriodSeconds:i activeDeadlineSeconds:i dnsPolicy nodeSelector:!<s> serviceAccountName
            serviceAccount automountServiceAccountToken:b nodeName hostNetwork:b hostPID:b hostIPC:b shareProcessNamespace:b
            securityContext:any imagePullSecrets:[name]{name} hostname subdomain affinity:any schedulerName
            tolerations:[{key operator value effect tolerationSeconds:i}] hostAliases:[ip]{ip hostnames:[s]} priorityClassName priority:i
            dnsConfig:any readinessGates:[any] runtimeClassName enableServiceLinks:b preemptionPolicy overhead:<q>
            topologySpreadConstraints:[topologyKey,whenUnsatisfiable;topologyKey]{maxSkew:i topologyKey whenUnsatisfiable
            labelSelector:@Selector minDomains:i nodeAffinityPolicy nodeTaintsPolicy matchLabelKeys:[s]} setHostnameAsFQDN:b os:any
            hostUsers:b schedulingGates:[name]{name} resourceClaims:[name]{name resourceClaimName resourceClaimTemplateName}
            resources:@Resources hostnameOverride workloadRef:any}
            """);
        Define("Pod", """
            {kind apiVersion metadata:+@Meta spec:+@PodSpec status:+{observedGeneration:i phase conditions:[type]@Condition message reason
            nominatedNodeName hostIP hostIPs:[any] podIP podIPs:[ip]{ip} startTime:t initContainerStatuses:[any] containerStatuses:[any]
            qosClass ephemeralContainerStatuses:[any] resize resourceClaimStatuses:[any] extendedResourceClaimStatus:any
            allocatedResources:<q> resources:any}}
            """);
        Define("StatefulSet", """
            {kind apiVersion metadata:+@Meta spec:+{replicas:i selector:@Selector template:+{metadata:+@Meta spec:+@PodSpec}
            volumeClaimTemplates:[@Claim] serviceName podManagementPolicy updateStrategy:+{type rollingUpdate:{partition:i
            maxUnavailable:io}} revisionHistoryLimit:i minReadySeconds:i persistentVolumeClaimRetentionPolicy:{whenDeleted whenScaled}
            ordinals:{start:i}} status:+{observedGeneration:i replicas:i readyReplicas:i currentReplicas:i updatedReplicas:i
            currentRevision updateRevision collisionCount:i conditions:[type]@Condition availableReplicas:i}}
            """);
    }

    private static void WorkloadShapes()
    {
        Define("Deployment", """
            {kind apiVersion metadata:+@Meta spec:+{replicas:i selector:@Selector template:+{metadata:+@Meta spec:+@PodSpec}
            strategy:+{type rollingUpdate:{maxUnavailable:io maxSurge:io}} minReadySeconds:i revisionHistoryLimit:i paused:b
            progressDeadlineSeconds:i} status:+{observedGeneration:i replicas:i updatedReplicas:i readyReplicas:i availableReplicas:i
            unavailableReplicas:i terminatingReplicas:i conditions:[type]@Condition collisionCount:i}}
            """);
        Define("ReplicaSet", """
            {kind apiVersion metadata:+@Meta spec:+{replicas:i minReadySeconds:i selector:@Selector
            template:+{metadata:+@Meta spec:+@PodSpec}} status:+{replicas:i fullyLabeledReplicas:i readyReplicas:i availableReplicas:i
            terminatingReplicas:i observedGeneration:i conditions:[type]@Condition}}
            """);
    }

    private static void Define(string name, string text) => Definitions.Add(name, ShapeText.Read(text, Definitions));
}
