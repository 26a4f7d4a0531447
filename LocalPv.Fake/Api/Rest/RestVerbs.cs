namespace LocalPv.Fake.Api.Rest;

/// <summary>What a request wants, in the words of RBAC.</summary>
internal static class RestVerbs
{
    /// <summary>The verb; empty for a method that no resource takes.</summary>
    public static string Of(string method, RestPath path, RestQuery query) => (method, path.Name.Length > 0) switch
    {
        ("GET" or "HEAD", _) when query.Flag("watch") => "watch",
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => "list",
        ("POST", _) => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => "",
    };
}
