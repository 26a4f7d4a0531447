using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.World;

/// <summary>A node's disks, what is on them, and what is wrong with them.</summary>
public sealed class SimulatedNode
{
    private readonly EventLoop _loop;
    private readonly List<IHeldEffect> _held = [];
    private readonly StuckCommands _stuck;
    private StorageFault? _next;
    private bool _isLettingGo;
    private string _holder = "";

    internal SimulatedNode(string name, FakeNodeStorage storage, EventLoop loop)
    {
        Name = name;
        Storage = storage;
        _loop = loop;
        _stuck = new StuckCommands(storage.Lvm);
        storage.Faults = new StorageFaults(this);
        Devices = new SimulatedDevices(this);
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>The disks and LVM.</summary>
    public FakeNodeStorage Storage { get; }

    /// <summary>The truth about the disks and LVM now. The same instance until something changes.</summary>
    public NodeScan Truth => Storage.Lvm.Observe();

    /// <summary>How many machines have been this node so far.</summary>
    public int Machines { get; internal set; } = 1;

    /// <summary>Whether the machine is gone; its disks went with it.</summary>
    public bool IsGone { get; internal set; }

    internal Conditions Conditions { get; } = new();

    internal SimulatedDevices Devices { get; }

    internal IWorldObserver? Observer { get; set; }

    /// <summary>Whether a process is running.</summary>
    internal Func<string, bool> IsUp { get; init; } = _ => true;

    /// <summary>
    /// The port as one process sees it in one life: it leads to the machine of today, and not to one that comes after it.
    /// </summary>
    internal INodeStorage PortOf(string process) => new ObservedPort(this, process, Machines);

    /// <summary>A choice for whatever changes disks behind the agent's back.</summary>
    internal VolumeGroup? FirstGroup => Truth.VolumeGroups is [var group, ..] ? group : null;

    // A scan is given up at its limit. A change that cannot be killed is answered only when it has ended.
    internal bool Holds(Effect effect, IHeldEffect held)
    {
        if (_isLettingGo || effect is not Effect.CallStorage { Request: var request and not NodeStorageRequest.Scan })
        {
            return false;
        }

        if (Conditions.Has(FaultType.LvmLate))
        {
            _held.Add(held);
            return true;
        }

        return Conditions.Find(FaultType.LvmStuck) is { } fault && _stuck.Take(request, held, fault.Choice(_loop.Now, 2) == 0);
    }

    /// <summary>
    /// Lets the commands that stand still go on, in their order, with what becomes of one that was given up meanwhile; null where it takes
    /// effect like the others.
    /// </summary>
    internal void LetGo(Func<StorageFault?> ofGivenUp)
    {
        var held = _held.ToArray();
        _held.Clear();
        LetGo(held, ofGivenUp);
    }

    /// <summary>The same for those that keep their locks meanwhile.</summary>
    internal void LetStuckGo(Func<StorageFault?> ofGivenUp) => LetGo(_stuck.Release(), ofGivenUp);

    private void LetGo(IEnumerable<IHeldEffect> held, Func<StorageFault?> ofGivenUp)
    {
        _isLettingGo = true;
        foreach (var one in held)
        {
            _next = one.IsGivenUp ? ofGivenUp() : null;
            one.GoOn();
            _next = null;
        }

        _isLettingGo = false;
    }

    private Outcome<NodeStorageAnswer>? Run(string process, NodeStorageRequest request)
    {
        if (!MayUse(process))
        {
            return Outcome.Failed<NodeStorageAnswer>(OutcomeKind.Unavailable, "Another agent of this node still runs.");
        }

        var isScan = request is NodeStorageRequest.Scan;
        var before = Truth;
        var outcome = !_isLettingGo && _stuck.KeepsOut(request, out var kept) ? kept
            : isScan && Storage.Faults.Next(request) is null
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(WhatIsReported(before)))
            : Storage.Run(request);
        Observer?.OnStorage(new StorageCall(Name, process, request, outcome, before, Truth));
        return outcome;
    }

    // As in production one agent of a node at a time has its storage, until it ends; what it has sent before takes effect all the same.
    private bool MayUse(string process)
    {
        if (IsUp(process) && !IsUp(_holder))
        {
            _holder = process;
        }

        return process == _holder || !IsUp(process);
    }

    // A report leaves out a group that a command of somebody else has locked; whose the disks are can be seen all the same.
    private NodeScan WhatIsReported(NodeScan truth) => Conditions.Has(FaultType.LvmPartial) || _stuck.LocksGroups
        ? truth with
        {
            VolumeGroups = truth.VolumeGroups.RemoveAll(group =>
                _stuck.Locks(group.Name) || Conditions.Happens(FaultType.LvmPartial, _loop.Now, group.Name.Value)),
        }
        : truth;

    private sealed class ObservedPort(SimulatedNode node, string process, int machine) : INodeStorage
    {
        public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken) =>
            machine == node.Machines && node.Run(process, request) is { } outcome
                ? new(outcome)
                : new(new TaskCompletionSource<Outcome<NodeStorageAnswer>>().Task);
    }

    // What is removed makes room for metadata, and what is activated needs none.
    private static bool AddsMetadata(NodeStorageRequest request) => request
        is not (NodeStorageRequest.RemoveLogicalVolume or NodeStorageRequest.RemoveVolumeGroup or NodeStorageRequest.ActivateLogicalVolume);

    /// <summary>What the node's conditions do to its LVM commands.</summary>
    private sealed class StorageFaults(SimulatedNode node) : IStorageFaults
    {
        public StorageFault? Next(NodeStorageRequest request)
        {
            var now = node._loop.Now;
            var conditions = node.Conditions;
            if (node._next is { } next)
            {
                return next;
            }

            if (conditions.AreCalm)
            {
                return null;
            }

            var key = request.GetType().Name;
            if (conditions.Has(FaultType.LvmHang) || (conditions.Has(FaultType.LvmLate) && !node._isLettingGo))
            {
                return new StorageFault.Hangs();
            }

            if (request is NodeStorageRequest.Scan)
            {
                return conditions.Happens(FaultType.LvmGarbled, now, key)
                    ? new StorageFault.Fails(OutcomeKind.Unavailable, "The report of lvm is cut off: it is not JSON.")
                    : null;
            }

            return conditions.Happens(FaultType.LvmFail, now, key)
                    ? new StorageFault.Fails(OutcomeKind.Unavailable, "/run/lock/lvm: open failed: Resource temporarily unavailable.")
                : conditions.Happens(FaultType.LvmPrompt, now, key)
                    ? new StorageFault.Fails(OutcomeKind.Rejected, "WARNING: signature detected. Wipe it? [y/n]: [n] Aborted.")
                : AddsMetadata(request) && conditions.Happens(FaultType.MetadataFull, now, key)
                    ? new StorageFault.Fails(OutcomeKind.Rejected, "The volume group's metadata is too large for its area.")
                : conditions.Happens(FaultType.LvmInDoubt, now, key) ? new StorageFault.HappensInDoubt()
                : conditions.Happens(FaultType.LvmLost, now, key) ? new StorageFault.LostInDoubt()
                : conditions.Happens(FaultType.LvmHalf, now, key) ? new StorageFault.HappensHalf()
                : conditions.Happens(FaultType.LvmDropped, now, key) ? new StorageFault.DroppedWrite()
                : null;
        }
    }
}
