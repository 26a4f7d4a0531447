using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S12: LocalPv sets selected-node only where there is none, to a node that a Pod of the claim names itself, and clears it only while the
/// claim has no volume name, no logical volume and no PersistentVolume exists, and no request that would make one is under way. Source:
/// sig-storage-lib-external-provisioner#152, external-provisioner#311.
/// </summary>
internal sealed class S12ClaimsAreGivenBackWithCare()
    : Rule("S12", "selected-node is cleared only while nothing exists or is being made."),
        IFollowsObjects, IFollowsProcesses, IFollowsStorage
{
    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hung = new(StringComparer.Ordinal);

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
        else if (Truth.LogicalVolumesOf(claim.Uid).FirstOrDefault(logical => !Truth.IsLost(logical.Node)) is { } there)
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key}, but {there} exists.");
        }
        else if (Truth.PersistentVolumesOf(claim.Uid).FirstOrDefault() is { } volume)
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key}, but {volume.Name} exists.");
        }
        else if ((_underWay.GetValueOrDefault(claim.Uid) > 0 || _hung.ContainsKey(claim.Uid)) && !Truth.IsLost(before.SelectedNode!))
        {
            Broken($"{commit.Actor} has cleared selected-node of {claim.Key} while a request to make its volume is under way.");
        }
    }

    public void OnStarted(string process, int life)
    {
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
            _underWay[uid] = _underWay.GetValueOrDefault(uid) + 1;
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
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

        _underWay[uid] = _underWay.GetValueOrDefault(uid) - 1;
        if (outcome is null)
        {
            _hung[uid] = call.Process;
        }
        else
        {
            _hung.Remove(uid);
        }
    }
}
