using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>One of the owners that an object names (<c>metav1.OwnerReference</c>).</summary>
internal readonly record struct OwnerReference(
    string ApiVersion, string Kind, string Name, string Uid, bool IsController, bool BlocksDeletion)
{
    /// <summary>The owners of an object in order.</summary>
    internal static IEnumerable<OwnerReference> Of(KubernetesObject owned) =>
        (owned.Metadata.List("ownerReferences")?.Maps() ?? []).Select(Read);

    /// <summary>The owner that manages the object, or null.</summary>
    internal static OwnerReference? ControllerOf(KubernetesObject owned)
    {
        foreach (var owner in Of(owned))
        {
            if (owner.IsController)
            {
                return owner;
            }
        }

        return null;
    }

    /// <summary>A reference to an owner.</summary>
    internal static JsonMap To(KubernetesObject owner, bool isController) => JsonMap.Of(
        ("apiVersion", owner.Type.ApiVersion),
        ("kind", owner.Type.Kind),
        ("name", owner.Name),
        ("uid", owner.Uid),
        ("controller", isController ? JsonBoolean.True : null),
        ("blockOwnerDeletion", isController ? JsonBoolean.True : null));

    private static OwnerReference Read(JsonMap tree) => new(
        tree.Text("apiVersion") ?? "",
        tree.Text("kind") ?? "",
        tree.Text("name") ?? "",
        tree.Text("uid") ?? "",
        tree.Boolean("controller") ?? false,
        tree.Boolean("blockOwnerDeletion") ?? false);
}
