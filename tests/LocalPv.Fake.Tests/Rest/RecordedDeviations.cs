namespace LocalPv.Fake.Tests.Rest;

/// <summary>Where this server deliberately answers otherwise than the recorded one.</summary>
public static class RecordedDeviations
{
    private static readonly SortedDictionary<string, (string Path, string Why)> Known = new(StringComparer.Ordinal)
    {
        ["01-version"] = (".", "the server says which build it is"),
    };

    /// <summary>Fails with the differences of an exchange that nobody has explained.</summary>
    public static void AssertExplained(RecordedReplay replay, string name)
    {
        var differences = replay.Differences[name];
        var unexplained = Known.TryGetValue(name, out var known)
            ? differences.Where(difference => !difference.StartsWith(known.Path, StringComparison.Ordinal))
            : differences;
        Assert.True(!unexplained.Any(), string.Join(Environment.NewLine, unexplained));
    }

    /// <summary>Fails when an explained difference is none any more.</summary>
    public static void AssertStillReal(RecordedReplay replay) => Assert.All(Known, pair => Assert.Contains(
        replay.Differences[pair.Key], difference => difference.StartsWith(pair.Value.Path, StringComparison.Ordinal)));
}
