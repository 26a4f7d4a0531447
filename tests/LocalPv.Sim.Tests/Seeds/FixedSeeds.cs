using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Seeds;

/// <summary>The seeds that every run of the tests tries, and their runs in this process.</summary>
internal static class FixedSeeds
{
    /// <summary>The first and the last of them.</summary>
    public const ulong First = 1, Last = 6;

    private static readonly Lazy<IReadOnlyList<RunReport>> Runs = new(() =>
    [
        .. Enumerable.Range((int)First, (int)(Last - First + 1)).Select(seed => PlanRunner.Run(PlanGenerator.From((ulong)seed))),
    ]);

    /// <summary>What came of each, in order: they are run once.</summary>
    public static IReadOnlyList<RunReport> Reports => Runs.Value;
}
