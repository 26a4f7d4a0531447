using System.Collections.Immutable;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Something that a user, an operator or fate does. A closed set. Names of objects, nodes and processes may be late-bound: see
/// <see cref="Target"/>.
/// </summary>
public abstract record Step
{
    private Step()
    {
    }

    /// <summary>Makes a StorageClass over the disks of the nodes named, or of all.</summary>
    public sealed record MakeClass(string Name, ImmutableArray<string> Nodes, string? Reserve, string? ReclaimPolicy) : Step
    {
        /// <summary>The volume group; null for one of the class's name. Two classes may share one.</summary>
        public string? VolumeGroup { get; init; }

        /// <summary>Which of the nodes' disks, counted from 1; empty for all.</summary>
        public ImmutableArray<int> Disks { get; init; } = [];

        /// <summary>Whether it chooses nodes by <see cref="Manifests.DisksLabel"/> and disks by a rule, instead of naming them.</summary>
        public bool IsByLabel { get; init; }

        /// <summary>The extent size, such as <c>4Mi</c>; null for the default.</summary>
        public string? ExtentSize { get; init; }

        /// <summary>The layout's type, such as <c>striped</c>; null for linear.</summary>
        public string? Layout { get; init; }

        /// <summary>The file system of its volumes; null for the default.</summary>
        public string? FileSystem { get; init; }

        /// <summary>What is wiped when a volume goes; null for the default.</summary>
        public string? Wipe { get; init; }
    }

    /// <summary>Makes a namespace. Names of Pods, claims and sets may have one before them: <c>team/web</c>.</summary>
    public sealed record MakeNamespace(string Name) : Step;

    /// <summary>Makes a Pod and the claims it uses, in the Pod's namespace; claims without a size exist already.</summary>
    public sealed record MakePod(string Name, ImmutableArray<ClaimText> Claims, string? Node) : Step
    {
        /// <summary>The processors that it asks for, such as <c>3</c>; null for none, so that it always fits.</summary>
        public string? Cpu { get; init; }

        /// <summary>Its PriorityClass; null for none. What is more important may drive out what is less.</summary>
        public string? Priority { get; init; }
    }

    /// <summary>Makes a PriorityClass.</summary>
    public sealed record MakePriority(string Name, int Value) : Step;

    /// <summary>Makes a StatefulSet with volume claim templates.</summary>
    public sealed record MakeStatefulSet(string Name, int Replicas, ImmutableArray<ClaimText> Claims) : Step;

    /// <summary>Makes a claim that no Pod uses yet.</summary>
    public sealed record MakeClaim(ClaimText Claim) : Step;

    /// <summary>Deletes an object, or everything in a namespace with it.</summary>
    public sealed record Delete(string Kind, string Name) : Step;

    /// <summary>Asks for a claim to grow.</summary>
    public sealed record Resize(string Claim, string Size) : Step;

    /// <summary>Asks for another number of replicas.</summary>
    public sealed record Scale(string StatefulSet, int Replicas) : Step;

    /// <summary>Gives a volume another reclaim policy.</summary>
    public sealed record Reclaim(string Volume, string Policy) : Step;

    /// <summary>Makes an object as it is written, for what has no step of its own.</summary>
    public sealed record Create(string Json) : Step;

    /// <summary>Changes an object by a JSON merge patch.</summary>
    public sealed record Patch(string Kind, string Name, string Json) : Step;

    /// <summary>Takes space on a node behind its agent's back.</summary>
    public sealed record Fill(string Node, string Size) : Step;

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public sealed record Unfill(string Node) : Step;

    /// <summary>Ends a process without warning.</summary>
    public sealed record Crash(string Process) : Step;

    /// <summary>Starts a process.</summary>
    public sealed record Start(string Process) : Step;

    /// <summary>Something goes wrong.</summary>
    public sealed record Break(Fault Fault) : Step;
}
