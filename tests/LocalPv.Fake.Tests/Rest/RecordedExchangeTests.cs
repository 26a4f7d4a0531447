namespace LocalPv.Fake.Tests.Rest;

/// <summary>The server answers as a real one did: the same statuses, reasons and bodies up to times, uids and versions.</summary>
public sealed class RecordedExchangeTests(RecordedExchangeTests.Replay replay) : IClassFixture<RecordedExchangeTests.Replay>
{
    /// <summary>The names of all exchanges.</summary>
    public static TheoryData<string> Names => [.. RecordedExchange.ReadAll().Select(exchange => exchange.Name)];

    [Fact]
    public void Recordings_Counted_AreAllThere() => Assert.Equal(75, RecordedExchange.ReadAll().Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Server_RecordedRequest_AnswersAsTheRealOne(string name) => RecordedDeviations.AssertExplained(replay.Done, name);

    [Fact]
    public void Deviation_Listed_IsStillReal() => RecordedDeviations.AssertStillReal(replay.Done);

    /// <summary>The replay through the door without the network.</summary>
    public sealed class Replay : IAsyncLifetime
    {
        /// <summary>The replay.</summary>
        public RecordedReplay Done { get; private set; } = null!;

        /// <inheritdoc/>
        public async Task InitializeAsync() => Done = await RecordedReplay.RunAsync(new PureDoor());

        /// <inheritdoc/>
        public Task DisposeAsync() => Task.CompletedTask;
    }
}
