using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm;

/// <summary>How far the wiping of a volume has got, as its tags say.</summary>
/// <param name="Done">How many bytes are wiped, from the first on.</param>
/// <param name="Tags">All tags of this kind on the volume.</param>
internal sealed record WipeProgress(long Done, ImmutableArray<LvmTag> Tags)
{
    /// <summary>The progress by one way of wiping; what was done by another does not count.</summary>
    internal static WipeProgress Of(LogicalVolume volume, WipePolicy policy)
    {
        var tags = volume.Tags.Where(tag => tag.Value.StartsWith(WellKnown.WipedTagPrefix, StringComparison.Ordinal)).ToImmutableArray();
        var prefix = Prefix(policy);
        var done = 0L;
        foreach (var tag in tags)
        {
            if (tag.Value.StartsWith(prefix, StringComparison.Ordinal)
                && long.TryParse(tag.Value.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                && bytes <= volume.Size.Value)
            {
                done = Math.Max(done, bytes);
            }
        }

        return new WipeProgress(done, tags);
    }

    /// <summary>The tag that keeps the progress.</summary>
    internal static LvmTag TagOf(WipePolicy policy, long done) =>
        LvmTag.Parse(Prefix(policy) + done.ToString(CultureInfo.InvariantCulture));

    private static string Prefix(WipePolicy policy) =>
        $"{WellKnown.WipedTagPrefix}{(policy == WipePolicy.Zero ? "zero" : "discard")}:";
}
