using System.Diagnostics;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

public sealed class CommandRunnerTests
{
    private readonly CommandRunner _runner = new();

    [Fact]
    public async Task RunAsync_OfACommand_GivesItsCodeAndBothOutputs()
    {
        var result = await Shell("echo out; echo err >&2; exit 7");
        Assert.Equal((CommandEnd.Exited, 7, "out\n", "err\n"), (result.End, result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task RunAsync_WithMuchOnBothOutputs_DrainsThemBoth()
    {
        var result = await Shell("head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2");
        Assert.Equal((0, 3_000_000, 3_000_000), (result.ExitCode, result.Output.Length, result.Errors.Length));
    }

    [Fact]
    public async Task RunAsync_OfMoreThanCanBeKept_DropsTheRestAndSaysSo()
    {
        var result = await Shell("head -c 70000000 /dev/zero | tr '\\0' x");
        Assert.True(result is { Truncated: true, Succeeded: false, Output.Length: 64 << 20 });
    }

    [Fact]
    public async Task RunAsync_BeyondItsTime_KillsItWithItsChildren()
    {
        var file = Path.GetTempFileName();
        var clock = Stopwatch.StartNew();
        var result = await Shell($"(sleep 2; echo alive > {file}) & sleep 60", TimeSpan.FromMilliseconds(300));
        Assert.Equal(CommandEnd.Killed, result.End);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.2, 10);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal("", await File.ReadAllTextAsync(file));
        File.Delete(file);
    }

    [Fact]
    public async Task RunAsync_OfAChangeBeyondItsTime_LetsItFinish()
    {
        var result = await Change("trap 'sleep 0.5; echo finished; exit 0' TERM; sleep 60 & wait", _runner);
        Assert.Equal((CommandEnd.Killed, "finished\n"), (result.End, result.Output));
    }

    [Fact]
    public async Task RunAsync_OfAChangeThatDoesNotFinish_KillsIt()
    {
        var clock = Stopwatch.StartNew();
        var impatient = new CommandRunner { FinishingTimeLimit = TimeSpan.FromMilliseconds(300) };
        Assert.Equal(CommandEnd.Killed, (await Change("trap '' TERM; while :; do sleep 0.1; done", impatient)).End);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.5, 10);
    }

    [Fact]
    public async Task RunAsync_WhenItsCallerGivesUp_KillsIt()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var command = new Command("sleep", ["60"], TimeSpan.FromMinutes(5));
        Assert.Equal(CommandEnd.GivenUp, (await _runner.RunAsync(command, source.Token)).End);
    }

    // A process that waits for a device in the kernel does not die; this one only keeps its outputs open for others.
    [Fact]
    public async Task RunAsync_OfACommandThatIsLeftToDie_DoesNotWaitForItsEnd()
    {
        var clock = Stopwatch.StartNew();
        var command = new Command("sh", ["-c", "setsid sleep 4"], TimeSpan.FromMilliseconds(300)) { IsLeftToDie = true };
        Assert.Equal(CommandEnd.Killed, (await _runner.RunAsync(command, CancellationToken.None)).End);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.2, 3);
    }

    [Fact]
    public async Task RunAsync_OfAMissingProgram_SaysSo()
    {
        var result = await _runner.RunAsync(new Command("no-such-program", [], TimeSpan.FromSeconds(5)), CancellationToken.None);
        Assert.Equal(CommandEnd.NotStarted, result.End);
        Assert.Contains("no-such-program", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_GivesNoInputAndTheLocaleC() => Assert.Equal("C|", (await Shell("printf \"$LC_ALL|\"; cat")).Output);

    [Fact]
    public async Task RunAsync_NeverLetsAShellReadArguments()
    {
        var command = new Command("printf", ["%s", "$(id); `id` 'a b'"], TimeSpan.FromSeconds(5));
        Assert.Equal("$(id); `id` 'a b'", (await _runner.RunAsync(command, CancellationToken.None)).Output);
    }

    private static Task<CommandResult> Change(string script, CommandRunner runner) => runner.RunAsync(
        new Command("sh", ["-c", script], TimeSpan.FromMilliseconds(300)) { FinishesFirst = true }, CancellationToken.None);

    private Task<CommandResult> Shell(string script, TimeSpan? limit = null) =>
        _runner.RunAsync(new Command("sh", ["-c", script], limit ?? TimeSpan.FromSeconds(30)), CancellationToken.None);
}
