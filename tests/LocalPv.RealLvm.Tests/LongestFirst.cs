using Xunit.Abstractions;

namespace LocalPv.RealLvm.Tests;

/// <summary>
/// Starts the classes that take longest before the others, so that at the end no core waits for another. A class that is not named takes
/// less than those that are.
/// </summary>
public abstract class LongestFirst(params string[] longest) : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(RankOf).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);

    private int RankOf(ITestCollection collection)
    {
        var rank = Array.FindIndex(longest, name => collection.DisplayName.Contains(name, StringComparison.Ordinal));
        return rank < 0 ? longest.Length : rank;
    }
}
