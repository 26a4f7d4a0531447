using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// The stable identity of a block device: what the hardware says of itself, which a reboot or another port does not change.
/// </summary>
internal sealed class DeviceIdentity(INodeFiles files)
{
    /// <summary>The identity, or null where the device tells none. A partition has its disk's and its number.</summary>
    internal DiskId? Of(BlockDevice device, BlockDevice? parent)
    {
        var text = device.IsPartition ? OfPartition(device, parent) : FromHardware(device);
        return DiskId.TryParse(text, out var id) ? id : null;
    }

    private string? OfPartition(BlockDevice partition, BlockDevice? parent)
    {
        var number = Attribute(partition.Name, "partition");
        return parent is not null && number.Length > 0 && Of(parent, null) is { } disk ? $"{disk}-part{number}" : null;
    }

    private string? FromHardware(BlockDevice device)
    {
        var world = FirstOf(device.Wwn, Attribute(device.Name, "wwid"), Attribute(device.Name, "device/wwid"));
        if (world.Length > 0)
        {
            return "wwn:" + Printable(world);
        }

        var serial = FirstOf(device.Serial, Attribute(device.Name, "serial"), Attribute(device.Name, "device/serial"));
        if (serial.Length > 0)
        {
            return "serial:" + Printable(serial);
        }

        // A loop device is its file: the number of the device changes, the file does not.
        var file = Attribute(device.Name, "loop/backing_file");
        return file.Length > 0 ? "file:" + Printable(file) : null;
    }

    private string Attribute(string device, string name) => files.ReadText($"/sys/class/block/{device}/{name}");

    private static string FirstOf(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > 0)
            {
                return text;
            }
        }

        return "";
    }

    // Vendors pad serial numbers with blanks.
    private static string Printable(string text) =>
        string.Join('_', text.Split([' ', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries));
}
