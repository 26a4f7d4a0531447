using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Finds the node's block devices and what is on them. Signatures are read from the disks themselves, not from udev's memory, and only
/// where they decide: a disk that is in a volume group or in use is what it is, whatever else it carries.
/// </summary>
internal sealed class DeviceScanner(LvmOptions options, ICommandRunner runner, INodeFiles files)
{
    // Devices fall silent together, behind one controller or one path: with these at once, sixteen that do not answer take twice the time
    // of one, which is within the 30 s of an agent's scan. Each is a process that mostly waits.
    private const int ProbesAtOnce = 8;

    // Where udev puts its links, an administrator's own too. Clouds have folders in folders, such as azure/data/by-lun; LVM has one for
    // each group in /dev, with a link for each volume.
    private static readonly (string Folder, int Depth)[] LinkFolders = [("/dev/disk", 4), ("/dev", 0)];

    private static readonly string[] PartitionTables = ["gpt", "dos", "PMBR", "bsd", "sun", "sgi", "mac", "atari"];

    private readonly DiskLabels _labels = new(options, runner, files);

    private readonly BlockDevices _list = new(files, options.Devices);

    private readonly DeviceIdentity _identity = new(files);

    private readonly DeviceProbe _probe = new(options, runner);

    /// <summary>The devices that did not answer when they were last asked.</summary>
    internal ImmutableArray<DevicePath> Silent => _probe.Silent;

    /// <summary>The disks and partitions as the kernel lists them; reads none of them. Unavailable where they cannot be listed.</summary>
    internal Outcome<ImmutableArray<BlockDevice>> List() => _list.List();

    /// <summary>All devices that could be physical volumes, by path. <paramref name="groups"/> say which of them are.</summary>
    internal async Task<Outcome<ImmutableArray<SeenDevice>>> ScanAsync(
        ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var listed = List();
        return listed.TryGetValue(out var devices)
            ? Outcome.Done(await ObserveAsync(devices, groups, cancellationToken).ConfigureAwait(false))
            : listed.As<ImmutableArray<SeenDevice>>();
    }

    /// <summary>Those of the listed devices that could be physical volumes, with what is on them, by path.</summary>
    internal async Task<ImmutableArray<SeenDevice>> ObserveAsync(
        ImmutableArray<BlockDevice> devices, ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var links = Links();
        var seen = await EachAsync(
            Candidates(devices), device => ObserveAsync(device, links, groups, cancellationToken)).ConfigureAwait(false);
        var labels = seen.Select(each => each.Label).OfType<DiskLabel>().ToArray();
        return
        [
            .. seen
                .Select(each => each.Label?.IsUnused(labels) is not true ? each with { Label = null }
                    : each with { Disk = each.Disk with { Signature = "", Holder = "" } })
                .Select(each => each with { Disk = Holding(each.Disk, seen, devices) })
                .OrderBy(each => each.Disk.Path),
        ];
    }

    // A partition that is a physical volume holds its disk also while nothing of its group is active.
    private static ObservedDisk Holding(ObservedDisk disk, SeenDevice[] seen, ImmutableArray<BlockDevice> devices)
    {
        if (disk.Holder.Length > 0 || !disk.Partitioned)
        {
            return disk;
        }

        var parts = devices.Where(device => device.Disk?.Path == disk.Path).Select(device => device.Path).ToArray();
        var owned = seen.Select(each => each.Disk).FirstOrDefault(
            part => parts.Contains(part.Path) && (part.VolumeGroup is not null || part.Holder.Length > 0));
        return owned is null ? disk
            : disk with { Holder = $"{owned.Path}, which belongs to {owned.VolumeGroup?.Value ?? owned.Holder}" };
    }

