using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Groups;

public sealed class VolumeGroupPlannerTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");
    private static readonly LvmTag Ours = LvmTag.Parse(WellKnown.OurTag);

    [Fact]
    public void Plan_WithUsableDisks_MakesTheGroupOfThem()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdc"), Scan([Disk("sdb"), Disk("sdc")]));
        var create = Assert.IsType<NodeStorageRequest.CreateVolumeGroup>(plan.Request);
        Assert.Equal((Fast, ExtentSize.Default), (create.Name, create.ExtentSize));
        Assert.Equal(["/dev/sdb=ID-sdb", "/dev/sdc=ID-sdc"], create.Disks.Select(disk => $"{disk.Path}={disk.Id}"));
        Assert.Equal(["localpv.io", "localpv.io/node=node-1"], create.Tags.Select(tag => tag.Value));
        Assert.Equal(StoragePhase.Pending, plan.Phase);
    }

    [Fact]
    public void Plan_WithoutAUsableDisk_FailsAndSaysWhyForEach()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdz"), Scan([Disk("sdb") with { Signature = "ext4" }]));
        Assert.Null(plan.Request);
        Assert.Equal(StoragePhase.Failed, plan.Phase);
        Assert.Equal([DiskState.Refused, DiskState.Missing], plan.Disks.Select(disk => disk.State));
        Assert.Equal(3, plan.Problems.Length);
    }

    [Fact]
    public void Plan_WithOneOfTwoDisks_MakesTheGroupOfTheOne() => Assert.Single(
        Assert.IsType<NodeStorageRequest.CreateVolumeGroup>(
            VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdz"), Scan([Disk("sdb")])).Request).Disks);

    [Fact]
    public void Plan_WithANewDisk_ExtendsTheGroupByItAlone()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdc"), Scan([InGroup("sdb"), Disk("sdc")], Group("sdb")));
        var extend = Assert.IsType<NodeStorageRequest.ExtendVolumeGroup>(plan.Request);
        Assert.Equal(("U1", "/dev/sdc"), (extend.Uuid, Assert.Single(extend.Disks).Path.Value));
        Assert.Equal(StoragePhase.Ready, plan.Phase);
    }

    [Fact]
    public void Plan_WhenAllIsDone_IsReadyAndAsksForNothing()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([InGroup("sdb")], Group("sdb")));
        Assert.Null(plan.Request);
        Assert.Empty(plan.Problems);
        Assert.Equal(StoragePhase.Ready, plan.Phase);
    }

    [Fact]
    public void Plan_WithAForeignGroup_UsesItOnlyWhereItIsAdopted()
    {
        var scan = Scan([InGroup("sdb"), Disk("sdc")], Group("sdb") with { Tags = [] });
        var spec = Spec("/dev/sdb", "/dev/sdc");
        var refused = VolumeGroupPlanner.Plan(spec, scan);
        Assert.Null(refused.Request);
        Assert.Null(refused.Group);
        Assert.Contains("spec.volumeGroup.adopt", refused.Problems[0], StringComparison.Ordinal);
        var adopted = VolumeGroupPlanner.Plan(spec with { VolumeGroup = spec.VolumeGroup with { Adopt = true } }, scan);
        Assert.NotNull(adopted.Group);
        Assert.IsType<NodeStorageRequest.ExtendVolumeGroup>(adopted.Request);
    }

    [Fact]
    public void Plan_WithAGroupThatWasMadeOnAnotherNode_UsesItOnlyWhereSomebodySaysSo()
    {
        var group = Group("sdb") with { Tags = [Ours, LvmTag.Parse("localpv.io/node=node-2")] };
        var scan = Scan([InGroup("sdb"), Disk("sdc")], group);
        var spec = Spec("/dev/sdb", "/dev/sdc");
        var refused = VolumeGroupPlanner.Plan(spec, scan);
        Assert.Null(refused.Request);
        Assert.Null(refused.Group);
        Assert.Contains("vgchange --deltag localpv.io/node=node-2 fast", refused.Problems[0], StringComparison.Ordinal);
        Assert.NotNull(VolumeGroupPlanner.Plan(spec with { Node = NodeName.Parse("node-2") }, scan).Group);
        Assert.NotNull(VolumeGroupPlanner.Plan(spec with { VolumeGroup = spec.VolumeGroup with { Adopt = true } }, scan).Group);
        Assert.NotNull(VolumeGroupPlanner.Plan(spec, Scan([InGroup("sdb")], group with { Tags = [Ours] })).Group);
        Assert.NotNull(VolumeGroupPlanner.Plan(spec, scan, Reported("U1")).Group);
    }

    [Fact]
    public void Plan_WithAGroupThatLiesOnNoDiskOfTheClass_UsesItOnlyWhereItIsKnown()
    {
        // As of another cluster, or within somebody's volume: LVM sees its disk, and the class means another.
        var spec = Spec("/dev/sdb");
        foreach (var scan in new[] { Scan([Disk("sdb"), InGroup("sdc")], Group("sdc")), Scan([Disk("sdb")], Group("mapper/fast-guest")) })
        {
            var refused = VolumeGroupPlanner.Plan(spec, scan);
            Assert.Null(refused.Request);
            Assert.Null(refused.Group);
            Assert.Contains("lies on no disk that the class means, but on /dev/", refused.Problems[0], StringComparison.Ordinal);
            Assert.NotNull(VolumeGroupPlanner.Plan(spec, scan, Reported("U1")).Group);
            Assert.NotNull(VolumeGroupPlanner.Plan(spec, scan, hasOwnVolumes: true).Group);
            Assert.NotNull(VolumeGroupPlanner.Plan(spec with { VolumeGroup = spec.VolumeGroup with { Adopt = true } }, scan).Group);
        }
    }

    [Fact]
    public void Plan_WithAGroupOnADiskThatTheRuleHasOnceTaken_UsesItWhateverTheLimitsSayNow()
    {
        Assert.True(PathPattern.TryParse("/dev/sd*", out var pattern));
        var spec = Spec() with { Disks = new DiskRule { Match = [pattern], MinSize = Bytes.FromGibibytes(100) } };
        Assert.NotNull(VolumeGroupPlanner.Plan(spec, Scan([InGroup("sdb") with { IsNew = true }], Group("sdb"))).Group);
        Assert.Null(VolumeGroupPlanner.Plan(spec, Scan([InGroup("sdb") with { Loop = true }], Group("sdb"))).Group);
    }

    [Fact]
    public void Plan_WithAGroupThatWasMadeSinceTheScan_UsesIt() =>
        Assert.NotNull(VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([Disk("sdb")], Group("sdb"))).Group);

    [Fact]
    public void Plan_WhenTheGroupThatWasHereIsNotSeen_MakesNoOther()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdc"), Scan([Disk("sdc")]), Reported("U1"));
        Assert.Null(plan.Request);
        Assert.Equal(StoragePhase.Failed, plan.Phase);
        Assert.Contains("put its disks back", plan.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WhenAnotherGroupHasTheName_DoesNotUseIt()
    {
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([InGroup("sdb")], Group("sdb")), Reported("U0"));
        Assert.Null(plan.Group);
        Assert.Contains("U1, not U0", plan.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WithAMissingDisk_IsDegradedAndDoesNotExtend()
    {
        var group = Group("sdb") with
        {
            PhysicalVolumes = [Group("sdb").PhysicalVolumes[0], new PhysicalVolume("P2", null, true, new(10), new(10))],
        };
        var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb", "/dev/sdc"), Scan([InGroup("sdb"), Disk("sdc")], group));
        Assert.Null(plan.Request);
        Assert.Equal(StoragePhase.Degraded, plan.Phase);
        Assert.Contains("misses 1 of its 2 disks", plan.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WithTwoPathsToOneDisk_UsesNeither()
    {
        var plan = VolumeGroupPlanner.Plan(
            Spec("/dev/sdb", "/dev/sdc"), Scan([Disk("sdb"), Disk("sdc") with { Id = DiskId.Parse("ID-sdb") }]));
        Assert.Null(plan.Request);
        Assert.All(plan.Disks, disk => Assert.Equal(DiskState.Refused, disk.State));
    }

    [Fact]
    public void Plan_AfterTheKernelGaveANameToAnotherDisk_LeavesThatDiskAlone()
    {
        var before = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([InGroup("sdb")], Group("sdb")));
        var reported = Reported("U1") with { Disks = [.. before.Disks.Select(disk => disk.ToReport())] };
        var moved = InGroup("sdb") with { Path = DevicePath.Parse("/dev/sdc") };
        var blank = Disk("sdb") with { Id = DiskId.Parse("ID-other") };
        for (var boot = 0; boot < 3; boot++)
        {
            var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([blank, moved], Group("sdc")), reported);
            Assert.Null(plan.Request);
            Assert.Equal([DiskState.Replaced, DiskState.InGroup], plan.Disks.Select(disk => disk.State));
            reported = reported with { Disks = [.. plan.Disks.Select(disk => disk.ToReport())] };
        }
    }

    [Fact]
    public void Plan_AfterTheKernelGaveANameThatIsToBeWipedToAnotherDisk_WipesNeither()
    {
        var spec = Spec("/dev/sdb");
        spec = spec with { Disks = spec.Disks with { WipeSignaturesOf = spec.Disks.Paths } };
        var ordered = Disk("sdb") with { Signature = "ext4", Holder = "md0" };
        var reported = new NodeLocalStorageStatus();
        for (var boot = 0; boot < 3; boot++)
        {
            ObservedDisk[] seen = boot == 0 ? [ordered] : [Disk("sdb") with { Id = DiskId.Parse("ID-other"), Signature = "xfs" }];
            var plan = VolumeGroupPlanner.Plan(spec, Scan([.. seen]), reported);
            Assert.Null(plan.Request);
            Assert.Equal(boot == 0 ? DiskState.Refused : DiskState.Replaced, Assert.Single(plan.Disks).State);
            reported = reported with { Disks = [.. plan.Disks.Select(disk => disk.ToReport())] };
        }

        var back = VolumeGroupPlanner.Plan(spec, Scan([ordered with { Holder = "" }]), reported);
        Assert.True(Assert.Single(Assert.IsType<NodeStorageRequest.CreateVolumeGroup>(back.Request).Disks).WipeSignatures);
    }

    [Fact]
    public void Plan_WithAnotherNameOfANamedDiskToBeWiped_WipesNothing()
    {
        var spec = Spec("/dev/disk/by-id/X");
        spec = spec with { Disks = spec.Disks with { WipeSignaturesOf = [DevicePath.Parse("/dev/sdb")] } };
        var disk = Disk("sdb") with { Links = [DevicePath.Parse("/dev/disk/by-id/X")], Signature = "ext4" };
        Assert.Equal(DiskState.Refused, Assert.Single(VolumeGroupPlanner.Plan(spec, Scan([disk])).Disks).State);
    }

    [Fact]
    public void Plan_AfterADiskCameBackUnderAnotherName_KnowsItByItsOldOne()
    {
        var before = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([InGroup("sdb")], Group("sdb")));
        var reported = Reported("U1") with { Disks = [.. before.Disks.Select(disk => disk.ToReport())] };
        var moved = InGroup("sdb") with { Path = DevicePath.Parse("/dev/sdd") };
        for (var scan = 0; scan < 3; scan++)
        {
            var plan = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([moved], Group("sdd")), reported);
            Assert.Equal(StoragePhase.Ready, plan.Phase);
            var disk = Assert.Single(plan.Disks);
            Assert.Equal(("/dev/sdb", DiskState.InGroup, "ID-sdb"), (disk.Path.Value, disk.State, disk.Id!.Value.Value));
            reported = reported with { Disks = [.. plan.Disks.Select(disk => disk.ToReport())] };
        }

        var blank = Disk("sdb") with { Id = DiskId.Parse("ID-other") };
        var replaced = VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([blank, moved], Group("sdd")), reported);
        Assert.Equal([DiskState.Replaced, DiskState.InGroup], replaced.Disks.Select(disk => disk.State));
    }

    [Fact]
    public void Plan_WithADiskOfAnotherGroup_RefusesIt()
    {
        var other = Disk("sdb") with { Signature = "LVM2_member", VolumeGroup = VolumeGroupName.Parse("data") };
        Assert.Contains(
            VolumeGroupPlanner.Plan(Spec("/dev/sdb"), Scan([other])).Problems,
            problem => problem.Contains("belongs to the volume group data", StringComparison.Ordinal));
    }

    private static ObservedDisk Disk(string name) =>
        new(DevicePath.Parse("/dev/" + name), [], DiskId.Parse("ID-" + name), Bytes.FromGibibytes(10));

    private static ObservedDisk InGroup(string name) => Disk(name) with { Signature = "LVM2_member", VolumeGroup = Fast };

    private static VolumeGroup Group(string disk) => new(
        Fast, "U1", ExtentSize.Default, new(100), new(100),
        [new PhysicalVolume("P1", DevicePath.Parse("/dev/" + disk), false, new(100), new(100))], [])
    {
        Tags = [Ours],
    };

    private static NodeScan Scan(ImmutableArray<ObservedDisk> disks, params ImmutableArray<VolumeGroup> groups) => new(disks, groups);

    private static NodeLocalStorageSpec Spec(params string[] paths) => new()
    {
        StorageClass = StorageClassName.Parse("fast"),
        Node = NodeName.Parse("node-1"),
        Disks = new DiskRule { Paths = [.. paths.Select(DevicePath.Parse)] },
        VolumeGroup = new VolumeGroupWish(Fast, ExtentSize.Default),
    };

    private static NodeLocalStorageStatus Reported(string uuid) =>
        new() { VolumeGroup = new ReportedVolumeGroup(Fast, uuid, ExtentSize.Default) };
}
