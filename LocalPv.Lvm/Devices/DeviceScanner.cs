using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Finds the node's block devices and what is on them. Signatures are read from the disks themselves, not from udev's memory.
/// </summary>
internal sealed class DeviceScanner(LvmOptions options, ICommandRunner runner, INodeFiles files)
{
    private static readonly string[] LinkFolders = ["/dev/disk/by-id", "/dev/disk/by-path"];

    private static readonly string[] PartitionTables = ["gpt", "dos", "PMBR", "bsd", "sun", "sgi", "mac", "atari"];

    private readonly DeviceIdentity _identity = new(files);

    /// <summary>All devices that could be physical volumes, by path. <paramref name="groups"/> say which of them are.</summary>
    internal async Task<Outcome<ImmutableArray<ObservedDisk>>> ScanAsync(
        ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var list = CommandPlace.Of(options, "lsblk", BlockDevice.Arguments, options.ReadTimeLimit);
        var listed = await runner.RunAsync(list, cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded)
        {
            return LvmFailure.OfRead<ImmutableArray<ObservedDisk>>(list, listed);
        }

        ImmutableArray<BlockDevice> devices;
        try
        {
            devices = BlockDevice.ReadAll(listed.Output);
        }
        catch (JsonException error)
        {
            return Outcome.Failed<ImmutableArray<ObservedDisk>>(
                OutcomeKind.Unavailable, $"lsblk wrote no list of devices: {error.Message}");
        }

        var links = Links();
        var disks = new List<ObservedDisk>();
        foreach (var (device, parent) in Candidates(devices, null).DistinctBy(candidate => candidate.Device.Path))
        {
            disks.Add(await ObserveAsync(device, parent, links, groups, cancellationToken).ConfigureAwait(false));
        }

        return Outcome.Done(disks.OrderBy(disk => disk.Path).ToImmutableArray());
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
        var signatures = await SignaturesAsync(device.Path, cancellationToken).ConfigureAwait(false);
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
            Signature = marks.FirstOrDefault(mark => !PartitionTables.Contains(mark)) ?? "",
            MountPoint = device.FirstMountPoint,
            Holder = device.FirstHolder,
            VolumeGroup = GroupOf(device.Path, own, groups),
        };
    }

    // Null where the disk could not be read.
    private async Task<ImmutableArray<string>?> SignaturesAsync(DevicePath path, CancellationToken cancellationToken)
    {
        var probe = CommandPlace.Of(options, "wipefs", ["--json", "--no-act", path.Value], options.ReadTimeLimit);
        var probed = await runner.RunAsync(probe, cancellationToken).ConfigureAwait(false);
        if (!probed.Succeeded)
        {
            return null;
        }

        try
        {
            var found = probed.Output.Trim().Length == 0 ? JsonMap.Empty : JsonTree.Parse(probed.Output) as JsonMap;
            return [.. (found?.List("signatures")?.Maps() ?? []).Select(signature => signature.Text("type") ?? "unknown")];
        }
        catch (JsonException)
        {
            return null;
        }
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
