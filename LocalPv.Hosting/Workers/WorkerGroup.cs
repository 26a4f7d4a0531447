namespace LocalPv.Hosting.Workers;

/// <summary>Runs several workers in one process and stops them together.</summary>
public sealed class WorkerGroup : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Exception> _bug = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<(AgentWorker Worker, Task Running)> _running = [];

    /// <summary>Completes with the first bug of any of the workers; never otherwise.</summary>
    public Task<Exception> Bug => _bug.Task;

    /// <summary>Starts a worker.</summary>
    public void Start(AgentWorker worker)
    {
        lock (_gate)
        {
            _running.Add((worker, Task.Run(() => RunAsync(worker))));
        }
    }

    /// <summary>Stops all and waits until they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        (AgentWorker Worker, Task Running)[] running;
        lock (_gate)
        {
            running = [.. _running];
            _running.Clear();
        }

        foreach (var (worker, task) in running)
        {
            await task.ConfigureAwait(false);
            worker.Dispose();
        }

        _stop.Dispose();
    }

    private async Task RunAsync(AgentWorker worker)
    {
        try
        {
            await worker.RunAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            _bug.TrySetResult(bug);
        }
    }
}
