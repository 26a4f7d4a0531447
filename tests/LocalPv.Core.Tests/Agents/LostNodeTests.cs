using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>A node that an administrator declares lost though its agent runs: its disks are gone, the machine is not.</summary>
public sealed class LostNodeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Storage_OfANodeThatIsDeclaredLost_IsNotMadeAnewUntilTheNodeIsTakenBack()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        DeclareLost(world, "true");
        world.Delete(world.Storage!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Null(world.Storage);
        Assert.Single(world.History, effect => effect is Effect.CallCluster { Request: ClusterRequest.Create { Type: var type } }
            && type == ResourceTypes.NodeLocalStorages);

        DeclareLost(world, null);
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal("Ready", world.Storage!.Phase);
    }

    [Fact]
    public void Claim_OfANodeThatIsDeclaredLost_IsGivenBackByItsAgentWithoutAVolume()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        DeclareLost(world, "true");
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");

        world.Settle(TimeSpan.FromMinutes(1));

        Assert.Null(world.Claim("data")!.SelectedNode);
        var failed = FailedOn.Read(world.Claim("data")!.Annotation(WellKnown.FailedOnAnnotation));
        Assert.Equal("NodeLost", Assert.Single(failed.Entries).Reason);
        Assert.Empty(world.Lvm.Volumes);
    }

    private static void DeclareLost(TestWorld world, string? value) => world.Patch(
        world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(world.Node.Value))!,
        JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Empty.With(
            WellKnown.LostAnnotation, value is null ? JsonNull.Instance : new JsonText(value)))))));
}
