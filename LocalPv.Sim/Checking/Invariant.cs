using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Checking;

/// <summary>
/// Something that must be true of every run: an independent observer of the truth (the API server's history, the nodes' disks), told of
/// everything right after it happened. It shares no code with what it checks, remembers what it needs, and is made anew for each run.
/// A safety invariant calls <see cref="Broken"/> when it sees what must not be. A liveness invariant says in <see cref="Pending"/>
/// what is still to be done; from its <see cref="Bound"/> after the healing on, and to the end of the run, that must be nothing.
/// </summary>
public abstract class Invariant
{
    private RunContext? _run;

    /// <summary>Its short name, such as <c>S03</c>.</summary>
    public abstract string Id { get; }

    /// <summary>What must be true, in a sentence.</summary>
    public abstract string Statement { get; }

    /// <summary>How long after the healing <see cref="Pending"/> may still name something; null for safety invariants.</summary>
    public virtual TimeSpan? Bound => null;

    /// <summary>The run that is observed.</summary>
    protected RunContext Run => _run ?? throw new InvalidOperationException($"{Id} observes no run yet.");

    /// <summary>The run is about to begin; nothing has happened.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>An object was written.</summary>
    public virtual void OnCommit(Change change)
    {
    }

    /// <summary>An agent took a step.</summary>
    public virtual void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
    }

    /// <summary>An effect is about to take place though its time is up.</summary>
    public virtual void OnLate(SimulatedProcess process, Effect effect)
    {
    }

    /// <summary>LVM was asked for something.</summary>
    public virtual void OnStorage(StorageCall call)
    {
    }

    /// <summary>The extender was asked.</summary>
    public virtual void OnExtender(ExtenderExchange exchange)
    {
    }

    /// <summary>A kubelet used a device.</summary>
    public virtual void OnDevice(DeviceUse use)
    {
    }

    /// <summary>A fault began or ended.</summary>
    public virtual void OnFault(ActiveFault fault, bool hasBegun)
    {
    }

    /// <summary>A step of the plan was taken; where it could not be, <paramref name="problem"/> says why.</summary>
    public virtual void OnPlanStep(TimedStep step, string? problem)
    {
    }

    /// <summary>The chaos is over: only faults that are for ever are left.</summary>
    public virtual void OnHealed()
    {
    }

    /// <summary>What is still to be done, in words; null where nothing is. Asked only after the healing.</summary>
    public virtual string? Pending() => null;

    /// <summary>The run has ended without a violation.</summary>
    public virtual void OnEnd()
    {
    }

    /// <summary>Says that it does not hold. The run ends after this event; the first to speak is reported.</summary>
    protected void Broken(string what) => Run.Break(Id, what);

    internal void Observe(RunContext run)
    {
        _run = run;
        OnBegin();
    }
}
