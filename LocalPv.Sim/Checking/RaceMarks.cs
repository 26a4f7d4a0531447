using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Checking;

/// <summary>
/// Breaks never; marks which races and recoveries of LocalPv a run has seen. One that no run sees is a branch that nothing tests.
/// </summary>
internal sealed class RaceMarks : Invariant
{
    private const string Prefix = "seen: ";

    /// <summary>Every mark there is: enough runs see each of them.</summary>
    internal static ImmutableArray<string> All { get; } =
    [
        Prefix + "a claim is given back by its node's agent",
        Prefix + "a claim is given back by the controller",
        Prefix + "a node is chosen for a Pod that names its node",
        Prefix + "a write is refused since its base is out of date",
        Prefix + "what is to be made is there already",
        Prefix + "a write ends in doubt",
        Prefix + "an LVM command ends in doubt",
        Prefix + "an LVM command finds too little room",
        Prefix + "a watch ends as too old",
        Prefix + "unfinished work of an earlier life is finished",
        Prefix + "a volume is removed",
        Prefix + "an orphan is removed",
        Prefix + "a volume grows",
        Prefix + "a volume is kept since its policy says Retain",
        Prefix + "a volume group is made",
        Prefix + "a volume group is removed",
        Prefix + "another controller takes over",
        Prefix + "a Pod is turned away from every node",
        Prefix + "the extender is asked before it knows the cluster",
        Prefix + "the extender wakes the scheduler",
        Prefix + "the controller removes what a lost node has left",
        Prefix + "a write takes effect after its time",
        Prefix + "an LVM command takes effect after its time",
        Prefix + "an LVM command goes on that its agent was told is killed",
        Prefix + "a namespace goes with a claim in it",
        Prefix + "a Pod drives out a less important one",
    ];

    // Changes of LVM of which their agents were told that nobody knows what became of them.
    private readonly HashSet<NodeStorageRequest> _inDoubt = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public override string Id => "races";

    /// <inheritdoc/>
    public override string Statement => "Races and recoveries are seen to happen.";

    /// <inheritdoc/>
    public override void OnCommit(Change change)
    {
        if (change is { Type: ChangeType.Modified, Object: PersistentVolumeClaim { IsBeingDeleted: true } ending, Previous: { } alive }
            && !alive.IsBeingDeleted
            && Run.Cluster.Server.Find(ResourceTypes.Namespaces, ObjectKey.ClusterScoped(ending.Namespace)) is { IsBeingDeleted: true })
        {
            Mark("a namespace goes with a claim in it");
        }
        else if (change is { Type: ChangeType.Modified, Object: Pod pod } && IsDrivenOut(pod))
        {
            Mark("a Pod drives out a less important one");
        }

        if (change is { Type: ChangeType.Modified, Previous: { } before, Object: { } after } && after.Type == ResourceTypes.Leases
            && HolderOf(before) is { Length: > 0 } old && HolderOf(after) is { Length: > 0 } now && old != now)
        {
            Mark("another controller takes over");
        }
    }

    /// <inheritdoc/>
    public override void OnLate(SimulatedProcess process, Effect effect)
    {
        if (process.IsOurs)
        {
            Mark(effect is Effect.CallStorage ? "an LVM command takes effect after its time" : "a write takes effect after its time");
            if (effect is Effect.CallStorage call && _inDoubt.Contains(call.Request))
            {
                Mark("an LVM command goes on that its agent was told is killed");
            }
        }
    }

    /// <inheritdoc/>
    public override void OnExtender(ExtenderExchange exchange)
    {
        if (exchange.Filtered is not { } filtered)
        {
            return;
        }

        if (filtered.Error.Length > 0)
        {
            Mark("the extender is asked before it knows the cluster");
        }
        else if (filtered.Passed.IsEmpty && !exchange.Candidates.IsEmpty)
        {
            Mark("a Pod is turned away from every node");
        }
    }

    /// <inheritdoc/>
    public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        if (!process.IsOurs)
        {
            return;
        }

