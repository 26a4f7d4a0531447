using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Sim.Checking;

/// <summary>A rule was broken: which one, when, and what was seen.</summary>
/// <param name="Id">The invariant, such as <c>S03</c>.</param>
/// <param name="At">When.</param>
/// <param name="What">What was seen, for a person.</param>
public sealed record Breach(string Id, Instant At, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {What}";
}

/// <summary>
/// A rule that must hold, as an observer of the truth: the API server's history and the nodes' LVM. It shares no code with what it judges,
/// changes nothing, and costs as much as what has changed. What it follows, it says by the <c>IFollows…</c> interfaces.
/// </summary>
public abstract class Rule(string id, string statement)
{
    private Action<Breach>? _tell;

    /// <summary>Its name: S01 to S26 for safety, L01 to L15 for liveness.</summary>
    public string Id { get; } = id;

    /// <summary>The rule in one sentence.</summary>
    public string Statement { get; } = statement;

    /// <summary>What is true now.</summary>
    protected Truth Truth { get; private set; } = null!;

    internal void Attach(Truth truth, Action<Breach> tell)
    {
        Truth = truth;
        _tell = tell;
    }

    /// <summary>Says that the rule is broken.</summary>
    protected void Broken(string what) => _tell!(new Breach(Id, Truth.Now, what));
}

/// <summary>A rule about what must come, once faults have ended.</summary>
public abstract class LivenessRule(string id, string statement, TimeSpan bound) : Rule(id, statement)
{
    /// <summary>How long after the end of the faults it must be so.</summary>
    public TimeSpan Bound { get; } = bound;

    /// <summary>What is still missing, and why; null where nothing is.</summary>
    public abstract string? Pending();

    /// <summary>The faults have ended.</summary>
    public virtual void OnHealed(Instant now)
    {
    }
}

/// <summary>A commit of the API server, and the process that wrote it; empty where a user or fate did.</summary>
public readonly record struct Commit(Change Change, string Actor)
{
    /// <summary>Whether one of LocalPv's own processes wrote it.</summary>
    public bool IsOurs => Actors.IsOurs(Actor);
}

/// <summary>A request to a node's storage, on its way or done.</summary>
public readonly record struct LvmCall(string Node, string Process, int Life, NodeStorageRequest Request);

/// <summary>A request of a process to the API server.</summary>
public readonly record struct ClusterCall(string Process, int Life, ClusterRequest Request);

/// <summary>Follows the objects.</summary>
internal interface IFollowsObjects
{
    void OnCommit(Commit commit);
}

/// <summary>Follows the logical volumes of all nodes.</summary>
internal interface IFollowsVolumes
{
    void OnVolume(VolumeChange change);
}

/// <summary>Follows the requests to the nodes' storage, scans too.</summary>
internal interface IFollowsStorage
{
    void Before(LvmCall call);

    /// <summary>It was done; <paramref name="outcome"/> is what the agent will hear, null where it hangs.</summary>
    void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome);
}

/// <summary>Follows the requests of LocalPv's own processes to the API server.</summary>
internal interface IFollowsRequests
{
    void Before(ClusterCall call);
}

/// <summary>Follows what processes ask for and learn, as it leaves and reaches them.</summary>
internal interface IFollowsProcesses
{
    void OnStarted(string process, int life);

    void OnAsked(string process, int life, Effect effect);

    void OnHappening(string process, int life, AgentEvent happened);
}

/// <summary>Follows what the extender is asked and answers.</summary>
internal interface IFollowsExtender
{
    void OnAnswered(CallExtender call, Outcome<ExtenderAnswer> answer);
}

/// <summary>Who is who among the processes.</summary>
internal static class Actors
{
    internal const string AgentPrefix = "agent/";

    internal static bool IsOurs(string actor) => IsAgent(actor) || IsExtender(actor) || IsController(actor);

    internal static bool IsAgent(string actor) => actor.StartsWith(AgentPrefix, StringComparison.Ordinal);

    /// <summary>Whether it is the agent of that node, or a second one there.</summary>
    internal static bool IsAgentOf(string actor, string node) =>
        IsAgent(actor) && actor.AsSpan(AgentPrefix.Length).TrimEnd('+').SequenceEqual(node);

    internal static bool IsExtender(string actor) => actor.StartsWith("extender", StringComparison.Ordinal);

    internal static bool IsController(string actor) => actor.StartsWith("controller", StringComparison.Ordinal);

    /// <summary>The node of an agent: <c>agent/node-1</c>, or <c>agent/node-1+</c> for a second one there.</summary>
    internal static string NodeOf(string agent) => agent[AgentPrefix.Length..].TrimEnd('+');
}
