using System.Globalization;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Plans;

public sealed class PlanRunnerTests
{
    /// <summary>
    /// Everything that was ever made goes while a Pod waits for room: there is nothing to touch to wake it. The extender once asked
    /// to be woken at once, for ever.
    /// </summary>
    private const string NothingLeftToTouch = """
        # A Pod is turned away, and then its class goes
        seed 28
        cluster nodes=2 disks=1 disk-size=10Gi
        at 0s class fast
        at 10s pod large claims=large:9Gi:fast
        at 11s pod waits claims=waits:90Gi:fast
        at 40s delete pod large
        at 41s delete claim large
        at 42s delete class fast
        at 50s class fast
        heal at 2m
        recover 5m
        """;

    [Fact]
    public void Run_ClassGoesWhileAPodWaits_TimeGoesOn()
    {
        var report = PlanRunner.Run(PlanReader.Read(NothingLeftToTouch), new RunOptions { Invariants = () => [] });
        Assert.Null(report.Violation);
        Assert.Equal(TimeSpan.FromMinutes(7), report.Simulated);
    }

    [Fact]
    public void Run_SamePlanTwice_GivesTheSameTrace()
    {
        var plan = Short(PlanGenerator.From(4));
        var once = PlanRunner.Run(plan);
        Assert.Equal(once.TraceHash, PlanRunner.Run(PlanReader.Read(PlanWriter.Write(plan))).TraceHash);
        Assert.NotEqual(once.TraceHash, PlanRunner.Run(plan with { Seed = 5 }).TraceHash);
    }

    [Fact]
    public void Run_InvariantThatBreaks_StopsThereAndSaysWhen()
    {
        var report = PlanRunner.Run(
            Short(PlanGenerator.From(4)), new RunOptions { Invariants = () => [new Canary()] });
        Assert.Equal("canary", report.Violation!.Invariant);
        Assert.Equal(report.Events, report.Violation.Event);
        var options = new RunOptions { Until = report.Events - 1, Invariants = () => [new Canary()] };
        var until = PlanRunner.Run(Short(PlanGenerator.From(4)), options);
        Assert.Null(until.Violation);
        Assert.Equal(report.Events - 1, until.Events);
    }

    [Fact]
    public void Run_BrokenOff_EndsAtThatEventAndJudgesNothing()
    {
        using var source = new CancellationTokenSource();
        var report = PlanRunner.Run(
            Short(PlanGenerator.From(4)), new RunOptions { Invariants = () => [new Impatient(source)], Cancellation = source.Token });
        Assert.Null(report.Violation);
        Assert.InRange(report.Simulated, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void Run_FaultsOfEveryType_ComeToAnEnd()
    {
        var plan = Short(PlanGenerator.From(2));
        foreach (var info in Faults.FaultCatalog.All)
        {
            var target = info.Scope switch
            {
                Faults.FaultScope.Cluster => "",
                Faults.FaultScope.Node => "#1",
                _ => "agent/#0",
            };
            var fault = new Faults.Fault(info.Type, target) { For = TimeSpan.FromSeconds(20), By = TimeSpan.FromSeconds(1), Percent = 90 };
            var report = PlanRunner.Run(
                plan with { Steps = plan.Steps.Add(new TimedStep(TimeSpan.FromMinutes(1), new Step.Break(fault))) },
                new RunOptions { Invariants = () => [new FaultCounter()] });
            Assert.True(report.IsGood, string.Create(CultureInfo.InvariantCulture, $"{info.Word}: {report.Violation}"));
            Assert.Equal((1L, 1L), (report.Marks["begun " + info.Word], report.Marks["ended " + info.Word]));
        }
    }

    private static Plan Short(Plan plan) => plan with
    {
        Steps = [.. plan.Operations.Where(step => step.At < TimeSpan.FromMinutes(10))],
        HealAt = TimeSpan.FromMinutes(3),
        Recovery = TimeSpan.FromMinutes(1),
    };

    /// <summary>Breaks whenever a volume group is made: proves that what breaks is reported.</summary>
    private sealed class Canary : Invariant
    {
        public override string Id => "canary";

        public override string Statement => "There is no volume group.";

        public override void OnStorage(World.StorageCall call)
        {
            if (!call.After.VolumeGroups.IsEmpty)
            {
                Broken("there is one on " + call.Node);
            }
        }
    }

    /// <summary>Breaks the run off at the first volume group, and would find fault with its end.</summary>
    private sealed class Impatient(CancellationTokenSource source) : Invariant
    {
        public override string Id => "impatient";

        public override string Statement => "There is no end.";

        public override void OnStorage(World.StorageCall call)
        {
            if (!call.After.VolumeGroups.IsEmpty)
            {
                source.Cancel();
            }
        }

        public override void OnEnd() => Broken("there was one");
    }

    private sealed class FaultCounter : Invariant
    {
        public override string Id => "counter";

        public override string Statement => "Faults are counted.";

        public override void OnFault(Faults.ActiveFault fault, bool hasBegun) =>
            Run.Marks.Hit((hasBegun ? "begun " : "ended ") + fault.Fault.Info.Word);
    }
}
