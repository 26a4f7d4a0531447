using System.Collections.Immutable;
using System.Text.Json;
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
    // One after another: a node has few disks to ask, and one that does not answer is left alone afterwards.
    private const int ProbesAtOnce = 1;

    private static readonly string[] LinkFolders = ["/dev/disk/by-id", "/dev/disk/by-path"];

    private static readonly string[] PartitionTables = ["gpt", "dos", "PMBR", "bsd", "sun", "sgi", "mac", "atari"];

    private readonly EmptyLabel _label = new(options, runner);

    private readonly DeviceIdentity _identity = new(files);

    private readonly DeviceProbe _probe = new(options, runner);

    /// <summary>The devices that did not answer when they were last asked.</summary>
    internal ImmutableArray<DevicePath> Silent => _probe.Silent;

    /// <summary>All block devices as the kernel lists them; reads none of them. Unavailable where they cannot be listed.</summary>
    internal async Task<Outcome<ImmutableArray<BlockDevice>>> ListAsync(CancellationToken cancellationToken)
    {
        var list = CommandPlace.Of(options, "lsblk", BlockDevice.Arguments, options.ReadTimeLimit);
        var listed = await runner.RunAsync(list, cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded)
        {
            return LvmFailure.OfRead<ImmutableArray<BlockDevice>>(list, listed);
        }

        try
        {
            return Outcome.Done(BlockDevice.ReadAll(listed.Output));
        }
        catch (JsonException error)
        {
            return Outcome.Failed<ImmutableArray<BlockDevice>>(
                OutcomeKind.Unavailable, $"lsblk wrote no list of devices: {error.Message}");
        }
    }

    /// <summary>All devices that could be physical volumes, by path. <paramref name="groups"/> say which of them are.</summary>
    internal async Task<Outcome<ImmutableArray<ObservedDisk>>> ScanAsync(
        ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(cancellationToken).ConfigureAwait(false);
        return listed.TryGetValue(out var devices)
            ? Outcome.Done(await ObserveAsync(devices, groups, cancellationToken).ConfigureAwait(false))
            : listed.As<ImmutableArray<ObservedDisk>>();
    }

    /// <summary>Those of the listed devices that could be physical volumes, with what is on them, by path.</summary>
    internal async Task<ImmutableArray<ObservedDisk>> ObserveAsync(
        ImmutableArray<BlockDevice> devices, ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var links = Links();
        var found = Candidates(devices, null).DistinctBy(candidate => candidate.Device.Path).ToArray();
        var disks = await EachAsync(
            found, candidate => ObserveAsync(candidate.Device, candidate.Parent, links, groups, cancellationToken)).ConfigureAwait(false);
        return [.. disks.OrderBy(disk => disk.Path)];
    }

    /// <summary>Asks every device that LVM would read, so that those that do not answer are known: <see cref="Silent"/>.</summary>
    internal async Task FindSilentAsync(CancellationToken cancellationToken)
    {
        var listed = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (listed.TryGetValue(out var devices))
        {
            var paths = Candidates(devices, null).Select(candidate => candidate.Device.Path).Distinct().ToArray();
            await EachAsync(paths, path => _probe.SignaturesAsync(path, cancellationToken)).ConfigureAwait(false);
        }
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

    // Volumes of LVM and of crypt lie on disks, but are none themselves; a CD cannot be written.
    private IEnumerable<(BlockDevice Device, BlockDevice? Parent)> Candidates(ImmutableArray<BlockDevice> devices, BlockDevice? parent) =>
        devices.SelectMany(device =>
        {
            var below = Candidates(device.Children, device);
            var fit = device.Type is "disk" or "part" or "loop" or "mpath" || device.Type.StartsWith("raid", StringComparison.Ordinal);
            var wanted = options.Devices.IsEmpty || options.Devices.Contains(device.Path);
            return fit && wanted && device.Size.Value > 0 ? below.Prepend((device, parent)) : below;
        });

    private async Task<ObservedDisk> ObserveAsync(
        BlockDevice device,
        BlockDevice? parent,
        ILookup<string, DevicePath> links,
        ImmutableArray<VolumeGroup> groups,
        CancellationToken cancellationToken)
    {
        var own = links[device.Path.Value].Order().ToImmutableArray();
        var group = GroupOf(device.Path, own, groups);
        ImmutableArray<string>? signatures = group is not null ? ["LVM2_member"]
            : device.FirstMountPoint.Length > 0 || device.FirstHolder.Length > 0 ? []
            : await _probe.SignaturesAsync(device.Path, cancellationToken).ConfigureAwait(false);
        var marks = signatures ?? [];
        return new ObservedDisk(device.Path, own, _identity.Of(device, parent), device.Size)
        {
            Rotational = device.Rotational,
            Model = device.Model,
            Serial = device.Serial,
            ReadOnly = device.ReadOnly,
            Readable = signatures is not null,
            Partitioned = device.HasPartitionTable || device.IsPartition || marks.Any(PartitionTables.Contains)
                || device.Children.Any(child => child.IsPartition),
            Signature = marks is [EmptyLabel.Signature] && group is null
                && await _label.IsOnAsync(device.Path, cancellationToken).ConfigureAwait(false)
                    ? ""
                    : marks.FirstOrDefault(mark => !PartitionTables.Contains(mark)) ?? "",
            MountPoint = device.FirstMountPoint,
            Holder = device.FirstHolder,
            VolumeGroup = group,
        };
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
        LinkFolders.SelectMany(files.Links).ToLookup(found => found.Target, found => found.Link);
}
