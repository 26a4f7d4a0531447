using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// A field selector: <c>path=value</c>, <c>path==value</c> or <c>path!=value</c> with commas between. Only the paths that a kind offers
/// may be named. Source: k8s.io/apimachinery/pkg/fields/selector.go.
/// </summary>
public sealed class FieldSelector
{
    private readonly ImmutableArray<Term> _terms;

    private FieldSelector(ImmutableArray<Term> terms) => _terms = terms;

    /// <summary>The selector that everything matches.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The one name that can match, or null where several can.</summary>
    public string? Name => _terms.FirstOrDefault(term => term.Path == "metadata.name" && term.MustEqual)?.Value;

    /// <summary>A value that every object has that matches; null where there is none such.</summary>
    internal SelectionPin? Pin =>
        _terms.FirstOrDefault(term => term.MustEqual) is { } term ? new SelectionPin("field " + term.Path, term.Value, term.ValueIn) : null;

    /// <summary>Reads a selector for objects of <paramref name="kind"/>; the empty text selects everything.</summary>
    public static bool TryParse(string text, KindInfo kind, [NotNullWhen(true)] out FieldSelector? selector, out string error)
    {
        selector = null;
        error = "";
        var terms = ImmutableArray.CreateBuilder<Term>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
            {
                error = $"invalid selector: '{text}'; can't understand '{part}'";
                return false;
            }

            var mustEqual = part[sign - 1] != '!';
            var path = part[..(mustEqual ? sign : sign - 1)].Trim();
            var value = part[(sign + (part.AsSpan(sign).StartsWith("==") ? 2 : 1))..];
            if (path is not ("metadata.name" or "metadata.namespace") && !kind.SelectableFields.Contains(path))
            {
                error = kind.SelectableFields.IsEmpty
                    ? $"\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    : "field label not supported: " + path;
                return false;
            }

            terms.Add(new Term(path, [.. path.Split('.')], value, mustEqual));
        }

        selector = terms.Count == 0 ? Everything : new FieldSelector(terms.ToImmutable());
        return true;
    }

    /// <summary>Whether an object matches.</summary>
    public bool Matches(KubernetesObject candidate)
    {
        foreach (var term in _terms)
        {
            if ((term.ValueIn(candidate) == term.Value) != term.MustEqual)
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Term(string Path, ImmutableArray<string> Keys, string Value, bool MustEqual)
    {
        public string ValueIn(KubernetesObject candidate) => Path switch
        {
            "metadata.name" => candidate.Name,
            "metadata.namespace" => candidate.Namespace,
            _ => Show(candidate.Tree.At(Keys.AsSpan())),
        };

        // An absent truth value is selected as "false": the types' zero value.
        private string Show(JsonTree? value) => value switch
        {
            JsonText text => text.Value,
            JsonBoolean truth => truth.Value ? "true" : "false",
            JsonNumber number => number.Text,
            _ => Path is "spec.unschedulable" or "spec.hostNetwork" ? "false" : "",
        };
    }
}
