using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking;

/// <summary>What requests are about.</summary>
internal static class Targets
{
    /// <summary>The logical volume of that name on a node as it is now, or null.</summary>
    internal static VolumeTruth? Of(Truth truth, string node, string group, string name)
    {
        foreach (var volume in truth.Nodes[node].Volumes.Values)
        {
            if (volume.Group.Name.Value == group && volume.Volume.Name.Value == name)
            {
                return volume;
            }
        }

        return null;
    }

    /// <summary>The logical volume that a request would change or remove, as it is now; null where none is meant that is there.</summary>
    internal static VolumeTruth? Of(Truth truth, LvmCall call) => call.Request switch
    {
        NodeStorageRequest.RemoveLogicalVolume asked => Of(truth, call.Node, asked.Group.Value, asked.Name.Value),
        NodeStorageRequest.ExtendLogicalVolume asked => Of(truth, call.Node, asked.Group.Value, asked.Name.Value),
        NodeStorageRequest.TagLogicalVolume asked => Of(truth, call.Node, asked.Group.Value, asked.Name.Value),
        NodeStorageRequest.ActivateLogicalVolume asked => Of(truth, call.Node, asked.Group.Value, asked.Name.Value),
        _ => null,
    };

    /// <summary>The uid of the claim for which a logical volume is asked for, or null.</summary>
    internal static string? ClaimOf(NodeStorageRequest.CreateLogicalVolume create) => create.Tags
        .Select(tag => tag.Value)
        .FirstOrDefault(tag => tag.StartsWith(WellKnown.ClaimTagPrefix, StringComparison.Ordinal))?[WellKnown.ClaimTagPrefix.Length..];

    /// <summary>
    /// Whether a write carries what it rests on: a version or, for a deletion, an identity. Reads and creations need none.
    /// </summary>
    internal static bool IsGuarded(ClusterRequest request) => request switch
    {
        ClusterRequest.Patch patch => patch.Changes.Map("metadata")?.Text("resourceVersion") is { Length: > 0 },
        ClusterRequest.Replace replace => replace.Body.Map("metadata")?.Text("resourceVersion") is { Length: > 0 },
        ClusterRequest.Delete delete => delete.Uid is not null || delete.ResourceVersion is not null,
        _ => true,
    };
}
