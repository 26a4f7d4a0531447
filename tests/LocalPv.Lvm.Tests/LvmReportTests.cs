using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// A report of lvm2 2.03.16 of a group with a missing disk, a striped volume of ours, somebody's linear one, and a disk in no group.
/// </summary>
public sealed class LvmReportTests
{
    private static readonly string Recorded = Recording.Read("fullreport-missing-disk.json");

    [Fact]
    public void Read_OfTheRecording_SeesTheGroupAsItIs()
    {
        var (group, open, hasVolumes, pool) = Assert.Single(LvmReport.Read(Recorded));
        Assert.Equal(("fast", "rtbRJh-dEY8-pPxr-sFXw-GXuV-1xDn-L5lIAS"), (group.Name.Value, group.Uuid));
        Assert.Equal((ExtentSize.From(Bytes.FromMebibytes(1)), 128), (group.ExtentSize, group.Extents.Value));
        Assert.Equal(59, group.FreeExtents.Value);
        Assert.False(group.IsComplete);
        Assert.Equal("localpv.io", Assert.Single(group.Tags).Value);
        Assert.Equal([("/dev/loop0", false, 59), ("", true, 62)], group.PhysicalVolumes.Select(disk =>
            (disk.Path?.Value ?? "", disk.Missing, disk.FreeExtents.Value)));
        Assert.Empty(open);
        Assert.True(hasVolumes);
        Assert.Null(pool);
    }

    [Fact]
    public void Read_OfTheRecording_SeesTheVolumes()
    {
        var volumes = Assert.Single(LvmReport.Read(Recorded)).Group.LogicalVolumes;
        Assert.Equal(["pvc-uid-1", "theirs"], volumes.Select(volume => volume.Name.Value));
        Assert.Equal(ClaimUid.Parse("uid-1"), volumes[0].Claim);
        Assert.Equal((4, Bytes.FromMebibytes(4), true), (volumes[0].Extents.Value, volumes[0].Size, volumes[0].Partial));
        Assert.Equal(new Layout(LayoutType.Striped, Stripes: 2), volumes[0].Layout);
        Assert.Equal((null, false, Layout.Linear), (volumes[1].Claim, volumes[1].Partial, volumes[1].Layout));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(12 << 20)]
    [InlineData(32L << 30)]
    public void Read_OfAGroupWithExtentsThatWeWouldNotChoose_SeesIt(long bytes)
    {
        var report = Recorded.Replace("\"vg_extent_size\":\"1048576\"", $"\"vg_extent_size\":\"{bytes}\"", StringComparison.Ordinal);
        Assert.Equal(bytes, Assert.Single(LvmReport.Read(report)).Group.ExtentSize.Size.Value);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("allocatable", 59)]
    public void Read_OfADiskOnWhichNothingMayBeAllocated_CountsNothingOfItAsFree(string allocatable, long free)
    {
        var report = Recorded.Replace(
            "\"pv_missing\":\"\"", $"\"pv_missing\":\"\", \"pv_allocatable\":\"{allocatable}\"", StringComparison.Ordinal);
        var group = Assert.Single(LvmReport.Read(report)).Group;
        Assert.Equal((free, free), (group.FreeExtents.Value, group.PhysicalVolumes[0].FreeExtents.Value));
        Assert.Equal((128, 64), (group.Extents.Value, group.PhysicalVolumes[0].Extents.Value));
    }

    [Fact]
    public void Read_OfNoGroups_IsEmpty() => Assert.Empty(LvmReport.Read("""{"report":[{"pv":[]}]}"""));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"report":[{"vg":[{"vg_name":"x"}]}]}""")]
    public void Read_OfSomethingElse_Throws(string text) => Assert.ThrowsAny<JsonException>(() => LvmReport.Read(text));
}

internal static class Recording
{
    internal static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recordings", name));
}
