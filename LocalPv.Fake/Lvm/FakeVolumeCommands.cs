using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Fake.Lvm;

/// <summary>What the requests about logical volumes do to a <see cref="FakeLvm"/>.</summary>
internal static class FakeVolumeCommands
{
    internal static Outcome<NodeStorageAnswer> Create(FakeLvm lvm, NodeStorageRequest.CreateLogicalVolume request, bool half)
    {
        if (request.Extents == ExtentCount.Zero)
        {
            return Failed(OutcomeKind.Refused, $"The volume {request.Name} needs an extent at least.");
        }

        if (request.Extents.Value > VolumeGroup.ExtentsMax)
        {
            return Failed(OutcomeKind.NoSpace, $"No volume group of LVM has more than {VolumeGroup.ExtentsMax} extents.");
        }

        if (!TryFindGroup(lvm, request.Group, out var group, out var failure))
        {
            return failure;
        }

        if (WhyAnother(group, request.GroupUuid) is { } another)
        {
            return another;
        }

        if (group.Volume(request.Name) is not null)
        {
            return Failed(OutcomeKind.AlreadyExists, $"A volume called {request.Name} already exists in {group.Name}.");
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {group.Name} while a disk of it is missing.");
        }

        var striped = request.Layout.Type == LayoutType.Striped;
        var extents = striped ? RoundedUp(request.Extents.Value, request.Layout.Stripes) : request.Extents.Value;
        var volume = new FakeLogicalVolume(request.Name, lvm.NewUuid(), request.Layout, extents)
        {
            Pool = request.Layout.Type == LayoutType.Thin ? group.PoolSegments : [],
        };
        if (!TryGiveSpace(group, volume, extents))
        {
            return NoSpace(group, extents);
        }

        volume.Tags.UnionWith(request.Tags);
        group.Volumes.Add(volume);
        if (!half)
        {
            volume.Active = true;
            volume.EraseSignatures();
        }

        return Answer(group, volume);
    }

    internal static Outcome<NodeStorageAnswer> Extend(FakeLvm lvm, NodeStorageRequest.ExtendLogicalVolume request)
    {
        if (!TryFindVolume(lvm, request.Group, request.Name, request.Claim, out var group, out var volume, out var failure))
        {
            return failure;
        }

        if (volume.Extents >= request.Extents.Value)
        {
            return Answer(group, volume);
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {group.Name} while a disk of it is missing.");
        }

        if (request.Extents.Value > VolumeGroup.ExtentsMax)
        {
            return Failed(OutcomeKind.NoSpace, $"No volume group of LVM has more than {VolumeGroup.ExtentsMax} extents.");
        }

        var more = request.Extents.Value - volume.Extents;
        more = volume.Layout.Type == LayoutType.Striped ? RoundedUp(more, volume.Layout.Stripes) : more;
        var grown = volume.Layout.Type switch
        {
            LayoutType.Thin => true,
            LayoutType.Raid1 => TryGrowImages(volume, more),
            _ => TryGiveSpace(group, volume, more),
        };
        if (!grown)
        {
            return NoSpace(group, more);
        }

        volume.Extents += more;
        return Answer(group, volume);
    }

    internal static Outcome<NodeStorageAnswer> Remove(FakeLvm lvm, NodeStorageRequest.RemoveLogicalVolume request, bool half)
    {
        if (TryFindGroup(lvm, request.Group, out var named, out _) && WhyAnother(named, request.GroupUuid) is { } another)
        {
            return another;
        }

        if (!TryFindVolume(lvm, request.Group, request.Name, request.Claim, out var group, out var volume, out var failure))
        {
            return failure;
        }

        if (volume.Open)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {group.Name}/{volume.Name} is in use.");
        }

