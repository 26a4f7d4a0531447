using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Workers;

public sealed class TraceFileTests : IDisposable
{
    private static readonly NodeAgentOptions Options = new() { Node = NodeName.Parse("node-1") };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-trace-");

    private string FileName => Path.Combine(_folder.FullName, "trace");

    [Fact]
    public void Add_MoreStepsThanFit_EndsWithinItsBoundAndSaysSo()
    {
        var most = Bytes.FromMebibytes(1);
        using (var trace = new TraceFile(FileName, most, Options, NullLogger.Instance))
        {
            for (var step = 0; step < 3000; step++)
            {
                trace.Add(new Instant(step), Delivery(step), []);
            }
        }

        Assert.InRange(new FileInfo(FileName).Length, most.Value * 9 / 10, most.Value);
        var lines = File.ReadAllLines(FileName);
        Assert.Equal("""{"end":"full"}""", lines[^1]);
        Assert.InRange(lines.Length, 1000, 2999);
        Assert.All(lines.Skip(1).SkipLast(1).Select((line, index) => (line, index)), step => Assert.Equal(
            step.index + 1, ((JsonMap)JsonTree.Parse(step.line)).Number("n")));
    }

    [Fact]
    public void New_ATraceOfTheLifeBefore_KeepsItBeside()
    {
        new TraceFile(FileName, TraceFile.DefaultSizeMax, Options with { Provisioner = "before" }, NullLogger.Instance).Dispose();
        new TraceFile(FileName, TraceFile.DefaultSizeMax, Options, NullLogger.Instance).Dispose();
        Assert.Contains("before", File.ReadAllText(FileName + ".1"), StringComparison.Ordinal);
        Assert.DoesNotContain("before", File.ReadAllText(FileName), StringComparison.Ordinal);
        Assert.EndsWith("{\"end\":\"stopped\"}\n", File.ReadAllText(FileName), StringComparison.Ordinal);
    }

    [Fact]
    public void Step_TheAgentFails_IsTheLastOfTheTrace()
    {
        using (var trace = new TraceFile(FileName, TraceFile.DefaultSizeMax, Options, NullLogger.Instance))
        {
            var agent = new TracedAgent(new FailingAgent(), trace);
            Assert.Empty(agent.Step(new Instant(1), new AgentEvent.Started()));
            Assert.Throws<InvalidOperationException>(() => agent.Step(new Instant(2), new AgentEvent.Woke()));
        }

        var steps = File.ReadAllLines(FileName).Skip(1).Select(line => (JsonMap)JsonTree.Parse(line)).ToArray();
        Assert.Empty(steps[0].List("effects")!);
        Assert.Equal("woke", steps[1].Map("event")!.Text("is"));
        Assert.Equal("InvalidOperationException: a bug", steps[1].Text("failed"));
    }

    // What was written is there without an end too: the process was killed.
    [Fact]
    public void Add_AStep_IsInTheFileAtOnce()
    {
        using var trace = new TraceFile(FileName, TraceFile.DefaultSizeMax, Options, NullLogger.Instance);
        trace.Add(new Instant(1), new AgentEvent.Started(), [new Effect.WakeAt(new Instant(5))]);
        using var reader = new StreamReader(new FileStream(FileName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.EndsWith(
            """{"at":1,"effects":[{"at":5,"is":"wake"}],"event":{"is":"started"},"n":1}""" + "\n",
            reader.ReadToEnd(),
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static AgentEvent.WatchDelivered Delivery(int number)
    {
        var labels = JsonMap.Of(("long", new string('x', 400)));
        var tree = JsonMap.Of(("metadata", JsonMap.Of(("name", $"c{number}"), ("labels", labels))));
        return new AgentEvent.WatchDelivered(
            number, new WatchSignal.Added(KubernetesObject.Read(ResourceTypes.PersistentVolumeClaims, tree)));
    }

    private sealed class FailingAgent : IAgent
    {
        public ImmutableArray<Effect> Step(Instant now, AgentEvent happened) =>
            happened is AgentEvent.Woke ? throw new InvalidOperationException("a bug") : [];
    }
}
