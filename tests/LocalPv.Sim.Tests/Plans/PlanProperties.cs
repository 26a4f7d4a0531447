using FsCheck;
using FsCheck.Fluent;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Plans;

/// <summary>Plans as FsCheck sees them: drawn by seed, shrunk by leaving out steps and knobs.</summary>
public sealed class PlanProperties
{
    public static Arbitrary<Plan> Plans { get; } = Arb.From(
        Gen.Choose(1, int.MaxValue).Select(seed => PlanGenerator.From((ulong)seed)),
        plan => plan.Steps.Select(step => plan with { Steps = plan.Steps.Remove(step) })
            .Concat(plan.Knobs.Values.Select(knob => plan with { Knobs = plan.Knobs.Without(knob.Key) })));

    /// <summary>A plan with any of its steps taken out is a plan: it can be written, read and run to its end.</summary>
    [Fact]
    public void AnyPartOfAPlan_IsAPlan() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(6), Prop.ForAll(Plans, plan => Fails(plan, 3) is null && Fails(plan, 1) is null));

    private static string? Fails(Plan plan, int share)
    {
        var part = plan with
        {
            Steps = [.. plan.Steps.Where((step, index) => index % share == 0 && step.At < TimeSpan.FromMinutes(5))],
            HealAt = TimeSpan.FromMinutes(5),
            Recovery = TimeSpan.FromMinutes(1),
        };
        var report = PlanRunner.Run(PlanReader.Read(PlanWriter.Write(part)), new RunOptions { Invariants = () => [] });
        return report.IsGood ? null : $"{report.Violation}\n{part}";
    }
}
