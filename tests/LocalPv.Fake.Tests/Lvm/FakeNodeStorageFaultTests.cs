using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;

namespace LocalPv.Fake.Tests.Lvm;

public sealed class FakeNodeStorageFaultTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");
    private static readonly ClaimUid Claim = ClaimUid.Parse("uid-1");
    private static readonly LogicalVolumeName Name = LogicalVolumeName.Parse("pvc-uid-1");
    private static readonly LvmTag Ours = LvmTag.Parse(WellKnown.OurTag);

    private static readonly NodeStorageRequest Create = new NodeStorageRequest.CreateLogicalVolume(
        Fast, Name, new ExtentCount(5), Layout.Linear, [Ours, LvmTag.Parse(WellKnown.ClaimTagPrefix + Claim.Value)]);

    private readonly FakeLvm _lvm = NewLvm();

    [Fact]
    public void Fails_GivesTheKindAndDoesNothing()
    {
        var outcome = RunWith(new StorageFault.Fails(OutcomeKind.Unavailable, "The group is locked."), Create);
        Assert.Equal((OutcomeKind.Unavailable, "The group is locked."), (outcome!.Kind, outcome.Message));
        Assert.Null(Volume());
    }

    [Fact]
    public void HappensInDoubt_DoesItAndDoesNotSay()
    {
        Assert.Equal(OutcomeKind.InDoubt, RunWith(new StorageFault.HappensInDoubt(), Create)!.Kind);
        Assert.Equal(Claim, Volume()!.Claim);
    }

    [Fact]
    public void LostInDoubt_DoesNothingAndDoesNotSay()
    {
        Assert.Equal(OutcomeKind.InDoubt, RunWith(new StorageFault.LostInDoubt(), Create)!.Kind);
        Assert.Null(Volume());
    }

    [Fact]
    public void HappensHalf_OfACreation_LeavesAnInactiveVolumeThatSaysWhoseItIs()
    {
        Assert.Equal(OutcomeKind.InDoubt, RunWith(new StorageFault.HappensHalf(), Create)!.Kind);
        Assert.True(Volume() is { Active: false } left && left.Claim == Claim);
    }

    [Fact]
    public void HappensHalf_OfARemoval_CanBeRepeated()
    {
        Storage().Run(Create);
        var remove = new NodeStorageRequest.RemoveLogicalVolume(Fast, Name, Claim, Core.Disks.WipePolicy.Zero);
        Assert.Equal(OutcomeKind.InDoubt, RunWith(new StorageFault.HappensHalf(), remove)!.Kind);
        Assert.NotNull(Volume());
        Assert.True(Storage().Run(remove)!.IsDone);
        Assert.Null(Volume());
    }

    [Fact]
    public void DroppedWrite_SaysDoneAndTheVolumeIsNotThere()
    {
        Assert.True(RunWith(new StorageFault.DroppedWrite(), Create)!.IsDone);
        Assert.Null(Volume());
        Assert.Equal(99, _lvm.Observe().Group(Fast)!.FreeExtents.Value);
    }

    [Fact]
    public async Task Hangs_NeverAnswersAndEndsWhenCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var storage = new FakeNodeStorage(_lvm, new Always(new StorageFault.Hangs()));
        var pending = storage.RunAsync(Create, cancelled.Token).AsTask();
        Assert.False(pending.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Null(Volume());
    }

    [Fact]
    public void Scan_WhoseAnswerIsLost_IsUnavailableNotInDoubt() =>
        Assert.Equal(OutcomeKind.Unavailable, RunWith(new StorageFault.LostInDoubt(), new NodeStorageRequest.Scan())!.Kind);

    [Fact]
    public void Crash_OfTheProcess_LosesNothing()
    {
        Storage().Run(Create);
        Assert.True(new FakeNodeStorage(_lvm).Run(Create)!.Kind == OutcomeKind.AlreadyExists);
    }

    [Fact]
    public void Reboot_GivesTheDisksOtherNamesAndTheGroupStaysTheSame()
    {
        var second = _lvm.AddDisk("/dev/sdc", "disk-c", Bytes.FromMebibytes(10));
        var uuid = _lvm.Observe().Group(Fast)!.Uuid;
        _lvm.Reboot([DevicePath.Parse("/dev/sdc"), DevicePath.Parse("/dev/sdb")]);
        Assert.Equal("/dev/sdb", second.Path.Value);
        var group = _lvm.Observe().Group(Fast)!;
        Assert.Equal((uuid, "/dev/sdc"), (group.Uuid, Assert.Single(group.PhysicalVolumes).Path!.Value.Value));
    }

    [Fact]
    public void Disk_ThatIsUnpluggedAndBack_BringsItsVolumesBack()
    {
        Storage().Run(Create);
        _lvm.Disks[0].Present = false;
        Assert.Null(_lvm.Observe().Group(Fast));
        Assert.Equal(OutcomeKind.Unavailable, Storage().Run(Create)!.Kind);
        _lvm.Disks[0].Present = true;
        Assert.Equal(Claim, Volume()!.Claim);
    }

    [Fact]
    public void OpenVolume_CannotBeRemoved()
    {
        Storage().Run(Create);
        _lvm.SetOpen(Fast, Name, open: true);
        var remove = new NodeStorageRequest.RemoveLogicalVolume(Fast, Name, Claim, Core.Disks.WipePolicy.Zero);
        Assert.Equal(OutcomeKind.Unavailable, Storage().Run(remove)!.Kind);
    }

    [Fact]
    public void EqualSeeds_GiveEqualUuids() => Assert.Equal(NewLvm().Observe().Group(Fast)!.Uuid, NewLvm().Observe().Group(Fast)!.Uuid);

    private static FakeLvm NewLvm()
    {
        var lvm = new FakeLvm("node-1");
        var disk = lvm.AddDisk("/dev/sdb", "disk-b", Bytes.FromMebibytes(100));
        var made = new FakeNodeStorage(lvm).Run(new NodeStorageRequest.CreateVolumeGroup(
            Fast, ExtentSize.From(Bytes.FromMebibytes(1)), [new DiskToUse(disk.Path, disk.Id!.Value, disk.Size, false)], [Ours]));
        Assert.True(made!.IsDone);
        return lvm;
    }

    private FakeNodeStorage Storage() => new(_lvm);

    private Outcome<NodeStorageAnswer>? RunWith(StorageFault fault, NodeStorageRequest request) =>
        new FakeNodeStorage(_lvm, new Always(fault)).Run(request);

    private LogicalVolume? Volume() => _lvm.Observe().Group(Fast)?.Volume(Name);

    private sealed class Always(StorageFault fault) : IStorageFaults
    {
        public StorageFault? Next(NodeStorageRequest request) => fault;
    }
}
