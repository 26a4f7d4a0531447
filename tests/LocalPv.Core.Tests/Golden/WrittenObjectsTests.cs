using System.Text;
using System.Text.RegularExpressions;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Golden;

/// <summary>The objects and patches that a node's agent writes, as they go to the API server.</summary>
public sealed partial class WrittenObjectsTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    private readonly TestWorld _world = new();

    public WrittenObjectsTests()
    {
        _world.AddClass(reserve: "1Gi");
        _world.Settle(Moment);
        _world.AddClaim("data", "1Gi");
        _world.Settle(Moment);
    }

    [Fact]
    public void NodeLocalStorage_AsItIsMade() => Check("nodelocalstorage.create", request =>
        request is ClusterRequest.Create { Type.Kind: "NodeLocalStorage" });

    [Fact]
    public void NodeLocalStorage_AsItIsReported() => Check("nodelocalstorage.status", request =>
        request is ClusterRequest.Replace { Type.Kind: "NodeLocalStorage", Subresource: "status" });

    [Fact]
    public void PersistentVolume_AsItIsMade() =>
        Check("persistentvolume.create", request => request is ClusterRequest.Create { Type.Kind: "PersistentVolume" });

    [Fact]
    public void CsiStorageCapacity_AsItIsMadeAndChanged()
    {
        Check("csistoragecapacity.create", request => request is ClusterRequest.Create { Type.Kind: "CSIStorageCapacity" });
        Check("csistoragecapacity.patch", request => request is ClusterRequest.Patch { Type.Kind: "CSIStorageCapacity" });
    }

    [Fact]
    public void Claim_AsItIsGivenBack()
    {
        _world.Lvm.AddForeignVolume(TestWorld.Group, "foreign", 2303);
        _world.AddClaim("more", "1Gi");
        _world.Settle(Moment);
        Check("persistentvolumeclaim.release", request => request is ClusterRequest.Patch { Type.Kind: "PersistentVolumeClaim" });
    }

    [Fact]
    public void PersistentVolume_AsItIsLetGo()
    {
        _world.Delete(_world.Claim("data")!);
        _world.Settle(Moment);
        Check("persistentvolume.release", request =>
            request is ClusterRequest.Patch { Type.Kind: "PersistentVolume" } or ClusterRequest.Delete { Type.Kind: "PersistentVolume" });
    }

    // The last request of the kind.
    private void Check(string name, Func<ClusterRequest, bool> isMeant)
    {
        var request = _world.History.OfType<Effect.CallCluster>().Select(call => call.Request).Last(isMeant);
        var (verb, key, body) = request switch
        {
            ClusterRequest.Create create => ("create", create.Namespace, create.Body),
            ClusterRequest.Replace replace => ("replace", $"{replace.Key} {replace.Subresource}".TrimEnd(), replace.Body),
            ClusterRequest.Patch patch => ("merge-patch", $"{patch.Key} {patch.Subresource}".TrimEnd(), patch.Changes),
            ClusterRequest.Delete delete => ("delete", $"{delete.Key} uid={delete.Uid}", JsonMap.Empty),
            _ => throw new InvalidOperationException($"{request} is not expected here."),
        };
        var text = new StringBuilder($"# {verb} {request.Resource.Plural} {key}".TrimEnd()).Append('\n');
        text.Append(body.Count == 0 ? "" : YamlText.Of(body));
        GoldenFile.Check("LocalPv.Core.Tests", name + ".yaml", Settled(text.ToString()));
    }

    // What depends on how many requests and uids there were before.
    private static string Settled(string text)
    {
        text = Uid().Replace(text, "00000000-0000-0000-0000-000000000000");
        text = Time().Replace(text, "2020-01-01T00:00:00Z");
        return Counter().Replace(text, "${1}1");
    }

    [GeneratedRegex("\"?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"?")]
    private static partial Regex Uid();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")]
    private static partial Regex Time();

    [GeneratedRegex("(resourceVersion: \"|scanSequence: )[0-9]+")]
    private static partial Regex Counter();
}
