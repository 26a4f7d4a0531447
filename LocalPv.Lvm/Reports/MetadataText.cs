using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Reports;

/// <summary>One volume in the text of a group's metadata: sections in braces, a key or the end of a section on each line.</summary>
internal static class MetadataText
{
    /// <summary>
    /// The linear or striped volume of that name; null where the text is another group's, or has no such volume, or one that is made of
    /// anything else. Whether it is active the text does not tell: <paramref name="active"/> says so.
    /// </summary>
    internal static LogicalVolume? Volume(string text, VolumeGroupName group, LogicalVolumeName name, Layout layout, bool active)
    {
        var values = new List<(string Section, string Key, string Value)>();
        if (!TryRead(text, group.Value, $"{group}/logical_volumes/{name}", values)
            || ValueOf(values, group.Value, "extent_size") is not { } sectors || !TryNumber(sectors, out var extentSectors)
            || !ExtentSize.TryFrom(new Bytes(extentSectors * 512), out var extentSize))
        {
            return null;
        }

        var section = $"{group}/logical_volumes/{name}";
        if (ValueOf(values, section, "id") is not { } uuid)
        {
            return null;
        }

        var extents = 0L;
        foreach (var part in values.Where(value => value.Key == "extent_count"))
        {
            if (ValueOf(values, part.Section, "type") != "\"striped\"" || !TryNumber(part.Value, out var count))
            {
                return null;
            }

            extents += count;
        }

        var tags = (ValueOf(values, section, "tags") ?? "[]").Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(tag => LvmTag.TryParse(tag.Trim('"'), out var parsed) ? parsed : default).ToImmutableArray();
        return extents == 0 || tags.Any(tag => !tag.IsNamed)
            ? null
            : new LogicalVolume(
                name, uuid.Trim('"'), new ExtentCount(extents), extentSize.SizeOf(new ExtentCount(extents)), [.. tags.Order()], layout,
                active);
    }

    /// <summary>The uuid of the group of that name; null where the text is another's. LVM writes the uuid first.</summary>
    internal static string? UuidOf(string text, VolumeGroupName group)
    {
        const string key = "id = \"";
        var lines = text.Split('\n', 3);
        return lines is [var first, var second, _] && first == $"{group} {{" && second.StartsWith(key, StringComparison.Ordinal)
            && second.EndsWith('"')
                ? second[key.Length..^1]
                : null;
    }

    /// <summary>The group that a text describes; null where it is no whole text.</summary>
    internal static LeftGroup? Group(string text)
    {
        var end = text.IndexOf(" {\n", StringComparison.Ordinal);
        if (end <= 0)
        {
            return null;
        }

        var group = text[..end];
        var values = new List<(string Section, string Key, string Value)>();
        return TryRead(text, group, $"{group}/physical_volumes", values)
            && ValueOf(values, group, "id") is { } uuid
            && ValueOf(values, group, "seqno") is { } commit && TryNumber(commit, out var number)
            && ValueOf(values, "", "creation_time") is { } time && TryNumber(time, out var written)
                ? new LeftGroup(
                    uuid,
                    number,
                    written,
                    [.. values.Where(value => value.Key == "id" && value.Section != group).Select(value => value.Value.Trim('"'))],
                    text.Split('\n').Any(line => line.Trim('\t') == "logical_volumes {"))
                : null;
    }

    // Keeps what lies in the group itself and in or below one section, and what is said of the text.
    private static bool TryRead(string text, string group, string wanted, List<(string Section, string Key, string Value)> values)
    {
        var section = "";
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range].Trim('\t');
            if (line.EndsWith(" {", StringComparison.Ordinal))
            {
                section = section.Length == 0 ? line[..^2].ToString() : $"{section}/{line[..^2]}";
            }
            else if (line is "}")
            {
                if (section.Length == 0)
                {
                    return false;
                }

                var parent = section.LastIndexOf('/');
                section = parent < 0 ? "" : section[..parent];
            }
            else if ((section is "" || section == group || section == wanted
                    || section.StartsWith(wanted + "/", StringComparison.Ordinal))
                && line.IndexOf(" = ") is > 0 and var at)
            {
                values.Add((section, line[..at].ToString(), line[(at + 3)..].ToString()));
            }
        }

        return section.Length == 0;
    }

    private static string? ValueOf(List<(string Section, string Key, string Value)> values, string section, string key) =>
        values.Where(value => value.Section == section && value.Key == key).Select(value => value.Value).FirstOrDefault();

    // A comment may follow a number.
    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text.Split('\t', '#')[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>What one text says of its group.</summary>
/// <param name="Uuid">LVM's identity of the group.</param>
/// <param name="Commit">The number of the commit that wrote it.</param>
/// <param name="Written">When it was written, in seconds since 1970.</param>
/// <param name="Disks">The uuids of the group's physical volumes.</param>
/// <param name="HasVolumes">Whether it has any logical volume.</param>
internal sealed record LeftGroup(string Uuid, long Commit, long Written, ImmutableArray<string> Disks, bool HasVolumes);
