using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>What the recordings do not show of the REST door: media types, methods, parameters, discovery, expiry and time.</summary>
public sealed class RestApiTests
{
    private const string Claims = "/api/v1/namespaces/default/persistentvolumeclaims";

    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Start, FirstRevision = 100 });
    private readonly RestApi _api;

    public RestApiTests() => _api = new RestApi(_server);

    [Theory]
    [InlineData("application/vnd.kubernetes.protobuf", 406)]
    [InlineData("text/html", 406)]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200)]
    [InlineData("*/*", 200)]
    [InlineData("", 200)]
    [InlineData("application/json;as=Table;v=v2;g=meta.k8s.io", 406)]
    [InlineData("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", 200)]
    public void List_AcceptHeader_IsHonoured(string accept, int code) =>
        Assert.Equal(code, _api.Serve(Start, new RestRequest("GET", Claims) { Accept = accept }).Code);

    [Theory]
    [InlineData("POST", "/api/v1/persistentvolumeclaims", 405)]
    [InlineData("PUT", Claims, 405)]
    [InlineData("DELETE", "/api/v1/persistentvolumeclaims", 405)]
    [InlineData("GET", "/api/v1/nonsense", 404)]
    [InlineData("GET", "/api/v2", 404)]
    [InlineData("GET", "/apis/none.example", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/nodes", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/web-0/log", 404)]
    [InlineData("POST", "/version", 405)]
    [InlineData("GET", "/readyz", 200)]
    [InlineData("GET", "/api/v1/namespaces/default", 200)]
    [InlineData("GET", "/openapi/v2", 200)]
    [InlineData("GET", "/openapi/v3/apis/storage.k8s.io/v1", 200)]
    public void Path_AndMethod_ChooseTheAnswer(string method, string path, int code) =>
        Assert.Equal(code, _api.Serve(Start, new RestRequest(method, path)).Code);

    [Theory]
    [InlineData("resourceVersionMatch=Exact", 422)]
    [InlineData("resourceVersionMatch=Never&resourceVersion=1", 422)]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=0", 422)]
    [InlineData("sendInitialEvents=true", 422)]
    [InlineData("watch=1&sendInitialEvents=true", 422)]
    [InlineData("watch=1&resourceVersionMatch=NotOlderThan", 422)]
    [InlineData("limit=many", 400)]
    [InlineData("labelSelector=a%3D%3D%3Db", 400)]
    [InlineData("fieldSelector=spec.nonsense%3D1", 400)]
    [InlineData("watch=1&labelSelector=a%3D%3D%3Db", 400)]
    [InlineData("continue=rubbish", 400)]
    public void List_ParametersThatDoNotFit_AreRefused(string query, int code) =>
        Assert.Equal(code, _api.Serve(Start, new RestRequest("GET", Claims) { Query = query }).Code);

    [Theory]
    [InlineData("dryRun=Some", "dryRun")]
    [InlineData("fieldValidation=Perhaps", "fieldValidation")]
    [InlineData("force=true", "force")]
    public void Patch_ParametersThatDoNotFit_AreRefusedByName(string query, string field)
    {
        Create("a");

        var answer = Status(Send("PATCH", Claims + "/a", "{}", "application/merge-patch+json", query), 422);

        Assert.Equal(field, (answer.At("details") as JsonMap)?.List("causes")?.Maps().Single().Text("field"));
    }

    [Fact]
    public void Apply_WithoutAManager_IsRefused() =>
        Assert.Contains(
            "fieldManager: Required value",
            Status(Send("PATCH", Claims + "/a", "{}", "application/apply-patch+yaml"), 422).Text("message"),
            StringComparison.Ordinal);

    [Fact]
    public void Body_ThatNamesAnotherPlaceOrKind_IsRefused()
    {
        Assert.Contains(
            "does not match the namespace",
            Status(Send("POST", Claims, """{"metadata":{"name":"a","namespace":"other"}}"""), 400).Text("message"),
            StringComparison.Ordinal);
        Assert.Contains(
            "cannot be handled as a PersistentVolumeClaim",
            Status(Send("POST", Claims, """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"""), 400).Text("message"),
            StringComparison.Ordinal);
        Assert.Contains(
            "does not match the expected API version",
            Status(Send("POST", Claims, """{"apiVersion":"v2","kind":"PersistentVolumeClaim"}"""), 400).Text("message"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_TooOld_IsToldInTheStream_AndAListByStatus()
    {
        var old = Create("a").ResourceVersion;
        Create("b");
        _server.Compact(_server.Revision);

        var response = _api.Serve(Start, new RestRequest("GET", Claims) { Query = "watch=1&resourceVersion=" + old });
        var list = _api.Serve(Start, new RestRequest("GET", Claims) { Query = "resourceVersionMatch=Exact&resourceVersion=" + old });

        Assert.Equal(200, response.Code);
        Assert.True(response.Watch!.TryRead(Start, out var frame));
        var told = (JsonMap)JsonTree.Parse(frame);
        Assert.Equal("ERROR", told.Text("type"));
        Assert.Equal(410, told.Map("object")!.Number("code"));
        Assert.True(response.Watch.HasEnded);
        Assert.Equal("Expired", Status(list, 410).Text("reason"));
    }

    [Fact]
    public void FutureVersion_ListTimesOut_WatchStaysSilentUntilItsEnd()
    {
        var list = _api.Serve(Start, new RestRequest("GET", Claims) { Query = "resourceVersion=999999" });
        var watch = _api.Serve(Start, new RestRequest("GET", Claims) { Query = "watch=1&resourceVersion=999999&timeoutSeconds=4" });

        Assert.Equal("Timeout", Status(list, 504).Text("reason"));
        Assert.Contains(list.Headers, header => header is { Key: "Retry-After", Value: "1" });
        Assert.Equal(200, watch.Code);
        Create("a");
        Assert.False(watch.Watch!.TryRead(Start, out _));
        Assert.False(watch.Watch.TryRead(Start + TimeSpan.FromSeconds(4), out _));
        Assert.True(watch.Watch.HasEnded);
    }

    [Fact]
    public void Watch_AtItsDeadline_EndsAndCanBeTakenUpFromItsLastBookmark()
    {
        var first = _api.Serve(Start, new RestRequest("GET", Claims)
        {
            Query = "watch=1&allowWatchBookmarks=true&timeoutSeconds=10&resourceVersion=" + _server.Revision,
        }).Watch!;
        Create("a");
        var events = Read(first, Start);
        var late = Start + TimeSpan.FromSeconds(9);
        events.AddRange(Read(first, late));
        Assert.Equal(["ADDED", "BOOKMARK"], events.Select(item => item.Text("type")));
        Read(first, Start + TimeSpan.FromSeconds(10));
        Assert.True(first.HasEnded);

        Create("b");
        var version = (events[1].At("object", "metadata", "resourceVersion") as JsonText)!.Value;
        var second = _api.Serve(late, new RestRequest("GET", Claims) { Query = "watch=1&resourceVersion=" + version }).Watch!;

        Assert.Equal("b", (Read(second, late).Single().At("object", "metadata", "name") as JsonText)?.Value);
    }

    [Fact]
    public void Watch_AsTables_TellsTheColumnsOnce()
    {
        Create("a");
        Create("b");
        var watch = _api.Serve(Start, new RestRequest("GET", Claims)
        {
            Query = "watch=1",
            Accept = "application/json;as=Table;v=v1;g=meta.k8s.io",
        }).Watch!;

        var tables = Read(watch, Start).Select(item => item.Map("object")!).ToList();

        Assert.Equal(2, tables.Count);
        Assert.NotEmpty(tables[0].List("columnDefinitions")!);
        Assert.IsType<JsonNull>(tables[1]["columnDefinitions"]);
        Assert.All(tables, table => Assert.Single(table.List("rows")!));
    }

    [Fact]
    public void Discovery_BothForms_TellTheSameResources()
    {
        var aggregated = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in new[] { "/api", "/apis" })
        {
            var response = _api.Serve(Start, new RestRequest("GET", path)
            {
                Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            });
            foreach (var group in Body(response).List("items")!.Maps())
            {
                var name = (group.At("metadata", "name") as JsonText)?.Value ?? "";
                foreach (var version in group.List("versions")!.Maps())
                {
                    aggregated.UnionWith(version.List("resources")!.Maps().Select(
                        resource => $"{name}/{version.Text("version")}/{resource.Text("resource")}"));
                }
            }
        }

        var oneByOne = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in Body(_api.Serve(Start, new RestRequest("GET", "/"))).List("paths")!.Texts()
                     .Where(path => path.StartsWith("/api", StringComparison.Ordinal) && path.Split('/').Length > 2))
        {
            var resources = Body(_api.Serve(Start, new RestRequest("GET", path)));
            var version = resources.Text("groupVersion")!;
            oneByOne.UnionWith(resources.List("resources")!.Maps().Select(resource => resource.Text("name")!)
                .Where(name => !name.Contains('/', StringComparison.Ordinal))
                .Select(name => (version.Contains('/', StringComparison.Ordinal) ? version : "/" + version) + "/" + name));
        }

        Assert.Contains("storage.k8s.io/v1/storageclasses", aggregated);
        Assert.Equal(aggregated, oneByOne);
    }

    private static List<JsonMap> Read(RestWatch watch, Instant now)
    {
        var events = new List<JsonMap>();
        while (watch.TryRead(now, out var frame))
        {
            events.Add((JsonMap)JsonTree.Parse(frame));
        }

        return events;
    }

    private static JsonMap Body(RestResponse response) => (JsonMap)JsonTree.Parse(response.Body.Span);

    private static JsonMap Status(RestResponse response, int code)
    {
        var text = Encoding.UTF8.GetString(response.Body.Span);
        Assert.True(response.Code == code, $"{response.Code}: {text}");
        return (JsonMap)JsonTree.Parse(text);
    }

    private RestResponse Send(string method, string path, string body, string contentType = RestResponse.Json, string query = "") =>
        _api.Serve(Start, new RestRequest(method, path)
        {
            Query = query,
            ContentType = contentType,
            Body = Encoding.UTF8.GetBytes(body),
        });

    private KubernetesObject Create(string name) => _server.Seed(Start, ResourceTypes.PersistentVolumeClaims, (JsonMap)JsonTree.Parse("""
        {"metadata":{"name":"NAME","namespace":"default"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast",
        "resources":{"requests":{"storage":"1Gi"}}}}
        """.Replace("NAME", name, StringComparison.Ordinal)));
}
