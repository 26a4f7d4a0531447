using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store;

/// <summary>What the server knows about a kind of object: where it is served, how it is stored, and by which rules it is written.</summary>
/// <param name="Type">Names and scope.</param>
/// <param name="Strategy">Defaults, validation and the rules of updates.</param>
public sealed record KindInfo(ResourceType Type, KindStrategy Strategy)
{
    /// <summary>The fields of its objects and how writers' values merge.</summary>
    public Shape Shape { get; init; } = BuiltInShapes.Of(Type.Kind);

    /// <summary>The name of one object in commands, lower case.</summary>
    public string Singular { get; init; } = Type.Kind.ToLowerInvariant();

    /// <summary>The kind of a list of them.</summary>
    public string ListKind { get; init; } = Type.Kind + "List";

    /// <summary>Other names that kubectl knows it by.</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>Groups of kinds that kubectl lists together, such as <c>all</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Whether <c>status</c> is a subresource: written only through it, ignored otherwise.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether an update without a resourceVersion is taken as "whatever is there" instead of being refused.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>Whether <c>metadata.generation</c> counts the changes of the wish.</summary>
    public bool CountsGeneration { get; init; }

    /// <summary>Whether a deletion answers with the object instead of a Status even when the object is gone at once.</summary>
    public bool DeletionAnswersObject { get; init; }

    /// <summary>Subresources beside status, such as <c>binding</c> or <c>finalize</c>.</summary>
    public ImmutableArray<string> Subresources { get; init; } = [];

    /// <summary>Whether a CustomResourceDefinition made it.</summary>
    public bool IsCustom { get; init; }

    /// <summary>How long after its last write an object goes by itself; null for never.</summary>
    public TimeSpan? Life { get; init; }

    /// <summary>Whether its objects are questions, which are answered and never stored.</summary>
    public bool IsReview { get; init; }

    /// <summary>Whether it is served; a version of a custom resource may only be stored.</summary>
    public bool IsServed { get; init; } = true;

    /// <summary>Whether strategic merge patches are understood: for built-in kinds only.</summary>
    public bool HasStrategicMerge => !IsCustom;

    /// <summary>
    /// The kind that the objects are stored as, where it is another than this (another version of a custom resource, the newer form of
    /// Events); null for this one.
    /// </summary>
    public ResourceType? StoredAs { get; init; }

    /// <summary>The field paths that field selectors may name, beside <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public ImmutableArray<string> SelectableFields { get; init; } = [];
}
