using System.Collections.Concurrent;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Hosting.Embedded;

/// <summary>
/// Wakes those who wait for the next change, and only those whom it may concern: with many watches, most changes are nothing to most of
/// them. Safe for any thread.
/// </summary>
internal sealed class ChangePulse
{
    private const string Any = "";

    // By plural: the versions of a kind, and the two API groups of Events, show the same changes.
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _next = new(StringComparer.Ordinal);

    /// <summary>
    /// Completes at the next change of an object whose resource has this name; take it before looking, so that nothing is missed in
    /// between.
    /// </summary>
    public Task Next(string plural) => _next.GetOrAdd(plural, static _ => Make()).Task;

    /// <summary>Completes at the next change of anything.</summary>
    public Task NextOfAny() => Next(Any);

    /// <summary>Wakes those whom a change may concern.</summary>
    public void Beat(Change change)
    {
        if (change.Object.Type == ResourceTypes.CustomResourceDefinitions)
        {
            // What is served changes, and watches may end.
            foreach (var plural in _next.Keys)
            {
                Wake(plural);
            }

            return;
        }

        Wake(change.Object.Type.Plural);
        Wake(Any);
    }

    private void Wake(string plural)
    {
        if (_next.TryRemove(plural, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    // Continuations run elsewhere: the beat comes from inside a write that holds the server.
    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
