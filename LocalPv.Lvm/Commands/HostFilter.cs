using LocalPv.Core.Outcomes;

namespace LocalPv.Lvm.Commands;

/// <summary>The setting <c>devices/global_filter</c> of the host's own lvm.conf, which a setting of ours would take the place of.</summary>
internal sealed class HostFilter(LvmOptions options, ICommandRunner runner)
{
    private const string Setting = "devices/global_filter";

    /// <summary>
    /// Its patterns with commas between them, empty where there is no such setting; Unavailable where it cannot be read.
    /// </summary>
    internal async Task<Outcome<string>> PatternsAsync(CancellationToken cancellationToken)
    {
        var command = CommandPlace.Of(options, options.LvmProgram, ["lvmconfig", Setting], options.ReadTimeLimit);
        command = options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return result.End == CommandEnd.Exited && result.Errors.Contains($"{Setting} not found", StringComparison.Ordinal)
                ? Outcome.Done("")
                : LvmFailure.OfRead<string>(command, result);
        }

        // global_filter=["a|x|","r|.*|"], or one pattern without brackets.
        var text = result.Output.Trim();
        var start = text.IndexOf('=', StringComparison.Ordinal);
        return start >= 0
            ? Outcome.Done(text[(start + 1)..].Trim().TrimStart('[').TrimEnd(']'))
            : Outcome.Failed<string>(OutcomeKind.Unavailable, $"What {command.Name} lvmconfig says of {Setting} cannot be read: '{text}'.");
    }
}
