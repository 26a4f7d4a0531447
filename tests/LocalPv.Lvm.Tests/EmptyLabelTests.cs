using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Lvm.Tests;

/// <summary>Labels of LVM on disks that are in no group, as a crash leaves them.</summary>
[Collection(nameof(LoopDevices))]
public sealed class EmptyLabelTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-label");

    /// <summary>The node died after LVM had written the labels, and before it wrote the group.</summary>
    [Fact]
    public void CreateVolumeGroup_OfDisksWithEmptyLabels_TakesThem()
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

    private static IEnumerable<ObservedDisk> DisksOf(LoopBench bench) =>
        ((NodeStorageAnswer.Scanned)Do(bench, new NodeStorageRequest.Scan()).Value).Scan.Disks;

    private static Outcome<NodeStorageAnswer> Do(LoopBench bench, NodeStorageRequest request) =>
        bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
