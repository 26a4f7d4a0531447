using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Knows the label of a physical volume that is in no group and holds nothing. A crash while a group is made or removed leaves one (LVM
/// writes the labels first and removes them last), and LVM gives such a disk to any group: refusing it would leave it unused for ever.
/// </summary>
internal sealed class EmptyLabel(LvmOptions options, ICommandRunner runner)
{
    /// <summary>What wipefs calls LVM's label.</summary>
    internal const string Signature = "LVM2_member";

    /// <summary>
    /// Whether LVM reads such a label on a device. No where it cannot say, and where the label is marked as used by a group that is not
    /// seen.
    /// </summary>
    internal async Task<bool> IsOnAsync(DevicePath path, CancellationToken cancellationToken)
    {
        var command = CommandPlace.Of(
            options,
            options.LvmProgram,
            [
                "pvs", "--reportformat", "json", "-o", "pv_name,vg_name,pv_in_use", "--devices", path.Value,
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
            return false;
        }

        try
        {
            var rows = ((JsonTree.Parse(result.Output) as JsonMap)?.List("report")?.Maps() ?? [])
                .SelectMany(report => report.List("pv")?.Maps() ?? []).ToArray();
            return rows is [var only] && only.Text("vg_name") is "" && only.Text("pv_in_use") is "";
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
