using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Matches node selector terms, label selectors and topology terms against labels
/// (<c>k8s.io/component-helpers/scheduling/corev1/nodeaffinity</c>, <c>apimachinery/pkg/labels</c>).
/// </summary>
internal static class NodeSelectors
{
    /// <summary>
    /// Whether a node selector (<c>nodeSelectorTerms</c>, one of which must hold) takes a node. An empty list takes none.
    /// </summary>
    public static bool TermsMatch(JsonList? terms, Node node)
    {
        foreach (var term in terms?.Maps() ?? [])
        {
            if (TermMatches(term, node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one term holds: all its expressions on labels and all on fields. A term without either holds for no node.</summary>
    public static bool TermMatches(JsonMap term, Node node)
    {
        var expressions = term.List("matchExpressions");
        var fields = term.List("matchFields");
        if ((expressions is null || expressions.Count == 0) && (fields is null || fields.Count == 0))
        {
            return false;
        }

        return ExpressionsMatch(expressions, node.Labels)
            && (fields?.Maps() ?? []).All(field => field.Text("key") == "metadata.name" && ExpressionMatches(field, node.Name));
    }

    /// <summary>Whether a PersistentVolume may be used on a node: its required affinity, if it has one.</summary>
    public static bool VolumeMatches(PersistentVolume volume, Node node) =>
        volume.Tree.At("spec", "nodeAffinity", "required") is not JsonMap required || TermsMatch(required.List("nodeSelectorTerms"), node);

    /// <summary>Whether a label selector holds; null holds for nothing, an empty one for everything.</summary>
    public static bool LabelSelectorMatches(JsonMap? selector, JsonMap labels)
    {
        if (selector is null)
        {
            return false;
        }

        foreach (var (key, value) in (selector.Map("matchLabels") ?? JsonMap.Empty).AsSpan())
        {
            if (labels.Text(key) != (value as JsonText)?.Value)
            {
                return false;
            }
        }

        return ExpressionsMatch(selector.List("matchExpressions"), labels);
    }

    /// <summary>Whether a class's <c>allowedTopologies</c> take a node: none are given, or one of them holds.</summary>
    public static bool TopologiesAllow(JsonList? topologies, Node node)
    {
        if (topologies is null || topologies.Count == 0)
        {
            return true;
        }

        return topologies.Maps().Any(term => (term.List("matchLabelExpressions")?.Maps() ?? []).All(expression =>
            node.Label(expression.Text("key") ?? "") is { } value
            && (expression.List("values")?.Texts() ?? []).Contains(value)));
    }

    private static bool ExpressionsMatch(JsonList? expressions, JsonMap labels)
    {
        foreach (var expression in expressions?.Maps() ?? [])
        {
            if (!ExpressionMatches(expression, labels.Text(expression.Text("key") ?? "")))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ExpressionMatches(JsonMap expression, string? value)
    {
        var values = expression.List("values")?.Texts() ?? [];
        return expression.Text("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value, values, static (a, b) => a > b),
            "Lt" => Compare(value, values, static (a, b) => a < b),
            _ => false,
        };
    }

    private static bool Compare(string? value, IEnumerable<string> values, Func<long, long, bool> holds) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var a)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var b)
        && holds(a, b);
}
