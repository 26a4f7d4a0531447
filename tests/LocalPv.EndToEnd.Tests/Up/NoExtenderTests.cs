using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Up;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>A cluster whose scheduler cannot be configured: CSIStorageCapacity objects alone keep Pods to nodes with room.</summary>
public sealed class NoExtenderTests
{
    [Fact]
    public async Task Pods_WithoutAnExtender_GoOnlyToNodesWithRoomAndWaitForIt()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { NoExtender = true, Nodes = 2, DisksPerNode = 1 });
        Assert.Null(world.Session.LocalPv.ExtenderAddress);
        await world.ApplyAsync(UpWorld.FastClass);
        await world.UntilAsync("both nodes say how much they have", here =>
            here.All<KubernetesObject>(ResourceTypes.CsiStorageCapacities).Count == 2);

        // Each is as large as nearly a whole node: a second one on the same node would have to be given back by its agent.
        await world.ApplyAsync(UpWorld.PodWithClaim("first", "15Gi"));
        await world.UntilRunsAsync("first");
        await world.ApplyAsync(UpWorld.PodWithClaim("second", "15Gi"));
        await world.UntilRunsAsync("second");
        Assert.NotEqual(world.Pod("first")!.NodeName, world.Pod("second")!.NodeName);

        await world.ApplyAsync(UpWorld.PodWithClaim("third", "15Gi"));
        await world.UntilAsync("the third is told why it waits", here =>
            here.WhyWaiting("third").Contains("did not have enough free storage", StringComparison.Ordinal));
        Assert.Null(world.Claim("third")!.SelectedNode);

        var freed = world.Pod("first")!.NodeName;
        await world.DeleteAsync(ResourceTypes.Pods, "first");
        await world.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "first");
        await world.UntilRunsAsync("third");
        Assert.Equal(freed, world.Pod("third")!.NodeName);
        Assert.All(
            world.All<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims),
            claim => Assert.Null(claim.Annotation(WellKnown.FailedOnAnnotation)));
    }
}
