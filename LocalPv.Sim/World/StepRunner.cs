using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.World;

/// <summary>Takes the steps of a plan: does to the cluster what users, operators and fate do.</summary>
internal sealed class StepRunner(SimulatedCluster cluster)
{
    private static readonly LogicalVolumeName Filler = LogicalVolumeName.Parse("somebody-elses");

    /// <summary>Takes a step; null, or why it could not be taken. Then nothing happened.</summary>
    internal string? Take(TimedStep step)
    {
        var trace = cluster.Trace;
        trace.Begin(cluster.Loop.Now, cluster.Loop.Start, "plan");
        trace.Word(step.What.GetType().Name);
        trace.End();
        return step.What switch
        {
            Step.MakeClass make => Create(
                ResourceTypes.StorageClasses, "", Manifests.StorageClass(make, cluster.Shape.Nodes, cluster.Shape.Disks)),
            Step.MakePod make => MakePod(make),
            Step.MakeNamespace make => Create(ResourceTypes.Namespaces, "", Manifests.OfNamespace(make.Name)),
            Step.MakePriority make => CreateWritten(Manifests.OfPriority(make)),
            Step.MakeStatefulSet make => Create(
                SimulatedCluster.StatefulSets, Manifests.KeyOf(make.Name).Namespace, Manifests.StatefulSet(make)),
            Step.MakeClaim make => MakeClaim(make.Claim, Manifests.KeyOf(make.Claim.Name)),
            Step.Delete delete => Change(delete.Kind, delete.Name, found => new ClusterRequest.Delete(found.Type, found.Key)),
            Step.Resize resize => Patch("claim", resize.Claim, ["spec", "resources", "requests", "storage"], resize.Size),
            Step.Scale scale => Patch("statefulset", scale.StatefulSet, ["spec", "replicas"], scale.Replicas),
            Step.Reclaim reclaim => Patch("volume", reclaim.Volume, ["spec", "persistentVolumeReclaimPolicy"], reclaim.Policy),
            Step.Create create => CreateWritten((JsonMap)JsonTree.Parse(create.Json)),
            Step.Patch patch => Change(
                patch.Kind, patch.Name, found => new ClusterRequest.Patch(found.Type, found.Key, (JsonMap)JsonTree.Parse(patch.Json))),
            Step.Fill fill => Fill(fill),
            Step.Unfill unfill => Unfill(unfill),
            Step.Crash crash => OnProcess(crash.Process, process => process.Crash()),
            Step.Start start => OnProcess(start.Process, process => process.Start()),
            Step.Break { Fault: var fault } => cluster.Faults.Begin(fault),
            _ => throw new UnreachableException(),
        };
    }

    private string? MakeClaim(ClaimText claim, ObjectKey key) => Create(
        ResourceTypes.PersistentVolumeClaims, key.Namespace, Manifests.Claim(claim with { Name = key.ToString() }));

    private string? MakePod(Step.MakePod make)
    {
        string? problem = null;
        var space = Manifests.KeyOf(make.Name).Namespace;
        var claims = ImmutableArray.CreateBuilder<ClaimText>();
        foreach (var claim in make.Claims)
        {
            if (claim.Size.Length > 0)
            {
                problem ??= MakeClaim(claim, new ObjectKey(space, claim.Name));
                claims.Add(claim);
            }
            else if (Target.IsLate(claim.Name) && Find("claim", claim.Name, space) is { } there)
            {
                claims.Add(claim with { Name = there.Name });
            }
            else
            {
                // A Pod may name a claim that is made later.
                claims.Add(claim);
            }
        }

        var node = make.Node is { } name ? Target.Bind(name, [.. cluster.Nodes.Keys]) : null;
        return Create(ResourceTypes.Pods, space, Manifests.Pod(make with { Claims = claims.ToImmutable(), Node = node }))
            ?? problem;
    }

    private string? CreateWritten(JsonMap body) =>
        cluster.Server.Kinds.TryFindKind(body.Text("apiVersion") ?? "", body.Text("kind") ?? "", out var kind)
            ? Create(kind.Type, kind.Type.Namespaced ? body.Map("metadata")?.Text("namespace") ?? Manifests.Namespace : "", body)
            : $"there is no kind '{body.Text("kind")}' of '{body.Text("apiVersion")}'.";

    private string? Create(ResourceType type, string inNamespace, JsonMap body) => Send(new ClusterRequest.Create(type, inNamespace, body));

    private string? Patch(string kind, string name, ReadOnlySpan<string> path, JsonTree value)
    {
        var changes = JsonMap.Empty.WithAt(path, value);
        return Change(kind, name, found => new ClusterRequest.Patch(found.Type, found.Key, changes));
    }

    private string? Change(string kind, string name, Func<KubernetesObject, ClusterRequest> request) =>
        Find(kind, name) is { } found ? Send(request(found)) : $"there is no {kind} '{name}'.";

    private KubernetesObject? Find(string kind, string name, string? inNamespace = null)
    {
        var type = ConditionCheck.TypeOf(kind);
        if (!Target.IsLate(name))
        {
            return cluster.Server.Find(type, type.Namespaced ? Manifests.KeyOf(name) : ObjectKey.ClusterScoped(name));
        }

        var there = cluster.Server.Snapshot(type);
        if (inNamespace is not null)
        {
            there = [.. there.Where(item => item.Namespace == inNamespace)];
        }

        var bound = Target.Bind(name, [.. there.Select((_, index) => index.ToString(CultureInfo.InvariantCulture))]);
        return bound is null ? null : there[int.Parse(bound, CultureInfo.InvariantCulture)];
    }

    private string? Send(ClusterRequest request)
    {
        var outcome = cluster.Server.Send(cluster.Loop.Now, request);
        return outcome.IsDone ? null : $"the API server says {outcome.Kind}: {outcome.Message}";
    }

    private string? Fill(Step.Fill fill)
    {
        if (NodeOf(fill.Node, out var node) is { } problem)
        {
            return problem;
        }

        var group = node!.FirstGroup!;
        if (!Quantity.TryParse(fill.Size, out var size, out var error))
        {
            return error;
        }

        var extents = group.ExtentSize.ExtentsToHold(size);
        if (extents > group.FreeExtents)
        {
            return $"{fill.Node} has {group.FreeExtents} free, {extents} are more than that.";
        }

        node.Storage.Lvm.CreateForeignVolume(group.Name, Filler, extents);
        return null;
    }

    private string? Unfill(Step.Unfill unfill)
    {
        if (NodeOf(unfill.Node, out var node) is { } problem)
        {
            return problem;
        }

        var group = node!.FirstGroup!;
        if (group.Volume(Filler) is null)
        {
            return $"{unfill.Node} was not filled.";
        }

        node.Storage.Lvm.RemoveBehindTheBack(group.Name, Filler);
        return null;
    }

    private string? NodeOf(string name, out SimulatedNode? node)
    {
        node = Target.Bind(name, [.. cluster.Nodes.Keys]) is { } bound ? cluster.Nodes.GetValueOrDefault(bound) : null;
        return node is null ? $"there is no node '{name}': use {string.Join(", ", cluster.Nodes.Keys)}."
            : node.FirstGroup is null ? $"{name} has no volume group yet: do this later."
            : null;
    }

    private string? OnProcess(string name, Action<Engine.SimulatedProcess> act)
    {
        if (!cluster.Processes.TryGetValue(name, out var process))
        {
            return $"there is no process '{name}': use {string.Join(", ", cluster.Processes.Keys)}.";
        }

        act(process);
        return null;
    }
}
