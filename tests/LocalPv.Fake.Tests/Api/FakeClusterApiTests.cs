using LocalPv.Contracts;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The in-process port keeps the contract of every <see cref="IClusterApi"/>.</summary>
public sealed class FakeClusterApiTests : ClusterApiContract
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Start });
    private readonly FakeClusterApi _api;
    private Instant _now = Start;
    private StatusError? _next;
    private bool _loses;
    private int _requests;

    public FakeClusterApiTests()
    {
        _api = new FakeClusterApi(_server, () => _now)
        {
            Fate = _ => NextFate(),
            Failure = _ => NextFailure(),
        };
    }

    /// <inheritdoc/>
    protected override IClusterApi Api => _api;

    /// <inheritdoc/>
    protected override int RequestsSeen => _requests;

    /// <inheritdoc/>
    protected override void FailNextWith(int status, int? retryAfterSeconds) => _next = new StatusError(
        status,
        "Injected",
        "injected",
        retryAfterSeconds is { } seconds ? JsonMap.Of(("retryAfterSeconds", seconds)) : null);

    /// <inheritdoc/>
    protected override void LoseNextAnswer() => _loses = true;

    /// <inheritdoc/>
    protected override void Compact() => _server.Compact(_server.Revision);

    /// <inheritdoc/>
    protected override void LetWatchesEnd() => _now += TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override Task<bool> Until(Func<bool> condition)
    {
        _api.Pump();
        return Task.FromResult(condition());
    }

    private RequestFate NextFate()
    {
        _requests++;
        var fate = _loses ? RequestFate.AnswerLost : RequestFate.Answered;
        _loses = false;
        return fate;
    }

    private StatusError? NextFailure()
    {
        var failure = _next;
        _next = null;
        return failure;
    }
}
