using System.Diagnostics;
using LocalPv.Sim.CommandLine;

namespace LocalPv.Sim.Tests.CommandLine;

/// <summary>What a Pod of <c>deploy/sim/job.yaml</c> runs, with seeds enough to be ended in the middle.</summary>
public sealed class ClusterJobTests : IDisposable
{
    // Nothing here takes long; the machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-job-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Pod_ThatIsEndedEarly_TellsWhatItHasFound()
    {
        var results = Path.Combine(_folder.FullName, "seeds.jsonl");
        var script = (await ScriptAsync())
            .Replace("/results", _folder.FullName, StringComparison.Ordinal)
            .Replace("localpv-sim run", $"dotnet '{typeof(BreakOff).Assembly.Location}' run", StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/sh", ["-c", script])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["JOB_COMPLETION_INDEX"] = "7";
        using var pod = Process.Start(start)!;
        var output = pod.StandardOutput.ReadToEndAsync();
        await UntilGrowsAsync(results);
        using (var kill = Process.Start("kill", ["-TERM", $"{pod.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await pod.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(ExitCodes.NotTrue, pod.ExitCode);
        Assert.Contains("broken off: ", await output, StringComparison.Ordinal);
        Assert.Contains((await File.ReadAllTextAsync(results)).TrimEnd(), await output, StringComparison.Ordinal);
    }

    // The text block that is the Pod's command.
    private static async Task<string> ScriptAsync()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LocalPv.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "deploy/sim/job.yaml"));
        var begin = Array.FindIndex(lines, line => line.TrimEnd().EndsWith("- |", StringComparison.Ordinal)) + 1;
        var indent = lines[begin][..^lines[begin].TrimStart().Length];
        return string.Join('\n', lines.Skip(begin).TakeWhile(line => line.StartsWith(indent, StringComparison.Ordinal)));
    }

    private static async Task UntilGrowsAsync(string file)
    {
        var began = Stopwatch.GetTimestamp();
        while (!File.Exists(file) || new FileInfo(file).Length == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Nothing was written to {file}.");
            await Task.Delay(20);
        }
    }
}
