using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Security;

/// <summary>
/// Keeps a <see cref="CertificateSet"/> in the cluster: the authority in a Secret that only the controller reads, the server's certificate
/// in one that the extender mounts, and what clients trust in a ConfigMap. Every write is guarded by the version that was read, so two that
/// write at once do each other no harm.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="inNamespace">Where the objects lie.</param>
/// <param name="service">The extender's Service, from which the objects have their names.</param>
public sealed class CertificateStore(IClusterApi api, string inNamespace, string service)
{
    private static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret", true);
    private static readonly ResourceType ConfigMaps = new("", "v1", "configmaps", "ConfigMap", true);

    /// <summary>The names by which the server is reached.</summary>
    public IReadOnlyList<string> ServerNames { get; } =
    [
        $"{service}.{inNamespace}.svc", $"{service}.{inNamespace}.svc.cluster.local", $"{service}.{inNamespace}", service,
    ];

    private ObjectKey AuthorityKey => new(inNamespace, service + "-authority");

    private ObjectKey ServerKey => new(inNamespace, service + "-tls");

    private ObjectKey TrustKey => new(inNamespace, service + "-ca");

    /// <summary>
    /// Brings the certificates to where they should be now, and says what was written; an empty text where nothing was due. What clients
    /// trust is written before anything that they would have to trust is served.
    /// </summary>
    public async Task<Outcome<string>> KeepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var authority = await ReadAsync(Secrets, AuthorityKey, cancellationToken).ConfigureAwait(false);
        var server = await ReadAsync(Secrets, ServerKey, cancellationToken).ConfigureAwait(false);
        var trust = await ReadAsync(ConfigMaps, TrustKey, cancellationToken).ConfigureAwait(false);
        foreach (var read in (ReadOnlySpan<Outcome<KubernetesObject?>>)[authority, server, trust])
        {
            if (!read.IsDone)
            {
                return read.As<string>();
            }
        }

        CertificateSet next;
        try
        {
            next = SetOf(authority.Value, server.Value).At(now, ServerNames);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or InvalidOperationException)
        {
            return Outcome.Failed<string>(
                OutcomeKind.Refused,
                $"The authority in the Secret {AuthorityKey} cannot sign the extender's certificate: {error.Message} Put one with an ECDSA "
                    + "key there that may sign, or delete the Secret for a new one, and copy its ca.crt to the scheduler.");
        }

        var written = new List<string>();
        var outcome = Outcome.Done(default(Nothing));
        foreach (var (type, key, found, data, kind) in Wanted(next, authority.Value, server.Value, trust.Value))
        {
            if (!outcome.IsDone || HasAll(found, data))
            {
                continue;
            }

            outcome = await WriteAsync(type, key, found, data, kind, cancellationToken).ConfigureAwait(false);
            written.Add(type.Kind + " " + key.Name);
        }

        return outcome.IsDone ? Outcome.Done(string.Join(", ", written)) : outcome.As<string>();
    }

    private IEnumerable<(ResourceType Type, ObjectKey Key, KubernetesObject? Found, JsonMap Data, string Kind)> Wanted(
        CertificateSet next, KubernetesObject? authority, KubernetesObject? server, KubernetesObject? trust)
    {
        yield return (Secrets, AuthorityKey, authority, JsonMap.Of(
            ("ca.crt", Encode(next.Authority!.CertificatePem)),
            ("ca.key", Encode(next.Authority.KeyPem)),
            ("next.crt", Encode(next.Next?.CertificatePem ?? "")),
            ("next.key", Encode(next.Next?.KeyPem ?? "")),
            ("before.crt", Encode(next.Before))), "Opaque");
        yield return (ConfigMaps, TrustKey, trust, JsonMap.Of(("ca.crt", next.Trusted)), "");
        yield return (Secrets, ServerKey, server, JsonMap.Of(
            ("tls.crt", Encode(next.Server!.CertificatePem)),
            ("tls.key", Encode(next.Server.KeyPem)),
            ("ca.crt", Encode(next.Trusted))), "kubernetes.io/tls");
    }

    private static CertificateSet SetOf(KubernetesObject? authority, KubernetesObject? server) => new(
        PairOf(authority, "ca.crt", "ca.key"),
        PairOf(authority, "next.crt", "next.key"),
        CertificatesOrNothing(Decode(authority, "before.crt")),
        PairOf(server, "tls.crt", "tls.key"));

    private static CertificatePair? PairOf(KubernetesObject? secret, string certificate, string key) =>
        Decode(secret, certificate) is { Length: > 0 } chain && Decode(secret, key) is { Length: > 0 } secretKey
        && ServerCertificate.Read(chain, secretKey, null).IsDone
            ? new CertificatePair(chain, secretKey)
            : null;

    // What is no certificate is as good as nothing, as with base64 below.
    private static string CertificatesOrNothing(string pem)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates.Count > 0 ? pem : "";
        }
        catch (CryptographicException)
        {
            return "";
        }
    }

    private static bool HasAll(KubernetesObject? found, JsonMap data) =>
        found?.Tree.Map("data") is { } known && data.All(entry => entry.Value.Equals(known[entry.Key] ?? JsonNull.Instance));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // What somebody else put there and is no base64 is as good as nothing: it is replaced.
    private static string Decode(KubernetesObject? secret, string key)
    {
        var text = secret?.Tree.Map("data")?.Text(key) ?? "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }

    private async Task<Outcome<KubernetesObject?>> ReadAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        var outcome = await api.SendAsync(new ClusterRequest.Get(type, key), cancellationToken).ConfigureAwait(false);
        return outcome.TryGetValue(out var answer) ? Outcome.Done(answer.Object)
            : outcome.Kind == OutcomeKind.NotFound ? Outcome.Done<KubernetesObject?>(null)
            : outcome.As<KubernetesObject?>();
    }

    private async Task<Outcome<Nothing>> WriteAsync(
        ResourceType type, ObjectKey key, KubernetesObject? found, JsonMap data, string kind, CancellationToken cancellationToken)
    {
        var body = (found?.Tree ?? JsonMap.Of(
            ("apiVersion", type.ApiVersion),
            ("kind", type.Kind),
            ("metadata", JsonMap.Of(
                ("name", key.Name),
                ("namespace", key.Namespace),
                ("labels", JsonMap.Of(("app.kubernetes.io/part-of", "localpv"))))))).With("data", data);
        body = kind.Length > 0 && found is null ? body.With("type", kind) : body;
        ClusterRequest request = found is null
            ? new ClusterRequest.Create(type, key.Namespace, body)
            : new ClusterRequest.Replace(type, key, body);
        var outcome = await api.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return outcome.IsDone ? Outcome.Done(default(Nothing)) : outcome.As<Nothing>();
    }
}
