using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>The manifests of <c>deploy</c>.</summary>
internal static class DeployFiles
{
    /// <summary>All objects of the plain manifests.</summary>
    public static IReadOnlyList<JsonMap> Manifests { get; } =
    [
        .. Directory.GetFiles(Repository.File("deploy/manifests"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(Read),
    ];

    /// <summary>The objects of a file.</summary>
    public static IEnumerable<JsonMap> Read(string file) => YamlTree.ReadAll(File.ReadAllText(file), file).Value.OfType<JsonMap>();

    /// <summary>The only object of a kind and name.</summary>
    public static JsonMap Find(string kind, string name) => Manifests.Single(manifest =>
        manifest.Text("kind") == kind && manifest.Map("metadata")!.Text("name") == name);
}
