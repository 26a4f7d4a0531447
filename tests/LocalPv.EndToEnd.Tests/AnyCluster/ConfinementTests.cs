using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// Agents under the shipped admission policy, over HTTP with tokens of their own: each does all of its work for its node, and nothing for
/// another. The API server of the cluster that <c>LOCALPV_E2E_KUBECONFIG</c> names judges for itself; the embedded one asks the tests' own
/// reading of the policy.
/// </summary>
[Collection(nameof(SharedCluster))]
public sealed class ConfinementTests(SharedCluster shared)
{
    private const string Mine = "confined-1";
    private const string Other = "confined-2";

    [Fact]
    public async Task Agent_WithItsOwnToken_ServesItsNode_AndIsRefusedEveryWriteForAnother()
    {
        var own = await shared.World.Cluster.ConfinesAgentsAsync() ? null : await InnerCluster.StartAsync(Mine, Other);
        await using var ownWorld = own is null ? null : await ClusterWorld.StartAsync(own);
        var world = ownWorld ?? shared.World;
        await using var tenant = await Tenant.StartAsync(world, nodes: 0);
        await tenant.AddNodeAsync(Mine);
        await tenant.UntilReportedAsync();
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");
        await tenant.UntilAsync("its capacity is published", async () =>
            (await world.AllAsync<KubernetesObject>(ResourceTypes.CsiStorageCapacities, "localpv-system"))
            .Any(capacity => capacity.Tree.Text("storageClassName") == tenant.Name));

        await tenant.CreateAsync(ResourceTypes.Nodes, PlainObjects.Node(Other, "nobody"));
        using var other = new HttpClusterApi(await world.Cluster.ConnectAgentAsync(Other), TimeProvider.System);
        using var nameless = new HttpClusterApi(await world.Cluster.ConnectAgentAsync(null), TimeProvider.System);
        for (var i = 0; i < (await WritesAsync(tenant)).Count; i++)
        {
            await RefusedAsync(tenant, i, other, "the node of this agent");
            await RefusedAsync(tenant, i, nameless, "token names no node");
        }

        // None of it left a trace: the claim grows, and all of it goes, by the hands of the agent whose node it is.
        await tenant.PatchAsync(ResourceTypes.PersistentVolumeClaims, "data", Json("""
            {"spec":{"resources":{"requests":{"storage":"2Gi"}}}}
            """));
        await tenant.UntilAsync("its volume has grown", async () =>
            Assert.Single(await tenant.VolumesAsync()).Tree.At("spec", "capacity", "storage") is JsonText { Value: "2Gi" });
        await tenant.DeletePodWithClaimAsync("data");
        await tenant.UntilEmptyAsync();
        await tenant.DeleteAsync(ResourceTypes.Nodes, Other);
    }

    // What the agent of a node writes, each as its own would be.
    private static async Task<IReadOnlyList<ClusterRequest>> WritesAsync(Tenant tenant)
    {
        var storage = (await tenant.AllAsync<NodeLocalStorage>(ResourceTypes.NodeLocalStorages))
            .Single(found => found.StorageClassName == tenant.Name);
        var volume = Assert.Single(await tenant.VolumesAsync());
        var claim = (await tenant.ClaimAsync("data"))!;
        var capacity = new ObjectKey("localpv-system", storage.Name);
        var label = JsonMap.Of((WellKnown.NodeLabel, Mine));
        var mark = Json("""{"metadata":{"annotations":{"localpv.io/e2e":"x"}}}""");
        return
        [
            new ClusterRequest.Create(ResourceTypes.NodeLocalStorages, "", JsonMap.Of(
                ("apiVersion", storage.Type.ApiVersion),
                ("kind", storage.Type.Kind),
                ("metadata", JsonMap.Of(("name", tenant.Name + ".new"), ("labels", label))),
                ("spec", storage.Spec))),
            new ClusterRequest.Patch(storage.Type, storage.Key, mark),
            new ClusterRequest.Replace(storage.Type, storage.Key, storage.Tree.WithAt(["status", "free"], "1Ei"), "status"),
            new ClusterRequest.Create(ResourceTypes.CsiStorageCapacities, "localpv-system", JsonMap.Of(
                ("apiVersion", ResourceTypes.CsiStorageCapacities.ApiVersion),
                ("kind", ResourceTypes.CsiStorageCapacities.Kind),
                ("metadata", JsonMap.Of(("name", tenant.Name + "-new"), ("namespace", "localpv-system"), ("labels", label))),
                ("storageClassName", tenant.Name),
                ("capacity", "1Ei"))),
            new ClusterRequest.Patch(ResourceTypes.CsiStorageCapacities, capacity, Json("""{"capacity":"1Ei"}""")),
            new ClusterRequest.Delete(ResourceTypes.CsiStorageCapacities, capacity),
            new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", volume.Tree.With("status", null).With("metadata", JsonMap.Of(
                ("name", tenant.Name + "-new"), ("labels", label)))),
            new ClusterRequest.Patch(volume.Type, volume.Key, Json("""{"metadata":{"finalizers":null}}""")),
            new ClusterRequest.Delete(volume.Type, volume.Key),
            new ClusterRequest.Patch(claim.Type, claim.Key, Json(
                """{"metadata":{"annotations":{"volume.kubernetes.io/selected-node":null}}}""")),
            new ClusterRequest.Patch(claim.Type, claim.Key, Json("""{"status":{"capacity":{"storage":"1Ei"}}}"""), "status"),
        ];
    }

    private static async Task RefusedAsync(Tenant tenant, int number, HttpClusterApi api, string words)
    {
        var write = (await WritesAsync(tenant))[number];
        var outcome = await api.SendAsync(write, CancellationToken.None);
        // Its agent may have written in between.
        for (var i = 0; i < 10 && outcome.Kind == OutcomeKind.Conflict; i++)
        {
            outcome = await api.SendAsync((await WritesAsync(tenant))[number], CancellationToken.None);
        }

        Assert.True(outcome.Kind == OutcomeKind.Rejected, $"{write}: {outcome.Kind} {outcome.Message}");
        Assert.Contains("'localpv-agent-own-node' denied request", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Message, StringComparison.Ordinal);
    }

    private static JsonMap Json(string text) => (JsonMap)JsonTree.Parse(text);
}
