using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>
/// Writes the status of the node's NodeLocalStorage objects: what one scan saw, numbered so that a later report always has a higher number,
/// also after a restart. One write under way for each object, guarded by its version, and only when something has changed.
/// </summary>
internal sealed class StatusPublisher(
    Calls calls, NodeAgentOptions options, NodeWatches watches, StorageView storage, Action markDirty)
{
    private const int NamesMax = 10;

    private static readonly TimeSpan ContestGap = TimeSpan.FromSeconds(10);

    private long _sequence;
    private long _numbered;

    internal Func<VolumeGroupName, ImmutableArray<string>> Orphans { get; set; } = _ => [];

    internal void Publish(StorageEntry entry, NodeLocalStorage reported)
    {
        NumberScan();
        if (!entry.Status.IsReady(calls.Now))
        {
            return;
        }

        // Most looks come from what changes nothing here: what was found to be reported already is so until one of its sources changes.
        var sources = SourcesOf(entry, reported);
        var isSettled = entry.Reported is { } settled && settled.IsAs(sources);
        var isDue = calls.Now >= entry.ReportDue || reported.ScanSequence == 0 || storage.Number >= entry.ReportScan;
        if (isSettled && !isDue)
        {
            return;
        }

        var status = Build(entry, reported);
        var tree = status.ToTree();
        var content = Content(tree);
        var unchanged = content.Equals(Content(reported.Status))
            || (entry.Written is { } written && written.Version == reported.ResourceVersion && content.Equals(written.Report));
        entry.Reported = unchanged ? sources : null;
        if (unchanged && !isDue)
        {
            return;
        }

        if (status.ScanSequence <= reported.ScanSequence && !unchanged && IsOwnWrite(entry, reported))
        {
            // Where another agent of this node saw the same, it is that one's scan that the news is about: a number stands for one scan.
            status = status with { ScanSequence = reported.ScanSequence, LastScanTime = reported.Report.LastScanTime };
            tree = status.ToTree();
        }
        else if (status.ScanSequence <= reported.ScanSequence && !unchanged)
        {
            // Another agent of this node has reported a later scan: only a new one may follow it. Two that never see the same, as in a
            // rollout where one has too few mounts, would answer each other without end: so each does it once in a while.
            if (calls.Now < entry.ContestedUntil)
            {
                return;
            }

            entry.ContestedUntil = calls.Now + ContestGap;
            if (!IsOfThisSecond(reported, status))
            {
                storage.RequestScan();
                return;
            }
        }

        if (status.ScanSequence < reported.ScanSequence || (unchanged && status.ScanSequence == reported.ScanSequence))
        {
            entry.ReportDue = calls.Now + options.ScanPeriod;
            entry.ReportScan = null;
            return;
        }

        Write(entry, reported, tree, content);
    }

    private void Write(StorageEntry entry, NodeLocalStorage reported, JsonMap status, JsonMap content)
    {
        entry.Status.Begin();
        var number = storage.Number;
        var body = reported.Tree.With("status", status);
        calls.Cluster(new ClusterRequest.Replace(reported.Type, reported.Key, body, "status"), options.ApiTimeout, outcome =>
        {
            if (outcome.TryGetValue(out var answer))
            {
                entry.Status.Succeed();
                entry.ReportDue = calls.Now + options.ReportPeriod;
                entry.ReportScan = entry.ReportScan <= number ? null : entry.ReportScan;
                entry.Written = (content, answer.ResourceVersion);
                watches.Learn(watches.Storages, answer.Object);
            }
            else
            {
                entry.Status.Fail(calls.Now, options.Backoff, options.Spread, outcome.RetryAfter);
            }

            markDirty();
        });
    }

    // Every scan gets a number above all that were ever reported here.
    private void NumberScan()
    {
        if (_numbered == storage.Number)
        {
            return;
        }

        _numbered = storage.Number;
        foreach (var item in watches.Storages.Objects.Values)
        {
            _sequence = Math.Max(_sequence, ((NodeLocalStorage)item).ScanSequence);
        }

        _sequence = Math.Min(_sequence, NodeLocalStorageStatus.ScanSequenceMax - 1) + 1;
    }

    private ReportSources SourcesOf(StorageEntry entry, NodeLocalStorage reported) => new(
        reported,
        entry.Plan,
        ChangeErrorOf(entry),
        entry.GroupRemoved,
        watches.Node?.Machine ?? "",
        entry.Spec?.VolumeGroup.Name is { } name && storage.IsHung(name),
        storage.ScansFail ? storage.ScanError : null,
        entry.Plan?.Group is { } group ? Orphans(group.Name) : []);

    private static JsonMap Content(JsonMap status) => status.Without("scanSequence").Without("lastScanTime");

    private NodeLocalStorageStatus Build(StorageEntry entry, NodeLocalStorage reported)
    {
        var machine = watches.Node?.Machine ?? "";
        var before = reported.Report.On(machine);
        var group = entry.Plan?.Group;
        var space = group is not null && entry.Spec is { } spec ? LayoutCapacity.Of(spec.Layout, group) : default;
        var extent = group?.ExtentSize ?? ExtentSize.Default;
        return new NodeLocalStorageStatus
        {
            Phase = PhaseOf(entry, reported),
            Conditions =
            [
                .. Conditions(entry, group, before).Select(condition => condition with { ObservedGeneration = reported.Generation }),
            ],
            ObservedGeneration = reported.Generation,
            ScanSequence = _sequence,
            LastScanTime = storage.ScannedAt,
            Machine = machine.Length > 0 ? machine : before.Machine,
            VolumeGroup = group is not null ? new ReportedVolumeGroup(group.Name, group.Uuid, group.ExtentSize)
                : entry.GroupRemoved ? null
                : before.VolumeGroup,
            Capacity = extent.SizeOf(space.Capacity),
            Free = extent.SizeOf(space.Free),
            Disks = entry.Plan is { } plan ? [.. plan.Disks.Select(disk => disk.ToReport(FreeOn(disk, group)))] : [],
            Volumes = group is null ? [] : [.. VolumesIn(group)],
        };
    }

    private StoragePhase PhaseOf(StorageEntry entry, NodeLocalStorage reported) =>
        reported.IsBeingDeleted ? StoragePhase.Terminating
        : entry.Plan is not { } plan || entry.Spec is null ? StoragePhase.Failed
        : plan.Phase == StoragePhase.Ready && IsUnwell(entry.Spec.VolumeGroup.Name) ? StoragePhase.Degraded
        : plan.Phase;

    private bool IsUnwell(VolumeGroupName group) =>
        storage.IsHung(group) || storage.ScansFail || storage.ChangeError(group).Length > 0;

    // What was written of the last scan may be followed by what else is known of that scan's groups, as that LVM has hung ever since. The
    // version may be another's, who has written something else of the object; or the scan another's, who has seen the same.
    private bool IsOwnWrite(StorageEntry entry, NodeLocalStorage reported) =>
        entry.Written is { } written && (written.Version == reported.ResourceVersion
            || (reported.ScanSequence >= _sequence && written.Report.Equals(Content(reported.Status))));

    // Most likely a write of our own whose answer was lost: the published time has whole seconds.
    private static bool IsOfThisSecond(NodeLocalStorage reported, NodeLocalStorageStatus status) =>
        reported.Report.LastScanTime?.ToRfc3339() == status.LastScanTime?.ToRfc3339();

    private IEnumerable<StorageCondition> Conditions(StorageEntry entry, VolumeGroup? group, NodeLocalStorageStatus before)
    {
        var name = entry.Spec?.VolumeGroup.Name;
        var changeError = ChangeErrorOf(entry);
        var planned = entry.Plan?.Problems ?? [];
        var problems = entry.Spec is null ? entry.SpecError
            : string.Join(' ', changeError.Length > 0 ? planned.Add(changeError) : planned);
        var hung = name is { } asked && storage.IsHung(asked);
        var orphans = group is null ? [] : Orphans(group.Name);
        yield return orphans.IsEmpty
            ? Condition("NoOrphans", true, "None", "", before)
            : Condition("NoOrphans", false, "OrphansFound", OrphanMessage(orphans), before);
        yield return hung ? Condition("Responsive", false, "VolumeGroupHangs", $"LVM has not answered about {name} for a while.", before)
            : storage.ScansFail ? Condition("Responsive", false, "ScanFails", storage.ScanError, before)
            : Condition("Responsive", true, "Answers", "", before);
        yield return group is null ? Condition("VolumeGroupReady", false, "NoVolumeGroup", problems, before)
            : problems.Length > 0 ? Condition("VolumeGroupReady", false, "Problems", problems, before)
            : Condition("VolumeGroupReady", true, "Ready", "", before);
    }

    // Of the group itself, and of the volumes in it.
    private string ChangeErrorOf(StorageEntry entry)
    {
        var ofVolumes = entry.Spec?.VolumeGroup.Name is { } name ? storage.ChangeError(name) : "";
        return entry.ChangeError.Length > 0 && ofVolumes.Length > 0 ? $"{entry.ChangeError} {ofVolumes}" : entry.ChangeError + ofVolumes;
    }

    private static string OrphanMessage(ImmutableArray<string> orphans) =>
        $"{orphans.Length} logical volumes belong to no claim: {string.Join(", ", orphans.Take(NamesMax))}.";

    private StorageCondition Condition(string type, bool holds, string reason, string message, NodeLocalStorageStatus before)
    {
        var status = holds ? "True" : "False";
        var known = before.Conditions.FirstOrDefault(condition => condition.Type == type);
        return new StorageCondition(type, status, reason, message, known?.Status == status ? known.LastTransitionTime : calls.Now);
    }

    private static Bytes? FreeOn(DiskVerdict disk, VolumeGroup? group)
    {
        var physical = group?.PhysicalVolumes.FirstOrDefault(volume => volume.Path is { } path && path == disk.Disk?.Path);
        return physical is null ? null : group!.ExtentSize.SizeOf(physical.FreeExtents);
    }

    private static IEnumerable<ReportedVolume> VolumesIn(VolumeGroup group) => group.LogicalVolumes
        .Where(volume => volume.Claim is not null && volume.Tags.Any(tag => tag.Value == WellKnown.OurTag))
        .OrderBy(volume => volume.Claim!.Value)
        .Select(volume => new ReportedVolume(volume.Claim!.Value, volume.Name, volume.Size));
}
