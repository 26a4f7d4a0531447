using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>Writes a plan as <see cref="PlanReader"/> reads it.</summary>
public static class PlanWriter
{
    /// <summary>The text of a plan. What is less than a millisecond is lost.</summary>
    public static string Write(Plan plan)
    {
        var text = new StringBuilder();
        if (plan.Title.Length > 0)
        {
            text.Append("# ").Append(plan.Title).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"seed {plan.Seed}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"cluster nodes={plan.Cluster.Nodes} disks={plan.Cluster.Disks} disk-size={Size(plan.Cluster)}\n");
        foreach (var (name, value) in plan.Knobs.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"knob {name} {value}\n");
        }

        foreach (var step in plan.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"at {PlanText.Duration(step.At)} {Write(step.What)}\n");
        }

        if (plan.HealAt is { } heal)
        {
            text.Append(CultureInfo.InvariantCulture, $"heal at {PlanText.Duration(heal)}\n");
            text.Append(CultureInfo.InvariantCulture, $"recover {PlanText.Duration(plan.Recovery)}\n");
        }

        return text.ToString();
    }

    /// <summary>One step as a plan's line says it, without its time.</summary>
    public static string Write(Step step) => step switch
    {
        Step.MakeClass make => $"class {make.Name}{List("nodes", make.Nodes)}{Setting("reserve", make.Reserve)}"
            + $"{Setting("reclaim", make.ReclaimPolicy)}{Setting("vg", make.VolumeGroup)}"
            + List("disks", [.. make.Disks.Select(disk => disk.ToString(CultureInfo.InvariantCulture))])
            + (make.IsByLabel ? " by=label" : "")
            + $"{Setting("extent", make.ExtentSize)}{Setting("layout", make.Layout)}{Setting("wipe", make.Wipe)}"
            + Setting("fs", make.FileSystem),
        Step.MakeNamespace make => $"namespace {make.Name}",
        Step.MakePriority make => $"priority {make.Name} value={make.Value}",
        Step.MakePod make => $"pod {make.Name}{Claims(make.Claims)}{Setting("node", make.Node)}{Setting("cpu", make.Cpu)}"
            + Setting("priority", make.Priority),
        Step.MakeStatefulSet make => $"statefulset {make.Name} replicas={make.Replicas}{Claims(make.Claims)}",
        Step.MakeClaim make => $"claim {make.Claim.Name} size={make.Claim.Size} class={make.Claim.Class}",
        Step.Delete delete => $"delete {delete.Kind} {delete.Name}",
        Step.Resize resize => $"resize {resize.Claim} {resize.Size}",
        Step.Scale scale => $"scale {scale.StatefulSet} {scale.Replicas}",
        Step.Reclaim reclaim => $"reclaim {reclaim.Volume} {reclaim.Policy}",
        Step.Create create => $"create {create.Json}",
        Step.Patch patch => $"patch {patch.Kind} {patch.Name} {patch.Json}",
        Step.Fill fill => $"fill {fill.Node} {fill.Size}",
        Step.Unfill unfill => $"unfill {unfill.Node}",
        Step.Crash crash => $"crash {crash.Process}",
        Step.Start start => $"start {start.Process}",
        Step.Break { Fault: var fault } => Write(fault),
        _ => throw new UnreachableException(),
    };

    private static string Write(Fault fault)
    {
        var info = fault.Info;
        var text = new StringBuilder();
        text.Append(
            fault.Forever ? "for ever "
            : info.Settings.HasFlag(FaultSettings.For) ? $"for {PlanText.Duration(fault.For)} "
            : "");
        text.Append(CultureInfo.InvariantCulture, $"fault {info.Word}");
        text.Append(info.Scope == FaultScope.Cluster ? "" : " " + fault.Target);
        text.Append(info.Settings.HasFlag(FaultSettings.By) ? " by=" + PlanText.Duration(fault.By) : "");
        if (info.Settings.HasFlag(FaultSettings.Percent) && fault.Percent != 100)
        {
            text.Append(CultureInfo.InvariantCulture, $" percent={fault.Percent}");
        }

        if (info.Settings.HasFlag(FaultSettings.Disk))
        {
            text.Append(CultureInfo.InvariantCulture, $" disk={fault.Disk}");
        }

        return text.ToString();
    }

    private static string Size(ClusterShape shape)
    {
        const long Gibibyte = 1L << 30;
        var bytes = shape.DiskSize.Value;
        return bytes % Gibibyte == 0
            ? (bytes / Gibibyte).ToString(CultureInfo.InvariantCulture) + "Gi"
            : bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static string Setting(string key, string? value) => value is null ? "" : $" {key}={value}";

    private static string List(string key, ImmutableArray<string> values) => values.IsEmpty ? "" : $" {key}={string.Join(',', values)}";

    private static string Claims(ImmutableArray<ClaimText> claims) => List("claims", [.. claims.Select(claim => claim.ToString())]);
}
