using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.PersistentVolumes;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Claims and volumes: what the recordings do not show.</summary>
public sealed class PersistentVolumeControllerTests
{
    [Fact]
    public void ImmediateClaim_StaticVolumes_TakesTheSmallestThatFits()
    {
        var world = StaticWorld();
        foreach (var (name, size) in new[] { ("large", "9Gi"), ("small", "1Gi"), ("right", "3Gi") })
        {
            world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume(name, "static", size, "n1"));
        }

        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(20);

        var claim = world.Claim("c")!;
        Assert.Equal(("Bound", "right"), (claim.Phase, claim.VolumeName));
        Assert.Equal((claim.Uid, "Bound"), (world.Volume("right")!.ClaimUid, world.Volume("right")!.Phase));
        Assert.Equal("yes", world.Volume("right")!.Annotation(WellKnown.BoundByControllerAnnotation));
        Assert.Equal("3Gi", ((JsonText)claim.Tree.At("status", "capacity", "storage")!).Value);
        Assert.Equal(["Available", "Available"], new[] { "large", "small" }.Select(name => world.Volume(name)!.Phase));
    }

    [Fact]
    public void Binding_OfAFreeVolume_IsFourWritesInOrder()
    {
        var world = StaticWorld();
        world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume("v", "static", "3Gi", "n1"));
        world.Run(1);
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        var before = world.History.Count;
        world.Run(1);

        var writes = world.History.Skip(before).Select(change => change.Object)
            .Where(seen => seen is PersistentVolume or PersistentVolumeClaim)
            .Select(seen => seen is PersistentVolume volume
                ? $"volume {volume.Phase} {volume.ClaimUid.Length > 0}"
                : $"claim {((PersistentVolumeClaim)seen).Phase} {((PersistentVolumeClaim)seen).VolumeName}");
        Assert.Equal(["volume Available True", "volume Bound True", "claim Pending v", "claim Bound v"], writes);
    }

    [Fact]
    public void Claim_NamingAVolume_IsBoundToItByTheUser()
    {
        var world = StaticWorld();
        world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume("v", "static", "3Gi", "n1"));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi", volumeName: "v"));
        world.Run(20);

        Assert.Equal("Bound", world.Claim("c")!.Phase);
        Assert.Null(world.Claim("c")!.Annotation(WellKnown.BoundByControllerAnnotation));
        Assert.Equal("yes", world.Claim("c")!.Annotation(WellKnown.BindCompletedAnnotation));
    }

    [Fact]
    public void Volume_VanishedUnderItsClaim_MakesItLost()
    {
        var world = StaticWorld();
        world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume("v", "static", "3Gi", "n1"));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(20);
        world.Delete(ResourceTypes.PersistentVolumes, "v");
        world.Run(5);
        Assert.True(world.Volume("v")!.IsBeingDeleted);

        world.Patch(ResourceTypes.PersistentVolumes, "v", JsonMap.Of(("metadata", JsonMap.Of(("finalizers", JsonNull.Instance)))));
        world.Run(5);

        Assert.Equal("Lost", world.Claim("c")!.Phase);
        Assert.Contains("ClaimLost", world.EventsAbout("c"));
    }

    [Fact]
    public void Claim_OfRetainedVolume_LeavesItReleasedForGood()
    {
        var world = StaticWorld();
        world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume("v", "static", "3Gi", "n1", reclaim: "Retain"));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(20);
        world.Delete(ResourceTypes.PersistentVolumeClaims, "c");
        world.Run(60);
        Assert.Equal("Released", world.Volume("v")!.Phase);

        // A new claim of the same name is another claim.
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(60);
        Assert.Equal(("Released", "Pending"), (world.Volume("v")!.Phase, world.Claim("c")!.Phase));
    }

    [Fact]
    public void Claim_ReplacedByAnotherOfItsName_ReleasesTheVolumeOfTheFirst()
    {
        var world = StaticWorld();
        world.Create(ResourceTypes.PersistentVolumes, TestObjects.Volume("v", "static", "3Gi", "n1", reclaim: "Retain"));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(20);
        Assert.Equal("Bound", world.Volume("v")!.Phase);

        world.Delete(ResourceTypes.PersistentVolumeClaims, "c");
        world.Patch(ResourceTypes.PersistentVolumeClaims, "c", JsonMap.Of(("metadata", JsonMap.Of(("finalizers", JsonNull.Instance)))));
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi"));
        world.Run(20);

        Assert.Equal(("Released", "Pending"), (world.Volume("v")!.Phase, world.Claim("c")!.Phase));
    }

    [Fact]
    public void Claim_ProvisionedTwice_KeepsOneVolumeAndReleasesTheOther()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, TestObjects.Pod("p", "c"));
        StatefulSetTests.AwaitRunning(world, 1);
        var claim = world.Claim("c")!;

        world.Provisions = false;
        world.Create(
            ResourceTypes.PersistentVolumes,
            TestObjects.Volume("twice", "local", "1Gi", "n1", claim.Key, claim.Uid, ClusterWorld.Provisioner));
        world.Run(20);

        Assert.Equal("Released", world.Volume("twice")!.Phase);
        Assert.Equal("Bound", world.Volume(claim.VolumeName)!.Phase);
    }

    [Fact]
    public void Claim_WithoutClass_GetsTheDefaultClass()
    {
        var world = StaticWorld();
        world.Create(
            ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "static", "2Gi").WithAt(["spec", "storageClassName"], null));
        world.Run(1);
        Assert.Null(world.Claim("c")!.StorageClassName);

        world.Patch(ResourceTypes.StorageClasses, "static", JsonMap.Empty.WithAt(
            ["metadata", "annotations", "storageclass.kubernetes.io/is-default-class"], "true"));
        world.Run(16);
        Assert.Equal("static", world.Claim("c")!.StorageClassName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Volume_MadeBeforeItsClaimIsSeen_IsReleasedOnlyByAControllerThatDoesNotAsk(bool asks)
    {
        // The copy of the claims lags behind by seconds: the volume is seen first.
        var world = new ClusterWorld(["n1"], options: new ControlPlaneOptions
        {
            PersistentVolumes = new PersistentVolumeControllerOptions { AsksBeforeRelease = asks },
        })
        {
            Provisions = false,
        };
        world.Run(2);
        world.Driver.Holds = (agent, type) => agent.Name == "persistentvolume-controller" && type == ResourceTypes.PersistentVolumeClaims;
        var claim = world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "local", "1Gi"));
        world.Create(
            ResourceTypes.PersistentVolumes,
            TestObjects.Volume("v", "local", "1Gi", "n1", claim.Key, claim.Uid, ClusterWorld.Provisioner));
        world.Run(2);
        Assert.Equal(asks ? "Pending" : "Released", world.Volume("v")!.Phase);

        world.Driver.Holds = static (_, _) => false;
        world.Run(20);
        Assert.Equal("Bound", world.Volume("v")!.Phase);
        Assert.Equal(!asks, world.History.Any(change => change.Object is PersistentVolume { Phase: "Released" }));
    }

    private static ClusterWorld StaticWorld()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.StorageClasses, TestObjects.Class("static", "kubernetes.io/no-provisioner", "Immediate"));
        world.Run(1);
        return world;
    }
}
