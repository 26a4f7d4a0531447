using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <content>What the node's classes promise to volumes, and what they say of the groups that volumes lie in.</content>
internal sealed partial class ClassKeeper
{
    /// <summary>A NodeLocalStorage over the group that is there now; null where none is, or where it refuses that group.</summary>
    internal NodeLocalStorage? ObjectOf(VolumeGroupName group) => _entries.Values.FirstOrDefault(
        entry => entry.Object is not null && entry.Spec?.VolumeGroup.Name == group && entry.Refusal.Length == 0)?.Object;

    /// <summary>
    /// Why the group of that name that is there is not the one that was; empty where a class serves it, or none speaks of it.
    /// </summary>
    internal string RefusalOf(VolumeGroupName group) => ObjectOf(group) is not null ? "" : _entries.Values.FirstOrDefault(
        entry => entry.Object is not null && entry.Spec?.VolumeGroup.Name == group)?.Refusal ?? "";

    /// <summary>What a class promises here, or why not.</summary>
    internal (VolumeTerms? Terms, Unserved? Unserved) TermsOf(string? className)
    {
        // What is made here now is lost with the node; its NodeLocalStorage may be gone, and is not made again.
        if (_watches.Node is { IsDeclaredLost: true })
        {
            return (null, new Unserved("NodeLost", $"The node {_options.Node} was declared lost.", true));
        }

        if (className is null || !StorageClassName.TryParse(className, out var name))
        {
            return (null, new Unserved("ClassMissing", $"'{className}' is not a name of a StorageClass.", false));
        }

        if (_watches.Classes.Find(ObjectKey.ClusterScoped(className)) is not StorageClass storageClass)
        {
            return (null, new Unserved("ClassMissing", $"There is no StorageClass {className} of {_options.Provisioner}.", false));
        }

        if (StorageParameters.Read(storageClass) is { Errors.IsEmpty: false } bad)
        {
            return (null, new Unserved("ClassInvalid", $"StorageClass {className}: {string.Join(" ", bad.Errors)}", false));
        }

        if (!_entries.TryGetValue(NodeLocalStorageName.Of(name, _options.Node), out var entry) || entry.Object is null)
        {
            return (null, _watches.Node is { } node && !StorageParameters.Read(storageClass).Parameters!.AppliesTo(node)
                ? new Unserved("NodeNotInClass", $"StorageClass {className} has no disks on node {_options.Node}.", true)
                : new Unserved("StorageNotReady", $"The NodeLocalStorage of {className} on {_options.Node} is not there yet.", false));
        }

        return TermsOf(entry, storageClass, StorageParameters.Read(storageClass).Parameters!);
    }

    /// <summary>
    /// What happens to the content of a volume that is removed from a group: what its class says, and where that is not known, the most
    /// careful of the classes that share the group.
    /// </summary>
    internal WipePolicy WipeOf(VolumeGroupName group, string? className)
    {
        WipePolicy? careful = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.Spec is { } spec && spec.VolumeGroup.Name == group)
            {
                if (spec.StorageClass.Value == className)
                {
                    return spec.Wipe;
                }

                careful = careful < spec.Wipe ? careful : spec.Wipe;
            }
        }

        return careful ?? WipePolicy.Zero;
    }

    /// <summary>Whether the published report of a class shows the volume of a claim.</summary>
    internal bool IsReported(string? className, ClaimUid claim) =>
        EntryOfClass(className)?.Object?.Report.Volumes.Any(volume => volume.Claim == claim) == true;

    /// <summary>
    /// Has a scan that begins from now on reported, whatever it shows. Who counts on the report waits for that where a claim ended: he
    /// cannot know whether its volume was made.
    /// </summary>
    internal void ReportAgain(string? className)
    {
        if (EntryOfClass(className) is { } entry)
        {
            entry.ReportScan = _storage.LastUnclear + 1;
            _storage.RequestScan();
        }
    }

    private StorageEntry? EntryOfClass(string? className) => StorageClassName.TryParse(className, out var name)
        ? _entries.GetValueOrDefault(NodeLocalStorageName.Of(name, _options.Node))
        : null;

    private (VolumeTerms? Terms, Unserved? Unserved) TermsOf(
        StorageEntry entry, StorageClass storageClass, StorageParameters parameters)
    {
        var name = entry.Object!.Name;
        if (entry.Spec is not { } spec)
        {
            return (null, new Unserved("StorageInvalid", $"NodeLocalStorage {name}: {entry.SpecError}", true));
        }

        var terms = entry.TermsOf(storageClass, spec, parameters);
        if (entry.Object.IsBeingDeleted)
        {
            return (null, new Unserved(
                "StorageTerminating",
                $"NodeLocalStorage {name} is being deleted.",
                entry.Refusal.Length > 0 || !IsSucceeded(entry.Object, spec) || IsLongMissing(spec.VolumeGroup.Name))
            {
                Ending = entry.Refusal.Length > 0 ? null : terms,
            });
        }

        return entry.Refusal.Length > 0
            ? (null, new Unserved("VolumeGroupRefused", entry.Refusal, true) { Group = terms.Group })
            : (terms, null);
    }

    // What is to be taken over by a class that was made again is not, as long as it is away and volumes of it are known. By the last scan:
    // it may have come back since.
    private bool IsLongMissing(VolumeGroupName group) =>
        _storage.MissingSince(group) is { } since && _storage.ScannedAt >= since + _options.MissingGroupGrace;
}
