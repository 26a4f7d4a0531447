using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>Finds Pods by the uid of the controller that owns them.</summary>
internal sealed class OwnedPods
{
    private readonly Dictionary<string, SortedDictionary<string, Pod>> _pods = [];

    /// <summary>The Pods of an owner, by name.</summary>
    internal IEnumerable<Pod> Of(string ownerUid) => _pods.TryGetValue(ownerUid, out var pods) ? pods.Values : [];

    internal void Note(ObjectChange change)
    {
        if (change.Before is Pod before && OwnerReference.ControllerOf(before) is { } last
            && _pods.TryGetValue(last.Uid, out var known) && known.Remove(before.Name) && known.Count == 0)
        {
            _pods.Remove(last.Uid);
        }

        if (change.After is Pod after && OwnerReference.ControllerOf(after) is { } owner)
        {
            if (!_pods.TryGetValue(owner.Uid, out var pods))
            {
                _pods.Add(owner.Uid, pods = new(StringComparer.Ordinal));
            }

            pods[after.Name] = after;
        }
    }
}
