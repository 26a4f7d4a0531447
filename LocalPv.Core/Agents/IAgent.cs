using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// A single-threaded state machine without input or output: what happened and the time go in, what is to be done comes out as data.
/// The same state and the same input give the same effects. One driver calls it, one event at a time; the time never goes back.
/// </summary>
public interface IAgent
{
    /// <summary>Takes in one event. The first is always <see cref="AgentEvent.Started"/>.</summary>
    ImmutableArray<Effect> Step(Instant now, AgentEvent happened);
}
