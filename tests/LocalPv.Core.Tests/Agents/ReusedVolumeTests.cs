using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>A retained PersistentVolume that a person gives to another claim is looked after as before.</summary>
public sealed class ReusedVolumeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Volume_OfAnotherClaim_IsActivatedAfterAReboot()
    {
        var world = Reused("Retain");
        world.Lvm.Deactivate();
        world.Crash();
        world.Settle(Moment);
        Assert.True(Assert.Single(world.Lvm.Volumes).Volume.Active);
    }

    [Fact]
    public void Volume_OfAnotherClaim_Retained_GoesWithoutItsLogicalVolume()
    {
        var world = Reused("Retain");
        world.Delete(world.Claim("next")!);
        world.Settle(Moment);
        world.Delete(world.Volumes.Single());
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Empty(world.Volumes);
        Assert.Contains(Assert.Single(world.Lvm.Volumes).Volume.Tags, tag => tag.Value == WellKnown.RetainTag);
    }

    [Fact]
    public void Volume_OfAnotherClaim_ToBeDeleted_GoesWithItsClaim()
    {
        var world = Reused("Delete");
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Single(world.Lvm.Volumes);
        world.Delete(world.Claim("next")!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Empty(world.Volumes);
        Assert.Empty(world.Lvm.Volumes);
    }

    // As people do it: the claim goes, the volume stays Released, and is given to a claim that asks for it by name.
    private static TestWorld Reused(string policy)
    {
        var world = new TestWorld();
        world.AddClass("Retain");
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        world.Delete(world.Claim("data")!);
        world.Settle(Moment);
        var next = world.AddClaim("next", "1Gi", "node-z");
        world.Patch(world.Volumes.Single(), JsonMap.Of(("spec", JsonMap.Of(
            ("persistentVolumeReclaimPolicy", policy),
            ("claimRef", JsonMap.Of(("namespace", "default"), ("name", "next"), ("uid", next.Uid)))))));
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("next")!.Phase);
        return world;
    }
}
