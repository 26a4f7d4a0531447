using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>What the backend asks of LVM and makes of endings that real commands do not give on demand.</summary>
public sealed class LvmNodeStorageTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");
    private static readonly ClaimUid Claim = ClaimUid.Parse("uid-1");
    private static readonly LogicalVolumeName Name = LogicalVolumeName.Parse("pvc-uid-1");

    private static readonly NodeStorageRequest.CreateLogicalVolume Creation = new(
        Fast, Name, new ExtentCount(3), new Layout(LayoutType.Striped, Stripes: 2),
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + Claim.Value)]);

    [Fact]
    public async Task CreateLogicalVolume_IsOneCommandWithItsTags()
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report());
        await Run(runner, Creation);
        Assert.Contains(
            "lvm lvcreate --yes --activate y --wipesignatures y --zero y --stripes 2 --extents 3 "
                + "--addtag localpv.io --addtag localpv.io/claim=uid-1 --name pvc-uid-1 fast",
            Essence(runner));
    }

    [Fact]
    public async Task CreateLogicalVolume_ThatExitsWithZeroAndIsNotThere_IsInDoubt()
    {
        var outcome = await Run(new ScriptedRunner().Answer("fullreport", Report()), Creation);
        Assert.Equal(OutcomeKind.InDoubt, outcome.Kind);
    }

    [Fact]
    public async Task CreateLogicalVolume_ThatIsKilled_IsInDoubt()
    {
        var killed = new CommandResult(CommandEnd.Killed, -1, "", "", Truncated: false);
        var outcome = await Run(new ScriptedRunner().Answer("fullreport", Report()).Answer("lvcreate", killed), Creation);
        Assert.Equal(OutcomeKind.InDoubt, outcome.Kind);
    }

    [Theory]
    [InlineData("", OutcomeKind.Unavailable)]
    [InlineData("left", OutcomeKind.InDoubt)]
    public async Task CreateLogicalVolume_ThatFailsForNoKnownReason_IsInDoubtOnlyIfItLeftSomething(string left, OutcomeKind expected)
    {
        var failed = new CommandResult(CommandEnd.Exited, 5, "", "Error writing device /dev/sdb at 4096 length 512.", Truncated: false);
        var runner = new ScriptedRunner()
            .Answer("fullreport", Report(left.Length > 0 ? Volume("active", "") : "")).Answer("lvcreate", failed);
        var outcome = await Run(runner, Creation);
        Assert.Equal(expected, outcome.Kind);
        Assert.Contains("Error writing device", outcome.Message, StringComparison.Ordinal);
        var blind = new ScriptedRunner().Answer("fullreport", failed).Answer("lvcreate", failed);
        Assert.Equal(OutcomeKind.InDoubt, (await Run(blind, Creation)).Kind);
    }

    [Fact]
    public async Task Lvm_ThatIsMissing_IsUnavailable()
    {
        var missing = new CommandResult(CommandEnd.NotStarted, -1, "", "lvm cannot be run", Truncated: false);
        var runner = new ScriptedRunner().Answer("fullreport", missing);
        runner.Answer("lvcreate", missing);
        foreach (var request in new NodeStorageRequest[] { Creation, Removal(Claim), new NodeStorageRequest.Scan() })
        {
            var outcome = await Run(runner, request);
            Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
            Assert.Contains("Install lvm2", outcome.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Report_ThatCannotBeRead_IsUnavailableAndNothingIsChanged()
    {
        var runner = new ScriptedRunner().Answer("fullreport", "not json");
        Assert.Equal(OutcomeKind.Unavailable, (await Run(runner, Removal(Claim))).Kind);
        Assert.Single(runner.Commands);
    }

    [Theory]
    [InlineData(WipePolicy.Zero, "blkdiscard --zeroout --offset 0 --length 4194304 /dev/fast/pvc-uid-1")]
    [InlineData(WipePolicy.Discard, "fallocate --punch-hole --offset 0 --length 4194304 /dev/fast/pvc-uid-1")]
    [InlineData(WipePolicy.Signatures, "wipefs --all /dev/fast/pvc-uid-1")]
    public async Task RemoveLogicalVolume_WipesBeforeItRemoves(WipePolicy policy, string wipe)
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "")));
        Assert.True((await Run(runner, Removal(Claim) with { Wipe = policy })).IsDone);
        Assert.Equal([wipe, "lvm lvremove --yes --force fast/pvc-uid-1"], Changes(runner));
    }

    [Fact]
    public async Task RemoveLogicalVolume_WhoseWipeFails_RemovesNothing()
    {
        var failed = new CommandResult(CommandEnd.Exited, 1, "", "blkdiscard: ioctl failed: Input/output error", Truncated: false);
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", ""))).Answer("blkdiscard", failed);
        Assert.False((await Run(runner, Removal(Claim))).IsDone);
        Assert.DoesNotContain(runner.Commands, command => command.Contains("lvremove", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RemoveLogicalVolume_ThatIsInUseOrAnothers_TouchesNothing()
    {
        var open = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "open")));
        Assert.Equal(OutcomeKind.Unavailable, (await Run(open, Removal(Claim))).Kind);
        Assert.Single(open.Commands);
        var other = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "")));
        Assert.Equal(OutcomeKind.Rejected, (await Run(other, Removal(ClaimUid.Parse("uid-2")))).Kind);
        Assert.Single(other.Commands);
    }

    [Theory]
    [InlineData("""{"signatures":[{"device":"pvc-uid-1","offset":"0x438","type":"ext4"}]}""", OutcomeKind.Rejected)]
    [InlineData("garbage", OutcomeKind.Unavailable)]
    [InlineData(null, OutcomeKind.Unavailable)]
    public async Task RemoveLogicalVolume_OnlyUnused_OfWhichThatIsNotCertain_TouchesNothing(string? found, OutcomeKind expected)
    {
        var probed = new CommandResult(CommandEnd.Exited, found is null ? 1 : 0, found ?? "", "", Truncated: false);
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", ""))).Answer("wipefs", probed);
        Assert.Equal(expected, (await Run(runner, Removal(Claim) with { OnlyUnused = true })).Kind);
        Assert.Equal(2, runner.Commands.Count);
        Assert.StartsWith("wipefs --json --no-act ", runner.Commands[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RemoveLogicalVolume_ThatIsInactive_IsActivatedToBeWiped()
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("", "")));
        Assert.True((await Run(runner, Removal(Claim))).IsDone);
        Assert.Equal("lvm lvchange --activate y --yes fast/pvc-uid-1", Essence(runner)[1]);
    }

    [Theory]
    [InlineData(LayoutType.Raid1)]
    [InlineData(LayoutType.Thin)]
    public async Task CreateLogicalVolume_OfALayoutThatNeedsDevices_IsRefusedWithoutThem(LayoutType type)
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report());
        var storage = new LvmNodeStorage(new LvmOptions { Activation = false }, runner);
        var outcome = await storage.RunAsync(Creation with { Layout = new Layout(type) }, CancellationToken.None);
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Empty(runner.Commands);
    }

    [Fact]
    public async Task CreateLogicalVolume_OfMoreExtentsThanLvmCanCount_IsNoSpaceAndNeverAsked()
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report());
        foreach (var extents in new[] { uint.MaxValue, 1L << 32, long.MaxValue })
        {
            Assert.Equal(OutcomeKind.NoSpace, (await Run(runner, Creation with { Extents = new(extents) })).Kind);
        }

        Assert.Empty(runner.Commands);
    }

    [Fact]
    public async Task Scan_ReadsDisksPartitionsAndWhatHoldsThem()
    {
        var runner = new ScriptedRunner()
            .Answer("fullreport", """{"report":[]}""")
            .Answer("/dev/sdb", """{"signatures":[{"device":"sdb","offset":"0x438","type":"ext4","uuid":"x","label":null}]}""");
        var scan = Assert.IsType<NodeStorageAnswer.Scanned>((await Run(runner, new NodeStorageRequest.Scan())).Value).Scan;
        Assert.Equal(
            ["/dev/mapper/mpatha", "/dev/sda", "/dev/sda1", "/dev/sda2", "/dev/sdb", "/dev/sdd", "/dev/zram1"],
            scan.Disks.Select(disk => disk.Path.Value));
        var (system, crypt, data) = (scan.Disks[1], scan.Disks[3], scan.Disks[4]);
        Assert.Equal(("/boot", "dm-0", true), (system.MountPoint, system.Holder, system.Partitioned));
        Assert.Equal(("wwn:0x5002538d40a1b2c3", "SAMSUNG MZ7"), (system.Id?.Value, system.Model));
        Assert.Equal(("/", "dm-0", true), (crypt.MountPoint, crypt.Holder, crypt.Partitioned));
        Assert.Equal("wwn:0x5002538d40a1b2c3-part2", crypt.Id?.Value);
        Assert.Equal(("ext4", "serial:WD_42", true, false), (data.Signature, data.Id?.Value, data.Rotational, data.Partitioned));
        Assert.Equal((4000787030016, "WD 42"), (data.Size.Value, data.Serial));
        Assert.Equal(("/a b", true), (scan.Disks[5].MountPoint, scan.Disks[5].ReadOnly));
        Assert.Equal("[SWAP]", scan.Disks[6].MountPoint);
        Assert.Equal(2, runner.Commands.Count(command => command.StartsWith("wipefs", StringComparison.Ordinal)));
    }

    // Four bytes of heading, then the text: as sysfs gives the page of a SCSI disk.
    [Fact]
    public async Task Scan_OfAScsiDisk_ReadsItsSerialNumberFromItsPage()
    {
        var files = PaperFiles.Recorded;
        files["/run/udev/data/b8:16"] = "";
        files.Binary["/sys/class/block/sdb/device/vpd_pg80"] = [0, 0x80, 0, 6, .. "  WD-7"u8, 0, 0];
        var runner = new ScriptedRunner().Answer("fullreport", """{"report":[]}""");
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner, files)
            .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        var disk = Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan.Disks.Single(disk => disk.Path.Value == "/dev/sdb");
        Assert.Equal(("serial:WD-7", "WD-7"), (disk.Id?.Value, disk.Serial));
    }

    [Fact]
    public async Task Scan_WhereTheKernelsListIsNotSeen_IsUnavailableAndNamesTheRemedy()
    {
        var runner = new ScriptedRunner().Answer("fullreport", """{"report":[]}""");
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner, new PaperFiles())
            .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("/sys", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_OfDisksThatAreInGroupsOrInUse_IsOneProcess()
    {
        var files = new PaperFiles().WithDisk("sdb", "B");
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "")));
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner, files)
            .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(Fast, Assert.Single(Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan.Disks).VolumeGroup);
        Assert.Single(runner.Commands);
    }

    [Fact]
    public async Task Scan_OfADiskThatCannotBeProbed_SaysThatItIsUnreadable()
    {
        var broken = new CommandResult(CommandEnd.Exited, 1, "", "wipefs: error: probing initialization failed", Truncated: false);
        var runner = new ScriptedRunner()
            .Answer("fullreport", """{"report":[]}""").Answer("/dev/sdb", broken);
        var scan = Assert.IsType<NodeStorageAnswer.Scanned>((await Run(runner, new NodeStorageRequest.Scan())).Value).Scan;
        Assert.Equal(["/dev/sdb"], scan.Disks.Where(disk => !disk.Readable).Select(disk => disk.Path.Value));
    }

    [Fact]
    public async Task RemoveLogicalVolume_ThatTakesLong_IsWipedInPartsAndGoesOnWhereItEnded()
    {
        var options = new LvmOptions { WipePart = TimeSpan.Zero, WipeStep = Bytes.FromMebibytes(2) };
        var first = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "")));
        var outcome = await new LvmNodeStorage(options, first).RunAsync(Removal(Claim), CancellationToken.None);
        Assert.IsType<NodeStorageAnswer.Volume>(outcome.Value);
        Assert.Equal(
            [
                "blkdiscard --zeroout --offset 0 --length 2097152 /dev/fast/pvc-uid-1",
                "lvm lvchange --addtag localpv.io/wiped=zero:2097152 fast/pvc-uid-1",
            ],
            Essence(first).Skip(1).Take(2));
        var tagged = Volume("active", "").Replace(
            "claim=uid-1", "claim=uid-1,localpv.io/wiped=zero:2097152", StringComparison.Ordinal);
        var second = new ScriptedRunner().Answer("fullreport", Report(tagged));
        outcome = await new LvmNodeStorage(options, second).RunAsync(Removal(Claim), CancellationToken.None);
        Assert.IsType<NodeStorageAnswer.Removed>(outcome.Value);
        Assert.Equal(
            [
                "blkdiscard --zeroout --offset 2097152 --length 2097152 /dev/fast/pvc-uid-1",
                "lvm lvremove --yes --force fast/pvc-uid-1",
            ],
            Changes(second));
    }

    [Fact]
    public async Task RemoveLogicalVolume_OfALargeVolume_IsWipedInStepsThatDoubleWhileTheDiskIsQuick()
    {
        var large = Volume("active", "").Replace("4194304", (60L << 20).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var options = new LvmOptions { WipePart = TimeSpan.FromHours(1) };
        var runner = new ScriptedRunner().Answer("fullreport", Report(large));
        await new LvmNodeStorage(options, runner, PaperFiles.Recorded).RunAsync(Removal(Claim), CancellationToken.None);
        Assert.Equal([8, 16, 32, 4], WipedMebibytes(runner));

        // The first is kept before a second could be too much for a slow one.
        var slow = new ScriptedRunner().Answer("fullreport", Report(large));
        await new LvmNodeStorage(new LvmOptions { WipePart = TimeSpan.Zero }, slow, PaperFiles.Recorded)
            .RunAsync(Removal(Claim), CancellationToken.None);
        Assert.Equal([8], WipedMebibytes(slow));
        Assert.Contains("lvm lvchange --addtag localpv.io/wiped=zero:8388608 fast/pvc-uid-1", Essence(slow));
    }

    [Fact]
    public async Task ActivateLogicalVolume_WithADiskMissing_IsLeftToLvmOnlyWhereItIsMirrored()
    {
        const string segment = "{\"lv_name\":\"pvc-uid-1\",\"segtype\":\"raid1\",\"stripes\":\"2\"}";
        var partial = Report(Volume("", "").Replace("-wi-a-----", "rwi---r-p-", StringComparison.Ordinal));
        var mirrored = partial.Replace("\"seg\":[", "\"seg\":[" + segment, StringComparison.Ordinal);
        foreach (var (report, isNew) in new[] { (partial, false), (mirrored, true) })
        {
            var not = new ScriptedRunner().Answer("fullreport", report);
            var request = new NodeStorageRequest.ActivateLogicalVolume(Fast, Name, isNew ? Claim : null);
            Assert.Equal(OutcomeKind.Rejected, (await Run(not, request)).Kind);
            Assert.Single(not.Commands);
        }

        var runner = new ScriptedRunner().Answer("fullreport", mirrored);
        await Run(runner, new NodeStorageRequest.ActivateLogicalVolume(Fast, Name));
        Assert.Contains("lvm lvchange --activate y --yes fast/pvc-uid-1", Essence(runner));
    }

    [Fact]
    public async Task RemoveLogicalVolume_WipedInAnotherWayBefore_StartsAgain()
    {
        var tagged = Volume("active", "").Replace(
            "claim=uid-1", "claim=uid-1,localpv.io/wiped=discard:2097152", StringComparison.Ordinal);
        var runner = new ScriptedRunner().Answer("fullreport", Report(tagged));
        Assert.True((await Run(runner, Removal(Claim))).IsDone);
        Assert.Equal("blkdiscard --zeroout --offset 0 --length 4194304 /dev/fast/pvc-uid-1", Essence(runner)[1]);
    }

    [Fact]
    public async Task RemoveLogicalVolume_OnADiskThatCannotDiscard_WritesZeros()
    {
        var cannot = new CommandResult(
            CommandEnd.Exited, 1, "", "fallocate: fallocate failed: keep size mode is unsupported", Truncated: false);
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", ""))).Answer("fallocate", cannot);
        Assert.True((await Run(runner, Removal(Claim) with { Wipe = WipePolicy.Discard })).IsDone);
        Assert.Equal("blkdiscard --zeroout --offset 0 --length 4194304 /dev/fast/pvc-uid-1", Essence(runner)[2]);
    }

    [Fact]
    public async Task RemoveLogicalVolume_Thin_IsNotWrittenTo()
    {
        const string segment = "{\"lv_name\":\"pvc-uid-1\",\"segtype\":\"thin\",\"stripes\":\"0\"}";
        var report = Report(Volume("active", "")).Replace("\"seg\":[", "\"seg\":[" + segment, StringComparison.Ordinal);
        var runner = new ScriptedRunner().Answer("fullreport", report);
        Assert.True((await Run(runner, Removal(Claim))).IsDone);
        Assert.Equal(["lvm lvremove --yes --force fast/pvc-uid-1"], Essence(runner).Skip(1));
    }

    [Fact]
    public async Task ActivateLogicalVolume_OfANewVolume_ClearsWhatItsCreationMayHaveLeft()
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("", "")));
        Assert.True((await Run(runner, new NodeStorageRequest.ActivateLogicalVolume(Fast, Name, Claim))).IsDone);
        Assert.Equal(
            [
                "lvm lvchange --activate y --yes fast/pvc-uid-1",
                "wipefs --all /dev/fast/pvc-uid-1",
                "blkdiscard --zeroout --offset 0 --length 4096 /dev/fast/pvc-uid-1",
            ],
            Essence(runner).Skip(1).Take(3));
        var other = new ScriptedRunner().Answer("fullreport", Report(Volume("", "")));
        var request = new NodeStorageRequest.ActivateLogicalVolume(Fast, Name, ClaimUid.Parse("uid-2"));
        Assert.Equal(OutcomeKind.Rejected, (await Run(other, request)).Kind);
        var open = new ScriptedRunner().Answer("fullreport", Report(Volume("active", "open")));
        Assert.Equal(
            OutcomeKind.Unavailable, (await Run(open, new NodeStorageRequest.ActivateLogicalVolume(Fast, Name, Claim))).Kind);
        Assert.Single(open.Commands);
    }

    [Fact]
    public async Task Commands_InTheHost_RunInItsNamespacesWithItsSettings()
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(Volume("active", ""))).Answer("lvmconfig", "global_filter=\"a|.*|\"");
        await new LvmNodeStorage(new LvmOptions { InHost = true }, runner).RunAsync(Removal(Claim), CancellationToken.None);
        Assert.All(runner.Commands, command => Assert.StartsWith(
            "nsenter --target 1 --mount --uts --ipc --net -- ", command, StringComparison.Ordinal));
        Assert.Contains("-- lvm lvremove --yes --force fast/pvc-uid-1", runner.Commands[^1], StringComparison.Ordinal);
    }

    private static long[] WipedMebibytes(ScriptedRunner runner) =>
    [
        .. Essence(runner).Where(command => command.StartsWith("blkdiscard", StringComparison.Ordinal))
            .Select(command => long.Parse(command.Split(' ')[5], CultureInfo.InvariantCulture) >> 20),
    ];

    private static string[] Changes(ScriptedRunner runner) =>
        [.. Essence(runner).Where(command => !command.StartsWith("lvm fullreport", StringComparison.Ordinal))];

    // Without the settings that every command gets.
    private static string[] Essence(ScriptedRunner runner) =>
        [.. runner.Commands.Select(command => command.Split(" --config ")[0])];

    private static async Task<Outcome<NodeStorageAnswer>> Run(ScriptedRunner runner, NodeStorageRequest request) =>
        await new LvmNodeStorage(new LvmOptions(), runner, PaperFiles.Recorded).RunAsync(request, CancellationToken.None);

    private static NodeStorageRequest.RemoveLogicalVolume Removal(ClaimUid claim) => new(Fast, Name, claim, WipePolicy.Zero);

    private static string Volume(string active, string open) =>
        $$"""
        {"lv_name":"pvc-uid-1","lv_uuid":"L","lv_size":"4194304","lv_tags":"localpv.io,localpv.io/claim=uid-1","lv_active":"{{active}}",
         "lv_attr":"-wi-a-----","lv_device_open":"{{open}}","pool_lv":""}
        """;

    private static string Report(string volume = "") =>
        $$"""
        {"report":[{"vg":[{"vg_name":"fast","vg_uuid":"U","vg_extent_size":"4194304","vg_extent_count":"10","vg_tags":"localpv.io"}],
          "pv":[{"pv_name":"/dev/sdb","pv_uuid":"P","pv_pe_count":"10","pv_pe_alloc_count":"0","pv_missing":""}],
          "lv":[{{volume}}],"seg":[]}]}
        """;
}
