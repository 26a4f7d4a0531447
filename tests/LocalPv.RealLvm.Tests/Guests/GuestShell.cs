using System.Collections.Immutable;
using LocalPv.Lvm.Commands;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>What an operator would type into a guest.</summary>
internal static class GuestShell
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program; throws with what it wrote where it does not end with zero.</summary>
    internal static async Task<string> RunAsync(this Guest guest, string program, params ImmutableArray<string> arguments)
    {
        var command = new Command(program, arguments, TimeLimit);
        var result = await guest.RunAsync(command, CancellationToken.None);
        return result.Succeeded
            ? result.Output
            : throw new InvalidOperationException($"'{command}' ended with {result}. The guest's console:\n{guest.Console}");
    }

    /// <summary>Runs a program in Perl with arguments; throws with what it wrote where it dies.</summary>
    internal static async Task<string> PerlAsync(this Guest guest, string program, params ImmutableArray<string> arguments)
    {
        var result = await guest.RunPerlAsync(new Command(program, arguments, TimeLimit), CancellationToken.None);
        return result.Succeeded
            ? result.Output
            : throw new InvalidOperationException(
                $"The program with {string.Join(' ', arguments)} ended with {result}. The guest's console:\n{guest.Console}");
    }

    /// <summary>Runs a script of bash with arguments, the first being <c>$1</c>; its first failing command ends it.</summary>
    internal static Task<string> ScriptAsync(this Guest guest, string script, params ImmutableArray<string> arguments) =>
        guest.RunAsync("bash", ["-ec", script, "guest", .. arguments]);
}
