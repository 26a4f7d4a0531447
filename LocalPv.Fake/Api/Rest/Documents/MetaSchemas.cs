using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>The OpenAPI schemas that all kinds share.</summary>
internal static class MetaSchemas
{
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    public const string ListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

    public const string OwnerReference = "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference";

    public static JsonMap ApiVersion { get; } = Text(
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the "
        + "latest internal value, and may reject unrecognized values.");

    public static JsonMap Kind { get; } = Text(
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the "
        + "client submits requests to. Cannot be updated. In CamelCase.");

    /// <summary>The shared schemas by name.</summary>
    public static ImmutableArray<KeyValuePair<string, JsonTree>> All { get; } =
    [
        new(ListMeta, Record(
            "ListMeta describes metadata that synthetic resources must have.",
            ("continue", Text("The token of the next page, where there is one.")),
            ("remainingItemCount", Typed("integer", "How many items follow this page, where the server knows.").With("format", "int64")),
            ("resourceVersion", Text("The version of the list, from which a watch can go on.")))),
        new(ObjectMeta, Record("Standard object's metadata.", [.. ObjectMetaFields()])),
        new(OwnerReference, Record(
            "An object that owns this one: when it is gone, so is this one.",
            ("apiVersion", Text("API version of the owner.")),
            ("blockOwnerDeletion", Typed("boolean", "Whether the owner's foreground deletion waits for this object.")),
            ("controller", Typed("boolean", "Whether the owner is the managing controller.")),
            ("kind", Text("Kind of the owner.")),
            ("name", Text("Name of the owner.")),
            ("uid", Text("UID of the owner."))).With("required", JsonList.OfTexts(["apiVersion", "kind", "name", "uid"]))),
    ];

    public static JsonMap Text(string description) => Typed("string", description);

    public static JsonMap Typed(string type, string description) => JsonMap.Of(("type", type), ("description", description));

    public static JsonMap Record(string description, params ReadOnlySpan<(string Key, JsonTree? Value)> properties) =>
        Typed("object", description).With("properties", JsonMap.Of(properties));

    public static JsonMap ReferTo(string name, string prefix, string description) =>
        prefix.StartsWith("#/components", StringComparison.Ordinal)
        ? JsonMap.Of(
            ("allOf", JsonList.Of(JsonMap.Of(("$ref", prefix + name)))), ("default", JsonMap.Empty), ("description", description))
        : JsonMap.Of(("$ref", prefix + name), ("description", description));

    private static IEnumerable<(string Key, JsonTree? Value)> ObjectMetaFields()
    {
        yield return ("annotations", TextMap("Unstructured values that tools keep with the object."));
        yield return ("creationTimestamp", Time("When the object was created. Set by the server."));
        yield return ("deletionGracePeriodSeconds", Typed("integer", "How long the object has to end.").With("format", "int64"));
        yield return ("deletionTimestamp", Time("When the object will be deleted. Set by the server when its deletion is asked for."));
        yield return ("finalizers", Typed("array", "Must be empty before the object is removed from the registry.")
            .With("items", JsonMap.Of(("type", "string"), ("default", ""))).With("x-kubernetes-list-type", "set")
            .With("x-kubernetes-patch-strategy", "merge"));
        yield return ("generateName", Text("A prefix from which the server makes a unique name where none is given."));
        yield return ("generation", Typed("integer", "Counts the changes of the desired state.").With("format", "int64"));
        yield return ("labels", TextMap("Map of string keys and values by which objects are organized and selected."));
        yield return ("managedFields", Typed("array", "Which field manager owns which fields.")
            .With("items", JsonMap.Of(("type", "object"))).With("x-kubernetes-list-type", "atomic"));
        yield return ("name", Text("Name must be unique within a namespace. Cannot be updated."));
        yield return ("namespace", Text("The space within which the name must be unique. Cannot be updated."));
        yield return ("ownerReferences", Typed("array", "Objects that this object depends on.")
            .With("items", JsonMap.Of(("type", "object"))).With("x-kubernetes-list-type", "map")
            .With("x-kubernetes-list-map-keys", JsonList.Of("uid")).With("x-kubernetes-patch-merge-key", "uid")
            .With("x-kubernetes-patch-strategy", "merge"));
        yield return ("resourceVersion", Text("The version of the object, opaque to clients."));
        yield return ("uid", Text("The identity of the object in time and space. Set by the server."));
    }

    private static JsonMap Time(string description) => Text(description).With("format", "date-time");

    private static JsonMap TextMap(string description) =>
        Typed("object", description).With("additionalProperties", JsonMap.Of(("type", "string"), ("default", "")));
}
