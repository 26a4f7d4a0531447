using System.Diagnostics;
using System.Globalization;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary>One visit to the museum: hunts every planted bug from several ranges of seeds, and reports how soon each is found.</summary>
public sealed class Visit(MuseumOptions options, TextWriter output)
{
    /// <summary>Every bug was found.</summary>
    public const int Good = 0;

    /// <summary>A bug was not found.</summary>
    public const int Missed = 128;

    /// <summary>The canary was not found, or a run breaks something without any bug: the other results mean nothing.</summary>
    public const int Worthless = 129;

    /// <summary>Under how many draws of latencies and ties a plan that is kept is tried.</summary>
    public const int DrawsOfKept = 6;

    private const ulong RangeDistance = 100_000;

    private readonly SortedDictionary<string, SortedSet<string>> _killed = new(StringComparer.Ordinal);
    private readonly List<double> _seedsToFind = [];
    private int _missed;
    private bool _isWorthless;

    /// <summary>Hunts, writes a line for each bug, and a summary; the exit code.</summary>
    public int Run()
    {
        output.WriteLine("bug  found    seeds   CPU-s  spoke first      small plan (nodes/ops/faults)  shrunk in  what is wrong");
        var chosen = Exhibit.All.Where(exhibit => options.Only.Count == 0 || options.Only.Contains(exhibit.Name)).ToList();
        foreach (var exhibit in chosen)
        {
            Show(exhibit);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{chosen.Count - _missed} of {chosen.Count} found; median seeds of the found: {Median(_seedsToFind):0}"));
        output.WriteLine("spoke first: " + string.Join(
            ", ", _killed.Select(entry => $"{entry.Key} ({string.Join(' ', entry.Value)})")));
        output.WriteLine("killed nothing: " + string.Join(
            ' ', AllRules.Create(new ExtenderView()).Select(rule => rule.Id).Where(id => !_killed.ContainsKey(id))));
        return _isWorthless ? Worthless : _missed > 0 ? Missed : Good;
    }

    private void Show(Exhibit exhibit)
    {
        var kills = Enumerable.Range(0, options.Ranges).Select(range => Hunt.Run(
            exhibit.Name, options.FirstSeed + ((ulong)range * RangeDistance), options.SeedsMax, options.BudgetMax, options.Plan)).ToList();
        var found = kills.Where(kill => kill.Report is not null).ToList();
        var speakers = found.Select(kill => kill.Report!.Violation!.Invariant).Distinct().ToList();
        foreach (var speaker in speakers)
        {
            (_killed.TryGetValue(speaker, out var bugs) ? bugs : _killed[speaker] = new(StringComparer.Ordinal)).Add(exhibit.Name);
        }

        _missed += found.Count == 0 ? 1 : 0;
        _isWorthless |= exhibit.Name == Exhibit.Canary && found.Count < options.Ranges;
        var seeds = Median(kills.Select(kill => (double)kill.Seeds));
        if (found.Count > 0)
        {
            _seedsToFind.Add(seeds);
        }

        var cost = Median(kills.Select(kill => kill.Cost.TotalSeconds));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{exhibit.Name}  {found.Count,2}/{options.Ranges,-3} {seeds,7:0} {cost,7:0.0}  {string.Join(' ', speakers),-15}  "
            + $"{Small(exhibit, [.. found.Select(kill => kill.Report!)]),-40}  {exhibit.Title}"));
        output.Flush();
    }

    // How small the plan of the first range becomes, and how soon; it must not break anything where the bug is not.
    private string Small(Exhibit exhibit, IReadOnlyList<RunReport> reports)
    {
        if (reports.Count == 0)
        {
            return "-";
        }

        if (reports.FirstOrDefault(found => !Hunt.Try("", found.Plan).IsGood) is { } wrong)
        {
            _isWorthless = true;
            return $"{wrong.Plan.Title} alone: {Hunt.Try("", wrong.Plan).Violation}";
        }

        if (options.ShrinkMost == TimeSpan.Zero)
        {
            return "";
        }

        var before = Hunt.CpuTime;
        var watch = Stopwatch.StartNew();
        bool IsTimeUp() => Hunt.CpuTime - before > options.ShrinkMost;
        if (options.Save is { } folder)
        {
            return Save(exhibit, reports, folder, IsTimeUp);
        }

        var result = Hunt.Shrink(exhibit.Name, reports[0], IsTimeUp);
        var plan = result.Smallest.Plan;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Size.Nodes}/{plan.Size.Operations}/{plan.Size.Faults} {(Hunt.CpuTime - before).TotalSeconds:0.0} CPU-s, "
            + $"{watch.Elapsed.TotalSeconds:0.0} s, {result.Runs} runs");
    }

    // A kept plan has to find the bug for long: so the one that most draws find, made smaller only as far as they still do.
    private static string Save(Exhibit exhibit, IReadOnlyList<RunReport> reports, DirectoryInfo folder, Func<bool> isTimeUp)
    {
        var best = reports.MaxBy(report => Hunt.Draws(exhibit, report.Plan, DrawsOfKept).Found.Count)!;
        var result = Hunt.ShrinkSturdily(exhibit, best, isTimeUp);
        var plan = result.Smallest.Plan;
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, exhibit.Name + ".txt"), PlanWriter.Write(plan with { Title = exhibit.Title }));
        var draws = Hunt.Draws(exhibit, plan, DrawsOfKept).Found.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Size.Nodes}/{plan.Size.Operations}/{plan.Size.Faults}, {draws} of {DrawsOfKept} draws, {result.Runs} runs");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
