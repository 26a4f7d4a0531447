using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>A taint of a node.</summary>
internal readonly record struct Taint(string Key, string Value, string Effect)
{
    /// <summary>The taint that the cordoning of a node stands for.</summary>
    public static Taint Cordoned { get; } = new("node.kubernetes.io/unschedulable", "", "NoSchedule");

    /// <summary>Whether Pods that do not tolerate it are kept away, not only discouraged.</summary>
    public bool KeepsAway => Effect is "NoSchedule" or "NoExecute";

    /// <summary>Reads <c>spec.taints</c>.</summary>
    public static ImmutableArray<Taint> ReadAll(JsonMap node) =>
        [.. ((node.At("spec", "taints") as JsonList)?.Maps() ?? [])
            .Select(taint => new Taint(taint.Text("key") ?? "", taint.Text("value") ?? "", taint.Text("effect") ?? ""))];
}

/// <summary>What a Pod says about taints it can live with.</summary>
internal readonly record struct Toleration(string Key, string Operator, string Value, string Effect)
{
    /// <summary>Reads <c>spec.tolerations</c>.</summary>
    public static ImmutableArray<Toleration> ReadAll(JsonMap podSpec) =>
        [.. (podSpec.List("tolerations")?.Maps() ?? [])
            .Select(each => new Toleration(
                each.Text("key") ?? "", each.Text("operator") ?? "Equal", each.Text("value") ?? "", each.Text("effect") ?? ""))];

    /// <summary>Whether it covers a taint: empty key and effect stand for all.</summary>
    public bool Tolerates(Taint taint) =>
        (Effect.Length == 0 || Effect == taint.Effect)
        && (Key.Length == 0 || Key == taint.Key)
        && (Operator == "Exists" || (Operator == "Equal" && Value == taint.Value));
}
