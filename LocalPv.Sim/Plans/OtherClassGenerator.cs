using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Draws classes that are deleted and made again under their names with other parameters, which Kubernetes lets nobody change: in one seed
/// of five. From streams of their own, so that the rest of a seed's plan is as without.
/// </summary>
internal static class OtherClassGenerator
{
    internal static IEnumerable<TimedStep> Generate(
        KeyedRandom random, ClusterShape cluster, IEnumerable<TimedStep> operations, TimeSpan healAt)
    {
        var draws = new Draws(random);
        var classes = operations.Where(step => step.At == TimeSpan.Zero).Select(step => step.What).OfType<Step.MakeClass>().ToArray();
        if (!draws.Chance(20) || classes.Length == 0)
        {
            yield break;
        }

        var end = healAt - TimeSpan.FromMinutes(8);
        for (var number = draws.Between(1, 4); number > 0; number--)
        {
            var before = draws.OneOf(classes);
            var at = draws.Time(TimeSpan.FromSeconds(10), end);
            yield return new TimedStep(at, new Step.Delete("class", before.Name));
            at += draws.Span(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(6));
            yield return new TimedStep(at, Changed(before, cluster, draws));
        }
    }

    private static Step.MakeClass Changed(Step.MakeClass before, ClusterShape cluster, Draws draws) => draws.Below(7) switch
    {
        0 => before with { VolumeGroup = draws.OneOf(["other", "another", before.Name]) },
        1 => before with { Disks = [draws.Between(1, cluster.Disks)] },
        2 => before with { Layout = draws.OneOf([null, "thin", cluster.Disks > 1 ? "raid1" : "thin"]) },
        3 => before with { FileSystem = "xfs", Wipe = draws.OneOf([null, "signatures", "discard"]) },
        4 => before with { ExtentSize = draws.OneOf([null, "1Mi", "64Mi"]), Reserve = draws.OneOf([null, "1Gi"]) },
        5 => before with { IsByLabel = !before.IsByLabel },
        _ => before with { Nodes = [World.Names.Node(draws.Between(1, cluster.Nodes))], IsByLabel = false },
    };
}
