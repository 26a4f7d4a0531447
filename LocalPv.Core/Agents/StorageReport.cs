using LocalPv.Core.Capacity;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// What an extender keeps of a NodeLocalStorage: what it says of its group, and which version of which object says it. The object itself is
/// several times as large (conditions, disks, names of volumes), and thousands of them are most of what an extender would hold.
/// </summary>
internal sealed class StorageReport : KubernetesObject
{
    private StorageReport(NodeLocalStorage storage, JsonMap kept)
        : base(storage.Type, kept)
    {
        ScanSequence = storage.ScanSequence;
        Report = Read(storage);
    }

    /// <summary>Which scan of the node it is of; 0 before the first.</summary>
    internal long ScanSequence { get; }

    /// <summary>
    /// What it says; null for an object that is nobody's report: hand-made under another name, without a class or node, or with a number
    /// that no scan has. What an earlier version said is then forgotten, so that the agent may begin to count anew.
    /// </summary>
    internal VolumeGroupReport? Report { get; }

    /// <summary>What is kept of a NodeLocalStorage; of anything else what <see cref="KeptFields"/> keeps.</summary>
    internal static KubernetesObject Of(KubernetesObject received)
    {
        if (received is not NodeLocalStorage storage)
        {
            return received is StorageReport ? received : KeptFields.Of(received);
        }

        var from = storage.Metadata;
        var metadata = JsonMap.Of(
            ("name", from["name"]),
            ("uid", from["uid"]),
            ("resourceVersion", from["resourceVersion"]),
            ("deletionTimestamp", from["deletionTimestamp"]));
        return new StorageReport(storage, JsonMap.Of(("metadata", metadata)));
    }

    private static VolumeGroupReport? Read(NodeLocalStorage storage)
    {
        if (!StorageClassName.TryParse(storage.StorageClassName, out var name)
            || !NodeName.TryParse(storage.NodeName, out var node)
            || NodeLocalStorageName.Of(name, node) != storage.Name || !NodeLocalStorageStatus.IsReadable(storage.Status))
        {
            return null;
        }

        var status = storage.Report;
        var spec = storage.Wish;
        var extentSize = status.VolumeGroup?.ExtentSize ?? ExtentSize.Default;
        var wish = spec.TryGetValue(out var read) ? read : null;
        var volumes = status.Volumes.DistinctBy(volume => volume.Claim).OrderBy(volume => volume.Claim).ToArray();
        var free = extentSize.WholeExtentsIn(status.Free);
        return new VolumeGroupReport
        {
            Class = name,
            Node = node,
            ObjectUid = storage.Uid,
            ScanSequence = status.ScanSequence,
            ScannedAt = status.LastScanTime,
            Group = status.VolumeGroup?.Name,
            ExtentSize = extentSize,
            Layout = wish?.Layout ?? VolumeGroups.Layout.Linear,
            Capacity = extentSize.WholeExtentsIn(status.Capacity),
            Free = free,
            Reserve = extentSize.ExtentsToHold(wish?.Reserve ?? Bytes.Zero),
            Volumes = [.. volumes.Select(volume => volume.Claim)],
            Sizes = [.. volumes.Select(volume => volume.Size)],
            FreeByDisk = status.FreeByDisk(extentSize),
            Closed = Closed(storage, status, wish is null ? spec.Message : ""),
        };
    }

    private static string? Closed(NodeLocalStorage storage, NodeLocalStorageStatus status, string error)
    {
        if (storage.IsBeingDeleted)
        {
            return "it is being removed";
        }

        if (error.Length > 0)
        {
            return $"NodeLocalStorage {storage.Name} is invalid: {error}";
        }

        var silent = status.Conditions.FirstOrDefault(condition => condition.Type == "Responsive" && condition.Status == "False");
        return status switch
        {
            { Phase: StoragePhase.Ready or StoragePhase.Degraded, VolumeGroup: not null } when silent is null => null,
            _ when silent is not null => silent.Message,
            { Phase: StoragePhase.Pending } => "its volume group is not there yet",
            { Phase: StoragePhase.Terminating } => "it is being removed",
            _ => $"NodeLocalStorage {storage.Name} is {status.Phase}: {Problem(status)}",
        };
    }

    private static string Problem(NodeLocalStorageStatus status) =>
        status.Conditions.FirstOrDefault(condition => condition.Status == "False" && condition.Message.Length > 0)?.Message
        ?? "its volume group cannot be used";
}
