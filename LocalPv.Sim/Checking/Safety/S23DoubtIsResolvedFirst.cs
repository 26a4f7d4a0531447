using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S23: after a creation whose end is not known, the object is read before it is asked for again; and a claim's volume is never asked for
/// under a second name. Source: design rule 4.
/// </summary>
internal sealed class S23DoubtIsResolvedFirst()
    : Rule("S23", "After doubt comes a look, and never another name."), IFollowsProcesses
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Process, int Life, string Name)> _inDoubt = [];

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
            case Effect.CallCluster { Request: ClusterRequest.Create { Type.Kind: "PersistentVolume" } create }:
                var name = create.Body.Map("metadata")?.Text("name") ?? "";
                Named("pv " + (create.Body.Map("spec")?.Map("claimRef")?.Text("uid") ?? ""), name);
                if (_inDoubt.Contains((process, life, name)))
                {
                    Broken($"{process} asks for {name} again without having looked.");
                }

                break;
            case Effect.CallCluster { Request: ClusterRequest.Get { Type.Kind: "PersistentVolume" } get }:
                _inDoubt.Remove((process, life, get.Key.Name));
                break;
            default:
                break;
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is AgentEvent.ClusterAnswered { Request: ClusterRequest.Create { Type.Kind: "PersistentVolume" } create } answered)
        {
            var key = (process, life, create.Body.Map("metadata")?.Text("name") ?? "");
            if (answered.Outcome.Kind == OutcomeKind.InDoubt)
            {
                _inDoubt.Add(key);
            }
            else
            {
                _inDoubt.Remove(key);
            }
        }
    }

    private void Named(string what, string name)
    {
        if (!_names.TryAdd(what, name) && _names[what] != name)
        {
            Broken($"the volume of claim {what[3..]} is asked for as {name}, and was before as {_names[what]}.");
        }
    }
}
