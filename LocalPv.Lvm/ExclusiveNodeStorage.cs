using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Lvm;

/// <summary>
/// Lets one process at a time use a node's storage: the one that holds a lock on a file of the host. An agent without the lock never sees
/// its disks, and therefore decides nothing: while a rollout has an old and a new agent on one node, the new one waits until the old one
/// has ended. The kernel gives the lock back when its holder dies, however it dies. Safe for several threads.
/// </summary>
/// <param name="inner">The storage.</param>
/// <param name="lockFile">The file; on the host, not in the container, and made with its folder where it is not there.</param>
/// <param name="time">Measures the time between two tries.</param>
public sealed class ExclusiveNodeStorage(INodeStorage inner, string lockFile, TimeProvider time) : INodeStorage, IDisposable
{
    // EAGAIN, as flock(2) says that another process holds the lock.
    private const int Held = 11;

    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private FileStream? _held;
    private bool _isDisposed;

    /// <summary>
    /// Runs the request once the lock is held. Unavailable where another process still holds it when the request's time is over, refused
    /// where the file cannot be used.
    /// </summary>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        try
        {
            while (!TryHold())
            {
                await Task.Delay(TryAgain, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return Outcome.Failed<NodeStorageAnswer>(
                OutcomeKind.Unavailable,
                $"Another agent of this node still runs: it holds {lockFile}. This one goes on when that has ended.");
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            return Outcome.Failed<NodeStorageAnswer>(
                OutcomeKind.Refused,
                $"{lockFile} cannot be locked: {error.Message} Run as root, with the host's folder mounted there, writable and not full.");
        }

        return await inner.RunAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _held?.Dispose();
            _held = null;
        }
    }

    private bool TryHold()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_held is not null)
            {
                return true;
            }

            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(lockFile))!);
                _held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return true;
            }
            catch (IOException error) when (error.HResult == Held)
            {
                return false;
            }
        }
    }
}
