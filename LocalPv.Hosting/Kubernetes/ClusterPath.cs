using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>Where the API server serves what a request is about: paths and queries, relative to the server's address.</summary>
public static class ClusterPath
{
    /// <summary>The path and query of <paramref name="request"/>.</summary>
    public static string Of(ClusterRequest request) => request switch
    {
        ClusterRequest.Get get => Object(get.Type, get.Key, ""),
        ClusterRequest.List list => Collection(list.Type, list.Selector.Namespace) + Query(
            ("labelSelector", list.Selector.Labels),
            ("fieldSelector", list.Selector.Fields),
            ("limit", list.Limit > 0 ? list.Limit.ToString(CultureInfo.InvariantCulture) : ""),
            ("continue", list.Continue),
            // A continued list has the version of its first page; naming another is refused by the server.
            ("resourceVersion", list.Continue.Length > 0 ? "" : list.ResourceVersion)),
        ClusterRequest.Create create => Collection(create.Type, create.Namespace),
        ClusterRequest.Patch patch => Object(patch.Type, patch.Key, patch.Subresource),
        ClusterRequest.Replace replace => Object(replace.Type, replace.Key, replace.Subresource),
        ClusterRequest.CreateSubresource create => Object(create.Type, create.Key, create.Subresource),
        ClusterRequest.Delete delete => Object(delete.Type, delete.Key, ""),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The path and query of a watch that ends after <paramref name="timeout"/>.</summary>
    public static string Of(WatchRequest request, TimeSpan timeout) => Collection(request.Type, request.Selector.Namespace) + Query(
        ("watch", "1"),
        ("allowWatchBookmarks", "true"),
        ("labelSelector", request.Selector.Labels),
        ("fieldSelector", request.Selector.Fields),
        ("resourceVersion", request.ResourceVersion),
        ("timeoutSeconds", ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)));

    private static string Object(ResourceType type, ObjectKey key, string subresource)
    {
        var path = Collection(type, key.Namespace) + "/" + Uri.EscapeDataString(key.Name);
        return subresource.Length == 0 ? path : path + "/" + subresource;
    }

    private static string Collection(ResourceType type, string inNamespace)
    {
        var root = type.Group.Length == 0 ? "api/" : "apis/" + type.Group + "/";
        var scope = type.Namespaced && inNamespace.Length > 0 ? "/namespaces/" + Uri.EscapeDataString(inNamespace) : "";
        return root + type.Version + scope + "/" + type.Plural;
    }

    private static string Query(params ReadOnlySpan<(string Key, string Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (key, value) in parameters)
        {
            if (value.Length > 0)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }
}
