using System.Buffers;

namespace LocalPv.Core.Identity;

/// <summary>
/// What names Kubernetes and LVM accept. Kubernetes: <c>apimachinery/pkg/util/validation</c>. LVM: <c>lvm(8)</c>, section
/// "VALID NAMES", and <c>lib/misc/lvm-string.c</c>.
/// </summary>
internal static class NameRules
{
    private const string LvmNameText = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-";

    // A device-mapper name holds VG and LV with dashes doubled in 127 bytes; LVM itself limits each name to 127.
    private const int LvmNameLengthMax = 127;
    private const int LvmTagLengthMax = 1024;

    private static readonly SearchValues<char> DnsLabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> UidCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    private static readonly SearchValues<char> LvmNameCharacters = SearchValues.Create(LvmNameText);
    private static readonly SearchValues<char> LvmTagCharacters = SearchValues.Create(LvmNameText + "/=!:&#");

    private static readonly string[] ReservedLogicalVolumePrefixes = ["snapshot", "pvmove"];

    private static readonly string[] ReservedLogicalVolumeParts =
    [
        "_cdata", "_cmeta", "_corig", "_cpool", "_cvol", "_iorig", "_imeta", "_mimage", "_mlog", "_pmspare",
        "_rimage", "_rmeta", "_tdata", "_tmeta", "_vdata", "_vorigin", "_wcorig",
    ];

    internal static bool IsDnsSubdomain(string text)
    {
        if (text.Length is 0 or > 253)
        {
            return false;
        }

        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '.')
            {
                if (!IsDnsLabelPart(text.AsSpan(start, i - start)))
                {
                    return false;
                }

                start = i + 1;
            }
        }

        return true;
    }

    internal static bool IsUid(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0])
        && text.AsSpan().TrimEnd('-').Length > 0 && !text.AsSpan().ContainsAnyExcept(UidCharacters);

    internal static bool IsVolumeGroupName(string text) => IsLvmName(text);

    internal static bool IsLogicalVolumeName(string text) =>
        IsLvmName(text) && !IsReservedLogicalVolumeName(text);

    internal static bool IsTag(string text) =>
        text.Length is > 0 and <= LvmTagLengthMax && text[0] != '-' && !text.AsSpan().ContainsAnyExcept(LvmTagCharacters);

    internal static bool IsDevicePath(string text)
    {
        if (!text.StartsWith("/dev/", StringComparison.Ordinal) || text.Length > 4096 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        foreach (var part in text.AsSpan(1).Split('/'))
        {
            if (text.AsSpan(1)[part] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsDiskId(string text) => text.Length is > 0 and <= 255 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsReservedLogicalVolumeName(string text)
    {
        foreach (var prefix in ReservedLogicalVolumePrefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        if (text.Contains('_', StringComparison.Ordinal))
        {
            foreach (var part in ReservedLogicalVolumeParts)
            {
                if (text.Contains(part, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsDnsLabelPart(ReadOnlySpan<char> part) =>
        part.Length > 0 && part[0] != '-' && part[^1] != '-' && !part.ContainsAnyExcept(DnsLabelCharacters);

    private static bool IsLvmName(string text) =>
        text.Length is > 0 and <= LvmNameLengthMax && text[0] != '-' && text is not "." and not ".."
        && !text.AsSpan().ContainsAnyExcept(LvmNameCharacters);
}
