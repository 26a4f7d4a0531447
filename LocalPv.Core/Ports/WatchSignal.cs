using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;

namespace LocalPv.Core.Ports;

/// <summary>What to watch: objects of a type that match, from the changes after <paramref name="ResourceVersion"/> on.</summary>
public sealed record WatchRequest(ResourceType Type, ObjectSelector Selector, string ResourceVersion);

/// <summary>What a watch tells. A closed set.</summary>
public abstract record WatchSignal
{
    private WatchSignal()
    {
    }

    /// <summary>An object came to be, or came to match the selector.</summary>
    public sealed record Added(KubernetesObject Object) : WatchSignal;

    /// <summary>An object changed.</summary>
    public sealed record Modified(KubernetesObject Object) : WatchSignal;

    /// <summary>An object is gone, or no longer matches the selector; its last state with the version of the change.</summary>
    public sealed record Deleted(KubernetesObject Object) : WatchSignal;

    /// <summary>Nothing more happened up to this version; a watch can go on from it.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchSignal;

    /// <summary>
    /// The watch has ended; the last signal. <see cref="OutcomeKind.Done"/>: the server's time limit, go on from the last version.
    /// <see cref="OutcomeKind.Expired"/>: too old (410, as a status or inside the stream), list again. Anything else: back off, then go on.
    /// </summary>
    public sealed record Closed(OutcomeKind Kind, string Message) : WatchSignal
    {
        /// <summary>How long the server asked us to wait before the next try, if it said so.</summary>
        public TimeSpan? RetryAfter { get; init; }
    }
}
