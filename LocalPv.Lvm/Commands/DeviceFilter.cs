using System.Buffers;
using System.Collections.Immutable;
using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Commands;

/// <summary>
/// LVM's setting <c>devices/filter</c>, for paths that mean themselves in a regular expression and in LVM's configuration.
/// </summary>
internal static class DeviceFilter
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-");

    /// <summary>The filter that lets a command see these devices and no other; null where none can be written.</summary>
    internal static string? Only(ImmutableArray<DevicePath> devices) => devices.IsEmpty || !devices.All(IsPlain)
        ? null
        : $"devices{{filter=[{string.Concat(devices.Select(device => $"\"a|^{device}$|\","))}\"r|.*|\"]}}";

    /// <summary>
    /// The filter that hides these devices, by whatever name LVM knows them; null where there is none to hide. LVM takes a device that one
    /// of its names lets in, so that nothing may let in the others.
    /// </summary>
    internal static string? Without(ImmutableArray<DevicePath> devices)
    {
        var hidden = devices.Where(IsPlain).Select(device => $"\"r|^{device}$|\"").ToArray();
        return hidden.Length == 0 ? null : $"devices{{filter=[{string.Join(',', hidden)}]}}";
    }

    private static bool IsPlain(DevicePath device) => !device.Value.AsSpan().ContainsAnyExcept(Plain);
}
