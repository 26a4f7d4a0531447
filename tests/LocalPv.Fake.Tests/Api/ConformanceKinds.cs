using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C46 to C52: rules of single kinds, and requests whose answer is lost.</summary>
public sealed class ConformanceKinds : ApiServerTests
{
    private const string VolumeSpec =
        "'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'local':{'path':'/x'},'nodeAffinity':{'required':"
        + "{'nodeSelectorTerms':[{'matchExpressions':[{'key':'kubernetes.io/hostname','operator':'In','values':['n1']}]}]}}}";

    [Fact]
    public void C46_Binding_UidIsCheckedAndTheSecondIsAConflict()
    {
        var pod = Create(ResourceTypes.Pods, "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i'}]}}");
        Assert.Equal(OutcomeKind.Conflict, Bind(pod, "n1", "00000000-0000-0000-0000-000000000000").Kind);
        Assert.True(Bind(pod, "n1", pod.Uid).IsDone);
        var bound = Get(pod);
        Assert.Equal("n1", bound.Tree.Map("spec")!.Text("nodeName"));
        Assert.Equal("True", bound.Tree.Map("status")!.List("conditions")!.Maps().Single().Text("status"));
        var again = Bind(pod, "n2", pod.Uid);
        Assert.Equal(OutcomeKind.Conflict, again.Kind);
        Assert.Contains("pod p is already assigned to node \"n1\"", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C46_Binding_PodIsBeingDeleted_Conflict()
    {
        var pod = Create(
            ResourceTypes.Pods,
            "{'metadata':{'name':'p','finalizers':['x.io/hold']},'spec':{'containers':[{'name':'c','image':'i'}]}}");
        Delete(pod);
        Assert.Equal(OutcomeKind.Conflict, Bind(pod, "n1", pod.Uid).Kind);
    }

    [Fact]
    public void C47_ClaimSpec_OnlyVolumeNameOnceAndGrowthWhenBound()
    {
        var claim = CreateClaim("a");
        Assert.Equal(OutcomeKind.Rejected, Patch(claim, "{'spec':{'storageClassName':'other'}}").Kind);
        Assert.Equal(OutcomeKind.Rejected, Patch(claim, "{'spec':{'resources':{'requests':{'storage':'2Gi'}}}}").Kind);
        Assert.True(Patch(claim, "{'spec':{'volumeName':'v'}}").IsDone);
        Assert.Equal(OutcomeKind.Rejected, Patch(claim, "{'spec':{'volumeName':'w'}}").Kind);
        Patch(claim, "{'status':{'phase':'Bound','capacity':{'storage':'1Gi'}}}", "status");
        Assert.True(Patch(claim, "{'spec':{'resources':{'requests':{'storage':'2Gi'}}}}").IsDone);
        var shrunk = Patch(claim, "{'spec':{'resources':{'requests':{'storage':'512Mi'}}}}");
        Assert.Equal(OutcomeKind.Rejected, shrunk.Kind);
        Assert.Contains("field can not be less than status.capacity", shrunk.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C47_ClaimSpecIsChanged_TheMessageShowsTheDifference()
    {
        var claim = CreateClaim("a");
        Assert.Equal(
            "PersistentVolumeClaim \"a\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and "
            + "volumeAttributesClassName for bound claims\n@@ -10,7 +10,7 @@\n   }\n  },\n  \"VolumeName\": \"\",\n"
            + "- \"StorageClassName\": \"fast\",\n+ \"StorageClassName\": \"other\",\n  \"VolumeMode\": \"Filesystem\",\n"
            + "  \"DataSource\": null,\n  \"DataSourceRef\": null,\n",
            Patch(claim, "{'spec':{'storageClassName':'other'}}").Message);
    }

    [Fact]
    public void C47_VolumeClaimRef_MayBeChanged()
    {
        var volume = Create(ResourceTypes.PersistentVolumes, "{'metadata':{'name':'v'}," + VolumeSpec + "}");
        Assert.True(Patch(volume, "{'spec':{'claimRef':{'name':'a','namespace':'default','uid':'u1'}}}").IsDone);
        Assert.True(Patch(volume, "{'spec':{'claimRef':null}}").IsDone);
        Assert.Equal(OutcomeKind.Rejected, Patch(volume, "{'spec':{'local':{'path':'/y'}}}").Kind);
    }

    [Fact]
    public void C48_VolumeAffinity_IsSet_IsImmutable()
    {
        var volume = Create(ResourceTypes.PersistentVolumes, "{'metadata':{'name':'v'}," + VolumeSpec + "}");
        var changed = Patch(volume, "{'spec':{'nodeAffinity':{'required':{'nodeSelectorTerms':[{'matchExpressions':[]}]}}}}");
        Assert.Equal(OutcomeKind.Rejected, changed.Kind);
        Assert.Contains("spec.nodeAffinity: Invalid value", changed.Message, StringComparison.Ordinal);
        var free = Create(ResourceTypes.PersistentVolumes, """
            {'metadata':{'name':'h'},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'}}}
            """);
        Assert.True(Patch(free, "{'spec':{'nodeAffinity':{'required':{'nodeSelectorTerms':[{'matchExpressions':[]}]}}}}").IsDone);
    }

    [Fact]
    public void C49_LeaseReplace_WithoutAVersion_Rejected()
    {
        var lease = Create(ResourceTypes.Leases, "{'metadata':{'name':'l'},'spec':{'holderIdentity':'a'}}");
        var body = lease.Tree.WithAt(["spec", "holderIdentity"], "b");
        Assert.Equal(OutcomeKind.Rejected, Replace(lease, body.With("metadata", lease.Metadata.Without("resourceVersion"))).Kind);
        Assert.True(Replace(lease, body).IsDone);
        Assert.Equal(OutcomeKind.Conflict, Replace(lease, body).Kind);
    }

    [Theory]
    [InlineData("2026-11-22T10:00:05.123456Z", null)]
    [InlineData("2026-11-22T10:00:06Z", "cannot parse \"Z\" as \".000000\"")]
    [InlineData("2026-11-22T10:00:06.1234567Z", "cannot parse \"7Z\" as \"Z07:00\"")]
    [InlineData("2026-11-22 10:00", "cannot parse \" 10:00\" as \"T\"")]
    public void C49_LeaseTimes_ExactlySixDigits(string time, string? complaint)
    {
        var outcome = Send(new ClusterRequest.Create(
            ResourceTypes.Leases, "default", Json("{'metadata':{'name':'l'},'spec':{'renewTime':'" + time + "'}}")));
        Assert.Equal(complaint is null ? OutcomeKind.Done : OutcomeKind.Refused, outcome.Kind);
        Assert.EndsWith(complaint ?? "", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C50_Keys_NamespacedKindsNeedAnExistingNamespace()
    {
        var body = Json("{'metadata':{'name':'x'}}");
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Create(ResourceTypes.Leases, "nowhere", body)).Kind);
        Assert.Equal(OutcomeKind.Refused, Send(new ClusterRequest.Create(ResourceTypes.Leases, "", body)).Kind);
        var elsewhere = Json("{'metadata':{'name':'x','namespace':'kube-system'}}");
        Assert.Equal(OutcomeKind.Refused, Send(new ClusterRequest.Create(ResourceTypes.Leases, "default", elsewhere)).Kind);
        Assert.Equal("", Create(ResourceTypes.Nodes, "{'metadata':{'name':'x'}}").Namespace);
        Create(ResourceTypes.Leases, "{'metadata':{'name':'x'}}");
        Create(ResourceTypes.Leases, "{'metadata':{'name':'x'}}", "kube-system");
        Assert.Equal(2, List(ResourceTypes.Leases).Items.Length);
    }

    [Fact]
    public void C51_Events_ObjectsThatDoNotExist_AreWrittenAllTheSame()
    {
        var seen = Create(ResourceTypes.Events, """
            {'metadata':{'generateName':'gone.'},'involvedObject':{'kind':'Pod','name':'gone','namespace':'default'},
            'reason':'R','message':'m','type':'Normal'}
            """);
        Assert.StartsWith("gone.", seen.Name, StringComparison.Ordinal);
        var newer = new ResourceType("events.k8s.io", "v1", "events", "Event", true);
        var same = Send(new ClusterRequest.Get(newer, seen.Key)).Value.Object!;
        Assert.Equal(("m", "gone"), (same.Tree.Text("note"), same.Tree.Map("regarding")!.Text("name")));
        Assert.Null(same.Tree["message"]);
    }

    [Fact]
    public async Task C52_AnswerIsLost_TheWriteMayOrMayNotHaveHappened()
    {
        foreach (var fate in new[] { RequestFate.Lost, RequestFate.AnswerLost })
        {
            var name = fate.ToString().ToLowerInvariant();
            var api = new FakeClusterApi(Server, () => Now) { Fate = _ => fate };
            var create = new ClusterRequest.Create(ResourceTypes.Nodes, "", JsonMap.Of(("metadata", JsonMap.Of(("name", name)))));
            Assert.Equal(OutcomeKind.InDoubt, (await api.SendAsync(create, default)).Kind);
            Assert.Equal(fate == RequestFate.AnswerLost, Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(name)) is not null);
            var read = await api.SendAsync(new ClusterRequest.Get(ResourceTypes.Nodes, ObjectKey.ClusterScoped(name)), default);
            Assert.Equal(OutcomeKind.Unavailable, read.Kind);
        }
    }

    private Outcome<ClusterAnswer> Bind(KubernetesObject pod, string node, string uid) => Send(new ClusterRequest.CreateSubresource(
        pod.Type,
        pod.Key,
        "binding",
        Json("{'metadata':{'name':'p','uid':'" + uid + "'},'target':{'kind':'Node','name':'" + node + "'}}")));
}
