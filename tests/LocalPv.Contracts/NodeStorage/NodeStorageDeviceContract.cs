using LocalPv.Core.Disks;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using Xunit;

namespace LocalPv.Contracts.NodeStorage;

/// <summary>
/// The part of the contract that needs devices: activation, contents, and the layouts that LVM makes only with them (mirrored, thin).
/// </summary>
public abstract class NodeStorageDeviceContract : NodeStorageContract
{
    private static readonly Layout Mirrored = new(LayoutType.Raid1, Mirrors: 1);
    private static readonly Layout Thin = new(LayoutType.Thin, OverprovisionPercent: 200);

    /// <summary>Writes a text over all of a volume through its device.</summary>
    protected abstract void Write(NodeStorageBench bench, ClaimUidOf volume, string text);

    /// <summary>What can be read of texts that were once written.</summary>
    protected abstract IReadOnlyList<string> Read(NodeStorageBench bench, ClaimUidOf volume);

    /// <summary>Makes a file system in a volume.</summary>
    protected abstract void MakeFileSystem(NodeStorageBench bench, ClaimUidOf volume);

    /// <summary>What a tool that looks for file systems finds in a volume; empty where it finds nothing.</summary>
    protected abstract string FindFileSystem(NodeStorageBench bench, ClaimUidOf volume);

    /// <summary>The node restarts.</summary>
    protected abstract void Reboot(NodeStorageBench bench);

    [Fact]
    public void CreateLogicalVolume_MakesItActive()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        Assert.True(CreateVolume(bench, A, 3).Active);
    }

    [Fact]
    public void ActivateLogicalVolume_AfterAReboot_BringsItBack_AndAgainIsDone()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        Write(bench, new(A), "kept");
        Reboot(bench);
        Assert.False(Seen(bench, A)!.Active);
        for (var time = 0; time < 2; time++)
        {
            var request = new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(A));
            Assert.True(Done<NodeStorageAnswer.Volume>(bench, request).LogicalVolume.Active);
        }

        Assert.Equal(["kept"], Read(bench, new(A)));
    }

    [Fact]
    public void ActivateLogicalVolume_WithADiskMissing_WorksForAMirroredOneOnly()
    {
        using var bench = NewBench(12, 12);
        CreateGroup(bench);
        CreateVolume(bench, A, 3, Mirrored);
        CreateVolume(bench, B, 10);
        Write(bench, new(A), "kept");
        Reboot(bench);
        bench.Unplug(bench.Disks[1]);
        Assert.All([A, B], claim => Assert.True(Seen(bench, claim) is { Partial: true, Active: false }));
        FailsAndChangesNothing(bench, new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(B)), OutcomeKind.Rejected);
        var request = new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(A));
        Assert.True(Done<NodeStorageAnswer.Volume>(bench, request).LogicalVolume is { Partial: true, Active: true });
        Assert.Equal(["kept"], Read(bench, new(A)));
    }

    [Theory]
    [InlineData(WipePolicy.Zero)]
    [InlineData(WipePolicy.Discard)]
    public void RemoveLogicalVolume_WithAWipe_LeavesNothingForTheNext(WipePolicy wipe)
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 8);
        Write(bench, new(A), "secret");
        Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, wipe));
        CreateVolume(bench, B, 8);
        Assert.Empty(Read(bench, new(B)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RemoveLogicalVolume_OnlyUnused_LeavesWhatCarriesAFileSystem(bool afterAReboot)
    {
        using var bench = NewBench(16);
        CreateGroup(bench);
        CreateVolume(bench, A, 8);
        CreateVolume(bench, B, 8);
        MakeFileSystem(bench, new(A));
        if (afterAReboot)
        {
            Reboot(bench);
        }

        var outcome = Run(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Zero, OnlyUnused: true));
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains("holds data", outcome.Message, StringComparison.Ordinal);
        Done<NodeStorageAnswer.Volume>(bench, new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(A)));
        Assert.NotEqual("", FindFileSystem(bench, new(A)));
        Done<NodeStorageAnswer.Removed>(
            bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Zero, OnlyUnused: true));
    }

    [Fact]
    public void CreateLogicalVolume_ClearsTheSignaturesOfBefore()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 1);
        MakeFileSystem(bench, new(A));
        Assert.NotEqual("", FindFileSystem(bench, new(A)));
        Done<NodeStorageAnswer.Removed>(
            bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Signatures));
        CreateVolume(bench, B, 1);
        Assert.Equal("", FindFileSystem(bench, new(B)));
    }

    [Fact]
    public void CreateLogicalVolume_Mirrored_TakesExactlyItsCost()
    {
        using var bench = NewBench(12, 12);
        CreateGroup(bench);
        var cost = LayoutCost.ExtentsNeeded(Mirrored, Extent, Bytes.FromMebibytes(11));
        Assert.Equal(11, CreateVolume(bench, A, 11, Mirrored).Extents.Value);
        Assert.Equal(24 - cost.Space.Value, Free(bench));
    }

    [Fact]
    public void CreateLogicalVolume_MirroredWithoutRoomForItsMetadata_IsNoSpace()
    {
        using var bench = NewBench(12, 12);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, Creation(A, 12, Mirrored), OutcomeKind.NoSpace);
    }

    [Fact]
    public void CreateLogicalVolume_Thin_PromisesAsMuchAsTheCapacitySays()
    {
        using var bench = NewBench(40);
        var capacity = LayoutCapacity.Of(Thin, CreateGroup(bench));
        Assert.True(capacity.Free.Value > 40);
        FailsAndChangesNothing(bench, Creation(A, capacity.Free.Value + 1, Thin), OutcomeKind.NoSpace);
        CreateVolume(bench, A, capacity.Free.Value - 1, Thin);
        var after = LayoutCapacity.Of(Thin, Scan(bench).Group(Fast)!);
        Assert.Equal((capacity.Capacity, 1), (after.Capacity, after.Free.Value));
        CreateVolume(bench, B, 1, Thin);
        Assert.Equal(0, LayoutCapacity.Of(Thin, Scan(bench).Group(Fast)!).Free.Value);
    }

    /// <summary>Names the volume of a claim.</summary>
    public readonly record struct ClaimUidOf(Core.Identity.ClaimUid Claim);
}
