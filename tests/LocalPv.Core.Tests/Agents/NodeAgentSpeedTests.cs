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
