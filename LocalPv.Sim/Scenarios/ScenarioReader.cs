using System.Collections.Immutable;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Scenarios;

/// <summary>
/// Reads a scenario: the lines of a plan (see <see cref="PlanReader"/>), and what must come of it:
/// <code>
/// run on 30s                    (how long to go on after the last statement)
/// by 1m pod web Running [on node-2]   (what follows holds at that moment)
/// by 1m claim data Bound [on node-2]
/// by 1m gone pod|claim|volume web
/// by 1m all bound
/// by 1m volumes on node-1 0
/// by 1m storage fast.node-1 Ready
/// by 1m capacity data 8Gi
/// by 1m rescheduled data 1
/// by 1m field volume #0 spec.local.fsType xfs   (a field that is not there is -)
/// by 1m event claim data ProvisioningFailed
/// by 1m events claim data 5     (at most)
/// </code>
/// </summary>
public static class ScenarioReader
{
    /// <summary>Reads a scenario; throws <see cref="PlanException"/> naming the line where it is wrong.</summary>
    public static Scenario Read(string text)
    {
        var length = TimeSpan.FromSeconds(30);
        var expectations = ImmutableArray.CreateBuilder<Expectation>();
        var plan = new PlanReader();
        plan.ReadLines(text, (line, word) =>
        {
            switch (word)
            {
                case "run":
                    length = line.TryWord("on") ? line.Duration(line.Word("a duration")) : throw line.Problem("Write 'run on 30s'.");
                    break;
                case "by":
                    var by = line.Duration(line.Word("a time"));
                    expectations.Add(new Expectation(by, ReadCondition(line), line.Number, line.Text));
                    break;
                default:
                    throw line.Problem(
                        $"'{word}' is no statement: begin with cluster, run, at or by. A plan's seed, knob, heal, recover may be there.");
            }
        });
        return new Scenario(plan.ToPlan(), expectations.ToImmutable(), length);
    }

    private static Condition ReadCondition(LineReader line)
    {
        var subject = line.Word("a condition");
        switch (subject)
        {
            case "pod":
                return new Condition.PodIs(line.NameInNamespace("a Pod"), line.Word("a phase"), Node(line));
            case "claim":
                return new Condition.ClaimIs(line.NameInNamespace("a claim"), line.Word("a phase"), Node(line));
            case "gone":
                return new Condition.Gone(PlanReader.Kind(line), line.NameInNamespace("an object"));
            case "all" when line.TryWord("bound"):
                return new Condition.AllBound();
            case "volumes" when line.TryWord("on"):
                return new Condition.VolumesOn(line.Name("a node"), line.Count(line.Word("a number"), "volumes"));
            case "storage":
                return new Condition.StorageIs(line.Name("a NodeLocalStorage"), line.Word("a phase"));
            case "capacity":
                return new Condition.CapacityOf(line.NameInNamespace("a claim"), line.Bytes(line.Word("a size")));
            case "rescheduled":
                return new Condition.Rescheduled(
                    line.NameInNamespace("a claim"), line.HasWord ? line.Count(line.Word("a number"), "times") : 1);
            case "field":
                return new Condition.FieldIs(
                    PlanReader.Kind(line), line.NameInNamespace("an object"), line.Word("a path"), line.Word("a value"));
            case "event":
                return new Condition.Told(PlanReader.Kind(line), line.NameInNamespace("an object"), line.Word("a reason"), 0);
            case "events":
                return new Condition.Told(
                    PlanReader.Kind(line), line.NameInNamespace("an object"), null, line.Count(line.Word("a number"), "events"));
            default:
                throw line.Problem(
                    $"'{subject}' is no condition: use pod, claim, gone, all bound, volumes on, storage, capacity, rescheduled, field, "
                    + "event or events.");
        }
    }

    private static string? Node(LineReader line) => line.TryWord("on") ? line.Name("a node") : null;
}
