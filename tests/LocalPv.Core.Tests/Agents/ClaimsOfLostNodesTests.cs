using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Claims that wait for a node which is there as an object only: an administrator has declared it lost.</summary>
public sealed class ClaimsOfLostNodesTests
{
    private readonly ClusterWorld _world = new();

    public ClaimsOfLostNodesTests() => _world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Claim_OfANodeThatIsDeclaredLost_GoesBackToTheScheduler(bool hadItsVolume)
    {
        var claim = _world.AddClaim("data", "node-a");
        _world.AddStorage("fast", "node-a", hadItsVolume ? claim.Uid : "");
        DeclareLost("true");

        _world.Settle(TimeSpan.FromMinutes(3));

        Assert.Null(_world.Claim("data").SelectedNode);
        var failed = FailedOn.Read(_world.Claim("data").Annotation(WellKnown.FailedOnAnnotation));
        Assert.Equal("NodeLost", Assert.Single(failed.Entries).Reason);
    }

    [Fact]
    public void Claim_OfANodeThatIsTakenBackInTime_Stays()
    {
        _world.AddClaim("data", "node-a");
        DeclareLost("true");
        _world.Settle(TimeSpan.FromSeconds(30));
        DeclareLost(null);

        _world.Settle(TimeSpan.FromMinutes(10));

        Assert.Equal("node-a", _world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_WithAPersistentVolume_IsNeverGivenBack()
    {
        var claim = _world.AddClaim("data", "node-a");
        _world.AddVolume(claim, "node-a", "Delete");
        DeclareLost("true");

        _world.Settle(TimeSpan.FromMinutes(20));

        Assert.Equal("node-a", _world.Claim("data").SelectedNode);
    }

    private void DeclareLost(string? value) => _world.Patch(
        _world.Find(ResourceTypes.Nodes, "node-a")!,
        JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Empty.With(
            WellKnown.LostAnnotation, value is null ? JsonNull.Instance : new JsonText(value)))))));
}
