using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>Counts what is wanted, there and left over in each volume group that a class uses on the node.</summary>
internal static class VolumeGroupCount
{
    /// <summary>The figures, by group.</summary>
    internal static ImmutableArray<VolumeGroupFigures> Of(StorageView storage, ClassKeeper classes, VolumeKeeper volumes)
    {
        var figures = ImmutableArray.CreateBuilder<VolumeGroupFigures>();
        foreach (var name in new SortedSet<VolumeGroupName>(classes.Groups))
        {
            var group = storage.Picture?.Group(name);
            int wanted = 0, present = 0, surplus = 0;
            foreach (var work in volumes.Works)
            {
                if (work.Memory.UnownedSince is not null)
                {
                    surplus += work.FoundIn?.Name == name ? 1 : 0;
                }
                else if (GroupOf(work, classes) == name)
                {
                    wanted++;
                    present += work.Found is null ? 0 : 1;
                }
            }

            figures.Add(new VolumeGroupFigures(
                name,
                group?.ExtentSize.SizeOf(group.Extents) ?? Bytes.Zero,
                group?.ExtentSize.SizeOf(group.FreeExtents) ?? Bytes.Zero,
                wanted,
                present,
                surplus,
                group?.LogicalVolumes.Count(volume => !volume.Tags.Any(tag => tag.Value == WellKnown.OurTag)) ?? 0));
        }

        return figures.ToImmutable();
    }

    private static VolumeGroupName? GroupOf(VolumeWork work, ClassKeeper classes) =>
        (work.Volume is { } volume ? VolumePlace.Of(volume)?.Group : null)
        ?? work.FoundIn?.Name
        ?? (work.Claim is { } claim ? classes.TermsOf(claim.StorageClassName).Terms?.Group : null);
}
