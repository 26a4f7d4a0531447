using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// The kinds that are never stored: a question is created, and answered at once. What <c>kubectl auth can-i</c> and <c>auth whoami</c> ask.
/// </summary>
internal static class Reviews
{
    private const string Authorization = "authorization.k8s.io";

    /// <summary>The kinds, for discovery.</summary>
    public static ImmutableArray<KindInfo> Kinds { get; } =
    [
        Kind("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
        Kind(Authorization, "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        Kind(Authorization, "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
    ];

    /// <summary>The kind that a path names, or null.</summary>
    public static KindInfo? Find(RestPath path) => Kinds.FirstOrDefault(kind =>
        path is { Namespace: "", Name: "" } && kind.Type.Group == path.Group && kind.Type.Version == path.Version
        && kind.Type.Plural == path.Plural);

    /// <summary>Answers a question. Everybody may ask about themselves.</summary>
    public static RestResponse Serve(KindInfo kind, RestRequest request, RestCaller caller, RestApiOptions options)
    {
        if (request.Method != "POST")
        {
            return RestResponse.Failed(StatusError.MethodNotAllowed());
        }

        return new RestBody(request, kind, options).TryReadObject(kind.Type.Kind, out var body) is { } failure
            ? RestResponse.Failed(failure)
            : RestResponse.Of(201, body
                .With("kind", kind.Type.Kind)
                .With("apiVersion", kind.Type.ApiVersion)
                .With("metadata", body.Map("metadata") ?? JsonMap.Empty)
                .With("status", Status(kind.Type.Kind, caller)));
    }

    private static JsonMap Status(string kind, RestCaller caller) => kind switch
    {
        "SelfSubjectReview" => JsonMap.Of(("userInfo", JsonMap.Of(
            ("username", caller.Name),
            ("groups", caller.MayDoEverything
                ? JsonList.Of("system:masters", "system:authenticated")
                : JsonList.Of("system:authenticated"))))),
        "SelfSubjectAccessReview" => caller.MayDoEverything
            ? JsonMap.Of(("allowed", true))
            : JsonMap.Of(("allowed", false), ("reason", $"User \"{caller.Name}\" may do nothing in this cluster")),
        _ => Rules(caller),
    };

    private static JsonMap Rules(RestCaller caller)
    {
        var everything = JsonList.Of("*");
        return JsonMap.Of(
            ("resourceRules", caller.MayDoEverything
                ? JsonList.Of(JsonMap.Of(("verbs", everything), ("apiGroups", everything), ("resources", everything)))
                : JsonList.Empty),
            ("nonResourceRules", caller.MayDoEverything
                ? JsonList.Of(JsonMap.Of(("verbs", everything), ("nonResourceURLs", everything)))
                : JsonList.Empty),
            ("incomplete", false));
    }

    private static KindInfo Kind(string group, string plural, string kind) =>
        new(new ResourceType(group, "v1", plural, kind, false), KindStrategy.Plain) { IsReview = true };
}
