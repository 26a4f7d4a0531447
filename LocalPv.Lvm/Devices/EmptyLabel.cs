using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// The label of a physical volume that is in no group and holds nothing. A crash while a group is made, grown or removed leaves one (LVM
/// writes the labels first and removes them last): refusing such a disk would leave it unused for ever.
/// </summary>
/// <param name="Uuid">LVM's identity of the physical volume.</param>
/// <param name="IsMarked">
/// Whether it is marked as used by a group, though there is none: the mark is set before a group is written, and taken back after the group
/// is gone. LVM gives a disk with a mark to no group.
/// </param>
/// <param name="Others">
/// The physical volumes of the group that was last written to this one, if any was: only where all of them are in no group is the mark a
/// crash's. After one that came while a group was grown, the metadata may be on the other disks alone, and volumes on this one.
/// </param>
internal sealed record EmptyLabel(string Uuid, bool IsMarked, ImmutableArray<string> Others)
{
    /// <summary>What wipefs calls LVM's label.</summary>
    internal const string Signature = "LVM2_member";

    /// <summary>Whether nothing is lost with it, where these labels are all that there are in no group.</summary>
    internal bool IsUnused(IEnumerable<EmptyLabel> all) =>
        !IsMarked || Others.All(other => all.Any(label => label.Uuid == other));
}

/// <summary>Reads labels in no group.</summary>
internal sealed class EmptyLabels(LvmOptions options, ICommandRunner runner, INodeFiles files)
{
    // Reading a MiB takes a few milliseconds; a disk that does not answer is not waited for.
    private static readonly TimeSpan LookTimeLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The label on a device; null where LVM cannot say, and where the disk may belong to a group that is not seen.
    /// </summary>
    internal async Task<EmptyLabel?> OnAsync(DevicePath path, CancellationToken cancellationToken)
    {
        var command = CommandPlace.Of(
            options,
            options.LvmProgram,
            [
                "pvs", "--reportformat", "json", "-o", "pv_name,pv_uuid,vg_name,pv_in_use,pv_mda_count,pv_mda_used_count",
                "--devices", path.Value,
                .. options.Activation ? Array.Empty<string>() : ["--driverloaded", "n"],
                path.Value,
            ],
            options.ReadTimeLimit);
        command = options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return null;
        }

        try
        {
            var rows = ((JsonTree.Parse(result.Output) as JsonMap)?.List("report")?.Maps() ?? [])
                .SelectMany(report => report.List("pv")?.Maps() ?? []).ToArray();
            return rows is not [var only] || only.Text("pv_uuid") is not { Length: > 0 } uuid ? null
                : only.Text("vg_name") is "" && only.Text("pv_in_use") is "" ? new EmptyLabel(uuid, IsMarked: false, [])
                : only.Text("vg_name") is "[unknown]" && only.Text("pv_mda_count") is "1" && only.Text("pv_mda_used_count") is "1"
                    && await OthersAsync(path, uuid, cancellationToken).ConfigureAwait(false) is { } others
                        ? new EmptyLabel(uuid, IsMarked: true, others)
                        : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Null where there is no telling, and where a group with volumes was the last.
    private async Task<ImmutableArray<string>?> OthersAsync(DevicePath path, string uuid, CancellationToken cancellationToken)
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
