using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>What the definition of NodeLocalStorage refuses, in the words of its schema and its rules.</summary>
[Collection(nameof(SharedCluster))]
public sealed class DefinitionTests(SharedCluster shared)
{
    private static readonly string Name = "e2e-" + Guid.NewGuid().ToString("n")[..8];

    [Theory]
    [InlineData("""{"layout":{"type":"linear","stripes":2}}""", "stripes belong to the layout striped")]
    [InlineData("""{"layout":{"type":"striped","mirrors":2}}""", "mirrors belong to the layout raid1")]
    [InlineData("""{"layout":{"type":"raid1","overprovisionPercent":150}}""", "overprovisionPercent belongs to the layout thin")]
    [InlineData("""{"layout":{"type":"raid7"}}""", "raid7")]
    [InlineData("""{"reserve":"ten"}""", "spec.reserve")]
    [InlineData("""{"wipe":"maybe"}""", "maybe")]
    [InlineData("""{"volumeGroup":null}""", "spec.volumeGroup")]
    public async Task Create_OfWhatNoAgentWouldUnderstand_IsRefused(string spec, string word)
    {
        var outcome = await CreateAsync(Name + ".bad", spec);
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains(word, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", """{"layout":{"type":"raid1"}}""", "the layout cannot be changed")]
    [InlineData("""{"layout":{"type":"raid1","mirrors":1}}""", """{"layout":null}""", "the layout cannot be changed")]
    [InlineData("""{"layout":{"type":"raid1","mirrors":1}}""", """{"layout":{"mirrors":2}}""", "the layout cannot be changed")]
    [InlineData("{}", """{"nodeName":"other"}""", "the node cannot be changed")]
    [InlineData("{}", """{"storageClassName":"other"}""", "the class cannot be changed")]
    [InlineData("{}", """{"reserve":"5Gi","disks":{"match":["/dev/sd*"]}}""", "")]
    [InlineData("{}", """{"layout":{"type":"linear"}}""", "")]
    public async Task Change_OfWhatIsFixed_IsRefused_AndOfTheRestIsNot(string spec, string change, string words)
    {
        var name = $"{Name}.{Guid.NewGuid():n}";
        var made = await CreateAsync(name, spec);
        Assert.True(made.IsDone, made.Message);
        var key = ObjectKey.ClusterScoped(name);
        var patch = JsonMap.Of(("spec", JsonTree.Parse(change)));
        var outcome = await shared.World.RetryAsync(new ClusterRequest.Patch(ResourceTypes.NodeLocalStorages, key, patch));
        Assert.Equal(words.Length == 0 ? OutcomeKind.Done : OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains(words, outcome.Message, StringComparison.Ordinal);
        await shared.World.RetryAsync(new ClusterRequest.Delete(ResourceTypes.NodeLocalStorages, key));
    }

    private async Task<Outcome<ClusterAnswer>> CreateAsync(string name, string spec)
    {
        var whole = (JsonMap)JsonMergePatch.Apply(
            JsonTree.Parse("""{"storageClassName":"e2e-none","nodeName":"e2e-none","volumeGroup":{"name":"e2e"}}"""), JsonTree.Parse(spec));
        return await shared.World.RetryAsync(new ClusterRequest.Create(ResourceTypes.NodeLocalStorages, "", JsonMap.Of(
            ("apiVersion", ResourceTypes.NodeLocalStorages.ApiVersion),
            ("kind", ResourceTypes.NodeLocalStorages.Kind),
            ("metadata", JsonMap.Of(("name", name))),
            ("spec", whole))));
    }
}
