using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>Which devices the commands of a request may look at, and what becomes of one that never answers.</summary>
public sealed class SickDeviceTests
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");
    private static readonly ClaimUid Claim = ClaimUid.Parse("uid-1");
    private static readonly LogicalVolumeName Name = LogicalVolumeName.Parse("pvc-uid-1");
    private static readonly CommandResult Killed = new(CommandEnd.Killed, -1, "", "", Truncated: false);

    private static readonly NodeStorageRequest.CreateLogicalVolume Creation = new(
        Fast, Name, new ExtentCount(1), Layout.Linear, [LvmTag.Parse(WellKnown.OurTag)]);

    private static PaperFiles TwoDisks => new PaperFiles().WithDisk("sdb", "B").WithDisk("sdc", "C");

    [Fact]
    public async Task Scan_WithADeviceThatNeverAnswers_LeavesItOutAndTellsOfTheOthers()
    {
        // LVM hangs as long as it may look at /dev/sdc.
        var runner = new FakeNode
        {
            Answer = text => text.EndsWith("--no-act /dev/sdc", StringComparison.Ordinal)
                || (text.Contains("fullreport", StringComparison.Ordinal) && !text.Contains("r|^/dev/sdc$|", StringComparison.Ordinal))
                    ? Killed
                    : null,
        };
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        for (var time = 0; time < 3; time++)
        {
            var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
            var scan = Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan;
            Assert.NotNull(scan.Group(Fast));
            Assert.Equal([true, false], scan.Disks.Select(disk => disk.Readable));
        }

        Assert.Equal(1, runner.Count("wipefs --json --no-act /dev/sdc"));
        Assert.Equal(4, runner.Count("fullreport"));
    }

    [Fact]
    public async Task Group_OnADiskThatAnswersAgain_IsSeenAgainThoughItsVolumesHoldTheDisk()
    {
        var hangs = true;
        var runner = new FakeNode
        {
            Answer = text => hangs && (text.EndsWith("--no-act /dev/sdb", StringComparison.Ordinal)
                || (text.Contains("fullreport", StringComparison.Ordinal) && !text.Contains("r|^/dev/sdb$|", StringComparison.Ordinal)))
                    ? Killed
                    : text.Contains("r|^/dev/sdb$|", StringComparison.Ordinal)
                        ? new CommandResult(CommandEnd.Exited, 0, """{"report":[]}""", "", Truncated: false)
                        : null,
        };
        var time = new StoppedClock();
        var files = new PaperFiles().WithDisk("sdb", "B").WithDisk("sdc", "C");
        files["/sys/class/block/sdb/holders/dm-0"] = "";
        var storage = new LvmNodeStorage(new LvmOptions { Time = time }, runner, files);
        var sick = await ScanAsync(storage);
        Assert.Null(sick.Group(Fast));
        Assert.Equal([false, true], sick.Disks.Select(disk => disk.Readable));
        hangs = false;
        Assert.Null((await ScanAsync(storage)).Group(Fast));
        time.Now += TimeSpan.FromMinutes(1);
        Assert.NotNull((await ScanAsync(storage)).Group(Fast));
    }

    [Fact]
    public async Task Report_ThatHangsThoughEveryDeviceAnswers_IsUnavailable()
    {
        var runner = new FakeNode { Answer = text => text.Contains("fullreport", StringComparison.Ordinal) ? Killed : null };
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner, TwoDisks)
            .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Equal(3, runner.Count("fullreport"));
    }

    [Fact]
    public async Task Scan_AsksNoDiskThatIsInAGroupOrInUse()
    {
        var runner = new FakeNode();
        await new LvmNodeStorage(new LvmOptions(), runner, TwoDisks).RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(0, runner.Count("--no-act /dev/sdb"));
        Assert.Equal(1, runner.Count("--no-act /dev/sdc"));
    }

    // One after another they would take longer than a scan may.
    [Fact]
    public async Task Scan_WithManyDevicesThatNeverAnswer_AsksThemTogether_AndRemembersThoseThatItHadNoTimeFor()
    {
        var files = Enumerable.Range(0, 12).Aggregate(
            new PaperFiles().WithDisk("sdb", "B"), (all, number) => all.WithDisk($"sdx{(char)('a' + number)}", $"X{number}"));
        var runner = new FakeNode { NeverAnswers = "--no-act /dev/sdx" };
        var storage = new LvmNodeStorage(new LvmOptions { ProbeTimeLimit = TimeSpan.FromSeconds(2) }, runner, files);
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(1.5));
        await storage.RunAsync(new NodeStorageRequest.Scan(), impatient.Token);
        Assert.Equal((8, 8), (runner.Count("--no-act /dev/sdx"), runner.AtOnceMax));
        var scan = await ScanAsync(storage);
        Assert.Equal(12, runner.Count("--no-act /dev/sdx"));
        Assert.Equal(["/dev/sdb"], scan.Disks.Where(disk => disk.Readable).Select(disk => disk.Path.Value));
    }

    [Fact]
    public async Task Report_ThatIsGivenUpAtOnce_MakesNoDeviceSuspect()
    {
        var runner = new FakeNode { NeverAnswers = "fullreport" };
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(100)))
        {
            var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), impatient.Token);
            Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
            Assert.Contains("was given up", outcome.Message, StringComparison.Ordinal);
        }

        runner.NeverAnswers = null;
        await ScanAsync(storage);
        Assert.Equal((0, 1), (runner.Count("--no-act /dev/sdb"), runner.Count("--no-act /dev/sdc")));
    }

    [Fact]
    public async Task Report_ThatIsGivenUpAfterOneThatHung_DoesNotMakeTheDevicesWell()
    {
        var runner = new FakeNode { Answer = text => text.Contains("fullreport", StringComparison.Ordinal) ? Killed : null };
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        (runner.Answer, runner.NeverAnswers) = (_ => null, "fullreport");
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
        {
            await storage.RunAsync(new NodeStorageRequest.Scan(), impatient.Token);
        }

        runner.NeverAnswers = null;
        var asked = runner.Count("--no-act /dev/sdb");
        await ScanAsync(storage);
        await ScanAsync(storage);
        Assert.Equal(asked + 1, runner.Count("--no-act /dev/sdb"));
    }

    [Fact]
    public async Task RequestsAboutAGroup_LookAtItsDisksOnly()
    {
        var runner = new FakeNode();
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        runner.Commands.Clear();
        await storage.RunAsync(Creation with { Name = LogicalVolumeName.Parse("pvc-2") }, CancellationToken.None);
        await storage.RunAsync(
            new NodeStorageRequest.RemoveLogicalVolume(Fast, Name, Claim, WipePolicy.Zero), CancellationToken.None);
        await storage.RunAsync(
            new NodeStorageRequest.ExtendLogicalVolume(Fast, Name, Claim, new ExtentCount(9)), CancellationToken.None);
        var lvm = runner.Commands.Where(command => command.StartsWith("lvm ", StringComparison.Ordinal)).ToArray();
        Assert.Contains(lvm, command => command.Contains("lvremove", StringComparison.Ordinal));
        Assert.All(lvm, command => Assert.Contains("filter=[\"a|^/dev/sdb$|\",\"r|.*|\"]", command, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CreateLogicalVolume_InAGroupThatSomebodyGaveAnotherDisk_IsTriedWithThatToo()
    {
        var runner = new FakeNode();
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        runner.Commands.Clear();
        runner.SecondDisk = true;
        runner.Answer = text => text.Contains("lvcreate", StringComparison.Ordinal) && !text.Contains("/dev/sdd", StringComparison.Ordinal)
            ? new CommandResult(CommandEnd.Exited, 5, "", "  Cannot change VG fast while PVs are missing.", Truncated: false)
            : null;
        Assert.True((await storage.RunAsync(Creation, CancellationToken.None)).IsDone);
        Assert.Equal(2, runner.Count("lvcreate"));
    }

    [Fact]
    public async Task CreateLogicalVolume_InAGroupThatReallyMissesADisk_IsRejected()
    {
        var runner = new FakeNode();
        var storage = new LvmNodeStorage(new LvmOptions(), runner, TwoDisks);
        await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        runner.Answer = text => text.Contains("lvcreate", StringComparison.Ordinal)
            ? new CommandResult(CommandEnd.Exited, 5, "", "  Cannot change VG fast while PVs are missing.", Truncated: false)
            : null;
        var request = Creation with { Name = LogicalVolumeName.Parse("pvc-2") };
        Assert.Equal(OutcomeKind.Rejected, (await storage.RunAsync(request, CancellationToken.None)).Kind);
    }

    private static async Task<NodeScan> ScanAsync(LvmNodeStorage storage)
    {
        var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        return Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan;
    }

    private sealed class StoppedClock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    /// <summary>A node with the group on /dev/sdb, and a blank disk /dev/sdc; more where a test says so.</summary>
    private sealed class FakeNode : ICommandRunner
    {
        internal List<string> Commands { get; } = [];

        /// <summary>What a command ends with; null for the usual.</summary>
        internal Func<string, CommandResult?> Answer { get; set; } = _ => null;

        /// <summary>Whether /dev/sdd belongs to the group too.</summary>
        internal bool SecondDisk { get; set; }

        /// <summary>A part of the commands that end only when they are killed; null for none.</summary>
        internal string? NeverAnswers { get; set; }

        /// <summary>How many of these ran at the same time.</summary>
        internal int AtOnceMax { get; private set; }

        private int _atOnce;

        public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
        {
            var text = command.ToString();
            lock (Commands)
            {
                Commands.Add(text);
            }

            if (NeverAnswers is { } part && text.Contains(part, StringComparison.Ordinal))
            {
                AtOnceMax = Math.Max(AtOnceMax, Interlocked.Increment(ref _atOnce));
                await Task.WhenAny(Task.Delay(command.TimeLimit, cancellationToken));
                Interlocked.Decrement(ref _atOnce);
                return Killed with { End = cancellationToken.IsCancellationRequested ? CommandEnd.GivenUp : CommandEnd.Killed };
            }

            var seesSecond = text.Contains("sdd", StringComparison.Ordinal) || !text.Contains("\"a|", StringComparison.Ordinal);
            var output = text.Contains("fullreport", StringComparison.Ordinal) ? Report(seesSecond)
                : "";
            return Answer(text) ?? new CommandResult(CommandEnd.Exited, 0, output, "", Truncated: false);
        }

        internal int Count(string part) => Commands.Count(command => command.Contains(part, StringComparison.Ordinal));

        // With a filter that leaves out the second disk, the group misses it.
        private string Report(bool seesSecond)
        {
            const string row = "\"pv_pe_count\":\"10\",\"pv_pe_alloc_count\":\"1\",\"pv_missing\"";
            var second = !SecondDisk ? ""
                : seesSecond ? $$""",{"pv_name":"/dev/sdd","pv_uuid":"Q",{{row}}:""}"""
                : $$""",{"pv_name":"[unknown]","pv_uuid":"Q",{{row}}:"missing"}""";
            return $$"""
                {"report":[{
                  "vg":[{"vg_name":"fast","vg_uuid":"U","vg_extent_size":"4194304","vg_extent_count":"10","vg_tags":"localpv.io"}],
                  "pv":[{"pv_name":"/dev/sdb","pv_uuid":"P",{{row}}:""}{{second}}],
                  "lv":[{"lv_name":"pvc-uid-1","lv_uuid":"L","lv_size":"4194304","lv_tags":"localpv.io,localpv.io/claim=uid-1",
                    "lv_active":"active","lv_attr":"-wi-a-----","lv_device_open":"","pool_lv":""}],"seg":[]}]}
                """;
        }
    }
}
