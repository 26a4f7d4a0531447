namespace LocalPv.Fake.Api.Store;

/// <summary>The kinds of patches.</summary>
public enum PatchType
{
    /// <summary>RFC 7386, <c>application/merge-patch+json</c>.</summary>
    Merge,

    /// <summary>RFC 6902, <c>application/json-patch+json</c>: a list of operations.</summary>
    Json,

    /// <summary>Kubernetes' own, <c>application/strategic-merge-patch+json</c>: lists are merged by key. Built-in kinds only.</summary>
    Strategic,

    /// <summary>Server-side apply, <c>application/apply-patch+yaml</c>.</summary>
    Apply,
}
