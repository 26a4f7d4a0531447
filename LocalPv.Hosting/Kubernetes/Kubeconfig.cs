using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// Reads kubeconfig files as kubectl does: several files are laid over each other, the first that names a thing wins; relative paths start
/// at the file that holds them. Not supported, and refused with a message: exec and auth-provider plugins, basic authentication,
/// impersonation, proxies.
/// </summary>
public sealed class Kubeconfig
{
    private readonly List<(string File, JsonMap Content)> _files = [];
    private readonly string _context;

    private Kubeconfig(IEnumerable<(string File, JsonMap Content)> files, string? context)
    {
        _files.AddRange(files);
        _context = context
            ?? _files.Select(file => file.Content.Text("current-context") ?? "").FirstOrDefault(name => name.Length > 0)
            ?? "";
    }

    private string Where => string.Join(", ", _files.Select(file => file.File));

    /// <summary>The connection that these files describe, for <paramref name="context"/> or their current one.</summary>
    public static Outcome<ClusterConnection> Load(IReadOnlyList<string> files, string? context)
    {
        var contents = new List<(string File, JsonMap Content)>();
        foreach (var file in files)
        {
            string text;
            try
            {
                text = File.ReadAllText(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Broken($"The kubeconfig {file} cannot be read: {error.Message} Name a readable file with --kubeconfig or "
                    + $"KUBECONFIG.");
            }

            var documents = YamlTree.ReadAll(text, file);
            if (!documents.TryGetValue(out var trees))
            {
                return Broken($"The kubeconfig is broken: {documents.Message}. Correct the file or write it again (kubectl "
                    + $"config view --raw).");
            }

            if (trees is not [JsonMap content])
            {
                return Broken($"The kubeconfig {file} is not one YAML object. Write it again (kubectl config view --raw).");
            }

            contents.Add((file, content));
        }

        try
        {
            return Outcome.Done(new Kubeconfig(contents, context).Connection() with { ReadAgain = () => Load(files, context) });
        }
        catch (FormatException error)
        {
            return Broken(error.Message);
        }
    }

    private static Outcome<ClusterConnection> Broken(string message) => Outcome.Failed<ClusterConnection>(OutcomeKind.Refused, message);

    private ClusterConnection Connection()
    {
        if (_context.Length == 0)
        {
            throw new FormatException($"The kubeconfig {Where} has no current-context. Set it (kubectl config use-context NAME) "
                + $"or pass --context.");
        }

        var context = Named("contexts", "context", _context);
        var clusterName = context.Text("cluster");
        var cluster = Named("clusters", "cluster", clusterName);
        var userName = context.TextOrNull("user") ?? "";
        var user = userName.Length == 0 ? null : Named("users", "user", userName);
        user?.Refuse("exec", "credential plugins are not run here; use a token or a client certificate (kubectl create token "
            + "SERVICEACCOUNT)");
        user?.Refuse("auth-provider", "these plugins are gone from Kubernetes; use a token or a client certificate");
        user?.Refuse("username", "the API server no longer knows passwords; use a token or a client certificate");
        user?.Refuse("as", "impersonation is not supported; use the credentials of the account itself");
        cluster.Refuse("proxy-url", "proxies are not supported; use an address that is reached directly");
        var token = user?.TextOrNull("token");
        if (token is not null && !TokenSource.IsSendable(token))
        {
            throw user!.Error("token", "holds a line break, a space or another character that no token has; write it on one line");
        }

        var (certificate, chain) = user is null ? (null, []) : ClientCertificate(user);
        return new ClusterConnection
        {
            Server = Server(cluster),
            Source = Where,
            Authorities = Authorities(cluster),
            SkipServerVerification = cluster.Boolean("insecure-skip-tls-verify"),
            ServerName = cluster.TextOrNull("tls-server-name"),
            ClientCertificate = certificate,
            ClientChain = chain,
            Token = token,
            TokenFile = token is null ? user?.File("tokenFile") : null,
            Files = [.. _files.Select(file => file.File), .. cluster.PemFiles("certificate-authority"), .. PemFiles(user)],
            Namespace = context.TextOrNull("namespace") ?? "default",
        };
    }

    private static IEnumerable<string> PemFiles(KubeconfigEntry? user) =>
        user is null ? [] : [.. user.PemFiles("client-certificate"), .. user.PemFiles("client-key")];

    private KubeconfigEntry Named(string list, string content, string name)
    {
        foreach (var (file, tree) in _files)
        {
            foreach (var entry in tree.List(list)?.Maps() ?? [])
            {
                if (entry.Text("name") == name)
                {
                    return new KubeconfigEntry(file, $"{list}[name={name}].{content}", entry.Map(content) ?? JsonMap.Empty);
                }
            }
        }

        var known = _files.SelectMany(file => file.Content.List(list)?.Maps() ?? []).Select(entry => entry.Text("name"));
        throw new FormatException(
            $"The kubeconfig {Where} has no entry '{name}' in {list}; it has: "
                + $"{string.Join(", ", known.DefaultIfEmpty("none"))}. Correct the name.");
    }

    private static Uri Server(KubeconfigEntry cluster)
    {
        var text = cluster.Text("server");
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
        {
            throw cluster.Error("server", $"'{text}' is not an http or https address; write https://HOST:PORT");
        }

        return server;
    }

    private static X509Certificate2Collection Authorities(KubeconfigEntry cluster)
    {
        var authorities = new X509Certificate2Collection();
        if (cluster.Pem("certificate-authority") is not { } pem)
        {
            return authorities;
        }

        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw cluster.Error("certificate-authority", $"not a certificate ({error.Message}); give PEM");
        }

        return authorities.Count > 0
            ? authorities
            : throw cluster.Error("certificate-authority", "holds no certificate; give PEM that begins with -----BEGIN CERTIFICATE-----");
    }

    // The first in the text is the client's own; the others lie between it and its authority.
    private static (X509Certificate2? Own, X509Certificate2Collection Chain) ClientCertificate(KubeconfigEntry user)
    {
        var certificate = user.Pem("client-certificate");
        var key = user.Pem("client-key");
        if (certificate is null && key is null)
        {
            return (null, []);
        }

        if (certificate is null || key is null)
        {
            throw user.Error(certificate is null ? "client-certificate" : "client-key", "is missing beside the other half; give "
                + "both or neither");
        }

        try
        {
            var own = X509Certificate2.CreateFromPem(certificate, key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            chain.RemoveAt(0);
            return (own, chain);
        }
        catch (CryptographicException error)
        {
            throw user.Error("client-certificate", $"does not fit client-key or is not PEM ({error.Message}); give a matching pair");
        }
    }
}
