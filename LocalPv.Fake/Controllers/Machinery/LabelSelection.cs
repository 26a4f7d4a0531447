using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>The <c>metav1.LabelSelector</c> of objects.</summary>
internal static class LabelSelection
{
    /// <summary>
    /// Whether <paramref name="labels"/> meet every condition; <paramref name="whereAbsent"/> where there is no selector.
    /// </summary>
    internal static bool Matches(JsonMap? selector, JsonMap labels, bool whereAbsent)
    {
        if (selector is null)
        {
            return whereAbsent;
        }

        foreach (var (key, value) in selector.Map("matchLabels") ?? JsonMap.Empty)
        {
            if (value is not JsonText wanted || labels.Text(key) != wanted.Value)
            {
                return false;
            }
        }

        return (selector.List("matchExpressions")?.Maps() ?? []).All(expression => Matches(expression, labels));
    }

    private static bool Matches(JsonMap expression, JsonMap labels)
    {
        var label = labels.Text(expression.Text("key") ?? "");
        var values = expression.List("values")?.Texts() ?? [];
        return expression.Text("operator") switch
        {
            "In" => label is not null && values.Contains(label),
            "NotIn" => label is null || !values.Contains(label),
            "Exists" => label is not null,
            "DoesNotExist" => label is null,
            _ => false,
        };
    }
}
