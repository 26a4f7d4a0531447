using LocalPv.Core.Units;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Faults;

/// <summary>A fault that is there now: bound to its target, with its own stream of chances.</summary>
public sealed class ActiveFault
{
    private readonly KeyedRandom _random;

    internal ActiveFault(Fault fault, string target, KeyedRandom random, Instant begunAt)
    {
        Fault = fault;
        Target = target;
        BegunAt = begunAt;
        _random = random;
    }

    /// <summary>What the plan says.</summary>
    public Fault Fault { get; }

    /// <summary>The process or node that it is bound to; empty for the whole cluster.</summary>
    public string Target { get; }

    /// <summary>When it began.</summary>
    public Instant BegunAt { get; }

    /// <summary>What undoes it; null where nothing is left to undo.</summary>
    internal Action? Undo { get; set; }

    internal FaultType Type => Fault.Type;

    /// <summary>Whether it happens this time: to that thing, at that moment.</summary>
    internal bool Happens(Instant now, string key) =>
        Fault.Percent >= 100 || _random.For(key).Below(now.TicksSinceEpoch, 100) < Fault.Percent;

    /// <summary>A duration up to <see cref="Fault.By"/>, by the moment.</summary>
    internal TimeSpan Amount(Instant now) => _random.Between(now.TicksSinceEpoch, TimeSpan.Zero, Fault.By);

    /// <summary>A choice of so many, by the moment.</summary>
    internal long Choice(Instant now, long count) => _random.For("choice").Below(now.TicksSinceEpoch, count);
}
