using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>A disk of a group that is not there for a while, as after a boot.</summary>
[Collection(nameof(LoopDevices))]
public sealed class LateDiskTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-late");
    private static readonly ClaimUid Early = ClaimUid.Parse("0a0a0a0a-0000-4000-8000-00000000000a");
    private static readonly ClaimUid Late = ClaimUid.Parse("0b0b0b0b-0000-4000-8000-00000000000b");

    /// <summary>
    /// LVM would mark the disk as missing in the metadata of the others: it would stay so, with all that is on it, until a person runs
    /// vgextend --restoremissing.
    /// </summary>
    [Fact]
    public void Group_WhoseDiskComesLate_IsWholeThen_WhateverWasAskedForBefore()
    {
        using var bench = new LoopBench([16, 8]);
        Assert.True(Do(bench.Storage, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)])).IsDone);
        Create(bench, Early, 16);
        Create(bench, Late, 8);
        var early = bench.StorageOn([bench.Disks[0]]);
        Assert.True(VolumeOf(early, Late).Partial);
        Assert.All(
            new NodeStorageRequest[]
            {
                new NodeStorageRequest.RemoveLogicalVolume(Group, NameOf(Early), Early, WipePolicy.Zero),
                new NodeStorageRequest.RemoveLogicalVolume(Group, NameOf(Early), Early, WipePolicy.Zero, OnlyUnused: true),
                new NodeStorageRequest.TagLogicalVolume(Group, NameOf(Early), Early, LvmTag.Parse(WellKnown.RetainTag)),
            },
            request => Assert.Equal(OutcomeKind.Unavailable, Do(early, request).Kind));
        Assert.True(GroupOf(bench.Storage).IsComplete);
        Assert.False(VolumeOf(bench.Storage, Late).Partial);
        Assert.True(Do(bench.Storage, new NodeStorageRequest.RemoveLogicalVolume(Group, NameOf(Early), Early, WipePolicy.Zero)).IsDone);
    }

    private static void Create(LoopBench bench, ClaimUid claim, long extents) => Assert.True(Do(
        bench.Storage,
        new NodeStorageRequest.CreateLogicalVolume(
            Group,
            NameOf(claim),
            new ExtentCount(extents),
            Layout.Linear,
            [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + claim.Value)])).IsDone);

    private static LogicalVolumeName NameOf(ClaimUid claim) => LogicalVolumeName.Parse("pvc-" + claim.Value);

    private static LogicalVolume VolumeOf(INodeStorage storage, ClaimUid claim) => GroupOf(storage).Volume(NameOf(claim))!;

    private static VolumeGroup GroupOf(INodeStorage storage) =>
        ((NodeStorageAnswer.Scanned)Do(storage, new NodeStorageRequest.Scan()).Value).Scan.Group(Group)!;

    private static Outcome<NodeStorageAnswer> Do(INodeStorage storage, NodeStorageRequest request) =>
        storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
