using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S01: in each volume group the extents of all logical volumes together are no more than the group has; thin volumes no more than their
/// pool may promise. Source: LVM itself; threatened by foreign volumes, other extent sizes, bursts.
/// </summary>
internal sealed class S01NoGroupIsOvercommitted()
    : Rule("S01", "The extents of all volumes of a group are no more than it has."), IFollowsStorage
{
    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (call.Request.VolumeGroup is { } name && Truth.Nodes[call.Node].Group(name.Value) is { } group)
        {
            Check(call.Node, group);
        }
    }

    /// <summary>Judges one group.</summary>
    internal void Check(string node, VolumeGroup group)
    {
        long physical = group.ThinPool?.Extents.Value ?? 0;
        long promised = 0;
        var percent = 100;
        foreach (var volume in group.LogicalVolumes)
        {
            if (volume.Layout.Type == LayoutType.Thin)
            {
                promised += volume.Extents.Value;
                percent = Math.Max(percent, volume.Layout.OverprovisionPercent);
            }
            else
            {
                physical += volume.Extents.Value * (1 + volume.Layout.Mirrors);
            }
        }

        if (physical + group.FreeExtents.Value > group.Extents.Value)
        {
            Broken($"group {group.Name} on {node} has {group.Extents}: {physical} in volumes and {group.FreeExtents.Value} free are more.");
        }

        if (group.ThinPool is { } pool && promised > (long)((Int128)pool.Extents.Value * percent / 100))
        {
            Broken($"the thin pool of {group.Name} on {node} has {pool.Extents} and has promised {promised} ({percent} % allowed).");
        }
    }
}
