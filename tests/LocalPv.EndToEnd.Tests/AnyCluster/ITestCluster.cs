using System.Net;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// A control plane with nodes that are only objects: the embedded one, or whichever <c>LOCALPV_E2E_KUBECONFIG</c> names. The tests speak to
/// both over HTTP, and to both in the same words.
/// </summary>
internal interface ITestCluster : IAsyncDisposable
{
    /// <summary>How to reach it.</summary>
    ClusterConnection Connection { get; }

    /// <summary>Whether agents have tokens of their own, and the API server judges them by these.</summary>
    Task<bool> ConfinesAgentsAsync() => Task.FromResult(false);

    /// <summary>
    /// How the agent of a node reaches it: as the service account of the agents, with a token that names the node, where the cluster has
    /// such tokens. Null: a token that names no node.
    /// </summary>
    Task<ClusterConnection> ConnectAgentAsync(string? node) => Task.FromResult(Connection);

    /// <summary>Where its scheduler expects the extender.</summary>
    IPEndPoint Extender { get; }

    /// <summary>Ends the API server and starts it again; what it knew it still knows.</summary>
    Task RestartApiServerAsync();

    /// <summary>Ends the scheduler and starts it again.</summary>
    Task RestartSchedulerAsync();
}
