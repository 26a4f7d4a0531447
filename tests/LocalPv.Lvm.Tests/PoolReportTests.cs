using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Tests;

/// <summary>What a report says of our thin pool, whole or half-made.</summary>
public sealed class PoolReportTests
{
    private const string Segment = """{"lv_name":"localpv-thin","segtype":"thin-pool","stripes":"1","zero":"ZERO"}""";
    private static readonly string Metadata = Row("localpv-thin-meta", 2, "-wi-a-----", "localpv.io");
    private static readonly string Thin = Row("pvc-1", 100, "Vwi-a-tz--", "", "localpv-thin");

    [Fact]
    public void Read_OfAPool_SaysWhatItHasAndPromised()
    {
        var group = Read(0, Segment.Replace("ZERO", "zero", StringComparison.Ordinal), Pool, Thin);
        Assert.Equal(new ThinPool(new(33), new(100)) { FullPercent = 91 }, group.Group.ThinPool);
        Assert.True(group.Pool is { IsMade: true, Zeroes: true });
        Assert.Equal("pvc-1", Assert.Single(group.Group.LogicalVolumes).Name.Value);
        Assert.True(group.HasVolumes);
    }

    [Fact]
    public void Read_OfAPoolThatDoesNotClear_SaysSo()
    {
        var group = Read(0, Segment.Replace("ZERO", "", StringComparison.Ordinal), Pool);
        Assert.False(group.Pool!.Zeroes);
        Assert.False(group.HasVolumes);
    }

    [Fact]
    public void Read_OfHalfAPool_SaysWhatItWillBe()
    {
        Assert.Equal(36, Read(38, "", Metadata).Group.ThinPool!.Extents.Value);
        var (group, _, hasVolumes, pool) = Read(5, "", Metadata, Part("localpv.io"));
        Assert.Equal(new ThinPool(new(33), new(0)), group.ThinPool);
        Assert.True(pool is { IsMade: false, HasData: true, HasMetadata: true });
        Assert.Empty(group.LogicalVolumes);
        Assert.False(hasVolumes);
    }

    [Fact]
    public void Read_OfSomebodysVolumeOfThatName_IsNoPool()
    {
        var group = Read(5, "", Part(""));
        Assert.Null(group.Pool);
        Assert.Equal("localpv-thin", Assert.Single(group.Group.LogicalVolumes).Name.Value);
    }

    private static string Pool => Row("localpv-thin", 33, "twi-aotz--", "", "", "91.70");

    private static string Part(string tag) => Row("localpv-thin", 33, "-wi-a-----", tag);

    private static string Row(string name, long mebibytes, string attributes, string tags, string pool = "", string percent = "") =>
        $$"""
        {"lv_name":"{{name}}","lv_uuid":"L","lv_size":"{{mebibytes << 20}}","lv_attr":"{{attributes}}","lv_tags":"{{tags}}",
         "lv_active":"active","lv_device_open":"","pool_lv":"{{pool}}","data_percent":"{{percent}}","metadata_percent":"12.11"}
        """;

    private static ReportedGroup Read(int free, string segment, params string[] volumes) => Assert.Single(LvmReport.Read($$"""
        {"report":[{"vg":[{"vg_name":"fast","vg_uuid":"U","vg_extent_size":"1048576","vg_extent_count":"40","vg_tags":"localpv.io"}],
          "pv":[{"pv_name":"/dev/sdb","pv_uuid":"P","pv_pe_count":"40","pv_pe_alloc_count":"{{40 - free}}","pv_missing":""}],
          "lv":[{{string.Join(",", volumes)}}],"seg":[{{segment}}]}]}
        """));
}
