using System.Text;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Ownership;

/// <summary>Shows the path of a field as messages do: <c>.spec.containers[name="x"].image</c>.</summary>
internal static class FieldPath
{
    public static string Show(IReadOnlyList<string> path)
    {
        var text = new StringBuilder();
        foreach (var element in path)
        {
            if (element.StartsWith("f:", StringComparison.Ordinal))
            {
                text.Append('.').Append(element, 2, element.Length - 2);
            }
            else if (element.StartsWith("k:", StringComparison.Ordinal) && JsonTree.Parse(element[2..]) is JsonMap keys)
            {
                text.Append('[').AppendJoin(',', keys.Select(key => key.Key + "=" + key.Value)).Append(']');
            }
            else
            {
                text.Append('[').Append(element, 2, element.Length - 2).Append(']');
            }
        }

        return text.ToString();
    }
}
