using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Somebody changes his mind, before each single step of the agent's way from a claim to its volume and back.</summary>
public sealed class NodeAgentInterruptionTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(6);

    [Fact]
    public void Claim_DeletedBeforeAnyStep_LeavesNothing() => BeforeEachStep(Bind, world =>
    {
        world.Delete(world.Claim("a")!);
        return (after, where) =>
        {
            Assert.True(after.Claim("a") is null, where);
            Assert.True(!after.Volumes.Any(), where);
            Assert.True(!after.Lvm.Volumes.Any(), where);
        };
    });

    [Fact]
    public void Claim_ReplacedByAnotherOfItsNameBeforeAnyStep_GetsAVolumeOfItsOwn() => BeforeEachStep(Bind, world =>
    {
        var old = world.Claim("a")!;
        world.Patch(old, JsonMap.Empty.WithAt(["metadata", "finalizers"], JsonNull.Instance));
        world.Delete(world.Claim("a")!);
        var next = world.AddClaim("a", "2Gi");
        return (after, where) =>
        {
            Assert.True(after.Claim("a")!.Phase == "Bound", where);
            Assert.True(after.Lvm.Volumes.Single().Volume.Claim!.Value.Value == next.Uid, where);
        };
    });

    [Fact]
    public void Volume_FlippedToRetainBeforeAnyStepOfItsEnd_IsKept() => BeforeEachStep(
        world =>
        {
            Bind(world);
            world.Delete(world.Claim("a")!);
            world.Settle(Long);
        },
        world =>
        {
            var volume = world.Volumes.SingleOrDefault();
            if (volume is null)
            {
                return (_, _) => { };
            }

            var isDecided = volume.IsBeingDeleted;
            world.Patch(volume, JsonMap.Empty.WithAt(["spec", "persistentVolumeReclaimPolicy"], "Retain"));
            return (after, where) => Assert.True(isDecided || after.Lvm.Volumes.Count() == 1, where);
        });

    [Fact]
    public void Class_MadeAgainBeforeAnyStep_ServesItsClaimInTheEnd() => BeforeEachStep(Bind, world =>
    {
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        if (world.Storage is { IsBeingDeleted: false } storage)
        {
            world.Delete(storage);
        }

        world.AddClass();
        return (after, where) =>
        {
            // What is given back to the scheduler on the way is given here again.
            if (after.Claim("a") is { SelectedNode: null } back)
            {
                after.Patch(back, JsonMap.Empty.WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], after.Node.Value));
                after.Settle(Long);
            }

            Assert.True(after.Claim("a")!.Phase == "Bound", where + after.Summary());
            Assert.True(after.Lvm.Volumes.Count() == 1, where);
            Assert.True(after.Storage is { IsBeingDeleted: false }, where);
        };
    });

    private static void BeforeEachStep(Action<TestWorld> plan, Func<TestWorld, Action<TestWorld, string>> interrupt)
    {
        var reference = new TestWorld();
        plan(reference);
        var tried = 0;
        for (var at = 0; at < reference.Effects; at++)
        {
            Action<TestWorld, string>? check = null;
            TestWorld? world = null;
            world = new TestWorld((index, _) =>
            {
                if (index >= at && check is null && world?.Claim("a") is not null)
                {
                    check = interrupt(world);
                }

                return Fate.Runs;
            });
            plan(world);
            world.Settle(Long);
            if (check is not null)
            {
                tried++;
                check(world, $"before effect {at} of {reference.Effects}, {world.History[Math.Min(at, world.History.Count - 1)]}: ");
            }
        }

        Assert.True(tried > 5, $"Only {tried} interruptions.");
    }

    private static void Bind(TestWorld world)
    {
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        world.AddClaim("a", "1Gi");
        world.Settle(Long);
    }

    /// <summary>LVM commits a volume before it clears it; of the first, which a disk has lost, nothing follows for the second.</summary>
    [Fact]
    public void Volume_ThatVanishedAndWasMadeAgain_IsClearedWhereNobodyKnowsWhetherThatEnded()
    {
        var isDown = true;
        var lost = false;
        var world = new TestWorld((_, effect) => effect switch
        {
            Effect.CallCluster { Request: ClusterRequest.Create { Type.Kind: "PersistentVolume" } } when isDown => Fate.IsNotDone,
            Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume } when lost => Fate.AnswerIsLost,
            _ => Fate.Runs,
        });
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(2));
        var made = Assert.Single(world.Lvm.Volumes).Volume;
        world.Lvm.RemoveVolume(TestWorld.Group, made.Name.Value);
        lost = true;
        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Single(world.Lvm.Volumes);
        isDown = false;
        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        Assert.Contains(world.History, effect => effect is Effect.CallStorage
        {
            Request: NodeStorageRequest.ActivateLogicalVolume { NewFor: not null },
        });
    }
}
