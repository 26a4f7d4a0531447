using System.Buffers;
using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm.Commands;

/// <summary>
/// LVM's setting <c>devices/filter</c>, for paths that mean themselves in a regular expression and in LVM's configuration.
/// </summary>
internal static class DeviceFilter
{
    private const string AllLoops = "\"r|^/dev/loop[0-9]|\"";
    private const string Partitions = "(p[0-9]+)?";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-");

    /// <summary>The filter that lets a command see these devices and no other; null where none can be written.</summary>
    internal static string? Only(ImmutableArray<DevicePath> devices) => devices.IsEmpty || !devices.All(IsPlain)
        ? null
        : $"devices{{filter=[{string.Concat(devices.Select(device => $"\"a|^{device}$|\","))}\"r|.*|\"]}}";

    /// <summary>
    /// The filter that hides these devices and all loop devices but those that show a file, by whatever name LVM knows them: what a Pod
    /// wrote into its block volume would be seen through the kubelet's loop device. LVM takes a device that one of its names lets in, so
    /// that nothing may let in the others.
    /// </summary>
    internal static string Without(ImmutableArray<DevicePath> hidden, LoopDevices loops) =>
        $"devices{{filter=[{string.Join(',', [.. Hiding(hidden), .. LettingIn(loops), AllLoops])}]}}";

    /// <summary>
    /// The same beside a host's own setting of <c>global_filter</c>, which this one takes the place of: its patterns, empty where it has
    /// none. What they hide stays hidden, so that nothing is let in here where there are any.
    /// </summary>
    internal static string Without(ImmutableArray<DevicePath> hidden, LoopDevices loops, string own)
    {
        IEnumerable<string> ofLoops =
            own.Length == 0 ? [.. LettingIn(loops), AllLoops]
            : loops.Showing(aFile: true).IsEmpty ? [AllLoops, own]
            : [.. loops.Showing(aFile: false).Where(IsPlain).Select(loop => $"\"r|^{loop}{Partitions}$|\""), own];
        return $"devices{{global_filter=[{string.Join(',', [.. Hiding(hidden), .. ofLoops])}]}}";
    }

    private static IEnumerable<string> Hiding(ImmutableArray<DevicePath> devices) =>
        devices.Where(IsPlain).Select(device => $"\"r|^{device}$|\"");

    private static IEnumerable<string> LettingIn(LoopDevices loops) =>
        loops.Showing(aFile: true).Where(IsPlain).Select(loop => $"\"a|^{loop}{Partitions}$|\"");

    private static bool IsPlain(DevicePath device) => !device.Value.AsSpan().ContainsAnyExcept(Plain);
}
