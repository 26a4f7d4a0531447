using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C01 to C12: versions, creates and updates.</summary>
public sealed class ConformanceWrites : ApiServerTests
{
    [Fact]
    public void C01_Versions_AnyKindIsWritten_IncreaseStrictly()
    {
        var before = Server.Revision;
        var claim = CreateClaim("a");
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        var patched = Patch(claim, "{'metadata':{'labels':{'x':'y'}}}").Value.Object!;
        Assert.True(before < Version(claim));
        Assert.True(Version(claim) < Version(node));
        Assert.True(Version(node) < Version(patched));
    }

    [Fact]
    public void C02_NoOpWrites_NothingChanges_NoVersionAndNoEvent()
    {
        var claim = CreateClaim("a", ",'annotations':{'k':'v'}");
        var watch = Watch(claim.Type, claim.ResourceVersion);
        Assert.Equal(claim.ResourceVersion, Patch(claim, "{'metadata':{'annotations':{'k':'v','none':null}}}").Value.ResourceVersion);
        Assert.Equal(claim.ResourceVersion, Replace(claim, claim.Tree).Value.ResourceVersion);
        Assert.Equal("", Told(watch));
        Assert.Equal(Version(claim), Server.Revision);
    }

    [Fact]
    public void C07_Create_NameIsTaken_AlreadyExists()
    {
        CreateClaim("a");
        var again = Send(new ClusterRequest.Create(ResourceTypes.PersistentVolumeClaims, "default", CreateClaim("b").Tree
            .Without("metadata").With("metadata", Json("{'name':'a'}"))));
        Assert.Equal(OutcomeKind.AlreadyExists, again.Kind);
        Assert.Equal("persistentvolumeclaims \"a\" already exists", again.Message);
    }

    [Fact]
    public void C17_Delete_NoFinalizers_GoneWithAHigherVersion()
    {
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        var watch = Watch(node.Type, node.ResourceVersion);
        Assert.True(Delete(node).IsDone);
        var told = Assert.IsType<WatchSignal.Deleted>(Assert.Single(Read(watch)));
        Assert.True(Version(told.Object) > Version(node));
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Get(node.Type, node.Key)).Kind);
    }
}
