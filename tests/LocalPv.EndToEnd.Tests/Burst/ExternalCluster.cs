using System.Diagnostics;
using System.Net;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Burst;

/// <summary>
/// A cluster that somebody else started. <c>LOCALPV_E2E_EXTENDER</c> says where its scheduler calls the extender (default 127.0.0.1:8900);
/// <c>LOCALPV_E2E_RESTART</c> names a program that is called with <c>api</c> or <c>sched</c> to restart a part; without it nothing but
/// LocalPv is restarted.
/// </summary>
internal sealed class ExternalCluster(string kubeconfig, IPEndPoint extender) : IBurstCluster
{
    public ClusterConnection Connection { get; } = ClusterConnectionLoader.Find(kubeconfig, null).Value;

    public IPEndPoint Extender { get; } = extender;

    public static ExternalCluster OfTheEnvironment(string kubeconfig) => new(
        kubeconfig, IPEndPoint.Parse(Environment.GetEnvironmentVariable("LOCALPV_E2E_EXTENDER") ?? "127.0.0.1:8900"));

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
