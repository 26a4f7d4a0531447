using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Claims that wait for a node on which their class has no disks.</summary>
public sealed class ClaimsOfUnservedNodesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    private readonly ClusterWorld _world = new();

    public ClaimsOfUnservedNodesTests()
    {
        _world.AddClass("""{"nodeSelector":{"disk":"nvme"},"disks":{"match":["/dev/sd*"]}}""");
        _world.AddClaim("data", "node-a");
    }

    [Fact]
    public void Claim_OfANodeThatTheClassDoesNotMean_GoesBackToTheScheduler()
    {
        _world.Settle(Long);

        Assert.Null(_world.Claim("data").SelectedNode);
        var failed = FailedOn.Read(_world.Claim("data").Annotation(WellKnown.FailedOnAnnotation));
        Assert.Equal("NodeNotInClass", Assert.Single(failed.Entries).Reason);
    }

    [Fact]
    public void Claim_OfANodeThatHasItsLabelAgain_StaysThoughTheWatchIsBehind()
    {
        _world.Settle(TimeSpan.FromSeconds(30));
        _world.Deafen();
        _world.Patch(
            _world.Find(ResourceTypes.Nodes, "node-a")!,
            JsonMap.Of(("metadata", JsonMap.Of(("labels", JsonMap.Of(("disk", "nvme")))))));

        _world.Settle(Long);

        Assert.Equal("node-a", _world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_OfANodeThatReportsAgain_StaysThoughTheWatchIsBehind()
    {
        _world.Settle(TimeSpan.FromSeconds(30));
        _world.Deafen();
        _world.AddStorage("fast", "node-a", "");

        _world.Settle(Long);

        Assert.Equal("node-a", _world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_OfANodeThatIsGone_StaysWhereTheNodeHasReportedItsVolumeThoughTheWatchIsBehind()
    {
        _world.Delete(_world.Find(ResourceTypes.Nodes, "node-a")!);
        _world.Settle(TimeSpan.FromSeconds(30));
        _world.Deafen();
        _world.AddStorage("fast", "node-a", _world.Claim("data").Uid);

        _world.Settle(Long);

        Assert.Equal("node-a", _world.Claim("data").SelectedNode);
    }
}
