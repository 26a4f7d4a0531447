using System.Diagnostics;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using Xunit.Abstractions;

namespace LocalPv.Core.Tests.Agents;

public sealed class NodeAgentSpeedTests(ITestOutputHelper output)
{
    private const int Events = 100_000;

    [Fact]
    public void Step_ClaimsOfOtherNodes_CostNextToNothing()
    {
        var now = Instant.Epoch + TimeSpan.FromDays(1);
        var agent = new NodeAgent(new NodeAgentOptions { Node = NodeName.Parse("node-a") });
        var watch = Synced(agent, now);
        var events = Enumerable.Range(0, Events).Select(index => Event(watch, index)).ToArray();
        foreach (var happened in events.AsSpan(0, 1000))
        {
            agent.Step(now, happened);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var effects = 0;
        foreach (var happened in events.AsSpan(1000))
        {
            effects += agent.Step(now, happened).Length;
        }

        var nanoseconds = clock.Elapsed.TotalNanoseconds / (Events - 1000);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (Events - 1000);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0} ns and {bytes} bytes for each event"));
        Assert.Equal(0, effects);
        Assert.InRange(bytes, 0, 512);
    }

    /// <summary>
    /// Most scans show what the one before showed. Then nothing is done for each volume but to see that it is as it was.
    /// </summary>
    [Fact]
    public async Task Step_ScanThatShowsNothingNew_LooksAtNoVolumeAgain()
    {
        const int Volumes = 200;
        var world = new TestWorld(diskGibibytes: 1000);
        world.AddClass();
        for (var number = 0; number < Volumes; number++)
        {
            world.AddClaim("data-" + number, "1Gi");
        }

        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal(Volumes, world.Lvm.Volumes.Count());
        var now = world.Now;
        var bytes = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            now += 2 * world.Options.ScanPeriod;
            var call = world.Agent.Step(now, new AgentEvent.Woke()).OfType<Effect.CallStorage>().Single();
            var answer = await world.Lvm.RunAsync(call.Request, CancellationToken.None);
            var copy = Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(CopyOf(answer)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            world.Agent.Step(now, new AgentEvent.StorageAnswered(call.Call, call.Request, copy));
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / Volumes} bytes for each volume"));
        Assert.InRange(bytes / Volumes, 0, 300);
    }

    // As a parser makes it: nothing in it is the object that was in the scan before.
    private static NodeScan CopyOf(Outcome<NodeStorageAnswer> answer)
    {
        var scan = answer.TryGetValue(out var value) ? ((NodeStorageAnswer.Scanned)value).Scan : throw new InvalidOperationException();
        return new NodeScan(
            [.. scan.Disks.Select(disk => disk with { Links = [.. disk.Links] })],
            [
                .. scan.VolumeGroups.Select(group => group with
                {
                    Tags = [.. group.Tags],
                    PhysicalVolumes = [.. group.PhysicalVolumes.Select(disk => disk with { })],
                    LogicalVolumes = [.. group.LogicalVolumes.Select(volume => volume with { Tags = [.. volume.Tags] })],
                }),
            ]);
    }

    private static AgentEvent Event(long watch, int index) => new AgentEvent.WatchDelivered(watch, new WatchSignal.Modified(
        KubernetesObject.Read(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c" + (index % 1000), "1Gi", "node-b", "fast")
            .WithAt(["metadata", "uid"], "u" + index)
            .WithAt(["metadata", "resourceVersion"], (index + 10).ToString(CultureInfo.InvariantCulture)))));

    // Answers every list with nothing and every scan with an empty node; gives the number of the watch on claims.
    private static long Synced(NodeAgent agent, Instant now)
    {
        var claims = 0L;
        var inbox = new Queue<AgentEvent>([new AgentEvent.Started()]);
        while (inbox.TryDequeue(out var happened))
        {
            foreach (var effect in agent.Step(now, happened))
            {
                switch (effect)
                {
                    case Effect.CallCluster call:
                        inbox.Enqueue(new AgentEvent.ClusterAnswered(
                            call.Call, call.Request, Outcome.Done(new ClusterAnswer(null, [], "5", ""))));
                        break;
                    case Effect.CallStorage call:
                        inbox.Enqueue(new AgentEvent.StorageAnswered(call.Call, call.Request, Outcome.Done<NodeStorageAnswer>(
                            new NodeStorageAnswer.Scanned(new NodeScan([], [])))));
                        break;
                    case Effect.OpenWatch open when open.Request.Type == ResourceTypes.PersistentVolumeClaims:
                        claims = open.Watch;
                        break;
                }
            }
        }

        return claims;
    }
}
