using System.Collections.Immutable;
using LocalPv.Core.Units;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Scenarios;

/// <summary>
/// A story about a cluster: a plan, and what must come of it. Read from text by <see cref="ScenarioReader"/>.
/// </summary>
/// <param name="Plan">What is there, and what happens when.</param>
/// <param name="Expectations">What must be true by when.</param>
/// <param name="Length">How long it runs on after the last step and expectation, so that what breaks later is seen.</param>
public sealed record Scenario(Plan Plan, ImmutableArray<Expectation> Expectations, TimeSpan Length)
{
    /// <summary>What it is about, from its first comment line.</summary>
    public string Title => Plan.Title;

    /// <summary>The nodes.</summary>
    public ClusterShape Cluster => Plan.Cluster;

    /// <summary>What happens, in order of time, then of the text.</summary>
    public ImmutableArray<TimedStep> Steps => Plan.Steps;
}

/// <summary>A condition, and the moment at which it must hold, counted from the start.</summary>
/// <param name="By">By when.</param>
/// <param name="What">What.</param>
/// <param name="Line">The line of the text that says so.</param>
/// <param name="Text">The condition as it is written.</param>
public sealed record Expectation(TimeSpan By, Condition What, int Line, string Text);

/// <summary>Something that can be seen in a cluster. A closed set.</summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>A Pod's phase, and its node where one is named.</summary>
    public sealed record PodIs(string Name, string Phase, string? Node) : Condition;

    /// <summary>A claim's phase, and the node of its volume where one is named.</summary>
    public sealed record ClaimIs(string Name, string Phase, string? Node) : Condition;

    /// <summary>An object of that kind and name does not exist.</summary>
    public sealed record Gone(string Kind, string Name) : Condition;

    /// <summary>Every Pod runs and every claim is bound.</summary>
    public sealed record AllBound : Condition;

    /// <summary>A node has so many logical volumes of ours.</summary>
    public sealed record VolumesOn(string Node, int Count) : Condition;

    /// <summary>A NodeLocalStorage is in a phase.</summary>
    public sealed record StorageIs(string Name, string Phase) : Condition;

    /// <summary>A claim's capacity, as its status says, is at least so much.</summary>
    public sealed record CapacityOf(string Claim, Bytes Size) : Condition;

    /// <summary>The claim was released by a node at least so often.</summary>
    public sealed record Rescheduled(string Claim, int Times) : Condition;

    /// <summary>
    /// A field of an object is so: <paramref name="Path"/> is names and numbers with dots between, and <see cref="Absent"/> stands for a
    /// field that is not there.
    /// </summary>
    public sealed record FieldIs(string Kind, string Name, string Path, string Value) : Condition
    {
        /// <summary>How a field that is not there is written.</summary>
        public const string Absent = "-";
    }

    /// <summary>Events about an object: one of that reason or, where none is given, at most so many in all.</summary>
    public sealed record Told(string Kind, string Name, string? Reason, int Most) : Condition;
}
