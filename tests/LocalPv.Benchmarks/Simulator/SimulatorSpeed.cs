using System.Globalization;
using System.Text;
using LocalPv.Core.Units;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;
using LocalPv.Sim.World;

namespace LocalPv.Benchmarks.Simulator;

/// <summary>
/// How many events the simulator lets happen in a second of processor time (of all threads, the garbage collector's included), with the
/// trace hashed: a cluster where Pods come with their claims, run, and go again with them, all along the normal way. The baseline is an
/// empty event: what the heap and the clock alone cost.
/// </summary>
internal static class SimulatorSpeed
{
    private const int WarmUpSeconds = 4;

    /// <summary>Runs each case so often, and prints the fastest run of each.</summary>
    public static void Run(int rounds, int onlyNodes)
    {
        Console.WriteLine("| cluster | claims | events | taken in by agents | events a second | of the empty loop's | Pods a second |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var empty = Best(rounds, EmptyLoop);
        Print("nothing but empty events", 0, empty, empty);
        foreach (var (nodes, claims) in (ReadOnlySpan<(int, int)>)[(3, 100), (20, 500), (100, 1000), (5000, 100)])
        {
            if (onlyNodes == nodes || (onlyNodes == 0 && nodes <= 100))
            {
                var scenario = ScenarioReader.Read(Text(nodes, claims));
                Print($"{nodes} nodes", claims, Best(rounds, () => Unchecked(scenario)), empty);
                Print($"{nodes} nodes, invariants watched", claims, Best(rounds, () => Checked(scenario)), empty);
            }
        }
    }

    private static Measured Best(int rounds, Func<Measured> measure)
    {
        // The runtime compiles hot code again and again at first; the first seconds only warm it up.
        for (var used = TimeSpan.Zero; used < TimeSpan.FromSeconds(WarmUpSeconds);)
        {
            used += measure().Used;
        }

        return Enumerable.Range(0, rounds).Select(_ => measure()).MaxBy(run => run.PerSecond);
    }

    private static void Print(string name, int claims, Measured run, Measured empty) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {claims} | {run.Events} | {run.Steps} | {run.PerSecond:F0} | {run.PerSecond / empty.PerSecond:F3} "
        + $"| {claims / run.Used.TotalSeconds:F0} |"));

    // Ten Pods a second with one claim each; each goes half a minute later.
    private static string Text(int nodes, int claims)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"cluster nodes={nodes} disks=2 disk-size=2000Gi");
        text.AppendLine("at 0s class fast");
        for (var claim = 0; claim < claims; claim++)
        {
            var at = 10_000 + (claim * 100);
            text.AppendLine(CultureInfo.InvariantCulture, $"at {at}ms pod p{claim} claims=c{claim}:1Gi:fast");
            text.AppendLine(CultureInfo.InvariantCulture, $"at {at + 30_000}ms delete pod p{claim}");
            text.AppendLine(CultureInfo.InvariantCulture, $"at {at + 30_500}ms delete claim c{claim}");
        }

        text.AppendLine("run on 30s");
        return text.ToString();
    }

    private static Measured EmptyLoop()
    {
        const int Events = 1_000_000;
        var loop = new EventLoop(Instant.Epoch);
        var happening = new EmptyEvent(loop, Events);
        for (var i = 0; i < 100; i++)
        {
            loop.Schedule(Instant.Epoch, happening);
        }

        var before = Environment.CpuUsage.TotalTime;
        while (loop.RunNext(Instant.Never))
        {
        }

        return new Measured(loop.Happened, null, Environment.CpuUsage.TotalTime - before);
    }

    private static Measured Unchecked(Scenario scenario)
    {
        using var trace = new Trace();
        var cluster = new SimulatedCluster(scenario.Plan, trace);
        var stage = new StepRunner(cluster);
        cluster.StartAll();
        foreach (var step in scenario.Steps)
        {
            cluster.Loop.Schedule(SimulatedCluster.SwitchedOn + step.At, new Occurrence(() => Take(stage, step)));
        }

        var end = SimulatedCluster.SwitchedOn + scenario.Steps[^1].At + scenario.Length;
        var before = Environment.CpuUsage.TotalTime;
        while (cluster.Loop.RunNext(end))
        {
        }

        trace.Hash();
        var used = Environment.CpuUsage.TotalTime - before;
        return cluster.Server.Snapshot(Core.Kubernetes.ResourceTypes.PersistentVolumeClaims).Any()
            ? throw new InvalidOperationException("A claim is left: the run is not what it should be.")
            : new Measured(cluster.Loop.Happened, cluster.Steps, used);
    }

    private static void Take(StepRunner stage, TimedStep step)
    {
        if (stage.Take(step) is { } problem)
        {
            throw new PlanException(step.Line, problem);
        }
    }

    private static Measured Checked(Scenario scenario)
    {
        var before = Environment.CpuUsage.TotalTime;
        var result = ScenarioRunner.Run(scenario, 1);
        return new Measured(result.Events, null, Environment.CpuUsage.TotalTime - before);
    }

    private readonly record struct Measured(long Events, long? Steps, TimeSpan Used)
    {
        public double PerSecond => Events / Used.TotalSeconds;
    }

    private sealed class EmptyEvent(EventLoop loop, int most) : SimulationEvent
    {
        private static readonly KeyedRandom Random = KeyedRandom.FromSeed(1);

        public override void Happen()
        {
            if (loop.Happened < most)
            {
                loop.ScheduleAfter(Random.Between(loop.Happened, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(10)), this);
            }
        }
    }
}
