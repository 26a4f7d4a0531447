namespace LocalPv.Sim.Engine;

/// <summary>Something that happens at a moment of virtual time.</summary>
public abstract class SimulationEvent
{
    /// <summary>Lets it happen.</summary>
    public abstract void Happen();
}

/// <summary>An event whose content is a piece of code: for the few that are no part of the hot path.</summary>
public sealed class Occurrence(Action happen) : SimulationEvent
{
    /// <inheritdoc/>
    public override void Happen() => happen();
}
