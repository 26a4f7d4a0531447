using System.Diagnostics;
using System.Net;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// A cluster that somebody else started. <c>LOCALPV_E2E_EXTENDER</c> says where its scheduler calls the extender (default 127.0.0.1:8900);
/// <c>LOCALPV_E2E_RESTART</c> names a program that is called with <c>api</c> or <c>sched</c> to restart a part; without it nothing but
/// LocalPv is restarted.
/// </summary>
internal sealed class ExternalCluster(string kubeconfig, IPEndPoint extender) : ITestCluster
{
    public ClusterConnection Connection { get; } = ClusterConnectionLoader.Find(kubeconfig, null).Value;

    public IPEndPoint Extender { get; } = extender;

    /// <summary>The one whose kubeconfig is in <c>LOCALPV_E2E_KUBECONFIG</c>; null where that is not set.</summary>
    public static ExternalCluster? OfTheEnvironment() =>
        Environment.GetEnvironmentVariable("LOCALPV_E2E_KUBECONFIG") is { Length: > 0 } kubeconfig
            ? new(kubeconfig, IPEndPoint.Parse(Environment.GetEnvironmentVariable("LOCALPV_E2E_EXTENDER") ?? "127.0.0.1:8900"))
            : null;

    public Task RestartApiServerAsync() => RestartAsync("api");

    public Task RestartSchedulerAsync() => RestartAsync("sched");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task RestartAsync(string part)
    {
        if (Environment.GetEnvironmentVariable("LOCALPV_E2E_RESTART") is { Length: > 0 } program)
        {
            using var process = Process.Start(program, part);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
