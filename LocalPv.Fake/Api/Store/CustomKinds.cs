using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Kinds;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store;

/// <summary>The kinds that a CustomResourceDefinition makes: one for each version that is served.</summary>
internal static class CustomKinds
{
    /// <summary>The versions that are marked as stored; exactly one in a valid definition.</summary>
    public static IEnumerable<string> StorageVersions(JsonMap definition) =>
        Versions(definition).Where(version => version.Boolean("storage") == true).Select(version => version.Text("name") ?? "");

    /// <summary>The kinds of a definition, the stored one first.</summary>
    public static IEnumerable<KindInfo> Of(JsonMap definition)
    {
        var spec = definition.Map("spec") ?? JsonMap.Empty;
        var names = spec.Map("names") ?? JsonMap.Empty;
        var stored = TypeOf(spec, names, StorageVersions(definition).FirstOrDefault() ?? "");
        foreach (var version in Versions(definition).OrderByDescending(version => version.Boolean("storage") == true))
        {
            var type = TypeOf(spec, names, version.Text("name") ?? "");
            if (version.Boolean("served") != true && type != stored)
            {
                continue;
            }

            var strategy = new CustomResourceStrategy(version);
            yield return new KindInfo(type, strategy)
            {
                Singular = names.Text("singular") ?? type.Kind.ToLowerInvariant(),
                ListKind = names.Text("listKind") ?? type.Kind + "List",
                ShortNames = TextsOf(names, "shortNames"),
                Categories = TextsOf(names, "categories"),
                HasStatus = version.Map("subresources")?.Contains("status") == true,
                AllowsUnconditionalUpdate = false,
                CountsGeneration = true,
                IsCustom = true,
                Shape = BuiltInShapes.WithMetadata(strategy.Schema.ToShape()),
                IsServed = version.Boolean("served") == true,
                StoredAs = type == stored ? null : stored,
                SelectableFields = [.. (version.List("selectableFields")?.Maps() ?? [])
                    .Select(field => (field.Text("jsonPath") ?? "").TrimStart('.'))],
            };
        }
    }

    private static IEnumerable<JsonMap> Versions(JsonMap definition) => definition.Map("spec")?.List("versions")?.Maps() ?? [];

    private static ResourceType TypeOf(JsonMap spec, JsonMap names, string version) => new(
        spec.Text("group") ?? "", version, names.Text("plural") ?? "", names.Text("kind") ?? "", spec.Text("scope") == "Namespaced");

    private static ImmutableArray<string> TextsOf(JsonMap names, string key) => [.. names.List(key)?.Texts() ?? []];
}
