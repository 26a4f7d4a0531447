using System.Collections.Immutable;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm;

/// <summary>Makes commands for where they are to run: here, or in the namespaces of the machine.</summary>
internal static class CommandPlace
{
    // Of the namespaces of process 1, those in which lvm2 and udev talk to each other.
    private static readonly ImmutableArray<string> IntoHost = ["--target", "1", "--mount", "--uts", "--ipc", "--net", "--"];

    internal static Command Of(LvmOptions options, string program, ImmutableArray<string> arguments, TimeSpan timeLimit) =>
        options.InHost
            ? new Command("nsenter", [.. IntoHost, program, .. arguments], timeLimit) { Name = program }
            : new Command(program, arguments, timeLimit)
            {
                Environment = ImmutableSortedDictionary<string, string>.Empty.Add("DM_DISABLE_UDEV", "1"),
            };
}
