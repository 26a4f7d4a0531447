using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Up;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>What becomes of volumes after they were made.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Agent_OfANodeWhoseSpaceIsAllTaken_SaysSoAndOthersServe()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { Nodes = 2 });
        await world.ApplyAsync(UpWorld.FastClass);
        await world.UntilAsync("both nodes report", here =>
            here.Storage("fast", "node-1")?.Phase == "Ready" && here.Storage("fast", "node-2")?.Phase == "Ready");
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
