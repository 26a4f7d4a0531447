using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>
/// A rule of <c>x-kubernetes-validations</c>. The part of CEL that is understood: <c>self</c> and <c>oldSelf</c> with their fields,
/// literals, comparisons, <c>in</c>, <c>&amp;&amp;</c>, <c>||</c>, <c>!</c>, <c>?:</c>, <c>has()</c>, <c>size()</c> and the text functions
/// <c>startsWith</c>, <c>endsWith</c>, <c>contains</c>, <c>matches</c>. A rule beyond that is not enforced: see <see cref="IsEnforced"/>.
/// </summary>
internal sealed class SchemaRule
{
    private readonly CelExpression? _condition;

    public SchemaRule(JsonMap rule)
    {
        Text = rule.Text("rule") ?? "";
        Message = rule.Text("message") is { Length: > 0 } message ? message : "failed rule: " + Text;
        FieldPath = rule.Text("fieldPath") ?? "";
        _condition = CelExpression.TryRead(Text, out var condition) ? condition : null;
    }

    public string Text { get; }

    /// <summary>What to say where the rule does not hold.</summary>
    public string Message { get; }

    /// <summary>The field below the node that is at fault, or empty.</summary>
    public string FieldPath { get; }

    /// <summary>Whether the rule could be read.</summary>
    public bool IsEnforced => _condition is not null;

    /// <summary>Whether the rule speaks of a change; it is asked only where there is an older value.</summary>
    public bool IsAboutChange => _condition?.ReadsOld == true;

    /// <summary>Whether the rule holds. One that cannot be worked out for a value (a missing field, a wrong type) does not.</summary>
    public bool Holds(JsonTree self, JsonTree? old) =>
        _condition is null || (IsAboutChange && old is null) || _condition.Holds(self, old);
}
