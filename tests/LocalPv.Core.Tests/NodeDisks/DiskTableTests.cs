using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.NodeDisks;

public sealed class DiskTableTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");

    private static readonly NodeScan Scan = new(
        [
            Disk("sda") with { MountPoint = "/" },
            Disk("sdb"),
            Disk("sdc") with { VolumeGroup = Fast, Signature = "LVM2_member", Rotational = true },
            Disk("sdd") with { VolumeGroup = VolumeGroupName.Parse("data"), Signature = "LVM2_member" },
        ],
        [Group("data"), Group("fast") with { Tags = [LvmTag.Parse(WellKnown.OurTag)] }]);

    [Fact]
    public void Of_ANodeWithoutAClass_SaysOfEachDiskWhetherAClassCouldUseIt()
    {
        var rows = DiskTable.Of(Scan);
        Assert.Equal(
            [DiskState.Refused, DiskState.Usable, DiskState.InGroup, DiskState.Refused], rows.Select(row => row.State));
        Assert.Contains("/", rows[0].Reason, StringComparison.Ordinal);
        Assert.Contains("data", rows[3].Reason, StringComparison.Ordinal);
        Assert.Equal(["solid", "solid", "rotational", "solid"], rows.Select(row => row.Kind));
    }

    [Fact]
    public void Of_ANodeForAClass_ShowsWhatItDoesNotMeanAndWhatIsMissing()
    {
        var spec = new NodeLocalStorageSpec
        {
            StorageClass = StorageClassName.Parse("fast"),
            Node = NodeName.Parse("node-1"),
            Disks = new DiskRule { Paths = [DevicePath.Parse("/dev/sdc"), DevicePath.Parse("/dev/sdz")] },
            VolumeGroup = new VolumeGroupWish(Fast, ExtentSize.Default),
        };
        Assert.Equal(
            ["/dev/sda NotChosen", "/dev/sdb NotChosen", "/dev/sdc InGroup", "/dev/sdd NotChosen", "/dev/sdz Missing"],
            DiskTable.Of(Scan, spec).Select(row => $"{row.Path} {row.State}"));
    }

    private static ObservedDisk Disk(string name) =>
        new(DevicePath.Parse("/dev/" + name), [], DiskId.Parse("ID-" + name), Bytes.FromGibibytes(10));

    private static VolumeGroup Group(string name) =>
        new(VolumeGroupName.Parse(name), "U-" + name, ExtentSize.Default, new(1), new(1), [], []);
}
