namespace LocalPv.Sim.Checking;

/// <summary>All invariants.</summary>
public static class InvariantCatalog
{
    /// <summary>New observers of every invariant, for one run.</summary>
    public static IEnumerable<Invariant> CreateAll() => [new InvariantChecks(), new FaultMarks()];
}
