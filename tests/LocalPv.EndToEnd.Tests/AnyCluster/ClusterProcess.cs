using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary><c>localpv up --cluster-only</c> in a process of its own: nothing but HTTP lies between it and the tests.</summary>
internal sealed class ClusterProcess : ITestCluster
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly string _folder;

    private ClusterProcess(Process process, string folder, IPEndPoint extender)
    {
        _process = process;
        _folder = folder;
        Extender = extender;
    }

    public ClusterConnection Connection { get; private set; } = null!;

    public IPEndPoint Extender { get; }

    private string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    public static async Task<ClusterProcess> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("localpv-cluster-").FullName;
        var extender = FreePort();
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "localpv.dll"), "up", "--cluster-only", "--nodes", "1", "--extender-port",
            extender.Port.ToString(CultureInfo.InvariantCulture), "--write-kubeconfig", Path.Combine(folder, "kubeconfig"),
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var cluster = new ClusterProcess(Process.Start(start)!, folder, extender);
        var output = cluster._process.StandardOutput.ReadToEndAsync();
        var errors = cluster._process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        while (!File.Exists(cluster.Kubeconfig) || new FileInfo(cluster.Kubeconfig).Length == 0)
        {
            if (cluster._process.HasExited || limit.IsCancellationRequested)
            {
                await cluster.DisposeAsync();
                Assert.Fail($"The cluster has not come up.\n{await output}\n{await errors}");
            }

            await Task.Delay(50);
        }

        cluster.Connection = ClusterConnectionLoader.Find(cluster.Kubeconfig, null).Value;
        return cluster;
    }

    public Task RestartApiServerAsync() => throw new NotSupportedException("This process ends as a whole.");

    public Task RestartSchedulerAsync() => throw new NotSupportedException("This process ends as a whole.");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IPEndPoint FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
