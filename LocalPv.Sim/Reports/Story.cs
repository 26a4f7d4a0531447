namespace LocalPv.Sim.Reports;

/// <summary>One thing that happened in a run, for a person.</summary>
/// <param name="At">When, counted from the start.</param>
/// <param name="Event">During which event of the run.</param>
/// <param name="Lane">Where: <c>api</c>, a process, <c>lvm/NODE</c>, <c>fault</c> or <c>plan</c>.</param>
/// <param name="Text">What.</param>
public sealed record StoryLine(TimeSpan At, long Event, string Lane, string Text)
{
    /// <summary>What kind of line it is, for colours.</summary>
    public StoryKind Kind { get; init; }

    /// <summary>The thing whose state changed, such as <c>claim default/data</c>; null where none did.</summary>
    public string? Thing { get; init; }

    /// <summary>Its state from now on; empty where it is gone.</summary>
    public string State { get; init; } = "";
}

/// <summary>What kind of line of a story it is.</summary>
public enum StoryKind
{
    /// <summary>Something happened.</summary>
    Usual,

    /// <summary>Somebody was told no, or nothing.</summary>
    Failure,

    /// <summary>A fault began or ended.</summary>
    Fault,

    /// <summary>A step of the plan.</summary>
    Plan,

    /// <summary>An invariant was broken.</summary>
    Broken,
}
