using System.CommandLine;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Cli;
using LocalPv.Hosting.Embedded;
using LocalPv.Sim.Traces;

namespace LocalPv.EndToEnd.Tests.Traces;

/// <summary>
/// The traces of <c>localpv agent --trace</c> and <c>localpv extender --trace</c> against an API server over
/// HTTP, replayed by the simulator.
/// </summary>
public sealed class AgentTraceTests : IDisposable
{
    // Generous: the machine may be busy, and a wait ends as soon as what it waits for is true.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const string Class = """
        {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"fast"},
         "provisioner":"local-volume-provisioner","volumeBindingMode":"WaitForFirstConsumer","parameters":{"localpv.io/storage":
           "{\"nodeSelector\":{},\"disks\":{\"match\":[\"/dev/sd*\"]},\"volumeGroup\":{\"name\":\"fast\"}}"}}
        """;

    private const string Report = """
        {"metadata":{"name":"fast.node-1"},
         "spec":{"storageClassName":"fast","nodeName":"node-1","volumeGroup":{"name":"fast","extentSize":"4Mi"}},
         "status":{"phase":"Ready","scanSequence":1,"observedGeneration":1,"lastScanTime":"NOW","capacity":"10Gi","free":"10Gi",
           "volumeGroup":{"name":"fast","uuid":"u-1","extentSize":"4Mi"},"volumes":[]}}
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
        Assert.Equal("stopped", ReplayAsRecorded(lines, "node-1").End);
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

    /// <summary>The scheduler's questions are part of it: what the extender answered before decides about the next answer.</summary>
    [Fact]
    public async Task Extender_RecordedWithItsQuestions_IsReplayedWithoutAnyDifference()
    {
        await using var listener = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions());
        Prepare(listener);
        SeedReport(listener);
        Seed(listener, ResourceTypes.PersistentVolumeClaims, PlainObjects.Claim("data", "6Gi", "fast"));
        Seed(listener, ResourceTypes.PersistentVolumeClaims, PlainObjects.Claim("more", "6Gi", "fast"));
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        var shared = TextWriter.Synchronized(output);
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var running = CommandLine.RunAsync(
            [
                "extender", "--listen", address.Authority, "--kubeconfig", await KubeconfigAsync(listener.Address), "--trace", Trace,
            ],
            new InvocationConfiguration { Output = shared, Error = shared },
            stop.Token);
        using var client = new HttpClient { BaseAddress = address };
        await UntilReadyAsync(client, running);
        Assert.Contains("node-1", await AskAsync(client, "filter", "one", "data"), StringComparison.Ordinal);
        await AskAsync(client, "prioritize", "one", "data");
        var turnedAway = await AskAsync(client, "filter", "two", "more");
        Assert.Contains("FailedAndUnresolvableNodes\":{\"node-1\"", turnedAway, StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Done, await running.WaitAsync(Patience));

        var lines = await File.ReadAllLinesAsync(Trace);
        ReplayAsRecorded(lines, "extender");
        Assert.Equal(2, lines.Count(line => line.Contains("\"is\":\"filter\"", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("\"nodes\":[\"node-1\",\"node-2\"]", StringComparison.Ordinal));

        // Without the first question, the second would have been answered otherwise.
        var first = Array.FindIndex(lines, line => line.Contains("\"is\":\"filter\"", StringComparison.Ordinal));
        lines[first] = lines[first].Replace("\"claims\":[\"data\"]", "\"claims\":[]", StringComparison.Ordinal);
        Assert.Equal(2, AgentReplay.Run(lines).Divergences.Length);
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

    private void SeedReport(EmbeddedApiServer listener)
    {
        var report = (JsonMap)JsonTree.Parse(Report.Replace("NOW", listener.Now.ToRfc3339(), StringComparison.Ordinal));
        Seed(listener, ResourceTypes.NodeLocalStorages, report.Without("status"));
        lock (listener.Gate)
        {
            var written = _server.Send(listener.Now, new ClusterRequest.Patch(
                ResourceTypes.NodeLocalStorages,
                ObjectKey.ClusterScoped("fast.node-1"),
                JsonMap.Of(("status", report.Map("status"))),
                "status"));
            Assert.True(written.IsDone, written.ToString());
        }
    }

    // All but the first and the last line of a trace are steps.
    private static ReplayResult ReplayAsRecorded(string[] lines, string who)
    {
        var result = AgentReplay.Run(lines);
        Assert.True(result.Problem is null, result.Problem);
        Assert.True(result.Divergences.IsEmpty, result.Divergences.FirstOrDefault()?.ToString());
        Assert.Equal(who, result.Who);
        Assert.Equal(lines.Length - 2, result.Steps);
        return result;
    }

    private static async Task<string> AskAsync(HttpClient client, string verb, string pod, string claim)
    {
        var body = JsonMap.Of(
            ("Pod", JsonMap.Of(
                ("metadata", JsonMap.Of(("name", pod), ("namespace", "default"), ("uid", "uid-of-" + pod))),
                ("spec", JsonMap.Of(("volumes", JsonList.Of(JsonMap.Of(
                    ("name", "v"), ("persistentVolumeClaim", JsonMap.Of(("claimName", claim)))))))))),
            ("NodeNames", JsonList.Of("node-1", "node-2")));
        using var content = new StringContent(body.ToString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("scheduler/" + verb, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    private static async Task UntilReadyAsync(HttpClient client, Task<int> running)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Assert.False(running.IsCompleted, "The extender has ended before it was ready.");
            Assert.False(limit.IsCancellationRequested, $"Not ready within {Patience}.");
            try
            {
                using var answer = await client.GetAsync(new Uri("readyz", UriKind.Relative), limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
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
