using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Hosting.Up.Story;

/// <summary>Tells what becomes of a Pod: its node, that it runs, why it waits.</summary>
internal static class PodStory
{
    /// <summary>Tells one change.</summary>
    public static void Tell(Timeline timeline, Pod? before, Pod? after)
    {
        var pod = after ?? before!;
        var about = "pod/" + pod.Name;
        if (after is null)
        {
            timeline.Add("kubelet", about, "Deleted", "gone");
            return;
        }

        if (before is null)
        {
            timeline.Add("user", about, "Created", $"uses {string.Join(", ", after.ClaimNames.DefaultIfEmpty("no claims"))}");
        }

        if (before is not null && before.NodeName != after.NodeName)
        {
            timeline.Add("scheduler", about, "Placed", $"bound to {after.NodeName}");
        }

        if (Unscheduled(after) is { } reason && reason != (before is null ? null : Unscheduled(before)))
        {
            timeline.Add("scheduler", about, "Unschedulable", reason);
        }

        if (before is not null && before.Phase != after.Phase)
        {
            timeline.Add("kubelet", about, after.Phase, $"{after.Phase} on {after.NodeName}");
        }
    }

    private static string? Unscheduled(Pod pod) => (pod.Tree.At("status", "conditions") as JsonList)?.Maps()
        .Where(condition => condition.Text("type") == "PodScheduled" && condition.Text("status") == "False")
        .Select(condition => condition.Text("message") is { Length: > 0 } message ? message : condition.Text("reason"))
        .FirstOrDefault();
}
