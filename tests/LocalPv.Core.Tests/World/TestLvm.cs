using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.World;

/// <summary>One node's linear LVM, as small as the agent's tests need it: counts extents and keeps tags.</summary>
internal sealed class TestLvm : INodeStorage
{
    private readonly SortedDictionary<string, ObservedDisk> _disks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<VolumeGroupName, VolumeGroup> _groups = [];
    private int _uuids;

    /// <summary>Every change that was made, for checks: "create vg/lv".</summary>
    internal List<string> Log { get; } = [];

    internal IEnumerable<(VolumeGroup Group, LogicalVolume Volume)> Volumes =>
        _groups.Values.SelectMany(group => group.LogicalVolumes.Select(volume => (group, volume)));

    internal void AddDisk(string path, Bytes size) =>
        _disks[path] = new ObservedDisk(DevicePath.Parse(path), [], DiskId.Parse("serial-" + path[5..]), size);

    /// <summary>Somebody writes a signature on a disk, or wipes it.</summary>
    internal void SetSignature(string disk, string signature) => _disks[disk] = _disks[disk] with { Signature = signature };

    internal void AddForeignVolume(string group, string name, long extents, params string[] tags)
    {
        var vg = _groups[VolumeGroupName.Parse(group)];
        Put(vg, NewVolume(vg, LogicalVolumeName.Parse(name), new ExtentCount(extents), [.. tags.Select(LvmTag.Parse)]));
    }

    internal void AddForeignGroup(string group, string disk)
    {
        Make(new NodeStorageRequest.CreateVolumeGroup(
            VolumeGroupName.Parse(group), ExtentSize.Default, [ToUse(disk)], []));
        Log.Clear();
    }

    /// <summary>Somebody gives the group another disk.</summary>
    internal void ExtendGroup(string group, string disk)
    {
        var vg = _groups[VolumeGroupName.Parse(group)];
        var extents = vg.ExtentSize.WholeExtentsIn(_disks[disk].Size.SubtractToZero(Bytes.FromMebibytes(1)));
        _disks[disk] = _disks[disk] with { VolumeGroup = vg.Name, Signature = "LVM2_member" };
        _groups[vg.Name] = vg with
        {
            Extents = vg.Extents + extents,
            FreeExtents = vg.FreeExtents + extents,
            PhysicalVolumes = [.. vg.PhysicalVolumes, new("pv-" + disk[5..], DevicePath.Parse(disk), false, extents, extents)],
        };
    }

    /// <summary>The volumes that carry a file system.</summary>
    internal HashSet<string> Used { get; } = [];

    /// <summary>How many requests to remove a volume only wipe a part of it.</summary>
    internal int WipeParts { get; set; }

    internal void RemoveVolume(string group, string name)
    {
        var vg = _groups[VolumeGroupName.Parse(group)];
        var gone = vg.LogicalVolumes.Single(volume => volume.Name.Value == name);
        _groups[vg.Name] = vg with
        {
            LogicalVolumes = vg.LogicalVolumes.Remove(gone),
            FreeExtents = vg.FreeExtents + gone.Extents,
        };
    }

    /// <summary>Takes the group's disks out of the machine.</summary>
    internal void RemoveGroup(string group)
    {
        var name = VolumeGroupName.Parse(group);
        _groups.Remove(name);
        foreach (var away in _disks.Where(entry => entry.Value.VolumeGroup == name).Select(entry => entry.Key).ToArray())
        {
            _disks.Remove(away);
        }
    }

    /// <summary>Whether no new volume can be made, as where the space for metadata is full.</summary>
    internal bool IsMetadataFull { get; set; }

    /// <summary>The group's disks are away for a while; what is called brings them back.</summary>
    internal Action HideGroup(string group)
    {
        var (away, disks) = (_groups[VolumeGroupName.Parse(group)], _disks.ToArray());
        RemoveGroup(group);
        return () =>
        {
            _groups.Add(away.Name, away);
            foreach (var (path, disk) in disks)
            {
                _disks[path] = disk;
            }
        };
    }

    internal void Deactivate()
    {
        foreach (var group in _groups.Values.ToArray())
        {
            var inactive = group.LogicalVolumes.Select(volume => volume with { Active = false });
            _groups[group.Name] = group with { LogicalVolumes = [.. inactive] };
        }
    }

