using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary>How a visit to the museum hunts.</summary>
public sealed record MuseumOptions
{
    /// <summary>The bugs to hunt; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>How many ranges of seeds, far from each other.</summary>
    public int Ranges { get; init; } = 3;

    /// <summary>The most seeds of one range.</summary>
    public int SeedsMax { get; init; } = 500;

    /// <summary>The most CPU time of one range.</summary>
    public TimeSpan BudgetMax { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The first seed of the first range.</summary>
    public ulong FirstSeed { get; init; } = 1;

    /// <summary>How long a found plan is made smaller; zero for not at all.</summary>
    public TimeSpan ShrinkMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where small plans are written, one file for each bug; null for nowhere.</summary>
    public DirectoryInfo? Save { get; init; }

    /// <summary>The plan of a seed.</summary>
    public Func<ulong, Plan> Plan { get; init; } = PlanGenerator.From;
}
