namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// LocalPv on the cluster that <c>LOCALPV_E2E_KUBECONFIG</c> names, or else on an embedded one in another process: the tests that share it
/// reach it over HTTP alone.
/// </summary>
[CollectionDefinition(nameof(SharedCluster))]
public sealed class SharedCluster : IAsyncLifetime, ICollectionFixture<SharedCluster>
{
    internal ClusterWorld World { get; private set; } = null!;

    /// <summary>Whether somebody else started it.</summary>
    internal bool IsExternal => World.Cluster is ExternalCluster;

    public async Task InitializeAsync() =>
        World = await ClusterWorld.StartAsync(ExternalCluster.OfTheEnvironment() ?? (ITestCluster)await ClusterProcess.StartAsync());

    public async Task DisposeAsync() => await World.DisposeAsync();
}
