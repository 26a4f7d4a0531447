using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>Is told of every step of every process: at what true time, what happened, and what the agent then wants done.</summary>
public interface IStepObserver
{
    /// <summary>An agent took a step.</summary>
    void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects);

    /// <summary>An effect is about to take place though its time is up: its sender takes it for lost, or for in doubt.</summary>
    void OnLate(SimulatedProcess process, Effect effect);
}
