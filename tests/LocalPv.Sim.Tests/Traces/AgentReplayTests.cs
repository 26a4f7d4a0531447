using System.Collections.Immutable;
using System.Text.RegularExpressions;
using LocalPv.Core.Agents;
using LocalPv.Core.Traces;
using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Traces;

namespace LocalPv.Sim.Tests.Traces;

public sealed partial class AgentReplayTests
{
    private const string Small = """
        seed 7
        cluster nodes=1 disks=2 disk-size=10Gi
        at 0s class fast
        at 10s pod web claims=data:4Gi:fast
        at 20s pod big claims=more:90Gi:fast
        at 60s delete pod web
        at 61s delete claim data
        at 90s pod end claims=last:1Gi:fast
        """;

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(21)]
    public void Run_EveryLifeOfEveryAgentInAFaultySeed_IsAsRecorded(ulong seed)
    {
        var recorder = new Recorder();
        PlanRunner.Run(
            PlanGenerator.From(seed),
            new RunOptions { Invariants = () => [recorder], UntilTime = TimeSpan.FromMinutes(25) });
        var steps = 0L;
        foreach (var (life, lines) in recorder.Lives)
        {
            var result = AgentReplay.Run(lines);
            Assert.True(result.Problem is null, $"{life}: {result.Problem}");
            Assert.True(result.Divergences.IsEmpty, $"{life}: {result.Divergences.FirstOrDefault()}");
            Assert.Equal(lines.Count - 1, result.Steps);
            steps += result.Steps;
        }

        Assert.Contains(recorder.Lives.Keys, life => life.StartsWith("controller", StringComparison.Ordinal));
        Assert.True(steps > 1000, $"{recorder.Lives.Count} lives of {steps} steps.");
    }

    [Fact]
    public void Run_AnEffectIsChanged_DivergesAtThatStepAlone()
    {
        var lines = Record();
        var line = lines.FindIndex(text => text.Contains("\"is\":\"create-volume\"", StringComparison.Ordinal));
        lines[line] = lines[line].Replace("\"extents\":1024", "\"extents\":1025", StringComparison.Ordinal);
        var result = AgentReplay.Run(lines);
        Assert.Null(result.Problem);
        var divergence = Assert.Single(result.Divergences);
        Assert.Equal(line, divergence.Step);
        Assert.Equal(line + 1, divergence.Line);
        Assert.Contains("\"extents\":1025", Assert.Single(divergence.OnlyRecorded), StringComparison.Ordinal);
        Assert.Contains("\"extents\":1024", Assert.Single(divergence.OnlyReplayed), StringComparison.Ordinal);
        Assert.Equal(lines.Count - 1, result.Steps);
    }

    [Fact]
    public void Run_WhatHappenedIsChanged_DivergesThere()
    {
        // The claim's size in what the agent was told, not in what it did.
        var lines = Record();
        for (var line = 1; line < lines.Count; line++)
        {
            var told = lines[line].IndexOf("\"event\":", StringComparison.Ordinal);
            lines[line] = lines[line][..told] + lines[line][told..].Replace("\"4Gi\"", "\"3Gi\"", StringComparison.Ordinal);
        }

        var first = AgentReplay.Run(lines).Divergences[0];
        Assert.Equal(lines.FindIndex(text => text.Contains("\"is\":\"create-volume\"", StringComparison.Ordinal)), first.Step);
        Assert.Contains(first.OnlyRecorded, effect => effect.Contains("1024", StringComparison.Ordinal));
        Assert.Contains(first.OnlyReplayed, effect => effect.Contains("768", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_TheLastLineIsCutOff_SaysWhereAndHowFarItCame()
    {
        var lines = Record();
        lines[^1] = lines[^1][..(lines[^1].Length / 2)];
        var result = AgentReplay.Run(lines);
        Assert.Equal(lines.Count - 2, result.Steps);
        Assert.Empty(result.Divergences);
        Assert.StartsWith($"Line {lines.Count} cannot be replayed: ", result.Problem, StringComparison.Ordinal);
        Assert.Contains($"{lines.Count - 2} steps before were replayed", result.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Line 1 cannot be replayed")]
    [InlineData("{}", "Line 1 cannot be replayed: this is the trace of ''")]
    [InlineData("""{"agent":"node-agent","format":"localpv-trace/99","options":{}}""", "in the format 'localpv-trace/99'")]
    [InlineData("""{"agent":"node-agent","format":"localpv-trace/1"}""", "the header has no settings")]
    [InlineData("""{"agent":"node-agent","format":"localpv-trace/1","options":{"node":"n"}}""", "no valid 'provisioner'")]
    public void Run_TheHeaderIsNone_SaysSo(string header, string problem) =>
        Assert.Contains(problem, AgentReplay.Run([header]).Problem, StringComparison.Ordinal);

    [Fact]
    public void Run_NothingAtAll_SaysSo() => Assert.Equal("The trace is empty.", AgentReplay.Run([]).Problem);

    [Theory]
    [InlineData("remove", "this is step 7, but 6 was to come")]
    [InlineData("[1]", "this is no JSON object")]
    [InlineData("""{"n":6}""", "this step has no moment")]
    [InlineData("""{"n":6,"at":1}""", "does not say what happened")]
    [InlineData("""{"n":6,"at":1,"event":{"is":"storage","call":99,"outcome":"Done"},"effects":[]}""", "number 99 is answered")]
    [InlineData("""{"n":6,"at":1,"event":{"is":"dance"},"effects":[]}""", "this is no event")]
    [InlineData("""{"n":6,"at":1,"event":{"is":"woke"}}""", "this step has no effects")]
    public void Run_ALineIsGarbled_NamesItAndWhatIsWrong(string instead, string problem)
    {
        var lines = Record();
        if (instead == "remove")
        {
            lines.RemoveAt(6);
        }
        else
        {
            lines[6] = instead;
        }

        var result = AgentReplay.Run(lines);
        Assert.StartsWith("Line 7 cannot be replayed: ", result.Problem, StringComparison.Ordinal);
        Assert.Contains(problem, result.Problem, StringComparison.Ordinal);
    }

    // Whatever is done to the bytes of a trace, the answer is a result, never an exception.
    [Fact]
    public void Run_AnyBytesAreChanged_NeverThrows()
    {
        var text = string.Join('\n', Record());
        var random = KeyedRandom.FromSeed(20).For("garble");
        for (var number = 0; number < 25; number++)
        {
            var place = (int)random.Below(2 * number, text.Length);
            var garbled = text[..place] + (char)(32 + random.Below((2 * number) + 1, 95)) + text[(place + 1)..];
            var result = AgentReplay.Run(garbled.Split('\n'));
            Assert.True(result.Problem is null || Problem().IsMatch(result.Problem), result.Problem);
        }
    }

    private static List<string> Record()
    {
        var recorder = new Recorder();
        PlanRunner.Run(PlanReader.Read(Small), new RunOptions { Invariants = () => [recorder] });
        var lines = recorder.Lives["agent/node-1 1"];
        Assert.Empty(AgentReplay.Run(lines).Divergences);
        return lines;
    }

    [GeneratedRegex(@"^Line \d+ cannot be replayed: ")]
    private static partial Regex Problem();

    /// <summary>Writes the trace of every life of every agent.</summary>
    private sealed class Recorder : Invariant
    {
        public override string Id => "recorder";

        public override string Statement => "What agents do is written down.";

        public SortedDictionary<string, List<string>> Lives { get; } = new(StringComparer.Ordinal);

        public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
        {
            var header = process.Agent switch
            {
                NodeAgent agent => TraceFormat.Header(agent.Options, "test"),
                ClusterAgent agent => TraceFormat.Header(agent.Options, "test"),
                _ => null,
            };
            if (header is null)
            {
                return;
            }

            var life = $"{process.Name} {process.Incarnation}";
            if (!Lives.TryGetValue(life, out var lines))
            {
                Lives.Add(life, lines = [header.ToString()]);
            }

            lines.Add(TraceFormat.Step(lines.Count, process.OwnNow, happened, effects).ToString());
        }
    }
}