        if (volume.Partial)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {group.Name}/{volume.Name} cannot be wiped: a disk of it is missing.");
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Unavailable, $"Nothing is changed in the volume group {group.Name} while a disk of it is missing.");
        }

        if (request.OnlyUnused && volume.Tags.Contains(LvmTag.Parse(WellKnown.RetainTag)))
        {
            return Failed(OutcomeKind.Rejected, $"The volume {group.Name}/{volume.Name} has the tag {WellKnown.RetainTag}.");
        }

        if (request.OnlyUnused && volume.ReadStart().Any())
        {
            return Failed(OutcomeKind.Rejected, $"The volume {group.Name}/{volume.Name} holds data.");
        }

        if (request.Wipe == WipePolicy.Signatures)
        {
            volume.EraseSignatures();
        }
        else if (volume.Layout.Type != LayoutType.Thin && !volume.EraseNext(lvm.ExtentsWipedAtOnce))
        {
            volume.Tags.RemoveWhere(tag => tag.Value.StartsWith(WellKnown.WipedTagPrefix, StringComparison.Ordinal));
            var wiped = group.ExtentSize.SizeOf(new ExtentCount(volume.Wiped)).Value.ToString(CultureInfo.InvariantCulture);
            volume.Tags.Add(LvmTag.Parse(
                $"{WellKnown.WipedTagPrefix}{(request.Wipe == WipePolicy.Zero ? "zero" : "discard")}:{wiped}"));
            return Answer(group, volume);
        }

        if (!half)
        {
            FakeLvm.Remove(group, volume);
        }

        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed());
    }

    internal static Outcome<NodeStorageAnswer> Tag(FakeLvm lvm, NodeStorageRequest.TagLogicalVolume request)
    {
        if (!TryFindVolume(lvm, request.Group, request.Name, request.Claim, out var group, out var volume, out var failure))
        {
            return failure;
        }

        if (!group.IsComplete && !volume.Tags.Contains(request.Tag))
        {
            return Failed(OutcomeKind.Unavailable, $"Nothing is changed in the volume group {group.Name} while a disk of it is missing.");
        }

        volume.Tags.Add(request.Tag);
        return Answer(group, volume);
    }

    internal static Outcome<NodeStorageAnswer> Activate(FakeLvm lvm, NodeStorageRequest.ActivateLogicalVolume request)
    {
        if (!TryFindVolume(lvm, request.Group, request.Name, request.NewFor, out var group, out var volume, out var failure))
        {
            return failure;
        }

        if (request.NewFor is not null && volume.Open)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {group.Name}/{volume.Name} is in use.");
        }

        if (volume.Partial && (!volume.HasWholeImage || request.NewFor is not null))
        {
            return Failed(OutcomeKind.Rejected, $"The volume {group.Name}/{volume.Name} cannot be activated: a disk of it is missing.");
        }

        volume.Active = true;
        if (request.NewFor is not null)
        {
            volume.EraseSignatures();
        }

        return Answer(group, volume);
    }

    private static bool TryGiveSpace(FakeVolumeGroup group, FakeLogicalVolume volume, long extents)
    {
        if (volume.Layout.Type == LayoutType.Thin)
        {
            return TryPromise(group, volume.Layout, extents);
        }

        if (volume.Layout.Type != LayoutType.Raid1)
        {
            return group.TryTake(volume.Layout.Type == LayoutType.Striped ? volume.Layout.Stripes : 1, extents, volume.Segments);
        }

        if (group.TakeImages(volume.Layout, extents) is not { } segments)
        {
            return false;
        }

        volume.Segments.AddRange(segments);
        return true;
    }

    // Each image of a mirrored volume goes on where it lies.
    private static bool TryGrowImages(FakeLogicalVolume volume, long more)
    {
        var ends = volume.Segments.GroupBy(segment => segment.Image).Select(image => image.Last()).ToArray();
        if (ends.Any(end => end.Disk.FreeExtents < more))
        {
            return false;
        }

        volume.Segments.AddRange(ends.SelectMany(end => end.Disk.Take(more, end.Image)));
        return true;
    }

    // The pool is made with the first thin volume, and only if that volume then fits.
    private static bool TryPromise(FakeVolumeGroup group, Layout layout, long extents)
    {
        var capacity = LayoutCapacity.Of(layout, group.Observe());
        if (extents > capacity.Free.Value)
        {
            return false;
        }

        if (group.PoolSegments.Count == 0)
        {
            group.PoolSize = ThinPoolSize.In(new ExtentCount(group.FreeExtents), group.ExtentSize);
            var all = group.PoolSize.Data + group.PoolSize.Metadata + group.PoolSize.Metadata;
            group.TryTake(1, all.Value, group.PoolSegments);
        }

        return true;
    }

    private static bool TryFindVolume(
        FakeLvm lvm,
        VolumeGroupName groupName,
        LogicalVolumeName name,
        ClaimUid? claim,
        out FakeVolumeGroup group,
        out FakeLogicalVolume volume,
        out Outcome<NodeStorageAnswer> failure)
    {
        volume = null!;
        if (!TryFindGroup(lvm, groupName, out group, out failure))
        {
            return false;
        }

        var found = group.Volume(name);
        volume = found!;
        if (found is null)
        {
            failure = Failed(OutcomeKind.NotFound, $"There is no volume {groupName}/{name}.");
            return false;
        }

        var owner = found.Observe(group.ExtentSize).Claim;
        if (claim is not null && owner != claim)
        {
            failure = Failed(
                OutcomeKind.Rejected, $"The volume {groupName}/{name} belongs to {owner?.Value ?? "nobody"}, not to claim {claim}.");
            return false;
        }

        return true;
    }

    private static Outcome<NodeStorageAnswer>? WhyAnother(FakeVolumeGroup group, string? uuid) =>
        uuid is null || uuid == group.Uuid ? null : Failed(
            OutcomeKind.Unavailable, $"The volume group {group.Name} is another: its uuid is {group.Uuid}, not {uuid}.");

    // A group that is not seen may be back tomorrow: that nothing was found in it says nothing.
    private static bool TryFindGroup(FakeLvm lvm, VolumeGroupName name, out FakeVolumeGroup group, out Outcome<NodeStorageAnswer> failure)
    {
        var seen = lvm.Groups.Where(candidate => candidate.IsSeen && candidate.Name == name).ToArray();
        group = seen.FirstOrDefault()!;
        if (seen is [var only] && lvm.WhyFrozen(only) is { } frozen)
        {
            failure = Failed(OutcomeKind.Rejected, frozen);
            return false;
        }

        failure = Failed(
            OutcomeKind.Unavailable,
            seen.Length == 0 ? $"The volume group {name} is not seen." : $"There are {seen.Length} volume groups called {name}.");
        return seen.Length == 1;
    }

    private static long RoundedUp(long extents, int multiple) => (((extents - 1) / multiple) + 1) * multiple;

    private static Outcome<NodeStorageAnswer> Answer(FakeVolumeGroup group, FakeLogicalVolume volume) =>
        Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(volume.Observe(group.ExtentSize)));

    private static Outcome<NodeStorageAnswer> NoSpace(FakeVolumeGroup group, long extents) => Failed(
        OutcomeKind.NoSpace,
        $"The volume group {group.Name} has {group.FreeExtents} free extents, too few for a volume that takes {extents}.");

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
