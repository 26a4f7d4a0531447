namespace LocalPv.Sim.Checking;

/// <summary>All invariants.</summary>
public static class InvariantCatalog
{
    /// <summary>New observers of every invariant, for one run.</summary>
    public static IEnumerable<Invariant> CreateAll()
    {
        var view = new ExtenderView();
        var rules = AllRules.Create(view);
        var observer = new RuleObserver(rules, view);
        return
        [
            observer,
            .. rules.OfType<LivenessRule>().Select(rule => new LivenessObserver(rule, observer)),
            new FaultMarks(),
            new RaceMarks(),
        ];
    }
}
