using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.Engine;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Faults;

/// <summary>What faults do to nodes and to the disks on them.</summary>
internal sealed class NodeFaults(SimulatedCluster cluster, FaultBoard board)
{
    // How long a cloud takes to notice that a machine is gone.
    private static readonly TimeSpan NodeObjectGoesAfter = TimeSpan.FromSeconds(40);
    private static readonly JsonTree Taints = JsonList.Of(JsonMap.Of(("key", "example.com/broken"), ("effect", "NoSchedule")));

    private readonly DiskFaults _disks = new();

    internal void Begin(ActiveFault fault)
    {
        var node = cluster.Nodes[fault.Target];
        switch (fault.Type)
        {
            case FaultType.Reboot:
                StopAll(node);
                Reboot(node, fault);
                fault.Undo = () => StartAll(node);
                break;
            case FaultType.LoseNode:
                Lose(node, fault);
                break;
            case FaultType.ReplaceNode:
                StopAll(node);
                Blank(node);
                DeleteObject(node);
                fault.Undo = () => StartAll(node);
                break;
            case FaultType.MovedDisks:
                MoveDisks(node, fault);
                break;
            case FaultType.Cordon:
                PatchSpec(node, "unschedulable", JsonBoolean.True);
                fault.Undo = () => PatchSpec(node, "unschedulable", JsonNull.Instance);
                break;
            case FaultType.Taint:
                PatchSpec(node, "taints", Taints);
                fault.Undo = () => PatchSpec(node, "taints", JsonNull.Instance);
                break;
            case FaultType.Unlabel:
                PatchLabel(node, JsonNull.Instance);
                fault.Undo = () => PatchLabel(node, new JsonText("yes"));
                break;
            case FaultType.LvmLate:
                node.Conditions.Add(fault);
                fault.Undo = () =>
                {
                    node.Conditions.Remove(fault);
                    var number = 0L;
                    if (node.Conditions.Has(FaultType.LvmLate))
                    {
                        return;
                    }

                    node.LetGo(() => FateOfKilled(fault.Choice(fault.BegunAt + TimeSpan.FromTicks(number++), 4)));
                };
                break;
            case FaultType.LvmStuck:
                node.Conditions.Add(fault);
                fault.Undo = () =>
                {
                    node.Conditions.Remove(fault);
                    if (!node.Conditions.Has(FaultType.LvmStuck))
                    {
                        var number = 0L;
                        node.LetStuckGo(() => FateOfKilled(fault.Choice(fault.BegunAt + TimeSpan.FromTicks(number++), 4)));
                    }
                };
                break;
            default:
                if (_disks.Begin(node, fault))
                {
                    break;
                }

                node.Conditions.Add(fault);
                fault.Undo = () => node.Conditions.Remove(fault);
                break;
        }
    }

    // A command that was killed while it could not die has perhaps done its work, perhaps half of it, perhaps nothing.
    private static StorageFault FateOfKilled(long choice) => choice switch
    {
        0 => new StorageFault.LostInDoubt(),
        1 => new StorageFault.HappensHalf(),
        _ => new StorageFault.HappensInDoubt(),
    };

    private void StopAll(SimulatedNode node)
    {
        foreach (var process in cluster.ProcessesOn(node.Name).ToArray())
        {
            process.Crash();
        }

        // What stood still in the kernel goes down with the machine.
        node.LetGo(() => new StorageFault.LostInDoubt());
        node.LetStuckGo(() => new StorageFault.LostInDoubt());
    }

    private void StartAll(SimulatedNode node)
    {
        foreach (var process in cluster.ProcessesOn(node.Name).ToArray())
        {
            board.StartIfAllowed(process.Name);
        }
    }

    // The kernel's names of disks go round by one.
    private static void Reboot(SimulatedNode node, ActiveFault fault)
    {
        var paths = node.Storage.Lvm.Disks.Where(disk => disk.Present).Select(disk => disk.Path).ToList();
        var turn = (int)fault.Choice(fault.BegunAt, Math.Max(1, paths.Count));
        node.Storage.Lvm.Reboot([.. paths.Skip(turn), .. paths.Take(turn)]);
        node.Devices.Reset();
    }

    private void Lose(SimulatedNode node, ActiveFault fault)
    {
        StopAll(node);
        node.IsGone = true;
        cluster.Loop.ScheduleAfter(NodeObjectGoesAfter, new Occurrence(() =>
        {
            if (node.IsGone)
            {
                DeleteObject(node);
            }
        }));
        fault.Undo = () =>
        {
            node.IsGone = board.Has(FaultType.LoseNode, node.Name);
            node.Storage.Lvm.Reboot();
            node.Devices.Reset();
            StartAll(node);
        };
    }

    // Until somebody takes what is on the disks for lost, and clears them.
    private void MoveDisks(SimulatedNode node, ActiveFault fault)
    {
        if (node.FirstGroup is not { } group)
        {
            return;
        }

        StopAll(node);
        Blank(node);
        DeleteObject(node);
        var moved = _disks.BringGroup(node, group);
        StartAll(node);
        fault.Undo = () =>
        {
            if (moved is not null && node.Storage.Lvm.AllGroups().Any(there => there.Uuid == moved))
            {
                node.Storage.Lvm.RemoveGroupBehindTheBack(moved);
            }
        };
    }

    private static void Blank(SimulatedNode node)
    {
        node.Machines++;
        node.Storage.Lvm.Reboot();
        node.Devices.Reset();
        foreach (var group in node.Storage.Lvm.Observe().VolumeGroups)
        {
            node.Storage.Lvm.RemoveGroupBehindTheBack(group.Uuid);
        }
    }

    private void DeleteObject(SimulatedNode node) =>
        cluster.Server.Send(
            cluster.Loop.Now, new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node.Name)));

    private void PatchSpec(SimulatedNode node, string field, JsonTree value) =>
        cluster.Server.Send(cluster.Loop.Now, new ClusterRequest.Patch(
            ResourceTypes.Nodes,
            ObjectKey.ClusterScoped(node.Name),
            JsonMap.Of(("spec", JsonMap.Of((field, value))))));

    private void PatchLabel(SimulatedNode node, JsonTree value) =>
        cluster.Server.Send(cluster.Loop.Now, new ClusterRequest.Patch(
            ResourceTypes.Nodes,
            ObjectKey.ClusterScoped(node.Name),
            JsonMap.Empty.WithAt(["metadata", "labels", Plans.Manifests.DisksLabel], value)));
}
