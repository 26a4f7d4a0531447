using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>What holds a NodeLocalStorage that is being deleted.</summary>
public sealed class KeptStorageTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);
    private readonly TestWorld _world = new();

    /// <summary>Without the group nobody could ever say what became of the creation, and the claim would stay here.</summary>
    [Fact]
    public void Storage_OfAClassThatHasLeftTheNode_StaysUntilACreationInDoubtIsCleared()
    {
        _world.AddClass();
        _world.Settle(Moment);
        _world.FateOf = (_, effect) =>
            effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume } ? Fate.IsNotDone : Fate.Runs;
        _world.AddClaim("data", "1Gi");
        _world.Settle(TimeSpan.FromSeconds(5));
        _world.Delete(Class());
        _world.Delete(_world.Storage!);
        _world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            TestWorld.ClassName, """{"nodes":[{"name":"node-b","disks":["/dev/sdb"]}]}"""));
        _world.Settle(10 * Moment);
        Assert.NotNull(_world.Storage);

        _world.FateOf = (_, _) => Fate.Runs;
        _world.Settle(10 * Moment);
        Assert.Equal("Bound", _world.Claim("data")!.Phase);

        _world.Delete(_world.Claim("data")!);
        _world.Settle(10 * Moment);
        Assert.Null(_world.Storage);
        Assert.Equal("unmake localpv-fast", _world.Lvm.Log.Last());
    }

    private KubernetesObject Class() =>
        _world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!;
}
