namespace LocalPv.Lvm.Commands;

/// <summary>Runs programs of this machine.</summary>
internal interface ICommandRunner
{
    /// <summary>
    /// Runs a command to its end, or until its time is up or its caller gives up: then it is killed. Does not throw for anything that
    /// the command or its absence does.
    /// </summary>
    Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken);
}
