using System.Net;
using System.Net.Sockets;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace LocalPv.Hosting.Tests.Kubernetes;

public sealed class HttpClusterApiTests
{
    private static readonly ObjectKey Key = new("ns", "a b");
    private static readonly ClusterRequest Read = new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, Key);
    private static readonly ClusterRequest Write = new ClusterRequest.Patch(ResourceTypes.PersistentVolumeClaims, Key, JsonMap.Empty);
    private static readonly ClusterRequest Make = new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", JsonMap.Empty);

    [Theory]
    [InlineData(404, "NotFound", OutcomeKind.NotFound, OutcomeKind.NotFound, OutcomeKind.NotFound)]
    [InlineData(409, "AlreadyExists", OutcomeKind.Conflict, OutcomeKind.Conflict, OutcomeKind.AlreadyExists)]
    [InlineData(409, "Conflict", OutcomeKind.Conflict, OutcomeKind.Conflict, OutcomeKind.Conflict)]
    [InlineData(410, "Expired", OutcomeKind.Expired, OutcomeKind.Expired, OutcomeKind.Expired)]
    [InlineData(422, "Invalid", OutcomeKind.Rejected, OutcomeKind.Rejected, OutcomeKind.Rejected)]
    [InlineData(400, "BadRequest", OutcomeKind.Refused, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(401, "Unauthorized", OutcomeKind.Refused, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(403, "Forbidden", OutcomeKind.Refused, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(405, "MethodNotAllowed", OutcomeKind.Refused, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(415, "UnsupportedMediaType", OutcomeKind.Refused, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(429, "TooManyRequests", OutcomeKind.Unavailable, OutcomeKind.Unavailable, OutcomeKind.Unavailable)]
    [InlineData(503, "ServiceUnavailable", OutcomeKind.Unavailable, OutcomeKind.Unavailable, OutcomeKind.Unavailable)]
    [InlineData(500, "InternalError", OutcomeKind.Unavailable, OutcomeKind.InDoubt, OutcomeKind.InDoubt)]
    [InlineData(504, "Timeout", OutcomeKind.Unavailable, OutcomeKind.InDoubt, OutcomeKind.InDoubt)]
    public async Task Status_OfAnAnswer_BecomesTheKindOfTheContract(
        int code, string reason, OutcomeKind read, OutcomeKind write, OutcomeKind make)
    {
        var body = $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"why so","reason":"{{reason}}","code":{{code}}}""";
        await using var server = await ScriptedServer.AnsweringAsync(code, body);
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        Assert.Equal(read, (await api.SendAsync(Read, default)).Kind);
        Assert.Equal(write, (await api.SendAsync(Write, default)).Kind);
        var made = await api.SendAsync(Make, default);
        Assert.Equal(make, made.Kind);
        Assert.Contains("why so", made.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Asked.Count);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_OfAnAnswer_IsHandedOn(int code)
    {
        await using var server = await ScriptedServer.AnsweringAsync(code, "busy", ("Retry-After", "7"));
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        Assert.Equal(TimeSpan.FromSeconds(7), (await api.SendAsync(Write, default)).RetryAfter);
    }

    [Fact]
    public async Task Request_OfEachKind_HasItsPathBodyAndContentType()
    {
        await using var server = await ScriptedServer.AnsweringAsync(200, """{"metadata":{"name":"x"},"items":[]}""");
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);
        var claims = ResourceTypes.PersistentVolumeClaims;
        var body = JsonMap.Of(("a", 1));
        ClusterRequest[] requests =
        [
            Read,
            new ClusterRequest.List(claims, new ObjectSelector("ns", "a in (b,c)", "metadata.name=x"), "0", 500),
            new ClusterRequest.List(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything, "9", Continue: "c/=="),
            new ClusterRequest.Create(ResourceTypes.Leases, "ns", body),
            new ClusterRequest.Patch(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped("s.n"), body, "status"),
            new ClusterRequest.Replace(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped("s"), body),
            new ClusterRequest.CreateSubresource(ResourceTypes.Pods, new ObjectKey("ns", "p"), "binding", body),
            new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("ns", "p"), "u", "5") { GracePeriodSeconds = 0 },
            new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("ns", "p")),
        ];
        foreach (var request in requests)
        {
            Assert.True((await api.SendAsync(request, default)).IsDone);
        }

        string[] expected =
        [
            "GET /api/v1/namespaces/ns/persistentvolumeclaims/a%20b || ",
            "GET /api/v1/namespaces/ns/persistentvolumeclaims?labelSelector=a%20in%20%28b%2Cc%29"
                + "&fieldSelector=metadata.name%3Dx&limit=500&resourceVersion=0 || ",
            "GET /apis/localpv.io/v1alpha1/nodelocalstorages?continue=c%2F%3D%3D || ",
            "POST /apis/coordination.k8s.io/v1/namespaces/ns/leases |application/json| {\"a\":1}",
            "PATCH /apis/localpv.io/v1alpha1/nodelocalstorages/s.n/status |application/merge-patch+json| {\"a\":1}",
            "PUT /apis/storage.k8s.io/v1/storageclasses/s |application/json| {\"a\":1}",
            "POST /api/v1/namespaces/ns/pods/p/binding |application/json| {\"a\":1}",
            "DELETE /api/v1/namespaces/ns/pods/p |application/json| "
                + """{"apiVersion":"v1","gracePeriodSeconds":0,"kind":"DeleteOptions","preconditions":{"resourceVersion":"5","uid":"u"}}""",
            "DELETE /api/v1/namespaces/ns/pods/p |application/json| {\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"}",
        ];
        Assert.Equal(expected, server.Asked.Select(asked => $"{asked.Method} "
            + $"{asked.Path.Replace(" ", "%20", StringComparison.Ordinal)} |{asked.ContentType}| {asked.Body}"));
    }

    [Fact]
    public async Task List_ItemsWithoutKind_AreCompleted()
    {
        await using var server = await ScriptedServer.AnsweringAsync(
            200, """{"metadata":{"resourceVersion":"9","continue":"more"},"items":[{"metadata":{"name":"x"}}]}""");
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        var answer = (await api.SendAsync(new ClusterRequest.List(ResourceTypes.StorageClasses, ObjectSelector.Everything), default)).Value;

        Assert.Equal(("9", "more"), (answer.ResourceVersion, answer.Continue));
        var item = Assert.IsType<StorageClass>(Assert.Single(answer.Items));
        Assert.Equal(("StorageClass", "storage.k8s.io/v1"), (item.Tree.Text("kind"), item.Tree.Text("apiVersion")));
    }

    [Fact]
    public async Task Server_ThatIsNotThere_MeansNothingWasSent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var api = new HttpClusterApi(
            new ClusterConnection { Server = new Uri($"http://127.0.0.1:{port}/"), Source = "my.kubeconfig" }, TimeProvider.System);

        var write = await api.SendAsync(Write, default);

        Assert.Equal(OutcomeKind.Unavailable, write.Kind);
        Assert.Contains("my.kubeconfig", write.Message, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Unavailable, (await api.SendAsync(Read, default)).Kind);
    }

    [Theory]
    [InlineData("before the answer")]
    [InlineData("inside the answer")]
    public async Task Connection_ThatBreaksAfterTheRequest_LeavesAWriteInDoubt(string when)
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (when == "inside the answer")
            {
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{\"kind\":");
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        });
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        Assert.Equal(OutcomeKind.InDoubt, (await api.SendAsync(Write, default)).Kind);
        Assert.Equal(OutcomeKind.InDoubt, (await api.SendAsync(Make, default)).Kind);
        Assert.Equal(OutcomeKind.InDoubt, (await api.SendAsync(new ClusterRequest.Delete(ResourceTypes.Pods, Key), default)).Kind);
        Assert.Equal(3, server.Asked.Count);
        Assert.Equal(OutcomeKind.Unavailable, (await api.SendAsync(Read, default)).Kind);
    }

    [Fact]
    public async Task Answer_ThatIsNoJson_IsNotTakenForDone()
    {
        await using var server = await ScriptedServer.AnsweringAsync(200, "<html>a login page</html>");
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        Assert.Equal(OutcomeKind.Unavailable, (await api.SendAsync(Read, default)).Kind);
        Assert.Equal(OutcomeKind.InDoubt, (await api.SendAsync(Write, default)).Kind);
    }

    [Fact]
    public async Task UnknownType_InPlainText_AsksForTheCustomResourceDefinition()
    {
        await using var server = await ScriptedServer.AnsweringAsync(404, "404 page not found\n");
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);

        var outcome = await api.SendAsync(
            new ClusterRequest.List(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything), default);

        Assert.Equal(OutcomeKind.NotFound, outcome.Kind);
        Assert.Contains("CustomResourceDefinition", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenFile_AfterAnUnauthorizedAnswer_IsReadAgain()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "old\n");
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer new" ? 200 : 401;
            return context.Response.WriteAsync("""{"metadata":{"name":"x"}}""");
        });
        using var api = new HttpClusterApi(server.Connection with { TokenFile = file }, TimeProvider.System);

        Assert.Equal(OutcomeKind.Refused, (await api.SendAsync(Read, default)).Kind);
        await File.WriteAllTextAsync(file, "new\n");
        Assert.True((await api.SendAsync(Read, default)).IsDone);
        File.Delete(file);
        Assert.Equal(["Bearer old", "Bearer new"], server.Asked.Select(asked => asked.Authorization));
    }

    [Fact]
    public async Task Cancelling_EndsTheCallWithTheException()
    {
        await using var server = await ScriptedServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await api.SendAsync(Write, stop.Token));
    }
}
