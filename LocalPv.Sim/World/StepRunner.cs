using System.Diagnostics;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.World;

/// <summary>Takes the steps of a scenario: does to the cluster what users, operators and fate do.</summary>
internal sealed class StepRunner(SimulatedCluster cluster, MilestoneRecorder recorder)
{
    private static readonly LogicalVolumeName Filler = LogicalVolumeName.Parse("somebody-elses");

    internal long SeenRevision { get; private set; }

    internal bool TookStep { get; private set; }

    internal void Seen()
    {
        SeenRevision = cluster.Server.Revision;
        TookStep = false;
    }

    internal void Take(TimedStep step)
    {
        TookStep = true;
        recorder.Add(cluster.Loop.Now, "scenario", $"line {step.Line}: {step.What.GetType().Name}");
        switch (step.What)
        {
            case Step.MakeClass make:
                Create(step, ResourceTypes.StorageClasses, "", Manifests.StorageClass(make, cluster.Shape.Nodes, cluster.Shape.Disks));
                break;
            case Step.MakePod make:
                foreach (var claim in make.Claims.Where(claim => claim.Size.Length > 0))
                {
                    Create(step, ResourceTypes.PersistentVolumeClaims, Manifests.Namespace, Manifests.Claim(claim));
                }

                Create(step, ResourceTypes.Pods, Manifests.Namespace, Manifests.Pod(make));
                break;
            case Step.MakeStatefulSet make:
                Create(step, SimulatedCluster.StatefulSets, Manifests.Namespace, Manifests.StatefulSet(make));
                break;
            case Step.MakeClaim make:
                Create(step, ResourceTypes.PersistentVolumeClaims, Manifests.Namespace, Manifests.Claim(make.Claim));
                break;
            case Step.Delete delete:
                Delete(step, delete);
                break;
            case Step.Resize resize:
                Send(step, new ClusterRequest.Patch(
                    ResourceTypes.PersistentVolumeClaims,
                    new ObjectKey(Manifests.Namespace, resize.Claim),
                    JsonMap.Empty.WithAt(["spec", "resources", "requests", "storage"], resize.Size)));
                break;
            case Step.Fill fill:
                Fill(step, fill);
                break;
            case Step.Unfill unfill:
                var (lvm, group) = OnlyGroup(step, unfill.Node);
                lvm.RemoveBehindTheBack(group.Name, Filler);
                break;
            case Step.Crash crash:
                Process(step, crash.Process).Crash();
                break;
            case Step.Start start:
                Process(step, start.Process).Start();
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Create(TimedStep step, ResourceType type, string inNamespace, JsonMap body) =>
        Send(step, new ClusterRequest.Create(type, inNamespace, body));

    private void Send(TimedStep step, ClusterRequest request)
    {
        var outcome = cluster.Server.Send(cluster.Loop.Now, request);
        if (!outcome.IsDone)
        {
            throw new ScenarioException(step.Line, $"the API server says {outcome.Kind}: {outcome.Message}");
        }
    }

    private void Delete(TimedStep step, Step.Delete delete)
    {
        var check = new ConditionCheck(cluster);
        var found = check.Find(delete.Kind, delete.Name)
            ?? throw new ScenarioException(step.Line, $"there is no {delete.Kind} '{delete.Name}' to delete.");
        Send(step, new ClusterRequest.Delete(found.Type, found.Key));
    }

    private void Fill(TimedStep step, Step.Fill fill)
    {
        var (lvm, group) = OnlyGroup(step, fill.Node);
        var extents = Quantity.TryParse(fill.Size, out var size, out var error)
            ? group.ExtentSize.ExtentsToHold(size)
            : throw new ScenarioException(step.Line, error);
        if (extents > group.FreeExtents)
        {
            throw new ScenarioException(step.Line, $"{fill.Node} has {group.FreeExtents} free, {extents} are more than that.");
        }

        lvm.CreateForeignVolume(group.Name, Filler, extents);
    }

    private (FakeLvm Lvm, VolumeGroup Group) OnlyGroup(TimedStep step, string node)
    {
        if (!cluster.Storage.TryGetValue(node, out var storage))
        {
            throw new ScenarioException(step.Line, $"there is no node '{node}': use {string.Join(", ", cluster.Storage.Keys)}.");
        }

        return storage.Lvm.Observe().VolumeGroups is [var group, ..]
            ? (storage.Lvm, group)
            : throw new ScenarioException(step.Line, $"{node} has no volume group yet: do this later.");
    }

    private Engine.SimulatedProcess Process(TimedStep step, string name) =>
        cluster.Processes.TryGetValue(name, out var process)
            ? process
            : throw new ScenarioException(step.Line, $"there is no process '{name}': use {string.Join(", ", cluster.Processes.Keys)}.");
}
