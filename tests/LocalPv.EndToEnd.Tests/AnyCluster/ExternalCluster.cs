using System.Diagnostics;
using System.Net;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// A cluster that somebody else started. <c>LOCALPV_E2E_EXTENDER</c> says where its scheduler calls the extender (default 127.0.0.1:8900);
/// <c>LOCALPV_E2E_RESTART</c> names a program that is called with <c>api</c> or <c>sched</c> to restart a part; without it nothing but
/// LocalPv is restarted.
/// </summary>
internal sealed class ExternalCluster(string kubeconfig, IPEndPoint extender) : ITestCluster
{
    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts", "ServiceAccount", true);

    private bool? _confines;

    public ClusterConnection Connection { get; } = ClusterConnectionLoader.Find(kubeconfig, null).Value;

    public IPEndPoint Extender { get; } = extender;

    /// <summary>The one whose kubeconfig is in <c>LOCALPV_E2E_KUBECONFIG</c>; null where that is not set.</summary>
    public static ExternalCluster? OfTheEnvironment() =>
        Environment.GetEnvironmentVariable("LOCALPV_E2E_KUBECONFIG") is { Length: > 0 } kubeconfig
            ? new(kubeconfig, IPEndPoint.Parse(Environment.GetEnvironmentVariable("LOCALPV_E2E_EXTENDER") ?? "127.0.0.1:8900"))
            : null;

    // What a kubelet does for the agent's Pod: a token of its service account that is bound to the Pod, and so to its node.
    public async Task<ClusterConnection> ConnectAgentAsync(string? node)
    {
        if (!await ConfinesAgentsAsync())
        {
            return Connection;
        }

        using var api = new HttpClusterApi(Connection, TimeProvider.System);
        var bound = JsonMap.Empty;
        if (node is not null)
        {
            var pod = PlainObjects.Pod("agent-" + Guid.NewGuid().ToString("n")[..8], "localpv-system", [], block: false)
                .WithAt(["spec", "nodeName"], node).WithAt(["spec", "serviceAccountName"], "localpv-agent");
            var made = Done(await api.SendAsync(new ClusterRequest.Create(ResourceTypes.Pods, "localpv-system", pod), default));
            bound = JsonMap.Of(("kind", "Pod"), ("apiVersion", "v1"), ("name", made.Name), ("uid", made.Uid));
        }

        var answer = Done(await api.SendAsync(TokenFor(bound), default));
        return Connection with
        {
            ClientCertificate = null,
            TokenFile = null,
            Token = ((JsonText)answer.Tree.At("status", "token")!).Value,
            Files = [],
            ReadAgain = null,
        };
    }

    public Task RestartApiServerAsync() => RestartAsync("api");

    public Task RestartSchedulerAsync() => RestartAsync("sched");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // An embedded cluster in another process makes no tokens.
    public async Task<bool> ConfinesAgentsAsync()
    {
        using var api = new HttpClusterApi(Connection, TimeProvider.System);
        return _confines ??= (await api.SendAsync(TokenFor(JsonMap.Empty), default)).Kind == OutcomeKind.Done;
    }

    private static ClusterRequest TokenFor(JsonMap bound) => new ClusterRequest.CreateSubresource(
        ServiceAccounts,
        new("localpv-system", "localpv-agent"),
        "token",
        JsonMap.Of(
            ("apiVersion", "authentication.k8s.io/v1"),
            ("kind", "TokenRequest"),
            ("spec", JsonMap.Of(("expirationSeconds", 7200), ("boundObjectRef", bound.Count == 0 ? null : bound)))));

    private static KubernetesObject Done(Outcome<ClusterAnswer> outcome)
    {
        Assert.True(outcome.TryGetValue(out var answer), outcome.Message);
        return answer.Object!;
    }

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
