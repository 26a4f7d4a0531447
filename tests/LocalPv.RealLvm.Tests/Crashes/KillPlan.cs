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

    internal static string KindOf(Command command) => command.Program switch
    {
        "lvm" => "lvm " + command.Arguments[0],
        "wipefs" when command.Arguments.Contains("--all") => "wipefs --all",
        _ => command.Program,
    };
}

/// <summary>
/// Runs commands in a guest until the one that it is armed for, and kills the guest before it, after some part of the time that such a
/// command takes, or when it has ended and nobody knows of it.
/// </summary>
internal sealed class KillPlan(Guest guest, CommandTimes times) : ICommandRunner
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<CommandPoint> _seen = [];
    private CommandPoint? _at;
    private double _part;

    /// <summary>The command that was the last; null as long as the guest lives.</summary>
    internal Command? KilledDuring { get; private set; }

    /// <summary>The commands that have come since the plan was armed.</summary>
    internal IReadOnlyCollection<CommandPoint> Seen => _seen;

    /// <summary>Kills the guest at a command of those that come now.</summary>
    /// <param name="at">Which; null for none.</param>
    /// <param name="part">The part of its usual time after which the guest dies: 0 before the command, 1 when it has ended.</param>
    internal void Arm(CommandPoint? at, double part)
    {
        lock (_gate)
        {
            _counts.Clear();
            _seen.Clear();
            (_at, _part) = (at, part);
        }
    }

    /// <summary>What comes now comes to its end.</summary>
    internal void Disarm() => _at = null;

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        var isLast = Count(CommandTimes.KindOf(command)) == _at;
        if (isLast && _part == 0)
        {
            return await CrashAsync(command);
        }

        var started = TimeProvider.System.GetTimestamp();
        var running = guest.RunAsync(command, cancellationToken);
        if (isLast && _part < 1)
        {
            await Task.Delay(times.Of(command) * _part, CancellationToken.None);
            return await CrashAsync(command);
        }

        var result = await running;
        times.Learn(command, TimeProvider.System.GetElapsedTime(started));
        return isLast ? await CrashAsync(command) : result;
    }

    private CommandPoint Count(string kind)
    {
        lock (_gate)
        {
            var before = _counts.GetValueOrDefault(kind);
            _counts[kind] = before + 1;
            var point = new CommandPoint(kind, Math.Min(before, CommandPoint.OrdinalMax));
            if (!_seen.Contains(point))
            {
                _seen.Add(point);
            }

            return point;
        }
    }

    private async Task<CommandResult> CrashAsync(Command command)
    {
        KilledDuring ??= command;
        await guest.CrashAsync();
        throw new NodeKilledException();
    }
}
