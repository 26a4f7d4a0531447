using LocalPv.Core.Agents;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Faults;

/// <summary>What is wrong in a cluster now: begins faults, ends them, and heals the cluster.</summary>
public sealed class FaultBoard
{
    private readonly SimulatedCluster _cluster;
    private readonly IWorldObserver? _observer;
    private readonly ProcessFaults _processes;
    private readonly NodeFaults _nodes;
    private readonly List<ActiveFault> _active = [];

    internal FaultBoard(SimulatedCluster cluster, IWorldObserver? observer)
    {
        _cluster = cluster;
        _observer = observer;
        _processes = new ProcessFaults(cluster, this);
        _nodes = new NodeFaults(cluster, this);
    }

    /// <summary>The faults that are there now, in the order in which they began.</summary>
    public IReadOnlyList<ActiveFault> Active => _active;

    /// <summary>What the scheduler meets on its way to the extender.</summary>
    internal Conditions Service { get; } = new();

    /// <summary>Whether a fault of that type is there, for that process or node.</summary>
    public bool Has(FaultType type, string target) => _active.Exists(fault => fault.Type == type && fault.Target == target);

    /// <summary>Begins a fault; null, or why it cannot be.</summary>
    internal string? Begin(Fault fault)
    {
        var targets = Bind(fault).ToArray();
        if (targets.Length == 0)
        {
            return $"there is no {(fault.Info.Scope == FaultScope.Node ? "node" : "process")} '{fault.Target}'";
        }

        foreach (var target in targets)
        {
            var random = _cluster.Random.For("fault").For(fault.Info.Word).For(target);
            random = random.Split((_cluster.Loop.Now - _cluster.Loop.Start).Ticks);
            Begin(new ActiveFault(fault, target, random, _cluster.Loop.Now));
        }

        return null;
    }

    /// <summary>Ends every fault that is not for ever. Processes that are down run again, except on nodes that are gone.</summary>
    internal void Heal()
    {
        foreach (var fault in _active.ToArray())
        {
            if (!fault.Fault.Forever)
            {
                End(fault);
            }
        }

        foreach (var process in _cluster.Processes.Values.ToArray())
        {
            StartIfAllowed(process.Name);
        }
    }

    /// <summary>Starts a process unless something keeps it down.</summary>
    internal void StartIfAllowed(string name)
    {
        var node = NodeOf(name);
        var isDown = Has(FaultType.Crash, name)
            || (node is not null && (node.IsGone || Has(FaultType.Reboot, node.Name) || Has(FaultType.ReplaceNode, node.Name)))
            || (name.EndsWith('+') && !Has(FaultType.Twin, name[..^1]) && !Has(FaultType.TwoLeaders, name[..^1]));
        if (!isDown)
        {
            _cluster.Processes[name].Start();
        }
    }

    /// <summary>By how much longer than usual an effect takes.</summary>
    internal Delay DelayOf(Effect effect, Conditions process, SimulatedNode? node)
    {
        if (_active.Count == 0)
        {
            return default;
        }

        var now = _cluster.Loop.Now;
        if (effect is Effect.CallCluster { Request.IsWrite: true } && process.Find(FaultType.LateWrites) is { } late)
        {
            return new Delay(late.Amount(now), MayOutlastSender: true);
        }

        return new Delay(effect switch
        {
            Effect.CallCluster => process.Amount(FaultType.SlowApi, now),
            Effect.CallStorage => node?.Conditions.Amount(FaultType.LvmSlow, now) ?? TimeSpan.Zero,
            Fake.Controllers.Kubelets.MountDevice or Fake.Controllers.Kubelets.UnmountDevices =>
                node?.Conditions.Amount(FaultType.SlowMounts, now) ?? TimeSpan.Zero,
            Fake.Scheduling.CallExtender => Service.Amount(FaultType.ExtenderSlow, now),
            _ => TimeSpan.Zero,
        });
    }

    private SimulatedNode? NodeOf(string process)
    {
        var slash = process.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : _cluster.Nodes.GetValueOrDefault(process[(slash + 1)..].TrimEnd('+'));
    }

    private void Begin(ActiveFault fault)
    {
        _active.Add(fault);
        Tell(fault, hasBegun: true);
        switch (fault.Fault.Info.Scope)
        {
            case FaultScope.Process:
                _processes.Begin(fault);
                break;
            case FaultScope.Node:
                _nodes.Begin(fault);
                break;
            default:
                BeginForAll(fault);
                break;
        }

        if (!fault.Fault.Info.Settings.HasFlag(FaultSettings.For))
        {
            End(fault);
        }
        else if (!fault.Fault.Forever)
        {
            _cluster.Loop.ScheduleAfter(fault.Fault.For, new Occurrence(() => End(fault)));
        }
    }

    private void BeginForAll(ActiveFault fault)
    {
        if (fault.Type == FaultType.Compact)
        {
            _cluster.Server.Compact(_cluster.Server.Revision);
            return;
        }

        Service.Add(fault);
        fault.Undo = () => Service.Remove(fault);
    }

    private void End(ActiveFault fault)
    {
        if (_active.Remove(fault))
        {
            fault.Undo?.Invoke();
            Tell(fault, hasBegun: false);
        }
    }

    private void Tell(ActiveFault fault, bool hasBegun)
    {
        var trace = _cluster.Trace;
        trace.Begin(_cluster.Loop.Now, _cluster.Loop.Start, "fault");
        trace.Word(hasBegun ? "begins" : "ends");
        trace.Word(fault.Fault.Info.Word);
        trace.Word(fault.Target);
        trace.End();
        _observer?.OnFault(fault, hasBegun);
    }

    private List<string> Bind(Fault fault)
    {
        var info = fault.Info;
        if (info.Scope == FaultScope.Cluster)
        {
            return [""];
        }

        if (info.Scope == FaultScope.Node)
        {
            if (fault.Target == Target.All)
            {
                return [.. _cluster.Nodes.Keys];
            }

            return Target.Bind(fault.Target, [.. _cluster.Nodes.Keys]) is { } node && _cluster.Nodes.ContainsKey(node) ? [node] : [];
        }

        var names = _cluster.Processes.Keys.Where(name => !name.EndsWith('+')).ToList();
        if (fault.Target == Target.All)
        {
            return names;
        }

        var hash = fault.Target.IndexOf('#', StringComparison.Ordinal);
        var bound = hash < 0
            ? fault.Target
            : Target.Bind(fault.Target[hash..], names.FindAll(name => name.StartsWith(fault.Target[..hash], StringComparison.Ordinal)));
        return bound is not null && _cluster.Processes.ContainsKey(bound) ? [bound] : [];
    }
}
