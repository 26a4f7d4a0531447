using System.CommandLine;
using System.Globalization;
using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary><c>localpv-sim museum</c>: hunts every planted bug from several ranges of seeds, and reports.</summary>
internal static class MuseumCommand
{
    internal static Command Create()
    {
        var only = new Option<string[]>("--only") { Description = "Only these bugs, such as M07.", AllowMultipleArgumentsPerToken = true };
        var ranges = new Option<int>("--ranges") { Description = "How many ranges of seeds.", DefaultValueFactory = _ => 3 };
        var most = new Option<int>("--most") { Description = "The most seeds of one range.", DefaultValueFactory = _ => 60 };
        var budget = new Option<int>("--budget") { Description = "The most CPU-seconds of one range.", DefaultValueFactory = _ => 120 };
        var full = new Option<bool>("--full") { Description = "Hunt with the generator's plans, not with small ones." };
        var command = new Command(
            "museum", "Hunts the planted bugs. Exit code: 0 all found, 128 some not, 129 the canary was not found or a run without a bug was bad.")
        { only, ranges, most, budget, full };
        command.SetAction(parsed => Run(
            parsed.GetValue(only) ?? [],
            parsed.GetValue(ranges),
            parsed.GetValue(most),
            TimeSpan.FromSeconds(parsed.GetValue(budget)),
            parsed.GetValue(full) ? PlanGenerator.From : Galleries.Plan));
        return command;
    }

    private static int Run(string[] only, int ranges, int most, TimeSpan budget, Func<ulong, Plan> plan)
    {
        var first = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var missed = 0;
        var canaryLives = false;
        Console.WriteLine("bug  found  seeds (median)  CPU-s (median)  spoke first          what is wrong");
        foreach (var exhibit in Exhibit.All.Where(exhibit => only.Length == 0 || only.Contains(exhibit.Name)))
        {
            var kills = Enumerable.Range(0, ranges)
                .Select(range => Hunt.Run(exhibit.Name, 1 + (ulong)(range * 1000), most, budget, plan)).ToList();
            var found = kills.Where(kill => kill.Seed is not null).ToList();
            canaryLives |= exhibit.Name == Exhibit.Canary && found.Count == ranges;
            missed += found.Count == 0 ? 1 : 0;
            foreach (var kill in found)
            {
                first[kill.Invariant] = first.GetValueOrDefault(kill.Invariant) + 1;
            }

            var speakers = string.Join(" ", found.Select(kill => kill.Invariant).Distinct());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{exhibit.Name}  {found.Count}/{ranges,-4} {Median(kills.Select(kill => (double)kill.Seeds)),14}  "
                + $"{Median(kills.Select(kill => kill.Cost.TotalSeconds)),14:0.0}  {speakers,-19}  {exhibit.Title}"));
        }

        var silent = LocalPv.Sim.Checking.AllRules.Create(new()).Select(rule => rule.Id).Where(id => !first.ContainsKey(id));
        Console.WriteLine($"spoke first: {string.Join(", ", first.Select(entry => $"{entry.Key} {entry.Value}"))}");
        Console.WriteLine($"never first: {string.Join(" ", silent)}");
        return only.Length == 0 && !canaryLives ? 129 : missed > 0 ? 128 : 0;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
