using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S08: a disk with a signature, a partition table, a mount, a holder, or that cannot be written, becomes no physical volume, unless the
/// class says that its signatures may be wiped. An agent does not even ask for a disk that its last scan showed so: that LVM's backend
/// looks again is for what has changed since. Source: design rule 2.
/// </summary>
internal sealed class S08NoUsedDiskIsTaken()
    : Rule("S08", "A disk that is in use becomes no physical volume."), IFollowsStorage, IFollowsProcesses
{
    private readonly Dictionary<string, NodeScan> _scans = new(StringComparer.Ordinal);
    private ImmutableArray<ObservedDisk> _before = [];

    public void OnStarted(string process, int life) => _scans.Remove(process);

    public void OnAsked(string process, int life, Effect effect)
    {
        if (effect is not Effect.CallStorage { Request: var request } || !_scans.TryGetValue(process, out var scan))
        {
            return;
        }

        var (group, disks) = request switch
        {
            NodeStorageRequest.CreateVolumeGroup create => (create.Name, create.Disks),
            NodeStorageRequest.ExtendVolumeGroup extend => (extend.Name, extend.Disks),
            _ => default,
        };
        foreach (var disk in disks.IsDefault ? [] : disks)
        {
            var seen = scan.Disks.FirstOrDefault(each => each.Path == disk.Path);
            var node = Actors.NodeOf(process);
            var why = seen is null ? "it has not seen"
                : seen.VolumeGroup is { } other && other != group ? $"is in {other}"
                : WhyNot(node, seen);
            if (why is not null)
            {
                Broken($"{process} asks for {disk.Path} of {node} for {group}, which {why}.");
            }
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is AgentEvent.StorageAnswered { Outcome: { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan: var scan } } })
        {
            _scans[process] = scan;
        }
    }

    public void Before(LvmCall call) => _before =
        call.Request is NodeStorageRequest.CreateVolumeGroup or NodeStorageRequest.ExtendVolumeGroup ? Truth.Disks(call.Node) : [];

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (_before.IsEmpty)
        {
            return;
        }

        var now = Truth.Disks(call.Node);
        foreach (var before in _before)
        {
            var after = now.FirstOrDefault(disk => disk.Path == before.Path);
            if (after?.VolumeGroup is not null && before.VolumeGroup is null && WhyNot(call.Node, before) is { } why)
            {
                Broken($"{call.Process} has taken {before.Path} of {call.Node}, which {why}.");
            }
        }
    }

    private string? WhyNot(string node, ObservedDisk disk) =>
        disk.MountPoint.Length > 0 ? $"is mounted at {disk.MountPoint}"
        : disk.Holder.Length > 0 ? $"is held by {disk.Holder}"
        : disk.ReadOnly ? "is read-only"
        : (disk.Partitioned || disk.Signature is not ("" or "LVM2_member")) && !MayBeWiped(node, disk)
            ? $"carries {(disk.Partitioned ? "partitions" : disk.Signature)}"
            : null;

    private bool MayBeWiped(string node, ObservedDisk disk) => Truth.Storages.Values.Any(storage =>
        storage.NodeName == node && NodeLocalStorageSpec.Read(storage.Spec).TryGetValue(out var spec)
        && spec.Disks.WipeSignaturesOf.Any(disk.IsAt));
}
