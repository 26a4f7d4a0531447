using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L14: of a node that was deleted nothing stays because of our finalizers: its reports go, and its released volumes.
/// Source: lvm-localpv#407, topolvm#715.
/// </summary>
internal sealed class L14NothingOutlivesItsNode()
    : LivenessRule("L14", "Nothing of ours outlives a node that is gone.", TimeSpan.FromMinutes(14)), IFollowsObjects
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(12);
    private readonly SortedDictionary<string, Instant> _gone = new(StringComparer.Ordinal);

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is not Node node)
        {
            return;
        }

        if (commit.Change.Type == ChangeType.Deleted)
        {
            _gone[node.Name] = Truth.Now;
        }
        else
        {
            _gone.Remove(node.Name);
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        if (!Truth.Up.Any(Actors.IsController))
        {
            return null;
        }

        foreach (var (node, since) in _gone.Where(entry => Truth.Now - entry.Value > Longest))
        {
            if (Truth.Storages.Values.FirstOrDefault(storage => storage.NodeName == node) is { } storage)
            {
                return $"{storage.Name} is still there {(Truth.Now - since).TotalMinutes:0} min after node {node} went.";
            }

            if (Truth.PersistentVolumes.Values.FirstOrDefault(volume => volume.HostName == Truth.HostNameOf(node)
                && volume is { Phase: "Released", ReclaimPolicy: "Delete", ProvisionedBy: WellKnown.DefaultProvisioner }) is { } left)
            {
                return $"{left.Name} is still there {(Truth.Now - since).TotalMinutes:0} min after node {node} went.";
            }
        }

        return null;
    }
}
