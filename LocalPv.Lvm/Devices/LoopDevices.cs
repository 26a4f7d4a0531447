using System.Collections.Immutable;
using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Tells the loop devices that show a file, which may be disks, from those that show another block device. What is on the latter belongs
/// to whoever uses that device: a Pod may write a volume group of any name there, and the kubelet's loop device is where LVM would see it.
/// </summary>
internal sealed class LoopDevices(INodeFiles files)
{
    private const string Prefix = "loop";

    /// <summary>Whether that is the kernel's name of a loop device.</summary>
    internal static bool IsLoop(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.Length > Prefix.Length && char.IsAsciiDigit(name[Prefix.Length]);

    /// <summary>Whether the loop device of that name shows a file. No where it is not attached, or where nobody can say.</summary>
    internal bool ShowsFile(string name) =>
        DeviceText.Of(files, name, "loop/backing_file").Length > 0
        && DevicePath.TryParse("/dev/" + name, out var path) && files.ShowsFile(path);

    /// <summary>All that show a file, or all others, attached or not; by name.</summary>
    internal ImmutableArray<DevicePath> Showing(bool aFile) =>
    [
        .. files.Names(BlockDevices.Disks).Where(name => IsLoop(name) && ShowsFile(name) == aFile).Order(StringComparer.Ordinal)
            .Select(name => DevicePath.TryParse("/dev/" + name, out var path) ? path : default).Where(path => path.IsNamed),
    ];
}
