using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// A disk goes while a volume is made on it, and another group has the name at once: what is not in that one may be on the first.
/// </summary>
public sealed class ReplacedWhileMadeTests : ICommandRunner
{
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");

    private static readonly NodeStorageRequest.CreateLogicalVolume Creation = new(
        Fast, LogicalVolumeName.Parse("pvc-uid-1"), new ExtentCount(3), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + "uid-1")])
    {
        GroupUuid = "first",
    };

    private string _uuid = "first";
    private string _after = "first";
    private string _error = "";

    [Theory]
    [InlineData("Error writing device /dev/sdb at 4096 length 512.", "first", OutcomeKind.Unavailable)]
    [InlineData("Error writing device /dev/sdb at 4096 length 512.", "second", OutcomeKind.InDoubt)]
    [InlineData("Volume group \"fast\" has insufficient free space", "first", OutcomeKind.NoSpace)]
    [InlineData("Cannot change VG fast while PVs are missing.", "second", OutcomeKind.Rejected)]
    public async Task CreateLogicalVolume_ThatFailsForNoKnownReason_LeftNothingOnlyWhereTheGroupIsStillThere(
        string error, string after, OutcomeKind expected)
    {
        (_error, _after) = (error, after);
        var storage = new LvmNodeStorage(new LvmOptions(), this, PaperFiles.Recorded);
        Assert.Equal(expected, (await storage.RunAsync(Creation, CancellationToken.None)).Kind);
    }

    Task<CommandResult> ICommandRunner.RunAsync(Command command, CancellationToken cancellationToken)
    {
        var makes = command.ToString().Split(' ').Contains("lvcreate");
        _uuid = makes ? _after : _uuid;
        return Task.FromResult(new CommandResult(
            CommandEnd.Exited, makes ? 5 : 0, makes ? "" : Report(_uuid), makes ? _error : "", Truncated: false));
    }

    private static string Report(string uuid) =>
        $$"""
        {"report":[{"vg":[{"vg_name":"fast","vg_uuid":"{{uuid}}","vg_extent_size":"4194304","vg_extent_count":"10","vg_tags":"localpv.io"}],
          "pv":[{"pv_name":"/dev/sdb","pv_uuid":"P","pv_pe_count":"10","pv_pe_alloc_count":"0","pv_missing":""}],
          "lv":[],"seg":[]}]}
        """;
}
