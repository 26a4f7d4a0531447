using System.CommandLine;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim report FILE…</c>: files of results, merged.</summary>
internal static class ReportCommand
{
    internal static Command Create()
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Description = "Files of results, of one machine or of many.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "report",
            "Merges results of 'run --seeds' and tells how many seeds ran, which failed, and how often each mark was seen. Exit code: 0 "
            + "good, 2 bad input, 129 a seed failed.")
        { files };
        command.SetAction(parsed =>
        {
            try
            {
                return Report(parsed.GetRequiredValue(files), Console.Out);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(error.Message);
                return ExitCodes.BadInput;
            }
        });
        return command;
    }

    /// <summary>Merges; a seed that is there twice counts once, and two different traces of one seed are a failure of their own.</summary>
    internal static int Report(IEnumerable<FileInfo> files, TextWriter output)
    {
        var seeds = new SortedDictionary<ulong, SeedResult>();
        var different = new SortedSet<ulong>();
        foreach (var result in files.SelectMany(file => File.ReadLines(file.FullName)).Select(SeedResult.Read).OfType<SeedResult>())
        {
            if (!seeds.TryAdd(result.Seed, result) && seeds[result.Seed].TraceHash != result.TraceHash)
            {
                different.Add(result.Seed);
            }
        }

        var failed = seeds.Values.Where(result => !result.IsGood).OrderBy(result => result.Events).ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{seeds.Count} seeds, {failed.Count} failed, {different.Count} with different traces; "
            + $"{seeds.Values.Sum(one => one.Events)} events in {seeds.Values.Sum(one => one.Milliseconds) / 1000.0:0} s of work"));
        foreach (var result in failed)
        {
            output.WriteLine($"seed {result.Seed}: {result.Invariant}: {result.What}");
            output.WriteLine($"  again: localpv-sim replay {result.Seed}");
        }

        foreach (var seed in different)
        {
            output.WriteLine($"seed {seed}: its traces differ: the simulator or the code is not deterministic");
        }

        WriteMarks(seeds.Values, output);
        return failed.Count == 0 && different.Count == 0 ? ExitCodes.Good : ExitCodes.Broken;
    }

    private static void WriteMarks(IEnumerable<SeedResult> results, TextWriter output)
    {
        var marks = new SortedDictionary<string, (long Seeds, long Times)>(StringComparer.Ordinal);
        foreach (var (mark, times) in results.SelectMany(result => result.Marks))
        {
            var (seeds, all) = marks.GetValueOrDefault(mark);
            marks[mark] = (seeds + 1, all + ((times as JsonNumber)?.TryGetInt64(out var number) == true ? number : 0));
        }

        foreach (var (mark, (seeds, times)) in marks)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seeds,8} seeds {times,10} times  {mark}"));
        }
    }
}
