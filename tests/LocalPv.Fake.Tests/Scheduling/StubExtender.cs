using System.Collections.Immutable;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>Answers as the extender of the recordings did.</summary>
internal static class StubExtender
{
    public static readonly ImmutableSortedDictionary<string, string> NoReasons =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static Outcome<ExtenderAnswer>? AllowAll(ExtenderVerb verb, ExtenderArguments arguments) =>
        Allow(verb, arguments, _ => true, "");

    /// <summary>Allows some nodes; of these, <paramref name="favourite"/> gets all the points.</summary>
    public static Outcome<ExtenderAnswer> Allow(
        ExtenderVerb verb,
        ExtenderArguments arguments,
        Func<string, bool> allowed,
        string favourite,
        bool unresolvable = false,
        Func<string, string>? reason = null)
    {
        if (verb == ExtenderVerb.Prioritize)
        {
            return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Prioritized(
                [.. arguments.CandidateNames.Select(name => new HostPriority(name, name == favourite ? 10 : 0))]));
        }

        var refused = arguments.CandidateNames.Where(name => !allowed(name))
            .ToImmutableSortedDictionary(name => name, reason ?? (_ => "stub: not allowed"), StringComparer.Ordinal);
        return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Filtered(
            arguments.NodeNames is { } names ? [.. names.Where(allowed)] : null,
            arguments.Nodes is { } nodes ? [.. nodes.Where(node => allowed(node.Name))] : null,
            unresolvable ? NoReasons : refused,
            unresolvable ? refused : NoReasons,
            ""));
    }
}
