using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Where another group of the same name takes the place of one that is away, by whatever way.</summary>
public sealed class ReplacedGroupTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(90);

    [Fact]
    public void Group_ThatIsAway_IsNotMadeAnewByAnotherClassThatSharesIt()
    {
        var world = new TestWorld();
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            "one", """{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}],"volumeGroup":{"name":"shared"}}"""));
        world.Settle(Moment);
        var show = world.Lvm.HideGroup("shared");
        world.Settle(Moment);
        world.Lvm.AddDisk("/dev/sdc", Bytes.FromGibibytes(10));
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            "two", """{"nodes":[{"name":"node-a","disks":["/dev/sdc"]}],"volumeGroup":{"name":"shared"}}"""));
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal(["make shared"], world.Lvm.Log);
        var waiting = Report(world, "two");
        Assert.Equal(StoragePhase.Failed, waiting.Phase);
        Assert.Contains(
            waiting.Conditions, condition => condition.Message.Contains("delete the NodeLocalStorage one.node", StringComparison.Ordinal));

        show();
        world.Settle(Moment);
        Assert.Equal((StoragePhase.Ready, StoragePhase.Ready), (Report(world, "one").Phase, Report(world, "two").Phase));
    }

    /// <summary>As after a backup was put back, which keeps no status: only the volumes say that there was a group.</summary>
    [Theory]
    [InlineData(1, "make localpv-fast")]
    [InlineData(10, "make localpv-fast make localpv-fast")]
    public void Group_ThatOnlyVolumesRemember_IsWaitedForBeforeAnotherIsMade(int minutes, string expected)
    {
        var world = new TestWorld();
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        var show = world.Lvm.HideGroup(TestWorld.Group);
        world.Lvm.AddDisk("/dev/sdb", Bytes.FromGibibytes(10));
        world.Patch(world.Storage!, JsonMap.Of(("status", JsonNull.Instance)), "status");
        world.Crash();
        world.Settle(TimeSpan.FromMinutes(minutes));
        if (minutes == 1)
        {
            show();
            world.Settle(TimeSpan.FromMinutes(10));
            Assert.Single(world.Lvm.Volumes);
        }

        Assert.Equal(expected, string.Join(' ', world.Lvm.Log.Where(line => line.StartsWith("make", StringComparison.Ordinal))));
        Assert.Equal(StoragePhase.Ready, world.Storage!.Report.Phase);
    }

    [Fact]
    public void Volumes_WhoseClassIsMadeAgainWhileAnotherGroupIsThere_WaitForTheirOwn()
    {
        var world = new TestWorld();
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Replace(world);
        world.Settle(Moment);
        MakeAgain(world, () => world.AddClass());
        world.Settle(Moment);
        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal("Released", Assert.Single(world.Volumes).Phase);
    }

    /// <summary>Within the minute until the next scan: the agent believes that the group is the one that it knows.</summary>
    [Fact]
    public void Volume_WhoseGroupWasReplacedSinceTheLastScan_WaitsForItsOwn()
    {
        var world = new TestWorld();
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Replace(world);
        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal("Released", Assert.Single(world.Volumes).Phase);
    }

    /// <summary>What is made in the other group would be reported nowhere, and published all the same.</summary>
    [Fact]
    public void Claim_WhoseGroupWasReplacedSinceTheLastScan_GetsNoVolumeInTheOther()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        Replace(world);
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Empty(world.Lvm.Volumes);
        Assert.Null(world.Claim("data")!.SelectedNode);
    }

    [Fact]
    public void Group_OfSomebodyElse_GoesToTheClassThatIsMadeAgainWithAllThatIsInIt()
    {
        const string adopting = """{"nodeSelector":{},"volumeGroup":{"name":"theirs","adopt":true}}""";
        var world = new TestWorld();
        world.Lvm.AddForeignGroup("theirs", "/dev/sdb");
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(TestWorld.ClassName, adopting));
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        MakeAgain(world, () => world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(TestWorld.ClassName, adopting)));
        world.AddClaim("next", "1Gi");
        world.Settle(Moment);
        Assert.Equal(("Bound", "Bound"), (world.Claim("data")!.Phase, world.Claim("next")!.Phase));
    }

    [Fact]
    public void Group_ThatIsRefused_IsGoneOnWithAfterTheObjectIsDeleted_WhateverIsInIt()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        Replace(world);
        world.Lvm.AddForeignVolume(
            TestWorld.Group, "pvc-of-before", 10, WellKnown.OurTag, WellKnown.ClaimTagPrefix + "0b0e9a52-0000-4000-8000-000000000001");
        world.Settle(Moment);
        Assert.Equal(StoragePhase.Failed, world.Storage!.Report.Phase);
        world.Delete(world.Storage);
        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Equal(StoragePhase.Ready, world.Storage!.Report.Phase);
    }

    [Fact]
    public void Claim_WhoseUnpublishedVolumeLayInAGroupThatWasReplaced_GoesElsewhere()
    {
        var world = new TestWorld((_, effect) =>
            effect is Effect.CallCluster { Request: ClusterRequest.Create { Type.Kind: "PersistentVolume" } } ? Fate.IsNotDone : Fate.Runs);
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Assert.Single(world.Lvm.Volumes);
        Replace(world);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Null(world.Claim("data")!.SelectedNode);
    }

    /// <summary>What became of the creation nobody knows any more; what the refusal tells a person to do has to end it.</summary>
    [Theory]
    [InlineData("delete", "Bound node-a")]
    [InlineData("declare lost", "Pending ")]
    public void Claim_WhoseCreationWasInDoubtInAGroupThatWasReplaced_GoesOnWhenAPersonGivesTheFirstUp(string does, string expected)
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.FateOf = (_, effect) =>
            effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume } ? Fate.IsNotDone : Fate.Runs;
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromSeconds(5));
        Replace(world);
        world.Settle(TimeSpan.FromMinutes(10));
        world.FateOf = (_, _) => Fate.Runs;
        Assert.Equal("node-a", world.Claim("data")!.SelectedNode);
        if (does == "delete")
        {
            world.Delete(world.Storage!);
        }
        else
        {
            world.Patch(world.Storage!, JsonMap.Of(("metadata", JsonMap.Of(
                ("annotations", JsonMap.Of((WellKnown.LostAnnotation, "true")))))));
        }

        world.Settle(TimeSpan.FromMinutes(10));
        var claim = world.Claim("data")!;
        Assert.Equal(expected, $"{claim.Phase} {claim.SelectedNode}");
    }

    private static NodeLocalStorageStatus Report(TestWorld world, string className)
    {
        var found = world.Server.Find(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped($"{className}.{world.Node}"));
        return ((NodeLocalStorage)found!).Report;
    }

    // The disk is taken out, and another one of this node with a group of that name put in its place.
    private static void Replace(TestWorld world)
    {
        world.Lvm.RemoveGroup(TestWorld.Group);
        world.Lvm.AddDisk("/dev/sdb", Bytes.FromGibibytes(10));
        var made = world.Lvm.Run(new NodeStorageRequest.CreateVolumeGroup(
            VolumeGroupName.Parse(TestWorld.Group),
            ExtentSize.Default,
            [new DiskToUse(DevicePath.Parse("/dev/sdb"), DiskId.Parse("serial-sdb"), Bytes.FromGibibytes(10), WipeSignatures: false)],
            [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.NodeTagPrefix + world.Node)]));
        Assert.True(made.IsDone, made.Message);
    }

    private static void MakeAgain(TestWorld world, Action make)
    {
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        make();
    }
}
