using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Faults;

/// <summary>What faults and other people do to the disks of a node and to what lies on them.</summary>
internal sealed class DiskFaults
{
    private int _foreigners;

    /// <summary>Begins a fault of disks; false where it is none.</summary>
    internal bool Begin(SimulatedNode node, ActiveFault fault)
    {
        switch (fault.Type)
        {
            case FaultType.Foreign:
                TakeSpace(node, fault);
                return true;
            case FaultType.OldData:
                LeaveData(node, fault);
                return true;
            case FaultType.Deactivate:
                node.Storage.Lvm.Deactivate();
                return true;
            case FaultType.RemoveByHand:
                RemoveByHand(node, fault);
                return true;
            case FaultType.SameNameGroup:
                AddGroup(node, fault);
                return true;
            case FaultType.CloneDisk:
                CloneDisk(node, fault);
                return true;
            case FaultType.OldDisk:
                AddOldDisk(node, fault);
                return true;
            case FaultType.PullDisk or FaultType.KillDisk or FaultType.ReadOnlyDisk or FaultType.SwapDisks:
                ChangeDisk(node, fault);
                return true;
            default:
                return false;
        }
    }

    private void TakeSpace(SimulatedNode node, ActiveFault fault)
    {
        if (MakeForeignVolume(node, fault) is not { } made)
        {
            return;
        }

        fault.Undo = () =>
        {
            if (node.Truth.Group(made.Group)?.Volume(made.Name) is not null)
            {
                node.Storage.Lvm.RemoveBehindTheBack(made.Group, made.Name);
            }
        };
    }

    // Who removes a volume by hand does not wipe it.
    private void LeaveData(SimulatedNode node, ActiveFault fault)
    {
        if (MakeForeignVolume(node, fault) is { } made)
        {
            node.Storage.Lvm.Write(made.Group, made.Name, "somebody else's data");
            node.Storage.Lvm.RemoveBehindTheBack(made.Group, made.Name);
        }
    }

    // By its name, as lvremove does: not what is mounted, and not where a name leads to two groups.
    private static void RemoveByHand(SimulatedNode node, ActiveFault fault)
    {
        var groups = node.Storage.Lvm.AllGroups();
        var volumes = groups
            .Where(group => group.IsComplete && groups.Count(other => other.Name == group.Name) == 1)
            .SelectMany(group => group.LogicalVolumes.Select(volume => (group.Name, Volume: volume)))
            .Where(there => there.Volume.Claim is not null && there.Volume.Tags.Any(tag => tag.Value == WellKnown.OurTag)
                && !node.Storage.Lvm.IsOpen(there.Name, there.Volume.Name))
            .ToArray();
        if (volumes.Length > 0)
        {
            var (group, volume) = volumes[(int)fault.Choice(fault.BegunAt, volumes.Length)];
            node.Storage.Lvm.RemoveBehindTheBack(group, volume.Name);
        }
    }

    private (VolumeGroupName Group, LogicalVolumeName Name)? MakeForeignVolume(SimulatedNode node, ActiveFault fault)
    {
        // A name that two groups have leads to neither.
        var extents = node.FirstGroup is { } group && node.Storage.Lvm.AllGroups().Count(other => other.Name == group.Name) == 1
            ? group.FreeExtents.Value * Math.Min(100, fault.Fault.Percent) / 100 : 0;
        if (extents == 0)
        {
            return null;
        }

        var (inGroup, name) = (node.FirstGroup!.Name, LogicalVolumeName.Parse(Numbered("somebody-elses-")));
        node.Storage.Lvm.CreateForeignVolume(inGroup, name, new ExtentCount(extents));
        return (inGroup, name);
    }

    private void AddGroup(SimulatedNode node, ActiveFault fault)
    {
        if (node.FirstGroup is not { } group)
        {
            return;
        }

        var disk = PlugIn(node);
        node.Storage.Lvm.CreateForeignGroup(group.Name, group.ExtentSize, disk);
        fault.Undo = () =>
        {
            disk.Present = false;
        };
    }

