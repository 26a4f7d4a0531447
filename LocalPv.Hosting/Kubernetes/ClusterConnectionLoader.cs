using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// Finds the API server: the kubeconfig that was named, else <c>KUBECONFIG</c>, else the Pod we run in, else <c>~/.kube/config</c>.
/// </summary>
public static class ClusterConnectionLoader
{
    /// <summary>Where a Pod finds its service account (<c>k8s.io/client-go/rest/config.go</c>).</summary>
    public const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The connection to use. A failure says what was tried and what to do.</summary>
    /// <param name="kubeconfig">The file that was named on the command line; null where none was.</param>
    /// <param name="context">The context that was named; null for the current one.</param>
    public static Outcome<ClusterConnection> Find(string? kubeconfig, string? context)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
        {
            return Kubeconfig.Load([kubeconfig], context);
        }

        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } list)
        {
            var named = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            var found = named.Where(File.Exists).ToArray();
            return found.Length > 0
                ? Kubeconfig.Load(found, context)
                : Failed($"None of the files in KUBECONFIG exists: {list}. Correct it, unset it, or pass --kubeconfig.");
        }

        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (!string.IsNullOrEmpty(host) && !string.IsNullOrEmpty(port))
        {
            return InCluster(host, port, ServiceAccountFolder);
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home)
            ? Kubeconfig.Load([home], context)
            : Failed($"No API server is known: no --kubeconfig, no KUBECONFIG, not in a Pod, and no {home}. Name one with "
                + $"--kubeconfig FILE.");
    }

    /// <summary>The connection of a Pod: the address from the environment, who we are from the mounted service account.</summary>
    public static Outcome<ClusterConnection> InCluster(string host, string port, string folder)
    {
        var bracketed = host.Contains(':', StringComparison.Ordinal) ? "[" + host + "]" : host;
        if (!Uri.TryCreate($"https://{bracketed}:{port}/", UriKind.Absolute, out var server))
        {
            return Failed($"KUBERNETES_SERVICE_HOST='{host}' and KUBERNETES_SERVICE_PORT='{port}' are not an address. Unset "
                + $"them or pass --kubeconfig.");
        }

        var token = Path.Combine(folder, "token");
        var authority = Path.Combine(folder, "ca.crt");
        var inNamespace = Path.Combine(folder, "namespace");
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(File.ReadAllText(authority));
            using var readable = File.OpenRead(token);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Failed(
                $"In a Pod, but its service account in {folder} cannot be used: {error.Message} "
                + "Set automountServiceAccountToken: true in the Pod's spec.");
        }

        // None would mean those of the machine. kubelet may be writing the file just now.
        if (authorities.Count == 0)
        {
            return Failed(
                $"In a Pod, but {authority} holds no certificate. Look at the ConfigMap kube-root-ca.crt of the Pod's namespace.");
        }

        return Outcome.Done(new ClusterConnection
        {
            Server = server,
            Source = "in-cluster",
            Authorities = authorities,
            TokenFile = token,
            Files = [authority],
            ReadAgain = () => InCluster(host, port, folder),
            Namespace = File.Exists(inNamespace) ? File.ReadAllText(inNamespace).Trim() : "default",
        });
    }

    private static Outcome<ClusterConnection> Failed(string message) => Outcome.Failed<ClusterConnection>(OutcomeKind.Refused, message);
}
