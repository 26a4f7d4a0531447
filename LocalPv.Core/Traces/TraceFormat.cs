using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Traces;

/// <summary>
/// The trace of one life of an agent: JSON lines. The first is the header, with the agent's settings; then one a step: its number, its
/// moment (ticks of 100 ns since 1970), what happened, and the effects that came of it; and an end where the life had one. Whoever feeds
/// what happened to the same code gets the same effects. What agents do not read is left out: see <see cref="TraceRedaction"/>.
/// </summary>
public static class TraceFormat
{
    /// <summary>The name and version of the format. A change that old readers misunderstand takes another version.</summary>
    public const string Name = "localpv-trace/1";

    /// <summary>Whose trace it is: a node's agent.</summary>
    public const string NodeAgent = "node-agent";

    /// <summary>Whose trace it is: the cluster's agent, the controller.</summary>
    public const string ClusterAgent = "cluster-agent";

    /// <summary>Whose trace it is: the scheduler's extender.</summary>
    public const string Extender = "extender";

    /// <summary>Why a trace ends: its agent was stopped.</summary>
    public const string Stopped = "stopped";

    /// <summary>Why a trace ends: its file was as large as it may be, and the agent went on without it.</summary>
    public const string Full = "full";

    /// <summary>The first line: who, of which version of LocalPv, with which settings.</summary>
    public static JsonMap Header(NodeAgentOptions options, string version) => JsonMap.Of(
        ("format", Name), ("agent", NodeAgent), ("version", version), ("options", NodeAgentOptionsTree.Write(options)));

    /// <summary>The same of the cluster's agent.</summary>
    public static JsonMap Header(ClusterAgentOptions options, string version) => JsonMap.Of(
        ("format", Name), ("agent", ClusterAgent), ("version", version), ("options", ClusterAgentOptionsTree.Write(options)));

    /// <summary>The same of the extender.</summary>
    public static JsonMap Header(ExtenderOptions options, string version) => JsonMap.Of(
        ("format", Name), ("agent", Extender), ("version", version), ("options", ExtenderOptionsTree.Write(options)));

    /// <summary>A question of the scheduler and the extender's answer: a step like the others.</summary>
    /// <param name="number">The step's number.</param>
    /// <param name="now">When it was asked.</param>
    /// <param name="question">The question, see <see cref="TraceQuestion.Write"/>.</param>
    /// <param name="answer">The answer.</param>
    public static JsonMap Asked(long number, Instant now, JsonMap question, JsonMap answer) => JsonMap.Of(
        ("n", number), ("at", now.TicksSinceEpoch), ("event", question), ("effects", new JsonList([answer])));

    /// <summary>A step. The first has the number 1.</summary>
    public static JsonMap Step(long number, Instant now, AgentEvent happened, ImmutableArray<Effect> effects) => JsonMap.Of(
        ("n", number),
        ("at", now.TicksSinceEpoch),
        ("event", TraceEvents.Write(happened)),
        ("effects", Effects(effects)));

    /// <summary>A step in which the agent failed.</summary>
    public static JsonMap Failure(long number, Instant now, AgentEvent happened, Exception bug) => JsonMap.Of(
        ("n", number),
        ("at", now.TicksSinceEpoch),
        ("event", TraceEvents.Write(happened)),
        ("failed", $"{bug.GetType().Name}: {bug.Message}"));

    /// <summary>Reads what happened in a step; throws <see cref="TraceException"/> where it cannot be read.</summary>
    /// <param name="step">The step's line.</param>
    /// <param name="calls">What the replayed agent has asked up to then.</param>
    public static AgentEvent ReadEvent(JsonMap step, TraceCalls calls) =>
        TraceEvents.Read(step.Map("event") ?? throw new TraceException("this step does not say what happened."), calls);

    /// <summary>The effects of a step.</summary>
    public static JsonList Effects(ImmutableArray<Effect> effects) => new([.. effects.Select(TraceEffects.Write)]);

    /// <summary>The last line of a life that ended in order.</summary>
    public static JsonMap End(string why) => JsonMap.Of(("end", why));
}
