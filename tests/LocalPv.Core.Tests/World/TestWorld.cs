using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.World;

/// <summary>What becomes of one effect of an agent under test.</summary>
internal enum Fate
{
    Runs,
    IsNotDone,
    IsNotAnswered,
    AnswerIsLost,
    CrashBefore,
    CrashAfter,
}

/// <summary>
/// A cluster in one thread and virtual time: the API server, one node with its LVM and its agent, and just enough of the PV controller to
/// bind and release. Every effect of the agent can be made to fail, or to be the last of its process's life.
/// </summary>
internal sealed class TestWorld
{
    internal const string ClassName = "fast";
    internal const string Group = "localpv-fast";

    private readonly Queue<AgentEvent> _inbox = new();
    private FakeClusterApi _api;
    private EffectRunner _runner;
    private NodeAgent _agent;
    private Instant _alarm = Instant.Never;
    private int _life;

    internal TestWorld(Func<int, Effect, Fate>? fate = null, string node = "node-a", long diskGibibytes = 10)
    {
        FateOf = fate ?? ((_, _) => Fate.Runs);
        Node = NodeName.Parse(node);
        Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Now });
        TestObjects.Install(Server, Now);
        Server.Committed += change =>
        {
            if (!PersonActs)
            {
                Watchdog.Look(Lvm, change);
            }
        };
        Seed(ResourceTypes.Nodes, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", node), ("labels", JsonMap.Of((WellKnown.HostNameLabel, node + "-host")))))));
        Lvm.AddDisk("/dev/sdb", Bytes.FromGibibytes(diskGibibytes));
        (_api, _runner, _agent) = Start();
    }

    internal Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromDays(365 * 50);

    internal NodeName Node { get; }

    internal FakeApiServer Server { get; }

    internal TestLvm Lvm { get; } = new();

    internal NodeAgent Agent => _agent;

    /// <summary>How many effects but WakeAt the agents have had so far.</summary>
    internal int Effects { get; private set; }

    internal Func<int, Effect, Fate> FateOf { get; set; }

    /// <summary>Whether what is written now is written by a person, who may break the rules that agents keep.</summary>
    internal bool PersonActs { get; set; }

    /// <summary>All effects so far, for checks and messages.</summary>
    internal List<Effect> History { get; } = [];

    internal NodeAgentOptions Options => new() { Node = Node };

    internal KubernetesObject Seed(ResourceType type, JsonMap body) => Server.Seed(Now, type, body);

    internal void AddClass(string reclaimPolicy = "Delete", string reserve = "0", bool expandable = true) => Seed(
        ResourceTypes.StorageClasses,
        TestObjects.Class(
            ClassName,
            $$"""{"nodes":[{"name":"{{Node}}","disks":["/dev/sdb"]}],"reserve":"{{reserve}}"}""",
            reclaimPolicy,
            expandable));

    internal PersistentVolumeClaim AddClaim(string name, string size, string? node = null, string className = ClassName) =>
        (PersistentVolumeClaim)Seed(
            ResourceTypes.PersistentVolumeClaims, TestObjects.Claim(name, size, node ?? Node.Value, className));

    internal PersistentVolumeClaim? Claim(string name) =>
        (PersistentVolumeClaim?)Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", name));

    internal IEnumerable<PersistentVolume> Volumes => Server.Snapshot(ResourceTypes.PersistentVolumes).Cast<PersistentVolume>();

    internal NodeLocalStorage? Storage =>
        (NodeLocalStorage?)Server.Find(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped($"{ClassName}.{Node}"));

    internal IEnumerable<string> EventReasons =>
        Server.Snapshot(ResourceTypes.Events).Select(item => item.Tree.Text("reason") ?? "");

    internal void Patch(KubernetesObject target, JsonMap change, string subresource = "") =>
        Do(new ClusterRequest.Patch(target.Type, target.Key, change, subresource));

    /// <summary>The agent hears that the time of an effect that was not answered is up.</summary>
    internal void TimeOut(Effect effect) => _inbox.Enqueue(EffectTimeout.Answer(effect)!);

    internal void Delete(KubernetesObject target) => Do(new ClusterRequest.Delete(target.Type, target.Key));

    internal void Do(ClusterRequest request)
    {
        var outcome = Server.Send(Now, request);
        if (!outcome.IsDone)
        {
            throw new InvalidOperationException($"{request}: {outcome}");
        }
    }

    /// <summary>The agent's process dies and a new one starts over the same world.</summary>
    internal void Crash()
    {
        _inbox.Clear();
        _runner.Dispose();
        (_api, _runner, _agent) = Start();
    }

    /// <summary>Runs until nothing but time is left to happen within <paramref name="patience"/>.</summary>
    internal void Settle(TimeSpan patience)
    {
        var end = Now + patience;
        for (var steps = 0; ; steps++)
        {
            if (steps > 100_000)
            {
                throw new InvalidOperationException("The agent does not come to rest: " + string.Join("; ", History.TakeLast(4)));
            }

            if (_inbox.TryDequeue(out var happened))
            {
                Step(happened);
            }
            else if (_api.Pump() == 0 && !TinyPvController.Work(this) && _inbox.Count == 0)
            {
                var next = Instant.Min(_alarm, _api.DueAt);
                if (next > end)
                {
                    Now = end;
                    return;
                }

                Now = Instant.Max(Now, next);
                if (_alarm <= Now)
                {
                    _alarm = Instant.Never;
                    _inbox.Enqueue(new AgentEvent.Woke());
                }
            }
        }
    }

    /// <summary>The end state in one line, without what may differ: uids, versions, times.</summary>
    internal string Summary()
    {
        var claims = Server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>().Select(claim =>
            $"{claim.Name}:{claim.Phase}:{claim.SelectedNode ?? "-"}:{(claim.VolumeName.Length > 0 ? "volume" : "-")}:"
            + (claim.Annotation(WellKnown.FailedOnAnnotation) is null ? "-" : "failed"));
        var volumes = Volumes.Select(volume => $"{volume.ClaimKey?.Name}:{volume.Phase}:{volume.Capacity}").Order(StringComparer.Ordinal);
        var logical = Lvm.Volumes.Select(each => $"{each.Volume.Size}:{each.Volume.Active}:{each.Volume.Tags.Length}")
            .Order(StringComparer.Ordinal);
        var report = Storage is { } storage ? NodeLocalStorageStatus.Read(storage.Status) : null;
        var capacity = Server.Snapshot(ResourceTypes.CsiStorageCapacities).Select(item => item.Tree.Text("capacity"));
        return $"claims [{string.Join(" ", claims)}] volumes [{string.Join(" ", volumes)}] lvm [{string.Join(" ", logical)}] "
            + $"report [{report?.Phase} {Ready(report)} {report?.Free} {report?.Volumes.Length}] capacity [{string.Join(" ", capacity)}]";
    }

    private static string Ready(NodeLocalStorageStatus? report) =>
        report?.Conditions.FirstOrDefault(condition => condition.Type == "VolumeGroupReady") is { Message.Length: > 0 } told
            ? $"({told.Message})"
            : "-";

    private (FakeClusterApi Api, EffectRunner Runner, NodeAgent Agent) Start()
    {
        _life++;
        _alarm = Instant.Never;
        _inbox.Enqueue(new AgentEvent.Started());
        var api = new FakeClusterApi(Server, () => Now);
        return (api, new EffectRunner(api, Lvm), new NodeAgent(Options));
    }

    private void Step(AgentEvent happened)
    {
        var life = _life;
        foreach (var effect in _agent.Step(Now, happened))
        {
            if (effect is Effect.WakeAt wake)
            {
                _alarm = wake.Moment;
                continue;
            }

            History.Add(effect);
            Run(effect, FateOf(Effects++, effect));
            if (life != _life)
            {
                return;
            }
        }
    }

    private void Run(Effect effect, Fate fate)
    {
        switch (fate)
        {
            case Fate.IsNotAnswered:
                break;
            case Fate.CrashBefore:
                Crash();
                break;
            case Fate.CrashAfter:
                Carry(effect, _ => { });
                Crash();
                break;
            case Fate.IsNotDone or Fate.AnswerIsLost when EffectTimeout.Answer(effect) is { } lost:
                if (fate == Fate.AnswerIsLost)
                {
                    Carry(effect, _ => { });
                }

                _inbox.Enqueue(lost);
                break;
            default:
                Carry(effect, _inbox.Enqueue);
                break;
        }
    }

    private void Carry(Effect effect, Action<AgentEvent> deliver)
    {
        var running = _runner.RunAsync(effect, deliver, CancellationToken.None);
        if (!running.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("A fake did not answer at once.", running.AsTask().Exception);
        }
    }
}
