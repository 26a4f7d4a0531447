using System.Globalization;
using System.Text.Json;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Tests.Rest;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>A recorded request in the words of the port: the request or watch by which LocalPv asks for the same.</summary>
public sealed record RecordedCall(ClusterRequest? Request, WatchRequest? Watch)
{
    private static readonly ResourceType[] Types =
    [
        ResourceTypes.PersistentVolumeClaims, ResourceTypes.PersistentVolumes, ResourceTypes.Leases, ResourceTypes.Events,
        ResourceTypes.Namespaces, new("example.com", "v1", "widgets", "Widget", false),
        ResourceTypes.CustomResourceDefinitions,
    ];

    /// <summary>The query's parameters by name.</summary>
    public static SortedDictionary<string, string> QueryOf(string target)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in target.Split('?').ElementAtOrDefault(1)?.Split('&') ?? [])
        {
            var (key, value) = (pair.Split('=')[0], pair.Split('=', 2).ElementAtOrDefault(1) ?? "");
            query[key] = Uri.UnescapeDataString(value);
        }

        return query;
    }

    /// <summary>The body as an object; empty where it is none.</summary>
    public static JsonMap BodyOf(RecordedExchange exchange)
    {
        try
        {
            return JsonTree.Parse(exchange.Body) as JsonMap ?? JsonMap.Empty;
        }
        catch (JsonException)
        {
            return JsonMap.Empty;
        }
    }

    public static RecordedCall Of(RecordedExchange exchange)
    {
        var query = QueryOf(exchange.Target);
        var path = exchange.Target.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var rest = path.Skip(path[0] == "api" ? 2 : 3).ToArray();
        var space = rest is ["namespaces", var name, _, ..] ? name : "";
        rest = space.Length > 0 ? rest[2..] : rest;
        var type = Types.Single(known => known.Plural == rest[0]);
        var selector = new ObjectSelector(space, Value("labelSelector"), Value("fieldSelector"));
        if (query.ContainsKey("watch"))
        {
            return new RecordedCall(null, new WatchRequest(type, selector, Value("resourceVersion")));
        }

        var key = new ObjectKey(space, rest.ElementAtOrDefault(1) ?? "");
        var subresource = rest.ElementAtOrDefault(2) ?? "";
        return new RecordedCall(
            exchange.Method switch
            {
                "GET" when key.Name.Length > 0 => new ClusterRequest.Get(type, key),
                "GET" => new ClusterRequest.List(type, selector, Value("resourceVersion"), Limit(), Value("continue")),
                "POST" => new ClusterRequest.Create(type, space, BodyOf(exchange)),
                "PUT" => new ClusterRequest.Replace(type, key, BodyOf(exchange), subresource),
                "PATCH" => new ClusterRequest.Patch(type, key, BodyOf(exchange), subresource),
                "DELETE" => new ClusterRequest.Delete(type, key, BodyOf(exchange).Map("preconditions")?.Text("uid")),
                _ => throw new NotSupportedException(exchange.Method),
            },
            null);

        string Value(string parameter) => query.GetValueOrDefault(parameter, "");
        int Limit() => int.TryParse(Value("limit"), CultureInfo.InvariantCulture, out var limit) ? limit : 0;
    }
}
