using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>What the server tells about the kinds it serves, in both forms: one document per group, and all at once.</summary>
public static class DiscoveryDocuments
{
    private static readonly ImmutableArray<string> Verbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static ImmutableArray<string> VerbsOf(KindInfo kind) => kind.IsReview ? ["create"] : Verbs;

    /// <summary><c>/api</c>: the versions of the core group.</summary>
    public static JsonMap CoreVersions(string host) => JsonMap.Of(
        ("kind", "APIVersions"),
        ("versions", JsonList.Of("v1")),
        ("serverAddressByClientCIDRs", JsonList.Of(JsonMap.Of(("clientCIDR", "0.0.0.0/0"), ("serverAddress", host)))));

    /// <summary><c>/apis</c>: the other groups.</summary>
    public static JsonMap Groups(ImmutableArray<ServedGroup> groups) => JsonMap.Of(
        ("kind", "APIGroupList"),
        ("apiVersion", "v1"),
        ("groups", new JsonList([.. groups.Where(group => group.Group.Length > 0).Select(group => (JsonTree)GroupEntry(group))])));

    /// <summary><c>/apis/GROUP</c>.</summary>
    public static JsonMap Group(ServedGroup group) => GroupEntry(group).With("kind", "APIGroup").With("apiVersion", "v1");

    /// <summary><c>/api/VERSION</c> and <c>/apis/GROUP/VERSION</c>.</summary>
    public static JsonMap Resources(ServedVersion version) => JsonMap.Of(
        ("kind", "APIResourceList"),
        ("apiVersion", "v1"),
        ("groupVersion", version.GroupVersion),
        ("resources", new JsonList([.. version.Kinds.SelectMany(ResourceEntries)])));

    /// <summary>All groups at once: <c>/api</c> (core only) or <c>/apis</c> (the others), as <c>APIGroupDiscoveryList</c>.</summary>
    public static JsonMap Aggregated(IEnumerable<ServedGroup> groups, string version) => JsonMap.Of(
        ("kind", "APIGroupDiscoveryList"),
        ("apiVersion", "apidiscovery.k8s.io/" + version),
        ("metadata", JsonMap.Empty),
        ("items", new JsonList([.. groups.Select(AggregatedGroup)])));

    private static JsonMap GroupEntry(ServedGroup group) => JsonMap.Of(
        ("name", group.Group),
        ("versions", new JsonList([.. group.Versions.Select(version => (JsonTree)VersionEntry(version))])),
        ("preferredVersion", VersionEntry(group.Versions[0])));

    private static JsonMap VersionEntry(ServedVersion version) =>
        JsonMap.Of(("groupVersion", version.GroupVersion), ("version", version.Version));

    private static IEnumerable<JsonTree> ResourceEntries(KindInfo kind)
    {
        yield return JsonMap.Of(
            ("name", kind.Type.Plural),
            ("singularName", kind.Singular),
            ("namespaced", kind.Type.Namespaced),
            ("kind", kind.Type.Kind),
            ("verbs", JsonList.OfTexts(VerbsOf(kind))),
            ("shortNames", ListOrNone(kind.ShortNames)),
            ("categories", ListOrNone(kind.Categories)));
        foreach (var sub in Subresources.Of(kind))
        {
            yield return JsonMap.Of(
                ("name", kind.Type.Plural + "/" + sub.Name),
                ("singularName", ""),
                ("namespaced", kind.Type.Namespaced),
                ("group", sub.Group.Length == 0 ? null : (JsonTree)sub.Group),
                ("version", sub.Group.Length == 0 ? null : (JsonTree)sub.Version),
                ("kind", sub.Kind),
                ("verbs", JsonList.OfTexts(sub.Verbs)));
        }
    }

    private static JsonTree AggregatedGroup(ServedGroup group) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", group.Group.Length == 0 ? null : (JsonTree)group.Group))),
        ("versions", new JsonList([.. group.Versions.Select(version => (JsonTree)JsonMap.Of(
            ("version", version.Version),
            ("freshness", "Current"),
            ("resources", new JsonList([.. version.Kinds.Select(AggregatedResource)]))))])));

    private static JsonTree AggregatedResource(KindInfo kind) => JsonMap.Of(
        ("resource", kind.Type.Plural),
        ("responseKind", ResponseKind(kind.Type.Group, kind.Type.Version, kind.Type.Kind)),
        ("scope", kind.Type.Namespaced ? "Namespaced" : "Cluster"),
        ("singularResource", kind.Singular),
        ("verbs", JsonList.OfTexts(VerbsOf(kind))),
        ("shortNames", ListOrNone(kind.ShortNames)),
        ("categories", ListOrNone(kind.Categories)),
        ("subresources", AggregatedSubresources(kind)));

    private static JsonList? AggregatedSubresources(KindInfo kind)
    {
        var entries = Subresources.Of(kind).Select(sub => (JsonTree)JsonMap.Of(
            ("subresource", sub.Name),
            ("responseKind", ResponseKind(
                sub.Group.Length == 0 ? kind.Type.Group : sub.Group, sub.Group.Length == 0 ? kind.Type.Version : sub.Version, sub.Kind)),
            ("verbs", JsonList.OfTexts(sub.Verbs)))).ToImmutableArray();
        return entries.IsEmpty ? null : new JsonList(entries);
    }

    private static JsonMap ResponseKind(string group, string version, string kind) =>
        JsonMap.Of(("group", group), ("version", version), ("kind", kind));

    private static JsonList? ListOrNone(ImmutableArray<string> texts) => texts.IsEmpty ? null : JsonList.OfTexts(texts);
}
