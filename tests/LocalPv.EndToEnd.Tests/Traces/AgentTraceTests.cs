using System.CommandLine;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Cli;
using LocalPv.Hosting.Embedded;
using LocalPv.Sim.Traces;

namespace LocalPv.EndToEnd.Tests.Traces;

/// <summary>The trace of <c>localpv agent --trace</c> against an API server over HTTP, replayed by the simulator.</summary>
public sealed class AgentTraceTests : IDisposable
{
    // Generous: the machine may be busy, and a wait ends as soon as what it waits for is true.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const string Class = """
        {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"fast"},
         "provisioner":"local-volume-provisioner","volumeBindingMode":"WaitForFirstConsumer","parameters":{"localpv.io/storage":
           "{\"nodeSelector\":{},\"disks\":{\"match\":[\"/dev/sd*\"]},\"volumeGroup\":{\"name\":\"fast\"}}"}}
        """;

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Instant.From(DateTimeOffset.UtcNow) });
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("localpv-trace-");

    private string Trace => Path.Combine(_folder.FullName, "agent.trace");

    [Fact]
    public async Task Agent_RecordedOverHttp_IsReplayedWithoutAnyDifference()
    {
        await using var listener = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions());
        Prepare(listener);
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        var shared = TextWriter.Synchronized(output);
        var running = CommandLine.RunAsync(
            [
                "agent", "--node-name", "node-1", "--backend", "fake", "--kubeconfig", await KubeconfigAsync(listener.Address),
                "--trace", Trace,
            ],
            new InvocationConfiguration { Output = shared, Error = shared },
            stop.Token);
        await UntilAsync(listener, running, "the group is there", () => Has<NodeLocalStorage>(
            ResourceTypes.NodeLocalStorages, storage => storage.Phase == "Ready"));
        Seed(listener, ResourceTypes.PersistentVolumeClaims, Claim("data", "3Gi"));
        Seed(listener, ResourceTypes.PersistentVolumeClaims, Claim("huge", "900Gi"));
        await UntilAsync(listener, running, "the volume is there", () => Has<PersistentVolume>(
            ResourceTypes.PersistentVolumes, volume => volume.Capacity == "3Gi"));
        await UntilAsync(listener, running, "the other claim is given back", () => Has<PersistentVolumeClaim>(
            ResourceTypes.PersistentVolumeClaims, claim => claim.Name == "huge" && claim.SelectedNode is null));
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Done, await running.WaitAsync(Patience));

        var lines = await File.ReadAllLinesAsync(Trace);
        var result = AgentReplay.Run(lines);
        Assert.True(result.Problem is null, result.Problem);
        Assert.True(result.Divergences.IsEmpty, result.Divergences.FirstOrDefault()?.ToString());
        Assert.Equal("node-1", result.Who);
        Assert.Equal("stopped", result.End);
        Assert.Equal(lines.Length - 2, result.Steps);
        Assert.Contains(lines, line => line.Contains("\"is\":\"create-volume\"", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal(0, Sim.CommandLine.Program.Main(["replay", Trace]));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Trace));
        }

        await ChangeAsync(lines);
    }

    [Fact]
    public async Task Agent_ATraceThatCannotBeWritten_SaysSoAndBeginsNothing()
    {
        using var output = new StringWriter();
        var code = await CommandLine.RunAsync(
            [
                "agent", "--node-name", "node-1", "--backend", "fake",
                "--kubeconfig", await KubeconfigAsync(new Uri("http://127.0.0.1:1/")),
                "--trace", Path.Combine(_folder.FullName, "none", "agent.trace"),
            ],
            new InvocationConfiguration { Output = output, Error = output },
            CancellationToken.None);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("--trace: ", output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // A trace in which an effect is another than the agent's says where, in words too, and by the exit code.
    private async Task ChangeAsync(string[] lines)
    {
        var line = Array.FindIndex(lines, text => text.Contains("\"is\":\"create-volume\"", StringComparison.Ordinal));
        lines[line] = lines[line].Replace("\"extents\":768", "\"extents\":769", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(Trace, lines);
        Assert.Equal(line, Assert.Single(AgentReplay.Run(lines).Divergences).Step);
        Assert.Equal(128, Sim.CommandLine.Program.Main(["replay", Trace]));
        await File.WriteAllTextAsync(Trace, string.Join('\n', lines)[..^2000]);
        Assert.Equal(2, Sim.CommandLine.Program.Main(["replay", Trace, "--quiet"]));
    }

    private async Task<string> KubeconfigAsync(Uri server)
    {
        var file = Path.Combine(_folder.FullName, "kubeconfig");
        await File.WriteAllTextAsync(
            file,
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
            + $"clusters:\n- name: c\n  cluster:\n    server: \"{server}\"\n");
        return file;
    }

    private void Prepare(EmbeddedApiServer listener)
    {
        foreach (var file in Directory.GetFiles(Kubectl.Repository.File("deploy/crds"), "*.yaml"))
        {
            foreach (var tree in DeployFiles.Read(file))
            {
                Seed(listener, ResourceTypes.CustomResourceDefinitions, tree);
            }
        }

        Seed(listener, ResourceTypes.Namespaces, (JsonMap)JsonTree.Parse("""{"metadata":{"name":"localpv-system"}}"""));
        Seed(listener, ResourceTypes.Nodes, PlainObjects.Node("node-1"));
        Seed(listener, ResourceTypes.StorageClasses, (JsonMap)JsonTree.Parse(Class));
    }

    // As the scheduler and the PV controller leave it to the agent, with annotations of others that are nobody's business.
    private static JsonMap Claim(string name, string size) => PlainObjects.Claim(name, size, "fast").WithAt(
        ["metadata", "annotations"],
        JsonMap.Of(
            (WellKnown.SelectedNodeAnnotation, "node-1"),
            (WellKnown.StorageProvisionerAnnotation, WellKnown.DefaultProvisioner),
            ("vault.example.com/token", "hunter2"),
            ("kubectl.kubernetes.io/last-applied-configuration", "{\"password\":\"hunter2\"}")));

    private void Seed(EmbeddedApiServer listener, ResourceType type, JsonMap tree)
    {
        lock (listener.Gate)
        {
            _server.Seed(listener.Now, type, tree);
        }
    }

    private bool Has<T>(ResourceType type, Func<T, bool> isIt)
        where T : KubernetesObject => _server.Snapshot(type).OfType<T>().Any(isIt);

    private static async Task UntilAsync(EmbeddedApiServer listener, Task<int> running, string what, Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            lock (listener.Gate)
            {
                if (isTrue())
                {
                    return;
                }
            }

            Assert.False(running.IsCompleted, $"The agent has ended before {what}.");
            Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {what}.");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
