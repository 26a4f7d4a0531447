using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>A claim and the free volume chosen for it.</summary>
internal sealed record StaticBinding(PersistentVolumeClaim Claim, PersistentVolume Volume);

/// <summary>What placing a Pod on a node would do to its claims: bind some to volumes that are there, have others provisioned.</summary>
internal sealed record PodVolumes(ImmutableArray<StaticBinding> Bindings, ImmutableArray<PersistentVolumeClaim> Provisions)
{
    /// <summary>Nothing is left to do.</summary>
    public static PodVolumes None { get; } = new([], []);
}

/// <summary>
/// A Pod's claims at the start of a cycle: bound, and those that are bound when the Pod has a node. <paramref name="Everywhere"/>: what
/// every node would mean for them, where that is the same; else null.
/// </summary>
internal sealed record PodClaims(
    ImmutableArray<PersistentVolumeClaim> Bound, ImmutableArray<PersistentVolumeClaim> Delayed, PodVolumes? Everywhere)
{
    /// <summary>The Pod uses no claims.</summary>
    public static PodClaims None { get; } = new([], [], PodVolumes.None);
}
