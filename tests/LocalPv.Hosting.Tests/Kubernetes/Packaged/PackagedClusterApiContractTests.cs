using k8s;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Kubernetes.Packaged;

namespace LocalPv.Hosting.Tests.Kubernetes.Packaged;

/// <summary>The adapter over the KubernetesClient package keeps the same contract.</summary>
public sealed class PackagedClusterApiContractTests : OverHttpContract
{
    /// <inheritdoc/>
    protected override HttpClusterApi Connect(Uri server, DelegatingHandler network) => new(
        PackagedConnectionLoader.Of(new KubernetesClientConfiguration { Host = server.ToString() }, "test", network), TimeProvider.System);
}

/// <summary>What the package knows of connections is used.</summary>
public sealed class PackagedConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-packaged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kubeconfig_WithACredentialPlugin_SendsItsToken()
    {
        await using var server = await ScriptedServer.AnsweringAsync(200, """{"metadata":{"name":"n"}}""");
        var plugin = Path.Combine(_folder, "plugin");
        await File.WriteAllTextAsync(plugin, """
            #!/bin/sh
            echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"from-the-plugin"}}'
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var file = Write(
            server.Address,
            $$$"""{exec: {apiVersion: client.authentication.k8s.io/v1, command: {{{plugin}}}, interactiveMode: Never}}""");
        using var api = new HttpClusterApi(PackagedConnectionLoader.Find(file, null).Value, TimeProvider.System);

        var read = await api.SendAsync(
            new ClusterRequest.Get(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n")), CancellationToken.None);

        Assert.Equal("n", read.Value.Object!.Name);
        Assert.Equal("Bearer from-the-plugin", Assert.Single(server.Asked).Authorization);
    }

    [Fact]
    public void Kubeconfig_ThatIsBroken_IsRefusedNamingIt()
    {
        var file = Path.Combine(_folder, "broken");
        File.WriteAllText(file, "current-context: [");
        var found = PackagedConnectionLoader.Find(file, null);
        Assert.Contains(file, found.Message, StringComparison.Ordinal);
    }

    private string Write(Uri server, string user)
    {
        var file = Path.Combine(_folder, "kubeconfig");
        File.WriteAllText(file, $$$"""
            apiVersion: v1
            kind: Config
            current-context: main
            clusters: [{name: c, cluster: {server: "{{{server}}}"}}]
            contexts: [{name: main, context: {cluster: c, user: u}}]
            users: [{name: u, user: {{{user}}}}]
            """);
        return file;
    }
}
