using System.Collections.Immutable;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>The media types of patches.</summary>
public static class PatchTypes
{
    /// <summary>RFC 6902.</summary>
    public const string Json = "application/json-patch+json";

    /// <summary>RFC 7386.</summary>
    public const string Merge = "application/merge-patch+json";

    /// <summary>The merge that knows the keys of a kind's lists.</summary>
    public const string Strategic = "application/strategic-merge-patch+json";

    /// <summary>Server-side apply.</summary>
    public const string Apply = "application/apply-patch+yaml";

    /// <summary>Those that a kind takes, in the order in which a real server lists them.</summary>
    public static ImmutableArray<string> Of(KindInfo kind) =>
        kind.HasStrategicMerge ? [Json, Merge, Strategic, Apply] : [Json, Merge, Apply];
}
