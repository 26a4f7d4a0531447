using System.Globalization;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.CommandLine;

/// <summary>A run's result for a person or a script.</summary>
internal static class ResultText
{
    internal static void Write(TextWriter output, ScenarioResult result, bool quiet)
    {
        if (!quiet)
        {
            foreach (var milestone in result.Milestones)
            {
                output.WriteLine($"{Time(milestone.At),12}  {milestone.Subject}: {milestone.What}");
            }

            output.WriteLine();
        }

        foreach (var (expectation, since, instead) in result.Expectations)
        {
            output.WriteLine(since is { } moment
                ? $"   true since {Time(moment)}: {expectation.Text}"
                : $"   NOT TRUE (line {expectation.Line}): {expectation.Text}: {instead}");
        }

        if (result.Violation is { } violation)
        {
            output.WriteLine($"   BROKEN: {violation}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {result.Seed}: {(result.IsGood ? "good" : "NOT GOOD")}; {result.Events} events in {Time(result.Simulated)} of virtual "
            + $"time; trace {result.TraceLines} lines, sha256 {result.TraceHash}"));
    }

    internal static JsonMap ToJson(ScenarioResult result) => JsonMap.Of(
        ("seed", result.Seed.ToString(CultureInfo.InvariantCulture)),
        ("good", result.IsGood),
        ("violation", result.Violation is { } violation ? violation : null),
        ("events", result.Events),
        ("simulatedSeconds", (long)result.Simulated.TotalSeconds),
        ("traceLines", result.TraceLines),
        ("traceSha256", result.TraceHash),
        ("expectations", new JsonList([.. result.Expectations.Select(expectation => (JsonTree)JsonMap.Of(
            ("line", expectation.Expectation.Line),
            ("text", expectation.Expectation.Text),
            ("trueSinceMilliseconds", expectation.TrueSince is { } since ? (long)since.TotalMilliseconds : null),
            ("instead", expectation.TrueSince is null ? expectation.Instead : null)))])),
        ("milestones", new JsonList([.. result.Milestones.Select(milestone => (JsonTree)JsonMap.Of(
            ("atMilliseconds", (long)milestone.At.TotalMilliseconds),
            ("subject", milestone.Subject),
            ("what", milestone.What)))])));

    private static string Time(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s";
}
