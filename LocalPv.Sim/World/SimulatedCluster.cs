using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Lvm;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.World;

/// <summary>
/// A whole cluster in virtual time: the API server, every process of Kubernetes that matters to local storage, LocalPv's own processes, and
/// the nodes' disks. One thread. The same seed and the same steps give the same events in the same order.
/// </summary>
public sealed class SimulatedCluster
{
    /// <summary>The moment at which every simulated cluster is switched on; a round one, so that traces read well.</summary>
    public static readonly Instant SwitchedOn = Instant.From(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly SortedDictionary<string, SimulatedProcess> _processes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FakeNodeStorage> _storage = new(StringComparer.Ordinal);
    private readonly KeyedRandom _random;
    private readonly Latencies _latencies = new();
    private readonly WatchHub _hub;
    private readonly ulong _seed;

    /// <summary>A cluster of that shape; nothing runs until <see cref="StartAll"/>.</summary>
    public SimulatedCluster(ClusterShape shape, ulong seed, Trace trace)
    {
        _seed = seed;
        _random = KeyedRandom.FromSeed(seed);
        Shape = shape;
        Trace = trace;
        Loop = new EventLoop(SwitchedOn);
        Server = new FakeApiServer(new FakeApiServerOptions { Seed = seed, StartedAt = SwitchedOn, Namespaces = Namespaces });
        Server.Seed(SwitchedOn, NodeLocalStorageDefinition.Definitions, NodeLocalStorageDefinition.Tree());
        _hub = new WatchHub(Server);
        AddKubernetes();
        AddLocalPv();
    }

    internal static ResourceType StatefulSets => WorkloadTypes.StatefulSets;

    /// <summary>The nodes.</summary>
    public ClusterShape Shape { get; }

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>Time.</summary>
    public EventLoop Loop { get; }

    /// <summary>The API server, which is also where checks read the truth about objects.</summary>
    public FakeApiServer Server { get; }

    /// <summary>The nodes' disks and LVM, by node: the truth about volumes.</summary>
    public IReadOnlyDictionary<string, FakeNodeStorage> Storage => _storage;

    /// <summary>The processes, by name.</summary>
    public IReadOnlyDictionary<string, SimulatedProcess> Processes => _processes;

    /// <summary>How many events the agents have taken in.</summary>
    public long Steps => _processes.Values.Sum(process => process.Steps);

    private static System.Collections.Immutable.ImmutableArray<string> Namespaces =>
        ["default", "kube-node-lease", "kube-public", "kube-system", "localpv-system"];

    /// <summary>Starts every process.</summary>
    public void StartAll()
    {
        foreach (var process in _processes.Values)
        {
            process.Start();
        }
    }

    private void AddKubernetes()
    {
        var options = new ControlPlaneOptions();
        foreach (var (name, _) in ControlPlane.CreateControllers(options))
        {
            Add(name, () => ControlPlane.CreateControllers(options).First(controller => controller.Name == name).Agent);
        }

        for (var number = 1; number <= Shape.Nodes; number++)
        {
            var node = NodeName.Parse(Names.Node(number));
            Add(Names.Kubelet(node.Value), () => new Kubelet(new KubeletOptions { NodeName = node }));
        }

        var endpoint = new SimulatedExtenderEndpoint(this);
        var settings = new SchedulerOptions { Seed = _seed, Extenders = [new ExtenderSettings()] };
        Add("scheduler", () => new KubeScheduler(settings), runner => new SchedulerEffectRunner(runner, endpoint));
    }

    private void AddLocalPv()
    {
        for (var number = 1; number <= Shape.Nodes; number++)
        {
            var node = Names.Node(number);
            var lvm = new FakeLvm(node);
            for (var disk = 1; disk <= Shape.Disks; disk++)
            {
                lvm.AddDisk(Names.DiskPath(disk), Names.DiskId(node, disk), Shape.DiskSize);
            }

            var storage = new FakeNodeStorage(lvm);
            _storage.Add(node, storage);
            var spread = (ulong)number;
            Add(
                Names.Agent(node),
                () => new NodeAgent(new NodeAgentOptions { Node = NodeName.Parse(node), Spread = spread }),
                storage: storage);
        }

        Add(Names.Extender, () => new ExtenderAgent(new ExtenderOptions()));
        Add("controller", () => new ClusterAgent(new ClusterAgentOptions { Identity = "controller-1" }));

    }

    private void Add(
        string name, Func<IAgent> makeAgent, Func<IEffectRunner, IEffectRunner>? around = null, FakeNodeStorage? storage = null)
    {
        var random = _random.For(name);
        IEffectRunner MakeRunner()
        {
            var api = new SimulatedClusterApi(Server, Loop, _hub, random, _latencies);
            IEffectRunner runner = new ConnectedRunner(new EffectRunner(api, storage), api);
            return around is null ? runner : new ConnectedRunner(around(runner), api);
        }

        _processes.Add(name, new SimulatedProcess(name, Loop, Trace, _latencies, _random, makeAgent, MakeRunner));
    }

    /// <summary>A runner and the connection that dies with it.</summary>
    private sealed class ConnectedRunner(IEffectRunner runner, SimulatedClusterApi api) : IEffectRunner, IDisposable
    {
        public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
            runner.RunAsync(effect, deliver, cancellationToken);

        public void Dispose() => api.Dispose();
    }
}
