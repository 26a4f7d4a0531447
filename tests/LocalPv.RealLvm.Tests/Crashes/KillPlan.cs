using System.Collections.Concurrent;
using LocalPv.Lvm.Commands;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>The node was killed while it ran a command.</summary>
internal sealed class NodeKilledException : Exception;

/// <summary>How long commands of each kind take, learned from those that ended.</summary>
internal sealed class CommandTimes
{
    private readonly ConcurrentDictionary<string, TimeSpan> _times = new(StringComparer.Ordinal);

    internal TimeSpan Of(Command command) => _times.GetValueOrDefault(KindOf(command), TimeSpan.FromMilliseconds(400));

    internal void Learn(Command command, TimeSpan took) => _times[KindOf(command)] = took;

    internal static string KindOf(Command command) =>
        command.Program == "lvm" ? "lvm " + command.Arguments[0] : command.Program;
}

/// <summary>
/// Runs commands in a guest until the one that it is armed for, and kills the guest at some part of the time that such a command takes,
/// or a little later.
/// </summary>
internal sealed class KillPlan(Guest guest, CommandTimes times) : ICommandRunner
{
    private bool _armed;
    private bool _changesOnly;
    private int _before;
    private double _part;

    /// <summary>The command that did not come to its end; null as long as the guest lives.</summary>
    internal Command? KilledDuring { get; private set; }

    /// <summary>Kills the guest during the command that comes after <paramref name="before"/> others.</summary>
    /// <param name="before">How many commands come to their end first.</param>
    /// <param name="changesOnly">Count only commands that change something.</param>
    /// <param name="part">The part of its usual time after which the guest dies.</param>
    internal void Arm(int before, bool changesOnly, double part) =>
        (_armed, _before, _changesOnly, _part) = (true, before, changesOnly, part);

    /// <summary>What comes now comes to its end.</summary>
    internal void Disarm() => _armed = false;

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var running = guest.RunAsync(command, cancellationToken);
        if (!_armed || (_changesOnly && !Changes(command)) || Interlocked.Decrement(ref _before) >= 0)
        {
            var result = await running;
            times.Learn(command, TimeProvider.System.GetElapsedTime(started));
            return result;
        }

        await Task.Delay(times.Of(command) * _part, CancellationToken.None);
        KilledDuring ??= command;
        await guest.CrashAsync();
        throw new NodeKilledException();
    }

    private static bool Changes(Command command) => command.Program switch
    {
        "lvm" => command.Arguments[0] is not ("fullreport" or "version"),
        "wipefs" => command.Arguments.Contains("--all"),
        _ => true,
    };
}
