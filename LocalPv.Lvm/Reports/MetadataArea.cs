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

    // In the header: where the valid text lies, then where the next one does that is not valid yet.
    private const int TextPlaces = 40;
    private const int TextPlace = 24;
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
        if (HeaderOf(read) is not ({ } header, var area))
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

    /// <summary>
    /// What may be left of texts in an area that has none that is valid: from each place where one could begin to its end. One that was to
    /// be valid next, when a crash came, is among them. Null where the area cannot be trusted, or has a valid text.
    /// </summary>
    internal static IEnumerable<string>? ReadLeft(Func<long, int, byte[]?> read)
    {
        if (HeaderOf(read) is not ({ } header, { Size: <= TextLengthMax } area)
            || Checksum(header.AsSpan(4)) != BinaryPrimitives.ReadUInt32LittleEndian(header)
            || header.AsSpan(TextPlaces, TextPlace).ContainsAnyExcept((byte)0)
            || read(area.Offset + Sector, (int)area.Size - Sector) is not { } left || left.Length != area.Size - Sector)
        {
            return null;
        }

        // A text begins with a sector, and ends with a zero; it goes round.
        byte[] round = [.. left, .. left];
        return Enumerable.Range(0, left.Length / Sector).Select(sector => sector * Sector)
            .Where(at => char.IsAsciiLetterOrDigit((char)round[at]) || "_+.".Contains((char)round[at], StringComparison.Ordinal))
            .Select(at => Encoding.ASCII.GetString(round, at, Math.Max(round.AsSpan(at, left.Length).IndexOf((byte)0), 0)));
    }

    private static (byte[] Header, (long Offset, long Size) Area)? HeaderOf(Func<long, int, byte[]?> read) =>
        read(0, LabelSectors * Sector) is { Length: LabelSectors * Sector } start && AreaOf(start) is { } area
            && read(area.Offset, Sector) is { Length: Sector } header
            && header.AsSpan(4, 16).SequenceEqual(AreaMark) && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)) == 1
                ? (header, area)
                : null;

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

    /// <summary>LVM's checksum: CRC-32 with a start of its own, and not inverted.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> bytes)
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
