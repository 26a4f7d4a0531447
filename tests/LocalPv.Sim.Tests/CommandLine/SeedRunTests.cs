using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.CommandLine;

namespace LocalPv.Sim.Tests.CommandLine;

/// <summary>Many seeds on many machines: what was done is not done again, and what each found is put together.</summary>
public sealed class SeedRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-sim-");

    [Fact]
    public void Run_BrokenOffBefore_GoesOnWithWhatIsMissing()
    {
        var results = new FileInfo(Path.Combine(_folder.FullName, "seeds.jsonl"));
        System.IO.File.WriteAllText(
            results.FullName, $"{Result(7, null).ToLine()}\n{Result(9, "S03").ToLine()}\n{{\"seed\":\"8\",\"events\":12\n");
        using var output = new StringWriter();
        var code = new SeedRun(new SeedRange(7, 9), 2, results, TimeSpan.Zero, output, TextWriter.Null).Run(CancellationToken.None);

        // The failure that was known stays one; of the torn line nothing is believed.
        Assert.Equal(ExitCodes.Broken, code);
        Assert.StartsWith("1 seeds in ", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("2 were known; 1 failed\n", output.ToString(), StringComparison.Ordinal);
        var known = System.IO.File.ReadLines(results.FullName).Select(SeedResult.Read).OfType<SeedResult>().ToList();
        Assert.Equal([7UL, 9UL, 8UL], known.Select(result => result.Seed));
        Assert.True(known[2].Events > 10_000);
    }

    [Fact]
    public void Report_OfSeveralFiles_CountsEachSeedOnceAndTellsWhatFailed()
    {
        var (one, two) = (File("one.jsonl", Result(1, null), Result(2, "S03")), File("two.jsonl", Result(2, "S03"), Result(3, null)));
        using var output = new StringWriter();
        Assert.Equal(ExitCodes.Broken, ReportCommand.Report([one, two], output));
        Assert.StartsWith("3 seeds, 1 failed, 0 with different traces; ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("seed 2: S03: it broke\n  again: localpv-sim replay 2\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("       3 seeds         15 times  seen: something", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Good, ReportCommand.Report([File("good.jsonl", Result(4, null))], TextWriter.Null));
    }

    [Fact]
    public void Report_OneSeedWithTwoTraces_IsAFailure()
    {
        using var output = new StringWriter();
        var other = File("other.jsonl", Result(1, null) with { TraceHash = "abc" });
        Assert.Equal(ExitCodes.Broken, ReportCommand.Report([File("one.jsonl", Result(1, null)), other], output));
        Assert.Contains("seed 1: its traces differ", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The parts of an Indexed Job are all seeds, and no seed twice, also where they do not divide evenly.</summary>
    [Theory]
    [InlineData(1, 1000, 20)]
    [InlineData(5, 11, 3)]
    [InlineData(0, 6, 7)]
    public void Part_OfAllIndexes_IsAllSeedsOnce(ulong first, ulong last, int parts)
    {
        var next = first;
        for (var index = 0; index < parts; index++)
        {
            var part = new SeedRange(first, last).Part(index, parts);
            Assert.Equal(next, part.First);
            Assert.True(part.Last >= part.First);
            next = part.Last + 1;
        }

        Assert.Equal(last + 1, next);
    }

    [Theory]
    [InlineData("1..1000", true)]
    [InlineData("7", true)]
    [InlineData("9..7", false)]
    [InlineData("1..", false)]
    [InlineData("-1..4", false)]
    public void TryParse_Range_TakesOnlyWhatIsOne(string text, bool good) => Assert.Equal(good, SeedRange.TryParse(text, out _));

    /// <summary>At the end, in the middle with what was known, before the first, and where it takes more than a day.</summary>
    [Theory]
    [InlineData(1000, 0, 1000, 60, "[########################] 100.0 %  1000 seeds  1000 a minute  2 failed  00:00:00 left")]
    [InlineData(1000, 250, 250, 30, "[############............]  50.0 %  250 seeds  500 a minute  2 failed  00:01:00 left")]
    [InlineData(1000, 0, 0, 1, "[........................]   0.0 %  0 seeds  0 a minute  2 failed  ? left")]
    [InlineData(1_000_000, 0, 100, 60, "[........................]   0.0 %  100 seeds  100 a minute  2 failed  166:39:00 left")]
    public void Progress_OfARun_IsABarARateAndTheTimeLeft(ulong all, ulong known, ulong done, int seconds, string line) =>
        Assert.Equal(line, ProgressLine.Of(all, known, done, 2, TimeSpan.FromSeconds(seconds)));

    public void Dispose() => _folder.Delete(recursive: true);

    private static SeedResult Result(ulong seed, string? invariant) => new(
        seed, "hash", 1000, 20, invariant, invariant is null ? null : "it broke", null, JsonMap.Of(("seen: something", 5)));

    private FileInfo File(string name, params SeedResult[] results)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllLines(path, results.Select(result => result.ToLine()));
        return new FileInfo(path);
    }
}
