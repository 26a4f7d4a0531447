using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.VolumeGroups;

/// <summary>Layouts as classes and NodeLocalStorage objects write them: <c>{"type": "striped", "stripes": 2}</c>.</summary>
internal static class LayoutFields
{
    // LVM's own limits: MAX_STRIPES in lib/metadata/metadata-exported.h, and ten images in a raid1 (DEFAULT_RAID1_MAX_IMAGES).
    private const int StripesMax = 128;
    private const int MirrorsMax = 9;
    private const int OverprovisionPercentMax = 10_000;

    internal static Layout Read(FieldReader? reader)
    {
        if (reader is null)
        {
            return Layout.Linear;
        }

        var type = reader.Text("type") ?? "linear";
        var layout = type switch
        {
            "linear" => Layout.Linear,
            "striped" => new Layout(LayoutType.Striped, Stripes: Number(reader, "stripes", 2, 2, StripesMax)),
            "raid1" => new Layout(LayoutType.Raid1, Mirrors: Number(reader, "mirrors", 1, 1, MirrorsMax)),
            "thin" => new Layout(
                LayoutType.Thin, OverprovisionPercent: Number(reader, "overprovisionPercent", 100, 100, OverprovisionPercentMax)),
            _ => Unknown(reader, type),
        };
        RefuseKeysOfOtherTypes(reader, type);
        reader.RefuseOthers();
        return layout;
    }

    internal static JsonMap ToTree(Layout layout) => layout.Type switch
    {
        LayoutType.Linear => JsonMap.Of(("type", "linear")),
        LayoutType.Striped => JsonMap.Of(("type", "striped"), ("stripes", layout.Stripes)),
        LayoutType.Raid1 => JsonMap.Of(("type", "raid1"), ("mirrors", layout.Mirrors)),
        LayoutType.Thin => JsonMap.Of(("type", "thin"), ("overprovisionPercent", layout.OverprovisionPercent)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Layout Unknown(FieldReader reader, string type)
    {
        reader.Error("type", $"'{type}' is not a layout; there are linear, striped, raid1 and thin.");
        return Layout.Linear;
    }

    private static int Number(FieldReader reader, string key, int missing, int min, int max)
    {
        var number = reader.Number(key) ?? missing;
        if (number >= min && number <= max)
        {
            return (int)number;
        }

        reader.Error(key, $"{number} is not from {min} to {max}.");
        return missing;
    }

    private static void RefuseKeysOfOtherTypes(FieldReader reader, string type)
    {
        ReadOnlySpan<(string Key, string Type)> keys = [("stripes", "striped"), ("mirrors", "raid1"), ("overprovisionPercent", "thin")];
        foreach (var (key, owner) in keys)
        {
            if (reader.Has(key) && owner != type)
            {
                reader.Error(key, $"belongs to the layout {owner}, but the type is {type}: leave it out or change the type.");
            }
        }
    }
}
