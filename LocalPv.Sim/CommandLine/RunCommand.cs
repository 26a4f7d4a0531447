using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim run SCENARIO</c>.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        var file = new Argument<FileInfo>("SCENARIO") { Description = "The scenario to run, a text file." };
        var seed = new Option<ulong>("--seed") { Description = "The seed of latencies and ties.", DefaultValueFactory = _ => 1UL };
        var trace = new Option<FileInfo?>("--trace") { Description = "Write the trace, one line an event, to this file." };
        var output = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only the verdict." };
        var command = new Command(
            "run",
            "Runs a scenario in virtual time and checks what it expects. Exit code: 0 good, 2 bad input, 128 an expectation did not come "
            + "true, 129 an invariant was broken.")
        { file, seed, trace, output, quiet };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file),
            parsed.GetValue(seed),
            parsed.GetValue(trace),
            parsed.GetValue(output) == "json",
            parsed.GetValue(quiet)));
        return command;
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

        var watch = Stopwatch.StartNew();
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
