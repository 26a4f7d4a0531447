using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.World;

/// <summary>
/// One process's connection to the API server. Requests take effect at once (the process adds the way there and back), or go wrong as the
/// process's conditions say; watches deliver after a lag of their own. When the process dies, its watches die with it.
/// </summary>
internal sealed class SimulatedClusterApi : IClusterApi, IDisposable
{
    private const string SomebodysAnnotation = "example.com/touched";
    private static readonly TimeSpan BlockedAt = TimeSpan.FromSeconds(3);

    private readonly FakeApiServer _server;
    private readonly EventLoop _loop;
    private readonly WatchHub _hub;
    private readonly KeyedRandom _random;
    private readonly Latencies _latencies;
    private readonly Conditions _conditions;
    private readonly List<SimulatedWatch> _open = [];
    private readonly HashSet<string> _metConflict = new(StringComparer.Ordinal);

    internal SimulatedClusterApi(
        FakeApiServer server, EventLoop loop, WatchHub hub, KeyedRandom random, Latencies latencies, Conditions conditions)
    {
        (_server, _loop, _hub, _random, _latencies, _conditions) = (server, loop, hub, random, latencies, conditions);
        conditions.Troubled = () => _open.ForEach(watch => watch.WakeUp());
    }

    /// <summary>Whether it is the connection of one of Kubernetes' own parts, which are not what is tested.</summary>
    internal bool IsBystander { get; init; }

    /// <summary>Which changes say anything to the process, of those that its watches tell; null for all.</summary>
    internal Func<Change, bool>? LearnsFrom { get; init; }

    /// <summary>The API server with a view of its own that the connection leads to; null for the one that is up to date.</summary>
    internal StaleView? View { get; set; }

    public ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken) =>
        _conditions.AreCalm ? new(_server.Send(_loop.Now, request))
        : _conditions.Has(FaultType.CutOff) ? new(new TaskCompletionSource<Outcome<ClusterAnswer>>().Task)
        : new(SendWithFaults(request));

    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
    {
        var cursor = IsBystander && _server.Kinds.TryFind(request.Type, out var kind) && kind.IsServed
            ? _server.OpenWatch(_loop.Now, kind, new WatchOptions
            {
                Selector = request.Selector,
                ResourceVersion = request.ResourceVersion,
                Timeout = WorldSettings.BystanderWatchLife,
            })
            : _server.OpenWatch(_loop.Now, request);
        var watch = new SimulatedWatch(
            cursor,
            request.Type.Kind,
            _loop,
            _hub,
            _random.For("watch").For(request.Type.Kind),
            _latencies,
            _conditions,
            deliver,
            LearnsFrom);
        _open.RemoveAll(old => old.IsOver);
        _open.Add(watch);
        if (View?.WhyNot(request.ResourceVersion) is { } refusal)
        {
            watch.CloseAfter(BlockedAt, refusal);
        }

        return watch;
    }

    /// <summary>Ends every open watch with that signal.</summary>
    internal void CloseWatches(OutcomeKind kind, string message)
    {
        foreach (var watch in _open.ToArray())
        {
            watch.CloseAfter(TimeSpan.Zero, new WatchSignal.Closed(kind, message));
        }
    }

    /// <summary>Lets the open watches look whether they may go on.</summary>
    internal void WakeWatches()
    {
        foreach (var watch in _open.ToArray())
        {
            watch.Notify();
        }
    }

    /// <summary>The watches that are open now never say anything again.</summary>
    internal void SilenceWatches() => _open.ForEach(watch => watch.Silence());

    /// <summary>Ends the open watches that never say anything again.</summary>
    internal void CloseSilentWatches()
    {
        foreach (var watch in _open.Where(watch => watch.IsSilent).ToArray())
        {
            watch.CloseAfter(TimeSpan.Zero, new WatchSignal.Closed(OutcomeKind.Unavailable, "The connection was lost."));
        }
    }

    public void Dispose()
    {
        foreach (var watch in _open)
        {
            watch.Dispose();
        }

        _open.Clear();
    }

    // Kubernetes' own parts try again at once when they hear of the other write: nobody writes faster than that again and again.
    private bool IsTriedAgain(ClusterRequest request, string key) =>
        IsBystander && request.IsWrite && !_metConflict.Add(key) && _metConflict.Remove(key);

    private Outcome<ClusterAnswer> SendWithFaults(ClusterRequest request)
    {
        var now = _loop.Now;
        var key = KeyOf(request);
        if (_conditions.Happens(FaultType.Throttle, now, key))
        {
            return Failed(OutcomeKind.Unavailable, "429 Too Many Requests: please retry.", TimeSpan.FromSeconds(1));
        }

        if (_conditions.Find(FaultType.FailRequests) is { } fails && fails.Happens(now, key))
        {
            return request.IsWrite && fails.Choice(now, 2) == 0
                ? Failed(OutcomeKind.InDoubt, "504 Gateway Timeout.")
                : Failed(OutcomeKind.Unavailable, "503 Service Unavailable.");
        }

        if (request.IsWrite && _conditions.Happens(FaultType.Forbid, now, key))
        {
            return Failed(OutcomeKind.Refused, "403 Forbidden: the permission was taken away for a while.");
        }

        if (request.IsWrite && _conditions.Happens(FaultType.Invalid, now, key))
        {
            return Failed(OutcomeKind.Rejected, "422 Unprocessable Entity: denied by an admission webhook.");
        }

        if (_conditions.Happens(FaultType.Conflict, now, key) && !IsTriedAgain(request, key))
        {
            WriteFirst(request);
        }

        if (View is { } view && request is ClusterRequest.List list && view.List(list) is { } stale)
        {
            return stale;
        }

        var outcome = _server.Send(now, request);
        return !_conditions.Happens(FaultType.LoseAnswers, now, key) ? outcome
            : request.IsWrite ? Failed(OutcomeKind.InDoubt, "The connection was lost before the answer.")
            : Failed(OutcomeKind.Unavailable, "The connection was lost before the answer.");
    }

    // A conflict is no invention of the server: somebody else writes the same object first.
    private void WriteFirst(ClusterRequest request)
    {
        var key = request switch
        {
            ClusterRequest.Patch patch => patch.Key,
            ClusterRequest.Replace replace => replace.Key,
            ClusterRequest.Delete delete => delete.Key,
            _ => (ObjectKey?)null,
        };
        if (key is { } about)
        {
            var moment = (_loop.Now - _loop.Start).Ticks.ToString(CultureInfo.InvariantCulture);
            _server.Send(_loop.Now, new ClusterRequest.Patch(
                request.Resource, about, JsonMap.Empty.WithAt(["metadata", "annotations", SomebodysAnnotation], moment)));
        }
    }

    private static string KeyOf(ClusterRequest request) => request switch
    {
        ClusterRequest.Get get => get.Key.Name,
        ClusterRequest.Patch patch => patch.Key.Name,
        ClusterRequest.Replace replace => replace.Key.Name,
        ClusterRequest.Delete delete => delete.Key.Name,
        ClusterRequest.CreateSubresource create => create.Key.Name,
        _ => request.Resource.Plural,
    };

    private static Outcome<ClusterAnswer> Failed(OutcomeKind kind, string message, TimeSpan? retryAfter = null) =>
        Outcome.Failed<ClusterAnswer>(kind, message, retryAfter);
}
