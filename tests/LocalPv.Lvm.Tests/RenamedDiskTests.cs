using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>Disks that have other names after a reboot, with real lvm2.</summary>
[Collection(nameof(LoopDevices))]
public sealed class RenamedDiskTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("lpvtest-renamed");
    private static readonly ClaimUid A = ClaimUid.Parse("uid-a");
    private static readonly ClaimUid B = ClaimUid.Parse("uid-b");

    [Fact]
    public async Task Group_WhoseDiskHasAnotherName_IsFoundAndUsed()
    {
        using var bench = await BenchWithAGroup();
        bench.Rotate();

        // The storage still remembers the old name.
        Assert.True((await bench.Storage.RunAsync(Creation(B), CancellationToken.None)).IsDone);
        var tag = new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(A), A, LvmTag.Parse("localpv.io/test"));
        Assert.True((await bench.Storage.RunAsync(tag, CancellationToken.None)).IsDone);
        var answer = await bench.Storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        var scan = Assert.IsType<NodeStorageAnswer.Scanned>(answer.Value).Scan;
        var disk = Assert.Single(scan.Disks, disk => disk.VolumeGroup == Fast);
        Assert.Equal((bench.Disks[1].Path, (DiskId?)bench.Disks[0].Id), (disk.Path, disk.Id));
        Assert.Equal(2, scan.Group(Fast)!.LogicalVolumes.Length);
    }

    [Fact]
    public async Task CreateVolumeGroup_OfADiskWhoseNameIsAnothersNow_IsRejectedAndTouchesNothing()
    {
        using var bench = await BenchWithAGroup();
        bench.Rotate();
        var creation = new NodeStorageRequest.CreateVolumeGroup(
            VolumeGroupName.Parse("lpvtest-other"), ExtentSize.From(Bytes.FromMebibytes(1)), [bench.Disks[1]], []);
        var outcome = await bench.Storage.RunAsync(creation, CancellationToken.None);
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains(bench.Disks[0].Id.Value, outcome.Message, StringComparison.Ordinal);
    }

    private static async Task<LoopBench> BenchWithAGroup()
    {
        var bench = new LoopBench([10, 10]);
        var creation = new NodeStorageRequest.CreateVolumeGroup(
            Fast, ExtentSize.From(Bytes.FromMebibytes(1)), [bench.Disks[0]], [LvmTag.Parse(WellKnown.OurTag)]);
        Assert.True((await bench.Storage.RunAsync(creation, CancellationToken.None)).IsDone);
        Assert.True((await bench.Storage.RunAsync(Creation(A), CancellationToken.None)).IsDone);
        return bench;
    }

    private static NodeStorageRequest.CreateLogicalVolume Creation(ClaimUid claim) => new(
        Fast, NameOf(claim), new ExtentCount(3), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + claim.Value)]);

    private static LogicalVolumeName NameOf(ClaimUid claim) => LogicalVolumeName.Parse("pvc-" + claim.Value);
}
