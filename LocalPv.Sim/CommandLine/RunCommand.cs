using System.CommandLine;
using System.Globalization;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim run SCENARIO</c>.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        var file = new Argument<FileInfo?>("SCENARIO")
        {
            Description = "The scenario to run, a text file.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seeds = new Option<string?>("--seeds") { Description = "Run the plans of these seeds instead of a scenario: A..B." };
        var workers = new Option<int>("--workers")
        {
            Description = "How many seeds to run at once.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var results = new Option<FileInfo?>("--results")
        {
            Description = "Add a line for each seed to this file; seeds that are in it already are not run again.",
        };
        var part = new Option<string?>("--part") { Description = "Run only part I of N of the seeds, I/N, counted from 0." };
        var shrink = new Option<int>("--shrink")
        {
            Description = "Make each failing plan small, for so many seconds at most; 0 for not at all.",
            DefaultValueFactory = _ => 30,
        };
        var seed = new Option<ulong>("--seed") { Description = "The seed of latencies and ties.", DefaultValueFactory = _ => 1UL };
        var trace = new Option<FileInfo?>("--trace") { Description = "Write the trace, one line an event, to this file." };
        var output = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only the verdict." };
        var command = new Command(
            "run",
            "Runs a scenario in virtual time and checks what it expects, or the plans of many seeds. Exit code: 0 good, 2 bad input, 128 "
            + "an expectation did not come true or it was broken off, 129 an invariant was broken.")
        { file, seed, trace, output, quiet, seeds, workers, results, part, shrink };
        command.SetAction(parsed =>
            parsed.GetValue(seeds) is { } range
                ? RunSeeds(
                    range,
                    parsed.GetValue(part),
                    parsed.GetValue(workers),
                    parsed.GetValue(results),
                    TimeSpan.FromSeconds(parsed.GetValue(shrink)))
            : parsed.GetValue(file) is { } scenario
                ? Run(
                    scenario,
                    parsed.GetValue(seed),
                    parsed.GetValue(trace),
                    parsed.GetValue(output) == "json",
                    parsed.GetValue(quiet))
            : Complain("What is to run? Name a scenario, or seeds: --seeds 1..1000."));
        return command;
    }

    private static int RunSeeds(string text, string? part, int workers, FileInfo? results, TimeSpan shrink)
    {
        if (!SeedRange.TryParse(text, out var range))
        {
            return Complain($"'{text}' is no range of seeds: write 1..1000, or one number.");
        }

        if (part is not null)
        {
            var slash = part.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0
                || !int.TryParse(part[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || !int.TryParse(part[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var parts)
                || index >= parts || (ulong)parts > range.Count)
            {
                return Complain($"'{part}' is no part: write I/N with I from 0 to N-1, and no more parts than seeds.");
            }

            range = range.Part(index, parts);
        }

        if (workers is < 1 or > 1024)
        {
            return Complain("--workers is 1 to 1024.");
        }

        using var breakOff = new BreakOff();
        return new SeedRun(range, workers, results, shrink, Console.Out, Console.Error).Run(breakOff.Token);
    }

    private static int Complain(string problem)
    {
        Console.Error.WriteLine(problem);
        return ExitCodes.BadInput;
    }

    private static int Run(FileInfo file, ulong seed, FileInfo? traceFile, bool json, bool quiet)
    {
        Scenario scenario;
        try
        {
            scenario = ScenarioReader.Read(File.ReadAllText(file.FullName));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlanException)
        {
            Console.Error.WriteLine($"{file}: {error.Message}");
            return ExitCodes.BadInput;
        }

        var watch = new WallClock();
        ScenarioResult result;
        using (var copy = traceFile?.Create())
        {
            try
            {
                result = ScenarioRunner.Run(scenario, seed, copy);
            }
            catch (PlanException error)
            {
                Console.Error.WriteLine($"{file}: {error.Message}");
                return ExitCodes.BadInput;
            }
        }

        if (json)
        {
            Console.Out.WriteLine(ResultText.ToJson(result));
        }
        else
        {
            ResultText.Write(Console.Out, result, quiet);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{watch.Elapsed.TotalSeconds:0.00} s; {result.Events / watch.Elapsed.TotalSeconds:0} events a second"));
        }

        return result.Violation is not null ? ExitCodes.Broken : result.IsGood ? ExitCodes.Good : ExitCodes.NotTrue;
    }
}
