namespace LocalPv.Fake.Tests.Rest;

/// <summary>The server answers as a real one did: the same statuses, reasons and bodies up to times, uids and versions.</summary>
public sealed class RecordedExchangeTests(RecordedReplay replay) : IClassFixture<RecordedReplay>
{
    /// <summary>Where this server deliberately answers otherwise, by exchange: the start of the difference, and why.</summary>
    private static readonly SortedDictionary<string, (string Path, string Why)> Deviations = new(StringComparer.Ordinal)
    {
        ["01-version"] = (".", "the server says which build it is"),
        ["37-crd-get-established"] = (".metadata.managedFields", "nobody owns the status that the server itself gives a definition"),
        ["74-crd-delete"] = (".metadata.managedFields", "nobody owns the status that the server itself gives a definition"),
    };

    /// <summary>The names of all exchanges.</summary>
    public static TheoryData<string> Names => [.. RecordedExchange.ReadAll().Select(exchange => exchange.Name)];

    [Fact]
    public void Recordings_Counted_AreAllThere() => Assert.Equal(75, RecordedExchange.ReadAll().Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Server_RecordedRequest_AnswersAsTheRealOne(string name)
    {
        var differences = replay.Differences[name];
        var unexplained = Deviations.TryGetValue(name, out var known)
            ? differences.Where(difference => !difference.StartsWith(known.Path, StringComparison.Ordinal))
            : differences;
        Assert.True(!unexplained.Any(), string.Join(Environment.NewLine, unexplained));
    }

    [Fact]
    public void Deviation_Listed_IsStillReal() =>
        Assert.All(Deviations, pair => Assert.Contains(
            replay.Differences[pair.Key], difference => difference.StartsWith(pair.Value.Path, StringComparison.Ordinal)));
}
