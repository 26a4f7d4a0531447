namespace LocalPv.Lvm.Commands;

/// <summary>The setting <c>devices/global_filter</c> of the host's own lvm.conf, which a setting of ours would take the place of.</summary>
internal sealed class HostFilter(LvmOptions options, ICommandRunner runner)
{
    private const string Setting = "devices/global_filter";

    /// <summary>Its patterns with commas between them; empty where there is no such setting, null where it cannot be read.</summary>
    internal async Task<string?> PatternsAsync(CancellationToken cancellationToken)
    {
        var command = CommandPlace.Of(options, options.LvmProgram, ["lvmconfig", Setting], options.ReadTimeLimit);
        command = options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return result.End == CommandEnd.Exited && result.Errors.Contains($"{Setting} not found", StringComparison.Ordinal) ? "" : null;
        }

        // global_filter=["a|x|","r|.*|"], or one pattern without brackets.
        var text = result.Output.Trim();
        var start = text.IndexOf('=', StringComparison.Ordinal);
        return start < 0 ? null : text[(start + 1)..].Trim().TrimStart('[').TrimEnd(']');
    }
}