    /// <summary>Asks every device that LVM would read, so that those that do not answer are known: <see cref="Silent"/>.</summary>
    internal async Task FindSilentAsync(CancellationToken cancellationToken)
    {
        if (List().TryGetValue(out var devices))
        {
            var paths = Candidates(devices).Select(device => device.Path).ToArray();
            await EachAsync(paths, path => _probe.SignaturesAsync(path, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the devices again that did not answer, those whose pause is over; most often there is none.</summary>
    internal async Task AskSilentAgainAsync(CancellationToken cancellationToken)
    {
        await EachAsync([.. Silent], path => _probe.SignaturesAsync(path, cancellationToken)).ConfigureAwait(false);
    }

    // A device that does not answer holds up its own probe only.
    private static async Task<TResult[]> EachAsync<T, TResult>(T[] items, Func<T, Task<TResult>> one)
    {
        using var turns = new SemaphoreSlim(ProbesAtOnce);
        return await Task.WhenAll(items.Select(async item =>
        {
            await turns.WaitAsync().ConfigureAwait(false);
            try
            {
                return await one(item).ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        })).ConfigureAwait(false);
    }

    private BlockDevice[] Candidates(ImmutableArray<BlockDevice> devices) =>
    [
        .. devices.Where(device => options.Devices.IsEmpty || options.Devices.Contains(device.Path)).DistinctBy(device => device.Path),
    ];

    private async Task<SeenDevice> ObserveAsync(
        BlockDevice device,
        ILookup<string, DevicePath> links,
        ImmutableArray<VolumeGroup> groups,
        CancellationToken cancellationToken)
    {
        // Links to a mapped device lead to the kernel's name for it, and its path is one of them.
        var own = links[device.Path.Value].Concat(links["/dev/" + device.Name]).Where(link => link != device.Path)
            .Distinct().Order().ToImmutableArray();
        var group = GroupOf(device.Path, own, groups);
        ImmutableArray<string>? signatures = group is not null ? ["LVM2_member"]
            : Silent.Contains(device.Path) ? null
            : device.MountPoint.Length > 0 || device.Holder.Length > 0 ? []
            : await _probe.SignaturesAsync(device.Path, cancellationToken).ConfigureAwait(false);
        var marks = signatures ?? [];
        var label = group is null && marks.Contains(DiskLabel.Signature)
            ? await _labels.OnAsync(device.Path, groups, cancellationToken).ConfigureAwait(false)
            : null;
        var disk = new ObservedDisk(device.Path, own, _identity.Of(device), device.Size)
        {
            Loop = device.IsLoop,
            Rotational = device.Rotational,
            Model = device.Model,
            Serial = _identity.SerialOf(device),
            ReadOnly = device.ReadOnly,
            Readable = signatures is not null,
            Partitioned = device.IsPartition || device.HasPartitions || marks.Any(PartitionTables.Contains),
            Signature = marks.FirstOrDefault(mark => !PartitionTables.Contains(mark)) ?? "",
            MountPoint = device.MountPoint,

            // An order to wipe signatures is none to take a disk from a volume group.
            Holder = device.Holder.Length > 0 ? device.Holder : label?.Owner ?? "",
            VolumeGroup = group,
        };

        // Beside another signature a label says nothing of the whole disk.
        return new SeenDevice(disk, marks.Length == 1 ? label : null);
    }

    private static VolumeGroupName? GroupOf(DevicePath path, ImmutableArray<DevicePath> links, ImmutableArray<VolumeGroup> groups)
    {
        foreach (var group in groups)
        {
            if (group.PhysicalVolumes.Any(disk => disk.Path is { } at && (at == path || links.Contains(at))))
            {
                return group.Name;
            }
        }

        return null;
    }

    private ILookup<string, DevicePath> Links() =>
        LinkFolders.SelectMany(at => files.Links(at.Folder, at.Depth)).ToLookup(found => found.Target, found => found.Link);
}

/// <summary>A device as one scan saw it.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Label">The label of a physical volume with which it is unused all the same; null where it has none.</param>
internal sealed record SeenDevice(ObservedDisk Disk, DiskLabel? Label);
