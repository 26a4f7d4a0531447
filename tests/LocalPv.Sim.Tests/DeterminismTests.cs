using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using LocalPv.Sim.CommandLine;
using LocalPv.Sim.Scenarios;
using LocalPv.Sim.Tests.Scenarios;
using LocalPv.Sim.Tests.Seeds;

namespace LocalPv.Sim.Tests;

/// <summary>The same seed gives the same events in the same order: in one process, in another, and in another build.</summary>
public sealed class DeterminismTests
{
    public static TheoryData<string> Files => new(ScenarioFiles.Names);

    [Theory]
    [MemberData(nameof(Files))]
    public void Trace_SameSeedInTheSameProcess_IsTheSameToTheByte(string file)
    {
        var scenario = ScenarioReader.Read(File.ReadAllText(ScenarioFiles.PathOf(file)));
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        var one = ScenarioRunner.Run(scenario, 3, first);
        var two = ScenarioRunner.Run(scenario, 3, second);
        Assert.Equal(one.TraceHash, two.TraceHash);
        Assert.True(first.ToArray().AsSpan().SequenceEqual(second.ToArray()));
    }

    [Fact]
    public void Trace_OtherSeed_IsAnother()
    {
        var scenario = ScenarioReader.Read(File.ReadAllText(ScenarioFiles.PathOf("one-claim.txt")));
        Assert.NotEqual(ScenarioRunner.Run(scenario, 3).TraceHash, ScenarioRunner.Run(scenario, 4).TraceHash);
    }

    [Theory]
    [InlineData("Debug")]
    [InlineData("Release")]
    public void Trace_OtherProcessAndBuild_IsTheSameToTheByte(string configuration)
    {
        var program = ProgramOf(configuration);
        // Each costs a process of its own: a quarter of them is enough to see another order or another number.
        foreach (var file in ScenarioFiles.Names.Where((_, index) => index % 4 == 0))
        {
            var here = ScenarioRunner.Run(ScenarioReader.Read(File.ReadAllText(ScenarioFiles.PathOf(file))), 5);
            var there = Run(program, "run", ScenarioFiles.PathOf(file), "--seed", "5", "--quiet");
            Assert.Contains($"sha256 {here.TraceHash}", there, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Whole plans with their faults and invariants: a seed is the name of one run, wherever it is run. Every seed of the sample is run a
    /// second time, in a process of its own and by the other build.
    /// </summary>
    [Fact]
    public async Task Trace_EverySeedOfTheSampleInOtherProcessAndBuild_IsTheSameToTheByte()
    {
        var results = Path.GetTempFileName();
        try
        {
            var seeds = string.Create(CultureInfo.InvariantCulture, $"{FixedSeeds.First}..{FixedSeeds.Last}");
            var there = Task.Run(() => Run(
                ProgramOf(OtherBuild), "run", "--seeds", seeds, "--workers", "1", "--shrink", "0", "--results", results));
            var here = FixedSeeds.Reports.Select(report => $"{report.Plan.Seed} {report.TraceHash}").ToArray();
            await there;
            Assert.Equal(here, File.ReadLines(results).Select(line => SeedResult.Read(line)!).Select(one => $"{one.Seed} {one.TraceHash}"));
        }
        finally
        {
            File.Delete(results);
        }
    }

    private static string OtherBuild =>
        typeof(DeterminismTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration == "Debug"
            ? "Release"
            : "Debug";

    private static string ProgramOf(string configuration)
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ScenarioFiles.PathOf("x"))!, "..", "..", "..", ".."));
        var program = Path.Combine(root, "LocalPv.Sim", "bin", configuration, "net10.0", "localpv-sim.dll");
        Assert.True(
            File.Exists(program),
            $"{program} is missing: build it with 'dotnet build LocalPv.Sim -c {configuration}'; tests/run.sh builds both.");
        return program;
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
