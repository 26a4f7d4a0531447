using System.CommandLine;
using System.Globalization;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Reports;
using LocalPv.Sim.Shrinking;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim replay SEED|PLANFILE|TRACEFILE</c>.</summary>
internal static class ReplayCommand
{
    private const int LinesShown = 400;

    internal static Command Create()
    {
        var what = new Argument<string>("SEED|PLANFILE|TRACEFILE")
        {
            Description = "A seed, a file with a plan, or a trace that 'localpv agent --trace' has written.",
        };
        var until = new Option<long?>("--until") { Description = "Stop after that many events." };
        var trace = new Option<FileInfo?>("--trace") { Description = "Write the trace, one line an event, to this file." };
        var html = new Option<FileInfo?>("--html") { Description = "Write the run as an HTML page to this file." };
        var save = new Option<FileInfo?>("--save") { Description = "Write the plan (after --shrink, the small one) to this file." };
        var shrink = new Option<int?>("--shrink") { Description = "If it fails, make the plan small first, for so many seconds at most." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only the verdict." };
        var command = new Command(
            "replay",
            "Runs one plan again and tells what happened, or replays an agent's trace and shows the steps in which today's code does "
            + "something else. Exit code: 0 good, 2 bad input, 128 a trace's agent does something else, 129 an invariant was broken.")
        { what, until, trace, html, save, shrink, quiet };
        command.SetAction(parsed =>
        {
            try
            {
                if (TraceCommand.IsTrace(parsed.GetRequiredValue(what)))
                {
                    return TraceCommand.Run(parsed.GetRequiredValue(what), parsed.GetValue(quiet));
                }

                var plan = PlanFile.Read(parsed.GetRequiredValue(what));
                if (parsed.GetValue(shrink) is { } seconds && PlanRunner.Run(plan) is { IsGood: false } failed)
                {
                    plan = Shrink(failed, TimeSpan.FromSeconds(seconds), CancellationToken.None).Smallest.Plan;
                }

                if (parsed.GetValue(save) is { } file)
                {
                    File.WriteAllText(file.FullName, PlanWriter.Write(plan));
                }

                var replay = "localpv-sim replay " + (parsed.GetValue(save)?.Name ?? parsed.GetRequiredValue(what));
                return Replay(
                    plan, replay, parsed.GetValue(until), parsed.GetValue(trace), parsed.GetValue(html), parsed.GetValue(quiet));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlanException)
            {
                Console.Error.WriteLine($"{parsed.GetRequiredValue(what)}: {error.Message}");
                return ExitCodes.BadInput;
            }
        });
        return command;
    }

    /// <summary>Makes a failed plan small, for so long at most, or until it is broken off.</summary>
    internal static ShrinkResult Shrink(RunReport failed, TimeSpan most, CancellationToken cancellationToken)
    {
        var watch = new WallClock();
        return Shrinker.Shrink(
            failed,
            (plan, until) => PlanRunner.Run(plan, new RunOptions { UntilTime = until }),
            () => watch.Elapsed > most || cancellationToken.IsCancellationRequested);
    }

    private static int Replay(Plan plan, string replay, long? until, FileInfo? traceFile, FileInfo? html, bool quiet)
    {
        var story = new StoryRecorder();
        using var copy = traceFile?.Create();
        var report = PlanRunner.Run(plan, new RunOptions { Until = until, TraceCopy = copy, Observers = [story] });
        var lines = story.StoryOf(report);
        if (!quiet)
        {
            StoryText.Write(Console.Out, lines, LinesShown);
            Console.Out.WriteLine();
        }

        if (html is not null)
        {
            File.WriteAllText(html.FullName, HtmlReport.Write(report, lines, replay));
        }

        Console.Out.WriteLine(Verdict(report));
        return report.IsGood ? ExitCodes.Good : ExitCodes.Broken;
    }

    /// <summary>What came of a run, in one line.</summary>
    internal static string Verdict(RunReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Plan.Title}: {(report.Violation is { } broken ? $"BROKEN at {broken.At} (event {broken.Event}): {broken}" : "good")}; "
        + $"{report.Plan.Size}; {report.Events} events, {report.Commits} writes; trace {report.TraceLines} lines, "
        + $"sha256 {report.TraceHash}");
}
