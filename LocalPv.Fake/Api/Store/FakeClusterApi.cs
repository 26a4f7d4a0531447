using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// The port to the API server, answered by a <see cref="FakeApiServer"/> in the same process: each request at once, watch signals when
/// <see cref="Pump"/> is called. Single-threaded, as the server is.
/// </summary>
public sealed class FakeClusterApi(FakeApiServer server, Func<Instant> clock) : IClusterApi
{
    private readonly List<OpenWatch> _watches = [];

    /// <summary>
    /// What becomes of a request, asked before each; null for a network that never fails. A lost answer means that the request was done.
    /// </summary>
    public Func<ClusterRequest, RequestFate>? Fate { get; set; }

    /// <summary>
    /// A status with which the server fails a request instead of doing it, asked before each; null, or a null answer, for none.
    /// </summary>
    public Func<ClusterRequest, StatusError?>? Failure { get; set; }

    /// <inheritdoc/>
    public ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fate = Fate?.Invoke(request) ?? RequestFate.Answered;
        if (fate == RequestFate.Refused)
        {
            return new(Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "the API server could not be reached: connection refused"));
        }

        if (fate == RequestFate.Lost)
        {
            return new(Lost(request));
        }

        if (Failure?.Invoke(request) is { } error)
        {
            return new(error.ToOutcome<ClusterAnswer>(request));
        }

        var outcome = server.Send(clock(), request);
        return new(fate == RequestFate.AnswerLost ? Lost(request) : outcome);
    }

    /// <inheritdoc/>
    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
    {
        var watch = new OpenWatch(server.OpenWatch(clock(), request), deliver);
        _watches.Add(watch);
        return watch;
    }

    /// <summary>
    /// Delivers what the open watches have to say now, the watches in the order they were opened, and answers how many signals that were.
    /// What is done in answer to a signal is delivered too, in this call.
    /// </summary>
    public int Pump()
    {
        var delivered = 0;
        int round;
        do
        {
            round = 0;
            // By index: a delivery may open another watch.
            for (var i = 0; i < _watches.Count; i++)
            {
                round += _watches[i].Deliver(clock());
            }

            delivered += round;
            _watches.RemoveAll(static watch => watch.IsOver);
        }
        while (round > 0);

        return delivered;
    }

    /// <summary>The moment from which <see cref="Pump"/> has something to deliver even if nothing changes.</summary>
    public Instant DueAt
    {
        get
        {
            var due = Instant.Never;
            foreach (var watch in _watches)
            {
                due = Instant.Min(due, watch.DueAt);
            }

            return due;
        }
    }

    private static Outcome<ClusterAnswer> Lost(ClusterRequest request) => Outcome.Failed<ClusterAnswer>(
        request.IsWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable,
        $"the answer to {request.GetType().Name} {request.Resource} was lost");

    private sealed class OpenWatch(FakeWatch watch, Action<WatchSignal> deliver) : IDisposable
    {
        public bool IsOver { get; private set; }

        public Instant DueAt => IsOver ? Instant.Never : watch.DueAt;

        public int Deliver(Instant now)
        {
            var count = 0;
            while (!IsOver && watch.TryRead(now, out var signal))
            {
                IsOver = signal is WatchSignal.Closed;
                count++;
                deliver(signal);
            }

            return count;
        }

        public void Dispose()
        {
            IsOver = true;
            watch.Close();
        }
    }
}
