using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Units;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Plans;

/// <summary>
/// Plans without faults in which everything always fits, wherever it is placed: so their end is what their users want, and nothing else.
/// </summary>
internal static class SmallPlans
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(75);

    /// <summary>As FsCheck sees them: drawn by seed, shrunk by leaving out steps.</summary>
    public static Arbitrary<Plan> All { get; } = Arb.From(
        Gen.Choose(1, int.MaxValue).Select(seed => From((ulong)seed)),
        plan => plan.Steps.Where(step => step.What is not Step.MakeClass).Select(step => plan with { Steps = plan.Steps.Remove(step) }));

    /// <summary>The plan of that seed.</summary>
    public static Plan From(ulong seed)
    {
        var draws = new Draws(KeyedRandom.FromSeed(seed).For("small"));
        var steps = new List<Step>();
        var pods = draws.Between(2, 4);
        for (var pod = 1; pod <= pods; pod++)
        {
            var claims = Enumerable.Range(1, draws.Between(1, 2)).Select(claim => new ClaimText($"p{pod}-{claim}", Size(draws), "fast"));
            steps.Add(new Step.MakePod($"p{pod}", [.. claims], null));
        }

        steps.Add(new Step.MakeStatefulSet("db", draws.Between(1, 3), [new ClaimText("data", Size(draws), "fast")]));
        steps.Add(new Step.Resize("p1-1", $"{draws.Between(4, 6)}Gi"));
        steps.Add(new Step.Scale("db", draws.Between(1, 3)));
        if (draws.Chance(50))
        {
            steps.Add(new Step.Delete("pod", "p2"));
            steps.Add(new Step.Delete("claim", "p2-1"));
        }

        return new Plan
        {
            Seed = seed,
            Cluster = new ClusterShape(draws.Between(2, 4), draws.Between(1, 2), Bytes.FromGibibytes(60)),
            Knobs = Knobs.None.With("controller.lease", "45s").With("kubelet.pod-sync", "5m"),
            Steps =
            [
                new TimedStep(TimeSpan.Zero, new Step.MakeClass("fast", [], null, null)),
                .. steps.Select((step, index) => new TimedStep(Pace * (index + 1), step)),
            ],
            HealAt = TimeSpan.FromMinutes(20),
            Recovery = TimeSpan.FromMinutes(14),
        };
    }

    private static string Size(Draws draws) => draws.Between(1, 3) + "Gi";
}
