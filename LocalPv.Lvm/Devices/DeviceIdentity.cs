using System.Buffers.Binary;
using System.Text;
using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// The stable identity of a block device: what the hardware says of itself, which a reboot or another port does not change; of what is
/// made of disks, its uuid. The kernel's
/// word comes before udev's, so that it is the same with and without udev.
/// </summary>
internal sealed class DeviceIdentity(INodeFiles files)
{
    private const int SerialLengthMax = 252;

    /// <summary>The identity, or null where the device tells none. A partition has its disk's and its number.</summary>
    internal DiskId? Of(BlockDevice device)
    {
        var text = device.IsPartition ? OfPartition(device) : FromHardware(device);
        return DiskId.TryParse(text, out var id) ? id : null;
    }

    /// <summary>The serial number; empty where the device tells none.</summary>
    internal string SerialOf(BlockDevice device) =>
        FirstOf(Attribute(device, "serial"), Attribute(device, "device/serial"), ScsiSerial(device), FromUdev(device, "ID_SERIAL_SHORT"));

    private string? OfPartition(BlockDevice partition)
    {
        var number = Attribute(partition, "partition");
        return partition.Disk is { } disk && number.Length > 0 && Of(disk) is { } id ? $"{id}-part{number}" : null;
    }

    private string? FromHardware(BlockDevice device)
    {
        var world = FirstOf(
            Attribute(device, "wwid"), Attribute(device, "device/wwid"),
            FromUdev(device, "ID_WWN_WITH_EXTENSION"), FromUdev(device, "ID_WWN"));
        if (world.Length > 0)
        {
            return "wwn:" + Printable(AsUdevWrites(world));
        }

        if (SerialOf(device) is { Length: > 0 } serial)
        {
            return "serial:" + Printable(serial);
        }

        // Of what lies on disks: multipath's is made of the number of the disk at the end of its paths, md's is in its metadata.
        if (Attribute(device, "dm/uuid") is { Length: > 0 } mapped)
        {
            return "uuid:" + Printable(mapped);
        }

        // The kernel and udev put other marks between the digits.
        if (FirstOf(Attribute(device, "md/uuid"), FromUdev(device, "MD_UUID")) is { Length: > 0 } array)
        {
            return "uuid:" + string.Concat(array.Where(char.IsAsciiHexDigit)).ToLowerInvariant();
        }

        // A loop device is its file: the number of the device changes, the file does not.
        var file = Attribute(device, "loop/backing_file");
        return file.Length > 0 ? "file:" + Printable(file) : null;
    }

    // The page "unit serial number" of SCSI (SPC-4, 7.8.15): four bytes of heading, then text.
    private string ScsiSerial(BlockDevice device)
    {
        if (!device.Name.StartsWith("sd", StringComparison.Ordinal)
            || files.ReadBytes($"{DeviceText.Folder}/{device.Name}/device/vpd_pg80", 0, SerialLengthMax + 4) is not { Length: > 4 } page)
        {
            return "";
        }

        var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(2)), page.Length - 4);
        return Encoding.ASCII.GetString(page, 4, length).Trim(' ', '\0');
    }

    // What udev has found out and written down, where the node runs one and shows it.
    private string FromUdev(BlockDevice device, string key)
    {
        var start = $"E:{key}=";
        return files.ReadText("/run/udev/data/b" + device.Number).Split('\n')
            .FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim() ?? "";
    }

    private string Attribute(BlockDevice device, string name) => DeviceText.Of(files, device.Name, name);

    // The same number: the kernel puts the name of its registry before it.
    private static string AsUdevWrites(string world) =>
        world.StartsWith("naa.", StringComparison.Ordinal) ? "0x" + world["naa.".Length..] : world;

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
