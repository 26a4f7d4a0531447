using System.Globalization;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Seeds;

/// <summary>
/// Plans with every fault and every invariant: those that once failed, and a fixed set of seeds. What fails is run again by
/// <c>localpv-sim replay SEED</c>.
/// </summary>
public sealed class SeedTests
{
    private const ulong FixedSeeds = 6;

    // How many races these few plans may miss; the rest of all seeds is to see them.
    private const int MissingMarksMax = 2;

    public static TheoryData<string> Plans =>
        new(Directory.EnumerateFiles(Folder(), "*.txt").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal));

    /// <summary>What was wrong is said in each plan's first line.</summary>
    [Theory]
    [MemberData(nameof(Plans))]
    public void Run_PlanThatOnceFailed_KeepsEveryInvariant(string file)
    {
        var report = PlanRunner.Run(PlanReader.Read(File.ReadAllText(Path.Combine(Folder(), file))));
        Assert.True(report.IsGood, $"{file}: {report.Violation}");
    }

    [Fact]
    public void Run_FixedSeeds_KeepEveryInvariantAndSeeNearlyEveryRace()
    {
        var failed = new List<string>();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (var seed = 1UL; seed <= FixedSeeds; seed++)
        {
            var report = PlanRunner.Run(PlanGenerator.From(seed));
            seen.UnionWith(report.Marks.Keys);
            if (report.Violation is { } violation)
            {
                failed.Add(string.Create(CultureInfo.InvariantCulture, $"localpv-sim replay {seed}: {violation}"));
            }
        }

        Assert.True(failed.Count == 0, string.Join('\n', failed));

        // A few are so rare that a plan is made for them.
        seen.UnionWith(PlanRunner.Run(PlanReader.Read(File.ReadAllText(Path.Combine(Folder(), "rare-races.txt")))).Marks.Keys);
        var missing = RaceMarks.All.Except(seen, StringComparer.Ordinal).ToArray();
        Assert.True(missing.Length <= MissingMarksMax, string.Join('\n', missing));
    }

    // A build for continuous integration maps the paths of the sources, so that the folder is looked for from the assembly upwards.
    private static string Folder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "LocalPv.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"There is no LocalPv.sln above {AppContext.BaseDirectory}.");
        }

        return Path.Combine(root.FullName, "tests", "LocalPv.Sim.Tests", "Seeds", "Plans");
    }
}
