namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>A command of a deed: its kind, and whether it is the first of that kind, 0, or the second, 1, for which all later ones
/// stand.</summary>
internal readonly record struct CommandPoint(string Kind, int Ordinal)
{
    internal const int OrdinalMax = 1;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Ordinal + 1}";
}

/// <summary>
/// At which command of which deed the node is to die next. Which commands a deed has is learned from those that were seen; each is killed
/// once, at a moment that the caller names, before any is killed again, at a moment that is drawn.
/// </summary>
/// <param name="random">Draws the moments and breaks ties.</param>
/// <param name="first">The part of its time after which a command is killed for the first time: 0 before it, 1 when it has ended.</param>
internal sealed class KillPoints(Random random, double first)
{
    // A command that comes only now and then, as when the machine is slow, is given up after so many tries.
    private const int TriesMax = 3;

    private readonly SortedDictionary<Deed, List<CommandPoint>> _known = [];
    private readonly Dictionary<(Deed, CommandPoint), int> _tries = [];
    private readonly Dictionary<(Deed, CommandPoint), int> _kills = [];

    /// <summary>The commands that are known and were never killed, without those that were given up.</summary>
    internal IReadOnlyList<string> Left =>
    [
        .. Enum.GetValues<Deed>().Where(deed => !_known.ContainsKey(deed)).Select(deed => $"any command of {deed}"),
        .. Known.Where(point => !IsKilled(point) && !IsGivenUp(point)).Select(point => $"{point.At} of {point.Deed}"),
    ];

    /// <summary>How many commands were killed at least once.</summary>
    internal int Killed => _kills.Count;

    /// <summary>One of some deeds, and where to kill it; nowhere where it was never done, so that its commands are not known.</summary>
    internal (Deed Deed, CommandPoint? At, double Part) Next(IReadOnlyList<Deed> possible)
    {
        if (possible.Where(deed => !_known.ContainsKey(deed)).Cast<Deed?>().FirstOrDefault() is { } unknown)
        {
            return (unknown, null, 0);
        }

        var next = Known
            .Where(point => possible.Contains(point.Deed) && !IsGivenUp(point))
            .OrderBy(point => _kills.GetValueOrDefault(point))
            .ThenBy(_ => random.Next())
            .First();
        _tries[next] = _tries.GetValueOrDefault(next) + 1;
        return (next.Deed, next.At, IsKilled(next) ? random.NextDouble() : first);
    }

    /// <summary>A deed has these commands.</summary>
    internal void Learn(Deed deed, IEnumerable<CommandPoint> commands)
    {
        _known.TryAdd(deed, []);
        _known[deed].AddRange(commands.Except(_known[deed]).ToArray());
    }

    /// <summary>A command was killed.</summary>
    internal void Note(Deed deed, CommandPoint point) => _kills[(deed, point)] = _kills.GetValueOrDefault((deed, point)) + 1;

    private IEnumerable<(Deed Deed, CommandPoint At)> Known =>
        _known.SelectMany(deed => deed.Value.Select(point => (deed.Key, point)));

    private bool IsKilled((Deed, CommandPoint) point) => _kills.ContainsKey(point);

    private bool IsGivenUp((Deed, CommandPoint) point) => !IsKilled(point) && _tries.GetValueOrDefault(point) >= TriesMax;
}