    /// <summary>Whether somebody has locked all groups, so that scans show their disks only.</summary>
    internal bool LeavesOutGroups { get; set; }

    /// <summary>The groups that somebody has locked.</summary>
    internal HashSet<string> LeftOut { get; } = [];

    internal NodeScan Scan() => new(
        [.. _disks.Values], LeavesOutGroups ? [] : [.. _groups.Values.Where(group => !LeftOut.Contains(group.Name.Value))]);

    public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken) =>
        new(Run(request));

    internal Outcome<NodeStorageAnswer> Run(NodeStorageRequest request)
    {
        if (request is NodeStorageRequest.Scan)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(Scan()));
        }

        if (request is NodeStorageRequest.CreateVolumeGroup make)
        {
            return Make(make);
        }

        if (!_groups.TryGetValue(request.VolumeGroup!.Value, out var group))
        {
            return Fail(OutcomeKind.Unavailable, $"The volume group {request.VolumeGroup} was not seen.");
        }

        return request switch
        {
            NodeStorageRequest.ExtendVolumeGroup extend => Add(group, extend.Disks, "extend"),
            NodeStorageRequest.RemoveVolumeGroup => Remove(group),
            NodeStorageRequest.CreateLogicalVolume create => Create(group, create),
            NodeStorageRequest.ExtendLogicalVolume extend => Change(
                group, extend.Name, extend.Claim, volume => Extend(group, volume, extend.Extents)),
            NodeStorageRequest.RemoveLogicalVolume remove => Remove(group, remove),
            NodeStorageRequest.TagLogicalVolume tag => Change(group, tag.Name, tag.Claim, volume => Done(
                group, volume with { Tags = [.. volume.Tags.Append(tag.Tag).Distinct()] }, "tag")),
            NodeStorageRequest.ActivateLogicalVolume activate => Change(
                group, activate.Name, null, volume => Done(group, volume with { Active = true }, "activate")),
            _ => Fail(OutcomeKind.Refused, $"{request.GetType().Name} is not known here."),
        };
    }

    private static Outcome<NodeStorageAnswer> Fail(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);

    private static LogicalVolume NewVolume(
        VolumeGroup group, LogicalVolumeName name, ExtentCount extents, System.Collections.Immutable.ImmutableArray<LvmTag> tags) =>
        new(name, "lv-" + name, extents, group.ExtentSize.SizeOf(extents), tags, Layout.Linear, true);

    private DiskToUse ToUse(string disk) =>
        new(DevicePath.Parse(disk), _disks[disk].Id!.Value, _disks[disk].Size, WipeSignatures: false);

    private Outcome<NodeStorageAnswer> Make(NodeStorageRequest.CreateVolumeGroup make)
    {
        if (_groups.ContainsKey(make.Name))
        {
            return Fail(OutcomeKind.AlreadyExists, $"The volume group {make.Name} exists.");
        }

        var group = new VolumeGroup(make.Name, $"vg-{++_uuids}", make.ExtentSize, ExtentCount.Zero, ExtentCount.Zero, [], [])
        {
            Tags = make.Tags,
        };
        return Add(group, make.Disks, "make");
    }

    private Outcome<NodeStorageAnswer> Add(VolumeGroup group, IEnumerable<DiskToUse> disks, string what)
    {
        foreach (var disk in disks)
        {
            var extents = group.ExtentSize.WholeExtentsIn(disk.Size.SubtractToZero(Bytes.FromMebibytes(1)));
            _disks[disk.Path.Value] = _disks[disk.Path.Value] with { VolumeGroup = group.Name, Signature = "LVM2_member" };
            group = group with
            {
                Extents = group.Extents + extents,
                FreeExtents = group.FreeExtents + extents,
                PhysicalVolumes = [.. group.PhysicalVolumes, new("pv-" + disk.Path.Value[5..], disk.Path, false, extents, extents)],
            };
        }

        _groups[group.Name] = group;
        Log.Add($"{what} {group.Name}");
        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Group(group));
    }

    private Outcome<NodeStorageAnswer> Remove(VolumeGroup group)
    {
        if (!group.LogicalVolumes.IsEmpty)
        {
            return Fail(OutcomeKind.Rejected, $"The volume group {group.Name} is not empty.");
        }

        _groups.Remove(group.Name);
        foreach (var disk in _disks.Values.Where(disk => disk.VolumeGroup == group.Name).ToArray())
        {
            _disks[disk.Path.Value] = disk with { VolumeGroup = null, Signature = "" };
        }

        Log.Add($"unmake {group.Name}");
        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed());
    }

    private Outcome<NodeStorageAnswer> Create(VolumeGroup group, NodeStorageRequest.CreateLogicalVolume create)
    {
        return create.GroupUuid is { } uuid && uuid != group.Uuid
            ? Fail(OutcomeKind.Unavailable, $"{group.Name} is {group.Uuid}, not {uuid}.")
            : group.Volume(create.Name) is not null
            ? Fail(OutcomeKind.AlreadyExists, $"{group.Name}/{create.Name} exists.")
            : IsMetadataFull ? Fail(OutcomeKind.Rejected, $"{group.Name}: insufficient free space in metadata.")
            : create.Extents > group.FreeExtents
            ? Fail(OutcomeKind.NoSpace, $"{group.Name} has {group.FreeExtents} free: {create.Extents} required.")
            : Done(group, NewVolume(group, create.Name, create.Extents, create.Tags), "create");
    }

    private Outcome<NodeStorageAnswer> Extend(VolumeGroup group, LogicalVolume volume, ExtentCount extents) =>
        extents <= volume.Extents ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(volume))
        : extents - volume.Extents > group.FreeExtents ? Fail(OutcomeKind.NoSpace, $"{group.Name} has {group.FreeExtents} free.")
        : Done(group, volume with { Extents = extents, Size = group.ExtentSize.SizeOf(extents) }, "extend");

    private Outcome<NodeStorageAnswer> Remove(VolumeGroup group, NodeStorageRequest.RemoveLogicalVolume remove) =>
        remove.GroupUuid is { } uuid && uuid != group.Uuid ? Fail(OutcomeKind.Unavailable, $"{group.Name} is {group.Uuid}, not {uuid}.")
        : Change(group, remove.Name, remove.Claim, volume =>
        {
            if (remove.OnlyUnused && volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag))
            {
                return Fail(OutcomeKind.Rejected, $"The volume {group.Name}/{volume.Name} is retained.");
            }

            if (remove.OnlyUnused && Used.Contains(volume.Name.Value))
            {
                return Fail(OutcomeKind.Rejected, $"The volume {group.Name}/{volume.Name} holds data.");
            }

            if (WipeParts-- > 0)
            {
                return Done(group, volume, "wipe");
            }

            _groups[group.Name] = group with
            {
                LogicalVolumes = group.LogicalVolumes.Remove(volume),
                FreeExtents = group.FreeExtents + volume.Extents,
            };
            Log.Add($"remove {group.Name}/{volume.Name}");
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed());
        });

    private static Outcome<NodeStorageAnswer> Change(
        VolumeGroup group, LogicalVolumeName name, ClaimUid? claim, Func<LogicalVolume, Outcome<NodeStorageAnswer>> change) =>
        group.Volume(name) is not { } volume ? Fail(OutcomeKind.NotFound, $"There is no {group.Name}/{name}.")
        : claim is { } uid && volume.Claim != uid ? Fail(OutcomeKind.Rejected, $"{group.Name}/{name} is another claim's.")
        : change(volume);

    private Outcome<NodeStorageAnswer> Done(VolumeGroup group, LogicalVolume volume, string what)
    {
        Put(group, volume);
        Log.Add($"{what} {group.Name}/{volume.Name}");
        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(volume));
    }

    private void Put(VolumeGroup group, LogicalVolume volume)
    {
        var before = group.Volume(volume.Name)?.Extents ?? ExtentCount.Zero;
        _groups[group.Name] = group with
        {
            LogicalVolumes = [.. group.LogicalVolumes.Where(each => each.Name != volume.Name).Append(volume).OrderBy(each => each.Name)],
            FreeExtents = group.FreeExtents + before - volume.Extents,
        };
    }
}
