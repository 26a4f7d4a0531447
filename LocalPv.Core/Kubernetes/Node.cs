using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Kubernetes;

/// <summary>A node, as far as LocalPv reads it.</summary>
public sealed class Node(JsonMap tree) : KubernetesObject(ResourceTypes.Nodes, tree)
{
    /// <summary>The value of the label that <c>local</c> volumes refer to; by default the node's name.</summary>
    public string HostName => Label(WellKnown.HostNameLabel) ?? Name;

    /// <summary>
    /// The identity of the hardware or virtual machine, as its firmware says and the kubelet reports; empty while it is not known. Another
    /// machine that joins under the same name has another.
    /// </summary>
    public string Machine => (Tree.At("status", "nodeInfo", "systemUUID") as JsonText)?.Value ?? "";

    /// <summary>Whether new Pods are kept away.</summary>
    public bool Unschedulable => (Tree.At("spec", "unschedulable") as JsonBoolean)?.Value ?? false;
}
