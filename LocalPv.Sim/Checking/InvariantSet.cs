using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Checking;

/// <summary>The invariants of one run: passes everything that happens on to each of them.</summary>
internal sealed class InvariantSet(IEnumerable<Invariant> invariants) : IWorldObserver
{
    private readonly Invariant[] _invariants = [.. invariants];

    // Steps and commits are most of what happens, and few follow them: the others are not told.
    private Invariant[] _ofSteps = [];
    private Invariant[] _ofCommits = [];

    internal IReadOnlyList<Invariant> All => _invariants;

    internal void Begin(RunContext run)
    {
        _ofSteps = Following(nameof(Invariant.OnStep));
        _ofCommits = Following(nameof(Invariant.OnCommit));
        run.Cluster.Server.Committed += OnCommit;
        foreach (var invariant in _invariants)
        {
            invariant.Observe(run);
        }
    }

    public void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        foreach (var invariant in _ofSteps)
        {
            invariant.OnStep(process, now, happened, effects);
        }
    }

    public void OnLate(SimulatedProcess process, Effect effect)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnLate(process, effect);
        }
    }

    public void OnStorage(StorageCall call)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnStorage(call);
        }
    }

    public void OnExtender(ExtenderExchange exchange)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnExtender(exchange);
        }
    }

    public void OnDevice(DeviceUse use)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnDevice(use);
        }
    }

    public void OnFault(ActiveFault fault, bool hasBegun)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnFault(fault, hasBegun);
        }
    }

    public void OnPlanStep(TimedStep step, string? problem)
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnPlanStep(step, problem);
        }
    }

    internal void OnHealed()
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnHealed();
        }
    }

    internal void OnEnd()
    {
        foreach (var invariant in _invariants)
        {
            invariant.OnEnd();
        }
    }

    private void OnCommit(Change change)
    {
        foreach (var invariant in _ofCommits)
        {
            invariant.OnCommit(change);
        }
    }

    private Invariant[] Following(string hook) =>
        [.. _invariants.Where(invariant => invariant.GetType().GetMethod(hook)!.DeclaringType != typeof(Invariant))];
}
