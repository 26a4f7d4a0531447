using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Disks;

/// <summary>One condition, in the form of <c>metav1.Condition</c>.</summary>
/// <param name="Type">What it is about, such as <c>VolumeGroupReady</c>.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">Why, as one word in CamelCase; never empty.</param>
/// <param name="Message">Why, for a person.</param>
/// <param name="LastTransitionTime">When <paramref name="Status"/> last changed. Kept to the second.</param>
public sealed record StorageCondition(string Type, string Status, string Reason, string Message, Instant LastTransitionTime)
{
    /// <summary>The generation of the object that the condition takes into account; 0 where it does not say.</summary>
    public long ObservedGeneration { get; init; }

    internal static StorageCondition Read(JsonMap map) => new(
        map.Text("type") ?? "",
        map.Text("status") ?? "Unknown",
        map.Text("reason") ?? "",
        map.Text("message") ?? "",
        Instant.TryParseRfc3339(map.Text("lastTransitionTime"), out var at) ? at : Instant.Epoch)
    {
        ObservedGeneration = map.Number("observedGeneration") ?? 0,
    };

    internal JsonMap ToTree() => JsonMap.Of(
        ("type", Type),
        ("status", Status),
        ("reason", Reason),
        ("message", Message),
        ("observedGeneration", ObservedGeneration > 0 ? JsonNumber.From(ObservedGeneration) : null),
        ("lastTransitionTime", LastTransitionTime.ToRfc3339()));
}

/// <summary>The volume group of a report.</summary>
public sealed record ReportedVolumeGroup(VolumeGroupName Name, string Uuid, ExtentSize ExtentSize)
{
    internal static ReportedVolumeGroup? Read(JsonMap map) =>
        VolumeGroupName.TryParse(map.Text("name"), out var name)
        && ExtentSize.TryFrom(NodeLocalStorageStatus.Amount(map, "extentSize"), out var extentSize)
            ? new ReportedVolumeGroup(name, map.Text("uuid") ?? "", extentSize)
            : null;

    internal JsonMap ToTree() => JsonMap.Of(
        ("name", Name.Value),
        ("uuid", Uuid),
        ("extentSize", Quantity.Format(ExtentSize.Size)));
}

/// <summary>One disk of a report.</summary>
/// <param name="Path">Where it was seen, or by what it is named where it was not.</param>
/// <param name="Id">Its stable identity; null where it has none or was not seen.</param>
/// <param name="Size">Its size; zero where it was not seen.</param>
/// <param name="State">What it is to the class.</param>
/// <param name="Reason">Why, for a person; empty where there is nothing to say.</param>
public sealed record ReportedDisk(DevicePath Path, DiskId? Id, Bytes Size, DiskState State, string Reason)
{
    /// <summary>How much of it lies in no volume; null where it is in no volume group, or missing.</summary>
    public Bytes? Free { get; init; }

    internal static ReportedDisk? Read(JsonMap map) => DevicePath.TryParse(map.Text("path"), out var path)
        ? new ReportedDisk(
            path,
            DiskId.TryParse(map.Text("id"), out var id) ? id : null,
            NodeLocalStorageStatus.Amount(map, "size"),
            Enum.TryParse<DiskState>(map.Text("state"), out var state) ? state : DiskState.Refused,
            map.Text("reason") ?? "")
        {
            Free = map.Contains("free") ? NodeLocalStorageStatus.Amount(map, "free") : null,
        }
        : null;

    internal JsonMap ToTree() => JsonMap.Of(
        ("path", Path.Value),
        ("id", Id?.Value),
        ("size", Quantity.Format(Size)),
        ("free", Free is { } free ? Quantity.Format(free) : null),
        ("state", State.ToString()),
        ("reason", Reason.Length == 0 ? null : Reason));
}

/// <summary>One volume of a report: its claim, its name in the group, its size.</summary>
public sealed record ReportedVolume(ClaimUid Claim, LogicalVolumeName Name, Bytes Size)
{
    internal static ReportedVolume? Read(JsonMap map) =>
        ClaimUid.TryParse(map.Text("claimUid"), out var claim) && LogicalVolumeName.TryParse(map.Text("name"), out var name)
            ? new ReportedVolume(claim, name, NodeLocalStorageStatus.Amount(map, "size"))
            : null;

    internal JsonMap ToTree() => JsonMap.Of(("claimUid", Claim.Value), ("name", Name.Value), ("size", Quantity.Format(Size)));
}
