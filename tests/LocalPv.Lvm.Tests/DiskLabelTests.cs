using System.Buffers.Binary;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Tests;

/// <summary>Labels of LVM on disks that are in no group, as a crash leaves them.</summary>
[Collection(nameof(LoopDevices))]
public sealed class DiskLabelTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-label");

    /// <summary>The node died after LVM had written the labels, and before it wrote the group.</summary>
    [Fact]
    public void CreateVolumeGroup_OfDisksWithDiskLabels_TakesThem()
    {
        using var bench = new LoopBench([8, 8]);
        bench.Lvm(bench.Disks, ["pvcreate", .. bench.Disks.Select(disk => disk.Path.Value)]);
        Assert.All(DisksOf(bench), disk => Assert.Equal("", disk.Signature));
        var made = Do(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)]));
        Assert.True(made.IsDone, made.Message);
        Assert.All(DisksOf(bench), disk => Assert.Equal("LVM2_member", disk.Signature));
    }

    /// <summary>The node died after the group was gone, and before the labels were.</summary>
    [Fact]
    public void Scan_OfADiskWhoseGroupWasRemoved_SeesItUnused()
    {
        using var bench = new LoopBench([8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        Assert.Equal("LVM2_member", Assert.Single(DisksOf(bench)).Signature);
        bench.Lvm(bench.Disks, "vgremove", Group.Value);
        Assert.Equal("", Assert.Single(DisksOf(bench)).Signature);
    }

    /// <summary>A disk that keeps no metadata itself, of a group whose other disk is not there: only a mark tells it is used.</summary>
    [Fact]
    public void Scan_OfADiskWhoseGroupIsNotSeen_SeesItMarked()
    {
        using var bench = new LoopBench([8, 8]);
        var (keeper, used) = (bench.Disks[0].Path.Value, bench.Disks[1].Path.Value);
        bench.Lvm(bench.Disks, "pvcreate", "--metadatacopies", "0", used);
        bench.Lvm(bench.Disks, "pvcreate", keeper);
        bench.Lvm(bench.Disks, "vgcreate", Group.Value, keeper, used);
        bench.Unplug(bench.Disks[0]);
        var seen = Assert.Single(DisksOf(bench), disk => disk.Path.Value == used);
        Assert.Null(seen.VolumeGroup);
        Assert.Equal("LVM2_member", seen.Signature);
    }

    /// <summary>The node died in the middle of vgremove or vgcreate: there is no group, and disks are marked as used by one.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void CreateVolumeGroup_OfDisksThatACrashLeftMarked_TakesThem(bool first, bool second)
    {
        using var bench = new LoopBench([8, 8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.Lvm(bench.Disks, "vgextend", Group.Value, bench.Disks[1].Path.Value);
        bench.CreateForeignVolume(Group, LogicalVolumeName.Parse("gone"), new ExtentCount(2));
        bench.Lvm(bench.Disks, "lvremove", "--yes", $"{Group}/gone");
        RemoveGroupByHalf(bench, [first, second]);
        Assert.Contains("[unknown]", bench.Lvm(bench.Disks, "pvs", "-o", "vg_name"), StringComparison.Ordinal);
        Assert.All(DisksOf(bench), disk => Assert.Equal("", disk.Signature));
        var made = Do(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)]));
        Assert.True(made.IsDone, made.Message);
        Assert.Equal(2, ((NodeStorageAnswer.Group)made.Value).VolumeGroup.PhysicalVolumes.Length);
    }

    /// <summary>
    /// The node died in vgcreate after the texts were written, and before they were made valid: on all disks, or on the first alone.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CreateVolumeGroup_OfDisksWithATextThatWasNeverMadeValid_TakesThem(bool onBoth)
    {
        using var bench = new LoopBench([8, 8]);
        var paths = bench.Disks.Select(disk => disk.Path.Value).ToArray();
        bench.Lvm(bench.Disks, ["vgcreate", Group.Value, .. paths]);
        MakeTextInvalidAgain(bench, bench.Disks[0]);
        if (onBoth)
        {
            MakeTextInvalidAgain(bench, bench.Disks[1]);
        }
        else
        {
            WriteHeaderWithoutText(bench, bench.Disks[1]);
        }

        Assert.Contains("[unknown]", bench.Lvm(bench.Disks, "pvs", "-o", "vg_name"), StringComparison.Ordinal);
        Assert.All(DisksOf(bench), disk => Assert.Equal("", disk.Signature));
        var made = Do(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)]));
        Assert.True(made.IsDone, made.Message);
        Assert.Equal(2, ((NodeStorageAnswer.Group)made.Value).VolumeGroup.PhysicalVolumes.Length);
    }

    /// <summary>
    /// The group is being grown by a disk, and the one that has the valid text goes away: the text of the other is not valid yet, and the
    /// group is there all the same.
    /// </summary>
    [Fact]
    public void Scan_OfADiskWithATextNotYetValidOfAGroupWithAnotherDisk_SeesItMarked()
    {
        using var bench = new LoopBench([8, 8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.Lvm(bench.Disks, "vgextend", Group.Value, bench.Disks[1].Path.Value);
        MakeTextInvalidAgain(bench, bench.Disks[1]);
        bench.Unplug(bench.Disks[0]);
        Assert.Equal("LVM2_member", Assert.Single(DisksOf(bench), disk => disk.Path == bench.Disks[1].Path).Signature);
    }

    /// <summary>The node died in the middle of vgcreate, on disks that keep what an earlier group with volumes was.</summary>
    [Fact]
    public void Scan_OfADiskMarkedSinceAnEarlierGroup_SeesItUnused()
    {
        using var bench = new LoopBench([8, 8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.Lvm(bench.Disks, "vgextend", Group.Value, bench.Disks[1].Path.Value);
        bench.CreateForeignVolume(Group, LogicalVolumeName.Parse("gone"), new ExtentCount(2));
        bench.Lvm(bench.Disks, "vgremove", "--yes", Group.Value);
        bench.Lvm(bench.Disks, ["pvremove", .. bench.Disks.Select(disk => disk.Path.Value)]);
        bench.Lvm(bench.Disks, "pvcreate", bench.Disks[0].Path.Value);
        Mark(bench, bench.Disks[0]);
        Assert.All(DisksOf(bench), disk => Assert.Equal("", disk.Signature));
    }

    /// <summary>vgextend was cut short before it wrote anything but the mark.</summary>
    [Fact]
    public void ExtendVolumeGroup_ByADiskThatACrashLeftMarked_TakesIt()
    {
        using var bench = new LoopBench([8, 8]);
        var made = Do(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [bench.Disks[0]], [LvmTag.Parse(WellKnown.OurTag)]));
        bench.Lvm(bench.Disks, "pvcreate", bench.Disks[1].Path.Value);
        Mark(bench, bench.Disks[1]);
        Assert.Equal(["LVM2_member", ""], DisksOf(bench).Select(disk => disk.Signature));
        var extended = Do(bench, new NodeStorageRequest.ExtendVolumeGroup(
            Group, ((NodeStorageAnswer.Group)made.Value).VolumeGroup.Uuid, [bench.Disks[1]]));
        Assert.True(extended.IsDone, extended.Message);
    }

    /// <summary>
    /// vgextend was cut short when one disk had the metadata already: LVM makes volumes on the other, on which none of it is. Without the
    /// first, the other looks as if it were in no group.
    /// </summary>
    [Fact]
    public void Scan_OfADiskWhoseMetadataIsOnAMissingDiskAlone_SeesItMarked()
    {
        using var bench = new LoopBench([8, 8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.Lvm(bench.Disks, "vgextend", Group.Value, bench.Disks[1].Path.Value);
        WriteHeaderWithoutText(bench, bench.Disks[1]);
        bench.CreateForeignVolume(Group, LogicalVolumeName.Parse("data"), new ExtentCount(12));
        Assert.All(DisksOf(bench), disk => Assert.Equal(Group, disk.VolumeGroup));
        bench.Unplug(bench.Disks[0]);
        var seen = Assert.Single(DisksOf(bench), disk => disk.Path == bench.Disks[1].Path);
        Assert.Null(seen.VolumeGroup);
        Assert.Equal("LVM2_member", seen.Signature);
    }

    /// <summary>Somebody's tool has emptied the metadata area of a disk that holds volumes.</summary>
    [Fact]
    public void Scan_OfADiskThatLostTheMetadataOfItsVolumes_SeesItMarked()
    {
        using var bench = new LoopBench([8]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.CreateForeignVolume(Group, LogicalVolumeName.Parse("data"), new ExtentCount(2));
        WriteHeaderWithoutText(bench, bench.Disks[0]);
        Assert.Contains("[unknown]", bench.Lvm(bench.Disks, "pvs", "-o", "vg_name"), StringComparison.Ordinal);
        Assert.Equal("LVM2_member", Assert.Single(DisksOf(bench)).Signature);
    }

    // What vgremove does first on each disk, and last: the text is no longer valid, and the disk no longer used.
    private static void RemoveGroupByHalf(LoopBench bench, bool[] marked)
    {
        bench.Lvm(bench.Disks, "vgremove", Group.Value);
        foreach (var (disk, _) in bench.Disks.Zip(marked).Where(pair => pair.Second))
        {
            Mark(bench, disk);
        }
    }

    // The label's flags lie after the list of areas; a checksum of the sector from its sixth number on goes before.
    private static void Mark(LoopBench bench, DiskToUse disk)
    {
        var start = bench.ReadStart(disk);
        const int label = 512;
        const int flags = 652;
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(flags)));
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(flags), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(label + 16), MetadataArea.Checksum(start.AsSpan(label + 20, 512 - 20)));
        bench.WriteStart(disk, start);
    }

    // The place of the valid text, then that of the one that is to be valid next, with the checksum of the header that has them.
    private static void WriteHeaderWithoutText(LoopBench bench, DiskToUse disk) =>
        WriteHeader(bench, disk, places => places.Clear());

    private static void MakeTextInvalidAgain(LoopBench bench, DiskToUse disk) => WriteHeader(bench, disk, places =>
    {
        Assert.True(places[..24].ContainsAnyExcept((byte)0) && !places[24..].ContainsAnyExcept((byte)0));
        places[..24].CopyTo(places[24..]);
        places[..24].Clear();
    });

    private static void WriteHeader(LoopBench bench, DiskToUse disk, Action<Span<byte>> write)
    {
        var start = bench.ReadStart(disk);
        const int header = 4096;
        write(start.AsSpan(header + 40, 48));
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(header), MetadataArea.Checksum(start.AsSpan(header + 4, 512 - 4)));
        bench.WriteStart(disk, start);
    }

    private static IEnumerable<ObservedDisk> DisksOf(LoopBench bench) =>
        ((NodeStorageAnswer.Scanned)Do(bench, new NodeStorageRequest.Scan()).Value).Scan.Disks;

    private static Outcome<NodeStorageAnswer> Do(LoopBench bench, NodeStorageRequest request) =>
        bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
