using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api.Store;

/// <summary>The types of watch events.</summary>
public enum WatchEventType
{
    /// <summary>The server ends the watch; HTTP ends the stream.</summary>
    End,

    /// <summary>ADDED.</summary>
    Added,

    /// <summary>MODIFIED.</summary>
    Modified,

    /// <summary>DELETED.</summary>
    Deleted,

    /// <summary>BOOKMARK.</summary>
    Bookmark,

    /// <summary>ERROR; the watch is over.</summary>
    Error,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object of an Added, Modified or Deleted.</param>
/// <param name="ResourceVersion">The version of a Bookmark.</param>
/// <param name="EndsInitialEvents">Whether the Bookmark says that all present objects were told.</param>
/// <param name="Failed">What an Error carries.</param>
public readonly record struct WatchEvent(
    WatchEventType Type, KubernetesObject? Object, string ResourceVersion, bool EndsInitialEvents, StatusError? Failed)
{
    internal static WatchEvent End => new(WatchEventType.End, null, "", false, null);

    internal static WatchEvent Of(WatchEventType type, KubernetesObject changed) =>
        new(type, changed, changed.ResourceVersion, false, null);

    internal static WatchEvent BookmarkAt(string version, bool endsInitialEvents) =>
        new(WatchEventType.Bookmark, null, version, endsInitialEvents, null);

    internal static WatchEvent Failure(StatusError error) => new(WatchEventType.Error, null, "", false, error);

    /// <summary>The event as the port tells it.</summary>
    public WatchSignal ToSignal() => Type switch
    {
        WatchEventType.Added => new WatchSignal.Added(Object!),
        WatchEventType.Modified => new WatchSignal.Modified(Object!),
        WatchEventType.Deleted => new WatchSignal.Deleted(Object!),
        WatchEventType.Bookmark => new WatchSignal.Bookmark(ResourceVersion),
        WatchEventType.Error => new WatchSignal.Closed(Failed!.OutcomeFor(isWrite: false, isCreate: false), Failed.Message),
        _ => new WatchSignal.Closed(OutcomeKind.Done, ""),
    };
}
