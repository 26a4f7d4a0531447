using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L12: a volume group whose LVM command hangs is reported as silent, and keeps nobody else from working (what else works is for the other
/// rules to say). Source: harvester#11098, topolvm#1161.
/// </summary>
internal sealed class L12OneHangStopsNobodyElse()
    : LivenessRule("L12", "A hanging volume group is reported.", TimeSpan.FromMinutes(3)), IFollowsStorage, IFollowsProcesses
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private readonly SortedDictionary<(string Process, string Group), (string Node, Instant Since)> _hung = [];
    private readonly Dictionary<string, int> _lives = new(StringComparer.Ordinal);

    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        // A command that outlives its process keeps nobody waiting.
        if (call.Request.VolumeGroup is not { } group || call.Life < _lives.GetValueOrDefault(call.Process))
        {
            return;
        }

        if (outcome is null)
        {
            _hung.TryAdd((call.Process, group.Value), (call.Node, Truth.Now));
        }
        else
        {
            _hung.Remove((call.Process, group.Value));
        }
    }

    public void OnStarted(string process, int life)
    {
        _lives[process] = life;
        foreach (var key in _hung.Keys.Where(key => key.Process == process).ToArray())
        {
            _hung.Remove(key);
        }
    }

    public void OnAsked(string process, int life, Effect effect)
    {
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        // The time limit has answered for the command: what the agent does then is another matter.
        if (happened is AgentEvent.StorageAnswered { Request.VolumeGroup: { } group })
        {
            _hung.Remove((process, group.Value));
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var ((process, group), (node, since)) in _hung)
        {
            if (Truth.IsServed(node) && Truth.Now - since > Longest && Truth.Storages.Values.FirstOrDefault(storage =>
                storage.NodeName == node && Demand.GroupOf(storage) == group && IsSaidToAnswer(storage)) is { } storage)
            {
                return $"{process} has waited for {group} since {since}, and {storage.Name} does not say so.";
            }
        }

        return null;
    }

    private static bool IsSaidToAnswer(NodeLocalStorage storage) => storage.Report.Conditions
        .Any(condition => condition is { Type: "Responsive", Status: "True" });
}
