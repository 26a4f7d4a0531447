using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>A volume group that somebody else made and uses, with real lvm2: what is planned for it, and what becomes of that.</summary>
[Collection(nameof(LoopDevices))]
public sealed class AdoptedGroupTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-adopted");
    private static readonly LogicalVolumeName Precious = LogicalVolumeName.Parse("precious");
    private static readonly ClaimUid Claim = ClaimUid.Parse("uid-1");

    [Fact]
    public async Task Group_OfSomebodyElse_GrowsAndTakesVolumesWhereItIsAdoptedAndKeepsWhatIsInIt()
    {
        using var bench = new LoopBench([10, 10]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        bench.CreateForeignVolume(Group, Precious, new ExtentCount(4));
        var before = await ScanAsync(bench);
        var refused = VolumeGroupPlanner.Plan(Spec(bench, adopt: false), before);
        Assert.Null(refused.Request);
        Assert.Contains("spec.volumeGroup.adopt", refused.Problems[0], StringComparison.Ordinal);

        var adopted = VolumeGroupPlanner.Plan(Spec(bench, adopt: true), before);
        var extension = Assert.IsType<NodeStorageRequest.ExtendVolumeGroup>(adopted.Request);
        Assert.Equal(bench.Disks[1].Path, Assert.Single(extension.Disks).Path);
        AssertIs(OutcomeKind.Done, await RunAsync(bench, extension));
        AssertIs(OutcomeKind.Done, await RunAsync(bench, new NodeStorageRequest.CreateLogicalVolume(
            Group, LogicalVolumeName.Parse("pvc-uid-1"), new ExtentCount(12), Layout.Linear,
            [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + Claim.Value)])));
        AssertIs(OutcomeKind.Done, await RunAsync(bench, new NodeStorageRequest.RemoveLogicalVolume(
            Group, LogicalVolumeName.Parse("pvc-uid-1"), Claim, WipePolicy.Zero)));
        AssertIs(OutcomeKind.Rejected, await RunAsync(bench, new NodeStorageRequest.RemoveLogicalVolume(
            Group, Precious, Claim, WipePolicy.Zero)));

        // Empty of ours, and still not ours.
        AssertIs(OutcomeKind.Rejected, await RunAsync(bench, new NodeStorageRequest.RemoveVolumeGroup(Group, extension.Uuid)));
        var after = (await ScanAsync(bench)).Group(Group)!;
        Assert.Equal(Told(before.Group(Group)!.Volume(Precious)!), Told(Assert.Single(after.LogicalVolumes)));
        Assert.Equal((20, 16), (after.Extents.Value, after.FreeExtents.Value));
    }

    [Fact]
    public async Task Group_ThatSomebodyExtends_IsSeenSoByTheNextScanAndRequest()
    {
        using var bench = new LoopBench([10, 10]);
        bench.CreateForeignGroup(Group, bench.Disks[0]);
        Assert.Equal(10, (await ScanAsync(bench)).Group(Group)!.Extents.Value);
        bench.Lvm(bench.Disks, "vgextend", Group.Value, bench.Disks[1].Path.Value);

        // The storage remembers a group of one disk.
        AssertIs(OutcomeKind.Done, await RunAsync(bench, new NodeStorageRequest.CreateLogicalVolume(
            Group, LogicalVolumeName.Parse("pvc-uid-1"), new ExtentCount(15), Layout.Linear, [LvmTag.Parse(WellKnown.OurTag)])));
        var seen = (await ScanAsync(bench)).Group(Group)!;
        Assert.Equal((20, 5), (seen.Extents.Value, seen.FreeExtents.Value));
    }

    private static string Told(LogicalVolume volume) => $"{volume.Name} {volume.Uuid} {volume.Extents}";

    private static void AssertIs(OutcomeKind kind, Outcome<NodeStorageAnswer> outcome) =>
        Assert.True(kind == outcome.Kind, outcome.ToString());

    private static NodeLocalStorageSpec Spec(LoopBench bench, bool adopt) => new()
    {
        StorageClass = StorageClassName.Parse("fast"),
        Node = NodeName.Parse("node-1"),
        Disks = new DiskRule { Paths = [.. bench.Disks.Select(disk => disk.Path)] },
        VolumeGroup = new VolumeGroupWish(Group, ExtentSize.From(Bytes.FromMebibytes(1)), adopt),
    };

    private static async Task<NodeScan> ScanAsync(LoopBench bench) =>
        Assert.IsType<NodeStorageAnswer.Scanned>((await RunAsync(bench, new NodeStorageRequest.Scan())).Value).Scan;

    private static async Task<Outcome<NodeStorageAnswer>> RunAsync(LoopBench bench, NodeStorageRequest request) =>
        await bench.Storage.RunAsync(request, CancellationToken.None);
}
