using System.CommandLine;
using LocalPv.Hosting.Cli;

namespace LocalPv.EndToEnd.Tests.Traces;

/// <summary>The trace of <c>localpv agent --trace</c>.</summary>
public sealed class AgentTraceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-trace-");

    [Fact]
    public async Task Agent_ATraceThatCannotBeWritten_SaysSoAndBeginsNothing()
    {
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
            + "clusters:\n- name: c\n  cluster:\n    server: \"http://127.0.0.1:1/\"\n");
        using var output = new StringWriter();
        var code = await CommandLine.RunAsync(
            [
                "agent", "--node-name", "node-1", "--backend", "fake", "--kubeconfig", kubeconfig,
                "--trace", Path.Combine(_folder.FullName, "none", "agent.trace"),
            ],
            new InvocationConfiguration { Output = output, Error = output },
            CancellationToken.None);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("--trace: ", output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
