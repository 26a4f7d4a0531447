using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Sim.Checking.Liveness;
using LocalPv.Sim.Checking.Safety;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Checking;

/// <summary>Tells all rules of a run, which they judge together: they share one picture of the truth.</summary>
internal sealed class RuleObserver(IReadOnlyList<Rule> rules, ExtenderView view) : Invariant
{
    private RuleSuite? _suite;
    private Instant _lookedAt = Instant.Epoch;

    /// <inheritdoc/>
    public override string Id => "rules";

    /// <inheritdoc/>
    public override string Statement => "S01 to S26 hold after every event.";

    /// <summary>Looks at every node's disks now.</summary>
    internal void LookAgain()
    {
        if (_lookedAt != Run.Now)
        {
            _lookedAt = Run.Now;
            _suite!.LookAtAllNodes();
        }
    }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        var cluster = Run.Cluster;
        foreach (var repeatable in rules.OfType<S19AnswersAreWellFormed>())
        {
            repeatable.Repeat = cluster.AskExtender;
        }

        foreach (var recovery in rules.OfType<L08CopiesRecover>())
        {
            recovery.Copies = () => cluster.Processes.Values
                .Where(process => process.IsOurs && !process.IsPaused && process.Agent is IKeepsCopies)
                .SelectMany(process => ((IKeepsCopies)process.Agent!).Copies.Select(copy => (process.Name, copy)));
        }

        view.SeesSome = cluster.Plan.Knobs.Number("scheduler.sample-at-least") <= cluster.Plan.Cluster.Nodes;
        view.Remember(cluster.Settings.Extender().Ledger, cluster.Settings.Agent(NodeName.Parse(Names.Node(1)), 0));
        _suite = new RuleSuite(cluster.Server, cluster.Storage, () => cluster.Loop.Now, rules, view, Run.Break);
        cluster.Attach(_suite);
    }

    /// <inheritdoc/>
    public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        if (!process.IsOurs)
        {
            return;
        }

        _suite!.Happening(process.Name, process.Incarnation, happened);
        foreach (var effect in effects)
        {
            _suite.Asked(process.Name, process.Incarnation, effect);
        }
    }

    /// <inheritdoc/>
    public override void OnFault(ActiveFault fault, bool hasBegun)
    {
        _suite!.LookAtAllNodes();
        if (hasBegun && fault.Fault.Type is (FaultType.ReplaceNode or FaultType.MovedDisks))
        {
            foreach (var rule in rules.OfType<S12ClaimsAreGivenBackWithCare>())
            {
                rule.MachineIsGone(fault.Target);
            }
        }

        if (fault.Fault is { Type: FaultType.MetadataFull, Forever: true })
        {
            _suite.Truth.SetRefusing(fault.Target);
        }
    }

    /// <inheritdoc/>
    public override void OnPlanStep(TimedStep step, string? problem) => _suite!.LookAtAllNodes();

    /// <inheritdoc/>
    public override void OnHealed()
    {
        _suite!.LookAtAllNodes();
        foreach (var rule in rules.OfType<LivenessRule>())
        {
            rule.OnHealed(Run.Now);
        }
    }
}

/// <summary>Asks one liveness rule what is still to be done, when its time has come.</summary>
internal sealed class LivenessObserver(LivenessRule rule, RuleObserver observer) : Invariant
{
    /// <inheritdoc/>
    public override string Id => rule.Id;

    /// <inheritdoc/>
    public override string Statement => rule.Statement;

    /// <inheritdoc/>
    public override TimeSpan? Bound => rule.Bound;

    /// <inheritdoc/>
    public override string? Pending()
    {
        observer.LookAgain();
        return rule.Pending();
    }
}