    private void CloneDisk(SimulatedNode node, ActiveFault fault)
    {
        var disks = DisksOf(node);
        var path = Numbered("/dev/sdz");
        var copy = node.Storage.Lvm.AddCopyOf(disks[(fault.Fault.Disk - 1) % disks.Count], path, "copy" + path.Replace('/', '-'));
        fault.Undo = () => copy.Present = false;
    }

    private void AddOldDisk(SimulatedNode node, ActiveFault fault)
    {
        var disk = PlugIn(node);
        MakeElsewhere(node, VolumeGroupName.Parse(Numbered("elsewhere-")), ExtentSize.Default, [disk], new ExtentCount(16), []);
        fault.Undo = () => disk.Present = false;
    }

    /// <summary>
    /// Makes a group like one that was there, on the disks that it had, as the agent of a node that this cluster does not have any more
    /// made it. Its uuid; null where none of the disks can have it.
    /// </summary>
    internal string? BringGroup(SimulatedNode node, VolumeGroup like)
    {
        var disks = DisksOf(node).FindAll(disk => like.PhysicalVolumes.Any(had => had.Path == disk.Path));
        var other = LvmTag.Parse(WellKnown.NodeTagPrefix + Numbered("node-elsewhere-"));
        return MakeElsewhere(node, like.Name, like.ExtentSize, disks, new ExtentCount(1), [other]);
    }

    // Another agent has made the group and the volume with the same requests and tags as ours would.
    private string? MakeElsewhere(
        SimulatedNode node, VolumeGroupName group, ExtentSize size, List<FakeDisk> disks, ExtentCount volume, LvmTag[] tags)
    {
        var uid = string.Create(CultureInfo.InvariantCulture, $"{_foreigners:x8}-0000-4000-8000-000000000000");
        var elsewhere = new FakeNodeStorage(node.Storage.Lvm);
        var ours = LvmTag.Parse(WellKnown.OurTag);
        if (elsewhere.Run(new NodeStorageRequest.CreateVolumeGroup(
            group, size, [.. disks.Select(disk => new DiskToUse(disk.Path, disk.Id!.Value, disk.Size, false))], [ours, .. tags]))
            is not { IsDone: true })
        {
            return null;
        }

        var name = LogicalVolumeName.Parse("pvc-" + uid);
        var made = elsewhere.Run(new NodeStorageRequest.CreateLogicalVolume(
            group,
            name,
            volume,
            Layout.Linear,
            [ours, LvmTag.Parse(WellKnown.ClaimTagPrefix + uid), ClaimKeyTag.Of(new ObjectKey("default", "data"))]));
        if (made is { IsDone: true })
        {
            node.Storage.Lvm.Write(group, name, "data of another cluster");
        }

        return node.Truth.Group(group)?.Uuid;
    }

    private FakeDisk PlugIn(SimulatedNode node)
    {
        var path = Numbered("/dev/sdz");
        return node.Storage.Lvm.AddDisk(path, "foreign" + path.Replace('/', '-'), Bytes.FromGibibytes(1));
    }

    private string Numbered(string word) => string.Create(CultureInfo.InvariantCulture, $"{word}{++_foreigners}");

    private static List<FakeDisk> DisksOf(SimulatedNode node) =>
        [.. node.Storage.Lvm.Disks.Where(disk => disk.Id?.Value.StartsWith("sim-", StringComparison.Ordinal) == true)];

    private static void ChangeDisk(SimulatedNode node, ActiveFault fault)
    {
        var disks = DisksOf(node);
        var disk = disks[(fault.Fault.Disk - 1) % disks.Count];
        switch (fault.Type)
        {
            case FaultType.PullDisk:
                disk.Present = false;
                fault.Undo = () => disk.Present = true;
                break;
            case FaultType.KillDisk:
                disk.Readable = false;
                fault.Undo = () => disk.Readable = true;
                break;
            case FaultType.ReadOnlyDisk:
                disk.ReadOnly = true;
                fault.Undo = () => disk.ReadOnly = false;
                break;
            default:
                var other = disks[fault.Fault.Disk % disks.Count];
                (disk.Path, other.Path) = (other.Path, disk.Path);
                break;
        }
    }
}
