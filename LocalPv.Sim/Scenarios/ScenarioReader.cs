using System.Collections.Immutable;

namespace LocalPv.Sim.Scenarios;

/// <summary>
/// Reads a scenario. One statement a line; <c>#</c> begins a comment; the first comment is the title. Statements:
/// <code>
/// cluster nodes=3 disks=2 disk-size=20Gi
/// run on 30s
/// at 0s class fast [nodes=node-1,node-2] [reserve=1Gi] [reclaim=Retain]
/// at 5s pod web [claims=data:5Gi:fast,old] [node=node-1]
/// at 5s statefulset db replicas=3 claims=data:5Gi:fast
/// at 5s claim data size=5Gi class=fast
/// at 9s resize data 8Gi
/// at 9s delete pod|claim|statefulset|class|node web
/// at 9s fill node-1 18Gi        (space taken behind the agent's back)
/// at 9s unfill node-1
/// at 9s crash|start|restart agent/node-1|extender|controller|scheduler|pv-controller
/// by 1m pod web Running [on node-2]   (what follows holds at that moment)
/// by 1m claim data Bound [on node-2]
/// by 1m gone pod|claim|volume web
/// by 1m all bound
/// by 1m volumes on node-1 0
/// by 1m storage fast.node-1 Ready
/// by 1m capacity data 8Gi
/// by 1m rescheduled data 1
/// </code>
/// </summary>
public static class ScenarioReader
{
    private static readonly string[] Kinds = ["pod", "claim", "statefulset", "class", "node", "volume"];

    /// <summary>Reads a scenario; throws <see cref="ScenarioException"/> naming the line where it is wrong.</summary>
    public static Scenario Read(string text)
    {
        var title = "";
        var shape = ClusterShape.Default;
        var length = TimeSpan.FromSeconds(30);
        var steps = ImmutableArray.CreateBuilder<TimedStep>();
        var expectations = ImmutableArray.CreateBuilder<Expectation>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var comment = raw.IndexOf('#', StringComparison.Ordinal);
            if (title.Length == 0 && comment >= 0)
            {
                title = raw[(comment + 1)..].Trim();
            }

            var statement = (comment >= 0 ? raw[..comment] : raw).Trim();
            if (statement.Length == 0)
            {
                continue;
            }

            var line = new LineReader(number, statement);
            switch (line.Word("a statement"))
            {
                case "cluster":
                    shape = ReadShape(line);
                    break;
                case "run":
                    length = line.TryWord("on") ? line.Duration(line.Word("a duration")) : throw line.Problem("Write 'run on 30s'.");
                    break;
                case "at":
                    var at = line.Duration(line.Word("a time"));
                    steps.AddRange(ReadSteps(line).Select(step => new TimedStep(at, step, number)));
                    break;
                case "by":
                    var by = line.Duration(line.Word("a time"));
                    expectations.Add(new Expectation(by, ReadCondition(line), number, statement));
                    break;
                case var other:
                    throw line.Problem($"'{other}' is no statement: begin with cluster, run, at or by.");
            }

            line.End();
        }

        return new Scenario(title, shape, [.. steps.OrderBy(step => step.At)], expectations.ToImmutable(), length);
    }

    private static ClusterShape ReadShape(LineReader line)
    {
        var shape = ClusterShape.Default;
        return new ClusterShape(
            line.Setting("nodes") is { } nodes ? line.Number(nodes, "nodes") : shape.Nodes,
            line.Setting("disks") is { } disks ? line.Number(disks, "disks") : shape.Disks,
            line.Setting("disk-size") is { } size ? line.Bytes(size) : shape.DiskSize);
    }

    private static IEnumerable<Step> ReadSteps(LineReader line)
    {
        var verb = line.Word("a step");
        return verb switch
        {
            "class" =>
            [
                new Step.MakeClass(line.Name("a class"), line.List("nodes"), line.Setting("reserve"), line.Setting("reclaim")),
            ],
            "pod" => [new Step.MakePod(line.Name("a Pod"), line.Claims(), line.Setting("node"))],
            "statefulset" =>
            [
                new Step.MakeStatefulSet(
                    line.Name("a StatefulSet"), line.Number(line.Setting("replicas") ?? "1", "replicas"), line.Claims()),
            ],
            "claim" =>
            [
                new Step.MakeClaim(new ClaimText(
                    line.Name("a claim"),
                    line.Size(line.Setting("size") ?? throw line.Problem("A claim needs size=.")),
                    line.Setting("class") ?? throw line.Problem("A claim needs class=."))),
            ],
            "resize" => [new Step.Resize(line.Name("a claim"), line.Size(line.Word("a size")))],
            "delete" => [new Step.Delete(Kind(line), line.Name("an object"))],
            "fill" => [new Step.Fill(line.Name("a node"), line.Size(line.Word("a size")))],
            "unfill" => [new Step.Unfill(line.Name("a node"))],
            "crash" => [new Step.Crash(line.Word("a process"))],
            "start" => [new Step.Start(line.Word("a process"))],
            "restart" when line.Word("a process") is var process => [new Step.Crash(process), new Step.Start(process)],
            _ => throw line.Problem(
                $"'{verb}' is no step: use class, pod, statefulset, claim, resize, delete, fill, unfill, crash, start or restart."),
        };
    }

    private static Condition ReadCondition(LineReader line)
    {
        var subject = line.Word("a condition");
        switch (subject)
        {
            case "pod":
                return new Condition.PodIs(line.Name("a Pod"), line.Word("a phase"), Node(line));
            case "claim":
                return new Condition.ClaimIs(line.Name("a claim"), line.Word("a phase"), Node(line));
            case "gone":
                return new Condition.Gone(Kind(line), line.Name("an object"));
            case "all" when line.TryWord("bound"):
                return new Condition.AllBound();
            case "volumes" when line.TryWord("on"):
                return new Condition.VolumesOn(line.Name("a node"), line.Number(line.Word("a number"), "volumes"));
            case "storage":
                return new Condition.StorageIs(line.Name("a NodeLocalStorage"), line.Word("a phase"));
            case "capacity":
                return new Condition.CapacityOf(line.Name("a claim"), line.Bytes(line.Word("a size")));
            case "rescheduled":
                return new Condition.Rescheduled(line.Name("a claim"), line.HasWord ? line.Number(line.Word("a number"), "times") : 1);
            default:
                throw line.Problem(
                    $"'{subject}' is no condition: use pod, claim, gone, all bound, volumes on, storage, capacity or rescheduled.");
        }
    }

    private static string? Node(LineReader line) => line.TryWord("on") ? line.Name("a node") : null;

    private static string Kind(LineReader line)
    {
        var kind = line.Word("a kind");
        return Array.IndexOf(Kinds, kind) >= 0 ? kind : throw line.Problem($"'{kind}' is no kind: use {string.Join(", ", Kinds)}.");
    }
}
