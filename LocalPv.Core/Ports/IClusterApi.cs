using LocalPv.Core.Outcomes;

namespace LocalPv.Core.Ports;

/// <summary>
/// The API server. Contract, checked by one suite for every implementation:
/// a write whose answer is lost gives <see cref="OutcomeKind.InDoubt"/>, a read <see cref="OutcomeKind.Unavailable"/>; 404 gives NotFound;
/// 409 gives AlreadyExists for a create and Conflict otherwise; 410 gives Expired; 422 gives Rejected; 400, 401, 403, 405 and 415 give
/// Refused; 429 and 503 give Unavailable with the time to wait; 500 and 504 give Unavailable for reads and InDoubt for writes. It never
/// retries by itself. Cancelling ends the call with <see cref="OperationCanceledException"/>.
/// </summary>
public interface IClusterApi
{
    /// <summary>Sends one request and waits for its answer.</summary>
    ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a watch. Signals are delivered one at a time and in order, from any thread, and end with exactly one
    /// <see cref="WatchSignal.Closed"/>, unless the returned handle is disposed first: then nothing more is delivered.
    /// </summary>
    IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver);
}
