using System.Globalization;
using LocalPv.Core.Units;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Makes the plan that a seed names. Each seed first draws which kinds of faults and operations exist at all, how often, and which knobs
/// are odd (swarm testing: what is seldom together in an average run is often together in some), then every single one from a stream
/// of its own.
/// </summary>
public static class PlanGenerator
{
    private static readonly TimeSpan HealAt = TimeSpan.FromMinutes(75);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(45);

    // What only ticks is most of what happens in two hours of so small a cluster: it ticks slowly here, except where a knob is odd.
    private static readonly Knobs Idle = Knobs.None
        .With("agent.report-period", "8m")
        .With("agent.scan-period", "3m")
        .With("api.bookmark-period", "4m")
        .With("controller.lease", "75s")
        .With("controller.review-gap", "5s")
        .With("controller.review-period", "1m")
        .With("extender.tick-period", "30s")
        .With("kubelet.pod-sync", "10m")
        .With("pv-controller.resync", "3m")
        .With("reflector.silence", "5m");

    /// <summary>The plan of that seed: 3 to 8 nodes, 20 to 60 claims, two hours.</summary>
    public static Plan From(ulong seed)
    {
        var random = KeyedRandom.FromSeed(seed).For("plan");
        var draws = new Draws(random.For("shape"));
        var cluster = new ClusterShape(draws.Between(3, 8), draws.Between(1, 3), Bytes.FromGibibytes(draws.Between(8, 40)));
        var workload = new WorkloadGenerator(random.For("workload"), cluster, HealAt);
        var operations = workload.Generate();
        var faults = new FaultGenerator(random.For("faults"), cluster, HealAt, [.. operations.Select(step => step.At)]);
        var hands = HandGenerator.Generate(random.For("hands"), HealAt);
        hands.AddRange(HandGenerator.TakeOff(random.For("taken-off"), HealAt));
        hands.AddRange(OtherClassGenerator.Generate(random.For("other-class"), cluster, operations, HealAt));
        return new Plan
        {
            Title = "seed " + seed.ToString(CultureInfo.InvariantCulture),
            Seed = seed,
            Cluster = cluster,
            Knobs = Odd(random.For("knobs")),
            Steps = [.. operations.Concat(faults.Generate()).Concat(hands).OrderBy(step => step.At)],
            HealAt = HealAt,
            Recovery = Recovery,
        };
    }

    private static Knobs Odd(KeyedRandom random)
    {
        var knobs = Idle;
        var percent = new Draws(random).OneOf([0, 5, 15, 30]);
        foreach (var knob in KnobCatalog.All)
        {
            var draws = new Draws(random.For(knob.Name));
            if (draws.Chance(percent))
            {
                knobs = knobs.With(knob.Name, draws.OneOf(knob.Odd));
            }
        }

        return knobs;
    }
}
