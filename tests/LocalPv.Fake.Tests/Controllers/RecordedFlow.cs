using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>
/// A timeline recorded on a real Kubernetes 1.36 control plane: each change of claims, volumes, Pods and Events with its time.
/// </summary>
internal sealed class RecordedFlow
{
    private RecordedFlow(IReadOnlyList<RecordedChange> changes) => Changes = changes;

    /// <summary>The changes in order.</summary>
    public IReadOnlyList<RecordedChange> Changes { get; }

    /// <summary>Reads a recording.</summary>
    public static RecordedFlow Read(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Recordings", "Flows", name + ".json");
        var entries = ((JsonList)JsonTree.Parse(File.ReadAllBytes(path))).Maps();
        return new RecordedFlow([.. entries.Select(RecordedChange.TryRead).OfType<RecordedChange>()]);
    }
}

/// <summary>One recorded change.</summary>
internal sealed record RecordedChange(TimeSpan At, string Change, string Kind, string Name, JsonMap State)
{
    public bool IsStorage => Kind is "PersistentVolumeClaim" or "PersistentVolume";

    public bool IsBeingDeleted => State.Boolean("deleting") ?? false;

    public string? Annotation(string key) => State.Map("ann")?.Text(key);

    /// <summary>Null for entries that are not changes: remarks of whoever recorded.</summary>
    public static RecordedChange? TryRead(JsonMap entry)
    {
        string[] words = (entry.Text("what") ?? "").Split(' ', '/');
        return words is [("ADDED" or "MODIFIED" or "DELETED") and var change, var kind, var name]
            ? new RecordedChange(
                TimeSpan.FromSeconds(double.Parse(((JsonNumber)entry["t"]!).Text, System.Globalization.CultureInfo.InvariantCulture)),
                change, kind, name, entry)
            : null;
    }

    /// <summary>What is compared of a claim or volume, as one line; uids as told by <paramref name="uidOf"/>.</summary>
    public string Line(Func<string, string> uidOf)
    {
        var annotations = string.Join(
            ",", (State.Map("ann") ?? JsonMap.Empty).Select(entry => entry.Key + "=" + ((JsonText)entry.Value).Value));
        var finalizers = string.Join(",", State.List("fin")?.Texts() ?? []);
        var rest = Kind == "PersistentVolume"
            ? $"claim={State.Text("claim")} uid={(State.Text("claimUid") is { } uid ? uidOf(uid) : "")}"
            : $"volume={State.Text("vol")}";
        return $"{Change} {Kind} {Name} {State.Text("phase")} {rest} [{annotations}] [{finalizers}]{(IsBeingDeleted ? " deleting" : "")}";
    }

    /// <summary>The same line of an object of ours.</summary>
    public static string Line(string change, KubernetesObject seen)
    {
        string[] compared =
        [
            WellKnown.BindCompletedAnnotation, WellKnown.BoundByControllerAnnotation, WellKnown.ProvisionedByAnnotation,
            WellKnown.SelectedNodeAnnotation, WellKnown.StorageProvisionerAnnotation,
        ];
        var annotations = string.Join(",", compared
            .Where(key => seen.Annotation(key) is not null)
            .Select(key => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..] + "=" + seen.Annotation(key))
            .Order(StringComparer.Ordinal));
        var rest = seen switch
        {
            PersistentVolume volume => $"{volume.Phase} claim={volume.ClaimKey?.Name} uid={volume.ClaimUid}",
            PersistentVolumeClaim claim => $"{claim.Phase} volume={claim.VolumeName}",
            _ => "",
        };
        return $"{change} {seen.Type.Kind} {seen.Name} {rest} [{annotations}] [{string.Join(",", seen.Finalizers)}]"
            + (seen.IsBeingDeleted ? " deleting" : "");
    }
}
