using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Bound claims that do not say any more which node they are on, as a backup may put them back.</summary>
public sealed class StrayClaimTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("node-z", false)]
    public void Claim_BoundHereButSelectingAnother_StillGrows(string? selected, bool restarts)
    {
        var world = new TestWorld();
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        world.PersonActs = true;
        world.Patch(world.Claim("data")!, JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Empty.With(
            WellKnown.SelectedNodeAnnotation, selected is null ? JsonNull.Instance : new JsonText(selected)))))));
        world.PersonActs = false;
        if (restarts)
        {
            world.Crash();
        }

        world.Settle(TimeSpan.FromMinutes(1));
        world.Patch(world.Claim("data")!, JsonMap.Of(("spec", JsonMap.Of(
            ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", "3Gi")))))))));

        world.Settle(TimeSpan.FromMinutes(1));

        Assert.Equal(Bytes.FromGibibytes(3), Assert.Single(world.Lvm.Volumes).Volume.Size);
        Assert.Equal("3Gi", Assert.Single(world.Volumes).Capacity);
    }

    /// <summary>As every claim is that others bind at once: no agent keeps them, or each would keep the whole cluster's.</summary>
    [Fact]
    public void Claim_ThatAnotherProvisionerHasBound_IsNotLookedAfter()
    {
        var world = new TestWorld();
        world.AddClass();
        var claim = (PersistentVolumeClaim)world.Seed(
            ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("theirs", "1Gi", null, "standard"));
        world.Patch(claim, JsonMap.Of(
            ("metadata", JsonMap.Of(("annotations", JsonMap.Of((WellKnown.StorageProvisionerAnnotation, "ebs.csi.aws.com"))))),
            ("spec", JsonMap.Of(("volumeName", "pvc-" + claim.Uid)))));
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.True(world.Agent.IsSynced);
        Assert.Equal(0, world.Agent.Figures.Volumes);
    }

    /// <summary>No watch of this node's tells when it goes: it would hold up the end of the group of the same name here.</summary>
    [Fact]
    public void Volume_OfAnotherNodeThatWasMetOnce_IsNotLookedAfter()
    {
        TestWorld? world = null;
        KubernetesObject? there = null;
        world = new TestWorld((_, effect) =>
        {
            if (effect is Effect.CallCluster { Request: ClusterRequest.Create { Type.Kind: "PersistentVolume" } })
            {
                there ??= OnNodeZ(world!);
            }

            return Fate.Runs;
        })
        { PersonActs = true };
        world.AddClass();
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Contains("VolumeElsewhere", world.EventReasons);
        world.Delete(there!);
        world.Delete(world.Claim("data")!);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Null(world.Storage);
    }

    private static KubernetesObject OnNodeZ(TestWorld world)
    {
        var name = "pvc-" + world.Claim("data")!.Uid;
        var affinity = JsonMap.Of(("matchExpressions", JsonList.Of(JsonMap.Of(
            ("key", WellKnown.HostNameLabel), ("operator", "In"), ("values", JsonList.Of("node-z"))))));
        return world.Seed(ResourceTypes.PersistentVolumes, JsonMap.Of(
            ("metadata", JsonMap.Of(
                ("name", name),
                ("labels", JsonMap.Of((WellKnown.NodeLabel, "node-z"))),
                ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, WellKnown.DefaultProvisioner))))),
            ("spec", JsonMap.Of(
                ("capacity", JsonMap.Of(("storage", "1Gi"))),
                ("accessModes", JsonList.Of("ReadWriteOnce")),
                ("local", JsonMap.Of(("path", $"/dev/{TestWorld.Group}/{name}"))),
                ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(affinity))))))))));
    }
}
