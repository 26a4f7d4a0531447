using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// Between the form in which objects are stored and another in which they are served: another version of a custom resource (the same but
/// for apiVersion), and the newer form of Events.
/// </summary>
internal static class VersionConversion
{
    /// <summary>A stored object as <paramref name="kind"/> serves it.</summary>
    public static KubernetesObject Present(KindInfo kind, KubernetesObject stored) =>
        kind.StoredAs is null ? stored : KubernetesObject.Read(kind.Type, FromStored(kind, stored.Tree));

    /// <summary>A body of <paramref name="kind"/> as it is stored.</summary>
    public static JsonMap ToStored(KindInfo kind, JsonMap body) => kind.StoredAs switch
    {
        null => body,
        { Group: "" } stored => EventForms.ToCore(body).With("apiVersion", stored.ApiVersion),
        var stored => body.With("apiVersion", stored.ApiVersion),
    };

    /// <summary>A selector of <paramref name="kind"/> for the stored objects.</summary>
    public static ObjectSelector ToStored(KindInfo kind, ObjectSelector selector) => kind.StoredAs switch
    {
        { Group: "" } => selector with
        {
            Fields = selector.Fields
                .Replace("regarding.", "involvedObject.", StringComparison.Ordinal)
                .Replace("reportingController", "reportingComponent", StringComparison.Ordinal),
        },
        _ => selector,
    };

    /// <summary>A stored tree as <paramref name="kind"/> serves it.</summary>
    public static JsonMap FromStored(KindInfo kind, JsonMap tree) => kind.StoredAs switch
    {
        null => tree,
        { Group: "" } => EventForms.FromCore(tree).With("apiVersion", kind.Type.ApiVersion),
        _ => tree.With("apiVersion", kind.Type.ApiVersion),
    };
}
