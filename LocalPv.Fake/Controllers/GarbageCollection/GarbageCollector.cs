using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.GarbageCollection;

/// <summary>
/// The model of <c>pkg/controller/garbagecollector</c>: deletes what no owner holds any more. Owners are told apart by uid, so an object
/// of the same name does not take over what belonged to its predecessor; before anything is deleted, it and the owners that are not known
/// are read from the API server. Also carries out the deletions of owners that ask to go last (foreground) or to leave their dependents
/// behind (orphan).
/// </summary>
/// <remarks>Upstream watches every type that can be deleted and learns them from discovery; here the types are an option.</remarks>
public sealed class GarbageCollector : ControllerAgent
{
    private readonly SortedDictionary<string, ResourceType> _types = new(StringComparer.Ordinal);
    private readonly OwnerGraph _graph = new();
    private readonly Worker<string> _deletions;
    private readonly Worker<string> _orphanings;

    /// <summary>A collector that knows the objects of <paramref name="types"/>.</summary>
    public GarbageCollector(ControllerOptions options, ImmutableArray<ResourceType> types)
        : base("garbage-collector-controller", options)
    {
        foreach (var type in types)
        {
            _types.Add(type.ApiVersion + "/" + type.Kind, type);
            Watch(type, isRequired: type.Group is "" or "apps" || type.Group.EndsWith(".k8s.io", StringComparison.Ordinal));
        }

        var retry = new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));
        _deletions = Work<string>(Consider, parallel: 20, retry: retry);
        _orphanings = Work<string>(Orphan, parallel: 20, retry: retry);
    }

    /// <summary>
    /// Whether the collector learns anything from a change: it knows of an object who owns it and whether and how it is being deleted, and
    /// reads it again before it does anything to it.
    /// </summary>
    public static bool LearnsFrom(Change change) =>
        change.Type != ChangeType.Modified
        || change.Previous is not { } before
        || change.Object.IsBeingDeleted || before.IsBeingDeleted
        || !Equals(before.Metadata["ownerReferences"], change.Object.Metadata["ownerReferences"]);

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (change.After is { } seen)
        {
            OnSeen(seen);
        }
        else if (_graph.Remove(change.Before!.Uid) is { } gone)
        {
            AddDependentsOf(gone.Uid);
            foreach (var owner in gone.Owners)
            {
                if (_graph.Find(owner.Uid) is { WaitsForDependents: true })
                {
                    _deletions.Add(owner.Uid);
                }
            }
        }
    }

    private void OnSeen(KubernetesObject seen)
    {
        var before = _graph.Put(seen);
        var item = _graph.Find(seen.Uid)!;
        if (item.Orphans)
        {
            _orphanings.Add(item.Uid);
        }
        else if (item.WaitsForDependents)
        {
            AddDependentsOf(item.Uid);
            _deletions.Add(item.Uid);
        }
        else if (!item.Owners.IsEmpty && !(before is not null && before.Owners.AsSpan().SequenceEqual(item.Owners.AsSpan())))
        {
            _deletions.Add(item.Uid);
        }
    }

    private void AddDependentsOf(string uid)
    {
        foreach (var dependent in _graph.DependentsOf(uid))
        {
            _deletions.Add(dependent);
        }
    }

    // Whether an object has to go: only where none of its owners holds it.
    private IEnumerable<Awaited> Consider(string uid)
    {
        if (_graph.Find(uid) is not { } item || (item.IsBeingDeleted && !item.WaitsForDependents))
        {
            yield break;
        }

        if (item.WaitsForDependents)
        {
            foreach (var step in FinishForeground(item))
            {
                yield return step;
            }

            yield break;
        }

        if (item.Owners.All(owner => _graph.Find(owner.Uid) is { WaitsForDependents: false }))
        {
            yield break;
        }

        var read = new ClusterCall(new ClusterRequest.Get(item.Type, item.Key));
        yield return read;
        if (read.Failed && !read.NotFound)
        {
            yield return TryAgain.Later;
        }

        if (read.Object is not { } live || live.Uid != uid)
        {
            yield break;
        }

        var verdict = new Verdict();
        foreach (var owner in OwnerReference.Of(live).ToArray())
        {
            foreach (var step in Judge(item, owner, verdict))
            {
                yield return step;
            }
        }

        foreach (var step in Act(live, verdict))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> Judge(OwnerGraph.Item item, OwnerReference owner, Verdict verdict)
    {
        if (_graph.Find(owner.Uid) is { } known)
        {
            (known.WaitsForDependents ? verdict.Waiting : verdict.Solid).Add(owner.Uid);
            yield break;
        }

        if (!_types.TryGetValue(owner.ApiVersion + "/" + owner.Kind, out var type) || (type.Namespaced && !item.Type.Namespaced))
        {
            // Nobody can say whether such an owner exists, so it holds.
            verdict.Solid.Add(owner.Uid);
            yield break;
        }

        var read = new ClusterCall(new ClusterRequest.Get(type, new ObjectKey(type.Namespaced ? item.Key.Namespace : "", owner.Name)));
        yield return read;
        if (read.Failed && !read.NotFound)
        {
            yield return TryAgain.Later;
        }

        (read.Object is { } found && found.Uid == owner.Uid ? verdict.Solid : verdict.Dangling).Add(owner.Uid);
    }

    private IEnumerable<Awaited> Act(KubernetesObject live, Verdict verdict)
    {
        if (verdict.Solid.Count > 0)
        {
            if (verdict.Dangling.Count + verdict.Waiting.Count > 0)
            {
                var release = ReleaseFrom(live, verdict.Dangling.Concat(verdict.Waiting));
                yield return release;
                if (release.Failed && !release.NotFound)
                {
                    yield return TryAgain.Later;
                }
            }

            yield break;
        }

        if (verdict.Dangling.Count + verdict.Waiting.Count == 0)
        {
            yield break;
        }

        var delete = new ClusterCall(new ClusterRequest.Delete(live.Type, live.Key, live.Uid, live.ResourceVersion)
        {
            PropagationPolicy = verdict.Waiting.Count > 0 && _graph.DependentsOf(live.Uid).Any() ? "Foreground"
                : live.HasFinalizer(OwnerGraph.OrphanFinalizer) ? "Orphan"
                : live.HasFinalizer(OwnerGraph.ForegroundFinalizer) ? "Foreground"
                : "Background",
        });
        yield return delete;
        if (delete.Failed && !delete.NotFound)
        {
            yield return TryAgain.Later;
        }
    }

    // The owner goes when none is left of those that hold its deletion up.
    private IEnumerable<Awaited> FinishForeground(OwnerGraph.Item owner)
    {
        var isHeld = false;
        foreach (var uid in _graph.DependentsOf(owner.Uid).ToArray())
        {
            var dependent = _graph.Find(uid)!;
            isHeld |= dependent.Owners.Any(reference => reference.Uid == owner.Uid && reference.BlocksDeletion);
            if (!dependent.IsBeingDeleted)
            {
                _deletions.Add(uid);
            }
        }

        foreach (var step in isHeld ? [] : RemoveFinalizer(owner, OwnerGraph.ForegroundFinalizer))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> Orphan(string uid)
    {
        if (_graph.Find(uid) is not { Orphans: true } owner)
        {
            yield break;
        }

        foreach (var dependentUid in _graph.DependentsOf(uid).ToArray())
        {
            if (_graph.Find(dependentUid) is not { } dependent)
            {
                continue;
            }

            var read = new ClusterCall(new ClusterRequest.Get(dependent.Type, dependent.Key));
            yield return read;
            if (read.Object is { } live && live.Uid == dependentUid)
            {
                var release = ReleaseFrom(live, [uid]);
                yield return release;
                if (release.Failed && !release.NotFound)
                {
                    yield return TryAgain.Later;
                }
            }
            else if (!read.NotFound && read.Failed)
            {
                yield return TryAgain.Later;
            }
        }

        foreach (var step in RemoveFinalizer(owner, OwnerGraph.OrphanFinalizer))
        {
            yield return step;
        }
    }

    private static IEnumerable<Awaited> RemoveFinalizer(OwnerGraph.Item item, string finalizer)
    {
        var read = new ClusterCall(new ClusterRequest.Get(item.Type, item.Key));
        yield return read;
        if (read.Failed && !read.NotFound)
        {
            yield return TryAgain.Later;
        }

        if (read.Object is not { } live || live.Uid != item.Uid || !live.HasFinalizer(finalizer))
        {
            yield break;
        }

        var kept = live.Finalizers.Where(other => other != finalizer).ToArray();
        var write = new ClusterCall(new ClusterRequest.Replace(
            live.Type, live.Key, live.Tree.WithAt(["metadata", "finalizers"], kept.Length > 0 ? JsonList.OfTexts(kept) : null)));
        yield return write;
        if (write.Failed && write.Outcome.Kind != OutcomeKind.NotFound)
        {
            yield return TryAgain.Later;
        }
    }

    private static ClusterCall ReleaseFrom(KubernetesObject owned, IEnumerable<string> ownerUids)
    {
        var released = new SortedSet<string>(ownerUids, StringComparer.Ordinal);
        var kept = (owned.Metadata.List("ownerReferences")?.Maps() ?? [])
            .Where(reference => !released.Contains(reference.Text("uid") ?? ""))
            .Select(reference => (JsonTree)reference)
            .ToArray();
        return new ClusterCall(new ClusterRequest.Replace(
            owned.Type, owned.Key, owned.Tree.WithAt(["metadata", "ownerReferences"], kept.Length > 0 ? JsonList.Of(kept) : null)));
    }

    // The owners of an object: those that exist, those that are gone, and those that wait for it to go.
    private sealed class Verdict
    {
        public List<string> Solid { get; } = [];

        public List<string> Dangling { get; } = [];

        public List<string> Waiting { get; } = [];
    }
}
