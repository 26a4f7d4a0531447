using System.Diagnostics;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using Xunit.Abstractions;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>A claim's way from its Pod to its volume and back, whatever kind of claim it is and whoever uses it.</summary>
[Collection(nameof(SharedCluster))]
public sealed class ServedTests(SharedCluster shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Claim_OfAPod_IsServedWhereThePodIsSent_AndLeavesNothingWhenItIsDeleted()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 2);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");

        // In use until its Pod is gone.
        await tenant.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "data");
        Assert.Equal("Bound", (await tenant.ClaimAsync("data"))!.Phase);
        await tenant.DeleteAsync(ResourceTypes.Pods, "data");
        await tenant.UntilEmptyAsync();
        await tenant.UntilAsync("the claim is gone", async () => await tenant.ClaimAsync("data") is null);
    }

    [Fact]
    public async Task Pod_WithoutAClaim_IsScheduled()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodAsync("nothing", []);
        await tenant.UntilServedAsync("nothing");
    }

    [Fact]
    public async Task Pod_ThatNamesItsNode_IsServedThere()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 2);
        await tenant.ClaimAsync("data", "1Gi");
        await tenant.PodAsync("direct", ["data"], node: tenant.Nodes[1].Name.Value);
        await tenant.UntilServedAsync("direct");
        Assert.Equal(tenant.Nodes[1].Name.Value, Assert.Single(tenant.LogicalVolumes()).Node);
    }

    [Fact]
    public async Task EphemeralVolume_IsServed_AndGoesWithItsPod()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.CreateAsync(ResourceTypes.Pods, Deploy.PlainObjects.Pod("scratch", tenant.Name).WithAt(
            ["spec", "volumes"],
            JsonTree.Parse(
                $$$$$"""
                [{"name":"v","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],
                  "storageClassName":"{{{{{tenant.Name}}}}}","resources":{"requests":{"storage":"1Gi"} } } } } }]
                """)));
        await tenant.UntilServedAsync("scratch");
        await tenant.DeleteAsync(ResourceTypes.Pods, "scratch");
        await tenant.UntilEmptyAsync();
    }

    [Fact]
    public async Task Claim_OfSeveralPods_BringsThemToItsNode()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 3);
        await tenant.ClaimAsync("shared", "1Gi");
        await tenant.PodAsync("one", ["shared"]);
        await tenant.PodAsync("two", ["shared"]);
        await tenant.UntilServedAsync("one", "two");
        Assert.Single(tenant.LogicalVolumes());
    }

    [Fact]
    public async Task Claims_OfWhichOneIsBoundAlready_AreServedOnItsNode()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 3);
        await tenant.ClaimAsync("left", "1Gi");
        await tenant.PodAsync("first", ["left"], node: tenant.Nodes[2].Name.Value);
        await tenant.UntilServedAsync("first");
        await tenant.DeleteAsync(ResourceTypes.Pods, "first");
        await tenant.ClaimAsync("right", "2Gi");
        await tenant.PodAsync("pair", ["left", "right"]);
        await tenant.UntilServedAsync("pair");
        Assert.Equal(tenant.Nodes[2].Name.Value, (await tenant.PodAsync("pair"))!.NodeName);
    }

    [Fact]
    public async Task RawBlockVolume_IsServedAsOne()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.ClaimAsync("raw", "1Gi", block: true);
        await tenant.PodAsync("raw", ["raw"], block: true);
        await tenant.UntilServedAsync("raw");
        Assert.Equal("Block", Assert.Single(await tenant.VolumesAsync()).Tree.Map("spec")!.Text("volumeMode"));
    }

    [Fact]
    public async Task ClaimOfOnePodAtATime_KeepsTheSecondPodWaiting()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.ClaimAsync("mine", "1Gi", mode: "ReadWriteOncePod");
        await tenant.PodAsync("one", ["mine"]);
        await tenant.UntilServedAsync("one");
        await tenant.PodAsync("two", ["mine"]);
        await tenant.UntilWaitingAsync("two", "ReadWriteOncePod");
        await tenant.DeleteAsync(ResourceTypes.Pods, "one");
        await tenant.UntilServedAsync("two");
    }

    [Fact]
    public async Task Claim_ThatFindsNoRoom_IsToldWhy_AndServedWhenThereIs()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        await tenant.PodWithClaimAsync("big", "10Gi");
        await tenant.UntilServedAsync("big");
        await tenant.PodWithClaimAsync("late", "10Gi");
        await tenant.UntilWaitingAsync("late", "not enough space");
        await tenant.DeletePodWithClaimAsync("big");
        var freed = Stopwatch.GetTimestamp();
        await tenant.UntilServedAsync("late");

        // By itself the scheduler would look again after five minutes.
        var waited = Stopwatch.GetElapsedTime(freed);
        output.WriteLine(FormattableString.Invariant($"served {waited.TotalSeconds:0.0} s after its space was to come free"));
        Assert.True(waited < TimeSpan.FromMinutes(1), $"{waited}");
    }

    [Fact]
    public async Task Claim_SentToANodeThatIsFull_GoesToAnother()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 1);
        tenant.Nodes[0].FillBehindTheAgent();
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilAsync("it was given back", async () =>
            (await tenant.ClaimAsync("data"))!.Annotation(WellKnown.FailedOnAnnotation) is { } failed
                && failed.Contains("NoSpace", StringComparison.Ordinal));
        await tenant.UntilEventAsync("PersistentVolumeClaim", "data", "NoSpace");
        var other = await tenant.AddNodeAsync(tenant.Name + "-other");
        await tenant.UntilServedAsync("data");
        Assert.Equal(other.Name.Value, Assert.Single(tenant.LogicalVolumes()).Node);
    }

    [Fact]
    public async Task CapacityObjects_SayWhatIsLeft()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 2);
        async Task<string?[]> LeftAsync() =>
        [
            .. (await shared.World.AllAsync<KubernetesObject>(ResourceTypes.CsiStorageCapacities, "localpv-system"))
                .Where(found => found.Tree.Text("storageClassName") == tenant.Name)
                .Select(found => found.Tree.Text("capacity")).Order(StringComparer.Ordinal),
        ];
        await tenant.UntilAsync("both have one", async () => (await LeftAsync()).Length == 2);
        var before = await LeftAsync();
        Assert.Equal(before[0], before[1]);
        await tenant.PodWithClaimAsync("data", "1Gi");
        await tenant.UntilServedAsync("data");
        await tenant.UntilAsync("one of them is smaller", async () => (await LeftAsync()) is [var one, var two] && one != two);
    }

    [Fact]
    public async Task StatefulSet_OfPodsThatMustBeApart_IsServed()
    {
        await using var tenant = await Tenant.StartAsync(shared.World, nodes: 2);
        await tenant.CreateAsync(StatefulSets, (JsonMap)JsonTree.Parse(
            $$$$$"""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","namespace":"{{{{{tenant.Name}}}}}"},
             "spec":{"replicas":2,"serviceName":"db","podManagementPolicy":"Parallel","selector":{"matchLabels":{"app":"db"}},
              "template":{"metadata":{"labels":{"app":"db"}},"spec":{"tolerations":[{"operator":"Exists"}],
               "containers":[{"name":"c","image":"registry.k8s.io/pause:3.10","volumeMounts":[{"name":"data","mountPath":"/data"}]}],
               "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
                {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"db"}}}]}}}},
              "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
               "storageClassName":"{{{{{tenant.Name}}}}}","resources":{"requests":{"storage":"1Gi"}}}}]}}
            """));
        await tenant.UntilServedAsync("db-0", "db-1");
        Assert.Equal(2, tenant.LogicalVolumes().Select(made => made.Node).Distinct(StringComparer.Ordinal).Count());
    }

    private static ResourceType StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet", true);
}
