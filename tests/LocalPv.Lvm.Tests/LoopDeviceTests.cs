using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm.Tests;

/// <summary>Loop devices: those that show a file may be disks, those that show a block device are that device again.</summary>
[Collection(nameof(LoopDevices))]
public sealed class LoopDeviceTests
{
    [Fact]
    public async Task Scan_LeavesOutALoopDeviceThatShowsABlockDevice()
    {
        Assert.Equal(["/dev/loop0 True", "/dev/sdb False"], await ScanAsync(new LvmOptions(), Reporting));
        var named = new LvmOptions { Devices = [DevicePath.Parse("/dev/loop1")] };
        Assert.Equal(["/dev/loop1 True"], await ScanAsync(named, Reporting));
    }

    [Fact]
    public async Task Report_LooksAtNoLoopDeviceButThoseThatShowAFile()
    {
        var runner = Reporting;
        await ScanAsync(new LvmOptions(), runner);
        Assert.Contains(
            "devices{filter=[\"a|^/dev/loop0(p[0-9]+)?$|\",\"r|^/dev/loop[0-9]|\"]}", runner.Commands[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "\"a|^/dev/loop0(p[0-9]+)?$|\",\"r|^/dev/loop[0-9]|\"")]
    [InlineData("global_filter=[\"a|^/dev/sd|\",\"r|.*|\"]", "\"r|^/dev/loop1(p[0-9]+)?$|\",\"a|^/dev/sd|\",\"r|.*|\"")]
    [InlineData("global_filter=\"r|^/dev/sdz|\"", "\"r|^/dev/loop1(p[0-9]+)?$|\",\"r|^/dev/sdz|\"")]
    public async Task Report_InTheHost_HidesWhatTheHostHidesToo(string setting, string expected)
    {
        const string none = "  Configuration node devices/global_filter not found";
        var config = new CommandResult(CommandEnd.Exited, setting.Length == 0 ? 5 : 0, setting, none, Truncated: false);
        var runner = Reporting.Answer("lvmconfig", config);
        await ScanAsync(new LvmOptions { InHost = true }, runner);
        var report = Assert.Single(runner.Commands, command => command.Contains("fullreport", StringComparison.Ordinal));
        Assert.EndsWith($"--config devices{{global_filter=[{expected}]}}", report, StringComparison.Ordinal);
    }

    /// <summary>Without it a group within somebody's volume would be seen, through the kubelet's loop device.</summary>
    [Fact]
    public async Task Report_InAHostWhoseSettingCannotBeRead_IsNotMade()
    {
        foreach (var config in new[]
        {
            new CommandResult(CommandEnd.Killed, -1, "", "", Truncated: false),
            new CommandResult(CommandEnd.Exited, 5, "", "  Parse error at byte 7 (line 1): unexpected token", Truncated: false),
            new CommandResult(CommandEnd.Exited, 0, "what?", "", Truncated: false),
        })
        {
            var runner = Reporting.Answer("lvmconfig", config);
            var scanned = await new LvmNodeStorage(new LvmOptions { InHost = true }, runner, Files)
                .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
            Assert.Equal(OutcomeKind.Unavailable, scanned.Kind);
            Assert.Contains("lvmconfig", scanned.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(runner.Commands, command => command.Contains("fullreport", StringComparison.Ordinal));
        }
    }

    // The kernel's own word, on real devices.
    [Fact]
    public void LoopDevice_ShowsAFileOrAnotherDevice()
    {
        using var bench = new LoopBench([2, 2]);
        var over = bench.AttachOver(bench.Disks[1]);
        var files = new NodeFiles();
        Assert.Equal([true, true, false], new[] { bench.Disks[0].Path, bench.Disks[1].Path, over }.Select(files.ShowsFile));
        Assert.False(files.ShowsFile(DevicePath.Parse("/dev/null")));
        Assert.False(files.ShowsFile(DevicePath.Parse("/dev/none")));
        var seen = new BlockDevices(files, []).List().Value.Select(device => device.Path).ToArray();
        Assert.Contains(bench.Disks[0].Path, seen);
        Assert.DoesNotContain(over, seen);
    }

    private static ScriptedRunner Reporting => new ScriptedRunner().Answer("fullreport", """{"report":[]}""");

    // A disk, a loop device over a file, and one of a kubelet's.
    private static PaperFiles Files
    {
        get
        {
            var files = new PaperFiles().WithDisk("sdb", "B");
            foreach (var (name, file) in new[] { ("loop0", "/images/disk.img"), ("loop1", "/var/lib/kubelet/volumeDevices/pvc-1/uid-1") })
            {
                files[$"/sys/block/{name}/range"] = "1";
                files[$"/sys/class/block/{name}/dev"] = "7:" + name[^1];
                files[$"/sys/class/block/{name}/size"] = "2097152";
                files[$"/sys/class/block/{name}/loop/backing_file"] = file;
            }

            files.LoopsOfFiles.Add("/dev/loop0");
            return files;
        }
    }

    private static async Task<string[]> ScanAsync(LvmOptions options, ScriptedRunner runner)
    {
        var outcome = await new LvmNodeStorage(options, runner, Files).RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        var scan = Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan;
        return [.. scan.Disks.Select(disk => $"{disk.Path} {disk.Loop}")];
    }
}
