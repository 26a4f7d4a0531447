using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>
/// Every effect of the agent, in every scenario, fails once in every way: not done, done but unanswered, process dead before it, process
/// dead after it. The end must be the same as without the failure, and nothing may leak.
/// </summary>
public sealed class NodeAgentSweepTests
{
    private const string Foreign = "foreign";
    private const int AllExtents = 2559;

    private static readonly Fate[] Failures = [Fate.IsNotDone, Fate.AnswerIsLost, Fate.CrashBefore, Fate.CrashAfter];

    public static TheoryData<string> Scenarios => [.. Plans.Keys];

    private static SortedDictionary<string, Action<TestWorld>> Plans => new(StringComparer.Ordinal)
    {
        ["bind"] = Bind,
        ["bind two, full for the third"] = Fill,
        ["bind and delete"] = BindAndDelete,
        ["bind, retain, delete the volume"] = RetainAndDelete,
        ["bind and grow"] = BindAndGrow,
        ["delete the claim while it is made"] = DeleteEarly,
        ["stale report"] = Stale,
        ["take the class down"] = TakeDown,
        ["make the class again"] = MakeAgain,
        ["grow a block volume"] = GrowBlock,
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Agent_OneFailureAnywhere_EndsAsWithout(string scenario)
    {
        var plan = Plans[scenario];
        var reference = new TestWorld();
        plan(reference);
        Check(reference, "no failure");
        var expected = reference.Summary();
        for (var at = 0; at < reference.Effects; at++)
        {
            foreach (var failure in Failures)
            {
                var world = new TestWorld((index, _) => index == at ? failure : Fate.Runs);
                plan(world);
                var where = $"{scenario}: {failure} at {at} of {reference.Effects}: {world.History[at]}";
                Check(world, where);
                Assert.True(expected == world.Summary(), $"{where}\nexpected {expected}\nbut was  {world.Summary()}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Agent_ManyFailures_EndsAsWithout(string scenario)
    {
        var expected = EndWithoutFailure(scenario);
        Prop.ForAll(Arb.From(Gen.Choose(1, int.MaxValue)), seed => EndsAsWithout(scenario, seed, expected))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Agent_TwoCrashesInTheGraceOfAnOrphan_EndsAsWithout()
    {
        const string Scenario = "delete the claim while it is made";
        EndsAsWithout(Scenario, 694873818, EndWithoutFailure(Scenario));
    }

    [Theory]
    [InlineData("delete the claim while it is made", 1091996406)]
    [InlineData("stale report", 141866513)]
    [InlineData("bind, retain, delete the volume", 1359904349)]
    public void Agent_LastChangesOfAllFail_EndsAsWithoutAfterOneMore(string scenario, int seed) =>
        EndsAsWithout(scenario, seed, EndWithoutFailure(scenario));

    private static string EndWithoutFailure(string scenario)
    {
        var reference = new TestWorld();
        Plans[scenario](reference);
        reference.Settle(Long);
        return reference.Summary();
    }

    private static void EndsAsWithout(string scenario, int seed, string expected)
    {
        var state = (ulong)seed;
        var left = 12;
        var world = new TestWorld((_, _) =>
        {
            state = unchecked((state * 6364136223846793005) + 1442695040888963407);
            return left > 0 && (state >> 33) % 6 == 0 && left-- > 0 ? Failures[(state >> 40) % 4] : Fate.Runs;
        });
        var where = $"{scenario}, seed {seed}";
        try
        {
            Plans[scenario](world);

            // A crash begins the grace of an orphan anew, so that the last failure leaves the end of the plan too near.
            world.FateOf = (_, _) => Fate.Runs;
            world.Settle(Long);
            ChangeOnceMoreIfToldToFail(world);
        }
        catch (Exception wrong)
        {
            throw new InvalidOperationException($"{where}: {wrong.Message}", wrong);
        }

        Check(world, where);
        Assert.True(expected == world.Summary(), $"{where}:\nexpected {expected}\nbut was  {world.Summary()}");
    }

    // That changes fail in a row is told until one succeeds, and the plan may have no more of them: so room is made for one.
    private static void ChangeOnceMoreIfToldToFail(TestWorld world)
    {
        if (NodeLocalStorageStatus.Read(world.Storage?.Status ?? JsonMap.Empty).Phase == StoragePhase.Degraded)
        {
            var isThere = world.Lvm.Volumes.Any(each => each.Volume.Name.Value == Foreign);
            if (isThere)
            {
                world.Lvm.RemoveVolume(TestWorld.Group, Foreign);
                world.Settle(Long);
            }

            world.AddClaim("later", "4Mi");
            world.Settle(Long);

            // Whatever the class says: nothing of it is to be left.
            var later = world.Claim("later")!;
            world.Patch(
                world.Volumes.Single(volume => volume.ClaimUid == later.Uid),
                JsonMap.Empty.WithAt(["spec", "persistentVolumeReclaimPolicy"], "Delete"));
            world.Delete(later);
            world.Settle(Long);
            if (isThere)
            {
                world.Lvm.AddForeignVolume(TestWorld.Group, Foreign, AllExtents);
                world.Settle(Long);
            }
        }
    }

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(6);

    private static void Check(TestWorld world, string where)
    {
        foreach (var (group, volume) in world.Lvm.Volumes.Where(each => each.Volume.Claim is not null))
        {
            var same = world.Lvm.Volumes.Count(each => each.Volume.Claim == volume.Claim);
            Assert.True(same == 1, $"{where}: {same} logical volumes of one claim");
            var has = world.Volumes.Count(each => each.LocalPath == $"/dev/{group.Name}/{volume.Name}");
            var retained = volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag);
            Assert.True(has == 1 || retained, $"{where}: {volume.Name} has {has} PersistentVolumes");
        }

        foreach (var volume in world.Volumes)
        {
            Assert.True(
                world.Lvm.Volumes.Any(each => volume.LocalPath == $"/dev/{each.Group.Name}/{each.Volume.Name}"),
                $"{where}: {volume.Name} has no logical volume");
        }
    }

    private static void Begin(TestWorld world, string reclaimPolicy = "Delete")
    {
        world.AddClass(reclaimPolicy);
        world.Settle(Long);
    }

    private static void Bind(TestWorld world)
    {
        Begin(world);
        world.AddClaim("a", "1Gi");
        world.Settle(Long);
    }

    private static void Fill(TestWorld world)
    {
        Begin(world);
        world.AddClaim("a", "5Gi");
        world.AddClaim("b", "4Gi");
        world.Settle(Long);
        world.AddClaim("c", "2Gi");
        world.Settle(Long);
    }

    private static void BindAndDelete(TestWorld world)
    {
        Bind(world);
        world.Delete(world.Claim("a")!);
        world.Settle(Long);
    }

    private static void RetainAndDelete(TestWorld world)
    {
        Begin(world, "Retain");
        world.AddClaim("a", "1Gi");
        world.Settle(Long);
        world.Delete(world.Claim("a")!);
        world.Settle(Long);
        world.Delete(world.Volumes.Single());
        world.Settle(Long);
    }

    private static void BindAndGrow(TestWorld world)
    {
        Bind(world);
        world.Patch(world.Claim("a")!, JsonMap.Of(
            ("spec", JsonMap.Of(("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", "3Gi")))))))));
        world.Settle(Long);
    }

    // The claim goes right after the request for its logical volume was sent.
    private static void DeleteEarly(TestWorld world)
    {
        Begin(world);
        world.AddClaim("a", "1Gi");
        var gone = false;
        var fate = world.FateOf;
        world.FateOf = (index, effect) =>
        {
            if (!gone && effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume })
            {
                gone = true;
                world.Delete(world.Claim("a")!);
            }

            return fate(index, effect);
        };
        world.Settle(Long);
    }

