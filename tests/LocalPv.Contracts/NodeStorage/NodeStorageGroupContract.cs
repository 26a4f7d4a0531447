using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using Xunit;

namespace LocalPv.Contracts.NodeStorage;

/// <summary>The contract of scans and of the requests about volume groups.</summary>
public abstract class NodeStorageGroupContract : NodeStorageContract
{
    [Fact]
    public void Scan_OfBlankDisks_SeesThemUnused()
    {
        using var bench = NewBench(8, 16);
        foreach (var mine in bench.Disks)
        {
            var seen = Assert.Single(Scan(bench).Disks, disk => disk.Path == mine.Path);
            Assert.Equal((mine.Id, mine.Size, "", null), (seen.Id, seen.Size, seen.Signature, seen.VolumeGroup));
            Assert.True(seen is { ReadOnly: false, Partitioned: false, MountPoint: "", Holder: "", Readable: true }, seen.ToString());
        }
    }

    [Fact]
    public void Scan_OfAFormattedDisk_SeesTheSignature()
    {
        using var bench = NewBench(8);
        bench.Format(bench.Disks[0]);
        Assert.Equal("ext4", Assert.Single(Scan(bench).Disks, disk => disk.Path == bench.Disks[0].Path).Signature);
    }

    [Fact]
    public void Scan_SeesGroupsAndVolumes_OthersToo()
    {
        using var bench = NewBench(8, 8);
        CreateGroup(bench, Fast, 0);
        bench.CreateForeignGroup(Other, bench.Disks[1]);
        bench.CreateForeignVolume(Other, LogicalVolumeName.Parse("theirs"), new(3));
        CreateVolume(bench, A, 2);
        var scan = Scan(bench);
        Assert.Equal(A, Assert.Single(scan.Group(Fast)!.LogicalVolumes).Claim);
        Assert.Equal((8, 6), (scan.Group(Fast)!.Extents.Value, scan.Group(Fast)!.FreeExtents.Value));
        var theirs = Assert.Single(scan.Group(Other)!.LogicalVolumes);
        Assert.Equal(("theirs", null, 5), (theirs.Name.Value, theirs.Claim, scan.Group(Other)!.FreeExtents.Value));
        Assert.Equal(Other, Assert.Single(scan.Disks, disk => disk.Path == bench.Disks[1].Path).VolumeGroup);
    }

    [Fact]
    public void CreateVolumeGroup_OfBlankDisks_AnswersWithTheGroup()
    {
        using var bench = NewBench(8, 16);
        var group = CreateGroup(bench);
        Assert.Equal((Fast, Extent, 24, 24), (group.Name, group.ExtentSize, group.Extents.Value, group.FreeExtents.Value));
        Assert.Equal(Ours, Assert.Single(group.Tags));
        Assert.NotEqual("", group.Uuid);
        Assert.Equal(bench.Disks.Select(disk => (DevicePath?)disk.Path).Order(), group.PhysicalVolumes.Select(disk => disk.Path).Order());
        Assert.Equal(group.Uuid, Scan(bench).Group(Fast)!.Uuid);
    }

    [Fact]
    public void CreateVolumeGroup_WhenADiskIsNoLongerThatOne_IsRejectedAndTouchesNothing()
    {
        using var bench = NewBench(8, 8);
        var wrong = bench.Disks[1] with { Id = DiskId.Parse("somebody-else") };
        FailsAndChangesNothing(bench, GroupOf(Fast, bench.Disks[0], wrong), OutcomeKind.Rejected);
    }

    [Fact]
    public void CreateVolumeGroup_WhenADiskHasAnotherSize_IsRejectedAndTouchesNothing()
    {
        using var bench = NewBench(8);
        var wrong = bench.Disks[0] with { Size = new Bytes(bench.Disks[0].Size.Value + 512) };
        FailsAndChangesNothing(bench, GroupOf(Fast, wrong), OutcomeKind.Rejected);
    }

    [Fact]
    public void CreateVolumeGroup_WhenADiskIsGone_IsRejectedAndTouchesNothing()
    {
        using var bench = NewBench(8, 8);
        bench.Unplug(bench.Disks[1]);
        FailsAndChangesNothing(bench, GroupOf(Fast, [.. bench.Disks]), OutcomeKind.Rejected);
    }

    [Fact]
    public void CreateVolumeGroup_WhenADiskWasFormattedMeanwhile_IsRejectedAndTouchesNothing()
    {
        using var bench = NewBench(8, 8);
        bench.Format(bench.Disks[1]);
        FailsAndChangesNothing(bench, GroupOf(Fast, [.. bench.Disks]), OutcomeKind.Rejected);
    }

    [Fact]
    public void CreateVolumeGroup_WhenTheSignatureMayBeWiped_WipesIt()
    {
        using var bench = NewBench(8);
        bench.Format(bench.Disks[0]);
        var wiped = bench.Disks[0] with { WipeSignatures = true };
        Done<NodeStorageAnswer.Group>(bench, GroupOf(Fast, wiped));
        Assert.Equal("LVM2_member", Assert.Single(Scan(bench).Disks, disk => disk.Path == wiped.Path).Signature);
    }

    [Fact]
    public void CreateVolumeGroup_OfADiskOfAnotherGroup_IsRejectedEvenWhereItMayBeWiped()
    {
        using var bench = NewBench(8);
        bench.CreateForeignGroup(Other, bench.Disks[0]);
        var wiped = bench.Disks[0] with { WipeSignatures = true };
        FailsAndChangesNothing(bench, GroupOf(Fast, wiped), OutcomeKind.Rejected);
    }

