using System.CommandLine;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Hosting.Cli;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>The program as a person or a script meets it.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("agent", "--node-name", "--kubeconfig", "--backend", "--scan-period")]
    [InlineData("extender", "--listen", "--kubeconfig", "--provisioner", "--tls-cert-file", "--tls-client-ca-file", "--operations-listen")]
    [InlineData("controller", "--identity", "--lease-namespace", "--kubeconfig", "--provisioner", "--extender-service")]
    [InlineData("doctor", "--node-name", "--kubeconfig", "--backend", "--offline", "--output")]
    [InlineData("disks", "--match", "--min-size", "--output")]
    [InlineData("up", "--demo", "--once", "--filename", "--nodes", "--disks", "--disk-size", "--api-port", "--extender-port", "--output")]
    public async Task Help_OfACommand_NamesItsFlags(string command, params string[] flags)
    {
        var (code, output, _) = await RunAsync(command, "--help");

        Assert.Equal(ExitCode.Done, code);
        Assert.All(flags, flag => Assert.Contains(flag, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_OfTheProgram_ExplainsItsExitCodes()
    {
        var (_, output, _) = await RunAsync("--help");

        Assert.Contains("Exit codes:", output, StringComparison.Ordinal);
        Assert.Contains("130  interrupted", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_ThatAreWrong_AreAllNamedAtOnce()
    {
        var (code, output, errors) = await RunAsync(
            "up", "--nodes", "0", "--disks", "many", "--disk-size", "x", "--output", "json", "--timeout", "soon", "--api-port", "70000",
            "-f", "/none.yaml");

        Assert.Equal(ExitCode.WrongInput, code);
        Assert.Empty(output);
        Assert.All(
            (string[])
            [
                "--nodes: 0 is not between", "--disks: 'many' is no whole number", "--disk-size", "--output", "--timeout", "--api-port",
                "/none.yaml",
            ],
            flag => Assert.Contains(flag, errors, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server: 6443", "clusters[name=c].cluster.server")]
    [InlineData("server: [", "line ")]
    public async Task Agent_WithABrokenKubeconfig_SaysWhichFileAndKeyAndBeginsNothing(string server, string where)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            $"current-context: x\ncontexts: [{{name: x, context: {{cluster: c}}}}]\nclusters:\n- name: c\n  cluster:\n    {server}\n");

        var (code, _, errors) = await RunAsync("agent", "--node-name", "n", "--backend", "fake", "--kubeconfig", file);

        File.Delete(file);
        Assert.Equal(ExitCode.WrongInput, code);
        Assert.Contains(file, errors, StringComparison.Ordinal);
        Assert.Contains(where, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_WithoutANode_SaysWhatToGive()
    {
        var (code, _, errors) = await RunAsync("agent", "--kubeconfig", "/none");

        Assert.Equal(ExitCode.WrongInput, code);
        Assert.Contains("--node-name: is required", errors, StringComparison.Ordinal);
        Assert.Contains("/none", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disks_WithJson_PrintsOneDocumentWithAVerdictForEach()
    {
        var (code, output, _) = await RunAsync("disks", "--backend", "fake", "--min-size", "30Gi", "-o", "json");

        Assert.Equal(ExitCode.Done, code);
        var disks = Assert.IsType<JsonList>(JsonTree.Parse(output)).Maps().ToArray();
        Assert.Equal(2, disks.Length);
        Assert.All(disks, disk => Assert.Equal("NotChosen", disk.Text("verdict")));
        Assert.All(disks, disk => Assert.Contains("30Gi", disk.Text("reason"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_WithAClaimThatCannotBeServed_FailsOnceItsTimeIsUpAndSaysWhatIsMissing()
    {
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".yaml");
        await File.WriteAllTextAsync(file, UpWorld.FastClass + "\n---\n" + UpWorld.PodWithClaim("huge", "1Ti"));

        var (code, output, errors) = await RunAsync("up", "--once", "--nodes", "1", "--timeout", "4s", "-f", file);

        File.Delete(file);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("pod default/huge is Pending", errors, StringComparison.Ordinal);
        Assert.Contains("--timeout", errors, StringComparison.Ordinal);
        Assert.Contains("huge", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_WithAKindThatIsNotServed_SaysSoBeforeAnythingIsAppliedAndPrintsNoTable()
    {
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".yaml");
        await File.WriteAllTextAsync(
            file, UpWorld.FastClass + "\n---\n{apiVersion: example.com/v1, kind: Kettle, metadata: {name: k}}\n");

        var (code, output, errors) = await RunAsync("up", "--demo", "--once", "--nodes", "1", "-f", file);

        File.Delete(file);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"{file}: Kettle k: the embedded cluster does not serve", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("CLAIM", output, StringComparison.Ordinal);
        Assert.DoesNotContain("claim/", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_WithManifestsOfTheUsersOwn_ServesThemAndPrintsOneDocument()
    {
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".yaml");
        await File.WriteAllTextAsync(file, UpWorld.FastClass + "\n---\n" + UpWorld.PodWithClaim("mine", "3Gi"));

        var (code, output, _) = await RunAsync("up", "--once", "--nodes", "1", "--output", "json", "-f", file);

        File.Delete(file);
        Assert.Equal(ExitCode.Done, code);
        var report = Assert.IsType<JsonMap>(JsonTree.Parse(output));
        Assert.True(report.Boolean("settled"));
        var claim = Assert.Single(report.List("claims")!.Maps());
        Assert.Equal(
            ("mine", "Bound", "node-1", "3Gi"), (claim.Text("name"), claim.Text("phase"), claim.Text("node"), claim.Text("capacity")));
        Assert.NotEmpty(report.List("timeline")!);
    }

    [Fact]
    public async Task Up_OnATakenPort_SaysWhichFlagToChange()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        var (code, _, errors) = await RunAsync("up", "--once", "--extender-port", $"{port}");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("--extender-port", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_ThatIsInterrupted_EndsCleanlyAndPrintsHowToReachIt()
    {
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        var shared = TextWriter.Synchronized(output);
        var configuration = new InvocationConfiguration { Output = shared, Error = shared };
        var running = CommandLine.RunAsync(["up", "--nodes", "1"], configuration, stop.Token);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!output.ToString().Contains("KUBECONFIG=", StringComparison.Ordinal))
        {
            await Task.Delay(50, limit.Token);
        }

        await stop.CancelAsync();

        Assert.Equal(ExitCode.Done, await running.WaitAsync(TimeSpan.FromSeconds(30)));
        var kubeconfig = output.ToString().Split("KUBECONFIG=")[1].Split('\n')[0].Trim();
        Assert.False(File.Exists(kubeconfig));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var configuration = new InvocationConfiguration { Output = output, Error = errors };
        var code = await CommandLine.RunAsync(arguments, configuration, CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }
}
