using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.GarbageCollection;

/// <summary>Who is owned by whom, by uid.</summary>
internal sealed class OwnerGraph
{
    internal const string ForegroundFinalizer = "foregroundDeletion";
    internal const string OrphanFinalizer = "orphan";

    private readonly Dictionary<string, Item> _items = [];
    private readonly Dictionary<string, SortedSet<string>> _dependents = [];

    /// <summary>The object of that uid as last heard of, or null.</summary>
    internal Item? Find(string uid) => _items.GetValueOrDefault(uid);

    /// <summary>The uids of those that name this owner, in order.</summary>
    internal IEnumerable<string> DependentsOf(string uid) => _dependents.TryGetValue(uid, out var dependents) ? dependents : [];

    /// <summary>Takes in an object; returns what it replaces.</summary>
    internal Item? Put(KubernetesObject seen)
    {
        var item = Item.Of(seen);
        var before = Find(item.Uid);
        if (before is not null)
        {
            Unlink(before);
        }

        _items[item.Uid] = item;
        foreach (var owner in item.Owners)
        {
            if (!_dependents.TryGetValue(owner.Uid, out var dependents))
            {
                _dependents.Add(owner.Uid, dependents = new(StringComparer.Ordinal));
            }

            dependents.Add(item.Uid);
        }

        return before;
    }

    /// <summary>Takes an object out; returns what is known of it.</summary>
    internal Item? Remove(string uid)
    {
        if (_items.Remove(uid, out var item))
        {
            Unlink(item);
        }

        return item;
    }

    private void Unlink(Item item)
    {
        foreach (var owner in item.Owners)
        {
            if (_dependents.TryGetValue(owner.Uid, out var dependents) && dependents.Remove(item.Uid) && dependents.Count == 0)
            {
                _dependents.Remove(owner.Uid);
            }
        }
    }

    /// <summary>What the collector remembers of an object.</summary>
    internal sealed record Item(ResourceType Type, ObjectKey Key, string Uid)
    {
        public ImmutableArray<OwnerReference> Owners { get; init; } = [];

        public bool IsBeingDeleted { get; init; }

        /// <summary>It is being deleted, but only after those that it owns.</summary>
        public bool WaitsForDependents { get; init; }

        /// <summary>It is being deleted, and those that it owns are to stay.</summary>
        public bool Orphans { get; init; }

        internal static Item Of(KubernetesObject seen) => new(seen.Type, seen.Key, seen.Uid)
        {
            Owners = [.. OwnerReference.Of(seen)],
            IsBeingDeleted = seen.IsBeingDeleted,
            WaitsForDependents = seen.IsBeingDeleted && seen.HasFinalizer(ForegroundFinalizer),
            Orphans = seen.IsBeingDeleted && seen.HasFinalizer(OrphanFinalizer),
        };
    }
}
