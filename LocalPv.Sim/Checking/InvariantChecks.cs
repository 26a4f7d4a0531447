using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking;

/// <summary>
/// Watches over what must always be true, whatever happens: an independent observer that knows the truth about objects and about LVM,
/// and is told of every change. It shares no code with what it checks.
/// </summary>
internal sealed class InvariantChecks : Invariant
{
    /// <inheritdoc/>
    public override string Id => "volumes";

    /// <inheritdoc/>
    public override string Statement =>
        "A volume has its logical volume, a claim has one at most, and is released only when nothing was made for it.";

    /// <inheritdoc/>
    public override void OnCommit(Change change)
    {
        string? violation = null;
        switch (change.Object)
        {
            case PersistentVolume volume when change.Type == ChangeType.Added:
                violation = VolumeIsBacked(volume);
                break;
            case PersistentVolume volume when change.Type == ChangeType.Deleted:
                violation = LogicalVolumeIsGone(volume);
                break;
            case PersistentVolumeClaim claim when change.Previous is PersistentVolumeClaim before
                && before.SelectedNode is not null && claim.SelectedNode is null && change.Type == ChangeType.Modified:
                violation = NothingExistsFor(claim, before.SelectedNode);
                break;
            default:
                break;
        }

        violation ??= change.Object is PersistentVolume or PersistentVolumeClaim ? OneLogicalVolumePerClaim() : null;
        if (violation is not null)
        {
            Broken(violation);
        }
    }

    /// <summary>
    /// A volume's logical volume exists when the volume is made: on the node it names, as large as it says, with the claim's tag.
    /// </summary>
    private string? VolumeIsBacked(PersistentVolume volume)
    {
        if (volume.ProvisionedBy is null || volume.HostName is not { } host)
        {
            return null;
        }

        var found = LogicalVolumes().FirstOrDefault(entry => entry.Claim == volume.ClaimUid);
        return found == default ? $"{volume} was made, but no node has a logical volume of claim {volume.ClaimUid}."
            : found.Node != host ? $"{volume} says {host}, but its logical volume is on {found.Node}."
            : !Quantity.TryParse(volume.Capacity ?? "", out var size, out _) || size > found.Size
                ? $"{volume} says {volume.Capacity}, but its logical volume has {found.Size}."
            : null;
    }

    /// <summary>A volume's object goes only after its logical volume, unless it is to be retained.</summary>
    private string? LogicalVolumeIsGone(PersistentVolume volume) =>
        volume.ProvisionedBy is not null && volume.ReclaimPolicy == "Delete" && volume.HostName is { } host
        && Run.Cluster.Storage.ContainsKey(host) && LogicalVolumes().Any(entry => entry.Claim == volume.ClaimUid)
            ? $"{volume} is gone, but its logical volume on {host} is still there."
            : null;

    /// <summary>A claim is released only when nothing was made for it.</summary>
    private string? NothingExistsFor(PersistentVolumeClaim claim, string node) =>
        LogicalVolumes().Any(entry => entry.Claim == claim.Uid)
            ? $"{claim} was released by {node}, but a logical volume exists for it."
            : Run.Cluster.Server.Snapshot(ResourceTypes.PersistentVolumes).Any(volume => ((PersistentVolume)volume).ClaimUid == claim.Uid)
                ? $"{claim} was released by {node}, but a PersistentVolume exists for it."
                : null;

    /// <summary>No claim has two logical volumes in the whole cluster.</summary>
    private string? OneLogicalVolumePerClaim()
    {
        var seen = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (node, claim, _) in LogicalVolumes())
        {
            if (claim.Length > 0 && !seen.TryAdd(claim, node))
            {
                return $"claim {claim} has a logical volume on {seen[claim]} and another on {node}.";
            }
        }

        return null;
    }

    private IEnumerable<(string Node, string Claim, Bytes Size)> LogicalVolumes() =>
        from node in Run.Cluster.Nodes
        from @group in node.Value.Truth.VolumeGroups
        from volume in @group.LogicalVolumes
        select (node.Key, volume.Claim is { } claim ? claim.Value : "", volume.Size);
}
