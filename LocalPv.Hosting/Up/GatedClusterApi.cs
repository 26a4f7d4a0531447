using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Up;

/// <summary>
/// The port to an in-memory API server for the models that live in its process: each call takes the server's gate, each watch is drained by
/// a task of its own, outside the gate, so that a slow model holds up nobody else.
/// </summary>
internal sealed class GatedClusterApi : IClusterApi, IDisposable
{
    private readonly FakeApiServer _server;
    private readonly Lock _gate;
    private readonly AgentClock _clock;
    private readonly TimeProvider _time;
    private readonly ChangePulse _pulse = new();

    public GatedClusterApi(FakeApiServer server, Lock gate, AgentClock clock, TimeProvider time)
    {
        _server = server;
        _gate = gate;
        _clock = clock;
        _time = time;
        server.Committed += _pulse.Beat;
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(_server.Send(_clock.Now, request));
        }
    }

    /// <inheritdoc/>
    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
    {
        FakeWatch watch;
        lock (_gate)
        {
            watch = _server.OpenWatch(_clock.Now, request);
        }

        var drain = new Drain(this, request.Type.Plural, watch, deliver);
        _ = Task.Run(drain.RunAsync);
        return drain;
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Committed -= _pulse.Beat;

    private sealed class Drain(GatedClusterApi api, string plural, FakeWatch watch, Action<WatchSignal> deliver) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Lock _delivering = new();

        public async Task RunAsync()
        {
            try
            {
                while (true)
                {
                    // Taken before looking, so that a change in between is not slept through.
                    var changed = api._pulse.Next(plural);
                    if (TryTake(out var signal, out var due))
                    {
                        Deliver(signal!);
                        if (signal is WatchSignal.Closed)
                        {
                            return;
                        }
                    }
                    else
                    {
                        await WaitAsync(changed, due).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Disposed: there is nobody left to tell.
            }
        }

        public void Dispose()
        {
            _stop.Cancel();
            lock (_delivering)
            {
                // Nothing is under way any more.
            }

            lock (api._gate)
            {
                watch.Close();
            }
        }

        private bool TryTake(out WatchSignal? signal, out Instant due)
        {
            lock (api._gate)
            {
                due = watch.DueAt;
                return watch.TryRead(api._clock.Now, out signal);
            }
        }

        private void Deliver(WatchSignal signal)
        {
            lock (_delivering)
            {
                _stop.Token.ThrowIfCancellationRequested();
                deliver(signal);
            }
        }

        private async Task WaitAsync(Task changed, Instant due)
        {
            var wait = due - api._clock.Now;
            try
            {
                await changed.WaitAsync(
                    wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1)
                    : wait > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1)
                    : wait,
                    api._time,
                    _stop.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Time alone has something to say: a bookmark, or the watch's end.
            }
        }
    }
}
