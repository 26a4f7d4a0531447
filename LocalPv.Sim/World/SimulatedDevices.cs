using System.Collections.Immutable;
using LocalPv.Core.Outcomes;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Controllers.Kubelets;

namespace LocalPv.Sim.World;

/// <summary>
/// A node's devices as its kubelet uses them: the device files of active logical volumes. The first mount makes a file system, which is
/// remembered by the mark it leaves on the extents: the uid of the claim whose volume it is. So data that outlives its claim is seen.
/// </summary>
internal sealed class SimulatedDevices(SimulatedNode node) : INodeDevices
{
    private readonly SortedDictionary<string, SortedSet<string>> _podsOf = new(StringComparer.Ordinal);

    public Outcome<Nothing> Mount(string path, string podUid)
    {
        if (Find(path) is not { } found || !found.Volume.Active)
        {
            return Outcome.Failed<Nothing>(OutcomeKind.NotFound, $"{path} does not exist on {node.Name}.");
        }

        var (group, volume) = found;
        if (volume.Partial)
        {
            return Outcome.Failed<Nothing>(OutcomeKind.Unavailable, $"{path}: input/output error.");
        }

        if (_podsOf.TryGetValue(path, out var pods) && pods.Contains(podUid))
        {
            return Outcome.Done(default(Nothing));
        }

        var lvm = node.Storage.Lvm;
        var marks = lvm.Read(group.Name, volume.Name).ToImmutableArray();
        var claim = volume.Claim?.Value ?? "";
        var isNew = !marks.Contains(claim);
        if (isNew)
        {
            lvm.Write(group.Name, volume.Name, claim);
        }

        if (pods is null)
        {
            _podsOf.Add(path, pods = new SortedSet<string>(StringComparer.Ordinal));
        }

        pods.Add(podUid);
        lvm.SetOpen(group.Name, volume.Name, open: true);
        node.Observer?.OnDevice(new DeviceUse(
            node.Name, path, isNew ? DeviceAction.Format : DeviceAction.Mount, podUid, claim, volume.Uuid, marks));
        return Outcome.Done(default(Nothing));
    }

    public Outcome<Nothing> Unmount(string podUid)
    {
        foreach (var (path, pods) in _podsOf.ToArray())
        {
            if (!pods.Remove(podUid))
            {
                continue;
            }

            var found = Find(path);
            if (pods.Count == 0)
            {
                _podsOf.Remove(path);
                Close(path);
            }

            node.Observer?.OnDevice(new DeviceUse(
                node.Name, path, DeviceAction.Unmount, podUid, found?.Volume.Claim?.Value ?? "", found?.Volume.Uuid ?? "", []));
        }

        return Outcome.Done(default(Nothing));
    }

    public Outcome<Nothing> Grow(string path, string podUid)
    {
        if (Find(path) is not { } found)
        {
            return Outcome.Failed<Nothing>(OutcomeKind.NotFound, $"{path} does not exist on {node.Name}.");
        }

        node.Observer?.OnDevice(new DeviceUse(
            node.Name, path, DeviceAction.Grow, podUid, found.Volume.Claim?.Value ?? "", found.Volume.Uuid, []));
        return Outcome.Done(default(Nothing));
    }

    // What is closed may lie on a disk that is away: it is closed all the same.
    private void Close(string path)
    {
        foreach (var group in node.Storage.Lvm.AllGroups())
        {
            foreach (var volume in group.LogicalVolumes)
            {
                if (path == $"/dev/{group.Name}/{volume.Name}")
                {
                    node.Storage.Lvm.SetOpen(group.Name, volume.Name, open: false);
                }
            }
        }
    }

    /// <summary>After a reboot nothing is mounted.</summary>
    internal void Reset() => _podsOf.Clear();

    private (VolumeGroup Group, LogicalVolume Volume)? Find(string path)
    {
        foreach (var group in node.Truth.VolumeGroups)
        {
            foreach (var volume in group.LogicalVolumes)
            {
                if (path == $"/dev/{group.Name}/{volume.Name}")
                {
                    return (group, volume);
                }
            }
        }

        return null;
    }
}
