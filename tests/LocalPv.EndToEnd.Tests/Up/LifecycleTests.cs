using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Up;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>What becomes of volumes after they were made.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Claim_ThatIsDeleted_TakesItsVolumeAndItsLogicalVolumeWithItAndGivesTheSpaceBack()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { Nodes = 1 });
        await world.ApplyAsync(UpWorld.FastClass);
        await world.ApplyAsync(UpWorld.PodWithClaim("first", "30Gi"));
        await world.UntilRunsAsync("first");
        await world.ApplyAsync(UpWorld.PodWithClaim("second", "30Gi"));
        await world.UntilAsync("the second finds no room", here =>
            here.WhyWaiting("second").Contains("not enough space", StringComparison.Ordinal));
        Assert.Single(world.LogicalVolumes());

        // The claim goes only after its Pod: it is in use until then.
        await world.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "first");
        Assert.NotNull(world.Claim("first"));
        await world.DeleteAsync(ResourceTypes.Pods, "first");

        await world.UntilAsync("the first volume is gone", here => here.Claim("first") is null);
        await world.UntilRunsAsync("second");
        var left = Assert.Single(world.All<PersistentVolume>(ResourceTypes.PersistentVolumes));
        Assert.Equal("second", left.ClaimKey!.Value.Name);
        Assert.Equal([left.Name], world.LogicalVolumes());
    }

    [Fact]
    public async Task Agent_OfANodeWhoseSpaceIsAllTaken_SaysSoAndOthersServe()
    {
        await using var world = await UpWorld.StartReadyAsync();
        var taken = world.Session.Cluster.Nodes[0].FillBehindTheAgent(Core.Identity.VolumeGroupName.Parse("fast"));
        Assert.NotNull(taken);

        foreach (var name in (string[])["a", "b", "c"])
        {
            await world.ApplyAsync(UpWorld.PodWithClaim(name, "1Gi"));
        }

        await world.UntilRunsAsync("a", "b", "c");
        Assert.All((string[])["a", "b", "c"], name => Assert.Equal("node-2", world.Pod(name)!.NodeName));
    }
}
