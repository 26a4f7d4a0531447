using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S23: after a write of a PersistentVolume or a claim whose end is not known, the object is read, and the read answered, before anything
/// is written to it again; and a claim's volume is never asked for under a second name. What the same process learns of the object
/// by its watch is no such read: it may be older than the write. Source: design rule 4.
/// </summary>
internal sealed class S23DoubtIsResolvedFirst()
    : Rule("S23", "After doubt comes a look, and never another name."), IFollowsProcesses
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<(string Process, int Life, string Kind, ObjectKey Key)> _inDoubt = [];

    public void OnStarted(string process, int life)
    {
    }

    public void OnAsked(string process, int life, Effect effect)
    {
        switch (effect)
        {
            case Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume create } when Targets.ClaimOf(create) is { } uid:
                Named("lv " + uid, create.Name.Value);
                break;
            case Effect.CallCluster { Request: var request } when KeyOf(request) is { } key && request.IsWrite:
                if (request is ClusterRequest.Create { Type.Kind: "PersistentVolume" } made)
                {
                    Named("pv " + (made.Body.Map("spec")?.Map("claimRef")?.Text("uid") ?? ""), key.Name);
                }

                if (_inDoubt.Count > 0 && _inDoubt.Contains((process, life, request.Resource.Kind, key)))
                {
                    Broken($"{process} sends a {request.GetType().Name} of {request.Resource.Kind} {key} again without having looked.");
                }

                break;
            default:
                break;
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is not AgentEvent.ClusterAnswered { Request: var request, Outcome.Kind: var kind } || KeyOf(request) is not { } key)
        {
            return;
        }

        if (request.IsWrite && kind == OutcomeKind.InDoubt)
        {
            _inDoubt.Add((process, life, request.Resource.Kind, key));
        }
        else if (_inDoubt.Count > 0 && request is ClusterRequest.Get && kind is OutcomeKind.Done or OutcomeKind.NotFound)
        {
            // A look that is not answered shows nothing.
            _inDoubt.Remove((process, life, request.Resource.Kind, key));
        }
    }

    private static ObjectKey? KeyOf(ClusterRequest request) =>
        request.Resource.Kind is not ("PersistentVolume" or "PersistentVolumeClaim") ? null : request switch
        {
            ClusterRequest.Get get => get.Key,
            ClusterRequest.Patch patch => patch.Key,
            ClusterRequest.Replace replace => replace.Key,
            ClusterRequest.Delete delete => delete.Key,
            ClusterRequest.Create { Body: var body } create =>
                new ObjectKey(create.Namespace, body.Map("metadata")?.Text("name") ?? ""),
            _ => null,
        };

    private void Named(string what, string name)
    {
        if (!_names.TryAdd(what, name) && _names[what] != name)
        {
            Broken($"the volume of claim {what[3..]} is asked for as {name}, and was before as {_names[what]}.");
        }
    }
}
