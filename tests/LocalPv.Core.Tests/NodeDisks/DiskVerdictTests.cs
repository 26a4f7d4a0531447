using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.NodeDisks;

public sealed class DiskVerdictTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");
    private static readonly DevicePath ById = DevicePath.Parse("/dev/disk/by-id/nvme-A");
    private static readonly DiskRule Named = new() { Paths = [ById] };

    private static readonly ObservedDisk Blank =
        new(DevicePath.Parse("/dev/nvme0n1"), [ById], DiskId.Parse("nvme-A"), Bytes.FromGibibytes(100));

    [Fact]
    public void On_ABlankNamedDisk_IsUsableUnderItsName()
    {
        var verdict = On(Blank, Named);
        Assert.Equal((DiskState.Usable, "", ById, false), (verdict.State, verdict.Reason, verdict.Path, verdict.WipeFirst));
    }

    public static TheoryData<string, ObservedDisk, string> Refusals => new()
    {
        { "unreadable", Blank with { Readable = false }, "could not be read" },
        { "read-only", Blank with { ReadOnly = true }, "read-only" },
        { "mounted", Blank with { MountPoint = "/data" }, "in use at /data" },
        { "held", Blank with { Holder = "md0" }, "held by md0" },
        { "partitioned", Blank with { Partitioned = true }, "partition" },
        { "signature", Blank with { Signature = "xfs" }, "signature of xfs" },
        { "orphan", Blank with { Signature = "LVM2_member" }, "signature of LVM2_member" },
        { "other group", Blank with { Signature = "LVM2_member", VolumeGroup = VolumeGroupName.Parse("data") }, "volume group data" },
        { "no identity", Blank with { Id = null }, "no stable identity" },
        { "tiny", Blank with { Size = Bytes.FromMebibytes(4) }, "too little" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void On_ADiskThatMustNotBeTouched_IsRefusedWithTheReason(string why, ObservedDisk disk, string reason)
    {
        var verdict = On(disk, Named);
        Assert.True(DiskState.Refused == verdict.State, why);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void On_ASignature_MayBeWipedWhereTheAdministratorSaysSo()
    {
        var rule = Named with { WipeSignaturesOf = [ById] };
        Assert.True(On(Blank with { Signature = "xfs" }, rule) is { State: DiskState.Usable, WipeFirst: true });
        Assert.True(On(Blank with { Partitioned = true }, rule) is { State: DiskState.Usable, WipeFirst: true });
        Assert.True(On(Blank, rule) is { State: DiskState.Usable, WipeFirst: false });
    }

    // Such an order stands for ever, and after the next start the name may be another disk's.
    [Fact]
    public void On_ASignatureOfADiskThatIsNotNamed_IsWipedByItsIdentityOnly()
    {
        Assert.True(PathPattern.TryParse("/dev/nvme*", out var any));
        var byRule = new DiskRule { Match = [any] };
        var old = Blank with { Signature = "xfs" };
        var byKernel = On(old, byRule with { WipeSignaturesOf = [Blank.Path] });
        Assert.Equal(DiskState.Refused, byKernel.State);
        Assert.Contains($"list {ById} in spec.disks.wipeSignaturesOf", byKernel.Reason, StringComparison.Ordinal);
        Assert.True(On(old, byRule with { WipeSignaturesOf = [ById] }) is { State: DiskState.Usable, WipeFirst: true });
        Assert.True(On(old, new DiskRule { Paths = [Blank.Path], WipeSignaturesOf = [Blank.Path] }) is { WipeFirst: true });
    }

    [Fact]
    public void On_ADiskInUse_IsRefusedEvenWhereItMayBeWiped()
    {
        var rule = Named with { WipeSignaturesOf = [ById] };
        ObservedDisk[] used =
        [
            Blank with { Signature = "xfs", MountPoint = "/" }, Blank with { Signature = "xfs", Holder = "dm-0" },
            Blank with { Signature = "xfs", ReadOnly = true }, Blank with { VolumeGroup = VolumeGroupName.Parse("data") },
        ];
        Assert.All(used, disk => Assert.Equal(DiskState.Refused, On(disk, rule).State));
    }

    [Fact]
    public void On_ADiskOfTheGroup_IsInIt_ThoughNothingNamesItAnyMore()
    {
        var member = Blank with { Signature = "LVM2_member", VolumeGroup = Fast };
        Assert.Equal(DiskState.InGroup, On(member, Named).State);
        Assert.Equal(DiskState.InGroup, On(member, new DiskRule()).State);
    }

    [Theory]
    [InlineData("/dev/disk/by-id/nvme-*", 0, null, DiskState.Usable)]
    [InlineData("/dev/nvme?n1", 100, false, DiskState.Usable)]
    [InlineData("/dev/disk/by-id/scsi-*", 0, null, DiskState.NotChosen)]
    [InlineData("/dev/*", 101, null, DiskState.NotChosen)]
    [InlineData("/dev/*", 0, true, DiskState.NotChosen)]
    public void On_ADiskOfARule_IsChosenByPathSizeAndKind(string pattern, long minGibibytes, bool? rotational, DiskState state)
    {
        Assert.True(PathPattern.TryParse(pattern, out var parsed));
        var rule = new DiskRule { Match = [parsed], MinSize = Bytes.FromGibibytes(minGibibytes), Rotational = rotational };
        Assert.Equal(state, On(Blank, rule).State);
    }

    // A kubelet puts a loop device before every block volume of a Pod: what a rule takes there is a tenant's data.
    [Theory]
    [InlineData("/dev/*")]
    [InlineData("/dev/loop*")]
    [InlineData("/dev/loop7")]
    public void On_ALoopDevice_IsChosenByAPathOnly(string pattern)
    {
        Assert.True(PathPattern.TryParse(pattern, out var parsed));
        var loop = new ObservedDisk(DevicePath.Parse("/dev/loop7"), [], DiskId.Parse("file:/x"), Bytes.FromGibibytes(1)) { Loop = true };
        var verdict = On(loop, new DiskRule { Match = [parsed] });
        Assert.Equal(DiskState.NotChosen, verdict.State);
        Assert.Contains("loop device", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(DiskState.Usable, On(loop, new DiskRule { Paths = [loop.Path] }).State);
    }

    [Fact]
    public void On_ADiskThatCameJustNow_IsTakenWhereItIsNamedOnly()
    {
        var late = Blank with { IsNew = true };
        var verdict = On(late, new DiskRule { Match = [DiskRule.EveryDisk] });
        Assert.Equal(DiskState.NotChosen, verdict.State);
        Assert.Contains("some minutes", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(DiskState.Usable, On(late, Named).State);
    }

    [Fact]
    public void On_ANamedDisk_TheLimitsOfTheRuleDoNotApply()
    {
        var rule = Named with { Match = [DiskRule.EveryDisk], MinSize = Bytes.FromGibibytes(200), Rotational = true };
        Assert.Equal(DiskState.Usable, On(Blank, rule).State);
    }

    [Fact]
    public void On_AnotherDiskUnderAKnownName_IsReplacedAndKeepsTheOldIdentity()
    {
        var verdict = DiskVerdict.On(Blank, Named, Fast, ExtentSize.Default, DiskId.Parse("nvme-OLD"));
        Assert.Equal((DiskState.Replaced, DiskId.Parse("nvme-OLD")), (verdict.State, verdict.Id));
    }

    [Theory]
    [InlineData("/dev/*", "/dev/sda", true)]
    [InlineData("/dev/*", "/dev/disk/by-id/x", false)]
    [InlineData("/dev/sd?", "/dev/sda", true)]
    [InlineData("/dev/sd?", "/dev/sdaa", false)]
    [InlineData("/dev/disk/*/nvme-*", "/dev/disk/by-id/nvme-A", true)]
    [InlineData("/dev/*a*b*c", "/dev/xaabbabc", true)]
    [InlineData("/dev/*a*b*c", "/dev/xaabbabcd", false)]
    [InlineData("/dev/disk/by-id/*", "/dev/disk/by-id/a/b", false)]
    [InlineData("/dev/SDA", "/dev/sda", false)]
    public void Pattern_MatchesAsAShellDoes(string pattern, string path, bool matches)
    {
        Assert.True(PathPattern.TryParse(pattern, out var parsed));
        Assert.Equal(matches, parsed.Matches(path));
    }

    private static DiskVerdict On(ObservedDisk disk, DiskRule rule) => DiskVerdict.On(disk, rule, Fast, ExtentSize.Default);
}
