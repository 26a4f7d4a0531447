using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>However much goes wrong for however long: no object is flooded with events.</summary>
public sealed class EventFloodTests
{
    private const int Hours = 3;

    // client-go's spam filter lets as many through: a burst, then one every five minutes.
    private const int WritesMax = EventLimits.Burst + (Hours * 12) + 12;

    private static readonly Fate[] Fates = [Fate.Runs, Fate.Runs, Fate.Runs, Fate.IsNotDone, Fate.AnswerIsLost, Fate.CrashAfter];

    [Fact]
    public void Agent_AnyHistoryOfTroubles_WritesABoundedNumberOfEventsForEachObject() =>
        Prop.ForAll(Arb.From(Gen.Choose(1, int.MaxValue)), Run).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    [Fact]
    public void Limits_ManyDifferentMessagesOfOneReason_AreCombined()
    {
        var limits = new EventLimits();
        var now = Core.Units.Instant.Epoch;
        var combined = Enumerable.Range(0, 100).Count(number => limits.IsCombined(now, "uid", "Reason", $"message {number}"));
        Assert.Equal(100 - EventLimits.SimilarMax, combined);
        Assert.False(limits.IsCombined(now, "uid", "Reason", "message 3"));
        Assert.False(limits.IsCombined(now + EventLimits.Window + TimeSpan.FromSeconds(1), "uid", "Reason", "message 99"));
    }

    [Fact]
    public void Limits_OneObject_GetsABurstAndThenARation()
    {
        var limits = new EventLimits();
        var now = Core.Units.Instant.Epoch;
        Assert.Equal(EventLimits.Burst, Enumerable.Range(0, 100).Count(_ => limits.TryTake(now, "uid")));
        Assert.True(limits.TryTake(now, "other"));
        Assert.Equal(2, Enumerable.Range(0, 100).Count(_ => limits.TryTake(now + (EventLimits.Refill * 2), "uid")));
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        var world = new TestWorld((_, effect) => effect is Effect.CallStorage { Request: NodeStorageRequest.Scan }
            ? Fate.Runs
            : random.Next(8) == 0 ? Fates[random.Next(Fates.Length)] : Fate.Runs);
        var crashes = 0;
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        var foreign = 0;
        for (var step = 0; step < Hours * 60; step++)
        {
            Trouble(world, random, ref foreign, ref crashes);
            world.Settle(TimeSpan.FromMinutes(1));
        }

        var creations = world.History.OfType<Effect.CallCluster>()
            .Where(call => call.Request is ClusterRequest.Create create && create.Type == ResourceTypes.Events)
            .Select(call => ((ClusterRequest.Create)call.Request).Body.Map("involvedObject")!.Text("uid")!)
            .GroupBy(uid => uid, StringComparer.Ordinal);
        foreach (var written in creations)
        {
            // A process that dies forgets its rations; its successor finds the same events by their names.
            Assert.True(written.Count() <= WritesMax, $"seed {seed}: {written.Count()} events for {written.Key}");
        }
    }

    private static void Trouble(TestWorld world, Random random, ref int foreign, ref int crashes)
    {
        var claims = world.Server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>().ToArray();
        var claim = claims.Length == 0 ? null : claims[random.Next(claims.Length)];
        switch (random.Next(7))
        {
            case 0 when claims.Length < 6:
                world.AddClaim($"claim-{world.Effects}", $"{1 + random.Next(4)}Gi");
                break;
            case 1 when claim is { SelectedNode: null, IsBeingDeleted: false }:
                world.Patch(claim, JsonMap.Empty.WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], world.Node.Value));
                break;
            case 2 when claim is { Phase: "Bound" }:
                world.Patch(claim, JsonMap.Empty.WithAt(["spec", "resources", "requests", "storage"], $"{5 + world.Effects}Gi"));
                break;
            case 3 when world.Lvm.Scan().VolumeGroups is [var group] && group.FreeExtents.Value > 100:
                world.Lvm.AddForeignVolume(TestWorld.Group, $"foreign-{foreign++}", 50);
                break;
            case 4 when crashes < 2:
                crashes++;
                world.Crash();
                break;
            case 5 when claim is { IsBeingDeleted: false }:
                world.Delete(claim);
                break;
            default:
                break;
        }
    }
}
