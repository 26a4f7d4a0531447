using System.Diagnostics;
using System.Globalization;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;
using Xunit.Abstractions;

namespace LocalPv.Sim.Tests.Seeds;

/// <summary>
/// Plans with every fault and every invariant: those that once failed, and a fixed set of seeds. What fails is run again by
/// <c>localpv-sim replay SEED</c>.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const ulong SeedsASecondMost = 1000;

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
    public void Run_FixedSeeds_KeepEveryInvariant() =>
        Assert.Equal([], FixedSeeds.Reports.Where(report => !report.IsGood).Select(Failure));

    /// <summary>What no run sees is a branch that nothing tests. A few races are so rare that plans are made for them.</summary>
    [Fact]
    public void Run_FixedSeedsAndRarePlans_SeeEveryRace()
    {
        var seen = new SortedSet<string>(FixedSeeds.Reports.SelectMany(report => report.Marks.Keys), StringComparer.Ordinal);
        foreach (var file in (string[])["rare-races.txt", "rarest-races.txt"])
        {
            seen.UnionWith(PlanRunner.Run(PlanReader.Read(File.ReadAllText(Path.Combine(Folder(), file)))).Marks.Keys);
        }

        Assert.Equal([], RaceMarks.All.Except(seen, StringComparer.Ordinal));
    }

    /// <summary>
    /// Seeds that nobody has tried: as many as there is time for in <c>LOCALPV_FRESH_SECONDS</c>, from one that the clock chooses and that
    /// is printed first. Without the variable one seed, always the same, so that what is red is red for everybody.
    /// </summary>
    [Fact]
    public void Run_FreshSeeds_KeepEveryInvariant()
    {
        var watch = Stopwatch.StartNew();
        var budget = Environment.GetEnvironmentVariable("LOCALPV_FRESH_SECONDS") is { Length: > 0 } asked
            ? TimeSpan.FromSeconds(double.Parse(asked, CultureInfo.InvariantCulture))
            : TimeSpan.Zero;
        var first = budget == TimeSpan.Zero
            ? FixedSeeds.Last + 1
            : (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() * SeedsASecondMost;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seeds from {first} on, for {budget.TotalSeconds} s"));
        var seed = first;
        do
        {
            var report = PlanRunner.Run(PlanGenerator.From(seed++));
            Assert.True(report.IsGood, Failure(report));
        }
        while (watch.Elapsed < budget);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seeds {first}..{seed - 1} are good."));
    }

    private static string Failure(RunReport report) =>
        string.Create(CultureInfo.InvariantCulture, $"localpv-sim replay {report.Plan.Seed}: {report.Violation}");

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
