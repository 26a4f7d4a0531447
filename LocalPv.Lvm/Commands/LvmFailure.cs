using LocalPv.Core.Outcomes;

namespace LocalPv.Lvm.Commands;

/// <summary>The one place that says what a failed LVM command means, from its exit code and what it wrote to stderr.</summary>
internal static class LvmFailure
{
    // tools/errors.h of lvm2.
    private const int NoSuchCommand = 2;
    private const int InvalidCommandLine = 3;

    // setsid, env and nsenter say so where the program is missing or may not be run (the shell's convention).
    private const int NotFound = 127;
    private const int MayNotRun = 126;

    private const string NoDeviceMapper = "Check that device-mapper is available in the kernel";

    // The first that is found decides. Texts as lvm2 2.03 writes them in the locale C; the measured ones are in the tests.
    private static readonly (string Text, OutcomeKind Kind)[] Meanings =
    [
        (NoDeviceMapper, OutcomeKind.Unavailable),
        ("Multiple VGs found with the same name", OutcomeKind.Unavailable),
        ("already exists in filesystem", OutcomeKind.Rejected),
        ("already exists in volume group", OutcomeKind.AlreadyExists),
        ("A volume group called", OutcomeKind.AlreadyExists),
        ("while PVs are missing", OutcomeKind.Rejected),
        ("with duplicate PV devices", OutcomeKind.Rejected),
        ("while PVs appear on duplicate devices", OutcomeKind.Rejected),
        ("insufficient free space", OutcomeKind.NoSpace),
        ("Insufficient free space", OutcomeKind.NoSpace),
        ("Insufficient suitable", OutcomeKind.NoSpace),
        ("must not exceed number of physical volumes", OutcomeKind.NoSpace),
        ("free space in thin pool", OutcomeKind.NoSpace),
        ("exceeds maximum metadata size", OutcomeKind.Rejected),
        ("Failed to find logical volume", OutcomeKind.NotFound),
        ("not found in volume group", OutcomeKind.NotFound),
        ("Can't get lock", OutcomeKind.Unavailable),
        ("lock failed", OutcomeKind.Unavailable),
        ("Failed to lock", OutcomeKind.Unavailable),
        ("in use.", OutcomeKind.Unavailable),
        ("contains a filesystem in use", OutcomeKind.Unavailable),
        ("is used by another device", OutcomeKind.Unavailable),
        ("probing initialization failed: Device or resource busy", OutcomeKind.Rejected),
        ("existing signature left", OutcomeKind.Rejected),
        ("Can't open", OutcomeKind.Rejected),
        ("is already in volume group", OutcomeKind.Rejected),
        ("not removed", OutcomeKind.Rejected),
        ("not found", OutcomeKind.Unavailable),
        ("Permission denied", OutcomeKind.Refused),
    ];

    /// <summary>
    /// What became of a command that was to change something and did not exit with zero. An ending that nobody knows is in doubt:
    /// LVM may have committed before it failed.
    /// </summary>
    internal static OutcomeKind KindOf(CommandResult result) => result switch
    {
        { End: CommandEnd.NotStarted or CommandEnd.HeldBack } => OutcomeKind.Unavailable,
        { WasKilled: true } => OutcomeKind.InDoubt,
        { ExitCode: NoSuchCommand or NotFound or MayNotRun } => OutcomeKind.Unavailable,
        { ExitCode: InvalidCommandLine } when !result.Errors.Contains(NoDeviceMapper, StringComparison.Ordinal) => OutcomeKind.Refused,
        _ => Array.Find(Meanings, meaning => result.Errors.Contains(meaning.Text, StringComparison.Ordinal)) is { Text: not null } known
            ? known.Kind
            : OutcomeKind.InDoubt,
    };

    /// <summary>The failure as an outcome, with what the command said, warnings left out.</summary>
    internal static Outcome<T> Of<T>(Command command, CommandResult result) =>
        Outcome.Failed<T>(KindOf(result), $"{Told(command, result)}");

    /// <summary>The failure of a command that only reads: whatever happened, nothing changed.</summary>
    internal static Outcome<T> OfRead<T>(Command command, CommandResult result) => Outcome.Failed<T>(
        IsForbidden(result) ? OutcomeKind.Refused : OutcomeKind.Unavailable, Told(command, result));

    private static string Told(Command command, CommandResult result) =>
        $"{What(command)} {Ending(result)}: {Essence(result.Errors)}{Remedy(command, result)}";

    private static bool IsForbidden(CommandResult result) =>
        result.End == CommandEnd.Exited && result.Errors.Contains("Permission denied", StringComparison.Ordinal);

    private static string Remedy(Command command, CommandResult result) => result switch
    {
        { End: CommandEnd.NotStarted } or { ExitCode: NotFound or MayNotRun } =>
            $" Install {(command.Name.EndsWith("lvm", StringComparison.Ordinal) ? "lvm2" : "util-linux")} where the agent runs.",
        _ when result.Errors.Contains(NoDeviceMapper, StringComparison.Ordinal) =>
            " Load the kernel module dm_mod on the node (modprobe dm_mod), and give the agent /dev/mapper/control.",
        { ExitCode: NoSuchCommand } =>
            " This lvm2 is too old: LocalPv needs 2.02.158 or later.",
        { ExitCode: InvalidCommandLine } when !command.Arguments.IsEmpty && command.Arguments.Contains("fullreport") =>
            " If this lvm2 is older than 2.02.158, it is too old for LocalPv.",
        _ when IsForbidden(result) => " Run the agent as root, in a container as a privileged one.",
        _ => "",
    };

    private static string What(Command command)
    {
        // Behind nsenter the program's own arguments come after its name.
        var own = command.Name == command.Program ? 0 : command.Arguments.IndexOf(command.Name) + 1;
        return own >= command.Arguments.Length ? command.Name : $"{command.Name} {command.Arguments[own]}";
    }

    private static string Ending(CommandResult result) => result.End switch
    {
        CommandEnd.NotStarted => "was not started",
        CommandEnd.HeldBack => "was not run",
        CommandEnd.Killed => "did not end in time and was killed",
        CommandEnd.GivenUp => "was given up before it ended",
        _ when result.Truncated => "wrote more than can be kept",
        _ => $"failed with exit code {result.ExitCode}",
    };

    private static string Essence(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var said = lines.Where(line => !line.StartsWith("WARNING:", StringComparison.Ordinal)).Take(5).ToArray();
        return said.Length > 0 ? string.Join("; ", said) : "it said nothing";
    }
}
