using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Draws what people do by hand to objects that LocalPv keeps: they delete a PersistentVolume or a NodeLocalStorage, in one seed of four;
/// and take off what it has written on objects, in one of five. From streams of their own, so that the rest of a seed's plan is as without.
/// </summary>
internal static class HandGenerator
{
    private static readonly (string Kind, string Changes)[] TakenOff =
    [
        ("claim", Without(WellKnown.SelectedNodeAnnotation)),
        ("claim", Without(WellKnown.FailedOnAnnotation)),
        ("claim", Without(WellKnown.StorageProvisionerAnnotation, WellKnown.BetaStorageProvisionerAnnotation)),
        ("claim", WithoutAll("annotations")),
        ("claim", WithoutAll("finalizers")),
        ("volume", WithoutAll("labels")),
        ("volume", WithoutAll("finalizers")),
        ("storage", WithoutAll("labels")),
        ("storage", WithoutAll("finalizers")),
        ("storage", WithoutAll("ownerReferences")),
    ];

    /// <summary>What people take off objects: annotations, labels, finalizers, owners.</summary>
    internal static IEnumerable<TimedStep> TakeOff(KeyedRandom random, TimeSpan healAt)
    {
        var draws = new Draws(random);
        if (!draws.Chance(20))
        {
            yield break;
        }

        var end = healAt - TimeSpan.FromMinutes(2);
        var usual = draws.OneOf(TakenOff);
        for (var number = draws.Between(2, 10); number > 0; number--)
        {
            var (kind, changes) = draws.Chance(40) ? usual : draws.OneOf(TakenOff);
            yield return new TimedStep(
                draws.Time(TimeSpan.FromSeconds(10), end), new Step.Patch(kind, Target.Late(draws.Below(1000)), changes));
        }
    }

    private static string Without(params ReadOnlySpan<string> annotations)
    {
        var gone = JsonMap.Empty;
        foreach (var annotation in annotations)
        {
            gone = gone.With(annotation, JsonNull.Instance);
        }

        return JsonMap.Of(("metadata", JsonMap.Of(("annotations", gone)))).ToString();
    }

    private static string WithoutAll(string field) => JsonMap.Of(("metadata", JsonMap.Of((field, JsonNull.Instance)))).ToString();

    internal static List<TimedStep> Generate(KeyedRandom random, TimeSpan healAt)
    {
        var draws = new Draws(random);
        var steps = new List<TimedStep>();
        if (!draws.Chance(25))
        {
            return steps;
        }

        var end = healAt - TimeSpan.FromMinutes(2);
        for (var number = draws.Between(1, 5); number > 0; number--)
        {
            var at = draws.Time(TimeSpan.FromMinutes(1), end);
            var target = Target.Late(draws.Below(1000));
            steps.Add(new TimedStep(at, draws.Chance(60) ? new Step.Delete("volume", target) : new Step.Delete("storage", target)));
        }

        return steps;
    }
}
