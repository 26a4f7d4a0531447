using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.Kubernetes;

/// <summary>What is kept of the objects of a cluster: what agents read, and little else.</summary>
public sealed class KeptFieldsTests
{
    [Fact]
    public void Claim_OfAnotherProvisioner_TakesFewBytesHoweverMuchItSays()
    {
        var claim = Read(ResourceTypes.PersistentVolumeClaims,
            """
            {"kind":"PersistentVolumeClaim","apiVersion":"v1",
             "metadata":{"name":"data","namespace":"db","uid":"u","resourceVersion":"7",
               "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"MUCH","operator.example.com/state":"MUCH",
                 "volume.kubernetes.io/selected-node":"n1","localpv.io/failed-on":"x"},
               "managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{"MUCH":{}}}}]},
             "spec":{"storageClassName":"other","resources":{"requests":{"storage":"1Gi"}}},"status":{"phase":"Bound"}}
            """);

        var kept = Assert.IsType<PersistentVolumeClaim>(KeptFields.Of(claim));

        Assert.InRange(kept.Tree.ToUtf8().Length, 1, 600);
        Assert.Equal(("n1", "x", "1Gi", "Bound", "7"),
            (kept.SelectedNode, kept.Annotation(WellKnown.FailedOnAnnotation), kept.RequestedStorage, kept.Phase, kept.ResourceVersion));
    }

    [Fact]
    public void Node_WithItsImagesAndConditions_KeepsWhoItIs()
    {
        var node = Read(ResourceTypes.Nodes,
            """
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"n1","uid":"u","resourceVersion":"7",
               "labels":{"kubernetes.io/hostname":"host-1"},"annotations":{"localpv.io/lost":"true"}},
             "spec":{"unschedulable":true,"podCIDR":"10.0.0.0/24"},
             "status":{"images":[{"names":["MUCH"]}],"conditions":[{"type":"Ready","message":"MUCH"}],
               "nodeInfo":{"systemUUID":"m1"}}}
            """);

        var kept = Assert.IsType<Node>(KeptFields.Of(node));

        Assert.InRange(kept.Tree.ToUtf8().Length, 1, 400);
        Assert.Equal(("host-1", true, "m1", "true"),
            (kept.HostName, kept.Unschedulable, kept.Machine, kept.Annotation(WellKnown.LostAnnotation)));
    }

    [Fact]
    public void Pod_WithItsContainers_KeepsItsNodeAndClaims()
    {
        var pod = Read(ResourceTypes.Pods,
            """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"d","uid":"u","resourceVersion":"7"},
             "spec":{"nodeName":"n1","containers":[{"name":"c","args":["MUCH"]}],
               "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}},{"name":"e","ephemeral":{}}]},
             "status":{"phase":"Pending","conditions":[{"message":"MUCH"}]}}
            """);

        var kept = Assert.IsType<Pod>(KeptFields.Of(pod));

        Assert.InRange(kept.Tree.ToUtf8().Length, 1, 400);
        Assert.Equal(("n1", "Pending", "data p-e"), (kept.NodeName, kept.Phase, string.Join(" ", kept.ClaimNames)));
    }

    [Fact]
    public void Object_OfOurs_IsKeptWholeButForWhoWroteIt()
    {
        var whole = Read(ResourceTypes.NodeLocalStorages,
            """{"kind":"NodeLocalStorage","metadata":{"name":"fast.n1","annotations":{"a":"b"}},"spec":{"x":1},"status":{"y":[2]}}""");

        Assert.Same(whole, KeptFields.Of(whole));
        var managed = KubernetesObject.Read(whole.Type, whole.Tree.WithAt(["metadata", "managedFields"], JsonList.Empty));
        Assert.Equal(whole.Tree, KeptFields.Of(managed).Tree);
    }

    private static string Much { get; } = new('x', 4000);

    private static KubernetesObject Read(ResourceType type, string text) =>
        KubernetesObject.Read(type, (JsonMap)JsonTree.Parse(text.Replace("MUCH", Much, StringComparison.Ordinal)));
}