    private static void Stale(TestWorld world)
    {
        Begin(world);
        world.Lvm.AddForeignVolume(TestWorld.Group, Foreign, AllExtents);
        world.AddClaim("a", "1Gi");
        world.Settle(Long);
    }

    private static void MakeAgain(TestWorld world)
    {
        Bind(world);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.AddClass();
        world.AddClaim("b", "1Gi");
        world.Settle(Long);
    }

    private static void GrowBlock(TestWorld world)
    {
        Begin(world);
        var claim = world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("a", "1Gi", world.Node.Value, TestWorld.ClassName)
            .WithAt(["spec", "volumeMode"], "Block"));
        world.Settle(Long);
        world.Patch(world.Claim("a")!, JsonMap.Empty.WithAt(["status", "capacity", "storage"], "1Gi"), "status");
        world.Patch(world.Claim("a")!, JsonMap.Empty.WithAt(["spec", "resources", "requests", "storage"], "3Gi"));
        world.Settle(Long);
        Assert.Equal("3Gi", (world.Claim("a")!.Tree.At("status", "capacity", "storage") as JsonText)?.Value);
        Assert.Equal(claim.Uid, world.Claim("a")!.Uid);
    }

    private static void TakeDown(TestWorld world)
    {
        Bind(world);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(Long);
        Assert.NotNull(world.Storage);
        world.Delete(world.Claim("a")!);
        world.Settle(Long);
    }
}
