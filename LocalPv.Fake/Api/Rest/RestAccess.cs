using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>Who is calling, and whether they may: 401 for a token that nobody has, 403 for those who may not.</summary>
internal sealed class RestAccess(RestApiOptions options)
{
    private static readonly RestCaller Administrator = new("kubernetes-admin", true);

    private static readonly RestCaller Anonymous = new("system:anonymous", false);

    /// <summary>The 401 of a request, or null.</summary>
    public StatusError? TryIdentify(RestRequest request, out RestCaller caller)
    {
        caller = options.Tokens.IsEmpty ? Administrator : Anonymous;
        if (options.Tokens.IsEmpty || request.Authorization.Length == 0)
        {
            return null;
        }

        const string Scheme = "Bearer ";
        var token = request.Authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? request.Authorization[Scheme.Length..].Trim() : "";
        if (options.Tokens.TryGetValue(token, out var known))
        {
            caller = known;
            return null;
        }

        return new StatusError(401, "Unauthorized", "Unauthorized");
    }

    /// <summary>The 403 of a request for a resource, or null.</summary>
    public static StatusError? Judge(RestCaller caller, string verb, RestPath path)
    {
        if (caller.MayDoEverything)
        {
            return null;
        }

        var resource = path.Subresource.Length == 0 ? path.Plural : path.Plural + "/" + path.Subresource;
        var shown = path.Group.Length == 0 ? path.Plural : path.Plural + "." + path.Group;
        var named = path.Name.Length == 0 ? "" : $" \"{path.Name}\"";
        var where = path.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{path.Namespace}\"";
        return new StatusError(
            403,
            "Forbidden",
            $"{shown}{named} is forbidden: User \"{caller.Name}\" cannot {verb} resource \"{resource}\" in API group "
            + $"\"{path.Group}\" {where}",
            JsonMap.Of(
                ("name", path.Name.Length == 0 ? null : (JsonTree)path.Name),
                ("group", path.Group.Length == 0 ? null : (JsonTree)path.Group),
                ("kind", path.Plural)));
    }

    /// <summary>The 403 of a request for anything else, or null.</summary>
    public static StatusError? Judge(RestCaller caller, RestRequest request) => caller.MayDoEverything
        ? null
        : new StatusError(
            403,
            "Forbidden",
            $"forbidden: User \"{caller.Name}\" cannot {request.Method.ToLowerInvariant()} path \"{request.Path}\"",
            JsonMap.Empty);
}
