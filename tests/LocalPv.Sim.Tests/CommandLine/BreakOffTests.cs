using System.Diagnostics;
using LocalPv.Sim.CommandLine;

namespace LocalPv.Sim.Tests.CommandLine;

/// <summary>The program, and signals that come in the middle of its work.</summary>
public sealed class BreakOffTests : IDisposable
{
    // What a shell makes of a process that SIGTERM has ended.
    private const int EndedBySignal = 128 + 15;

    // Nothing here takes long; the machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-sim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Seeds_ThatAreBrokenOff_SayHowFarTheyCame()
    {
        var results = Path.Combine(_folder.FullName, "seeds.jsonl");
        using var process = Begin("run", "--seeds", "1..1000000", "--workers", "1", "--results", results);
        await UntilGrowsAsync(results);
        await TerminateAsync(process);
        var (code, output, errors) = await EndAsync(process);
        Assert.Equal(ExitCodes.NotTrue, code);
        Assert.StartsWith("broken off: ", output.Split('\n')[^2], StringComparison.Ordinal);
        Assert.DoesNotContain("exception", errors, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What cannot say how far it came ends at once, also where the signal comes twice.</summary>
    [Fact]
    public async Task Scenario_ThatIsTerminated_EndsAtOnce()
    {
        var scenario = Path.Combine(_folder.FullName, "long.txt");
        var trace = Path.Combine(_folder.FullName, "trace.txt");
        await File.WriteAllTextAsync(scenario, "# A long time\ncluster nodes=9 disks=1 disk-size=10Gi\nat 0s class fast\nrun on 1000h\n");
        using var process = Begin("run", scenario, "--trace", trace);
        await UntilGrowsAsync(trace);
        await TerminateAsync(process, process);
        var (code, _, errors) = await EndAsync(process);
        Assert.Equal(EndedBySignal, code);
        Assert.Equal("", errors);
    }

    private static Process Begin(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BreakOff).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
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

    // Each of them gets a signal, one right after the other.
    private static async Task TerminateAsync(params Process[] processes)
    {
        using var kill = Process.Start("kill", ["-TERM", .. processes.Select(process => $"{process.Id}")]);
        await kill.WaitForExitAsync();
    }

    private static async Task<(int Code, string Output, string Errors)> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }
}
