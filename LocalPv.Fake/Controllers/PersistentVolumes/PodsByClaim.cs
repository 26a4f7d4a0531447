using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <summary>Finds the Pods that name a claim.</summary>
internal sealed class PodsByClaim
{
    private readonly Dictionary<ObjectKey, SortedDictionary<string, Pod>> _pods = [];

    /// <summary>The Pods that use the claim, by name.</summary>
    internal IEnumerable<Pod> Of(ObjectKey claim) => _pods.TryGetValue(claim, out var pods) ? pods.Values : [];

    internal void Note(ObjectChange change)
    {
        if (change.Before is Pod before)
        {
            foreach (var claim in before.ClaimNames)
            {
                var key = new ObjectKey(before.Namespace, claim);
                if (_pods.TryGetValue(key, out var pods) && pods.Remove(before.Name) && pods.Count == 0)
                {
                    _pods.Remove(key);
                }
            }
        }

        if (change.After is Pod after)
        {
            foreach (var claim in after.ClaimNames)
            {
                var key = new ObjectKey(after.Namespace, claim);
                if (!_pods.TryGetValue(key, out var pods))
                {
                    _pods.Add(key, pods = new(StringComparer.Ordinal));
                }

                pods[after.Name] = after;
            }
        }
    }
}
