using System.CommandLine;
using LocalPv.Hosting.Cli;

namespace LocalPv.Hosting.Tests.Cli;

/// <summary>Commands that look at something, and are interrupted before they have seen it.</summary>
public sealed class InterruptedCommandTests
{
    [Theory]
    [InlineData("disks", "--backend", "fake")]
    [InlineData("disks", "--backend", "lvm")]
    [InlineData("doctor", "--backend", "fake", "--offline")]
    [InlineData("doctor", "--backend", "lvm", "--offline")]
    public async Task Command_ThatIsInterrupted_SaysSoByItsExitCode(params string[] arguments)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = TextWriter.Null,
            Error = TextWriter.Null,
        };
        using var interrupted = new CancellationTokenSource();
        await interrupted.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await CommandLine.RunAsync(arguments, configuration, interrupted.Token));
    }
}
