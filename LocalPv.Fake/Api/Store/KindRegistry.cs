using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api.Store;

/// <summary>The kinds that the server serves: the built-in ones, and those that CustomResourceDefinitions make.</summary>
public sealed class KindRegistry
{
    private readonly SortedDictionary<(string Group, string Version, string Plural), KindInfo> _kinds = [];

    // Callers pass the same few instances of ResourceType again and again: found by reference, never walked.
    private readonly Dictionary<object, KindInfo> _byInstance = new(ReferenceEqualityComparer.Instance);

    /// <summary>The built-in kinds.</summary>
    public KindRegistry()
    {
        foreach (var kind in BuiltInKinds.All)
        {
            Set(kind);
        }
    }

    /// <summary>All kinds, ordered by group, version and plural.</summary>
    public IReadOnlyCollection<KindInfo> All => _kinds.Values;

    /// <summary>Counts every change of the set of kinds, so that what is derived from it can be kept until it changes.</summary>
    public long Edition { get; private set; }

    /// <summary>The kind that is served there.</summary>
    public bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out KindInfo? kind) =>
        _kinds.TryGetValue((group, version, plural), out kind);

    /// <summary>The kind of a type, by the place where it is served.</summary>
    public bool TryFind(ResourceType type, [NotNullWhen(true)] out KindInfo? kind)
    {
        if (_byInstance.TryGetValue(type, out kind))
        {
            return true;
        }

        if (!TryFind(type.Group, type.Version, type.Plural, out kind))
        {
            return false;
        }

        if (_byInstance.Count > 1024)
        {
            _byInstance.Clear();
        }

        _byInstance.Add(type, kind);
        return true;
    }

    /// <summary>The kind of an object's apiVersion and kind.</summary>
    public bool TryFindKind(string apiVersion, string kindName, [NotNullWhen(true)] out KindInfo? kind)
    {
        kind = _kinds.Values.FirstOrDefault(candidate =>
            candidate.Type.Kind == kindName && candidate.Type.ApiVersion == apiVersion);
        return kind is not null;
    }

    /// <summary>The kind as which the objects of <paramref name="kind"/> are stored.</summary>
    public KindInfo StoredKindOf(KindInfo kind) =>
        kind.StoredAs is { } stored && TryFind(stored, out var found) ? found : kind;

    internal void Set(KindInfo kind)
    {
        _kinds[(kind.Type.Group, kind.Type.Version, kind.Type.Plural)] = kind;
        _byInstance.Clear();
        Edition++;
    }

    internal void Remove(KindInfo kind)
    {
        _kinds.Remove((kind.Type.Group, kind.Type.Version, kind.Type.Plural));
        _byInstance.Clear();
        Edition++;
    }
}
