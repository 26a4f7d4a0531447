using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Contracts;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Scheduling;
using Outcome = LocalPv.Core.Outcomes.Outcome;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>What holds for the scheduler whatever users, extenders, provisioners and the network do, in any order.</summary>
public sealed class SchedulerPropertyTests
{
    private const int Nodes = 3;

    /// <summary>Something that happens to the cluster; a number beside it picks whom it happens to.</summary>
    private enum Act
    {
        CreatePod,
        CreatePodWithClaim,
        DeletePod,
        ClearSelectedNode,
        AnnotateNode,
        FreeExtender,
        ExtenderRefuses,
        ExtenderFails,
        ExtenderHangs,
        LoseAnswers,
        RefuseCalls,
        HealNetwork,
        ToggleProvisioner,
        RestartScheduler,
    }

    private static Gen<(Act Act, int Subject, int Milliseconds)[]> Stories =>
        (from act in Gen.Elements(Enum.GetValues<Act>())
         from subject in Gen.Choose(0, 7)
         from wait in Gen.Elements(0, 1, 3, 50, 700, 1500, 6000)
         select (act, subject, wait)).ArrayOf(25);

    [Fact]
    public void AnyStory_BindsNoPodTwice_LosesNone_AndPlacesAllInTheEnd() =>
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var world = Play(story);
            AssertBoundOnce(world);

