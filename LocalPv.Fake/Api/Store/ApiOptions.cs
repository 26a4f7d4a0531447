using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api.Store;

/// <summary>What a write says beside its body.</summary>
public sealed record WriteOptions
{
    /// <summary>What the typed door uses: nobody in particular writes, unknown fields are dropped in silence.</summary>
    public static WriteOptions Anonymous { get; } = new();

    /// <summary>
    /// Who writes, for <c>metadata.managedFields</c>. Empty: ownership is not tracked (the typed door, where nobody asks for it and it
    /// would cost more than the write).
    /// </summary>
    public string FieldManager { get; init; } = "";

    /// <summary>Whether everything is done but the commit.</summary>
    public bool DryRun { get; init; }

    /// <summary>For an apply: take fields that others own.</summary>
    public bool Force { get; init; }

    /// <summary>What becomes of unknown fields.</summary>
    public FieldValidation FieldValidation { get; init; } = FieldValidation.Ignore;
}

/// <summary>What becomes of fields that a kind does not have.</summary>
public enum FieldValidation
{
    /// <summary>They are dropped.</summary>
    Ignore,

    /// <summary>They are dropped, with a warning each.</summary>
    Warn,

    /// <summary>The request is refused.</summary>
    Strict,
}

/// <summary>What a deletion says beside the object's name.</summary>
public sealed record DeleteOptions
{
    /// <summary>No wishes.</summary>
    public static DeleteOptions None { get; } = new();

    /// <summary>The only uid to delete, or null.</summary>
    public string? Uid { get; init; }

    /// <summary>The only version to delete, or null.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>How long a Pod has to end, or null for its own wish.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Orphan</c>, <c>Background</c>, <c>Foreground</c>, or null for the kind's default (Background).</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Whether everything is done but the commit.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Which objects to list, and as of when.</summary>
public sealed record ListOptions
{
    /// <summary>Which objects.</summary>
    public ObjectSelector Selector { get; init; } = ObjectSelector.Everything;

    /// <summary>Empty: now. "0": whatever is at hand. Otherwise not older than this, or exactly this where the match says so.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary><c>Exact</c>, <c>NotOlderThan</c> or empty.</summary>
    public string ResourceVersionMatch { get; init; } = "";

    /// <summary>The largest page; 0 for all at once.</summary>
    public long Limit { get; init; }

    /// <summary>The token of the page before, or empty.</summary>
    public string Continue { get; init; } = "";
}

/// <summary>What to watch, and how.</summary>
public sealed record WatchOptions
{
    /// <summary>Which objects.</summary>
    public ObjectSelector Selector { get; init; } = ObjectSelector.Everything;

    /// <summary>The version after which changes are told. Empty or "0": the present objects first, as additions.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>Whether bookmarks are wanted.</summary>
    public bool AllowBookmarks { get; init; }

    /// <summary>Whether the present objects are told first, and a bookmark marks their end.</summary>
    public bool SendInitialEvents { get; init; }

    /// <summary>How long the watch lives; null lets the server choose.</summary>
    public TimeSpan? Timeout { get; init; }
}
