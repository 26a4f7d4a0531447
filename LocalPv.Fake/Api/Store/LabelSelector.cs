using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// A label selector in Kubernetes' syntax: requirements with commas between, all of which must hold: <c>a=b</c>, <c>a==b</c>,
/// <c>a!=b</c>, <c>a in (b,c)</c>, <c>a notin (b,c)</c>, <c>a</c>, <c>!a</c>, <c>a&gt;1</c>, <c>a&lt;1</c>.
/// Source: k8s.io/apimachinery/pkg/labels/selector.go.
/// </summary>
public sealed class LabelSelector
{
    private readonly ImmutableArray<Requirement> _requirements;

    private LabelSelector(ImmutableArray<Requirement> requirements) => _requirements = requirements;

    /// <summary>The selector that everything matches.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>A value that every object has that matches; null where there is none such.</summary>
    internal SelectionPin? Pin =>
        _requirements.FirstOrDefault(requirement => requirement is { Operator: Operator.In, Values.Length: 1 }) is { } only
            ? new SelectionPin("label " + only.Key, only.Values[0], candidate => candidate.Labels.Text(only.Key))
            : null;

    /// <summary>Reads a selector; the empty text selects everything.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector, out string error)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            selector = Everything;
            error = "";
            return true;
        }

        var reader = new LabelSelectorReader(text);
        selector = reader.TryRead(out var requirements) ? new LabelSelector(requirements) : null;
        error = reader.Error;
        return selector is not null;
    }

    /// <summary>Whether labels match.</summary>
    public bool Matches(JsonMap labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    internal enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    internal sealed record Requirement(string Key, Operator Operator, ImmutableArray<string> Values)
    {
        public bool Matches(JsonMap labels)
        {
            var value = labels.Text(Key);
            return Operator switch
            {
                Operator.In => value is not null && Values.Contains(value),
                Operator.NotIn => value is null || !Values.Contains(value),
                Operator.Exists => value is not null,
                Operator.DoesNotExist => value is null,
                Operator.GreaterThan => IsWhole(value, out var number) && number > Bound,
                _ => IsWhole(value, out var number) && number < Bound,
            };
        }

        private long Bound => long.Parse(Values[0], CultureInfo.InvariantCulture);

        private static bool IsWhole(string? text, out long number) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}
