using System.Collections.Immutable;
using LocalPv.Core.Units;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Shrinking;

/// <summary>Simpler forms of a whole plan, each worth one try since it makes many steps needless at once.</summary>
internal static class PlanSimplifier
{
    private static readonly long[] Gibibytes = [2, 4, 6, 10];

    /// <summary>Smaller disks, the smallest first: they are full after fewer Pods, so that what needs a full disk happens sooner.</summary>
    internal static IEnumerable<Plan> SmallerDisks(Plan plan)
    {
        foreach (var size in Gibibytes.Select(Bytes.FromGibibytes).Where(size => size < plan.Cluster.DiskSize))
        {
            yield return plan with { Cluster = plan.Cluster with { DiskSize = size } };
        }
    }

    /// <summary>One class for all claims, each in turn; nothing where there is no more than one.</summary>
    internal static IEnumerable<Plan> OneClass(Plan plan)
    {
        var classes = plan.Steps.Select(step => step.What).OfType<Step.MakeClass>().Select(made => made.Name).Distinct().ToArray();
        foreach (var only in classes.Length > 1 ? classes : [])
        {
            yield return plan with
            {
                Steps =
                [
                    .. plan.Steps.Where(step => step.What is not Step.MakeClass made || made.Name == only)
                        .Select(step => step with { What = OfClass(step.What, classes, only) }),
                ],
            };
        }
    }

    private static Step OfClass(Step what, string[] classes, string only)
    {
        ClaimText Of(ClaimText claim) => classes.Contains(claim.Class) ? claim with { Class = only } : claim;
        ImmutableArray<ClaimText> All(ImmutableArray<ClaimText> claims) => [.. claims.Select(Of)];
        return what switch
        {
            Step.MakePod pod => pod with { Claims = All(pod.Claims) },
            Step.MakeStatefulSet set => set with { Claims = All(set.Claims) },
            Step.MakeClaim make => new Step.MakeClaim(Of(make.Claim)),
            _ => what,
        };
    }
}
