using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Reads NodeLocalStorage objects as reports, gives them to the ledger, and closes those that nobody renews. A part of
/// <see cref="ExtenderAgent"/>.
/// </summary>
internal sealed class ExtenderReports(CapacityLedger ledger, TimeSpan staleAfter)
{
    private readonly SortedDictionary<ObjectKey, Entry> _entries = [];
    private readonly SortedSet<(Instant At, ObjectKey Key)> _deadlines = [];

    internal Instant Deadline => _deadlines.Count == 0 ? Instant.Never : _deadlines.Min.At;

    /// <summary>Takes in a change. <paramref name="first"/>: it comes with the first list, so that it may be old.</summary>
    internal void Handle(Instant now, ObjectChange change, bool first)
    {
        var key = change.Object.Key;
        var report = change.After is NodeLocalStorage storage ? Read(storage) : null;
        _entries.TryGetValue(key, out var before);
        if (before is not null)
        {
            _deadlines.Remove((before.StaleAt, key));
            _entries.Remove(key);
        }

        if (before is not null && (report is null || report.Class != before.Report.Class || report.Node != before.Report.Node))
        {
            ledger.RemoveReport(before.Report.Class, before.Report.Node);
        }

        if (report is null)
        {
            return;
        }

        var renewed = before is null
            || before.Report.ScannedAt != report.ScannedAt || before.Report.ScanSequence != report.ScanSequence;
        var heard = first && report.ScannedAt is { } scanned ? Instant.Min(scanned, now) : renewed ? now : before!.HeardAt;
        var entry = new Entry(report, heard, heard + staleAfter);
        _entries[key] = entry;
        Apply(now, key, entry);
    }

    internal void Tick(Instant now)
    {
        while (_deadlines.Count > 0 && _deadlines.Min.At <= now)
        {
            var key = _deadlines.Min.Key;
            _deadlines.Remove(_deadlines.Min);
            Apply(now, key, _entries[key]);
        }
    }

    private void Apply(Instant now, ObjectKey key, Entry entry)
    {
        if (entry.StaleAt > now)
        {
            _deadlines.Add((entry.StaleAt, key));
            ledger.SetReport(entry.Report);
            return;
        }

        ledger.SetReport(entry.Report with
        {
            Closed = entry.Report.Closed ?? $"no report since {entry.HeardAt.ToRfc3339()}; look whether the agent of node "
                + $"{entry.Report.Node} runs",
        });
    }

    // Null for an object that is nobody's report: hand-made under another name, or without a class or node.
    private static VolumeGroupReport? Read(NodeLocalStorage storage)
    {
        if (!StorageClassName.TryParse(storage.StorageClassName, out var name)
            || !NodeName.TryParse(storage.NodeName, out var node)
            || NodeLocalStorageName.Of(name, node) != storage.Name)
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
            FreeByDisk = FreeByDisk(status, extentSize, free),
            Closed = Closed(storage, status, wish is null ? spec.Message : ""),
        };
    }

    // Only where the disks listed are all of the group's: then their sum is what the group has.
    private static ImmutableArray<long> FreeByDisk(NodeLocalStorageStatus status, ExtentSize extentSize, ExtentCount free)
    {
        ImmutableArray<long> disks =
            [.. status.Disks.Where(disk => disk.Free is not null).Select(disk => extentSize.WholeExtentsIn(disk.Free!.Value).Value)];
        return disks.Sum(disk => (decimal)disk) == free.Value ? disks : [];
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

    private sealed record Entry(VolumeGroupReport Report, Instant HeardAt, Instant StaleAt);
}
