using LocalPv.Core.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>
/// Whatever is wrong with a class: an Event of it names the key and the remedy, and a good claim beside it gets its volume all the same.
/// </summary>
public sealed class BadClassTests
{
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
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.Class("bad", parameters));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilEventAsync("StorageClass", "bad", key, remedy);
        await world.AssertOthersAreServedAsync();
        Assert.Equal("Pending", world.Claim("victim")!.Phase);
        Assert.DoesNotContain(world.All<NodeLocalStorage>(ResourceTypes.NodeLocalStorages), storage => storage.StorageClassName == "bad");
    }

    [Fact]
    public async Task Class_WithImmediateBinding_IsToldOfAndItsClaimsAreLeftAlone()
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.Class("bad", """{"nodeSelector": {}}""").Replace(
            "WaitForFirstConsumer", "Immediate", StringComparison.Ordinal));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilEventAsync("StorageClass", "bad", "WaitForFirstConsumer");
        await world.AssertOthersAreServedAsync();
        Assert.Equal("Pending", world.Claim("victim")!.Phase);
        Assert.Equal(2, world.LogicalVolumes().Count);
    }
}
