using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Objects of ours that have lost the label by which their node's agent sees them.</summary>
public sealed class NodeLabelTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);
    private readonly ClusterWorld _world = new();

    [Theory]
    [InlineData(null)]
    [InlineData("node-b")]
    public void Storage_WithoutItsNodesLabel_GetsItBack(string? label)
    {
        _world.AddStorage("fast", "node-a", "");
        SetLabel(_world.Find(ResourceTypes.NodeLocalStorages, "fast.node-a")!, label);

        _world.Settle(Moment);

        Assert.Equal("node-a", _world.Find(ResourceTypes.NodeLocalStorages, "fast.node-a")!.Label(WellKnown.NodeLabel));
        Assert.Equal(
            "NodeLabelRestored", Assert.Single(_world.Server.Snapshot(ResourceTypes.Events)).Tree.Text("reason"));
    }

    [Fact]
    public void Volume_WithoutItsNodesLabel_GetsItBack()
    {
        var volume = _world.AddVolume(_world.AddClaim("data", "node-a"), "node-a", "Delete");
        SetLabel(volume, null);

        _world.Settle(Moment);

        Assert.Equal("node-a", _world.Find(ResourceTypes.PersistentVolumes, volume.Name)!.Label(WellKnown.NodeLabel));
    }

    /// <summary>Its agent would not see it, and tell of an orphan and take that back each minute.</summary>
    [Fact]
    public void Volume_WithoutLabelAndFinalizer_GetsItsLabelBack()
    {
        var volume = _world.AddVolume(_world.AddClaim("data", "node-a"), "node-a", "Delete");
        _world.Patch(volume, JsonMap.Empty.WithAt(["metadata", "finalizers"], JsonNull.Instance));
        SetLabel(_world.Find(ResourceTypes.PersistentVolumes, volume.Name)!, null);

        _world.Settle(Moment);

        Assert.Equal("node-a", _world.Find(ResourceTypes.PersistentVolumes, volume.Name)!.Label(WellKnown.NodeLabel));
    }

    [Fact]
    public void Volume_OfANodeThatHadAnotherName_IsLeftToAPerson()
    {
        var volume = _world.AddVolume(_world.AddClaim("data", "node-a"), "node-a", "Delete");
        SetLabel(volume, "node-a-before");

        _world.Settle(Moment);

        Assert.Equal("node-a-before", _world.Find(ResourceTypes.PersistentVolumes, volume.Name)!.Label(WellKnown.NodeLabel));
    }

    [Fact]
    public void Storage_MadeByHandUnderAnotherName_IsLeftAsItIs()
    {
        _world.Seed(ResourceTypes.NodeLocalStorages, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "mine"))),
            ("spec", JsonMap.Of(("storageClassName", "fast"), ("nodeName", "node-a")))));

        _world.Settle(Moment);

        Assert.Null(_world.Find(ResourceTypes.NodeLocalStorages, "mine")!.Label(WellKnown.NodeLabel));
    }

    [Theory]
    [InlineData(null, true, false)]
    [InlineData("node-b", true, false)]
    [InlineData("node-a", true, true)]
    [InlineData(null, false, true)]
    public void Capacity_WithoutItsNodesLabel_IsRemovedSoThatItsAgentMakesItAnew(string? label, bool isOurs, bool stays)
    {
        _world.AddStorage("fast", "node-a", "");
        var storage = _world.Find(ResourceTypes.NodeLocalStorages, "fast.node-a")!;
        var key = new ObjectKey("localpv-system", "fast.node-a");
        _world.Seed(ResourceTypes.CsiStorageCapacities, JsonMap.Of(
            ("metadata", JsonMap.Of(
                ("name", key.Name),
                ("namespace", key.Namespace),
                ("labels", label is null ? null : JsonMap.Of((WellKnown.NodeLabel, label))),
                ("ownerReferences", !isOurs ? null : JsonList.Of(JsonMap.Of(
                    ("apiVersion", storage.Type.ApiVersion),
                    ("kind", storage.Type.Kind),
                    ("name", storage.Name),
                    ("uid", storage.Uid)))))),
            ("storageClassName", "fast"),
            ("capacity", "1Gi")));

        _world.Settle(Moment);

        Assert.Equal(stays, _world.Server.Find(ResourceTypes.CsiStorageCapacities, key) is not null);
    }

    private void SetLabel(KubernetesObject target, string? label) => _world.Patch(target, JsonMap.Of(("metadata", JsonMap.Of(
        ("labels", JsonMap.Empty.With(WellKnown.NodeLabel, label is null ? JsonNull.Instance : new JsonText(label)))))));
}
