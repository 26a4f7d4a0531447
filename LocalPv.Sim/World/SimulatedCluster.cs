using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Lvm;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.World;

/// <summary>
/// A whole cluster in virtual time: the API server, every process of Kubernetes that matters to local storage, LocalPv's own processes, and
/// the nodes' disks. One thread. The same plan gives the same events in the same order.
/// </summary>
public sealed class SimulatedCluster
{
    /// <summary>The moment at which every simulated cluster is switched on; a round one, so that traces read well.</summary>
    public static readonly Instant SwitchedOn = Instant.From(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly SortedDictionary<string, SimulatedProcess> _processes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedProcess> _extenders = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedNode> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FakeNodeStorage> _storage = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ProcessLink> _links = new(StringComparer.Ordinal);
    private readonly Latencies _latencies = new();
    private readonly WatchHub _hub;
    private readonly IWorldObserver? _observer;
    private SimulatedExtenderEndpoint? _endpoint;
    private IProcessObserver? _witness;

    /// <summary>A cluster of the plan's shape and knobs; nothing runs until <see cref="StartAll"/>.</summary>
    public SimulatedCluster(Plan plan, Trace trace, IWorldObserver? observer = null)
    {
        Plan = plan;
        Random = KeyedRandom.FromSeed(plan.Seed);
        Settings = new WorldSettings(plan.Knobs);
        Trace = trace;
        _observer = observer;
        Loop = new EventLoop(SwitchedOn);
        Server = new FakeApiServer(Settings.ApiServer(plan.Seed, SwitchedOn));
        Server.Seed(SwitchedOn, ResourceTypes.CustomResourceDefinitions, NodeLocalStorageDefinition.Tree());
        _hub = new WatchHub(Server);
        Faults = new FaultBoard(this, observer);
        AddKubernetes();
        AddLocalPv();
    }

    internal static ResourceType StatefulSets => WorkloadTypes.StatefulSets;

    /// <summary>What happens in it.</summary>
    public Plan Plan { get; }

    /// <summary>The nodes' shape.</summary>
    public ClusterShape Shape => Plan.Cluster;

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>Time.</summary>
    public EventLoop Loop { get; }

    /// <summary>The API server, which is also where checks read the truth about objects.</summary>
    public FakeApiServer Server { get; }

    /// <summary>What is wrong now.</summary>
    public FaultBoard Faults { get; }

    /// <summary>The nodes' disks and LVM, by node: the truth about volumes.</summary>
    public IReadOnlyDictionary<string, FakeNodeStorage> Storage => _storage;

    /// <summary>The nodes, by name.</summary>
    public IReadOnlyDictionary<string, SimulatedNode> Nodes => _nodes;

    /// <summary>The processes, by name.</summary>
    public IReadOnlyDictionary<string, SimulatedProcess> Processes => _processes;

    /// <summary>Those of the processes that are extenders, in the order of their names.</summary>
    internal IEnumerable<SimulatedProcess> Extenders => _extenders.Values;

    /// <summary>How many events the agents have taken in.</summary>
    public long Steps => _processes.Values.Sum(process => process.Steps);

    internal KeyedRandom Random { get; }

    internal WorldSettings Settings { get; }

    /// <summary>Starts every process.</summary>
    public void StartAll()
    {
        foreach (var process in _processes.Values)
        {
            process.Start();
        }
    }

    /// <summary>Lets somebody look on at who does what, also in processes that are made later.</summary>
    internal void Attach(IProcessObserver witness)
    {
        _witness = witness;
        foreach (var process in _processes.Values)
        {
            process.Witness = witness;
        }
    }

    /// <summary>Asks the extender a question at this moment, outside of all latencies: for checks.</summary>
    internal Outcome<ExtenderAnswer> AskExtender(CallExtender call)
    {
        var asked = _endpoint!.AskAsync(call.Extender, call.Verb, call.Arguments, CancellationToken.None).AsTask();
        return asked.IsCompletedSuccessfully
            ? asked.Result
            : Outcome.Failed<ExtenderAnswer>(OutcomeKind.Unavailable, "It does not answer at once.");
    }

    internal Conditions ConditionsOf(string process) => _links[process].Conditions;

    /// <summary>The connection of a running process to the API server; null while it is down.</summary>
    internal SimulatedClusterApi? ConnectionOf(string process) => _links[process].Connection;

    /// <summary>The processes of one node.</summary>
    internal IEnumerable<SimulatedProcess> ProcessesOn(string node) =>
        _processes.Values.Where(process => process.Name == Names.Kubelet(node) || process.Name == Names.Agent(node)
            || process.Name == Names.Twin(Names.Agent(node)));

    /// <summary>A second instance of a process, made when first asked for; null where there can be none.</summary>
    internal SimulatedProcess? TwinOf(string name)
    {
        var twin = Names.Twin(name);
        if (!_processes.ContainsKey(twin))
        {
            if (name == Names.Extender)
            {
                AddExtender(twin);
            }
            else if (name.StartsWith(Names.Controller, StringComparison.Ordinal))
            {
                AddController(twin, name);
            }
            else if (_nodes.GetValueOrDefault(name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]) is { } node
                && name == Names.Agent(node.Name))
            {
                AddAgent(twin, node, 1_000_003);
            }
            else
            {
                return null;
            }
        }

        return _processes[twin];
    }

