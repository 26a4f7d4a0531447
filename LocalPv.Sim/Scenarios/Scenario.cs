using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Scenarios;

/// <summary>
/// A story about a cluster: what is there, what happens when, and what must come of it. Read from text by <see cref="ScenarioReader"/>.
/// </summary>
/// <param name="Title">What it is about, from its first comment line.</param>
/// <param name="Cluster">The nodes.</param>
/// <param name="Steps">What happens, in order of time, then of the text.</param>
/// <param name="Expectations">What must be true by when.</param>
/// <param name="Length">How long it runs on after the last step and expectation, so that what breaks later is seen.</param>
public sealed record Scenario(
    string Title,
    ClusterShape Cluster,
    ImmutableArray<TimedStep> Steps,
    ImmutableArray<Expectation> Expectations,
    TimeSpan Length);

/// <summary>The nodes of a cluster, all alike, called <c>node-1</c>, <c>node-2</c>, ….</summary>
public sealed record ClusterShape(int Nodes, int Disks, Bytes DiskSize)
{
    /// <summary>Three nodes with two disks of 20 GiB each.</summary>
    public static ClusterShape Default { get; } = new(3, 2, Bytes.FromGibibytes(20));
}

/// <summary>A step, and when it is taken, counted from the start.</summary>
/// <param name="At">When.</param>
/// <param name="What">What.</param>
/// <param name="Line">The line of the text that says so.</param>
public sealed record TimedStep(TimeSpan At, Step What, int Line);

/// <summary>A condition, and the moment at which it must hold, counted from the start.</summary>
/// <param name="By">By when.</param>
/// <param name="What">What.</param>
/// <param name="Line">The line of the text that says so.</param>
/// <param name="Text">The condition as it is written.</param>
public sealed record Expectation(TimeSpan By, Condition What, int Line, string Text);

/// <summary>A claim as a scenario writes it: <c>name:size:class</c>.</summary>
public sealed record ClaimText(string Name, string Size, string Class);

/// <summary>Something that a user, an operator or fate does. A closed set.</summary>
public abstract record Step
{
    private Step()
    {
    }

    /// <summary>Makes a StorageClass over the disks of the nodes named, or of all.</summary>
    public sealed record MakeClass(string Name, ImmutableArray<string> Nodes, string? Reserve, string? ReclaimPolicy) : Step;

    /// <summary>Makes a Pod and the claims it uses; claims without a size exist already.</summary>
    public sealed record MakePod(string Name, ImmutableArray<ClaimText> Claims, string? Node) : Step;

    /// <summary>Makes a StatefulSet with volume claim templates.</summary>
    public sealed record MakeStatefulSet(string Name, int Replicas, ImmutableArray<ClaimText> Claims) : Step;

    /// <summary>Makes a claim that no Pod uses yet.</summary>
    public sealed record MakeClaim(ClaimText Claim) : Step;

    /// <summary>Deletes an object of the namespace <c>default</c>, or a node or class.</summary>
    public sealed record Delete(string Kind, string Name) : Step;

    /// <summary>Asks for a claim to grow.</summary>
    public sealed record Resize(string Claim, string Size) : Step;

    /// <summary>Takes space on a node behind its agent's back.</summary>
    public sealed record Fill(string Node, string Size) : Step;

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public sealed record Unfill(string Node) : Step;

    /// <summary>Ends a process without warning.</summary>
    public sealed record Crash(string Process) : Step;

    /// <summary>Starts a process.</summary>
    public sealed record Start(string Process) : Step;
}

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
}
