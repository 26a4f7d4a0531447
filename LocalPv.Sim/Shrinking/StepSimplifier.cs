using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Shrinking;

/// <summary>Simpler forms of a step, the simplest first.</summary>
internal static class StepSimplifier
{
    internal static IEnumerable<TimedStep> Simpler(TimedStep step)
    {
        foreach (var what in Simpler(step.What))
        {
            yield return step with { What = what };
        }
    }

    private static IEnumerable<Step> Simpler(Step what)
    {
        switch (what)
        {
            case Step.MakePod { Claims.Length: > 1 } pod:
                foreach (var claim in pod.Claims)
                {
                    yield return pod with { Claims = [claim] };
                }

                break;
            case Step.MakeStatefulSet { Replicas: > 1 } set:
                yield return set with { Replicas = 1 };
                yield return set with { Replicas = 2 };
                break;
            case Step.MakeClass make:
                yield return new Step.MakeClass(make.Name, make.Nodes, null, make.ReclaimPolicy);
                yield return make with { Reserve = null, Wipe = null };
                break;
            case Step.Break { Fault: var fault }:
                foreach (var simpler in Simpler(fault))
                {
                    yield return new Step.Break(simpler);
                }

                break;
            default:
                break;
        }
    }

    private static IEnumerable<Fault> Simpler(Fault fault)
    {
        if (fault.Percent != 100 && fault.Type != FaultType.ClockRate)
        {
            yield return fault with { Percent = 100 };
        }

        if (fault.For > TimeSpan.FromSeconds(1))
        {
            yield return fault with { For = TimeSpan.FromSeconds(1) };
            yield return fault with { For = TimeSpan.FromSeconds(10) };
        }
    }
}