    [Fact]
    public void CreateVolumeGroup_OfATakenName_IsAlreadyExists()
    {
        using var bench = NewBench(8, 8);
        CreateGroup(bench, Fast, 0);
        FailsAndChangesNothing(
            bench, GroupOf(Fast, bench.Disks[1]), OutcomeKind.AlreadyExists);
    }

    [Fact]
    public void CreateVolumeGroup_WithoutDisks_IsRefused()
    {
        using var bench = NewBench(8);
        FailsAndChangesNothing(bench, GroupOf(Fast, []), OutcomeKind.Refused);
    }

    [Fact]
    public void ExtendVolumeGroup_ByADisk_AddsItsExtents()
    {
        using var bench = NewBench(8, 16);
        var group = CreateGroup(bench, Fast, 0);
        var extended = Done<NodeStorageAnswer.Group>(
            bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, group.Uuid, [bench.Disks[1]])).VolumeGroup;
        Assert.Equal((group.Uuid, 24), (extended.Uuid, extended.Extents.Value));
    }

    [Fact]
    public void ExtendVolumeGroup_ByADiskThatIsInIt_PassesItOver()
    {
        using var bench = NewBench(8, 16);
        var group = CreateGroup(bench, Fast, 0);
        Assert.Equal(24, Done<NodeStorageAnswer.Group>(
            bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, group.Uuid, [.. bench.Disks])).VolumeGroup.Extents.Value);
        Assert.Equal(24, Done<NodeStorageAnswer.Group>(
            bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, group.Uuid, [.. bench.Disks])).VolumeGroup.Extents.Value);
    }

    [Fact]
    public void ExtendVolumeGroup_ThatIsNotThere_IsNotFound()
    {
        using var bench = NewBench(8);
        FailsAndChangesNothing(bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, "uuid", [bench.Disks[0]]), OutcomeKind.NotFound);
    }

    [Fact]
    public void ExtendVolumeGroup_OfAnotherUuid_IsRejected()
    {
        using var bench = NewBench(8, 8);
        CreateGroup(bench, Fast, 0);
        FailsAndChangesNothing(bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, "uuid", [bench.Disks[1]]), OutcomeKind.Rejected);
    }

    [Fact]
    public void ExtendVolumeGroup_WhenADiskWasFormattedMeanwhile_IsRejectedAndTouchesNothing()
    {
        using var bench = NewBench(8, 8);
        var group = CreateGroup(bench, Fast, 0);
        bench.Format(bench.Disks[1]);
        FailsAndChangesNothing(bench, new NodeStorageRequest.ExtendVolumeGroup(Fast, group.Uuid, [bench.Disks[1]]), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveVolumeGroup_ThatIsEmptyAndOurs_FreesItsDisks()
    {
        using var bench = NewBench(8, 8);
        var group = CreateGroup(bench);
        Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveVolumeGroup(Fast, group.Uuid));
        var scan = Scan(bench);
        Assert.Null(scan.Group(Fast));
        Assert.All(scan.Disks.Where(disk => bench.Disks.Any(mine => mine.Path == disk.Path)), disk => Assert.Equal("", disk.Signature));
    }

    [Fact]
    public void RemoveVolumeGroup_ThatHoldsAVolume_IsRejected()
    {
        using var bench = NewBench(8);
        var group = CreateGroup(bench);
        CreateVolume(bench, A, 1);
        FailsAndChangesNothing(bench, new NodeStorageRequest.RemoveVolumeGroup(Fast, group.Uuid), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveVolumeGroup_ThatIsNotOurs_IsRejected()
    {
        using var bench = NewBench(8);
        bench.CreateForeignGroup(Other, bench.Disks[0]);
        FailsAndChangesNothing(
            bench, new NodeStorageRequest.RemoveVolumeGroup(Other, Scan(bench).Group(Other)!.Uuid), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveVolumeGroup_OfAnotherUuid_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, new NodeStorageRequest.RemoveVolumeGroup(Fast, "uuid"), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveVolumeGroup_ThatIsNotThere_IsNotFound()
    {
        using var bench = NewBench(8);
        FailsAndChangesNothing(bench, new NodeStorageRequest.RemoveVolumeGroup(Fast, "uuid"), OutcomeKind.NotFound);
    }

    [Fact]
    public void Group_WithAMissingDisk_IsSeenIncompleteAndTakesNoVolume()
    {
        using var bench = NewBench(8, 16);
        CreateGroup(bench);
        bench.Unplug(bench.Disks[1]);
        var group = Scan(bench).Group(Fast)!;
        Assert.False(group.IsComplete);
        Assert.Equal((24, 8), (group.Extents.Value, group.FreeExtents.Value));
        Assert.Single(group.PhysicalVolumes, disk => disk is { Missing: true, Path: null });
        FailsAndChangesNothing(bench, Creation(A, 1), OutcomeKind.Rejected);
    }

    /// <summary>LVM would make these changes, and write down that the disk is missing: it would stay so when it is back.</summary>
    [Fact]
    public void Group_WithAMissingDisk_IsChangedInNothing()
    {
        using var bench = NewBench(8, 16);
        CreateGroup(bench);
        CreateVolume(bench, A, 16);
        CreateVolume(bench, B, 8);
        bench.Unplug(bench.Disks[1]);
        Assert.Equal((true, false), (Seen(bench, A)!.Partial, Seen(bench, B)!.Partial));
        FailsAndChangesNothing(
            bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Zero), OutcomeKind.Unavailable);
        FailsAndChangesNothing(
            bench, new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(B), B, LvmTag.Parse(WellKnown.RetainTag)), OutcomeKind.Unavailable);
    }
}
