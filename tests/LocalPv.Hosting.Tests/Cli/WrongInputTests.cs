using System.CommandLine;
using LocalPv.Hosting.Cli;

namespace LocalPv.Hosting.Tests.Cli;

/// <summary>What somebody typed wrongly is said to be that, with what would be right; never a bug.</summary>
[Collection("Metrics")]
public sealed class WrongInputTests : IDisposable
{
    private const string Kubeconfig =
        """
        current-context: c
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
        contexts: [{name: c, context: {cluster: c}}]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ScanPeriod_ThatWouldMakeReportsTooOld_IsRefusedWithTheReason()
    {
        var (code, errors) = await RunAsync("agent", "--node-name", "n", "--backend", "fake", "--scan-period", "6m");
        Assert.Equal(ExitCode.WrongInput, code);
        Assert.Contains("--scan-period: 6m is not between 1s and 5m. A node whose last report", errors, StringComparison.Ordinal);
    }

    // An address that is not here (TEST-NET-3, RFC 5737).
    [Theory]
    [InlineData("extender", "--listen", "203.0.113.77:8900")]
    [InlineData("extender", "--operations-listen", "203.0.113.77:8901")]
    [InlineData("controller", "--operations-listen", "203.0.113.77:8901")]
    public async Task Address_ThatIsNotHere_IsSaidToBeThat(string command, string flag, string address)
    {
        string[] others = flag == "--listen" || command == "controller" ? [] : ["--listen", "127.0.0.1:0"];
        var (code, errors) = await RunAsync([command, flag, address, .. others]);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"localpv: {flag} {address}: ", errors, StringComparison.Ordinal);
        Assert.Contains("Choose another address or port.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubeconfig_ThatCannotBeWritten_IsSaidToBeThat()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var code = await CommandLine.RunAsync(
            ["up", "--cluster-only", "--write-kubeconfig", "/nowhere/at/all"],
            new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false },
            limit.Token);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("--write-kubeconfig /nowhere/at/all: ", errors.ToString(), StringComparison.Ordinal);
    }

    private async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        var file = Path.Combine(_folder, "config");
        await File.WriteAllTextAsync(file, Kubeconfig);
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var code = await CommandLine.RunAsync(
            [.. arguments, "--kubeconfig", file],
            new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false },
            limit.Token);
        return (code, errors.ToString());
    }
}
