using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Ephemeral;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Which changes of Pods and claims the controllers are told of where a driver leaves out what says nothing to them.</summary>
public sealed class PodNewsTests
{
    private static readonly JsonMap Waiting = Tree(
        "{'metadata':{'name':'p','labels':{'app':'a'}},'spec':{'containers':[]},'status':{'phase':'Pending'}}");

    [Theory]
    [InlineData("status/conditions", "[{'type':'PodScheduled','status':'False','message':'0/3 nodes are available'}]")]
    [InlineData("status/nominatedNodeName", "'node-1'")]
    [InlineData("status/startTime", "'2026-11-22T10:00:00Z'")]
    [InlineData("metadata/annotations", "{'seen':'yes'}")]
    [InlineData("metadata/resourceVersion", "'7'")]
    public void Pod_WrittenAboutOnly_IsNoNews(string path, string value) => Assert.False(IsNews(path, value));

    [Theory]
    [InlineData("status/conditions", "[{'type':'Ready','status':'True'}]")]
    [InlineData("status/phase", "'Running'")]
    [InlineData("spec/nodeName", "'node-1'")]
    [InlineData("metadata/labels", "{'app':'b'}")]
    [InlineData("metadata/deletionTimestamp", "'2026-11-22T10:00:00Z'")]
    [InlineData("metadata/ownerReferences", "[{'apiVersion':'v1','kind':'ConfigMap','name':'o','uid':'u'}]")]
    public void Pod_ThatControllersActUpon_IsNews(string path, string value) => Assert.True(IsNews(path, value));

    [Theory]
    [InlineData(ChangeType.Added)]
    [InlineData(ChangeType.Deleted)]
    public void Pod_MadeOrGone_IsNews(ChangeType type) =>
        Assert.True(PodConditions.IsNewsToControllers(new Change(2, ClusterWorld.Start, type, new Pod(Waiting), null)));

    [Fact]
    public void Claim_Bound_IsNewsToAllButTheMakerOfEphemeralOnes()
    {
        var before = Tree("{'metadata':{'name':'c'},'spec':{}}");
        var bound = Modified(new PersistentVolumeClaim(before.WithAt(["spec", "volumeName"], "v")), new PersistentVolumeClaim(before));
        Assert.True(PodConditions.IsNewsToControllers(bound));
        Assert.False(EphemeralVolumeController.LearnsFrom(bound));
    }

    private static bool IsNews(string path, string value) => PodConditions.IsNewsToControllers(
        Modified(new Pod(Waiting.WithAt(path.Split('/'), JsonTree.Parse(value.Replace('\'', '"')))), new Pod(Waiting)));

    private static Change Modified(KubernetesObject now, KubernetesObject before) =>
        new(2, ClusterWorld.Start, ChangeType.Modified, now, before);

    private static JsonMap Tree(string text) => (JsonMap)JsonTree.Parse(text.Replace('\'', '"'));
}
