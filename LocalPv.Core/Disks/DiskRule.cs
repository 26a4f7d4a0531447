using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Disks;

/// <summary>
/// Which disks of one node a class means: those it names, and those that its rule chooses. The default record chooses none.
/// A named disk is chosen whatever its size or kind; the rule's limits apply to what the patterns match.
/// </summary>
public sealed record DiskRule
{
    /// <summary>The pattern that stands for every disk, used where a rule gives only a size or a kind.</summary>
    public static PathPattern EveryDisk { get; } = PathPattern.TryParse("/dev/*", out var every) ? every : default;

    /// <summary>The disks that are named, each by any path that leads to it.</summary>
    public ImmutableArray<DevicePath> Paths { get; init; } = [];

    /// <summary>The patterns of the rule; none means that there is no rule.</summary>
    public ImmutableArray<PathPattern> Match { get; init; } = [];

    /// <summary>The smallest disk that the rule chooses.</summary>
    public Bytes MinSize { get; init; }

    /// <summary>Whether the rule chooses disks that spin, or that do not; null for both.</summary>
    public bool? Rotational { get; init; }

    /// <summary>
    /// Paths of disks whose old signatures may be wiped to use them. Only an administrator says so, in the NodeLocalStorage.
    /// </summary>
    public ImmutableArray<DevicePath> WipeSignaturesOf { get; init; } = [];

    /// <summary>The first path by which <paramref name="disk"/> is named; null where it is not.</summary>
    public DevicePath? NameOf(ObservedDisk disk)
    {
        foreach (var path in Paths)
        {
            if (disk.IsAt(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Whether one of the patterns means the disk by any of its paths.</summary>
    public bool Matches(ObservedDisk disk)
    {
        foreach (var pattern in Match)
        {
            if (pattern.Matches(disk.Path.Value) || disk.Links.Any(link => pattern.Matches(link.Value)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the disk is named, or one of the patterns means it; no pattern means a loop device. What the rule's limits say of a disk
    /// that is to be taken says nothing of one that has been.
    /// </summary>
    public bool Means(ObservedDisk disk) => NameOf(disk) is not null || (!disk.Loop && Matches(disk));

    /// <summary>
    /// Whether what is on the disk may be wiped. The order stands for ever, while the kernel gives its names to other disks: it has to be
    /// given by an identity, below <c>/dev/disk/by-id</c>, or by the very path by which <see cref="Paths"/> names the disk: which disk that
    /// one meant is remembered.
    /// </summary>
    public bool MayWipe(ObservedDisk disk)
    {
        foreach (var path in WipeSignaturesOf)
        {
            if (disk.IsAt(path) && (path.IsIdentity || NameOf(disk) == path))
            {
                return true;
            }
        }

        return false;
    }

    internal JsonMap ToTree() => JsonMap.Of(
        ("paths", Paths.IsEmpty ? null : JsonList.OfTexts(Paths.Select(path => path.Value))),
        ("match", Match.IsEmpty ? null : JsonList.OfTexts(Match.Select(pattern => pattern.Text))),
        ("minSize", MinSize == Bytes.Zero ? null : Quantity.Format(MinSize)),
        ("rotational", Rotational is { } rotational ? rotational : null),
        ("wipeSignaturesOf", WipeSignaturesOf.IsEmpty ? null : JsonList.OfTexts(WipeSignaturesOf.Select(path => path.Value))));

    /// <summary>Reads the keys of the rule; the caller reads the rest of the object and refuses other keys.</summary>
    internal static DiskRule Read(FieldReader reader, List<string> errors)
    {
        var match = ImmutableArray.CreateBuilder<PathPattern>();
        foreach (var (path, text) in reader.Texts("match"))
        {
            if (PathPattern.TryParse(text, out var pattern))
            {
                match.Add(pattern);
            }
            else
            {
                errors.Add($"{path}: '{text}' is not a pattern of paths below /dev, such as /dev/disk/by-id/nvme-*.");
            }
        }

        return new DiskRule
        {
            Match = match.ToImmutable(),
            MinSize = reader.Amount("minSize") ?? Bytes.Zero,
            Rotational = reader.Boolean("rotational"),
        };
    }

    internal static ImmutableArray<DevicePath> ReadPaths(FieldReader reader, string key, List<string> errors)
    {
        var paths = ImmutableArray.CreateBuilder<DevicePath>();
        foreach (var (where, text) in reader.Texts(key))
        {
            if (!DevicePath.TryParse(text, out var path))
            {
                errors.Add($"{where}: '{text}' is not a path of a device, such as /dev/disk/by-id/nvme-A.");
            }
            else if (paths.Contains(path))
            {
                errors.Add($"{where}: '{text}' is named twice.");
            }
            else
            {
                paths.Add(path);
            }
        }

        return paths.ToImmutable();
    }
}
