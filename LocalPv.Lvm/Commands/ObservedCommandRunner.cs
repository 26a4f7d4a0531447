using System.Diagnostics;

namespace LocalPv.Lvm.Commands;

/// <summary>Tells of every command that has ended: what it was, how long it took, whether it succeeded.</summary>
internal sealed class ObservedCommandRunner(ICommandRunner inner, Action<string, TimeSpan, bool> ended) : ICommandRunner
{
    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await inner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        ended(NameOf(command), Stopwatch.GetElapsedTime(began), result.Succeeded);
        return result;
    }

    // "lvm lvcreate …" is lvcreate; of other programs, the program itself.
    private static string NameOf(Command command) =>
        Path.GetFileName(command.Program) == "lvm" && !command.Arguments.IsEmpty ? command.Arguments[0] : Path.GetFileName(command.Program);
}
