using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>One request for a kind that is served: reads its parameters and body, asks the store, shows the answer.</summary>
internal sealed class RestCall(
    FakeApiServer server,
    RestApiOptions options,
    Instant now,
    RestRequest request,
    RestCaller caller,
    RestPath path,
    RestQuery query,
    KindInfo kind,
    RestRenderer renderer)
{
    private readonly RestBody _body = new(request, kind, options);

    private ObjectKey Key => new(path.Namespace, path.Name);

    /// <summary>The answer to the request, which wants <paramref name="verb"/>.</summary>
    public RestResponse Answer(string verb)
    {
        if (path.Subresource.Length > 0 && !IsKnownSubresource())
        {
            return RestResponse.NoSuchPath();
        }

        if (KubeletCall.Knows(kind, path.Subresource))
        {
            return verb is "get" or "create" ? new KubeletCall(server, path, query).Answer(kind) : NotAllowed();
        }

        if (path.Subresource == "scale")
        {
            return Scale(verb);
        }

        return verb switch
        {
            "get" => Show(server.Get(kind, Key)),
            "list" => List(),
            "watch" => Watch(),
            "create" => Create(),
            "update" => Update(),
            "patch" => Patch(),
            "delete" => path.Subresource.Length > 0 ? NotAllowed() : Delete(),
            "deletecollection" => DeleteAll(),
            _ => NotAllowed(),
        };
    }

    private static RestResponse NotAllowed() => RestResponse.Failed(StatusError.MethodNotAllowed());

    private bool IsKnownSubresource() =>
        (path.Subresource == "status" && kind.HasStatus) || kind.Subresources.Contains(path.Subresource);

    private RestResponse List()
    {
        StatusError? failure = null;
        var limit = query.Number("limit", ref failure) ?? 0;
        failure ??= RestParameters.JudgeList(query);
        return failure is not null
            ? RestResponse.Failed(failure)
            : Show(server.List(now, kind, new ListOptions
            {
                Selector = Selector(),
                ResourceVersion = query.Text("resourceVersion"),
                ResourceVersionMatch = query.Text("resourceVersionMatch"),
                Limit = limit,
                Continue = query.Text("continue"),
            }));
    }

    private RestResponse Watch()
    {
        StatusError? failure = null;
        var seconds = query.Number("timeoutSeconds", ref failure);
        failure ??= RestParameters.JudgeWatch(query);
        if (failure is not null)
        {
            return RestResponse.Failed(failure);
        }

        var watch = server.OpenWatch(now, kind, new WatchOptions
        {
            Selector = Selector(),
            ResourceVersion = query.Text("resourceVersion"),
            AllowBookmarks = query.Flag("allowWatchBookmarks"),
            SendInitialEvents = query.Flag("sendInitialEvents"),
            Timeout = seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : null,
        });

        // A version that is too old is told inside the stream, as the real server's watch cache does; any other refusal is the answer
        // itself.
        return watch.OpeningError is { Code: not 410 } refused
            ? RestResponse.Failed(refused)
            : new RestResponse(200, renderer.ContentType, default, new RestWatch(watch, renderer, kind.Type.Plural));
    }

    private RestResponse Scale(string verb)
    {
        var call = new ScaleCall(server, now, kind, Key);
        var body = new RestBody(request, ScaleCall.FormKind, options);
        var write = WriteOptions.Anonymous;
        switch (verb)
        {
            case "get":
                return Show(call.Get());
            case "update":
                return (body.TryReadObject("Scale", out var form)
                    ?? RestParameters.TryReadWrite(request, query, "Update", out write)) is { } unfit
                    ? RestResponse.Failed(unfit)
                    : Show(call.Replace(form, write));
            case "patch":
                return (body.TryReadPatch(out var type, out var patch)
                    ?? RestParameters.TryReadWrite(request, query, "Patch", out write)
                    ?? RestParameters.JudgeApply(query, type)) is { } refused
                    ? RestResponse.Failed(refused)
                    : Show(call.Patch(type, patch, write));
            default:
                return NotAllowed();
        }
    }

    private RestResponse Create()
    {
        if (path.Name.Length > 0 != path.Subresource.Length > 0 || (kind.Type.Namespaced && path.Namespace.Length == 0))
        {
            return NotAllowed();
        }

        var write = WriteOptions.Anonymous;
        var failure = _body.TryReadObject(path.Subresource.Length > 0 ? "Binding" : kind.Type.Kind, out var body)
            ?? (path.Subresource.Length > 0 ? null : RestParameters.JudgePlace(path, body))
            ?? RestParameters.TryReadWrite(request, query, "Create", out write);
        return failure is not null
            ? RestResponse.Failed(failure)
            : Show(path.Subresource.Length > 0
                ? server.CreateSubresource(now, kind, Key, path.Subresource, body, write)
                : Admitted("CREATE", write, options => server.Create(now, kind, path.Namespace, body, options)));
    }

    private RestResponse Update()
    {
        var write = WriteOptions.Anonymous;
        var failure = _body.TryReadObject(kind.Type.Kind, out var body)
            ?? RestParameters.JudgePlace(path, body)
            ?? RestParameters.TryReadWrite(request, query, "Update", out write);
        return failure is not null
            ? RestResponse.Failed(failure)
            : Show(Admitted("UPDATE", write, options => server.Replace(now, kind, Key, body, path.Subresource, options)));
    }

    private RestResponse Patch()
    {
        var write = WriteOptions.Anonymous;
        var failure = _body.TryReadPatch(out var type, out var patch)
            ?? RestParameters.TryReadWrite(request, query, "Patch", out write)
            ?? RestParameters.JudgeApply(query, type);
        return failure is not null
            ? RestResponse.Failed(failure)
            : Show(Admitted("UPDATE", write, options => server.Patch(now, kind, Key, type, patch, path.Subresource, options)));
    }

    private RestResponse Delete() => ReadDeleteOptions(out var wishes) is { } failure
        ? RestResponse.Failed(failure)
        : Show(Refusal("DELETE", null) is { } refused ? ApiResult.Failed(refused) : server.Delete(now, kind, Key, wishes));

    // What is to be is known by doing all of it but the commit; the generated parts of it (a uid, a time) are not the final ones.
    private ApiResult Admitted(string operation, WriteOptions write, Func<WriteOptions, ApiResult> send)
    {
        if (options.Admit is not null && send(write with { DryRun = true }) is var tried)
        {
            if (tried.Error is not null)
            {
                return tried;
            }

            if (Refusal(operation, tried.Object?.Tree) is { } refused)
            {
                return ApiResult.Failed(refused);
            }
        }

        return send(write);
    }

    private static string NameOf(JsonMap? tree) => tree?.Map("metadata")?.Text("name") ?? "";

    private StatusError? Refusal(string operation, JsonMap? after)
    {
        if (options.Admit is null)
        {
            return null;
        }

        var resource = path.Subresource.Length == 0 ? path.Plural : path.Plural + "/" + path.Subresource;
        var before = path.Name.Length == 0 ? null : server.Get(kind, Key).Object?.Tree;
        var why = options.Admit(new RestAdmission(caller, operation, path.Group, resource, before, after));
        return why.Length == 0 ? null : StatusError.Denied(kind, path.Name.Length > 0 ? path.Name : NameOf(after), why);
    }

    private RestResponse DeleteAll()
    {
        if (kind.Type.Namespaced && path.Namespace.Length == 0)
        {
            return NotAllowed();
        }

        return ReadDeleteOptions(out var wishes) is { } failure
            ? RestResponse.Failed(failure)
            : Show(server.DeleteAll(now, kind, Selector(), wishes));
    }

    private StatusError? ReadDeleteOptions(out DeleteOptions wishes)
    {
        wishes = DeleteOptions.None;
        var body = JsonMap.Empty;
        return (request.Body.IsEmpty ? null : _body.TryReadObject("DeleteOptions", out body))
            ?? RestParameters.TryReadDelete(body, query, out wishes);
    }

    private ObjectSelector Selector()
    {
        var fields = query.Text("fieldSelector");
        var named = path.Name.Length == 0 ? "" : "metadata.name=" + path.Name;
        return new(path.Namespace, query.Text("labelSelector"), string.Join(',', new[] { named, fields }.Where(part => part.Length > 0)));
    }

    private RestResponse Show(ApiResult result)
    {
        var response = result switch
        {
            { Error: { } failure } => RestResponse.Failed(failure),
            { Object: { } item } => Json(result.Created ? 201 : 200, renderer.One(now, item)),
            { StatusDetails: { } details } => Json(path.Subresource.Length > 0 && request.Method == "POST" ? 201 : 200, Success(details)),
            _ => Json(200, renderer.Page(now, result)),
        };
        return result.Warnings.IsEmpty
            ? response
            : response with { Headers = [.. response.Headers, .. result.Warnings.Select(Warning)] };
    }

    private RestResponse Json(int code, JsonTree tree) => RestResponse.Of(code, tree, renderer.ContentType);

    // RFC 7234, as apiserver/pkg/warning writes it.
    private static KeyValuePair<string, string> Warning(string text) =>
        new("Warning", "299 - \"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            + "\"");

    private static JsonMap Success(JsonMap details) => JsonMap.Of(
        ("kind", "Status"), ("apiVersion", "v1"), ("metadata", JsonMap.Empty), ("status", "Success"),
            ("details", details.Count == 0 ? null : details));
}
