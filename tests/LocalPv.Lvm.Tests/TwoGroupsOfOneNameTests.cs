using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// The old disks of a group that was made anew come back: two groups have one name. docs/disk-replacement.md says how one gets another.
/// </summary>
[Collection(nameof(LoopDevices))]
public sealed class TwoGroupsOfOneNameTests : IDisposable
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-twice");
    private static readonly VolumeGroupName Old = VolumeGroupName.Parse("lpvtest-twice-old");

    private readonly LoopBench _bench = new([64, 64]);

    [Fact]
    public void Group_ThatIsRenamedByItsUuid_LeavesTheOtherToUse()
    {
        var (first, second) = (_bench.Disks[0], _bench.Disks[1]);
        Done(Making(first));
        Done(Volume(1));
        var old = Scan().Group(Group)!;
        var start = _bench.ReadStart(first);
        _bench.WriteStart(first, new byte[start.Length]);
        Done(Making(second));
        _bench.WriteStart(first, start);

        Scan();
        Assert.Equal(OutcomeKind.Unavailable, Run(Volume(2)).Kind);

        _bench.Lvm(_bench.Disks, [.. DocumentedRenaming().Select((word, place) => place switch
        {
            1 => old.Uuid,
            2 => Old.Value,
            _ => word,
        })]);
        Done(Volume(2));
        Assert.Equal(NameOf(2), Assert.Single(Scan().Group(Group)!.LogicalVolumes).Name);
        Assert.Equal(NameOf(1), Assert.Single(Scan().Group(Old)!.LogicalVolumes).Name);
        Assert.Equal(old.Uuid, Scan().Group(Old)!.Uuid);
    }

    public void Dispose() => _bench.Dispose();

    private static string[] DocumentedRenaming() => Documents.CommandOf("docs/disk-replacement.md", "vgrename");

    private static NodeStorageRequest.CreateVolumeGroup Making(DiskToUse disk) =>
        new(Group, ExtentSize.Default, [disk], [LvmTag.Parse(WellKnown.OurTag)]);

    private static NodeStorageRequest.CreateLogicalVolume Volume(int number) => new(
        Group, NameOf(number), new ExtentCount(1), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse($"{WellKnown.ClaimTagPrefix}0b0e9a52-0000-4000-8000-00000000000{number}")]);

    private static LogicalVolumeName NameOf(int number) => LogicalVolumeName.Parse($"pvc-0b0e9a52-0000-4000-8000-00000000000{number}");

    private NodeScan Scan() => ((NodeStorageAnswer.Scanned)Run(new NodeStorageRequest.Scan()).Value).Scan;

    private void Done(NodeStorageRequest request) => Assert.Equal("", Run(request).Message);

    private Outcome<NodeStorageAnswer> Run(NodeStorageRequest request) =>
        _bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
