using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Draws what people do by hand to objects that LocalPv keeps: they delete a PersistentVolume or a NodeLocalStorage. In one seed of four;
/// from streams of its own, so that the rest of a seed's plan is as without.
/// </summary>
internal static class HandGenerator
{
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
