using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Hosting.Up.Story;

/// <summary>
/// Tells changes of API objects as a person would: which of them matter for volumes, and what they mean. Called for each change in order.
/// </summary>
public sealed class ClusterStory(Timeline timeline)
{
    /// <summary>Takes in one change: the object before (null for a new one) and after (null for one that is gone).</summary>
    public void TakeIn(KubernetesObject? before, KubernetesObject? after)
    {
        switch (after ?? before)
        {
            case StorageClass:
                TellPresence(before, after, "user", "sc");
                break;
            case NodeLocalStorage:
                TellStorage(before as NodeLocalStorage, after as NodeLocalStorage);
                break;
            case PersistentVolumeClaim:
                ClaimStory.Tell(timeline, before as PersistentVolumeClaim, after as PersistentVolumeClaim);
                break;
            case PersistentVolume:
                TellVolume(before as PersistentVolume, after as PersistentVolume);
                break;
            case Pod:
                PodStory.Tell(timeline, before as Pod, after as Pod);
                break;
            case Node when before is null || after is null:
                TellPresence(before, after, "kubelet", "node");
                break;
            case { Type.Kind: "StatefulSet" } when before is null || after is null:
                TellPresence(before, after, "user", "sts");
                break;
            case { Type.Kind: "CSIStorageCapacity" }:
                TellCapacity(before, after);
                break;
            default:
                break;
        }
    }

    private void TellPresence(KubernetesObject? before, KubernetesObject? after, string who, string shortName)
    {
        if (before is null)
        {
            timeline.Add(who, $"{shortName}/{after!.Name}", "Created", "created");
        }
        else if (after is null)
        {
            timeline.Add(who, $"{shortName}/{before.Name}", "Deleted", "deleted");
        }
    }

    private void TellStorage(NodeLocalStorage? before, NodeLocalStorage? after)
    {
        var storage = after ?? before!;
        var who = "agent " + storage.NodeName;
        var about = "nls/" + storage.Name;
        if (after is null)
        {
            timeline.Add(who, about, "Deleted", "gone");
            return;
        }

        if (before is null)
        {
            timeline.Add(who, about, "Created", $"class {after.StorageClassName} has disks on {after.NodeName}");
        }

        var group = after.Status.Map("volumeGroup")?.Text("name");
        if (group is not null && before?.Status.Map("volumeGroup")?.Text("uuid") != after.Status.Map("volumeGroup")?.Text("uuid"))
        {
            var disks = after.Status.List("disks")?.Maps().Select(disk => disk.Text("path")) ?? [];
            timeline.Add(who, about, "VolumeGroup", $"volume group {group} on {string.Join(", ", disks)}");
        }

        // Pending has nothing to report yet.
        if (after.Phase == "Pending")
        {
            return;
        }

        if (before?.Phase != after.Phase || Quantity(before, "free") != Quantity(after, "free"))
        {
            timeline.Add(
                who, about, "Reported", $"{after.Phase}, {Quantity(after, "free") ?? "?"} free of {Quantity(after, "capacity") ?? "?"}");
        }
    }

    private void TellCapacity(KubernetesObject? before, KubernetesObject? after)
    {
        if (after is not null && before?.Tree["capacity"] is var old && !Equals(old, after.Tree["capacity"]))
        {
            var node = after.Tree.At("nodeTopology", "matchLabels", WellKnown.HostNameLabel) as JsonText;
            timeline.Add(
                "agent " + (node?.Value ?? "?"),
                "capacity/" + after.Name,
                "Capacity",
                $"{(after.Tree["capacity"] as JsonText)?.Value} for class {after.Tree.Text("storageClassName")}");
        }
    }

    private void TellVolume(PersistentVolume? before, PersistentVolume? after)
    {
        var volume = after ?? before!;
        var about = "pv/" + ShortName.Of(volume.Name);
        if (before is null)
        {
            timeline.Add(
                "agent " + (volume.HostName ?? "?"),
                about,
                "PersistentVolume",
                $"{volume.Capacity} at {ShortName.Of(volume.LocalPath ?? "")} for {volume.ClaimKey}");
        }
        else if (after is null)
        {
            timeline.Add("agent " + (volume.HostName ?? "?"), about, "Deleted", "gone");
        }
        else if (before.Phase != after.Phase && before.Phase != "Pending")
        {
            timeline.Add("pv-controller", about, after.Phase, after.Phase);
        }
    }

    private static string? Quantity(NodeLocalStorage? storage, string key) => storage?.Status[key] switch
    {
        JsonText text => Core.Units.Quantity.TryParse(text.Value, out var bytes, out _) ? bytes.ToString() : text.Value,
        JsonNumber number => number.Text,
        _ => null,
    };
}
