using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>Is told of every step of every process: at what true time, what happened, and what the agent then wants done.</summary>
public interface IStepObserver
{
    /// <summary>An agent took a step.</summary>
    void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects);
}
