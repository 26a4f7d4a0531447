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

    /// <summary>Where its scheduler expects the extender.</summary>
    IPEndPoint Extender { get; }

    /// <summary>Ends the API server and starts it again; what it knew it still knows.</summary>
    Task RestartApiServerAsync();

    /// <summary>Ends the scheduler and starts it again.</summary>
    Task RestartSchedulerAsync();
}
