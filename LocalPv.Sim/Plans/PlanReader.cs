using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Reads a plan. One statement a line; <c>#</c> followed by a space begins a comment; the first comment is the title. Statements:
/// <code>
/// seed 42
/// cluster nodes=3 disks=2 disk-size=20Gi
/// knob agent.scan-period 30s
/// heal at 1h
/// recover 40m
/// at 0s class fast [nodes=node-1,node-2] [reserve=1Gi] [reclaim=Retain]
///          [vg=x] [disks=1,2] [by=label] [extent=8Mi] [layout=striped] [wipe=zero] [fs=xfs]          (all in one line)
/// at 0s namespace team
/// at 0s priority vip value=1000
/// at 5s pod web [claims=data:5Gi:fast,old] [node=node-1] [cpu=3] [priority=vip]
/// at 5s pod team/web [claims=data:5Gi:fast]      (in another namespace than default; so with claims and sets)
/// at 5s statefulset db replicas=3 claims=data:5Gi:fast
/// at 5s claim data size=5Gi class=fast
/// at 9s resize data 8Gi
/// at 9s scale db 5
/// at 9s reclaim #1 Retain
/// at 9s delete pod|claim|statefulset|class|node|volume web
/// at 9s create {"apiVersion":...}   (any object, its JSON without blanks)
/// at 9s patch claim data {"metadata":...}
/// at 9s fill node-1 18Gi        (space taken behind the agent's back)
/// at 9s unfill node-1
/// at 9s crash|start|restart agent/node-1|extender|controller|scheduler|...
/// at 9s [for 30s|for ever] fault WORD [TARGET] [by=5s] [percent=30] [disk=2]
/// </code>
/// </summary>
public sealed class PlanReader
{
    private static readonly string[] Kinds = ["pod", "claim", "statefulset", "class", "node", "volume", "namespace", "storage"];

    private readonly ImmutableArray<TimedStep>.Builder _steps = ImmutableArray.CreateBuilder<TimedStep>();
    private Plan _plan = new();

    /// <summary>Reads a plan; throws <see cref="PlanException"/> naming the line where it is wrong.</summary>
    public static Plan Read(string text)
    {
        var reader = new PlanReader();
        reader.ReadLines(text, (line, word) => throw line.Problem(
            $"'{word}' is no statement: begin with seed, cluster, knob, at, heal or recover."));
        return reader.ToPlan();
    }

    /// <summary>Reads all lines. Those that are no plan's go to <paramref name="other"/>, with their first word.</summary>
    internal void ReadLines(string text, Action<LineReader, string> other)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var statement = raw.Trim();
            var comment = statement.StartsWith('#') ? 0 : statement.IndexOf(" # ", StringComparison.Ordinal);
            if (_plan.Title.Length == 0 && comment >= 0)
            {
                _plan = _plan with { Title = statement[comment..].TrimStart(' ', '#').Trim() };
            }

