using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Hosting.Up;

namespace LocalPv.RealLvm.Tests.World;

/// <summary>
/// A cluster with one node, in one thread and virtual time: the API server, the controllers that bind and release volumes, and the agent of
/// the node, whose storage is real. Commands take no virtual time, and waiting takes no real time.
/// </summary>
internal sealed class NodeWorld : IDisposable
{
    internal const string ClassName = "fast";

    private static readonly string[] Controllers =
        ["persistentvolume-controller", "pvc-protection-controller", "pv-protection-controller"];

    private readonly List<WorldProcess> _controllers = [];
    private WorldProcess? _agent;

    internal NodeWorld()
    {
        Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Now });
        foreach (var definition in Manifests.Embedded("crds"))
        {
            Server.Seed(Now, Server.Kinds.TryFindKind(
                definition.Body.Text("apiVersion")!, definition.Body.Text("kind")!, out var kind) ? kind.Type : null!, definition.Body);
        }

        Seed(ResourceTypes.Namespaces, WorldObjects.Named("localpv-system"));
        Seed(ResourceTypes.Nodes, WorldObjects.Node(Node.Value));
        foreach (var controller in ControlPlane.CreateControllers(new ControlPlaneOptions()))
        {
            if (Controllers.Contains(controller.Name))
            {
                _controllers.Add(new WorldProcess(this, controller.Agent));
            }
        }
    }

    internal static NodeName Node { get; } = NodeName.Parse("node-a");

    internal Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromDays(365 * 50);

    internal FakeApiServer Server { get; }

    internal IEnumerable<PersistentVolumeClaim> Claims => All<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims);

    internal IEnumerable<PersistentVolume> Volumes => All<PersistentVolume>(ResourceTypes.PersistentVolumes);

    internal NodeLocalStorage? Storage => StorageOf(ClassName);

    internal NodeLocalStorage? StorageOf(string className) =>
        All<NodeLocalStorage>(ResourceTypes.NodeLocalStorages).FirstOrDefault(storage => storage.StorageClassName == className);

    /// <summary>A new process of the node's agent; the one before is dead from now on, with all it knew.</summary>
    internal void StartAgent(
        INodeStorage storage, Action<Effect, bool>? atEffect = null, NodeAgentOptions? options = null, bool storageIsConcurrent = false)
    {
        _agent?.Dispose();

        // A scan costs a second of real time: the agent looks when it has a reason to, and not every minute.
        options ??= new NodeAgentOptions { Node = Node, ScanPeriod = TimeSpan.FromHours(1) };
        _agent = new WorldProcess(this, new NodeAgent(options), storage)
        {
            AtEffect = atEffect ?? ((_, _) => { }),
            StorageIsConcurrent = storageIsConcurrent,
        };
    }

    internal void Seed(ResourceType type, JsonMap body) => Server.Seed(Now, type, body);

    internal void Delete(KubernetesObject target) => Do(new ClusterRequest.Delete(target.Type, target.Key));

    internal void Do(ClusterRequest request)
    {
        var outcome = Server.Send(Now, request);
        Assert.True(outcome.IsDone, $"{request}: {outcome}");
    }

    /// <summary>Runs until nothing but time is left to happen within <paramref name="patience"/>.</summary>
    internal async Task SettleAsync(TimeSpan patience)
    {
        var end = Now + patience;
        for (var turns = 0; ; turns++)
        {
            Assert.True(turns < 100_000, "The world does not come to rest.");
            var any = _agent is not null && await _agent.TurnAsync();
            foreach (var controller in _controllers)
            {
                any |= await controller.TurnAsync();
            }

            if (any)
            {
                continue;
            }

            // Time stands still while storage is at work: it does in real time what an agent gives minutes for.
            if (_agent is { Running.Count: > 0 })
            {
                await Task.WhenAny(_agent.Running);
                continue;
            }

            var next = _controllers.Append(_agent).OfType<WorldProcess>()
                .Aggregate(Instant.Never, (first, process) => Instant.Min(first, process.Due));
            if (next > end)
            {
                Now = end;
                return;
            }

            Now = Instant.Max(Now, next);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _agent?.Dispose();
        _controllers.ForEach(controller => controller.Dispose());
    }

    /// <summary>The cluster's state in a few lines, for messages.</summary>
    internal string Describe() => string.Join(
        '\n',
        Claims.Select(claim => $"{claim.Name} {claim.Uid} {claim.Phase} on '{claim.SelectedNode}', volume '{claim.VolumeName}'")
            .Concat(Volumes.Select(volume => $"{volume.Name} {volume.Phase} {volume.Capacity} {(volume.IsBeingDeleted ? "going" : "")}"))
            .Append(Storage is { } storage ? $"{storage.Name}: {storage.Status}" : "no NodeLocalStorage")
            .Concat(Server.Snapshot(ResourceTypes.Events).Select(seen => $"{seen.Tree.Text("reason")}: {seen.Tree.Text("message")}")));

    private IEnumerable<T> All<T>(ResourceType type)
        where T : KubernetesObject => Server.Snapshot(type).OfType<T>();
}
