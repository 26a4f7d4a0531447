using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Provisioning;

/// <summary>
/// How the growth of a claim's volume stands, as the claim's conditions tell it: at most one of those that Kubernetes knows of growth
/// (<c>k8s.io/api/core/v1.PersistentVolumeClaimConditionType</c>).
/// </summary>
/// <remarks>
/// The part that CSI's external-resizer plays elsewhere. Its <c>status.allocatedResources</c> are left alone: while neither they nor
/// <c>allocatedResourceStatuses</c> are set, a kubelet grows the file system of a <c>local</c> volume whenever the PersistentVolume is
/// larger than the claim's <c>status.capacity</c> (<c>checkForRecoveryFromExpansion</c>, <c>localVolumePlugin.NodeExpand</c>), and then
/// sets the capacity and removes these conditions.
/// </remarks>
/// <param name="Type">The condition's type; empty for none.</param>
/// <param name="Reason">A word that programs may rely on.</param>
/// <param name="Message">For a person.</param>
public sealed record ClaimResize(string Type, string Reason, string Message)
{
    // Those that say how a growth stands; each ends with it (volume/util.knownResizeConditions).
    private static readonly string[] Types =
        ["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"];

    /// <summary>Nothing is to be said: nothing grows.</summary>
    public static ClaimResize Nothing { get; } = new("", "", "");

    /// <summary>The volume has grown, its file system has not.</summary>
    public static ClaimResize FileSystemPending { get; } = new(
        "FileSystemResizePending", "VolumeGrown", "The volume has grown; the kubelet grows its file system while a Pod uses it.");

    /// <summary>
    /// Whether the claim says so already. What a kubelet says of a growth that it is carrying out is left to it.
    /// </summary>
    public bool IsTold(PersistentVolumeClaim claim)
    {
        var told = Conditions(claim).Where(IsOfGrowth).ToArray();
        return Type.Length == 0 ? told.Length == 0
            : (this == FileSystemPending && told.Any(condition => condition.Text("type") == "NodeResizeError"))
            || told.Any(condition => condition.Text("type") == Type && condition.Text("status") == "True"
                && condition.Text("message") == Message);
    }

    /// <summary>The status to merge into the claim's. A condition that was true already keeps the time at which it became so.</summary>
    public JsonMap StatusOf(PersistentVolumeClaim claim, string? capacity, Instant now)
    {
        var conditions = Conditions(claim).Where(condition => !IsOfGrowth(condition)).ToList();
        if (Type.Length > 0)
        {
            var before = Conditions(claim).FirstOrDefault(
                condition => condition.Text("type") == Type && condition.Text("status") == "True");
            conditions.Add(JsonMap.Of(
                ("type", Type),
                ("status", "True"),
                ("reason", Reason),
                ("message", Message),
                ("lastTransitionTime", before?.Text("lastTransitionTime") ?? now.ToRfc3339())));
        }

        JsonTree list = conditions.Count == 0 ? JsonNull.Instance : new JsonList([.. conditions]);
        return JsonMap.Of(
            ("conditions", list),
            ("capacity", capacity is null ? null : JsonMap.Of(("storage", capacity))));
    }

    private static bool IsOfGrowth(JsonMap condition) => Array.IndexOf(Types, condition.Text("type")) >= 0;

    private static IEnumerable<JsonMap> Conditions(PersistentVolumeClaim claim) =>
        (claim.Tree.At("status", "conditions") as JsonList)?.Maps() ?? [];
}
