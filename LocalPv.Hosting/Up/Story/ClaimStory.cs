using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Hosting.Up.Story;

/// <summary>Tells what becomes of a claim: the node that was chosen for it, where that failed, the volume it got.</summary>
internal static class ClaimStory
{
    /// <summary>Tells one change.</summary>
    public static void Tell(Timeline timeline, PersistentVolumeClaim? before, PersistentVolumeClaim? after)
    {
        var claim = after ?? before!;
        var about = $"pvc/{claim.Name}";
        if (after is null)
        {
            timeline.Add("user", about, "Deleted", "gone");
            return;
        }

        if (before is null)
        {
            timeline.Add("user", about, "Created", $"asks for {after.RequestedStorage} of class {after.StorageClassName ?? "(none)"}");
        }

        if (before?.SelectedNode != after.SelectedNode)
        {
            if (after.SelectedNode is { } node)
            {
                timeline.Add("scheduler", about, "SelectedNode", $"selected-node: {node}");
            }
            else if (before?.SelectedNode is { } failed)
            {
                timeline.Add("agent " + failed, about, "Rescheduled", $"selected-node {failed} cleared: {Reason(after, failed)}");
            }
        }

        if (before is not null && before.Phase != after.Phase)
        {
            timeline.Add("pv-controller", about, after.Phase, $"{after.Phase} to {ShortName.Of(after.VolumeName)}");
        }
    }

    private static string Reason(PersistentVolumeClaim claim, string node)
    {
        try
        {
            var text = claim.Annotation(WellKnown.FailedOnAnnotation) ?? "[]";
            var entry = (JsonTree.Parse(text) as JsonList)?.Maps().LastOrDefault(one => one.Text("node") == node);
            return entry is null ? "no reason given" : $"{entry.Text("reason")}: {entry.Text("message")}";
        }
        catch (System.Text.Json.JsonException)
        {
            return "no readable reason given";
        }
    }
}
