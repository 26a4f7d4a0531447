using System.Collections.Immutable;

namespace LocalPv.Lvm.Commands;

/// <summary>A program to run, with its arguments as a list: no shell ever reads them.</summary>
internal sealed record Command(string Program, ImmutableArray<string> Arguments, TimeSpan TimeLimit)
{
    /// <summary>Variables set beside those that every command gets.</summary>
    internal ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The program that does the work, where <see cref="Program"/> only starts it.</summary>
    internal string Name { get; init; } = Program;

    /// <summary>Whether it is asked to end, and given time to finish what it has begun, before it is killed.</summary>
    internal bool FinishesFirst { get; init; }

    /// <summary>Whether nobody waits for its end once it is killed: it only reads, and may hang in the kernel.</summary>
    internal bool IsLeftToDie { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Program + " " + string.Join(' ', Arguments);
}

/// <summary>How a command ended.</summary>
internal enum CommandEnd
{
    /// <summary>It ended by itself, with an exit code.</summary>
    Exited,

    /// <summary>It was killed: its time was up.</summary>
    Killed,

    /// <summary>It was killed: its caller gave up, which says nothing of how long it would have taken.</summary>
    GivenUp,

    /// <summary>It could not be started: the program is missing or may not be run.</summary>
    NotStarted,

    /// <summary>It was not begun: what has to be known first could not be read, and its errors say what.</summary>
    HeldBack,
}

/// <summary>What a command left behind. Output beyond the limit is dropped, and <paramref name="Truncated"/> says so.</summary>
internal sealed record CommandResult(CommandEnd End, int ExitCode, string Output, string Errors, bool Truncated)
{
    /// <summary>It was killed before it ended, for whatever reason.</summary>
    internal bool WasKilled => End is CommandEnd.Killed or CommandEnd.GivenUp;

    /// <summary>It exited with zero and all of its output is here.</summary>
    internal bool Succeeded => End == CommandEnd.Exited && ExitCode == 0 && !Truncated;
}
