using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.Agents;
using LocalPv.Core.Units;
using LocalPv.Hosting.Health;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Health;

/// <summary>An extender that no longer hears of the cluster answers from an old picture, and says that it is not ready.</summary>
[Collection("Metrics")]
public sealed class WatchSilenceTests : IAsyncLifetime, IDisposable
{
    private const string Storages = "nodelocalstorages.localpv.io";

    private readonly ManualTime _time = new();
    private readonly LocalPvMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly AgentWorker _worker = new(
        "extender", new IdleAgent(), new NoEffects(), new AgentClock(TimeProvider.System), TimeProvider.System, new AgentWorkerOptions(),
        NullLogger.Instance);

    private readonly AgentTelemetry _telemetry;
    private readonly ExtenderState _state;
    private Task _running = Task.CompletedTask;
    private long _watch;

    public WatchSilenceTests()
    {
        _telemetry = new AgentTelemetry(_metrics, _time, node: null);
        _state = new ExtenderState(
            new ExtenderWorld().Start().Agent, _worker, _metrics, _telemetry, new ExtenderOptions(), () => "");
    }

    public Task InitializeAsync()
    {
        _running = _worker.RunAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _worker.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Watch_ThatOnlyFailsFromNowOn_MakesItUnreadyUntilItIsHeardOfAgain()
    {
        Open(new AgentEvent.Woke());
        Deliver(new WatchSignal.Bookmark("5"));
        for (var tries = 0; tries < 8; tries++)
        {
            Assert.Equal("", await ProblemAsync());
            _time.Now += TimeSpan.FromSeconds(30);
            Deliver(new WatchSignal.Closed(OutcomeKind.Refused, "not allowed"));
            Open(new AgentEvent.Woke());
        }

        Assert.Equal("", await ProblemAsync());
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.Contains(Storages + " for 241 s", await ProblemAsync(), StringComparison.Ordinal);
        Assert.Equal(241, Assert.Single(_telemetry.Silences()).Value);

        Deliver(new WatchSignal.Bookmark("6"));
        Assert.Equal("", await ProblemAsync());
        Assert.Equal(0, Assert.Single(_telemetry.Silences()).Value);
    }

    [Fact]
    public async Task Watch_BegunWithANewList_IsHeardOf()
    {
        Open(new AgentEvent.Woke());
        Deliver(new WatchSignal.Bookmark("5"));
        _time.Now += TimeSpan.FromMinutes(10);
        Open(Listed(Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "away")));
        Assert.NotEqual("", await ProblemAsync());
        Open(Listed(Outcome.Done(new ClusterAnswer(null, [], "9", ""))));
        Assert.Equal("", await ProblemAsync());
    }

    [Fact]
    public async Task Cluster_InWhichNothingHappens_IsHeardOfByBookmarks()
    {
        Open(new AgentEvent.Woke());
        for (var minute = 0; minute < 60; minute++)
        {
            _time.Now += TimeSpan.FromMinutes(1);
            Deliver(new WatchSignal.Bookmark("5"));
            Assert.Equal("", await ProblemAsync());
        }
    }

    [Fact]
    public async Task Server_WithoutBookmarks_IsNotJudgedByItsSilence()
    {
        Open(new AgentEvent.Woke());
        _time.Now += TimeSpan.FromHours(1);
        Assert.Equal("", await ProblemAsync());
    }

    private static AgentEvent.ClusterAnswered Listed(Outcome<ClusterAnswer> outcome) =>
        new(1, new ClusterRequest.List(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything), outcome);

    private void Open(AgentEvent happened) => _telemetry.OnStep(
        Instant.Epoch,
        happened,
        [new Effect.OpenWatch(++_watch, new WatchRequest(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything, "3"))]);

    private void Deliver(WatchSignal signal) => _telemetry.OnStep(Instant.Epoch, new AgentEvent.WatchDelivered(_watch, signal), []);

    private async Task<string> ProblemAsync() =>
        (await _state.ReadyAsync(CancellationToken.None)).Checks.Single(check => check.Name == "watches").Problem;

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class IdleAgent : IAgent
    {
        public ImmutableArray<Effect> Step(Instant now, AgentEvent happened) => [];
    }

    private sealed class NoEffects : IEffectRunner
    {
        public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;
    }
}
