using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Devices;

/// <summary>Reads labels.</summary>
internal sealed class DiskLabels(LvmOptions options, ICommandRunner runner, INodeFiles files)
{
    // What LVM calls the group of a label that is marked as used where nothing is written of a group.
    private const string UnknownGroup = "[unknown]";

    // Reading a MiB takes a few milliseconds; a disk that does not answer is not waited for.
    private static readonly TimeSpan LookTimeLimit = TimeSpan.FromSeconds(2);

    /// <summary>The label on a device that has one.</summary>
    /// <param name="path">The device.</param>
    /// <param name="groups">
    /// The groups that are seen. A disk that was taken out of one of them while it was away still says that it belongs there, and does not.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<DiskLabel> OnAsync(DevicePath path, ImmutableArray<VolumeGroup> groups, CancellationToken cancellationToken)
    {
        var command = CommandPlace.Of(
            options,
            options.LvmProgram,
            [
                "pvs", "--reportformat", "json", "-o", "pv_name,pv_uuid,vg_name,vg_uuid,pv_in_use,pv_mda_count,pv_mda_used_count",
                "--devices", path.Value,
                .. options.Activation ? Array.Empty<string>() : ["--driverloaded", "n"],
                path.Value,
            ],
            options.ReadTimeLimit);
        command = options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded || RowOf(result.Output) is not { } row
            || row.Text("pv_uuid") is not { Length: > 0 } uuid || row.Text("vg_name") is not { } name)
        {
            return DiskLabel.Unknown;
        }

        if (name == UnknownGroup)
        {
            return row.Text("pv_mda_count") is "1" && row.Text("pv_mda_used_count") is "1"
                && await MembersAsync(path, uuid, cancellationToken).ConfigureAwait(false) is { } members
                    ? DiskLabel.Unknown with { Uuid = uuid, IsMarked = true, Members = members }
                    : DiskLabel.Unknown;
        }

        if (name.Length == 0)
        {
            return row.Text("pv_in_use") is "" ? new DiskLabel(uuid, "") { IsEmpty = true } : DiskLabel.Unknown;
        }

        var seen = groups.FirstOrDefault(group => group.Uuid == row.Text("vg_uuid"));
        var wasTakenOut = seen is not null && seen.PhysicalVolumes.All(disk => disk.Uuid != uuid);
        return new DiskLabel(uuid, wasTakenOut ? "" : $"the volume group {name}, as its label says");
    }

    private static JsonMap? RowOf(string json)
    {
        try
        {
            var rows = ((JsonTree.Parse(json) as JsonMap)?.List("report")?.Maps() ?? [])
                .SelectMany(report => report.List("pv")?.Maps() ?? []).ToArray();
            return rows is [var only] ? only : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Null where there is no telling, and where a group with volumes was the last.
    private async Task<ImmutableArray<string>?> MembersAsync(DevicePath path, string uuid, CancellationToken cancellationToken)
    {
        try
        {
            var left = await Task.Run(() => LastOn(path, uuid), cancellationToken)
                .WaitAsync(LookTimeLimit, cancellationToken).ConfigureAwait(false);
            return left is null || left.Any(group => group.HasVolumes) ? null : [.. left.SelectMany(group => group.Disks).Distinct()];
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // Several where they were written in the same second. A text without the physical volume is from before it was made.
    private LeftGroup[]? LastOn(DevicePath path, string uuid)
    {
        var groups = MetadataArea.ReadLeft((offset, count) => files.ReadBytes(path.Value, offset, count))?
            .Select(MetadataText.Group).OfType<LeftGroup>().Where(group => group.Disks.Contains(uuid))
            .GroupBy(group => group.Uuid).Select(commits => commits.MaxBy(group => group.Commit)!).ToArray();
        return groups?.Where(group => group.Written == groups.Max(other => other.Written)).ToArray();
    }
}
