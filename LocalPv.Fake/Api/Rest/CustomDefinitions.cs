using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>What CustomResourceDefinitions say about the kinds they make.</summary>
internal sealed class CustomDefinitions(FakeApiServer server)
{
    /// <summary>The definition's entry for the kind's version; null for a built-in kind.</summary>
    public JsonMap? VersionOf(KindInfo kind) => !kind.IsCustom
        ? null
        : server.Find(ResourceTypes.CustomResourceDefinitions, ObjectKey.ClusterScoped(kind.Type.GroupResource))?
            .Tree.Map("spec")?.List("versions")?.Maps().FirstOrDefault(version => version.Text("name") == kind.Type.Version);

    /// <summary>The declared schema of a custom kind; null for a built-in one.</summary>
    public JsonMap? SchemaOf(KindInfo kind) => VersionOf(kind)?.Map("schema")?.Map("openAPIV3Schema");
}
