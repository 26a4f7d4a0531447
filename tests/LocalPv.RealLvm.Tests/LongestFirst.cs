using Xunit.Abstractions;

[assembly: TestCollectionOrderer("LocalPv.RealLvm.Tests.LongestFirst", "LocalPv.RealLvm.Tests")]

namespace LocalPv.RealLvm.Tests;

/// <summary>
/// Starts the classes that take longest before the others, so that at the end no core waits for another. A class that is not named here
/// takes less than those that are.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
        ["NodeCrashTests", "SickDiskTests", "GuestVolumeTests", "GuestDifferentialTests", "AgentSweepTests"];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(RankOf).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);

    private static int RankOf(ITestCollection collection)
    {
        var rank = Array.FindIndex(Long, name => collection.DisplayName.Contains(name, StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}
