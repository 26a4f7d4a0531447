using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Rest;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>A ValidatingAdmissionPolicy as the API server applies it, for the expressions that ours is made of.</summary>
internal sealed class AdmissionPolicy
{
    private const string Name = "localpv-agent-own-node";

    private const string NodeNameKey = "authentication.kubernetes.io/node-name";

    private readonly JsonMap _spec;

    private AdmissionPolicy(JsonMap spec) => _spec = spec;

    public static AdmissionPolicy Read(JsonMap policy) => new(policy.Map("spec")!);

    /// <summary>The one that is shipped.</summary>
    public static AdmissionPolicy Shipped() => Read(DeployFiles.Find("ValidatingAdmissionPolicy", Name));

    /// <summary>Whether the policy looks at a write at all.</summary>
    public bool Matches(Write write) => Matches(Admission(write, write.Node));

    /// <summary>Why the write is refused to the agent of a node; an empty text where it passes. Null: the token names no node.</summary>
    public string Judge(Write write, string? node) => Judge(Admission(write, node));

    /// <summary>Why the API server refuses a write, in its words; an empty text where it passes.</summary>
    public string Refuse(RestAdmission write) => Judge(write) is { Length: > 0 } why
        ? $"ValidatingAdmissionPolicy '{Name}' with binding '{Name}' denied request: {why}"
        : "";

    private static RestAdmission Admission(Write write, string? node) => new(
        new RestCaller("system:serviceaccount:localpv-system:" + write.Account, true) { NodeName = node },
        write.Operation, write.Request.Group, write.Request.Resource, write.Before, write.After);

    private bool Matches(RestAdmission write) => _spec.Map("matchConstraints")!.List("resourceRules")!.Maps().Any(rule =>
        rule.List("apiGroups")!.Texts().Contains(write.Group)
        && rule.List("resources")!.Texts().Contains(write.Resource)
        && rule.List("operations")!.Texts().Contains(write.Operation));

    private string Judge(RestAdmission write)
    {
        if (!Matches(write))
        {
            return "";
        }

        var scope = new Dictionary<string, JsonTree>(StringComparer.Ordinal)
        {
            ["request"] = RequestOf(write),
            ["object"] = (JsonTree?)write.After ?? JsonNull.Instance,
            ["oldObject"] = write.Operation == "CREATE" ? JsonNull.Instance : (JsonTree?)write.Before ?? JsonNull.Instance,
        };
        foreach (var condition in _spec.List("matchConditions")?.Maps() ?? [])
        {
            if (!Holds(condition.Text("expression")!, scope))
            {
                return "";
            }
        }

        var variables = JsonMap.Empty;
        foreach (var variable in _spec.List("variables")!.Maps())
        {
            scope["variables"] = variables;
            variables = variables.With(variable.Text("name")!, Cel.Evaluate(variable.Text("expression")!, scope));
        }

        scope["variables"] = variables;
        foreach (var validation in _spec.List("validations")!.Maps())
        {
            if (!Holds(validation.Text("expression")!, scope))
            {
                return validation.Text("message")
                    ?? ((JsonText)Cel.Evaluate(validation.Text("messageExpression")!, scope)).Value;
            }
        }

        return "";
    }

    private static bool Holds(string expression, Dictionary<string, JsonTree> scope) =>
        Cel.Evaluate(expression, scope) is JsonBoolean { Value: true };

    private static JsonMap RequestOf(RestAdmission write)
    {
        var parts = write.Resource.Split('/');
        var user = JsonMap.Of(("username", write.Caller.Name));
        return JsonMap.Of(
            ("operation", write.Operation),
            ("resource", JsonMap.Of(("group", write.Group), ("resource", parts[0]))),
            ("subResource", parts.Length > 1 ? parts[1] : ""),
            ("userInfo", write.Caller.NodeName is not { } node
                ? user
                : user.With("extra", JsonMap.Of((NodeNameKey, JsonList.OfTexts([node]))))));
    }
}