            statement = comment >= 0 ? statement[..comment].Trim() : statement;
            if (statement.Length > 0)
            {
                var line = new LineReader(number, statement);
                ReadStatement(line, line.Word("a statement"), other);
                line.End();
            }
        }
    }

    internal Plan ToPlan() => _plan with { Steps = [.. _steps.OrderBy(step => step.At)] };

    internal static string Kind(LineReader line)
    {
        var kind = line.Word("a kind");
        return Array.IndexOf(Kinds, kind) >= 0 ? kind : throw line.Problem($"'{kind}' is no kind: use {string.Join(", ", Kinds)}.");
    }

    private void ReadStatement(LineReader line, string word, Action<LineReader, string> other)
    {
        switch (word)
        {
            case "seed":
                _plan = _plan with { Seed = line.Seed(line.Word("a seed")) };
                break;
            case "cluster":
                _plan = _plan with { Cluster = ReadShape(line) };
                break;
            case "knob":
                _plan = _plan with { Knobs = ReadKnob(line) };
                break;
            case "heal" when line.TryWord("at"):
                _plan = _plan with { HealAt = line.Duration(line.Word("a time")) };
                break;
            case "recover":
                _plan = _plan with { Recovery = line.Duration(line.Word("a duration")) };
                break;
            case "at":
                var at = line.Duration(line.Word("a time"));
                _steps.AddRange(ReadSteps(line).Select(step => new TimedStep(at, step, line.Number)));
                break;
            default:
                other(line, word);
                break;
        }
    }

    private static ClusterShape ReadShape(LineReader line)
    {
        var shape = ClusterShape.Default;
        return new ClusterShape(
            line.Setting("nodes") is { } nodes ? line.Count(nodes, "nodes") : shape.Nodes,
            line.Setting("disks") is { } disks ? line.Count(disks, "disks") : shape.Disks,
            line.Setting("disk-size") is { } size ? line.Bytes(size) : shape.DiskSize);
    }

    private Knobs ReadKnob(LineReader line)
    {
        try
        {
            return _plan.Knobs.With(line.Word("a knob"), line.Word("a value"));
        }
        catch (FormatException error)
        {
            throw line.Problem(error.Message);
        }
    }

    private static IEnumerable<Step> ReadSteps(LineReader line)
    {
        var isForever = false;
        TimeSpan? duration = null;
        if (line.TryWord("for"))
        {
            isForever = line.TryWord("ever");
            duration = isForever ? null : line.Duration(line.Word("a duration, or 'ever'"));
        }

        var verb = line.Word("a step");
        return verb switch
        {
            "fault" => [ReadFault(line, duration, isForever)],
            _ when isForever || duration is not null => throw line.Problem("Only a fault lasts: write 'at 9s for 30s fault ...'."),
            "restart" when line.Word("a process") is var process => [new Step.Crash(process), new Step.Start(process)],
            _ => [ReadStep(line, verb)],
        };
    }

    private static Step ReadStep(LineReader line, string verb) => verb switch
    {
        "class" => ReadClass(line),
        "namespace" => new Step.MakeNamespace(line.Name("a namespace")),
        "priority" => new Step.MakePriority(
            line.Name("a priority class"), line.Count(line.Setting("value") ?? throw line.Problem("A priority needs value=."), "a value")),
        "pod" => new Step.MakePod(line.NameInNamespace("a Pod"), line.Claims(), line.Setting("node"))
        {
            Cpu = line.Setting("cpu") is { } cpu ? line.Size(cpu) : null,
            Priority = line.Setting("priority"),
        },
        "statefulset" => new Step.MakeStatefulSet(
            line.NameInNamespace("a StatefulSet"), line.Count(line.Setting("replicas") ?? "1", "replicas"), line.Claims()),
        "claim" => new Step.MakeClaim(new ClaimText(
            line.NameInNamespace("a claim"),
            line.Size(line.Setting("size") ?? throw line.Problem("A claim needs size=.")),
            line.Setting("class") ?? throw line.Problem("A claim needs class=."))),
        "resize" => new Step.Resize(line.NameInNamespace("a claim"), line.Size(line.Word("a size"))),
        "scale" => new Step.Scale(line.NameInNamespace("a StatefulSet"), line.Count(line.Word("a number"), "replicas")),
        "reclaim" => new Step.Reclaim(line.Name("a volume"), line.Word("a policy")),
        "delete" => new Step.Delete(Kind(line), line.NameInNamespace("an object")),
        "create" => new Step.Create(Json(line)),
        "patch" => new Step.Patch(Kind(line), line.NameInNamespace("an object"), Json(line)),
        "fill" => new Step.Fill(line.Name("a node"), line.Size(line.Word("a size"))),
        "unfill" => new Step.Unfill(line.Name("a node")),
        "crash" => new Step.Crash(line.Word("a process")),
        "start" => new Step.Start(line.Word("a process")),
        _ => throw line.Problem(
            $"'{verb}' is no step: use namespace, priority, class, pod, statefulset, claim, resize, scale, reclaim, delete, create, patch, "
            + "fill, unfill, crash, start, restart or fault."),
    };

    private static string Json(LineReader line)
    {
        var text = line.Word("an object in JSON");
        try
        {
            return JsonTree.Parse(text) is JsonMap ? text : throw line.Problem("The JSON must be an object.");
        }
        catch (JsonException error)
        {
            throw line.Problem($"That is not JSON, or has blanks in it: {error.Message}");
        }
    }

    private static Step.MakeClass ReadClass(LineReader line) =>
        new(line.Name("a class"), line.List("nodes"), line.Setting("reserve"), line.Setting("reclaim"))
        {
            VolumeGroup = line.Setting("vg"),
            IsByLabel = line.Setting("by") is { } by && (by == "label" ? true : throw line.Problem("Only by=label is known.")),
            Disks = [.. line.List("disks").Select(disk => line.Count(disk, "a disk"))],
            ExtentSize = line.Setting("extent") is { } extent ? line.Size(extent) : null,
            Layout = line.Setting("layout"),
            Wipe = line.Setting("wipe"),
            FileSystem = line.Setting("fs"),
        };

    private static Step.Break ReadFault(LineReader line, TimeSpan? duration, bool isForever)
    {
        var word = line.Word("a fault");
        var info = FaultCatalog.Find(word)
            ?? throw line.Problem($"'{word}' is no fault: use {string.Join(", ", FaultCatalog.All.Select(known => known.Word))}.");
        var target = info.Scope == FaultScope.Cluster ? "" : line.Word(info.Scope == FaultScope.Node ? "a node" : "a process");
        Need(line, info, FaultSettings.For, duration is not null, "cannot last for a while");
        Need(line, info, FaultSettings.Forever, isForever, "cannot last for ever");
        if (info.Settings.HasFlag(FaultSettings.For) && duration is null && !isForever)
        {
            throw line.Problem($"How long? Write 'at 9s for 30s fault {word} ...'.");
        }

        var fault = new Fault(info.Type, target) { For = duration ?? TimeSpan.Zero, Forever = isForever };
        if (info.Settings.HasFlag(FaultSettings.By))
        {
            fault = fault with { By = line.Duration(line.Setting("by") ?? throw line.Problem($"'{word}' needs by=.")) };
        }

        if (info.Settings.HasFlag(FaultSettings.Percent) && line.Setting("percent") is { } percent)
        {
            fault = fault with { Percent = line.Count(percent, "percent") };
        }

        if (info.Settings.HasFlag(FaultSettings.Disk) && line.Setting("disk") is { } disk)
        {
            fault = fault with { Disk = line.Count(disk, "a disk") };
        }

        return new Step.Break(fault);
    }

    private static void Need(LineReader line, FaultInfo info, FaultSettings setting, bool isThere, string problem)
    {
        if (isThere && !info.Settings.HasFlag(setting))
        {
            throw line.Problem(string.Create(CultureInfo.InvariantCulture, $"'{info.Word}' {problem}."));
        }
    }
}
