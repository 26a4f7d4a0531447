using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Up;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>What becomes of volumes after they were made.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Claim_ThatIsDeleted_TakesItsVolumeAndItsLogicalVolumeWithItAndGivesTheSpaceBack()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { Nodes = 1 });
        await world.ApplyAsync(UpWorld.FastClass);
        await world.ApplyAsync(UpWorld.PodWithClaim("first", "30Gi"));
        await world.UntilRunsAsync("first");
        await world.ApplyAsync(UpWorld.PodWithClaim("second", "30Gi"));
        await world.UntilAsync("the second finds no room", here =>
            here.WhyWaiting("second").Contains("not enough space", StringComparison.Ordinal));
        Assert.Single(world.LogicalVolumes());

        // The claim goes only after its Pod: it is in use until then.
        await world.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "first");
        Assert.NotNull(world.Claim("first"));
        await world.DeleteAsync(ResourceTypes.Pods, "first");

        await world.UntilAsync("the first volume is gone", here => here.Claim("first") is null);
        await world.UntilRunsAsync("second");
        var left = Assert.Single(world.All<PersistentVolume>(ResourceTypes.PersistentVolumes));
        Assert.Equal("second", left.ClaimKey!.Value.Name);
        Assert.Equal([left.Name], world.LogicalVolumes());
    }

    [Fact]
    public async Task Deployment_WithAClaim_RunsAndComesBackOnTheNodeOfItsVolume()
    {
        await using var world = await UpWorld.StartReadyAsync();
        await world.ApplyAsync(
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: fast
              resources: {requests: {storage: 2Gi}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 1
              strategy: {type: Recreate}
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers: [{name: c, image: pause}]
                  volumes:
                    - name: v
                      persistentVolumeClaim: {claimName: data}
            """);
        static Pod? Running(UpWorld here) => here.All<Pod>(ResourceTypes.Pods)
            .FirstOrDefault(pod => pod.Phase == "Running" && !pod.IsBeingDeleted);
        await world.UntilAsync("its Pod runs", here => Running(here) is not null);
        var first = Running(world)!;

        await world.DeleteAsync(ResourceTypes.Pods, first.Name);

        await world.UntilAsync("another Pod runs", here => Running(here) is { } pod && pod.Uid != first.Uid);
        Assert.Equal(first.NodeName, Running(world)!.NodeName);
        Assert.Single(world.LogicalVolumes());
    }

    [Fact]
    public async Task DatabasePods_ThatMustBeApart_GetAVolumeOnANodeEach()
    {
        await using var world = await UpWorld.StartReadyAsync();
        await world.ApplyAsync(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              replicas: 2
              serviceName: db
              podManagementPolicy: Parallel
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec:
                  containers: [{name: c, image: pause}]
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        - topologyKey: kubernetes.io/hostname
                          labelSelector: {matchLabels: {app: db}}
              volumeClaimTemplates:
                - metadata: {name: data}
                  spec:
                    accessModes: [ReadWriteOnce]
                    storageClassName: fast
                    resources: {requests: {storage: 1Gi}}
            """);

        await world.UntilRunsAsync("db-0", "db-1");
        Assert.NotEqual(world.Pod("db-0")!.NodeName, world.Pod("db-1")!.NodeName);
    }

    [Fact]
    public async Task Agent_OfANodeWhoseSpaceIsAllTaken_SaysSoAndOthersServe()
    {
        await using var world = await UpWorld.StartReadyAsync();
        var taken = world.Session.Cluster.Nodes[0].FillBehindTheAgent(Core.Identity.VolumeGroupName.Parse("fast"));
        Assert.NotNull(taken);

        foreach (var name in (string[])["a", "b", "c"])
        {
            await world.ApplyAsync(UpWorld.PodWithClaim(name, "1Gi"));
        }

        await world.UntilRunsAsync("a", "b", "c");
        Assert.All((string[])["a", "b", "c"], name => Assert.Equal("node-2", world.Pod(name)!.NodeName));
    }
}
