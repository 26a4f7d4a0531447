using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>What a Pod says of the Pods it wants near, or does not.</summary>
internal sealed class PodAffinity
{
    private PodAffinity(Pod pod, JsonMap affinity)
    {
        var near = affinity.Map("podAffinity");
        var away = affinity.Map("podAntiAffinity");
        MustBeNear = AffinityTerm.ReadRequired(pod, near);
        MustBeAway = AffinityTerm.ReadRequired(pod, away);
        LikesNear = AffinityTerm.ReadPreferred(pod, near);
        LikesAway = AffinityTerm.ReadPreferred(pod, away);
    }

    /// <summary>Pods it must be together with.</summary>
    public ImmutableArray<AffinityTerm> MustBeNear { get; }

    /// <summary>Pods it must be apart from.</summary>
    public ImmutableArray<AffinityTerm> MustBeAway { get; }

    /// <summary>Pods it would rather be together with.</summary>
    public ImmutableArray<AffinityTerm> LikesNear { get; }

    /// <summary>Pods it would rather be apart from.</summary>
    public ImmutableArray<AffinityTerm> LikesAway { get; }

    /// <summary>Whether some of its terms must hold.</summary>
    public bool Requires => MustBeNear.Length + MustBeAway.Length > 0;

    /// <summary>What a Pod says; null for nothing.</summary>
    public static PodAffinity? Read(Pod pod, JsonMap? affinity) =>
        affinity is not null && (affinity.Contains("podAffinity") || affinity.Contains("podAntiAffinity"))
            ? new PodAffinity(pod, affinity)
            : null;

    /// <summary>Whether all terms of nearness are about a Pod; false where there are none.</summary>
    public bool IsNearTo(Pod pod) => MustBeNear.Length > 0 && MustBeNear.All(term => term.Matches(pod));
}