    private void AddKubernetes()
    {
        var options = Settings.ControlPlane();
        foreach (var known in ControlPlane.CreateControllers(options))
        {
            Add(
                known.Name,
                () => ControlPlane.CreateControllers(options).First(controller => controller.Name == known.Name).Agent,
                learnsFrom: known.LearnsFrom);
        }

        for (var number = 1; number <= Shape.Nodes; number++)
        {
            var node = AddNode(Names.Node(number));
            Add(
                Names.Kubelet(node.Name),
                () => new Kubelet(Settings.Kubelet(node)),
                runner => new KubeletEffectRunner(runner, node.Devices),
                node);
        }

        var endpoint = _endpoint = new SimulatedExtenderEndpoint(this, _observer);
        var settings = new SchedulerOptions
        {
            Seed = Plan.Seed,
            Version = Settings.Scheduler,
            Extenders = Settings.Extenders > 0 ? [new ExtenderSettings()] : [],
            Reflector = WorldSettings.Bystander with { Spread = Plan.Seed },
        };
        Add("scheduler", () => new KubeScheduler(settings), runner => new SchedulerEffectRunner(runner, endpoint));
    }

    private SimulatedNode AddNode(string name)
    {
        var lvm = new FakeLvm(name) { ExtentsWipedAtOnce = Settings.ExtentsWipedAtOnce };
        for (var disk = 1; disk <= Shape.Disks; disk++)
        {
            lvm.AddDisk(Names.DiskPath(disk), Names.DiskId(name, disk), Shape.DiskSize);
        }

        var node = new SimulatedNode(name, new FakeNodeStorage(lvm), Loop)
        {
            Observer = _observer,
            IsUp = process => _processes.TryGetValue(process, out var known) && known.Agent is not null,
        };
        _storage.Add(name, node.Storage);
        _nodes.Add(name, node);
        return node;
    }

    private void AddLocalPv()
    {
        var spread = 0UL;
        foreach (var node in _nodes.Values)
        {
            AddAgent(Names.Agent(node.Name), node, ++spread);
        }

        for (var number = 1; number <= Settings.Extenders; number++)
        {
            AddExtender(Names.Replica(Names.Extender, number));
        }

        for (var number = 1; number <= Settings.Controllers; number++)
        {
            var name = Names.Replica(Names.Controller, number);
            AddController(name, name);
        }
    }

    private void AddAgent(string name, SimulatedNode node, ulong spread) =>
        Add(name, () => new NodeAgent(Settings.Agent(NodeName.Parse(node.Name), spread)), node: node);

    private void AddController(string name, string identity) => Add(name, () => new ClusterAgent(Settings.Controller(identity)));

    private void AddExtender(string name)
    {
        Add(name, () => new ExtenderAgent(Settings.Extender()));
        _extenders.Add(name, _processes[name]);
    }

    private void Add(
        string name,
        Func<IAgent> makeAgent,
        Func<IEffectRunner, IEffectRunner>? around = null,
        SimulatedNode? node = null,
        Func<Change, bool>? learnsFrom = null)
    {
        var random = Random.For(name);
        var link = new ProcessLink();
        IEffectRunner MakeRunner()
        {
            var api = new SimulatedClusterApi(Server, Loop, _hub, random, _latencies, link.Conditions)
            {
                IsBystander = !Names.IsOurs(name),
                LearnsFrom = learnsFrom,
            };
            link.Connection = api;
            IEffectRunner runner = new ConnectedRunner(new EffectRunner(api, node?.PortOf(name)), link, api);
            return around is null ? runner : new ConnectedRunner(around(runner), link, api);
        }

        _links.Add(name, link);
        _processes.Add(name, new SimulatedProcess(name, Loop, Trace, _latencies, Random, makeAgent, MakeRunner)
        {
            IsOurs = Names.IsOurs(name),
            Observer = _observer,
            Witness = _witness,
            ExtraDelay = effect => Faults.DelayOf(effect, link.Conditions, node),
            Holds = node is null ? null : node.Holds,
        });
    }

    /// <summary>What belongs to a process and outlives its incarnations.</summary>
    private sealed class ProcessLink
    {
        public Conditions Conditions { get; } = new();

        public SimulatedClusterApi? Connection { get; set; }
    }

    /// <summary>A runner and the connection that dies with it.</summary>
    private sealed class ConnectedRunner(IEffectRunner runner, ProcessLink link, SimulatedClusterApi api) : IEffectRunner, IDisposable
    {
        public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
            runner.RunAsync(effect, deliver, cancellationToken);

        public void Dispose()
        {
            api.Dispose();
            link.Connection = link.Connection == api ? null : link.Connection;
        }
    }
}
