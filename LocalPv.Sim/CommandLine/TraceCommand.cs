using System.Globalization;
using LocalPv.Sim.Traces;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim replay</c> of an agent's trace.</summary>
internal static class TraceCommand
{
    private const int TextMax = 600;

    /// <summary>Whether a file is an agent's trace, not a plan: its first character is that of a JSON object.</summary>
    internal static bool IsTrace(string file)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        using var reader = new StreamReader(file);
        return reader.Peek() == '{';
    }

    /// <summary>Replays a trace and says what came of it; the exit code.</summary>
    internal static int Run(string file, bool quiet)
    {
        var result = AgentReplay.Run(File.ReadLines(file));
        var output = Console.Out;
        foreach (var divergence in quiet ? [] : result.Divergences)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"step {divergence.Step} (line {divergence.Line}), {divergence.At}: the agent wants something else than it did"));
            output.WriteLine("  after  " + Short(divergence.Happened));
            foreach (var effect in divergence.OnlyRecorded)
            {
                output.WriteLine("  - then " + Short(effect));
            }

            foreach (var effect in divergence.OnlyReplayed)
            {
                output.WriteLine("  + now  " + Short(effect));
            }
        }

        var end = result.End is { } why ? $"ends: {why}" : "has no end: the agent was killed, or the file is cut off";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Who}, LocalPv {result.Version}: {result.Steps} steps replayed, {Verdict(result)}; the trace {end}"));
        if (result.Problem is { } problem)
        {
            Console.Error.WriteLine($"{file}: {problem}");
            return ExitCodes.BadInput;
        }

        return result.Divergences.IsEmpty ? ExitCodes.Good : ExitCodes.NotTrue;
    }

    private static string Verdict(ReplayResult result) => result.Divergences.IsEmpty
        ? "all as recorded"
        : string.Create(
            CultureInfo.InvariantCulture, $"{result.Divergences.Length} differ, the first is step {result.Divergences[0].Step}");

    private static string Short(string text) => text.Length <= TextMax ? text : text[..TextMax] + "…";
}
