namespace LocalPv.Fake.Api.Rest;

/// <summary>A path below <c>/api/VERSION</c> or <c>/apis/GROUP/VERSION</c>, taken apart.</summary>
/// <param name="Group">The API group, empty for the core group.</param>
/// <param name="Version">The version.</param>
/// <param name="Namespace">The namespace, empty for none.</param>
/// <param name="Plural">The resource; empty where the path ends at the version.</param>
/// <param name="Name">The object, empty for the collection.</param>
/// <param name="Subresource">What follows the name, empty for nothing.</param>
public sealed record RestPath(string Group, string Version, string Namespace, string Plural, string Name, string Subresource)
{
    /// <summary>Reads a path; null where it lies elsewhere.</summary>
    public static RestPath? TryRead(string path)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. var rest] => Below("", version, rest),
            ["apis", var group, var version, .. var rest] => Below(group, version, rest),
            _ => null,
        };
    }

    private static RestPath? Below(string group, string version, string[] rest) => rest switch
    {
        [] => new(group, version, "", "", "", ""),

        // A namespace's own subresources look like a resource in the namespace.
        ["namespaces", var name, ("status" or "finalize") and var own] when group.Length == 0 =>
            new(group, version, "", "namespaces", name, own),
        ["namespaces", var space, var plural, .. var item] => Item(group, version, space, plural, item),
        [var plural, .. var item] => Item(group, version, "", plural, item),
    };

    private static RestPath? Item(string group, string version, string space, string plural, string[] item) =>
        item.Contains("") || plural.Length == 0
            ? null
            : new(group, version, space, plural, item.Length > 0 ? item[0] : "", string.Join('/', item.Skip(1)));
}
