using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Api;

/// <summary>Validation of the built-in kinds that storage is about, in the words of a real server.</summary>
public sealed class ValidationTests : ApiServerTests
{
    [Theory]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1e3", "1e3")]
    [InlineData("0.5", "500m")]
    [InlineData("1000", "1k")]
    [InlineData("128974848", "128974848")]
    [InlineData("1025Ki", "1025Ki")]
    public void Quantity_AnyForm_IsStoredInItsCanonicalForm(string given, string stored)
    {
        var claim = Create(ResourceTypes.PersistentVolumeClaims, Claim("'" + given + "'"));
        Assert.Equal(stored, ((Core.Kubernetes.Json.JsonText)claim.Tree.At("spec", "resources", "requests", "storage")!).Value);
    }

    [Theory]
    [InlineData("'1XX'", "quantities must match the regular expression")]
    [InlineData("true", "json: cannot unmarshal bool into Go struct field")]
    public void Quantity_IsNone_Refused(string given, string complaint)
    {
        var outcome = Send(new ClusterRequest.Create(ResourceTypes.PersistentVolumeClaims, "default", Json(Claim(given))));
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains(complaint, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'0'", "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData("'-1'", "spec.resources[storage]: Invalid value: \"-1\": must be greater than zero")]
    [InlineData("null", "spec.resources[storage]: Required value")]
    public void Claim_SizeMakesNoSense_Rejected(string size, string complaint)
    {
        var outcome = Send(new ClusterRequest.Create(ResourceTypes.PersistentVolumeClaims, "default", Json(Claim(size))));
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Equal("PersistentVolumeClaim \"q\" is invalid: " + complaint, outcome.Message);
    }

    [Fact]
    public void StorageClass_FixedFields_CannotBeChanged()
    {
        var made = Create(ResourceTypes.StorageClasses, "{'metadata':{'name':'c'},'provisioner':'p','parameters':{'a':'1'}}");
        Assert.Equal(("Delete", "Immediate"), (made.Tree.Text("reclaimPolicy"), made.Tree.Text("volumeBindingMode")));
        Assert.Contains(
            "parameters: Forbidden: updates to parameters are forbidden.",
            Patch(made, "{'parameters':{'a':'2'}}").Message,
            StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Rejected, Patch(made, "{'volumeBindingMode':'WaitForFirstConsumer'}").Kind);
        Assert.True(Patch(made, "{'allowVolumeExpansion':true}").IsDone);
    }

    [Fact]
    public void LocalVolume_WithoutAffinity_Rejected()
    {
        var outcome = Send(new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", Json("""
            {'metadata':{'name':'v'},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'local':{'path':'/x'}}}
            """)));
        Assert.Equal(
            "PersistentVolume \"v\" is invalid: spec.nodeAffinity: Required value: Local volume requires node affinity",
            outcome.Message);
    }

    [Theory]
    [InlineData("Bad_Name", false)]
    [InlineData("a.b-c", true)]
    [InlineData("-a", false)]
    [InlineData("a..b", false)]
    public void Names_AreSubdomains(string name, bool isValid)
    {
        var outcome = Send(new ClusterRequest.Create(ResourceTypes.Nodes, "", Json("{'metadata':{'name':'" + name + "'}}")));
        Assert.Equal(isValid ? OutcomeKind.Done : OutcomeKind.Rejected, outcome.Kind);
    }

    [Theory]
    [InlineData("{'labels':{'a b':'x'}}")]
    [InlineData("{'labels':{'a':'x y'}}")]
    [InlineData("{'annotations':{'':'x'}}")]
    [InlineData("{'finalizers':['b b']}")]
    [InlineData("{'ownerReferences':[{'kind':'Pod','name':'p','uid':'u'}]}")]
    public void Metadata_IsMalformed_Rejected(string metadata)
    {
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        Assert.Equal(OutcomeKind.Rejected, Patch(node, "{'metadata':" + metadata + "}").Kind);
    }

    [Fact]
    public void PodSpec_IsChanged_OnlyImagesMayBe()
    {
        var pod = Create(ResourceTypes.Pods, "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i'}]}}");
        Assert.Equal(OutcomeKind.Rejected, Patch(pod, "{'spec':{'nodeName':'n'}}").Kind);
        Assert.Equal("Always", pod.Tree.Map("spec")!.Text("restartPolicy"));
        var image = pod.Tree.Map("spec")!.List("containers")![0] as Core.Kubernetes.Json.JsonMap;
        Assert.True(Replace(pod, pod.Tree.WithAt(
            ["spec", "containers"], Core.Kubernetes.Json.JsonList.Of(image!.With("image", "j")))).IsDone);
    }

    private static string Claim(string size) =>
        "{'metadata':{'name':'q'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':" + size + "}}}}";
}
