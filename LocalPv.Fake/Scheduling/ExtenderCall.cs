using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;

namespace LocalPv.Fake.Scheduling;

/// <summary>What an extender is asked to do.</summary>
public enum ExtenderVerb
{
    /// <summary>Say which nodes can take the Pod.</summary>
    Filter,

    /// <summary>Score the nodes, 0 to 10.</summary>
    Prioritize,
}

/// <summary>
/// What an extender is asked (<c>ExtenderArgs</c>): the Pod, and its candidates either as names or as whole objects, the other being null.
/// </summary>
public sealed record ExtenderArguments(Pod Pod, ImmutableArray<string>? NodeNames, ImmutableArray<Node>? Nodes)
{
    /// <summary>The names of the candidates, in the order they were sent.</summary>
    public IEnumerable<string> CandidateNames => NodeNames is { } names ? names : (Nodes ?? []).Select(node => node.Name);
}

/// <summary>An extender's answer to a call. A closed set.</summary>
public abstract record ExtenderAnswer
{
    private ExtenderAnswer()
    {
    }

    /// <summary>
    /// The answer to a filter call (<c>ExtenderFilterResult</c>). Null where the extender sent null or nothing. The two maps give a reason
    /// for each refused node; preemption may be tried on those of the first only. A text in <paramref name="Error"/> makes it a failure.
    /// </summary>
    public sealed record Filtered(
        ImmutableArray<string>? NodeNames,
        ImmutableArray<Node>? Nodes,
        ImmutableSortedDictionary<string, string> FailedNodes,
        ImmutableSortedDictionary<string, string> FailedAndUnresolvableNodes,
        string Error) : ExtenderAnswer;

    /// <summary>The answer to a prioritize call (<c>HostPriorityList</c>).</summary>
    public sealed record Prioritized(ImmutableArray<HostPriority> Hosts) : ExtenderAnswer;
}

/// <summary>An extender's score of a node, 0 to 10.</summary>
public readonly record struct HostPriority(string Host, long Score);

/// <summary>
/// Ask an extender; answered by one <see cref="ExtenderAnswered"/> with the same number, or not at all: the scheduler watches the time.
/// </summary>
public sealed record CallExtender(long Call, ExtenderSettings Extender, ExtenderVerb Verb, ExtenderArguments Arguments) : Effect;

/// <summary>
/// The answer to <see cref="CallExtender"/>. A failure's message is what the scheduler's own HTTP client would say; it ends up in the
/// Pod's condition.
/// </summary>
public sealed record ExtenderAnswered(long Call, Outcome<ExtenderAnswer> Outcome) : AgentEvent;
