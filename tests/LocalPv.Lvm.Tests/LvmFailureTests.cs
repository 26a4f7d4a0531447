using LocalPv.Core.Outcomes;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>What lvm2 2.03.16 wrote to stderr, and what it means.</summary>
public sealed class LvmFailureTests
{
    [Theory]
    [InlineData(5, "  A volume group called vgt already exists.", OutcomeKind.AlreadyExists)]
    [InlineData(5, "  Logical Volume \"pvc-1\" already exists in volume group \"vgt\"", OutcomeKind.AlreadyExists)]
    [InlineData(5, "  Volume group \"vgt\" has insufficient free space (124 extents): 4000 required.", OutcomeKind.NoSpace)]
    [InlineData(5, "  Insufficient free space: 3996 extents needed, but only 124 available", OutcomeKind.NoSpace)]
    [InlineData(5, "  Insufficient suitable allocatable extents for logical volume s: 3 more required", OutcomeKind.NoSpace)]
    [InlineData(5, "  Number of stripes (3) must not exceed number of physical volumes (2)", OutcomeKind.NoSpace)]
    [InlineData(
        5, "  Cannot create new thin volume, free space in thin pool vgt/localpv-thin reached threshold.", OutcomeKind.NoSpace)]
    [InlineData(5, "  Failed to find logical volume \"vgt/pvc-9\"", OutcomeKind.NotFound)]
    [InlineData(5, "  Logical volume pvc-9 not found in volume group vgt.", OutcomeKind.NotFound)]
    [InlineData(5, "  Volume group \"vgq\" not found\n  Cannot process volume group vgq", OutcomeKind.Unavailable)]
    [InlineData(5, "  Cannot change VG vgt while PVs are missing.\n  Cannot process volume group vgt", OutcomeKind.Rejected)]
    [InlineData(5, "  Cannot update volume group vgt with duplicate PV devices.", OutcomeKind.Rejected)]
    [InlineData(5, "  Cannot activate LVs in VG vgt while PVs appear on duplicate devices.", OutcomeKind.Rejected)]
    [InlineData(5, "  Volume group \"vgt\" not removed", OutcomeKind.Rejected)]
    [InlineData(5, "  Aborted wiping of ext4.\n  1 existing signature left on the device.", OutcomeKind.Rejected)]
    [InlineData(3, "  /dev/loop0: already exists in filesystem\n  Run `vgcreate --help' for more information.", OutcomeKind.Refused)]
    [InlineData(5, MetadataFull, OutcomeKind.Rejected)]
    [InlineData(2, "  No such command.", OutcomeKind.Unavailable)]
    [InlineData(5, "  Something that nobody has seen.", OutcomeKind.InDoubt)]
    [InlineData(139, "", OutcomeKind.InDoubt)]
    public void KindOf_AnExitCodeAndItsText_IsWhatHappened(int exitCode, string errors, OutcomeKind kind) =>
        Assert.Equal(kind, LvmFailure.KindOf(new CommandResult(CommandEnd.Exited, exitCode, "", errors, Truncated: false)));

    [Fact]
    public void KindOf_AKilledCommand_IsInDoubtWhateverItSaid() => Assert.Equal(
        OutcomeKind.InDoubt,
        LvmFailure.KindOf(new CommandResult(CommandEnd.Killed, -1, "", "  Insufficient free space", Truncated: false)));

    [Fact]
    public void KindOf_AMissingProgram_IsUnavailable() => Assert.Equal(
        OutcomeKind.Unavailable, LvmFailure.KindOf(new CommandResult(CommandEnd.NotStarted, -1, "", "not found", Truncated: false)));

    [Fact]
    public void Of_AFailure_SaysWhatLvmSaidButNotItsWarnings()
    {
        var result = new CommandResult(
            CommandEnd.Exited, 5, "", "  WARNING: Activation disabled.\n  Volume group \"vgq\" not found\n", Truncated: false);
        var outcome = LvmFailure.Of<int>(new Command("lvm", ["lvextend", "x"], TimeSpan.FromSeconds(1)), result);
        Assert.Equal("lvm lvextend failed with exit code 5: Volume group \"vgq\" not found", outcome.Message);
    }

    [Theory]
    [InlineData(CommandEnd.NotStarted, -1, "lvm cannot be run: there is no such program", "Install lvm2", OutcomeKind.Unavailable)]
    [InlineData(CommandEnd.Exited, 127, "nsenter: failed to execute lvm: No such file", "Install lvm2", OutcomeKind.Unavailable)]
    [InlineData(CommandEnd.Exited, 2, "  No such command 'fullreport'.", "too old", OutcomeKind.Unavailable)]
    [InlineData(CommandEnd.Exited, 3, "  Invalid option", "too old", OutcomeKind.Unavailable)]
    [InlineData(CommandEnd.Exited, 5, "  /run/lock/lvm/P_global:aux: open failed: Permission denied", "as root", OutcomeKind.Refused)]
    [InlineData(CommandEnd.Exited, 5, NoDeviceMapper, "modprobe dm_mod", OutcomeKind.Unavailable)]
    public void OfRead_OfAFailureWithARemedy_NamesIt(object end, int exitCode, string errors, string remedy, OutcomeKind kind)
    {
        var result = new CommandResult((CommandEnd)end, exitCode, "", errors, Truncated: false);
        var outcome = LvmFailure.OfRead<int>(new Command("lvm", ["fullreport"], TimeSpan.FromSeconds(1)), result);
        Assert.Equal(kind, outcome.Kind);
        Assert.Contains(remedy, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ACreationWithoutDeviceMapper_IsUnavailableAndNamesTheRemedy()
    {
        var result = new CommandResult(CommandEnd.Exited, 3, "", NoDeviceMapper, Truncated: false);
        var outcome = LvmFailure.Of<int>(new Command("lvm", ["lvcreate"], TimeSpan.FromSeconds(1)), result);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("modprobe dm_mod", outcome.Message, StringComparison.Ordinal);
    }

    private const string MetadataFull =
        "  VG exp 4 metadata on /dev/loop0 (548726 bytes) exceeds maximum metadata size (521472 bytes)\n"
        + "  WARNING: Failed to write an MDA of VG exp.\n  Failed to write VG exp.";

    private const string NoDeviceMapper =
        "  /dev/mapper/control: open failed: No such device\n  Check that device-mapper is available in the kernel.";
}