            // Everything works again: what can be placed is placed, without any event but the scheduler's own clock.
            world.Fault = null;
            world.Extender = StubExtender.AllowAll;
            world.Provisions = true;
            world.Run(TimeSpan.FromMinutes(6));
            var left = world.Server.Snapshot(ResourceTypes.Pods).Cast<Pod>().Where(pod => pod.NodeName.Length == 0).ToArray();
            Assert.True(left.Length == 0, string.Join(", ", left.Select(pod => $"{pod.Name} not placed: {world.Condition(pod.Name)}")));
            Assert.Equal((0, 0), (world.Scheduler.Waiting, world.Scheduler.Binding));
        }).Check(Tries.Of(150));

    [Fact]
    public void AnyStory_KeepsEachUnplacedPodInExactlyOnePlace() =>
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var world = Play(story);

            // Let the watches catch up; nothing may be under way but calls.
            world.Run(TimeSpan.FromMilliseconds(20));
            var unplaced = world.Server.Snapshot(ResourceTypes.Pods).Cast<Pod>().Where(pod => pod.NodeName.Length == 0).ToArray();
            Assert.All(unplaced, pod => Assert.NotEqual(
                world.Scheduler.IsWaiting(pod.Uid), world.Scheduler.IsBinding(pod.Uid)));
        }).Check(Tries.Of(100));

    [Fact]
    public void RepeatedFailures_WaitLongerEachTimeUpToTheMost() =>
        Prop.ForAll(Gen.Choose(0, 999).ToArbitrary(), fraction =>
        {
            var world = new SchedulerWorld(Cluster.WithExtender(), SchedulerWorld.Start + TimeSpan.FromMilliseconds(fraction))
            {
                Extender = (_, _) => Outcome.Failed<ExtenderAnswer>(OutcomeKind.Unavailable, "no"),
            };
            Cluster.SetUp(world, "node-a");
            Cluster.Pod(world, "p");
            world.Run(TimeSpan.FromMinutes(2));

            var calls = world.ExtenderCalls.Select(call => call.At).ToArray();
            var waits = calls.Zip(calls.Skip(1), (a, b) => b - a).ToArray();
            Assert.True(waits.Length >= 10);
            for (var i = 0; i < waits.Length; i++)
            {
                // 1, 2, 4, 8, 10, 10 … seconds, rounded down to a whole second of the clock and flushed at the next.
                var nominal = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, i), 10));
                Assert.InRange(waits[i], nominal - TimeSpan.FromMilliseconds(10), nominal + TimeSpan.FromMilliseconds(1010));
                Assert.True(i == 0 || waits[i] + TimeSpan.FromMilliseconds(1010) >= waits[i - 1]);
            }
        }).Check(Tries.Of(50));

    [Fact]
    public void SameStory_GivesTheSameHistory() =>
        Prop.ForAll(Stories.ToArbitrary(), story => Assert.Equal(
            Play(story).History.Select(entry => $"{entry.At} {entry.Change}"),
            Play(story).History.Select(entry => $"{entry.At} {entry.Change}")))
        .Check(Tries.Of(30));

    private static SchedulerWorld Play((Act Act, int Subject, int Milliseconds)[] story)
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, [.. Enumerable.Range(0, Nodes).Select(NodeName)]);
        for (var i = 0; i < story.Length; i++)
        {
            Do(world, story[i].Act, story[i].Subject, i);
            world.Run(TimeSpan.FromMilliseconds(story[i].Milliseconds));
        }

        return world;
    }

    private static string NodeName(int index) => "node-" + index.ToString(CultureInfo.InvariantCulture);

    private static void Do(SchedulerWorld world, Act act, int subject, int index)
    {
        var name = "p" + index.ToString(CultureInfo.InvariantCulture);
        var pods = world.Server.Snapshot(ResourceTypes.Pods);
        var claims = world.Server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>();
        var selected = claims.Where(claim => claim.SelectedNode is not null && claim.VolumeName.Length == 0).ToArray();
        switch (act)
        {
            case Act.CreatePod:
                Cluster.Pod(world, name);
                break;
            case Act.CreatePodWithClaim:
                Cluster.Claim(world, name);
                Cluster.Pod(world, name, name);
                break;
            case Act.DeletePod when pods.Length > 0:
                world.Send(new ClusterRequest.Delete(ResourceTypes.Pods, pods[subject % pods.Length].Key) { GracePeriodSeconds = 0 });
                break;
            case Act.ClearSelectedNode when selected.Length > 0:
                Cluster.ClearSelectedNode(world, selected[subject % selected.Length].Name);
                break;
            case Act.AnnotateNode:
                world.Send(new ClusterRequest.Patch(
                    ResourceTypes.Nodes,
                    ObjectKey.ClusterScoped(NodeName(subject % Nodes)),
                    JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(("example.com/p", name))))))));
                break;
            case Act.FreeExtender:
                world.Extender = StubExtender.AllowAll;
                break;
            case Act.ExtenderRefuses:
                world.Extender = (verb, arguments) => StubExtender.Allow(
                    verb, arguments, node => node == NodeName(subject % (Nodes + 1)), "");
                break;
            case Act.ExtenderFails:
                world.Extender = (_, _) => Outcome.Failed<ExtenderAnswer>(OutcomeKind.Unavailable, "no");
                break;
            case Act.ExtenderHangs:
                world.Extender = (_, _) => null;
                break;
            case Act.LoseAnswers:
                world.Fault = request => request.IsWrite ? Lose(world, request) : null;
                break;
            case Act.RefuseCalls:
                world.Fault = request => request.IsWrite
                    ? Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "connection refused")
                    : null;
                break;
            case Act.HealNetwork:
                world.Fault = null;
                break;
            case Act.ToggleProvisioner:
                world.Provisions = !world.Provisions;
                break;
            case Act.RestartScheduler:
                world.Restart();
                break;
            default:
                break;
        }
    }

    private static Outcome<ClusterAnswer> Lose(SchedulerWorld world, ClusterRequest request)
    {
        world.Server.Send(world.Now, request);
        return Outcome.Failed<ClusterAnswer>(OutcomeKind.InDoubt, "the answer was lost");
    }

    // No binding is asked for once a Pod has its node, also when nobody has told the scheduler that its first one worked.
    private static void AssertBoundOnce(SchedulerWorld world)
    {
        var boundAt = new SortedDictionary<string, Instant>(StringComparer.Ordinal);
        foreach (var (at, change) in world.History)
        {
            if (change.Object is Pod { NodeName.Length: > 0 } pod)
            {
                boundAt.TryAdd(pod.Uid, at);
            }
        }

        foreach (var (at, request) in world.Requests)
        {
            if (request is ClusterRequest.CreateSubresource bind && (bind.Body.At("metadata", "uid") as JsonText)?.Value is { } uid)
            {
                Assert.True(!boundAt.TryGetValue(uid, out var bound) || at <= bound, $"{bind.Key} was bound at {bound} and again at {at}");
            }
        }
    }
}
