using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// Why the API server did not do what it was asked, in the words of a real one: what HTTP carries as a <c>Status</c> object, and what
/// the typed door maps to an <see cref="OutcomeKind"/>.
/// </summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">The machine's word, such as <c>NotFound</c>; empty where a real server gives none.</param>
/// <param name="Message">The person's words.</param>
/// <param name="Details">The <c>details</c> object, or null where a real server gives none.</param>
public sealed record StatusError(int Code, string Reason, string Message, JsonMap? Details = null)
{
    /// <summary>The fresh continue token that an expired list offers, or empty.</summary>
    public string Continue { get; init; } = "";

    /// <summary>Whether the sender should wait before it asks again.</summary>
    public TimeSpan? RetryAfter =>
        Details?.Number("retryAfterSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The <c>Status</c> object of this failure.</summary>
    public JsonMap ToStatus() => JsonMap.Of(
        ("kind", "Status"),
        ("apiVersion", "v1"),
        ("metadata", Continue.Length == 0 ? JsonMap.Empty : JsonMap.Of(("continue", Continue))),
        ("status", "Failure"),
        ("message", Message),
        ("reason", Reason.Length == 0 ? null : Reason),
        ("details", Details),
        ("code", (long)Code));

    /// <summary>What the sender does next, by the contract of the port: the status alone decides.</summary>
    public OutcomeKind OutcomeFor(bool isWrite, bool isCreate) => Code switch
    {
        404 => OutcomeKind.NotFound,
        409 => isCreate ? OutcomeKind.AlreadyExists : OutcomeKind.Conflict,
        410 => OutcomeKind.Expired,
        422 => OutcomeKind.Rejected,
        429 or 503 => OutcomeKind.Unavailable,
        >= 500 => isWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable,
        _ => OutcomeKind.Refused,
    };

    /// <summary>The failure as the port tells it to whoever sent <paramref name="request"/>.</summary>
    public Outcome<T> ToOutcome<T>(ClusterRequest request) =>
        Outcome.Failed<T>(OutcomeFor(request.IsWrite, request is ClusterRequest.Create), Message, RetryAfter);

    /// <summary>404 for an object.</summary>
    public static StatusError NotFound(KindInfo kind, string name) =>
        new(404, "NotFound", $"{kind.Type.GroupResource} \"{name}\" not found", Naming(kind.Type.Group, kind.Type.Plural, name));

    /// <summary>404 for a path that nothing serves.</summary>
    public static StatusError NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource", JsonMap.Empty);

    /// <summary>409 for a create.</summary>
    public static StatusError AlreadyExists(KindInfo kind, string name, bool isBeingDeleted) => new(
        409,
        "AlreadyExists",
        (isBeingDeleted ? "object is being deleted: " : "") + $"{kind.Type.GroupResource} \"{name}\" already exists",
        Naming(kind.Type.Group, kind.Type.Plural, name));

    /// <summary>409 for an update or deletion; <paramref name="why"/> is what stands after the colon.</summary>
    public static StatusError Conflict(KindInfo kind, string name, string why) => new(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {kind.Type.GroupResource} \"{name}\": {why}",
        Naming(kind.Type.Group, kind.Type.Plural, name));

    /// <summary>409 for an update of a version that is no longer the current one.</summary>
    public static StatusError Modified(KindInfo kind, string name) => Conflict(
        kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>409 for a deletion whose precondition does not hold; a real server names the kind here, not the resource.</summary>
    public static StatusError Precondition(KindInfo kind, string name, string why) => new(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {KindName(kind)} \"{name}\": {why}",
        Naming(kind.Type.Group, kind.Type.Kind, name));

    /// <summary>422 with one cause for each field.</summary>
    public static StatusError Invalid(KindInfo kind, string name, FieldErrors errors) => new(
        422,
        "Invalid",
        $"{KindName(kind)} \"{name}\" is invalid: {errors.Message}",
        Naming(kind.Type.Group, kind.Type.Kind, name).With("causes", errors.ToCauses()));

    /// <summary>400.</summary>
    public static StatusError BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>400 for a body that cannot be read as its kind.</summary>
    public static StatusError Undecodable(KindInfo kind, string why) => BadRequest(
        $"{kind.Type.Kind} in version \"{kind.Type.Version}\" cannot be handled as a {kind.Type.Kind}: {why}");

    /// <summary>403.</summary>
    public static StatusError Forbidden(KindInfo kind, string name, string why) => new(
        403,
        "Forbidden",
        $"{kind.Type.GroupResource} \"{name}\" is forbidden: {why}",
        Naming(kind.Type.Group, kind.Type.Plural, name));

    /// <summary>422 as an admission policy refuses: forbidden by its words, invalid by its reason.</summary>
    public static StatusError Denied(KindInfo kind, string name, string why) => new(
        422,
        "Invalid",
        $"{kind.Type.GroupResource} \"{name}\" is forbidden: {why}",
        Naming(kind.Type.Group, kind.Type.Plural, name).With("causes", JsonList.Of(JsonMap.Of(("message", why)))));

    /// <summary>405.</summary>
    public static StatusError MethodNotAllowed() => new(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", JsonMap.Empty);

    /// <summary>415; <paramref name="accepted"/> are the media types that would do.</summary>
    public static StatusError UnsupportedMediaType(params ReadOnlySpan<string> accepted) => new(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: " + string.Join(", ", accepted.ToArray()));

    /// <summary>500 as a real server answers an error that has no status of its own: without a reason.</summary>
    public static StatusError Internal(string message) => new(500, "", message);

    /// <summary>410.</summary>
    public static StatusError Expired(string message) => new(410, "Expired", message);

    /// <summary>504 for a list at a version that lies in the future.</summary>
    public static StatusError VersionTooLarge(long asked, long current) => new(
        504,
        "Timeout",
        $"Timeout: Too large resource version: {asked}, current: {current}",
        JsonMap.Of(
            ("causes", JsonList.Of(JsonMap.Of(
                ("reason", "ResourceVersionTooLarge"), ("message", "Too large resource version")))),
            ("retryAfterSeconds", 1)));

    /// <summary>500 for a text that is no version.</summary>
    public static StatusError BadVersion(string text) => Internal(
        $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    internal static JsonMap Naming(string group, string kind, string name) => JsonMap.Of(
        ("name", name.Length == 0 ? null : name), ("group", group.Length == 0 ? null : group), ("kind", kind));

    private static string KindName(KindInfo kind) =>
        kind.Type.Group.Length == 0 ? kind.Type.Kind : kind.Type.Kind + "." + kind.Type.Group;
}
