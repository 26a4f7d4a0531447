using LocalPv.Fake.Tests.Rest;

namespace LocalPv.EndToEnd.Tests.Embedded;

/// <summary>Over HTTP too, the server answers as a real one did: statuses, headers, bodies, and the streams of watches.</summary>
public sealed class RecordedHttpTests(RecordedHttpTests.Replay replay) : IClassFixture<RecordedHttpTests.Replay>
{
    /// <summary>The names of all exchanges.</summary>
    public static TheoryData<string> Names => [.. RecordedExchange.ReadAll().Select(exchange => exchange.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Server_RecordedRequestOverHttp_AnswersAsTheRealOne(string name) => RecordedDeviations.AssertExplained(replay.Done, name);

    [Fact]
    public void Deviation_Listed_IsStillReal() => RecordedDeviations.AssertStillReal(replay.Done);

    /// <summary>The replay over HTTP.</summary>
    public sealed class Replay : IAsyncLifetime
    {
        /// <summary>The replay.</summary>
        public RecordedReplay Done { get; private set; } = null!;

        /// <inheritdoc/>
        public async Task InitializeAsync()
        {
            await using var door = await HttpDoor.OpenAsync();
            Done = await RecordedReplay.RunAsync(door);
        }

        /// <inheritdoc/>
        public Task DisposeAsync() => Task.CompletedTask;
    }
}
