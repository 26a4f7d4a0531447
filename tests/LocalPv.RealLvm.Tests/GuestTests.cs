using System.Collections.Immutable;
using LocalPv.Core.Units;
using LocalPv.Lvm.Commands;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests;

/// <summary>The harness itself: what a test may rely on when it uses a guest.</summary>
public sealed class GuestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-guest-test-").FullName;

    [Fact]
    public async Task Guest_RunsCommands_AndKeepsItsDisksAcrossACrash()
    {
        var options = new GuestOptions { Disks = [GuestDisk.Create(_folder, "disk-1", Bytes.FromMebibytes(16))] };
        await using (var first = await Guest.BootAsync(options))
        {
            Assert.Contains("device-mapper", (await Run(first, "cat", "/proc/devices")).Output, StringComparison.Ordinal);
            Assert.Equal("disk-1", new GuestFiles(first).ReadText("/sys/class/block/ubda/serial"));
            Assert.Empty(new GuestFiles(first).ReadText("/sys/class/block/none/serial"));
            Assert.True((await Run(first, "lvm", "vgcreate", "kept", "/dev/ubda")).Succeeded);
            await first.CrashAsync();
        }

        await using var second = await Guest.BootAsync(options);
        Assert.Equal("kept", (await Run(second, "lvm", "vgs", "--noheadings", "-o", "vg_name")).Output.Trim());
    }

    [Fact]
    public async Task Guest_TellsOutputErrorsExitCodesAndTimeLimitsApart()
    {
        await using var guest = await Guest.BootAsync(new GuestOptions { Modules = [] });
        var result = await Run(guest, "bash", "-c", "echo out; echo err >&2; printf '%s|' \"$@\"; exit 5", "-", "two words", "", "*");
        Assert.Equal(
            new CommandResult(CommandEnd.Exited, 5, "out\ntwo words||*|", "err\n", Truncated: false), result);
        Assert.Equal(CommandEnd.NotStarted, (await Run(guest, "no-such-program")).End);
        var endless = new Command("sleep", ["1d"], TimeSpan.FromMilliseconds(300));
        Assert.Equal(CommandEnd.Killed, (await guest.RunAsync(endless, CancellationToken.None)).End);
        Assert.False((await Run(guest, "pgrep", "sleep")).Succeeded);
        Assert.False((await Run(guest, "touch", "/root/not-writable")).Succeeded);
    }

    [Fact]
    public async Task Guest_AskedManyThingsAtOnce_AnswersEach()
    {
        await using var guest = await Guest.BootAsync(new GuestOptions { Modules = [] });
        var version = await guest.Line.AskAsync("text", "/proc/version", CancellationToken.None);
        Assert.NotEmpty(version);
        for (var round = 0; round < 5; round++)
        {
            var runs = Enumerable.Range(0, 4).Select(number => Run(guest, "echo", $"{number}")).ToArray();
            var texts = Enumerable.Range(0, 4)
                .Select(_ => guest.Line.AskAsync("text", "/proc/version", CancellationToken.None)).ToArray();
            Assert.All(await Task.WhenAll(texts), text => Assert.Equal(version, text));
            Assert.Equal(["0\n", "1\n", "2\n", "3\n"], (await Task.WhenAll(runs)).Select(run => run.Output));
        }
    }

    [Fact]
    public async Task Guest_ThatPanics_IsAFailureWithItsConsole()
    {
        await using var guest = await Guest.BootAsync(new GuestOptions { Modules = [] });
        var panic = new Command("bash", ["-c", "echo c > /proc/sysrq-trigger"], TimeSpan.FromSeconds(20));
        var failure = await Assert.ThrowsAsync<GuestFailureException>(() => guest.RunAsync(panic, CancellationToken.None));
        Assert.Contains("sysrq", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guest_WhoseTestWasKilled_EndsByItself()
    {
        await using var guest = await Guest.BootAsync(new GuestOptions { Modules = [] });
        var endless = guest.RunAsync(new Command("sleep", ["1d"], TimeSpan.FromDays(1)), CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await guest.HangUpAsync(limit.Token);
        Assert.Equal(CommandEnd.Killed, (await endless).End);
    }

    [Fact]
    public async Task Guest_ThatCannotBoot_IsAFailureWithItsConsole()
    {
        var options = new GuestOptions { Memory = Bytes.FromMebibytes(1) };
        await Assert.ThrowsAsync<GuestFailureException>(() => Guest.BootAsync(options));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<CommandResult> Run(Guest guest, string program, params ImmutableArray<string> arguments) =>
        guest.RunAsync(new Command(program, arguments, TimeSpan.FromSeconds(20)), CancellationToken.None);
}
