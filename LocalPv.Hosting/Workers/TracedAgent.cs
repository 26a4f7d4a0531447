using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Workers;

/// <summary>An agent whose every step is written to a trace; the last one too, where it fails.</summary>
internal sealed class TracedAgent(IAgent agent, TraceFile trace) : IAgent
{
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        ImmutableArray<Effect> effects;
        try
        {
            effects = agent.Step(now, happened);
        }
        catch (Exception bug)
        {
            trace.AddFailure(now, happened, bug);
            throw;
        }

        trace.Add(now, happened, effects);
        return effects;
    }
}
