using System.CommandLine;
using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary><c>localpv-sim museum</c>.</summary>
internal static class MuseumCommand
{
    private const int BadInput = 2;

    internal static Command Create()
    {
        var defaults = new MuseumOptions();
        var only = new Option<string[]>("--only")
        {
            Description = "Only these bugs, such as M07.",
            AllowMultipleArgumentsPerToken = true,
        };
        var ranges = new Option<int>("--ranges") { Description = "How many ranges of seeds.", DefaultValueFactory = _ => defaults.Ranges };
        var most = new Option<int>("--most") { Description = "The most seeds of a range.", DefaultValueFactory = _ => defaults.SeedsMax };
        var first = new Option<ulong>("--first") { Description = "The first seed.", DefaultValueFactory = _ => defaults.FirstSeed };
        var budget = new Option<int>("--budget")
        {
            Description = "The most CPU-seconds of a range.",
            DefaultValueFactory = _ => (int)defaults.BudgetMax.TotalSeconds,
        };
        var shrink = new Option<int>("--shrink")
        {
            Description = "The most CPU-seconds for making a found plan small; 0 for not at all.",
            DefaultValueFactory = _ => (int)defaults.ShrinkMost.TotalSeconds,
        };
        var save = new Option<DirectoryInfo?>("--save") { Description = "Write the small plans to this folder, NAME.txt each." };
        var small = new Option<bool>("--small")
        {
            Description = "Hunt with small plans of one trouble each, not with those of 'run --seeds'.",
        };
        var kept = new Option<DirectoryInfo?>("--kept")
        {
            Description = "Do not hunt: run the plans of this folder, NAME.txt each, and say how many draws of each find its bug.",
        };
        var list = new Option<bool>("--list") { Description = "Only say which bugs there are." };
        var command = new Command(
            "museum",
            "Hunts planted bugs: after how many seeds and CPU-seconds (medians of the ranges) each is found, which invariant speaks first, "
            + "and how small its plan becomes. Exit code: 0 all found, 2 bad input, 128 some not found, 129 the canary was not found or a "
            + "run breaks something without any bug.")
        { only, ranges, most, first, budget, shrink, save, small, kept, list };
        command.SetAction(parsed =>
        {
            var names = parsed.GetValue(only) ?? [];
            if (names.FirstOrDefault(name => Exhibit.All.All(exhibit => exhibit.Name != name)) is { } unknown)
            {
                Console.Error.WriteLine(
                    $"There is no bug '{unknown}'. There are: {string.Join(' ', Exhibit.All.Select(bug => bug.Name))}.");
                return BadInput;
            }

            if (parsed.GetValue(list))
            {
                foreach (var exhibit in Exhibit.All)
                {
                    Console.Out.WriteLine($"{exhibit.Name}  {exhibit.Title}. Needs {exhibit.Least}; {string.Join(' ', exhibit.Fires)}.");
                }

                return Visit.Good;
            }

            if (parsed.GetValue(kept) is { } folder)
            {
                return ShowKept(folder, names);
            }

            var options = new MuseumOptions
            {
                Only = names,
                Ranges = parsed.GetValue(ranges),
                SeedsMax = parsed.GetValue(most),
                FirstSeed = parsed.GetValue(first),
                BudgetMax = TimeSpan.FromSeconds(parsed.GetValue(budget)),
                ShrinkMost = TimeSpan.FromSeconds(parsed.GetValue(shrink)),
                Save = parsed.GetValue(save),
                Plan = parsed.GetValue(small) ? Galleries.Plan : PlanGenerator.From,
            };
            return new Visit(options, Console.Out).Run();
        });
        return command;
    }

    private static int ShowKept(DirectoryInfo folder, string[] names)
    {
        var missed = false;
        foreach (var exhibit in Exhibit.All.Where(exhibit => names.Length == 0 || names.Contains(exhibit.Name)))
        {
            var file = new FileInfo(Path.Combine(folder.FullName, exhibit.Name + ".txt"));
            if (file.Exists)
            {
                var drawn = Hunt.Draws(exhibit, PlanReader.Read(File.ReadAllText(file.FullName)), Visit.DrawsOfKept);
                missed |= drawn.Found.Count == 0;
                Console.Out.WriteLine($"{exhibit.Name}  {drawn.Found.Count} of {Visit.DrawsOfKept} draws  "
                    + $"{(drawn.Found is [var first, ..] ? first.Violation : null)}");
            }
        }

        return missed ? Visit.Missed : Visit.Good;
    }
}
