using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>Volumes that are not wiped whole by writing to them, or that others depend on: nothing of them is removed.</summary>
public sealed class VolumeRemovalTests
{
    private static readonly NodeStorageRequest Removal = new NodeStorageRequest.RemoveLogicalVolume(
        VolumeGroupName.Parse("fast"), LogicalVolumeName.Parse("pvc-uid-1"), ClaimUid.Parse("uid-1"), WipePolicy.Zero);

    // What LVM says of an image that a write failed on, and of one whose device came back under another name.
    [Theory]
    [InlineData("rwi-a-r-r-")]
    [InlineData("Rwi-a-r-r-")]
    [InlineData("rwi-a-r-X-")]
    public async Task Mirrored_WithAnImageThatGetsNoWrites_IsNotTouched(string attributes)
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(attributes));
        var outcome = await RunAsync(runner);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("lvchange --refresh fast/pvc-uid-1", outcome.Message, StringComparison.Ordinal);
        Assert.Single(runner.Commands);
    }

    [Theory]
    [InlineData("rwi-a-r---")]
    [InlineData("rwi-a-r-m-")]
    public async Task Mirrored_WhoseImagesGetAllWrites_IsWipedAndRemoved(string attributes) =>
        Assert.IsType<NodeStorageAnswer.Removed>(
            (await RunAsync(new ScriptedRunner().Answer("fullreport", Report(attributes)))).Value);

    // The part that was wiped is not counted as wiped, whether it was the last or not.
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Mirrored_WhoseImageFailsWhileItIsWiped_IsNotRemoved(int minutesForAPart)
    {
        var before = new ScriptedRunner().Answer("fullreport", Report("rwi-a-r---", size: 64 << 20));
        var after = new ScriptedRunner().Answer("fullreport", Report("rwi-a-r-r-", size: 64 << 20));
        var options = new LvmOptions { WipePart = TimeSpan.FromMinutes(minutesForAPart) };
        var outcome = await RunAsync(new FailingRunner(before, after), options);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.DoesNotContain(after.Commands, command => command.Contains("lvremove", StringComparison.Ordinal));
        Assert.DoesNotContain(after.Commands, command => command.Contains("--addtag", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("owi-a-s---", """{"lv_name":"backup","lv_attr":"swi-a-s---","origin":"pvc-uid-1",""")]
    [InlineData("owi-a-----", """{"lv_name":"backup","lv_attr":"Vwi-a-tz--","origin":"pvc-uid-1",""")]
    [InlineData("Owi-a-s---", """{"lv_name":"other","lv_attr":"-wi-a-----","origin":"",""")]
    public async Task Volume_ThatSomebodyMadeASnapshotOf_IsNotTouched(string attributes, string other)
    {
        var runner = new ScriptedRunner().Answer("fullreport", Report(attributes, other));
        var outcome = await RunAsync(runner);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains(attributes[0] == 'O' ? "being merged" : "backup", outcome.Message, StringComparison.Ordinal);
        Assert.Single(runner.Commands);
    }

    /// <summary>What was wiped lies in the snapshot, and lvremove would remove both.</summary>
    [Fact]
    public async Task Volume_ThatSomebodyMakesASnapshotOfWhileItIsWiped_IsNotRemoved()
    {
        const string snapshot = """{"lv_name":"backup","lv_attr":"swi-a-s---","origin":"pvc-uid-1",""";
        var before = new ScriptedRunner().Answer("fullreport", Report("-wi-a-----", size: 64 << 20));
        var after = new ScriptedRunner().Answer("fullreport", Report("owi-a-s---", snapshot, size: 64 << 20));
        var outcome = await RunAsync(new FailingRunner(before, after), new LvmOptions { WipePart = TimeSpan.FromHours(1) });
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("backup", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(after.Commands, command => command.Contains("lvremove", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Vwi-a-tz--", """{"lv_name":"backup","lv_attr":"Vwi---tz-k","origin":"pvc-uid-1",""")]
    [InlineData("owi-a-s---", """{"lv_name":"backup","lv_attr":"swi-a-s---","origin":"pvc-uid-2",""")]
    public async Task Volume_WithAThinSnapshot_OrBesideASnapshotOfAnother_IsRemoved(string attributes, string other) =>
        Assert.IsType<NodeStorageAnswer.Removed>(
            (await RunAsync(new ScriptedRunner().Answer("fullreport", Report(attributes, other)))).Value);

    private static async Task<Outcome<NodeStorageAnswer>> RunAsync(ICommandRunner runner, LvmOptions? options = null) =>
        await new LvmNodeStorage(options ?? new LvmOptions(), runner, PaperFiles.Recorded).RunAsync(Removal, CancellationToken.None);

    private static string Report(string attributes, string other = "", long size = 4 << 20)
    {
        const string rest = "\"lv_uuid\":\"L\",\"lv_active\":\"active\",\"lv_device_open\":\"\",\"lv_tags\":";
        var type = attributes[0] switch { 'r' or 'R' => "raid1", 'V' => "thin", _ => "linear" };
        var second = other.Length == 0 ? "" : $$""",{{other}}"lv_size":"4194304","pool_lv":"",{{rest}}""}""";
        return $$"""
            {"report":[{"vg":[{"vg_name":"fast","vg_uuid":"U","vg_extent_size":"4194304","vg_extent_count":"10","vg_tags":"localpv.io"}],
              "pv":[{"pv_name":"/dev/sdb","pv_uuid":"P","pv_pe_count":"40","pv_pe_alloc_count":"0","pv_missing":""}],
              "lv":[{"lv_name":"pvc-uid-1","lv_attr":"{{attributes}}","origin":"","lv_size":"{{size}}","pool_lv":"",
                {{rest}}"localpv.io,localpv.io/claim=uid-1"}{{second}}],
              "seg":[{"lv_name":"pvc-uid-1","segtype":"{{type}}","stripes":"2"}]}]}
            """;
    }

    /// <summary>The first wipe changes what is reported.</summary>
    private sealed class FailingRunner(ScriptedRunner before, ScriptedRunner after) : ICommandRunner
    {
        private bool _hasFailed;

        public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
        {
            _hasFailed |= command.Program == "blkdiscard";
            return (_hasFailed ? after : before).RunAsync(command, cancellationToken);
        }
    }
}
