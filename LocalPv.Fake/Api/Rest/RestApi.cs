using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest.Documents;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// The API server as HTTP shows it, without the network: paths, methods, media types, discovery, OpenAPI, tables, Status objects.
/// Whatever listens (a web server, a test) turns its requests into <see cref="RestRequest"/> and serialises the calls.
/// </summary>
public sealed class RestApi
{
    private readonly FakeApiServer _server;
    private readonly RestApiOptions _options;
    private readonly RestAccess _access;
    private readonly CustomDefinitions _definitions;
    private readonly OpenApiDocuments _openApi;
    private ImmutableArray<ServedGroup> _groups = [];
    private long _groupsEdition = -1;

    /// <summary>A door to <paramref name="server"/>.</summary>
    public RestApi(FakeApiServer server, RestApiOptions? options = null)
    {
        _server = server;
        _options = options ?? new RestApiOptions();
        _access = new RestAccess(_options);
        _definitions = new CustomDefinitions(server);
        _openApi = new OpenApiDocuments(_definitions.SchemaOf);
    }

    /// <summary>Answers a request. A watch's answer carries a <see cref="RestWatch"/>, which the caller drains and closes.</summary>
    public RestResponse Serve(Instant now, RestRequest request)
    {
        if (_access.TryIdentify(request, out var caller) is { } unknown)
        {
            return RestResponse.Failed(unknown);
        }

        var path = RestPath.TryRead(request.Path);
        if (path is { Plural.Length: > 0 })
        {
            return ServeResource(now, request, path, caller);
        }

        return RestAccess.Judge(caller, request) is { } refused
            ? RestResponse.Failed(refused)
            : ServeDocument(request, path);
    }

    private ImmutableArray<ServedGroup> Groups()
    {
        if (_groupsEdition != _server.Kinds.Edition)
        {
            _groups = ServedGroup.Of(_server.Kinds.All.Where(kind => kind.IsServed).Concat(Reviews.Kinds));
            _groupsEdition = _server.Kinds.Edition;
        }

        return _groups;
    }

    private RestResponse ServeResource(Instant now, RestRequest request, RestPath path, RestCaller caller)
    {
        if (Reviews.Find(path) is { } review)
        {
            return Reviews.Serve(review, request, caller, _options);
        }

        var query = new RestQuery(request.Query);
        var verb = RestVerbs.Of(request.Method, path, query);
        if (RestAccess.Judge(caller, verb, path) is { } refused)
        {
            return RestResponse.Failed(refused);
        }

        if (!_server.Kinds.TryFind(path.Group, path.Version, path.Plural, out var kind) || !kind.IsServed
            || (path.Namespace.Length > 0 && !kind.Type.Namespaced)
            || (path.Namespace.Length == 0 && path.Name.Length > 0 && kind.Type.Namespaced))
        {
            return RestResponse.NoSuchPath();
        }

        if (Negotiated.Choose(request.Accept) is not { } negotiated)
        {
            return RestResponse.Failed(Negotiated.NotAcceptable);
        }

        var renderer = new RestRenderer(kind, negotiated, query, _definitions.VersionOf(kind));
        return new RestCall(_server, _options, now, request, caller, path, query, kind, renderer).Answer(verb);
    }

    private RestResponse ServeDocument(RestRequest request, RestPath? path)
    {
        if (request.Method is not ("GET" or "HEAD"))
        {
            return RestResponse.Failed(StatusError.MethodNotAllowed());
        }

        return request.Path.TrimEnd('/') switch
        {
            "" => RestResponse.Of(200, RootPaths()),
            "/version" => RestResponse.Of(200, VersionDocument.Tree),
            "/healthz" or "/livez" or "/readyz" => RestResponse.Text(200, "ok"),
            "/openapi/v2" => ServeSecondOpenApi(request),
            "/openapi/v3" => RestResponse.Of(200, OpenApiDocuments.Index(Groups(), _server.Revision)),
            "/api" or "/apis" => ServeDiscovery(request),
            var below when below.StartsWith("/openapi/v3/", StringComparison.Ordinal) => ServeThirdOpenApi(below["/openapi/v3/".Length..]),
            var below when below.StartsWith("/apis/", StringComparison.Ordinal) && path is null => ServeGroup(below["/apis/".Length..]),
            _ => path is null ? RestResponse.NoSuchPath() : ServeVersion(path),
        };
    }

    private JsonMap RootPaths() => JsonMap.Of(("paths", JsonList.OfTexts(
    [
        "/api", "/apis", .. Groups().SelectMany(group => group.Versions).Select(version => "/" + version.Path),
        "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version",
    ])));

    private RestResponse ServeDiscovery(RestRequest request)
    {
        var isCore = request.Path.TrimEnd('/') == "/api";
        if (Negotiated.Choose(request.Accept) is not { } negotiated)
        {
            return RestResponse.Failed(Negotiated.NotAcceptable);
        }

        if (negotiated.Rendering == Rendering.AggregatedDiscovery)
        {
            var contentType = $"application/json;g=apidiscovery.k8s.io;v={negotiated.Version};as=APIGroupDiscoveryList";
            var groups = Groups().Where(group => group.Group.Length == 0 == isCore);
            return RestResponse.Of(200, DiscoveryDocuments.Aggregated(groups, negotiated.Version), contentType);
        }

        return RestResponse.Of(200, isCore ? DiscoveryDocuments.CoreVersions(_options.Host) : DiscoveryDocuments.Groups(Groups()));
    }

    private RestResponse ServeGroup(string name) =>
        Groups().FirstOrDefault(group => group.Group == name && name.Length > 0) is { } found
            ? RestResponse.Of(200, DiscoveryDocuments.Group(found))
            : RestResponse.NoSuchPath();

    private RestResponse ServeVersion(RestPath path) =>
        VersionAt(path.Group, path.Version) is { } found
            ? RestResponse.Of(200, DiscoveryDocuments.Resources(found))
            : RestResponse.NoSuchPath();

    // The older form of the document is asked for in Protocol Buffers, and by nobody else than the clients that read only that.
    private RestResponse ServeSecondOpenApi(RestRequest request)
    {
        if (MediaType.ReadAll(request.Accept).FirstOrDefault()?.Name == OpenApiProtobuf.AcceptedType)
        {
            return new RestResponse(200, OpenApiProtobuf.ContentType, OpenApiProtobuf.Write(_openApi.Second(Groups())));
        }

        return Negotiated.Choose(request.Accept) is null
            ? RestResponse.Failed(Negotiated.NotAcceptable)
            : RestResponse.Of(200, _openApi.Second(Groups()));
    }

    private RestResponse ServeThirdOpenApi(string below) => RestPath.TryRead("/" + below) is { Plural: "" } path
        && VersionAt(path.Group, path.Version) is { } found
            ? RestResponse.Of(200, _openApi.Third(found))
            : RestResponse.NoSuchPath();

    private ServedVersion? VersionAt(string group, string version) => Groups()
        .Where(candidate => candidate.Group == group)
        .SelectMany(candidate => candidate.Versions)
        .FirstOrDefault(candidate => candidate.Version == version);
}
