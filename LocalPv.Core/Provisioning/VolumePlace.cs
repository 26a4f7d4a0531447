using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>Where a PersistentVolume's data lies: <c>/dev/group/volume</c>.</summary>
public readonly record struct VolumePlace(VolumeGroupName Group, LogicalVolumeName Volume)
{
    private const string Devices = "/dev/";

    /// <summary>The path of the device.</summary>
    public string Path => $"/dev/{Group}/{Volume}";

    /// <summary>The place that a PersistentVolume of ours names; null where it names none, or one that cannot be ours.</summary>
    public static VolumePlace? Of(PersistentVolume volume)
    {
        if (volume.LocalPath is not { } path || !path.StartsWith(Devices, StringComparison.Ordinal))
        {
            return null;
        }

        var place = path.AsSpan(Devices.Length);
        var slash = place.IndexOf('/');
        return slash > 0 && place[(slash + 1)..].SequenceEqual(volume.Name)
            && VolumeGroupName.TryParse(place[..slash].ToString(), out var group)
            && LogicalVolumeName.TryParse(volume.Name, out var name)
            ? new VolumePlace(group, name)
            : null;
    }
}

/// <summary>The tag on a logical volume that says where its claim is found, so that it can be read after a restart.</summary>
public static class ClaimKeyTag
{
    /// <summary>The tag for a claim.</summary>
    public static LvmTag Of(ObjectKey claim) => LvmTag.Parse($"{WellKnown.ClaimKeyTagPrefix}{claim.Namespace}/{claim.Name}");

    /// <summary>Where the claim of a logical volume is found; null where no tag says so.</summary>
    public static ObjectKey? Read(LogicalVolume volume)
    {
        foreach (var tag in volume.Tags)
        {
            if (tag.Value.StartsWith(WellKnown.ClaimKeyTagPrefix, StringComparison.Ordinal)
                && tag.Value[WellKnown.ClaimKeyTagPrefix.Length..].Split('/') is [var space, var name])
            {
                return new ObjectKey(space, name);
            }
        }

        return null;
    }
}
