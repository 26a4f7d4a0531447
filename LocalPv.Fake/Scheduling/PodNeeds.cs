using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>What one version of a Pod asks of a node, read from its tree once.</summary>
internal sealed class PodNeeds
{
    private const long DefaultCpu = 100;
    private const long DefaultMemory = 200L * 1024 * 1024;

    private PodNeeds(Pod pod, JsonMap spec)
    {
        Pod = pod;
        Priority = spec.Number("priority") ?? 0;
        Requests = ReadRequests(spec);
        NonZeroCpu = Requests.Cpu == 0 ? DefaultCpu : Requests.Cpu;
        NonZeroMemory = Requests.Memory == 0 ? DefaultMemory : Requests.Memory;
        NodeSelector = spec.Map("nodeSelector") ?? JsonMap.Empty;
        var affinity = spec.At("affinity", "nodeAffinity") as JsonMap ?? JsonMap.Empty;
        RequiredTerms = affinity.At("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms") as JsonList;
        Affinity = PodAffinity.Read(pod, spec.Map("affinity"));
        Spread = SpreadConstraint.ReadAll(pod, spec);
        PreferredTerms = affinity.List("preferredDuringSchedulingIgnoredDuringExecution");
        Tolerations = Toleration.ReadAll(spec);
        IsGated = spec.List("schedulingGates") is { Count: > 0 };
        NeverPreempts = spec.Text("preemptionPolicy") == "Never";
        SchedulerName = spec.Text("schedulerName") ?? "default-scheduler";
        Claims = ReadClaims(pod, spec);
        NominatedNode = (pod.Tree.At("status", "nominatedNodeName") as JsonText)?.Value ?? "";
        ControllerUid = (pod.Metadata.List("ownerReferences")?.Maps() ?? [])
            .FirstOrDefault(owner => owner.Boolean("controller") == true)?.Text("uid");
    }

    /// <summary>The Pod.</summary>
    public Pod Pod { get; }

    /// <summary>Higher goes first.</summary>
    public long Priority { get; }

    /// <summary>The scheduler it wants.</summary>
    public string SchedulerName { get; }

    /// <summary>The resources it asks for, with init containers, sidecars and overhead.</summary>
    public ResourceAmounts Requests { get; }

    /// <summary>CPU for scoring, where a Pod that asks for none counts as 100m.</summary>
    public long NonZeroCpu { get; }

    /// <summary>Memory for scoring, where a Pod that asks for none counts as 200 MiB.</summary>
    public long NonZeroMemory { get; }

    /// <summary>Labels the node must have.</summary>
    public JsonMap NodeSelector { get; }

    /// <summary>Node selector terms one of which must hold; null where there are none.</summary>
    public JsonList? RequiredTerms { get; }

    /// <summary>Weighted terms that raise the score; null where there are none.</summary>
    public JsonList? PreferredTerms { get; }

    /// <summary>What it says of the Pods it wants near, or does not; null for nothing.</summary>
    public PodAffinity? Affinity { get; }

    /// <summary>How evenly it wants Pods to be spread.</summary>
    public ImmutableArray<SpreadConstraint> Spread { get; }

    /// <summary>The taints it can live with.</summary>
    public ImmutableArray<Toleration> Tolerations { get; }

    /// <summary>Whether somebody still holds it back from scheduling.</summary>
    public bool IsGated { get; }

    /// <summary>Whether it never drives others away.</summary>
    public bool NeverPreempts { get; }

    /// <summary>Its claims in the order of its volumes.</summary>
    public ImmutableArray<ClaimUse> Claims { get; }

    /// <summary>The node it is said to go to; empty for none.</summary>
    public string NominatedNode { get; }

    /// <summary>The uid of what controls it; Pods with the same one are spread.</summary>
    public string? ControllerUid { get; }

    /// <summary>Reads a Pod.</summary>
    public static PodNeeds Read(Pod pod) => new(pod, pod.Tree.Map("spec") ?? JsonMap.Empty);

    /// <summary>The first taint that keeps it away, or null.</summary>
    public Taint? FirstUntolerated(ImmutableArray<Taint> taints)
    {
        foreach (var taint in taints)
        {
            if (taint.KeepsAway && !Tolerates(taint))
            {
                return taint;
            }
        }

        return null;
    }

    /// <summary>Whether one of its tolerations covers the taint.</summary>
    public bool Tolerates(Taint taint)
    {
        foreach (var toleration in Tolerations)
        {
            if (toleration.Tolerates(taint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether its node selector and required affinity take a node.</summary>
    public bool Selects(Node node)
    {
        foreach (var (key, value) in NodeSelector.AsSpan())
        {
            if (node.Label(key) != (value as JsonText)?.Value)
            {
                return false;
            }
        }

        return RequiredTerms is null || NodeSelectors.TermsMatch(RequiredTerms, node);
    }

    // The larger of what runs at the end (containers and sidecars) and the greediest moment of the initialisation
    // (k8s.io/component-helpers/resource.PodRequests).
    private static ResourceAmounts ReadRequests(JsonMap spec)
    {
        var running = Sum(spec.List("containers"));
        var sidecars = ResourceAmounts.None;
        var starting = ResourceAmounts.None;
        foreach (var container in spec.List("initContainers")?.Maps() ?? [])
        {
            var own = ResourceAmounts.Read(container.At("resources", "requests") as JsonMap);
            if (container.Text("restartPolicy") == "Always")
            {
                sidecars = sidecars.Plus(own);
                starting = starting.Max(sidecars);
            }
            else
            {
                starting = starting.Max(sidecars.Plus(own));
            }
        }

        return running.Plus(sidecars).Max(starting).Plus(ResourceAmounts.Read(spec.Map("overhead")));
    }

    private static ResourceAmounts Sum(JsonList? containers)
    {
        var sum = ResourceAmounts.None;
        foreach (var container in containers?.Maps() ?? [])
        {
            sum = sum.Plus(ResourceAmounts.Read(container.At("resources", "requests") as JsonMap));
        }

        return sum;
    }

    private static ImmutableArray<ClaimUse> ReadClaims(Pod pod, JsonMap spec)
    {
        var claims = ImmutableArray.CreateBuilder<ClaimUse>();
        foreach (var volume in spec.List("volumes")?.Maps() ?? [])
        {
            if (volume.Map("persistentVolumeClaim")?.Text("claimName") is { } named)
            {
                claims.Add(new ClaimUse(new ObjectKey(pod.Namespace, named), false));
            }
            else if (volume.Map("ephemeral") is not null)
            {
                claims.Add(new ClaimUse(new ObjectKey(pod.Namespace, pod.Name + "-" + volume.Text("name")), true));
            }
        }

        return claims.ToImmutable();
    }
}

/// <summary>A claim that a Pod uses; <paramref name="IsEphemeral"/> when it is made for this Pod and must be owned by it.</summary>
internal readonly record struct ClaimUse(ObjectKey Key, bool IsEphemeral);
