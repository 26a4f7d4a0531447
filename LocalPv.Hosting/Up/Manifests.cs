using System.Reflection;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.Hosting.Up;

/// <summary>One object of a manifest file.</summary>
/// <param name="Source">The file it stands in.</param>
/// <param name="Body">The object; has apiVersion, kind and a name.</param>
internal sealed record Manifest(string Source, JsonMap Body)
{
    /// <summary>The object as messages name it.</summary>
    public string Name => $"{Body.Text("kind")} {Body.Map("metadata")?.Text("name")}";
}

/// <summary>Reads manifests: the user's files, and those that come with the program.</summary>
internal static class Manifests
{
    private const string ResourcePrefix = "manifests/";

    /// <summary>What LocalPv's own installation needs besides its custom resources: the namespace of what it publishes.</summary>
    public static IReadOnlyList<Manifest> Install { get; } =
    [
        new("the installation", JsonMap.Of(
            ("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", JsonMap.Of(("name", "localpv-system"))))),
    ];

    /// <summary>
    /// What tells the scheduler to look at CSIStorageCapacity objects before it chooses a node for a claim of ours. There is no CSI plugin
    /// behind it, and none is needed: volumes are of the kind <c>local</c>.
    /// </summary>
    public static Manifest CapacityDriver { get; } = new("the installation", JsonMap.Of(
        ("apiVersion", "storage.k8s.io/v1"),
        ("kind", "CSIDriver"),
        ("metadata", JsonMap.Of(("name", WellKnown.DefaultProvisioner))),
        ("spec", JsonMap.Of(("attachRequired", false), ("storageCapacity", true)))));

    /// <summary>The objects of a file, lists taken apart. A failure names file, place and remedy.</summary>
    public static Outcome<IReadOnlyList<Manifest>> ReadFile(string file)
    {
        try
        {
            return Read(File.ReadAllText(file), file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed($"{file}: cannot be read: {error.Message} Name a readable YAML or JSON file.");
        }
    }

    /// <summary>The objects that the program carries with it below a folder of <c>deploy</c>, in the order of the files' names.</summary>
    public static IReadOnlyList<Manifest> Embedded(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix + folder + "/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (names.Length == 0)
        {
            throw new InvalidOperationException($"The program was built without deploy/{folder}.");
        }

        var manifests = new List<Manifest>();
        foreach (var name in names)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            manifests.AddRange(Read(reader.ReadToEnd(), "deploy/" + name[ResourcePrefix.Length..]).Value);
        }

        return manifests;
    }

    private static Outcome<IReadOnlyList<Manifest>> Read(string text, string source)
    {
        var documents = YamlTree.ReadAll(text, source);
        if (!documents.TryGetValue(out var trees))
        {
            return Failed(documents.Message);
        }

        var manifests = new List<Manifest>();
        foreach (var tree in trees)
        {
            foreach (var item in Items(tree))
            {
                if (item is not JsonMap body || body.Text("apiVersion") is null || body.Text("kind") is null
                    || body.Map("metadata")?.Text("name") is null)
                {
                    return Failed($"{source}: an object has no apiVersion, kind or metadata.name: {Shown(item)}. Add them.");
                }

                manifests.Add(new Manifest(source, body));
            }
        }

        return Outcome.Done<IReadOnlyList<Manifest>>(manifests);
    }

    private static JsonList Items(JsonTree tree) =>
        tree is JsonMap map && map.Text("kind") == "List" && map.List("items") is { } items ? items : JsonList.Of(tree);

    private static string Shown(JsonTree tree)
    {
        var text = tree.ToString()!;
        return text.Length <= 80 ? text : text[..80] + "…";
    }

    private static Outcome<IReadOnlyList<Manifest>> Failed(string message) =>
        Outcome.Failed<IReadOnlyList<Manifest>>(OutcomeKind.Refused, message);
}