        Heard(happened);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Effect.CallCluster call:
                    Wanted(process.Name, call.Request);
                    break;
                case Effect.CallStorage call:
                    Wanted(call.Request);
                    break;
                default:
                    break;
            }
        }
    }

    private void Heard(AgentEvent happened)
    {
        switch (happened)
        {
            case AgentEvent.ClusterAnswered { Outcome.Kind: OutcomeKind.Conflict }:
                Mark("a write is refused since its base is out of date");
                break;
            case AgentEvent.ClusterAnswered { Outcome.Kind: OutcomeKind.AlreadyExists }:
                Mark("what is to be made is there already");
                break;
            case AgentEvent.ClusterAnswered { Outcome.Kind: OutcomeKind.InDoubt }:
                Mark("a write ends in doubt");
                break;
            case AgentEvent.StorageAnswered { Outcome.Kind: OutcomeKind.InDoubt } answered:
                _inDoubt.Add(answered.Request);
                Mark("an LVM command ends in doubt");
                break;
            case AgentEvent.StorageAnswered { Outcome.Kind: OutcomeKind.NoSpace }:
                Mark("an LVM command finds too little room");
                break;
            case AgentEvent.WatchDelivered { Signal: WatchSignal.Closed { Kind: OutcomeKind.Expired } }:
                Mark("a watch ends as too old");
                break;
            default:
                break;
        }
    }

    private void Wanted(string process, ClusterRequest request)
    {
        var isController = Actors.IsController(process);
        switch (request)
        {
            case ClusterRequest.Patch patch when patch.Type == ResourceTypes.PersistentVolumeClaims
                && patch.Changes.At("metadata", "annotations") is JsonMap annotations
                && annotations.TryGet(WellKnown.SelectedNodeAnnotation, out var node):
                Mark(node is JsonText ? "a node is chosen for a Pod that names its node"
                    : isController ? "a claim is given back by the controller"
                    : "a claim is given back by its node's agent");
                break;
            case { IsWrite: true } when isController && request.Resource == ResourceTypes.PersistentVolumes:
                Mark("the controller removes what a lost node has left");
                break;
            case { IsWrite: true } when Actors.IsExtender(process) && request.Resource == ResourceTypes.CsiStorageCapacities:
                Mark("the extender wakes the scheduler");
                break;
            default:
                break;
        }
    }

    private void Wanted(NodeStorageRequest request)
    {
        switch (request)
        {
            case NodeStorageRequest.CreateVolumeGroup:
                Mark("a volume group is made");
                break;
            case NodeStorageRequest.RemoveVolumeGroup:
                Mark("a volume group is removed");
                break;
            case NodeStorageRequest.ActivateLogicalVolume { NewFor: not null }:
                Mark("unfinished work of an earlier life is finished");
                break;
            case NodeStorageRequest.ExtendLogicalVolume:
                Mark("a volume grows");
                break;
            case NodeStorageRequest.TagLogicalVolume:
                Mark("a volume is kept since its policy says Retain");
                break;
            case NodeStorageRequest.RemoveLogicalVolume remove:
                Mark(IsThere(remove) ? "a volume is removed" : "an orphan is removed");
                break;
            default:
                break;
        }
    }

    private bool IsThere(NodeStorageRequest.RemoveLogicalVolume remove) =>
        Run.Cluster.Server.Find(ResourceTypes.PersistentVolumes, ObjectKey.ClusterScoped(remove.Name.Value)) is not null;

    private static bool IsDrivenOut(Pod pod) => (pod.Tree.At("status", "conditions") as JsonList)?.Maps().Any(condition =>
        condition.Text("type") == "DisruptionTarget" && condition.Text("reason") == "PreemptionByScheduler") == true;

    private static string HolderOf(KubernetesObject lease) => (lease.Tree.At("spec", "holderIdentity") as JsonText)?.Value ?? "";

    private void Mark(string what) => Run.Marks.Hit(Prefix + what);
}
