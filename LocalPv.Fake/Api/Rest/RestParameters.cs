using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>Reads the parameters of requests and judges what goes together (apimachinery: <c>meta/*/validation</c>).</summary>
internal static class RestParameters
{
    private const int FieldManagerMax = 128;

    /// <summary>The 422 of a list's parameters, or null.</summary>
    public static StatusError? JudgeList(RestQuery query)
    {
        var errors = new FieldErrors();
        var (match, version) = (query.Text("resourceVersionMatch"), query.Text("resourceVersion"));
        if (query["sendInitialEvents"] is not null)
        {
            errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }

        if (match.Length > 0)
        {
            if (version.Length == 0)
            {
                errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
            }

            if (query.Text("continue").Length > 0)
            {
                errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
            }

            if (match is not ("Exact" or "NotOlderThan"))
            {
                errors.NotSupported("resourceVersionMatch", match, "Exact", "NotOlderThan", "");
            }

            if (match == "Exact" && version == "0")
            {
                errors.Forbidden("resourceVersionMatch", "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
            }
        }

        return Invalid("ListOptions", errors);
    }

    /// <summary>The 422 of a watch's parameters, or null.</summary>
    public static StatusError? JudgeWatch(RestQuery query)
    {
        var errors = new FieldErrors();
        var match = query.Text("resourceVersionMatch");
        if (query["sendInitialEvents"] is not null && match != "NotOlderThan")
        {
            errors.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (match.Length > 0 && query["sendInitialEvents"] is null)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        return Invalid("ListOptions", errors);
    }

    /// <summary>The 400 of an object that names another place than the path, or null.</summary>
    public static StatusError? JudgePlace(RestPath path, JsonMap body)
    {
        var metadata = body.Map("metadata") ?? JsonMap.Empty;
        var (name, space) = (metadata.Text("name") ?? "", metadata.Text("namespace") ?? "");
        if (path.Name.Length > 0 && name.Length > 0 && name != path.Name)
        {
            return StatusError.BadRequest($"the name of the object ({name}) does not match the name on the URL ({path.Name})");
        }

        return space.Length > 0 && space != path.Namespace
            ? StatusError.BadRequest("the namespace of the provided object does not match the namespace sent on the request")
            : null;
    }

    /// <summary>The wishes of a write. <paramref name="operation"/> is <c>Create</c>, <c>Update</c> or <c>Patch</c>.</summary>
    public static StatusError? TryReadWrite(RestRequest request, RestQuery query, string operation, out WriteOptions write)
    {
        var errors = new FieldErrors();
        JudgeDryRun(query.Text("dryRun"), errors);
        var validation = query.Text("fieldValidation");
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
        {
            errors.NotSupported("fieldValidation", validation, "", "Ignore", "Strict", "Warn");
        }

        var manager = query.Text("fieldManager");
        if (manager.Length > FieldManagerMax)
        {
            errors.TooLong("fieldManager", FieldManagerMax);
        }

        write = new WriteOptions
        {
            FieldManager = manager.Length > 0 ? manager : ManagerOf(request.UserAgent),
            DryRun = query.Text("dryRun").Length > 0,
            Force = query.Flag("force"),
            FieldValidation = validation switch
            {
                "Ignore" => FieldValidation.Ignore,
                "Strict" => FieldValidation.Strict,
                _ => FieldValidation.Warn,
            },
        };
        return Invalid(operation + "Options", errors);
    }

    /// <summary>The 422 of a patch's parameters, or null: an apply needs a manager, only an apply can be forced.</summary>
    public static StatusError? JudgeApply(RestQuery query, PatchType type)
    {
        var errors = new FieldErrors();
        if (type == PatchType.Apply && query.Text("fieldManager").Length == 0)
        {
            errors.Required("fieldManager", "is required for apply patch");
        }

        if (type != PatchType.Apply && query["force"] is not null)
        {
            errors.Forbidden("force", "may not be specified for non-apply patch");
        }

        return Invalid("PatchOptions", errors);
    }

    /// <summary>The wishes of a deletion, from its body and its query.</summary>
    public static StatusError? TryReadDelete(JsonMap body, RestQuery query, out DeleteOptions wishes)
    {
        StatusError? failure = null;
        var errors = new FieldErrors();
        var dryRun = body.List("dryRun")?.Texts().FirstOrDefault() ?? query.Text("dryRun");
        JudgeDryRun(dryRun, errors);
        var policy = body.Text("propagationPolicy") ?? query["propagationPolicy"];
        if (policy is not (null or "Orphan" or "Background" or "Foreground"))
        {
            errors.NotSupported("propagationPolicy", policy, "Background", "Foreground", "Orphan", "nil");
        }

        var orphans = body.Boolean("orphanDependents") ?? (query["orphanDependents"] is null ? null : query.Flag("orphanDependents"));
        wishes = new DeleteOptions
        {
            Uid = (body.At("preconditions", "uid") as JsonText)?.Value,
            ResourceVersion = (body.At("preconditions", "resourceVersion") as JsonText)?.Value,
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? query.Number("gracePeriodSeconds", ref failure),
            PropagationPolicy = policy ?? (orphans == true ? "Orphan" : null),
            DryRun = dryRun.Length > 0,
        };
        return failure ?? Invalid("DeleteOptions", errors);
    }

    private static void JudgeDryRun(string dryRun, FieldErrors errors)
    {
        if (dryRun is not ("" or "All"))
        {
            errors.NotSupported("dryRun", dryRun, "All");
        }
    }

    private static string ManagerOf(string userAgent)
    {
        var name = userAgent.Split('/')[0];
        return name.Length is 0 or > FieldManagerMax ? "unknown" : name;
    }

    private static StatusError? Invalid(string kind, FieldErrors errors) => errors.Any
        ? StatusError.Invalid(new KindInfo(new ResourceType("meta.k8s.io", "v1", kind, kind, false), KindStrategy.Plain), "", errors)
        : null;
}
