using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Hosting.Up;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>
/// Whatever is wrong with a class: an Event of it names the key and the remedy, and a good claim beside it gets its volume all the same.
/// </summary>
public sealed class BadClassTests
{
    private const string Good = "good";

    [Theory]
    [InlineData("""{"nodeSelector": {}, "disk": {}}""", "disk", "")]
    [InlineData("""{"nodeSelector": {}, "disks": {"match": ["/dev/sd*"]}, "reserve": "much"}""", "reserve", "quantity")]
    [InlineData("""{"nodeSelector": {}, "wipe": "burn"}""", "wipe", "zero, discard and signatures")]
    [InlineData("""{"nodeSelector": {}, "layout": {"type": "raid9"}}""", "layout.type", "linear, striped, raid1 and thin")]
    [InlineData("""{"nodeSelector": {}, "volumeGroup": {"name": "no/slash"}}""", "volumeGroup.name", "no/slash")]
    [InlineData("""{"nodeSelector": {}, "volumeGroup": {"extentSize": "3Mi"}}""", "extentSize", "power of two")]
    [InlineData("""{"nodeSelector": {}, """, "localpv.io/storage", "")]
    public async Task Class_WithWrongParameters_IsToldOfByAnEventThatNamesTheKey(string parameters, string key, string remedy)
    {
        await using var world = await StartAsync();
        await world.ApplyAsync(Class("bad", parameters));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilEventAsync("StorageClass", "bad", key, remedy);
        await AssertOthersAreServedAsync(world);
        Assert.Equal("Pending", world.Claim("victim")!.Phase);
        Assert.DoesNotContain(world.All<NodeLocalStorage>(ResourceTypes.NodeLocalStorages), storage => storage.StorageClassName == "bad");
    }

    [Fact]
    public async Task Class_WithImmediateBinding_IsToldOfAndItsClaimsAreLeftAlone()
    {
        await using var world = await StartAsync();
        await world.ApplyAsync(Class("bad", """{"nodeSelector": {}}""").Replace(
            "WaitForFirstConsumer", "Immediate", StringComparison.Ordinal));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilEventAsync("StorageClass", "bad", "WaitForFirstConsumer");
        await AssertOthersAreServedAsync(world);
        Assert.Equal("Pending", world.Claim("victim")!.Phase);
        Assert.Single(world.LogicalVolumes());
    }

    private static async Task<UpWorld> StartAsync()
    {
        var world = await UpWorld.StartAsync(new UpOptions { Nodes = 2 });
        await world.ApplyAsync(UpWorld.FastClass);
        await world.UntilAsync("both nodes report", here =>
            here.Storage("fast", "node-1")?.Phase == "Ready" && here.Storage("fast", "node-2")?.Phase == "Ready");
        return world;
    }

    private static string Class(string name, string parameters) =>
        JsonMap.Of(
            ("apiVersion", "storage.k8s.io/v1"),
            ("kind", "StorageClass"),
            ("metadata", JsonMap.Of(("name", name))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", "WaitForFirstConsumer"),
            ("parameters", JsonMap.Of((WellKnown.StorageParameter, parameters)))).ToString()!;

    private static async Task AssertOthersAreServedAsync(UpWorld world)
    {
        await world.ApplyAsync(UpWorld.PodWithClaim(Good, "1Gi"));
        await world.UntilRunsAsync(Good);
        Assert.Equal("Bound", world.Claim(Good)!.Phase);
    }
}
