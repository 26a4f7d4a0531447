using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>What becomes of claims and volumes when something of theirs is changed, lost or taken away.</summary>
[Collection(nameof(SharedCluster))]
public sealed class ServedInSpiteTests(SharedCluster shared)
{
    [Fact]
    public async Task Claim_OfANodeThatIsGone_GoesToAnother()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        var lost = tenant.Nodes[0];
        await lost.KillAsync();
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilAsync("its node is chosen", async () => (await tenant.ClaimAsync("data"))!.SelectedNode == lost.Name.Value);
        await tenant.AddNodeAsync(tenant.Name + "-other");
        await tenant.DeleteAsync(ResourceTypes.Nodes, lost.Name.Value);
        await tenant.UntilServedAsync("data");
        Assert.NotEqual(lost.Name.Value, Assert.Single(tenant.LogicalVolumes()).Node);
    }

    [Fact]
    public async Task Node_ReplacedByAnotherMachineOfItsName_ServesNewClaims_AndIsNotTakenForTheOld()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("old", "1Gi");
        await tenant.UntilServedAsync("old");
        var old = tenant.Nodes[0];
        await old.KillAsync();
        tenant.Nodes.Remove(old);
        await tenant.DeleteAsync(ResourceTypes.Nodes, old.Name.Value);
        await tenant.AddNodeAsync(old.Name.Value, machine: "another-machine");
        await tenant.UntilEventAsync("PersistentVolumeClaim", "old", "LogicalVolumeMissing");
        await tenant.PodWithClaimAsync("new", "1Gi");
        await tenant.UntilServedAsync("new");
        Assert.Single(tenant.LogicalVolumes());
    }

    [Fact]
    public async Task Claim_DeletedHalfWay_LeavesNothing()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilAsync("its node is chosen", async () => (await tenant.ClaimAsync("data"))!.SelectedNode is not null);
        await tenant.DeletePodWithClaimAsync("data");
        await tenant.UntilAsync("the claim is gone", async () => await tenant.ClaimAsync("data") is null);
        await tenant.UntilEmptyAsync();
    }

    [Fact]
    public async Task Volume_ThatIsRetained_KeepsItsDataWhenItsObjectIsGone()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");
        var volume = Assert.Single(await tenant.VolumesAsync());
        await tenant.PatchAsync(ResourceTypes.PersistentVolumes, volume.Name, JsonMap.Of(
            ("spec", JsonMap.Of(("persistentVolumeReclaimPolicy", "Retain")))));
        await tenant.DeletePodWithClaimAsync("data");
        await tenant.UntilAsync("it is released", async () => Assert.Single(await tenant.VolumesAsync()).Phase == "Released");
        await tenant.DeleteAsync(ResourceTypes.PersistentVolumes, volume.Name);
        await tenant.UntilAsync("its object is gone", async () => (await tenant.VolumesAsync()).Count == 0);
        Assert.Equal(volume.Name, Assert.Single(tenant.LogicalVolumes()).Volume.Name.Value);
    }

    [Fact]
    public async Task Class_DeletedAndMadeAgain_ServesFromTheSameGroup()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("old", "1Gi");
        await tenant.UntilServedAsync("old");
        await tenant.DeleteAsync(ResourceTypes.StorageClasses, tenant.Name);
        await tenant.AddClassAsync();
        await tenant.PodWithClaimAsync("new", "1Gi");
        await tenant.UntilServedAsync("new");
        Assert.Equal(2, tenant.LogicalVolumes().Count);
        await tenant.DeletePodWithClaimAsync("old");
        await tenant.DeletePodWithClaimAsync("new");
        await tenant.UntilEmptyAsync();
    }

    [Fact]
    public async Task Namespace_DeletedWhileItsClaimsAreServed_LeavesNothing()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 2);
        await tenant.PodWithClaimAsync("served", "1Gi");
        await tenant.UntilServedAsync("served");
        await tenant.PodWithClaimAsync("under-way", "1Gi");
        await tenant.DeleteAsync(ResourceTypes.Namespaces, tenant.Name);

        // Nobody runs the Pods, so that nobody says that they have ended.
        await tenant.UntilAsync("every Pod is on its way out", async () =>
            (await tenant.AllAsync<Pod>(ResourceTypes.Pods)).All(pod => pod.IsBeingDeleted));
        foreach (var pod in await tenant.AllAsync<Pod>(ResourceTypes.Pods))
        {
            await shared.World.RetryAsync(new ClusterRequest.Delete(ResourceTypes.Pods, pod.Key) { GracePeriodSeconds = 0 });
        }

        await tenant.UntilEmptyAsync();
        await tenant.UntilAsync("the namespace is gone", async () => !(await shared.World.RetryAsync(
            new ClusterRequest.Get(ResourceTypes.Namespaces, ObjectKey.ClusterScoped(tenant.Name)))).IsDone);
    }

    [Fact]
    public async Task Claim_ThatGrows_HasALargerVolume_OrIsToldWhyNot()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");
        await GrowAsync(tenant, "3Gi");
        await tenant.UntilAsync("the volume has grown", async () => Assert.Single(await tenant.VolumesAsync()).Capacity == "3Gi");
        Assert.Equal(Bytes.FromGibibytes(3), Assert.Single(tenant.LogicalVolumes()).Volume.Size);

        await GrowAsync(tenant, "100Gi");
        await tenant.UntilEventAsync("PersistentVolumeClaim", "data", "VolumeResizeFailed");
        await tenant.UntilAsync("it is told", async () =>
            (await tenant.ClaimAsync("data"))!.Tree.Map("status")?.List("conditions")?.Maps().Any(condition =>
                condition.Text("type") == "ControllerResizeError" && condition.Text("reason") == "NoSpace") == true);
        Assert.Equal("3Gi", Assert.Single(await tenant.VolumesAsync()).Capacity);
    }

    [Theory]
    [InlineData("""{"nodeSelector": {}, "disk": {}}""", "WaitForFirstConsumer", "disk")]
    [InlineData("""{"nodeSelector": {}}""", "Immediate", "WaitForFirstConsumer")]
    public async Task Class_ThatIsWrong_IsToldOf_AndDisturbsNobody(string storage, string binding, string word)
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        var wrong = tenant.Name + "-wrong";
        await tenant.AddClassAsync(storage, wrong, binding);
        await tenant.UntilEventAsync("StorageClass", wrong, word);
        await tenant.DeleteAsync(ResourceTypes.StorageClasses, wrong);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");
    }

    [Fact]
    public async Task Agents_KilledWhileManyClaimsAreServed_MakeEachVolumeOnce()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 3);
        string[] names = [.. Enumerable.Range(0, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"many-{i}"))];
        foreach (var name in names)
        {
            await tenant.PodWithClaimAsync(name, "1Gi");
        }

        foreach (var node in tenant.Nodes)
        {
            await node.KillAsync();
            await node.StartAsync(shared.World.Cluster.Connection);
        }

        await tenant.UntilServedAsync(names);
        Assert.Equal(names.Length, tenant.LogicalVolumes().Count);
    }

    private static Task GrowAsync(Tenant tenant, string size) => tenant.PatchAsync(
        ResourceTypes.PersistentVolumeClaims, "data",
        JsonMap.Of(("spec", JsonMap.Of(("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size)))))))));
}
