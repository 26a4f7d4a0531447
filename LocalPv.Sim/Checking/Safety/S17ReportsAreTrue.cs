using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S17: a published report equals what LVM held at the moment of one of the agent's last scans: capacity, free space, and each
/// volume's claim, name and size. Free never counts a missing disk.
/// </summary>
internal sealed class S17ReportsAreTrue()
    : Rule("S17", "A report equals the truth at one moment of its scan."), IFollowsStorage, IFollowsObjects, IFollowsProcesses
{
    // A report may take effect after its sender gave up; by then there may be many later scans.
    private static readonly TimeSpan OnItsWayMost = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, LinkedList<Seen>> _scans = new(StringComparer.Ordinal);

    public void OnStarted(string process, int life)
    {
    }

    public void OnAsked(string process, int life, Effect effect)
    {
    }

    // What an agent was told replaces all that it was told before. While LVM does not answer, the last that did is what it goes on with.
    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is not AgentEvent.StorageAnswered { Outcome: { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan: var scan } } }
            || !_scans.TryGetValue(process, out var scans))
        {
            return;
        }

        for (var seen = scans.Last; seen is not null; seen = seen.Previous)
        {
            if (ReferenceEquals(seen.Value.Scan, scan))
            {
                seen.Value.HeardAt = Truth.Now;
                break;
            }
        }
    }

    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (call.Request is not NodeStorageRequest.Scan
            || outcome is not { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan: var scan } })
        {
            return;
        }

        if (!_scans.TryGetValue(call.Process, out var scans))
        {
            _scans.Add(call.Process, scans = []);
        }

        // What the scan said is what the agent can report; whether it saw the truth is LVM's affair, and the fake's tests'.
        scans.AddLast(new Seen(scan));
        for (var newest = scans.Last; newest is not null; newest = newest.Previous)
        {
            if (newest.Value.HeardAt is { } heard && Truth.Now - heard > OnItsWayMost)
            {
                while (scans.First != newest)
                {
                    scans.RemoveFirst();
                }

                break;
            }
        }
    }

    public void OnCommit(Commit commit)
    {
        if (commit.Change is not { Type: ChangeType.Modified, Object: NodeLocalStorage after, Previous: NodeLocalStorage before }
            || after.ScanSequence == before.ScanSequence || !_scans.TryGetValue(commit.Actor, out var scans))
        {
            return;
        }

        var status = after.Report;
        if (status.VolumeGroup is { } reported && !status.Volumes.IsEmpty | status.Free.Value > 0
            && !WasSeen(scans, reported.Uuid, status, Demand.LayoutOf(after)))
        {
            Broken($"{after.Name} reports {status.Free} free and {status.Volumes.Length} volumes in scan {after.ScanSequence}, "
                + "which none of the last scans saw.");
        }
    }

    // It is nearly always the newest.
    private static bool WasSeen(LinkedList<Seen> scans, string uuid, NodeLocalStorageStatus status, Layout layout)
    {
        for (var seen = scans.Last; seen is not null; seen = seen.Previous)
        {
            foreach (var group in seen.Value.Scan.VolumeGroups)
            {
                if (group.Uuid == uuid && IsTrue(group, status, layout))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsTrue(VolumeGroup group, NodeLocalStorageStatus status, Layout layout)
    {
        var space = LayoutCapacity.Of(layout, group);
        var free = layout.Type == LayoutType.Thin ? space.Free : group.IsComplete ? group.FreeExtents : ExtentCount.Zero;
        var ours = group.LogicalVolumes
            .Where(volume => volume.Claim is not null && volume.Tags.Any(tag => tag.Value == WellKnown.OurTag))
            .Select(volume => new ReportedVolume(volume.Claim!.Value, volume.Name, volume.Size));
        return status.Free.Value == free.Value * group.ExtentSize.Size.Value
            && status.Capacity.Value == space.Capacity.Value * group.ExtentSize.Size.Value
            && status.Volumes.OrderBy(volume => volume.Claim).SequenceEqual(ours.OrderBy(volume => volume.Claim));
    }

    private sealed class Seen(NodeScan scan)
    {
        public NodeScan Scan => scan;

        public Instant? HeardAt { get; set; }
    }
}
