using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>Whether a volume can be used on a node (<c>component-helpers/storage/volume</c>).</summary>
internal static class NodeAffinity
{
    /// <summary>Whether one of the volume's required terms fits the labels; a volume without any is usable everywhere.</summary>
    internal static bool Allows(PersistentVolume volume, JsonMap nodeLabels) =>
        volume.Tree.At("spec", "nodeAffinity", "required", "nodeSelectorTerms") is not JsonList terms
        || terms.Maps().Any(term => Fits(term, nodeLabels));

    private static bool Fits(JsonMap term, JsonMap labels)
    {
        var expressions = term.List("matchExpressions");
        return expressions is { Count: > 0 } && expressions.Maps().All(expression => Holds(expression, labels));
    }

    private static bool Holds(JsonMap expression, JsonMap labels)
    {
        var label = labels.Text(expression.Text("key") ?? "");
        var values = expression.List("values") ?? JsonList.Empty;
        return expression.Text("operator") switch
        {
            "In" => label is not null && values.Holds(label),
            "NotIn" => label is null || !values.Holds(label),
            "Exists" => label is not null,
            "DoesNotExist" => label is null,
            _ => false,
        };
    }
}
