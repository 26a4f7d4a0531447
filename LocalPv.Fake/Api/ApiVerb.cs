namespace LocalPv.Fake.Api;

/// <summary>What a call wants of the object store.</summary>
public enum ApiVerb
{
    /// <summary>One object.</summary>
    Get,

    /// <summary>All objects that match, a page at a time.</summary>
    List,

    /// <summary>A new object, or (with a subresource) a Pod's binding.</summary>
    Create,

    /// <summary>Replaces an object (PUT).</summary>
    Update,

    /// <summary>Changes an object by a patch; a server-side apply may create it.</summary>
    Patch,

    /// <summary>Deletes one object.</summary>
    Delete,

    /// <summary>Deletes all objects that match.</summary>
    DeleteCollection,
}

/// <summary>How a patch is written, by its media type.</summary>
public enum PatchFormat
{
    /// <summary>RFC 6902, <c>application/json-patch+json</c>; the body is a list.</summary>
    Json,

    /// <summary>RFC 7386, <c>application/merge-patch+json</c>.</summary>
    Merge,

    /// <summary><c>application/strategic-merge-patch+json</c>; built-in kinds only.</summary>
    Strategic,

    /// <summary>Server-side apply, <c>application/apply-patch+yaml</c>.</summary>
    Apply,
}

/// <summary>What becomes of fields that the kind does not have.</summary>
public enum FieldValidation
{
    /// <summary>They are dropped silently.</summary>
    Ignore,

    /// <summary>They are dropped, and the answer carries a warning for each; the server's default.</summary>
    Warn,

    /// <summary>The call is refused with 400.</summary>
    Strict,
}
