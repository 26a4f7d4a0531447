using LocalPv.Core.Units;

namespace LocalPv.Sim.Faults;

/// <summary>The faults that one process, one node or the extender's service suffers now.</summary>
internal sealed class Conditions
{
    private readonly List<ActiveFault> _active = [];

    /// <summary>Whether nothing is wrong.</summary>
    internal bool AreCalm => _active.Count == 0;

    internal IReadOnlyList<ActiveFault> Active => _active;

    /// <summary>Is told that something is wrong from now on.</summary>
    internal Action? Troubled { get; set; }

    internal void Add(ActiveFault fault)
    {
        _active.Add(fault);
        Troubled?.Invoke();
    }

    internal void Remove(ActiveFault fault) => _active.Remove(fault);

    /// <summary>The first fault of that type, or null.</summary>
    internal ActiveFault? Find(FaultType type)
    {
        foreach (var fault in _active)
        {
            if (fault.Type == type)
            {
                return fault;
            }
        }

        return null;
    }

    internal bool Has(FaultType type) => Find(type) is not null;

    /// <summary>Whether a fault of that type happens this time.</summary>
    internal bool Happens(FaultType type, Instant now, string key) => Find(type) is { } fault && fault.Happens(now, key);

    /// <summary>What a fault of that type amounts to at this moment.</summary>
    internal TimeSpan Amount(FaultType type, Instant now) => Find(type)?.Amount(now) ?? TimeSpan.Zero;
}
