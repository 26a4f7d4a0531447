using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// A real API server, over HTTP. Safe for any thread. A connection that could not be made means that nothing was sent; one that broke later
/// leaves a write in doubt.
/// </summary>
public sealed class HttpClusterApi : IClusterApi, IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");

    private readonly ClusterConnection _connection;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly TokenSource _tokens;

    // Each process counts its watches from somewhere else: thousands of agents open theirs together once the API server is back, and would
    // otherwise open all of them together again, each time that they end.
    private long _watches = Random.Shared.NextInt64();

    /// <summary>The server of <paramref name="connection"/>.</summary>
    public HttpClusterApi(ClusterConnection connection, TimeProvider time)
        : this(connection, new LiveConnection(connection, time), time)
    {
    }

    /// <summary>The same over a given client, whose base address is the server's; the client is disposed with this.</summary>
    public HttpClusterApi(ClusterConnection connection, HttpClient http, TimeProvider time)
        : this(connection, http, new LiveConnection(connection, time), time)
    {
    }

    private HttpClusterApi(ClusterConnection connection, LiveConnection live, TimeProvider time)
        : this(connection, ClusterHttp.CreateClient(live), live, time)
    {
    }

    private HttpClusterApi(ClusterConnection connection, HttpClient http, LiveConnection live, TimeProvider time)
    {
        _connection = connection;
        _http = http;
        _time = time;
        _tokens = new TokenSource(live, time);
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        using var message = Message(request);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            using var body = await AnswerBody.ReadAsync(response.Content, _http.MaxResponseContentBufferSize, cancellationToken)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? ReadAnswer(request, body.Bytes)
                : Failure(request, response, body.Bytes.ToArray());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            return TransportFailure.IsBeforeSending(error)
                ? Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, Describe("cannot be reached", error))
                : Outcome.Failed<ClusterAnswer>(
                    request.IsWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable, Describe("broke off its answer", error));
        }
    }

    /// <inheritdoc/>
    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
    {
        var number = Interlocked.Increment(ref _watches);
        var path = ClusterPath.Of(request, WatchTimeout.Of(number));
        return HttpWatch.Start(request.Type, () => Message(HttpMethod.Get, path, null, Json), _http, _tokens, _time, Describe, deliver);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Message(ClusterRequest request) => request switch
    {
        ClusterRequest.Get or ClusterRequest.List => Message(HttpMethod.Get, ClusterPath.Of(request), null, Json),
        ClusterRequest.Create create => Message(HttpMethod.Post, ClusterPath.Of(request), create.Body, Json),
        ClusterRequest.CreateSubresource create => Message(HttpMethod.Post, ClusterPath.Of(request), create.Body, Json),
        ClusterRequest.Replace replace => Message(HttpMethod.Put, ClusterPath.Of(request), replace.Body, Json),
        ClusterRequest.Patch patch => Message(HttpMethod.Patch, ClusterPath.Of(request), patch.Changes, MergePatch),
        // The body also keeps the HTTP client from repeating the request by itself when a kept connection turns out to be dead.
        ClusterRequest.Delete delete => Message(HttpMethod.Delete, ClusterPath.Of(request), DeleteOptions(delete), Json),
        _ => throw new UnreachableException(),
    };

    private HttpRequestMessage Message(HttpMethod method, string path, JsonMap? body, MediaTypeHeaderValue contentType)
    {
        var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        message.Headers.Accept.ParseAdd("application/json");
        message.Headers.UserAgent.ParseAdd("localpv/0.1");
        if (_connection.ServerName is { } name)
        {
            message.Headers.Host = name;
        }

        if (_tokens.Current() is { } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            message.Content = new ByteArrayContent(body.ToUtf8());
            message.Content.Headers.ContentType = contentType;
        }

        return message;
    }

    private static JsonMap DeleteOptions(ClusterRequest.Delete delete)
    {
        var preconditions = delete.Uid is null && delete.ResourceVersion is null
            ? null
            : JsonMap.Of(("uid", delete.Uid), ("resourceVersion", delete.ResourceVersion));
        return JsonMap.Of(
            ("kind", "DeleteOptions"),
            ("apiVersion", "v1"),
            ("gracePeriodSeconds", delete.GracePeriodSeconds is { } seconds ? (JsonTree)seconds : null),
            ("propagationPolicy", delete.PropagationPolicy),
            ("preconditions", preconditions));
    }

    private Outcome<ClusterAnswer> ReadAnswer(ClusterRequest request, ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonTree.Parse(body, KeptFields.Ownership) is not JsonMap tree)
            {
                return Unreadable(request, "it is not an object");
            }

            if (request is ClusterRequest.List list)
            {
                return tree.List("items") is { } items
                    ? Outcome.Done(ReadList(list.Type, tree, items))
                    : Unreadable(request, "a list without items");
            }

            // A deletion answers with a Status or with the object; a Pod's binding always with a Status.
            return Outcome.Done(ClusterAnswer.Of(tree.Text("kind") == "Status" ? null : KubernetesObject.Read(request.Resource, tree)));
        }
        catch (JsonException error)
        {
            return Unreadable(request, error.Message);
        }
    }

    private static ClusterAnswer ReadList(ResourceType type, JsonMap list, JsonList items)
    {
        var metadata = list.Map("metadata") ?? JsonMap.Empty;
        // Items of a list do not say what they are; a watch's objects do. Completed, the same state reads the same from both.
        var objects = items.Maps().Select(item => KubernetesObject.Read(
            type, item.With("kind", type.Kind).With("apiVersion", type.ApiVersion)));
        return new ClusterAnswer(null, [.. objects], metadata.Text("resourceVersion") ?? "", metadata.Text("continue") ?? "");
    }

    private Outcome<ClusterAnswer> Unreadable(ClusterRequest request, string why) => Outcome.Failed<ClusterAnswer>(
        request.IsWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable,
        $"The API server {_connection.Server} answered {ClusterPath.Of(request)} with something unreadable: {why}. "
        + "Check that the address is an API server's and not a proxy's.");

    private Outcome<ClusterAnswer> Failure(ClusterRequest request, HttpResponseMessage response, byte[] body)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            _tokens.Refused();
        }

        var status = ServerStatus.Read(response, body, _time.GetUtcNow());
        var kind = status.Kind(request.IsWrite, request is ClusterRequest.Create);
        return Outcome.Failed<ClusterAnswer>(kind, Explain(request.Resource, status), status.RetryAfter);
    }

    private string Explain(ResourceType type, ServerStatus status) => (HttpStatusCode)status.Code switch
    {
        HttpStatusCode.Unauthorized => $"{status.Message}: the API server does not accept our token or certificate ({_connection.Source}).",
        HttpStatusCode.Forbidden => $"{status.Message}. Grant it in the ClusterRole of LocalPv.",
        HttpStatusCode.NotFound when status.Reason.Length == 0 =>
            $"The API server does not know {type.GroupResource} in {type.ApiVersion} ({status.Message}): is its "
                + $"CustomResourceDefinition installed?",
        _ => status.Message,
    };

    private string Describe(string what, Exception error) =>
        $"The API server {_connection.Server} ({_connection.Source}) {what}: {TransportFailure.Reason(error)}.";
}
