using System.Collections.Concurrent;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Workers;

/// <summary>An API server that takes requests and answers none, as one without etcd: the log and the metrics say so.</summary>
[Collection("Metrics")]
public sealed class UnansweredRequestTests : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _logged = new();

    [Theory]
    [InlineData(false, "Unavailable", "list")]
    [InlineData(true, "InDoubt", "patch")]
    public async Task Request_WhoseTimeIsUp_IsLoggedAndCounted(bool isWrite, string result, string verb)
    {
        var type = new ResourceType("", "v1", "silences" + verb, "Silence", true);
        ClusterRequest request = isWrite
            ? new ClusterRequest.Patch(type, new ObjectKey("default", "a"), JsonMap.Empty)
            : new ClusterRequest.List(type, ObjectSelector.Everything);
        using var metrics = new LocalPvMetrics();
        using var page = new MetricsPage("test");
        using var inner = new EffectRunner(
            new MeteredClusterApi(new LoggingClusterApi(new SilentServer(), this), metrics, TimeProvider.System), storage: null);
        var heard = new List<AgentEvent>();

        await new TimeLimitedEffectRunner(inner, TimeProvider.System).RunAsync(
            new Effect.CallCluster(1, request, TimeSpan.FromMilliseconds(50)), heard.Add, CancellationToken.None);

        Assert.Equal(result, Assert.IsType<AgentEvent.ClusterAnswered>(Assert.Single(heard)).Outcome.Kind.ToString());
        var labels = $"resource=\"{type.GroupResource}\",result=\"{result}\",verb=\"{verb}\"";
        var counted = "localpv_api_request_duration_seconds_count{" + labels + "} 1\n";
        Assert.True(
            SpinWait.SpinUntil(() => page.Render().Contains(counted, StringComparison.Ordinal), TimeSpan.FromSeconds(20)), page.Render());
        var (level, text) = Assert.Single(_logged);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains($": {result}: no answer", text, StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _logged.Enqueue((logLevel, formatter(state, exception)));

    private sealed class SilentServer : IClusterApi
    {
        public async ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new System.Diagnostics.UnreachableException();
        }

        public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver) => throw new NotSupportedException();
    }
}
