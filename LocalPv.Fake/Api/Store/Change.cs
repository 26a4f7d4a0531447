using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>What happened to an object.</summary>
public enum ChangeType
{
    /// <summary>It was made.</summary>
    Added,

    /// <summary>It was written.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>
/// One entry of the server's history: one commit, one object, one revision. <see cref="Object"/> is the object after the change; for a
/// deletion its last state, with the version of the deletion. <see cref="Previous"/> is the object before, null for a new one.
/// </summary>
public sealed class Change(long revision, Instant at, ChangeType type, KubernetesObject changed, KubernetesObject? previous)
{
    private KubernetesObject? _previousAtThisVersion;
    private WatchSignal? _added;
    private WatchSignal? _modified;
    private WatchSignal? _deleted;

    /// <summary>The store-wide number of the commit.</summary>
    public long Revision { get; } = revision;

    /// <summary>When it was committed.</summary>
    public Instant At { get; } = at;

    /// <summary>What happened.</summary>
    public ChangeType Type { get; } = type;

    /// <summary>The object after the change, or its last state.</summary>
    public KubernetesObject Object { get; } = changed;

    /// <summary>The object before the change, or null.</summary>
    public KubernetesObject? Previous { get; } = previous;

    /// <summary>
    /// The object before the change with the version of the change: what a watch tells whose selector the object has left. Made once,
    /// shared by all watches.
    /// </summary>
    internal KubernetesObject PreviousAtThisVersion => _previousAtThisVersion ??= KubernetesObject.Read(
        Object.Type,
        Previous!.Tree.With("metadata", Previous.Metadata.With("resourceVersion", Object.Metadata["resourceVersion"])));

    /// <summary>
    /// What a watch that tells the object as it is stored says of the change. Most watches say the same of it, and share that.
    /// </summary>
    internal WatchSignal SignalOf(WatchEventType type) => type switch
    {
        WatchEventType.Added => _added ??= new WatchSignal.Added(Object),
        WatchEventType.Modified => _modified ??= new WatchSignal.Modified(Object),
        _ => _deleted ??= new WatchSignal.Deleted(Object),
    };

    /// <summary>What those who follow Pods have found of it, who share the verdict; null before one has asked.</summary>
    internal bool? IsNewsToControllers { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Revision} {Type} {Object.Type.Kind} {Object.Key}";
}
