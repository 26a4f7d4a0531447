using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S12: LocalPv sets selected-node only where there is none, to a node that a Pod of the claim names itself, and clears it only while the
/// claim has no volume name, no logical volume and no PersistentVolume exists, and no request that would make one is under way. A logical
/// volume on a disk that the node no longer sees does not keep the claim there where nobody has said that it exists: no report names it,
/// and the agent was started after it last could be seen, or has not seen it for long. A NodeLocalStorage that is declared lost says so of
/// all its volumes. Should the disk come back, it is an orphan. From a node from which somebody else has taken the claim nobody is to ask
/// anything: what it makes yet is an orphan too. Source:
/// sig-storage-lib-external-provisioner#152, external-provisioner#311.
/// </summary>
internal sealed class S12ClaimsAreGivenBackWithCare()
    : Rule("S12", "selected-node is cleared only while nothing exists or is being made."),
        IFollowsObjects, IFollowsProcesses, IFollowsStorage
{
    // Its clock may run ahead.
    private static readonly TimeSpan AwayMin = TimeSpan.FromSeconds(20);

    // For each claim, whose requests to make its volume are under way.
    private readonly Dictionary<string, List<string>> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hung = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lives = new(StringComparer.Ordinal);

    // Of which claims' volumes a process knows: it has asked for them, or seen them, since it was started.
    private readonly Dictionary<string, Dictionary<string, Instant>> _known = new(StringComparer.Ordinal);

    // Which claims somebody else has taken from which node: what is there or is being made there is none of the next node's business.
    private readonly HashSet<(string Claim, string Node)> _takenFrom = [];

    // Which Pods' claims were ever on which node: a Pod may be gone by the time its claim gets that node.
    private readonly HashSet<(ObjectKey Claim, string Node)> _named = [];

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is Pod { NodeName.Length: > 0 } pod)
        {
            foreach (var name in pod.ClaimNames)
            {
                _named.Add((new ObjectKey(pod.Namespace, name), pod.NodeName));
            }
        }

        if (!commit.IsOurs && commit.Change is
            {
                Object: PersistentVolumeClaim moved,
                Previous: PersistentVolumeClaim { SelectedNode: { } from },
            } && moved.SelectedNode != from)
        {
            _takenFrom.Add((moved.Uid, from));
        }

        if (!commit.IsOurs || commit.Change.Type != ChangeType.Modified
            || commit.Change is not { Object: PersistentVolumeClaim claim, Previous: PersistentVolumeClaim before }
            || claim.SelectedNode == before.SelectedNode)
        {
            return;
        }

        if (claim.SelectedNode is not null)
        {
            if (before.SelectedNode is not null || !_named.Contains((claim.Key, claim.SelectedNode)))
            {
                Broken($"{commit.Actor} has set selected-node of {claim.Key} to {claim.SelectedNode}.");
            }
        }
        else if (before.VolumeName.Length > 0)
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key}, which is bound to {before.VolumeName}.");
        }
        else if (Truth.LogicalVolumesOf(claim.Uid).FirstOrDefault(logical => Counts(commit.Actor, logical)) is { } there)
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key}, but {there} exists.");
        }
        else if (Truth.PersistentVolumesOf(claim.Uid).FirstOrDefault() is { } volume)
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key}, but {volume.Name} exists.");
        }
        else if ((IsUnderWay(commit.Actor, claim.Uid)
                || (_hung.TryGetValue(claim.Uid, out var hung) && !IsTaken(commit.Actor, claim.Uid, Actors.NodeOf(hung))))
            && !Truth.IsLost(before.SelectedNode!))
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key} while a request to make its volume is under way.");
        }
    }

    private bool Counts(string actor, VolumeTruth there) => !Truth.IsLost(there.Node) && !IsTaken(actor, there.Claim, there.Node)
        && (Truth.IsSeen(there) || !Truth.StoragesOf(there.Node, there.Group).Any(storage => storage.IsDeclaredLost))
        && (Truth.IsSeen(there)
            || Actors.IsController(actor)
            || (_known.TryGetValue(actor, out var known) && known.TryGetValue(there.Claim, out var at) && Truth.Now - at < AwayMin)
            || Truth.StoragesOf(there.Node, there.Group).Any(storage =>
                storage.Report.Volumes.Any(volume => volume.Claim.Value == there.Claim)));

    private bool IsTaken(string actor, string claim, string node) =>
        Actors.IsAgent(actor) && Actors.NodeOf(actor) != node && _takenFrom.Contains((claim, node));

    // Two agents of one node, as in a rollout, do not know of each other's requests: that a PersistentVolume's name is taken only once
    // keeps them from harm.
    private bool IsUnderWay(string actor, string uid) => _underWay.TryGetValue(uid, out var processes)
        && processes.Exists(process => process == actor
            || !Actors.IsAgent(actor)
            || (Actors.NodeOf(process) != Actors.NodeOf(actor) && !IsTaken(actor, uid, Actors.NodeOf(process))));

    private void Know(string process, string claim)
    {
        if (!_known.TryGetValue(process, out var known))
        {
            _known.Add(process, known = new Dictionary<string, Instant>(StringComparer.Ordinal));
        }

        known[claim] = Truth.Now;
    }

    /// <summary>Another machine comes in a node's place: what was under way on the one before never takes effect.</summary>
    internal void MachineIsGone(string node)
    {
        bool IsThere(string process) => Actors.IsAgent(process) && Actors.NodeOf(process) == node;
        foreach (var processes in _underWay.Values)
        {
            processes.RemoveAll(IsThere);
        }

        foreach (var uid in _hung.Where(entry => IsThere(entry.Value)).Select(entry => entry.Key).ToArray())
        {
            _hung.Remove(uid);
        }
    }

    public void OnStarted(string process, int life)
    {
        _lives[process] = life;
        _known.Remove(process);

        // A command that hung dies with the process that ran it.
        foreach (var uid in _hung.Where(entry => entry.Value == process).Select(entry => entry.Key).ToArray())
        {
            _hung.Remove(uid);
        }
    }

    public void OnAsked(string process, int life, Effect effect)
    {
        if (effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume create } && Targets.ClaimOf(create) is { } uid)
        {
            if (!_underWay.TryGetValue(uid, out var processes))
            {
                _underWay.Add(uid, processes = []);
            }

            processes.Add(process);
            Know(process, uid);
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is not AgentEvent.StorageAnswered { Request: NodeStorageRequest.Scan, Outcome: { IsDone: true, Value: var answer } }
            || answer is not NodeStorageAnswer.Scanned { Scan: var scan })
        {
            return;
        }

        foreach (var volume in scan.VolumeGroups.SelectMany(group => group.LogicalVolumes))
        {
            if (volume.Claim is { } claim)
            {
                Know(process, claim.Value);
            }
        }
    }

    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (call.Request is not NodeStorageRequest.CreateLogicalVolume create || Targets.ClaimOf(create) is not { } uid)
        {
            return;
        }

        if (_underWay.TryGetValue(uid, out var processes))
        {
            processes.Remove(call.Process);
        }

        if (outcome is null && call.Life == _lives.GetValueOrDefault(call.Process, call.Life))
        {
            _hung[uid] = call.Process;
        }
        else if (outcome is not { Kind: OutcomeKind.Unavailable or OutcomeKind.InDoubt } and not null)
        {
            // Requests run one after another: a clear answer to a later one says that the earlier one has ended.
            _hung.Remove(uid);
        }
    }
}
