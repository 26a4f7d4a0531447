using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Scenarios;

/// <summary>Runs a scenario from beginning to end in virtual time.</summary>
public static class ScenarioRunner
{
    /// <summary>
    /// Runs <paramref name="scenario"/> with the latencies and ties of <paramref name="seed"/>. The trace is also written to
    /// <paramref name="traceCopy"/>, where one is given. Throws <see cref="ScenarioException"/> where a step names what is not there.
    /// </summary>
    public static ScenarioResult Run(Scenario scenario, ulong seed, Stream? traceCopy = null)
    {
        using var trace = new Trace(traceCopy);
        var cluster = new SimulatedCluster(scenario.Cluster, seed, trace);
        var recorder = new MilestoneRecorder(cluster.Server, SimulatedCluster.SwitchedOn);
        var invariants = new InvariantChecks(cluster);
        var stage = new StepRunner(cluster, recorder);
        cluster.StartAll();
        foreach (var step in scenario.Steps)
        {
            cluster.Loop.Schedule(SimulatedCluster.SwitchedOn + step.At, new Occurrence(() => stage.Take(step)));
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
        while (invariants.Violation is null && cluster.Loop.RunNext(end))
        {
            if (cluster.Server.Revision != stage.SeenRevision || stage.TookStep)
            {
                stage.Seen();
                foreach (var expectation in open)
                {
                    expectation.Look(cluster.Loop.Now, check);
                }
            }
        }

        return new ScenarioResult(
            seed,
            [.. open.Select(expectation => expectation.Result)],
            invariants.Violation,
            [.. recorder.Milestones],
            trace.Hash(),
            trace.Lines,
            cluster.Steps,
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
