using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>The operations of one kind, with the parameters by which clients see what the server can do (dry run, field validation,
/// apply).</summary>
internal sealed class OpenApiOperations(KindInfo kind, bool isThird)
{
    private static readonly string[] ListParameters =
    [
        "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch",
        "sendInitialEvents", "timeoutSeconds", "watch",
    ];

    private static readonly string[] WriteParameters = ["dryRun", "fieldManager", "fieldValidation"];

    private static readonly string[] DeleteParameters = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];

    public IEnumerable<KeyValuePair<string, JsonTree>> Paths()
    {
        var root = kind.Type.Group.Length == 0 ? $"/api/{kind.Type.Version}" : $"/apis/{kind.Type.Group}/{kind.Type.Version}";
        var collection = root + (kind.Type.Namespaced ? "/namespaces/{namespace}/" : "/") + kind.Type.Plural;
        if (kind.Type.Namespaced)
        {
            yield return new($"{root}/{kind.Type.Plural}", JsonMap.Of(("get", Operation("list", ListParameters))));
        }

        yield return new(collection, JsonMap.Of(
            ("get", Operation("list", ListParameters)),
            ("post", Operation("post", WriteParameters)),
            ("delete", Operation("deletecollection", DeleteParameters))));
        yield return new(collection + "/{name}", Item());
        if (kind.HasStatus)
        {
            yield return new(collection + "/{name}/status", Item().Without("delete"));
        }
    }

    private JsonMap Item() => JsonMap.Of(
        ("get", Operation("get", [])),
        ("put", Operation("put", WriteParameters)),
        ("patch", Patch()),
        ("delete", Operation("delete", DeleteParameters)));

    private JsonMap Patch()
    {
        var operation = Operation("patch", [.. WriteParameters, "force"]);
        var types = PatchTypes.Of(kind);
        return isThird
            ? operation.With("requestBody", JsonMap.Of(("content", JsonMap.FromDistinct(types.Select(
                type => new KeyValuePair<string, JsonTree>(type, JsonMap.Of(("schema", JsonMap.Of(("type", "object"))))))))))
            : operation.With("consumes", JsonList.OfTexts(types));
    }

    private JsonMap Operation(string action, string[] parameters) => JsonMap.Of(
        ("x-kubernetes-action", action),
        (KindSchema.GroupVersionKindKey, KindSchema.GroupVersionKind(kind.Type, kind.Type.Kind)),
        ("parameters", new JsonList([.. parameters.Select(Parameter)])),
        ("responses", JsonMap.Of(("200", JsonMap.Of(("description", "OK"))))));

    private JsonTree Parameter(string name)
    {
        var type = name switch
        {
            "limit" or "timeoutSeconds" or "gracePeriodSeconds" => "integer",
            "watch" or "allowWatchBookmarks" or "sendInitialEvents" or "force" or "orphanDependents" => "boolean",
            _ => "string",
        };
        var parameter = JsonMap.Of(("name", name), ("in", "query"));
        return isThird ? parameter.With("schema", JsonMap.Of(("type", type), ("uniqueItems", JsonBoolean.True)))
            : parameter.With("type", type);
    }
}
