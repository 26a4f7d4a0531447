namespace LocalPv.Hosting.Embedded;

/// <summary>Wakes all who wait for the next change. Safe for any thread.</summary>
internal sealed class ChangePulse
{
    private TaskCompletionSource _next = Make();

    /// <summary>Completes at the next <see cref="Beat"/>; take it before looking, so that nothing is missed in between.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes the waiting.</summary>
    public void Beat() => Interlocked.Exchange(ref _next, Make()).TrySetResult();

    // Continuations run elsewhere: the beat comes from inside a write that holds the server.
    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
