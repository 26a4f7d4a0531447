using k8s;
using k8s.Exceptions;
using LocalPv.Core.Outcomes;
using YamlDotNet.Core;

namespace LocalPv.Hosting.Kubernetes.Packaged;

/// <summary>
/// Finds the API server by the KubernetesClient package, in the same order as <see cref="ClusterConnectionLoader"/>. What only the package
/// knows works then too: credential plugins (<c>exec</c>) and OpenID Connect.
/// </summary>
public static class PackagedConnectionLoader
{
    /// <summary>The connection to use. A failure says what the package says.</summary>
    /// <param name="kubeconfig">The file that was named on the command line; null where none was.</param>
    /// <param name="context">The context that was named; null for the current one.</param>
    public static Outcome<ClusterConnection> Find(string? kubeconfig, string? context)
    {
        var isNamed = !string.IsNullOrEmpty(kubeconfig) || Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 };
        try
        {
            var configuration = !isNamed && KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(
                    string.IsNullOrEmpty(kubeconfig) ? null : kubeconfig, string.IsNullOrEmpty(context) ? null : context);
            return Outcome.Done(Of(configuration, kubeconfig ?? "KubernetesClient"));
        }
        catch (Exception error) when (error is KubeConfigException or YamlException or IOException or UnauthorizedAccessException
            or FormatException)
        {
            return Outcome.Failed<ClusterConnection>(
                OutcomeKind.Refused,
                $"The kubeconfig {kubeconfig} cannot be used: {error.Message} Name a readable file with --kubeconfig.");
        }
    }

    /// <summary>The connection of a configuration that was read already.</summary>
    /// <param name="configuration">The package's own form of a connection.</param>
    /// <param name="source">Where it was read, for messages.</param>
    /// <param name="handlers">What every request passes on its way.</param>
    public static ClusterConnection Of(
        KubernetesClientConfiguration configuration, string source, params DelegatingHandler[] handlers) => new()
        {
            Server = new Uri(configuration.Host.TrimEnd('/') + "/"),
            Source = source,
            Namespace = string.IsNullOrEmpty(configuration.Namespace) ? "default" : configuration.Namespace,
            MakeHandler = () => new PackagedChannel(configuration, handlers),
        };
}
