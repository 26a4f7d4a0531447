using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Scenarios;

/// <summary>Runs a scenario from beginning to end in virtual time.</summary>
public static class ScenarioRunner
{
    /// <summary>
    /// Runs <paramref name="scenario"/> with the latencies and ties of <paramref name="seed"/>. The trace is also written to
    /// <paramref name="traceCopy"/>, where one is given. Throws <see cref="PlanException"/> where a step names what is not there.
    /// </summary>
    public static ScenarioResult Run(Scenario scenario, ulong seed, Stream? traceCopy = null)
    {
        using var trace = new Trace(traceCopy);
        var invariants = new InvariantSet(InvariantCatalog.CreateAll());
        var cluster = new SimulatedCluster(scenario.Plan with { Seed = seed }, trace, invariants);
        var run = new RunContext(cluster, new Marks());
        invariants.Begin(run);
        var recorder = new MilestoneRecorder(cluster.Server, SimulatedCluster.SwitchedOn);
        var stage = new StepRunner(cluster);
        var seenRevision = -1L;
        cluster.StartAll();
        foreach (var step in scenario.Steps)
        {
            cluster.Loop.Schedule(SimulatedCluster.SwitchedOn + step.At, new Occurrence(() =>
            {
                recorder.Add(cluster.Loop.Now, "scenario", $"line {step.Line}: {PlanWriter.Write(step.What)}");
                seenRevision = -1;
                if (stage.Take(step) is { } problem)
                {
                    throw new PlanException(step.Line, problem);
                }
            }));
        }

        var check = new ConditionCheck(cluster);
        var open = scenario.Expectations.Select(expectation => new OpenExpectation(expectation)).ToList();
        foreach (var expectation in open)
        {
            cluster.Loop.Schedule(
                SimulatedCluster.SwitchedOn + expectation.Expectation.By,
                new Occurrence(() => expectation.Decide(cluster.Loop.Now, check)));
        }

        var end = SimulatedCluster.SwitchedOn + Length(scenario);
        while (run.Violation is null && cluster.Loop.RunNext(end))
        {
            if (cluster.Server.Revision != seenRevision)
            {
                seenRevision = cluster.Server.Revision;
                foreach (var expectation in open)
                {
                    expectation.Look(cluster.Loop.Now, check);
                }
            }
        }

        return new ScenarioResult(
            seed,
            [.. open.Select(expectation => expectation.Result)],
            run.Violation?.ToString(),
            [.. recorder.Milestones],
            trace.Hash(),
            trace.Lines,
            cluster.Loop.Happened,
            cluster.Loop.Now - SimulatedCluster.SwitchedOn);
    }

    private static TimeSpan Length(Scenario scenario)
    {
        var lastStep = scenario.Steps.IsEmpty ? TimeSpan.Zero : scenario.Steps[^1].At;
        return scenario.Expectations.Select(expectation => expectation.By).Append(lastStep).Max() + scenario.Length;
    }

    /// <summary>An expectation: the condition has to hold at its moment; since when it held is remembered.</summary>
    private sealed class OpenExpectation(Expectation expectation)
    {
        private TimeSpan? _trueSince;

        public Expectation Expectation => expectation;

        public ExpectationResult Result { get; private set; } = new(expectation, null, "the run ended before");

        public void Look(Instant now, ConditionCheck check)
        {
            if (check.Missing(expectation.What) is not null)
            {
                _trueSince = null;
            }
            else
            {
                _trueSince ??= now - SimulatedCluster.SwitchedOn;
            }
        }

        public void Decide(Instant now, ConditionCheck check)
        {
            Look(now, check);
            Result = new ExpectationResult(expectation, _trueSince, check.Missing(expectation.What) ?? "");
        }
    }
}
