using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using Xunit;

namespace LocalPv.Contracts.NodeStorage;

/// <summary>
/// What every <see cref="INodeStorage"/> promises, one test for each sentence of the contract; the parts of it are the partial files by
/// request. It needs nothing but LVM's metadata: what needs devices is in <see cref="NodeStorageDeviceContract"/>.
/// </summary>
public abstract class NodeStorageContract
{
    protected static readonly VolumeGroupName Fast = VolumeGroupName.Parse("lpvtest-fast");
    protected static readonly VolumeGroupName Other = VolumeGroupName.Parse("lpvtest-other");
    protected static readonly ExtentSize Extent = ExtentSize.From(Bytes.FromMebibytes(1));
    protected static readonly LvmTag Ours = LvmTag.Parse(WellKnown.OurTag);
    protected static readonly ClaimUid A = ClaimUid.Parse("0a0a0a0a-0000-4000-8000-00000000000a");
    protected static readonly ClaimUid B = ClaimUid.Parse("0b0b0b0b-0000-4000-8000-00000000000b");

    /// <summary>A bench with blank disks on each of which that many extents of 1 MiB fit.</summary>
    protected abstract NodeStorageBench NewBench(params int[] extentsPerDisk);

    protected static LogicalVolumeName NameOf(ClaimUid claim) => LogicalVolumeName.Parse("pvc-" + claim.Value);

    protected static ImmutableArray<LvmTag> TagsOf(ClaimUid claim) => [Ours, LvmTag.Parse(WellKnown.ClaimTagPrefix + claim.Value)];

    protected static Outcome<NodeStorageAnswer> Run(NodeStorageBench bench, NodeStorageRequest request) =>
        bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    protected static T Done<T>(NodeStorageBench bench, NodeStorageRequest request)
        where T : NodeStorageAnswer
    {
        var outcome = Run(bench, request);
        Assert.True(outcome.IsDone, outcome.ToString());
        return Assert.IsType<T>(outcome.Value);
    }

    /// <summary>The request fails in this way, with a message, and what a scan sees is as before.</summary>
    protected static void FailsAndChangesNothing(NodeStorageBench bench, NodeStorageRequest request, OutcomeKind kind)
    {
        var before = Picture(bench);
        var outcome = Run(bench, request);
        Assert.True(kind == outcome.Kind, $"{request}: expected {kind}, but was {outcome}");
        Assert.NotEqual("", outcome.Message);
        Assert.Equal(before, Picture(bench));
    }

    protected static NodeScan Scan(NodeStorageBench bench) => Done<NodeStorageAnswer.Scanned>(bench, new NodeStorageRequest.Scan()).Scan;

    protected static VolumeGroup CreateGroup(NodeStorageBench bench, VolumeGroupName? name = null, params int[] disks) =>
        Done<NodeStorageAnswer.Group>(bench, GroupOf(name ?? Fast, [.. Chosen(bench, disks)])).VolumeGroup;

    protected static NodeStorageRequest.CreateVolumeGroup GroupOf(VolumeGroupName name, params ImmutableArray<DiskToUse> disks) =>
        new(name, Extent, disks, [Ours]);

    protected static NodeStorageRequest.CreateLogicalVolume Creation(ClaimUid claim, long extents, Layout? layout = null) =>
        new(Fast, NameOf(claim), new ExtentCount(extents), layout ?? Layout.Linear, TagsOf(claim));

    protected static LogicalVolume CreateVolume(NodeStorageBench bench, ClaimUid claim, long extents, Layout? layout = null) =>
        Done<NodeStorageAnswer.Volume>(bench, Creation(claim, extents, layout)).LogicalVolume;

    protected static LogicalVolume? Seen(NodeStorageBench bench, ClaimUid claim) => Scan(bench).Group(Fast)?.Volume(NameOf(claim));

    protected static long Free(NodeStorageBench bench) => Scan(bench).Group(Fast)!.FreeExtents.Value;

    private static IEnumerable<DiskToUse> Chosen(NodeStorageBench bench, int[] disks) =>
        disks.Length == 0 ? bench.Disks : disks.Select(disk => bench.Disks[disk]);

    /// <summary>What a scan sees, as text: records with arrays are not equal by content.</summary>
    private static string Picture(NodeStorageBench bench)
    {
        var scan = Scan(bench);
        var disks = scan.Disks
            .Where(disk => bench.Disks.Any(mine => mine.Path == disk.Path))
            .Select(disk => $"{disk.Path} {disk.Signature} {disk.VolumeGroup} {disk.Size}");
        var groups = scan.VolumeGroups.Select(group =>
            $"{group.Name} {group.Uuid} {group.Extents} {group.FreeExtents} {string.Join(",", group.Tags)} {group.PhysicalVolumes.Length}: "
            + string.Join("; ", group.LogicalVolumes.Select(volume =>
                $"{volume.Name} {volume.Uuid} {volume.Extents} {string.Join(",", volume.Tags)} {volume.Layout}")));
        return string.Join("\n", disks.Concat(groups));
    }
}
