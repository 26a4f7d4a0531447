using System.Diagnostics;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>A fresh embedded API server with our definition, and one kubectl that speaks to it over HTTP, with a home of its own.</summary>
public sealed class KubectlSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KubectlBinary _kubectl;
    private readonly string _home;

    private KubectlSession(KubectlBinary kubectl, FakeApiServer server, EmbeddedApiServer listener, string home)
    {
        _kubectl = kubectl;
        Server = server;
        Listener = listener;
        _home = home;
    }

    /// <summary>The server's inside; take <see cref="EmbeddedApiServer.Gate"/> to use it.</summary>
    public FakeApiServer Server { get; }

    /// <summary>What listens.</summary>
    public EmbeddedApiServer Listener { get; }

    /// <summary>The second number of kubectl's version.</summary>
    public int Minor => _kubectl.Minor;

    /// <summary>Starts a server for the kubectl of a version.</summary>
    public static async Task<KubectlSession> StartAsync(string version, EmbeddedApiServerOptions? options = null)
    {
        var kubectl = KubectlTheoryData.Find(version);
        var now = Instant.From(DateTimeOffset.UtcNow);
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = now, FirstRevision = 100 });
        foreach (var tree in Manifests(Repository.File("deploy/crds")))
        {
            server.Seed(now, ResourceTypes.CustomResourceDefinitions, tree);
        }

        var listener = await EmbeddedApiServer.StartAsync(server, options ?? new EmbeddedApiServerOptions());
        var home = Directory.CreateTempSubdirectory("localpv-kubectl-").FullName;
        await File.WriteAllTextAsync(Path.Combine(home, "kubeconfig"), listener.Kubeconfig);
        return new KubectlSession(kubectl, server, listener, home);
    }

    /// <summary>Makes an object behind kubectl's back.</summary>
    public KubernetesObject Seed(ResourceType type, string yaml)
    {
        var read = YamlTree.ReadAll(yaml, "the test");
        lock (Listener.Gate)
        {
            return Server.Seed(Listener.Now, type, (JsonMap)read.Value[0]);
        }
    }

    /// <summary>Reports on an object as its controller would.</summary>
    public void PatchStatus(ResourceType type, string name, string status)
    {
        lock (Listener.Gate)
        {
            var outcome = Server.Send(Listener.Now, new ClusterRequest.Patch(
                type, new ObjectKey("default", name), JsonMap.Of(("status", JsonTree.Parse(status))), "status"));
            Assert.True(outcome.IsDone, outcome.Message);
        }
    }

    /// <summary>Writes a file into the session's home and gives its path.</summary>
    public string WriteFile(string name, string content)
    {
        var path = Path.Combine(_home, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs a command line, its words separated by single spaces.</summary>
    public Task<KubectlResult> RunAsync(string commandLine) => RunAsync(commandLine.Split(' '));

    /// <summary>Runs a command with something on its standard input.</summary>
    public Task<KubectlResult> PipeAsync(string input, string commandLine) => RunAsync(commandLine.Split(' '), input);

    /// <summary>Runs a command.</summary>
    public async Task<KubectlResult> RunAsync(IReadOnlyList<string> words, string input = "", string editor = "false")
    {
        using var process = Start(words, editor);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"kubectl {string.Join(' ', words)} did not end within {Patience}: {await output} {await error}");
        }

        return new KubectlResult($"kubectl {string.Join(' ', words)} ({_kubectl.Version})", process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command that runs until its caller has read enough of its output; dispose it to end it.</summary>
    public KubectlStream Follow(string commandLine) => new(Start(commandLine.Split(' '), "false"), Patience);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private static IEnumerable<JsonMap> Manifests(string folder) => Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
        .SelectMany(file => YamlTree.ReadAll(File.ReadAllText(file), file).Value.OfType<JsonMap>());

    private Process Start(IReadOnlyList<string> words, string editor)
    {
        var start = new ProcessStartInfo(_kubectl.Path, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["HOME"] = _home;
        start.Environment["KUBECONFIG"] = Path.Combine(_home, "kubeconfig");
        start.Environment["KUBE_EDITOR"] = editor;
        start.Environment["TMPDIR"] = _home;
        start.Environment.Remove("HTTP_PROXY");
        start.Environment.Remove("http_proxy");
        return Process.Start(start)!;
    }
}
