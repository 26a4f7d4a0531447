using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.World;

/// <summary>
/// The way from the scheduler to the extender: a Service that leads to one of the replicas that run, or is refused while none does.
/// </summary>
internal sealed class SimulatedExtenderEndpoint(SimulatedCluster cluster, IWorldObserver? observer) : IExtenderEndpoint
{
    private const int ServiceUnavailable = 503;
    private const int InternalServerError = 500;

    public ValueTask<Outcome<ExtenderAnswer>> AskAsync(
        ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments, CancellationToken cancellationToken)
    {
        var service = cluster.Faults.Service;
        var running = Replicas();
        if (running.Count > 0 && running.TrueForAll(replica => replica.IsPaused))
        {
            return new(new TaskCompletionSource<Outcome<ExtenderAnswer>>().Task);
        }

        var now = cluster.Loop.Now;
        running.RemoveAll(replica => replica.IsPaused);
        if (running.Count == 0 || service.Happens(FaultType.ExtenderRefused, now, arguments.Pod.Name))
        {
            return new(Fail(verb, arguments, ExtenderWire.ConnectionRefused(extender, verb, Names.Extender)));
        }

        if (service.Happens(FaultType.ExtenderError, now, arguments.Pod.Name))
        {
            return new(Fail(verb, arguments, ExtenderWire.Read(extender, verb, InternalServerError, [])));
        }

        if (service.Happens(FaultType.ExtenderGarbage, now, arguments.Pod.Name))
        {
            return new(Fail(verb, arguments, ExtenderWire.Read(extender, verb, 200, "<html>"u8)));
        }

        var replica = running[(int)cluster.Random.For(Names.Extender).Below(now.TicksSinceEpoch, running.Count)];
        var agent = (ExtenderAgent)replica.Agent!;
        return new(agent.IsReady
            ? Ask(replica.Name, agent, verb, arguments)
            : Fail(verb, arguments, ExtenderWire.Read(extender, verb, ServiceUnavailable, [])));
    }

    private List<Engine.SimulatedProcess> Replicas() =>
        [.. cluster.Extenders.Where(process => process.Agent is ExtenderAgent)];

    private Outcome<ExtenderAnswer> Fail(ExtenderVerb verb, ExtenderArguments arguments, Outcome<ExtenderAnswer> answer)
    {
        observer?.OnExtender(new ExtenderExchange("", verb, arguments.Pod, [.. arguments.CandidateNames], null, null, answer.Message));
        return answer;
    }

    private Outcome<ExtenderAnswer> Ask(string replica, ExtenderAgent agent, ExtenderVerb verb, ExtenderArguments arguments)
    {
        var request = new FilterRequest(PodToPlace.From(arguments.Pod), [.. arguments.CandidateNames]);
        var now = cluster.Processes[replica].OwnNow;
        if (verb == ExtenderVerb.Filter)
        {
            var filtered = agent.Filter(now, request);
            observer?.OnExtender(new ExtenderExchange(replica, verb, arguments.Pod, request.NodeNames, filtered, null, filtered.Error));
            return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Filtered(
                filtered.Passed,
                null,
                ImmutableSortedDictionary<string, string>.Empty,
                filtered.Rejected.ToImmutableSortedDictionary(node => node.Node, node => node.Reason, StringComparer.Ordinal),
                filtered.Error));
        }

        var scored = agent.Prioritize(now, request);
        observer?.OnExtender(new ExtenderExchange(replica, verb, arguments.Pod, request.NodeNames, null, scored, scored.Error));
        return Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Prioritized(
            [.. scored.Scores.Select(score => new HostPriority(score.Node, score.Score))]));
    }
}
