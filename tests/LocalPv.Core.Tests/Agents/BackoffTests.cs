using LocalPv.Core.Agents;

namespace LocalPv.Core.Tests.Agents;

public sealed class BackoffTests
{
    private static readonly Backoff Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    // A server that is too busy asks everybody for the same wait: without a spread they would all come back at once.
    [Fact]
    public void After_AWaitThatWasAskedFor_IsNoShorterAndDiffersBetweenAgents()
    {
        var asked = TimeSpan.FromSeconds(10);
        var waits = Enumerable.Range(0, 100).Select(agent => Waits.After(1, (ulong)agent, asked)).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, asked, asked * 1.4));
        Assert.True(waits.Distinct().Count() > 20);
    }

    [Fact]
    public void After_AWaitThatIsShorterThanOurs_IsOurs() =>
        Assert.Equal(Waits.After(9, 5), Waits.After(9, 5, TimeSpan.FromSeconds(1)));
}
