using System.Buffers.Binary;
using System.Text;

namespace LocalPv.Lvm.Reports;

/// <summary>
/// LVM's metadata as it lies on a disk: a text that every commit writes anew (lvm2's <c>lib/format_text/layout.h</c> and
/// <c>lib/label/label.h</c>). To read it costs a few milliseconds where a report costs as much as a change: enough to see that a commit
/// has reached the disk. Whatever is not as expected reads as nothing, and the report is asked instead.
/// </summary>
internal static class MetadataArea
{
    private const int Sector = 512;
    private const int LabelSectors = 4;
    private const int IgnoredFlag = 1;
    private const long OffsetMax = 1L << 60;
    private const int TextLengthMax = 16 << 20;
    private const uint ChecksumStart = 0xf597a6cf;

    private static ReadOnlySpan<byte> LabelMark => "LABELONE"u8;

    private static ReadOnlySpan<byte> LabelType => "LVM2 001"u8;

    private static ReadOnlySpan<byte> AreaMark => " LVM2 x[5A%r0N*>"u8;

    /// <summary>
    /// The text on a disk; null where there is none that can be trusted. <paramref name="read"/> reads so many bytes from an offset, or
    /// gives null.
    /// </summary>
    internal static string? Read(Func<long, int, byte[]?> read)
    {
        if (read(0, LabelSectors * Sector) is not { Length: LabelSectors * Sector } start || AreaOf(start) is not { } area
            || read(area.Offset, Sector) is not { Length: Sector } header
            || !header.AsSpan(4, 16).SequenceEqual(AreaMark) || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)) != 1)
        {
            return null;
        }

        var offset = Number(header, 40);
        var length = Number(header, 48);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(56));
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(60));
        if (offset < Sector || length is <= 0 or > TextLengthMax || offset >= area.Size || length > area.Size || (flags & IgnoredFlag) != 0)
        {
            return null;
        }

        // The text goes round: what does not fit at the end of the area goes on after its header.
        var first = (int)Math.Min(length, area.Size - offset);
        if (read(area.Offset + offset, first) is not { } text || text.Length != first)
        {
            return null;
        }

        if (first < length)
        {
            if (read(area.Offset + Sector, (int)length - first) is not { } rest || rest.Length != (int)length - first)
            {
                return null;
            }

            text = [.. text, .. rest];
        }

        return Checksum(text) == checksum ? Encoding.ASCII.GetString(text).TrimEnd('\0') : null;
    }

    // The first metadata area that the label names, after the list of areas for data.
    private static (long Offset, long Size)? AreaOf(byte[] start)
    {
        for (var sector = 0; sector < LabelSectors; sector++)
        {
            var label = start.AsSpan(sector * Sector, Sector);
            if (!label[..8].SequenceEqual(LabelMark) || !label.Slice(24, 8).SequenceEqual(LabelType))
            {
                continue;
            }

            // The header of the physical volume: its uuid (32 bytes) and size (8), then pairs of offset and size, each list ended by zeros.
            var at = (long)BinaryPrimitives.ReadUInt32LittleEndian(label[20..]) + 40;
            var lists = 0;
            while (at + 16 <= Sector)
            {
                var (offset, size) = (Number(label, (int)at), Number(label, (int)at + 8));
                at += 16;
                if (offset == 0)
                {
                    lists++;
                }
                else if (lists == 1)
                {
                    return offset is > 0 and < OffsetMax && size is > Sector and < OffsetMax ? (offset, size) : null;
                }

                if (lists > 1)
                {
                    return null;
                }
            }
        }

        return null;
    }

    private static long Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    // LVM's checksum is CRC-32 with a start of its own, and not inverted.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = ChecksumStart;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return crc;
    }
}
