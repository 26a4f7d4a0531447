using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>The volume group that a class wants on a node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ExtentSize">The size of its extents, used when it is made.</param>
/// <param name="Adopt">Whether a group of that name that somebody else made may be used. Only an administrator says so.</param>
public sealed record VolumeGroupWish(VolumeGroupName Name, ExtentSize ExtentSize, bool Adopt = false)
{
    // The device of a volume is named group-volume with dashes doubled, in at most 127 bytes (DM_NAME_LEN). Our volumes are called
    // pvc-<uid>, 45 bytes that way, and the parts of a mirrored one get up to 10 more (_rimage_NN).
    private const int MapperLengthMax = 127 - 1 - 45 - 10;

    /// <summary>The group of a class that names none: <c>localpv-class</c>, with a hash where that is too long for LVM.</summary>
    public static VolumeGroupName DefaultName(StorageClassName storageClass)
    {
        var plain = "localpv-" + storageClass.Value;
        return VolumeGroupName.Parse(MapperLength(plain) <= MapperLengthMax
            ? plain
            : Shortened.WithHash(plain, storageClass.Value, MapperLengthMax / 2));
    }

    internal static VolumeGroupWish Read(FieldReader? reader, StorageClassName storageClass)
    {
        if (reader is null)
        {
            return new VolumeGroupWish(DefaultName(storageClass), ExtentSize.Default);
        }

        var wish = new VolumeGroupWish(
            ReadName(reader) ?? DefaultName(storageClass),
            ReadExtentSize(reader),
            reader.Boolean("adopt") ?? false);
        reader.RefuseOthers();
        return wish;
    }

    internal JsonMap ToTree() => JsonMap.Of(
        ("name", Name.Value),
        ("extentSize", Quantity.Format(ExtentSize.Size)),
        ("adopt", Adopt ? Adopt : null));

    private static VolumeGroupName? ReadName(FieldReader reader)
    {
        if (reader.Text("name") is not { } text)
        {
            return null;
        }

        if (!VolumeGroupName.TryParse(text, out var name))
        {
            reader.Error("name", $"'{text}' is not a name that LVM accepts for a volume group: letters, digits and +_.- "
                + "that do not start with a dash.");
            return null;
        }

        if (MapperLength(text) > MapperLengthMax)
        {
            reader.Error("name", $"'{text}' is too long: with each dash counted twice it may have {MapperLengthMax} characters, "
                + "so that the names of its volumes' devices fit.");
            return null;
        }

        return name;
    }

    private static ExtentSize ReadExtentSize(FieldReader reader)
    {
        if (reader.Amount("extentSize") is not { } bytes)
        {
            return ExtentSize.Default;
        }

        if (!ExtentSize.TryWish(bytes, out var size))
        {
            reader.Error("extentSize", $"{Quantity.Format(bytes)} is not an extent size: a power of two from 1Ki to 16Gi.");
        }

        return size;
    }

    private static int MapperLength(string name) => name.Length + name.Count(character => character == '-');
}
