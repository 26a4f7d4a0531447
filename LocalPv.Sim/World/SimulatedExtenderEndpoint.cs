using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Sim.World;

/// <summary>The way from the scheduler to the extender: straight to the agent that runs now, or refused while none does.</summary>
internal sealed class SimulatedExtenderEndpoint(SimulatedCluster cluster) : IExtenderEndpoint
{
    private const int ServiceUnavailable = 503;

    public ValueTask<Outcome<ExtenderAnswer>> AskAsync(
        ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments, CancellationToken cancellationToken) =>
        new(Ask(extender, verb, arguments));

    private Outcome<ExtenderAnswer> Ask(ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments)
    {
        if (cluster.Processes[Names.Extender].Agent is not ExtenderAgent agent)
        {
            return ExtenderWire.ConnectionRefused(extender, verb, "extender");
        }

        if (!agent.IsReady)
        {
            return ExtenderWire.Read(extender, verb, ServiceUnavailable, []);
        }

        var request = new FilterRequest(PodToPlace.From(arguments.Pod), [.. arguments.CandidateNames]);
        return verb == ExtenderVerb.Filter ? Filter(agent, request) : Prioritize(agent, request);
    }

    private Outcome<ExtenderAnswer> Filter(ExtenderAgent agent, FilterRequest request)
    {
        var decision = agent.Filter(cluster.Loop.Now, request);
        return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Filtered(
            decision.Passed,
            null,
            ImmutableSortedDictionary<string, string>.Empty,
            decision.Rejected.ToImmutableSortedDictionary(node => node.Node, node => node.Reason, StringComparer.Ordinal),
            decision.Error));
    }

    private Outcome<ExtenderAnswer> Prioritize(ExtenderAgent agent, FilterRequest request)
    {
        var decision = agent.Prioritize(cluster.Loop.Now, request);
        return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Prioritized(
            [.. decision.Scores.Select(score => new HostPriority(score.Node, score.Score))]));
    }
}
