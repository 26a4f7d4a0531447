using FsCheck;
using FsCheck.Fluent;
using LocalPv.Contracts;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Tests.Driving;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Whatever the order of messages and whoever is started anew: the cluster arrives where its objects say it should.</summary>
public sealed class InterleavingTests
{
    private static readonly string[] Nodes = ["n1", "n2"];

    [Fact]
    public void Cluster_AnyDelaysAndRestarts_BindsEachClaimToOneVolumeAndLeavesNothingBehind() =>
        Prop.ForAll(Plans().ToArbitrary(), plan => Holds(plan)).Check(Tries.Of(60));

    private static Gen<Plan> Plans() =>
        from seed in Gen.Choose(1, int.MaxValue)
        from lag in Gen.Elements(2, 50, 2_000)
        from restarts in Gen.Choose(0, 10_000).Zip(Gen.Choose(0, 100)).ListOf(6)
        select new Plan(seed, lag, [.. restarts.Select(restart => (restart.Item1, restart.Item2))]);

    private static bool Holds(Plan plan)
    {
        var chance = (ulong)plan.Seed;
        var world = new ClusterWorld(Nodes, of => TimeSpan.FromTicks((long)(Draw(ref chance) % (ulong)TimeSpan.FromMilliseconds(
            of == VirtualTimeDriver.DelayOf.Watch ? plan.LagMilliseconds : 20).Ticks)));
        var names = world.AgentNames.ToArray();
        foreach (var (milliseconds, victim) in plan.Restarts)
        {
            world.Driver.After(TimeSpan.FromMilliseconds(milliseconds), () => world.Restart(names[victim % names.Length]));
        }

        world.Create(WorkloadTypes.StatefulSets, StatefulSetTests.Set(2));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("single", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, TestObjects.Pod("single", "single"));
        StatefulSetTests.AwaitRunning(world, 3);
        world.Run(20);
        AssertBound(world);

        world.Delete(WorkloadTypes.StatefulSets, "db");
        world.Delete(ResourceTypes.Pods, "single");
        foreach (var claim in world.Claims.ToArray())
        {
            world.Delete(ResourceTypes.PersistentVolumeClaims, claim.Name);
        }

        world.Await(() => !world.Pods.Any() && !world.Claims.Any() && !world.Volumes.Any(), "the end of everything");
        Assert.Empty(world.Devices.Existing);
        return true;
    }

    private static void AssertBound(ClusterWorld world)
    {
        Assert.Equal(world.Claims.Count(), world.Volumes.Count());
        foreach (var claim in world.Claims)
        {
            var volume = world.Volume(claim.VolumeName);
            Assert.NotNull(volume);
            Assert.Equal(("Bound", "Bound", claim.Uid), (claim.Phase, volume.Phase, volume.ClaimUid));
        }

        foreach (var pod in world.Pods)
        {
            var claim = world.Claim(pod.ClaimNames.Single())!;
            Assert.Equal(pod.NodeName, world.Volume(claim.VolumeName)!.HostName);
        }
    }

    // SplitMix64.
    private static ulong Draw(ref ulong state)
    {
        unchecked
        {
            var value = state += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }

    private sealed record Plan(int Seed, int LagMilliseconds, (int Milliseconds, int Victim)[] Restarts)
    {
        public override string ToString() =>
            $"seed {Seed}, lag {LagMilliseconds} ms, restarts "
            + string.Join(' ', Restarts.Select(restart => $"{restart.Victim}@{restart.Milliseconds}"));
    }
}
