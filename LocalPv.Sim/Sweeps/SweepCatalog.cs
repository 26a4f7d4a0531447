using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Sweeps;

/// <summary>A plan of a sweep: the reference's, with one thing more that goes wrong at a chosen moment.</summary>
/// <param name="What">What goes wrong and when, for a person.</param>
/// <param name="Plan">The plan, which can be saved and replayed by itself.</param>
public sealed record SweepCase(string What, Plan Plan);

/// <summary>
/// All plans of a sweep. Nothing is left to chance: every effect of the reference run, and every pair of its writes, has its turn. Source:
/// Sieve (OSDI'22) for the intermediate, stale and unobserved states.
/// </summary>
public static class SweepCatalog
{
    private static readonly TimeSpan Moment = TimeSpan.FromMicroseconds(1);
    private static readonly TimeSpan DownFor = TimeSpan.FromSeconds(1);

    /// <summary>The sweeps, by the word that the command line calls them.</summary>
    public static ImmutableArray<(string Word, Func<Reference, IEnumerable<SweepCase>> Cases)> All { get; } =
    [
        ("crash", Crashes),
        ("lost", LostAnswers),
        ("stale", reference => Pairs(reference, FaultType.StaleServer)),
        ("unobserved", reference => Pairs(reference, FaultType.Gap)),
    ];

    /// <summary>
    /// The process that wants an effect dies right before it sends it, and right after it took effect, before the answer is heard.
    /// </summary>
    public static IEnumerable<SweepCase> Crashes(Reference reference) => reference.Effects.SelectMany(effect => new[]
    {
        Case(reference, effect.Sent - Moment, new Fault(FaultType.Crash, effect.Process) { For = DownFor }, $"before {effect.What}"),
        Case(reference, effect.Answered - Moment, new Fault(FaultType.Crash, effect.Process) { For = DownFor }, $"after {effect.What}"),
    });

    /// <summary>A change happens, but its answer is lost; or it is lost itself, and the answer says nothing of it.</summary>
    public static IEnumerable<SweepCase> LostAnswers(Reference reference) => reference.Effects
        .Where(effect => effect.IsChange)
        .SelectMany(effect => (effect.IsStorage ? LostInLvm : LostInApi).Select(type => Case(
            reference,
            effect.Sent + Moment,
            new Fault(type, effect.IsStorage ? NodeOf(effect.Process) : effect.Process)
            {
                For = effect.Answered - effect.Sent - (2 * Moment),
            },
            $"during {effect.What}")));

    private static ImmutableArray<FaultType> LostInLvm { get; } =
        [FaultType.LvmInDoubt, FaultType.LvmLost, FaultType.LvmHalf, FaultType.LvmFail];

    private static ImmutableArray<FaultType> LostInApi { get; } = [FaultType.LoseAnswers, FaultType.FailRequests, FaultType.Conflict];

    // From one write on a process sees nothing of what is written, up to and with another; every two writes.
    private static IEnumerable<SweepCase> Pairs(Reference reference, FaultType type)
    {
        foreach (var process in reference.Processes)
        {
            for (var from = 0; from < reference.Commits.Length; from++)
            {
                for (var to = from; to < reference.Commits.Length; to++)
                {
                    var begin = reference.Commits[from] - Moment;
                    yield return Case(
                        reference,
                        begin,
                        new Fault(type, process) { For = reference.Commits[to] + (10 * Moment) - begin },
                        string.Create(CultureInfo.InvariantCulture, $"writes {from} to {to}"));
                }
            }
        }
    }

    private static string NodeOf(string agent) => agent[(agent.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static SweepCase Case(Reference reference, TimeSpan at, Fault fault, string when)
    {
        at = Floor(at < TimeSpan.Zero ? TimeSpan.Zero : at);
        fault = fault with { For = Floor(fault.For < Moment ? Moment : fault.For) };
        var what = string.Create(
            CultureInfo.InvariantCulture, $"{fault.Info.Word} {fault.Target} {when}, at {at.TotalMilliseconds:0.###} ms");
        var steps = reference.Plan.Steps.ToList();
        var place = steps.FindIndex(step => step.At > at);
        steps.Insert(place < 0 ? steps.Count : place, new TimedStep(at, new Step.Break(fault)));
        return new SweepCase(what, reference.Plan with { Title = what, Steps = [.. steps] });
    }

    // Plans are written to the microsecond.
    private static TimeSpan Floor(TimeSpan span) => new(span.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond);
}
