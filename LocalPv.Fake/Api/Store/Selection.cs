using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api.Store;

/// <summary>An <see cref="ObjectSelector"/> that has been read: cheap to ask often.</summary>
internal sealed class Selection
{
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;

    private Selection(string inNamespace, LabelSelector labels, FieldSelector fields)
    {
        Pin = fields.Pin ?? labels.Pin;
        Namespace = inNamespace;
        _labels = labels;
        _fields = fields;
    }

    /// <summary>The selection of all objects.</summary>
    public static Selection Everything { get; } = new("", LabelSelector.Everything, FieldSelector.Everything);

    /// <summary>The only namespace, or empty.</summary>
    public string Namespace { get; }

    /// <summary>The only name that can match, or null.</summary>
    public string? Name => _fields.Name;

    /// <summary>A value that every object has that matches; null where there is none such.</summary>
    public SelectionPin? Pin { get; }

    public static bool TryRead(
        ObjectSelector selector, KindInfo kind, [NotNullWhen(true)] out Selection? selection, [NotNullWhen(false)] out StatusError? error)
    {
        selection = null;
        error = null;
        if (selector.Labels.Length == 0 && selector.Fields.Length == 0 && selector.Namespace.Length == 0)
        {
            selection = Everything;
            return true;
        }

        if (!LabelSelector.TryParse(selector.Labels, out var labels, out var wrong)
            || !FieldSelector.TryParse(selector.Fields, kind, out var fields, out wrong))
        {
            error = StatusError.BadRequest(wrong);
            return false;
        }

        selection = new Selection(selector.Namespace, labels, fields);
        return true;
    }

    public bool Matches(KubernetesObject candidate) =>
        ReferenceEquals(this, Everything)
        || ((Namespace.Length == 0 || candidate.Namespace == Namespace)
            && _labels.Matches(candidate.Labels)
            && _fields.Matches(candidate));
}

/// <summary>A value that all selected objects have: whoever knows an object's value finds by it the watches that may tell of it.</summary>
/// <param name="Place">Where the value is, such as <c>field spec.nodeName</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Of">Reads the value at the place out of an object; null where it has none.</param>
public sealed record SelectionPin(string Place, string Value, Func<KubernetesObject, string?> Of);
